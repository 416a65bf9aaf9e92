//! Who gets a broadcast and who does not, how fast, and when it stops by itself.

use builtin_telegram::{Fault, Receipt};
use dvorik::broadcast::{self, Counts, PauseReason, Status};
use dvorik::erasure;
use dvorik::error::Error;
use dvorik::ids::UserId;
use dvorik::settings;
use dvorik::user::UserStatus;
use tokio::task::block_in_place;

use super::{CROWD, acts, by, counted, crowd, draft, ended, hurries, readers, resends, sends};
use crate::given;
use crate::harness::{PATIENCE, SHOP, World};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_who_may_be_written_to_gets_it_once_and_everybody_else_is_accounted_for() {
    let w = World::open().await;
    crowd(&w, 120);
    hurries(&w);
    given::mutes(&w.db(), 500_003);
    given::blocks_bot(&w.db(), 500_004);
    given::has_status(&w.db(), 500_005, UserStatus::Blocked);
    w.tg.fault(Fault::Forbidden("bot was blocked by the user".into()).always().in_chat(500_006));
    w.tg.deactivates(500_007);
    let id = sends(&w.db(), draft("Привет, {{first_name}}! Новинки недели"));
    let after = ended(&w, id).await;
    assert_eq!(after.status, Status::Sent);
    assert_eq!(counted(&w, id), Counts { sent: 115, failed: 2, blocked: 2, skipped: 2, ..Counts::default() });
    let readers = readers(&w, "Новинки недели");
    assert_eq!(readers.len(), 115);
    assert!(readers.values().all(|times| *times == 1));
    assert_eq!(w.count("SELECT count(*) FROM users WHERE bot_blocked_at IS NOT NULL"), 3, "they are known to be gone");
    assert_eq!(
        w.texts("SELECT coalesce(class, state) FROM deliveries WHERE state <> 'sent' ORDER BY user_id"),
        ["muted", "blocked_bot", "blocked", "gone"]
    );
    let first = w.tg.receipts().into_iter().find(|receipt| receipt.chat_id == Some(CROWD)).unwrap();
    assert!(first.text().unwrap().starts_with("Привет, Клиент 500001!"), "{:?}", first.text());
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_telegram_asks_for_loses_and_repeats_nobody() {
    let w = World::open().await;
    crowd(&w, 60);
    // Not as fast as can be: eight are called at once.
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "60000");
    w.tg.fault(Fault::TooManyRequests { retry_after: 1 }.next(1).on_sends().after(20));
    let id = sends(&w.db(), draft("Скидки"));
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    assert_eq!(counted(&w, id).sent, 60);
    assert!(readers(&w, "Скидки").values().all(|times| *times == 1));
    let receipts = w.tg.receipts();
    let refused = receipts.iter().find(|receipt| !receipt.delivered).unwrap();
    // The other calls under way, at most seven, may still arrive; nothing begins before the second is over.
    let early = |r: &&std::sync::Arc<Receipt>| {
        r.at_ms > refused.at_ms && r.at_ms < refused.at_ms + 1000 && r.chat_id >= Some(CROWD)
    };
    assert!(receipts.iter().filter(early).count() <= 7, "the pause was not obeyed");
    assert_eq!(w.count("SELECT max(attempt) FROM deliveries"), 1, "a pause is no attempt");
    assert_eq!(w.count("SELECT pauses FROM broadcasts"), 1, "the report counts the pause");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_or_is_put_out_while_it_is_sent_is_passed_over() {
    let w = World::open().await;
    crowd(&w, 60);
    // Not as fast as can be: eight are called at once.
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "60000");
    w.tg.fault(Fault::TooManyRequests { retry_after: 3 }.next(1).on_sends().after(20));
    let id = sends(&w.db(), draft("Скидки"));
    let refused = w.tg.wait_receipt(|receipt| !receipt.delivered, PATIENCE).await;
    assert!(refused.is_some(), "Telegram was to ask for a pause");
    // The bot rests, and the last four wait in the queue.
    given::has_status(&w.db(), 500_057, UserStatus::Blocked);
    given::blocks_bot(&w.db(), 500_058);
    given::mutes(&w.db(), 500_059);
    let last = UserId(w.count("SELECT id FROM users WHERE telegram_id = 500060"));
    acts(&w.db(), move |tx| erasure::erase(tx, last, "hash", &by())).unwrap();
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    assert_eq!(counted(&w, id), Counts { sent: 56, skipped: 4, ..Counts::default() });
    assert_eq!(
        w.texts("SELECT class FROM deliveries WHERE state = 'skipped' ORDER BY user_id"),
        ["blocked", "blocked_bot", "muted", "erased"]
    );
    let readers = readers(&w, "Скидки");
    assert!(readers.len() == 56 && (500_057..=500_060).all(|id| !readers.contains_key(&id)), "{readers:?}");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_sent_again_only_on_command() {
    let w = World::open().await;
    crowd(&w, 200);
    hurries(&w);
    w.tg.fault(Fault::ResetAfterAccept.next(3).on_sends().after(50));
    let id = sends(&w.db(), draft("Ярмарка"));
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    assert_eq!(counted(&w, id), Counts { sent: 197, unknown: 3, ..Counts::default() });
    assert_eq!(readers(&w, "Ярмарка").len(), 200, "Telegram had accepted them all");
    assert_eq!(resends(&w.db(), id), 3);
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    assert_eq!(counted(&w, id).sent, 200);
    assert_eq!(readers(&w, "Ярмарка").values().filter(|times| **times == 2).count(), 3, "as the admin was told");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_telegram_refuses_stops_at_the_first_one_and_is_told() {
    let w = World::open().await;
    crowd(&w, 50);
    w.tg.fault(Fault::BadRequest("can't parse entities".into()).always().on_sends().for_bot(SHOP));
    let id = sends(&w.db(), draft("Плохой текст"));
    let held = ended(&w, id).await;
    assert_eq!((held.status, held.pause_reason), (Status::Paused, Some(PauseReason::StopRule)));
    assert_eq!(held.note.as_deref(), Some("bad_message"));
    assert_eq!(counted(&w, id), Counts { failed: 1, queued: 49, ..Counts::default() });
    w.owner().hears_ever("остановилась").await;
    w.owner().hears_ever(&format!("dvorik broadcast edit {id}")).await;
    let refused = |done: dvorik::error::Result<broadcast::Broadcast>| match done {
        Err(Error::Refused(refusal)) => refusal.code().to_string(),
        other => panic!("{other:?}"),
    };
    for _ in 0..3 {
        assert_eq!(refused(acts(&w.db(), move |tx| broadcast::resume(tx, id, &by()))), "BROADCAST_TEXT_INVALID");
        let anew = acts(&w.db(), move |tx| {
            let estimate = broadcast::estimate(tx, &broadcast::get(tx, id)?.draft)?;
            broadcast::send(tx, id, &estimate.token, &by())
        });
        assert_eq!(refused(anew), "BROADCAST_TEXT_INVALID");
    }
    assert_eq!(counted(&w, id).failed, 1, "nobody more is lost");
    w.tg.clear_faults();
    let (_, mended) = acts(&w.db(), move |tx| broadcast::edit(tx, id, &draft("Хороший текст"), &by())).unwrap();
    assert_eq!((mended.status, mended.confirmed), (Status::Draft, None));
    acts(&w.db(), move |tx| broadcast::edit(tx, id, &draft("Лучший текст"), &by())).unwrap();
    hurries(&w);
    acts(&w.db(), move |tx| {
        let estimate = broadcast::estimate(tx, &broadcast::get(tx, id)?.draft)?;
        broadcast::send(tx, id, &estimate.token, &by())
    })
    .unwrap();
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    assert_eq!(counted(&w, id), Counts { sent: 50, ..Counts::default() });
    assert_eq!(readers(&w, "Лучший текст").len(), 50);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_broadcast_somebody_has_got_stays_as_it_is_and_its_cancelling_is_offered() {
    let w = World::open().await;
    crowd(&w, 30);
    hurries(&w);
    w.tg.fault(Fault::BadRequest("can't parse entities".into()).always().on_sends().for_bot(SHOP).after(10));
    let id = sends(&w.db(), draft("Ярмарка"));
    let held = ended(&w, id).await;
    assert_eq!((held.status, held.note.as_deref()), (Status::Paused, Some("bad_message")));
    w.owner().hears_ever(&format!("dvorik broadcast cancel {id}")).await;
    let told = w.texts("SELECT error FROM deliveries WHERE state = 'failed'").len();
    for done in [
        acts(&w.db(), move |tx| broadcast::resume(tx, id, &by())).map(drop),
        acts(&w.db(), move |tx| broadcast::edit(tx, id, &draft("Иначе"), &by())).map(drop),
    ] {
        assert!(matches!(done, Err(Error::Refused(_))), "{done:?}");
    }
    assert_eq!(counted(&w, id).failed, told as i64);
    acts(&w.db(), move |tx| broadcast::cancel(tx, id, &by())).unwrap();
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_confirmation_a_changed_text_and_an_empty_audience_are_refused_by_name() {
    let w = World::closed().await;
    crowd(&w, 30);
    let code = |result: Result<_, Error>| match result.map(|_: broadcast::Broadcast| ()) {
        Err(Error::Refused(refusal)) => refusal.code(),
        other => panic!("{other:?}"),
    };
    let db = w.db();
    let made = acts(&db, |tx| {
        let made = broadcast::create(tx, &draft("Первый"), &by())?;
        let token = broadcast::estimate(tx, &made.draft)?.token;
        Ok((made, token))
    });
    let (made, token) = made.unwrap();
    let id = made.id;
    let tries = |token: &str| {
        let token = token.to_owned();
        code(acts(&db, move |tx| broadcast::send(tx, id, &token, &by())))
    };
    assert_eq!(tries(""), "BROADCAST_CONFIRMATION_STALE");
    assert_eq!(tries("30.99999999999999.00"), "BROADCAST_CONFIRMATION_STALE");
    acts(&db, move |tx| broadcast::edit(tx, id, &draft("Другой"), &by())).unwrap();
    assert_eq!(tries(&token), "BROADCAST_CONFIRMATION_STALE", "the text is another one");
    acts(&db, move |tx| broadcast::edit(tx, id, &draft("Первый"), &by())).unwrap();
    crowd_grows(&w, 15);
    let again = block_in_place(|| db.read(|view| broadcast::look_again(view, &broadcast::get(view, id)?, &token)));
    assert_eq!(
        code(again.map(|()| made.clone())),
        "BROADCAST_CONFIRMATION_STALE",
        "45 people are more than 30 and a little"
    );
    w.change("UPDATE users SET bot_blocked_at = '2026-11-01T00:00:00Z'");
    let token = acts(&db, move |tx| Ok(broadcast::estimate(tx, &draft("Первый"))?.token)).unwrap();
    assert_eq!(tries(&token), "BROADCAST_AUDIENCE_EMPTY");
    let past = acts(&db, move |tx| {
        let at = Some(tx.now().plus(-60));
        broadcast::schedule(tx, id, at, &token, &by())
    });
    assert_eq!(code(past), "VALIDATION_ERROR");
}

fn crowd_grows(w: &World, by: i64) {
    acts(&w.db(), move |tx| {
            tx.change(
                "INSERT INTO users (telegram_id, is_test, name_norm, source, source_normalized, created_at, created_day, last_activity_at)
                 SELECT telegram_id + 100000, 0, '', 'direct', 'direct', created_at, created_day, last_activity_at FROM users LIMIT ?1",
                [by],
            )?;
            Ok(())
        })
        .unwrap();
}
