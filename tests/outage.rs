//! The machine fails under the bots: another process holds the database, the disk is full. What was promised is there
//! afterwards, nothing else was, and it goes on by itself. `DVORIK_TEST_LOCK_SECONDS` says how long the database is held
//! (6: longer than a writer waits).

use std::time::{Duration, Instant};

use builtin_telegram::Fault;
use reqwest::StatusCode;

use crate::disk::SmallDisk;
use crate::harness::{PATIENCE, SHOP, World, code_in, number};
use crate::webhook::{becomes_ready, not_ready};

#[tokio::test(flavor = "multi_thread")]
async fn a_database_held_by_another_process_delays_and_loses_nothing() {
    let held = Duration::from_secs(number("DVORIK_TEST_LOCK_SECONDS").unwrap_or(6));
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    let boris = w.customer("Борис");
    boris.opens(None);
    boris.hears("Привет").await;
    boris.presses("Проверить подписку");
    let refused = boris.hears("подпишитесь на канал").await;
    boris.subscribes();
    // Their press is taken in, and then, while Telegram is asked, somebody takes the database away.
    w.tg.fault(Fault::Latency(700).next(1).on_method("getChatMember"));
    let asked = w.tg.receipt_count();
    boris.presses_under(&refused, "Проверить подписку");
    let look = |r: &builtin_telegram::Receipt| r.seq >= asked && r.method == "getChatMember";
    w.tg.wait_receipt(look, PATIENCE).await.unwrap();
    let (lock, since) = (w.locks_database(), Instant::now());
    let before = w.tg.receipt_count();
    cashier.says(&code);
    let command = w.ran(&["--json", "discount", "redeem", &code]);
    assert_eq!((command.code, &command.error()["code"]), (75, &"SERVICE_UNAVAILABLE".into()), "{}", command.err);
    boris.is_told("попробуйте ещё раз").await;
    let (status, _) = not_ready(&w).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    // How long the database is held is what is tested.
    tokio::time::sleep(held.saturating_sub(since.elapsed())).await;
    let said: Vec<_> = w.tg.receipts_since(before).into_iter().filter(|receipt| receipt.is_message()).collect();
    assert!(said.is_empty(), "nothing was promised while nothing could be kept: {said:?}");
    drop(lock);
    let freed = Instant::now();
    let card = cashier.hears("Действует до").await;
    boris.hears("Вы подписаны").await;
    println!("held for {held:?}, everybody answered {:?} after", freed.elapsed());
    becomes_ready(&w).await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 1);
    assert_eq!(w.count("SELECT count(*) FROM discounts"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_updates_with_telegram_until_there_is_room() {
    // An empty shop takes most of one; what the ballast gives back must be enough to be ready again.
    let Some(disk) = SmallDisk::of(4) else { return };
    let mut w = World::bare().await;
    w.reconfigures(&[("[http]", &format!("[database]\npath = \"{}\"\n[http]", disk.path().join("shop.db").display()))]);
    w.serves().await;
    w.sets(&dvorik::settings::TELEGRAM_CHANNEL_ID, crate::harness::CHANNEL);
    let (anna, code) = w.customer_with_code("Анна").await;
    assert_eq!(code_in(&*anna.hears_ever("Вы подписаны").await), code);
    let (mut ballast, file) = (Vec::new(), disk.path().join("ballast"));
    while std::fs::write(&file, &ballast).is_ok() {
        ballast.extend([0; 4096]);
    }
    // The log has some room of its own left: whoever is answered now must be in the tables afterwards.
    let mut people = Vec::new();
    let (_, body) = loop {
        let someone = w.customer(&"Борис ".repeat(20));
        someone.opens(None);
        people.push(someone);
        assert!(people.len() < 2000, "the disk is never full");
        if w.tg.pending_updates(SHOP) > 20 {
            break not_ready(&w).await;
        }
        // Nobody comes quicker than they are let in: a queue of thousands would take a minute at Telegram's own pace.
        let _still_full = w.tg.wait_acknowledged(SHOP, Duration::from_millis(50)).await;
    };
    assert!(body["failing"].as_array().unwrap().contains(&"disk".into()), "{body}");
    assert!(w.tg.pending_updates(SHOP) > 0, "Telegram keeps what could not be stored");
    std::fs::remove_file(file).unwrap();
    becomes_ready(&w).await;
    for someone in &people {
        someone.hears("Привет").await;
    }
    let w = w.ends().await;
    let welcomed = w.count("SELECT count(*) FROM users");
    assert_eq!(welcomed, 1 + i64::try_from(people.len()).unwrap(), "everybody, and nobody twice");
}
