//! The methods that bring a new message to a chat (`send…` and `copyMessage`), and `sendChatAction`.

use serde_json::json;

use super::call_context::{CallContext, Done};
use super::markup::Markup;
use super::message::{Media, Post, Words};
use super::refusal::Refusal;

/// Executes `sendMessage`.
pub(super) fn message(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let words = Words::text_of(call.params, &mut call.shared.violations)?;
    call.send(words, None)
}

/// Executes `sendPhoto`.
pub(super) fn photo(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    call.send_media("photo")
}

/// Executes `sendVideo`.
pub(super) fn video(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    call.send_media("video")
}

/// Executes `sendDocument`.
pub(super) fn document(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    call.send_media("document")
}

/// Executes `sendChatAction`.
pub(super) fn chat_action(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    call.writable_chat()?;
    Ok(Done::yes())
}

/// Executes `copyMessage`: sends the text and media of a message from one of this bot's chats, with the call's own
/// buttons, if it has some.
pub(super) fn copy(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let from = call.named_chat("from_chat_id")?;
    let id = call.params.number("message_id").unwrap_or(0);
    let found = call.bot.conversations.get(&from).and_then(|conversation| conversation.posts.get(&id)).cloned();
    let source = found.ok_or_else(|| Refusal::bad("message to copy not found"))?;
    let recaptioned = source.media.is_some() && call.params.value("caption").is_some();
    let words = if recaptioned { Words::caption_of(call.params, &mut call.shared.violations)? } else { source.words };
    let done = call.send(words, source.media)?;
    Ok(Done { result: json!({ "message_id": done.message_id }), message_id: done.message_id })
}

impl CallContext<'_> {
    fn send_media(&mut self, kind: &'static str) -> Result<Done, Refusal> {
        let words = Words::caption_of(self.params, &mut self.shared.violations)?;
        let media = self.media(kind)?;
        self.send(words, Some(media))
    }

    fn send(&mut self, words: Words, media: Option<Media>) -> Result<Done, Refusal> {
        let markup = Markup::of(self.params, &mut self.shared.violations)?;
        let chat = self.writable_chat()?;
        let id = self.bot.next_message_id();
        let inline = markup.as_ref().and_then(Markup::inline);
        let other_markup = markup.is_some() && !matches!(markup, Some(Markup::Inline(_)));
        let date = self.shared.date();
        let post = Post { id, date, edited: None, from_bot: true, words, media, inline, other_markup };
        let result = self.bot.message(&post, self.shared, chat);
        self.bot.place(chat, post, markup.as_ref(), self.shared.keep);
        Ok(Done { result, message_id: Some(id) })
    }
}
