//! What a broadcast may bring besides words, when it may leave, and what happens where Telegram is not to be had. From the
//! command line where the command line is how it is done.

use std::time::Instant;

use builtin_telegram::{Fault, Person};
use dvorik::broadcast::{self, Draft, Media, MediaType, PauseReason, Status};
use dvorik::settings;
use tokio::task::block_in_place;

use super::{CROWD, acts, by, counted, crowd, draft, ended, hurries, readers, sends};
use crate::given;
use crate::harness::{OWNER, PATIENCE, SHOP, World, becomes_true, code_in};

fn with_media(media: Media) -> Draft {
    let mut draft = draft("Ярмарка");
    draft.message.media = media;
    draft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_picture_goes_up_once_and_everybody_gets_the_same_file() {
    let w = World::open().await;
    crowd(&w, 30);
    hurries(&w);
    let picture = w.file("menu.jpg");
    std::fs::write(&picture, b"\xff\xd8\xff\xe0 a picture").unwrap();
    let (path, photo) = (picture.to_str().unwrap(), "Меню=https://example.org/menu");
    let made =
        w.ran(&["broadcast", "create", "Меню", "--text", "Ярмарка", "--photo", path, "--button", photo, "--all", "-q"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let id = made.out.trim();
    let refused = w.ran(&["broadcast", "send", id, "--yes", "--json"]);
    assert_eq!(refused.code, 2, "nobody to upload it to: {} {}", refused.out, refused.err);
    assert!(refused.err.contains("no_uploader"), "{}", refused.err);
    // The owner opens the customers' bot, as the news has asked for.
    w.tg.has_started(SHOP, OWNER);
    w.someone(SHOP, Person { id: OWNER, first_name: "Ольга".into(), ..Person::default() }).opens(None);
    w.tg.wait_receipt(|call| call.chat_id == Some(OWNER) && &*call.bot == SHOP, PATIENCE).await.unwrap();
    let sent = w.ran(&["broadcast", "send", id, "--yes", "--json"]);
    assert_eq!(sent.code, 0, "{} {}", sent.out, sent.err);
    let summary: serde_json::Value = serde_json::from_str(sent.out.lines().last().unwrap()).unwrap();
    assert_eq!((&summary["type"], &summary["sent"]), (&"summary".into(), &31.into()), "{summary}");
    let pictures: Vec<_> =
        w.tg.receipts().into_iter().filter(|call| call.method == "sendPhoto" && call.delivered).collect();
    assert_eq!(pictures.len(), 32, "once to the owner to go up, then to everybody, the owner among them");
    let files: std::collections::BTreeSet<String> =
        pictures.iter().skip(1).map(|call| call.params["photo"].to_string()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_file_id_stops_at_once_and_costs_one_recipient() {
    let w = World::open().await;
    crowd(&w, 30);
    let id = sends(&w.db(), with_media(Media::FileId(MediaType::Photo, "AgACAgIAAxkBAAI".into())));
    let held = ended(&w, id).await;
    assert_eq!((held.pause_reason, held.note.as_deref()), (Some(PauseReason::StopRule), Some("bad_media")));
    assert!(counted(&w, id).failed <= 8);
    w.owner().hears_ever("не принимает файл").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recipient_gets_a_code_of_their_own_and_whoever_is_too_early_is_skipped_or_keeps_theirs() {
    let w = World::open().await;
    crowd(&w, 12);
    hurries(&w);
    assert_eq!(
        w.ran(&["template", "create", "fair", "--title", "Ярмарка", "--value", "15%", "--recurrence", "30d"]).code,
        0
    );
    assert_eq!(w.ran(&["discount", "issue", "tg:500001", "--template", "fair", "--no-notify"]).code, 0);
    assert_eq!(w.ran(&["discount", "issue", "tg:500002", "--template", "fair", "--no-notify"]).code, 0);
    w.change("UPDATE discounts SET expires_at = created_at WHERE user_id = (SELECT id FROM users WHERE telegram_id = 500002)");
    let text = "{{first_name}}, ваш код <code>{{discount_code}}</code> на {{discount_value}}";
    let made = w.ran(&["broadcast", "create", "Коды", "--text", text, "--all", "--template", "fair", "-q"]);
    let sent = w.ran(&["broadcast", "send", made.out.trim(), "--yes", "--json"]);
    assert_eq!(sent.code, 0, "{}", sent.err);
    let receipts = w.tg.receipts();
    let read = receipts.iter().filter(|call| call.text().is_some_and(|text| text.contains("ваш код")));
    let codes: Vec<(i64, String)> = read.map(|call| (call.chat_id.unwrap(), code_in(call))).collect();
    assert_eq!(codes.len(), 11, "one was too early and has no living code");
    let distinct: std::collections::BTreeSet<&String> = codes.iter().map(|(_, code)| code).collect();
    assert_eq!(distinct.len(), 11);
    for (chat, code) in &codes {
        let owner = "SELECT count(*) FROM discounts d JOIN users u ON u.id = d.user_id WHERE u.telegram_id = ";
        assert_eq!(w.count(&format!("{owner}{chat} AND d.code = '{code}'")), 1);
    }
    assert_eq!(w.texts("SELECT class FROM deliveries WHERE state = 'skipped'"), ["recurrence"]);
    assert_eq!(w.count("SELECT count(*) FROM discounts WHERE source_kind = 'broadcast'"), 10);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_missed_by_too_much_is_held_and_told_and_one_in_time_leaves() {
    let mut w = World::closed().await;
    crowd(&w, 5);
    hurries(&w);
    let late = sends(&w.db(), draft("Опоздала"));
    let early = sends(&w.db(), draft("Вовремя"));
    w.change("UPDATE broadcasts SET send_at = '2026-01-01T00:00:00Z' WHERE id = 1");
    w.serves().await;
    let held = ended(&w, late).await;
    assert_eq!((held.status, held.pause_reason), (Status::Paused, Some(PauseReason::Late)));
    assert_eq!(ended(&w, early).await.status, Status::Sent);
    w.owner().hears_ever("ждёт вашего решения").await;
    assert!(readers(&w, "Опоздала").is_empty());
    acts(&w.db(), move |tx| broadcast::resume(tx, late, &by())).unwrap();
    assert_eq!(ended(&w, late).await.status, Status::Sent);
    assert_eq!(readers(&w, "Опоздала").len(), 5);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_is_looked_at_again_when_it_leaves() {
    let mut w = World::closed().await;
    crowd(&w, 5);
    hurries(&w);
    let made = w.ran(&["segment", "create", "Кофейные", "--tag", "coffee", "-q"]);
    assert_eq!(made.code, 0, "{}", made.err);
    for id in CROWD..CROWD + 5 {
        given::has_tags(&w.db(), id, &["coffee"]);
    }
    let id =
        w.ran(&["broadcast", "create", "Кофе", "--text", "Кофе", "--segment", "Кофейные", "-q"]).out.trim().to_owned();
    assert_eq!(w.ran(&["broadcast", "schedule", &id, "--at", "2099-01-01 10:00", "--yes"]).code, 0);
    assert_eq!(w.ran(&["segment", "delete", "Кофейные", "--yes"]).code, 5, "it is in use");
    assert_eq!(w.ran(&["segment", "edit", "Кофейные", "--all"]).code, 0);
    w.change("UPDATE broadcasts SET send_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')");
    w.serves().await;
    let held = ended(&w, broadcast::BroadcastId(id.parse().unwrap())).await;
    assert_eq!((held.status, held.note.as_deref()), (Status::Paused, Some("changed")));
    assert!(readers(&w, "Кофе").is_empty());
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_telegram_is_away_nobody_is_lost_and_it_is_asked_patiently() {
    let w = World::open().await;
    crowd(&w, 40);
    hurries(&w);
    w.tg.fault(Fault::ServerErrorJson(502).always().on_sends().for_bot(SHOP).in_chat(CROWD + 5).times(1));
    w.tg.fault(Fault::ServerErrorJson(500).always().on_sends().for_bot(SHOP).in_chat(CROWD + 7).times(1));
    let id = sends(&w.db(), draft("Ярмарка"));
    let after = ended(&w, id).await;
    let counts = counted(&w, id);
    assert_eq!((after.status, counts.total(), counts.sent + counts.unknown), (Status::Sent, 40, 40), "{counts:?}");
    let read = readers(&w, "Ярмарка");
    assert!(read.values().all(|times| *times == 1));
    assert_eq!(i64::try_from(read.len()).unwrap(), counts.sent);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delivered_messages_are_corrected_and_recalled() {
    let w = World::open().await;
    crowd(&w, 6);
    hurries(&w);
    let id = sends(&w.db(), draft("{{first_name}}, в субботу"));
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    let shown = |chat: i64| w.tg.last_text(SHOP, chat);
    assert!(shown(CROWD).unwrap().contains("в субботу"));
    let number = id.to_string();
    assert_eq!(w.ran(&["broadcast", "correct", &number, "--text", "{{first_name}}, в воскресенье", "--yes"]).code, 0);
    let all = async |is_so: fn(Option<String>) -> bool| {
        let is_so = async || (CROWD..CROWD + 6).all(|chat| is_so(shown(chat)));
        assert!(becomes_true(PATIENCE, is_so).await, "{:?}", shown(CROWD));
    };
    all(|text| text.is_some_and(|text| text.contains("в воскресенье"))).await;
    assert_eq!(shown(CROWD).unwrap(), "Клиент 500001, в воскресенье");
    assert_eq!(w.ran(&["broadcast", "recall", &number, "--yes"]).code, 0);
    all(|text| text.is_none()).await;
    w.waits_for_count("SELECT count(*) FROM deliveries WHERE recalled_ms IS NOT NULL AND wish IS NULL", 6).await;
    assert_eq!(counted(&w, id).sent, 6, "recalled is a mark on what was sent");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_the_command_delivers_and_a_second_one_only_watches() {
    let w = World::closed().await;
    crowd(&w, 40);
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "1200");
    let made = w.ran(&["broadcast", "create", "Ярмарка", "--text", "Ярмарка", "--all", "-q"]);
    let id = made.out.trim();
    let (first, second) = block_in_place(|| {
        std::thread::scope(|both| {
            let first = both.spawn(|| w.ran(&["broadcast", "send", id, "--yes", "--json"]));
            let began = Instant::now();
            while w.count("SELECT sent FROM broadcasts") == 0 {
                assert!(began.elapsed() < PATIENCE, "the first sends nothing");
                std::thread::yield_now();
            }
            let second = w.ran(&["broadcast", "send", id, "--yes", "--json"]);
            (first.join().unwrap(), second)
        })
    });
    assert_eq!((first.code, second.code), (0, 0), "{} {}", first.err, second.err);
    assert_eq!(readers(&w, "Ярмарка").len(), 40);
    assert!(readers(&w, "Ярмарка").values().all(|times| *times == 1));
    let told =
        w.tg.receipts().iter().filter(|call| call.text().is_some_and(|text| text.contains("отправлена"))).count();
    assert_eq!(told, 1, "the owner hears of it before the command ends");
}
