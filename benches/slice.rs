//! The shop in numbers: `cargo bench --bench slice [-- WORD…]` runs the figures whose name contains one of the words.
//! Each figure is the median of five runs with the minimum and the maximum. The databases lie in the build directory,
//! on a disk and not in memory. The daemon is the release binary; the built-in Telegram runs in this process.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench is read by a person and stops where it cannot go on"
)]

use std::path::Path;
use std::process::Stdio;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use dvorik::actor::Actor;
use dvorik::campaign;
use dvorik::clock::{Clock, Zone};
use dvorik::db::{self, Database, Tx};
use dvorik::discount::{self, IssueRequest, Redeemer, Redemption, SourceKind, template};
use dvorik::error::Result;
use dvorik::ids::TelegramId;
use dvorik::realm::Realm;
use dvorik::staff::{self, Owner};
use dvorik::texts;
use dvorik::user::Person;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use harness::{PATIENCE, SHOP, STAFF, World};

use figure::{Figure, RUNS};

mod figure;
#[path = "../tests/harness.rs"]
#[expect(dead_code, reason = "the tests' world; a bench needs little of it")]
mod harness;

#[path = "slice/crowd.rs"]
mod crowd;

const CLIENTS: usize = 64;
const CODES_EACH: usize = 500;
const STARTS: i64 = 200;
/// The pause between two customers who send `/start`: 25 a second, because Telegram and the rate limiter allow 30 calls
/// a second.
const BETWEEN_STARTS: Duration = Duration::from_millis(40);

const PUSHES: i64 = 2000;
const BETWEEN_PUSHES: Duration = Duration::from_millis(5);

fn main() {
    // Cargo passes `--bench` too, which is no name of a figure.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    figure::head();
    if wanted("redemptions") {
        redemptions();
    }
    if wanted("one code") {
        one_code();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if wanted("start to answer") {
        runtime.block_on(answers());
    }
    if wanted("webhook answer") {
        runtime.block_on(webhooks());
    }
    if wanted("idle and ready") {
        runtime.block_on(idle());
    }
    if wanted("serve with 50,000 customers") {
        runtime.block_on(crowd::serving());
    }
    if wanted("stats overview") {
        runtime.block_on(crowd::figures());
    }
    if wanted("cashier's check") {
        crowd::checks();
    }
}

/// A shop with a given number of cashiers and codes, in the build directory.
struct BenchShop {
    _dir: tempfile::TempDir,
    db: Database,
    cashiers: Vec<Redeemer>,
    codes: Vec<String>,
}

impl BenchShop {
    fn open(cashiers: usize, codes: usize) -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = dir.path().join("bench.db");
        db::migrate(&path).unwrap();
        let db = open(&path);
        db.write(|tx| {
            texts::seed(tx)?;
            staff::ensure_first_owner(tx, TelegramId(1))
        })
        .unwrap();
        let cashiers = (0..cashiers as i64).map(|n| db.write(move |tx| cashier(tx, 100 + n)).unwrap()).collect();
        let mut issued = Vec::with_capacity(codes);
        while issued.len() < codes {
            let (from, to) = (issued.len(), codes.min(issued.len() + 1000));
            let some = db.write_bulk(move |tx| (from..to).map(|n| code(tx, n as i64)).collect::<Result<Vec<_>>>());
            issued.extend(some.unwrap());
        }
        Self { _dir: dir, db, cashiers, codes: issued }
    }
}

fn open(path: &Path) -> Database {
    Database::open(path, Zone::parse("Asia/Vladivostok").unwrap(), Clock::System).unwrap()
}

fn person(id: i64) -> Person {
    Person { id: TelegramId(id), username: None, first_name: Some(format!("Клиент {id}")), last_name: None }
}

fn cashier(tx: &Tx<'_>, id: i64) -> Result<Redeemer> {
    staff::ask(tx, Realm::Real, &person(id))?;
    let asked = staff::find_cashier(tx, Realm::Real, TelegramId(id))?.unwrap();
    let approved = staff::approve(tx, asked.id, None, &Owner::of_shell("bench"))?;
    Ok(Redeemer::Cashier(approved.after.id))
}

fn code(tx: &Tx<'_>, n: i64) -> Result<String> {
    let user = campaign::arrive(tx, Realm::Real, &person(10_000 + n), None)?.user;
    let template = template::get_by_ref(tx, "manual_10")?;
    let by = Actor::Job("bench");
    let order = IssueRequest { user: &user, template: &template, source: (SourceKind::Manual, None), by: &by };
    Ok(discount::issue(tx, &order)?.discount().code.as_str().to_owned())
}

fn redeem(db: &Database, by: &Redeemer, code: &str) -> Redemption {
    let (by, code) = (by.clone(), code.to_owned());
    db.write(move |tx| discount::redeem_code(tx, &by, Realm::Real, &code, None)).unwrap()
}

/// Runs `part` once for each cashier, all at the same instant. Returns the time until the last one has ended.
fn together(shop: &BenchShop, part: impl Fn(usize) + Sync) -> Duration {
    let gate = Barrier::new(shop.cashiers.len() + 1);
    let (gate, part) = (&gate, &part);
    std::thread::scope(|scope| {
        let threads = (0..shop.cashiers.len()).map(|n| {
            scope.spawn(move || {
                gate.wait();
                part(n);
            })
        });
        let threads: Vec<_> = threads.collect();
        gate.wait();
        let begun = Instant::now();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        begun.elapsed()
    })
}

fn redemptions() {
    let mut figure = Figure::new("durable redemptions, 64 clients, synchronous=FULL", "/s", "≥ 8000");
    for _ in 0..RUNS {
        let shop = BenchShop::open(CLIENTS, CLIENTS * CODES_EACH);
        let took = together(&shop, |n| {
            for code in &shop.codes[n * CODES_EACH..(n + 1) * CODES_EACH] {
                assert!(matches!(redeem(&shop.db, &shop.cashiers[n], code), Redemption::Done(_)));
            }
        });
        figure.runs.push(shop.codes.len() as f64 / took.as_secs_f64());
    }
    figure.print();
}

fn one_code() {
    let mut figure = Figure::new("64 cashiers on one code: all answered, one redeemed", "ms", "");
    let shop = BenchShop::open(CLIENTS, RUNS);
    for code in &shop.codes {
        let done = std::sync::atomic::AtomicUsize::new(0);
        let took = together(&shop, |n| {
            let redeemed = matches!(redeem(&shop.db, &shop.cashiers[n], code), Redemption::Done(_));
            done.fetch_add(usize::from(redeemed), std::sync::atomic::Ordering::SeqCst);
        });
        assert_eq!(done.into_inner(), 1);
        figure.runs.push(took.as_secs_f64() * 1000.0);
    }
    figure.print();
}

/// Starts the daemon; returns it with the time until it reported that it is ready.
async fn start(world: &World) -> (Child, Duration) {
    let begun = Instant::now();
    let mut daemon = world.command().stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(daemon.stderr.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains(" ready") {
            let took = begun.elapsed();
            // The lines must be read on: the daemon blocks when the pipe of its log is full.
            #[expect(clippy::disallowed_methods, reason = "ends with the daemon whose log it reads")]
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (daemon, took);
        }
    }
    panic!("the daemon has ended: {:?}", daemon.wait().await);
}

async fn on_duty(world: &World) {
    for bot in [SHOP, STAFF] {
        let registered =
            |receipt: &builtin_telegram::Receipt| receipt.method == "setMyCommands" && &*receipt.bot == bot;
        world.tg.wait_receipt(registered, PATIENCE).await.unwrap();
    }
}

async fn answers() {
    let mut p95 = Figure::new("/start to answer on loopback, p95 of 200", "ms", "< 20");
    let mut p50 = Figure::new("/start to answer on loopback, median of 200", "ms", "");
    for _ in 0..RUNS {
        let world = World::closed().await;
        let (mut daemon, _) = start(&world).await;
        on_duty(&world).await;
        let mut pace = tokio::time::interval(BETWEEN_STARTS);
        let mut took = Vec::new();
        for n in 0..STARTS {
            pace.tick().await;
            let customer = world.customer(&format!("Клиент {n}"));
            let begun = Instant::now();
            customer.opens(Some("ref_vk"));
            customer.hears("Привет").await;
            took.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        daemon.kill().await.unwrap();
        took.sort_by(f64::total_cmp);
        p95.runs.push(took[took.len() * 95 / 100]);
        p50.runs.push(took[took.len() / 2]);
    }
    p95.print();
    p50.print();
}

/// Measures the webhook at 200 updates a second. Each update is sent at its due time, whether or not earlier ones are
/// answered, and its delay is measured from the due time.
async fn webhooks() {
    let mut p99 = Figure::new("webhook answer at 200 updates/s, p99 of 2000", "ms", "< 20");
    let mut p50 = Figure::new("webhook answer at 200 updates/s, median of 2000", "ms", "");
    for _ in 0..RUNS {
        let mut world = World::closed().await;
        world.takes_webhooks();
        let (mut daemon, _) = start(&world).await;
        on_duty(&world).await;
        let url = format!("http://{}/bot/main/webhook", world.config().http.listen);
        let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let mut pace = tokio::time::interval(BETWEEN_PUSHES);
        let mut pushes = tokio::task::JoinSet::new();
        for n in 0..PUSHES {
            let due = pace.tick().await;
            pushes.spawn(push(client.clone(), url.clone(), n, due));
        }
        let mut took = pushes.join_all().await;
        daemon.kill().await.unwrap();
        took.sort_by(f64::total_cmp);
        p99.runs.push(took[took.len() * 99 / 100]);
        p50.runs.push(took[took.len() / 2]);
    }
    p99.print();
    p50.print();
}

/// Sends one update to the webhook. Returns the milliseconds from the due time to the answer 200.
async fn push(client: reqwest::Client, url: String, n: i64, due: tokio::time::Instant) -> f64 {
    let who = serde_json::json!({ "id": 50_000 + n, "is_bot": false, "first_name": "Клиент" });
    let message = serde_json::json!({
        "message_id": 1, "date": 1_795_000_000, "from": who, "chat": { "id": 50_000 + n, "type": "private" }, "text": "/start",
    });
    let body = serde_json::json!({ "update_id": n, "message": message });
    let pushed = client.post(url).header("X-Telegram-Bot-Api-Secret-Token", "customer-secret").json(&body).send();
    assert_eq!(pushed.await.unwrap().status(), 200);
    due.elapsed().as_secs_f64() * 1000.0
}

async fn idle() {
    let mut memory = Figure::new("serve idle, resident memory", "MB", "< 25");
    let mut fresh = Figure::new("serve from spawn to ready, new database", "ms", "");
    let mut ready = Figure::new("serve from spawn to ready", "ms", "< 300");
    for _ in 0..RUNS {
        let world = World::bare().await;
        let (mut daemon, took) = start(&world).await;
        fresh.runs.push(took.as_secs_f64() * 1000.0);
        daemon.kill().await.unwrap();
        world.tg.clear_receipts();
        let (mut daemon, took) = start(&world).await;
        ready.runs.push(took.as_secs_f64() * 1000.0);
        on_duty(&world).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        memory.runs.push(resident(daemon.id().unwrap()));
        daemon.kill().await.unwrap();
    }
    memory.print();
    ready.print();
    fresh.print();
}

/// Resident memory of a process, in MB.
fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1000.0
}
