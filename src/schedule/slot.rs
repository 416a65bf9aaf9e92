//! When a job is due: its current slot in the shop's calendar. Pure; time is an argument.

use chrono::{Days, NaiveDate, Timelike, Weekday};

use crate::clock::{Timestamp, Zone};
use crate::settings::Setting;

const HOUR: i64 = 3600;

/// The shop's hour at which a job is due.
#[derive(Debug, Clone, Copy)]
pub enum Hour {
    /// The hour that is the value of this setting.
    Set(&'static Setting),
    /// This hour, which no setting changes.
    Fixed(u32),
}

/// How often a job is due.
#[derive(Debug, Clone, Copy)]
pub enum Cadence {
    /// The job is due whenever a person or cron asks; in the daemon, loops do this work instead.
    Always,
    /// The job is due at every check of the scheduler.
    EveryTick,
    /// The job is due every hour.
    Hourly,
    /// The job is due every day from this hour on.
    Daily(Hour),
    /// The job is due every Monday from this hour on.
    Weekly(Hour),
}

/// Who asks for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The scheduler, or cron with `--due`: the job runs after the slot's hour has come.
    BySchedule,
    /// A person: the job runs for today's slot now, unless that slot is done.
    ByHand,
}

/// The day, week or hour that a job is due for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The slot's key: `2026-11-22`, the Monday of a week, or an hour such as `2026-11-22T05Z`.
    pub key: String,
    /// The key of the previous slot.
    pub before: String,
    /// The slot's day in the shop's time zone; for a week, its Monday.
    pub day: NaiveDate,
    /// When the slot became due.
    pub at: Timestamp,
    /// When the next slot becomes due.
    pub next: Timestamp,
}

impl Cadence {
    /// The newest slot whose hour has come; `None` for a cadence without slots. `hour` is the shop's hour for daily and
    /// weekly jobs. With [`Trigger::ByHand`] today's slot counts from midnight on.
    #[must_use]
    pub fn slot(self, hour: u32, now: Timestamp, zone: Zone, asked: Trigger) -> Option<Slot> {
        let local = zone.local(now);
        let today = local.date();
        let has_come = asked == Trigger::ByHand || local.hour() >= hour;
        match self {
            Self::Always | Self::EveryTick => None,
            Self::Hourly => {
                let at = Timestamp(now.0.div_euclid(HOUR) * HOUR);
                let key = |at: Timestamp| at.to_string().get(..13).map(|hour| format!("{hour}Z")).unwrap_or_default();
                Some(Slot { key: key(at), before: key(at.plus(-HOUR)), day: today, at, next: at.plus(HOUR) })
            }
            Self::Daily(_) => {
                let day = if has_come { today } else { earlier(today, 1) };
                Some(of_days(day, 1, hour, zone))
            }
            Self::Weekly(_) => {
                let monday = today.week(Weekday::Mon).first_day();
                let day = if has_come || today > monday { monday } else { earlier(monday, 7) };
                Some(of_days(day, 7, hour, zone))
            }
        }
    }
}

fn of_days(day: NaiveDate, step: u64, hour: u32, zone: Zone) -> Slot {
    let next = day.checked_add_days(Days::new(step)).unwrap_or(day);
    let at = |day| zone.start_of(day).plus(i64::from(hour) * HOUR);
    Slot { key: day.to_string(), before: earlier(day, step).to_string(), day, at: at(day), next: at(next) }
}

fn earlier(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(cadence: Cadence, now: &str, asked: Trigger) -> (String, String) {
        let zone = Zone::parse("Asia/Vladivostok").unwrap();
        let slot = cadence.slot(10, Timestamp::parse(now).unwrap(), zone, asked).unwrap();
        (slot.key, slot.next.to_string())
    }

    #[test]
    fn a_daily_job_is_due_from_its_hour_on_and_for_yesterday_before_it() {
        let daily = Cadence::Daily(Hour::Fixed(10));
        let due = |now| slot(daily, now, Trigger::BySchedule);
        // 10:00 in Vladivostok is midnight in UTC.
        assert_eq!(due("2026-11-21T23:59:59Z"), ("2026-11-21".into(), "2026-11-22T00:00:00Z".into()));
        assert_eq!(due("2026-11-22T00:00:00Z"), ("2026-11-22".into(), "2026-11-23T00:00:00Z".into()));
        assert_eq!(slot(daily, "2026-11-21T23:59:59Z", Trigger::ByHand).0, "2026-11-22");
    }

    #[test]
    fn a_weekly_job_is_due_from_monday_on() {
        let weekly = Cadence::Weekly(Hour::Fixed(10));
        // 22.11.2026 is a Sunday.
        assert_eq!(slot(weekly, "2026-11-22T09:00:00Z", Trigger::BySchedule).0, "2026-11-16");
        assert_eq!(slot(weekly, "2026-11-22T23:00:00Z", Trigger::BySchedule).0, "2026-11-16");
        assert_eq!(
            slot(weekly, "2026-11-23T00:00:00Z", Trigger::BySchedule),
            ("2026-11-23".into(), "2026-11-30T00:00:00Z".into())
        );
    }

    #[test]
    fn an_hour_is_the_hour_of_everybody_so_that_a_clock_change_repeats_none() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let keys: Vec<String> = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]
            .map(|now| Cadence::Hourly.slot(0, Timestamp::parse(now).unwrap(), zone, Trigger::BySchedule).unwrap().key)
            .into();
        assert_eq!(keys, ["2026-10-25T00Z", "2026-10-25T01Z"]);
    }
}
