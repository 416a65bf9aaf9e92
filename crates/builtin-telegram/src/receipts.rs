//! What the bots did, as tests and benches read it: receipts, violations, and waiting for a receipt or a message. Waiting
//! is woken by the server, never by a timer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::BuiltinTelegram;
use super::ledger::{Keep, Ledger, Receipt};
use super::view::ShownMessage;

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
