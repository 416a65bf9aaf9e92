//! Broadcasts in numbers: `cargo bench --bench broadcasts [-- WORD…]` runs the figures whose name contains one of the
//! words. The databases lie in the build directory, on a disk and not in memory. The built-in Telegram runs in this
//! process and answers after 57 ms.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench is read by a person and stops where it cannot go on"
)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use builtin_telegram::{Fault, Keep, Person};
use dvorik::actor::Actor;
use dvorik::broadcast::{self, Audience, BroadcastId, Draft, Media, Message, Origin, Status};
use dvorik::clock::Clock;
use dvorik::daemon;
use dvorik::db::Database;
use dvorik::error::Error;
use dvorik::realm::{BotName, Realm};
use dvorik::segment::Filter;
use dvorik::sender::broadcasts::BroadcastSender;
use dvorik::settings;
use tokio::process::Child;
use tokio::task::block_in_place;

use figure::{Figure, RUNS};
use harness::{PATIENCE, SHOP, World};

mod figure;
#[path = "../tests/harness.rs"]
#[expect(dead_code, reason = "the tests' world; a bench needs little of it")]
mod harness;

const CROWD: i64 = 500_001;
const LATENCY_MS: u64 = 57;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    figure::head();
    if wanted("sender") {
        ceiling().await;
    }
    if wanted("capacity") {
        capacity().await;
    }
    if wanted("freeze") {
        freeze().await;
    }
    if wanted("counter") {
        counter().await;
    }
    // The figure takes a quarter of an hour, so it is taken only when its name is given.
    if words.iter().any(|word| word == "million") {
        million().await;
    }
}

/// Inserts `people` customers; if `known`, they exist at the built-in Telegram too and have started the bot there.
fn crowd(w: &World, people: i64, known: bool) {
    if known {
        for id in CROWD..CROWD + people {
            w.tg.add_person(Person { id, first_name: format!("Клиент {id}"), ..Person::default() });
            w.tg.has_started(SHOP, id);
        }
    }
    let sql = "INSERT INTO users (telegram_id, is_test, first_name, name_norm, source, source_normalized, created_at, created_day,
                    last_activity_at)
                WITH RECURSIVE n(id) AS (SELECT ?1 UNION ALL SELECT id + 1 FROM n WHERE id + 1 < ?1 + ?2)
                SELECT id, 0, 'Клиент ' || id, 'клиент ' || id, 'direct', 'direct', '2026-11-01T00:00:00Z', '2026-11-01',
                    '2026-11-01T00:00:00Z' FROM n";
    act(&w.db(), move |tx| Ok(tx.change(sql, (CROWD, people))?));
}

fn act<T: Send + 'static>(
    db: &Database,
    run: impl FnOnce(&dvorik::db::Tx<'_>) -> Result<T, Error> + Send + 'static,
) -> T {
    block_in_place(|| db.write(run)).unwrap()
}

fn sends(db: &Database) -> BroadcastId {
    let message = Message {
        body: "Привет, {{first_name}}! Новинки недели".into(),
        media: Media::None,
        buttons: Vec::new(),
        template: None,
    };
    let audience = Audience::Fitting(Filter::everybody());
    let draft = Draft { title: "Проба".into(), message, audience, realm: Realm::Real, origin: Origin::Admin };
    act(db, move |tx| {
        let by = Actor::Cli("bench".into());
        let made = broadcast::create(tx, &draft, &by)?;
        let token = broadcast::estimate(tx, &made.draft)?.token;
        Ok(broadcast::send(tx, made.id, &token, &by)?.id)
    })
}

fn hurries(w: &World) {
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "60000");
    w.sets(&settings::PAID_BROADCASTS, "true");
    w.sets(&settings::BROADCAST_BATCH_SIZE, "128");
}

async fn ended(db: &Database, id: BroadcastId) -> Status {
    loop {
        let status = block_in_place(|| db.read(|view| broadcast::get(view, id))).unwrap().status;
        if !matches!(status, Status::Scheduled | Status::Sending) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many messages a second reached the built-in Telegram, from the first to the last.
fn per_second(w: &World) -> f64 {
    let to_crowd = |receipt: &Arc<builtin_telegram::Receipt>| receipt.delivered && receipt.chat_id >= Some(CROWD);
    let at: Vec<i64> =
        w.tg.receipts().iter().filter(|receipt| to_crowd(receipt)).map(|receipt| receipt.at_ms).collect();
    let (first, last) = (at.iter().min().unwrap(), at.iter().max().unwrap());
    (at.len() - 1) as f64 * 1000.0 / (last - first) as f64
}

fn daemon(w: &World) -> Child {
    w.command().stderr(Stdio::null()).spawn().unwrap()
}

/// Measures how many messages a second the release binary sends to a Telegram that enforces its paid rate limit, on a way
/// of 20 to 300 ms, and how many of them Telegram refuses with 429.
async fn ceiling() {
    let mut figure =
        Figure::new("sender: 30,000 messages, serve, 1,000/s enforced, a way of 20–300 ms", "1/s", "≥ 950");
    let mut refused = Figure::new("sender: messages refused with 429 in these", "", "0");
    for _ in 0..RUNS {
        let w = World::closed().await;
        crowd(&w, 30_000, true);
        hurries(&w);
        w.tg.enforce_limits(Some(builtin_telegram::Limits { per_second: 1000, per_chat_burst: 3 }));
        w.tg.set_way(Some(20..300));
        let id = sends(&w.db());
        let mut serving = daemon(&w);
        assert_eq!(ended(&w.db(), id).await, Status::Sent);
        serving.kill().await.unwrap();
        figure.runs.push(per_second(&w));
        let calls = w.tg.receipts();
        refused.runs.push(calls.iter().filter(|call| call.is_message() && !call.delivered).count() as f64);
    }
    figure.print();
    refused.print();
}

/// Measures how fast the broadcast sender is without Telegram's paid rate limit: its writes of the ledger, its commits
/// and its calls.
async fn capacity() {
    let mut figure = Figure::new("capacity: 10,000 messages, no ceiling, durable ledger", "1/s", "≥ 1,000");
    for _ in 0..RUNS {
        let w = World::closed().await;
        crowd(&w, 10_000, true);
        hurries(&w);
        w.change("UPDATE settings SET value = '600000' WHERE key = 'rate_limit_per_minute'");
        w.tg.set_latency(LATENCY_MS);
        let db = w.db();
        let id = sends(&db);
        let token = w.config().bots.customer.token.clone().unwrap();
        let bot = daemon::make_bot(w.config(), BotName::Customer, &token, &Clock::System).unwrap();
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let sender = BroadcastSender { name: BotName::Customer, bot, db: db.clone(), ceiling: 9000 };
        let (sent, over) = tokio::join!(sender.run(stopping), async {
            let status = ended(&db, id).await;
            stop.send_replace(true);
            status
        });
        sent.unwrap();
        assert_eq!(over, Status::Sent);
        figure.runs.push(per_second(&w));
    }
    figure.print();
}

/// Measures the freezing of 1,000,000 recipients, and how long another process waits for its writes meanwhile.
async fn freeze() {
    let mut took = Figure::new("freeze: audience of 1,000,000 in the ledger", "s", "< 10");
    let mut waited = Figure::new("freeze: longest write of another process meanwhile", "ms", "< 50");
    for _ in 0..RUNS {
        let w = World::closed().await;
        crowd(&w, 1_000_000, false);
        // No message must be sent: the measurement ends where sending begins.
        w.sets(&settings::RATE_LIMIT_PER_MINUTE, "1");
        let id = sends(&w.db());
        let (other, over) = (w.db(), Arc::new(AtomicBool::new(false)));
        let until = Arc::clone(&over);
        let writer = std::thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while !until.load(Ordering::Relaxed) {
                let begun = Instant::now();
                other
                    .write(|tx| Ok::<_, Error>(tx.change("UPDATE meta SET value = value WHERE key = 'zone'", [])?))
                    .unwrap();
                longest = longest.max(begun.elapsed());
                std::thread::sleep(Duration::from_millis(3));
            }
            longest
        });
        let begun = Instant::now();
        let mut serving = daemon(&w);
        let db = w.db();
        while !block_in_place(|| db.read(|view| broadcast::get(view, id))).unwrap().is_frozen {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        took.runs.push(begun.elapsed().as_secs_f64());
        over.store(true, Ordering::Relaxed);
        waited.runs.push(writer.join().unwrap().as_secs_f64() * 1000.0);
        serving.kill().await.unwrap();
    }
    took.print();
    waited.print();
}

/// Measures how fast a cashier gets an answer while a broadcast runs at full speed and Telegram answers 30 % of its
/// messages with a 429.
async fn counter() {
    let mut p95 = Figure::new("counter: a check under a full broadcast, p95 of 100", "ms", "< 250");
    for run in 0..RUNS {
        let mut w = World::open().await;
        // Several cashiers, because the rate limiter sends one chat about one reply a second.
        let mut cashiers = Vec::new();
        for name in ["Катя", "Света", "Лена", "Ира"] {
            cashiers.push(w.cashier(name).await);
        }
        w.stops().await;
        crowd(&w, 30_000, true);
        hurries(&w);
        w.tg.set_latency(LATENCY_MS);
        let seed = u64::try_from(run).unwrap();
        w.tg.fault(Fault::TooManyRequests { retry_after: 1 }.with_chance(0.3, seed).on_sends().for_bot(SHOP));
        let id = sends(&w.db());
        let mut serving = daemon(&w);
        w.tg.wait_receipt(|receipt| receipt.chat_id >= Some(CROWD), PATIENCE).await.unwrap();
        // So many 429s pause the broadcast again and again; this thread resumes it at once, as an impatient admin
        // would.
        let (over, db) = (Arc::new(AtomicBool::new(false)), w.db());
        let until = Arc::clone(&over);
        let impatient = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                let _ = db.write(move |tx| broadcast::resume(tx, id, &Actor::Cli("bench".into())).map(drop));
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let mut took = Vec::new();
        for n in 0..100 {
            let (cashier, begun) = (&cashiers[n % cashiers.len()], Instant::now());
            cashier.says(&format!("БГД{n:04}"));
            cashier.hears("нет").await;
            took.push(begun.elapsed().as_secs_f64() * 1000.0);
            // Checks of unknown codes would lock the cashiers, so these attempts are rewritten as ordinary checks.
            w.change("UPDATE discount_usage_logs SET status = 'checked' WHERE status = 'not_found'");
            tokio::time::sleep(Duration::from_millis(280)).await;
        }
        over.store(true, Ordering::Relaxed);
        impatient.join().unwrap();
        serving.kill().await.unwrap();
        took.sort_by(f64::total_cmp);
        p95.runs.push(took[took.len() * 95 / 100]);
    }
    let worst = p95.runs.iter().copied().fold(0.0, f64::max);
    p95.print();
    assert!(worst < 1000.0, "a cashier's check took {worst:.0} ms (p95) under a broadcast: promise 7 says < 1 s");
}

/// Measures memory and write-ahead log during a broadcast to 1,000,000 recipients, while one export after the other
/// runs.
async fn million() {
    let w = World::closed().await;
    crowd(&w, 1_000_000, true);
    hurries(&w);
    w.tg.set_latency(LATENCY_MS);
    w.tg.keep_receipts(Keep::Compact);
    let id = sends(&w.db());
    let begun = Instant::now();
    let mut serving = daemon(&w);
    let process = serving.id().unwrap();
    let log = PathBuf::from(format!("{}-wal", w.config().database.path.display()));
    let (db, mut wal, mut exports) = (w.db(), 0, 0);
    let mut exporting: Option<Child> = None;
    loop {
        if exporting.as_mut().is_none_or(|process| process.try_wait().unwrap().is_some()) {
            exports += 1;
            exporting = Some(exports_users(&w));
        }
        let now = block_in_place(|| db.read(|view| broadcast::get(view, id))).unwrap();
        wal = wal.max(std::fs::metadata(&log).map_or(0, |file| file.len()));
        if !matches!(now.status, Status::Scheduled | Status::Sending) {
            println!("{:?} {:?} in {:.0} s", now.status, now.counts, begun.elapsed().as_secs_f64());
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    let (memory, wal) = (peak(process), wal as f64 / 1_048_576.0);
    println!(
        "most resident memory {memory:.1} MB (< 120), most write-ahead log {wal:.1} MiB (≤ 64), {exports} exports begun"
    );
    serving.kill().await.unwrap();
    if let Some(mut process) = exporting {
        process.kill().await.unwrap();
    }
    assert!(wal <= 64.0, "the write-ahead log grew to {wal:.1} MiB: promise 12 says ≤ 64 MiB");
    assert!(memory < 120.0, "the daemon took {memory:.1} MB: promised are < 120 MB");
}

/// `dvorik export users` of the whole shop: the longest read that an owner can start.
fn exports_users(w: &World) -> Child {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_dvorik"));
    command.arg("-c").arg(w.file("config.toml")).args(["export", "users"]);
    harness::forgets_machine(command.as_std_mut());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap()
}

/// Peak memory of a process, in MB.
fn peak(process: u32) -> f64 {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1000.0
}
