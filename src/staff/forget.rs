//! Erases a person from the rows of cashiers and admins. The rows keep their ids and their figures.

use rusqlite::named_params;

use super::invitation::forget_misses;
use super::{find_admin, find_cashier};
use crate::audit;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::TelegramId;
use crate::realm::Realm;

const NAMES: &str = "SELECT name FROM cashiers WHERE telegram_id = :telegram_id AND is_test = :realm
    UNION SELECT username FROM cashiers WHERE telegram_id = :telegram_id AND is_test = :realm AND username IS NOT NULL
    UNION SELECT name FROM admins WHERE telegram_id = :telegram_id AND :realm = 0
    UNION SELECT username FROM admins WHERE telegram_id = :telegram_id AND :realm = 0 AND username IS NOT NULL";
// An erased person has no access any more, except in a restored backup: there these statements suspend the person.
const EMPTY_CASHIER: &str = "UPDATE cashiers SET telegram_id = -id - 1000000000000, name = '#' || id, username = NULL,
        status = iif(status = 'active', 'suspended', status) WHERE id = :id";
const EMPTY_ADMIN: &str =
    "UPDATE admins SET telegram_id = -id - 1000000000000, name = '#' || id, username = NULL, groups = '[]',
        status = iif(status = 'active', 'suspended', status) WHERE id = :id";

/// The names and usernames that a person has as cashier and admin. Admins belong to the real shop.
pub fn names_of(view: &View<'_>, realm: Realm, telegram_id: TelegramId) -> Result<Vec<String>> {
    let params = named_params! { ":telegram_id": telegram_id, ":realm": realm };
    Ok(view.list(NAMES, params, |row| row.get(0))?)
}

/// Deletes a person's names and Telegram id from their rows as cashier and admin, and from the audit log of these rows.
/// Erasing a test customer leaves the person's row as admin, because admins belong to the real shop.
pub fn forget_person(tx: &Tx<'_>, realm: Realm, telegram_id: TelegramId) -> Result<()> {
    if let Some(cashier) = find_cashier(tx, realm, telegram_id)? {
        audit::forget_names(tx, "cashier", &cashier.id.to_string())?;
        tx.change(EMPTY_CASHIER, named_params! { ":id": cashier.id })?;
    }
    forget_misses(tx, telegram_id)?;
    let admin = if realm.is_test() { None } else { find_admin(tx, telegram_id)? };
    if let Some(admin) = admin {
        audit::forget_names(tx, "admin", &admin.id.to_string())?;
        tx.change(EMPTY_ADMIN, named_params! { ":id": admin.id })?;
    }
    Ok(())
}
