//! When things happen in the shop of the demo: the days of the history, busy and quiet ones, and the hours at which
//! people write and visit.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use rand::RngExt;
use rand::rngs::StdRng;

use super::DAYS;
use crate::clock::{Timestamp, Zone};

/// The weights of visits by the hour, from nine to eight in the evening: a small peak at noon, most after work.
const COUNTER: [(u32, u32); 12] =
    [(9, 3), (10, 5), (11, 7), (12, 10), (13, 10), (14, 7), (15, 7), (16, 9), (17, 13), (18, 15), (19, 10), (20, 4)];
/// The weights of messages to a bot by the hour: from breakfast to bedtime.
const PHONE: [(u32, u32); 16] = [
    (8, 4),
    (9, 5),
    (10, 5),
    (11, 5),
    (12, 8),
    (13, 8),
    (14, 5),
    (15, 5),
    (16, 5),
    (17, 7),
    (18, 9),
    (19, 10),
    (20, 10),
    (21, 9),
    (22, 6),
    (23, 2),
];

/// The ninety days of the history, which end now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    zone: Zone,
    now: Timestamp,
    first: NaiveDate,
}

impl Calendar {
    /// The days of the history up to `now`, today included.
    pub(super) fn ending(zone: Zone, now: Timestamp) -> Self {
        let today = zone.day(now);
        Self { zone, now, first: today.checked_sub_days(Days::new(u64::from(DAYS) - 1)).unwrap_or(today) }
    }

    /// The day with this number; the first day of the history is 0.
    pub(super) fn day(&self, at: u32) -> NaiveDate {
        self.first.checked_add_days(Days::new(u64::from(at))).unwrap_or(self.first)
    }

    /// The day of an instant in the shop's time zone.
    pub(super) fn day_of(&self, at: Timestamp) -> NaiveDate {
        self.zone.day(at)
    }

    /// Whether an instant is before the end of the history.
    pub(super) fn is_past(&self, at: Timestamp) -> bool {
        at < self.now
    }

    /// The instant at which the history ends.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// The instant of a day at this hour and second.
    pub(super) fn at(&self, day: NaiveDate, hour: u32, second: u32) -> Timestamp {
        self.zone.start_of(day).plus(i64::from(hour * 3600 + second))
    }

    /// A random instant of a day at which people write to bots.
    pub(super) fn on_the_phone(&self, rng: &mut StdRng, day: NaiveDate) -> Timestamp {
        on_the_phone(rng, self.zone.start_of(day))
    }

    /// A random instant of a day at which people stand at the counter.
    pub(super) fn at_the_counter(&self, rng: &mut StdRng, day: NaiveDate) -> Timestamp {
        at_the_counter(rng, self.zone.start_of(day))
    }
}

/// A random instant of the day that begins at `begin`, at which people write to bots.
pub(in crate::demo) fn on_the_phone(rng: &mut StdRng, begin: Timestamp) -> Timestamp {
    let hour = pick(rng, &PHONE);
    begin.plus(i64::from(hour * 3600 + rng.random_range(0..3600)))
}

/// A random instant of the day that begins at `begin`, at which people stand at the counter.
pub(in crate::demo) fn at_the_counter(rng: &mut StdRng, begin: Timestamp) -> Timestamp {
    let hour = pick(rng, &COUNTER);
    begin.plus(i64::from(hour * 3600 + rng.random_range(0..3500)))
}

/// The weight of a day: more people come at the weekend than during the week, and fewest on Monday.
pub(in crate::demo) fn bustle(day: NaiveDate) -> u32 {
    match day.weekday() {
        Weekday::Mon => 6,
        Weekday::Fri => 12,
        Weekday::Sat => 17,
        Weekday::Sun => 15,
        Weekday::Tue | Weekday::Wed | Weekday::Thu => 9,
    }
}

/// Picks one of `choices` at random, by weight; the default value when there are no choices.
pub(super) fn pick<T: Copy + Default>(rng: &mut StdRng, choices: &[(T, u32)]) -> T {
    let total: u32 = choices.iter().map(|(_, weight)| weight).sum();
    let mut left = rng.random_range(0..total.max(1));
    for (choice, weight) in choices {
        match left.checked_sub(*weight) {
            Some(rest) => left = rest,
            None => return *choice,
        }
    }
    T::default()
}
