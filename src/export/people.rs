//! Exports of customers: exactly the documented columns. Erased people are in no export.

use rusqlite::named_params;

use crate::cell::{Cell, Column};
use crate::db::{View, columns};
use crate::error::Result;
use crate::ids::UserId;
use crate::realm::Realm;
use crate::user::{Country, Matches, Phone};

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
// The unary plus keeps SQLite from reading all customers of the realm by an index for each page.
const BETWEEN: &str =
    select!("WHERE id > :after AND id <= :last AND +is_test = :realm AND telegram_id > 0 ORDER BY id");
// Two queries, because SQLite finds one end of an index, but reads all of it for both.
const ENDS: &str = "SELECT coalesce((SELECT min(id) FROM users), 1), coalesce((SELECT max(id) FROM users), 0)";

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

pub(super) const COLUMNS: &[Column<ExportedCustomer>] = &[
    Column::fact("id", |row| row.stored.id.into()),
    Column::fact("telegram_id", |row| row.stored.telegram_id.into()),
    Column::fact("username", |row| (&row.stored.username).into()),
    Column::fact("first_name", |row| (&row.stored.first_name).into()),
    Column::fact("last_name", |row| (&row.stored.last_name).into()),
    Column::fact("phone", |row| row.stored.phone.as_ref().map(|number| phone(number, row.country)).into()),
    Column::fact("gender", |row| (&row.stored.gender).into()),
    Column::fact("birthday", |row| (&row.stored.birthday).into()),
    Column::fact("is_subscribed", |row| row.stored.is_subscribed.into()),
    Column::fact("source", |row| (&row.stored.source).into()),
    Column::fact("tags", |row| Cell::List(row.stored.tags.clone())),
    Column::fact("created_at", |row| (&row.stored.created_at).into()),
    Column::fact("last_activity_at", |row| (&row.stored.last_activity_at).into()),
    Column::fact("is_test", |row| row.stored.is_test.into()),
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
        |id| matches!(found, Matches::Everybody(_)) || matches!(found, Matches::Some(users) if users.contains(id));
    let (mut people, country) = (Vec::new(), Country::of_shop(view)?);
    view.each(BETWEEN, named_params! { ":realm": realm, ":after": after, ":last": last }, |row| {
        if is_meant(row.get(0)?) {
            people.push(ExportedCustomer { stored: StoredCustomer::from_row(row)?, country });
        }
        Ok(())
    })?;
    Ok(people)
}

/// A cell with a phone number, written for spreadsheets in the country of the shop.
fn phone(number: &str, country: Country) -> Cell {
    Cell::Phone { in_sheet: Phone::in_sheet(number, country), number: number.to_owned() }
}

fn tags(stored: Option<String>, has_blocked_bot: bool) -> rusqlite::Result<Vec<String>> {
    let mut tags: Vec<String> =
        stored.map(|tags| tags.split('\u{1f}').map(str::to_owned).collect()).unwrap_or_default();
    if has_blocked_bot {
        tags.push("blocked_bot".to_owned());
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shape::csv;
    use super::*;

    #[test]
    fn a_phone_survives_a_spreadsheet() {
        let phone = |number: &str| phone(number, Country::RUSSIA);
        assert_eq!(csv(&phone("+79141234567")), "89141234567");
        // Numbers in Berlin and Tokyo: as bare digits they would be parsed as other numbers in Russia.
        assert_eq!(csv(&phone("+4930123456")), "'+4930123456");
        assert_eq!(csv(&phone("+81312345678")), "'+81312345678");
        assert_eq!(phone("+79141234567").json(), json!("+79141234567"));
    }
}
