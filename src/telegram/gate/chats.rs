//! Limits how often one chat gets a message, by a token bucket per chat. Lower lanes leave some tokens of the bucket to
//! higher lanes. Used by `gate`.

use std::collections::HashMap;

use super::{Lane, Limits};

/// The token buckets of the chats. Only chats that got a message a moment ago are stored; all others have a full
/// bucket.
#[derive(Debug, Default)]
pub(super) struct Chats {
    /// By chat id: the time at which the chat's bucket is full again. Each message adds one gap to it.
    rested_at: HashMap<i64, i64>,
}

impl Chats {
    /// The time from which the chat's bucket allows a message of this lane; a past time means now.
    pub fn free_at(&self, lane: Lane, chat: i64, limits: Limits) -> i64 {
        let ahead = spare(lane, limits).saturating_mul(gap(limits));
        self.rested_at.get(&chat).map_or(i64::MIN, |at| at.saturating_sub(ahead))
    }

    /// The chats whose bucket does not allow a message of this lane yet, each with the time from which it does.
    pub fn resting(&self, lane: Lane, limits: Limits, now: i64) -> Vec<(i64, i64)> {
        let free = self.rested_at.keys().map(|chat| (*chat, self.free_at(lane, *chat, limits)));
        free.filter(|(_, at)| *at > now).collect()
    }

    pub fn take(&mut self, chat: i64, limits: Limits, now: i64) {
        if self.rested_at.len() >= 64 + 8 * limits.per_second as usize {
            self.rested_at.retain(|_, at| *at > now);
        }
        let rested_at = self.rested_at.entry(chat).or_insert(now);
        *rested_at = now.max(*rested_at).saturating_add(gap(limits));
    }

    /// Removes a counted message, because it was not sent after all.
    pub fn give_back(&mut self, chat: i64, limits: Limits) {
        self.rested_at.entry(chat).and_modify(|at| *at = at.saturating_sub(gap(limits)));
    }

    pub fn shift(&mut self, ms: i64) {
        self.rested_at.values_mut().for_each(|at| *at = at.saturating_add(ms));
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.rested_at.len()
    }
}

/// The gap between two messages to a chat, in milliseconds. It is a little longer than the limit, because two messages
/// may arrive closer together than they were sent.
const fn gap(limits: Limits) -> i64 {
    limits.chat_gap_ms.saturating_add(limits.chat_gap_ms / 20)
}

/// How many tokens of a chat's bucket may be missing when a message of this lane goes. Higher lanes may leave more of
/// them missing: after a series of automatic messages there is still room for a reply, and a broadcast waits until the
/// bucket is full.
fn spare(lane: Lane, limits: Limits) -> i64 {
    i64::from(limits.chat_burst.saturating_sub(lane as u32).max(1)) - 1
}
