//! Tests the actions of people: the updates that the bot gets, and what the person's screen shows.

use super::*;

#[tokio::test]
async fn a_pressed_button_becomes_a_callback_that_can_be_answered() {
    let fixture = fixture().await;
    let keyboard = json!({ "inline_keyboard": [[
        { "text": "Да", "callback_data": "yes:1" }, { "text": "Канал", "url": "https://t.me/shop" },
    ]] });
    fixture.call("sendMessage", json!({ "chat_id": ANNA, "text": "?", "reply_markup": keyboard })).await;
    let id = fixture.tg.presses_button(BOT, ANNA, "Да").unwrap();
    let query = fixture.call("getUpdates", json!({})).await["result"][0]["callback_query"].clone();
    assert_eq!((&query["id"], &query["data"]), (&json!(id), &json!("yes:1")));
    assert_eq!(query["message"]["reply_markup"], keyboard);
    assert_eq!(fixture.call("answerCallbackQuery", json!({ "callback_query_id": id })).await["ok"], true);
    let forged = fixture.refusal("answerCallbackQuery", json!({ "callback_query_id": "1" })).await;
    assert!(forged.contains("query ID is invalid"), "{forged}");
    assert_eq!(fixture.tg.presses_button(BOT, ANNA, "Канал").unwrap(), "https://t.me/shop");
    assert!(fixture.tg.presses_button(BOT, ANNA, "Нет").unwrap_err().contains("Канал"));
}

#[tokio::test]
async fn a_forged_press_reaches_the_bot_with_an_inaccessible_message() {
    let fixture = fixture().await;
    fixture.tg.presses(BOT, ANNA, 4242, "redeem:1");
    let query = fixture.call("getUpdates", json!({})).await["result"][0]["callback_query"].clone();
    assert_eq!(query["message"]["date"], 0);
    assert_eq!(query["data"], "redeem:1");
}

#[tokio::test]
async fn a_reply_keyboard_is_shown_pressed_and_removed() {
    let fixture = fixture().await;
    let keyboard = json!({ "keyboard": [["Скидки"], [{ "text": "Помощь" }]], "is_persistent": true });
    fixture.call("sendMessage", json!({ "chat_id": ANNA, "text": "menu", "reply_markup": keyboard })).await;
    assert_eq!(fixture.tg.reply_keyboard(BOT, ANNA), [["Скидки"], ["Помощь"]]);
    fixture.tg.presses_button(BOT, ANNA, "Помощь").unwrap();
    assert_eq!(fixture.call("getUpdates", json!({})).await["result"][0]["message"]["text"], "Помощь");
    let id = fixture.tg.chat_view(BOT, ANNA)[0].message_id;
    let edit = json!({ "chat_id": ANNA, "message_id": id, "text": "x" });
    assert_eq!(fixture.refusal("editMessageText", edit).await, "Bad Request: message can't be edited");
    let remove = json!({ "chat_id": ANNA, "text": "bye", "reply_markup": { "remove_keyboard": true } });
    fixture.call("sendMessage", remove).await;
    assert!(fixture.tg.reply_keyboard(BOT, ANNA).is_empty());
    assert!(fixture.tg.presses_button(BOT, ANNA, "Помощь").is_err());
}

#[tokio::test]
async fn blocking_is_told_to_the_bot_and_start_unblocks() {
    let fixture = fixture().await;
    fixture.tg.blocks(BOT, ANNA);
    fixture.tg.blocks(BOT, ANNA);
    fixture.tg.opens_link(BOT, ANNA, Some("bad payload!"));
    let updates = fixture.call("getUpdates", json!({})).await["result"].clone();
    let status = |n: usize| updates[n]["my_chat_member"]["new_chat_member"]["status"].clone();
    assert_eq!((status(0), status(1)), (json!("kicked"), json!("member")));
    assert_eq!(updates[2]["message"]["text"], "/start", "Telegram drops a payload it does not allow");
    assert_eq!(updates.as_array().unwrap().len(), 3);
    fixture.send("welcome back").await;
}

#[tokio::test]
async fn the_screen_shows_messages_after_edits_with_their_buttons() {
    let fixture = fixture().await;
    fixture.tg.says(BOT, ANNA, "hi");
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Да", "callback_data": "yes" }]] });
    let sent = json!({ "chat_id": ANNA, "text": "<b>x</b>", "parse_mode": "HTML", "reply_markup": keyboard });
    let id = fixture.call("sendMessage", sent).await["result"]["message_id"].as_i64().unwrap();
    let shown = fixture.tg.chat_view(BOT, ANNA);
    assert_eq!((shown[0].from_bot, shown[0].text.as_str()), (false, "hi"));
    assert_eq!((shown[1].from_bot, shown[1].text.as_str(), shown[1].raw.as_str()), (true, "x", "<b>x</b>"));
    assert_eq!((shown[1].buttons[0][0].caption.as_str(), shown[1].buttons[0][0].data.as_deref()), ("Да", Some("yes")));
    fixture.call("editMessageText", json!({ "chat_id": ANNA, "message_id": id, "text": "y" })).await;
    let last = fixture.tg.last_message(BOT, ANNA).unwrap();
    assert_eq!((last.text.as_str(), last.edited, last.buttons.len()), ("y", true, 0));
}

#[tokio::test]
async fn naming_a_bot_that_is_not_there_is_a_violation() {
    let fixture = fixture().await;
    assert_eq!(fixture.tg.says("nobody", ANNA, "hi"), 0);
    assert_eq!(fixture.tg.violations(), ["no bot is called nobody"]);
}
