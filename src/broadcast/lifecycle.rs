//! The way of a broadcast after its draft, as admins decide it: plan, schedule, send, pause, resume, cancel. Each
//! use-case checks what its step needs; `transition` changes the status.

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

/// Stores the planned time of a draft; `None` = no planned time. It is sent only after a confirmation with
/// [`schedule`], which uses the planned time when it is given none. Audited.
///
/// # Errors
/// `BROADCAST_NOT_EDITABLE` outside the draft: a scheduled broadcast gets a new time with [`schedule`].
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

/// Confirms a broadcast with the token of its estimate and schedules it; `None` = at the planned time, else now.
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

/// Takes a broadcast off the schedule; it is a draft again.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn unschedule(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    // Inserted recipients belong to the present confirmation.
    if is_entered(&before) {
        Err(refused(&before, Verb::Unschedule))?;
    }
    allowed(&before, Verb::Unschedule)?;
    store::set_time(tx, id, None)?;
    by_person(tx, &before, Verb::Unschedule, by)
}

/// Pauses a broadcast that is being sent; calls in flight end.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn pause(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Pause)?;
    by_person(tx, &before, Verb::Pause, by)
}

/// Resumes a paused broadcast, due now.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`; `BROADCAST_TEXT_INVALID`, `BROADCAST_MEDIA_INVALID` until content that Telegram
/// refused is changed; `BROADCAST_CONFIRMATION_STALE` when the content changed or more customers would get it than were
/// confirmed: confirm it again with [`send`].
pub fn resume(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Resume)?;
    refused_still(&before).map_or(Ok(()), Err)?;
    // Messages delivered from now on must not be recalled by the pending bulk action.
    if store::is_amending(tx, id)? {
        Err(refused(&before, Verb::Resume))?;
    }
    // The present audience is counted when it is frozen: the broadcast stops when it is larger than confirmed.
    let left = before.counts.queued;
    if !confirm::stands(tx, &before)? || (before.is_frozen && audience::exceeds(&before, left)) {
        Err(Refusal::BroadcastConfirmationStale { count: left })?;
    }
    store::set_time(tx, id, Some(tx.now()))?;
    by_person(tx, &before, Verb::Resume, by)
}

/// Resumes a paused broadcast for a manager: only an owner may resume one that was paused because it was late.
///
/// # Errors
/// Those of [`resume`]; `OWNER_ONLY`.
pub fn resume_managed(tx: &Tx<'_>, id: BroadcastId, by: &Manager) -> Result<Broadcast> {
    if store::get(tx, id)?.pause_reason == Some(PauseReason::Late) && !by.is_owner() {
        Err(Refusal::OwnerOnly)?;
    }
    resume(tx, id, by.actor())
}

/// Cancels a broadcast. [`super::skip_canceled`] skips its queued rows, step by step.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn cancel(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Cancel)?;
    by_person(tx, &before, Verb::Cancel, by)
}
