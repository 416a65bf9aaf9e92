//! The two realms: the real shop and the test bots. Each realm has its own pair of bots and its own rows; the bots of
//! one realm never touch rows of the other.

use crate::ids::words;

/// Whether a row belongs to the real shop or to the test bots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Realm {
    /// Real customers and cashiers.
    #[default]
    Real,
    /// Customers and cashiers of the two test bots.
    Test,
}

impl Realm {
    /// Whether the rows of this realm have `is_test = 1`.
    #[must_use]
    pub const fn is_test(self) -> bool {
        matches!(self, Self::Test)
    }

    /// The realm of a row, from its column `is_test`.
    #[must_use]
    pub const fn from_is_test(is_test: bool) -> Self {
        if is_test { Self::Test } else { Self::Real }
    }

    /// The customers' bot of this realm.
    #[must_use]
    pub const fn customer_bot(self) -> BotName {
        match self {
            Self::Real => BotName::Customer,
            Self::Test => BotName::CustomerTest,
        }
    }

    /// The cashiers' and admins' bot of this realm.
    #[must_use]
    pub const fn staff_bot(self) -> BotName {
        match self {
            Self::Real => BotName::Staff,
            Self::Test => BotName::StaffTest,
        }
    }
}

impl rusqlite::ToSql for Realm {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(i64::from(self.is_test()).into())
    }
}

impl rusqlite::types::FromSql for Realm {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        bool::column_result(value).map(Self::from_is_test)
    }
}

words!(
    /// The four bots that a shop may have. A bot's word is the name of its section in the config (`[bots.customer]`)
    /// and its value in the column `bot`.
    BotName {
        /// The bot of customers.
        Customer = "customer",
        /// The bot of cashiers and admins.
        Staff = "staff",
        /// The test bot of customers.
        CustomerTest = "customer_test",
        /// The test bot of cashiers and admins.
        StaffTest = "staff_test",
    }
);

impl BotName {
    /// The realm of the rows that this bot reads and writes.
    #[must_use]
    pub const fn realm(self) -> Realm {
        match self {
            Self::Customer | Self::Staff => Realm::Real,
            Self::CustomerTest | Self::StaffTest => Realm::Test,
        }
    }

    /// Whether customers talk to this bot (otherwise cashiers and admins do).
    #[must_use]
    pub const fn is_for_customers(self) -> bool {
        matches!(self, Self::Customer | Self::CustomerTest)
    }
}

impl std::fmt::Display for BotName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
