//! Attribution: which broadcast brought a customer to the counter. Hard: the broadcast issued the code. Soft: it was
//! the last one delivered to the customer within seven days and not recalled. Every redemption in `discount` asks this
//! module, so it comes before `discount` and reads the tables of `broadcast`, which comes later; it uses nothing else
//! of it.

use rusqlite::named_params;

use crate::db::View;
use crate::error::Result;
use crate::ids::{BroadcastId, DiscountId, UserId};
use crate::realm::Realm;

/// How long a delivered message counts, in milliseconds: a redemption after that is not attributed to it.
pub const REMEMBERED_MS: i64 = 7 * 24 * 3600 * 1000;

// Reads the few broadcasts of the last days first, then the ledger once for each: CROSS JOIN keeps that order.
const LAST_TOUCH: &str = "SELECT coalesce(
    (SELECT source_id FROM discounts WHERE id = :discount AND source_kind = 'broadcast'),
    (SELECT d.broadcast_id FROM broadcasts b INDEXED BY broadcasts_by_last
        CROSS JOIN deliveries d ON d.broadcast_id = b.id AND d.user_id = :user
      WHERE b.is_test = :realm AND b.last_ms >= :since
        AND d.state = 'sent' AND d.settled_ms BETWEEN :since AND :now AND d.recalled_ms IS NULL
      ORDER BY d.settled_ms DESC, d.broadcast_id DESC LIMIT 1))";

/// The broadcast to which a redemption of this code, by its holder, now, is attributed.
pub fn last_touch(view: &View<'_>, realm: Realm, discount: DiscountId, user: UserId) -> Result<Option<BroadcastId>> {
    let now = view.now_ms();
    let params = named_params! {
        ":discount": discount, ":user": user, ":realm": realm, ":now": now, ":since": now.0 - REMEMBERED_MS,
    };
    Ok(view.get(LAST_TOUCH, params, |row| row.get(0))?)
}
