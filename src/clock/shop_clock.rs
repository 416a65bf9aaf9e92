//! The shop's clock in a demo: pieces of time in which it runs at a rate of its own, beside the machine's clock. Every
//! process of the demo reads the same pieces from the database, so at one instant all of them have the same shop time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::{Millis, ShopMillis};

/// How long before it begins a change of the rate is written, in milliseconds: meanwhile every process reads it.
const AHEAD_MS: i64 = 300;
/// The rate at which the clock is run on to a later time.
const SPIN: i64 = 3600;

/// From an instant of the machine on, the shop's clock shows a time and runs at a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockPiece {
    /// The machine's time at which the piece begins, in milliseconds since the epoch.
    pub from_ms: i64,
    /// The shop's time at that instant.
    pub shop_ms: i64,
    /// How many times faster than the machine's clock the shop's clock runs.
    pub rate: i64,
}

impl ClockPiece {
    fn shop_at(&self, machine: i64) -> i64 {
        self.shop_ms.saturating_add(machine.saturating_sub(self.from_ms).saturating_mul(self.rate))
    }
}

/// The shop's clock as one process knows it.
#[derive(Debug, Default)]
pub struct ShopClock {
    pieces: RwLock<Vec<ClockPiece>>,
    /// The latest time that was given: no later answer is less.
    given: AtomicI64,
}

impl ShopClock {
    /// A clock of these pieces, in order of time.
    #[must_use]
    pub fn new(pieces: Vec<ClockPiece>) -> Self {
        Self { pieces: RwLock::new(pieces), given: AtomicI64::new(i64::MIN) }
    }

    /// Replaces the pieces, which another process has changed.
    pub fn set(&self, pieces: Vec<ClockPiece>) {
        *self.pieces.write().unwrap_or_else(PoisonError::into_inner) = pieces;
    }

    /// The shop's time at an instant of the machine; never less than what was given before.
    #[must_use]
    pub fn at(&self, machine: Millis) -> ShopMillis {
        let pieces = self.pieces.read().unwrap_or_else(PoisonError::into_inner);
        let shop = holding(&pieces, machine.0).map_or(machine.0, |piece| piece.shop_at(machine.0));
        ShopMillis(self.given.fetch_max(shop, Ordering::SeqCst).max(shop))
    }

    /// The rate at an instant, and whether it is that of a spin.
    #[must_use]
    pub fn rate_at(&self, machine: Millis) -> (i64, bool) {
        let pieces = self.pieces.read().unwrap_or_else(PoisonError::into_inner);
        let rate = holding(&pieces, machine.0).map_or(1, |piece| piece.rate);
        let is_spinning = rate == SPIN || pieces.iter().any(|piece| piece.from_ms > machine.0 && piece.rate == SPIN);
        (rate, is_spinning)
    }

    /// The pieces with a new rate, which begins in a moment.
    #[must_use]
    pub fn with_rate(&self, rate: i64, now: Millis) -> Vec<ClockPiece> {
        let (from_ms, kept) = self.until_ahead(now);
        let shop_ms = holding(&kept, from_ms).map_or(from_ms, |piece| piece.shop_at(from_ms));
        [kept, vec![ClockPiece { from_ms, shop_ms, rate }]].concat()
    }

    /// The pieces with which the clock runs on by this many hours within as many seconds, and then as before.
    #[must_use]
    pub fn with_spin(&self, hours: i64, now: Millis) -> Vec<ClockPiece> {
        let (from_ms, kept) = self.until_ahead(now);
        let held = holding(&kept, from_ms).copied();
        let (shop_ms, rate) = held.map_or((from_ms, 1), |piece| (piece.shop_at(from_ms), piece.rate));
        let length = hours.saturating_mul(3_600_000).div_euclid(SPIN);
        let spin = ClockPiece { from_ms, shop_ms, rate: SPIN };
        let after =
            ClockPiece { from_ms: from_ms.saturating_add(length), shop_ms: spin.shop_at(from_ms + length), rate };
        [kept, vec![spin, after]].concat()
    }

    /// The instant at which a change begins, and the piece that holds until then.
    fn until_ahead(&self, now: Millis) -> (i64, Vec<ClockPiece>) {
        let from_ms = now.0.saturating_add(AHEAD_MS);
        let pieces = self.pieces.read().unwrap_or_else(PoisonError::into_inner);
        // The piece that holds now stays, because a process may not have read the new ones yet.
        let since = holding(&pieces, now.0).map_or(i64::MIN, |piece| piece.from_ms);
        let kept = pieces.iter().filter(|piece| piece.from_ms >= since && piece.from_ms <= from_ms).copied().collect();
        (from_ms, kept)
    }
}

/// Of the pieces that have begun the last one; before the first has begun, the first.
fn holding(pieces: &[ClockPiece], machine: i64) -> Option<&ClockPiece> {
    pieces.iter().rev().find(|piece| piece.from_ms <= machine).or_else(|| pieces.first())
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn a_spin_of_a_day_takes_24_seconds_and_the_rate_goes_on() {
        let clock = ShopClock::new(vec![ClockPiece { from_ms: 0, shop_ms: 5_000, rate: 1 }]);
        clock.set(clock.with_spin(24, Millis(1_000)));
        assert_eq!(clock.at(Millis(1_299)), ShopMillis(6_299));
        assert_eq!(clock.rate_at(Millis(1_299)), (1, true));
        assert_eq!(clock.rate_at(Millis(1_300)), (SPIN, true));
        assert_eq!(clock.at(Millis(25_300)), ShopMillis(6_300 + 86_400_000));
        assert_eq!(clock.rate_at(Millis(25_300)), (1, false));
        assert_eq!(clock.at(Millis(26_300)), ShopMillis(7_300 + 86_400_000));
    }

    /// Sixty random changes: processes that read them late, but within the time that they are written ahead, agree at each
    /// instant, and none goes back.
    #[test]
    fn processes_agree_at_every_instant_and_none_goes_back() {
        for seed in 0..20 {
            let mut rng = StdRng::seed_from_u64(seed);
            let first = vec![ClockPiece { from_ms: 0, shop_ms: 1_000_000, rate: 1 }];
            let (writer, reader) = (ShopClock::new(first.clone()), ShopClock::new(first));
            let (mut now, mut last) = (0, (0, 0));
            for _ in 0..60 {
                let pieces = match rng.random_range(0..4) {
                    0 => writer.with_rate(60, Millis(now)),
                    1 => writer.with_rate(1, Millis(now)),
                    2 => writer.with_spin(1, Millis(now)),
                    _ => writer.with_spin(24, Millis(now)),
                };
                writer.set(pieces.clone());
                let read = now + rng.random_range(0..AHEAD_MS);
                let end = now + rng.random_range(301..30_000);
                while now < end {
                    if now >= read {
                        reader.set(pieces.clone());
                    }
                    let seen = (writer.at(Millis(now)).0, reader.at(Millis(now)).0);
                    assert_eq!(seen.0, seen.1, "seed {seed} at {now}");
                    assert!(seen >= last, "seed {seed} at {now}: {seen:?} after {last:?}");
                    last = seen;
                    now += rng.random_range(1..200);
                }
                now = now.max(end);
            }
        }
    }

    #[test]
    fn a_wrong_piece_never_takes_the_clock_back() {
        let clock = ShopClock::new(vec![ClockPiece { from_ms: 0, shop_ms: 100_000, rate: 1 }]);
        assert_eq!(clock.at(Millis(10)), ShopMillis(100_010));
        clock.set(vec![ClockPiece { from_ms: 0, shop_ms: 0, rate: 1 }]);
        assert_eq!(clock.at(Millis(20)), ShopMillis(100_010));
    }
}
