//! Freezing: when a broadcast starts, the customers of its audience become rows of its ledger of recipients, once. The
//! steps, each a transaction of its own, in this order:
//!
//! 1. [`clear_for`] deletes rows that were inserted under an earlier confirmation, until none is left;
//! 2. [`left_to_enter`] reads in one snapshot the customers who are not inserted yet;
//! 3. [`enter`] inserts them, [`STEP`] at a time by ascending id;
//! 4. [`frozen`] checks the confirmation once more and lets the broadcast be sent. If step 2 was refused,
//!    [`unbuildable`] ends the broadcast with an error instead.
//!
//! After an interruption these steps start again at step 1; step 2 then reads only customers with ids above the last
//! one inserted. `sender::freeze` runs the steps.

use rusqlite::named_params;
use serde_json::json;

use super::model::{BroadcastId, Counts, Fate, Status};
use super::{audience, confirm, store, transition};
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::UserId;

/// How many customers one call of [`enter`] inserts at most.
pub const STEP: usize = 1_000;

const LAST_ENTERED: &str = "SELECT coalesce(max(user_id), 0) FROM deliveries WHERE broadcast_id = :id";
// A customer whom the bot may not write to gets a row as well: `skipped`, with the reason.
const ENTER: &str = "INSERT INTO deliveries (broadcast_id, user_id, state, class)
    SELECT :id, u.id,
           CASE WHEN u.bot_blocked_at IS NULL AND u.muted_at IS NULL THEN 'queued' ELSE 'skipped' END,
           CASE WHEN u.bot_blocked_at IS NOT NULL THEN 'blocked_bot' WHEN u.muted_at IS NOT NULL THEN 'muted' END
      FROM json_each(:ids) e JOIN users u ON u.id = e.value
     WHERE u.telegram_id > 0 ORDER BY u.id ON CONFLICT (broadcast_id, user_id) DO NOTHING";
const DROP: &str = "DELETE FROM deliveries WHERE broadcast_id = :id AND user_id IN
    (SELECT user_id FROM deliveries WHERE broadcast_id = :id ORDER BY user_id LIMIT 1000)
    RETURNING state";
const QUEUED_AMONG: &str =
    "SELECT count(*) FROM deliveries WHERE broadcast_id = :id AND user_id BETWEEN :first AND :last
    AND state = 'queued'";

/// Prepares freezing: deletes the broadcast's rows of recipients that were inserted under another confirmation, 1,000 a
/// call. Returns `false` while such rows may be left, so call it until it returns `true`; `true` also when the
/// broadcast is not being frozen any more.
pub fn clear_for(tx: &Tx<'_>, id: BroadcastId) -> Result<bool> {
    let broadcast = store::get(tx, id)?;
    let confirmed = broadcast.confirmed.as_ref().map(|confirmed| confirmed.hash.as_str());
    if broadcast.is_frozen || broadcast.status != Status::Sending || broadcast.entered_for.as_deref() == confirmed {
        return Ok(true);
    }
    let dropped: Vec<Fate> = tx.list(DROP, &[(":id", &id)], |row| row.get(0))?;
    if dropped.is_empty() {
        store::set_entered_for(tx, id, confirmed)?;
        return Ok(true);
    }
    let mut gone = Counts::default();
    for fate in dropped {
        *gone.of(fate) -= 1;
    }
    store::count(tx, id, &gone, None)?;
    Ok(false)
}

/// The customers who belong to the audience now, with ids above the last one in the ledger of recipients, by ascending
/// id. Customers whom the bot may not write to are included.
///
/// # Errors
/// `SEGMENT_NOT_FOUND` when the segment was deleted.
pub fn left_to_enter(view: &View<'_>, id: BroadcastId) -> Result<Vec<UserId>> {
    let draft = store::get(view, id)?.draft;
    let mut members = audience::members(view, draft.realm, &draft.audience)?;
    let last: UserId = view.get(LAST_ENTERED, &[(":id", &id)], |row| row.get(0))?;
    Ok(members.split_off(members.partition_point(|user| *user <= last)))
}

/// Inserts `people` (at most [`STEP`], by ascending id) as recipients. Returns `false` and inserts nothing when the
/// broadcast is not being frozen any more.
pub fn enter(tx: &Tx<'_>, id: BroadcastId, people: &[UserId]) -> Result<bool> {
    let broadcast = store::get(tx, id)?;
    if broadcast.is_frozen || broadcast.status != Status::Sending {
        return Ok(false);
    }
    let (Some(first), Some(last)) = (people.first(), people.last()) else { return Ok(true) };
    let among = named_params! { ":id": id, ":first": first, ":last": last };
    let before: i64 = tx.get(QUEUED_AMONG, among, |row| row.get(0))?;
    let all = tx.change(ENTER, named_params! { ":id": id, ":ids": json!(people).to_string() })?;
    let queued: i64 = tx.get::<i64>(QUEUED_AMONG, among, |row| row.get(0))? - before;
    let all = i64::try_from(all).unwrap_or(i64::MAX);
    store::count(tx, id, &Counts { queued, skipped: all - queued, ..Counts::default() }, None)?;
    Ok(true)
}

/// Ends freezing, so that the broadcast may be sent. Pauses the broadcast instead when its confirmation does not match
/// any more or its audience is larger than confirmed; ends it with an error when no recipient can be reached.
pub fn frozen(tx: &Tx<'_>, id: BroadcastId) -> Result<()> {
    let broadcast = store::get(tx, id)?;
    if broadcast.status != Status::Sending || broadcast.is_frozen {
        return Ok(());
    }
    let recipients = broadcast.counts.queued;
    if broadcast.counts.total() == 0 {
        return transition::fail(tx, &broadcast, "empty");
    }
    // The segment may have been edited between the start and the reading of the audience.
    if !confirm::still_stands(tx, &broadcast)? {
        return transition::hold(tx, &broadcast, "changed");
    }
    store::set_frozen(tx, id)?;
    if audience::exceeds(&broadcast, recipients) {
        return transition::hold(tx, &broadcast, "grown");
    }
    if recipients == 0 { transition::fail(tx, &broadcast, "nobody_reachable") } else { Ok(()) }
}

/// Ends a broadcast with an error, because its audience could not be built.
pub fn unbuildable(tx: &Tx<'_>, id: BroadcastId) -> Result<()> {
    let broadcast = store::get(tx, id)?;
    if broadcast.status == Status::Sending { transition::fail(tx, &broadcast, "segment_gone") } else { Ok(()) }
}
