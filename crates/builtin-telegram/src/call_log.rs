//! The records of the calls of all bots, without getUpdates; crash tests check them. A [`Receipt`] is the record of one
//! call. Receipts are shared, so reading a million of them copies only pointers.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::faults::Fault;
use super::method::brings_message;

/// How a call of a bot was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The answer was `"ok": true`.
    Ok,
    /// The answer was `"ok": false`.
    Refused {
        /// The answer's `error_code`, also the HTTP status.
        code: u16,
        /// The answer's `description`.
        description: String,
    },
    /// This fault broke the answer: the bot got an HTML page instead of JSON, no answer, a reset or half a body.
    Broken(Fault),
}

/// The record of one call of a bot.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Number of the call on this server, from 0, without gaps.
    pub seq: u64,
    /// When the call was accepted, in milliseconds of the server's clock.
    pub at_ms: i64,
    /// The bot's username.
    pub bot: Arc<str>,
    /// The method's name as the Bot API spells it.
    pub method: &'static str,
    /// The chat that the call was about, if any.
    pub chat_id: Option<i64>,
    /// The id of the message that the call made or changed.
    pub message_id: Option<i64>,
    /// The call's parameters, with JSON strings parsed and files replaced by `{file_name, file_size}`; null with
    /// [`Keep::Compact`].
    pub params: Value,
    /// Whether the call took effect, whatever answer the bot got.
    pub delivered: bool,
    /// The answer that the bot got.
    pub answer: Answer,
}

impl Receipt {
    /// The text or caption that was sent, as the bot wrote it.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.params.get("text").or_else(|| self.params.get("caption")).and_then(Value::as_str)
    }

    /// Whether this is a delivered call that brought a new message to its chat.
    #[must_use]
    pub fn is_message(&self) -> bool {
        self.delivered && brings_message(self.method)
    }
}

/// How much the server stores of every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Parameters, uploaded bytes and whole conversations.
    #[default]
    All,
    /// For benches: records of calls without parameters, no uploaded bytes, and only the last messages of each
    /// conversation.
    Compact,
    /// For a demo that runs for days: at least the last 2,000 calls, the last 200 messages of each conversation, and the
    /// bytes of the last 500 uploads.
    Recent,
}

/// How many calls are kept with [`Keep::Recent`].
const RECENT_CALLS: usize = 2000;

/// The records of all calls, and by bot and chat the positions of the calls to that chat.
#[derive(Default)]
pub(super) struct CallLog {
    /// How many of the oldest calls were dropped.
    dropped: usize,
    receipts: Vec<Arc<Receipt>>,
    by_chat: HashMap<(Arc<str>, i64), Vec<u32>>,
}

impl CallLog {
    pub(super) fn len(&self) -> u64 {
        (self.dropped + self.receipts.len()) as u64
    }

    /// Drops the oldest calls when twice as many as [`RECENT_CALLS`] are kept.
    pub(super) fn drop_old(&mut self) {
        if self.receipts.len() < 2 * RECENT_CALLS {
            return;
        }
        self.dropped += self.receipts.drain(..self.receipts.len() - RECENT_CALLS).len();
        let first = u32::try_from(self.dropped).unwrap_or(u32::MAX);
        self.by_chat.retain(|_, places| {
            places.retain(|place| *place >= first);
            !places.is_empty()
        });
    }

    pub(super) fn add(&mut self, receipt: Receipt) {
        if let (Some(chat), Ok(index)) = (receipt.chat_id, u32::try_from(self.dropped + self.receipts.len())) {
            self.by_chat.entry((Arc::clone(&receipt.bot), chat)).or_default().push(index);
        }
        self.receipts.push(Arc::new(receipt));
    }

    /// The recorded calls from number `seen` on, oldest first.
    pub(super) fn since(&self, seen: usize) -> Vec<Arc<Receipt>> {
        self.receipts.get(seen.saturating_sub(self.dropped)..).unwrap_or_default().to_vec()
    }

    /// The recorded calls of one bot to one chat, oldest first.
    pub(super) fn of_chat(&self, bot: &Arc<str>, chat: i64) -> Vec<Arc<Receipt>> {
        let places = self.by_chat.get(&(Arc::clone(bot), chat));
        let places = places.into_iter().flatten().filter_map(|index| usize::try_from(*index).ok());
        places.filter_map(|index| self.receipts.get(index.checked_sub(self.dropped)?).cloned()).collect()
    }
}
