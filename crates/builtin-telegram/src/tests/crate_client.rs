//! The crate tgbot, on which the product builds, must read every answer with its strictest types. This checks
//! independently that the server's JSON is the JSON of the Bot API.

use std::io::Cursor;

use tgbot::api::Client;
use tgbot::types::{
    AllowedUpdate, AnswerCallbackQuery, BotCommand, ChatMember, CopyMessage, EditMessageCaption,
    EditMessageReplyMarkup, EditMessageText, GetBot, GetChat, GetChatMember, GetFile, GetUpdates, GetWebhookInfo,
    InlineKeyboardButton, InputFile, InputFileReader, InputText, MessageData, ParseMode, SendDocument, SendMessage,
    SendPhoto, SendVideo, SetBotCommands, UpdateType,
};

use super::super::ChatMemberStatus;
use super::*;

fn client(fixture: &Fixture) -> Client {
    Client::with_http_client(fixture.http.clone(), TOKEN).with_host(fixture.tg.base_url()).with_max_retries(0)
}

fn reader(name: &str) -> InputFile {
    InputFile::from(InputFileReader::new(Cursor::new(PNG)).with_file_name(name))
}

#[tokio::test]
async fn the_crate_reads_messages_of_every_kind() {
    let fixture = fixture().await;
    let bot = client(&fixture);
    assert_eq!(bot.execute(GetBot).await.unwrap().username, BOT);
    let keyboard = [[InlineKeyboardButton::for_callback_data("да", "yes")]];
    let send =
        SendMessage::new(ANNA, InputText::from("<b>раз</b>").with_format(ParseMode::Html)).with_reply_markup(keyboard);
    let sent = bot.execute(send).await.unwrap();
    let MessageData::Text(text) = sent.data else { panic!("{:?}", sent.data) };
    assert_eq!((text.data.as_str(), text.entities.is_some()), ("раз", true));
    let edit = EditMessageText::for_chat_message(ANNA, sent.id, "два");
    bot.execute(edit).await.unwrap();
    let keyboard = [[InlineKeyboardButton::for_url("канал", "https://t.me/shop")]];
    let edit = EditMessageReplyMarkup::for_chat_message(ANNA, sent.id).with_reply_markup(keyboard);
    bot.execute(edit).await.unwrap();
    let photo = bot.execute(SendPhoto::new(ANNA, reader("qr.png")).with_caption("код")).await.unwrap();
    let MessageData::Photo(data) = &photo.data else { panic!("{:?}", photo.data) };
    let id = data.data[0].file_id.clone();
    bot.execute(SendPhoto::new(ANNA, InputFile::file_id(id.clone()))).await.unwrap();
    bot.execute(EditMessageCaption::for_chat_message(ANNA, photo.id).with_caption("ещё")).await.unwrap();
    bot.execute(SendVideo::new(ANNA, reader("film.mp4"))).await.unwrap();
    bot.execute(SendDocument::new(ANNA, reader("list.csv"))).await.unwrap();
    bot.execute(CopyMessage::new(ANNA, ANNA, sent.id)).await.unwrap();
    assert!(bot.execute(GetFile::new(id)).await.unwrap().file_path.is_some());
    assert_eq!(fixture.tg.violations(), Vec::<String>::new());
    let sent_photo = fixture.tg.receipts().iter().find(|receipt| receipt.method == "sendPhoto").unwrap().params.clone();
    assert_eq!(sent_photo["photo"], json!({ "file_name": "qr.png", "file_size": PNG.len() }));
}

#[tokio::test]
async fn the_crate_reads_updates_members_and_setup() {
    let fixture = fixture().await;
    let bot = client(&fixture);
    fixture.tg.set_bot_is_channel_admin("@shop", BOT, true);
    let poll = || {
        GetUpdates::new().with_allowed_updates([
            AllowedUpdate::Message,
            AllowedUpdate::BotStatus,
            AllowedUpdate::UserStatus,
            AllowedUpdate::CallbackQuery,
        ])
    };
    bot.execute(poll()).await.unwrap();
    fixture.tg.says(BOT, ANNA, "/start");
    fixture.send("menu").await;
    let press = fixture.tg.presses(BOT, ANNA, 2, "yes");
    fixture.tg.presses(BOT, ANNA, 4242, "gone");
    fixture.tg.blocks(BOT, ANNA);
    fixture.tg.set_member("@shop", ANNA, ChatMemberStatus::Member);
    let updates = bot.execute(poll()).await.unwrap();
    let kinds: Vec<_> = updates
        .iter()
        .map(|update| match &update.update_type {
            UpdateType::Message(_) => "message",
            UpdateType::CallbackQuery(_) => "press",
            UpdateType::BotStatus(_) => "bot",
            UpdateType::UserStatus(_) => "user",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["message", "press", "press", "bot", "user"]);
    assert!(bot.execute(AnswerCallbackQuery::new(press)).await.unwrap());
    for status in [
        ChatMemberStatus::Creator,
        ChatMemberStatus::Administrator,
        ChatMemberStatus::RestrictedInside,
        ChatMemberStatus::Left,
        ChatMemberStatus::Kicked,
    ] {
        fixture.tg.set_member("@shop", ANNA, status);
        let member = bot.execute(GetChatMember::new("@shop", ANNA)).await.unwrap();
        let inside = matches!(
            member,
            ChatMember::Creator(_)
                | ChatMember::Administrator(_)
                | ChatMember::Restricted(_)
                | ChatMember::Member { .. }
        );
        assert_eq!(inside, !matches!(status, ChatMemberStatus::Left | ChatMemberStatus::Kicked));
    }
    bot.execute(GetChat::new("@shop")).await.unwrap();
    bot.execute(SetBotCommands::new([BotCommand::new("start", "Начать").unwrap()])).await.unwrap();
    bot.execute(GetWebhookInfo).await.unwrap();
    assert_eq!(fixture.tg.violations(), Vec::<String>::new());
}
