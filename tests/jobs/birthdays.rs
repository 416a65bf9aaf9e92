//! Centuries of birthdays on a clock moved by hand: restarts, rolled back transactions, days nobody was up, jumps of the
//! clock by up to forty days either way, 29 February, birthdays that change. `DVORIK_TEST_YEARS` says how many years in
//! each zone (6), `DVORIK_TEST_SEED` repeats a run. The judge counts codes; the ledger is only asked which year they are of.

use std::collections::HashMap;
use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};
use dvorik::actor::Actor;
use dvorik::campaign;
use dvorik::clock::{Clock, Timestamp, Zone};
use dvorik::db::{self, Database, Failure, Tx};
use dvorik::discount;
use dvorik::error::Error;
use dvorik::ids::{TelegramId, UserId};
use dvorik::realm::Realm;
use dvorik::schedule::{self, Begun, Ended, Name, Trigger};
use dvorik::texts;
use dvorik::user::{self, Edit, Person};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::harness::number;

const ZONES: [&str; 3] = ["Asia/Vladivostok", "America/St_Johns", "Pacific/Auckland"];
const FIRST_YEAR: i32 = 2027;
const DAY: i64 = 86_400;

/// Somebody with a birthday.
#[derive(Clone)]
struct Soul {
    id: UserId,
    birthday: NaiveDate,
    habit: Habit,
}

#[derive(Clone, Copy, PartialEq)]
enum Habit {
    /// Their birthday stays.
    Steady,
    /// Some months after each gift the owner corrects it by up to twenty days.
    Corrected,
    /// Every few weeks it becomes the day after tomorrow.
    Greedy,
}

struct Life {
    zone: Zone,
    rng: StdRng,
    souls: Vec<Soul>,
    /// Which code a person had for a year.
    gifts: HashMap<(i64, i32), (i64, String)>,
}

#[test]
fn everybody_gets_one_birthday_gift_a_year_whatever_clocks_and_processes_do() {
    let years = i32::try_from(number("DVORIK_TEST_YEARS").unwrap_or(6)).unwrap();
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed} DVORIK_TEST_YEARS={years}");
    std::thread::scope(|all| {
        for (n, zone) in (0..).zip(ZONES) {
            all.spawn(move || live(Zone::parse(zone).unwrap(), seed.wrapping_add(n), years));
        }
    });
}

fn live(zone: Zone, seed: u64, years: i32) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shop.db");
    db::migrate(&path).unwrap();
    let mut life = Life { zone, rng: StdRng::seed_from_u64(seed), souls: Vec::new(), gifts: HashMap::new() };
    let before = NaiveDate::from_ymd_opt(FIRST_YEAR - 1, 11, 1).unwrap();
    life = in_one_transaction(&path, life, move |tx, life| {
        texts::seed(tx)?;
        life.are_born(&tx.at(life.zone.start_of(before)))
    });
    for year in FIRST_YEAR..FIRST_YEAR + years {
        // Each year another process.
        life = in_one_transaction(&path, life, move |tx, life| life.live_through(tx, year));
    }
    let db = open(&path, zone);
    for soul in life.souls.iter().filter(|soul| soul.habit != Habit::Greedy) {
        for year in FIRST_YEAR..FIRST_YEAR + years {
            assert!(
                life.gifts.contains_key(&(soul.id.0, year)),
                "{} of {} has no gift of {year} (born {})",
                soul.id,
                zone.name(),
                soul.birthday
            );
        }
    }
    life.gifts_of_greedy_people_lie_apart();
    let of_bot = |sql: &str| -> i64 {
        db.read(|view| view.get::<i64>(sql, [], |row| row.get(0))).unwrap_or_else(|e: Failure| panic!("{e}"))
    };
    let codes = of_bot("SELECT count(*) FROM discounts WHERE source_kind = 'birthday'");
    assert_eq!(usize::try_from(codes).unwrap(), life.gifts.len(), "codes that are no year's gift");
    let letters = of_bot("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'birthday:%'");
    assert_eq!(letters, codes, "a congratulation with each code");
}

fn open(path: &Path, zone: Zone) -> Database {
    Database::open(path, zone, Clock::manual(Timestamp(0))).unwrap()
}

/// A year is one transaction, each event at its own instant: the disk is not what is tried here.
fn in_one_transaction(
    path: &Path,
    mut life: Life,
    run: impl FnOnce(&Tx<'_>, &mut Life) -> Result<(), Error> + Send + 'static,
) -> Life {
    open(path, life.zone)
        .write_bulk(move |tx| {
            run(tx, &mut life)?;
            Ok::<_, Error>(life)
        })
        .unwrap()
}

impl Life {
    fn are_born(&mut self, tx: &Tx<'_>) -> Result<(), Error> {
        let mut days: Vec<(u32, u32)> =
            vec![(1, 1), (1, 2), (2, 27), (2, 28), (2, 29), (2, 29), (3, 1), (12, 29), (12, 30), (12, 31)];
        days.extend((0..20).map(|_| (self.rng.random_range(1..=12), self.rng.random_range(1..=28))));
        let steady = days.len();
        days.extend((0..12).map(|_| (self.rng.random_range(3..=10), self.rng.random_range(1..=28))));
        for (n, (month, day)) in (0..).zip(days) {
            let habit = match n {
                n if n < steady => Habit::Steady,
                n if n < steady + 8 => Habit::Corrected,
                _ => Habit::Greedy,
            };
            let birthday = NaiveDate::from_ymd_opt(2000, month, day).unwrap();
            let id = i64::try_from(n).unwrap() + 100;
            let person =
                Person { id: TelegramId(id), username: None, first_name: Some(format!("n{n}")), last_name: None };
            let user = campaign::arrive(tx, Realm::Real, &person, None)?.user.id;
            self.souls.push(Soul { id: user, birthday, habit });
            is_born_on(tx, user, birthday)?;
        }
        Ok(())
    }

    fn live_through(&mut self, tx: &Tx<'_>, year: i32) -> Result<(), Error> {
        let mut day = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        while day.year() == year {
            // At most three days in a row without a look by a sound clock: so far back a day is caught up.
            let disturbed = match self.rng.random_range(0..30) {
                0 => self.is_down(),
                1 => self.clock_jumps(tx, day)?,
                _ => 0,
            };
            day = day.checked_add_days(Days::new(disturbed)).unwrap();
            self.change_birthdays(tx, day)?;
            for hour in [self.rng.random_range(0..9), self.rng.random_range(10..24)] {
                let now = self.at(day, hour);
                self.look(&tx.at(now))?;
            }
            day = day.succ_opt().unwrap();
        }
        // The days of December that the new year's first run caught up are counted with the next year.
        self.collect(tx)?;
        let tidying = tx.at(self.at(NaiveDate::from_ymd_opt(year, 12, 31).unwrap(), 23));
        while discount::forget_gifts(&tidying)? + schedule::forget_old(&tidying)? > 0 {}
        Ok(())
    }

    fn is_down(&mut self) -> u64 {
        self.rng.random_range(1..=3)
    }

    /// For up to three days the clock is wrong by up to forty.
    fn clock_jumps(&mut self, tx: &Tx<'_>, day: NaiveDate) -> Result<u64, Error> {
        let (lasts, offset) = (self.rng.random_range(1..=3), self.rng.random_range(-40..=40) * DAY);
        for n in 0..lasts {
            let day = day.checked_add_days(Days::new(n)).unwrap();
            for _ in 0..2 {
                let hour = self.rng.random_range(0..24);
                let wrong = self.at(day, hour).plus(offset);
                self.look(&tx.at(wrong))?;
            }
        }
        Ok(lasts)
    }

    fn at(&mut self, day: NaiveDate, hour: i64) -> Timestamp {
        self.zone.start_of(day).plus(hour * 3600 + self.rng.random_range(0..3600))
    }

    /// One look of a scheduler, sometimes of two; some of them die before they commit.
    fn look(&mut self, tx: &Tx<'_>) -> Result<(), Error> {
        for _ in 0..self.rng.random_range(1..=2) {
            let Begun::Yes(lease) = schedule::begin(tx, Name::Birthdays, Trigger::BySchedule)? else { continue };
            let slot = lease.slot.clone().unwrap();
            if self.rng.random_ratio(1, 20) {
                // It died with some of the gifts given and the job in hand.
                if let Some(first) = discount::whose_birthday(tx, Realm::Real, slot.day)?.first() {
                    discount::give_birthday_gift(tx, first)?;
                }
                schedule::release(tx, &lease)?;
                continue;
            }
            let due = discount::whose_birthday(tx, Realm::Real, slot.day)?;
            // Another process may have read the same list.
            for celebrated in due.iter().chain(&due) {
                discount::give_birthday_gift(tx, celebrated)?;
            }
            schedule::mark(tx, &lease)?;
            schedule::finish(tx, &lease, &Ended::Done { count: 1, left_out: 0, facts: Value::Null })?;
        }
        Ok(())
    }

    fn change_birthdays(&mut self, tx: &Tx<'_>, day: NaiveDate) -> Result<(), Error> {
        let noon = self.at(day, 12);
        for n in 0..self.souls.len() {
            let soul = self.souls[n].clone();
            let is_changed = match soul.habit {
                Habit::Steady => false,
                // Long after this year's gift and long before the next.
                Habit::Corrected => soul.birthday.with_year(day.year()).unwrap() + Days::new(50) == day,
                Habit::Greedy => self.rng.random_ratio(1, 30),
            };
            if is_changed {
                let (month, date) = if soul.habit == Habit::Greedy {
                    let soon = day + Days::new(2);
                    (soon.month(), soon.day())
                } else {
                    let other = NaiveDate::from_ymd_opt(2000, 3, 1).unwrap() + Days::new(self.rng.random_range(0..240));
                    let near = soul.birthday + Days::new(20) - Days::new(self.rng.random_range(0..40));
                    let kept = if (3..=10).contains(&near.month()) { near } else { other };
                    let kept = if (kept - soul.birthday).num_days().abs() <= 20 { kept } else { soul.birthday };
                    (kept.month(), kept.day())
                };
                let birthday = NaiveDate::from_ymd_opt(2000, month, date).unwrap();
                self.souls[n].birthday = birthday;
                is_born_on(&tx.at(noon), soul.id, birthday)?;
            }
        }
        Ok(())
    }

    /// Takes down which code each person had for each year; it never becomes another.
    fn collect(&mut self, tx: &Tx<'_>) -> Result<(), Error> {
        let rows: Vec<(i64, i32, i64, String)> =
            tx.list("SELECT user_id, year, discount_id, day FROM birthday_gifts", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
        for (user, year, code, day) in rows {
            let known = self.gifts.entry((user, year)).or_insert((code, day));
            assert_eq!(known.0, code, "two gifts of {year} for {user}");
        }
        Ok(())
    }

    fn gifts_of_greedy_people_lie_apart(&self) {
        for soul in self.souls.iter().filter(|soul| soul.habit == Habit::Greedy) {
            let mut days: Vec<NaiveDate> = self
                .gifts
                .iter()
                .filter(|((user, _), _)| *user == soul.id.0)
                .map(|(_, (_, day))| day.parse().unwrap())
                .collect();
            days.sort_unstable();
            assert!(!days.is_empty(), "{} had no gift at all", soul.id);
            for pair in days.windows(2) {
                assert!((pair[1] - pair[0]).num_days() >= 300, "{}: {pair:?}", soul.id);
            }
        }
    }
}

fn is_born_on(tx: &Tx<'_>, user: UserId, birthday: NaiveDate) -> Result<(), Error> {
    let change = Edit { birthday: Some(Some(birthday)), ..Edit::default() };
    user::edit(tx, user, &change, &Actor::Cli("test".into())).map(drop)
}
