//! The recorded calls and violations of the bots, for tests and benches, and waiting for a call or a message. The
//! server wakes those who wait, so nothing polls.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::BuiltinTelegram;
use super::call_log::{CallLog, Keep, Receipt};
use super::view::ShownMessage;

impl BuiltinTelegram {
    /// The records of all calls so far, oldest first.
    #[must_use]
    pub fn receipts(&self) -> Vec<Arc<Receipt>> {
        self.state().calls.since(0)
    }

    /// The records of the calls from number `seq` on, oldest first.
    #[must_use]
    pub fn receipts_since(&self, seq: u64) -> Vec<Arc<Receipt>> {
        self.state().calls.since(usize::try_from(seq).unwrap_or(usize::MAX))
    }

    /// How many calls were recorded; also the `seq` of the next call.
    #[must_use]
    pub fn receipt_count(&self) -> u64 {
        self.state().calls.len()
    }

    /// The recorded calls of one bot to one chat, oldest first. The cost grows with the calls to that chat, not with
    /// all calls.
    #[must_use]
    pub fn receipts_for(&self, bot: &str, chat_id: i64) -> Vec<Arc<Receipt>> {
        let state = self.state();
        state.bot(bot).map(|bot| state.calls.of_chat(&bot.username, chat_id)).unwrap_or_default()
    }

    /// Descriptions of mistakes that a correct client or test never makes: unknown parameters, unknown button fields,
    /// names of bots that were not added.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.state().shared.violations.clone()
    }

    /// Deletes all recorded calls and violations. The numbers of calls start again from 0.
    pub fn clear_receipts(&self) {
        let mut state = self.state();
        state.calls = CallLog::default();
        state.shared.violations.clear();
    }

    /// Sets how much the server stores of every later call.
    pub fn keep_receipts(&self, keep: Keep) {
        self.state().shared.keep = keep;
    }

    /// Waits for a call that `wanted` accepts, and returns its record; past calls count, too. `None` if there is none
    /// within `patience`.
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

    /// Waits until more than `count` calls were recorded since the start; returns whether that happened within `patience`.
    pub async fn wait_past(&self, count: u64, patience: Duration) -> bool {
        let mut bell = self.server().bell.subscribe();
        let deadline = Instant::now() + patience;
        while self.receipt_count() <= count {
            if !matches!(timeout_at(deadline, bell.changed()).await, Ok(Ok(()))) {
                return self.receipt_count() > count;
            }
        }
        true
    }

    /// Waits until `wanted` has accepted the records of `count` calls, past calls included. Returns how many it
    /// accepted: fewer than `count` if `patience` has passed.
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

    /// Waits until `wanted` accepts the bot's newest message in a chat, and returns the message; `None` if that does
    /// not happen within `patience`.
    pub async fn wait_message(
        &self,
        (bot, chat_id): (&str, i64),
        wanted: impl Fn(&ShownMessage) -> bool,
        patience: Duration,
    ) -> Option<ShownMessage> {
        let mut bell = self.server().bell.subscribe();
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

    /// Passes the record of every call once to `enough`, those of new calls as they come, until `enough` returns true
    /// or `patience` has passed.
    async fn watch_receipts(&self, patience: Duration, mut enough: impl FnMut(&Arc<Receipt>) -> bool) {
        let deadline = Instant::now() + patience;
        let mut bell = self.server().bell.subscribe();
        let mut seen = 0;
        loop {
            bell.mark_unchanged();
            let fresh = self.state().calls.since(seen);
            seen = fresh.last().map_or(seen, |last| usize::try_from(last.seq + 1).unwrap_or(usize::MAX));
            if fresh.iter().any(&mut enough) {
                return;
            }
            if !matches!(timeout_at(deadline, bell.changed()).await, Ok(Ok(()))) {
                return;
            }
        }
    }
}
