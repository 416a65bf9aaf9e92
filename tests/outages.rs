//! The real binary while Telegram answers with errors, resets, hangs and half answers in windows of random length, and
//! while it is killed. Cashiers, notices to single people and a broadcast go on meanwhile. The judges are Telegram's ledger
//! and the database afterwards. `DVORIK_TEST_MESSAGES` says how many notices there are (150), `DVORIK_TEST_EDITS` how many
//! codes are redeemed (24), `DVORIK_TEST_CASHIERS` by how many cashiers (4), `DVORIK_TEST_KILLS` how often the process is
//! killed (6), `DVORIK_TEST_WINDOW_MS` how long the longest window is (1,500), `DVORIK_TEST_SEED` repeats a run.
//!
//! What waits after a doubtful try waits for hours. Here another process moves its times on, so that they pass faster; the
//! product knows nothing of it.

#![expect(clippy::print_stdout, reason = "a run tells what it met")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use builtin_telegram::{BuiltinTelegram, Fault, FaultRule, Person, Receipt};
use dvorik::broadcast::{self, BroadcastId, Status};
use dvorik::db::{Database, Failure, Tx};
use dvorik::ids::TelegramId;
use dvorik::outbox::{self, Letter};
use dvorik::realm::BotName;
use dvorik::telegram::client::Keyboard;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rusqlite::named_params;
use tokio::task::{JoinSet, block_in_place};

use crate::broadcasts::{CROWD, counted, crowd, draft, hurries, is_up, sends};
use crate::harness::{PATIENCE, SHOP, STAFF, Someone, World, becomes_true, code_in, count, number, texts};

/// How much faster the time of waiting letters passes.
const SPEED: i64 = 40;
const MOVE_EVERY: Duration = Duration::from_millis(250);
const FIRST_CASHIER: i64 = 700_001;
/// A cashier whose code has not been answered for so long types it again.
const IMPATIENCE: Duration = Duration::from_secs(20);

/// What a card shows whose press came after its ten minutes.
const STALE: &str = "Карточка устарела";

/// How much there is to do.
#[derive(Clone, Copy)]
struct Size {
    notices: i64,
    redemptions: i64,
    cashiers: i64,
    kills: u64,
    longest_ms: u64,
}

impl Size {
    fn asked() -> Self {
        let of = |name, usual| i64::try_from(number(name).unwrap_or(usual)).unwrap();
        Self {
            notices: of("DVORIK_TEST_MESSAGES", 150),
            redemptions: of("DVORIK_TEST_EDITS", 24),
            cashiers: of("DVORIK_TEST_CASHIERS", 4),
            kills: number("DVORIK_TEST_KILLS").unwrap_or(6),
            longest_ms: number("DVORIK_TEST_WINDOW_MS").unwrap_or(1_500),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn through_windows_of_errors_hangs_and_kills_nothing_is_lost_and_what_is_certain_is_never_repeated() {
    let size = Size::asked();
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut w = World::closed().await;
    hurries(&w);
    w.tg.set_latency(5);
    crowd(&w, size.notices + size.redemptions);
    let cashiers = cashiers(&w, size.cashiers);
    let codes = codes(&w, &size);
    let id = sends(&w.db(), draft("Ярмарка"));
    w.runs();
    is_up(&w).await;

    let is_over = Arc::new(AtomicBool::new(false));
    let mut helpers = JoinSet::new();
    helpers.spawn(passes_time(w.db(), Arc::clone(&is_over)));
    let mut work = JoinSet::new();
    work.spawn(notifies(w.db(), size.notices));
    let pressed = Arc::new(AtomicI64::new(0));
    let mut counter = JoinSet::new();
    for (n, cashier) in cashiers.into_iter().enumerate() {
        let mine: Vec<String> =
            codes.iter().skip(n).step_by(usize::try_from(size.cashiers).unwrap()).cloned().collect();
        let (db, pressed) = (w.db(), Arc::clone(&pressed));
        counter.spawn(async move { redeems_all(cashier, mine, (&db, &pressed)).await });
    }
    for kill in 0..size.kills {
        let is_in_window = rng.random_bool(0.5);
        begins_window(&w.tg, &mut rng);
        passes(length(&mut rng, size.longest_ms)).await;
        if !is_in_window {
            w.tg.clear_faults();
            passes(rng.random_range(100..600)).await;
        }
        w.is_killed().await;
        w.runs();
        passes(length(&mut rng, size.longest_ms)).await;
        w.tg.clear_faults();
        goes_on(&w, id);
        println!("kill {kill}: {} pressed", pressed.load(Ordering::SeqCst));
    }
    while let Some(ended) = work.join_next().await {
        ended.unwrap_or_else(|error| panic!("{error}\n{}", w.log()));
    }
    let mut counted = Vec::new();
    while let Some(ended) = counter.join_next().await {
        counted.push(ended.unwrap_or_else(|error| panic!("{error}\n{}", w.log())));
    }
    drained(&w, id).await;
    is_over.store(true, Ordering::SeqCst);
    while let Some(ended) = helpers.join_next().await {
        ended.unwrap();
    }
    every_copy_is_accounted_for(&w, &size);
    what_was_given_up_is_shown_and_sent_again(&w).await;
    redeems_what_was_stale(&w, &counted, &codes).await;
    drained(&w, id).await;
    nothing_is_lost(&w, &size);
    the_broadcast_repeats_nobody(&w, id);
    every_card_is_in_its_final_state(&w, &codes);
    assert_eq!(w.terminates().await, Some(0), "{}", w.log());
    assert!(!w.log().contains("panicked"), "{}", w.log());
    assert_eq!(w.tg.violations(), Vec::<String>::new());
}

/// A random length up to the longest, as often between one second and two as between five minutes and ten.
fn length(rng: &mut StdRng, longest_ms: u64) -> u64 {
    let doublings = 63 - (longest_ms.max(200) / 200).leading_zeros();
    (200 << rng.random_range(0..=doublings)).min(longest_ms) * rng.random_range(50..=100) / 100
}

/// Lets time pass that no event ends: how long a fault lasts and when the daemon is killed is the randomness itself, and
/// letters are written and their time moved at a pace of the test's own.
async fn passes(ms: u64) {
    // The time itself is what is tested.
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// One way to go wrong for a while: for every call or only for new messages, sometimes for polls too.
fn begins_window(tg: &BuiltinTelegram, rng: &mut StdRng) {
    let code = *[500, 502, 503, 504].choose(rng).unwrap();
    let fault = match rng.random_range(0..6) {
        0 => Fault::ServerErrorJson(code),
        1 => Fault::ServerErrorHtml(code),
        2 => Fault::ResetAfterAccept,
        3 => Fault::TruncatedBody,
        4 => Fault::HangAfterAccept,
        // Hangs after accepting, and the connection breaks in the end.
        _ => {
            tg.fault(Fault::Latency(rng.random_range(100..900)).always());
            Fault::ResetAfterAccept
        }
    };
    let narrowed: fn(FaultRule) -> FaultRule =
        if rng.random_bool(0.3) { FaultRule::on_sends } else { std::convert::identity };
    tg.fault(narrowed(fault.always()));
    if rng.random_bool(0.3) {
        tg.fault(Fault::ServerErrorHtml(502).always().on_method("getUpdates"));
    }
}

/// Approved cashiers who have opened the staff bot.
fn cashiers(w: &World, count: i64) -> Vec<Someone> {
    let ids = FIRST_CASHIER..FIRST_CASHIER + count;
    let one = |id: i64| {
        w.changes(format!(
            "INSERT INTO cashiers (telegram_id, is_test, name, status, requested_at, decided_at)
            VALUES ({id}, 0, 'Касса {id}', 'active', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z')"
        ));
        w.tg.has_started(STAFF, id);
        w.someone(STAFF, Person { id, first_name: format!("Касса {id}"), ..Person::default() })
    };
    ids.map(one).collect()
}

/// A code for each of the crowd's last people.
fn codes(w: &World, size: &Size) -> Vec<String> {
    let (first, last) = (CROWD + size.notices, CROWD + size.notices + size.redemptions);
    for id in first..last {
        let ran =
            w.ran(&["discount", "issue", &format!("tg:{id}"), "--template", "manual_10", "--no-notify", "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    w.texts("SELECT code FROM discounts ORDER BY id")
}

/// Writes to single people, a few at a time.
async fn notifies(db: Database, count: i64) {
    for first in (0..count).step_by(10) {
        let write = move |tx: &Tx<'_>| {
            (first..(first + 10).min(count)).try_for_each(|n| {
                let letter = Letter::automatic(
                    BotName::Customer,
                    TelegramId(CROWD + n),
                    format!("новость {n}."),
                    Keyboard::None,
                );
                outbox::enqueue(tx, &letter)
            })
        };
        block_in_place(|| db.write(write)).unwrap();
        passes(50).await;
    }
}

/// Redeems the codes one after the other, and gives back who did. The first card lies longer than it is valid before it is
/// pressed, as a press does that waits behind a window of ten minutes.
async fn redeems_all(
    cashier: Someone,
    codes: Vec<String>,
    (db, pressed): (&Database, &AtomicI64),
) -> (Someone, Vec<String>) {
    for (n, code) in codes.iter().enumerate() {
        let card = shown(&cashier, code).await;
        if n == 0 {
            let code = code.clone();
            // Only just: the job `cleanup`, which may run now, deletes cards that are two days old.
            let ages = "UPDATE cards SET expires_ms = :now
                WHERE discount_id = (SELECT id FROM discounts WHERE code = :code)";
            let ages_now = move |tx: &Tx<'_>| tx.change(ages, named_params! { ":now": tx.now_ms(), ":code": code });
            let aged = block_in_place(|| db.write(ages_now));
            aged.unwrap_or_else(|error: Failure| panic!("{error}"));
        }
        cashier.presses_under(&card, "Погасить");
        pressed.fetch_add(1, Ordering::SeqCst);
    }
    (cashier, codes)
}

/// Types the code until its card is shown.
async fn shown(cashier: &Someone, code: &str) -> Arc<Receipt> {
    for _ in 0..300 {
        cashier.says(code);
        if let Some(card) = cashier.may_hear(code, IMPATIENCE).await {
            assert_eq!(code_in(&card), code);
            return card;
        }
    }
    panic!("{code} was never shown to {}", cashier.id)
}

/// A press that reached the shop after its card's ten minutes was answered so, and the cashier does what the answer says:
/// types the code once more.
async fn redeems_what_was_stale(w: &World, counted: &[(Someone, Vec<String>)], codes: &[String]) {
    let redeemed = || w.texts("SELECT d.code FROM redemptions r JOIN discounts d ON d.id = r.discount_id");
    let done: HashSet<String> = redeemed().into_iter().collect();
    for (cashier, mine) in counted {
        let left: Vec<&String> = mine.iter().filter(|code| !done.contains(*code)).collect();
        let said = cashier.heard_since(0).iter().filter(|text| text.starts_with(STALE)).count();
        assert!(
            !left.is_empty() && said >= left.len(),
            "{}: {} codes are left, {said} answers",
            cashier.id,
            left.len()
        );
        for code in left {
            let card = shown(cashier, code).await;
            cashier.presses_under(&card, "Погасить");
        }
    }
    println!("{} presses came too late and were repeated", codes.len() - done.len());
}

/// What waits after a doubtful try ages faster; not while Telegram answers no probe.
async fn passes_time(db: Database, is_over: Arc<AtomicBool>) {
    let ms = i64::try_from(MOVE_EVERY.as_millis()).unwrap() * SPEED;
    let sql = format!(
        "UPDATE outbox SET not_before_ms = not_before_ms - {ms}, doubted_ms = doubted_ms - {ms}
        WHERE state = 'queued' AND doubts > 0 AND bot NOT IN (SELECT bot FROM outages)"
    );
    while !is_over.load(Ordering::SeqCst) {
        let sql = sql.clone();
        let moved = block_in_place(|| db.write(move |tx| tx.change(&sql, [])));
        moved.unwrap_or_else(|error: Failure| panic!("{error}"));
        passes(250).await;
    }
}

/// An admin lets the broadcast go on that stopped itself: too many answers were unknown.
fn goes_on(w: &World, id: BroadcastId) {
    let db = w.db();
    let now = block_in_place(|| db.read(|view| broadcast::get(view, id))).unwrap();
    if now.status == Status::Paused {
        // It may have been stopped again before this command looks, or be over with some unknown: both are told by codes.
        w.ran(&["broadcast", "resume", &id.to_string(), "--detach", "--json"]);
    }
}

async fn drained(w: &World, id: BroadcastId) {
    let waits = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')";
    let updates = "SELECT count(*) FROM updates WHERE state = 'queued'";
    let broadcasts = "SELECT count(*) FROM broadcasts WHERE status IN ('scheduled', 'sending', 'paused')";
    let db = w.db();
    let is_drained = async || {
        let is_over = [waits, updates, broadcasts].iter().all(|sql| count(&db, sql) == 0)
            && [SHOP, STAFF].iter().all(|bot| w.tg.pending_updates(bot) == 0);
        if !is_over {
            goes_on(w, id);
        }
        is_over
    };
    let is_drained = becomes_true(PATIENCE * 10, is_drained).await;
    let left = "SELECT bot || kind || state || doubts || ' ' || coalesce(error, '') FROM outbox WHERE state IN ('queued', 'sending')";
    assert!(is_drained, "{:?}\n{}", texts(&db, left), w.log());
}

/// Delivered copies of each notice.
fn copies(w: &World) -> HashMap<String, Vec<Arc<Receipt>>> {
    let mut copies: HashMap<String, Vec<Arc<Receipt>>> = HashMap::new();
    for receipt in w.tg.receipts().into_iter().filter(|receipt| receipt.is_message()) {
        if let Some(text) = receipt.text().filter(|text| text.starts_with("новость ")) {
            copies.entry(text.to_owned()).or_default().push(receipt);
        }
    }
    copies
}

/// Every second copy had a doubtful try that is counted; what Telegram confirmed was not sent again.
fn every_copy_is_accounted_for(w: &World, size: &Size) {
    let rows = w.texts(
        "SELECT chat_id || ' ' || state || ' ' || doubts || ' ' || coalesce(message_id, 0) FROM outbox
        WHERE bot = 'customer' AND kind = 'text' AND usage_log_id IS NULL",
    );
    let copies = copies(w);
    let (mut second, mut doubtful) = (0, 0);
    for row in &rows {
        let [chat, state, doubts, message_id] = <[&str; 4]>::try_from(row.split(' ').collect::<Vec<_>>()).unwrap();
        let n = chat.parse::<i64>().unwrap() - CROWD;
        let doubts: usize = doubts.parse().unwrap();
        let mine = copies.get(&format!("новость {n}.")).map_or(&[][..], Vec::as_slice);
        assert!(mine.len() <= doubts + usize::from(state == "sent"), "{row}: {} copies", mine.len());
        if state == "sent" {
            let last =
                mine.last().and_then(|receipt| receipt.message_id).unwrap_or_else(|| panic!("{row}: never came"));
            assert_eq!(last.to_string(), message_id, "{row}: sent again after Telegram had confirmed it");
        }
        second += mine.len().saturating_sub(1);
        doubtful += doubts;
    }
    assert_eq!(i64::try_from(rows.len()).unwrap(), size.notices);
    let all = w.count("SELECT sum(doubts) FROM outbox");
    println!("{doubtful} doubtful tries of notices, {all} in all, {second} second copies");
    assert!(all > 0, "no window and no kill hit a call");
}

async fn what_was_given_up_is_shown_and_sent_again(w: &World) {
    let unknown = w.count("SELECT count(*) FROM outbox WHERE state = 'unknown'");
    let status = w.ran(&["status", "--json"]).json();
    let shown = status["bots"].as_array().unwrap().iter().map(|bot| bot["outbox"]["given_up"].as_i64().unwrap());
    assert_eq!(shown.sum::<i64>(), unknown, "{status}");
    println!("{unknown} given up, shown in status");
    if unknown > 0 {
        let retried = w.ran(&["outbox", "retry", "--state", "unknown", "-y", "--json"]);
        assert_eq!(retried.code, 0, "{}", retried.err);
    }
    w.waits_for_count("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending', 'unknown')", 0).await;
}

fn nothing_is_lost(w: &World, size: &Size) {
    let copies = copies(w);
    let missing: Vec<i64> = (0..size.notices).filter(|n| !copies.contains_key(&format!("новость {n}."))).collect();
    assert_eq!(missing, Vec::<i64>::new(), "notices that nobody got");
    let redeemed = w.texts("SELECT d.code FROM redemptions r JOIN discounts d ON d.id = r.discount_id");
    assert_eq!(i64::try_from(redeemed.len()).unwrap(), size.redemptions);
    let receipts = w.tg.receipts();
    for code in redeemed {
        let words = format!("Ваш код {code} использован");
        let told = receipts.iter().any(|r| r.is_message() && r.text().is_some_and(|text| text.contains(&words)));
        assert!(told, "nobody told the customer of {code}");
    }
    let refused = "SELECT count(*) FROM outbox WHERE state = 'failed' AND class IS NOT 'replaced'";
    assert_eq!(w.count(refused), 0, "no letter was refused");
}

/// Each row of the ledger was called once at most, and what is known of it is true.
fn the_broadcast_repeats_nobody(w: &World, id: BroadcastId) {
    let mut readers: BTreeMap<i64, usize> = BTreeMap::new();
    for receipt in w.tg.receipts() {
        if receipt.delivered && &*receipt.bot == SHOP && receipt.text().is_some_and(|text| text.contains("Ярмарка"))
        {
            *readers.entry(receipt.chat_id.unwrap()).or_default() += 1;
        }
    }
    assert!(readers.values().all(|times| *times == 1), "a broadcast wrote twice: {readers:?}");
    let counts = counted(w, id);
    assert_eq!((counts.queued, counts.sending), (0, 0));
    let sent = usize::try_from(counts.sent).unwrap();
    assert!(readers.len() >= sent && readers.len() <= sent + usize::try_from(counts.unknown).unwrap(), "{counts:?}");
    println!("broadcast: {counts:?}, read by {}", readers.len());
}

/// Every card that a cashier pressed shows the redemption now, or that its press came too late.
fn every_card_is_in_its_final_state(w: &World, codes: &[String]) {
    let mut done = 0;
    for chat in FIRST_CASHIER..FIRST_CASHIER + 1_000 {
        for message in w.tg.chat_view(STAFF, chat).iter().filter(|message| message.from_bot) {
            done += usize::from(message.text.starts_with("Погашено ✅"));
        }
    }
    assert!(done >= codes.len(), "{done} of {} cards say that their code is redeemed", codes.len());
    // A card whose number Telegram told, whichever press it had.
    let pressed = w.texts(
        "SELECT DISTINCT chat_id || ' ' || edits FROM outbox WHERE bot = 'staff' AND kind = 'edit' AND edits IS NOT NULL",
    );
    for row in pressed {
        let (chat, message) = row.split_once(' ').unwrap();
        let (chat, message): (i64, i64) = (chat.parse().unwrap(), message.parse().unwrap());
        let shown = w.tg.chat_view(STAFF, chat).into_iter().find(|shown| shown.message_id == message).unwrap();
        let is_final = shown.text.starts_with("Погашено ✅") || shown.text.starts_with(STALE);
        assert!(is_final, "message {message} in {chat} still shows {}", shown.text);
    }
}
