//! What admins do with a broadcast that is written: plan, schedule, send, pause, resume, cancel. Each use-case checks
//! its own conditions; `transition` changes the status.

use serde_json::json;

use super::model::{Broadcast, BroadcastId, PauseReason, Status};
use super::rules::{Verb, is_entered, refused_still};
use super::transition::{allowed, by_person, record, refused};
use super::{audience, confirm, media, store};
use crate::actor::Actor;
use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};
use crate::staff::Manager;

/// Stores the planned time of a draft; `None` removes it. The time alone sends nothing: the draft needs a confirmation
/// with [`schedule`], which uses the planned time unless it is given another one. Recorded in the audit log.
///
/// # Errors
/// `BROADCAST_NOT_EDITABLE` when the broadcast is not a draft: a scheduled broadcast gets a new time with [`schedule`].
/// `VALIDATION_ERROR` for a time in the past.
pub fn plan(tx: &Tx<'_>, id: BroadcastId, at: Option<Timestamp>, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    if before.send_at == at {
        return Ok(before);
    }
    if before.status != Status::Draft {
        Err(Refusal::BroadcastNotEditable { status: before.status.as_str() })?;
    }
    to_come(tx, at)?;
    store::set_time(tx, id, at)?;
    let told = |at: Option<Timestamp>| json!({ "send_at": at.map(|at| at.to_string()) });
    record(tx, ("update_broadcast", id), told(before.send_at), told(at), by)?;
    store::get(tx, id)
}

fn to_come(view: &View<'_>, at: Option<Timestamp>) -> Result<()> {
    match at.filter(|at| *at < view.now()) {
        Some(at) => Err(Refusal::Validation { field: "send_at", value: at.to_string(), rule: "broadcast.rule.past" })?,
        None => Ok(()),
    }
}

/// Confirms a broadcast with the token of its estimate and schedules it for `at`; `None` = for the planned time, or for
/// now when no time is planned.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`, `BROADCAST_CONFIRMATION_STALE`, `BROADCAST_AUDIENCE_EMPTY`, `VALIDATION_ERROR` for a
/// time in the past.
pub fn schedule(tx: &Tx<'_>, id: BroadcastId, at: Option<Timestamp>, token: &str, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Schedule)?;
    let kept = before.send_at.filter(|_| matches!(before.status, Status::Draft | Status::Scheduled));
    let at = at.or(kept);
    to_come(tx, at)?;
    audience::check(tx, &before.draft)?;
    media::check_upload(tx, &before)?;
    confirm::confirm(tx, &before, token, by)?;
    store::set_time(tx, id, Some(at.unwrap_or(tx.now())))?;
    by_person(tx, &before, Verb::Schedule, by)
}

/// Confirms a broadcast and sends it at once: a draft, a scheduled or a paused one.
///
/// # Errors
/// Those of [`schedule`].
pub fn send(tx: &Tx<'_>, id: BroadcastId, token: &str, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    let verb = if before.status == Status::Paused { Verb::Resume } else { Verb::Schedule };
    allowed(&before, verb)?;
    refused_still(&before).map_or(Ok(()), Err)?;
    audience::check(tx, &before.draft)?;
    media::check_upload(tx, &before)?;
    confirm::confirm(tx, &before, token, by)?;
    store::set_time(tx, id, Some(tx.now()))?;
    by_person(tx, &before, verb, by)
}

/// Takes a broadcast off the schedule: it becomes a draft again, without a planned time.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn unschedule(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    // Recipients who are in the ledger already were entered under the present confirmation, so the broadcast must not
    // become a draft.
    if is_entered(&before) {
        Err(refused(&before, Verb::Unschedule))?;
    }
    allowed(&before, Verb::Unschedule)?;
    store::set_time(tx, id, None)?;
    by_person(tx, &before, Verb::Unschedule, by)
}

/// Pauses a broadcast that is being sent. Calls to Telegram that are under way still finish.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn pause(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Pause)?;
    by_person(tx, &before, Verb::Pause, by)
}

/// Resumes a paused broadcast: it is scheduled for now.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`, also while delivered messages are being recalled or corrected;
/// `BROADCAST_TEXT_INVALID` or `BROADCAST_MEDIA_INVALID` while the content is still the one that Telegram refused;
/// `BROADCAST_CONFIRMATION_STALE` when the content changed or more customers would get it than were confirmed: it must
/// be confirmed again with [`send`].
pub fn resume(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Resume)?;
    refused_still(&before).map_or(Ok(()), Err)?;
    // The pending bulk action must not recall or correct messages that are delivered from now on.
    if store::is_amending(tx, id)? {
        Err(refused(&before, Verb::Resume))?;
    }
    // An audience that is not frozen yet is counted at freezing, which pauses the broadcast if the audience is larger
    // than confirmed.
    let left = before.counts.queued;
    if !confirm::stands(tx, &before)? || (before.is_frozen && audience::exceeds(&before, left)) {
        Err(Refusal::BroadcastConfirmationStale { count: left })?;
    }
    store::set_time(tx, id, Some(tx.now()))?;
    by_person(tx, &before, Verb::Resume, by)
}

/// Resumes a paused broadcast for a manager. Only an owner may resume a broadcast with the pause reason `late`.
///
/// # Errors
/// Those of [`resume`]; `OWNER_ONLY`.
pub fn resume_managed(tx: &Tx<'_>, id: BroadcastId, by: &Manager) -> Result<Broadcast> {
    if store::get(tx, id)?.pause_reason == Some(PauseReason::Late) && !by.is_owner() {
        Err(Refusal::OwnerOnly)?;
    }
    resume(tx, id, by.actor())
}

/// Cancels a broadcast. The sender then marks its queued rows as skipped, step by step, with [`super::skip_canceled`].
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn cancel(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Cancel)?;
    by_person(tx, &before, Verb::Cancel, by)
}
