//! Lets tests decide what Telegram and the network do to a bot: updates that repeat or come out of order, faults,
//! delays, rate limits.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;

use super::BuiltinTelegram;
use super::faults::FaultRule;
use super::limits::{Limits, Pace};

impl BuiltinTelegram {
    /// Queues any update, even of a kind that `allowed_updates` leaves out. A missing `update_id` is assigned. An
    /// existing one is kept, even if the id repeats or is lower than before, and the update is then delivered at least
    /// once, whatever offset the bot polls with. Returns the update id.
    pub fn pushes_raw(&self, bot: &str, update: Value) -> i64 {
        let mut state = self.state();
        let Some((bot, _)) = state.with_bot(bot) else { return 0 };
        bot.callbacks.extend(update.pointer("/callback_query/id").and_then(Value::as_str).map(str::to_owned));
        bot.queue.push_raw(update)
    }

    /// Queues an update once more under the same id, whether it is acknowledged or not. `None` repeats the newest
    /// update; only the last 64 updates can be repeated. Returns whether the update was found.
    pub fn delivers_again(&self, bot: &str, update_id: Option<i64>) -> bool {
        let mut state = self.state();
        let Some((bot, _)) = state.with_bot(bot) else { return false };
        let id = update_id.or_else(|| bot.queue.last_id());
        id.is_some_and(|id| bot.queue.push_again(id))
    }

    /// Gives later updates of the bot ids from `update_id` on, which may be lower than before.
    pub fn restarts_update_ids(&self, bot: &str, update_id: i64) {
        if let Some((bot, _)) = self.state().with_bot(bot) {
            bot.queue.restart_from(update_id);
        }
    }

    /// How many updates the bot has not acknowledged.
    #[must_use]
    pub fn pending_updates(&self, bot: &str) -> usize {
        self.state().bot(bot).map_or(0, |bot| bot.queue.len())
    }

    /// Waits until the bot has acknowledged every update; false if that does not happen within `patience`.
    pub async fn wait_acknowledged(&self, bot: &str, patience: Duration) -> bool {
        let Some(mut bell) = self.state().bot(bot).map(|bot| bot.queue.bell.subscribe()) else { return false };
        let empty = async {
            while self.pending_updates(bot) > 0 {
                if bell.changed().await.is_err() {
                    break;
                }
            }
        };
        tokio::time::timeout(patience, empty).await.is_ok()
    }

    /// Adds a fault: `tg.fault(Fault::ResetAfterAccept)` affects the next call, a [`FaultRule`] says which calls and
    /// how often.
    pub fn fault(&self, rule: impl Into<FaultRule>) {
        self.state().faults.add(rule.into());
    }

    /// Removes all faults; the general latency stays.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Delays every answer, except answers to getUpdates, by this many milliseconds after the call took effect.
    pub fn set_latency(&self, ms: u64) {
        self.server().latency_ms.store(ms, Ordering::Relaxed);
    }

    /// Lets each call, except getUpdates, arrive after a random time of so many milliseconds, before it takes effect: calls
    /// that leave evenly arrive in bunches, and overtake each other. `None` lets them arrive at once.
    pub fn set_way(&self, ms: Option<Range<u64>>) {
        self.state().way_ms = ms.filter(|ms| !ms.is_empty());
    }

    /// Cuts the clients off: the requests that wait and every later one end in a reset, and later ones have no effect.
    /// `true` lets clients reach the server again.
    pub fn set_reachable(&self, reachable: bool) {
        self.server().reachable.send_replace(reachable);
    }

    /// From now on messages faster than `limits` get 429; `None` lifts the limits.
    pub fn enforce_limits(&self, limits: Option<Limits>) {
        self.state().pace = limits.map(Pace::new);
    }
}
