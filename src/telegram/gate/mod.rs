//! The rate limiter of one bot: three lanes, sliding rates, closures after a 429, probes while Telegram does not
//! answer. A pure state machine: no clock, no waiting, no storage; `client::Bot` asks it and sleeps. Its state survives
//! a restart through [`GateState`]. getUpdates does not pass it.

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

/// The order of calls: replies first, then automatic messages, then broadcasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// A reply to a person who waits for it.
    Reply,
    /// A redemption message, birthday gift, reminder or notice.
    Automatic,
    /// A broadcast message.
    Broadcast,
}

impl Lane {
    /// The name of the lane.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Automatic => "automatic",
            Self::Broadcast => "broadcast",
        }
    }
}

/// The rate limits of a bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls in any sliding second, all lanes together (1–10,000; Telegram's free limit is 30, with Stars 1000 of them may be broadcasts).
    pub per_second: u32,
    /// How many of the calls per second are reserved for replies.
    pub reserved_replies: u32,
    /// Milliseconds between two messages to one chat once its burst is used up. A person who floods a bot slows only
    /// their own chat: Telegram's 429 would close the bot for all.
    pub chat_gap_ms: i64,
    /// How many replies one chat gets without a gap (automatic messages one fewer, broadcasts two fewer, at least one).
    pub chat_burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_second: 30, reserved_replies: 5, chat_gap_ms: 1000, chat_burst: 3 }
    }
}

/// The rate limiter's answer to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Call now; the slot is taken.
    Go,
    /// Do not call; ask again at this time, or when the state changes.
    WaitUntil(Millis),
}

/// What a 429 means beyond waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Calls are held back for a while; nothing else to do.
    Closed,
    /// Third closure in ten minutes, or more than 300 seconds: pause the broadcast and tell the owner.
    PauseBroadcast,
}

/// The state that survives a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateState {
    /// No call is let through before this time.
    pub closed_all_until_ms: i64,
    /// Automatic messages and broadcasts are not let through before this time.
    pub closed_bulk_until_ms: i64,
    /// How many calls per second are allowed now, in hundredths.
    pub rate_x100: u32,
    /// Methods that are closed separately.
    pub methods: ClosedMethods,
}

const SLOWEST_X100: u32 = 100;
const MINUTE_MS: i64 = 60_000;
const CLOSURES_WINDOW_MS: i64 = 10 * MINUTE_MS;
const CLOSURES_TO_PAUSE: usize = 3;
const LONG_CLOSURE_S: u64 = 300;
/// How long after its time a reservation of a higher lane still holds back the lower lanes.
const CLAIM_GRACE_MS: i64 = 50;
const LONGEST_CLAIM_MS: i64 = 1_000;
/// A clock that went back further than this was set; smaller steps are races between threads.
const CLOCK_SET_MS: i64 = 2_000;

/// The rate limiter of one bot; see the module.
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
    pace: Spacing,
    chats: Chats,
    /// When the waiting reply and the waiting automatic message were told to ask again.
    claims: [Option<i64>; 2],
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
            pace: Spacing::default(),
            chats: Chats::default(),
            claims: [None; 2],
            link: Link::default(),
            seen: i64::MIN,
        }
    }

    /// Changes the limits while running (paid broadcasts on or off). A reduced rate stays reduced.
    pub fn set_limits(&mut self, limits: Limits) {
        let at_ceiling = self.rate_x100 == ceiling(self.limits);
        self.limits = sane(limits);
        let ceiling = ceiling(self.limits);
        self.rate_x100 = if at_ceiling { ceiling } else { self.rate_x100.min(ceiling) };
    }

    /// Whether a call of this lane, to this chat if it sends something, may go now. [`Decision::Go`] takes the slot.
    pub fn next(&mut self, lane: Lane, chat: Option<i64>, now: Millis) -> Decision {
        let now = self.tick(now);
        let lane_at = self.earliest(lane, now);
        let at = chat.map_or(lane_at, |chat| lane_at.max(self.chat_free_at(lane, chat).0));
        if at > now {
            // All lanes wait for a closure anyway, and so long a reservation could outlive its waiter. When the chat
            // itself is the reason to wait, other lanes are not held back.
            self.reserve(lane, (at == lane_at && at - now <= LONGEST_CLAIM_MS).then_some(at));
            return Decision::WaitUntil(Millis(at));
        }
        self.take(lane, now);
        if let Some(chat) = chat {
            self.chats.take(chat, self.limits, now);
        }
        Decision::Go
    }

    /// The instant of the last [`RateLimiter::next`]: a slot taken by it is given back under this time.
    #[must_use]
    pub const fn asked_at(&self) -> Millis {
        Millis(self.seen)
    }

    /// Names the chat of a call that was let through without one.
    pub fn speaks_to(&mut self, chat: i64, now: Millis) {
        let now = self.tick(now);
        self.chats.take(chat, self.limits, now);
    }

    /// Returns the slot of a call let through at `at` ([`RateLimiter::asked_at`]) and not made, and the chat's if it
    /// named one.
    pub fn give_back(&mut self, lane: Lane, chat: Option<i64>, at: Millis) {
        self.all.give_back(at.0);
        if lane != Lane::Reply && self.bulk.give_back(at.0) {
            self.pace.give_back(self.bulk_x100());
        }
        if let Some(chat) = chat {
            self.chats.give_back(chat, self.limits);
        }
    }

    /// When the chat may get its next message in this lane, whatever the lanes are doing; past times mean now.
    #[must_use]
    pub fn chat_free_at(&self, lane: Lane, chat: i64) -> Millis {
        Millis(self.chats.free_at(lane, chat, self.limits))
    }

    /// The chats that must wait in this lane though others may go, each with the end of its wait.
    pub fn resting(&mut self, lane: Lane, now: Millis) -> Vec<(i64, Millis)> {
        let now = self.tick(now);
        let resting = self.chats.resting(lane, self.limits, now);
        resting.into_iter().map(|(chat, at)| (chat, Millis(at))).collect()
    }

    /// Telegram answered 429 to a message or an edit of this lane: closes for `retry_after_s` + `jitter_ms`. A
    /// broadcast closes automatic messages and broadcasts; anything else closes every lane. The rate drops to 0.7 once
    /// per closure: an answer that comes while the lane is closed already only makes the closure longer.
    ///
    /// A 429 does not say whether the bot or one chat got too many messages, so it always counts as the bot's: taking
    /// the bot's for a chat's would draw more of them. Each chat is paced, so that no chat draws one.
    pub fn record_429(&mut self, lane: Lane, retry_after_s: u64, jitter_ms: i64, now: Millis) -> Verdict {
        let now = self.tick(now);
        let already = now < self.open_at(lane);
        let wait_ms = i64::try_from(retry_after_s.max(1)).unwrap_or(i64::MAX).saturating_mul(1000);
        let until = now.saturating_add(wait_ms).saturating_add(jitter_ms.max(0));
        match lane {
            Lane::Broadcast => self.closed_bulk_until = self.closed_bulk_until.max(until),
            Lane::Reply | Lane::Automatic => self.closed_all_until = self.closed_all_until.max(until),
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

    /// Telegram answered 429 to a method that neither sends nor edits: closes that method alone. Messages keep their
    /// rate, because this 429 says nothing about them.
    pub fn record_method_429(&mut self, method: Method, retry_after_s: u64, jitter_ms: i64, now: Millis) {
        let now = self.tick(now);
        let wait_ms = i64::try_from(retry_after_s.max(1)).unwrap_or(i64::MAX).saturating_mul(1000);
        self.methods.close(method, Millis(now.saturating_add(wait_ms).saturating_add(jitter_ms.max(0))));
    }

    /// For how many milliseconds a method is still closed; `None` = it may be called.
    pub fn method_closed_for(&mut self, method: Method, now: Millis) -> Option<i64> {
        let now = self.tick(now);
        Some(self.methods.until(method).0.saturating_sub(now)).filter(|left| *left > 0)
    }

    /// Whether neither a 429 nor a lost connection keeps the lane closed now.
    pub fn is_open(&mut self, lane: Lane, now: Millis) -> bool {
        let now = self.tick(now);
        self.open_at(lane) <= now && self.link.open_at(now) <= now
    }

    /// The state to store.
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
            Lane::Reply => self.closed_all_until,
            Lane::Automatic | Lane::Broadcast => self.closed_all_until.max(self.closed_bulk_until),
        }
    }

    fn earliest(&mut self, lane: Lane, now: i64) -> i64 {
        let mut at = now.max(self.open_at(lane)).max(self.link.open_at(now)).max(self.all.free_at(self.calls(), now));
        if lane != Lane::Reply {
            at = at.max(self.bulk.free_at(self.bulk_calls(), now)).max(self.pace.free_at()).max(self.reserved(lane));
        }
        at
    }

    fn take(&mut self, lane: Lane, now: i64) {
        self.reserve(lane, None);
        self.all.take(now);
        if lane != Lane::Reply {
            self.bulk.take(now);
            self.pace.take(self.bulk_x100(), now);
        }
    }

    fn reserve(&mut self, lane: Lane, at: Option<i64>) {
        if let Some(claim) = self.claims.get_mut(lane as usize) {
            *claim = at;
        }
    }

    /// Until when reservations of higher lanes hold this lane back.
    fn reserved(&self, lane: Lane) -> i64 {
        let higher = self.claims.iter().take(lane as usize).flatten();
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

    /// Keeps time from running backwards, drops expired reservations, and raises a reduced rate by a call per quiet
    /// minute.
    fn tick(&mut self, now: Millis) -> i64 {
        let back = self.seen.saturating_sub(now.0);
        if back > CLOCK_SET_MS {
            self.shift(-back);
        }
        self.seen = self.seen.max(now.0);
        let now = self.seen;
        for claim in &mut self.claims {
            claim.take_if(|at| at.saturating_add(CLAIM_GRACE_MS) < now);
        }
        self.recover(now);
        now
    }

    fn recover(&mut self, now: i64) {
        let since = self.quiet_since.unwrap_or_else(|| now.max(self.open_at(Lane::Broadcast)));
        let minutes = now.saturating_sub(since).max(0) / MINUTE_MS;
        let won = u32::try_from(minutes).unwrap_or(u32::MAX).saturating_mul(100);
        self.rate_x100 = self.rate_x100.saturating_add(won).min(ceiling(self.limits));
        self.quiet_since = Some(since.saturating_add(minutes.saturating_mul(MINUTE_MS)));
    }

    /// The clock was set back: everything remembered moves with it, so that waits keep their length.
    fn shift(&mut self, ms: i64) {
        let times = [&mut self.closed_all_until, &mut self.closed_bulk_until, &mut self.seen];
        let more = self.quiet_since.iter_mut().chain(self.claims.iter_mut().flatten());
        for time in times.into_iter().chain(more).chain(&mut self.closures) {
            *time = time.saturating_add(ms);
        }
        self.methods.shift(ms);
        self.chats.shift(ms);
        self.all.shift(ms);
        self.bulk.shift(ms);
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
