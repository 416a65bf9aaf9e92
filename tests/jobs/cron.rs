//! The real binary from cron: without a daemon it delivers what it has decided; beside one it leaves that to it.

use builtin_telegram::Fault;
use dvorik::sender::drain::{self, Drained};
use tokio::task::block_in_place;

use super::{is_done, never, noon, process, somebody};
use crate::harness::{OWNER, PATIENCE, SHOP, STAFF, World, becomes_true, count};
use dvorik::jobs::{JobContext, scheduler};
use dvorik::schedule::{self, Cadence, Name};

/// A customer who has opened the bot and whose day it is.
async fn it_is_somebodys_day(w: &World) -> i64 {
    let anna = w.customer("Анна");
    w.tg.has_started(SHOP, anna.id);
    let id = anna.id;
    let kit = process(w, &dvorik::clock::Clock::System);
    somebody(&kit, id);
    w.change(
        "UPDATE users SET birthday = '1990-' || strftime('%m-%d', 'now', '+10 hours'),
            birthday_md = strftime('%m-%d', 'now', '+10 hours'), birthday_saved_at = '2020-01-01T00:00:00Z'",
    );
    id
}

fn congratulations(w: &World, to: i64) -> usize {
    let all = w.tg.receipts_since(0);
    all.iter()
        .filter(|call| {
            call.delivered
                && call.chat_id == Some(to)
                && call.text().is_some_and(|text| text.contains("С днём рождения"))
        })
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn cron_alone_gives_and_delivers_and_says_so() {
    let w = World::closed().await;
    let anna = it_is_somebodys_day(&w).await;
    let ran = w.ran(&["job", "run", "birthdays", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let (schema, after) = (ran.json()["schema"].clone(), ran.json()["after"].clone());
    assert_eq!(schema, "dvorik.job.run/1");
    assert_eq!((&after["result"], &after["count"], &after["delivery"]), (&"done".into(), &1.into(), &"empty".into()));
    assert_eq!(congratulations(&w, anna), 1);
    let again = w.ran(&["job", "run", "birthdays", "--json"]);
    assert_eq!((again.code, &again.json()["changed"]), (0, &false.into()));
    assert_eq!(again.json()["after"]["result"], "not_due");
    assert_eq!(congratulations(&w, anna), 1);
    let listed = w.ran(&["job", "list", "--json"]).json();
    assert_eq!((&listed["schema"], &listed["total"]), (&"dvorik.job.list/1".into(), &8.into()));
    let birthdays = &listed["items"][0];
    assert_eq!(
        (&birthdays["name"], &birthdays["result"], &birthdays["count"]),
        (&"birthdays".into(), &"done".into(), &1.into())
    );
    assert!(birthdays["next_due_at"].is_string() && birthdays["duration_ms"].is_number(), "{birthdays}");
    assert_eq!(w.tg.violations(), Vec::<String>::new());
}

/// Telegram is down and a letter is due: cleaning up and a backup end all the same, and leave the letter.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_needs_no_telegram_does_not_wait_for_it() {
    let mut w = World::closed().await;
    w.change(
        "INSERT INTO outbox (bot, chat_id, lane, kind, payload, not_before_ms, created_ms)
        VALUES ('customer', 77, 1, 'text', '{}', 0, 0)",
    );
    w.reconfigures(&[(&w.tg.base_url(), "http://127.0.0.1:1")]);
    for job in ["cleanup", "backup"] {
        let ran = w.ran(&["job", "run", job, "--json"]);
        assert_eq!((ran.code, &ran.json()["after"]["delivery"]), (0, &"none".into()), "{job}: {}", ran.err);
    }
    assert_eq!(w.ran(&["job", "run", "reminders", "--json"]).code, 75, "this one delivers, and Telegram is down");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_and_cron_together_congratulate_once() {
    let mut w = World::closed().await;
    let anna = it_is_somebodys_day(&w).await;
    w.serves().await;
    let ran = w.ran(&["job", "run", "birthdays", "--json"]);
    assert!([0, 75].contains(&ran.code), "{}", ran.err);
    let heard = w.tg.wait_receipt(|call| call.delivered && call.chat_id == Some(anna), PATIENCE).await;
    assert!(heard.is_some());
    assert_eq!(w.ran(&["job", "run", "birthdays", "--json"]).json()["after"]["delivery"], "daemon");
    let w = w.ends().await;
    assert_eq!(congratulations(&w, anna), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_telegram_does_not_take_is_left_for_the_next_time() {
    let w = World::closed().await;
    w.tg.fault(Fault::TooManyRequests { retry_after: 2 }.always());
    let kit = process(&w, &dvorik::clock::Clock::System);
    let told = block_in_place(|| kit.db.write(|tx| dvorik::report::weekly::send(tx, tx.zone().day(tx.now())))).unwrap();
    assert_eq!(told.1, 1);
    let (stop, told) = tokio::sync::watch::channel(false);
    let draining = drain::drain(&kit.db, &kit.bots, told);
    let stopping = async {
        w.tg.wait_receipt(|call| &*call.bot == STAFF, PATIENCE).await;
        stop.send_replace(true);
    };
    let (drained, ()) = tokio::join!(draining, stopping);
    assert_eq!(drained.unwrap(), Drained::Stopped);
    assert_eq!(count(&kit.db, "SELECT count(*) FROM outbox WHERE state = 'queued'"), 1);
    w.tg.clear_faults();
    assert_eq!(w.ran(&["job", "run", "outbox", "--due"]).code, 0);
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state = 'sent'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_in_the_foreground_gives_way_to_a_daemon_and_everything_is_sent_once() {
    const LETTERS: i64 = 60;
    let mut w = World::closed().await;
    let kit = process(&w, &dvorik::clock::Clock::System);
    for n in 0..LETTERS {
        let id = w.customer("К").id;
        w.tg.has_started(SHOP, id);
        block_in_place(|| {
            kit.db.write(move |tx| {
                let html = format!("Письмо {n}");
                let letter = dvorik::outbox::Letter::automatic(
                    dvorik::realm::BotName::Customer,
                    dvorik::ids::TelegramId(id),
                    html,
                    dvorik::telegram::client::Keyboard::None,
                );
                dvorik::outbox::enqueue(tx, &letter)
            })
        })
        .unwrap();
    }
    w.tg.set_latency(100);
    let draining = {
        let kit = kit.clone();
        #[expect(clippy::disallowed_methods, reason = "the foreground sender; awaited below")]
        tokio::spawn(async move { drain::drain(&kit.db, &kit.bots, never()).await })
    };
    let first = w.tg.wait_receipt(|call| call.text().is_some_and(|text| text.starts_with("Письмо")), PATIENCE).await;
    assert!(first.is_some());
    w.serves().await;
    assert_eq!(draining.await.unwrap().unwrap(), Drained::Daemon);
    w.waits_for_count(&format!("SELECT count(*) >= {LETTERS} FROM outbox WHERE state = 'sent'"), 1).await;
    let calls = w.tg.receipts_since(0);
    let letters = calls.iter().filter(|call| call.text().is_some_and(|text| text.starts_with("Письмо"))).count();
    assert_eq!(i64::try_from(letters).unwrap(), LETTERS);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_crontab_lines_and_the_report() {
    let w = World::closed().await;
    w.tg.has_started(STAFF, OWNER);
    let wrong = w.ran(&["job", "run", "brithdays", "--json"]);
    assert_eq!((wrong.code, &wrong.error()["code"]), (3, &"NOT_FOUND".into()));
    assert!(wrong.error()["message"].as_str().unwrap().contains("«birthdays»"));
    let lines = w.ran(&["job", "crontab", "--json"]).json()["lines"].as_array().unwrap().clone();
    assert_eq!(lines.len(), 8);
    let config = w.file("config.toml").canonicalize().unwrap();
    let expected = format!("--config {} job run birthdays --due", config.display());
    let line = lines[0].as_str().unwrap();
    assert!(line.contains(&expected) && line.contains(env!("CARGO_BIN_EXE_dvorik")), "{line}");
    let preview = w.ran(&["report", "preview", "--json"]).json();
    assert_eq!(preview["schema"], "dvorik.report/1");
    let sent = w.ran(&["report", "send", "--json"]);
    assert_eq!((sent.code, &sent.json()["after"]["admins"]), (0, &1.into()), "{}", sent.err);
    let calls = w.tg.receipts_since(0);
    let read =
        calls.iter().filter(|call| call.chat_id == Some(OWNER)).filter_map(|call| call.text()).collect::<Vec<_>>();
    assert_eq!(read, [preview["html"].as_str().unwrap()]);
    std::fs::write(w.file("backups"), "in the way").unwrap();
    let failed = w.ran(&["job", "run", "backup", "--json"]);
    assert_eq!((failed.code, &failed.error()["code"]), (1, &"INTERNAL_ERROR".into()));
    let told =
        w.tg.wait_receipt(|call| call.text().is_some_and(|text| text.contains("Резервная копия не сделана")), PATIENCE);
    assert!(told.await.is_some(), "the owner hears of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheduler_does_what_is_due_and_a_failing_job_stops_no_other() {
    let w = World::closed().await;
    let clock = noon();
    let kit = process(&w, &clock);
    somebody(&kit, 1);
    std::fs::write(w.file("backups"), "in the way").unwrap();
    block_in_place(|| kit.db.write(schedule::insert_missing)).unwrap();
    clock.advance_ms(super::DAY);
    let (stop, told) = tokio::sync::watch::channel(false);
    let all_ran = async {
        let stands = |kit: &JobContext| kit.db.read(schedule::list).unwrap();
        let is_over = |job: &schedule::JobStatus| matches!(job.name.cadence(), Cadence::Always) || job.ended.is_some();
        let have_run = becomes_true(PATIENCE, async || stands(&kit).iter().all(is_over)).await;
        assert!(have_run, "a job has not ended: {:?}", stands(&kit));
        stop.send_replace(true);
        stands(&kit)
    };
    let (ended, stood) = tokio::join!(scheduler::run(kit.clone(), told), all_ran);
    ended.unwrap();
    for job in stood.iter().filter(|job| !matches!(job.name.cadence(), Cadence::Always)) {
        let has_failed = job.outcome == Some(schedule::Outcome::Failed);
        assert_eq!(has_failed, job.name == Name::Backup, "{job:?}");
    }
    assert!(!is_done(&super::runs(&kit, Name::Report).await));
}
