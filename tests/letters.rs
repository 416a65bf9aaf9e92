//! What becomes of messages to one person, straight on the database with a clock moved by hand: which passes which, how
//! long each is tried again, what admins hear. The calls are pretended.

use dvorik::actor::Actor;
use dvorik::db::Slice;
use dvorik::ids::TelegramId;
use dvorik::outbox::{self, Claimed, Lane, Letter, LetterFate, LetterId, Payload, Queue};
use dvorik::queue_stats;
use dvorik::realm::{BotName, Realm};
use dvorik::telegram::client::Keyboard;
use dvorik::telegram::reply::Class;
use dvorik::undelivered::{self, LetterFilter, LetterOrder, LetterState, Retried};

use crate::counter::Shop;
use crate::harness::texts;

const SENT: Class = Class::Sent { message_id: Some(7) };
const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

impl Shop {
    fn writes(&self, letter: Letter) {
        self.db.write(move |tx| outbox::enqueue(tx, &letter)).unwrap();
    }

    /// An answer of these words to chat 10.
    fn answers(&self, words: &str) {
        self.writes(Letter::reply(BotName::Customer, TelegramId(10), Payload::text(words.into(), Keyboard::None)));
    }

    fn notifies(&self, words: &str) {
        self.writes(Letter::automatic(BotName::Customer, TelegramId(10), words.into(), Keyboard::None));
    }

    /// New words for message 5 of chat 10.
    fn edits(&self, words: &str) {
        let (html, keyboard, key) = (words.into(), Keyboard::None, Some("discount_used_cashier".into()));
        let edit = Payload::Edit { message_id: 5, html, keyboard, key };
        self.writes(Letter::reply(BotName::Customer, TelegramId(10), edit));
    }

    fn claims(&self, lane: Lane) -> Vec<Claimed> {
        self.db.write(move |tx| outbox::claim(tx, &Queue::of(BotName::Customer, lane), 10)).unwrap()
    }

    fn claims_one(&self, lane: Lane) -> Claimed {
        let mut claimed = self.claims(lane);
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        claimed.remove(0)
    }

    fn hears(&self, letter: &Claimed, class: Class, words: &'static str) {
        let letter = letter.clone();
        self.db.write(move |tx| undelivered::settle(tx, &letter, &class, Some(words))).unwrap();
    }

    fn states(&self) -> Vec<String> {
        texts(&self.db, "SELECT state || coalesce(' ' || class, '') FROM outbox WHERE bot = 'customer' ORDER BY id")
    }

    fn notices(&self) -> i64 {
        self.count("SELECT count(*) FROM outbox WHERE bot = 'staff' AND text_key LIKE 'notice_letter%'")
    }
}

fn words(letter: &Claimed) -> &str {
    match &letter.payload {
        Payload::Text { html, .. } | Payload::Edit { html, .. } => html,
        _ => "",
    }
}

#[test]
fn later_answers_pass_one_that_waits_after_a_doubtful_try_and_no_other() {
    let shop = Shop::open();
    for answer in ["первый", "второй", "третий"] {
        shop.answers(answer);
    }
    let first = shop.claims_one(Lane::Reply);
    assert!(shop.claims(Lane::Reply).is_empty(), "in order while the first is under way");
    for not_taken in [Class::NotConnected, Class::RetryAfter(1)] {
        shop.hears(&first, not_taken, "not taken");
        assert_eq!(words(&shop.claims_one(Lane::Reply)), "первый", "what was not taken keeps its place");
    }
    shop.hears(&first, Class::Unknown, "502");
    let second = shop.claims_one(Lane::Reply);
    assert_eq!(words(&second), "второй");
    shop.passes(5);
    assert_eq!(words(&shop.claims_one(Lane::Reply)), "первый", "its time has come, whatever else is under way");
    shop.hears(&second, SENT, "");
    shop.hears(&first, SENT, "");
    assert_eq!(words(&shop.claims_one(Lane::Reply)), "третий");
    assert_eq!(texts(&shop.db, "SELECT attempt || ' ' || doubts FROM outbox ORDER BY id"), ["2 1", "1 0", "1 0"]);
}

#[test]
fn each_kind_is_tried_for_its_own_time_and_then_given_up_in_public() {
    for (kind, lane, limit, tries) in [
        ("answer", Lane::Reply, 15 * MINUTE, 6),
        ("notice", Lane::Automatic, 24 * HOUR, 29),
        ("edit", Lane::Reply, 48 * HOUR, 53),
    ] {
        let shop = Shop::open();
        match kind {
            "answer" => shop.answers("Помощь"),
            "notice" => shop.notifies("Ваш код использован"),
            _ => shop.edits("Погашено"),
        }
        let (began, mut tried) = (shop.clock.now(), 0);
        while shop.states() == ["queued"] || shop.states() == ["queued unknown"] {
            let wait = shop.count("SELECT not_before_ms FROM outbox WHERE bot = 'customer'") - shop.clock.now_ms().0;
            if wait > 0 {
                shop.clock.advance_ms(wait - 1);
                assert!(shop.claims(lane).is_empty(), "before its time");
                shop.clock.advance_ms(1);
            }
            shop.hears(&shop.claims_one(lane), Class::Unknown, "502 Bad Gateway");
            tried += 1;
        }
        assert_eq!((shop.states(), tried), (vec!["unknown unknown".to_owned()], tries));
        assert_eq!(shop.clock.now().0 - began.0, limit);
        let counts = shop.db.read(|view| undelivered::counts(view, BotName::Customer)).unwrap();
        assert_eq!((counts.given_up, counts.refused, shop.notices()), (1, 0, 1));
    }
}

#[test]
fn time_in_which_no_probe_is_answered_does_not_count() {
    let shop = Shop::open();
    shop.answers("Помощь");
    shop.hears(&shop.claims_one(Lane::Reply), Class::Unknown, "502");
    shop.passes(10 * MINUTE);
    let since = shop.clock.now_ms();
    shop.db.write(move |tx| outbox::outage_began(tx, BotName::Customer, since)).unwrap();
    shop.passes(3 * HOUR);
    // A call that began before the silence ends in it.
    shop.hears(&shop.claims_one(Lane::Reply), Class::Unknown, "no answer in time");
    assert_eq!(shop.states(), ["queued unknown"]);
    shop.passes(HOUR);
    shop.db.write(|tx| outbox::outage_over(tx, BotName::Customer)).unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM outages"), 0);
    shop.passes(4 * MINUTE);
    shop.hears(&shop.claims_one(Lane::Reply), Class::Unknown, "502");
    assert_eq!(shop.states(), ["queued unknown"], "fourteen minutes count");
    shop.passes(MINUTE);
    shop.hears(&shop.claims_one(Lane::Reply), Class::Unknown, "502");
    assert_eq!(shop.states(), ["unknown unknown"], "fifteen do");
}

#[test]
fn a_crash_in_the_middle_of_a_call_is_a_doubtful_try_however_often_it_happens() {
    let shop = Shop::open();
    shop.notifies("Ваш код использован");
    for crashes in 1..=4 {
        shop.claims_one(Lane::Automatic);
        assert_eq!(shop.db.write(undelivered::recover).unwrap(), 1);
        assert_eq!(shop.count("SELECT doubts FROM outbox"), crashes);
        shop.passes(10 * MINUTE);
    }
    shop.hears(&shop.claims_one(Lane::Automatic), SENT, "");
    assert_eq!(shop.states(), ["sent sent"]);
}

#[test]
fn a_newer_edit_takes_the_place_of_an_older_one_that_waits() {
    let shop = Shop::open();
    shop.edits("старое");
    shop.hears(&shop.claims_one(Lane::Reply), Class::Unknown, "502");
    shop.edits("новое");
    let newer = shop.claims_one(Lane::Reply);
    assert_eq!(words(&newer), "новое");
    shop.passes(HOUR);
    assert!(shop.claims(Lane::Reply).is_empty(), "the older one is never sent again");
    shop.hears(&newer, SENT, "");
    assert_eq!(shop.states(), ["failed replaced", "sent sent"]);
    assert_eq!((shop.notices(), retry(&shop, 1)), (0, Retried::ContentGone));
}

#[test]
fn an_older_edit_that_comes_back_doubtful_after_a_newer_one_is_not_tried_again() {
    let shop = Shop::open();
    shop.edits("старое");
    let older = shop.claims_one(Lane::Reply);
    shop.edits("новое");
    assert!(shop.claims(Lane::Reply).is_empty(), "two edits of one message are never under way at once");
    shop.hears(&older, Class::Unknown, "no answer in time");
    assert_eq!(words(&shop.claims_one(Lane::Reply)), "новое");
    shop.passes(48 * HOUR);
    assert!(shop.claims(Lane::Reply).is_empty());
    assert_eq!(shop.states(), ["failed replaced", "sending"]);
}

#[test]
fn an_edit_of_a_message_that_is_gone_is_said_in_a_new_one() {
    for gone in [
        "Bad Request: message to edit not found",
        "Bad Request: message can't be edited",
        "Bad Request: MESSAGE_ID_INVALID",
        "Bad Request: there is no text in the message to edit",
    ] {
        let shop = Shop::open();
        shop.edits("Погашено");
        shop.hears(&shop.claims_one(Lane::Reply), Class::Rejected, gone);
        let anew = shop.claims_one(Lane::Reply);
        assert!(matches!(&anew.payload, Payload::Text { html, .. } if html == "Погашено"), "{anew:?}");
        // A message is no edit: the same words about it are final.
        shop.hears(&anew, Class::Rejected, gone);
        assert_eq!((shop.states(), shop.notices()), (vec!["failed rejected".to_owned()], 1));
    }
}

#[test]
fn a_refused_text_is_told_once_an_hour_by_its_key_and_counted() {
    let shop = Shop::open();
    let refuse = |key: &str, class: Class| {
        let payload = Payload::text("<b>".into(), Keyboard::None).of_text(key);
        shop.writes(Letter::reply(BotName::Customer, TelegramId(10), payload));
        shop.hears(&shop.claims_one(Lane::Reply), class, "Bad Request: can't parse entities");
    };
    for _ in 0..3 {
        refuse("help", Class::BadMessage);
    }
    refuse("welcome", Class::BadMedia);
    refuse("welcome", Class::Rejected);
    assert_eq!(shop.notices(), 2, "one for each text");
    let told = texts(&shop.db, "SELECT payload FROM outbox WHERE bot = 'staff' AND text_key = 'notice_letter_refused'");
    assert!(told[0].contains("«help»") && told[0].contains("can't parse entities"), "{told:?}");
    refuse("help", Class::Blocked);
    let counts = shop.db.read(|view| undelivered::counts(view, BotName::Customer)).unwrap();
    assert_eq!((counts.given_up, counts.refused), (0, 5), "somebody who has blocked the bot is no fault of a text");
    shop.passes(HOUR - 1);
    shop.db.write(undelivered::tidy).unwrap();
    assert_eq!(shop.notices(), 2);
    shop.passes(1);
    shop.db.write(undelivered::tidy).unwrap();
    let last = texts(&shop.db, "SELECT payload FROM outbox WHERE bot = 'staff' ORDER BY id DESC LIMIT 2").join(" ");
    assert!(shop.notices() == 4 && last.contains("с прошлого уведомления: 2"), "{last}");
    shop.db.write(undelivered::tidy).unwrap();
    assert_eq!(shop.notices(), 4, "and not again");
}

fn retry(shop: &Shop, id: i64) -> Retried {
    shop.db.write(move |tx| undelivered::retry(tx, LetterId(id), &Actor::Cli("test".into()))).unwrap()
}

#[test]
fn what_did_not_arrive_is_listed_and_sent_again_for_a_week() {
    let shop = Shop::open();
    let anna = shop.customer(10);
    for words in ["первое", "второе", "третье", "четвёртое"] {
        shop.notifies(words);
    }
    let lane = Lane::Automatic;
    shop.hears(&shop.claims_one(lane), Class::BadMessage, "Bad Request");
    shop.hears(&shop.claims_one(lane), Class::Blocked, "Forbidden");
    shop.hears(&shop.claims_one(lane), SENT, "");
    shop.sql("UPDATE outbox SET doubts = 1, doubted_ms = 0 WHERE id = 4");
    shop.hears(&shop.claims_one(lane), Class::Unknown, "502");
    let list = |state: Option<LetterState>| {
        let filter = LetterFilter { state, since: None, until: None, order: LetterOrder::Oldest };
        let slice = Slice { limit: 10, offset: 0 };
        shop.db.read(|view| undelivered::list(view, Realm::Real, &filter, slice)).unwrap().0
    };
    let of_customer: Vec<_> = list(None).into_iter().filter(|letter| letter.bot == BotName::Customer).collect();
    let seen: Vec<_> = of_customer.iter().map(|letter| (letter.state, letter.is_retriable, letter.user)).collect();
    let anna = Some(anna.id);
    let expected =
        [(LetterState::Failed, true, anna), (LetterState::Failed, false, anna), (LetterState::Unknown, true, anna)];
    assert_eq!(seen, expected);
    let [refused, blocked, given_up] = [0, 1, 2].map(|at| of_customer[at].id.0);
    assert_eq!(list(Some(LetterState::Sent)).len(), 1);
    assert_eq!(retry(&shop, 999), Retried::Missing);
    assert_eq!(retry(&shop, blocked), Retried::ContentGone);
    assert_eq!(retry(&shop, given_up), Retried::Queued);
    assert_eq!(retry(&shop, given_up), Retried::NotFailed(LetterState::Queued));
    let again = shop.claims_one(lane);
    assert_eq!(words(&again), "четвёртое");
    shop.hears(&again, Class::Unknown, "502");
    assert!(shop.claims(lane).is_empty(), "it has its whole time again, and its pauses");
    shop.passes(5);
    shop.hears(&shop.claims_one(lane), SENT, "");
    shop.passes(7 * 24 * HOUR + 1);
    shop.db.write(undelivered::tidy).unwrap();
    assert_eq!(retry(&shop, refused), Retried::ContentGone);
    let counts = shop.db.read(|view| undelivered::counts(view, BotName::Customer)).unwrap();
    assert_eq!(counts, undelivered::Counts::default());
    assert_eq!(shop.count("SELECT count(*) FROM audit_log WHERE action = 'retry_letter'"), 1);
}

#[test]
fn a_queue_tells_how_many_letters_are_due_and_when_the_next_one_is() {
    let shop = Shop::open();
    let queue = Queue::of(BotName::Customer, Lane::Automatic);
    let due = |queue: &Queue, limit| shop.db.read(|view| outbox::count_due(view, queue, limit)).unwrap();
    let next = |queue: &Queue| shop.db.read(|view| outbox::next_due(view, queue)).unwrap();
    assert_eq!((due(&queue, 10), next(&queue)), (0, None));
    let now = shop.clock.now_ms().0;
    for chat in [10, 11, 12] {
        shop.writes(Letter::automatic(BotName::Customer, TelegramId(chat), "привет".into(), Keyboard::None));
    }
    // Another letter to somebody who waits for one already is not the head of their letters.
    shop.notifies("ещё");
    assert_eq!((due(&queue, 10), due(&queue, 2), next(&queue)), (3, 2, Some(now)));
    let resting = Queue { resting: vec![TelegramId(10), TelegramId(12)], ..queue.clone() };
    assert_eq!(due(&resting, 10), 1);
    assert_eq!(shop.db.write(move |tx| outbox::claim(tx, &resting, 10)).unwrap()[0].chat, TelegramId(11));
    let claimed = shop.claims(Lane::Automatic);
    assert_eq!((claimed.len(), due(&queue, 10), next(&queue)), (2, 0, None));
    shop.hears(&claimed[0], Class::Unknown, "502");
    assert_eq!((due(&queue, 10), next(&queue)), (1, Some(now)), "the letter behind the doubtful one may pass it");
    shop.sql("UPDATE outbox SET not_before_ms = not_before_ms + 60000 WHERE id = 4");
    assert_eq!((due(&queue, 10), next(&queue)), (0, Some(now + 5000)));
}

#[test]
fn a_letter_that_was_claimed_and_not_called_is_put_back_uncounted() {
    let shop = Shop::open();
    shop.notifies("привет");
    for _ in 0..2 {
        let letter = shop.claims_one(Lane::Automatic);
        assert_eq!(letter.attempt, 1);
        shop.db.write(move |tx| outbox::release(tx, &letter)).unwrap();
    }
    assert_eq!(texts(&shop.db, "SELECT state || ' ' || attempt || ' ' || doubts FROM outbox"), ["queued 0 0"]);
}

#[test]
fn the_fate_of_a_letter_is_known_by_its_key() {
    let shop = Shop::open();
    let fate = || shop.db.read(|view| outbox::fate(view, "upload:1")).unwrap();
    assert_eq!(fate(), None);
    for (class, settled) in [(SENT, LetterFate::Sent), (Class::BadMedia, LetterFate::Failed)] {
        let letter = Letter::automatic(BotName::Customer, TelegramId(10), "привет".into(), Keyboard::None);
        shop.writes(Letter { dedupe_key: Some("upload:1".into()), ..letter });
        assert_eq!(fate(), Some(LetterFate::Waits));
        let letter = shop.claims_one(Lane::Automatic);
        assert_eq!(fate(), Some(LetterFate::Waits), "under way");
        shop.hears(&letter, class, "");
        assert_eq!(fate(), Some(settled));
        shop.sql("DELETE FROM outbox");
    }
    shop.notifies("без ключа");
    shop.db.write(|tx| outbox::hold_waiting(tx, "restored")).unwrap();
    assert_eq!(fate(), None);
    let letter = Letter::automatic(BotName::Customer, TelegramId(10), "привет".into(), Keyboard::None);
    shop.writes(Letter { dedupe_key: Some("upload:1".into()), ..letter });
    assert_eq!(shop.db.write(|tx| outbox::hold_waiting(tx, "restored")).unwrap(), 1);
    assert_eq!(fate(), Some(LetterFate::Failed), "nobody knows");
}

#[test]
fn settled_letters_are_forgotten_when_attempts_are() {
    let shop = Shop::open();
    for words in ["первое", "второе", "третье"] {
        shop.notifies(words);
    }
    shop.hears(&shop.claims_one(Lane::Automatic), SENT, "");
    shop.hears(&shop.claims_one(Lane::Automatic), SENT, "");
    let forgets = || shop.db.write(outbox::forget_old).unwrap();
    let days = shop.db.read(|view| dvorik::settings::LOG_RETENTION_DAYS.int(view)).unwrap();
    shop.passes(days * 24 * HOUR);
    assert_eq!(forgets(), 0);
    shop.clock.advance_ms(1);
    assert_eq!(forgets(), 2);
    assert_eq!(shop.states(), ["queued"]);
    assert_eq!(forgets(), 0);
}

/// `/readyz` believes a queue that drains; an answer to a person that stands still is not hidden by reminders that arrive.
#[test]
fn a_queue_drains_while_letters_of_the_oldest_ones_lane_arrive() {
    let shop = Shop::open();
    let looks = || shop.db.read(|view| queue_stats::of(view, BotName::Customer)).unwrap();
    for words in ["первое", "второе", "третье"] {
        shop.notifies(words);
    }
    assert!(!looks().is_draining);
    shop.passes(10 * MINUTE);
    shop.hears(&shop.claims_one(Lane::Automatic), SENT, "");
    let seen = looks();
    assert_eq!((seen.letters, seen.oldest_letter_ms, seen.is_draining), (2, 10 * MINUTE * 1000, true));
    shop.passes(2 * MINUTE);
    assert!(!looks().is_draining, "two minutes ago");

    let shop = Shop::open();
    let looks = || shop.db.read(|view| queue_stats::of(view, BotName::Customer)).unwrap();
    shop.answers("Помощь");
    shop.passes(MINUTE);
    shop.notifies("первое");
    shop.passes(9 * MINUTE);
    shop.hears(&shop.claims_one(Lane::Automatic), SENT, "");
    assert!(!looks().is_draining, "nothing of the answer's lane has arrived");
    shop.hears(&shop.claims_one(Lane::Reply), SENT, "");
    assert_eq!((looks().letters, looks().is_draining), (0, false), "nothing waits");
}
