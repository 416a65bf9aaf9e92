//! Tests that the server refuses calls in Telegram's own words.

use super::*;

fn buttons(button: &Value) -> Value {
    json!({ "chat_id": ANNA, "text": "x", "reply_markup": { "inline_keyboard": [[button]] } })
}

#[tokio::test]
async fn texts_are_counted_after_parsing_in_code_points() {
    let fixture = fixture().await;
    let html = |text: String| json!({ "chat_id": ANNA, "text": text, "parse_mode": "HTML" });
    assert_eq!(fixture.call("sendMessage", html(format!("<b>{}</b>", "я".repeat(4096)))).await["ok"], true);
    assert_eq!(fixture.call("sendMessage", html("🎉".repeat(4096))).await["ok"], true);
    assert_eq!(fixture.refusal("sendMessage", html("🎉".repeat(4097))).await, "Bad Request: message is too long");
    assert_eq!(fixture.refusal("sendMessage", html(String::new())).await, "Bad Request: message text is empty");
    for empty in ["<b> </b>", "\u{200b}", "&#32;", "\u{2800}\n"] {
        assert_eq!(
            fixture.refusal("sendMessage", html(empty.into())).await,
            "Bad Request: text must be non-empty",
            "{empty:?}"
        );
    }
    let photo = fixture.upload(TOKEN, ANNA, PNG).await["result"]["photo"][0]["file_id"].clone();
    let caption = |n: usize| json!({ "chat_id": ANNA, "photo": photo, "caption": "😀".repeat(n) });
    assert_eq!(fixture.call("sendPhoto", caption(1024)).await["ok"], true);
    assert_eq!(fixture.refusal("sendPhoto", caption(1025)).await, "Bad Request: message caption is too long");
}

#[tokio::test]
async fn broken_html_is_refused_with_the_byte_offset() {
    let fixture = fixture().await;
    let html = json!({ "chat_id": ANNA, "text": "Hello<foo>", "parse_mode": "HTML" });
    assert_eq!(
        fixture.refusal("sendMessage", html).await,
        "Bad Request: can't parse entities: Unsupported start tag \"foo\" at byte offset 5"
    );
    let plain = json!({ "chat_id": ANNA, "text": "Hello<foo>" });
    assert_eq!(fixture.call("sendMessage", plain).await["result"]["text"], "Hello<foo>");
    let message = fixture.send("A &lt; <b>B</b>").await;
    assert_eq!(message["text"], "A < B");
    assert_eq!(message["entities"], json!([{ "type": "bold", "offset": 4, "length": 1 }]));
}

#[tokio::test]
async fn buttons_are_checked() {
    let fixture = fixture().await;
    let data = |data: String| buttons(&json!({ "text": "b", "callback_data": data }));
    assert_eq!(fixture.call("sendMessage", data("я".repeat(32))).await["ok"], true);
    assert_eq!(fixture.refusal("sendMessage", data("я".repeat(33))).await, "Bad Request: BUTTON_DATA_INVALID");
    assert_eq!(fixture.refusal("sendMessage", data(String::new())).await, "Bad Request: BUTTON_DATA_INVALID");
    let url = buttons(&json!({ "text": "b", "url": "javascript:alert(1)" }));
    assert_eq!(
        fixture.refusal("sendMessage", url).await,
        "Bad Request: inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong port number specified in the URL"
    );
    let nameless = fixture.refusal("sendMessage", buttons(&json!({ "text": "", "callback_data": "x" }))).await;
    assert!(nameless.contains("can't parse inline keyboard button"), "{nameless}");
    let many = vec![json!([{ "text": "b", "callback_data": "x" }]); 101];
    let many = json!({ "chat_id": ANNA, "text": "x", "reply_markup": { "inline_keyboard": many } });
    assert_eq!(fixture.refusal("sendMessage", many).await, "Bad Request: reply markup is too long");
}

#[tokio::test]
async fn unknown_parameters_and_button_fields_are_violations() {
    let fixture = fixture().await;
    fixture.call("sendMessage", json!({ "chat_id": ANNA, "text": "x", "parsemode": "HTML" })).await;
    fixture.call("sendMessage", buttons(&json!({ "text": "b", "callback_data": "x", "colour": "red" }))).await;
    let expected = ["sendMessage: unknown parameter parsemode", "reply_markup: unknown button field colour"];
    assert_eq!(fixture.tg.violations(), expected);
}

#[tokio::test]
async fn a_bot_writes_only_to_those_who_started_it_and_did_not_block_it() {
    let fixture = fixture().await;
    let to = |chat: i64| json!({ "chat_id": chat, "text": "x" });
    assert_eq!(fixture.refusal("sendMessage", to(999)).await, "Bad Request: chat not found");
    fixture.tg.add_person(Person { id: 502, first_name: "Борис".into(), ..Person::default() });
    assert_eq!(fixture.refusal("sendMessage", to(502)).await, "Forbidden: bot can't initiate conversation with a user");
    fixture.tg.says(BOT, 502, "/start");
    assert_eq!(fixture.call("sendMessage", to(502)).await["ok"], true);
    fixture.tg.blocks(BOT, 502);
    assert_eq!(fixture.refusal("sendMessage", to(502)).await, "Forbidden: bot was blocked by the user");
    fixture.tg.unblocks(BOT, 502);
    assert_eq!(fixture.call("sendMessage", to(502)).await["ok"], true);
    fixture.tg.deactivates(502);
    assert_eq!(fixture.refusal("sendMessage", to(502)).await, "Forbidden: user is deactivated");
}

#[tokio::test]
async fn a_file_id_serves_its_own_bot_only() {
    let fixture = fixture().await;
    let sent = fixture.upload(TOKEN, ANNA, PNG).await;
    assert_eq!(sent["result"]["caption"], "вот", "{sent}");
    let id = sent["result"]["photo"][0]["file_id"].as_str().unwrap().to_owned();
    let receipt = fixture.tg.receipts_for(BOT, ANNA).pop().unwrap();
    assert_eq!(receipt.params["photo"], json!({ "file_name": "qr.png", "file_size": PNG.len() }));
    let again = json!({ "chat_id": ANNA, "photo": id });
    assert_eq!(fixture.call("sendPhoto", again.clone()).await["ok"], true);
    fixture.tg.has_started(OTHER_BOT, ANNA);
    let other = fixture.call_as(OTHER_TOKEN, "sendPhoto", again).await;
    assert_eq!(other["description"], "Bad Request: wrong file identifier/HTTP URL specified");
    let as_document = json!({ "chat_id": ANNA, "document": id });
    assert_eq!(
        fixture.refusal("sendDocument", as_document).await,
        "Bad Request: can't use file of type Photo as Document"
    );
    assert_eq!(fixture.upload(TOKEN, ANNA, b"no picture").await["description"], "Bad Request: IMAGE_PROCESS_FAILED");
    let file = fixture.call("getFile", json!({ "file_id": id })).await;
    let path = file["result"]["file_path"].as_str().unwrap();
    let url = format!("{}/file/bot{TOKEN}/{path}", fixture.tg.base_url());
    assert_eq!(fixture.http.get(url).send().await.unwrap().bytes().await.unwrap(), PNG);
    assert_eq!(fixture.tg.file_bytes(&id).unwrap(), PNG);
}

#[tokio::test]
async fn edits_need_a_change_and_the_bots_own_message() {
    let fixture = fixture().await;
    let id = fixture.send("<b>one</b>").await["message_id"].clone();
    let edit = |text: &str| json!({ "chat_id": ANNA, "message_id": id, "text": text, "parse_mode": "HTML" });
    let same = fixture.refusal("editMessageText", edit("<strong>one</strong>")).await;
    assert!(same.starts_with("Bad Request: message is not modified: specified new message content"), "{same}");
    let edited = fixture.call("editMessageText", edit("two")).await;
    assert_eq!((&edited["result"]["text"], &edited["result"]["message_id"]), (&json!("two"), &id));
    let keyboard = json!({ "inline_keyboard": [[{ "text": "b", "callback_data": "x" }]] });
    let markup = json!({ "chat_id": ANNA, "message_id": id, "reply_markup": keyboard });
    assert_eq!(fixture.call("editMessageReplyMarkup", markup.clone()).await["result"]["reply_markup"], keyboard);
    assert!(fixture.refusal("editMessageReplyMarkup", markup).await.contains("not modified"));
    assert_eq!(fixture.call("editMessageText", edit("two")).await["ok"], true, "without markup the buttons go");
    assert!(fixture.tg.last_message(BOT, ANNA).unwrap().buttons.is_empty());
    let caption = json!({ "chat_id": ANNA, "message_id": id, "caption": "c" });
    assert_eq!(
        fixture.refusal("editMessageCaption", caption).await,
        "Bad Request: there is no caption in the message to edit"
    );
    let said = fixture.tg.says(BOT, ANNA, "mine");
    let foreign = json!({ "chat_id": ANNA, "message_id": said, "text": "yours" });
    assert_eq!(fixture.refusal("editMessageText", foreign).await, "Bad Request: message can't be edited");
    let missing = json!({ "chat_id": ANNA, "message_id": 4242, "text": "x" });
    assert_eq!(fixture.refusal("editMessageText", missing).await, "Bad Request: message to edit not found");
}

#[tokio::test]
async fn captions_are_edited_under_pictures() {
    let fixture = fixture().await;
    let id = fixture.upload(TOKEN, ANNA, PNG).await["result"]["message_id"].clone();
    let caption = json!({ "chat_id": ANNA, "message_id": id, "caption": "<i>used</i>", "parse_mode": "HTML" });
    assert_eq!(fixture.call("editMessageCaption", caption).await["result"]["caption"], "used");
    let text = json!({ "chat_id": ANNA, "message_id": id, "text": "x" });
    assert_eq!(fixture.refusal("editMessageText", text).await, "Bad Request: there is no text in the message to edit");
}

#[tokio::test]
async fn messages_are_copied_and_deleted_within_two_days() {
    let fixture = fixture().await;
    let id = fixture.send("<b>one</b>").await["message_id"].clone();
    let copy = json!({ "chat_id": ANNA, "from_chat_id": ANNA, "message_id": id });
    let copied = fixture.call("copyMessage", copy).await["result"]["message_id"].clone();
    assert_eq!(fixture.tg.last_text(BOT, ANNA).as_deref(), Some("one"));
    let delete = |id: &Value| json!({ "chat_id": ANNA, "message_id": id });
    assert_eq!(fixture.call("deleteMessage", delete(&id)).await["ok"], true);
    assert_eq!(fixture.refusal("deleteMessage", delete(&id)).await, "Bad Request: message to delete not found");
    fixture.clock.fetch_add(48 * 3600 * 1000 + 1000, Ordering::SeqCst);
    assert_eq!(
        fixture.refusal("deleteMessage", delete(&copied)).await,
        "Bad Request: message can't be deleted for everyone"
    );
    fixture.call("deleteMessages", json!({ "chat_id": ANNA, "message_ids": [copied, 77] })).await;
    assert_eq!(fixture.tg.chat_view(BOT, ANNA).len(), 1);
}

#[tokio::test]
async fn channel_members_are_told_to_administrators_only() {
    let fixture = fixture().await;
    let ask = json!({ "chat_id": "@Shop", "user_id": ANNA });
    assert_eq!(fixture.refusal("getChatMember", ask.clone()).await, "Bad Request: chat not found");
    fixture.tg.set_member("@shop", ANNA, super::super::ChatMemberStatus::Member);
    assert_eq!(fixture.refusal("getChatMember", ask.clone()).await, "Bad Request: member list is inaccessible");
    fixture.tg.set_bot_is_channel_admin("@shop", BOT, true);
    assert_eq!(fixture.call("getChatMember", ask.clone()).await["result"]["status"], "member");
    let chat = fixture.call("getChat", json!({ "chat_id": "@shop" })).await["result"]["id"].clone();
    let me = fixture.call("getChatMember", json!({ "chat_id": chat, "user_id": 1_000_001 })).await;
    assert_eq!(me["result"]["status"], "administrator");
    let stranger = json!({ "chat_id": chat, "user_id": 4242 });
    assert_eq!(fixture.refusal("getChatMember", stranger).await, "Bad Request: PARTICIPANT_ID_INVALID");
    fixture.tg.remove_channel("@shop");
    assert_eq!(fixture.refusal("getChatMember", ask).await, "Bad Request: chat not found");
}

#[tokio::test]
async fn commands_are_checked_and_kept_per_scope() {
    let fixture = fixture().await;
    let commands = json!([{ "command": "start", "description": "Начать" }]);
    assert_eq!(fixture.call("setMyCommands", json!({ "commands": commands })).await["ok"], true);
    assert_eq!(fixture.call("getMyCommands", json!({})).await["result"], commands);
    assert_eq!(fixture.tg.commands(BOT), Some(commands));
    let scope = json!({ "type": "all_private_chats" });
    assert_eq!(fixture.call("getMyCommands", json!({ "scope": scope })).await["result"], json!([]));
    let loud = json!({ "commands": [{ "command": "Start", "description": "x" }] });
    assert_eq!(fixture.refusal("setMyCommands", loud).await, "Bad Request: BOT_COMMAND_INVALID");
}
