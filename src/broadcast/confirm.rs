//! Looking before sending: how many would get it, who is left out and why, how long it takes; and the admin's word for
//! exactly that.

use super::model::{Broadcast, BroadcastId, Confirmation, Draft};
use super::pace::BroadcastLimits;
use super::{audience, store};
use crate::actor::Actor;
use crate::audit;
use crate::db::{Tx, View};
use crate::error::{Error, Refusal, Result};
use crate::segment::Reach;
use crate::{secret, settings, shop};

const TOKEN_MS: i64 = 15 * 60 * 1000;

/// Messages a second Telegram takes from a bot for nothing, replies left aside.
pub const FREE_PER_SECOND: i64 = 25;
/// What it takes for Stars.
pub const PAID_PER_SECOND: i64 = 1000;
/// Telegram counts Stars from here on.
const FREE_OF_STARS: i64 = 30;

/// What sending would mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Who would get it and who is left out.
    pub reach: Reach,
    /// How long it takes at the shop's rate.
    pub seconds: i64,
    /// The shop's rate.
    pub limits: BroadcastLimits,
    /// How long it would take as fast as Telegram allows without Stars; `None` when that is no faster.
    pub fastest: Option<i64>,
    /// Stars it costs at this rate, rounded up; 0 = none.
    pub stars: i64,
    /// Give this back to confirm exactly this, within 15 minutes.
    pub token: String,
}

/// The shop's limits for broadcasts.
pub fn limits(view: &View<'_>) -> Result<BroadcastLimits> {
    Ok(BroadcastLimits {
        per_minute: settings::RATE_LIMIT_PER_MINUTE.int(view)?,
        per_hour: settings::RATE_LIMIT_PER_HOUR.int(view)?,
    })
}

/// What sending `draft` would mean now. Reads the whole audience: for a snapshot, not for a write transaction. The token
/// confirms any one broadcast of these words to this audience.
///
/// # Errors
/// What a draft may be refused for; `SEGMENT_NOT_FOUND`.
pub fn estimate(view: &View<'_>, draft: &Draft) -> Result<Estimate> {
    audience::check(view, draft)?;
    weigh(view, (None, draft), audience::reach(view, draft.realm, &draft.audience)?)
}

/// The same for a broadcast, whose token confirms no other: once its audience is frozen, what is left of that is sent,
/// whoever fits now.
///
/// # Errors
/// As [`estimate`].
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

/// Whether as many would get it now as `token` says, a twentieth and ten more at most: asked in a snapshot of its own just
/// before the word is taken, because it reads the whole audience. The freezing looks once more.
///
/// # Errors
/// `BROADCAST_CONFIRMATION_STALE` with today's count.
pub fn look_again(view: &View<'_>, broadcast: &Broadcast, token: &str) -> Result<()> {
    let count = estimate_of(view, broadcast)?.reach.reachable;
    let said = verified(view, (broadcast.id, &audience::hash(view, &broadcast.draft)?), token)?;
    let stale = said.is_none_or(|said| audience::outgrows(said, count));
    if stale { Err(Refusal::BroadcastConfirmationStale { count })? } else { Ok(()) }
}

/// Takes an admin's word for a broadcast: the text and audience that `token` was made for, and as many people as it says.
/// Audited.
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
    // A frozen audience may be settled to the last row; then nothing is left to send, and that is no mistake.
    if count == 0 && !broadcast.is_frozen {
        Err(Refusal::BroadcastAudienceEmpty)?;
    }
    store::confirm(tx, broadcast.id, &Confirmation { hash, count }, &by.to_string())?;
    record(tx, broadcast.id, count, by)
}

fn record(tx: &Tx<'_>, id: BroadcastId, count: i64, by: &Actor) -> Result<()> {
    audit::record(
        tx,
        &audit::Entry {
            actor: by,
            action: "confirm_broadcast",
            entity: "broadcast",
            entity_id: id.to_string(),
            before: serde_json::Value::Null,
            after: serde_json::json!({ "recipients": count }),
        },
    )
}

/// Whether what was confirmed is what would be sent now.
pub(super) fn stands(view: &View<'_>, broadcast: &Broadcast) -> Result<bool> {
    let Some(confirmed) = &broadcast.confirmed else { return Ok(false) };
    Ok(audience::hash(view, &broadcast.draft)? == confirmed.hash)
}

/// The count `token` says, if it was made for this broadcast, or for nothing but its words and its audience.
fn verified(view: &View<'_>, (id, hash): (BroadcastId, &str), token: &str) -> Result<Option<i64>> {
    let mut parts = token.trim().splitn(3, '.');
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (Some(count), Some(expires)) = (number(), number()) else { return Ok(None) };
    let given = parts.next().unwrap_or_default();
    let is_for = |id| Ok::<_, Error>(secret::same(given, &signature(view, (id, hash), count, expires)?));
    let is_ours = is_for(Some(id))? || is_for(None)?;
    let ahead = expires.saturating_sub(view.now_ms().0);
    // Further ahead than it can have been made: the clock was set back since.
    Ok((is_ours && (0..=TOKEN_MS).contains(&ahead)).then_some(count))
}

fn signature(view: &View<'_>, (id, hash): (Option<BroadcastId>, &str), count: i64, expires: i64) -> Result<String> {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    Ok(secret::keyed_hash(&shop::confirm_key(view)?, &format!("broadcast|{id}|{hash}|{count}|{expires}")))
}
