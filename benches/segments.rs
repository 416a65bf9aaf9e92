//! Segments over 1,000,000 customers: `cargo bench --bench segments [-- WORD…]` runs the filters whose JSON contains
//! one of the words. Each figure is the median of five counts with the minimum and the maximum; a count before them
//! warms the cache. SQL writes the whole shop into the build directory, on a disk and not in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench is read by a person and stops where it cannot go on"
)]

use std::path::Path;
use std::time::Instant;

use dvorik::clock::{Clock, Timestamp, Zone};
use dvorik::db::{self, Database, Failure};
use dvorik::error::Error;
use dvorik::realm::Realm;
use dvorik::segment::{self, Filter};

use figure::{Figure, RUNS};

mod figure;

const PEOPLE: i64 = 1_000_000;
const NOW: &str = "2026-11-22T03:00:00Z";

/// Inserts the shop, whose columns are computed from the row's id. The multipliers share no factor with the moduli, so
/// no two columns correlate.
const SHOP: [&str; 7] = [
    "INSERT INTO campaigns (name, source_key, created_at) VALUES ('vk', 'vk', '2026-01-01T00:00:00Z')",
    "WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < :people),
          p (id, a, b, c, d) AS (SELECT id, id * 48271 % 1009, id * 69621 % 4093, id * 16807 % 509, id * 39373 % 21599 FROM n)
     INSERT INTO users (id, telegram_id, is_test, username, first_name, last_name, name_norm, gender, birthday, birthday_md,
            status, is_subscribed, source, source_normalized, campaign_id, created_at, created_day, last_activity_at,
            muted_at, bot_blocked_at)
     SELECT id, 5000000000 + id, 0, 'user' || id, 'Имя' || a, 'Фамилия' || b, 'имя' || a || ' фамилия' || b || ' user' || id,
            CASE a % 3 WHEN 0 THEN 'male' WHEN 1 THEN 'female' ELSE 'unknown' END,
            CASE WHEN b % 10 < 6 THEN date('1950-01-01', '+' || d || ' days') END,
            CASE WHEN b % 10 < 6 THEN strftime('%m-%d', date('1950-01-01', '+' || d || ' days')) END,
            iif(c % 20 = 0, 'blocked', 'active'), c % 10 < 6, iif(a % 5 < 3, 'direct', 'src' || a % 40),
            iif(a % 5 < 3, 'direct', 'src' || a % 40), iif(b % 4 = 0, 1, NULL),
            strftime('%Y-%m-%dT%H:%M:%SZ', '2026-11-22', '-' || (b % 730) || ' days'), date('2026-11-22', '-' || (b % 730) || ' days'),
            strftime('%Y-%m-%dT%H:%M:%SZ', '2026-11-22', '-' || (c % 365) || ' days'),
            iif(a % 30 = 0, '2026-01-01T00:00:00Z', NULL), iif(b % 20 = 0, '2026-01-01T00:00:00Z', NULL) FROM p",
    "INSERT INTO user_tags SELECT id, 'birthday_set' FROM users WHERE birthday IS NOT NULL",
    "INSERT INTO user_tags SELECT id, 'vip' FROM users WHERE id * 7919 % 1013 < 50",
    "INSERT INTO user_tags SELECT id, 'coffee' FROM users WHERE id * 104729 % 1019 < 100",
    "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type, source_kind,
            created_at, created_day, created_by, expires_at, redeemed_at)
     SELECT 'public-id-public-' || id, printf('%07d', id), id, 1, 0, 1000, 'percent', 'single', 'manual',
            '2026-10-01T00:00:00Z', '2026-10-01', 'job:bench',
            iif(id % 10 < 4, '2026-12-01T00:00:00Z', '2026-11-01T00:00:00Z'), iif(id % 10 >= 5, last_activity_at, NULL) FROM users",
    "INSERT INTO redemptions (discount_id, user_id, is_single, is_test, actor, at, day, hour)
     SELECT id, user_id, 1, 0, 'job:bench', redeemed_at, substr(redeemed_at, 1, 10), 12 FROM discounts WHERE redeemed_at IS NOT NULL",
];

const FILTERS: [(&str, &str); 19] = [
    (r#"{"is_subscribed":true,"age":{"from":25,"to":35},"tags":["coffee"]}"#, "< 150"),
    (r#"{"is_subscribed":true,"age":{"from":18},"tags":["birthday_set"]}"#, "< 150"),
    (r#"{"all":true}"#, ""),
    (r#"{"is_subscribed":true}"#, ""),
    (r#"{"age":{"from":18,"to":34}}"#, ""),
    (r#"{"gender":"female"}"#, ""),
    (r#"{"tags":["vip","coffee"]}"#, ""),
    (r#"{"not_tags":["birthday_set"]}"#, ""),
    (r#"{"source":"direct"}"#, ""),
    (r#"{"campaign":"vk"}"#, ""),
    (r#"{"registered":{"from":"2026-01-01"}}"#, ""),
    (r#"{"inactive_days":60}"#, ""),
    (r#"{"birthday_month":12}"#, ""),
    (r#"{"birthday_within_days":60}"#, ""),
    (r#"{"has_active_discounts":true}"#, ""),
    (r#"{"redeemed_within_days":30}"#, ""),
    (r#"{"not_redeemed_within_days":365}"#, ""),
    (r#"{"redemptions":{"from":1}}"#, ""),
    (r#"{"is_subscribed":true,"gender":"male","age":{"from":18},"not_tags":["vip"],"redeemed_within_days":90}"#, ""),
];

fn main() {
    // Cargo passes `--bench` too, which is no name of a figure.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let db = shop(&dir.path().join("bench.db"));
    figure::head();
    for (json, target) in FILTERS.into_iter().filter(|(json, _)| wanted(json)) {
        let filter = Filter::parse(json).unwrap();
        let mut figure = Figure::new(json, "ms", target);
        timed(&db, &mut figure, |view| segment::count(view, Realm::Real, &filter));
        figure.print();
    }
    let all = Filter::everybody();
    let mut members = Figure::new("members of everybody", "ms", "< 2000");
    timed(&db, &mut members, |view| segment::members(view, Realm::Real, &all).map(|ids| ids.len() as i64));
    members.print();
    let mut preview = Figure::new("preview of everybody, 20 people", "ms", "");
    timed(&db, &mut preview, |view| segment::preview(view, Realm::Real, &all, 20).map(|seen| seen.reach.reachable));
    preview.print();
}

fn timed(db: &Database, figure: &mut Figure, run: impl Fn(&db::View<'_>) -> Result<i64, Error>) {
    let warm = db.read(&run).unwrap();
    for _ in 0..RUNS {
        let begun = Instant::now();
        assert_eq!(db.read(&run).unwrap(), warm);
        figure.runs.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
}

fn shop(path: &Path) -> Database {
    db::migrate(path).unwrap();
    let clock = Clock::manual(Timestamp::parse(NOW).unwrap());
    let db = Database::open(path, Zone::parse("Asia/Vladivostok").unwrap(), clock).unwrap();
    for sql in SHOP {
        let people: &'static [(&str, &i64)] = if sql.contains(":people") { &[(":people", &PEOPLE)] } else { &[] };
        db.write_bulk(move |tx| tx.change(sql, people).map(drop)).unwrap_or_else(|error: Failure| panic!("{error}"));
    }
    db
}
