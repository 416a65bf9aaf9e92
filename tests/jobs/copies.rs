//! The encrypted copy of the nightly backup in the owners' chats.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use builtin_telegram::{Fault, Person, Receipt};
use dvorik::backup::{self, decrypt};
use dvorik::clock::Clock;
use dvorik::encrypted_archive::AgeIdentity;
use dvorik::jobs::{JobContext, JobReport};
use dvorik::realm::BotName;
use dvorik::schedule::{Name, Trigger};
use dvorik::sender::drain::{self, Drained};
use dvorik::settings::{BACKUP_RECIPIENT, BACKUP_TO_TELEGRAM};
use secrecy::ExposeSecret;
use tokio::task::block_in_place;

use super::{DAY, asks, change, did, never, noon, process};
use crate::given::writes;
use crate::harness::{OWNER, STAFF, World, count, texts};

const SECOND: i64 = OWNER + 1;

/// A shop with two owners that sends copies, and the key of the copies.
async fn sends_copies() -> (World, AgeIdentity) {
    let w = World::closed().await;
    let identity = AgeIdentity::generate().unwrap();
    w.sets(&BACKUP_RECIPIENT, &identity.recipient());
    w.sets(&BACKUP_TO_TELEGRAM, "true");
    w.tg.add_person(Person { id: SECOND, first_name: "Игорь".into(), ..Person::default() });
    w.tg.has_started(STAFF, SECOND);
    w.change(
        "INSERT INTO admins (telegram_id, name, role, status, groups, created_at)
         VALUES (901, 'Игорь', 'owner', 'active', '[]', '2026-11-01T00:00:00Z'),
                (902, 'Марк', 'marketing', 'active', '[]', '2026-11-01T00:00:00Z'),
                (903, 'Рита', 'owner', 'suspended', '[]', '2026-11-01T00:00:00Z')",
    );
    (w, identity)
}

async fn backs_up(kit: &JobContext) -> JobReport {
    let ran = asks(kit, Name::Backup, Trigger::ByHand).await;
    did(&ran).unwrap_or_else(|| panic!("{ran:?}")).clone()
}

async fn delivers(kit: &JobContext) {
    assert_eq!(drain::drain(&kit.db, &kit.bots, never()).await.unwrap(), Drained::Empty);
}

/// A night: the backup, and the delivery of what it wrote.
async fn night(kit: &JobContext) -> JobReport {
    let report = backs_up(kit).await;
    delivers(kit).await;
    report
}

fn calls(w: &World, method: &str) -> Vec<Arc<Receipt>> {
    w.tg.receipts().into_iter().filter(|receipt| receipt.method == method).collect()
}

fn waiting(w: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(w.file("dvorik.db.copies")).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Lets the files be older than an hour on the clock of the shop.
fn ages(w: &World) {
    for path in waiting(w) {
        fs::File::options().write(true).open(path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_owner_gets_the_nights_copy_and_yesterdays_goes() {
    let (w, identity) = sends_copies().await;
    let clock = noon();
    let kit = process(&w, &clock);
    let report = night(&kit).await;
    let sent = calls(&w, "sendDocument");
    let mut chats: Vec<_> = sent.iter().filter_map(|receipt| receipt.chat_id).collect();
    chats.sort_unstable();
    assert_eq!(chats, [OWNER, SECOND]);
    let file = w.file("dvorik.db.copies/dvorik-20261122.tar.zst.age");
    let bytes = fs::metadata(&file).unwrap().len();
    assert_eq!(report.facts["copy"], serde_json::json!({ "bytes": bytes, "sent_to": 2 }));
    for receipt in &sent {
        assert_eq!(&*receipt.bot, STAFF);
        let document = &receipt.params["document"];
        assert_eq!(document["file_name"], "dvorik-20261122.tar.zst.age");
        assert_eq!(document["file_size"], bytes);
        let caption = receipt.text().unwrap();
        assert!(caption.starts_with("Копия магазина за 22.11.2026, ") && caption.contains("КБ. Открыть"), "{caption}");
    }
    let there = tempfile::tempdir().unwrap();
    let opened = block_in_place(|| decrypt(&file, &identity, there.path(), Clock::System.now())).unwrap();
    backup::verify(&opened.database).unwrap();
    assert!(opened.config.expose_secret().contains("1000002:builtin-staff-token"));
    assert_eq!(calls(&w, "deleteMessage").len(), 0);

    ages(&w);
    clock.advance_ms(DAY);
    night(&kit).await;
    assert_eq!(calls(&w, "sendDocument").len(), 4);
    let gone: Vec<_> = calls(&w, "deleteMessage").iter().map(|receipt| receipt.params["message_id"].clone()).collect();
    let mut former: Vec<_> = sent.iter().map(|receipt| receipt.message_id.unwrap().into()).collect();
    former.sort_by_key(serde_json::Value::as_i64);
    let mut gone = gone;
    gone.sort_by_key(serde_json::Value::as_i64);
    assert_eq!(gone, former);
    let names: Vec<_> = waiting(&w).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["dvorik-20261123.tar.zst.age"], "yesterday's file is swept");
    assert_eq!(count(&kit.db, "SELECT count(*) FROM outbox WHERE state <> 'sent'"), 0);
    assert_eq!(w.tg.violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_copy_is_made_unless_it_is_wanted_and_can_be_sent() {
    let w = World::closed().await;
    let clock = noon();
    let mut kit = process(&w, &clock);
    assert_eq!(night(&kit).await.facts["copy"], serde_json::Value::Null);
    let (other, _) = sends_copies().await;
    kit.bots.retain(|(name, _)| *name == BotName::Customer);
    let alone = JobContext { bots: kit.bots.clone(), ..process(&other, &clock) };
    assert_eq!(night(&alone).await.facts["copy"], serde_json::Value::Null);
    for world in [&w, &other] {
        assert_eq!(waiting(world), Vec::<PathBuf>::new());
        assert_eq!(world.count("SELECT count(*) FROM outbox"), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_waits_for_telegram_and_through_a_restart_and_is_sent_once() {
    let (w, _) = sends_copies().await;
    let clock = noon();
    backs_up(&process(&w, &clock)).await;
    ages(&w);
    // Another process, in which the job runs for the same day again: as after a crash before the slot was marked.
    let kit = process(&w, &clock);
    change(&kit.db, "DELETE FROM job_slots");
    backs_up(&kit).await;
    ages(&w);
    asks(&kit, Name::Cleanup, Trigger::ByHand).await;
    assert_eq!(waiting(&w).len(), 1, "a file that is to be sent is swept");
    assert_eq!(calls(&w, "sendDocument").len(), 0);
    w.tg.fault(Fault::ServerErrorJson(502).next(1).on_method("sendDocument").in_chat(OWNER));
    delivers(&kit).await;
    // The answer was doubtful: this letter is tried again after a pause, the other one has arrived.
    clock.advance_ms(60_000);
    delivers(&kit).await;
    let delivered = |chat| calls(&w, "sendDocument").iter().filter(|r| r.delivered && r.chat_id == Some(chat)).count();
    assert_eq!((delivered(OWNER), delivered(SECOND)), (1, 1));
    clock.advance_ms(DAY);
    asks(&kit, Name::Cleanup, Trigger::ByHand).await;
    assert_eq!(waiting(&w), Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_copy_that_cannot_be_deleted_is_nobodys_trouble() {
    let (w, _) = sends_copies().await;
    let clock = noon();
    let kit = process(&w, &clock);
    night(&kit).await;
    clock.advance_ms(DAY);
    w.tg.fault(Fault::BadRequest("message can't be deleted for everyone".into()).always().on_method("deleteMessage"));
    night(&kit).await;
    assert_eq!(calls(&w, "deleteMessage").len(), 2, "a refusal is final");
    w.tg.clear_faults();
    assert_eq!(count(&kit.db, "SELECT count(*) FROM outbox WHERE state <> 'sent' AND class <> 'replaced'"), 0);
    assert_eq!(texts(&kit.db, "SELECT text_key FROM outbox WHERE text_key LIKE 'notice%'"), Vec::<String>::new());
    // What is older than 48 hours Telegram does not delete: it is not asked for.
    clock.advance_ms(3 * DAY);
    night(&kit).await;
    assert_eq!(calls(&w, "deleteMessage").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_waits_as_long_as_telegram_asks() {
    let (w, _) = sends_copies().await;
    let clock = noon();
    let kit = process(&w, &clock);
    night(&kit).await;
    clock.advance_ms(DAY);
    w.tg.fault(Fault::TooManyRequests { retry_after: 1000 }.next(1).on_method("deleteMessage"));
    night(&kit).await;
    let asked = calls(&w, "deleteMessage").len();
    assert!(asked <= 2, "asked {asked} times while the method is closed");
    assert!(count(&kit.db, "SELECT count(*) FROM outbox WHERE kind = 'delete' AND state = 'queued'") > 0);
}

/// Text of six random bits a character.
fn noise(length: usize) -> String {
    let mut bytes = vec![0; length];
    std::io::Read::read_exact(&mut fs::File::open("/dev/urandom").unwrap(), &mut bytes).unwrap();
    // From `0` to `o` with one backslash among them.
    bytes.iter_mut().for_each(|byte| *byte = b'0' + (*byte & 63));
    String::from_utf8(bytes).unwrap().replace('\\', "~")
}

/// Telegram takes no more than 50 MB. What cannot be compressed makes a database whose copy is longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_telegram_would_not_take_is_told_once_a_week() {
    let (w, _) = sends_copies().await;
    // 22.11.2026 is a Sunday.
    let clock = noon();
    let kit = process(&w, &clock);
    writes(&kit.db, |tx| {
        let put = "INSERT INTO audit_log (at, actor, action, entity, after)
            VALUES ('2026-11-01T00:00:00Z', 'x', 'x', 'x', json_quote(?1))";
        (0..70).try_for_each(|_| tx.change(put, [noise(1_000_000)]).map(drop))?;
        Ok(())
    });
    let told = || count(&kit.db, "SELECT count(*) FROM outbox WHERE text_key = 'notice_backup_too_large'");
    let report = night(&kit).await;
    assert_eq!(report.facts["copy"], serde_json::json!({ "too_large": true }));
    assert_eq!((told(), calls(&w, "sendDocument").len()), (2, 0));
    assert_eq!(waiting(&w), Vec::<PathBuf>::new(), "no part of it is left");
    w.owner().hears_ever("Копия магазина больше 49 МБ").await;
    let checked = w.ran(&["doctor", "--offline", "--json"]).json();
    let found = checked["items"].as_array().unwrap().iter().find(|item| item["check"] == "copies").unwrap().clone();
    assert_eq!((&found["status"], &found["finding"]), (&"warn".into(), &"too_large".into()));
    assert!(found["detail"].as_str().unwrap().contains("Litestream"), "{found}");
    for (day, notices) in [("2026-11-22", 2), ("2026-11-23", 4), ("2026-11-29", 4), ("2026-11-30", 6)] {
        writes(&kit.db, move |tx| backup::tell_too_large(tx, day.parse().unwrap()));
        assert_eq!(told(), notices, "{day}");
    }
}
