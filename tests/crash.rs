//! The real binary, killed at random points of the path while customers and cashiers go on. The judges are Telegram's
//! ledger and copies of the database taken while nobody runs. `DVORIK_TEST_KILLS` says how often (12), and
//! `DVORIK_TEST_SEED` repeats a run.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use builtin_telegram::{Fault, Receipt};
use dvorik::settings;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use tokio::task::JoinSet;

use crate::given;
use crate::harness::{PATIENCE, SHOP, STAFF, Someone, World, code_in, number};

/// A person who gets no answer acts again after this long: an answer in flight at two crashes may be lost.
const IMPATIENCE: Duration = Duration::from_secs(4);
const CASHIERS: usize = 4;

/// What was injected, counted where it was injected.
#[derive(Default)]
struct Tally {
    customers: AtomicI64,
    /// Who only came by.
    visitors: AtomicI64,
    starts: AtomicI64,
    checks: AtomicI64,
    typed: AtomicI64,
    presses: AtomicI64,
    helps: AtomicI64,
    redeemed: Mutex<BTreeSet<String>>,
    closing: AtomicBool,
}

impl Tally {
    fn add(counter: &AtomicI64) {
        counter.fetch_add(1, Ordering::SeqCst);
    }

    fn of(counter: &AtomicI64) -> i64 {
        counter.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_points_the_shop_loses_nothing_and_does_nothing_twice() {
    let kills = number("DVORIK_TEST_KILLS").unwrap_or(12);
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed} DVORIK_TEST_KILLS={kills}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut w = World::closed().await;
    // Every press asks Telegram and is stored, so that presses can be counted.
    w.sets(&settings::SUBSCRIPTION_CACHE_SECONDS, "0");
    given::campaign(&w.db(), "vk");
    w.runs();
    let mut cashiers = Vec::new();
    for n in 0..CASHIERS {
        cashiers.push(w.cashier(&format!("Касса {n}")).await);
    }
    let tally = Arc::new(Tally::default());
    w.tg.set_latency(4);
    w.tg.fault(Fault::ResetAfterAccept.with_chance(0.01, seed).on_sends());
    let mut queues = JoinSet::new();
    for cashier in cashiers {
        let (tally, people) = (Arc::clone(&tally), w.people());
        queues.spawn(async move { queue(cashier, people, &tally).await });
    }

    let visitor = w.people();
    for _ in 0..kills {
        at_a_random_point(&w, &mut rng, &tally, &visitor).await;
        w.is_killed().await;
        every_acknowledged_redemption_is_there(&w);
        w.runs();
    }
    w.tg.clear_faults();
    tally.closing.store(true, Ordering::SeqCst);
    let mut everybody = Vec::new();
    while let Some(ended) = queues.join_next().await {
        everybody.extend(ended.unwrap_or_else(|error| panic!("{error}\n{}", w.log())));
    }
    // The last answer in a chat comes after those before it.
    for someone in &everybody {
        Tally::add(&tally.helps);
        someone.says("/help");
    }
    for someone in &everybody {
        someone.hears(if someone.bot == SHOP { "Ваши коды" } else { "Отправьте код" }).await;
    }
    for bot in [SHOP, STAFF] {
        assert!(w.tg.wait_acknowledged(bot, PATIENCE).await);
    }
    drained(&w).await;
    assert_eq!(w.terminates().await, Some(0), "{}", w.log());
    println!("{} customers, {} presses", Tally::of(&tally.customers), Tally::of(&tally.presses));
    every_update_took_effect_once(&w, &tally);
    assert!(!w.log().contains("panicked"), "{}", w.log());
    assert_eq!(w.tg.violations(), Vec::<String>::new());
}

/// One cashier's customers, one after another, until the shop closes. Returns everybody who was there.
async fn queue(cashier: Someone, people: impl Fn() -> Someone, tally: &Tally) -> Vec<Someone> {
    let mut everybody = Vec::new();
    while !tally.closing.load(Ordering::SeqCst) {
        let customer = people();
        Tally::add(&tally.customers);
        let code = gets_a_code(&customer, tally).await;
        redeems(&cashier, &code, tally).await;
        everybody.push(customer);
    }
    everybody.push(cashier);
    everybody
}

/// Telegram delivers what it is not sure of again, and so does it all here.
fn delivered_again(someone: &Someone) {
    assert!(someone.tg.delivers_again(someone.bot, None));
}

async fn gets_a_code(customer: &Someone, tally: &Tally) -> String {
    Tally::add(&tally.starts);
    customer.opens(Some("ref_vk"));
    delivered_again(customer);
    customer.may_hear("Привет", IMPATIENCE).await;
    customer.subscribes();
    for _ in 0..20 {
        Tally::add(&tally.checks);
        customer.says("Проверить подписку");
        delivered_again(customer);
        if let Some(gift) = customer.may_hear("Вы подписаны", IMPATIENCE).await {
            return code_in(&gift);
        }
    }
    panic!("{} never got a code", customer.id);
}

async fn redeems(cashier: &Someone, code: &str, tally: &Tally) {
    for _ in 0..20 {
        Tally::add(&tally.typed);
        cashier.says(code);
        delivered_again(cashier);
        let Some(card) = cashier.may_hear(code, IMPATIENCE).await else { continue };
        for _ in 0..20 {
            Tally::add(&tally.presses);
            cashier.presses_under(&card, "Погасить");
            delivered_again(cashier);
            if cashier.may_hear("Погашено ✅", IMPATIENCE).await.is_some() {
                tally.redeemed.lock().unwrap().insert(code.to_owned());
                return;
            }
        }
    }
    panic!("{code} could not be redeemed");
}

/// A few calls later, and then any instant; now and then in the middle of starting, or of handling a crowd.
async fn at_a_random_point(w: &World, rng: &mut StdRng, tally: &Tally, visitor: &impl Fn() -> Someone) {
    if rng.random_bool(0.85) {
        let until = w.tg.receipt_count() + rng.random_range(1..25);
        let lives = w.tg.wait_receipt(|receipt| receipt.seq >= until, PATIENCE).await;
        lives.unwrap_or_else(|| panic!("no life: {}", w.log()));
    }
    let crowd = rng.random_bool(0.6);
    for _ in 0..if crowd { 8 } else { 0 } {
        Tally::add(&tally.visitors);
        visitor().opens(Some("ref_vk"));
    }
    let most = if crowd { 15_000 } else { 60_000 };
    // No synchronisation: this is the randomness itself.
    tokio::time::sleep(Duration::from_micros(rng.random_range(0..most))).await;
}

/// A copy of the database that nobody writes to, read by plain SQLite.
struct Copy {
    _dir: tempfile::TempDir,
    connection: Connection,
}

impl Copy {
    #[expect(clippy::disallowed_methods, reason = "the judge reads with plain SQLite, not with the code under test")]
    fn of(database: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("copy.db");
        for suffix in ["", "-wal"] {
            let name = |path: &Path| format!("{}{suffix}", path.display());
            if Path::new(&name(database)).exists() {
                std::fs::copy(name(database), name(&there)).unwrap();
            }
        }
        let connection = Connection::open(&there).unwrap();
        let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        Self { _dir: dir, connection }
    }

    fn count(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn texts(&self, sql: &str) -> HashSet<String> {
        let mut statement = self.connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }
}

/// What the shop says by itself has a lane of its own and may come after the last answer.
async fn drained(w: &World) {
    let patience = 60;
    for _ in 0..patience {
        if w.count("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')") == 0 {
            return;
        }
        let seen = w.tg.receipt_count();
        w.tg.wait_receipt(|receipt| receipt.seq >= seen, std::time::Duration::from_secs(1)).await;
    }
}

const REDEEMED: &str = "SELECT d.code FROM redemptions r JOIN discounts d ON d.id = r.discount_id";

/// Codes a cashier has seen as redeemed, or a customer has read to be.
fn acknowledged(w: &World) -> HashSet<String> {
    let is_edit = |receipt: &&Arc<Receipt>| {
        receipt.delivered && receipt.text().is_some_and(|text| text.starts_with("Погашено ✅"))
    };
    let told = |receipt: &Arc<Receipt>| {
        let (_, rest) = receipt.text()?.split_once("Ваш код ")?;
        Some(rest.split_once(" использован")?.0.to_owned()).filter(|_| receipt.delivered)
    };
    let receipts = w.tg.receipts();
    let edits = receipts.iter().filter(is_edit).map(|receipt| code_in(receipt));
    edits.chain(receipts.iter().filter_map(told)).collect()
}

fn every_acknowledged_redemption_is_there(w: &World) {
    let copy = Copy::of(&w.config().database.path);
    let there = copy.texts(REDEEMED);
    let lost: Vec<_> = acknowledged(w).into_iter().filter(|code| !there.contains(code)).collect();
    assert_eq!(lost, Vec::<String>::new(), "acknowledged and lost");
}

fn every_update_took_effect_once(w: &World, tally: &Tally) {
    every_acknowledged_redemption_is_there(w);
    let copy = Copy::of(&w.config().database.path);
    let asked = CASHIERS as i64;
    let (customers, starts, checks) = (Tally::of(&tally.customers), Tally::of(&tally.starts), Tally::of(&tally.checks));
    let (typed, presses, helps) = (Tally::of(&tally.typed), Tally::of(&tally.presses), Tally::of(&tally.helps));
    let redeemed: HashSet<String> = tally.redeemed.lock().unwrap().iter().cloned().collect();
    assert_eq!(copy.texts(REDEEMED), redeemed);
    let visitors = Tally::of(&tally.visitors);
    let written = visitors + starts + checks + typed + presses + helps;
    for (what, rows, injected) in [
        // A request and its approval for each cashier; a customer's coming into the channel is one more.
        ("updates", "SELECT count(*) FROM updates", 2 * asked + written + customers),
        ("updates not done", "SELECT count(*) FROM updates WHERE state <> 'done'", 0),
        ("updates that failed", "SELECT count(*) FROM updates WHERE attempts > 0", 0),
        ("customers", "SELECT count(*) FROM users", customers + visitors),
        ("clicks", "SELECT count(*) FROM campaign_clicks", starts + visitors),
        ("newcomers among clicks", "SELECT count(*) FROM campaign_clicks WHERE is_new", customers + visitors),
        ("checks of subscriptions", "SELECT count(*) FROM subscription_checks", checks),
        ("codes", "SELECT count(*) FROM discounts", customers),
        ("attempts at the counter", "SELECT count(*) FROM discount_usage_logs", typed + presses),
        ("redemptions", "SELECT count(*) FROM redemptions", customers),
        ("codes redeemed", "SELECT count(DISTINCT discount_id) FROM redemptions", customers),
        ("marks on codes", "SELECT count(*) FROM discounts WHERE redeemed_at IS NOT NULL", customers),
        ("cards spent", "SELECT count(*) FROM cards WHERE redemption_id IS NOT NULL", customers),
        ("cashiers", "SELECT count(*) FROM cashiers WHERE status = 'active'", asked),
        ("approvals", "SELECT count(*) FROM audit_log WHERE action = 'approve_cashier'", asked),
        // Each update is answered by one letter, a request and an approval by two; a customer is told once.
        ("letters", "SELECT count(*) FROM outbox", 4 * asked + written + customers),
        ("letters left", "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')", 0),
        ("letters refused", "SELECT count(*) FROM outbox WHERE state = 'failed' AND class IS NOT 'replaced'", 0),
    ] {
        let refused = copy.texts("SELECT kind || ' ' || lane || ' ' || coalesce(text_key, '') || ' ' || doubts || ' ' || coalesce(error, '') FROM outbox WHERE state = 'failed'");
        assert_eq!(copy.count(rows), injected, "{what}: refused {refused:?}");
    }
}
