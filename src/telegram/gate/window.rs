//! Counts calls in a sliding second, and spaces calls evenly. Used by `gate`.

use std::collections::VecDeque;

const SECOND_MS: i64 = 1000;

/// The times of the calls in the last second, one entry per call, so that a limit holds in every sliding second.
#[derive(Debug, Default)]
pub(super) struct Window(VecDeque<i64>);

impl Window {
    /// The first time at which one more call leaves no sliding second with more than `limit` calls; `i64::MIN`: now.
    pub fn free_at(&mut self, limit: usize, now: i64) -> i64 {
        while self.0.front().is_some_and(|at| now.saturating_sub(*at) >= SECOND_MS) {
            self.0.pop_front();
        }
        let over = self.0.len().checked_sub(limit.max(1));
        over.and_then(|index| self.0.get(index)).map_or(i64::MIN, |at| at.saturating_add(SECOND_MS))
    }

    pub fn take(&mut self, now: i64) {
        self.0.push_back(now);
    }

    /// Removes a call counted at `at`; false when the call is not in the window any more.
    pub fn give_back(&mut self, at: i64) -> bool {
        let found = self.0.iter().rposition(|taken| *taken == at);
        found.and_then(|index| self.0.remove(index)).is_some()
    }

    pub fn shift(&mut self, ms: i64) {
        self.0.iter_mut().for_each(|at| *at = at.saturating_add(ms));
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Even spacing, so that a lane that may send 25 a second sends one every 40 ms instead of 25 at once. A call that
/// comes a little late does not slow the following ones down; after a longer pause the spacing starts anew.
#[derive(Debug, Default)]
pub(super) struct Spacing {
    due_us: i64,
}

const US: i64 = 1000;
/// A call that is late by at most this many spacings does not delay the following calls. Lateness up to `TIMERS_US`
/// never does: timers, and a sender's transaction before its calls, need that much. The limits per sliding second hold
/// in any case.
const SLACK: i64 = 2;
const TIMERS_US: i64 = 100 * US;

impl Spacing {
    pub fn free_at(&self) -> i64 {
        self.due_us.div_euclid(US).saturating_add(i64::from(self.due_us.rem_euclid(US) > 0))
    }

    pub fn take(&mut self, rate_x100: u32, now: i64) {
        let spacing = spacing_us(rate_x100);
        let now = now.saturating_mul(US);
        let late = now.saturating_sub(self.due_us) <= spacing.saturating_mul(SLACK).max(TIMERS_US);
        self.due_us = if late { self.due_us } else { now }.saturating_add(spacing);
    }

    /// Removes the call that was counted last, because it is not made.
    pub fn give_back(&mut self, rate_x100: u32) {
        self.due_us = self.due_us.saturating_sub(spacing_us(rate_x100));
    }

    pub fn shift(&mut self, ms: i64) {
        self.due_us = self.due_us.saturating_add(ms.saturating_mul(US));
    }
}

fn spacing_us(rate_x100: u32) -> i64 {
    100_000_000 / i64::from(rate_x100.max(1))
}
