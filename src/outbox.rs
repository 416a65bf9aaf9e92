//! What Telegram must be told. Rows are written in the transaction that decided them, claimed before the call and
//! settled after it, and their words go then. Only the head of a chat's unsettled rows of a lane is claimed, so
//! everybody reads each lane in order.
//! Broadcasts have a ledger of their own; this is for answers (lane 0) and automatic messages (lane 1).

use rusqlite::{Row, named_params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::db::backup::Scrub;
use crate::db::{Signal, Tx, View};
use crate::error::Result;
use crate::ids::{TelegramId, UsageLogId, integer_id};
use crate::realm::BotName;
use crate::telegram::client::Keyboard;
use crate::telegram::reply::Class;
use crate::user;

integer_id!(
    /// A row of `outbox`.
    LetterId
);

const ENQUEUE: &str =
    "INSERT INTO outbox (bot, chat_id, lane, kind, payload, dedupe_key, not_before_ms, usage_log_id, created_ms)
    VALUES (:bot, :chat, :lane, :kind, :payload, :dedupe_key, :now, :usage_log, :now)
    ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING";
const DUE: &str = "SELECT id, bot, chat_id, lane, payload, attempt FROM outbox o
    WHERE bot = :bot AND lane = :lane AND state = 'queued' AND not_before_ms <= :now
      AND chat_id NOT IN (SELECT value FROM json_each(:resting))
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.bot = o.bot AND e.lane = o.lane AND e.chat_id = o.chat_id AND e.id < o.id
                         AND e.state IN ('queued', 'sending'))
    ORDER BY id LIMIT :limit";
const COUNT_DUE: &str = "SELECT count(*) FROM (SELECT 1 FROM outbox o
    WHERE bot = :bot AND lane = :lane AND state = 'queued' AND not_before_ms <= :now
      AND chat_id NOT IN (SELECT value FROM json_each(:resting))
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.bot = o.bot AND e.lane = o.lane AND e.chat_id = o.chat_id AND e.id < o.id
                         AND e.state IN ('queued', 'sending'))
    ORDER BY id LIMIT :limit)";
const CLAIM: &str = "UPDATE outbox SET state = 'sending', attempt = attempt + 1 WHERE id = :id AND state = 'queued'";
const SETTLE: &str =
    "UPDATE outbox SET state = :state, message_id = :message_id, class = :class, error = :error, settled_ms = :now,
        payload = '{\"kind\":\"gone\"}' WHERE id = :id AND state = 'sending'";
const RETURN: &str =
    "UPDATE outbox SET state = 'queued', attempt = attempt - :uncounted, not_before_ms = :at, class = :class,
    error = :error WHERE id = :id AND state = 'sending'";
const ORPHANS: &str = "SELECT id, bot, chat_id, lane, payload, attempt FROM outbox WHERE state = 'sending'";
const NEXT_DUE: &str = "SELECT min(not_before_ms) FROM outbox o WHERE bot = :bot AND lane = :lane AND state = 'queued'
      AND chat_id NOT IN (SELECT value FROM json_each(:resting))
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.bot = o.bot AND e.lane = o.lane AND e.chat_id = o.chat_id AND e.id < o.id
                         AND e.state IN ('queued', 'sending'))";
const HOLD: &str = "UPDATE outbox SET state = 'unknown', class = :class, error = :why, settled_ms = :now,
        payload = '{\"kind\":\"gone\"}'
    WHERE state IN ('queued', 'sending')";
const FORGET: &str = "DELETE FROM outbox WHERE id IN
    (SELECT id FROM outbox WHERE settled_ms < :before ORDER BY settled_ms LIMIT 1000)";
const FATE: &str = "SELECT state FROM outbox WHERE dedupe_key IS NOT NULL AND dedupe_key = :key";
const UNSETTLED: &str = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')";

/// What settled letters said, and answers to the staff, which may carry a login token, are not in a backup.
pub const LETTERS_LEFT_OUT: Scrub = Scrub {
    table: "outbox",
    sql: "UPDATE outbox SET payload = 'null',
        settled_ms = CASE WHEN state IN ('queued', 'sending') THEN created_ms ELSE settled_ms END,
        state = CASE WHEN state IN ('queued', 'sending') THEN 'unknown' ELSE state END
    WHERE state NOT IN ('queued', 'sending') OR (lane = 0 AND bot IN ('staff', 'staff_test'))",
};

/// Which of the two lanes of the outbox a message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Somebody waits for it.
    Reply = 0,
    /// The shop writes by itself: a code used, a notice.
    Automatic = 1,
}

/// What is to be sent. Text is rendered already; pictures are drawn at send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Payload {
    /// A message.
    Text {
        /// Telegram HTML.
        html: String,
        /// Its buttons.
        keyboard: Keyboard,
    },
    /// A code's QR picture.
    QrPhoto {
        /// The code's public id, which the QR links to.
        public_id: String,
        /// Telegram HTML.
        caption: String,
        /// Its buttons.
        keyboard: Keyboard,
    },
    /// The words are gone: delivered, given up, or their reader erased. Never called.
    Gone,
    /// A picture, video or file Telegram has already.
    Media {
        /// Telegram's name of it.
        file_id: String,
        /// `photo`, `video` or `document`.
        media_type: String,
        /// Telegram HTML.
        caption: String,
        /// Its buttons.
        keyboard: Keyboard,
    },
    /// A local file on its way to Telegram for the first time; what Telegram calls it is kept.
    Upload {
        /// Its SHA-256.
        media: String,
        /// `photo`, `video` or `document`.
        media_type: String,
        /// Telegram HTML.
        caption: String,
        /// Its buttons.
        keyboard: Keyboard,
    },
    /// The file of an export, read when it is sent.
    Export {
        /// The export's id.
        export: String,
    },
    /// A new text for a message sent before.
    Edit {
        /// The message.
        message_id: i64,
        /// Telegram HTML.
        html: String,
        /// Its buttons from now on.
        keyboard: Keyboard,
    },
}

impl Payload {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::QrPhoto { .. } => "qr_photo",
            Self::Gone => "gone",
            Self::Media { .. } => "media",
            Self::Upload { .. } => "upload",
            Self::Export { .. } => "export",
            Self::Edit { .. } => "edit",
        }
    }
}

/// A message on its way into the outbox.
pub struct Letter {
    /// The bot that sends it.
    pub bot: BotName,
    /// To whom.
    pub chat: TelegramId,
    /// How urgent it is.
    pub lane: Lane,
    /// What.
    pub payload: Payload,
    /// A second letter with the same key is not written.
    pub dedupe_key: Option<String>,
    /// The attempt at the counter it tells of.
    pub usage_log: Option<UsageLogId>,
}

impl Letter {
    /// An answer somebody waits for.
    #[must_use]
    pub const fn reply(bot: BotName, chat: TelegramId, payload: Payload) -> Self {
        Self { bot, chat, lane: Lane::Reply, payload, dedupe_key: None, usage_log: None }
    }

    /// A message the shop sends by itself.
    #[must_use]
    pub const fn automatic(bot: BotName, chat: TelegramId, html: String, keyboard: Keyboard) -> Self {
        let payload = Payload::Text { html, keyboard };
        Self { bot, chat, lane: Lane::Automatic, payload, dedupe_key: None, usage_log: None }
    }
}

/// A letter this process has claimed: it alone may call Telegram for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The row.
    pub id: LetterId,
    /// The bot that sends it.
    pub bot: BotName,
    /// To whom.
    pub chat: TelegramId,
    /// How urgent it is.
    pub lane: Lane,
    /// What.
    pub payload: Payload,
    /// Which attempt this is, from 1.
    pub attempt: i64,
}

/// Writes a letter; it leaves once the transaction is committed.
///
/// # Errors
/// Storage only.
pub fn enqueue(tx: &Tx<'_>, letter: &Letter) -> Result<()> {
    let payload = serde_json::to_string(&letter.payload).map_err(|e| crate::db::Failure::Internal(e.to_string()))?;
    tx.change(
        ENQUEUE,
        named_params! {
            ":bot": letter.bot, ":chat": letter.chat, ":lane": letter.lane as i64, ":kind": letter.payload.kind(),
            ":payload": payload, ":dedupe_key": letter.dedupe_key, ":now": tx.now_ms(), ":usage_log": letter.usage_log,
        },
    )?;
    tx.signal(Signal::Outbox);
    Ok(())
}

/// A lane of one bot, as it is now.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Whose.
    pub bot: BotName,
    /// Which.
    pub lane: Lane,
    /// Chats that must be left in peace for a moment: their letters wait without holding up others.
    pub resting: Vec<TelegramId>,
}

impl Queue {
    /// A lane in which everybody may be written to.
    #[must_use]
    pub const fn of(bot: BotName, lane: Lane) -> Self {
        Self { bot, lane, resting: Vec::new() }
    }

    /// As a JSON list for the statements.
    fn resting(&self) -> String {
        self.resting.iter().map(|chat| Value::from(chat.0)).collect::<Value>().to_string()
    }
}

/// How many letters of the lane could be claimed now, at most `limit`.
///
/// # Errors
/// Storage only.
pub fn count_due(view: &View<'_>, queue: &Queue, limit: usize) -> Result<usize> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due: i64 = view.get(
        COUNT_DUE,
        named_params! {
            ":bot": queue.bot, ":lane": queue.lane as i64, ":now": view.now_ms(), ":resting": queue.resting(),
            ":limit": limit,
        },
        |row| row.get(0),
    )?;
    Ok(usize::try_from(due).unwrap_or_default())
}

/// Takes up to `limit` due letters of the lane, oldest first, one per chat. Committed before any is called; claim no
/// more than may be called at once, for what is claimed when a process dies counts as perhaps sent.
///
/// # Errors
/// Storage only.
pub fn claim(tx: &Tx<'_>, queue: &Queue, limit: usize) -> Result<Vec<Claimed>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due = tx.list(
        DUE,
        named_params! {
            ":bot": queue.bot, ":lane": queue.lane as i64, ":now": tx.now_ms(), ":resting": queue.resting(),
            ":limit": limit,
        },
        from_row,
    )?;
    let mut claimed = Vec::with_capacity(due.len());
    for letter in due {
        if tx.change(CLAIM, &[(":id", &letter.id)])? == 1 {
            claimed.push(Claimed { attempt: letter.attempt + 1, ..letter });
        }
    }
    Ok(claimed)
}

/// Keeps what Telegram answered: sent, failed for good, or back in the queue. One retry when nobody can know whether it
/// was delivered (a duplicate of an answer is cheaper than a gap); pauses Telegram asked for are not attempts.
///
/// # Errors
/// Storage only.
pub fn settle(tx: &Tx<'_>, letter: &Claimed, class: &Class, error: Option<&str>) -> Result<()> {
    match next_step(class, letter.attempt) {
        Step::Done(state) => finish(tx, letter, state, class, error)?,
        Step::Again { delay_ms, counts } => back(tx, letter, delay_ms, counts, Some((class, error)))?,
    }
    if letter.bot.is_for_customers() && matches!(class, Class::Blocked | Class::Gone) {
        user::bot_blocked(tx, letter.bot.realm(), letter.chat)?;
    }
    Ok(())
}

/// What becomes of a letter after an answer.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Done(&'static str),
    Again { delay_ms: i64, counts: bool },
}

const fn next_step(class: &Class, attempt: i64) -> Step {
    match class {
        Class::Sent { .. } => Step::Done("sent"),
        // The gate holds the letter back for as long as Telegram asked.
        Class::RetryAfter(_) | Class::NotConnected | Class::Token => Step::Again { delay_ms: 0, counts: false },
        Class::ServerRestart if attempt <= 3 => Step::Again { delay_ms: 1000, counts: true },
        Class::Unknown if attempt <= 1 => Step::Again { delay_ms: 1000, counts: true },
        Class::Unknown | Class::ServerRestart => Step::Done("unknown"),
        _ => Step::Done("failed"),
    }
}

fn finish(tx: &Tx<'_>, letter: &Claimed, state: &str, class: &Class, error: Option<&str>) -> Result<()> {
    let message_id = if let Class::Sent { message_id } = class { *message_id } else { None };
    tx.change(
        SETTLE,
        named_params! {
            ":id": letter.id, ":state": state, ":message_id": message_id, ":class": class.as_str(), ":error": error,
            ":now": tx.now_ms(),
        },
    )?;
    // The next letter of this chat has become its head.
    tx.signal(Signal::Outbox);
    Ok(())
}

fn back(tx: &Tx<'_>, letter: &Claimed, delay_ms: i64, counts: bool, why: Option<(&Class, Option<&str>)>) -> Result<()> {
    tx.change(
        RETURN,
        named_params! {
            ":id": letter.id, ":uncounted": !counts, ":at": tx.now_ms().plus(delay_ms),
            ":class": why.map(|(class, _)| class.as_str()), ":error": why.and_then(|(_, error)| error),
        },
    )?;
    Ok(())
}

/// Puts back a claimed letter that was never called, as at shutdown.
///
/// # Errors
/// Storage only.
pub fn release(tx: &Tx<'_>, letter: &Claimed) -> Result<()> {
    back(tx, letter, 0, false, None)
}

/// After a crash: nobody knows whether letters in flight were delivered, so they are settled as `unknown`.
/// Call only while holding the sender's lock. Returns how many there were.
///
/// # Errors
/// Storage only.
pub fn recover(tx: &Tx<'_>) -> Result<usize> {
    let orphans = tx.list(ORPHANS, [], from_row)?;
    for letter in &orphans {
        settle(tx, letter, &Class::Unknown, Some("the process ended while this was in flight"))?;
    }
    Ok(orphans.len())
}

/// Settles everything that waits or is in flight as `unknown`: nobody knows whether it was delivered, and nothing is
/// repeated by itself. Returns how many letters there were.
///
/// # Errors
/// Storage only.
pub fn hold_waiting(tx: &Tx<'_>, why: &str) -> Result<usize> {
    let params = named_params! { ":class": Class::Unknown.as_str(), ":why": why, ":now": tx.now_ms() };
    Ok(tx.change(HOLD, params)?)
}

/// When the next head of a chat that does not rest may leave, in milliseconds since the epoch; `None` = nothing waits.
///
/// # Errors
/// Storage only.
pub fn next_due(view: &View<'_>, queue: &Queue) -> Result<Option<i64>> {
    let params = named_params! { ":bot": queue.bot, ":lane": queue.lane as i64, ":resting": queue.resting() };
    Ok(view.get(NEXT_DUE, params, |row| row.get(0))?)
}

/// Deletes up to 1,000 letters settled longer ago than attempts are kept. Returns how many went.
///
/// # Errors
/// Storage only.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    let kept_ms = crate::settings::LOG_RETENTION_DAYS.int(tx)? * 86_400_000;
    Ok(tx.change(FORGET, named_params! { ":before": tx.now_ms().plus(-kept_ms) })?)
}

/// What became of a letter, as far as whoever wrote it cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Not settled yet.
    Waits,
    /// Delivered.
    Sent,
    /// Not delivered, or nobody knows.
    Failed,
}

/// What became of the letter with this dedupe key; `None` = there is none.
///
/// # Errors
/// Storage only.
pub fn fate(view: &View<'_>, dedupe_key: &str) -> Result<Option<Fate>> {
    let state: Option<String> = view.find(FATE, &[(":key", dedupe_key)], |row| row.get(0))?;
    Ok(state.map(|state| match state.as_str() {
        "sent" => Fate::Sent,
        "failed" | "unknown" => Fate::Failed,
        _ => Fate::Waits,
    }))
}

/// Letters not yet settled, of all bots.
///
/// # Errors
/// Storage only.
pub fn unsettled(view: &View<'_>) -> Result<i64> {
    Ok(view.get(UNSETTLED, [], |row| row.get(0))?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Claimed> {
    let payload: String = row.get(4)?;
    // One unreadable letter must not hold up the others: it is settled as failed, uncalled.
    let payload = serde_json::from_str(&payload).unwrap_or(Payload::Gone);
    let lane = if row.get::<_, i64>(3)? == 0 { Lane::Reply } else { Lane::Automatic };
    Ok(Claimed { id: row.get(0)?, bot: row.get(1)?, chat: row.get(2)?, lane, payload, attempt: row.get(5)? })
}
