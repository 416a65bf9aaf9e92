//! The staff bot: asking for access, deciding, checking, redeeming.

use serde_json::{Value, json};

use crate::harness::{OWNER, SHOP, STAFF, World, buttons};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_decided_by_an_owner_and_by_nobody_else() {
    let w = World::open().await;
    let olga = w.owner();
    let masha = w.stranger("Маша");
    masha.says("здравствуйте");
    masha.hears("Запрос отправлен").await;
    let notice = olga.hears_ever("Просит доступ к кассе: Маша").await;
    let captions: Vec<_> = buttons(&notice).into_iter().map(|(caption, _)| caption).collect();
    assert_eq!(captions, ["Подтвердить кассиром", "Сделать администратором", "Отклонить"]);
    masha.says("ну что?");
    masha.hears("ещё ждёт решения").await;
    let (_, approve) = buttons(&notice).remove(0);
    masha.presses_data(1, &approve);
    masha.is_told("Это может только владелец").await;

    olga.presses_under(&notice, "Отклонить");
    olga.hears("Запрос отклонён: Маша").await;
    masha.hears_ever("Владелец отклонил запрос").await;
    masha.says("а теперь?");
    masha.hears("Владелец отклонил запрос").await;
    olga.presses_under(&notice, "Отклонить");
    olga.is_told("").await;

    olga.presses_under(&notice, "Подтвердить кассиром");
    olga.hears("Кассир подтверждён: Маша").await;
    masha.hears("Готово, вы кассир").await;
    olga.presses_under(&notice, "Отклонить");
    olga.is_told("Решение по этому запросу уже принято").await;
    masha.says("/start");
    masha.hears("Отправьте код клиента").await;
    let w = w.ends().await;
    let audit = w.texts("SELECT action FROM audit_log WHERE entity = 'cashier' ORDER BY id");
    assert_eq!(audit, ["decline_cashier", "approve_cashier"]);
    assert_eq!(w.texts("SELECT DISTINCT actor FROM audit_log WHERE entity = 'cashier'"), ["admin:1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_no_owner_can_decide_says_what_to_do() {
    let w = World::open().await;
    w.change("UPDATE admins SET status = 'suspended'");
    let masha = w.stranger("Маша");
    for words in ["здравствуйте", "ну что?"] {
        masha.says(words);
        masha.hears(&format!("Ваш номер: {} — впишите его в owner_telegram_id", masha.id)).await;
    }
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undone_code_is_said_to_live_only_until_its_end() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    for (change, words) in [
        ("UPDATE discounts SET redeemed_at = redeemed_at", "отменено: код снова действует до "),
        ("UPDATE discounts SET expires_at = redeemed_at", "отменено, но срок кода вышел "),
    ] {
        assert_eq!(w.ran(&["discount", "redeem", &code]).code, 0);
        w.change(change);
        assert_eq!(w.ran(&["discount", "undo", &code, "--reason", "wrong customer"]).code, 0);
        anna.hears_ever(words).await;
    }
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_typed_before_approval_is_logged_and_refused() {
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let masha = w.stranger("Маша");
    masha.says(&code);
    masha.hears("Запрос отправлен").await;
    masha.says(&code);
    masha.hears("только подтверждённый кассир").await;
    let w = w.ends().await;
    assert_eq!(w.texts("SELECT status FROM discount_usage_logs"), ["cashier_not_active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_read_however_it_is_typed() {
    let w = World::open().await;
    w.customer_with_code("Анна").await;
    w.change("UPDATE discounts SET code = 'АВС0340'");
    let cashier = w.cashier("Касса 1").await;
    for typed in ["авс0340", "ABC0340", " abc-0340 ", "/redeem авс О3Ч0", "fdc0340"] {
        cashier.says(typed);
        cashier.hears("<code>АВС0340</code>").await;
    }
    for typed in ["привет", "АВС034", "/redeem", "/unknown", "🦊"] {
        cashier.says(typed);
        cashier.hears("Это не похоже на код").await;
    }
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM discount_usage_logs WHERE status <> 'checked'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_redemption_is_refused_with_the_time_of_the_first() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    let (first, second) = (w.cashier("Касса 1").await, w.cashier("Касса 2").await);
    first.says(&code);
    let one = first.hears("Действует до").await;
    second.says(&code);
    let two = second.hears("Действует до").await;
    first.presses_under(&one, "Погасить");
    first.hears("Погашено ✅").await;
    let at = w.texts("SELECT at FROM redemptions").remove(0);
    let at = dvorik::clock::Timestamp::parse(&at).unwrap();
    let time = w.db().zone().local(at).format("%d.%m.%Y в %H:%M").to_string();
    second.presses_under(&two, "Погасить");
    second.hears(&format!("Код {code} уже погашен {time}.")).await;
    first.says(&code);
    first.hears(&format!("Код {code} уже погашен {time}, вами.")).await;
    // The shown card is the key: pressed again it answers the same and changes nothing.
    first.presses_under(&one, "Погасить");
    first.is_told("").await;
    first.says("/start");
    first.hears("Отправьте код клиента").await;
    anna.presses("Мои скидки");
    anna.hears("нет активных скидок").await;
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 1);
    let attempts = w.texts("SELECT status FROM discount_usage_logs ORDER BY id");
    assert_eq!(attempts, ["checked", "checked", "success", "already_used", "already_used", "repeated"]);
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE usage_log_id IS NOT NULL"), 1, "Anna is told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_and_foreign_presses_spend_nothing() {
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let (cashier, thief) = (w.cashier("Касса 1").await, w.cashier("Касса 2").await);
    let stranger = w.stranger("Прохожий");
    cashier.says(&code);
    let card = cashier.hears("Действует до").await;
    let (_, data) = buttons(&card).remove(0);
    for data in [data.as_str(), "redeem:0123456789abcdef", "redeem:", "redeem:'; DROP TABLE users", "redeem:АБВ"] {
        thief.presses_data(1, data);
        thief.is_told("Эта карточка не ваша").await;
    }
    stranger.presses_data(1, &data);
    stranger.is_told("Эта карточка не ваша").await;
    for data in ["", ":", "unknown:1", "approve_cashier:", "approve_cashier:x", "decline_cashier:99999999999999999999"]
    {
        cashier.presses_data(1, data);
        cashier.is_told("").await;
    }
    for data in ["approve_cashier:1", "decline_cashier:2", "approve_cashier:4040"] {
        cashier.presses_data(1, data);
        cashier.is_told("Это может только владелец").await;
    }
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 0);
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_qr_link_is_the_code_for_staff_and_nothing_for_others() {
    let w = World::open().await;
    w.customer_with_code("Анна").await;
    let link = format!("d_{}", w.texts("SELECT public_id FROM discounts").remove(0));
    let stranger = w.stranger("Прохожий");
    stranger.opens(Some(&link));
    stranger.hears("Эта ссылка для кассира").await;
    let cashier = w.cashier("Касса 1").await;
    cashier.opens(Some("d_AAAAAAAAAAAAAAAAAAAAAA"));
    cashier.hears("Такого кода нет").await;
    cashier.opens(Some(&link));
    let card = cashier.hears("Действует до").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM cashiers"), 1, "a scanned picture is no request for access");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_redeems_under_their_own_name() {
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let olga = w.owner();
    olga.says("/start");
    olga.hears("Вы владелец").await;
    olga.says(&code);
    let card = olga.hears("Действует до").await;
    olga.presses_under(&card, "Погасить");
    olga.hears("Погашено ✅").await;
    let w = w.ends().await;
    assert_eq!(w.texts("SELECT actor FROM redemptions"), ["admin:1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_locks_the_cashier_out_and_tells_the_owner() {
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    w.change("UPDATE discounts SET code = 'ААА0000'");
    assert_ne!(code, "ААА0000");
    let cashier = w.cashier("Касса 1").await;
    for n in 1..=5 {
        cashier.says(&format!("ЯЯЯ000{n}"));
        cashier.hears("Такого кода нет").await;
    }
    cashier.says("ААА0000");
    cashier.hears("Слишком много неизвестных кодов").await;
    w.owner().hears_ever("Кассир Касса 1: пять неизвестных кодов").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_the_customer_could_not_be_told_of_is_shown_everywhere() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    w.tg.blocks(SHOP, anna.id);
    cashier.says(&code);
    let card = cashier.hears("Действует до").await;
    cashier.presses_under(&card, "Погасить");
    cashier.hears("Погашено ✅").await;
    w.waits_for_count("SELECT count(*) FROM discount_usage_logs WHERE message = 'user_not_notified'", 1).await;
    let shown = w.ran(&["--json", "discount", "show", &code]).json();
    let attempts: Vec<&Value> =
        shown["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["message"]).collect();
    assert_eq!(attempts, [&Value::Null, &json!("user_not_notified")], "{shown}");
    let cashiers = w.ran(&["--json", "stats", "cashiers"]).json();
    assert_eq!(cashiers["series"][0]["not_notified"], 1, "{cashiers}");
    let export = w.ran(&["export", "usage"]);
    assert!(export.out.contains("user_not_notified"), "{} {}", export.out, export.err);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redeem_sent_again_within_a_minute_is_the_same_redemption() {
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let (first, second) = (w.cashier("Касса 1").await, w.cashier("Касса 2").await);
    first.says(&format!("/redeem {code}"));
    let card = first.hears("Действует до").await;
    first.presses_under(&card, "Погасить");
    first.hears("Погашено ✅").await;
    first.says(&format!("/redeem «{code}»."));
    let again = first.hears("Погашено ✅").await;
    assert_eq!(buttons(&again).into_iter().map(|(caption, _)| caption).collect::<Vec<_>>(), ["Отменить"]);
    second.says(&format!("/redeem {code}"));
    second.hears("уже погашен").await;
    w.change("UPDATE redemptions SET at = '2026-01-01T00:00:00Z'");
    first.says(&format!("/redeem {code}"));
    first.hears("уже погашен").await;
    let w = w.ends().await;
    let attempts = w.texts("SELECT status FROM discount_usage_logs ORDER BY id");
    assert_eq!(attempts, ["checked", "success", "repeated", "already_used", "already_used"]);
    assert_eq!(w.count("SELECT count(*) FROM redemptions"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_refused_checks_in_a_row_are_told_once() {
    let w = World::open().await;
    let (_, code) = w.customer_with_code("Анна").await;
    let (_, other) = w.customer_with_code("Борис").await;
    let cashier = w.cashier("Касса 1").await;
    w.changes(format!("UPDATE discounts SET revoked_at = '2026-11-22T03:00:00Z' WHERE code = '{code}'"));
    let notices =
        "SELECT count(*) FROM outbox WHERE payload LIKE '%пять отказов подряд%' OR dedupe_key LIKE '%failed_checks%'";
    let refused = async |times: usize| {
        for _ in 0..times {
            cashier.says(&code);
            cashier.hears("Код").await;
        }
    };
    refused(4).await;
    cashier.says(&other);
    cashier.hears("Действует до").await;
    refused(4).await;
    assert_eq!(w.count(notices), 0, "a check between them ends the row");
    refused(3).await;
    w.owner().hears_ever("Кассир Касса 1: пять отказов подряд").await;
    let owner = w.owner();
    let told = owner.heard_since(0).iter().filter(|text| text.contains("пять отказов подряд")).count();
    assert_eq!(told, 1, "not for each one more");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cashier_who_asks_for_a_token_is_told_who_gets_one() {
    let w = World::open().await;
    let cashier = w.cashier("Касса 1").await;
    cashier.says("/get_token");
    cashier.hears("только админам").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owners_name_is_learnt_and_one_that_was_given_stays() {
    let w = World::open().await;
    assert_eq!(w.texts("SELECT name FROM admins"), ["owner"]);
    let message = |username: &str| {
        let from = json!({ "id": OWNER, "is_bot": false, "first_name": "Анна", "username": username });
        json!({ "message": { "message_id": 7, "date": 1_795_000_000, "text": "/start", "from": from,
            "chat": { "id": OWNER, "type": "private" } } })
    };
    w.tg.pushes_raw(STAFF, message("anna"));
    w.waits_for_count("SELECT count(*) FROM admins WHERE name = 'Анна' AND username = 'anna'", 1).await;
    assert_eq!(w.ran(&["admin", "show", "@anna"]).code, 0);
    w.change("UPDATE admins SET name = 'Хозяйка'");
    w.tg.pushes_raw(STAFF, message("anna_new"));
    w.waits_for_count("SELECT count(*) FROM admins WHERE name = 'Хозяйка' AND username = 'anna_new'", 1).await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_in_a_group_makes_nobody_and_says_nothing() {
    let w = World::open().await;
    let stranger = json!({ "id": 7001, "is_bot": false, "first_name": "Х" });
    let group = json!({ "id": -500, "type": "group", "title": "Группа" });
    for (bot, data) in
        [(SHOP, "check:subscription"), (SHOP, "mute:on"), (STAFF, "redeem:0123456789abcdef"), (STAFF, "what")]
    {
        let message = json!({ "chat": group, "message_id": 5, "date": 1_795_000_000 });
        w.tg.pushes_raw(
            bot,
            json!({ "callback_query": { "id": "1", "from": stranger, "data": data, "message": message } }),
        );
    }
    w.waits_for_count("SELECT count(*) FROM updates WHERE state = 'done'", 4).await;
    let w = w.ends().await;
    for table in ["users", "cashiers", "outbox", "discount_usage_logs"] {
        assert_eq!(w.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}
