//! The figures by source of random shops agree with a naive count of their rows, and their sums with the other views.

use std::collections::BTreeMap;

use dvorik::clock::{Clock, Timestamp, Zone};
use dvorik::db::Database;
use dvorik::realm::Realm;
use dvorik::report::funnel::funnel;
use dvorik::report::series::{TimeUnit, over_time};
use dvorik::report::sources::{FunnelOfSource, OfSource, by_source, funnel_by_source};
use dvorik::report::{Period, overview};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rusqlite::named_params;

use crate::backup::judge;
use crate::harness::number;

const USER: &str = "INSERT INTO users (id, telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day,
    is_subscribed, last_activity_at) VALUES (:id, :telegram, :realm, '', :source, :source, :at, :day, :subscribed, :at)";
const CODE: &str =
    "INSERT INTO discounts (id, public_id, code, user_id, template_id, is_test, value, value_type, usage_type,
    source_kind, created_at, created_day, created_by, expires_at, revoked_at)
    VALUES (:id, printf('public-id-%010d', :id), printf('АБВ%04d', :id), :user, 1, :realm, 1000, 'percent', :usage,
        :kind, :at, :day, 'test', '2031-01-01T00:00:00Z', :revoked)";
const REDEMPTION: &str =
    "INSERT INTO redemptions (discount_id, user_id, is_single, is_test, actor, at, day, hour, undone_at)
    VALUES (:code, :user, :single, :realm, 'test', :at, :day, :hour, :undone)";

/// A row of a person, with what became of them.
struct Person {
    realm: bool,
    source: &'static str,
    at: Timestamp,
    subscribed: bool,
    codes: Vec<Code>,
}

struct Code {
    of_subscription: bool,
    at: Timestamp,
    redemptions: Vec<(Timestamp, bool)>,
}

/// A random shop's people, written to the database.
fn write(path: &std::path::Path, zone: Zone, rng: &mut StdRng) -> Vec<Person> {
    let shop = judge(path);
    shop.execute_batch("PRAGMA foreign_keys = off; BEGIN").unwrap();
    // Around the night in which the clocks of Europe are set forward.
    let first = Timestamp::parse("2026-03-20T00:00:00Z").unwrap();
    let sources = ["direct", "flyer", "door", "инста", "a", "b", "c", "d"];
    let any = |rng: &mut StdRng| first.plus(rng.random_range(0..20 * 86_400));
    let (mut people, mut code_id) = (Vec::new(), 0);
    for id in 1..=rng.random_range(1..80_i64) {
        // An erased person keeps the row; the source goes if it names the person.
        let erased = rng.random_bool(0.1);
        let source = if erased && rng.random_bool(0.5) { "direct" } else { sources.choose(rng).unwrap() };
        let mut person = Person {
            realm: rng.random_bool(0.2),
            source,
            at: any(rng),
            subscribed: rng.random_bool(0.5),
            codes: Vec::new(),
        };
        let telegram = if erased { -id } else { id };
        let (realm, at, day) = (person.realm, person.at.to_string(), zone.day(person.at).to_string());
        shop.execute(
            USER,
            named_params! { ":id": id, ":telegram": telegram, ":realm": realm, ":source": source, ":at": at,
            ":day": day, ":subscribed": person.subscribed },
        )
        .unwrap();
        for _ in 0..rng.random_range(0..4) {
            code_id += 1;
            let mut code = Code { of_subscription: rng.random_bool(0.3), at: any(rng), redemptions: Vec::new() };
            let single = rng.random_bool(0.7);
            let kind = if code.of_subscription { "subscription" } else { "manual" };
            let usage = if single { "single" } else { "shared" };
            let revoked = rng.random_bool(0.1).then(|| code.at.to_string());
            shop.execute(
                CODE,
                named_params! { ":id": code_id, ":user": id, ":realm": realm, ":usage": usage, ":kind": kind,
                ":at": code.at.to_string(), ":day": zone.day(code.at).to_string(), ":revoked": revoked },
            )
            .unwrap();
            let mut stands = false;
            for _ in 0..rng.random_range(0..3) {
                let (at, undone) = (any(rng), rng.random_bool(0.3));
                // Of a single code one redemption stands at most.
                if single && stands && !undone {
                    continue;
                }
                stands |= !undone;
                code.redemptions.push((at, undone));
                shop.execute(
                    REDEMPTION,
                    named_params! { ":code": code_id, ":user": id, ":single": single, ":realm": realm,
                    ":at": at.to_string(), ":day": zone.day(at).to_string(), ":hour": zone.hour(at),
                    ":undone": undone.then(|| at.to_string()) },
                )
                .unwrap();
            }
            person.codes.push(code);
        }
        people.push(person);
    }
    shop.execute_batch("COMMIT").unwrap();
    people
}

#[test]
fn sums_by_source_are_those_of_the_rows_and_of_the_other_views() {
    let shops = number("DVORIK_TEST_SHOPS").unwrap_or(8);
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed} DVORIK_TEST_SHOPS={shops}");
    let mut rng = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.db");
    dvorik::db::migrate(&empty).unwrap();
    for shop in 0..shops {
        let name = *["Europe/Berlin", "Asia/Vladivostok", "America/New_York", "UTC"].choose(&mut rng).unwrap();
        let zone = Zone::parse(name).unwrap();
        let path = dir.path().join(format!("{shop}.db"));
        std::fs::copy(&empty, &path).unwrap();
        let people = write(&path, zone, &mut rng);
        let clock = Clock::manual(Timestamp::parse("2026-04-20T12:00:00Z").unwrap());
        let db = Database::open(&path, zone, clock).unwrap();
        let from = "2026-03-18".parse::<chrono::NaiveDate>().unwrap() + chrono::Days::new(rng.random_range(0..15));
        let to = from + chrono::Days::new(rng.random_range(0..20));
        agrees(&db, &people, zone, Period { from, to });
    }
}

fn agrees(db: &Database, people: &[Person], zone: Zone, period: Period) {
    let within = |at: Timestamp| (period.from..=period.to).contains(&zone.day(at));
    for realm in [Realm::Real, Realm::Test] {
        let (mut figures, mut steps) = (BTreeMap::<_, [i64; 3]>::new(), BTreeMap::<_, [i64; 4]>::new());
        for person in people.iter().filter(|person| person.realm == (realm == Realm::Test)) {
            let issued = person.codes.iter().filter(|code| within(code.at)).count();
            let standing = person.codes.iter().flat_map(|code| &code.redemptions).filter(|(_, undone)| !undone);
            let redeemed = standing.clone().filter(|(at, _)| within(*at)).count();
            let news = i64::from(within(person.at));
            let of = figures.entry(person.source).or_default();
            *of = [of[0] + news, of[1] + issued as i64, of[2] + redeemed as i64];
            if within(person.at) {
                let subscribed = person.subscribed || person.codes.iter().any(|code| code.of_subscription);
                let reached = [true, subscribed, !person.codes.is_empty(), standing.count() > 0];
                let of = steps.entry(person.source).or_default();
                of.iter_mut().zip(reached).for_each(|(count, reached)| *count += i64::from(reached));
            }
        }
        figures.retain(|_, of| *of != [0; 3]);
        let (series, funnels, whole, days, all) = db
            .read::<_, dvorik::error::Error, _>(|view| {
                Ok((
                    by_source(view, realm, period, 1000)?,
                    funnel_by_source(view, realm, period, 1000)?,
                    funnel(view, realm, period)?,
                    over_time(view, realm, period, TimeUnit::Day)?,
                    overview(view, realm, period)?,
                ))
            })
            .unwrap();
        let told: BTreeMap<_, _> = series.iter().map(|of| (&*of.key, [of.users_new, of.issued, of.redeemed])).collect();
        assert_eq!(told, figures, "{realm:?} {period:?}");
        let told: BTreeMap<_, _> =
            funnels.iter().map(|of| (&*of.key, [of.registered, of.subscribed, of.issued, of.redeemed])).collect();
        assert_eq!(told, steps, "{realm:?} {period:?}");
        let sum = |of: fn(&OfSource) -> i64| series.iter().map(of).sum::<i64>();
        assert_eq!(sum(|of| of.users_new), all.users_new);
        assert_eq!(sum(|of| of.issued), days.iter().filter_map(|day| day.issued).sum::<i64>());
        assert_eq!(sum(|of| of.redeemed), days.iter().map(|day| day.redeemed).sum::<i64>());
        let step = |of: fn(&FunnelOfSource) -> i64| funnels.iter().map(of).sum::<i64>();
        let sums = [step(|of| of.registered), step(|of| of.subscribed), step(|of| of.issued), step(|of| of.redeemed)];
        assert_eq!(sums, whole.map(|step| step.count));
        folded(db, realm, period, &series, &funnels);
    }
}

/// With fewer rows than sources the rest is one row, and the sums stay.
fn folded(db: &Database, realm: Realm, period: Period, series: &[OfSource], funnels: &[FunnelOfSource]) {
    let read = |most| {
        db.read::<_, dvorik::error::Error, _>(|view| {
            Ok((by_source(view, realm, period, most)?, funnel_by_source(view, realm, period, most)?))
        })
    };
    let (few, few_steps) = read(2).unwrap();
    assert_eq!(few.iter().map(|of| of.redeemed).sum::<i64>(), series.iter().map(|of| of.redeemed).sum::<i64>());
    assert_eq!(
        few_steps.iter().map(|of| of.registered).sum::<i64>(),
        funnels.iter().map(|of| of.registered).sum::<i64>()
    );
    if series.len() > 2 {
        let rest = few.last().unwrap();
        assert_eq!((few.len(), &*rest.key, rest.sources), (3, "other", Some(series.len() as i64 - 2)));
        assert_eq!(few[..2], series[..2]);
    }
}
