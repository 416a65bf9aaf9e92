//! Customers as rows: exactly the columns people were promised. Erased people are in no export.

use rusqlite::Row;

use super::{Cell, Column};
use crate::db::{Conditions, View};
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{self, Filter};

const ROWS: &str = "SELECT id, telegram_id, username, first_name, last_name, phone, gender, birthday, is_subscribed, source,
        (SELECT group_concat(tag, char(31) ORDER BY tag) FROM user_tags WHERE user_id = users.id), bot_blocked_at IS NOT NULL,
        created_at, last_activity_at, is_test FROM users";
const IDS: &str = "SELECT id FROM users";
const TABLE: &str = "FROM users";
const ENDS: &str = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM users";
const BY_NAME: &str = "instr(name_norm, :search) > 0";
const BY_NAME_OR_PHONE: &str = "(instr(name_norm, :search) > 0 OR instr(coalesce(phone, ''), :search) > 0)";

/// A customer as exported.
pub(super) struct Person {
    id: UserId,
    telegram_id: i64,
    username: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<String>,
    gender: String,
    birthday: Option<String>,
    is_subscribed: bool,
    source: String,
    tags: Vec<String>,
    created_at: String,
    last_activity_at: String,
    is_test: bool,
}

pub(super) const COLUMNS: &[Column<Person>] = &[
    Column { key: "id", cell: |row| Cell::Int(row.id.0) },
    Column { key: "telegram_id", cell: |row| Cell::Int(row.telegram_id) },
    Column { key: "username", cell: |row| Cell::text(row.username.as_deref()) },
    Column { key: "first_name", cell: |row| Cell::text(row.first_name.as_deref()) },
    Column { key: "last_name", cell: |row| Cell::text(row.last_name.as_deref()) },
    Column { key: "phone", cell: |row| row.phone.clone().map_or(Cell::Null, Cell::Phone) },
    Column { key: "gender", cell: |row| Cell::said(&row.gender) },
    Column { key: "birthday", cell: |row| Cell::text(row.birthday.as_deref()) },
    Column { key: "is_subscribed", cell: |row| Cell::Bool(row.is_subscribed) },
    Column { key: "source", cell: |row| Cell::said(&row.source) },
    Column { key: "tags", cell: |row| Cell::List(row.tags.clone()) },
    Column { key: "created_at", cell: |row| Cell::said(&row.created_at) },
    Column { key: "last_activity_at", cell: |row| Cell::said(&row.last_activity_at) },
    Column { key: "is_test", cell: |row| Cell::Bool(row.is_test) },
];

/// The same people as `user::list` finds.
fn fitting<'v>(realm: &'v Realm, filter: &'v Filter, search: Option<&'v String>) -> Conditions<'v> {
    let found_by = if filter.names_only { BY_NAME } else { BY_NAME_OR_PHONE };
    Conditions::new("is_test = :realm", ":realm", realm)
        .fixed("telegram_id > 0")
        .and(found_by, ":search", search)
        .and("created_at >= :since", ":since", filter.since.as_ref())
        .and("created_at < :until", ":until", filter.until.as_ref())
}

/// As `name_norm` and `phone` are stored.
fn searched(filter: &Filter) -> Option<String> {
    let lower = user::folded(filter.search.as_deref()?.trim());
    Some(lower.strip_prefix('@').map_or(lower.clone(), ToOwned::to_owned))
}

pub(super) fn count(view: &View<'_>, realm: Realm, filter: &Filter) -> Result<i64> {
    let search = searched(filter);
    let fitting = fitting(&realm, filter, search.as_ref());
    let Some(among) = &filter.among else { return Ok(fitting.count(view, TABLE)?) };
    let mut count = 0;
    fitting.each(view, (IDS, ""), |row| {
        count += i64::from(among.contains(row.get(0)?));
        Ok(())
    })?;
    Ok(count)
}

pub(super) fn ends(view: &View<'_>) -> Result<(i64, i64)> {
    Ok(view.get(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub(super) fn between(
    view: &View<'_>,
    realm: Realm,
    filter: &Filter,
    (after, last): (i64, i64),
) -> Result<Vec<Person>> {
    let search = searched(filter);
    let fitting = fitting(&realm, filter, search.as_ref()).and("id > :after", ":after", Some(&after)).and(
        "id <= :last",
        ":last",
        Some(&last),
    );
    let mut found = Vec::new();
    fitting.each(view, (ROWS, "ORDER BY id"), |row| {
        let id = row.get(0)?;
        if filter.among.as_ref().is_none_or(|among| among.contains(id)) {
            found.push(from_row(row)?);
        }
        Ok(())
    })?;
    Ok(found)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Person> {
    let mut tags: Vec<String> = row
        .get::<_, Option<String>>(10)?
        .map(|tags| tags.split('\u{1f}').map(str::to_owned).collect())
        .unwrap_or_default();
    if row.get(11)? {
        tags.push("blocked_bot".to_owned());
    }
    Ok(Person {
        id: row.get(0)?,
        telegram_id: row.get(1)?,
        username: row.get(2)?,
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        phone: row.get(5)?,
        gender: row.get(6)?,
        birthday: row.get(7)?,
        is_subscribed: row.get(8)?,
        source: row.get(9)?,
        tags,
        created_at: row.get(12)?,
        last_activity_at: row.get(13)?,
        is_test: row.get(14)?,
    })
}
