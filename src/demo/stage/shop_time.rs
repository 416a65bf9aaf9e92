//! The shop's clock: its rate is changed for every process of the demo, shown, and slowed down when no window is open and no typed demo runs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Stage;
use crate::clock::Clock;
use crate::db::{Failure, set_demo_clock};
use crate::demo::stage::act::Denial;

/// A fast clock runs on for so long when no window is open and no typed demo runs.
const UNWATCHED: Duration = Duration::from_secs(60);

/// A change of the shop's clock.
#[derive(Debug, Clone, Copy)]
pub(super) enum ClockChange {
    /// How many times faster it runs.
    Rate(i64),
    /// It runs on by so many hours, within as many seconds.
    Spin { hours: i64 },
}

impl Stage<'_> {
    /// Writes a new course of the shop's clock, which every process of the demo reads. It is calculated once the write lock
    /// is held: it begins in a moment, and a wait for the lock would use that moment up.
    pub(super) async fn change_clock(&mut self, change: ClockChange) -> Result<(), Denial> {
        let Clock::Demo(clock) = self.database.clock().clone() else {
            return Err(Denial::busy(self.word("wrong.no_clock")));
        };
        let written = self.database.write_async(move |tx| {
            let now = Clock::System.now_ms();
            if clock.rate_at(now).1 {
                return Ok(false);
            }
            let pieces = match change {
                ClockChange::Rate(rate) => clock.with_rate(rate, now),
                ClockChange::Spin { hours } => clock.with_spin(hours, now),
            };
            set_demo_clock(tx, &pieces)?;
            Ok(true)
        });
        match written.await.map_err(|error: Failure| Denial::not_ready(error.to_string()))? {
            false => Err(Denial::busy(self.word("wrong.spinning"))),
            true => {
                self.database.reload_clock();
                self.emit_clock();
                Ok(())
            }
        }
    }

    /// Shows the clock when its rate has changed.
    pub(super) fn emit_clock(&mut self) {
        let rate = self.rate();
        if rate != self.shown_rate {
            self.shown_rate = rate;
            let clock = self.clock_json();
            self.hub.emit("clock", &clock);
        }
    }

    /// Shows the clock. With no window open and no typed demo for a minute, a clock at ×60 goes back to ×1.
    pub(super) async fn watch_clock(&mut self) {
        self.emit_clock();
        let rate = self.rate();
        if self.hub.is_watched() {
            self.watched = Instant::now();
        } else if rate == (60, false) && self.watched.elapsed() > UNWATCHED {
            // The next look tries again if this fails.
            let _ = self.change_clock(ClockChange::Rate(1)).await;
        }
    }

    pub(super) fn rate(&self) -> (i64, bool) {
        match self.database.clock() {
            Clock::Demo(clock) => clock.rate_at(self.database.clock().now_ms()),
            Clock::System | Clock::Manual(_) => (1, false),
        }
    }

    pub(super) fn clock_json(&self) -> Value {
        let (rate, is_spinning) = self.rate();
        json!({ "shop_ms": self.database.clock().both().shop.0, "rate": rate, "spinning": is_spinning })
    }
}
