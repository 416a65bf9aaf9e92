//! Whether Telegram answers, and when to ask it again. After a doubtful call, and after a call that did not reach
//! Telegram, the rate limiter lets no call through until a probe has been answered. A probe is a `getMe`, which changes
//! nothing, so no message to a person is risked to find out. Used by `gate`.

use super::RateLimiter;
use crate::clock::Millis;

/// The longest pause between probes, in seconds: after a refused connection probes are sent 1, 2, 4 … 60 s apart.
const LONGEST_S: i64 = 60;
/// The pause between probes after a doubtful answer, in milliseconds.
const PROBE_MS: i64 = 1_000;
/// A probe without a result for this many milliseconds no longer counts as under way (the client ends it after 10 s).
const TRY_MS: i64 = 15_000;
/// While a probe is due and not sent yet, a caller that waits for a permit asks again after this many milliseconds.
const LOOK_MS: i64 = 100;

/// Whether Telegram answers and, while it does not, when the next probe is due.
#[derive(Debug, Default)]
pub(super) struct Link {
    down: Option<Down>,
    /// When the last probe was sent.
    probed: Option<i64>,
}

#[derive(Debug)]
struct Down {
    why: Why,
    since: i64,
    wait_s: i64,
    /// When the next probe may be sent.
    until: i64,
    /// When the probe under way was sent.
    tried_at: Option<i64>,
}

/// Why no call is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// A call did not reach Telegram. The answer to any call, or to a probe, ends this state.
    Unreached,
    /// It is unknown whether Telegram took a call. Only the answer to a probe (`getMe`) ends this state: answers to
    /// earlier calls and to polls do not show that the next message would arrive.
    Doubt,
}

/// The result of a probe (`getMe`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// Telegram answered the probe, whatever the answer was.
    Answered,
    /// The probe did not reach Telegram.
    Unreached,
    /// The probe got no answer, or one that Telegram does not give (an unreadable one, or an error of its server).
    Doubtful,
}

impl Link {
    pub const fn is_up(&self) -> bool {
        self.down.is_none()
    }

    /// The earliest time at which a call may go, as far as it is known now; `i64::MIN` while Telegram answers.
    pub fn open_at(&self, now: i64) -> i64 {
        let Some(down) = &self.down else { return i64::MIN };
        let probe_at = down.tried_at.map_or(down.until, |at| at.saturating_add(TRY_MS));
        probe_at.max(now.saturating_add(LOOK_MS))
    }

    fn probe_at(&self) -> Option<i64> {
        let down = self.down.as_ref()?;
        Some(down.tried_at.map_or(down.until, |at| at.saturating_add(TRY_MS)))
    }

    /// Whether the caller must send a probe now. If so, the probe counts as under way.
    fn probe(&mut self, now: i64) -> bool {
        if self.probe_at().is_none_or(|at| at > now) {
            return false;
        }
        self.probed = Some(now);
        if let Some(down) = &mut self.down {
            (down.tried_at, down.until) = (Some(now), now.saturating_add(PROBE_MS));
        }
        true
    }

    /// Notes that the probe sent at `at` was dropped without a result.
    fn not_tried(&mut self, at: i64) {
        if let Some(down) = &mut self.down {
            down.tried_at.take_if(|tried| *tried == at);
        }
    }

    /// Notes that a call did not reach Telegram. While calls are held back already, this changes nothing.
    fn lost(&mut self, now: i64) {
        if self.down.is_none() {
            let until = now.saturating_add(1_000);
            self.down = Some(Down { why: Why::Unreached, since: now, wait_s: 1, until, tried_at: None });
        }
    }

    /// Notes that a call got no usable answer.
    fn doubt(&mut self, now: i64) {
        match &mut self.down {
            Some(down) => down.why = Why::Doubt,
            None => {
                let until = self.probed.map_or(now, |at| at.saturating_add(PROBE_MS).max(now));
                self.down = Some(Down { why: Why::Doubt, since: now, wait_s: 1, until, tried_at: None });
            }
        }
    }

    /// Notes the result of a probe. True when calls were held back and Telegram answers again.
    fn heard(&mut self, probed: Probed, now: i64) -> bool {
        let Some(down) = &mut self.down else { return false };
        let sent_at = down.tried_at.take().unwrap_or(now);
        match probed {
            Probed::Answered => {
                self.down = None;
                return true;
            }
            Probed::Unreached => {
                down.wait_s = down.wait_s.saturating_mul(2).min(LONGEST_S);
                down.until = now.saturating_add(down.wait_s.saturating_mul(1_000));
            }
            Probed::Doubtful => {
                (down.why, down.wait_s) = (Why::Doubt, 1);
                down.until = sent_at.saturating_add(PROBE_MS).max(now);
            }
        }
        false
    }

    /// Notes that a call was answered. True when calls were held back because Telegram was not reached.
    fn found(&mut self) -> bool {
        self.down.take_if(|down| down.why == Why::Unreached).is_some()
    }

    pub fn shift(&mut self, ms: i64) {
        let times = self.down.as_mut().into_iter().flat_map(|down| {
            [Some(&mut down.since), Some(&mut down.until), down.tried_at.as_mut()].into_iter().flatten()
        });
        for time in times.chain(self.probed.as_mut()) {
            *time = time.saturating_add(ms);
        }
    }
}

impl RateLimiter {
    /// Notes that a call could not reach Telegram: closes every lane until a probe, or any call still under way, is
    /// answered.
    pub fn connection_lost(&mut self, now: Millis) {
        let now = self.tick(now);
        self.link.lost(now);
    }

    /// Notes that a call got no usable answer: closes every lane until a probe is answered.
    pub fn record_timeout(&mut self, now: Millis) {
        let now = self.tick(now);
        self.link.doubt(now);
    }

    /// Notes that Telegram answered a call. True when Telegram had not been reached before: callers that wait should
    /// ask again.
    pub fn connected(&mut self) -> bool {
        self.link.found()
    }

    /// Whether Telegram answers, as far as is known; while it does not, calls are held back.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.link.is_up()
    }

    /// Since when calls have been held back because Telegram does not answer; `None` while it answers.
    #[must_use]
    pub fn silent_since(&self) -> Option<Millis> {
        self.link.down.as_ref().map(|down| Millis(down.since))
    }

    /// When the next probe is due; `None` while Telegram answers.
    #[must_use]
    pub fn probe_at(&self) -> Option<Millis> {
        self.link.probe_at().map(Millis)
    }

    /// `Some` if the caller must send a probe now; the time identifies the probe. Until that probe has ended, other
    /// callers get `None`.
    pub fn probe(&mut self, now: Millis) -> Option<Millis> {
        let now = self.tick(now);
        self.link.probe(now).then_some(Millis(now))
    }

    /// Notes the result of the probe. True when Telegram answers again: callers that wait should ask again.
    pub fn probed(&mut self, probed: Probed, now: Millis) -> bool {
        let now = self.tick(now);
        self.link.heard(probed, now)
    }

    /// Notes that the probe sent at `at` was dropped before its answer.
    pub fn not_probed(&mut self, at: Millis) {
        self.link.not_tried(at.0);
    }
}
