//! What admins do to a broadcast that was sent: they recall or correct delivered messages, and send the message again
//! to recipients whose row is `failed` or `unknown`. One call handles up to 1,000 rows, so that no transaction grows
//! with the audience; `bulk_action` repeats the calls.

use rusqlite::named_params;
use serde_json::{Value, json};

use super::model::{Broadcast, BroadcastId, Confirmation, Status};
use super::rules::Verb;
use super::transition::{allowed, by_person, record};
use super::{audience, confirm, content, ledger, store};
use crate::actor::Actor;
use crate::db::{Signal, Tx};
use crate::error::{Refusal, Result};
use crate::ids::UserId;

// A message that is already marked for recall is not corrected.
const MARK_DELIVERED: &str = "UPDATE deliveries SET wish = :wish, wish_doubts = 0, wish_doubted_ms = NULL, wish_from_ms = NULL
    WHERE broadcast_id = :id AND state = 'sent'
      AND (wish IS NULL OR :wish = 'recall') AND message_id IS NOT NULL AND recalled_ms IS NULL AND settled_ms > :since AND user_id > :after AND user_id <= :until";
const AMENDABLE: &str =
    "SELECT 1 FROM deliveries WHERE broadcast_id = :id AND state = 'sent' AND message_id IS NOT NULL
    AND recalled_ms IS NULL AND wish IS NOT 'recall' LIMIT 1";
const STEP_END: &str = "SELECT max(user_id), count(*) FROM (SELECT user_id FROM deliveries
    WHERE broadcast_id = :id AND user_id > :after ORDER BY user_id LIMIT 1000)";

/// How long Telegram lets a bot delete a message, in milliseconds: 48 hours.
const RECALL_MS: i64 = 48 * 3600 * 1000;

/// The classes (meanings of Telegram's answer) of the failed rows that [`retry_failed`] may send again.
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

/// Queues failed rows again (those with one of `classes`, among the next 1,000 after the recipient `after`) and
/// schedules an ended broadcast for now. Returns how many rows were queued, and the recipient to continue after, or
/// `None` when no rows are left. A row that fails again before the last step is not queued a second time, because the
/// steps only go forward.
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

/// Queues unknown rows again, in steps as [`retry_failed`] does. These recipients may get the message twice.
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
    /// Delete those messages that are younger than 48 hours.
    Recall,
    /// Replace the text of the messages by this text.
    Correct(String),
}

/// Begins a recall or correction of delivered messages: checks and stores the text of a correction, which recipients
/// who are still queued get, too. This function marks no rows; the caller then marks them with [`mark_for_amendment`].
///
/// # Errors
/// `BROADCAST_INVALID_TRANSITION` before the broadcast is sent, while it is being sent, or when there is no message to
/// recall or correct; `BROADCAST_TEXT_INVALID`.
pub fn begin_amendment(tx: &Tx<'_>, id: BroadcastId, amendment: &Amendment, by: &Actor) -> Result<Broadcast> {
    let before = store::get(tx, id)?;
    let verb = if *amendment == Amendment::Recall { "recall" } else { "correct" };
    if !matches!(before.status, Status::Paused | Status::Sent | Status::Canceled | Status::Error) {
        Err(Refusal::BroadcastInvalidTransition { verb, status: before.status.as_str() })?;
    }
    // No recipient has the message and none is queued: there is nothing to correct, and the stored text remains the one
    // that was sent.
    if before.counts.queued == 0 && tx.find(AMENDABLE, &[(":id", &id)], |_| Ok(()))?.is_none() {
        Err(Refusal::BroadcastInvalidTransition { verb, status: before.status.as_str() })?;
    }
    if let Amendment::Correct(body) = amendment {
        let mut after = before.draft.clone();
        body.clone_into(&mut after.message.body);
        content::check(&after.message)?;
        store::set_body(tx, id, body)?;
        if *body != before.draft.message.body {
            store::clear_note(tx, id)?;
        }
        // A correction without queued recipients keeps the broadcast confirmed. With queued recipients, who get the new
        // text, it needs a new confirmation like any other change.
        let agreed = before.confirmed.as_ref().filter(|_| before.counts.queued == 0);
        if let (Some(confirmed), true) = (agreed, confirm::stands(tx, &before)?) {
            let hash = audience::hash(tx, &after)?;
            store::confirm(tx, id, &Confirmation { hash, count: confirmed.count }, &by.to_string())?;
        }
    }
    let action = if *amendment == Amendment::Recall { "recall_broadcast" } else { "correct_broadcast" };
    record(tx, (action, id), Value::Null, json!({ "sent": before.counts.sent }), by)?;
    store::get(tx, id)
}

/// Marks for recall or correction the delivered messages among the next 1,000 recipients after `after`; the sender then
/// calls Telegram for each. Returns how many were marked and the recipient to continue after; `None` = no rows are
/// left.
pub fn mark_for_amendment(
    tx: &Tx<'_>,
    id: BroadcastId,
    amendment: &Amendment,
    after: UserId,
) -> Result<(usize, Option<UserId>)> {
    let (until, looked): (Option<UserId>, i64) =
        tx.get(STEP_END, named_params! { ":id": id, ":after": after }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(until) = until.filter(|_| looked > 0) else { return Ok((0, None)) };
    let (word, since) = match amendment {
        Amendment::Recall => ("recall", tx.shop_ms().0 - RECALL_MS),
        Amendment::Correct(_) => ("correct", 0),
    };
    let params = named_params! { ":id": id, ":wish": word, ":since": since, ":after": after, ":until": until };
    let marked = tx.change(MARK_DELIVERED, params)?;
    tx.signal(Signal::Broadcasts);
    Ok((marked, Some(until)))
}
