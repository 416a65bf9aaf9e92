//! The real binary, killed at random points of a broadcast. Telegram's ledger says who got it, and how often.
//! `DVORIK_TEST_KILLS` says how often it is killed (8), `DVORIK_TEST_RECIPIENTS` how many there are (1,500),
//! `DVORIK_TEST_SEED` repeats a run.

use builtin_telegram::Receipt;
use dvorik::broadcast::{BroadcastId, Status};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{CROWD, counted, crowd, draft, ended, hurries, is_up, readers, resends, sends};
use crate::harness::{PATIENCE, SHOP, World, number};

/// Calls under way at once: as many at most become unknown by one crash.
const SLOTS: i64 = 128;

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_points_a_broadcast_loses_nobody_and_repeats_nobody_by_itself() {
    let kills = number("DVORIK_TEST_KILLS").unwrap_or(8);
    let recipients = i64::try_from(number("DVORIK_TEST_RECIPIENTS").unwrap_or(1500)).unwrap();
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed} DVORIK_TEST_KILLS={kills} DVORIK_TEST_RECIPIENTS={recipients}");
    let mut rng = StdRng::seed_from_u64(seed);
    let mut w = World::closed().await;
    crowd(&w, recipients);
    hurries(&w);
    // A crash must find calls under way; a broadcast must not be over before the last crash.
    w.tg.set_latency(57);
    let id = sends(&w.db(), draft("Ярмарка"));
    let most = usize::try_from(recipients).unwrap() / 4 / usize::try_from(kills.max(1)).unwrap();
    let mut unknown = 0;
    for kill in 0..kills {
        let accepted = w.tg.receipts().iter().filter(|receipt| is_of_crowd(receipt)).count();
        let more = accepted + rng.random_range(1..=most.max(1));
        w.runs();
        // Telegram has accepted this call and answers only 57 ms later: the kill falls between the two.
        assert_eq!(w.tg.wait_count(is_of_crowd, more, PATIENCE).await, more, "{}", w.log());
        w.is_killed().await;
        assert!(counted(&w, id).sending > 0, "kill {kill} hit no call");
        unknown = every_call_is_accounted_for(&w, id, recipients, unknown);
    }
    w.runs();
    is_up(&w).await;
    let after = ended(&w, id).await;
    assert_eq!((after.status, w.terminates().await), (Status::Sent, Some(0)));
    let counts = counted(&w, id);
    assert_eq!((counts.total(), counts.queued, counts.sending), (recipients, 0, 0));
    let kills = i64::try_from(kills).unwrap();
    assert!((kills..=SLOTS * kills).contains(&counts.unknown), "{counts:?}");
    let before = readers(&w, "Ярмарка");
    assert!(before.values().all(|times| *times == 1), "nobody twice");
    println!("sent {} unknown {} of {recipients}, read by {}", counts.sent, counts.unknown, before.len());

    w.runs();
    assert_eq!(resends(&w.db(), id), counts.unknown);
    is_up(&w).await;
    ended(&w, id).await;
    assert_eq!(w.terminates().await, Some(0));
    let after = readers(&w, "Ярмарка");
    assert_eq!(i64::try_from(after.len()).unwrap(), recipients, "nobody is missing");
    assert_eq!(counted(&w, id).sent, recipients);
}

fn is_of_crowd(receipt: &Receipt) -> bool {
    receipt.bot.as_ref() == SHOP && receipt.chat_id >= Some(CROWD) && receipt.is_message()
}

/// Whoever Telegram has delivered to is sent or was in flight, and the other way round. Returns the unknown so far.
fn every_call_is_accounted_for(w: &World, id: BroadcastId, recipients: i64, before: i64) -> i64 {
    let counts = counted(w, id);
    let frozen = w.count("SELECT frozen FROM broadcasts");
    assert!(frozen == 0 || counts.total() == recipients, "{counts:?}");
    assert!(counts.unknown - before <= SLOTS && counts.sending <= SLOTS, "{counts:?}");
    let readers = readers(w, "Ярмарка");
    let state = "SELECT CAST(u.telegram_id AS TEXT) FROM deliveries d JOIN users u ON u.id = d.user_id WHERE d.state";
    let ids = |states: &str| -> Vec<i64> {
        w.texts(&format!("{state} {states}")).iter().map(|id| id.parse().unwrap()).collect()
    };
    for sent in ids("= 'sent'") {
        assert_eq!(readers.get(&sent), Some(&1), "{sent} was settled as sent");
    }
    for waiting in ids("= 'queued'") {
        assert_eq!(readers.get(&waiting), None, "{waiting} would get it again");
    }
    counts.unknown
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_leaves_nothing_unknown_and_goes_on_where_it_was() {
    let mut w = World::closed().await;
    crowd(&w, 600);
    hurries(&w);
    w.tg.set_latency(57);
    let id = sends(&w.db(), draft("Ярмарка"));
    for _ in 0..4 {
        w.runs();
        let some = w.tg.receipts().len() + 60;
        w.tg.wait_count(
            |receipt| receipt.bot.as_ref() == SHOP && receipt.chat_id >= Some(CROWD),
            some,
            crate::harness::PATIENCE,
        )
        .await;
        assert_eq!(w.terminates().await, Some(0));
        let counts = counted(&w, id);
        assert_eq!((counts.unknown, counts.sending, counts.failed), (0, 0, 0));
    }
    w.runs();
    is_up(&w).await;
    assert_eq!(ended(&w, id).await.status, Status::Sent);
    assert_eq!(counted(&w, id).sent, 600);
    assert!(readers(&w, "Ярмарка").values().all(|times| *times == 1));
    assert_eq!(w.terminates().await, Some(0));
}
