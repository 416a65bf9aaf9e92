//! Telegram's rate limits: so many messages per second for the bot, and one per second to each chat after a burst. They
//! count in real time, whatever the server's clock says, and are off unless a test or bench enables them.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

const SECOND_MS: f64 = 1000.0;

/// The rate limits of one bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages in any sliding second to all chats together.
    pub per_second: u32,
    /// How many messages may come at once to one chat; after that one per second.
    pub per_chat_burst: u32,
}

impl Default for Limits {
    /// The limits that Telegram documents (30 per second) and that its behaviour shows (about three in a row to one
    /// chat).
    fn default() -> Self {
        Self { per_second: 30, per_chat_burst: 3 }
    }
}

/// How fast one bot and its chats get messages.
#[derive(Default)]
struct Arrivals {
    /// The messages of the last second, by their time in milliseconds since the start.
    last_second: VecDeque<f64>,
    /// Until when every message of the bot is refused.
    paused_until: f64,
    /// When each chat will be back at its rate.
    chat_level_at: HashMap<i64, f64>,
}

/// How fast the bots get messages.
pub(super) struct Pace {
    limits: Limits,
    start: Instant,
    bots: HashMap<i64, Arrivals>,
}

impl Pace {
    /// The time in milliseconds since the limits were enabled.
    pub(super) fn now_ms(&self) -> f64 {
        self.start.elapsed().as_secs_f64() * 1000.0
    }

    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, start: Instant::now(), bots: HashMap::new() }
    }

    /// Counts a message of `bot` to `chat` at `now`, or returns how many seconds the bot must wait. Such a message is not
    /// counted, and pauses the bot; each further message during the pause makes the pause a second longer.
    pub(super) fn take(&mut self, now: f64, (bot, chat): (i64, i64)) -> Option<u32> {
        let of = self.bots.entry(bot).or_default();
        while of.last_second.front().is_some_and(|at| now - at >= SECOND_MS) {
            of.last_second.pop_front();
        }
        if now < of.paused_until {
            of.paused_until += SECOND_MS;
        } else if of.last_second.len() >= self.limits.per_second.max(1) as usize {
            of.paused_until = now + SECOND_MS;
        }
        let paused = of.paused_until - now;
        let level = of.chat_level_at.get(&chat).copied().unwrap_or(0.0).max(now) + SECOND_MS;
        let early = level - now - SECOND_MS * f64::from(self.limits.per_chat_burst.max(1));
        if paused > 0.0 || early > 0.0 {
            return Some((paused.max(early) / SECOND_MS).ceil() as u32);
        }
        of.last_second.push_back(now);
        of.chat_level_at.insert(chat, level);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_takes_its_burst_and_then_one_message_a_second() {
        let mut pace = Pace::new(Limits { per_second: 1000, per_chat_burst: 2 });
        let taken: Vec<_> = [0.0, 1.0, 2.0, 1002.0].map(|now| pace.take(now, (1, 7))).into();
        assert_eq!(taken, [None, None, Some(1), None]);
        assert_eq!(pace.take(1003.0, (1, 8)), None, "another chat has its own pace");
    }

    #[test]
    fn no_sliding_second_has_more_and_messages_during_the_pause_make_it_longer() {
        let mut pace = Pace::new(Limits { per_second: 10, per_chat_burst: 1 });
        for n in 0..40 {
            assert_eq!(pace.take(f64::from(n) * 100.0, (1, n.into())), None, "ten a second");
        }
        assert_eq!(pace.take(3_950.0, (1, 100)), Some(1));
        assert_eq!(pace.take(4_000.0, (1, 100)), Some(2));
        assert_eq!(pace.take(4_000.0, (2, 100)), None, "another bot has its own pace");
        assert_eq!(pace.take(5_949.0, (1, 100)), Some(2));
        assert_eq!(pace.take(6_950.0, (1, 100)), None);
    }
}
