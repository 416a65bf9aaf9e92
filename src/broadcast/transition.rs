//! The only code that changes a broadcast's status. `rules::next` gives the new status. The row is changed only if it
//! still has the status with which it was read. Changes by a person are recorded in the audit log; of changes by the
//! sender's rules admins are told.

use serde_json::{Value, json};

use super::model::{Broadcast, BroadcastId, PauseReason, Status};
use super::rules::{Verb, may_be_mended, next, refused_still};
use super::store;
use crate::actor::Actor;
use crate::audit;
use crate::db::{Signal, Tx};
use crate::error::{Refusal, Result};
use crate::staff::{self, Group};
use crate::texts;

/// The reason for a status change by a rule, as stored in the broadcast's row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Why<'a> {
    pub(super) reason: Option<PauseReason>,
    pub(super) note: Option<&'a str>,
}

/// The status that the broadcast has after `verb`.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub(super) fn allowed(broadcast: &Broadcast, verb: Verb) -> Result<Status> {
    Ok(next(broadcast.status, verb).ok_or_else(|| refused(broadcast, verb))?)
}

/// The refusal when the broadcast's status does not allow `verb`.
pub(super) fn refused(broadcast: &Broadcast, verb: Verb) -> Refusal {
    Refusal::BroadcastInvalidTransition { verb: verb.as_str(), status: broadcast.status.as_str() }
}

/// Changes the status of a broadcast for a person. Records that in the audit log and wakes the sender.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub(super) fn by_person(tx: &Tx<'_>, before: &Broadcast, verb: Verb, by: &Actor) -> Result<Broadcast> {
    let reason = (verb == Verb::Pause).then_some(PauseReason::Admin);
    let change = store::StatusChange { status: allowed(before, verb)?, reason, note: None };
    if !store::set_status(tx, before, &change)? {
        return Err(store::lost("a broadcast"));
    }
    let after = store::get(tx, before.id)?;
    let facts = |b: &Broadcast| json!({ "status": b.status.as_str(), "send_at": b.send_at.map(|at| at.to_string()) });
    record(tx, (action(verb), before.id), facts(before), facts(&after), by)?;
    tx.signal(Signal::Broadcasts);
    Ok(after)
}

/// Changes the status of a broadcast without an audit entry: by a rule of the sender, or for an edit, which writes its
/// own entry. Admins are told of every end and every pause. Returns `false` and changes nothing when the status does
/// not allow `verb` or was changed since `broadcast` was read.
pub(super) fn by_rule(tx: &Tx<'_>, broadcast: &Broadcast, verb: Verb, why: Why<'_>) -> Result<bool> {
    let Some(status) = next(broadcast.status, verb) else { return Ok(false) };
    if !store::set_status(tx, broadcast, &store::StatusChange { status, reason: why.reason, note: why.note })? {
        return Ok(false);
    }
    // The broadcast is read again: the counters may have changed since `broadcast` was read.
    let after = store::get(tx, broadcast.id)?;
    if let Some(text) = text(verb, &after) {
        tell(tx, &after, text, why.note.unwrap_or_default())?;
    }
    tx.signal(Signal::Broadcasts);
    Ok(true)
}

/// Pauses a broadcast that is too late, differs from its confirmation or comes from a restored backup; admins are told.
pub(super) fn hold(tx: &Tx<'_>, broadcast: &Broadcast, note: &str) -> Result<()> {
    by_rule(tx, broadcast, Verb::Hold, Why { reason: Some(PauseReason::Late), note: Some(note) }).map(drop)
}

/// Ends a broadcast with an error, because its audience is empty or cannot be built, or because no recipient got the
/// message. Admins are told.
pub(super) fn fail(tx: &Tx<'_>, broadcast: &Broadcast, note: &str) -> Result<()> {
    by_rule(tx, broadcast, Verb::Fail, Why { reason: None, note: Some(note) }).map(drop)
}

/// The key of the text that tells admins of the change; `None` = admins are not told of it.
fn text(verb: Verb, after: &Broadcast) -> Option<&'static str> {
    match verb {
        Verb::Hold => Some("broadcast_held"),
        Verb::Fail => Some("broadcast_failed"),
        Verb::Finish => Some("broadcast_finished"),
        Verb::Pause => Some(match (refused_still(after).is_some(), may_be_mended(after)) {
            (_, true) => "broadcast_refused_unread",
            (true, false) => "broadcast_refused_read",
            (false, false) => "broadcast_stopped",
        }),
        Verb::Schedule | Verb::Unschedule | Verb::Begin | Verb::Mend | Verb::Resume | Verb::Cancel | Verb::Requeue => {
            None
        }
    }
}

fn tell(tx: &Tx<'_>, broadcast: &Broadcast, key: &str, note: &str) -> Result<()> {
    let (id, counts) = (broadcast.id.to_string(), &broadcast.counts);
    let reason = if note.is_empty() { String::new() } else { texts::caption(tx, &format!("broadcast.why.{note}"))? };
    // Skipped recipients do not count among those who were meant to get the message.
    let meant = counts.total() - counts.skipped;
    let numbers = [counts.sent, counts.failed, counts.unknown, counts.skipped, meant].map(|n| n.to_string());
    let [sent, failed, unknown, skipped, total] = &numbers;
    let values = [
        ("broadcast", &*id),
        ("title", &*broadcast.draft.title),
        ("reason", &*reason),
        ("sent", sent),
        ("failed", failed),
        ("unknown", unknown),
        ("skipped", skipped),
        ("total", total),
    ];
    staff::tell_admins(tx, broadcast.draft.realm, Group::Broadcasts, key, &values, None)
}

const fn action(verb: Verb) -> &'static str {
    match verb {
        Verb::Schedule => "schedule_broadcast",
        Verb::Unschedule => "unschedule_broadcast",
        Verb::Begin => "begin_broadcast",
        Verb::Hold | Verb::Pause => "pause_broadcast",
        Verb::Mend => "update_broadcast",
        Verb::Resume => "resume_broadcast",
        Verb::Finish => "finish_broadcast",
        Verb::Fail => "fail_broadcast",
        Verb::Cancel => "cancel_broadcast",
        Verb::Requeue => "requeue_broadcast",
    }
}

/// Records an action on a broadcast in the audit log.
pub(super) fn record(
    tx: &Tx<'_>,
    (action, id): (&'static str, BroadcastId),
    before: Value,
    after: Value,
    by: &Actor,
) -> Result<()> {
    let entity_id = id.to_string();
    audit::record(tx, &audit::Entry { actor: by, action, entity: "broadcast", entity_id, before, after })
}
