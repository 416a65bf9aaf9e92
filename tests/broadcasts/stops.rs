//! What a refusal of Telegram costs: one person where the message is at fault, two where nobody knows; and what else
//! takes calls while a broadcast is sent.

use std::sync::Arc;

use builtin_telegram::{Fault, Receipt};
use dvorik::broadcast::{Counts, PauseReason, Status};
use dvorik::clock::Clock;
use dvorik::jobs::{self, JobContext, Ran};
use dvorik::realm::BotName;
use dvorik::schedule::{Name, Trigger};
use dvorik::settings;
use dvorik::telegram::gate::Limits;
use dvorik::{daemon, sender};
use tokio::sync::watch;

use super::{CROWD, counted, crowd, draft, ended, hurries, sends};
use crate::harness::{SHOP, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_message_costs_one_person_and_an_unknown_refusal_two() {
    let w = World::open().await;
    crowd(&w, 40);
    hurries(&w);
    for (words, note, lost) in [
        ("can't use file of type Document as Photo", "bad_media", 1),
        ("MEDIA_CAPTION_TOO_LONG", "bad_message", 1),
        ("ENTITIES_TOO_LONG", "bad_message", 1),
        ("BUTTON_TYPE_INVALID", "bad_message", 1),
        ("SOMETHING_NOBODY_HAS_SEEN", "rejected", 2),
    ] {
        w.tg.fault(Fault::BadRequest(words.to_owned()).always().on_sends().for_bot(SHOP));
        let id = sends(&w.db(), draft(&format!("Ярмарка {lost}")));
        let held = ended(&w, id).await;
        assert_eq!((held.status, held.pause_reason), (Status::Paused, Some(PauseReason::StopRule)), "{words}");
        assert_eq!(held.note.as_deref(), Some(note), "{words}");
        assert_eq!(counted(&w, id), Counts { queued: 40 - lost, failed: lost, ..Counts::default() }, "{words}");
        w.tg.clear_faults();
    }
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_about_subscribers_takes_less_than_a_tenth_of_a_broadcasts_pace() {
    const PEOPLE: i64 = 150;
    let w = World::closed().await;
    crowd(&w, PEOPLE);
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "60000");
    w.change("UPDATE users SET is_subscribed = 1");
    let (db, clock) = (w.db(), Clock::System);
    let bot = daemon::make_bot(w.config(), BotName::Customer, w.config().bots.customer.token.as_ref().unwrap(), &clock);
    let bots = vec![(BotName::Customer, bot.unwrap())];
    bots[0].1.set_limits(Limits::default());
    let stop = watch::Sender::new(false);
    let mut sending = sender::start(&db, &bots, sender::drain::Load::Everything, &stop.subscribe());
    let id = sends(&db, draft("Ярмарка"));
    let kit = JobContext { config: Arc::new(w.config().clone()), db: db.clone(), bots: bots.clone() };
    let is_sent = |r: &Receipt| r.is_message() && r.chat_id.is_some_and(|chat| chat >= CROWD);
    w.tg.wait_count(is_sent, 10, crate::harness::PATIENCE).await;
    let night = jobs::run(&kit, Name::Subscriptions, Trigger::ByHand, stop.subscribe());
    let (held, ran) = tokio::join!(ended(&w, id), night);
    assert_eq!(held.status, Status::Sent);
    assert!(matches!(ran.unwrap(), Ran::Done(did) if did.count == usize::try_from(PEOPLE).unwrap()));
    let all = w.tg.receipts();
    let last = all.iter().filter(|r| is_sent(r)).map(|r| r.seq).max().unwrap();
    let asked = all.iter().filter(|r| r.seq < last && r.method == "getChatMember").count();
    assert!(asked > 0, "it goes on beside the broadcast");
    assert!(asked * 10 < PEOPLE as usize, "{asked} questions beside {PEOPLE} messages");
    stop.send_replace(true);
    while sending.join_next().await.is_some() {}
}
