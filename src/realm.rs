//! The two realms, real and test, and the bots that belong to each. Only the bots of a realm write to its rows.

use crate::ids::words;

/// Whether a row belongs to the real shop or to the test bots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Realm {
    /// Real customers and cashiers.
    #[default]
    Real,
    /// Rows that came through the test pair of bots.
    Test,
}

impl Realm {
    /// Whether rows of this realm carry `is_test = 1`.
    #[must_use]
    pub const fn is_test(self) -> bool {
        matches!(self, Self::Test)
    }

    /// The realm of an `is_test` column.
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
    /// The four bots a shop may have; the word is also the config section and the `bot` column.
    BotName {
        /// Customers.
        Customer = "customer",
        /// Cashiers and admins.
        Staff = "staff",
        /// Customers of the test pair.
        CustomerTest = "customer_test",
        /// Cashiers and admins of the test pair.
        StaffTest = "staff_test",
    }
);

impl BotName {
    /// The realm this bot's rows belong to.
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
