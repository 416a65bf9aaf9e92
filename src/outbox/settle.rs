//! Stores what happens to a letter after the call that sent it; `crate::retry` decides.

use rusqlite::named_params;

use super::{Claimed, Lane, ORPHANS, Payload, outage, signal};
use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::retry::{self, MessageKind, Next, Past, Tried};
use crate::telegram::reply::{Class, is_message_to_edit_missing};
use crate::user;

const SETTLE: &str =
    "UPDATE outbox SET state = :state, message_id = :message_id, class = :class, error = :error, settled_ms = :now,
        doubts = doubts + :doubts, payload = iif(:keeps_words, payload, '{\"kind\":\"gone\"}')
    WHERE id = :id AND state = 'sending'";
const REQUEUE: &str =
    "UPDATE outbox SET state = 'queued', attempt = attempt - :uncounted, not_before_ms = :at, class = :class,
        error = :error, doubts = doubts + :doubts,
        doubted_ms = iif(:doubts, coalesce(doubted_ms, :now), doubted_ms)
    WHERE id = :id AND state = 'sending'";
const REPLACED: &str =
    "UPDATE outbox SET state = 'failed', class = 'replaced', settled_ms = :now, doubts = doubts + :doubts,
        payload = '{\"kind\":\"gone\"}' WHERE id = :id AND state = 'sending'";
const AS_NEW: &str =
    "UPDATE outbox SET state = 'queued', attempt = attempt - 1, not_before_ms = :now, kind = :kind, payload = :payload,
        edits = NULL, class = :class, error = :error
    WHERE id = :id AND state = 'sending'";
const PAST: &str = "SELECT doubts, doubted_ms FROM outbox WHERE id = :id AND state = 'sending'";
const NEWER: &str = "SELECT 1 FROM outbox WHERE bot = :bot AND chat_id = :chat AND edits = :edits AND id > :id LIMIT 1";
const HOLD: &str = "UPDATE outbox SET state = 'unknown', class = :class, error = :why, settled_ms = :now,
        payload = '{\"kind\":\"gone\"}'
    WHERE state IN ('queued', 'sending')";

/// What happened to a letter after its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The letter was delivered; or there is nothing left to deliver, because its recipient was erased or a newer edit
    /// replaced it.
    Over,
    /// The letter waits for another attempt.
    Waits,
    /// Telegram refused the letter, and not because of the recipient.
    Refused,
    /// Telegram does not let the bot write to this recipient.
    Unreachable,
    /// It is unknown whether the letter was delivered, and the time limit for trying again is over.
    GivenUp,
}

/// Stores Telegram's answer to a letter: sent, failed for good, back in the queue, or given up. A letter that was given
/// up, or refused for a reason other than its recipient, keeps its content for a week, so that it can be sent again on
/// command.
pub fn settle(tx: &Tx<'_>, letter: &Claimed, class: &Class, error: Option<&str>) -> Result<Settled> {
    if letter.bot.is_for_customers() && matches!(class, Class::Blocked | Class::Gone) {
        user::bot_blocked(tx, letter.bot.realm(), letter.chat)?;
    }
    let Some(past) = past(tx, letter)? else { return Ok(Settled::Over) };
    let why = (class, error);
    match retry::next(*class, kind(letter.lane, &letter.payload), past) {
        Next::Done => finish(tx, letter, ("sent", false), why).map(|()| Settled::Over),
        // The message is gone, or too old to be deleted: its reader lacks nothing.
        Next::Refused | Next::GiveUp if is_deletion(letter) => replaced(tx, letter, class).map(|()| Settled::Over),
        Next::Refused if is_gone_edit(letter, error) => send_as_new(tx, letter, why).map(|()| Settled::Waits),
        Next::Refused => {
            let mendable = matches!(class, Class::BadMessage | Class::BadMedia | Class::Rejected);
            finish(tx, letter, ("failed", mendable), why)?;
            Ok(if mendable { Settled::Refused } else { Settled::Unreachable })
        }
        Next::GiveUp | Next::Again { .. } if is_outdated(tx, letter)? => {
            replaced(tx, letter, class).map(|()| Settled::Over)
        }
        Next::GiveUp => finish(tx, letter, ("unknown", true), why).map(|()| Settled::GivenUp),
        Next::Again { after_ms, tried } => {
            let after_ms = after_ms.max(closed_for_ms(letter, class));
            requeue(tx, letter, (after_ms, tried), Some(why)).map(|()| Settled::Waits)
        }
    }
}

/// The kind of the message, which decides how long the message is tried: a code is tried for longer than a textual
/// reply.
const fn kind(lane: Lane, payload: &Payload) -> MessageKind {
    match (payload, lane) {
        (Payload::Edit { .. } | Payload::Delete { .. }, _) => MessageKind::Amendment,
        (Payload::QrPhoto { .. } | Payload::Upload { .. } | Payload::Export { .. }, _) | (_, Lane::Automatic) => {
            MessageKind::Notice
        }
        (_, Lane::Reply) => MessageKind::Answer,
    }
}

const fn is_deletion(letter: &Claimed) -> bool {
    matches!(letter.payload, Payload::Delete { .. })
}

/// For how long a deletion waits after a 429: the rate limiter holds back only the messages of a lane, not a method.
fn closed_for_ms(letter: &Claimed, class: &Class) -> i64 {
    match class {
        Class::RetryAfter(seconds) if is_deletion(letter) => i64::try_from(*seconds).unwrap_or(i64::MAX / 1000) * 1000,
        _ => 0,
    }
}

/// The attempts to send the letter so far; `None` when the row is no longer in the state `sending`.
fn past(view: &View<'_>, letter: &Claimed) -> Result<Option<Past>> {
    let found = view.find(PAST, named_params! { ":id": letter.id }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((doubts, since)): Option<(i64, Option<Millis>)> = found else { return Ok(None) };
    let doubted_for_ms = outage::doubted_for_ms(view, letter.bot, since)?;
    Ok(Some(Past { attempts: letter.attempt, doubts, doubted_for_ms }))
}

/// Whether Telegram refused an edit because the message no longer exists or cannot be edited.
fn is_gone_edit(letter: &Claimed, error: Option<&str>) -> bool {
    matches!(letter.payload, Payload::Edit { .. }) && error.is_some_and(is_message_to_edit_missing)
}

/// Whether a newer edit of the same message exists: an older edit is never sent after a newer one.
fn is_outdated(view: &View<'_>, letter: &Claimed) -> Result<bool> {
    let Payload::Edit { message_id, .. } = &letter.payload else { return Ok(false) };
    let params = named_params! { ":bot": letter.bot, ":chat": letter.chat, ":edits": message_id, ":id": letter.id };
    Ok(view.find(NEWER, params, |_| Ok(()))?.is_some())
}

fn finish(
    tx: &Tx<'_>,
    letter: &Claimed,
    (state, keeps_words): (&str, bool),
    (class, error): (&Class, Option<&str>),
) -> Result<()> {
    let message_id = if let Class::Sent { message_id } = class { *message_id } else { None };
    tx.change(
        SETTLE,
        named_params! {
            ":id": letter.id, ":state": state, ":message_id": message_id, ":class": class.as_str(), ":error": error,
            ":now": tx.now_ms(), ":keeps_words": keeps_words, ":doubts": is_doubtful(class),
        },
    )?;
    // The sender looks for letters again: the next letter of this chat may be claimed now.
    tx.signal(signal(letter.bot, letter.lane));
    Ok(())
}

/// Settles an edit that a newer edit has replaced.
fn replaced(tx: &Tx<'_>, letter: &Claimed, class: &Class) -> Result<()> {
    let params = named_params! { ":id": letter.id, ":doubts": is_doubtful(class), ":now": tx.now_ms() };
    tx.change(REPLACED, params)?;
    tx.signal(signal(letter.bot, letter.lane));
    Ok(())
}

const fn is_doubtful(class: &Class) -> bool {
    matches!(class, Class::Unknown | Class::ServerRestart)
}

fn requeue(
    tx: &Tx<'_>,
    letter: &Claimed,
    (after_ms, tried): (i64, Tried),
    why: Option<(&Class, Option<&str>)>,
) -> Result<()> {
    tx.change(
        REQUEUE,
        named_params! {
            ":id": letter.id, ":uncounted": tried == Tried::Not, ":at": tx.now_ms().plus(after_ms), ":now": tx.now_ms(),
            ":doubts": tried == Tried::Doubtful, ":class": why.map(|(class, _)| class.as_str()),
            ":error": why.and_then(|(_, error)| error),
        },
    )?;
    // The sender looks for letters again: later letters of this chat may be sent while this letter waits after a
    // doubtful attempt.
    tx.signal(signal(letter.bot, letter.lane));
    Ok(())
}

/// Turns an edit into a new message with the same text, because the message to be edited no longer exists.
fn send_as_new(tx: &Tx<'_>, letter: &Claimed, (class, error): (&Class, Option<&str>)) -> Result<()> {
    let Payload::Edit { html, keyboard, .. } = &letter.payload else { return Ok(()) };
    let new = Payload::text(html.clone(), keyboard.clone());
    let payload = serde_json::to_string(&new).map_err(|e| crate::db::Failure::Internal(e.to_string()))?;
    tx.change(
        AS_NEW,
        named_params! {
            ":id": letter.id, ":kind": new.kind(), ":payload": payload, ":now": tx.now_ms(), ":class": class.as_str(),
            ":error": error,
        },
    )?;
    tx.signal(signal(letter.bot, letter.lane));
    Ok(())
}

/// Puts a claimed letter back into the queue without counting an attempt, because its call was not made, e.g. at
/// shutdown.
pub fn release(tx: &Tx<'_>, letter: &Claimed) -> Result<()> {
    requeue(tx, letter, (0, Tried::Not), None)
}

/// Settles the letters that a crashed process left in flight: it is unknown whether they were delivered, so each counts
/// as a doubtful attempt. Call only while holding the sender's lock. Returns the letters and what happened to each.
pub fn recover(tx: &Tx<'_>) -> Result<Vec<(Claimed, Settled)>> {
    let orphans = tx.list(ORPHANS, [], Claimed::from_row)?;
    let mut recovered = Vec::with_capacity(orphans.len());
    for letter in orphans {
        let settled = settle(tx, &letter, &Class::Unknown, Some("the process ended while this was in flight"))?;
        recovered.push((letter, settled));
    }
    Ok(recovered)
}

/// Settles every letter that waits or is in flight as `unknown`: it is unknown whether the letter was delivered, and it
/// is not sent again by itself. Called after a restore. Returns how many letters there were.
pub fn hold_waiting(tx: &Tx<'_>, why: &str) -> Result<usize> {
    let params = named_params! { ":class": Class::Unknown.as_str(), ":why": why, ":now": tx.now_ms() };
    Ok(tx.change(HOLD, params)?)
}
