//! The outbox: messages to one person that wait to be sent. A letter is a row of `outbox`: a use-case writes it in its
//! own transaction, the sender claims it before the call to Telegram and settles it after the call. Settling deletes
//! the content of a letter, unless the letter did not arrive and may be sent again. Of each chat and lane only the
//! oldest unsettled letter is claimed, so every chat gets each lane in order; but a letter that waits after a doubtful
//! attempt does not block later letters. The outbox is for replies (lane 0) and automatic messages (lane 1); the
//! messages of broadcasts are rows of `deliveries`.

mod again;
mod forget;
mod outage;
mod settle;

pub(crate) use again::kept;
pub use again::{forget_words, send_again};
pub use forget::{forget_person, hide_person};
pub use outage::{doubted_for_ms, outage_began, outage_over};
pub use settle::{Settled, hold_waiting, recover, release, settle};

use rusqlite::named_params;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::db::backup::Scrub;
use crate::db::{Signal, Tx, View, columns};
use crate::error::Result;
use crate::ids::{TelegramId, UsageLogId, integer_id};
use crate::realm::BotName;
use crate::telegram::client::Keyboard;

integer_id!(
    /// A row of `outbox`.
    LetterId
);

const ENQUEUE: &str = "INSERT INTO outbox (bot, chat_id, lane, kind, payload, dedupe_key, not_before_ms, usage_log_id,
        created_ms, edits, text_key)
    VALUES (:bot, :chat, :lane, :kind, :payload, :dedupe_key, :now, :usage_log, :now, :edits, :text_key)
    ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING";
const REPLACE: &str =
    "UPDATE outbox SET state = 'failed', class = 'replaced', settled_ms = :now, payload = '{\"kind\":\"gone\"}'
    WHERE bot = :bot AND chat_id = :chat AND edits = :edits
      AND (state = 'queued' OR state IN ('failed', 'unknown') AND payload <> '{\"kind\":\"gone\"}')";
columns! {
    select: Claimed as o from "outbox o" {
        id, bot, chat = chat_id, lane = lane(lane), payload = payload(payload), attempt, text_key,
    }
}
const DUE: &str = select!(
    "WHERE bot = :bot AND lane = :lane AND state = 'queued' AND not_before_ms <= :now
      AND chat_id NOT IN (SELECT value FROM json_each(:resting))
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.bot = o.bot AND e.lane = o.lane AND e.chat_id = o.chat_id AND e.id < o.id
                         AND (e.state = 'sending' OR e.state = 'queued' AND e.doubts = 0))
    ORDER BY id LIMIT :limit"
);
const ORPHANS: &str = select!("WHERE state = 'sending'");
const COUNT_DUE: &str = "SELECT count(*) FROM (SELECT 1 FROM outbox o
    WHERE bot = :bot AND lane = :lane AND state = 'queued' AND not_before_ms <= :now
      AND chat_id NOT IN (SELECT value FROM json_each(:resting))
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.bot = o.bot AND e.lane = o.lane AND e.chat_id = o.chat_id AND e.id < o.id
                         AND (e.state = 'sending' OR e.state = 'queued' AND e.doubts = 0))
    ORDER BY id LIMIT :limit)";
const CLAIM: &str = "UPDATE outbox SET state = 'sending', attempt = attempt + 1 WHERE id = :id AND state = 'queued'";
const NEXT_DUE: &str = "SELECT min(not_before_ms) FROM outbox o WHERE bot = :bot AND lane = :lane AND state = 'queued'
      AND chat_id NOT IN (SELECT value FROM json_each(:resting))
      AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.bot = o.bot AND e.lane = o.lane AND e.chat_id = o.chat_id AND e.id < o.id
                         AND (e.state = 'sending' OR e.state = 'queued' AND e.doubts = 0))";
const FORGET: &str = "DELETE FROM outbox WHERE id IN
    (SELECT id FROM outbox WHERE settled_ms < :before ORDER BY settled_ms LIMIT 1000)";
const FATE: &str = "SELECT state FROM outbox WHERE dedupe_key IS NOT NULL AND dedupe_key = :key";

/// Backups leave out the content of settled letters, and replies to the staff, which may carry a login token.
pub const LETTERS_LEFT_OUT: Scrub = Scrub {
    table: "outbox",
    sql: "UPDATE outbox SET payload = 'null',
        settled_ms = CASE WHEN state IN ('queued', 'sending') THEN created_ms ELSE settled_ms END,
        state = CASE WHEN state IN ('queued', 'sending') THEN 'unknown' ELSE state END
    WHERE state NOT IN ('queued', 'sending') OR (lane = 0 AND bot IN ('staff', 'staff_test'))",
};

/// The lane of a letter: replies are sent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// For a reply that a person waits for.
    Reply = 0,
    /// For a message that the recipient did not ask for, e.g. that a code was redeemed.
    Automatic = 1,
}

/// What wakes the loop that sends the letters of this bot and lane.
#[must_use]
pub const fn signal(bot: BotName, lane: Lane) -> Signal {
    Signal::Outbox(2 * bot as u8 + lane as u8)
}

/// The content of a letter. Text is rendered already; QR pictures are drawn when they are sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Payload {
    /// A text message.
    Text {
        /// The text, as Telegram HTML.
        html: String,
        /// The message's buttons.
        keyboard: Keyboard,
        /// The key of the shop's text from which the message was made; stored in a column of the row.
        #[serde(skip)]
        key: Option<String>,
    },
    /// The QR picture of a code.
    QrPhoto {
        /// The code's public id, which is part of the link in the QR picture.
        public_id: String,
        /// The caption, as Telegram HTML.
        caption: String,
        /// The message's buttons.
        keyboard: Keyboard,
        /// The key of the shop's text from which the message was made; stored in a column of the row.
        #[serde(skip)]
        key: Option<String>,
    },
    /// The content was deleted, because the letter is settled or its recipient was erased. Never sent.
    Gone,
    /// A picture, video or file that Telegram has already.
    Media {
        /// Telegram's `file_id` of the file.
        file_id: String,
        /// The type of the file: `photo`, `video` or `document`.
        media_type: String,
        /// The caption, as Telegram HTML.
        caption: String,
        /// The message's buttons.
        keyboard: Keyboard,
    },
    /// A local file that Telegram does not have yet; its `file_id` is stored after the call.
    Upload {
        /// The file's SHA-256.
        media: String,
        /// The type of the file: `photo`, `video` or `document`.
        media_type: String,
        /// The caption, as Telegram HTML.
        caption: String,
        /// The message's buttons.
        keyboard: Keyboard,
    },
    /// The file of an export, read when it is sent.
    Export {
        /// The export's id.
        export: String,
    },
    /// The encrypted copy of a backup; a file that waits beside the database.
    BackupCopy {
        /// The file's name, which the recipient sees.
        file: String,
        /// The caption, as Telegram HTML.
        caption: String,
        /// The key of the shop's text from which the caption was made; stored in a column of the row.
        #[serde(skip)]
        key: Option<String>,
    },
    /// Deletes a message sent before, if Telegram still allows it.
    Delete {
        /// The id of the message to delete.
        message_id: i64,
    },
    /// A new text for a message sent before.
    Edit {
        /// The id of the message to edit.
        message_id: i64,
        /// The new text, as Telegram HTML.
        html: String,
        /// The message's new buttons.
        keyboard: Keyboard,
        /// The key of the shop's text from which the message was made; stored in a column of the row.
        #[serde(skip)]
        key: Option<String>,
    },
}

impl Payload {
    /// A message that is not made from one of the shop's texts.
    #[must_use]
    pub const fn text(html: String, keyboard: Keyboard) -> Self {
        Self::Text { html, keyboard, key: None }
    }

    /// Records the key `name` of the shop's text from which the message was made, so that a refusal by Telegram names
    /// the text to admins.
    #[must_use]
    pub fn of_text(mut self, name: &str) -> Self {
        if let Self::Text { key, .. }
        | Self::QrPhoto { key, .. }
        | Self::BackupCopy { key, .. }
        | Self::Edit { key, .. } = &mut self
        {
            *key = Some(name.to_owned());
        }
        self
    }

    fn text_key(&self) -> Option<&str> {
        match self {
            Self::Text { key, .. }
            | Self::QrPhoto { key, .. }
            | Self::BackupCopy { key, .. }
            | Self::Edit { key, .. } => key.as_deref(),
            _ => None,
        }
    }

    /// The id of the message that an edit changes; `None` for any other content.
    const fn edits(&self) -> Option<i64> {
        if let Self::Edit { message_id, .. } = self { Some(*message_id) } else { None }
    }

    /// The kind of message, as the row stores it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::QrPhoto { .. } => "qr_photo",
            Self::Gone => "gone",
            Self::Media { .. } => "media",
            Self::Upload { .. } => "upload",
            Self::Export { .. } => "export",
            Self::BackupCopy { .. } => "backup_copy",
            Self::Delete { .. } => "delete",
            Self::Edit { .. } => "edit",
        }
    }
}

/// A letter to be written to the outbox.
pub struct Letter {
    /// The bot that sends the letter.
    pub bot: BotName,
    /// The recipient's chat.
    pub chat: TelegramId,
    /// The letter's lane.
    pub lane: Lane,
    /// The letter's content.
    pub payload: Payload,
    /// A key that prevents duplicates: a second letter with the same key is ignored.
    pub dedupe_key: Option<String>,
    /// The attempt at the shop's counter that the letter tells the customer of.
    pub usage_log: Option<UsageLogId>,
}

impl Letter {
    /// A letter with a reply that a person waits for.
    #[must_use]
    pub const fn reply(bot: BotName, chat: TelegramId, payload: Payload) -> Self {
        Self { bot, chat, lane: Lane::Reply, payload, dedupe_key: None, usage_log: None }
    }

    /// A letter that the shop sends without a request.
    #[must_use]
    pub const fn automatic(bot: BotName, chat: TelegramId, html: String, keyboard: Keyboard) -> Self {
        let payload = Payload::text(html, keyboard);
        Self { bot, chat, lane: Lane::Automatic, payload, dedupe_key: None, usage_log: None }
    }

    /// Records the key `name` of the shop's text from which the letter was made.
    #[must_use]
    pub fn of_text(self, name: &str) -> Self {
        Self { payload: self.payload.of_text(name), ..self }
    }
}

/// A letter claimed by this process: no other process sends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The letter's row.
    pub id: LetterId,
    /// The bot that sends the letter.
    pub bot: BotName,
    /// The recipient's chat.
    pub chat: TelegramId,
    /// The letter's lane.
    pub lane: Lane,
    /// The letter's content.
    pub payload: Payload,
    /// The number of this attempt to send the letter, from 1.
    pub attempt: i64,
    /// The key of the shop's text from which the letter was made, if any.
    pub text_key: Option<String>,
}

/// Writes a letter; the sender sends it after the commit. An edit replaces older waiting edits of the same message.
pub fn enqueue(tx: &Tx<'_>, letter: &Letter) -> Result<()> {
    let edits = letter.payload.edits();
    if edits.is_some() {
        let params = named_params! { ":bot": letter.bot, ":chat": letter.chat, ":edits": edits, ":now": tx.now_ms() };
        tx.change(REPLACE, params)?;
    }
    let payload = serde_json::to_string(&letter.payload).map_err(|e| crate::db::Failure::Internal(e.to_string()))?;
    tx.change(
        ENQUEUE,
        named_params! {
            ":bot": letter.bot, ":chat": letter.chat, ":lane": letter.lane as i64, ":kind": letter.payload.kind(),
            ":payload": payload, ":dedupe_key": letter.dedupe_key, ":now": tx.now_ms(), ":usage_log": letter.usage_log,
            ":edits": edits, ":text_key": letter.payload.text_key(),
        },
    )?;
    tx.signal(signal(letter.bot, letter.lane));
    Ok(())
}

/// The queue of one bot and one lane, and the chats whose letters are skipped now.
#[derive(Debug, Clone)]
pub struct Queue {
    /// The bot that sends the letters.
    pub bot: BotName,
    /// The lane of the letters.
    pub lane: Lane,
    /// Chats to which no message may be sent for a moment: their letters wait without blocking others.
    pub resting: Vec<TelegramId>,
}

impl Queue {
    /// The queue of a bot's lane, without chats to skip.
    #[must_use]
    pub const fn of(bot: BotName, lane: Lane) -> Self {
        Self { bot, lane, resting: Vec::new() }
    }

    /// The chats to skip, as a JSON list for the statements.
    fn resting(&self) -> String {
        self.resting.iter().map(|chat| Value::from(chat.0)).collect::<Value>().to_string()
    }
}

/// How many letters of the lane could be claimed now, at most `limit`.
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

/// Claims up to `limit` due letters of the lane, oldest first, one per chat. The caller commits before it calls
/// Telegram, and claims no more letters than it can send at once: after a crash, each claimed letter counts as a
/// doubtful attempt.
pub fn claim(tx: &Tx<'_>, queue: &Queue, limit: usize) -> Result<Vec<Claimed>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due = tx.list(
        DUE,
        named_params! {
            ":bot": queue.bot, ":lane": queue.lane as i64, ":now": tx.now_ms(), ":resting": queue.resting(),
            ":limit": limit,
        },
        Claimed::from_row,
    )?;
    let mut claimed = Vec::with_capacity(due.len());
    for letter in due {
        if tx.change(CLAIM, &[(":id", &letter.id)])? == 1 {
            claimed.push(Claimed { attempt: letter.attempt + 1, ..letter });
        }
    }
    Ok(claimed)
}

/// When the next letter of the lane may be claimed, in milliseconds since the epoch; `None` when no letter waits.
/// Letters to the chats in `resting` do not count.
pub fn next_due(view: &View<'_>, queue: &Queue) -> Result<Option<i64>> {
    let params = named_params! { ":bot": queue.bot, ":lane": queue.lane as i64, ":resting": queue.resting() };
    Ok(view.get(NEXT_DUE, params, |row| row.get(0))?)
}

/// Deletes up to 1,000 letters that were settled more than `log_retention_days` ago. Returns how many.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    let kept_ms = crate::settings::LOG_RETENTION_DAYS.int(tx)? * 86_400_000;
    Ok(tx.change(FORGET, named_params! { ":before": tx.now_ms().plus(-kept_ms) })?)
}

/// What has become of a letter, for the module that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterFate {
    /// The letter is not settled yet.
    Waits,
    /// The letter was delivered.
    Sent,
    /// The letter was not delivered, or it is unknown whether it was.
    Failed,
}

/// The fate of the letter with this dedupe key; `None` = no such letter.
pub fn fate(view: &View<'_>, dedupe_key: &str) -> Result<Option<LetterFate>> {
    let state: Option<String> = view.find(FATE, &[(":key", dedupe_key)], |row| row.get(0))?;
    Ok(state.map(|state| match state.as_str() {
        "sent" => LetterFate::Sent,
        "failed" | "unknown" => LetterFate::Failed,
        _ => LetterFate::Waits,
    }))
}

fn lane(stored: i64) -> rusqlite::Result<Lane> {
    Ok(if stored == 0 { Lane::Reply } else { Lane::Automatic })
}

/// Reads a letter's content. Content that cannot be parsed is read as [`Payload::Gone`]: the sender then settles the
/// letter as failed without a call, so that it does not block later letters.
fn payload(stored: Option<String>) -> rusqlite::Result<Payload> {
    Ok(stored.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Payload::Gone))
}
