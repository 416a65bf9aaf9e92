//! Telegram's rate limits: so many messages per second for the bot, and one per second to each chat after a burst. They
//! count in real time, whatever the server's clock says, and are off unless a test or bench enables them.

use std::collections::HashMap;
use std::time::Instant;

/// The rate limits of one bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages per second to all chats together. The messages of one second may come at once.
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

/// How far a bot and each of its chats are ahead of their rates.
pub(super) struct Pace {
    limits: Limits,
    start: Instant,
    /// When the bot (`None`) or the chat will be back at its rate, in milliseconds since the start.
    level_at: HashMap<(i64, Option<i64>), f64>,
}

impl Pace {
    /// The time in milliseconds since the limits were enabled.
    pub(super) fn now_ms(&self) -> f64 {
        self.start.elapsed().as_secs_f64() * 1000.0
    }

    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, start: Instant::now(), level_at: HashMap::new() }
    }

    /// Counts a message of `bot` to `chat` at `now`, or returns how many seconds too early the message is. Such a
    /// message is not counted.
    pub(super) fn take(&mut self, now: f64, (bot, chat): (i64, i64)) -> Option<u32> {
        let rate = f64::from(self.limits.per_second.max(1));
        let steps = [
            ((bot, None), 1000.0 / rate, 1000.0),
            ((bot, Some(chat)), 1000.0, 1000.0 * f64::from(self.limits.per_chat_burst.max(1))),
        ];
        let levels = steps.map(|(key, step, room)| {
            let level = self.level_at.get(&key).copied().unwrap_or(0.0).max(now) + step;
            (key, level, level - now - room)
        });
        let early = levels.iter().map(|(_, _, early)| *early).fold(0.0, f64::max);
        if early > 0.0 {
            return Some((early / 1000.0).ceil() as u32);
        }
        self.level_at.extend(levels.map(|(key, level, _)| (key, level)));
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
    fn a_bot_sends_a_seconds_worth_and_then_at_its_rate() {
        let mut pace = Pace::new(Limits { per_second: 10, per_chat_burst: 1 });
        let sent = (0..30).filter(|chat| pace.take(0.0, (1, *chat)).is_none()).count();
        assert_eq!(sent, 10);
        assert_eq!(pace.take(50.0, (1, 100)), Some(1));
        assert_eq!(pace.take(100.0, (1, 100)), None);
        assert_eq!(pace.take(100.0, (2, 100)), None, "another bot has its own pace");
    }
}
