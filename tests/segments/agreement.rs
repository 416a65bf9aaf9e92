//! What the indexes answer against what a person would say: random people, random filters, and a predicate that reads
//! the filter's JSON and knows nothing of how the product does it. `DVORIK_TEST_FILTERS` asks for more filters.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use dvorik::clock::{Timestamp, Zone};
use dvorik::realm::Realm;
use dvorik::segment::{self, Filter};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use super::Shop;
use crate::harness::number;

const PEOPLE: i64 = 400;
const TAGS: [&str; 6] = ["vip", "кофе", "birthday_set", "торт", "o'neil", "a"];
const SOURCES: [&str; 4] = ["direct", "vk", "flyer-1", "Ин Ста"];
/// Days on which calendars are tricky, and one on which they are not; noon in the shop.
const DAYS: [&str; 5] = ["2026-11-22", "2027-02-28", "2028-02-28", "2028-02-29", "2026-12-30"];

#[derive(Debug, Default)]
struct Someone {
    id: i64,
    erased: bool,
    is_test: bool,
    subscribed: bool,
    gender: &'static str,
    birthday: Option<NaiveDate>,
    registered: NaiveDate,
    seen: NaiveDate,
    tags: BTreeSet<&'static str>,
    source: String,
    campaign: Option<&'static str>,
    blocked: bool,
    /// Days of the codes they redeemed, and whether each was undone.
    redemptions: Vec<(NaiveDate, bool)>,
    /// Whether they hold a code that works.
    holds: bool,
}

struct World {
    today: NaiveDate,
    dice: StdRng,
}

impl World {
    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.dice.random_range(0..all.len())]
    }

    fn days_ago(&mut self, most: u64) -> NaiveDate {
        self.today - Days::new(self.dice.random_range(0..=most))
    }

    fn birthday(&mut self) -> NaiveDate {
        let near = self.dice.random_bool(0.5);
        let years = self.dice.random_range(1..=100);
        let around = self.today + Days::new(self.dice.random_range(0..=8)) - Days::new(4);
        let day = if near { around } else { self.days_ago(366) };
        let moved = day.with_year(day.year() - years).unwrap_or_else(|| leap_day(day.year() - years));
        if self.dice.random_bool(0.1) { leap_day(moved.year()) } else { moved }.min(self.today)
    }

    fn someone(&mut self, id: i64) -> Someone {
        let registered = self.days_ago(400);
        let mut tags = BTreeSet::new();
        for _ in 0..self.dice.random_range(0..4) {
            tags.insert(self.one_of(&TAGS));
        }
        let mut redemptions = Vec::new();
        for _ in 0..self.dice.random_range(0..4) {
            redemptions.push((self.days_ago(60), self.dice.random_bool(0.2)));
        }
        Someone {
            id,
            erased: self.dice.random_bool(0.05),
            is_test: self.dice.random_bool(0.2),
            subscribed: self.dice.random_bool(0.6),
            gender: self.one_of(&["male", "female", "unknown"]),
            birthday: self.dice.random_bool(0.7).then(|| self.birthday()),
            registered,
            seen: self.days_ago(90),
            tags,
            source: self.one_of(&SOURCES).to_owned(),
            campaign: self.one_of(&[None, Some("vk"), Some("flyer-1")]),
            blocked: self.dice.random_bool(0.15),
            redemptions,
            holds: self.dice.random_bool(0.4),
        }
    }

    /// A filter that parses, of one to five keys.
    fn filter(&mut self) -> Value {
        if self.dice.random_bool(0.02) {
            return json!({ "all": true });
        }
        let mut keys = Map::new();
        for _ in 0..self.dice.random_range(1..=5) {
            let (key, value) = self.condition();
            keys.insert(key.to_owned(), value);
        }
        Value::Object(keys)
    }

    fn condition(&mut self) -> (&'static str, Value) {
        let yes = self.dice.random_bool(0.5);
        match self.dice.random_range(0..17) {
            0 => ("is_subscribed", json!(yes)),
            1 => ("has_active_discounts", json!(yes)),
            2 => ("gender", json!(self.one_of(&["male", "female"]))),
            3 => ("age", self.range(100)),
            4 => ("registered", self.dates()),
            5 => ("tags", self.words(&TAGS)),
            6 => ("not_tags", self.words(&TAGS)),
            7 if yes => ("source", json!(self.one_of(&SOURCES))),
            7 => ("source", self.words(&SOURCES)),
            8 => ("campaign", json!(self.one_of(&["vk", "flyer-1", "nobody"]))),
            9 => ("birthday_month", json!(self.dice.random_range(1..=12))),
            10 => ("birthday_within_days", json!(self.one_of(&[0, 1, 2, 3, 30, 200, 364, 365]))),
            11 => ("redeemed_within_days", json!(self.dice.random_range(0..=60))),
            12 => ("not_redeemed_within_days", json!(self.dice.random_range(0..=60))),
            13 => ("redemptions", self.range(4)),
            14 => ("inactive_days", json!(self.dice.random_range(1..=90))),
            15 => ("status", json!(self.one_of(&["active", "blocked"]))),
            _ => ("is_test", json!(yes)),
        }
    }

    fn range(&mut self, most: i64) -> Value {
        let (a, b) = (self.dice.random_range(0..=most), self.dice.random_range(0..=most));
        match self.dice.random_range(0..3) {
            0 => json!({ "from": a }),
            1 => json!({ "to": a }),
            _ => json!({ "from": a.min(b), "to": a.max(b) }),
        }
    }

    fn dates(&mut self) -> Value {
        let (a, b) = (self.days_ago(400), self.days_ago(400));
        match self.dice.random_range(0..3) {
            0 => json!({ "from": a.to_string() }),
            1 => json!({ "to": a.to_string() }),
            _ => json!({ "from": a.min(b).to_string(), "to": a.max(b).to_string() }),
        }
    }

    fn words(&mut self, all: &[&str]) -> Value {
        let count = self.dice.random_range(1..=3);
        (0..count).map(|_| json!(self.one_of(all))).collect()
    }
}

fn leap_day(year: i32) -> NaiveDate {
    (0..8).find_map(|back| NaiveDate::from_ymd_opt(year - back, 2, 29)).unwrap()
}

/// The day a birthday is kept in `year`.
fn kept(birthday: NaiveDate, year: i32) -> NaiveDate {
    birthday.with_year(year).unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 2, 28).unwrap())
}

impl Someone {
    /// How many birthdays they have had.
    fn age(&self, today: NaiveDate) -> Option<i64> {
        let birthday = self.birthday?;
        Some((birthday.year() + 1..=today.year()).filter(|year| kept(birthday, *year) <= today).count() as i64)
    }

    fn fits(&self, filter: &Value, asked_for_test: bool, today: NaiveDate) -> bool {
        let keys = filter.as_object().unwrap();
        let wanted_test = keys.get("is_test").map_or(asked_for_test, |value| value.as_bool().unwrap());
        let wanted_status = keys.get("status").map_or("active", |value| value.as_str().unwrap());
        !self.erased
            && self.is_test == wanted_test
            && self.blocked == (wanted_status == "blocked")
            && keys.iter().all(|(key, value)| self.fits_key(key, value, today))
    }

    fn fits_key(&self, key: &str, value: &Value, today: NaiveDate) -> bool {
        let ago = |day: NaiveDate| today.signed_duration_since(day).num_days();
        let standing = || self.redemptions.iter().filter(|(_, undone)| !undone);
        let within = |days: i64| standing().any(|(day, _)| ago(*day) <= days);
        let int = || value.as_i64().unwrap();
        let any_tag = || value.as_array().unwrap().iter().any(|tag| self.tags.contains(tag.as_str().unwrap()));
        match key {
            "all" | "is_test" | "status" => true,
            "is_subscribed" => value == self.subscribed,
            "has_active_discounts" => value == self.holds,
            "gender" => value == self.gender,
            "age" => self.age(today).is_some_and(|age| between(age, value)),
            "registered" => {
                let day = |end: &str| value.get(end).map(|day| day.as_str().unwrap().parse::<NaiveDate>().unwrap());
                day("from").is_none_or(|from| self.registered >= from)
                    && day("to").is_none_or(|to| self.registered <= to)
            }
            "tags" => any_tag(),
            "not_tags" => !any_tag(),
            "source" => match value {
                Value::Array(several) => several.iter().any(|one| one == &*self.source),
                one => one == &*self.source,
            },
            "campaign" => self.campaign.is_some_and(|campaign| value == campaign),
            "birthday_month" => self.birthday.is_some_and(|day| i64::from(day.month()) == int()),
            "birthday_within_days" => self.birthday.is_some_and(|birthday| {
                let next = [today.year(), today.year() + 1].map(|year| kept(birthday, year));
                next.iter().any(|day| (0..=int()).contains(&day.signed_duration_since(today).num_days()))
            }),
            "redeemed_within_days" => within(int()),
            "not_redeemed_within_days" => !within(int()),
            "redemptions" => between(standing().count() as i64, value),
            "inactive_days" => ago(self.seen) >= int(),
            unknown => panic!("no such key: {unknown}"),
        }
    }
}

fn between(number: i64, range: &Value) -> bool {
    let end = |end: &str| range.get(end).map(|at| at.as_i64().unwrap());
    end("from").is_none_or(|from| number >= from) && end("to").is_none_or(|to| number <= to)
}

/// Some instant of the shop's day: its first second, its last, or between.
fn some_instant(world: &mut World, day: NaiveDate) -> Timestamp {
    let zone = Zone::parse("Asia/Vladivostok").unwrap();
    let seconds = world.one_of(&[0, 1, 43_200, 86_399]);
    zone.start_of(day).plus(seconds)
}

/// The rows of one person, as the product would have written them.
fn rows(world: &mut World, one: &Someone) -> Vec<String> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let id = one.id;
    let (telegram_id, test, subscribed) =
        (if one.erased { -id } else { id }, one.is_test as i64, one.subscribed as i64);
    let birthday = one.birthday.map_or("NULL".into(), |day| quoted(&day.to_string()));
    let md = one.birthday.map_or("NULL".into(), |day| quoted(&day.format("%m-%d").to_string()));
    let status = if one.blocked { "blocked" } else { "active" };
    let campaign =
        one.campaign.map_or("NULL".into(), |key| format!("(SELECT id FROM campaigns WHERE source_key = '{key}')"));
    let (created, seen) = (some_instant(world, one.registered), some_instant(world, one.seen));
    let source = one.source.to_lowercase().replace(' ', "");
    let mut rows =
        vec![format!(
        "INSERT INTO users (id, telegram_id, is_test, name_norm, gender, birthday, birthday_md, status, is_subscribed,
            source, source_normalized, campaign_id, created_at, created_day, last_activity_at)
         VALUES ({id}, {telegram_id}, {test}, '', '{}', {birthday}, {md}, '{status}', {subscribed}, {}, {}, {campaign},
            '{created}', '{}', '{seen}')",
        one.gender, quoted(&one.source), quoted(&source), one.registered
    )];
    rows.extend(one.tags.iter().map(|tag| format!("INSERT INTO user_tags VALUES ({id}, {})", quoted(tag))));
    for (n, (day, undone)) in one.redemptions.iter().enumerate() {
        let at = some_instant(world, *day);
        let (redeemed, undone) =
            if *undone { ("NULL".into(), format!("'{at}'")) } else { (format!("'{at}'"), "NULL".into()) };
        // What was undone has run out since, so that it is no active code.
        rows.push(code(one, n, &redeemed, "NULL", "2020-01-01T00:00:00Z"));
        rows.push(format!(
            "INSERT INTO redemptions (discount_id, user_id, is_single, is_test, actor, at, day, hour, undone_at)
             SELECT id, user_id, 1, {test}, 'cli:test', '{at}', '{day}', 0, {undone} FROM discounts ORDER BY id DESC LIMIT 1"
        ));
    }
    let (now, far) = ("(SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))", "2030-01-01T00:00:00Z");
    if one.holds {
        rows.push(code(one, 10, "NULL", "NULL", far));
    } else {
        rows.push(code(one, 11, "NULL", now, far));
        rows.push(code(one, 12, now, "NULL", far));
    }
    rows
}

fn code(one: &Someone, n: usize, redeemed: &str, revoked: &str, expires: &str) -> String {
    let (id, test) = (one.id, one.is_test as i64);
    format!(
        "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
            created_at, created_day, created_by, expires_at, redeemed_at, revoked_at)
         VALUES ('public-id-{id:05}-{n:02}', '{id:05}{n:02}', {id}, 1, {test}, 1000, 'percent', 'single', 'manual',
            '2020-01-01T00:00:00Z', '2020-01-01', 'cli:test', '{expires}', {redeemed}, {revoked})"
    )
}

/// The sources people came from, as filters say them.
fn normalised(filter: &Value) -> Value {
    let lower = |text: &Value| json!(text.as_str().unwrap().to_lowercase().replace(' ', ""));
    let mut filter = filter.clone();
    if let Some(source) = filter.get_mut("source") {
        *source = match &*source {
            Value::Array(several) => several.iter().map(lower).collect(),
            one => lower(one),
        };
    }
    filter
}

#[test]
fn a_filter_means_what_its_words_say() {
    let filters = number("DVORIK_TEST_FILTERS").unwrap_or(300);
    for (seed, day) in (1..).zip(DAYS) {
        let today: NaiveDate = day.parse().unwrap();
        let mut world = World { today, dice: StdRng::seed_from_u64(seed) };
        let shop = Shop::open_at(&format!("{day}T02:00:00Z"));
        let mut statements = ["vk", "flyer-1"].map(campaign).to_vec();
        let mut people: Vec<Someone> = (1..=PEOPLE).map(|id| world.someone(id)).collect();
        statements.extend(people.iter().flat_map(|one| rows(&mut world, one)).collect::<Vec<_>>());
        shop.sql(statements);
        people.iter_mut().for_each(|one| one.source = one.source.to_lowercase().replace(' ', ""));
        let mut found = 0;
        for _ in 0..filters {
            let written = world.filter();
            let (filter, asked_for_test) = (Filter::parse(&written.to_string()).unwrap(), world.dice.random_bool(0.2));
            let realm = Realm::from_is_test(asked_for_test);
            let meant = normalised(&written);
            let expected: Vec<i64> =
                people.iter().filter(|one| one.fits(&meant, asked_for_test, today)).map(|one| one.id).collect();
            let (members, count, reach) = shop
                .db
                .read(|view| {
                    Ok::<_, dvorik::error::Error>((
                        segment::members(view, realm, &filter)?,
                        segment::count(view, realm, &filter)?,
                        segment::reach(view, realm, &filter)?,
                    ))
                })
                .unwrap();
            let members: Vec<i64> = members.into_iter().map(|id| id.0).collect();
            assert_eq!(members, expected, "{written} on {day}");
            assert_eq!([count, reach.total], [expected.len() as i64; 2], "{written} on {day}");
            found += members.len();
        }
        assert!(found > filters as usize, "hardly anybody was ever meant: {found}");
    }
}

fn campaign(key: &str) -> String {
    format!("INSERT INTO campaigns (name, source_key, created_at) VALUES ('{key}', '{key}', '2020-01-01T00:00:00Z')")
}
