//! Attribution: decides which broadcast brought a customer to the shop's counter. That is the broadcast that issued the
//! code; for any other code, the last broadcast that was delivered to the customer within seven days and not recalled.
//! Modules may use only earlier modules. `discount` calls this module for every redemption, so it comes before
//! `discount`; it reads the tables of `broadcast`, a later module, but calls none of its functions.

use rusqlite::named_params;

use crate::db::View;
use crate::error::Result;
use crate::ids::{BroadcastId, DiscountId, UserId};
use crate::realm::Realm;

/// How long a delivered message counts, in milliseconds: a later redemption is not attributed to the message's
/// broadcast.
pub const REMEMBERED_MS: i64 = 7 * 24 * 3600 * 1000;

// Reads the few broadcasts of the last seven days first, then looks up the customer's row in `deliveries` for each of
// them. CROSS JOIN makes SQLite keep this order.
const LAST_TOUCH: &str = "SELECT coalesce(
    (SELECT source_id FROM discounts WHERE id = :discount AND source_kind = 'broadcast'),
    (SELECT d.broadcast_id FROM broadcasts b INDEXED BY broadcasts_by_last
        CROSS JOIN deliveries d ON d.broadcast_id = b.id AND d.user_id = :user
      WHERE b.is_test = :realm AND b.last_ms >= :since
        AND d.state = 'sent' AND d.settled_ms BETWEEN :since AND :now AND d.recalled_ms IS NULL
      ORDER BY d.settled_ms DESC, d.broadcast_id DESC LIMIT 1))";

/// The broadcast to which a redemption of this code by its customer now is attributed; `None` when there is none.
pub fn last_touch(view: &View<'_>, realm: Realm, discount: DiscountId, user: UserId) -> Result<Option<BroadcastId>> {
    let now = view.shop_ms();
    let params = named_params! {
        ":discount": discount, ":user": user, ":realm": realm, ":now": now, ":since": now.0 - REMEMBERED_MS,
    };
    Ok(view.get(LAST_TOUCH, params, |row| row.get(0))?)
}
