//! Exports of customers: exactly the documented columns. Erased people are in no export.

use rusqlite::named_params;

use super::{Cell, ExportColumn};
use crate::db::{View, columns};
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{Country, Matches};

columns! {
    select: StoredCustomer from "users" {
        id, telegram_id, username, first_name, last_name, phone, gender, birthday, is_subscribed, source,
        tags = tags(
            "(SELECT group_concat(tag, char(31) ORDER BY tag) FROM user_tags WHERE user_id = users.id)",
            "bot_blocked_at IS NOT NULL"
        ),
        created_at, last_activity_at, is_test,
    }
}
const BETWEEN: &str = select!("WHERE id > :after AND id <= :last AND is_test = :realm AND telegram_id > 0 ORDER BY id");
const ENDS: &str = "SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM users";

/// The values of one exported customer; `country` is that of the shop and decides how phones are written.
pub(super) struct ExportedCustomer {
    stored: StoredCustomer,
    country: Country,
}

struct StoredCustomer {
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

pub(super) const COLUMNS: &[ExportColumn<ExportedCustomer>] = &[
    ExportColumn { key: "id", cell: |row| Cell::Int(row.stored.id.0) },
    ExportColumn { key: "telegram_id", cell: |row| Cell::Int(row.stored.telegram_id) },
    ExportColumn { key: "username", cell: |row| Cell::text(row.stored.username.as_deref()) },
    ExportColumn { key: "first_name", cell: |row| Cell::text(row.stored.first_name.as_deref()) },
    ExportColumn { key: "last_name", cell: |row| Cell::text(row.stored.last_name.as_deref()) },
    ExportColumn { key: "phone", cell: |row| phone(row) },
    ExportColumn { key: "gender", cell: |row| Cell::said(&row.stored.gender) },
    ExportColumn { key: "birthday", cell: |row| Cell::text(row.stored.birthday.as_deref()) },
    ExportColumn { key: "is_subscribed", cell: |row| Cell::Bool(row.stored.is_subscribed) },
    ExportColumn { key: "source", cell: |row| Cell::said(&row.stored.source) },
    ExportColumn { key: "tags", cell: |row| Cell::List(row.stored.tags.clone()) },
    ExportColumn { key: "created_at", cell: |row| Cell::said(&row.stored.created_at) },
    ExportColumn { key: "last_activity_at", cell: |row| Cell::said(&row.stored.last_activity_at) },
    ExportColumn { key: "is_test", cell: |row| Cell::Bool(row.stored.is_test) },
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
            people.push(ExportedCustomer { stored: StoredCustomer::from_row(row)?, country });
        }
        Ok(())
    })?;
    Ok(people)
}

fn phone(row: &ExportedCustomer) -> Cell {
    row.stored.phone.clone().map_or(Cell::Null, |number| Cell::phone(number, row.country))
}

fn tags(stored: Option<String>, has_blocked_bot: bool) -> rusqlite::Result<Vec<String>> {
    let mut tags: Vec<String> =
        stored.map(|tags| tags.split('\u{1f}').map(str::to_owned).collect()).unwrap_or_default();
    if has_blocked_bot {
        tags.push("blocked_bot".to_owned());
    }
    Ok(tags)
}
