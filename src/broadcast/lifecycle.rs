//! The use-cases of broadcasts for people: write, edit, schedule, pause, resume, cancel, send rows again, recall and
//! correct. Each is one transaction and audited; `rules::next` is the table of transitions.

use std::collections::BTreeMap;

use rusqlite::named_params;
use serde_json::{Value, json};

use super::model::{Audience, Broadcast, BroadcastId, Draft, Media, PauseReason, Status};
use super::rules::Verb;
use super::transition::{self, allowed, by_person, record, refused};
use super::{audience, bulk_action, confirm, content, ledger, store, tick};
use crate::actor::Actor;
use crate::clock::{Timestamp, human_date};
use crate::db::{Signal, Tx, View};
use crate::discount::{code, template};
use crate::error::{Refusal, Result};
use crate::ids::{TemplateId, UserId};
use crate::outbox::{self, Letter};
use crate::staff::{Admin, Manager};
use crate::telegram::client::Keyboard;
use crate::{settings, shop, texts, user};

// A message that is already marked for recall is not corrected.
const DELIVERED: &str = "UPDATE deliveries SET wish = :wish, wish_doubts = 0, wish_doubted_ms = NULL, wish_from_ms = NULL
    WHERE broadcast_id = :id AND state = 'sent'
      AND (wish IS NULL OR :wish = 'recall') AND message_id IS NOT NULL AND recalled_ms IS NULL AND settled_ms > :since AND user_id > :after AND user_id <= :until";
const MENDABLE: &str = "SELECT 1 FROM deliveries WHERE broadcast_id = :id AND state = 'sent' AND message_id IS NOT NULL
    AND recalled_ms IS NULL AND wish IS NOT 'recall' LIMIT 1";
const STEP_END: &str = "SELECT max(user_id), count(*) FROM (SELECT user_id FROM deliveries
    WHERE broadcast_id = :id AND user_id > :after ORDER BY user_id LIMIT 1000)";

/// How long Telegram lets a bot delete a message, in milliseconds: 48 hours.
const RECALL_MS: i64 = 48 * 3600 * 1000;

/// Writes a new draft. The audit entry does not hold the draft's text.
///
/// # Errors
/// Those of [`super::estimate`] for a draft that could not be sent.
pub fn create(tx: &Tx<'_>, draft: &Draft, by: &Actor) -> Result<Broadcast> {
    audience::check(tx, draft)?;
    let draft = Draft { title: draft.title.trim().to_owned(), ..draft.clone() };
    let id = store::insert(tx, &draft, &by.to_string())?;
    record(tx, ("create_broadcast", id), Value::Null, facts(&draft), by)?;
    store::get(tx, id)
}

/// Changes the content or the audience of a broadcast. Returns the broadcast before and after.
///
/// # Errors
/// `BROADCAST_NOT_EDITABLE` once it is neither a draft nor scheduled, unless Telegram refused it before anyone got it:
/// then it becomes a draft again and needs a new confirmation. Those of [`create`].
pub fn edit(tx: &Tx<'_>, id: BroadcastId, draft: &Draft, by: &Actor) -> Result<(Broadcast, Broadcast)> {
    let before = store::get(tx, id)?;
    let mends = may_be_mended(&before);
    // Inserted recipients belong to the present confirmation.
    if !mends && (!matches!(before.status, Status::Draft | Status::Scheduled) || is_entered(&before)) {
        Err(Refusal::BroadcastNotEditable { status: before.status.as_str() })?;
    }
    audience::check(tx, draft)?;
    let draft = Draft { title: draft.title.trim().to_owned(), ..draft.clone() };
    if before.draft == draft {
        return Ok((before.clone(), before));
    }
    store::rewrite(tx, id, &draft)?;
    if mends {
        store::reset(tx, id)?;
        // The edit audits itself.
        if !transition::by_rule(tx, &before, Verb::Mend, transition::Why::default())? {
            return Err(store::lost("a paused broadcast"));
        }
    }
    record(tx, ("update_broadcast", id), facts(&before.draft), facts(&draft), by)?;
    Ok((before, store::get(tx, id)?))
}

/// Whether recipients have been inserted under the present confirmation. Rows from a withdrawn confirmation are deleted
/// by the next freezing.
fn is_entered(broadcast: &Broadcast) -> bool {
    broadcast.is_frozen || broadcast.entered_for.is_some() && broadcast.counts.total() > 0
}

/// The refusal to resume a broadcast whose unchanged text or file Telegram has refused: the next recipient would fail
/// as the first did. A local file is uploaded again, so such a broadcast may resume.
pub(super) fn refused_still(broadcast: &Broadcast) -> Option<Refusal> {
    if broadcast.pause_reason != Some(PauseReason::StopRule) {
        return None;
    }
    let what = String::new();
    match (broadcast.note.as_deref(), &broadcast.draft.message.media) {
        (Some("bad_message"), _) => {
            Some(Refusal::BroadcastTextInvalid { field: "body", reason: "broadcast.rule.refused", what })
        }
        (Some("bad_media"), Media::FileId(..)) => {
            Some(Refusal::BroadcastMediaInvalid { reason: "media.refused", what })
        }
        _ => None,
    }
}

/// Whether a broadcast may be edited because Telegram refused it before anyone got it; it then becomes a draft again.
pub(super) fn may_be_mended(broadcast: &Broadcast) -> bool {
    let counts = &broadcast.counts;
    refused_still(broadcast).is_some() && counts.sent + counts.unknown + counts.sending == 0
}

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

fn facts(draft: &Draft) -> Value {
    let audience = match &draft.audience {
        Audience::People(people) => json!({ "people": people.len() }),
        Audience::Segment(id) => json!({ "segment_id": id }),
        Audience::Fitting(filter) => json!({ "filters": filter.to_json() }),
    };
    let length = draft.message.body.chars().count();
    json!({ "title": draft.title, "length": length, "audience": audience, "template_id": draft.message.template })
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
    tick::check_upload(tx, &before)?;
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
    tick::check_upload(tx, &before)?;
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
    if bulk_action::is_mending(tx, id)? {
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

/// Cancels a broadcast. [`ledger::skip_canceled`] skips its queued rows, step by step.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn cancel(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Cancel)?;
    by_person(tx, &before, Verb::Cancel, by)
}

/// The classes of failed rows that [`retry_failed`] sends again.
pub const RETRIABLE: [&str; 9] = [
    "blocked",
    "gone",
    "never_started",
    "chat_gone",
    "not_found",
    "bad_message",
    "bad_media",
    "rejected",
    "server_restart",
];

/// Queues failed rows again (those with one of `classes`, among the next 1,000 after `after`) and resumes the broadcast
/// now. Returns how many rows, and the recipient to continue after; `None` = no rows are left. A row that fails again
/// meanwhile is not queued twice.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn retry_failed(
    tx: &Tx<'_>,
    id: BroadcastId,
    classes: &[String],
    after: UserId,
    by: &Actor,
) -> Result<(i64, Option<UserId>)> {
    requeue(tx, id, by, |tx| ledger::requeue_failed(tx, id, classes, after))
}

/// Queues unknown rows again, in steps as [`retry_failed`] does: those customers may get the message twice.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn resend_unknown(tx: &Tx<'_>, id: BroadcastId, after: UserId, by: &Actor) -> Result<(i64, Option<UserId>)> {
    requeue(tx, id, by, |tx| ledger::requeue_unknown(tx, id, after))
}

fn requeue(
    tx: &Tx<'_>,
    id: BroadcastId,
    by: &Actor,
    take: impl FnOnce(&Tx<'_>) -> Result<ledger::Requeued>,
) -> Result<(i64, Option<UserId>)> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Requeue)?;
    let (counts, last) = take(tx)?;
    store::count(tx, id, &counts, None)?;
    if counts.queued > 0 && matches!(before.status, Status::Sent | Status::Error) {
        store::set_time(tx, id, Some(tx.now()))?;
        by_person(tx, &before, Verb::Requeue, by)?;
    }
    tx.signal(Signal::Broadcasts);
    Ok((counts.queued, last))
}

/// A change to delivered messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amendment {
    /// Delete the messages, if they are younger than 48 hours.
    Recall,
    /// Replace the messages' text with this one.
    Correct(String),
}

/// Begins a recall or correction of delivered messages: checks and stores the text of a correction, which recipients
/// who are still queued get, too. Then mark the rows with [`mark`]; this function marks none.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION` while it is being sent or before; `BROADCAST_TEXT_INVALID`.
pub fn wish(tx: &Tx<'_>, id: BroadcastId, wish: &Amendment, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    let verb = if *wish == Amendment::Recall { "recall" } else { "correct" };
    if !matches!(before.status, Status::Paused | Status::Sent | Status::Canceled | Status::Error) {
        Err(Refusal::BroadcastInvalidTransition { verb, status: before.status.as_str() })?;
    }
    // Nobody has the message and nobody is queued: there is nothing to correct, and the text that was sent stays
    // stored.
    if before.counts.queued == 0 && tx.find(MENDABLE, &[(":id", &id)], |_| Ok(()))?.is_none() {
        Err(Refusal::BroadcastInvalidTransition { verb, status: before.status.as_str() })?;
    }
    if let Amendment::Correct(body) = wish {
        let mut after = before.draft.clone();
        body.clone_into(&mut after.message.body);
        content::check(&after.message)?;
        store::set_body(tx, id, body)?;
        if *body != before.draft.message.body {
            store::clear_note(tx, id)?;
        }
        // Queued recipients get the new text, too, so it needs a new confirmation like any other change.
        let agreed = before.confirmed.as_ref().filter(|_| before.counts.queued == 0);
        if let (Some(confirmed), true) = (agreed, confirm::stands(tx, &before)?) {
            let hash = audience::hash(tx, &after)?;
            store::confirm(tx, id, &super::model::Confirmation { hash, count: confirmed.count }, &by.to_string())?;
        }
    }
    let action = if *wish == Amendment::Recall { "recall_broadcast" } else { "correct_broadcast" };
    record(tx, (action, id), Value::Null, json!({ "sent": before.counts.sent }), by)?;
    store::get(tx, id)
}

/// Marks for recall or correction the delivered messages among the next 1,000 recipients after `after`; the sender
/// edits them. Returns how many were marked and the recipient to continue after; `None` = no rows are left.
pub fn mark(tx: &Tx<'_>, id: BroadcastId, wish: &Amendment, after: UserId) -> Result<(usize, Option<UserId>)> {
    let (until, looked): (Option<UserId>, i64) =
        tx.get(STEP_END, named_params! { ":id": id, ":after": after }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(until) = until.filter(|_| looked > 0) else { return Ok((0, None)) };
    let (word, since) = match wish {
        Amendment::Recall => ("recall", tx.now_ms().0 - RECALL_MS),
        Amendment::Correct(_) => ("correct", 0),
    };
    let params = named_params! { ":id": id, ":wish": word, ":since": since, ":after": after, ":until": until };
    let marked = tx.change(DELIVERED, params)?;
    tx.signal(Signal::Broadcasts);
    Ok((marked, Some(until)))
}

/// Sends a test of a broadcast to one admin in the customer bot, with the admin's name and, if it brings a code, an
/// example code: a test issues nothing. Through the outbox, at once, in any status.
///
/// # Errors
/// `ADMIN_NOT_FOUND` when this admin has not started the customer bot.
pub fn test(tx: &Tx<'_>, id: BroadcastId, admin: &Admin, by: &Actor) -> Result<()> {
    let broadcast = store::get(tx, id)?;
    let (realm, message) = (broadcast.draft.realm, &broadcast.draft.message);
    let reader = user::find_by_telegram(tx, realm, admin.telegram_id)?;
    let reader = reader.ok_or_else(|| Refusal::AdminUnreached(admin.name.clone()))?;
    let example = message.template.map(|template| example(tx, template)).transpose()?.unwrap_or_default();
    let (name, fact) = (reader.display_name(), |of: &str| example.get(of).cloned().unwrap_or_default());
    let first = reader.salutation();
    let facts = ["discount_code", "discount_value", "discount_expires_at", "discount_title"].map(|of| (of, fact(of)));
    let own = [("first_name", first.as_str()), ("display_name", name.as_str())];
    let values: Vec<texts::Placeholder<'_>> =
        own.into_iter().chain(facts.iter().map(|(of, value)| (*of, value.as_str()))).collect();
    let html = texts::fill(tx, &message.body, &values)?;
    let payload = content::letter(tx, message, html)?;
    let letter =
        Letter { payload, ..Letter::automatic(realm.customer_bot(), admin.telegram_id, String::new(), Keyboard::None) };
    outbox::enqueue(tx, &letter)?;
    record(tx, ("test_broadcast", id), Value::Null, json!({ "admin_id": admin.id }), by)
}

/// The placeholder values of an example code of this template.
fn example(view: &View<'_>, id: TemplateId) -> Result<BTreeMap<&'static str, String>> {
    let Some(template) = template::find(view, id)? else { return Ok(BTreeMap::new()) };
    let end = view.zone().end_of_validity(view.now(), template.duration_days);
    let prefix = settings::CODE_PREFIX.text(view)?.unwrap_or_default();
    Ok(BTreeMap::from([
        ("discount_code", format!("{prefix}{}", code::EXAMPLE)),
        ("discount_value", template.value.shown(&shop::currency(view)?)),
        ("discount_expires_at", human_date(view.zone().last_day(end))),
        ("discount_title", template.title),
    ]))
}
