//! Exports of customers: exactly the documented columns. Erased people are in no export.

use rusqlite::{Row, named_params};

use super::{Cell, ExportColumn};
use crate::db::View;
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{Country, Matches};

const BETWEEN: &str = "SELECT id, telegram_id, username, first_name, last_name, phone, gender, birthday, is_subscribed, source,
        (SELECT group_concat(tag, char(31) ORDER BY tag) FROM user_tags WHERE user_id = users.id), bot_blocked_at IS NOT NULL,
        created_at, last_activity_at, is_test FROM users
    WHERE id > :after AND id <= :last AND is_test = :realm AND telegram_id > 0 ORDER BY id";
const ENDS: &str = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM users";

/// A customer as exported.
pub(super) struct ExportedCustomer {
    id: UserId,
    telegram_id: i64,
    username: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone: Option<Cell>,
    gender: String,
    birthday: Option<String>,
    is_subscribed: bool,
    source: String,
    tags: Vec<String>,
    created_at: String,
    last_activity_at: String,
    is_test: bool,
}

pub(super) const COLUMNS: &[ExportColumn<ExportedCustomer>] = &[
    ExportColumn { key: "id", cell: |row| Cell::Int(row.id.0) },
    ExportColumn { key: "telegram_id", cell: |row| Cell::Int(row.telegram_id) },
    ExportColumn { key: "username", cell: |row| Cell::text(row.username.as_deref()) },
    ExportColumn { key: "first_name", cell: |row| Cell::text(row.first_name.as_deref()) },
    ExportColumn { key: "last_name", cell: |row| Cell::text(row.last_name.as_deref()) },
    ExportColumn { key: "phone", cell: |row| row.phone.clone().unwrap_or(Cell::Null) },
    ExportColumn { key: "gender", cell: |row| Cell::said(&row.gender) },
    ExportColumn { key: "birthday", cell: |row| Cell::text(row.birthday.as_deref()) },
    ExportColumn { key: "is_subscribed", cell: |row| Cell::Bool(row.is_subscribed) },
    ExportColumn { key: "source", cell: |row| Cell::said(&row.source) },
    ExportColumn { key: "tags", cell: |row| Cell::List(row.tags.clone()) },
    ExportColumn { key: "created_at", cell: |row| Cell::said(&row.created_at) },
    ExportColumn { key: "last_activity_at", cell: |row| Cell::said(&row.last_activity_at) },
    ExportColumn { key: "is_test", cell: |row| Cell::Bool(row.is_test) },
];

pub(super) fn ends(view: &View<'_>) -> Result<(i64, i64)> {
    Ok(view.get(ENDS, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

pub(super) fn between(
    view: &View<'_>,
    realm: Realm,
    found: &Matches,
    (after, last): (i64, i64),
) -> Result<Vec<ExportedCustomer>> {
    let is_meant =
        |id| matches!(found, Matches::Everybody(_)) || matches!(found, Matches::Some(crowd) if crowd.contains(id));
    let (mut people, country) = (Vec::new(), Country::of_shop(view)?);
    view.each(BETWEEN, named_params! { ":realm": realm, ":after": after, ":last": last }, |row| {
        if is_meant(row.get(0)?) {
            people.push(from_row(row, country)?);
        }
        Ok(())
    })?;
    Ok(people)
}

fn from_row(row: &Row<'_>, country: Country) -> rusqlite::Result<ExportedCustomer> {
    let mut tags: Vec<String> = row
        .get::<_, Option<String>>(10)?
        .map(|tags| tags.split('\u{1f}').map(str::to_owned).collect())
        .unwrap_or_default();
    if row.get(11)? {
        tags.push("blocked_bot".to_owned());
    }
    Ok(ExportedCustomer {
        id: row.get(0)?,
        telegram_id: row.get(1)?,
        username: row.get(2)?,
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        phone: row.get::<_, Option<String>>(5)?.map(|number| Cell::phone(number, country)),
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
