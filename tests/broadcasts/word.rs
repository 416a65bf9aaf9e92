//! An admin's word is for one text and one crowd: what may happen to either before the last message, and what is asked
//! then. No daemon runs; the turns are taken here.

use dvorik::broadcast::{
    self, Amendment, Audience, Batch, Broadcast, BroadcastId, PauseReason, Reply, Settled, Status,
};
use dvorik::db::Database;
use dvorik::error::{Error, Result};
use dvorik::ids::UserId;
use dvorik::realm::Realm;
use dvorik::segment::Filter;
use dvorik::telegram::reply::Class;
use tokio::task::block_in_place;

use super::{acts, by, counted, crowd, draft, sends};
use crate::harness::World;

fn of(db: &Database, id: BroadcastId) -> Broadcast {
    block_in_place(|| db.read(|view| broadcast::get(view, id))).unwrap()
}

/// Begins what is due and enters the whole audience.
fn freezes(db: &Database, id: BroadcastId) {
    enters(db, id, usize::MAX);
    acts(db, move |tx| broadcast::frozen(tx, id)).unwrap();
}

/// Begins what is due and enters some of the audience.
fn enters(db: &Database, id: BroadcastId, some: usize) {
    acts(db, |tx| broadcast::tick(tx, Realm::Real, &Batch::default())).unwrap();
    acts(db, move |tx| {
        while !broadcast::clear_for(tx, id)? {}
        let left: Vec<UserId> = broadcast::left_to_enter(tx, id)?.into_iter().take(some).collect();
        broadcast::enter(tx, id, &left)
    })
    .unwrap();
}

/// One turn that claims `most` and has them answered at once.
fn sends_some(db: &Database, most: i64, class: Class) {
    let result = acts(db, move |tx| broadcast::tick(tx, Realm::Real, &Batch { most, ..Batch::default() })).unwrap();
    let answer = move || Some(Reply { class, code: None, words: String::new() });
    let settled =
        result.messages.into_iter().map(|message| Settled { claimed: message.claimed, answer: answer() }).collect();
    acts(db, move |tx| broadcast::tick(tx, Realm::Real, &Batch { settled, ..Batch::default() })).unwrap();
}

fn resumes(db: &Database, id: BroadcastId) -> Result<Broadcast> {
    acts(db, move |tx| broadcast::resume(tx, id, &by()))
}

fn is_stale(result: &Result<Broadcast>) -> bool {
    matches!(result, Err(Error::Refused(refusal)) if refusal.code() == "BROADCAST_CONFIRMATION_STALE")
}

fn to(filter: &str) -> broadcast::Draft {
    broadcast::Draft { audience: Audience::Fitting(Filter::parse(filter).unwrap()), ..draft("Ярмарка") }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_frozen_what_is_asked_for_is_what_is_left_whoever_fits_now() {
    let w = World::closed().await;
    crowd(&w, 60);
    w.change("UPDATE users SET gender = 'female'");
    let id = sends(&w.db(), to(r#"{"gender":"female"}"#));
    freezes(&w.db(), id);
    sends_some(&w.db(), 4, Class::Sent { message_id: Some(1) });
    acts(&w.db(), move |tx| broadcast::pause(tx, id, &by())).unwrap();
    w.change("UPDATE users SET gender = 'male' WHERE id % 10 > 0");
    let asked =
        block_in_place(|| w.db().read(|view| broadcast::estimate_of(view, &broadcast::get(view, id)?))).unwrap();
    assert_eq!(asked.reach.reachable, 56);
    // A word for fewer people than are left is no word for them.
    let fewer =
        block_in_place(|| w.db().read(|view| broadcast::estimate(view, &broadcast::get(view, id)?.draft))).unwrap();
    assert_eq!(fewer.reach.reachable, 6);
    assert!(is_stale(&acts(&w.db(), move |tx| broadcast::send(tx, id, &fewer.token, &by()))));
    assert_eq!(resumes(&w.db(), id).unwrap().status, Status::Scheduled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_no_word_for_those_who_still_wait() {
    let w = World::closed().await;
    crowd(&w, 20);
    let id = sends(&w.db(), draft("В субботу"));
    freezes(&w.db(), id);
    sends_some(&w.db(), 5, Class::Sent { message_id: Some(1) });
    acts(&w.db(), move |tx| broadcast::pause(tx, id, &by())).unwrap();
    acts(&w.db(), move |tx| broadcast::begin_amendment(tx, id, &Amendment::Correct("В воскресенье".into()), &by()))
        .unwrap();
    assert!(is_stale(&resumes(&w.db(), id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_recall_is_not_turned_into_a_correction() {
    let w = World::closed().await;
    crowd(&w, 6);
    let id = sends(&w.db(), draft("В субботу"));
    freezes(&w.db(), id);
    sends_some(&w.db(), 6, Class::Sent { message_id: Some(1) });
    assert_eq!(of(&w.db(), id).status, Status::Sent);
    let marks =
        |wish: Amendment| acts(&w.db(), move |tx| broadcast::mark_for_amendment(tx, id, &wish, UserId(0))).unwrap().0;
    assert_eq!(marks(Amendment::Recall), 6);
    assert_eq!(marks(Amendment::Correct("x".into())), 0);
    assert_eq!(w.count("SELECT count(*) FROM deliveries WHERE wish = 'recall'"), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_entered_audience_is_not_mixed_with_another_one() {
    let w = World::closed().await;
    crowd(&w, 40);
    w.change("UPDATE users SET gender = iif(id % 2 = 0, 'male', 'female')");
    assert_eq!(w.ran(&["segment", "create", "Они", "--gender", "male"]).code, 0);
    let made = w.ran(&["broadcast", "create", "Ярмарка", "--text", "Ярмарка", "--segment", "Они", "-q"]);
    let id = BroadcastId(made.out.trim().parse().unwrap());
    let db = w.db();
    let lets_go = move |db: &Database| {
        acts(db, move |tx| {
            let token = broadcast::estimate_of(tx, &broadcast::get(tx, id)?)?.token;
            broadcast::send(tx, id, &token, &by())
        })
        .unwrap();
    };
    lets_go(&db);
    enters(&db, id, 7);
    assert_eq!(w.ran(&["segment", "edit", "Они", "--gender", "female"]).code, 0);
    enters(&db, id, usize::MAX);
    acts(&db, move |tx| broadcast::frozen(tx, id)).unwrap();
    let held = of(&db, id);
    assert_eq!(
        (held.status, held.pause_reason, held.note.as_deref()),
        (Status::Paused, Some(PauseReason::Late), Some("changed"))
    );
    assert!(is_stale(&resumes(&db, id)));
    let refused = w.ran(&["broadcast", "edit", &id.to_string(), "--text", "Другое", "--json"]);
    assert_eq!(refused.code, 5, "{}", refused.out);
    lets_go(&db);
    freezes(&db, id);
    assert_eq!(counted(&w, id).queued, 20);
    let wrong = "SELECT count(*) FROM deliveries d JOIN users u ON u.id = d.user_id WHERE u.gender <> 'female'";
    assert_eq!(w.count(wrong), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_shop_sends_nothing_again_by_itself() {
    let w = World::closed().await;
    crowd(&w, 20);
    let (id, later) = (sends(&w.db(), draft("Ярмарка")), sends(&w.db(), draft("Позже")));
    w.change("UPDATE broadcasts SET send_at = '2090-01-01T00:00:00Z' WHERE title = 'Проба' AND body = 'Позже'");
    freezes(&w.db(), id);
    sends_some(&w.db(), 5, Class::Sent { message_id: Some(1) });
    let backup = w.ran(&["backup", "--json"]);
    assert_eq!(backup.code, 0, "{}", backup.err);
    sends_some(&w.db(), 9, Class::Sent { message_id: Some(1) });
    assert_eq!(w.ran(&["backup", "restore", "last", "--yes"]).code, 0);
    let (held, waits) = (of(&w.db(), id), of(&w.db(), later));
    assert_eq!((held.note.as_deref(), waits.note.as_deref()), (Some("restored"), Some("restored")));
    assert_eq!((held.counts.sent, held.counts.unknown, held.counts.queued), (5, 15, 0));
    assert!(is_stale(&resumes(&w.db(), id)) && is_stale(&resumes(&w.db(), later)), "nobody's word stands");
    counted(&w, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_good_for_nothing_any_more_is_not_sent_again() {
    let w = World::closed().await;
    crowd(&w, 3);
    let mut with_code = draft("Код {{discount_code}}");
    with_code.message.template =
        Some(dvorik::ids::TemplateId(w.count("SELECT id FROM discount_templates WHERE name = 'manual_10'")));
    let id = sends(&w.db(), with_code);
    freezes(&w.db(), id);
    sends_some(&w.db(), 3, Class::Rejected);
    w.change("UPDATE discounts SET expires_at = created_at WHERE user_id = (SELECT min(id) FROM users)");
    acts(&w.db(), move |tx| broadcast::retry_failed(tx, id, &["rejected".into()], UserId(0), &by())).unwrap();
    sends_some(&w.db(), 3, Class::Sent { message_id: Some(1) });
    let codes = "SELECT count(*) FROM discounts";
    assert_eq!(w.count(codes), 4, "one anew, two as they were");
    let dead =
        "SELECT count(*) FROM deliveries v JOIN discounts d ON d.id = v.discount_id WHERE d.expires_at = d.created_at";
    assert_eq!(w.count(dead), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_worth_more_than_was_confirmed_is_asked_for_again() {
    let w = World::closed().await;
    crowd(&w, 3);
    let mut with_code = draft("Код {{discount_code}}");
    with_code.message.template =
        Some(dvorik::ids::TemplateId(w.count("SELECT id FROM discount_templates WHERE name = 'manual_10'")));
    let id = sends(&w.db(), with_code);
    assert_eq!(w.ran(&["template", "edit", "manual_10", "--value", "90%"]).code, 0);
    acts(&w.db(), |tx| broadcast::tick(tx, Realm::Real, &Batch::default())).unwrap();
    assert_eq!(of(&w.db(), id).note.as_deref(), Some("changed"));
}

/// What is asked many times a second must not read a settled million.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_found_by_its_own_index() {
    let w = World::closed().await;
    for (state, index) in [
        ("queued", "deliveries_queued"),
        ("sending", "deliveries_in_flight"),
        ("failed", "deliveries_failed"),
        ("unknown", "deliveries_unknown"),
    ] {
        let sql = format!("SELECT sql FROM sqlite_schema WHERE name = '{index}'");
        assert!(w.texts(&sql)[0].contains(&format!("WHERE state = '{state}'")), "{index}");
    }
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/broadcast/ledger.rs")).unwrap();
    for statement in ["NEXT", "ORPHANED", "FAILED", "UNKNOWN", "SKIP_CANCELED"] {
        let begun = source.split(&format!("const {statement}: &str")).nth(1).unwrap();
        assert!(begun.split("\";").next().unwrap().contains("INDEXED BY deliveries_"), "{statement}");
    }
}
