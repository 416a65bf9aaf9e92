//! A broadcast from the chat, from an admin's message to what people read, and everything that must not become one.

use std::sync::Arc;

use builtin_telegram::{Person, Receipt};
use dvorik::ids::AdminId;
use dvorik::settings;
use dvorik::staff::AdminEdit;
use serde_json::{Value, json};

use crate::given;
use crate::harness::{OWNER, SHOP, Someone, World, buttons};

/// The owner in the customers' bot, who may broadcast, with the setting on and a fast rate.
async fn olga(w: &World) -> Someone {
    w.sets(&settings::AUTO_BROADCAST_FROM_ADMINS, "true");
    w.sets(&settings::RATE_LIMIT_PER_MINUTE, "1500");
    given::admin(&w.db(), AdminId(1), AdminEdit { can_broadcast_from_chat: Some(true), ..AdminEdit::default() });
    let olga = w.someone(SHOP, Person { id: OWNER, first_name: "Ольга".into(), ..Person::default() });
    olga.opens(None);
    olga.hears("Привет").await;
    olga
}

/// Somebody who has opened the customers' bot.
async fn reader(w: &World, name: &str) -> Someone {
    let someone = w.customer(name);
    someone.opens(None);
    someone.hears("Привет").await;
    someone
}

/// An admin by an owner's decision, made behind the daemon's back.
async fn admin(w: &World, name: &str, role: &str, may: bool) -> Someone {
    let someone = reader(w, name).await;
    let (id, may) = (someone.id, i64::from(may));
    let sql = format!(
        "INSERT INTO admins (telegram_id, name, role, status, groups, can_broadcast_from_chat, created_at)
         VALUES ({id}, '{name}', '{role}', 'active', '[]', {may}, '2026-11-01T00:00:00Z')"
    );
    w.changes(sql);
    someone
}

fn captions(message: &Receipt) -> Vec<String> {
    buttons(message).into_iter().map(|(caption, _)| caption).collect()
}

/// The message an admin writes, asked to whom.
async fn offered(admin: &Someone, text: &str) -> Arc<Receipt> {
    admin.says(text);
    admin.hears("Кому отправить").await
}

/// The next update of this person to the customers' bot, with whatever is on it.
fn writes(w: &World, who: &Someone, more: &Value) {
    let mut message = json!({
        "message_id": 70_000 + w.tg.receipt_count(), "date": 1_795_000_000,
        "chat": { "id": who.id, "type": "private", "first_name": "Х" },
        "from": { "id": who.id, "is_bot": false, "first_name": "Х" },
    });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    who.says_nothing();
    w.tg.pushes_raw(SHOP, json!({ "message": message }));
}

fn statuses(w: &World) -> Vec<String> {
    w.texts("SELECT status FROM broadcasts ORDER BY id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_an_admin_reaches_the_chosen_group_as_it_was_written() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let (anna, boris) = (reader(&w, "Анна").await, reader(&w, "Борис").await);
    given::mutes(&w.db(), boris.id);
    let bold = json!([{ "type": "bold", "offset": 0, "length": 7 }]);
    writes(&w, &olga, &json!({ "text": "Новинки, {{first_name}}! A<3", "entities": bold }));
    let groups = olga.hears("Кому отправить").await;
    assert!(captions(&groups).contains(&"Все".to_owned()), "{:?}", captions(&groups));
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 2").await;
    assert_eq!((card.method, card.message_id), ("editMessageText", groups.message_id));
    assert!(card.text().unwrap().contains("без рассылок 1, заблокировали бота 0"), "{:?}", card.text());
    assert_eq!(captions(&card), ["Отправить 2", "Другая группа", "Отмена"]);
    assert_eq!(statuses(&w), ["draft"]);
    olga.presses_under(&card, "Отправить 2");
    olga.hears("Рассылка принята. Получателей: 2").await;
    let read = anna.hears("Новинки</b>, Анна! A<3").await;
    assert_eq!(captions(&read), ["Не присылать рассылки"]);
    w.owner().hears_ever("доставлено 2 из 2").await;
    assert_eq!(boris.heard_since(0).iter().filter(|text| text.contains("Новинки")).count(), 0);
    let w = w.ends().await;
    assert_eq!(w.texts("SELECT origin || ' ' || status || ' ' || created_by FROM broadcasts"), ["chat sent admin:1"]);
    assert_eq!(w.texts("SELECT title FROM broadcasts"), ["Новинки, {{first_name}}! A<3"]);
    assert_eq!(w.count("SELECT count(*) FROM conversation_states"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_post_keeps_its_formatting_and_links_and_what_is_lost_is_named_before_it_is_sent() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let anna = reader(&w, "Анна").await;
    let post = json!({
        "text": "a😀bcdef https://a.b",
        "entities": [
            { "type": "expandable_blockquote", "offset": 0, "length": 1 },
            { "type": "custom_emoji", "offset": 1, "length": 2, "custom_emoji_id": "5368324170671202286" },
            { "type": "pre", "offset": 3, "length": 1, "language": "rust" },
            { "type": "text_mention", "offset": 4, "length": 1, "user": { "id": 5, "is_bot": false, "first_name": "A" } },
            { "type": "date_time", "offset": 5, "length": 1, "unix_time": 1_795_000_000, "date_time_format": "wDT" },
            { "type": "url", "offset": 9, "length": 11 },
        ],
        "reply_markup": { "inline_keyboard": [
            [{ "text": "Меню", "url": "https://dvorik.example/menu" }, { "text": "Код", "copy_text": { "text": "ABC" } }],
        ] },
    });
    writes(&w, &olga, &post);
    let groups = olga.hears("Кому отправить").await;
    let lost = "Не сохранится: кнопки, которые не открывают ссылку, предпросмотр ссылки.";
    assert!(groups.text().unwrap().contains(lost), "{:?}", groups.text());
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей").await;
    assert!(card.text().unwrap().contains(lost), "{:?}", card.text());
    olga.presses_under(&card, "Отправить");
    let read = anna.hears("https://a.b").await;
    let text = read.text().unwrap();
    for kept in [
        "<blockquote expandable>a</blockquote>",
        "<tg-emoji emoji-id=\"5368324170671202286\">😀</tg-emoji>",
        "<pre><code class=\"language-rust\">b</code></pre>",
        "<a href=\"tg://user?id=5\">c</a>",
        "<tg-time unix=\"1795000000\" format=\"wDT\">d</tg-time>",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert_eq!(captions(&read), ["Меню", "Не присылать рассылки"]);
    let long = "😀".repeat(4096);
    writes(&w, &olga, &json!({ "text": long }));
    let groups = olga.hears("Кому отправить").await;
    assert!(!groups.text().unwrap().contains("Не сохранится"), "{:?}", groups.text());
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_or_the_right_nothing_begins() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let groups = offered(&olga, "Скидки").await;
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей").await;
    w.sets(&settings::AUTO_BROADCAST_FROM_ADMINS, "false");
    olga.presses_under(&card, "Отправить");
    olga.hears("Рассылки из чата выключены").await;
    olga.says("Ещё скидки");
    olga.hears("Рассылки из чата выключены").await;
    w.sets(&settings::AUTO_BROADCAST_FROM_ADMINS, "true");
    let (anna, maria) = (reader(&w, "Анна").await, admin(&w, "Мария", "marketing", false).await);
    let reads = admin(&w, "Роман", "readonly", true).await;
    for (id, who) in [(1, &anna), (2, &maria), (3, &reads)] {
        who.says(&format!("Разошлите {id}"));
        who.hears("Не понял вас").await;
    }
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["canceled"]);
    assert_eq!(w.count("SELECT count(*) FROM deliveries"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bot_understands_is_no_broadcast_and_ends_the_one_begun() {
    let w = World::open().await;
    let olga = olga(&w).await;
    for (said, answer) in
        [("/help", "Подпишитесь на канал"), ("Мои скидки", "нет активных скидок"), ("/nothing", "Не понял вас")]
    {
        let groups = offered(&olga, "Ярмарка").await;
        olga.says(said);
        olga.hears(answer).await;
        olga.presses_under(&groups, "Все");
        olga.is_told("уже отправлена, отменена или не ваша").await;
    }
    olga.presses("Указать дату рождения");
    olga.hears("Напишите дату рождения").await;
    olga.says("завтра");
    olga.hears("Не получилось разобрать дату").await;
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["canceled", "canceled", "canceled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_draft_sends_nothing_and_a_second_press_of_send_sends_nothing_more() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let anna = reader(&w, "Анна").await;
    let groups = offered(&olga, "Никогда").await;
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 2").await;
    olga.presses_under(&card, "Отмена");
    olga.hears("никто ничего не получит").await;
    olga.presses_under(&card, "Отправить 2");
    olga.is_told("уже отправлена, отменена").await;
    assert_eq!(statuses(&w), ["canceled"]);

    let groups = offered(&olga, "Ярмарка").await;
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 2").await;
    olga.presses_under(&card, "Отправить 2");
    olga.presses_under(&card, "Отправить 2");
    olga.is_told("уже отправлена, отменена").await;
    olga.presses_under(&card, "Отмена");
    olga.is_told("уже отправлена, отменена").await;
    anna.hears_ever("Ярмарка").await;
    w.owner().hears_ever("доставлено 2 из 2").await;
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["canceled", "sent"]);
    assert_eq!(anna.heard_since(0).iter().filter(|text| text.contains("Ярмарка")).count(), 1);
    assert_eq!(anna.heard_since(0).iter().filter(|text| text.contains("Никогда")).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buttons_of_one_admin_do_nothing_for_another_and_forged_ones_for_nobody() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let (maria, anna) = (admin(&w, "Мария", "marketing", true).await, reader(&w, "Анна").await);
    let groups = offered(&olga, "Скидки").await;
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 3").await;
    let (_, send) = buttons(&card).remove(0);
    offered(&maria, "Другое").await;
    for who in [&maria, &anna] {
        for data in
            [send.as_str(), "broadcast:cancel:1", "broadcast:to:1:1", "broadcast:groups:1", "broadcast:send:x:y"]
        {
            who.presses_data(card.message_id.unwrap(), data);
            who.is_told("не ваша").await;
        }
    }
    for data in ["broadcast:", "broadcast:send:1", "broadcast:send:99999999999999999999:3", "broadcast:drop:1"] {
        olga.presses_data(card.message_id.unwrap(), data);
        olga.is_told("не ваша").await;
    }
    assert_eq!(statuses(&w), ["draft", "draft"]);
    // A count that was never shown asks again.
    olga.presses_data(card.message_id.unwrap(), "broadcast:send:1:3000000");
    olga.hears("Проверьте ещё раз").await;
    // A group that is not offered is not to be had.
    olga.presses_data(card.message_id.unwrap(), "broadcast:to:1:4040");
    olga.hears("Кому отправить").await;
    assert_eq!(statuses(&w), ["draft", "draft"]);
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 3").await;
    olga.presses_under(&card, "Отправить 3");
    anna.hears_ever("Скидки").await;
    w.owner().hears_ever("доставлено 3 из 3").await;
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["sent", "draft"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audience_that_has_grown_is_shown_and_asked_about_again() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let groups = offered(&olga, "Ярмарка").await;
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 1.").await;
    for n in 0..15 {
        reader(&w, &format!("Гость {n}")).await;
    }
    olga.presses_under(&card, "Отправить 1");
    let again = olga.hears("Проверьте ещё раз").await;
    assert!(again.text().unwrap().contains("получателей 16"), "{:?}", again.text());
    assert_eq!(statuses(&w), ["draft"]);
    olga.presses_under(&again, "Отправить 16");
    olga.hears("Рассылка принята. Получателей: 16").await;
    w.owner().hears_ever("доставлено 16 из 16").await;
    w.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_goes_on_by_its_file_id_with_its_caption_and_an_album_by_its_first() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let (anna, _) = w.customer_with_code("Анна").await;
    // Any picture this bot has shown is one it may send on.
    let shown = w.tg.chat_view(SHOP, anna.id).into_iter().find_map(|message| message.file_id).unwrap();
    let photo = json!([{ "file_id": "small", "width": 1 }, { "file_id": shown, "width": 9 }]);
    let entities = json!([{ "type": "italic", "offset": 0, "length": 5 }]);
    let first = json!({
        "photo": photo, "caption": "Торты", "caption_entities": entities, "media_group_id": "album-1",
    });
    writes(&w, &olga, &first);
    let groups = olga.hears("в рассылку попадёт только первый файл").await;
    writes(&w, &olga, &json!({ "photo": photo, "media_group_id": "album-1" }));
    writes(&w, &olga, &json!({ "photo": photo, "media_group_id": "album-1" }));
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 2").await;
    olga.presses_under(&card, "Отправить 2");
    let read = anna.hears_ever("<i>Торты</i>").await;
    assert_eq!(read.method, "sendPhoto");
    w.owner().hears_ever("доставлено 2 из 2").await;
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["sent"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_refused_with_its_reason() {
    let w = World::open().await;
    let olga = olga(&w).await;
    for more in [json!({ "sticker": { "file_id": "x" } }), json!({ "photo": [] }), json!({ "video": {} })] {
        writes(&w, &olga, &more);
        olga.hears("напрямую, без пересылки").await;
    }
    olga.says(&"я".repeat(4097));
    olga.hears("слишком длинно").await;
    olga.says("Ваш код {{discount_code}}");
    olga.hears("discount_code").await;
    olga.says("Привет, {{phone}}");
    olga.hears("нет такой подстановки: phone").await;
    let photo = json!([{ "file_id": "AgACAgIAAx" }]);
    writes(&w, &olga, &json!({ "photo": photo, "caption": "я".repeat(1025) }));
    olga.hears("слишком длинно").await;
    w.change("UPDATE segments SET in_bot_menu = 0");
    olga.says("Кому-нибудь");
    olga.hears("Групп для рассылки нет").await;
    let w = w.ends().await;
    assert_eq!(statuses(&w), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_waits_ten_minutes_and_an_empty_group_gets_nothing() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let groups = offered(&olga, "Для VIP").await;
    olga.presses_under(&groups, "VIP");
    let again = olga.hears("некому отправить").await;
    olga.presses_under(&again, "Все");
    let card = olga.hears("получателей 1").await;
    w.change("UPDATE conversation_states SET expires_ms = 1");
    olga.presses_under(&card, "Отправить 1");
    olga.is_told("Отправьте сообщение ещё раз").await;
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["canceled"], "nothing is left lying");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_decides_nothing_any_more_once_its_draft_was_sent_or_given_a_time_elsewhere() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let anna = reader(&w, "Анна").await;
    let groups = offered(&olga, "Ярмарка").await;
    olga.presses_under(&groups, "Все");
    let card = olga.hears("получателей 2").await;
    assert_eq!(w.ran(&["broadcast", "schedule", "1", "--at", "2099-06-01 10:00", "--yes"]).code, 0);
    olga.presses_under(&card, "Отправить 2");
    olga.is_told("уже отправлена, отменена").await;
    assert_eq!(statuses(&w), ["scheduled"]);
    olga.presses_under(&card, "Отмена");
    olga.is_told("уже отправлена, отменена").await;
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["scheduled"]);
    assert_eq!(anna.heard_since(0).iter().filter(|text| text.contains("Ярмарка")).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_nobody_decides_on_any_more_is_given_up_and_a_living_one_is_not() {
    let w = World::open().await;
    let olga = olga(&w).await;
    let maria = admin(&w, "Мария", "marketing", true).await;
    offered(&olga, "Забытая").await;
    offered(&maria, "Живая").await;
    w.changes(format!("UPDATE conversation_states SET expires_ms = 1 WHERE telegram_id = {OWNER}"));
    // The daemon's own tidying may have been quicker.
    crate::broadcasts::acts(&w.db(), dvorik::broadcast::cancel_abandoned).unwrap();
    let w = w.ends().await;
    assert_eq!(statuses(&w), ["canceled", "draft"]);
}
