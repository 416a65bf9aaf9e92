//! What comes from outside without sense or more than once: strange shapes, broken fields, repeated deliveries. Nothing
//! panics, nothing happens twice, and whoever comes next is served.

use dvorik::realm::BotName;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::given;
use crate::harness::{OWNER, SHOP, STAFF, World, buttons, handle, number};

/// The path of one more customer, from the door to the counter.
async fn the_path_still_works(w: &World) {
    let (late, code) = w.customer_with_code("Последняя").await;
    let cashier = w.cashier("Касса последняя").await;
    cashier.says(&code);
    let card = cashier.hears("Действует до").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    late.hears_ever("использован").await;
}

fn message(id: i64, more: &Value) -> Value {
    let mut message = json!({
        "message_id": 77, "date": 1_795_000_000, "chat": { "id": id, "type": "private", "first_name": "Х" },
        "from": { "id": id, "is_bot": false, "first_name": "Х", "username": "somebody", "language_code": "ru" },
    });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "message": message })
}

/// Updates of every odd shape Telegram or somebody pretending to be it may send.
fn strange() -> Vec<Value> {
    let group = json!({ "id": -500, "type": "group", "title": "Группа" });
    let someone = json!({ "id": 7001, "is_bot": false, "first_name": "Х" });
    let member = json!({ "id": 7003, "is_bot": false, "first_name": "Х" });
    let mut updates = vec![
        json!({}),
        json!({ "message": null }),
        json!({ "message": {} }),
        json!({ "message": [] }),
        json!({ "message": "text" }),
        json!({ "message": { "message_id": 1, "date": 1, "chat": { "id": 7001, "type": "private" } } }),
        json!({ "message": { "message_id": 1, "chat": group, "from": member, "text": "/start", "date": 1 } }),
        json!({ "edited_message": message(7001, &json!({ "text": "АБВ1234" }))["message"] }),
        json!({ "channel_post": { "message_id": 1, "date": 1, "chat": { "id": -100_500, "type": "channel" }, "text": "x" } }),
        json!({ "edited_channel_post": { "message_id": 1, "chat": { "id": -100_500, "type": "channel" } } }),
        json!({ "callback_query": { "id": "1", "from": someone } }),
        json!({ "callback_query": { "id": "2", "from": someone, "data": "redeem:0123456789abcdef" } }),
        json!({ "callback_query": { "id": "3", "from": someone, "message": { "chat": group, "message_id": 0, "date": 0 } } }),
        json!({ "callback_query": { "id": 4, "from": null, "data": {} } }),
        json!({ "callback_query": { "id": "5", "from": someone, "game_short_name": "x", "chat_instance": "1" } }),
        json!({ "my_chat_member": { "chat": group, "from": someone, "date": 1 } }),
        json!({ "my_chat_member": { "chat": { "id": 7001, "type": "private" }, "from": someone, "date": 1,
            "new_chat_member": { "status": "flying", "user": someone } } }),
        json!({ "chat_member": { "new_chat_member": 5 } }),
        json!({ "poll": { "id": "1" }, "message_reaction": {}, "something_new": { "from": someone } }),
        json!({ "message": { "message_id": 1, "date": -1, "chat": { "id": 7001, "type": "private" },
            "from": { "id": 7001, "is_bot": true, "first_name": "" }, "text": "" } }),
        json!({ "message": { "message_id": i64::MAX, "date": i64::MAX, "chat": { "id": i64::MIN, "type": "private" },
            "from": { "id": i64::MIN, "first_name": "x" }, "text": "АБВ1234" } }),
    ];
    for media in ["sticker", "voice", "video_note", "audio", "location", "contact", "poll", "dice", "story", "video"] {
        updates.push(message(7002, &json!({ media: { "file_id": "x" } })));
    }
    updates.push(message(7002, &json!({ "photo": [{ "file_id": "x" }], "caption": "АБВ1234" })));
    updates.push(message(7002, &json!({ "text": "Я".repeat(1_000_000) })));
    updates.push(message(7002, &json!({ "text": "\u{0}\u{202e}\u{feff}\r\n\t" })));
    updates.push(message(7002, &json!({ "text": "/".repeat(4096) })));
    updates.push(message(7002, &json!({ "text": "/start ref_" })));
    updates.push(message(7002, &json!({ "text": format!("/start ref_{}", "_".repeat(60)) })));
    updates.push(message(
        7002,
        &json!({ "text": "x", "entities": [{ "type": "bold", "offset": -5, "length": 1_099_511_627_776_i64 }] }),
    ));
    updates.push(message(7002, &json!({ "text": "x", "from": { "id": 7002, "first_name": "x".repeat(100_000) } })));
    updates
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_strange_shapes_break_nothing() {
    let w = World::open().await;
    for bot in [SHOP, STAFF] {
        for id in [7001, 7002] {
            w.tg.has_started(bot, id);
        }
        for update in strange() {
            w.tg.pushes_raw(bot, update);
        }
    }
    the_path_still_works(&w).await;
    let w = w.ends().await;
    for table in ["users WHERE telegram_id", "cashiers WHERE telegram_id", "outbox WHERE chat_id"] {
        assert_eq!(w.count(&format!("SELECT count(*) FROM {table} IN (-500, -100500, 7003)")), 0, "silent in groups");
    }
}

/// What an honest Telegram sends on the path; the mutations start from these.
fn honest(card: &str, public_id: &str) -> Vec<(BotName, Value)> {
    let press = |data: String| {
        json!({ "callback_query": { "id": "1001", "from": { "id": 1001, "is_bot": false, "first_name": "Анна" },
            "message": message(1001, &json!({ "text": "x" }))["message"], "chat_instance": "1", "data": data } })
    };
    let membership = json!({ "my_chat_member": { "chat": { "id": 1001, "type": "private" }, "date": 1_795_000_000,
        "from": { "id": 1001, "is_bot": false, "first_name": "Анна" },
        "old_chat_member": { "status": "member", "user": { "id": 1, "is_bot": true, "first_name": "b" } },
        "new_chat_member": { "status": "kicked", "user": { "id": 1, "is_bot": true, "first_name": "b" } } } });
    let says = |text: &str| message(1001, &json!({ "text": text }));
    let mut updates = vec![
        (BotName::Customer, says("/start ref_vk_7")),
        (BotName::Customer, says("Проверить подписку")),
        (BotName::Customer, says("Мои скидки")),
        (BotName::Customer, press("check:subscription".into())),
        (BotName::Customer, press(format!("qr:{public_id}"))),
        (BotName::Customer, membership.clone()),
        (BotName::Staff, says("/start")),
        (BotName::Staff, says("АБВ1234")),
        (BotName::Staff, says("/redeem АБВ1234")),
        (BotName::Staff, says(&format!("/start d_{public_id}"))),
        (BotName::Staff, press(format!("redeem:{card}"))),
        (BotName::Staff, press("approve_cashier:1".into())),
        (BotName::Staff, press("decline_cashier:1".into())),
        (BotName::Staff, membership),
    ];
    updates.iter_mut().for_each(|(_, update)| update["update_id"] = json!(0));
    updates
}

/// Changes one to four places of an update at random.
fn mutate(update: &mut Value, rng: &mut StdRng) {
    for _ in 0..rng.random_range(1..=4) {
        let depth = rng.random_range(1..=5);
        mutate_below(update, depth, rng);
    }
}

fn mutate_below(place: &mut Value, depth: u32, rng: &mut StdRng) {
    match place {
        Value::Object(fields) if depth > 0 && !fields.is_empty() => {
            let key = fields.keys().nth(rng.random_range(0..fields.len())).unwrap().clone();
            match rng.random_range(0..10) {
                0 => drop(fields.remove(&key)),
                _ => mutate_below(&mut fields[&key], depth - 1, rng),
            }
        }
        Value::Array(items) if depth > 0 && !items.is_empty() => {
            let at = rng.random_range(0..items.len());
            mutate_below(&mut items[at], depth - 1, rng);
        }
        leaf => *leaf = anything(rng),
    }
}

fn anything(rng: &mut StdRng) -> Value {
    const WORDS: [&str; 16] = [
        "",
        "/start",
        "/redeem АБВ1234",
        "АБВ1234",
        "ЯЯЯ0000",
        "Проверить подписку",
        "private",
        "group",
        "channel",
        "redeem:0123456789abcdef",
        "check:subscription",
        "qr:",
        "</b>&<",
        "\u{0}\u{202e}",
        "kicked",
        "d_",
    ];
    match rng.random_range(0..10) {
        0 => Value::Null,
        1 => json!(rng.random_bool(0.5)),
        2 => json!(rng.random::<i64>()),
        3 => json!(rng.random_range(-3..4000)),
        4 => json!(rng.random::<f64>() * 1e30),
        5 => json!([]),
        6 => json!({ "id": rng.random_range(1..10), "type": "private", "text": "x" }),
        7 => json!("Я".repeat(rng.random_range(1..5000))),
        _ => json!(WORDS[rng.random_range(0..WORDS.len())]),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_mutated_updates_are_handled_and_the_path_still_works() {
    let updates = number("DVORIK_TEST_MUTATIONS").unwrap_or(10_000);
    let mut w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса").await;
    cashier.says(&code);
    let card = cashier.hears("Действует до").await;
    let card = buttons(&card).remove(0).1.replace("redeem:", "");
    let public_id = w.texts("SELECT public_id FROM discounts").remove(0);
    w.stops().await;

    let desks = [BotName::Customer, BotName::Staff].map(|name| w.desk(name));
    let seed = number("DVORIK_TEST_SEED").unwrap_or_else(rand::random);
    println!("DVORIK_TEST_SEED={seed} DVORIK_TEST_MUTATIONS={updates}");
    let mut rng = StdRng::seed_from_u64(seed);
    let honest = honest(&card, &public_id);
    let mut under_way = JoinSet::new();
    for n in 0..updates {
        let (bot, mut update) = honest[rng.random_range(0..honest.len())].clone();
        mutate(&mut update, &mut rng);
        if let Some(fields) = update.as_object_mut().filter(|_| rng.random_bool(0.98)) {
            fields.insert("update_id".into(), json!(n));
        }
        let desk = desks[usize::from(bot == BotName::Staff)].clone();
        under_way.spawn(async move { handle(&desk, update).await });
        if under_way.len() == 64 {
            under_way.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(handled) = under_way.join_next().await {
        handled.unwrap();
    }
    assert_eq!(w.count("SELECT count(*) FROM updates WHERE state <> 'done'"), 0, "seed {seed}");
    let stored = w.count("SELECT count(*) FROM updates");
    assert!(stored > i64::try_from(updates * 9 / 10).unwrap(), "only {stored} were stored");
    // What they asked for would take minutes to say at Telegram's pace.
    w.change("DELETE FROM outbox");
    w.serves().await;
    the_path_still_works(&w).await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_delivered_three_times_takes_effect_once() {
    let w = World::open().await;
    given::campaign(&w.db(), "vk");
    let again = |bot: &str| assert!(w.tg.delivers_again(bot, None));
    let anna = w.customer("Анна");
    anna.opens(Some("ref_vk"));
    again(SHOP);
    anna.hears("Привет").await;
    again(SHOP);
    anna.subscribes();
    anna.says("Проверить подписку");
    again(SHOP);
    let gift = anna.hears("Вы подписаны").await;
    again(SHOP);
    let masha = w.stranger("Маша");
    masha.says("/start");
    again(STAFF);
    masha.hears("Запрос отправлен").await;
    again(STAFF);
    w.owner().decides("Маша", "Подтвердить кассиром").await;
    again(STAFF);
    masha.hears("Готово, вы кассир").await;
    again(STAFF);
    masha.says(&crate::harness::code_in(&gift));
    again(STAFF);
    let card = masha.hears("Действует до").await;
    again(STAFF);
    masha.presses_under(&card, "Погасить");
    again(STAFF);
    masha.hears("Погашено ✅").await;
    again(STAFF);
    anna.hears("использован").await;
    // What waits in the tables is looked at once more by the next process.
    let mut w = w.ends().await;
    w.serves().await;
    let again = |bot: &str| assert!(w.tg.delivers_again(bot, None));
    // The last word in each chat comes after everything before it.
    for (someone, words) in [(&anna, "Ваши коды"), (&masha, "Отправьте код")] {
        someone.says("/help");
        again(someone.bot);
        someone.hears(words).await;
        again(someone.bot);
    }
    let shown = |someone: &crate::harness::Someone| someone.heard_since(0).len();
    assert_eq!((shown(&anna), shown(&masha)), (4, 5), "each answer once");
    let w = w.ends().await;
    for (table, rows) in [
        ("users", 1),
        ("campaign_clicks", 1),
        ("subscription_checks", 1),
        ("discounts", 1),
        ("cashiers", 1),
        ("cards", 1),
        ("redemptions", 1),
        ("discount_usage_logs", 2),
    ] {
        assert_eq!(w.count(&format!("SELECT count(*) FROM {table}")), rows, "{table}");
    }
    assert_eq!(w.count(&format!("SELECT count(*) FROM outbox WHERE chat_id = {OWNER} AND kind = 'text'")), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn update_ids_may_start_again_lower() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    w.tg.restarts_update_ids(SHOP, 17);
    anna.says("/help");
    anna.hears("Ваши коды").await;
    anna.says("/skidki");
    anna.hears("нет активных скидок").await;
    w.ends().await;
}
