//! `user`: customers.

use super::args::{RealmPage, UserRef};
use super::output::{Column, List, Tone, Value};
use super::refuse::Wrong;
use super::session::Session;
use crate::user::{self, Status, User};

const COLUMNS: &[Column<User>] = &[
    Column::number("id", "column.id", |user| Value::Int(user.id.0)),
    Column::detail("telegram_id", "column.telegram_id", |user| Value::Int(user.telegram_id.0)),
    Column::new("username", "column.username", |user| text(user.username.as_deref())),
    Column::new("first_name", "column.first_name", |user| text(user.first_name.as_deref())),
    Column::new("last_name", "column.last_name", |user| text(user.last_name.as_deref())),
    Column::new("phone", "column.phone", |user| text(user.phone.as_deref())),
    Column::detail("gender", "column.gender", |user| Value::Text(user.gender.clone())),
    Column::detail("birthday", "column.birthday", |user| text(user.birthday.as_deref())),
    Column::new("is_subscribed", "column.is_subscribed", |user| Value::Bool(user.is_subscribed)),
    Column::detail("subscription_checked_at", "column.subscription_checked_at", |user| {
        user.subscription_checked_at.map_or(Value::Null, Value::Timestamp)
    }),
    Column::new("source", "column.source", |user| Value::Text(user.source.clone())),
    Column::new("tags", "column.tags", |user| Value::List(tags(user))),
    Column::new("status", "column.status", |user| status(user.status)),
    Column::detail("created_at", "column.created_at", |user| Value::Timestamp(user.created_at)),
    Column::new("last_activity_at", "column.seen", |user| Value::Timestamp(user.last_activity_at)),
    Column::detail("is_test", "column.is_test", |user| Value::Bool(user.realm.is_test())),
];

/// `user list`.
pub(super) fn list(session: &mut Session<'_>, args: &RealmPage) -> Result<(), Wrong> {
    let (items, total) =
        session.database()?.read(|view| user::list(view, args.world.realm(), args.page.limit, args.page.offset()))?;
    let total = total.unsigned_abs();
    let id = |user: &User| user.id.to_string();
    session.out.list(&List { schema: "dvorik.user.list/1", columns: COLUMNS, items: &items, total, id });
    Ok(())
}

/// `user show`.
pub(super) fn show(session: &mut Session<'_>, args: &UserRef) -> Result<(), Wrong> {
    let found = session.database()?.read(|view| user::get_by_ref(view, args.world.realm(), &args.user))?;
    session.out.one("dvorik.user/1", COLUMNS, &found, &found.id.to_string());
    Ok(())
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

/// That the customer blocked the bot is a fact of its own, shown as a tag.
fn tags(user: &User) -> Vec<String> {
    user.bot_blocked_at.iter().map(|_| "blocked_bot".to_owned()).collect()
}

const fn status(status: Status) -> Value {
    match status {
        Status::Active => Value::Word { code: "active", text: "status.active", tone: Tone::Good },
        Status::Blocked => Value::Word { code: "blocked", text: "status.blocked", tone: Tone::Bad },
    }
}
