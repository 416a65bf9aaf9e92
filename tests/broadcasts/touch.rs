//! Which broadcast a redemption is the doing of, straight on the database: the sender's turns without Telegram, a clock
//! moved by hand. And what needs a segment.

use dvorik::actor::Actor;
use dvorik::broadcast::{self, Amendment, Audience, Batch, BroadcastId, Draft, Reply, Settled};
use dvorik::db::Database;
use dvorik::discount::{self, Redeemer, Redemption};
use dvorik::error::Error;
use dvorik::ids::UserId;
use dvorik::realm::Realm;
use dvorik::segment::{self, Filter};
use dvorik::telegram::reply::Class;

use super::{by, draft};
use crate::counter::Shop;

const DAY: i64 = 86_400;

/// Who is written to, one by one.
fn to(people: &[UserId]) -> Draft {
    Draft { audience: Audience::People(people.to_vec()), ..draft("Новинки") }
}

/// Sends as the sender does; Telegram answers everybody with `class`.
fn sends(shop: &Shop, draft: Draft, class: Class) -> BroadcastId {
    delivers(&shop.db, draft, |_| class)
}

/// The sender's turns without Telegram, whose answer to each recipient is `class`.
pub fn delivers(db: &Database, draft: Draft, class: impl Fn(UserId) -> Class) -> BroadcastId {
    let realm = draft.realm;
    let id = super::sends(db, draft);
    let turn = |turn: Batch| db.write(move |tx| broadcast::tick(tx, realm, &turn)).unwrap().messages;
    turn(Batch::default());
    let freeze = move |tx: &dvorik::db::Tx<'_>| {
        broadcast::enter(tx, id, &broadcast::left_to_enter(tx, id)?)?;
        broadcast::frozen(tx, id)
    };
    db.write(freeze).unwrap();
    let claimed = turn(Batch { most: 100, ..Batch::default() });
    let answered = claimed.into_iter().map(|message| {
        let answer = Reply { class: class(message.claimed.user), code: None, words: String::new() };
        Settled { claimed: message.claimed, answer: Some(answer) }
    });
    turn(Batch { settled: answered.collect(), ..Batch::default() });
    id
}

fn delivered() -> Class {
    Class::Sent { message_id: Some(7) }
}

/// The broadcast of the last redemption.
fn touched(shop: &Shop) -> Option<BroadcastId> {
    let sql = "SELECT broadcast_id FROM redemptions ORDER BY id DESC LIMIT 1";
    shop.db.read(|view| view.get(sql, [], |row| row.get(0))).unwrap_or_else(|e: dvorik::db::Failure| panic!("{e}"))
}

/// Anna's own code, redeemed now.
fn comes(shop: &Shop, user: &dvorik::user::User) -> Option<BroadcastId> {
    let cashier = shop.cashier(1);
    let code = shop.code(user).code;
    assert!(matches!(shop.redeem(&cashier, code.as_str()), Redemption::Done(_)));
    touched(shop)
}

#[test]
fn a_redemption_belongs_to_the_last_broadcast_delivered_to_this_person() {
    let shop = Shop::open();
    let (anna, boris) = (shop.customer(10), shop.customer(11));
    assert_eq!(comes(&shop, &anna), None);
    let first = sends(&shop, to(&[anna.id, boris.id]), delivered());
    assert_eq!(comes(&shop, &anna), Some(first));
    shop.passes(DAY);
    let second = sends(&shop, to(&[anna.id]), delivered());
    assert_eq!(comes(&shop, &anna), Some(second), "the last touch");
    assert_eq!(comes(&shop, &boris), Some(first), "the second was not for him");
    shop.passes(60);
    sends(&shop, to(&[anna.id]), Class::Blocked);
    assert_eq!(comes(&shop, &anna), Some(second), "what did not arrive brought nobody");
}

#[test]
fn a_message_is_remembered_for_seven_days_to_the_second() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let id = sends(&shop, to(&[anna.id]), delivered());
    shop.passes(7 * DAY);
    assert_eq!(comes(&shop, &anna), Some(id));
    shop.passes(1);
    assert_eq!(comes(&shop, &anna), None);
}

#[test]
fn a_recalled_message_brought_nobody() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let first = sends(&shop, to(&[anna.id]), delivered());
    let second = sends(&shop, to(&[anna.id]), delivered());
    let recall = move |tx: &dvorik::db::Tx<'_>| {
        broadcast::begin_amendment(tx, second, &Amendment::Recall, &by())?;
        broadcast::mark_for_amendment(tx, second, &Amendment::Recall, UserId(0))?;
        for errand in broadcast::pending_edits(tx, Realm::Real, 10)? {
            broadcast::settle_edit(tx, &errand, Class::Sent { message_id: None }, "")?;
        }
        Ok::<_, Error>(())
    };
    shop.db.write(recall).unwrap();
    assert_eq!(comes(&shop, &anna), Some(first));
}

#[test]
fn a_code_belongs_to_the_broadcast_that_issued_it_whatever_came_later() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let template = shop.db.read(|view| discount::template::get_by_ref(view, "manual_10")).unwrap().id;
    let mut with_code = to(&[anna.id]);
    with_code.message.body = "Ваш код {{discount_code}}".into();
    with_code.message.template = Some(template);
    let issuer = sends(&shop, with_code, delivered());
    sends(&shop, to(&[anna.id]), delivered());
    let code = crate::harness::texts(&shop.db, "SELECT code FROM discounts").remove(0);
    let cashier = shop.cashier(1);
    assert!(matches!(shop.redeem(&cashier, &code), Redemption::Done(_)));
    assert_eq!(touched(&shop), Some(issuer));
}

#[test]
fn a_code_redeemed_after_seven_days_is_its_broadcasts_but_not_within_seven_days_of_it() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let template = shop.db.read(|view| discount::template::get_by_ref(view, "manual_10")).unwrap().id;
    let mut with_code = to(&[anna.id]);
    with_code.message.body = "Ваш код {{discount_code}}".into();
    with_code.message.template = Some(template);
    let id = sends(&shop, with_code, delivered());
    let code = crate::harness::texts(&shop.db, "SELECT code FROM discounts").remove(0);
    let figures = |shop: &Shop| {
        let report = shop.db.read(|view| broadcast::report(view, id)).unwrap();
        (report.issued, report.redeemed, report.redeemed_by_code, report.redeemed_within_7_days)
    };
    assert_eq!(figures(&shop), (1, 0, 0, 0));
    shop.passes(7 * DAY + 1);
    let cashier = shop.cashier(1);
    let Redemption::Done(done) = shop.redeem(&cashier, &code) else { panic!("not redeemed") };
    assert_eq!(figures(&shop), (1, 1, 1, 0));
    let shell = Redeemer::Actor(by());
    shop.db.write(move |tx| discount::undo_code(tx, &shell, done.discount.id, None)).unwrap();
    assert_eq!(figures(&shop), (1, 0, 0, 0), "what was taken back does not count");
}

#[test]
fn the_test_world_keeps_its_broadcasts_to_itself() {
    let shop = Shop::open();
    let (anna, test) = (shop.customer(10), shop.customer_in(Realm::Test, 10));
    let id = sends(&shop, Draft { realm: Realm::Test, ..to(&[test.id]) }, delivered());
    assert_eq!(comes(&shop, &anna), None);
    assert_eq!(shop.count(&format!("SELECT count(*) FROM deliveries WHERE broadcast_id = {id} AND state = 'sent'")), 1);
}

#[test]
fn a_redemption_taken_back_keeps_its_broadcast_and_the_next_one_is_judged_anew() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let id = sends(&shop, to(&[anna.id]), delivered());
    let cashier = shop.cashier(1);
    let code = shop.code(&anna).code;
    let Redemption::Done(done) = shop.redeem(&cashier, code.as_str()) else { panic!("not redeemed") };
    let shell = Redeemer::Actor(by());
    shop.db.write(move |tx| discount::undo_code(tx, &shell, done.discount.id, None)).unwrap();
    assert_eq!(touched(&shop), Some(id));
    shop.passes(7 * DAY - 60);
    assert!(matches!(shop.redeem(&cashier, code.as_str()), Redemption::Done(_)));
    assert_eq!(touched(&shop), Some(id));
}

#[test]
fn a_segment_is_kept_while_a_broadcast_needs_it_and_leaves_its_filter_behind() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    let admin = Actor::Cli("test".into());
    let new = segment::SegmentDraft { name: "Все свои".into(), filter: Filter::everybody(), in_bot_menu: false };
    let made = shop.db.write(move |tx| segment::create(tx, &new, &admin)).unwrap();
    let to_segment = Draft { title: "Ярмарка".into(), audience: Audience::Segment(made.id), ..to(&[anna.id]) };
    let waiting = to_segment.clone();
    let waiting = shop.db.write(move |tx| broadcast::create(tx, &waiting, &by())).unwrap().id;
    let over = sends(&shop, to_segment, delivered());
    let refused = shop.db.write(move |tx| broadcast::delete_segment(tx, made.id, &by())).unwrap_err();
    let Error::Refused(dvorik::error::Refusal::SegmentInUse { uses, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(uses, ["Ярмарка"], "the draft alone: the other is over");
    shop.db.write(move |tx| broadcast::cancel(tx, waiting, &by())).unwrap();
    shop.db.write(move |tx| broadcast::delete_segment(tx, made.id, &by())).unwrap();
    let after = shop.db.read(|view| broadcast::get(view, over)).unwrap();
    assert_eq!(after.draft.audience, Audience::Fitting(Filter::everybody()));
}

#[test]
fn a_filter_of_the_other_world_is_refused_whoever_is_to_be_written_to() {
    let shop = Shop::open();
    for (realm, json) in [(Realm::Real, r#"{"is_test":true}"#), (Realm::Test, r#"{"is_test":false}"#)] {
        let filter = Filter::parse(json).unwrap();
        let new =
            segment::SegmentDraft { name: format!("Чужие {json}"), filter: filter.clone(), in_bot_menu: true };
        let segment = shop.db.write(move |tx| segment::create(tx, &new, &by())).unwrap().id;
        for audience in [Audience::Fitting(filter), Audience::Segment(segment)] {
            let other = Draft { realm, audience, ..draft("Новинки") };
            let refused = shop.db.write(move |tx| broadcast::create(tx, &other, &by())).unwrap_err();
            let Error::Refused(refusal) = refused else { panic!("{refused:?}") };
            assert_eq!(refusal.code(), "SEGMENT_INVALID", "{json}");
        }
    }
    let own = Draft {
        audience: Audience::Fitting(Filter::parse(r#"{"is_test":false}"#).unwrap()), ..draft("Новинки")
    };
    shop.db.write(move |tx| broadcast::create(tx, &own, &by())).unwrap();
}
