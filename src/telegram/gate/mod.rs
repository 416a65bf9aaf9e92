//! The rate limiter of one bot decides when each call may go. Calls have three lanes and a rate in every sliding
//! second; a 429 closes lanes or a method for a time; while Telegram does not answer, only probes (`getMe`) go. The
//! rate limiter is a pure state machine without a clock, waiting or storage: `client::Bot` asks it and sleeps as told.
//! [`GateState`] carries its state over a restart. `getUpdates` is not limited.

mod chats;
mod link;
mod methods;
mod window;

pub use link::Probed;

use std::collections::VecDeque;

use crate::clock::Millis;
use chats::Chats;
use link::Link;
pub use methods::{ClosedMethods, Method};
use window::{Spacing, Window};

/// The priority of a call: replies go first, then automatic messages, then broadcasts. Answers to pressed buttons have a
/// share of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A reply to a person who waits for it.
    Reply,
    /// A redemption message, birthday gift, reminder or notice.
    Automatic,
    /// A broadcast message.
    Broadcast,
    /// The answer to a pressed button, which shows no message: no other lane waits for it, and it waits for no lane.
    Press,
}

impl Lane {
    /// The lane's name: `reply`, `automatic`, `broadcast` or `press`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Automatic => "automatic",
            Self::Broadcast => "broadcast",
            Self::Press => "press",
        }
    }
}

/// The rate limits of a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls in any sliding second, 1–10,000, of all lanes but [`Lane::Press`] together; as many again of that lane.
    /// Telegram allows 30 for free, and 1,000 for broadcasts paid with Stars. The limit stays below that, because calls
    /// that leave evenly arrive in bunches.
    pub per_second: u32,
    /// How many of the calls per second are reserved for replies.
    pub reserved_replies: u32,
    /// Milliseconds between two messages to one chat once its burst is used up. So a person who floods a bot slows only
    /// their own chat; a 429 of Telegram would close the bot for everybody.
    pub chat_gap_ms: i64,
    /// The burst: how many replies one chat gets without a gap. Of automatic messages it gets one fewer, of broadcasts
    /// two fewer, but at least one.
    pub chat_burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: 29, reserved_replies: 4, chat_gap_ms: 1000, chat_burst: 3 }
    }
}

/// The rate limiter's answer to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The call may go now, and is counted already.
    Go,
    /// The call may not go yet; the caller asks again at this time, or earlier when the state changes.
    WaitUntil(Millis),
}

/// Whether a 429 asks for more than waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Lanes are closed for a time; the caller has nothing else to do.
    Closed,
    /// The 429 is the third closure within ten minutes, or asks for more than 300 seconds: the caller pauses the
    /// broadcast and tells the owner.
    PauseBroadcast,
}

/// The part of a rate limiter's state that is stored and restored after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateState {
    /// No call is let through before this time.
    pub closed_all_until_ms: i64,
    /// Automatic messages and broadcasts are not let through before this time.
    pub closed_bulk_until_ms: i64,
    /// The present rate: calls per second, in hundredths.
    pub rate_x100: u32,
    /// Until when each method that neither sends nor edits is closed.
    pub methods: ClosedMethods,
}

const SLOWEST_X100: u32 = 100;
/// What a call to Telegram takes from a distant server, or on a slow line.
const LONGEST_USUAL_CALL_MS: i64 = 400;
const LEAST_SLOTS: usize = 8;
const MINUTE_MS: i64 = 60_000;
const CLOSURES_WINDOW_MS: i64 = 10 * MINUTE_MS;
const CLOSURES_TO_PAUSE: usize = 3;
const LONG_CLOSURE_S: u64 = 300;
/// A call of a higher lane that waits has reserved the time at which it asks again. Lower lanes wait until this long
/// after that time.
const CLAIM_GRACE_MS: i64 = 50;
const LONGEST_CLAIM_MS: i64 = 1_000;
/// A clock that goes back by more than this was set. Smaller steps back come from threads that read the clock at nearly
/// the same time.
const CLOCK_SET_MS: i64 = 2_000;

/// The rate limiter of one bot. [`RateLimiter::next`] is asked before every call, and the other methods are told how
/// calls ended.
#[derive(Debug)]
pub struct RateLimiter {
    limits: Limits,
    rate_x100: u32,
    closed_all_until: i64,
    closed_bulk_until: i64,
    methods: ClosedMethods,
    closures: VecDeque<i64>,
    quiet_since: Option<i64>,
    all: Window,
    bulk: Window,
    presses: Window,
    pace: Spacing,
    chats: Chats,
    /// The times at which a waiting reply and a waiting automatic message ask again; lower lanes wait for them.
    reservations: [Option<i64>; 2],
    link: Link,
    seen: i64,
}

impl RateLimiter {
    /// An open rate limiter at full rate.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let limits = sane(limits);
        Self {
            limits,
            rate_x100: ceiling(limits),
            closed_all_until: 0,
            closed_bulk_until: 0,
            methods: ClosedMethods::default(),
            closures: VecDeque::new(),
            quiet_since: None,
            all: Window::default(),
            bulk: Window::default(),
            presses: Window::default(),
            pace: Spacing::default(),
            chats: Chats::default(),
            reservations: [None; 2],
            link: Link::default(),
            seen: i64::MIN,
        }
    }

    /// Changes the limits while the bot runs (paid broadcasts on or off). A rate that a 429 has reduced stays reduced.
    pub fn set_limits(&mut self, limits: Limits) {
        let at_ceiling = self.rate_x100 == ceiling(self.limits);
        self.limits = sane(limits);
        let ceiling = ceiling(self.limits);
        self.rate_x100 = if at_ceiling { ceiling } else { self.rate_x100.min(ceiling) };
    }

    /// Whether a call of this lane may go now; `chat` is the chat to which it sends, if any. [`Decision::Go`] counts
    /// the call.
    pub fn next(&mut self, lane: Lane, chat: Option<i64>, now: Millis) -> Decision {
        let now = self.tick(now);
        let lane_at = self.earliest(lane, now);
        let at = chat.map_or(lane_at, |chat| lane_at.max(self.chat_free_at(lane, chat).0));
        if at > now {
            // Lower lanes are held back only if this call waits a short time for its lane. During a long closure they
            // wait anyway, and the caller may give up before a long reservation ends. A call that waits for its chat
            // holds back no chat.
            self.reserve(lane, (at == lane_at && at - now <= LONGEST_CLAIM_MS).then_some(at));
            return Decision::WaitUntil(Millis(at));
        }
        self.take(lane, now);
        if let Some(chat) = chat {
            self.chats.take(chat, self.limits, now);
        }
        Decision::Go
    }

    /// How many calls may be under way at once in a lane, so that its rate is reached although each call takes as long as
    /// [`LONGEST_USUAL_CALL_MS`].
    #[must_use]
    pub fn slots(&self) -> usize {
        let calls = i64::from(self.limits.per_second).saturating_mul(LONGEST_USUAL_CALL_MS) / 1000;
        usize::try_from(calls).unwrap_or_default().max(LEAST_SLOTS)
    }

    /// The time of the last [`RateLimiter::next`]. [`RateLimiter::give_back`] needs it to find the counted call.
    #[must_use]
    pub const fn asked_at(&self) -> Millis {
        Millis(self.seen)
    }

    /// Counts a message to `chat` for a call that was let through without a chat.
    pub fn speaks_to(&mut self, chat: i64, now: Millis) {
        let now = self.tick(now);
        self.chats.take(chat, self.limits, now);
    }

    /// Removes a call that was let through at `at` ([`RateLimiter::asked_at`]) and not made from the counts of the bot
    /// and, if `chat` is given, of the chat.
    pub fn give_back(&mut self, lane: Lane, chat: Option<i64>, at: Millis) {
        if lane == Lane::Press {
            self.presses.give_back(at.0);
            return;
        }
        self.all.give_back(at.0);
        if lane != Lane::Reply && self.bulk.give_back(at.0) {
            self.pace.give_back(self.bulk_x100());
        }
        if let Some(chat) = chat {
            self.chats.give_back(chat, self.limits);
        }
    }

    /// When the chat's own limit allows the next message of this lane; a past time means now.
    #[must_use]
    pub fn chat_free_at(&self, lane: Lane, chat: i64) -> Millis {
        Millis(self.chats.free_at(lane, chat, self.limits))
    }

    /// The chats whose own limit does not allow a message of this lane yet, each with the time from which it does.
    pub fn resting(&mut self, lane: Lane, now: Millis) -> Vec<(i64, Millis)> {
        let now = self.tick(now);
        let resting = self.chats.resting(lane, self.limits, now);
        resting.into_iter().map(|(chat, at)| (chat, Millis(at))).collect()
    }

    /// Records that Telegram answered 429 to a message or an edit of this lane, and closes lanes for `retry_after_s`
    /// seconds plus `jitter_ms`. A 429 to a broadcast closes the lanes of automatic messages and broadcasts, any other
    /// 429 every lane. Each closure multiplies the rate by 0.7; a 429 that comes while the lane is closed only makes
    /// the closure longer.
    ///
    /// A 429 does not say whether the bot sent too many messages in all or to one chat. It always counts for the whole
    /// bot, because going on with other chats could cause more 429s. The gap between messages to one chat prevents a
    /// 429 for that chat.
    pub fn record_429(&mut self, lane: Lane, retry_after_s: u64, jitter_ms: i64, now: Millis) -> Verdict {
        let now = self.tick(now);
        let already = now < self.open_at(lane);
        let wait_ms = i64::try_from(retry_after_s.max(1)).unwrap_or(i64::MAX).saturating_mul(1000);
        let until = now.saturating_add(wait_ms).saturating_add(jitter_ms.max(0));
        match lane {
            Lane::Broadcast => self.closed_bulk_until = self.closed_bulk_until.max(until),
            Lane::Reply | Lane::Automatic | Lane::Press => self.closed_all_until = self.closed_all_until.max(until),
        }
        if !already {
            self.rate_x100 = (self.rate_x100.saturating_mul(7) / 10).max(SLOWEST_X100);
            self.closures.push_back(now);
        }
        self.closures.retain(|at| now.saturating_sub(*at) < CLOSURES_WINDOW_MS);
        self.quiet_since = Some(self.open_at(Lane::Broadcast));
        if self.closures.len() >= CLOSURES_TO_PAUSE || retry_after_s > LONG_CLOSURE_S {
            return Verdict::PauseBroadcast;
        }
        Verdict::Closed
    }

    /// Records that Telegram answered 429 to a method that neither sends nor edits, and closes that method alone.
    /// Messages keep their rate, because this 429 says nothing about them.
    pub fn record_method_429(&mut self, method: Method, retry_after_s: u64, jitter_ms: i64, now: Millis) {
        let now = self.tick(now);
        let wait_ms = i64::try_from(retry_after_s.max(1)).unwrap_or(i64::MAX).saturating_mul(1000);
        self.methods.close(method, Millis(now.saturating_add(wait_ms).saturating_add(jitter_ms.max(0))));
    }

    /// For how many milliseconds a method is still closed; `None`: the method may be called.
    pub fn method_closed_for(&mut self, method: Method, now: Millis) -> Option<i64> {
        let now = self.tick(now);
        Some(self.methods.until(method).0.saturating_sub(now)).filter(|left| *left > 0)
    }

    /// Whether neither a 429 nor a lost connection keeps the lane closed now.
    pub fn is_open(&mut self, lane: Lane, now: Millis) -> bool {
        let now = self.tick(now);
        self.open_at(lane) <= now && self.link.open_at(now) <= now
    }

    /// The state to store, for [`RateLimiter::restore`] after a restart.
    #[must_use]
    pub const fn state(&self) -> GateState {
        GateState {
            closed_all_until_ms: self.closed_all_until,
            closed_bulk_until_ms: self.closed_bulk_until,
            rate_x100: self.rate_x100,
            methods: self.methods,
        }
    }

    /// Restores the state stored before a restart.
    pub fn restore(&mut self, state: GateState) {
        self.closed_all_until = state.closed_all_until_ms;
        self.closed_bulk_until = state.closed_bulk_until_ms;
        self.rate_x100 = state.rate_x100.clamp(SLOWEST_X100, ceiling(self.limits));
        self.methods = state.methods;
        self.quiet_since = None;
    }

    /// The time from which no 429 closes the lane.
    fn open_at(&self, lane: Lane) -> i64 {
        match lane {
            Lane::Reply | Lane::Press => self.closed_all_until,
            Lane::Automatic | Lane::Broadcast => self.closed_all_until.max(self.closed_bulk_until),
        }
    }

    fn earliest(&mut self, lane: Lane, now: i64) -> i64 {
        let open_at = now.max(self.open_at(lane)).max(self.link.open_at(now));
        if lane == Lane::Press {
            return open_at.max(self.presses.free_at(self.calls(), now));
        }
        let mut at = open_at.max(self.all.free_at(self.calls(), now));
        if lane != Lane::Reply {
            at = at.max(self.bulk.free_at(self.bulk_calls(), now)).max(self.pace.free_at()).max(self.reserved(lane));
        }
        at
    }

    fn take(&mut self, lane: Lane, now: i64) {
        if lane == Lane::Press {
            self.presses.take(now);
            return;
        }
        self.reserve(lane, None);
        self.all.take(now);
        if lane != Lane::Reply {
            self.bulk.take(now);
            self.pace.take(self.bulk_x100(), now);
        }
    }

    fn reserve(&mut self, lane: Lane, at: Option<i64>) {
        if let Some(reservation) = self.reservations.get_mut(lane as usize) {
            *reservation = at;
        }
    }

    /// Until when reservations of higher lanes hold this lane back.
    fn reserved(&self, lane: Lane) -> i64 {
        let higher = self.reservations.iter().take(lane as usize).flatten();
        higher.map(|at| at.saturating_add(CLAIM_GRACE_MS)).max().unwrap_or(i64::MIN)
    }

    const fn calls(&self) -> usize {
        (self.rate_x100 / 100) as usize
    }

    fn bulk_x100(&self) -> u32 {
        self.rate_x100.saturating_sub(self.limits.reserved_replies.saturating_mul(100)).max(SLOWEST_X100)
    }

    fn bulk_calls(&self) -> usize {
        (self.bulk_x100() / 100) as usize
    }

    /// Brings the state to the time `now`, which never runs backwards: drops expired reservations, and raises a reduced
    /// rate for each minute without a 429, by a thirtieth of the limit, at least by one call per second. Returns the time to use.
    fn tick(&mut self, now: Millis) -> i64 {
        let back = self.seen.saturating_sub(now.0);
        if back > CLOCK_SET_MS {
            self.shift(-back);
        }
        self.seen = self.seen.max(now.0);
        let now = self.seen;
        for reservation in &mut self.reservations {
            reservation.take_if(|at| at.saturating_add(CLAIM_GRACE_MS) < now);
        }
        self.recover(now);
        now
    }

    fn recover(&mut self, now: i64) {
        let since = self.quiet_since.unwrap_or_else(|| now.max(self.open_at(Lane::Broadcast)));
        let minutes = now.saturating_sub(since).max(0) / MINUTE_MS;
        let step = (ceiling(self.limits) / 30).max(100);
        let won = u32::try_from(minutes).unwrap_or(u32::MAX).saturating_mul(step);
        self.rate_x100 = self.rate_x100.saturating_add(won).min(ceiling(self.limits));
        self.quiet_since = Some(since.saturating_add(minutes.saturating_mul(MINUTE_MS)));
    }

    /// Moves every stored time by `ms`, because the clock was set back: so waits keep their length.
    fn shift(&mut self, ms: i64) {
        let times = [&mut self.closed_all_until, &mut self.closed_bulk_until, &mut self.seen];
        let more = self.quiet_since.iter_mut().chain(self.reservations.iter_mut().flatten());
        for time in times.into_iter().chain(more).chain(&mut self.closures) {
            *time = time.saturating_add(ms);
        }
        self.methods.shift(ms);
        self.chats.shift(ms);
        self.all.shift(ms);
        self.bulk.shift(ms);
        self.presses.shift(ms);
        self.pace.shift(ms);
        self.link.shift(ms);
    }
}

fn sane(limits: Limits) -> Limits {
    Limits { per_second: limits.per_second.clamp(1, 10_000), ..limits }
}

const fn ceiling(limits: Limits) -> u32 {
    limits.per_second.saturating_mul(100)
}

#[cfg(test)]
mod tests;
