//! The customers' bot: links, the subscription, codes in hand.

use builtin_telegram::{ChatMemberStatus, Fault, Person};
use dvorik::realm::BotName;
use dvorik::settings;
use dvorik::user::UserStatus;
use serde_json::json;
use tokio::task::block_in_place;

use crate::given;
use crate::harness::{CHANNEL, OWNER, PATIENCE, SHOP, STAFF, World, becomes_true, buttons, code_in, handle};

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_link_gives_the_source_once_and_a_click_each_time() {
    let w = World::open().await;
    given::campaign(&w.db(), "vk");
    given::campaign(&w.db(), "poster");
    let anna = w.customer("Анна");
    for payload in ["ref_vk_banner7", "ref_poster", "ref_vk"] {
        anna.opens(Some(payload));
        anna.hears("Привет, Анна!").await;
    }
    let boris = w.customer("Борис");
    boris.opens(Some("ref_Nobody_Knows"));
    boris.hears("Привет").await;
    let vera = w.customer("Вера");
    vera.opens(Some("something-else"));
    vera.hears("Привет").await;
    let w = w.ends().await;
    assert_eq!(w.texts("SELECT source FROM users ORDER BY id"), ["vk", "Nobody_Knows", "direct"]);
    let normalized = w.texts("SELECT source_normalized FROM users ORDER BY id");
    assert_eq!(normalized, ["vk", "nobody_knows", "direct"]);
    let clicks = "SELECT source_key || ' ' || is_new FROM campaign_clicks JOIN campaigns c ON c.id = campaign_id
                  ORDER BY campaign_clicks.id";
    assert_eq!(w.texts(clicks), ["vk 1", "poster 0", "vk 0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn my_discounts_shows_live_codes_and_only_their_owner_gets_the_picture() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    anna.presses("Мои скидки");
    anna.hears("нет активных скидок").await;
    anna.subscribes();
    anna.presses("Проверить подписку");
    let gift = anna.hears("Вы подписаны").await;
    anna.says("/skidki");
    let list = anna.hears("действует до").await;
    assert_eq!(code_in(&list), code_in(&gift));
    assert!(list.text().unwrap().contains("Скидка за подписку"));
    anna.presses_under(&list, "Показать QR");
    assert_eq!(anna.hears("действует до").await.method, "sendPhoto");

    let thief = w.customer("Вор");
    thief.opens(None);
    thief.hears("Привет").await;
    let (_, data) = buttons(&list).remove(0);
    thief.presses_data(1, &data);
    thief.hears("нет активных скидок").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_press_shows_the_same_code_and_a_used_one_names_the_next_date() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    anna.presses("Проверить подписку");
    assert_eq!(code_in(&anna.hears("Вы подписаны").await.clone()), code);
    w.change("UPDATE discounts SET redeemed_at = created_at");
    anna.presses("Проверить подписку");
    anna.hears("Следующая будет доступна").await;
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM discounts"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn my_discounts_of_very_many_codes_shows_ten_and_every_one_has_its_picture() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    given::more_codes(&w.db(), 30, 15);
    anna.presses("Мои скидки");
    let list = anna.hears("Всего действующих скидок: 31").await;
    let text = list.text().unwrap();
    assert_eq!((text.matches("<code>").count(), buttons(&list).len()), (10, 10));
    assert!(text.contains(&code), "{text}");
    anna.presses_data(1, "qr:many-codes-00000030");
    assert_eq!(anna.hears("АБВ0030").await.method, "sendPhoto");
    anna.presses_data(1, "qr:many-codes-00000031");
    assert_eq!(anna.hears("Всего действующих скидок").await.method, "sendMessage");
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_in_the_channel_get_a_code() {
    let w = World::open().await;
    use ChatMemberStatus::{Administrator, Creator, Kicked, Left, Member, RestrictedInside, RestrictedOutside};
    for (status, inside) in [
        (Creator, true),
        (Administrator, true),
        (Member, true),
        (RestrictedInside, true),
        (RestrictedOutside, false),
        (Left, false),
        (Kicked, false),
    ] {
        let who = w.customer("Кто-то");
        who.opens(None);
        who.hears("Привет").await;
        w.tg.set_member(CHANNEL, who.id, status);
        who.presses("Проверить подписку");
        who.hears(if inside { "Вы подписаны" } else { "подпишитесь на канал" }).await;
    }
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM discounts"), 4);
    assert_eq!(w.count("SELECT count(*) FROM users WHERE is_subscribed"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_the_channel_is_no_subscriber_at_once() {
    let w = World::open().await;
    let (anna, _) = w.customer_with_code("Анна").await;
    let w = w.ends().await;
    let desk = w.desk(BotName::Customer);
    let subscribed = || w.count("SELECT is_subscribed FROM users");
    let leaves = |update_id: i64, channel: &str| {
        let who = json!({ "id": anna.id, "is_bot": false, "first_name": "Анна" });
        json!({ "update_id": update_id, "chat_member": {
            "chat": { "id": -1_001_000_000_001_i64, "type": "channel", "username": channel }, "from": who, "date": 1,
            "old_chat_member": { "status": "member", "user": who }, "new_chat_member": { "status": "left", "user": who },
        } })
    };
    handle(&desk, leaves(1, "another_channel")).await;
    assert_eq!(subscribed(), 1);
    handle(&desk, leaves(2, "Dvorik_Channel")).await;
    assert_eq!(subscribed(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_hear_at_once_when_the_bot_may_not_look_into_the_channel_any_more() {
    let w = World::closed().await;
    let desk = w.desk(BotName::Customer);
    let told = || w.texts("SELECT json_extract(payload, '$.html') FROM outbox WHERE bot = 'staff'").len();
    let becomes = |update_id: i64, channel: &str, status: &str| {
        let (owner, bot) = (json!({ "id": OWNER, "first_name": "Ольга" }), json!({ "id": 1_000_001, "is_bot": true }));
        json!({ "update_id": update_id, "my_chat_member": {
            "chat": { "id": -1_001_000_000_001_i64, "type": "channel", "username": channel }, "from": owner, "date": 1,
            "old_chat_member": { "status": "administrator", "user": bot }, "new_chat_member": { "status": status, "user": bot },
        } })
    };
    handle(&desk, becomes(1, "another_channel", "left")).await;
    handle(&desk, becomes(2, "dvorik_channel", "administrator")).await;
    assert_eq!(told(), 0);
    handle(&desk, becomes(3, "dvorik_channel", "member")).await;
    handle(&desk, becomes(4, "dvorik_channel", "left")).await;
    assert_eq!(told(), 1);
    assert_eq!(w.count("SELECT count(*) FROM users"), 0, "an admin of the channel is no customer");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_telegram_cannot_say_nothing_is_issued() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    anna.subscribes();
    w.tg.fault(Fault::ServerErrorHtml(502).next(1).on_method("getChatMember"));
    anna.presses("Проверить подписку");
    anna.hears("Не удалось проверить подписку").await;
    assert_eq!(w.count("SELECT count(*) FROM discounts"), 0);
    anna.presses("Проверить подписку");
    anna.hears("Вы подписаны").await;
    let w = w.ends().await;
    assert_eq!(w.texts("SELECT result FROM subscription_checks ORDER BY id"), ["unavailable", "subscribed"]);
    assert_eq!(w.count(&format!("SELECT count(*) FROM outbox WHERE chat_id = {OWNER}")), 0, "no fault of the shop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_without_rights_in_the_channel_tells_the_owner_once() {
    let w = World::open().await;
    w.tg.set_bot_is_channel_admin(CHANNEL, SHOP, false);
    let hour = || dvorik::clock::Clock::System.now().0.div_euclid(3600);
    let began = hour();
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    for _ in 0..3 {
        anna.presses("Проверить подписку");
        anna.hears("Не удалось проверить подписку").await;
    }
    w.owner().hears_ever("Подписку проверить нельзя").await;
    let hours = hour() - began + 1;
    let w = w.ends().await;
    let told = w.count(&format!("SELECT count(*) FROM outbox WHERE chat_id = {OWNER}"));
    assert!((1..=hours).contains(&told), "told {told} times in {hours} hour(s)");
    assert_eq!(w.count("SELECT count(*) FROM discounts"), 0);
    assert_eq!(w.count("SELECT count(*) FROM subscription_checks WHERE result = 'not_configured'"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_channel_or_a_template_the_customer_hears_later_and_the_owner_why() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    w.sets(&settings::TELEGRAM_CHANNEL_ID, "");
    anna.says("Проверить подписку");
    anna.hears("Не удалось проверить подписку").await;
    w.owner().hears_ever("канал не настроен").await;
    w.sets(&settings::TELEGRAM_CHANNEL_ID, CHANNEL);
    given::template(&w.db(), "subscription", |template| template.is_active = false);
    anna.subscribes();
    anna.says("проверить ПОДПИСКУ");
    anna.hears("Не удалось проверить подписку").await;
    w.owner().hears_ever("нет активного шаблона").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_any_shape_are_shown_as_they_are() {
    let w = World::open().await;
    let cashier = w.cashier("<b>Касса & Ко</b>").await;
    let names =
        ["A<3 & B>2", "</code>", "&lt;", "🦊🎂", "\u{202e}אבג", "Z̷̢͝a̷", "{{first_name}}", "\"q\" 'a'", "<a href=\"x\">"];
    for (n, name) in names.into_iter().enumerate() {
        // Marks of direction go, and what runs from right to left is isolated.
        let shown = if name.starts_with('\u{202e}') { "\u{2068}אבג\u{2069}" } else { name };
        let person = Person { id: 5000 + n as i64, first_name: name.into(), ..Person::default() };
        let who = w.someone(SHOP, person);
        who.opens(None);
        who.hears("Привет").await;
        assert!(w.tg.last_text(SHOP, who.id).unwrap().starts_with(&format!("Привет, {shown}!")), "{name}");
        who.subscribes();
        who.presses("Проверить подписку");
        let gift = who.hears("Вы подписаны").await;
        cashier.says(&code_in(&gift));
        let card = cashier.hears("Размер").await;
        assert!(w.tg.last_text(STAFF, cashier.id).unwrap().starts_with(&format!("{shown}\n")), "{name}");
        cashier.presses_under(&card, "Погасить");
        cashier.hears("Погашено ✅").await;
    }
    let w = w.ends().await;
    assert_eq!(w.count("SELECT count(*) FROM outbox WHERE state = 'failed'"), 0, "Telegram refused a name");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_the_bot_is_remembered_and_forgotten() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    w.tg.blocks(SHOP, anna.id);
    let boris = w.customer("Борис");
    boris.opens(None);
    boris.hears("Привет").await;
    let blocked = "SELECT first_name FROM users WHERE bot_blocked_at IS NOT NULL";
    let mut w = w.ends().await;
    assert_eq!(w.texts(blocked), ["Анна"]);
    w.serves().await;
    w.tg.unblocks(SHOP, anna.id);
    anna.says("Помощь");
    anna.hears("Ваши коды").await;
    let w = w.ends().await;
    assert_eq!(w.texts(blocked), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_blocked_by_the_shop_hears_only_that() {
    let w = World::open().await;
    let (anna, code) = w.customer_with_code("Анна").await;
    let cashier = w.cashier("Касса 1").await;
    given::has_status(&w.db(), anna.id, UserStatus::Blocked);
    for text in ["/start", "Мои скидки", "Проверить подписку", "привет"] {
        anna.says(text);
        anna.hears("Бот для вас недоступен").await;
    }
    cashier.says(&code);
    cashier.hears("клиент заблокирован магазином").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_a_contact_leaves_the_sentence_out() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    anna.presses("Помощь");
    let help = anna.hears("Ваши коды").await;
    assert!(!help.text().unwrap().contains("Вопросы"), "{help:?}");
    w.sets(&settings::SUPPORT_CONTACT, "@dvorik");
    anna.presses("Помощь");
    anna.hears("Вопросы: @dvorik.").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_a_name_is_addressed_as_the_shop_says() {
    let w = World::open().await;
    let nameless = w.customer("\u{200b}");
    nameless.opens(None);
    nameless.hears("Привет, друзья!").await;
    w.sets(&settings::FIRST_NAME_FALLBACK, "гость");
    nameless.opens(None);
    nameless.hears("Привет, гость!").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_known_by_number_has_a_button_all_the_same() {
    let w = World::open().await;
    let button = |receipt: std::sync::Arc<builtin_telegram::Receipt>| {
        let url = receipt.params.pointer("/reply_markup/inline_keyboard/0/0/url");
        url.and_then(|url| url.as_str()).map(str::to_owned)
    };
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    for (id, link) in
        [(-1_001_000_000_001, "https://t.me/dvorik_channel"), (-1_001_000_000_002, "https://t.me/+invite")]
    {
        if id == -1_001_000_000_002 {
            w.tg.add_channel(id, None, "Закрытый");
            w.tg.set_bot_is_channel_admin(&id.to_string(), SHOP, true);
            w.tg.set_invite_link(&id.to_string(), link);
        }
        w.sets(&settings::TELEGRAM_CHANNEL_ID, &id.to_string());
        let is_known =
            async || block_in_place(|| w.db().read(settings::channel_link)).unwrap().as_deref() == Some(link);
        assert!(becomes_true(PATIENCE, is_known).await, "the daemon does not ask about {id}");
        anna.presses("Проверить подписку");
        assert_eq!(button(anna.hears("подпишитесь").await).as_deref(), Some(link));
    }
    let doctor = w.ran(&["doctor", "--json"]);
    assert!(!doctor.out.contains("no_link") && !doctor.out.contains("link_elsewhere"), "{}", doctor.out);
    w.sets(&settings::CHANNEL_URL, "https://t.me/another_shop");
    assert!(w.ran(&["doctor", "--json"]).out.contains("link_elsewhere"));
    w.sets(&settings::CHANNEL_URL, "");
    w.tg.add_channel(-1_001_000_000_003, None, "Без ссылки");
    w.tg.set_bot_is_channel_admin("-1001000000003", SHOP, true);
    let set = w.ran(&["settings", "set", "telegram_channel_id", "--", "-1001000000003"]);
    assert!(set.code == 0 && set.err.contains("кнопки «Перейти в канал» не будет"), "{} {}", set.out, set.err);
    assert!(w.ran(&["doctor", "--json"]).out.contains("no_link"));
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn menus_commands_and_help_are_there() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    let menu = w.tg.reply_keyboard(SHOP, anna.id);
    assert_eq!(
        menu,
        [vec!["Мои скидки", "Проверить подписку"], vec!["Указать дату рождения", "Перейти в канал"], vec!["Помощь"]]
    );
    anna.presses("Перейти в канал");
    let invite = anna.hears("Наш канал").await;
    assert_eq!(invite.params.pointer("/reply_markup/inline_keyboard/0/0/url").unwrap(), "https://t.me/dvorik_channel");
    anna.presses("Помощь");
    anna.hears("нажмите «Проверить подписку»").await;
    anna.says("что-то своё");
    anna.hears("Не понял вас").await;
    for bot in [SHOP, STAFF] {
        let registered =
            |receipt: &builtin_telegram::Receipt| receipt.method == "setMyCommands" && &*receipt.bot == bot;
        w.tg.wait_receipt(registered, PATIENCE).await.unwrap();
        let commands = w.tg.commands(bot).unwrap();
        assert!(commands.as_array().unwrap().len() >= 3, "{commands}");
    }
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_birthday_is_never_guessed_and_a_missing_year_is_asked_for() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    anna.presses("Указать дату рождения");
    anna.hears("Напишите дату рождения").await;
    for typed in ["3 мартобря 2002", "3 майонез 2002"] {
        anna.says(typed);
        anna.hears("Не получилось разобрать дату").await;
    }
    anna.says("3 февраля");
    anna.hears("Добавьте год, например 3 февраля 2002").await;
    anna.says("5 марта");
    anna.hears("Добавьте год, например 5 марта 2002").await;
    assert_eq!(w.count("SELECT count(*) FROM users WHERE birthday IS NOT NULL"), 0);
    anna.says("3 февраля 2002");
    anna.hears("Записали").await;
    assert_eq!(w.count("SELECT count(*) FROM users WHERE birthday = '2002-02-03'"), 1);
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_birthday_that_had_its_gift_is_not_offered_to_be_changed() {
    let w = World::open().await;
    let anna = w.customer("Анна");
    anna.opens(None);
    anna.hears("Привет").await;
    anna.presses("Указать дату рождения");
    anna.hears("Напишите дату рождения").await;
    anna.says("3 февраля 2002");
    anna.hears("Записали").await;
    anna.presses("Указать дату рождения");
    let known = anna.hears("Ваш день рождения: 03.02.2002").await;
    let change = "/reply_markup/inline_keyboard/0/0/callback_data";
    assert_eq!(known.params.pointer(change).unwrap(), "birthday:change");
    let issued = w.ran(&["discount", "issue", &format!("tg:{}", anna.id), "--template", "birthday", "--no-notify"]);
    assert_eq!(issued.code, 0, "{}", issued.err);
    w.change("UPDATE discounts SET source_kind = 'birthday'");
    anna.presses("Указать дату рождения");
    let locked = anna.hears("Ваш день рождения: 03.02.2002").await;
    assert_eq!(locked.params.pointer(change), None);
    // The button of the older message is answered with the truth at once, and no date is awaited.
    anna.presses_under(&known, "Изменить");
    anna.hears("Подарок по этой дате уже был").await;
    anna.says("4 февраля 2002");
    anna.hears("Не понял вас").await;
    assert_eq!(w.count("SELECT count(*) FROM users WHERE birthday = '2002-02-03'"), 1);
    w.ends().await;
}
