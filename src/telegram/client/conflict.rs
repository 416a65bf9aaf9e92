//! Whether another program takes this bot's updates, judged from a series of 409s. A single 409 may come from a restart
//! of this program; a foreign webhook, or 409s for 15 seconds, raise an alarm. Used by `client`.

use std::time::Duration;

/// 409s further apart than this belong to different series.
const APART: Duration = Duration::from_secs(90);
/// A restarted daemon can meet the last poll of its predecessor; a series longer than this is not caused by a restart.
const CERTAIN: Duration = Duration::from_secs(15);
/// After 409s for this long, health checks report that the bot's updates do not come in.
const DEGRADED: Duration = Duration::from_secs(60);
/// While Telegram answers every poll with 409, the 409s are at most this far apart.
const DENSE: Duration = Duration::from_secs(20);

/// A series of 409s, or a foreign webhook, of one bot: another program takes its updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// How long the series has lasted.
    pub lasts: Duration,
    /// Whether the admins must be told.
    pub is_alarming: bool,
    /// Whether customers have waited for so long that health checks must report it.
    pub is_degraded: bool,
}

/// The 409s and foreign webhooks of one bot so far. Times count from the creation of the `Bot`.
#[derive(Debug, Default)]
pub(super) struct Conflicts {
    total: u64,
    run: Option<Run>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    first: Duration,
    last: Duration,
    /// Whether a foreign webhook causes the series, which a restart of this program cannot explain.
    is_certain: bool,
}

impl Conflicts {
    pub fn note(&mut self, now: Duration, is_certain: bool) {
        self.total = self.total.saturating_add(1);
        let run = self.run.filter(|run| now.saturating_sub(run.last) <= APART);
        let first = run.map_or(now, |run| run.first);
        let is_certain = is_certain || run.is_some_and(|run| run.is_certain);
        self.run = Some(Run { first, last: now, is_certain });
    }

    /// How many 409s and foreign webhooks there were since the `Bot` was created.
    pub const fn total(&self) -> u64 {
        self.total
    }

    pub fn look(&self, now: Duration) -> Option<Conflict> {
        let run = self.run.filter(|run| now.saturating_sub(run.last) <= APART)?;
        let (seen, age) = (run.last.saturating_sub(run.first), now.saturating_sub(run.first));
        let is_dense = now.saturating_sub(run.last) <= DENSE && seen > Duration::ZERO;
        Some(Conflict {
            lasts: age,
            is_alarming: run.is_certain || seen >= CERTAIN,
            is_degraded: seen >= DEGRADED || (is_dense && age >= DEGRADED),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn noted(at: impl IntoIterator<Item = u64>) -> Conflicts {
        let mut conflicts = Conflicts::default();
        at.into_iter().for_each(|at| conflicts.note(s(at), false));
        conflicts
    }

    #[test]
    fn one_409_as_after_a_restart_alarms_nobody() {
        let conflicts = noted([100]);
        for now in [100, 130, 160, 190] {
            let seen = conflicts.look(s(now)).unwrap();
            assert!(!seen.is_alarming && !seen.is_degraded, "after {} s", now - 100);
        }
        assert_eq!((conflicts.look(s(191)), conflicts.total()), (None, 1));
    }

    #[test]
    fn a_second_poller_is_told_within_seconds_and_degrades_after_a_minute() {
        let steady = |until: u64| noted((0..=until).step_by(6));
        let look = |at: u64| steady(at).look(s(at)).unwrap();
        assert!(!look(12).is_alarming && look(18).is_alarming);
        assert!(!look(59).is_degraded && look(60).is_degraded && look(66).is_degraded);
    }

    #[test]
    fn a_slow_second_poller_is_noticed_too() {
        let seen = noted([0, 60]).look(s(61)).unwrap();
        assert!(seen.is_alarming && seen.is_degraded);
        assert_eq!(
            noted([0, 200]).look(s(200)).map(|seen| seen.is_alarming),
            Some(false),
            "these two are two restarts"
        );
    }

    #[test]
    fn a_strangers_webhook_is_told_at_once() {
        let mut conflicts = noted([]);
        conflicts.note(s(5), true);
        assert!(conflicts.look(s(5)).unwrap().is_alarming);
    }

    #[test]
    fn it_ends_by_itself() {
        let conflicts = noted((0..=120).step_by(5));
        assert!(conflicts.look(s(200)).is_some());
        assert_eq!(conflicts.look(s(211)), None);
    }
}
