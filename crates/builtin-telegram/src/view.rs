//! What a person sees on their screen, for tests and the demo: the conversation after edits and deletions, buttons,
//! commands, files.

use serde_json::Value;

use super::BuiltinTelegram;
use super::member::ChatMemberStatus;
use super::message::Post;

/// A message as the person sees it now, after edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownMessage {
    /// The message's id in the chat.
    pub message_id: i64,
    /// Whether the bot wrote the message, not the person.
    pub from_bot: bool,
    /// When the message was sent, in whole seconds since the epoch.
    pub date: i64,
    /// Whether the message was edited at least once.
    pub edited: bool,
    /// The message's text or caption as people read it, without markup.
    pub text: String,
    /// The message's text or caption as written, markup included.
    pub raw: String,
    /// The formatted parts of `text`, as the Bot API's `MessageEntity` objects, in UTF-16 units.
    pub entities: Vec<Value>,
    /// The type of the message's media, `photo`, `video` or `document`; `None`: a text.
    pub media: Option<&'static str>,
    /// The file id of the message's media.
    pub file_id: Option<String>,
    /// Rows of buttons under the message.
    pub buttons: Vec<Vec<ShownButton>>,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownButton {
    /// The text on the button.
    pub caption: String,
    /// The callback data that the bot gets when the button is pressed.
    pub data: Option<String>,
    /// The address that the button opens.
    pub url: Option<String>,
}

impl BuiltinTelegram {
    /// The conversation of a person (or channel) with a bot, oldest first.
    #[must_use]
    pub fn chat_view(&self, bot: &str, chat_id: i64) -> Vec<ShownMessage> {
        let state = self.state();
        let conversation = state.bot(bot).and_then(|bot| bot.conversations.get(&chat_id));
        conversation.map(|conversation| conversation.posts.values().map(shown).collect()).unwrap_or_default()
    }

    /// The plain text or caption of the bot's newest message in a chat, after edits.
    #[must_use]
    pub fn last_text(&self, bot: &str, chat_id: i64) -> Option<String> {
        let state = self.state();
        let conversation = state.bot(bot)?.conversations.get(&chat_id)?;
        conversation.last_of_bot().map(|post| post.words.text.clone())
    }

    /// The bot's newest message in a chat, after edits.
    #[must_use]
    pub fn last_message(&self, bot: &str, chat_id: i64) -> Option<ShownMessage> {
        let state = self.state();
        state.bot(bot)?.conversations.get(&chat_id)?.last_of_bot().map(shown)
    }

    /// The rows of captions of the reply keyboard that a person sees now; empty without a reply keyboard.
    #[must_use]
    pub fn reply_keyboard(&self, bot: &str, person_id: i64) -> Vec<Vec<String>> {
        let state = self.state();
        let conversation = state.bot(bot).and_then(|bot| bot.conversations.get(&person_id));
        conversation
            .and_then(|conversation| conversation.keyboard.as_ref())
            .map(|(rows, _)| rows.clone())
            .unwrap_or_default()
    }

    /// Whether the person has blocked the bot.
    #[must_use]
    pub fn has_blocked(&self, bot: &str, person_id: i64) -> bool {
        let state = self.state();
        let conversation = state.bot(bot).and_then(|bot| bot.conversations.get(&person_id));
        conversation.is_some_and(|conversation| conversation.blocked)
    }

    /// The person's status in a channel (`@name` or id); `Left` when the channel or the person is unknown.
    #[must_use]
    pub fn member_status(&self, chat: &str, person_id: i64) -> ChatMemberStatus {
        let state = self.state();
        let channel = state.shared.find_channel(chat).and_then(|id| state.shared.channels.get(&id));
        channel.and_then(|channel| channel.members.get(&person_id)).copied().unwrap_or(ChatMemberStatus::Left)
    }

    /// The commands that a new person sees in a private chat with a bot, as a JSON array of `BotCommand`; `None` when
    /// the bot has none.
    #[must_use]
    pub fn commands(&self, bot: &str) -> Option<Value> {
        let state = self.state();
        let commands = &state.bot(bot)?.commands;
        let of =
            |wanted: &str| commands.iter().find(|((scope, language), _)| scope.contains(wanted) && language.is_empty());
        of("all_private_chats").or_else(|| of("default")).map(|(_, list)| list.clone())
    }

    /// The bytes of an uploaded file; `None` for unknown ids, and for uploads made with `Keep::Compact`.
    #[must_use]
    pub fn file_bytes(&self, file_id: &str) -> Option<Vec<u8>> {
        self.state().shared.files.get(file_id).and_then(|file| file.bytes.as_ref().map(|bytes| bytes.to_vec()))
    }
}

fn shown(post: &Post) -> ShownMessage {
    let rows = post.inline.as_ref().and_then(|inline| inline.get("inline_keyboard")).and_then(Value::as_array);
    let rows = rows.into_iter().flatten().filter_map(Value::as_array);
    ShownMessage {
        message_id: post.id,
        from_bot: post.from_bot,
        date: post.date,
        edited: post.edited.is_some(),
        text: post.words.text.clone(),
        raw: post.words.raw.clone(),
        entities: post.words.entities.clone(),
        media: post.media.as_ref().map(|media| media.kind),
        file_id: post.media.as_ref().map(|media| media.file_id.clone()),
        buttons: rows.map(|row| row.iter().map(button).collect()).collect(),
    }
}

fn button(value: &Value) -> ShownButton {
    let field = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    ShownButton { caption: field("text").unwrap_or_default(), data: field("callback_data"), url: field("url") }
}
