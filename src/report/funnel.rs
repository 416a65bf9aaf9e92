//! The funnel: how many of the customers who registered in a period have since then proved a subscription, been issued
//! a code, and redeemed a code.

use rusqlite::named_params;

use super::Period;
use crate::db::View;
use crate::error::Result;
use crate::ids::words;
use crate::realm::Realm;

// Whether a customer `u` has reached a step. A customer who left the channel had proved a subscription if they got the
// subscription gift. Redemptions of single and of shared codes are searched separately, so that each search uses its own
// partial index.
macro_rules! has_subscribed {
    () => {
        "(u.is_subscribed = 1
        OR EXISTS (SELECT 1 FROM discounts d WHERE d.user_id = u.id AND +d.source_kind = 'subscription'))"
    };
}
macro_rules! was_issued {
    () => {
        "EXISTS (SELECT 1 FROM discounts d WHERE d.user_id = u.id)"
    };
}
macro_rules! has_redeemed {
    () => {
        "(EXISTS (SELECT 1 FROM discounts d JOIN redemptions r
            ON r.discount_id = d.id AND r.is_single = 1 AND r.undone_at IS NULL WHERE d.user_id = u.id)
        OR EXISTS (SELECT 1 FROM discounts d JOIN redemptions r
            ON r.discount_id = d.id AND r.is_single = 0 AND r.undone_at IS NULL WHERE d.user_id = u.id))"
    };
}
pub(super) use {has_redeemed, has_subscribed, was_issued};

const STEPS: &str = concat!(
    "SELECT count(*), coalesce(sum(",
    has_subscribed!(),
    "), 0), coalesce(sum(",
    was_issued!(),
    "), 0), coalesce(sum(",
    has_redeemed!(),
    "), 0)
    FROM users u INDEXED BY users_by_created
    WHERE u.is_test = :realm AND u.created_at >= :from AND u.created_at < :to"
);

words!(
    /// A step of the funnel.
    FunnelStage as StageWord {
        /// The customer started the bot in the period.
        Registered = "registered",
        /// The customer has proved a subscription.
        Subscribed = "subscribed",
        /// The customer was issued a code.
        Issued = "issued",
        /// The customer redeemed a code.
        Redeemed = "redeemed",
    }
);

/// How many customers reached a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelStep {
    /// The stage of the funnel.
    pub stage: FunnelStage,
    /// The number of customers who reached the stage.
    pub count: i64,
    /// The share of the registered customers who reached the stage, 0–1; `None` when no customer registered.
    pub share: Option<f64>,
}

/// The four stages for all customers who registered in the period, including those erased since.
pub fn funnel(view: &View<'_>, realm: Realm, period: Period) -> Result<[FunnelStep; 4]> {
    let (begin, end) = view.zone().span(period.from, period.to);
    let params = named_params! { ":realm": realm, ":from": begin, ":to": end };
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
pub(super) fn share(count: i64, of: i64) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}
