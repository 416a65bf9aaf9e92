//! Newtypes for row ids and Telegram ids, so that one kind of number can never be passed for another.

/// Declares an integer newtype that SQLite can store and read.
macro_rules! integer_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                i64::column_result(value).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for $crate::cell::Cell {
            fn from(id: $name) -> Self {
                Self::Id(id.0)
            }
        }
    };
}

/// Implements SQLite text storage for an enum that has `as_str` and `parse`.
macro_rules! stored_word {
    ($name:ident) => {
        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                Self::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}

/// Declares an enum whose variants are single wire words, the same in the database, JSON and logs. Its schema in the
/// OpenAPI document has the enum's name or the one after `as`, and the enum's comment as the description.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident $(as $schema:ident)? {
        $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(test, derive(utoipa::ToSchema))]
        $(#[cfg_attr(test, schema(as = $schema))])?
        $(#[$doc])*
        pub enum $name { $(
            $(#[$vdoc])*
            #[serde(rename = $word)]
            #[cfg_attr(test, schema(rename = $word))]
            $variant
        ),+ }

        impl $name {
            /// Every variant, in declared order.
            #[allow(dead_code, reason = "not every closed list is walked")]
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The variant's wire word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The variant of a wire word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        $crate::ids::stored_word!($name);
    };
}

pub(crate) use {integer_id, stored_word, words};

integer_id!(
    /// A Telegram user or chat id.
    TelegramId
);

integer_id!(
    /// A row of `users`.
    UserId
);
integer_id!(
    /// A row of `cashiers`.
    CashierId
);
integer_id!(
    /// A row of `admins`.
    AdminId
);
integer_id!(
    /// A row of `campaigns`.
    CampaignId
);
integer_id!(
    /// A row of `discount_templates`.
    TemplateId
);
integer_id!(
    /// A row of `discounts`.
    DiscountId
);
integer_id!(
    /// A row of `redemptions`.
    RedemptionId
);
integer_id!(
    /// A row of `discount_usage_logs`.
    UsageLogId
);
integer_id!(
    /// A row of `segments`.
    SegmentId
);
integer_id!(
    /// A row of `broadcasts`.
    BroadcastId
);
