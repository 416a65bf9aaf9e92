//! The whole path over real HTTP, as customers, cashiers and the owner meet it.

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
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 1);
    w.ends().await;
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
