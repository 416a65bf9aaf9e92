//! The ledger: one receipt per call (except getUpdates), which every crash test checks. Receipts are shared, so reading
//! a million of them copies nothing but pointers; waiting is woken by the server, never by a timer.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::BuiltinTelegram;
use super::faults::Fault;
use super::method::brings_message;
use super::view::ShownMessage;

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
    /// The answer was broken by this fault: a page instead of JSON, a hang, a reset, half a body.
    Broken(Fault),
}

/// One call of a bot.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Number of the call on this server, from 0, without gaps.
    pub seq: u64,
    /// When the call was accepted, in milliseconds of the server's clock.
    pub at_ms: i64,
    /// The bot's username.
    pub bot: Arc<str>,
    /// The method as the Bot API spells it.
    pub method: &'static str,
    /// The chat that the call was about, if any.
    pub chat_id: Option<i64>,
    /// The message that the call made or changed.
    pub message_id: Option<i64>,
    /// The call's parameters, with JSON strings parsed and files replaced by `{file_name, file_size}`; null in compact
    /// mode.
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

/// How much of every call is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Parameters, uploaded bytes and whole conversations.
    #[default]
    All,
    /// Receipts without parameters, no uploaded bytes, the last messages of each conversation: for benches.
    Compact,
}

/// All receipts, and the positions of each chat's receipts.
#[derive(Default)]
pub(super) struct Ledger {
    receipts: Vec<Arc<Receipt>>,
    by_chat: HashMap<(Arc<str>, i64), Vec<u32>>,
}

impl Ledger {
    pub(super) fn len(&self) -> u64 {
        self.receipts.len() as u64
    }

    pub(super) fn add(&mut self, receipt: Receipt) {
        if let (Some(chat), Ok(index)) = (receipt.chat_id, u32::try_from(self.receipts.len())) {
            self.by_chat.entry((Arc::clone(&receipt.bot), chat)).or_default().push(index);
        }
        self.receipts.push(Arc::new(receipt));
    }

    fn since(&self, seen: usize) -> Vec<Arc<Receipt>> {
        self.receipts.get(seen..).unwrap_or_default().to_vec()
    }

    fn of_chat(&self, bot: &Arc<str>, chat: i64) -> Vec<Arc<Receipt>> {
        let places = self.by_chat.get(&(Arc::clone(bot), chat));
        let places = places.into_iter().flatten().filter_map(|index| usize::try_from(*index).ok());
        places.filter_map(|index| self.receipts.get(index).cloned()).collect()
    }
}

impl BuiltinTelegram {
    /// Every call so far, oldest first.
    #[must_use]
    pub fn receipts(&self) -> Vec<Arc<Receipt>> {
        self.world().ledger.since(0)
    }

    /// Calls with this number or a later one.
    #[must_use]
    pub fn receipts_since(&self, seq: u64) -> Vec<Arc<Receipt>> {
        self.world().ledger.since(usize::try_from(seq).unwrap_or(usize::MAX))
    }

    /// How many calls there were; also the `seq` of the next one.
    #[must_use]
    pub fn receipt_count(&self) -> u64 {
        self.world().ledger.len()
    }

    /// The calls of one bot about one chat, oldest first; the cost depends on that chat, not on the ledger.
    #[must_use]
    pub fn receipts_for(&self, bot: &str, chat_id: i64) -> Vec<Arc<Receipt>> {
        let world = self.world();
        world.bot(bot).map(|bot| world.ledger.of_chat(&bot.username, chat_id)).unwrap_or_default()
    }

    /// What a correct client never sends: unknown parameters, unknown button fields, names of bots that were not added.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.world().town.violations.clone()
    }

    /// Deletes all receipts and violations; numbers start again from 0.
    pub fn clear_receipts(&self) {
        let mut world = self.world();
        world.ledger = Ledger::default();
        world.town.violations.clear();
    }

    /// Sets how much of every later call is stored.
    pub fn keep_receipts(&self, keep: Keep) {
        self.world().town.keep = keep;
    }

    /// The first receipt, past or coming, that `wanted` accepts; `None` after `patience`.
    pub async fn wait_receipt(&self, wanted: impl Fn(&Receipt) -> bool, patience: Duration) -> Option<Arc<Receipt>> {
        let mut found = None;
        self.watch_receipts(patience, |receipt| {
            let hit = wanted(receipt);
            if hit {
                found = Some(Arc::clone(receipt));
            }
            hit
        })
        .await;
        found
    }

    /// Waits until `wanted` has accepted `count` receipts, past ones included. Returns how many it accepted, which is
    /// less than `count` after `patience`.
    pub async fn wait_count(&self, wanted: impl Fn(&Receipt) -> bool, count: usize, patience: Duration) -> usize {
        let mut accepted = 0;
        if count > 0 {
            self.watch_receipts(patience, |receipt| {
                accepted += usize::from(wanted(receipt));
                accepted >= count
            })
            .await;
        }
        accepted
    }

    /// Waits until the bot's newest message in a chat is one that `wanted` accepts; `None` after `patience`.
    pub async fn wait_message(
        &self,
        (bot, chat_id): (&str, i64),
        wanted: impl Fn(&ShownMessage) -> bool,
        patience: Duration,
    ) -> Option<ShownMessage> {
        let mut bell = self.shared().bell.subscribe();
        let deadline = Instant::now() + patience;
        loop {
            bell.mark_unchanged();
            if let Some(message) = self.last_message(bot, chat_id).filter(&wanted) {
                return Some(message);
            }
            if !matches!(timeout_at(deadline, bell.changed()).await, Ok(Ok(()))) {
                return None;
            }
        }
    }

    /// Passes every receipt once to `enough`, new ones as they come, until it returns true or `patience` has passed.
    async fn watch_receipts(&self, patience: Duration, mut enough: impl FnMut(&Arc<Receipt>) -> bool) {
        let deadline = Instant::now() + patience;
        let mut bell = self.shared().bell.subscribe();
        let mut seen = 0;
        loop {
            bell.mark_unchanged();
            let fresh = self.world().ledger.since(seen);
            seen += fresh.len();
            if fresh.iter().any(&mut enough) {
                return;
            }
            if !matches!(timeout_at(deadline, bell.changed()).await, Ok(Ok(()))) {
                return;
            }
        }
    }
}
