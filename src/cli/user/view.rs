//! How a customer is shown: the columns, the valid codes below, the flag of the realm in next commands.

use serde_json::Value as Json;

use crate::cli::output::{Cell, Column, Tone, facts};
use crate::cli::template::worth;
use crate::db::View;
use crate::discount::Discount;
use crate::error::Result as ShopResult;
use crate::ids::UserId;
use crate::user::{self, User, UserStatus};

/// A customer and their tags.
pub(in crate::cli) struct Row {
    pub(super) user: User,
    tags: Vec<String>,
}

impl Row {
    /// The customer's row id.
    pub(in crate::cli) const fn id(&self) -> UserId {
        self.user.id
    }
}

/// The columns of a customer.
pub(in crate::cli) const COLUMNS: &[Column<Row>] = &[
    Column::number("id", "column.id", |row| row.user.id.into()),
    Column::detail("telegram_id", "column.telegram_id", |row| row.user.telegram_id.0.into()),
    Column::new("username", "column.username", |row| (&row.user.username).into()),
    Column::new("first_name", "column.first_name", |row| (&row.user.first_name).into()),
    Column::new("last_name", "column.last_name", |row| (&row.user.last_name).into()),
    Column::new("phone", "column.phone", |row| (&row.user.phone).into()),
    Column::detail("gender", "column.gender", |row| gender(row.user.gender)),
    Column::detail("birthday", "column.birthday", |row| row.user.birthday.into()),
    Column::new("is_subscribed", "column.is_subscribed", |row| row.user.is_subscribed.into()),
    Column::detail("subscription_checked_at", "column.subscription_checked_at", |row| {
        row.user.subscription_checked_at.into()
    }),
    Column::detail("source", "column.source", |row| (&row.user.source).into()),
    Column::new("tags", "column.tags", |row| Cell::List(row.tags.clone())),
    Column::new("status", "column.status", |row| status(row.user.status)),
    Column::detail("created_at", "column.created_at", |row| row.user.created_at.into()),
    Column::new("last_activity_at", "column.seen", |row| row.user.last_activity_at.into()),
    Column::detail("is_test", "column.is_test", |row| row.user.realm.is_test().into()),
];

/// A customer with their tags; whether the customer blocked the bot is stored apart and shown as a tag.
pub(in crate::cli) fn row(view: &View<'_>, user: User) -> ShopResult<Row> {
    let mut tags = user::tags(view, user.id)?;
    tags.extend(user.bot_blocked_at.map(|_| "blocked_bot".to_owned()));
    Ok(Row { user, tags })
}

/// The columns of a valid code below its customer.
pub(super) const LIVE: &[Column<Discount>] = &[
    Column::new("code", "column.code", |live| (&live.code_text).into()),
    Column::new("title", "column.title", |live| (&live.title).into()),
    Column::number("value", "column.value", |live| worth(live.value)),
    Column::new("created_at", "column.created_at", |live| live.created_at.into()),
    Column::new("expires_at", "column.expires_at", |live| live.expires_at.into()),
];

/// The keys in JSON of a valid code of a customer.
pub(super) fn code(live: &Discount) -> Json {
    facts(LIVE, live)
}

/// The flag that a command about a customer of the test bots needs.
pub(super) fn realm_flag(user: &User) -> &'static str {
    if user.realm.is_test() { " --test-data" } else { "" }
}

const fn gender(gender: user::Gender) -> Cell {
    let text = match gender {
        user::Gender::Male => "gender.male",
        user::Gender::Female => "gender.female",
        user::Gender::Unknown => "gender.unknown",
    };
    Cell::Word { code: gender.as_str(), text, tone: Tone::Plain }
}

const fn status(status: UserStatus) -> Cell {
    match status {
        UserStatus::Active => Cell::Word { code: "active", text: "status.active", tone: Tone::Good },
        UserStatus::Blocked => Cell::Word { code: "blocked", text: "status.blocked", tone: Tone::Bad },
    }
}
