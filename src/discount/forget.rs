//! Erases a person from codes, redemptions and attempts. The rows stay, because the statistics count them.

use rusqlite::named_params;

use crate::actor::Actor;
use crate::audit;
use crate::db::Tx;
use crate::error::Result;
use crate::ids::{DiscountId, UsageLogId, UserId};
use crate::realm::Realm;

/// Statements that delete what identifies a customer; `:id` is the customer's row id. Free text about a code is deleted
/// whole: it may contain the customer's name in any form.
const FORGET: &[&str] = &[
    // The dates in `birthday_gifts` would give away the birthday.
    "DELETE FROM birthday_gifts WHERE user_id = :id",
    "UPDATE discounts SET revoke_reason = NULL WHERE user_id = :id",
    "UPDATE redemptions SET undo_reason = NULL
        WHERE undone_at IS NOT NULL AND discount_id IN (SELECT id FROM discounts WHERE user_id = :id)",
    "UPDATE discount_usage_logs SET message = NULL WHERE discount_id IN (SELECT id FROM discounts WHERE user_id = :id)",
];
const CODES: &str = "SELECT id FROM discounts WHERE user_id = :id";
const REVOKE: &str = "UPDATE discounts SET revoked_at = :now, revoke_reason = 'erased', revoked_by = :by
    WHERE user_id = :id AND revoked_at IS NULL AND redeemed_at IS NULL AND expires_at > :now";
// All texts are read, also those that look like a code: a username may be `eva1990`, and `Ян 1990` names a person.
const MISTYPED: &str = "SELECT id, code_typed FROM discount_usage_logs INDEXED BY usage_logs_not_found
    WHERE status = 'not_found' AND is_test = :realm";
const HIDE_TYPED: &str = "UPDATE discount_usage_logs SET code_typed = '…' WHERE id = :id";

/// Deletes free text about a customer's codes and the days of their birthday gifts, and revokes their live codes.
/// Returns how many codes were revoked.
pub fn forget_person(tx: &Tx<'_>, user: UserId, by: &Actor) -> Result<usize> {
    for sql in FORGET {
        tx.change(sql, named_params! { ":id": user })?;
    }
    let codes: Vec<DiscountId> = tx.list(CODES, named_params! { ":id": user }, |row| row.get(0))?;
    for code in codes {
        audit::forget_reasons(tx, "discount", &code.to_string())?;
    }
    Ok(tx.change(REVOKE, named_params! { ":id": user, ":now": tx.now(), ":by": by.to_string() })?)
}

/// Replaces the entered text of attempts with an unknown code by `…` where `names` recognizes the person in it:
/// a cashier may have typed a name in place of a code.
pub fn hide_person(tx: &Tx<'_>, realm: Realm, names: impl Fn(&str) -> bool) -> Result<()> {
    let mistyped: Vec<(UsageLogId, String)> =
        tx.list(MISTYPED, named_params! { ":realm": realm }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, typed) in mistyped {
        if names(&typed) {
            tx.change(HIDE_TYPED, named_params! { ":id": id })?;
        }
    }
    Ok(())
}
