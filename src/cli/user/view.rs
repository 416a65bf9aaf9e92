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
    Column::number("id", "column.id", |row| Cell::Id(row.user.id.0)),
    Column::detail("telegram_id", "column.telegram_id", |row| Cell::Int(row.user.telegram_id.0)),
    Column::new("username", "column.username", |row| text(row.user.username.as_deref())),
    Column::new("first_name", "column.first_name", |row| text(row.user.first_name.as_deref())),
    Column::new("last_name", "column.last_name", |row| text(row.user.last_name.as_deref())),
    Column::new("phone", "column.phone", |row| text(row.user.phone.as_deref())),
    Column::detail("gender", "column.gender", |row| gender(row.user.gender)),
    Column::detail("birthday", "column.birthday", |row| row.user.birthday.map_or(Cell::Null, Cell::Date)),
    Column::new("is_subscribed", "column.is_subscribed", |row| Cell::Bool(row.user.is_subscribed)),
    Column::detail("subscription_checked_at", "column.subscription_checked_at", |row| {
        row.user.subscription_checked_at.map_or(Cell::Null, Cell::Timestamp)
    }),
    Column::detail("source", "column.source", |row| Cell::Text(row.user.source.clone())),
    Column::new("tags", "column.tags", |row| Cell::List(row.tags.clone())),
    Column::new("status", "column.status", |row| status(row.user.status)),
    Column::detail("created_at", "column.created_at", |row| Cell::Timestamp(row.user.created_at)),
    Column::new("last_activity_at", "column.seen", |row| Cell::Timestamp(row.user.last_activity_at)),
    Column::detail("is_test", "column.is_test", |row| Cell::Bool(row.user.realm.is_test())),
];

/// A customer with their tags; whether the customer blocked the bot is stored apart and shown as a tag.
pub(in crate::cli) fn row(view: &View<'_>, user: User) -> ShopResult<Row> {
    let mut tags = user::tags(view, user.id)?;
    tags.extend(user.bot_blocked_at.map(|_| "blocked_bot".to_owned()));
    Ok(Row { user, tags })
}

/// The columns of a valid code below its customer.
pub(super) const LIVE: &[Column<Discount>] = &[
    Column::new("code", "column.code", |live| Cell::Text(live.code.as_str().to_owned())),
    Column::new("title", "column.title", |live| Cell::Text(live.title.clone())),
    Column::number("value", "column.value", |live| worth(live.value)),
    Column::new("created_at", "column.created_at", |live| Cell::Timestamp(live.created_at)),
    Column::new("expires_at", "column.expires_at", |live| Cell::Timestamp(live.expires_at)),
];

/// The keys in JSON of a valid code of a customer.
pub(super) fn code(live: &Discount) -> Json {
    facts(LIVE, live)
}

/// The flag that a command about a customer of the test bots needs.
pub(super) fn world(user: &User) -> &'static str {
    if user.realm.is_test() { " --test-data" } else { "" }
}

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()))
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
