//! The methods that edit or delete messages, and the method that answers a press of a button.

use serde_json::Value;

use super::call_context::{CallContext, Done};
use super::markup::Markup;
use super::message::{Post, Words};
use super::refusal::Refusal;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the \
                            same as a current content and reply markup of the message";
const CALLBACK_ANSWER_LIMIT: usize = 200;
/// Bots may delete messages younger than this, in seconds.
const DELETABLE_S: i64 = 48 * 3600;

/// Executes `editMessageText`. A missing `reply_markup` removes the buttons.
pub(super) fn text(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let words = Words::text_of(call.params, &mut call.shared.violations)?;
    let inline = Markup::inline_of(call.params, &mut call.shared.violations)?;
    call.edit(|post| {
        if post.media.is_some() {
            return Err(Refusal::bad("there is no text in the message to edit"));
        }
        Ok((words, inline))
    })
}

/// Executes `editMessageCaption`. A missing `reply_markup` removes the buttons.
pub(super) fn caption(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let words = Words::caption_of(call.params, &mut call.shared.violations)?;
    let inline = Markup::inline_of(call.params, &mut call.shared.violations)?;
    call.edit(|post| {
        if post.media.is_none() {
            return Err(Refusal::bad("there is no caption in the message to edit"));
        }
        Ok((words, inline))
    })
}

/// Executes `editMessageReplyMarkup`.
pub(super) fn reply_markup(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let inline = Markup::inline_of(call.params, &mut call.shared.violations)?;
    call.edit(|post| Ok((post.words.clone(), inline)))
}

/// Executes `deleteMessage`.
pub(super) fn delete(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let chat = call.named_chat("chat_id")?;
    let id = call.params.number("message_id").unwrap_or(0);
    let oldest = call.shared.date() - DELETABLE_S;
    let conversation = call.bot.conversations.get_mut(&chat);
    let gone = || Refusal::bad("message to delete not found");
    let conversation = conversation.filter(|conversation| conversation.posts.contains_key(&id)).ok_or_else(gone)?;
    if conversation.posts.get(&id).is_some_and(|post| post.date < oldest) {
        return Err(Refusal::bad("message can't be deleted for everyone"));
    }
    conversation.posts.remove(&id);
    Ok(Done { result: Value::Bool(true), message_id: Some(id) })
}

/// Executes `deleteMessages`. Ids of messages that do not exist are skipped.
pub(super) fn delete_many(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let chat = call.named_chat("chat_id")?;
    let ids = call.params.value("message_ids").and_then(Value::as_array);
    let ids = ids.filter(|ids| (1..=100).contains(&ids.len()));
    let ids = ids.ok_or_else(|| Refusal::bad("message identifiers are not specified"))?;
    let oldest = call.shared.date() - DELETABLE_S;
    if let Some(conversation) = call.bot.conversations.get_mut(&chat) {
        for id in ids.iter().filter_map(Value::as_i64) {
            if conversation.posts.get(&id).is_some_and(|post| post.date >= oldest) {
                conversation.posts.remove(&id);
            }
        }
    }
    Ok(Done::yes())
}

/// Executes `answerCallbackQuery`. The same press may be answered twice; the answer to a press that never happened is
/// refused.
pub(super) fn callback(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let known = call.params.text("callback_query_id").is_some_and(|id| call.bot.callbacks.contains(id));
    if !known {
        return Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"));
    }
    let text = call.params.text("text").unwrap_or_default();
    if text.chars().count() > CALLBACK_ANSWER_LIMIT {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    Ok(Done::yes())
}

impl CallContext<'_> {
    /// Gives a message of this bot the text and buttons that `change` returns. Refuses content that the message has
    /// already.
    fn edit<F>(&mut self, change: F) -> Result<Done, Refusal>
    where
        F: FnOnce(&Post) -> Result<(Words, Option<Value>), Refusal>,
    {
        if self.params.value("inline_message_id").is_some() {
            return Err(Refusal::bad("inline messages are not supported here"));
        }
        let chat = self.writable_chat()?;
        let id = self.params.number("message_id").unwrap_or(0);
        let now = self.shared.date();
        let post = self.bot.conversations.get_mut(&chat).and_then(|conversation| conversation.posts.get_mut(&id));
        let post = post.ok_or_else(|| Refusal::bad("message to edit not found"))?;
        if !post.from_bot || post.other_markup {
            return Err(Refusal::bad("message can't be edited"));
        }
        let (words, inline) = change(post)?;
        let same = words.text == post.words.text && words.entities == post.words.entities && inline == post.inline;
        if same {
            return Err(Refusal::bad(NOT_MODIFIED));
        }
        (post.words, post.inline, post.edited) = (words, inline, Some(now));
        let post = post.clone();
        Ok(Done { result: self.bot.message(&post, self.shared, chat), message_id: Some(id) })
    }
}
