//! A broadcast's ledger of recipients (table `deliveries`): one row per recipient, `queued → sending → sent | failed |
//! unknown | skipped`. `sending` is committed before the call to Telegram. A row that was `sending` when its process
//! died becomes `unknown` and is never sent again by itself. The counters in the broadcast's row change in the same
//! transaction as the recipients' rows.

use rusqlite::{Row, named_params};

use super::model::{BroadcastId, BulkKind, Counts, Fate};
use super::rules::{self, RecipientStep};
use super::store;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::ids::{DiscountId, TelegramId, UserId};
use crate::realm::{BotName, Realm};
use crate::telegram::reply::Class;
use crate::texts::nameless;
use crate::user;

const NEXT: &str = concat!(
    "SELECT d.user_id, d.attempt, d.discount_id, u.telegram_id, u.status = 'blocked', u.bot_blocked_at IS NOT NULL,
        u.muted_at IS NOT NULL, u.first_name, u.last_name, u.username, ",
    nameless!(),
    " FROM deliveries d INDEXED BY deliveries_queued JOIN users u ON u.id = d.user_id
    WHERE d.broadcast_id = :id AND d.state = 'queued' ORDER BY d.user_id LIMIT :most"
);
const CLAIM: &str = "UPDATE deliveries SET state = 'sending', attempt = attempt + 1, discount_id = :discount
    WHERE broadcast_id = :id AND user_id = :user AND state = 'queued'";
const SKIP: &str = "UPDATE deliveries SET state = 'skipped', class = :reason
    WHERE broadcast_id = :id AND user_id = :user AND state = 'queued'";
const SETTLE: &str = "UPDATE deliveries SET state = :state, class = :class, message_id = :message, error_code = :code,
        error = :error, settled_ms = :now WHERE broadcast_id = :id AND user_id = :user AND state = 'sending'";
const RETURN: &str =
    "UPDATE deliveries SET state = 'queued', attempt = attempt - :uncounted, class = :class, error_code = :code,
        error = :error WHERE broadcast_id = :id AND user_id = :user AND state = 'sending'";
const IN_FLIGHT: &str = "SELECT id, sending FROM broadcasts WHERE sending > 0";
const ORPHANED: &str = "UPDATE deliveries INDEXED BY deliveries_in_flight
    SET state = 'unknown', class = 'unknown', error = :why, settled_ms = :now
    WHERE broadcast_id = :id AND state = 'sending'";
const PACED: &str = "INSERT INTO broadcast_pace (bot, second, calls) VALUES (:bot, :second, :calls)
    ON CONFLICT (bot, second) DO UPDATE SET calls = calls + excluded.calls";
const PACE: &str = "SELECT second, calls FROM broadcast_pace WHERE bot = :bot ORDER BY second";
const FORGET_PACE: &str = "DELETE FROM broadcast_pace WHERE bot = :bot AND second IN (SELECT second FROM broadcast_pace
    WHERE bot = :bot AND (second < :before OR second > :after) ORDER BY second LIMIT 1000)";
const FAILED: &str = "SELECT user_id, class FROM deliveries INDEXED BY deliveries_failed
    WHERE broadcast_id = :id AND state = 'failed' AND user_id > :after ORDER BY user_id LIMIT 1000";
const UNKNOWN: &str = "SELECT user_id, class FROM deliveries INDEXED BY deliveries_unknown
    WHERE broadcast_id = :id AND state = 'unknown' AND user_id > :after ORDER BY user_id LIMIT 1000";
const MORE_FAILED: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_failed
    WHERE broadcast_id = :id AND state = 'failed' AND user_id > :after LIMIT 1";
const MORE_UNKNOWN: &str = "SELECT 1 FROM deliveries INDEXED BY deliveries_unknown
    WHERE broadcast_id = :id AND state = 'unknown' AND user_id > :after LIMIT 1";
const MORE: &str = "SELECT 1 FROM deliveries WHERE broadcast_id = :id AND user_id > :after LIMIT 1";
const REQUEUE: &str = "UPDATE deliveries SET state = 'queued', attempt = 0, settled_ms = NULL
    WHERE broadcast_id = :id AND user_id IN (SELECT value FROM json_each(:people)) AND state = :was";
const SKIP_CANCELED: &str = "UPDATE deliveries SET state = 'skipped', class = 'canceled'
    WHERE broadcast_id = :id AND state = 'queued' AND user_id IN (SELECT user_id FROM deliveries INDEXED BY deliveries_queued
        WHERE broadcast_id = :id AND state = 'queued' ORDER BY user_id LIMIT 1000)";
const MARK_QUEUED_UNKNOWN: &str =
    "UPDATE deliveries INDEXED BY deliveries_queued SET state = 'unknown', class = 'restored', settled_ms = :now
    WHERE broadcast_id = :id AND state = 'queued'";
const RECOUNT: &str = "SELECT state, count(*), coalesce(sum(state = 'failed' AND class IN ('blocked', 'gone')), 0)
    FROM deliveries WHERE broadcast_id = :id GROUP BY state";
// Finds the rows by the primary key (broadcast, customer): there is no index by customer alone.
const FORGET: &str =
    "UPDATE deliveries SET error = NULL WHERE user_id = :user AND broadcast_id IN (SELECT id FROM broadcasts)";

/// A recipient claimed by this process: no other process sends the broadcast to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// The broadcast that is sent.
    pub broadcast: BroadcastId,
    /// The recipient.
    pub user: UserId,
    /// The recipient's chat.
    pub chat: TelegramId,
    /// The number of this attempt to send the message to the recipient, from 1.
    pub attempt: i64,
}

/// The result of sending to a claimed recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The claimed recipient.
    pub claimed: Claimed,
    /// Telegram's answer to the call; `None` = there was no call, and the row is queued again.
    pub answer: Option<Reply>,
}

/// Telegram's answer to one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What Telegram's answer means.
    pub class: Class,
    /// Telegram's `error_code`; `None` when the answer had none.
    pub code: Option<i64>,
    /// Telegram's error text, or the system's when Telegram was not reached; empty for a delivered message.
    pub words: String,
}

/// A queued recipient who may be claimed next.
pub(super) struct Candidate {
    pub(super) user: UserId,
    pub(super) chat: TelegramId,
    pub(super) first_name: String,
    pub(super) display_name: String,
    pub(super) discount: Option<DiscountId>,
    attempt: i64,
    /// Why the bot can no longer write to the recipient; `None` = it can.
    pub(super) out: Option<&'static str>,
}

/// The next queued recipients of a broadcast, at most `most`, by ascending id.
pub(super) fn next(view: &View<'_>, id: BroadcastId, most: i64) -> Result<Vec<Candidate>> {
    Ok(view.list(NEXT, named_params! { ":id": id, ":most": most }, candidate)?)
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    let chat: TelegramId = row.get(3)?;
    let (blocked, bot_blocked, muted): (bool, bool, bool) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let out = match () {
        () if chat.0 <= 0 => Some("erased"),
        () if blocked => Some("blocked"),
        () if bot_blocked => Some("blocked_bot"),
        () if muted => Some("muted"),
        () => None,
    };
    let (first, last, username): (Option<String>, Option<String>, Option<String>) =
        (row.get(7)?, row.get(8)?, row.get(9)?);
    let name = user::full_name(first.as_deref(), last.as_deref(), username.as_deref());
    let first_name = user::salutation(first.as_deref(), name.clone());
    let display_name = name.or(row.get(10)?).unwrap_or_default();
    let (user, attempt, discount) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(Candidate { user, chat, first_name, display_name, discount, attempt, out })
}

/// Claims a candidate; the caller calls Telegram after the commit. `None` when the row is not queued any more.
pub(super) fn claim(
    tx: &Tx<'_>,
    id: BroadcastId,
    candidate: &Candidate,
    discount: Option<DiscountId>,
) -> Result<Option<Claimed>> {
    let params = named_params! { ":id": id, ":user": candidate.user, ":discount": discount };
    let taken = tx.change(CLAIM, params)? == 1;
    let (user, chat, attempt) = (candidate.user, candidate.chat, candidate.attempt + 1);
    Ok(taken.then_some(Claimed { broadcast: id, user, chat, attempt }))
}

/// Marks a candidate as skipped for good, with this reason. `false` when the row is not queued any more.
pub(super) fn skip(tx: &Tx<'_>, id: BroadcastId, user: UserId, reason: &str) -> Result<bool> {
    Ok(tx.change(SKIP, named_params! { ":id": id, ":user": user, ":reason": reason })? == 1)
}

/// Stores the results for claimed recipients of one broadcast, and what the answers say about the customers (blocked
/// the bot, left Telegram). Returns the change of the broadcast's counters; the caller adds it.
pub(super) fn settle(tx: &Tx<'_>, realm: Realm, settled: &[&Settled]) -> Result<Counts> {
    let mut counts = Counts::default();
    for one in settled {
        let fate = settle_one(tx, one)?;
        if let Some(fate) = fate {
            counts.sending -= 1;
            *counts.of(fate) += 1;
        }
        match one.answer {
            Some(Reply { class: Class::Blocked | Class::Gone, .. }) => {
                counts.blocked += i64::from(fate.is_some());
                user::bot_blocked(tx, realm, one.claimed.chat)?;
            }
            Some(Reply { class: Class::RetryAfter(seconds), .. }) => {
                store::note_pause(tx, one.claimed.broadcast, seconds)?;
            }
            _ => {}
        }
    }
    Ok(counts)
}

/// Stores one result. Returns the row's new state; `None`, and nothing is stored, when the row is not `sending` any
/// more.
fn settle_one(tx: &Tx<'_>, one: &Settled) -> Result<Option<Fate>> {
    let (id, user) = (one.claimed.broadcast, one.claimed.user);
    let Some(reply) = &one.answer else {
        let params = named_params! {
            ":id": id, ":user": user, ":uncounted": true, ":class": None::<&str>, ":code": None::<i64>, ":error": None::<&str>,
        };
        return Ok((tx.change(RETURN, params)? == 1).then_some(Fate::Queued));
    };
    let error = Some(reply.words.as_str()).filter(|words| !words.is_empty());
    let class = reply.class.as_str();
    let (fate, changed) = match rules::step(&reply.class, one.claimed.attempt) {
        RecipientStep::Done(fate) => {
            let message = if let Class::Sent { message_id } = reply.class { message_id } else { None };
            let params = named_params! {
                ":id": id, ":user": user, ":state": fate, ":class": (fate != Fate::Sent).then_some(class),
                ":message": message, ":code": reply.code, ":error": error, ":now": tx.shop_ms(),
            };
            (fate, tx.change(SETTLE, params)?)
        }
        RecipientStep::Again { counts } => {
            let params = named_params! {
                ":id": id, ":user": user, ":uncounted": !counts, ":class": class, ":code": reply.code, ":error": error,
            };
            (Fate::Queued, tx.change(RETURN, params)?)
        }
    };
    Ok((changed == 1).then_some(fate))
}

/// After a crash it is unknown whether messages in flight were delivered: this function makes their rows `unknown`,
/// until an admin decides. Call it only while holding the sender's lock. Returns how many rows it changed.
pub fn recover(tx: &Tx<'_>) -> Result<i64> {
    let broken: Vec<(BroadcastId, i64)> = tx.list(IN_FLIGHT, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut all = 0;
    for (id, _) in broken {
        let params =
            named_params! { ":id": id, ":why": "the process ended while this was in flight", ":now": tx.shop_ms() };
        let lost = i64::try_from(tx.change(ORPHANED, params)?).unwrap_or(i64::MAX);
        let counts = Counts { sending: -lost, unknown: lost, ..Counts::default() };
        store::count(tx, id, &counts, Some(tx.shop_ms()))?;
        note_calls(tx, store::get(tx, id)?.draft.realm.customer_bot(), lost)?;
        all += lost;
    }
    Ok(all)
}

/// Adds to the table `broadcast_pace` that this many broadcast calls of the bot ended in the present second.
pub(super) fn note_calls(tx: &Tx<'_>, bot: BotName, calls: i64) -> Result<()> {
    if calls > 0 {
        let second = tx.now_ms().0.div_euclid(1000);
        tx.change(PACED, named_params! { ":bot": bot, ":second": second, ":calls": calls })?;
    }
    Ok(())
}

/// The bot's stored broadcast calls, as pairs of a Unix second and the number of calls that ended in it, oldest first.
/// Covers at least the last hour.
pub fn paced(view: &View<'_>, bot: BotName) -> Result<Vec<(i64, i64)>> {
    Ok(view.list(PACE, &[(":bot", &bot)], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Deletes up to 1,000 rows of `broadcast_pace` that are too old to count towards the limit per hour. Returns how many.
pub fn forget_paced(tx: &Tx<'_>, bot: BotName) -> Result<usize> {
    let second = tx.now_ms().0.div_euclid(1000);
    // Seconds more than an hour ahead were written while the clock was wrong; they are deleted, too.
    let params = named_params! { ":bot": bot, ":before": second - 3700, ":after": second + 3700 };
    Ok(tx.change(FORGET_PACE, params)?)
}

/// The result of one step of queueing rows again: the change of the broadcast's counters, and the recipient to continue
/// after; `None` = no rows are left.
pub(super) type Requeued = (Counts, Option<UserId>);

pub(super) fn requeue_failed(tx: &Tx<'_>, id: BroadcastId, classes: &[String], after: UserId) -> Result<Requeued> {
    let looked = tx.list(FAILED, named_params! { ":id": id, ":after": after }, user_and_class)?;
    let last = looked.last().map(|(user, _)| *user);
    let wanted = |class: &Option<String>| class.as_ref().is_some_and(|class| classes.contains(class));
    let people: Vec<_> = looked.into_iter().filter(|(_, class)| wanted(class)).collect();
    let left = |(_, class): &&(UserId, Option<String>)| class.as_deref().is_some_and(|class| LEFT.contains(&class));
    let blocked = i64::try_from(people.iter().filter(left).count()).unwrap_or(i64::MAX);
    let queued = requeue(tx, id, &people, Fate::Failed)?;
    Ok((Counts { queued, failed: -queued, blocked: -blocked, ..Counts::default() }, last))
}

pub(super) fn requeue_unknown(tx: &Tx<'_>, id: BroadcastId, after: UserId) -> Result<Requeued> {
    let people = tx.list(UNKNOWN, named_params! { ":id": id, ":after": after }, user_and_class)?;
    let last = people.last().map(|(user, _)| *user);
    let queued = requeue(tx, id, &people, Fate::Unknown)?;
    Ok((Counts { queued, unknown: -queued, ..Counts::default() }, last))
}

/// Whether a bulk action of this kind has rows left to look at after the recipient `after`.
pub(super) fn is_any_left(view: &View<'_>, (id, kind): (BroadcastId, BulkKind), after: UserId) -> Result<bool> {
    let more = match kind {
        BulkKind::RetryFailed => MORE_FAILED,
        BulkKind::ResendUnknown => MORE_UNKNOWN,
        BulkKind::Recall | BulkKind::Correct => MORE,
    };
    Ok(view.find(more, named_params! { ":id": id, ":after": after }, |_| Ok(()))?.is_some())
}

/// In a shop restored from a backup, queued recipients may have got the message after the backup was made: this
/// function makes their rows `unknown`, until an admin decides.
pub(super) fn mark_queued_unknown(tx: &Tx<'_>, id: BroadcastId) -> Result<()> {
    let gone = i64::try_from(tx.change(MARK_QUEUED_UNKNOWN, named_params! { ":id": id, ":now": tx.shop_ms() })?)
        .unwrap_or(i64::MAX);
    store::count(tx, id, &Counts { queued: -gone, unknown: gone, ..Counts::default() }, None)
}

/// The error classes of customers who blocked the bot or left Telegram.
const LEFT: [&str; 2] = ["blocked", "gone"];

fn user_and_class(row: &Row<'_>) -> rusqlite::Result<(UserId, Option<String>)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn requeue(tx: &Tx<'_>, id: BroadcastId, people: &[(UserId, Option<String>)], was: Fate) -> Result<i64> {
    let people: Vec<UserId> = people.iter().map(|(user, _)| *user).collect();
    let params = named_params! { ":id": id, ":people": serde_json::json!(people).to_string(), ":was": was };
    Ok(i64::try_from(tx.change(REQUEUE, params)?).unwrap_or(i64::MAX))
}

/// Marks up to 1,000 queued rows of a canceled broadcast as skipped. Returns how many; call it until it returns 0.
pub fn skip_canceled(tx: &Tx<'_>, id: BroadcastId) -> Result<i64> {
    if store::get(tx, id)?.status != super::model::Status::Canceled {
        return Ok(0);
    }
    let skipped = i64::try_from(tx.change(SKIP_CANCELED, &[(":id", &id)])?).unwrap_or(i64::MAX);
    store::count(tx, id, &Counts { queued: -skipped, skipped, ..Counts::default() }, None)?;
    Ok(skipped)
}

/// Deletes Telegram's descriptions of failed attempts at an erased customer.
pub fn forget_person(tx: &Tx<'_>, user: UserId) -> Result<()> {
    tx.change(FORGET, named_params! { ":user": user })?;
    Ok(())
}

/// The counters of a broadcast computed from its rows, to compare with the stored ones.
pub fn recount(view: &View<'_>, id: BroadcastId) -> Result<Counts> {
    let mut counts = Counts::default();
    let rows: Vec<(Fate, i64, i64)> =
        view.list(RECOUNT, &[(":id", &id)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    for (fate, count, blocked) in rows {
        *counts.of(fate) = count;
        counts.blocked += blocked;
    }
    Ok(counts)
}
