//! How far people come: of those who registered in a period, who has proved a subscription, been given a code, used one
//! at the counter, until now.

use rusqlite::named_params;

use super::Period;
use crate::db::View;
use crate::error::Result;
use crate::ids::words;
use crate::realm::Realm;

// Somebody who has left the channel had proved it by the gift. Two halves, so that each finds its partial index.
const STEPS: &str = "SELECT count(*),
    count(CASE WHEN u.is_subscribed = 1
        OR EXISTS (SELECT 1 FROM discounts d WHERE d.user_id = u.id AND +d.source_kind = 'subscription') THEN 1 END),
    count(CASE WHEN EXISTS (SELECT 1 FROM discounts d WHERE d.user_id = u.id) THEN 1 END),
    count(CASE WHEN EXISTS (SELECT 1 FROM discounts d JOIN redemptions r
            ON r.discount_id = d.id AND r.is_single = 1 AND r.undone_at IS NULL WHERE d.user_id = u.id)
        OR EXISTS (SELECT 1 FROM discounts d JOIN redemptions r
            ON r.discount_id = d.id AND r.is_single = 0 AND r.undone_at IS NULL WHERE d.user_id = u.id) THEN 1 END)
    FROM users u WHERE u.is_test = :realm AND u.created_at >= :from AND u.created_at < :to";

words!(
    /// How far somebody has come.
    FunnelStage {
        /// Started the bot in the period.
        Registered = "registered",
        /// Has proved a subscription.
        Subscribed = "subscribed",
        /// Was given a code.
        Issued = "issued",
        /// Used a code at the counter.
        Redeemed = "redeemed",
    }
);

/// How many came so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelStep {
    /// How far.
    pub stage: FunnelStage,
    /// So many people.
    pub count: i64,
    /// Of those who registered, 0–1; `None` when nobody did.
    pub share: Option<f64>,
}

/// The four steps of everybody who registered in the period, also of those who were erased since.
pub fn funnel(view: &View<'_>, realm: Realm, period: Period) -> Result<[FunnelStep; 4]> {
    let zone = view.zone();
    let end = zone.start_of(period.to.succ_opt().unwrap_or(period.to));
    let params = named_params! { ":realm": realm, ":from": zone.start_of(period.from), ":to": end };
    let (registered, subscribed, issued, redeemed) =
        view.get(STEPS, params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let step = |stage, count| FunnelStep { stage, count, share: share(count, registered) };
    Ok([
        step(FunnelStage::Registered, registered),
        step(FunnelStage::Subscribed, subscribed),
        step(FunnelStage::Issued, issued),
        step(FunnelStage::Redeemed, redeemed),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a share for reading; counts stay far below 2^52")]
fn share(count: i64, of: i64) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}
