//! Updates of Telegram as small structs. Decoding never fails: a field that is missing, strange or new is left out, and
//! an update that cannot be read becomes [`UpdateKind::Other`] with its id, so one odd update can never stop the queue.
//! Nothing in this module sends or stores.

mod beyond;
mod command;
mod html;
mod json;

pub use beyond::{LinkButton, Lost};
pub use command::Command;
pub use json::{read_json, update_id_in};

use json::{field, flag, int, text};
use serde_json::Value;

/// The most characters stored of a person's or a chat's name; longer names are cut.
pub const MAX_NAME: usize = 256;
/// The most characters stored of a message's text or caption (Telegram allows 4096).
pub const MAX_TEXT: usize = 8192;

/// One update of Telegram, whatever its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The update's id; 0 when the JSON has none ([`update_id`] tells whether it has).
    pub update_id: i64,
    /// What the update reports.
    pub kind: UpdateKind,
}

/// The kinds of update this program acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateKind {
    /// A new message in a private chat or a group.
    Message(Message),
    /// A message that its author changed.
    EditedMessage(Message),
    /// A press of an inline button.
    CallbackQuery(CallbackQuery),
    /// The bot itself was blocked, unblocked, added or removed.
    MyChatMember(ChatMemberUpdated),
    /// A person joined or left a chat that the bot administers.
    ChatMember(ChatMemberUpdated),
    /// An update of any other kind, or one that could not be read.
    Other,
}

/// A message; everything but its chat and its id may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The message's id within its chat.
    pub message_id: i64,
    /// When the message was sent, in seconds since the epoch by Telegram's clock; 0 when unknown.
    pub date: i64,
    /// The chat in which the message was written.
    pub chat: Chat,
    /// The author of the message; messages of channels and anonymous admins have none.
    pub from: Option<TelegramUser>,
    /// The message's text without formatting, at most [`MAX_TEXT`] characters.
    pub text: Option<String>,
    /// The caption of the message's photo, video or file.
    pub caption: Option<String>,
    /// The message's text or caption with its formatting as Telegram's HTML, for sending it on.
    pub html: Option<String>,
    /// The message's media.
    pub media: Option<IncomingMedia>,
    /// The id of the album that the message is part of. The messages of an album come as single updates.
    pub album: Option<String>,
    /// Rows of buttons under the message that open addresses.
    pub buttons: Vec<Vec<LinkButton>>,
    /// The parts of the message that are lost when it is sent on.
    pub lost: Vec<Lost>,
}

/// The media of a message. Kinds that this program can send on have a `file_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncomingMedia {
    /// A picture: the `file_id` of its largest size.
    Photo(String),
    /// A video's `file_id`.
    Video(String),
    /// A file's `file_id`.
    Document(String),
    /// A sticker, voice message, place, contact or another kind.
    Other,
}

/// A chat and its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Telegram's chat id; a person's own id in private chats.
    pub id: i64,
    /// The chat's kind: private, group, channel.
    pub kind: ChatKind,
    /// The title of a group or channel.
    pub title: Option<String>,
    /// The chat's public name without `@`.
    pub username: Option<String>,
}

/// The kinds of chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    /// A chat of one person and the bot.
    Private,
    /// A basic group.
    Group,
    /// A large group.
    Supergroup,
    /// A channel.
    Channel,
    /// A kind that Telegram added later, or no kind given.
    Unknown,
}

/// A person (or a bot) as they call themselves: any characters but control ones, at most [`MAX_NAME`] of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelegramUser {
    /// The person's Telegram id.
    pub id: i64,
    /// Whether this account is a bot.
    pub is_bot: bool,
    /// The person's first name; empty when missing.
    pub first_name: String,
    /// The person's last name.
    pub last_name: Option<String>,
    /// The person's public name without `@`.
    pub username: Option<String>,
    /// The language of the person's Telegram app, such as `ru`.
    pub language_code: Option<String>,
}

/// A press of an inline button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackQuery {
    /// The id of the press, needed to answer it.
    pub id: String,
    /// The person who pressed the button.
    pub from: TelegramUser,
    /// The message under which the button is: its chat and its id.
    pub message: Option<(Chat, i64)>,
    /// The button's callback data. This program's buttons have at most 64 bytes; a forged press may hold anything.
    pub data: Option<String>,
}

impl CallbackQuery {
    /// Whether the button is in the chat of the person and the bot. Also true for a press without a message: presses in
    /// groups always come with one.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.message.as_ref().is_none_or(|(chat, _)| chat.kind == ChatKind::Private)
    }
}

/// A change of a person's membership in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMemberUpdated {
    /// The chat in which the membership changed.
    pub chat: Chat,
    /// Who changed the membership; the person themselves when Telegram does not say.
    pub from: TelegramUser,
    /// The person whose membership changed.
    pub user: TelegramUser,
    /// When the membership changed, in seconds since the epoch by Telegram's clock; 0 when unknown.
    pub date: i64,
    /// The person's new status in the chat.
    pub new_status: MemberStatus,
}

/// The status of a person in a chat, in Telegram's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    /// The person owns the chat.
    Creator,
    /// The person administers the chat.
    Administrator,
    /// The person is a member of the chat.
    Member,
    /// The person is a member with restrictions, or is kept out with restrictions.
    Restricted {
        /// Whether the person is in the chat now.
        is_member: bool,
    },
    /// The person is not in the chat, or not any more.
    Left,
    /// The person is banned; in the bot's own private chat: the person has blocked the bot.
    Kicked,
    /// A status that Telegram added later, or no status given.
    Unknown,
}

impl Update {
    /// Reads an update out of any JSON; what cannot be read is [`UpdateKind::Other`].
    #[must_use]
    pub fn from_value(raw: &Value) -> Self {
        Self { update_id: update_id(raw).unwrap_or(0), kind: kind(raw).unwrap_or(UpdateKind::Other) }
    }

    /// Reads an update out of stored or received text; broken JSON is [`UpdateKind::Other`].
    #[must_use]
    pub fn from_text(raw: &str) -> Self {
        read_json(raw.as_bytes())
            .map_or(Self { update_id: 0, kind: UpdateKind::Other }, |value| Self::from_value(&value))
    }
}

/// The update's id, if it has one.
#[must_use]
pub fn update_id(raw: &Value) -> Option<i64> {
    int(raw, "update_id")
}

/// The key of the updates that must be handled one after another: the id of the chat to which the update belongs, else
/// of the person from whom it comes.
#[must_use]
pub fn chat_key(raw: &Value) -> Option<i64> {
    const PATHS: [&str; 5] = ["/chat/id", "/message/chat/id", "/from/id", "/user/id", "/user_chat_id"];
    let bodies = || raw.as_object().into_iter().flat_map(|fields| fields.values()).filter(|value| value.is_object());
    PATHS.iter().find_map(|path| bodies().find_map(|body| json::as_int(body.pointer(path)?)))
}

/// The update without the content of other messages that it repeats: of the message under a pressed button only the
/// chat, the id and the date are left, and a reply loses the message that it answers. Otherwise a cashier's press would
/// also store a customer's name.
#[must_use]
pub fn without_quotes(raw: &Value) -> Value {
    const QUOTING: [&str; 4] = ["reply_to_message", "external_reply", "quote", "pinned_message"];
    let mut update = raw.clone();
    if let Some(pressed) = update.pointer_mut("/callback_query/message").and_then(Value::as_object_mut) {
        pressed.retain(|name, _| ["chat", "message_id", "date"].contains(&name.as_str()));
    }
    for body in update.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let Some(fields) = body.as_object_mut() {
            fields.retain(|name, _| !QUOTING.contains(&name.as_str()));
        }
    }
    update
}

fn kind(raw: &Value) -> Option<UpdateKind> {
    let under = |name| raw.get(name).filter(|value| value.is_object());
    if let Some(body) = under("message") {
        return message(body).map(UpdateKind::Message);
    }
    if let Some(body) = under("edited_message") {
        return message(body).map(UpdateKind::EditedMessage);
    }
    if let Some(body) = under("callback_query") {
        return callback_query(body).map(UpdateKind::CallbackQuery);
    }
    if let Some(body) = under("my_chat_member") {
        return chat_member(body).map(UpdateKind::MyChatMember);
    }
    chat_member(under("chat_member")?).map(UpdateKind::ChatMember)
}

fn message(body: &Value) -> Option<Message> {
    Some(Message {
        message_id: int(body, "message_id")?,
        date: int(body, "date").unwrap_or(0),
        chat: chat(body.get("chat")?)?,
        from: body.get("from").and_then(person),
        text: text(body, "text", MAX_TEXT),
        caption: text(body, "caption", MAX_TEXT),
        html: html(body, "text", "entities").or_else(|| html(body, "caption", "caption_entities")),
        media: media(body),
        album: text(body, "media_group_id", MAX_NAME),
        buttons: beyond::link_buttons(body),
        lost: beyond::lost(body),
    })
}

fn html(body: &Value, text: &str, entities: &str) -> Option<String> {
    Some(html::formatted(body.get(text)?.as_str()?, body.get(entities)))
}

fn media(body: &Value) -> Option<IncomingMedia> {
    const OTHERS: [&str; 12] = [
        "sticker",
        "voice",
        "video_note",
        "audio",
        "contact",
        "location",
        "venue",
        "poll",
        "dice",
        "game",
        "story",
        "paid_media",
    ];
    let file = |value: &Value| text(value, "file_id", MAX_NAME);
    if let Some(sizes) = body.get("photo").and_then(Value::as_array) {
        return Some(sizes.last().and_then(file).map_or(IncomingMedia::Other, IncomingMedia::Photo));
    }
    // An animation also fills `document`; sending its file_id as a document works.
    if let Some(video) = field(body, "video") {
        return Some(file(video).map_or(IncomingMedia::Other, IncomingMedia::Video));
    }
    if let Some(document) = field(body, "document") {
        return Some(file(document).map_or(IncomingMedia::Other, IncomingMedia::Document));
    }
    OTHERS.iter().any(|name| field(body, name).is_some()).then_some(IncomingMedia::Other)
}

fn callback_query(body: &Value) -> Option<CallbackQuery> {
    let message = body.get("message");
    Some(CallbackQuery {
        id: text(body, "id", MAX_NAME)?,
        from: person(body.get("from")?)?,
        message: message.and_then(|m| Some((chat(m.get("chat")?)?, int(m, "message_id")?))),
        data: text(body, "data", MAX_NAME),
    })
}

fn chat_member(body: &Value) -> Option<ChatMemberUpdated> {
    let new = body.get("new_chat_member")?;
    let user = person(new.get("user")?)?;
    Some(ChatMemberUpdated {
        chat: chat(body.get("chat")?)?,
        from: body.get("from").and_then(person).unwrap_or_else(|| user.clone()),
        user,
        date: int(body, "date").unwrap_or(0),
        new_status: MemberStatus::from_value(new),
    })
}

fn chat(body: &Value) -> Option<Chat> {
    let kind = match body.get("type").and_then(Value::as_str) {
        Some("private") => ChatKind::Private,
        Some("group") => ChatKind::Group,
        Some("supergroup") => ChatKind::Supergroup,
        Some("channel") => ChatKind::Channel,
        _ => ChatKind::Unknown,
    };
    let name = |field| json::name(body, field, MAX_NAME);
    Some(Chat { id: int(body, "id")?, kind, title: name("title"), username: name("username") })
}

fn person(body: &Value) -> Option<TelegramUser> {
    let name = |field| json::name(body, field, MAX_NAME);
    Some(TelegramUser {
        id: int(body, "id")?,
        is_bot: flag(body, "is_bot"),
        first_name: name("first_name").unwrap_or_default(),
        last_name: name("last_name"),
        username: name("username"),
        language_code: name("language_code"),
    })
}

impl MemberStatus {
    /// Reads a `ChatMember` object as Telegram sends it.
    #[must_use]
    pub fn from_value(member: &Value) -> Self {
        match member.get("status").and_then(Value::as_str) {
            Some("creator") => Self::Creator,
            Some("administrator") => Self::Administrator,
            Some("member") => Self::Member,
            Some("restricted") => Self::Restricted { is_member: flag(member, "is_member") },
            Some("left") => Self::Left,
            Some("kicked") => Self::Kicked,
            _ => Self::Unknown,
        }
    }

    /// Whether a person with this status is in the chat.
    #[must_use]
    pub const fn is_subscribed(self) -> bool {
        matches!(self, Self::Creator | Self::Administrator | Self::Member | Self::Restricted { is_member: true })
    }
}

#[cfg(test)]
mod tests;
