//! The cost of many customers and much history. The customers are inserted with plain SQL, each with one code, and
//! every third code is redeemed; only what is measured goes through the program.

use std::time::Instant;

use dvorik::db::{Database, Failure};
use dvorik::discount::{self, Checked, Redeemer};
use dvorik::realm::Realm;

use super::harness::World;
use super::{BenchShop, Figure, RUNS, on_duty, resident, start};

const CHECKS: usize = 2000;

const USERS: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)
    INSERT INTO users (telegram_id, is_test, first_name, last_name, name_norm, source, source_normalized, is_subscribed,
        created_at, created_day, last_activity_at)
    SELECT 10000000 + i, 0, 'Имя' || i, 'Фамилия', 'имя' || i || ' фамилия', 'direct', 'direct', i % 2,
        strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (i % 365) || ' days'), date('now', '-' || (i % 365) || ' days'),
        strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-' || (i % 100) || ' days') FROM n";
// Inserts a code for each customer, spelt from the customer's id in the form that the program gives to codes.
const DISCOUNTS: &str =
    "INSERT INTO discounts (public_id, code, user_id, template_id, is_test, value, value_type, usage_type,
        source_kind, created_at, created_day, created_by, expires_at, redeemed_at)
    SELECT printf('public-id-%010d', id),
        substr('АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ', 1 + id / 280000 % 28, 1)
        || substr('АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ', 1 + id / 10000 % 28, 1) || 'Я' || printf('%04d', id % 10000),
        id, 1, 0, 1000, 'percent', 'single', 'subscription', created_at, created_day, 'bench',
        strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '+7 days'), iif(id % 3 = 0, created_at, NULL)
    FROM users WHERE telegram_id > 10000000";
const REDEMPTIONS: &str =
    "INSERT INTO redemptions (discount_id, user_id, is_single, is_test, cashier_id, at, day, hour)
    SELECT id, user_id, 1, 0, :cashier, redeemed_at, created_day, id % 24 FROM discounts WHERE redeemed_at IS NOT NULL";
const ATTEMPTS: &str =
    "INSERT INTO discount_usage_logs (at, said_at, day, is_test, status, code_typed, discount_id, user_id,
        cashier_id, redemption_id)
    SELECT r.at, r.at, r.day, 0, 'success', d.code, d.id, d.user_id, :cashier, r.id
    FROM redemptions r JOIN discounts d ON d.id = r.discount_id";

/// Inserts `many` customers and their codes; `cashier` has redeemed a third of the codes.
fn fill(db: &Database, many: i64, cashier: i64) {
    let filled = db.write_bulk(move |tx| {
        tx.change(USERS, &[(":many", &many)])?;
        tx.change(DISCOUNTS, [])?;
        tx.change(REDEMPTIONS, &[(":cashier", &cashier)])?;
        tx.change(ATTEMPTS, &[(":cashier", &cashier)])
    });
    filled.unwrap_or_else(|error: Failure| panic!("{error}"));
}

/// A shop on the disk with `many` customers and no daemon.
async fn crowded(many: i64) -> World {
    let world = World::closed().await;
    world.change("INSERT INTO cashiers (telegram_id, is_test, name, status, requested_at) VALUES (5, 0, 'Касса', 'active', '2026-01-01T00:00:00Z')");
    tokio::task::block_in_place(|| fill(&world.db(), many, 1));
    world
}

pub async fn serving() {
    let mut memory = Figure::new("serve with 50,000 customers, resident memory", "MB", "< 60");
    let mut ready = Figure::new("serve with 50,000 customers, spawn to ready", "ms", "< 300");
    let world = crowded(50_000).await;
    for _ in 0..RUNS {
        world.tg.clear_receipts();
        let (mut daemon, took) = start(&world).await;
        ready.runs.push(took.as_secs_f64() * 1000.0);
        on_duty(&world).await;
        for n in 0..20 {
            let customer = world.customer(&format!("Клиент {n}"));
            customer.opens(None);
            customer.hears("Привет").await;
        }
        memory.runs.push(resident(daemon.id().unwrap()));
        daemon.kill().await.unwrap();
    }
    memory.print();
    ready.print();
}

pub async fn figures() {
    for (many, name, target) in [
        (50_000, "stats overview --json at 50,000 customers", "< 50"),
        (1_000_000, "stats overview --json at 1,000,000 customers", "< 300"),
    ] {
        let mut figure = Figure::new(name, "ms", target);
        let world = crowded(many).await;
        for _ in 0..RUNS {
            let begun = Instant::now();
            let ran = world.ran(&["stats", "overview", "--json"]);
            figure.runs.push(begun.elapsed().as_secs_f64() * 1000.0);
            assert_eq!(ran.json()["users"]["total"], many);
        }
        figure.print();
    }
}

/// Measures a check in a shop without history and in one with 100,000 redemptions, in turn: a busy minute of the
/// machine then affects both figures.
pub fn checks() {
    let mut fresh = Figure::new("cashier's check, p50 of 2000, no history", "µs", "");
    let mut old = Figure::new("cashier's check, p50 of 2000, after 100,000 redemptions", "µs", "± 20 %");
    let (new_shop, mut old_shop) = (BenchShop::open(1, CHECKS), BenchShop::open(1, CHECKS));
    // The codes that `fill` inserts begin with one of four letters. Codes issued before get another first letter, so
    // that no two codes are equal.
    let clash = "UPDATE discounts SET code = 'Щ' || substr(code, 2) WHERE substr(code, 1, 1) IN ('А', 'Б', 'В', 'Г')";
    let changed: Result<usize, Failure> = old_shop.db.write_bulk(move |tx| tx.change(clash, []));
    changed.unwrap();
    for code in &mut old_shop.codes {
        if code.starts_with(['А', 'Б', 'В', 'Г']) {
            *code = code.chars().skip(1).fold(String::from("Щ"), |code, next| code + &next.to_string());
        }
    }
    fill(&old_shop.db, 300_000, 1);
    for _ in 0..RUNS {
        fresh.runs.push(median_check(&new_shop));
        old.runs.push(median_check(&old_shop));
    }
    fresh.print();
    old.print();
}

/// The median duration of a check, in microseconds.
fn median_check(shop: &BenchShop) -> f64 {
    let mut took: Vec<f64> = shop.codes.iter().map(|code| check(&shop.db, &shop.cashiers[0], code)).collect();
    took.sort_by(f64::total_cmp);
    took[took.len() / 2]
}

fn check(db: &Database, by: &Redeemer, code: &str) -> f64 {
    let (by, code) = (by.clone(), code.to_owned());
    let begun = Instant::now();
    let checked = db.write(move |tx| discount::check(tx, &by, Realm::Real, &code, None)).unwrap();
    assert!(matches!(checked, Checked::Card(_)));
    begun.elapsed().as_secs_f64() * 1_000_000.0
}
