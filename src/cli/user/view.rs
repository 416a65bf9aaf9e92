//! How a customer is shown: the columns, the valid codes below, the flag of the realm in next commands.

use serde_json::Value as Json;

use crate::cli::output::{CellValue, TableColumn, Tone, facts};
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
pub(in crate::cli) const COLUMNS: &[TableColumn<Row>] = &[
    TableColumn::number("id", "column.id", |row| CellValue::Id(row.user.id.0)),
    TableColumn::detail("telegram_id", "column.telegram_id", |row| CellValue::Int(row.user.telegram_id.0)),
    TableColumn::new("username", "column.username", |row| text(row.user.username.as_deref())),
    TableColumn::new("first_name", "column.first_name", |row| text(row.user.first_name.as_deref())),
    TableColumn::new("last_name", "column.last_name", |row| text(row.user.last_name.as_deref())),
    TableColumn::new("phone", "column.phone", |row| text(row.user.phone.as_deref())),
    TableColumn::detail("gender", "column.gender", |row| gender(row.user.gender)),
    TableColumn::detail("birthday", "column.birthday", |row| {
        row.user.birthday.map_or(CellValue::Null, CellValue::Date)
    }),
    TableColumn::new("is_subscribed", "column.is_subscribed", |row| CellValue::Bool(row.user.is_subscribed)),
    TableColumn::detail("subscription_checked_at", "column.subscription_checked_at", |row| {
        row.user.subscription_checked_at.map_or(CellValue::Null, CellValue::Timestamp)
    }),
    TableColumn::detail("source", "column.source", |row| CellValue::Text(row.user.source.clone())),
    TableColumn::new("tags", "column.tags", |row| CellValue::List(row.tags.clone())),
    TableColumn::new("status", "column.status", |row| status(row.user.status)),
    TableColumn::detail("created_at", "column.created_at", |row| CellValue::Timestamp(row.user.created_at)),
    TableColumn::new("last_activity_at", "column.seen", |row| CellValue::Timestamp(row.user.last_activity_at)),
    TableColumn::detail("is_test", "column.is_test", |row| CellValue::Bool(row.user.realm.is_test())),
];

/// A customer with their tags; whether the customer blocked the bot is stored apart and shown as a tag.
pub(in crate::cli) fn row(view: &View<'_>, user: User) -> ShopResult<Row> {
    let mut tags = user::tags(view, user.id)?;
    tags.extend(user.bot_blocked_at.map(|_| "blocked_bot".to_owned()));
    Ok(Row { user, tags })
}

/// The columns of a valid code below its customer.
pub(super) const LIVE: &[TableColumn<Discount>] = &[
    TableColumn::new("code", "column.code", |live| CellValue::Text(live.code.as_str().to_owned())),
    TableColumn::new("title", "column.title", |live| CellValue::Text(live.title.clone())),
    TableColumn::number("value", "column.value", |live| worth(live.value)),
    TableColumn::new("created_at", "column.created_at", |live| CellValue::Timestamp(live.created_at)),
    TableColumn::new("expires_at", "column.expires_at", |live| CellValue::Timestamp(live.expires_at)),
];

/// The keys in JSON of a valid code of a customer.
pub(super) fn code(live: &Discount) -> Json {
    facts(LIVE, live)
}

/// The flag that a command about a customer of the test bots needs.
pub(super) fn world(user: &User) -> &'static str {
    if user.realm.is_test() { " --test-data" } else { "" }
}

fn text(text: Option<&str>) -> CellValue {
    text.map_or(CellValue::Null, |text| CellValue::Text(text.to_owned()))
}

const fn gender(gender: user::Gender) -> CellValue {
    let text = match gender {
        user::Gender::Male => "gender.male",
        user::Gender::Female => "gender.female",
        user::Gender::Unknown => "gender.unknown",
    };
    CellValue::Word { code: gender.as_str(), text, tone: Tone::Plain }
}

const fn status(status: UserStatus) -> CellValue {
    match status {
        UserStatus::Active => CellValue::Word { code: "active", text: "status.active", tone: Tone::Good },
        UserStatus::Blocked => CellValue::Word { code: "blocked", text: "status.blocked", tone: Tone::Bad },
    }
}
