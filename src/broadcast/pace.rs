//! How many messages a bot's broadcasts may send now: limits for any sliding minute and any sliding hour, spread
//! evenly. When the sender starts, it passes in the calls of the last hour that are stored in `broadcast_pace`, so that
//! the limits hold over restarts and processes. No I/O.

use std::collections::VecDeque;

use crate::clock::Millis;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// How far sending may fall behind the even spacing and still catch up, in microseconds. The sender falls behind
/// because it alternates between settling and claiming.
const SLACK_US: i64 = 250_000;

/// The shop's limits for broadcasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BroadcastLimits {
    /// Messages in any minute, at least 1.
    pub per_minute: i64,
    /// Messages in any hour; 0 = no limit.
    pub per_hour: i64,
}

impl BroadcastLimits {
    /// The even distance between two messages, in microseconds.
    const fn spacing_us(self) -> i64 {
        let minute = MINUTE_MS * 1000 / if self.per_minute < 1 { 1 } else { self.per_minute };
        match self.per_hour {
            ..=0 => minute,
            per_hour if HOUR_MS * 1000 / per_hour > minute => HOUR_MS * 1000 / per_hour,
            _ => minute,
        }
    }

    /// How long sending `messages` takes, in whole seconds, if Telegram accepts at most `ceiling` a second.
    #[must_use]
    pub const fn seconds_for(self, messages: i64, ceiling: i64) -> i64 {
        let slowest = 1_000_000 / if ceiling < 1 { 1 } else { ceiling };
        let spacing = if self.spacing_us() > slowest { self.spacing_us() } else { slowest };
        (messages.saturating_mul(spacing) + 999_999) / 1_000_000
    }
}

/// How many calls may begin now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// This many calls, at least one.
    For(i64),
    /// No call before this time.
    From(Millis),
    /// No call until a call in flight has ended.
    Full,
}

/// Calls that have ended, as pairs of their end in milliseconds and their number. Each call counts until a whole window
/// (a minute or an hour) has passed since its end.
#[derive(Debug, Default)]
struct RateWindow {
    ended: VecDeque<(i64, i64)>,
    sum: i64,
}

impl RateWindow {
    fn add(&mut self, at: i64, calls: i64) {
        self.sum += calls;
        match self.ended.back_mut() {
            Some((last, count)) if *last >= at => *count += calls,
            _ => self.ended.push_back((at, calls)),
        }
    }

    /// After the clock was set back, treats calls that ended in the future as if they ended now: this makes sending
    /// slower, never faster.
    fn come_back_to(&mut self, now: i64) {
        let mut future = 0;
        while let Some((_, calls)) = self.ended.back().filter(|(at, _)| *at > now).copied() {
            future += calls;
            self.ended.pop_back();
        }
        if future > 0 {
            self.ended.push_back((now, future));
        }
    }

    fn forget(&mut self, until: i64) {
        while let Some((_, calls)) = self.ended.front().filter(|(at, _)| *at <= until).copied() {
            self.sum -= calls;
            self.ended.pop_front();
        }
    }
}

/// The state of one bot's limits for broadcasts.
#[derive(Debug, Default)]
pub struct Pace {
    minute: RateWindow,
    hour: RateWindow,
    due_us: i64,
}

impl Pace {
    /// Counts calls that ended within the second that begins at `second`; call it in order of time. After the clock was
    /// set back, seconds in the future count as now: this makes sending slower, never faster.
    pub fn remember(&mut self, second: i64, calls: i64, now: Millis) {
        let at = second.saturating_add(1).saturating_mul(1000).min(now.0);
        self.minute.add(at, calls);
        self.hour.add(at, calls);
    }

    /// Counts calls that ended now, whatever Telegram's answer was.
    pub fn ended(&mut self, calls: i64, now: Millis) {
        if calls > 0 {
            self.minute.add(now.0, calls);
            self.hour.add(now.0, calls);
        }
    }

    /// How many calls may begin now, while `under_way` calls have not ended.
    pub fn room(&mut self, limits: BroadcastLimits, under_way: i64, now: Millis) -> Room {
        self.forget(now);
        let minute = limits.per_minute.max(1) - self.minute.sum - under_way;
        let hour = if limits.per_hour > 0 { limits.per_hour - self.hour.sum - under_way } else { i64::MAX };
        if minute <= 0 || hour <= 0 {
            return self.full(minute <= 0, hour <= 0);
        }
        let (now_us, spacing) = (now.0.saturating_mul(1000), limits.spacing_us());
        // After the limits changed or the clock was set back, wait at most one spacing.
        self.due_us = self.due_us.min(now_us.saturating_add(spacing));
        let late = now_us - self.due_us;
        if late < 0 {
            return Room::From(Millis((self.due_us + 999).div_euclid(1000)));
        }
        let slack = SLACK_US.max(spacing);
        Room::For((late.min(slack) / spacing + 1).min(minute).min(hour))
    }

    /// Records that `calls` begin now.
    pub fn begun(&mut self, limits: BroadcastLimits, calls: i64, now: Millis) {
        let (now_us, spacing) = (now.0.saturating_mul(1000), limits.spacing_us());
        let from = self.due_us.max(now_us - SLACK_US.max(spacing));
        self.due_us = from.saturating_add(spacing.saturating_mul(calls));
    }

    fn forget(&mut self, now: Millis) {
        self.minute.come_back_to(now.0);
        self.hour.come_back_to(now.0);
        self.minute.forget(now.0.saturating_sub(MINUTE_MS));
        self.hour.forget(now.0.saturating_sub(HOUR_MS));
    }

    fn full(&self, minute: bool, hour: bool) -> Room {
        let free = |full: bool, span: &RateWindow, ms| match span.ended.front() {
            Some((at, _)) if full => Some(at.saturating_add(ms + 1)),
            _ => None,
        };
        let at = free(minute, &self.minute, MINUTE_MS).into_iter().chain(free(hour, &self.hour, HOUR_MS)).max();
        at.map_or(Room::Full, |at| Room::From(Millis(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends as fast as allowed, each call taking `latency`, until `until`. Returns when Telegram received each call.
    fn send(pace: &mut Pace, limits: BroadcastLimits, latency: i64, (from, until): (i64, i64)) -> Vec<i64> {
        let (mut received, mut under_way): (Vec<i64>, VecDeque<i64>) = (Vec::new(), VecDeque::new());
        let mut now = from;
        while now < until {
            while under_way.front().is_some_and(|end| *end <= now) {
                let end = under_way.pop_front().unwrap();
                pace.ended(1, Millis(end));
            }
            if let Room::For(most) = pace.room(limits, i64::try_from(under_way.len()).unwrap(), Millis(now)) {
                pace.begun(limits, most, Millis(now));
                for _ in 0..most {
                    received.push(now + latency / 2);
                    under_way.push_back(now + latency);
                }
            }
            now += 7;
        }
        for _ in under_way {
            pace.ended(1, Millis(until + latency));
        }
        received
    }

    fn most_in(received: &[i64], span: i64) -> usize {
        received
            .iter()
            .map(|from| received.iter().filter(|at| (*from..*from + span).contains(*at)).count())
            .max()
            .unwrap()
    }

    #[test]
    fn no_sliding_minute_or_hour_holds_more_than_its_limit() {
        for (limits, latency) in [((25, 0), 57), ((25, 100), 900), ((600, 1000), 57), ((40, 0), 29_000)] {
            let limits = BroadcastLimits { per_minute: limits.0, per_hour: limits.1 };
            let received = send(&mut Pace::default(), limits, latency, (0, 2 * HOUR_MS));
            assert!(most_in(&received, MINUTE_MS) <= usize::try_from(limits.per_minute).unwrap(), "{limits:?}");
            if limits.per_hour > 0 {
                assert!(most_in(&received, HOUR_MS) <= usize::try_from(limits.per_hour).unwrap(), "{limits:?}");
                assert!(received.len() * 10 > usize::try_from(limits.per_hour).unwrap() * 19, "{limits:?} is used up");
            }
        }
    }

    #[test]
    fn the_limit_is_used_to_a_hundredth() {
        let limits = BroadcastLimits { per_minute: 1500, per_hour: 0 };
        let received = send(&mut Pace::default(), limits, 57, (0, 2_000_000));
        assert!((49_500..=50_000).contains(&received.len()), "{}", received.len());
    }

    #[test]
    fn a_restart_knows_what_was_sent_before_it() {
        let limits = BroadcastLimits { per_minute: 25, per_hour: 0 };
        let before = send(&mut Pace::default(), limits, 57, (0, 90_000));
        let mut pace = Pace::default();
        for at in &before {
            pace.remember((at + 29) / 1000, 1, Millis(90_000));
        }
        let after = send(&mut pace, limits, 57, (90_000, 200_000));
        let all: Vec<i64> = before.into_iter().chain(after).collect();
        assert!(most_in(&all, MINUTE_MS) <= 25);
        assert!(all.len() > 70);
    }

    #[test]
    fn a_clock_set_back_waits_for_a_minute_and_not_for_a_month() {
        let (limits, now) = (BroadcastLimits { per_minute: 25, per_hour: 0 }, Millis(1_000_000));
        let mut pace = Pace::default();
        pace.remember(40 * 24 * 3600, 25, now);
        assert_eq!(pace.room(limits, 0, now), Room::From(Millis(1_000_000 + MINUTE_MS + 1)));
        pace = Pace::default();
        pace.ended(25, Millis(now.0 + 40 * 24 * HOUR_MS));
        assert_eq!(pace.room(limits, 0, now), Room::From(Millis(1_000_000 + MINUTE_MS + 1)), "while it runs");
        assert_eq!(pace.room(limits, 0, Millis(now.0 + MINUTE_MS)), Room::For(2));
        pace = Pace { due_us: i64::MAX / 2, ..Pace::default() };
        assert_eq!(pace.room(limits, 0, now), Room::From(Millis(1_002_400)));
    }
}
