//! Time, read in one place. Shop facts are whole seconds in UTC (`Timestamp`, 20 characters of text), or milliseconds where
//! seconds are too coarse (`ShopMillis`); machinery counts milliseconds of the machine (`Millis`). Nothing outside this
//! module turns a time of one clock into one of the other. In a real shop both are the system's clock; in a demo the
//! shop's clock may run faster than the machine's (`shop_clock`). The shop's zone turns an instant into the shop's day and hour.
//! Nothing else in the crate may ask the system for the time of day.

mod shop_clock;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike,
    Utc,
};
use chrono_tz::Tz;

pub use shop_clock::{ClockPiece, ShopClock};

/// How long a demo waits at most for an instant of the shop before it looks at the clock again.
const LONGEST_DEMO_WAIT: Duration = Duration::from_millis(100);

/// A number of milliseconds since the Unix epoch by one of the clocks, stored as an integer.
macro_rules! milliseconds {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// This instant moved by `ms` milliseconds (negative = earlier).
            #[must_use]
            pub const fn plus(self, ms: i64) -> Self {
                Self(self.0.saturating_add(ms))
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                i64::column_result(value).map(Self)
            }
        }
    };
}

milliseconds!(
    /// An instant by the machine's clock, for machinery (updates, outbox, rate limiters, leases).
    Millis
);
milliseconds!(
    /// An instant by the shop's clock.
    ShopMillis
);

impl ShopMillis {
    /// The whole second this instant lies in.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        Timestamp(self.0.div_euclid(1000))
    }
}

/// An instant in whole seconds since the Unix epoch, stored and written as `2026-11-22T09:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads an instant in its 20-character text form; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 20 {
            return None;
        }
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok().map(|at| Self(at.and_utc().timestamp()))
    }

    /// This instant moved by `seconds` (negative = earlier).
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The same instant in milliseconds.
    #[must_use]
    pub const fn millis(self) -> ShopMillis {
        ShopMillis(self.0.saturating_mul(1000))
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.utc();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

impl rusqlite::ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl rusqlite::types::FromSql for Timestamp {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        Self::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
    }
}

/// The shop's time zone: every day, hour and midnight of the shop is computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// UTC, for tests and for messages when there is no config that names the shop's zone.
    pub const UTC: Self = Self(Tz::UTC);

    /// The zone with this IANA name, such as `Asia/Vladivostok`; an unknown name is `None`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// The zone's IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The wall-clock date and time in the shop.
    #[must_use]
    pub fn local(self, at: Timestamp) -> NaiveDateTime {
        at.utc().with_timezone(&self.0).naive_local()
    }

    /// The shop's calendar day.
    #[must_use]
    pub fn day(self, at: Timestamp) -> NaiveDate {
        self.local(at).date()
    }

    /// The shop's hour, 0–23.
    #[must_use]
    pub fn hour(self, at: Timestamp) -> u32 {
        self.local(at).hour()
    }

    /// The half-open range of these days: the first instant of `first`, and the first instant after `last`.
    #[must_use]
    pub fn span(self, first: NaiveDate, last: NaiveDate) -> (Timestamp, Timestamp) {
        (self.start_of(first), self.start_of(last.succ_opt().unwrap_or(last)))
    }

    /// The first instant of a shop's day. Where a clock change removes midnight, the first instant that exists.
    #[must_use]
    pub fn start_of(self, day: NaiveDate) -> Timestamp {
        let mut local = day.and_time(NaiveTime::MIN);
        for _ in 0..=24 {
            if let Some(at) = self.0.from_local_datetime(&local).earliest() {
                return Timestamp(at.timestamp());
            }
            local += TimeDelta::minutes(15);
        }
        Timestamp(day.and_time(NaiveTime::MIN).and_utc().timestamp())
    }

    /// The instants at which the shop's clock shows `local`.
    #[must_use]
    pub fn instants(self, local: NaiveDateTime) -> Instants {
        let at = |exact: DateTime<Tz>| Timestamp(exact.timestamp());
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(exact) => Instants::One(at(exact)),
            LocalResult::Ambiguous(first, second) => Instants::Two(at(first), at(second)),
            LocalResult::None => self.gap(local),
        }
    }

    /// The skipped times around `local`, from the first one to the first time that exists again: a clock change skips
    /// an hour, or a day where a zone moves across the date line.
    fn gap(self, local: NaiveDateTime) -> Instants {
        let exists = |local: &NaiveDateTime| self.0.from_local_datetime(local).earliest().is_some();
        let minutes = |sign: i64| (0..=MOST_SKIPPED_MINUTES).map(move |n| local + TimeDelta::minutes(sign * n));
        let before = minutes(-1).find(exists).map_or(local, |last| last + TimeDelta::minutes(1));
        Instants::Never { from: before, to: minutes(1).find(exists).unwrap_or(local) }
    }

    /// How far the shop's clock is ahead of UTC at an instant: `+03:00`.
    #[must_use]
    pub fn offset(self, at: Timestamp) -> String {
        at.utc().with_timezone(&self.0).format("%:z").to_string()
    }

    /// The instant at which a code issued `at` and lasting `days` stops being valid: the shop's midnight after its
    /// last day (exclusive; the date people are shown is the day before).
    #[must_use]
    pub fn end_of_validity(self, at: Timestamp, days: u32) -> Timestamp {
        let last = self.day(at).checked_add_days(Days::new(u64::from(days)));
        self.start_of(last.and_then(|day| day.succ_opt()).unwrap_or(NaiveDate::MAX))
    }

    /// The last day on which something that ends at `end` (exclusive) is still valid.
    #[must_use]
    pub fn last_day(self, end: Timestamp) -> NaiveDate {
        self.day(end.plus(-1))
    }

    /// The same wall-clock time one month later, clamped to that month's last day.
    #[must_use]
    pub fn month_later(self, at: Timestamp) -> Timestamp {
        self.months_later(at, 1)
    }

    /// The same wall-clock time one year later; 29 February becomes 28 February.
    #[must_use]
    pub fn year_later(self, at: Timestamp) -> Timestamp {
        self.months_later(at, 12)
    }

    fn months_later(self, at: Timestamp, months: u32) -> Timestamp {
        let local = self.local(at);
        let later = local.checked_add_months(Months::new(months)).unwrap_or(local);
        self.0
            .from_local_datetime(&later)
            .earliest()
            .map_or_else(|| self.start_of(later.date()), |found| Timestamp(found.timestamp()))
    }
}

/// How many minutes around a skipped time are searched for its ends: a clock change skips at most a day and an hour.
const MOST_SKIPPED_MINUTES: i64 = 25 * 60;

/// The instants at which the shop's clock shows a given local time: one, two, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instants {
    /// The usual case: this local time occurs exactly once.
    One(Timestamp),
    /// This local time occurs twice, because the clock is set back; the earlier instant is the first.
    Two(Timestamp, Timestamp),
    /// This local time does not occur, because the clock is set forward from `from` to `to`.
    Never {
        /// The first local time that is skipped.
        from: NaiveDateTime,
        /// The first local time after the skipped ones.
        to: NaiveDateTime,
    },
}

/// The date as people write it: `22.11.2026`.
#[must_use]
pub fn human_date(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

/// Where the time comes from: the system, or a manual clock that tests and simulations move.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that only [`Clock::advance_ms`] moves, in milliseconds since the Unix epoch; clones share the time.
    Manual(Arc<AtomicI64>),
    /// The clocks of a demo: the machine's, and one for the shop that may run faster.
    Demo(Arc<ShopClock>),
}

/// One instant on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The shop's time.
    pub shop: ShopMillis,
    /// The machine's time.
    pub machine: Millis,
}

impl Now {
    /// An instant that both clocks show.
    #[must_use]
    pub const fn at(instant: Timestamp) -> Self {
        Self { shop: instant.millis(), machine: Millis(instant.millis().0) }
    }

    /// The shop's present time, moved by the distance from now to `machine`. Exact only while the shop's clock runs at rate
    /// 1; for display.
    #[must_use]
    pub const fn estimated_shop_time(self, machine: Millis) -> Timestamp {
        self.shop.plus(machine.0.saturating_sub(self.machine.0)).timestamp()
    }

    /// The machine's present time, moved by the distance from now to `shop`. Exact only while the shop's clock runs at rate 1.
    #[must_use]
    pub const fn machine_at(self, shop: Timestamp) -> Millis {
        self.machine.plus(shop.millis().0.saturating_sub(self.shop.0))
    }
}

impl Clock {
    /// A clock that stands at `at` until it is moved.
    #[must_use]
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.millis().0)))
    }

    /// Moves a manual clock; does nothing to the system's clock.
    pub fn advance_ms(&self, ms: i64) {
        if let Self::Manual(hand) = self {
            hand.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// The machine's present time in milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> Millis {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
            Self::System | Self::Demo(_) => Millis(Utc::now().timestamp_millis()),
            Self::Manual(hand) => Millis(hand.load(Ordering::SeqCst)),
        }
    }

    /// The shop's present time in whole seconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.both().shop.timestamp()
    }

    /// The present instant on both clocks.
    #[must_use]
    pub fn both(&self) -> Now {
        let machine = self.now_ms();
        let shop = match self {
            Self::Demo(clock) => clock.at(machine),
            Self::System | Self::Manual(_) => ShopMillis(machine.0),
        };
        Now { shop, machine }
    }

    /// In a demo, how many times faster than the machine's clock the shop's clock runs now.
    #[must_use]
    pub fn demo_rate(&self) -> Option<i64> {
        match self {
            Self::Demo(clock) => Some(clock.rate_at(self.now_ms()).0),
            Self::System | Self::Manual(_) => None,
        }
    }

    /// How long a loop that looks for what is due rests: `usual`, in a demo less, because the shop's clock may begin to run
    /// faster meanwhile.
    #[must_use]
    pub fn pause(&self, usual: Duration) -> Duration {
        match self {
            Self::Demo(_) => usual.min(LONGEST_DEMO_WAIT),
            Self::System | Self::Manual(_) => usual,
        }
    }

    /// How long, on the machine's clock, to wait for an instant of the shop. A demo's clock may begin to run faster
    /// meanwhile, so there the wait is short, and the caller asks again.
    #[must_use]
    pub fn wait_for(&self, shop: Timestamp) -> Duration {
        let left = shop.millis().0.saturating_sub(self.both().shop.0);
        self.pause(Duration::from_millis(u64::try_from(left).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn text_form_is_twenty_characters_and_reads_back() {
        let now = at("2026-11-22T09:00:00Z");
        assert_eq!(now.to_string().len(), 20);
        assert_eq!(Timestamp::parse(&now.to_string()), Some(now));
        assert_eq!(Timestamp::parse("2026-11-22T09:00:00.0Z"), None);
    }

    #[test]
    fn a_code_of_seven_days_ends_at_the_shops_midnight() {
        let zone = Zone::parse("Asia/Vladivostok").unwrap();
        let end = zone.end_of_validity(at("2026-11-22T09:00:00Z"), 7);
        assert_eq!(end, at("2026-11-29T14:00:00Z"));
        assert_eq!(human_date(zone.last_day(end)), "29.11.2026");
    }

    #[test]
    fn a_month_after_the_31st_is_the_months_last_day() {
        let zone = Zone::parse("Asia/Vladivostok").unwrap();
        assert_eq!(zone.month_later(at("2026-01-31T03:00:00Z")), at("2026-02-28T03:00:00Z"));
        assert_eq!(zone.year_later(at("2028-02-29T03:00:00Z")), at("2029-02-28T03:00:00Z"));
    }

    #[test]
    fn a_time_on_the_wall_is_once_twice_or_never() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let local = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        assert_eq!(zone.instants(local("2026-11-22 10:00")), Instants::One(at("2026-11-22T09:00:00Z")));
        let (first, second) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:00Z"));
        assert_eq!(zone.instants(local("2026-10-25 02:30")), Instants::Two(first, second));
        assert_eq!((zone.offset(first), zone.offset(second)), ("+02:00".to_owned(), "+01:00".to_owned()));
        let (from, to) = (local("2027-03-28 02:00"), local("2027-03-28 03:00"));
        for skipped in ["2027-03-28 02:00", "2027-03-28 02:30", "2027-03-28 02:59"] {
            assert_eq!(zone.instants(local(skipped)), Instants::Never { from, to }, "{skipped}");
        }
        let apia = Zone::parse("Pacific/Apia").unwrap();
        let (from, to) = (local("2011-12-30 00:00"), local("2011-12-31 00:00"));
        assert_eq!(apia.instants(local("2011-12-30 12:00")), Instants::Never { from, to });
    }

    #[test]
    fn a_day_without_midnight_starts_when_it_exists() {
        let zone = Zone::parse("America/Sao_Paulo").unwrap();
        let day = NaiveDate::from_ymd_opt(2018, 11, 4).unwrap();
        assert_eq!(zone.start_of(day), at("2018-11-04T03:00:00Z"));
    }
}
