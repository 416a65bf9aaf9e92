//! What Telegram does to answers: too fast, blocked, lost on the way, away. Order within a chat and the precedence of
//! replies hold through all of it.

use builtin_telegram::{BuiltinTelegram, Fault, Receipt};
use dvorik::ids::TelegramId;
use dvorik::outbox::{self, Letter};
use dvorik::realm::BotName;
use dvorik::telegram::client::Keyboard;
use tokio::task::block_in_place;

use crate::harness::{PATIENCE, SHOP, STAFF, Someone, World};

/// A customer who has just been welcomed.
async fn welcomed(w: &World, name: &str) -> Someone {
    let customer = w.customer(name);
    customer.opens(None);
    customer.hears("Привет").await;
    customer
}

/// Calls into a chat from `seq` on that carried a text: what it was, and whether it arrived.
fn calls(w: &World, to: &Someone, seq: u64) -> Vec<(String, bool)> {
    let receipts = w.tg.receipts_for(to.bot, to.id);
    let sent = receipts.iter().filter(|receipt| receipt.seq >= seq);
    sent.filter_map(|receipt| Some((receipt.text()?.chars().take(6).collect(), receipt.delivered))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_is_obeyed_and_the_answer_comes_afterwards_in_order() {
    let w = World::open().await;
    let anna = welcomed(&w, "Анна").await;
    let from = w.tg.receipt_count();
    w.tg.fault(Fault::TooManyRequests { retry_after: 1 }.next(1).on_sends());
    anna.says("/start");
    anna.says("/help");
    anna.says("/skidki");
    anna.hears("нет активных скидок").await;
    let expected = [("Привет", false), ("Привет", true), ("Подпиш", true), ("У вас ", true)];
    assert_eq!(calls(&w, &anna, from), expected.map(|(text, arrived)| (text.to_owned(), arrived)));
    let receipts = w.tg.receipts_since(from);
    let refused = receipts.iter().find(|receipt| !receipt.delivered).unwrap();
    let next = receipts.iter().find(|receipt| receipt.seq > refused.seq).unwrap();
    assert!(next.at_ms - refused.at_ms >= 1000, "asked for a second, waited {} ms", next.at_ms - refused.at_ms);
    let w = w.ends().await;
    assert_eq!(w.count("SELECT max(attempt) FROM outbox"), 1, "a pause is no attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_telegram_asked_for_outlives_a_restart() {
    let mut w = World::open().await;
    let anna = welcomed(&w, "Анна").await;
    w.tg.fault(Fault::TooManyRequests { retry_after: 3 }.next(1).on_sends());
    anna.says("/help");
    let refused = w.tg.wait_receipt(|receipt| !receipt.delivered, PATIENCE).await.unwrap();
    w.stops().await;
    w.serves().await;
    let answer = anna.hears_ever("Ваши коды").await;
    assert!(answer.at_ms - refused.at_ms >= 3000, "waited {} ms of 3000", answer.at_ms - refused.at_ms);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_waits_at_a_closed_gate_as_queued_so_that_crashes_cannot_lose_it() {
    let mut w = World::closed().await;
    w.runs();
    let anna = welcomed(&w, "Анна").await;
    w.tg.fault(Fault::TooManyRequests { retry_after: 8 }.next(1).on_sends());
    anna.says("/help");
    w.tg.wait_receipt(|receipt| !receipt.delivered, PATIENCE).await.unwrap();
    w.waits_for_count("SELECT count(*) FROM gates WHERE closed_all_until_ms > 0", 1).await;
    // The closure and the letter's way back are two commits, in either order.
    w.waits_for_count("SELECT count(*) FROM outbox WHERE state = 'queued'", 1).await;
    for _ in 0..2 {
        for _ in 0..100 {
            assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state = 'sending'"), 0);
        }
        w.is_killed().await;
        w.runs();
    }
    anna.hears_ever("Ваши коды").await;
    assert_eq!(w.terminates().await, Some(0), "{}", w.log());
    assert_eq!(w.texts("SELECT state || ' ' || attempt FROM outbox ORDER BY id"), ["sent 1"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_floods_the_bot_draws_no_429_and_keeps_nobody_waiting() {
    let w = World::open().await;
    w.tg.enforce_limits(Some(builtin_telegram::Limits::default()));
    let spammer = welcomed(&w, "Спам").await;
    for _ in 0..8 {
        spammer.says("/help");
    }
    let from = w.tg.receipt_count();
    for name in ["Анна", "Борис", "Вера"] {
        welcomed(&w, name).await;
    }
    let of_spammer = |receipt: &Receipt| receipt.seq >= from && receipt.chat_id == Some(spammer.id);
    let before = w.tg.receipts().iter().filter(|receipt| of_spammer(receipt)).count();
    assert!(before < 8, "the others were answered after the flood");
    let said = |receipt: &Receipt| receipt.chat_id == Some(spammer.id) && receipt.delivered && receipt.is_message();
    assert_eq!(w.tg.wait_count(said, 9, PATIENCE).await, 9);
    assert!(w.tg.receipts().iter().all(|receipt| receipt.delivered), "Telegram had to slow the bot down");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_distant_telegram_gets_as_many_answers_at_once_as_the_rate_needs() {
    let w = World::open().await;
    // No answer to a message comes back while the test looks.
    w.tg.fault(Fault::Latency(3_600_000).always().on_sends());
    for n in 0..15 {
        w.customer(&format!("Клиент {n}")).opens(None);
    }
    let is_welcome = |receipt: &Receipt| receipt.is_message();
    assert_eq!(w.tg.wait_count(is_welcome, 11, PATIENCE).await, 11, "29 a second at 400 ms each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_stands_when_its_customer_has_blocked_the_bot() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    w.tg.fault(Fault::Forbidden("bot was blocked by the user".into()).always().in_chat(anna.id));
    cashier.says(&code);
    let card = cashier.hears("Действует до").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    let to_anna = |receipt: &Receipt| receipt.chat_id == Some(anna.id) && !receipt.delivered;
    w.tg.wait_receipt(to_anna, PATIENCE).await.unwrap();
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 1);
    assert_eq!(w.count("SELECT count(*) FROM users WHERE bot_blocked_at IS NOT NULL"), 1);
    let told = "SELECT state || ' ' || class || ' ' || attempt FROM outbox WHERE usage_log_id IS NOT NULL";
    assert_eq!(w.texts(told), ["failed blocked 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_after_it_was_accepted_is_repeated_and_later_answers_pass_it() {
    for fault in [Fault::ResetAfterAccept, Fault::TruncatedBody] {
        let w = World::open().await;
        let anna = welcomed(&w, "Анна").await;
        let from = w.tg.receipt_count();
        w.tg.fault(fault.next(1).on_sends());
        anna.says("/start");
        anna.hears("Привет").await;
        anna.says("/help");
        anna.hears("Ваши коды").await;
        assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state = 'queued' AND doubts = 1"), 1);
        w.lets_pass(5_000);
        w.waits_for_count("SELECT count(*) FROM outbox WHERE state = 'queued'", 0).await;
        let expected = ["Привет", "Подпиш", "Привет"].map(|text| (text.to_owned(), true));
        assert_eq!(calls(&w, &anna, from), expected);
        let w = w.ends().await;
        let ends = w.texts("SELECT state || ' ' || attempt || ' ' || doubts FROM outbox ORDER BY id");
        assert_eq!(ends, ["sent 1 0", "sent 2 1", "sent 1 0"]);
    }
}

/// What Telegram may do to a call of which nobody knows afterwards whether it was taken.
fn doubts() -> [Fault; 6] {
    let pages = [500, 502, 503, 504].map(Fault::ServerErrorHtml);
    let [a, b, c, d] = pages;
    [a, b, c, d, Fault::ResetAfterAccept, Fault::TruncatedBody]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_tried_with_growing_pauses_until_telegram_takes_it() {
    for fault in doubts() {
        let w = World::open().await;
        let anna = welcomed(&w, "Анна").await;
        w.tg.fault(fault.next(4).on_sends());
        writes_to_everybody(&w, &[anna.id]);
        for (doubts, pause) in [(1, 5_000), (2, 30_000), (3, 120_000), (4, 600_000)] {
            w.waits_for_count(&format!("SELECT count(*) FROM outbox WHERE state = 'queued' AND doubts = {doubts}"), 1)
                .await;
            let wait = w.count("SELECT not_before_ms - unixepoch() * 1000 FROM outbox WHERE state = 'queued'");
            assert!((pause - 3_000..=pause + 1_000).contains(&wait), "waits {wait} ms of {pause}");
            w.lets_pass(pause);
        }
        w.waits_for_count("SELECT count(*) FROM outbox WHERE state = 'queued'", 0).await;
        let w = w.ends().await;
        let ends = w.texts("SELECT state || ' ' || attempt || ' ' || doubts FROM outbox ORDER BY id DESC LIMIT 1");
        assert_eq!(ends, ["sent 5 4"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarting_telegram_is_asked_again_and_a_refused_answer_is_not() {
    let w = World::open().await;
    let anna = welcomed(&w, "Анна").await;
    let from = w.tg.receipt_count();
    w.tg.fault(Fault::ServerErrorJson(500).next(1).on_sends());
    anna.says("/start");
    anna.hears("Привет").await;
    w.tg.fault(Fault::BadRequest("something nobody has seen".into()).next(1).on_sends());
    anna.says("/start");
    anna.says("/help");
    anna.hears("Ваши коды").await;
    let expected = [("Привет", false), ("Привет", true), ("Привет", false), ("Подпиш", true)];
    assert_eq!(calls(&w, &anna, from), expected.map(|(text, arrived)| (text.to_owned(), arrived)));
    w.ends().await;
}

fn writes_to_everybody(w: &World, people: &[i64]) {
    let people = people.to_vec();
    let write = move |tx: &dvorik::db::Tx<'_>| {
        people.iter().try_for_each(|id| {
            outbox::enqueue(
                tx,
                &Letter::automatic(BotName::Customer, TelegramId(*id), "новость".into(), Keyboard::None),
            )
        })
    };
    block_in_place(|| w.db().write(write)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_do_not_wait_behind_automatic_messages() {
    let w = World::open().await;
    let anna = welcomed(&w, "Анна").await;
    let crowd: Vec<i64> = (20_000..20_100).collect();
    crowd.iter().for_each(|id| w.tg.has_started(SHOP, *id));
    // Every automatic message is slow as well, so that all its places are taken while Anna asks.
    for id in &crowd {
        w.tg.fault(Fault::Latency(200).next(1).in_chat(*id));
    }
    writes_to_everybody(&w, &crowd);
    let news = |receipt: &Receipt| receipt.is_message() && receipt.text() == Some("новость");
    w.tg.wait_receipt(news, PATIENCE).await.unwrap();
    anna.says("/help");
    let answer = anna.hears("Ваши коды").await;
    let before = w.tg.receipts().iter().filter(|receipt| news(receipt) && receipt.seq < answer.seq).count();
    assert!(before < 50, "{before} of 100 automatic messages went first");
    assert_eq!(w.tg.wait_count(news, 100, PATIENCE).await, 100);
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state <> 'sent'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_for_an_automatic_message_to_the_same_chat() {
    let w = World::open().await;
    let anna = welcomed(&w, "Анна").await;
    let from = w.tg.receipt_count();
    w.tg.fault(Fault::Latency(1500).next(1).in_chat(anna.id));
    writes_to_everybody(&w, &[anna.id]);
    w.tg.wait_receipt(|receipt| receipt.seq >= from && receipt.chat_id == Some(anna.id), PATIENCE).await.unwrap();
    anna.says("/help");
    anna.hears("Ваши коды").await;
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state = 'sending' AND lane = 1"), 1, "it was waited for");
    let texts: Vec<_> = calls(&w, &anna, from).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["новост", "Подпиш"]);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_telegram_is_away_arrives_when_it_is_back() {
    let mut w = World::open().await;
    let anna = welcomed(&w, "Анна").await;
    let address = w.tg.base_url().trim_start_matches("http://").parse().unwrap();
    w.tg.stop().await;
    writes_to_everybody(&w, &[anna.id]);
    let back = BuiltinTelegram::start(address, || dvorik::clock::Clock::System.now_ms().0).await.unwrap();
    back.add_bot("1000001:builtin-customer-token", SHOP);
    back.add_bot("1000002:builtin-staff-token", STAFF);
    back.has_started(SHOP, anna.id);
    w.tg = back;
    let anna = Someone { tg: w.tg.clone(), ..anna };
    anna.hears_ever("новость").await;
    let w = w.ends().await;
    let unsettled = w.count("SELECT count(*) FROM outbox WHERE state <> 'sent'");
    assert_eq!(unsettled, 0, "nothing is lost and nothing unknown when nothing was sent");
}
