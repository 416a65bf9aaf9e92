//! The whole path over real HTTP, as customers, cashiers and the owner meet it. `customer` and `counter` tell their
//! stories, `hostile` what comes from outside without sense, `delivery` what Telegram does to answers, `undelivered` what
//! becomes of those that do not arrive.

mod chat_broadcast;
mod closed;
mod counter;
mod customer;
mod delivery;
mod english;
mod hostile;
mod undelivered;

use crate::harness::{World, buttons, code_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_proves_a_subscription_and_a_cashier_redeems_the_code_once() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет, Анна!").await;
    anna.presses("Проверить подписку");
    let refused = anna.hears("подпишитесь на канал").await;
    let captions: Vec<_> = buttons(&refused).into_iter().map(|(caption, _)| caption).collect();
    assert_eq!(captions, ["Перейти в канал", "Проверить подписку"]);

    anna.subscribes();
    anna.presses_under(&refused, "Проверить подписку");
    let gift = anna.hears("Вы подписаны").await;
    assert_eq!(gift.method, "sendPhoto");
    let code = code_in(&gift);

    let cashier = w.cashier("Касса 1").await;
    cashier.says(&code.to_lowercase());
    let card = cashier.hears("Размер: 10 %").await;
    cashier.presses_under(&card, "Погасить");
    let done = cashier.hears("Погашено ✅").await;
    assert_eq!((done.method, done.message_id), ("editMessageText", card.message_id));
    anna.hears(&format!("Ваш код {code} использован")).await;

    cashier.says(&code);
    cashier.hears("уже погашен").await;
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 1);
    let results = w.texts("SELECT result FROM subscription_checks ORDER BY id");
    assert_eq!(results, ["not_subscribed", "subscribed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_the_database_and_serves() {
    let mut w = World::bare().await;
    w.serves().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет, Анна!").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_is_refused() {
    let w = World::open().await;
    let second = dvorik::daemon::serve_until(w.config(), Default::default(), |_| panic!("it serves"), async {}).await;
    assert!(matches!(second, Err(dvorik::daemon::ServeError::Locked(_))), "{second:?}");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_the_daemon_was_down_is_handled_when_it_is_back() {
    let mut w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    w.stops().await;
    let boris = w.customer("Борис");
    boris.opens(None);
    cashier.says(&code);
    w.serves().await;
    boris.hears("Привет, Борис!").await;
    let card = cashier.hears("Действует до").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_on_a_leash_ends_when_whoever_holds_it_is_gone() {
    let mut w = World::closed().await;
    let mut command = w.command();
    let mut daemon = command.arg("--until-stdin-ends").stdin(std::process::Stdio::piped()).spawn().unwrap();
    w.tg.wait_receipt(|receipt| receipt.method == "getUpdates", crate::harness::PATIENCE).await;
    let leash = daemon.stdin.take();
    assert_eq!(daemon.try_wait().unwrap(), None);
    drop(leash);
    let ended = tokio::time::timeout(crate::harness::PATIENCE, daemon.wait()).await;
    assert_eq!(ended.expect("it goes on alone").unwrap().code(), Some(0));
    w.serves().await;
    w.ends().await;
}
