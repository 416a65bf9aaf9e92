//! The counter's use-cases straight on the database: a clock moved by hand, no runtime, no Telegram.

use std::sync::{Arc, Barrier};

use dvorik::actor::Actor;
use dvorik::campaign;
use dvorik::clock::{Clock, Timestamp, Zone};
use dvorik::db::{self, Database, Failure};
use dvorik::discount::code::DiscountCode;
use dvorik::discount::template::{self, Event, Recurrence, TemplateDraft};
use dvorik::discount::{self, CardId, Checked, Discount, IssueRequest, Issued, Redeemer, Redemption, SourceKind};
use dvorik::error::{Error, Refusal, Result};
use dvorik::ids::{CashierId, TelegramId};
use dvorik::realm::Realm;
use dvorik::staff::{self, Owner};
use dvorik::user::{Person, User, UserStatus};
use dvorik::{settings, texts};
use tempfile::TempDir;

use crate::{given, harness};

const OWNER: TelegramId = TelegramId(900);
/// 13:00 in the shop.
const NOON: &str = "2026-11-22T03:00:00Z";
const DAY: i64 = 86_400;

/// A shop at an instant.
pub struct Shop {
    _dir: TempDir,
    pub db: Database,
    pub clock: Clock,
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

impl Shop {
    pub fn open() -> Self {
        Self::open_at(NOON)
    }

    pub fn open_at(now: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("shop.db");
        db::migrate(&path).unwrap();
        let clock = Clock::manual(at(now));
        let db = Database::open(&path, Zone::parse("Asia/Vladivostok").unwrap(), clock.clone()).unwrap();
        db.write(texts::seed).unwrap();
        db.write(|tx| staff::ensure_first_owner(tx, OWNER)).unwrap();
        db.write(|tx| dvorik::shop::adopt_config(tx, tx.zone(), "RUB", "Дворик")).unwrap();
        Self { _dir: dir, db, clock }
    }

    pub fn passes(&self, seconds: i64) {
        self.clock.advance_ms(seconds * 1000);
    }

    pub fn is_at(&self, when: &str) {
        self.clock.advance_ms(at(when).millis().0 - self.clock.now_ms().0);
    }

    pub fn sql(&self, sql: &str) {
        let sql = sql.to_owned();
        self.db.write(move |tx| tx.change(&sql, []).map(drop)).unwrap_or_else(|e: Failure| panic!("{e}"));
    }

    pub fn count(&self, sql: &str) -> i64 {
        harness::count(&self.db, sql)
    }

    pub fn customer(&self, id: i64) -> User {
        self.customer_in(Realm::Real, id)
    }

    pub fn customer_in(&self, realm: Realm, id: i64) -> User {
        let person = person(id, "Анна");
        self.db.write(move |tx| campaign::arrive(tx, realm, &person, None)).unwrap().user
    }

    pub fn cashier(&self, id: i64) -> Redeemer {
        Redeemer::Cashier(self.cashier_in(Realm::Real, id))
    }

    fn cashier_in(&self, realm: Realm, id: i64) -> CashierId {
        let person = person(id, &format!("Касса {id}"));
        let approve = move |tx: &db::Tx<'_>| {
            staff::ask(tx, realm, &person)?;
            let asked = staff::find_cashier(tx, realm, TelegramId(id))?.unwrap();
            staff::approve(tx, asked.id, None, &Owner::of_telegram(tx, OWNER)?)
        };
        self.db.write(approve).unwrap().after.id
    }

    /// A template whose codes last a day, so that recurrence and not a live code answers.
    fn template(&self, name: &str, event: Event, recurrence: Option<Recurrence>) {
        let name = name.to_owned();
        given::writes(&self.db, move |tx| {
            let manual = template::get_by_ref(tx, "manual_10")?.draft();
            let (title, reminders) = (name.clone(), Vec::new());
            let draft = TemplateDraft { title, duration_days: 1, event, recurrence, reminders, ..manual };
            template::create(tx, &name, &draft, &given::by())
        });
    }

    fn issue(&self, user: &User, template: &str) -> Result<Issued> {
        issue(&self.db, user, template)
    }

    fn refused_until(&self, user: &User, template: &str) -> Option<Timestamp> {
        match self.issue(user, template) {
            Err(Error::Refused(Refusal::RecurrenceNotReached { next })) => next,
            other => panic!("not refused as too early: {other:?}"),
        }
    }

    /// A code that any number of can be had.
    pub fn code(&self, user: &User) -> Discount {
        self.issue(user, "manual_10").unwrap().discount().clone()
    }

    /// So many codes in one customer's hand.
    pub fn codes(&self, user: &User, count: usize) -> Vec<DiscountCode> {
        let mut codes = Vec::with_capacity(count);
        while codes.len() < count {
            let (user, more) = (user.clone(), (count - codes.len()).min(1000));
            let some = self.db.write_bulk(move |tx| {
                let template = template::get_by_ref(tx, "manual_10")?;
                let (source, by) = ((SourceKind::Manual, None), Actor::Job("test"));
                let order = IssueRequest { user: &user, template: &template, source, by: &by };
                (0..more).map(|_| Ok(discount::issue(tx, &order)?.discount().code.clone())).collect::<Result<Vec<_>>>()
            });
            codes.extend(some.unwrap());
        }
        codes
    }

    fn check(&self, by: &Redeemer, typed: &str) -> Checked {
        self.check_said(by, typed, self.clock.now())
    }

    fn check_said(&self, by: &Redeemer, typed: &str, said: Timestamp) -> Checked {
        let (by, typed) = (by.clone(), typed.to_owned());
        self.db.write(move |tx| discount::check(tx, &by, Realm::Real, &typed, Some(said))).unwrap()
    }

    fn card(&self, by: &Redeemer, code: &Discount) -> CardId {
        match self.check(by, code.code.as_str()) {
            Checked::Card(card) => card.id,
            Checked::Refused(refusal, _) => panic!("no card: {refusal:?}"),
        }
    }

    fn press(&self, by: &Redeemer, card: &CardId) -> Option<Redemption> {
        let (by, card) = (by.clone(), card.clone());
        self.db.write(move |tx| discount::redeem_card(tx, &by, Realm::Real, &card)).unwrap()
    }

    pub fn redeem(&self, by: &Redeemer, typed: &str) -> Redemption {
        redeem(&self.db, by, typed)
    }

    /// What became of every attempt, oldest first.
    fn attempts(&self) -> Vec<String> {
        harness::texts(&self.db, "SELECT status FROM discount_usage_logs ORDER BY id")
    }
}

fn person(id: i64, name: &str) -> Person {
    Person { id: TelegramId(id), username: None, first_name: Some(name.to_owned()), last_name: None }
}

fn issue(db: &Database, user: &User, name: &str) -> Result<Issued> {
    let (user, name) = (user.clone(), name.to_owned());
    db.write(move |tx| {
        let template = template::get_by_ref(tx, &name)?;
        let by = Actor::Job("test");
        discount::issue(
            tx,
            &IssueRequest { user: &user, template: &template, source: (SourceKind::Manual, None), by: &by },
        )
    })
}

pub fn redeem(db: &Database, by: &Redeemer, typed: &str) -> Redemption {
    let (by, typed) = (by.clone(), typed.to_owned());
    db.write(move |tx| discount::redeem_code(tx, &by, Realm::Real, &typed, None)).unwrap()
}

/// The code of a refusal; what was not refused has none.
pub fn why(redemption: &Redemption) -> Option<&'static str> {
    match redemption {
        Redemption::Refused(refusal, _) => Some(refusal.code()),
        Redemption::Done(_) | Redemption::Repeated(_) => None,
    }
}

fn why_not(checked: &Checked) -> Option<&'static str> {
    match checked {
        Checked::Refused(refusal, _) => Some(refusal.code()),
        Checked::Card(_) => None,
    }
}

/// Runs `act` on 64 threads that start in the same instant.
pub fn sixty_four<T: Send>(act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let gate = Barrier::new(64);
    let (gate, act) = (&gate, &act);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|n| {
                scope.spawn(move || {
                    gate.wait();
                    act(n)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn a_code_cannot_be_redeemed_twice() {
    let shop = Shop::open();
    let (first, second) = (shop.cashier(1), shop.cashier(2));
    let code = shop.code(&shop.customer(10));
    assert!(matches!(shop.redeem(&first, code.code.as_str()), Redemption::Done(_)));
    shop.passes(61);
    for (by, by_you) in [(&second, false), (&first, true), (&Redeemer::Actor(Actor::Cli("root".into())), false)] {
        let Redemption::Refused(refusal, _) = shop.redeem(by, code.code.as_str()) else { panic!("redeemed twice") };
        assert_eq!(refusal, Refusal::CodeAlreadyUsed { at: at(NOON), by_you });
    }
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 1);
    assert_eq!(shop.attempts(), ["success", "already_used", "already_used", "already_used"]);
}

#[test]
fn of_sixty_four_cashiers_at_once_one_redeems_and_every_attempt_is_logged() {
    let shop = Shop::open();
    let cashiers: Vec<Redeemer> = (1..=64).map(|id| shop.cashier(id)).collect();
    let codes = harness::number("DVORIK_TEST_CODES").unwrap_or(8);
    for id in 0..codes {
        let code = shop.code(&shop.customer(100 + i64::try_from(id).unwrap()));
        let outcomes = sixty_four(|n| redeem(&shop.db, &cashiers[n], code.code.as_str()));
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Redemption::Done(_))).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| why(outcome) == Some("CODE_ALREADY_USED")).count(), 63);
    }
    let codes = i64::try_from(codes).unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), codes);
    assert_eq!(shop.count("SELECT count(*) FROM discount_usage_logs WHERE status = 'success'"), codes);
    assert_eq!(shop.count("SELECT count(*) FROM discount_usage_logs WHERE status = 'already_used'"), 63 * codes);
    assert_eq!(shop.count("SELECT count(*) FROM discount_usage_logs"), 64 * codes);
    assert_eq!(shop.count("SELECT count(DISTINCT cashier_id) FROM discount_usage_logs"), 64);
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE bot = 'customer'"), codes, "a customer is told once");
}

#[test]
fn of_sixty_four_cards_of_one_code_pressed_at_once_one_redeems() {
    let shop = Shop::open();
    let cashiers: Vec<Redeemer> = (1..=64).map(|id| shop.cashier(id)).collect();
    let code = shop.code(&shop.customer(100));
    let cards: Vec<CardId> = cashiers.iter().map(|by| shop.card(by, &code)).collect();
    let outcomes = sixty_four(|n| shop.press(&cashiers[n], &cards[n]).unwrap());
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Redemption::Done(_))).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| why(outcome) == Some("CODE_ALREADY_USED")).count(), 63);
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 1);
    assert_eq!(shop.count("SELECT count(*) FROM cards WHERE redemption_id IS NOT NULL"), 1);
}

#[test]
fn checks_are_made_in_the_order_of_the_specification() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    let user = shop.customer(10);
    let code = shop.code(&user);
    let typed = code.code.as_str();
    shop.sql("UPDATE discounts SET redeemed_at = '2026-11-22T03:00:00Z', revoked_at = '2026-11-22T03:00:00Z'");
    given::has_status(&shop.db, 10, UserStatus::Blocked);
    let Redeemer::Cashier(cashier) = by else { panic!("{by:?}") };
    given::suspends(&shop.db, cashier);
    shop.passes(30 * DAY);
    let unknown = "ЯЯЯ0000";
    // Everything is wrong with this code; one obstacle after another is taken away.
    assert_eq!(why_not(&shop.check(&by, unknown)), Some("CASHIER_NOT_ACTIVE"));
    given::approves(&shop.db, cashier);
    assert_eq!(why_not(&shop.check(&by, unknown)), Some("CODE_NOT_FOUND"));
    assert_eq!(why_not(&shop.check(&by, typed)), Some("CUSTOMER_BLOCKED"));
    given::has_status(&shop.db, 10, UserStatus::Active);
    assert_eq!(why_not(&shop.check(&by, typed)), Some("CODE_REVOKED"));
    shop.sql("UPDATE discounts SET revoked_at = NULL");
    assert_eq!(why_not(&shop.check(&by, typed)), Some("CODE_ALREADY_USED"));
    shop.sql("UPDATE discounts SET redeemed_at = NULL");
    assert_eq!(why_not(&shop.check(&by, typed)), Some("CODE_EXPIRED"));
    let statuses = ["cashier_not_active", "not_found", "customer_blocked", "revoked", "already_used", "expired"];
    assert_eq!(shop.attempts(), statuses);
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 0);
}

#[test]
fn the_same_cashier_within_a_minute_gets_the_same_redemption() {
    let shop = Shop::open();
    let (by, other) = (shop.cashier(1), shop.cashier(2));
    let code = shop.code(&shop.customer(10));
    let Redemption::Done(done) = shop.redeem(&by, code.code.as_str()) else { panic!() };
    shop.passes(59);
    let Redemption::Repeated(again) = shop.redeem(&by, code.code.as_str()) else { panic!() };
    assert_eq!((again.id, again.at), (done.id, done.at));
    assert_eq!(why(&shop.redeem(&other, code.code.as_str())), Some("CODE_ALREADY_USED"));
    shop.passes(1);
    assert_eq!(why(&shop.redeem(&by, code.code.as_str())), Some("CODE_ALREADY_USED"));
    assert_eq!(shop.attempts(), ["success", "repeated", "already_used", "already_used"]);
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE bot = 'customer'"), 1);
}

#[test]
fn a_card_pressed_again_answers_with_the_same_redemption_however_late() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    let code = shop.code(&shop.customer(10));
    let card = shop.card(&by, &code);
    let Some(Redemption::Done(done)) = shop.press(&by, &card) else { panic!() };
    shop.passes(30 * DAY);
    let Some(Redemption::Repeated(again)) = shop.press(&by, &card) else { panic!() };
    assert_eq!((again.id, again.at), (done.id, done.at));
    assert_eq!(shop.attempts(), ["checked", "success", "repeated"]);
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 1);
}

#[test]
fn somebody_elses_card_or_a_forged_one_is_refused_and_logged() {
    let shop = Shop::open();
    let (by, thief) = (shop.cashier(1), shop.cashier(2));
    let code = shop.code(&shop.customer(10));
    let card = shop.card(&by, &code);
    let forged = CardId::parse("0123456789abcdef").unwrap();
    for card in [&card, &forged] {
        assert_eq!(shop.press(&thief, card).as_ref().and_then(why), Some("CODE_NOT_FOUND"));
    }
    assert_eq!(shop.attempts(), ["checked", "not_found", "not_found"]);
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 0);
    assert!(matches!(shop.press(&by, &card), Some(Redemption::Done(_))), "its own cashier still may");
}

#[test]
fn an_old_card_must_be_checked_again() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    let code = shop.code(&shop.customer(10));
    let card = shop.card(&by, &code);
    shop.passes(10 * 60);
    assert_eq!(shop.press(&by, &card), None);
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 0);
    assert!(matches!(shop.press(&by, &shop.card(&by, &code)), Some(Redemption::Done(_))));
}

#[test]
fn the_card_of_an_undone_redemption_redeems_no_more() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    let code = shop.code(&shop.customer(10));
    let card = shop.card(&by, &code);
    assert!(matches!(shop.press(&by, &card), Some(Redemption::Done(_))));
    let (who, pressed) = (by.clone(), card.clone());
    shop.db.write(move |tx| discount::undo_card(tx, &who, &pressed)).unwrap();
    // Younger than ten minutes all the same: the press that came late must not spend what was given back.
    assert_eq!(shop.press(&by, &card), None);
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 1);
    assert!(matches!(shop.press(&by, &shop.card(&by, &code)), Some(Redemption::Done(_))), "a new card does");
}

#[test]
fn a_code_is_judged_by_when_it_was_sent_for_ten_minutes() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    let code = shop.code(&shop.customer(10));
    // Sent ten seconds before midnight, handled five minutes after it.
    let said = code.expires_at.plus(-10);
    shop.is_at(&code.expires_at.plus(300).to_string());
    let Checked::Card(card) = shop.check_said(&by, code.code.as_str(), said) else { panic!() };
    assert_eq!(why_not(&shop.check(&by, code.code.as_str())), Some("CODE_EXPIRED"), "sent now it is too late");
    shop.passes(599);
    assert!(matches!(shop.press(&by, &card.id), Some(Redemption::Done(_))));
}

#[test]
fn a_messages_time_is_believed_for_a_day_and_never_ahead() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    let code = shop.code(&shop.customer(10));
    shop.is_at(&code.expires_at.plus(DAY - 1).to_string());
    assert_eq!(why_not(&shop.check_said(&by, code.code.as_str(), at(NOON))), None);
    shop.passes(1);
    assert_eq!(why_not(&shop.check_said(&by, code.code.as_str(), at(NOON))), Some("CODE_EXPIRED"));
    let fresh = shop.code(&shop.customer(11));
    assert_eq!(why_not(&shop.check_said(&by, fresh.code.as_str(), fresh.expires_at.plus(DAY))), None);
}

#[test]
fn sixty_unknown_codes_lock_a_script_out_for_ten_minutes_and_no_other() {
    let shop = Shop::open();
    let script = |name: &str| Redeemer::Actor(Actor::Token(name.into()));
    let (by, other, owner) = (script("till"), script("till-2"), Redeemer::Actor(Actor::Cli("test".into())));
    let code = shop.code(&shop.customer(10));
    let typed = code.code.as_str();
    for _ in 0..59 {
        assert_eq!(why_not(&shop.check(&by, "ЯЯЯ0000")), Some("CODE_NOT_FOUND"));
        assert_eq!(why_not(&shop.check(&owner, "ЯЯЯ0000")), Some("CODE_NOT_FOUND"));
    }
    assert_eq!(why_not(&shop.check(&by, typed)), None, "a busy till");
    assert_eq!(why(&shop.redeem(&by, "ЯЯЯ0001")), Some("CODE_NOT_FOUND"));
    assert_eq!(why_not(&shop.check(&owner, "ЯЯЯ0000")), Some("CODE_NOT_FOUND"));
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE dedupe_key LIKE '%notice_lockout%token:till:%'"), 1);
    shop.passes(599);
    assert_eq!(why_not(&shop.check(&by, typed)), Some("CASHIER_LOCKED"));
    assert_eq!(why(&shop.redeem(&by, typed)), Some("CASHIER_LOCKED"));
    assert_eq!(why_not(&shop.check(&other, typed)), None);
    assert_eq!(why_not(&shop.check(&owner, typed)), None);
    shop.passes(1);
    assert_eq!(why_not(&shop.check(&by, typed)), None);
}

#[test]
fn five_unknown_codes_lock_a_cashier_out_for_ten_minutes() {
    let shop = Shop::open();
    let (by, other) = (shop.cashier(1), shop.cashier(2));
    let code = shop.code(&shop.customer(10));
    let typed = code.code.as_str();
    for _ in 0..4 {
        assert_eq!(why_not(&shop.check(&by, "ЯЯЯ0000")), Some("CODE_NOT_FOUND"));
    }
    assert_eq!(why_not(&shop.check(&by, typed)), None, "four are no guessing");
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE dedupe_key LIKE '%notice_lockout%'"), 0);
    assert_eq!(why(&shop.redeem(&by, "ЯЯЯ0001")), Some("CODE_NOT_FOUND"));
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE dedupe_key LIKE '%notice_lockout%'"), 1);

    shop.passes(599);
    let Checked::Refused(refusal, _) = shop.check(&by, typed) else { panic!("not locked out") };
    assert_eq!(refusal, Refusal::CashierLocked { until: at(NOON).plus(600) });
    assert_eq!(why_not(&shop.check(&other, typed)), None, "the other cashier works on");
    shop.passes(1);
    assert_eq!(why(&shop.redeem(&by, typed)), None);
    assert_eq!(shop.attempts().iter().filter(|status| *status == "locked_out").count(), 1);
    // One more miss after the pause is one, not a sixth.
    assert_eq!(why_not(&shop.check(&by, "ЯЯЯ0002")), Some("CODE_NOT_FOUND"));
    assert_eq!(why_not(&shop.check(&by, "ЯЯЯ0002")), Some("CODE_NOT_FOUND"));
}

#[test]
fn five_unknown_codes_over_a_long_time_lock_nobody_out() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    for _ in 0..20 {
        assert_eq!(why_not(&shop.check(&by, "ЯЯЯ0000")), Some("CODE_NOT_FOUND"));
        shop.passes(150);
    }
}

#[test]
fn codes_that_waited_for_a_daemon_and_come_all_at_once_lock_nobody_out() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    for minutes in [58, 46, 34, 22, 10] {
        let said = shop.clock.now().plus(-minutes * 60);
        assert_eq!(why_not(&shop.check_said(&by, "ЯЯЯ0000", said)), Some("CODE_NOT_FOUND"));
    }
    assert_eq!(why_not(&shop.check(&by, "ЯЯЯ0000")), Some("CODE_NOT_FOUND"), "typed over an hour, judged in a second");
}

#[test]
fn a_reader_that_panics_gives_its_connection_back() {
    let shop = Shop::open();
    for _ in 0..10 {
        let reading = || shop.db.read(|_| -> Result<()> { panic!("a bug") });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(reading)).is_err());
    }
    let (tell, told) = std::sync::mpsc::channel();
    let db = shop.db.clone();
    let reader = std::thread::spawn(move || tell.send(harness::count(&db, "SELECT 1")));
    assert_eq!(told.recv_timeout(harness::PATIENCE), Ok(1), "no connection is left to read with");
    reader.join().unwrap().unwrap();
}

#[test]
fn days_count_from_the_last_code_to_the_second() {
    let shop = Shop::open();
    let user = shop.customer(10);
    shop.template("d30", Event::Manual, Some(Recurrence::Days(30)));
    shop.issue(&user, "d30").unwrap();
    shop.passes(2 * DAY);
    let next = at(NOON).plus(30 * DAY);
    assert_eq!(shop.refused_until(&user, "d30"), Some(next));
    shop.is_at(&next.plus(-1).to_string());
    assert_eq!(shop.refused_until(&user, "d30"), Some(next));
    shop.passes(1);
    assert!(matches!(shop.issue(&user, "d30"), Ok(Issued::New(_))));
    assert_eq!(shop.count("SELECT count(*) FROM discounts"), 2);
}

#[test]
fn a_month_ends_on_the_months_last_day() {
    // 31 January, 13:00 in the shop.
    let shop = Shop::open_at("2027-01-31T03:00:00Z");
    let user = shop.customer(10);
    shop.template("m", Event::Manual, Some(Recurrence::Monthly));
    shop.issue(&user, "m").unwrap();
    shop.passes(3 * DAY);
    assert_eq!(shop.refused_until(&user, "m"), Some(at("2027-02-28T03:00:00Z")));
    shop.is_at("2027-02-28T03:00:00Z");
    assert!(matches!(shop.issue(&user, "m"), Ok(Issued::New(_))));
    shop.passes(3 * DAY);
    assert_eq!(shop.refused_until(&user, "m"), Some(at("2027-03-28T03:00:00Z")), "counted from the last code");
}

#[test]
fn a_year_after_the_29th_of_february_is_the_28th() {
    let shop = Shop::open_at("2028-02-29T03:00:00Z");
    let user = shop.customer(10);
    shop.template("y", Event::Manual, Some(Recurrence::Yearly));
    shop.issue(&user, "y").unwrap();
    shop.passes(3 * DAY);
    assert_eq!(shop.refused_until(&user, "y"), Some(at("2029-02-28T03:00:00Z")));
    shop.is_at("2029-02-28T03:00:00Z");
    assert!(matches!(shop.issue(&user, "y"), Ok(Issued::New(_))));
}

#[test]
fn without_recurrence_gifts_come_once_ever_and_the_rest_as_often_as_wanted() {
    let shop = Shop::open();
    let user = shop.customer(10);
    for event in [Event::Manual, Event::Campaign, Event::Reminder, Event::Winback] {
        let name = event.as_str();
        shop.template(name, event, None);
        for _ in 0..3 {
            assert!(matches!(shop.issue(&user, name), Ok(Issued::New(_))), "{name}");
        }
    }
    for event in [Event::Subscription, Event::Birthday] {
        let name = format!("once_{}", event.as_str());
        shop.template(&name, event, None);
        assert!(matches!(shop.issue(&user, &name), Ok(Issued::New(_))));
        assert!(matches!(shop.issue(&user, &name), Ok(Issued::Live(_))), "{name}");
    }
    shop.passes(1000 * DAY);
    assert_eq!(shop.refused_until(&user, "once_subscription"), None);
    assert_eq!(shop.refused_until(&user, "once_birthday"), None);
}

#[test]
fn a_live_code_is_answered_again_and_a_revoked_one_does_not_count() {
    let shop = Shop::open();
    let user = shop.customer(10);
    let Ok(Issued::New(first)) = shop.issue(&user, "subscription") else { panic!() };
    shop.passes(6 * DAY);
    let Ok(Issued::Live(again)) = shop.issue(&user, "subscription") else { panic!() };
    assert_eq!(again.code, first.code);
    shop.sql("UPDATE discounts SET revoked_at = '2026-11-28T03:00:00Z'");
    let Ok(Issued::New(second)) = shop.issue(&user, "subscription") else { panic!() };
    assert_ne!(second.code, first.code);
    assert!(matches!(shop.redeem(&shop.cashier(1), second.code.as_str()), Redemption::Done(_)));
    assert_eq!(shop.refused_until(&user, "subscription"), Some(second.created_at.plus(30 * DAY)), "used is not live");
}

#[test]
fn sixty_four_presses_at_once_make_one_code() {
    let shop = Shop::open();
    let user = shop.customer(10);
    let issued = sixty_four(|_| issue(&shop.db, &user, "subscription").unwrap());
    assert_eq!(issued.iter().filter(|issued| matches!(issued, Issued::New(_))).count(), 1);
    let first = issued[0].discount();
    assert!(issued.iter().all(|issued| issued.discount().code == first.code));
    assert_eq!(shop.count("SELECT count(*) FROM discounts"), 1);
}

#[test]
fn a_test_code_is_unknown_in_the_real_world_and_the_other_way_round() {
    let shop = Shop::open();
    let real = shop.cashier(1);
    let test = Redeemer::Cashier(shop.cashier_in(Realm::Test, 1));
    let code = shop.code(&shop.customer_in(Realm::Test, 10));
    let own = shop.code(&shop.customer(10));
    assert_eq!(why(&shop.redeem(&real, code.code.as_str())), Some("CODE_NOT_FOUND"));
    assert_eq!(why(&shop.redeem(&test, own.code.as_str())), Some("CASHIER_NOT_ACTIVE"), "a test cashier is none here");
    let typed = code.code.as_str().to_owned();
    let there = shop.db.write(move |tx| discount::redeem_code(tx, &test, Realm::Test, &typed, None)).unwrap();
    assert!(matches!(there, Redemption::Done(_)));
    assert_eq!(shop.count("SELECT count(*) FROM redemptions WHERE is_test = 0"), 0);
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE bot = 'customer'"), 0);
    assert_eq!(shop.count("SELECT count(*) FROM outbox WHERE bot = 'customer_test'"), 1);
}

#[test]
fn a_blocked_customer_gets_no_code_and_uses_none() {
    let shop = Shop::open();
    let code = shop.code(&shop.customer(10));
    given::has_status(&shop.db, 10, UserStatus::Blocked);
    let blocked = shop.customer(10);
    assert!(matches!(shop.issue(&blocked, "manual_10"), Err(Error::Refused(Refusal::UserBlocked))));
    assert_eq!(why(&shop.redeem(&shop.cashier(1), code.code.as_str())), Some("CUSTOMER_BLOCKED"));
    assert_eq!(shop.attempts(), ["customer_blocked"]);
    assert_eq!(shop.count("SELECT count(*) FROM discounts"), 1);
}

#[test]
fn an_edited_template_changes_no_code_in_a_customers_hand() {
    let shop = Shop::open();
    let user = shop.customer(10);
    let code = shop.code(&user);
    shop.sql(
        "UPDATE discount_templates SET value = 9900, value_type = 'fixed', duration_days = 1, usage_type = 'shared'",
    );
    let Checked::Card(card) = shop.check(&shop.cashier(1), code.code.as_str()) else { panic!() };
    let found = card.discount;
    assert_eq!((found.value, found.usage, found.expires_at), (code.value, code.usage, code.expires_at));
    assert_ne!(shop.code(&user).value, code.value);
}

#[test]
fn a_shared_code_is_redeemed_until_it_expires_each_time_a_row() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    shop.sql("UPDATE discount_templates SET usage_type = 'shared' WHERE name = 'manual_10'");
    let code = shop.code(&shop.customer(10));
    for _ in 0..3 {
        assert!(matches!(shop.redeem(&by, code.code.as_str()), Redemption::Done(_)));
    }
    shop.is_at(&code.expires_at.to_string());
    assert_eq!(why(&shop.redeem(&by, code.code.as_str())), Some("CODE_EXPIRED"));
    assert_eq!(shop.count("SELECT count(*) FROM redemptions WHERE is_single = 0"), 3);
}

#[test]
fn a_redemption_keeps_the_shops_day_and_hour() {
    // 23:30 on the 22nd in the shop, still the 22nd; half an hour later the 23rd.
    let shop = Shop::open_at("2026-11-22T13:30:00Z");
    let by = shop.cashier(1);
    let user = shop.customer(10);
    shop.redeem(&by, shop.code(&user).code.as_str());
    shop.passes(1800);
    shop.redeem(&by, shop.code(&user).code.as_str());
    let days = harness::texts(&shop.db, "SELECT day || ' ' || hour FROM redemptions ORDER BY id");
    assert_eq!(days, ["2026-11-22 23", "2026-11-23 0"]);
}

#[test]
fn typing_is_read_with_prefix_look_alikes_and_the_wrong_layout() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    let user = shop.customer(10);
    let set = |tx: &db::Tx<'_>| settings::set(tx, &settings::CODE_PREFIX, "МД-", &Actor::Cli("root".into()));
    shop.db.write(set).unwrap();
    let code = shop.code(&user);
    shop.sql(&format!("UPDATE discounts SET code = 'АВС0340' WHERE id = {}", code.id));
    for typed in ["авс0340", "ABC0340", "МД-АВС0340", "mд авс-0340", "ABCО3Ч0", "fdc0340"] {
        assert_eq!(why_not(&shop.check(&by, typed)), None, "{typed}");
    }
}

#[test]
fn a_wrong_layout_that_may_mean_two_live_codes_means_none() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    for (id, code) in [(10, "ФВС0340"), (11, "АИС0340")] {
        let issued = shop.code(&shop.customer(id));
        shop.sql(&format!("UPDATE discounts SET code = '{code}' WHERE id = {}", issued.id));
    }
    assert_eq!(why_not(&shop.check(&by, "ABC0340")), Some("CODE_NOT_FOUND"));
    // One of them is dead: the other is meant.
    shop.sql("UPDATE discounts SET revoked_at = created_at WHERE code = 'АИС0340'");
    let Checked::Card(card) = shop.check(&by, "ABC0340") else { panic!() };
    assert_eq!(card.discount.code.as_str(), "ФВС0340");
}

#[test]
fn what_is_typed_is_kept_but_never_more_than_it_may_be() {
    let shop = Shop::open();
    let by = shop.cashier(1);
    shop.redeem(&by, &"Я".repeat(10_000));
    assert_eq!(shop.count("SELECT max(length(code_typed)) FROM discount_usage_logs"), 64);
    let too_long = "UPDATE discount_usage_logs SET message = printf('%.513c', 'x')";
    let refused = shop.db.write(move |tx| tx.change(too_long, []));
    assert!(matches!(refused, Err(Failure::Internal(_))), "the table itself refuses a longer message");
}

#[test]
fn every_attempt_names_who_made_it() {
    let shop = Shop::open();
    let code = shop.code(&shop.customer(10));
    shop.redeem(&shop.cashier(1), "ЯЯЯ0000");
    shop.redeem(&Redeemer::Actor(Actor::Cli("root".into())), code.code.as_str());
    let who = harness::texts(
        &shop.db,
        "SELECT coalesce('cashier:' || cashier_id, actor) FROM discount_usage_logs ORDER BY id",
    );
    assert_eq!(who, ["cashier:1", "cli:root"]);
    assert_eq!(harness::texts(&shop.db, "SELECT actor FROM redemptions"), ["cli:root"]);
}

#[test]
fn two_processes_redeem_a_code_once() {
    let shop = Shop::open();
    let by = [shop.cashier(1), shop.cashier(2)];
    let zone = Zone::parse("Asia/Vladivostok").unwrap();
    let other = Database::open(shop.db.path(), zone, shop.clock.clone()).unwrap();
    let dbs = Arc::new([shop.db.clone(), other]);
    let user = shop.customer(10);
    for _ in 0..20 {
        let code = shop.code(&user);
        let outcomes = sixty_four(|n| redeem(&dbs[n % 2], &by[n / 32], code.code.as_str()));
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Redemption::Done(_))).count(), 1);
    }
    assert_eq!(shop.count("SELECT count(*) FROM redemptions"), 20);
    assert_eq!(shop.count("SELECT count(*) FROM discount_usage_logs"), 20 * 64);
}
