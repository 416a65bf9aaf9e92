//! The estimate of a broadcast (how many customers would get it, how many are left out and why, how long sending
//! takes), and the confirmation of exactly this estimate by an admin.

use serde_json::{Value, json};

use super::model::{Broadcast, BroadcastId, Confirmation, Draft};
use super::pace::BroadcastLimits;
use super::transition::record;
use super::{audience, store};
use crate::actor::Actor;
use crate::db::{Tx, View};
use crate::error::{Error, Refusal, Result};
use crate::segment::Reach;
use crate::{secret, settings, shop};

const TOKEN_MS: i64 = 15 * 60 * 1000;

/// The fastest rate of a bot's broadcasts without Stars, in messages per second: it leaves room for replies.
pub const FREE_PER_SECOND: i64 = 25;
/// The fastest rate of a bot's broadcasts when the shop pays Stars, in messages per second.
pub const PAID_PER_SECOND: i64 = 955;
/// Messages per second above which Telegram charges Stars.
const FREE_OF_STARS: i64 = 30;

/// How many customers a broadcast would reach, how long sending takes, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// How many customers would get the broadcast and how many are left out.
    pub reach: Reach,
    /// How long sending takes at the shop's rate, in seconds.
    pub seconds: i64,
    /// The shop's limits for messages per minute and hour.
    pub limits: BroadcastLimits,
    /// How long sending takes at the fastest rate without Stars, in seconds; `None` when that is not faster.
    pub fastest: Option<i64>,
    /// The price of the broadcast in Stars at the shop's rate, rounded up; 0 = none.
    pub stars: i64,
    /// The token that confirms exactly this estimate, valid for 15 minutes.
    pub token: String,
}

/// The shop's limits for broadcasts.
pub fn limits(view: &View<'_>) -> Result<BroadcastLimits> {
    Ok(BroadcastLimits {
        per_minute: settings::RATE_LIMIT_PER_MINUTE.int(view)?,
        per_hour: settings::RATE_LIMIT_PER_HOUR.int(view)?,
    })
}

/// The estimate of `draft` now. Reads the whole audience, so call it in a snapshot, not in a write transaction. The
/// token in it confirms any broadcast with this message and this audience.
///
/// # Errors
/// The refusals of a draft that cannot be sent: `VALIDATION_ERROR`, `BROADCAST_TEXT_INVALID`,
/// `BROADCAST_MEDIA_INVALID`, `BROADCAST_TOO_LARGE`, `SEGMENT_NOT_FOUND`, `TEMPLATE_NOT_FOUND`, `TEMPLATE_INACTIVE`.
pub fn estimate(view: &View<'_>, draft: &Draft) -> Result<Estimate> {
    audience::check(view, draft)?;
    weigh(view, (None, draft), audience::reach(view, draft.realm, &draft.audience)?)
}

/// The estimate of a stored broadcast; its token confirms no other broadcast. Once the audience is frozen, the estimate
/// counts the recipients who are still queued, not the customers who match now.
///
/// # Errors
/// Those of [`estimate`].
pub fn estimate_of(view: &View<'_>, broadcast: &Broadcast) -> Result<Estimate> {
    let (draft, left) = (&broadcast.draft, broadcast.counts.queued);
    let reach = if broadcast.is_frozen {
        Reach { total: left, reachable: left, ..Reach::default() }
    } else {
        audience::check(view, draft)?;
        audience::reach(view, draft.realm, &draft.audience)?
    };
    weigh(view, (Some(broadcast.id), draft), reach)
}

fn weigh(view: &View<'_>, (id, draft): (Option<BroadcastId>, &Draft), reach: Reach) -> Result<Estimate> {
    let (limits, count) = (limits(view)?, reach.reachable);
    let is_paid = settings::PAID_BROADCASTS.is_on(view)?;
    let ceiling = if is_paid { PAID_PER_SECOND } else { FREE_PER_SECOND };
    let seconds = limits.seconds_for(count, ceiling);
    let fast = BroadcastLimits { per_minute: FREE_PER_SECOND * 60, per_hour: 0 }.seconds_for(count, FREE_PER_SECOND);
    let rate = if seconds > 0 { count / seconds } else { 0 };
    let paid = if is_paid && rate > FREE_OF_STARS { count - count * FREE_OF_STARS / rate } else { 0 };
    let expires = view.now_ms().0.saturating_add(TOKEN_MS);
    let signed = signature(view, (id, &audience::hash(view, draft)?), count, expires)?;
    let token = format!("{count}.{expires}.{signed}");
    Ok(Estimate { reach, seconds, limits, fastest: (fast < seconds).then_some(fast), stars: (paid + 9) / 10, token })
}

/// Checks that the present audience is not larger than `token` says, with a tolerance of 5 % plus 10 customers. Called
/// in a snapshot of its own just before the confirmation, because it reads the whole audience. Freezing checks the size
/// again.
///
/// # Errors
/// `BROADCAST_CONFIRMATION_STALE` with the present count.
pub fn look_again(view: &View<'_>, broadcast: &Broadcast, token: &str) -> Result<()> {
    let count = estimate_of(view, broadcast)?.reach.reachable;
    let said = verified(view, (broadcast.id, &audience::hash(view, &broadcast.draft)?), token)?;
    let stale = said.is_none_or(|said| audience::outgrows(said, count));
    if stale { Err(Refusal::BroadcastConfirmationStale { count })? } else { Ok(()) }
}

/// Confirms a broadcast with `token`, which was made for this message, audience and number of recipients. Recorded in
/// the audit log.
///
/// # Errors
/// `BROADCAST_CONFIRMATION_STALE`, `BROADCAST_AUDIENCE_EMPTY`.
pub(super) fn confirm(tx: &Tx<'_>, broadcast: &Broadcast, token: &str, by: &Actor) -> Result<()> {
    let hash = audience::hash(tx, &broadcast.draft)?;
    let left = if broadcast.is_frozen { broadcast.counts.queued } else { 0 };
    let Some(count) = verified(tx, (broadcast.id, &hash), token)?.filter(|said| !audience::outgrows(*said, left))
    else {
        Err(Refusal::BroadcastConfirmationStale { count: left })?
    };
    // All rows of a frozen audience may be settled; then nothing is left to send, which is not an error.
    if count == 0 && !broadcast.is_frozen {
        Err(Refusal::BroadcastAudienceEmpty)?;
    }
    store::confirm(tx, broadcast.id, &Confirmation { hash, count }, &by.to_string())?;
    record(tx, ("confirm_broadcast", broadcast.id), Value::Null, json!({ "recipients": count }), by)
}

/// Whether the confirmation still matches the broadcast's message and audience.
pub(super) fn stands(view: &View<'_>, broadcast: &Broadcast) -> Result<bool> {
    let Some(confirmed) = &broadcast.confirmed else { return Ok(false) };
    Ok(audience::hash(view, &broadcast.draft)? == confirmed.hash)
}

/// Like [`stands`], for a broadcast that starts by itself: `false`, not a refusal, when the segment of the broadcast
/// was deleted.
pub(super) fn still_stands(view: &View<'_>, broadcast: &Broadcast) -> Result<bool> {
    match stands(view, broadcast) {
        Err(Error::Refused(_)) => Ok(false),
        stands => stands,
    }
}

/// The number of recipients in `token`; `None` unless the token is valid and was made for this broadcast, or for a
/// draft with the same message and audience.
fn verified(view: &View<'_>, (id, hash): (BroadcastId, &str), token: &str) -> Result<Option<i64>> {
    let mut parts = token.trim().splitn(3, '.');
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (Some(count), Some(expires)) = (number(), number()) else { return Ok(None) };
    let given = parts.next().unwrap_or_default();
    let is_for = |id| Ok::<_, Error>(secret::same(given, &signature(view, (id, hash), count, expires)?));
    let is_ours = is_for(Some(id))? || is_for(None)?;
    let ahead = expires.saturating_sub(view.now_ms().0);
    // A token that is valid for more than 15 minutes from now was made before the clock was set back: it is refused.
    Ok((is_ours && (0..=TOKEN_MS).contains(&ahead)).then_some(count))
}

fn signature(view: &View<'_>, (id, hash): (Option<BroadcastId>, &str), count: i64, expires: i64) -> Result<String> {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    Ok(secret::keyed_hash(&shop::confirm_key(view)?, &format!("broadcast|{id}|{hash}|{count}|{expires}")))
}
