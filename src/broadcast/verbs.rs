//! What people do to broadcasts: write, edit, schedule, hold, let go on, give up, send some rows again. Each verb is
//! one transaction and audited; which may follow which is `rules::next`.

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

// A message that is to be taken back is not corrected on the way.
const DELIVERED: &str = "UPDATE deliveries SET wish = :wish, wish_doubts = 0, wish_doubted_ms = NULL, wish_from_ms = NULL
    WHERE broadcast_id = :id AND state = 'sent'
      AND (wish IS NULL OR :wish = 'recall') AND message_id IS NOT NULL AND recalled_ms IS NULL AND settled_ms > :since AND user_id > :after AND user_id <= :until";
const MENDABLE: &str = "SELECT 1 FROM deliveries WHERE broadcast_id = :id AND state = 'sent' AND message_id IS NOT NULL
    AND recalled_ms IS NULL AND wish IS NOT 'recall' LIMIT 1";
const STEP_END: &str = "SELECT max(user_id), count(*) FROM (SELECT user_id FROM deliveries
    WHERE broadcast_id = :id AND user_id > :after ORDER BY user_id LIMIT 1000)";

/// Telegram lets a bot take a message back for 48 hours.
const RECALL_MS: i64 = 48 * 3600 * 1000;

/// Writes a new draft. Audited without its words.
///
/// # Errors
/// As [`super::estimate`] for a draft that could not be sent.
pub fn create(tx: &Tx<'_>, draft: &Draft, by: &Actor) -> Result<Broadcast> {
    audience::check(tx, draft)?;
    let draft = Draft { title: draft.title.trim().to_owned(), ..draft.clone() };
    let id = store::insert(tx, &draft, &by.to_string())?;
    record(tx, ("create_broadcast", id), Value::Null, facts(&draft), by)?;
    store::get(tx, id)
}

/// Says something else, or to somebody else. Returns it before and after.
///
/// # Errors
/// `BROADCAST_NOT_EDITABLE` once it has left the draft and the schedule, unless Telegram has refused it before anybody got
/// it: then it becomes a draft again and is confirmed anew. Those of [`create`].
pub fn edit(tx: &Tx<'_>, id: BroadcastId, draft: &Draft, by: &Actor) -> Result<(Broadcast, Broadcast)> {
    let before = store::get(tx, id)?;
    let mends = may_be_mended(&before);
    // What somebody has begun to enter into the ledger belongs to what was confirmed.
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
        transition::by_rule(tx, &before, Verb::Mend, transition::Why::default())?;
    }
    record(tx, ("update_broadcast", id), facts(&before.draft), facts(&draft), by)?;
    Ok((before, store::get(tx, id)?))
}

/// Whether recipients have been entered under the confirmation there is. What one that was taken back has left in the
/// ledger goes when it is entered anew.
fn is_entered(broadcast: &Broadcast) -> bool {
    broadcast.is_frozen || broadcast.entered_for.is_some() && broadcast.counts.total() > 0
}

/// Telegram has refused these very words, or this very file, and nothing has been mended since: the next recipient would
/// be lost as the first was. A local file goes up anew, so it may go on.
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

/// A broadcast Telegram has refused before anybody got it may say something else: it becomes a draft again.
pub(super) fn may_be_mended(broadcast: &Broadcast) -> bool {
    let counts = &broadcast.counts;
    refused_still(broadcast).is_some() && counts.sent + counts.unknown + counts.sending == 0
}

/// Keeps with a draft when it is to leave; `None` = whenever it is let go. It leaves only once it is confirmed with
/// [`schedule`], which takes this time when it is given none. Audited.
///
/// # Errors
/// `BROADCAST_NOT_EDITABLE` outside the draft: what waits for its time gets another with [`schedule`]. `VALIDATION_ERROR`
/// for a time that is over.
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

/// Confirms a broadcast with the token of its estimate and gives it a time; `None` = the one kept with it, else now.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`, `BROADCAST_CONFIRMATION_STALE`, `BROADCAST_AUDIENCE_EMPTY`, `VALIDATION_ERROR` for a
/// time that is over.
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

/// Confirms a broadcast and lets it go at once, from wherever it waits: a draft, its schedule, or a hold.
///
/// # Errors
/// As [`schedule`].
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

/// Takes the time away again.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn unschedule(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    // Rows that wait to be sent belong to what was confirmed.
    if is_entered(&before) {
        Err(refused(&before, Verb::Unschedule))?;
    }
    allowed(&before, Verb::Unschedule)?;
    store::set_time(tx, id, None)?;
    by_person(tx, &before, Verb::Unschedule, by)
}

/// Holds a broadcast that is being sent; calls under way end.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn pause(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Pause)?;
    by_person(tx, &before, Verb::Pause, by)
}

/// Lets a held broadcast go on, due now.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`; `BROADCAST_TEXT_INVALID`, `BROADCAST_MEDIA_INVALID` while what Telegram has refused is
/// not mended; `BROADCAST_CONFIRMATION_STALE` when something else, or more people, would be sent than
/// was confirmed: confirm it anew with [`send`].
pub fn resume(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Resume)?;
    refused_still(&before).map_or(Ok(()), Err)?;
    // What is delivered from now on is none of what was to be recalled.
    if bulk_action::is_mending(tx, id)? {
        Err(refused(&before, Verb::Resume))?;
    }
    // How many fit now is looked at when they are entered: more than were confirmed are not written to.
    let left = before.counts.queued;
    if !confirm::stands(tx, &before)? || (before.is_frozen && audience::exceeds(&before, left)) {
        Err(Refusal::BroadcastConfirmationStale { count: left })?;
    }
    store::set_time(tx, id, Some(tx.now()))?;
    by_person(tx, &before, Verb::Resume, by)
}

/// As [`resume`], for whoever manages broadcasts: one held because it was late is an owner's to release.
///
/// # Errors
/// Those of [`resume`]; `OWNER_ONLY`.
pub fn resume_managed(tx: &Tx<'_>, id: BroadcastId, by: &Manager) -> Result<Broadcast> {
    if store::get(tx, id)?.pause_reason == Some(PauseReason::Late) && !by.is_owner() {
        Err(Refusal::OwnerOnly)?;
    }
    resume(tx, id, by.actor())
}

/// Gives a broadcast up. Its queued rows are skipped by [`ledger::skip_canceled`], a step at a time.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION`.
pub fn cancel(tx: &Tx<'_>, id: BroadcastId, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    allowed(&before, Verb::Cancel)?;
    by_person(tx, &before, Verb::Cancel, by)
}

/// The classes whose rows [`retry_failed`] sends again.
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

/// Queues the failed rows of `classes` among the next 1,000 after `after` again and lets the broadcast go on, now. Returns
/// how many, and after whom to go on; `None` = all have been looked at. Whoever fails again meanwhile is not met again.
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

/// Queues rows nobody knows the fate of again: those people may get the message twice. As [`retry_failed`].
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

/// What is done to messages that have been delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amendment {
    /// They are deleted: those younger than 48 hours.
    Recall,
    /// They get this text.
    Correct(String),
}

/// Begins to recall or correct what was delivered: the words of a correction are checked and kept, also for whoever has
/// not got the message yet. Then mark rows with [`mark`]. Nothing is marked here.
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION` while it is being sent or before; `BROADCAST_TEXT_INVALID`.
pub fn wish(tx: &Tx<'_>, id: BroadcastId, wish: &Amendment, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    let verb = if *wish == Amendment::Recall { "recall" } else { "correct" };
    if !matches!(before.status, Status::Paused | Status::Sent | Status::Canceled | Status::Error) {
        Err(Refusal::BroadcastInvalidTransition { verb, status: before.status.as_str() })?;
    }
    // Nobody has it and nobody waits for it: there is nothing to mend, and the words that were sent stay on record.
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
        // Whoever waits for the message gets the new words too, and that is asked for like any other change of them.
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

/// Marks the delivered messages among the next 1,000 recipients after `after`; the sender does the rest. Returns how
/// many were marked and whom to go on after; `None` = all have been looked at.
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

/// Shows a broadcast to one admin in the customers' bot, with their own name and, where it brings a code, an example of
/// one: a test issues nothing. Through the outbox, at once, whatever the broadcast's state.
///
/// # Errors
/// `ADMIN_NOT_FOUND` when this admin has not opened the customers' bot.
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

/// What a code of this template would look like.
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
