//! The calls of broadcasts, second by second: what is kept of them, and for how long.

use dvorik::broadcast;
use dvorik::realm::BotName;
use tokio::task::block_in_place;

use super::{acts, crowd, draft, sends};
use crate::counter::Shop;
use crate::harness::World;

#[test]
fn seconds_that_no_limit_counts_any_more_are_forgotten_and_no_other() {
    let shop = Shop::open();
    let now = shop.clock.now_ms().0 / 1000;
    let paces = |bot: &str, second: i64, calls: i64| {
        shop.sql(&format!("INSERT INTO broadcast_pace (bot, second, calls) VALUES ('{bot}', {second}, {calls})"));
    };
    for (second, calls) in [(-3701, 1), (-3700, 2), (0, 3), (3700, 4), (3701, 5)] {
        paces("customer", now + second, calls);
    }
    paces("customer_test", now - 3701, 6);
    let paced = |bot| shop.db.read(|view| broadcast::paced(view, bot)).unwrap();
    let forgets = || shop.db.write(|tx| broadcast::forget_paced(tx, BotName::Customer)).unwrap();
    assert_eq!(forgets(), 2);
    assert_eq!(paced(BotName::Customer), [(now - 3700, 2), (now, 3), (now + 3700, 4)]);
    assert_eq!(paced(BotName::CustomerTest), [(now - 3701, 6)]);
    assert_eq!(forgets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_in_flight_when_the_process_ended_were_calls_and_no_message_was_none() {
    let w = World::closed().await;
    crowd(&w, 3);
    let (lost, whole) = (sends(&w.db(), draft("Первая")), sends(&w.db(), draft("Вторая")));
    let paced = || block_in_place(|| w.db().read(|view| broadcast::paced(view, BotName::Customer))).unwrap();
    // A counter that says more than the rows do.
    w.changes(format!("UPDATE broadcasts SET sending = 1 WHERE id = {whole}"));
    assert_eq!(acts(&w.db(), broadcast::recover).unwrap(), 0);
    assert_eq!(paced(), []);
    w.changes(format!(
        "INSERT OR REPLACE INTO deliveries (broadcast_id, user_id, state, attempt)
            SELECT {lost}, id, 'sending', 1 FROM users WHERE telegram_id IN (500001, 500002)"
    ));
    w.changes(format!("UPDATE broadcasts SET sending = 2 WHERE id = {lost}"));
    assert_eq!(acts(&w.db(), broadcast::recover).unwrap(), 2);
    assert_eq!(paced().iter().map(|(_, calls)| *calls).collect::<Vec<_>>(), [2]);
    let counts = block_in_place(|| w.db().read(|view| broadcast::get(view, lost))).unwrap().counts;
    assert_eq!((counts.sending, counts.unknown), (0, 2));
}
