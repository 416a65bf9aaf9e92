//! Looking before sending: how many would get it, who is left out and why, how long it takes; and the admin's word for
//! exactly that.

use rusqlite::named_params;

use super::model::{Broadcast, BroadcastId, Confirmation, Draft};
use super::pace::Limits;
use super::{audience, store};
use crate::actor::Actor;
use crate::audit;
use crate::db::backup::Scrub;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::segment::Reach;
use crate::{secret, settings};

const KEY: &str = "SELECT value FROM meta WHERE key = 'confirm_key'";
const MAKE_KEY: &str = "INSERT INTO meta (key, value) VALUES ('confirm_key', :value) ON CONFLICT (key) DO NOTHING";
const TOKEN_MS: i64 = 15 * 60 * 1000;

/// Messages a second Telegram takes from a bot for nothing, replies left aside.
pub const FREE_PER_SECOND: i64 = 25;
/// What it takes for Stars.
pub const PAID_PER_SECOND: i64 = 1000;
/// Telegram counts Stars from here on.
const FREE_OF_STARS: i64 = 30;

/// No backup holds the key confirmations are signed with; a restored shop makes another.
pub const KEY_LEFT_OUT: Scrub = Scrub { table: "meta", sql: "DELETE FROM meta WHERE key = 'confirm_key'" };

/// What sending would mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// Who would get it and who is left out.
    pub reach: Reach,
    /// How long it takes at the shop's rate.
    pub seconds: i64,
    /// The shop's rate.
    pub limits: Limits,
    /// How long it would take as fast as Telegram allows without Stars; `None` when that is no faster.
    pub fastest: Option<i64>,
    /// Stars it costs at this rate, rounded up; 0 = none.
    pub stars: i64,
    /// Give this back to confirm exactly this, within 15 minutes.
    pub token: String,
}

/// The shop's limits for broadcasts.
///
/// # Errors
/// Storage only.
pub fn limits(view: &View<'_>) -> Result<Limits> {
    Ok(Limits {
        per_minute: settings::RATE_LIMIT_PER_MINUTE.int(view)?,
        per_hour: settings::RATE_LIMIT_PER_HOUR.int(view)?,
    })
}

/// What sending `draft` would mean now. Writes nothing but, once, the key tokens are signed with.
///
/// # Errors
/// What a draft may be refused for; `SEGMENT_NOT_FOUND`.
pub fn estimate(tx: &Tx<'_>, draft: &Draft) -> Result<Estimate> {
    audience::check(tx, draft)?;
    let reach = audience::reach(tx, draft.realm, &draft.audience)?;
    let (limits, count) = (limits(tx)?, reach.reachable);
    let is_paid = settings::PAID_BROADCASTS.is_on(tx)?;
    let ceiling = if is_paid { PAID_PER_SECOND } else { FREE_PER_SECOND };
    let seconds = limits.seconds_for(count, ceiling);
    let fast = Limits { per_minute: FREE_PER_SECOND * 60, per_hour: 0 }.seconds_for(count, FREE_PER_SECOND);
    let rate = if seconds > 0 { count / seconds } else { 0 };
    let paid = if is_paid && rate > FREE_OF_STARS { count - count * FREE_OF_STARS / rate } else { 0 };
    let expires = tx.now_ms().0.saturating_add(TOKEN_MS);
    let token = format!("{count}.{expires}.{}", signature(tx, &audience::hash(tx, draft)?, count, expires)?);
    Ok(Estimate { reach, seconds, limits, fastest: (fast < seconds).then_some(fast), stars: (paid + 9) / 10, token })
}

/// Takes an admin's word for a broadcast: the text and audience that `token` was made for, and no more people now than a
/// twentieth and ten above what it says. Audited. Not for broadcasts that have left.
///
/// # Errors
/// `BROADCAST_CONFIRMATION_STALE` with today's count, `BROADCAST_AUDIENCE_EMPTY`.
pub(super) fn confirm(tx: &Tx<'_>, broadcast: &Broadcast, token: &str, by: &Actor) -> Result<()> {
    let now = audience::reach(tx, broadcast.draft.realm, &broadcast.draft.audience)?.reachable;
    let hash = audience::hash(tx, &broadcast.draft)?;
    let stale = Refusal::BroadcastConfirmationStale { count: now };
    let count = verified(tx, &hash, token)?.ok_or(stale.clone())?;
    let confirmation = Confirmation { hash, count };
    let confirmed = Broadcast { confirmed: Some(confirmation.clone()), ..broadcast.clone() };
    if audience::exceeds(&confirmed, now) {
        Err(stale)?;
    }
    // A frozen audience may be settled to the last row; those that are left are what is sent.
    if now == 0 && !broadcast.is_frozen {
        Err(Refusal::BroadcastAudienceEmpty)?;
    }
    store::confirm(tx, broadcast.id, &confirmation, &by.to_string())?;
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

fn verified(tx: &Tx<'_>, hash: &str, token: &str) -> Result<Option<i64>> {
    let mut parts = token.trim().splitn(3, '.');
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (Some(count), Some(expires)) = (number(), number()) else { return Ok(None) };
    let given = parts.next().unwrap_or_default();
    let is_ours = secret::same(given, &signature(tx, hash, count, expires)?);
    let ahead = expires.saturating_sub(tx.now_ms().0);
    // Further ahead than it can have been made: the clock was set back since.
    Ok((is_ours && (0..=TOKEN_MS).contains(&ahead)).then_some(count))
}

fn signature(tx: &Tx<'_>, hash: &str, count: i64, expires: i64) -> Result<String> {
    tx.change(MAKE_KEY, named_params! { ":value": secret::random_token() })?;
    let key: String = tx.get(KEY, [], |row| row.get(0))?;
    Ok(secret::keyed_hash(&key, &format!("broadcast|{hash}|{count}|{expires}")))
}
