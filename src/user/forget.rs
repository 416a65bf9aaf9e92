//! Empties the row of an erased customer. The row itself stays, so that the shop's figures stay correct.

use rusqlite::named_params;

use super::User;
use crate::db::Tx;
use crate::error::Result;

const TAGS: &str = "DELETE FROM user_tags WHERE user_id = :id";
/// Gives the row a negative Telegram id, which belongs to no person.
const EMPTY_ROW: &str =
    "UPDATE users SET telegram_id = -id - 1000000000000, username = NULL, first_name = NULL, last_name = NULL,
        name_norm = '', phone = NULL, gender = 'unknown', birthday = NULL, birthday_md = NULL, status = 'blocked',
        birthday_saved_at = NULL, is_subscribed = 0, bot_blocked_at = NULL, muted_at = :now WHERE id = :id";
/// A customer's source is usually a campaign's key, so it becomes `direct` only if it names the person.
const EMPTY_SOURCE: &str = "UPDATE users SET source = 'direct', source_normalized = 'direct' WHERE id = :id";

/// Deletes the customer's tags and every personal field of their row; also their source, if `names` finds the person in
/// it.
pub fn forget_person(tx: &Tx<'_>, user: &User, names: impl Fn(&str) -> bool) -> Result<()> {
    tx.change(TAGS, named_params! { ":id": user.id })?;
    if names(&user.source) {
        tx.change(EMPTY_SOURCE, named_params! { ":id": user.id })?;
    }
    tx.change(EMPTY_ROW, named_params! { ":id": user.id, ":now": tx.now() })?;
    Ok(())
}
