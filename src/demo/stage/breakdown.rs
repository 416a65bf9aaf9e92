//! Faults that a person causes, and the daemon: killed, started again, dead; and what waited for it.

use std::time::{Duration, Instant};

use builtin_telegram::Fault;
use serde_json::{Value, json};

use super::{Stage, left_ms};
use crate::demo::fixture::{CUSTOMER_BOT, STAFF_BOT};
use crate::demo::report::Miss;
use crate::demo::stage::act::{Denial, FaultKind};
use crate::demo::stage::facts;

/// The seconds of the pause that Telegram asks for.
pub(super) const PAUSE_S: u32 = 7;
/// How long Telegram is out of reach.
const UNREACHABLE: Duration = Duration::from_secs(30);
/// How long the daemon stays down after it was killed, and before each further start when it ends at once.
const RESTARTS: [Duration; 5] = [
    Duration::from_secs(3),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(4),
];

/// Whether the daemon works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DaemonState {
    /// It was started at this instant; the calls from this number on are its own.
    Starting {
        since: Instant,
        receipt: u64,
    },
    Up,
    /// It was killed, and is started at this instant.
    Down {
        until: Instant,
    },
    /// It has ended by itself.
    Dead,
}

/// What waited when the daemon was started after a kill.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recovery {
    pub(super) seconds: Option<f64>,
    pub(super) waited: usize,
}

/// Faults that are under way.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Telegram asks for a pause at the next message.
    pub(super) armed: bool,
    pub(super) pause_until: Option<Instant>,
    pub(super) unreachable_until: Option<Instant>,
}

impl Stage<'_> {
    pub(super) async fn cause(&mut self, kind: FaultKind) -> Result<(), Denial> {
        match kind {
            FaultKind::Rate => {
                if !self.faults.armed {
                    self.faults.armed = true;
                    let fault = Fault::TooManyRequests { retry_after: PAUSE_S };
                    self.telegram().fault(fault.next(1).on_sends().for_bot(CUSTOMER_BOT));
                }
            }
            FaultKind::Network => {
                self.telegram().set_reachable(false);
                self.faults.unreachable_until = Some(Instant::now() + UNREACHABLE);
            }
            FaultKind::NetworkEnd => {
                self.reach_again();
                return Ok(());
            }
            FaultKind::Kill => self.kill_daemon().await?,
        }
        self.emit_faults();
        Ok(())
    }

    pub(super) fn reach_again(&mut self) {
        self.telegram().set_reachable(true);
        self.faults.unreachable_until = None;
        self.emit_faults();
    }

    pub(super) async fn kill_daemon(&mut self) -> Result<(), Denial> {
        let Some(mut daemon) = self.fixture.daemon.take() else {
            return Err(Denial::busy(self.word("wrong.daemon_down")));
        };
        // A daemon that has just ended is killed as well.
        let _ = daemon.kill().await;
        self.starts = 0;
        // What waited for a daemon that is killed again still waits.
        let waited = self.recovery.map_or(0, |recovery| recovery.waited);
        self.recovery = Some(Recovery { seconds: None, waited });
        self.recovered = Value::Null;
        self.be_down();
        Ok(())
    }

    /// Leaves the daemon down for a while, or for good after too many starts.
    pub(super) fn be_down(&mut self) {
        self.daemon = match RESTARTS.get(self.starts) {
            Some(pause) => DaemonState::Down { until: Instant::now() + *pause },
            None => DaemonState::Dead,
        };
        self.emit_daemon();
    }

    pub(super) fn daemon_ended(&mut self, why: &str) {
        let last = self.fixture.daemon.take().map(|daemon| daemon.last_words()).unwrap_or_default();
        tracing::debug!(why, last, "the daemon of the demo has ended");
        match (self.daemon, self.recovery) {
            // After a kill the start is tried again.
            (DaemonState::Starting { .. }, Some(_)) => self.be_down(),
            _ => {
                self.daemon = DaemonState::Dead;
                self.emit_daemon();
            }
        }
    }

    pub(super) fn restart(&mut self) -> Result<(), Denial> {
        if !matches!(self.daemon, DaemonState::Dead) {
            return Err(Denial::busy(self.word("wrong.daemon_up")));
        }
        self.starts = 0;
        self.start_daemon();
        Ok(())
    }

    pub(super) fn start_daemon(&mut self) {
        self.starts += 1;
        let receipt = self.telegram().receipt_count();
        if let Some(recovery) = &mut self.recovery {
            recovery.waited += facts::unsettled(&self.database);
        }
        match self.fixture.spawn_daemon() {
            Ok(()) => self.daemon = DaemonState::Starting { since: Instant::now(), receipt },
            Err(Miss { seen, .. }) => {
                tracing::error!(seen, "the daemon of the demo cannot be started");
                self.daemon = DaemonState::Dead;
            }
        }
        self.emit_daemon();
    }

    /// Notes that the daemon works again: both bots have introduced themselves.
    pub(super) fn show_daemon(&mut self) {
        let DaemonState::Starting { since, receipt } = self.daemon else { return };
        let calls = self.telegram().receipts_since(receipt);
        let introduced = |bot: &str| calls.iter().any(|call| &*call.bot == bot && call.method == "setMyCommands");
        if !(introduced(CUSTOMER_BOT) && introduced(STAFF_BOT)) {
            return;
        }
        self.daemon = DaemonState::Up;
        if let Some(recovery) = &mut self.recovery {
            recovery.seconds = Some(since.elapsed().as_secs_f64());
        }
        self.emit_daemon();
        self.recover();
    }

    /// Notes how long it took until the daemon worked again, and that everything which waited for it is answered.
    pub(super) fn recover(&mut self) {
        let Some(recovery) = self.recovery else { return };
        let Some(seconds) = recovery.seconds else { return };
        let pending = [CUSTOMER_BOT, STAFF_BOT].map(|bot| self.telegram().pending_updates(bot)).iter().sum::<usize>();
        let left = pending + facts::unsettled(&self.database);
        if left == 0 {
            let seconds = (seconds * 10.0).round() / 10.0;
            self.recovered = json!({ "seconds": seconds, "waited": recovery.waited, "answered": recovery.waited });
            self.recovery = None;
            self.emit_faults();
        }
    }

    pub(super) fn daemon_json(&self) -> Value {
        let until = match self.daemon {
            DaemonState::Down { until } => Some(left_ms(until)),
            _ => None,
        };
        let state = match self.daemon {
            DaemonState::Starting { .. } => "starting",
            DaemonState::Up => "up",
            DaemonState::Down { .. } => "down",
            DaemonState::Dead => "dead",
        };
        let log = if self.daemon == DaemonState::Dead { self.fixture.shop.last_words() } else { String::new() };
        json!({ "state": state, "log": log.lines().collect::<Vec<_>>(), "restarting_ms": until })
    }

    pub(super) fn emit_daemon(&mut self) {
        let daemon = self.daemon_json();
        self.hub.emit("daemon", &daemon);
        self.emit_faults();
    }

    pub(super) fn fault_json(&self) -> Value {
        json!({
            "armed": self.faults.armed, "rate": self.faults.pause_until.map(left_ms),
            "network": self.faults.unreachable_until.map(left_ms),
            "killed": matches!(self.daemon, DaemonState::Down { .. } | DaemonState::Starting { .. }), "report": self.recovered,
        })
    }

    pub(super) fn emit_faults(&mut self) {
        let faults = self.fault_json();
        self.hub.emit("fault", &faults);
    }
}
