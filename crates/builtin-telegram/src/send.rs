//! The methods that bring a new message to a chat (`send…` and `copyMessage`), and `sendChatAction`.

use serde_json::json;

use super::markup::Markup;
use super::message::{Media, Post, Words};
use super::refusal::Refusal;
use super::scene::{Done, Scene};

/// Executes `sendMessage`.
pub(super) fn message(scene: &mut Scene<'_>) -> Result<Done, Refusal> {
    let words = Words::text_of(scene.params, &mut scene.town.violations)?;
    scene.send(words, None)
}

/// Executes `sendPhoto`.
pub(super) fn photo(scene: &mut Scene<'_>) -> Result<Done, Refusal> {
    scene.send_media("photo")
}

/// Executes `sendVideo`.
pub(super) fn video(scene: &mut Scene<'_>) -> Result<Done, Refusal> {
    scene.send_media("video")
}

/// Executes `sendDocument`.
pub(super) fn document(scene: &mut Scene<'_>) -> Result<Done, Refusal> {
    scene.send_media("document")
}

/// Executes `sendChatAction`.
pub(super) fn chat_action(scene: &mut Scene<'_>) -> Result<Done, Refusal> {
    scene.writable_chat()?;
    Ok(Done::yes())
}

/// Executes `copyMessage`: sends the text and media of a message from one of this bot's chats, with the call's own
/// buttons, if it has some.
pub(super) fn copy(scene: &mut Scene<'_>) -> Result<Done, Refusal> {
    let from = scene.named_chat("from_chat_id")?;
    let id = scene.params.number("message_id").unwrap_or(0);
    let found = scene.bot.rooms.get(&from).and_then(|room| room.posts.get(&id)).cloned();
    let source = found.ok_or_else(|| Refusal::bad("message to copy not found"))?;
    let recaptioned = source.media.is_some() && scene.params.value("caption").is_some();
    let words = if recaptioned { Words::caption_of(scene.params, &mut scene.town.violations)? } else { source.words };
    let done = scene.send(words, source.media)?;
    Ok(Done { result: json!({ "message_id": done.message_id }), message_id: done.message_id })
}

impl Scene<'_> {
    fn send_media(&mut self, kind: &'static str) -> Result<Done, Refusal> {
        let words = Words::caption_of(self.params, &mut self.town.violations)?;
        let media = self.media(kind)?;
        self.send(words, Some(media))
    }

    fn send(&mut self, words: Words, media: Option<Media>) -> Result<Done, Refusal> {
        let markup = Markup::of(self.params, &mut self.town.violations)?;
        let chat = self.writable_chat()?;
        let id = self.bot.next_message_id();
        let inline = markup.as_ref().and_then(Markup::inline);
        let other_markup = markup.is_some() && !matches!(markup, Some(Markup::Inline(_)));
        let date = self.town.date();
        let post = Post { id, date, edited: None, from_bot: true, words, media, inline, other_markup };
        let result = self.bot.message(&post, self.town, chat);
        self.bot.place(chat, post, markup.as_ref(), self.town.keep);
        Ok(Done { result, message_id: Some(id) })
    }
}
