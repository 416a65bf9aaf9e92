//! What can be sent: messages, edits, keyboards. [`Keyboard`] is stored as JSON in the outbox, so its form on disk
//! must stay: `"none"`, `"remove"`, `{"inline":[[{"text":"Погасить","callback":"redeem:1"},{"text":"Канал",
//! "url":"https://…"}]]}`, `{"reply":[["Мои скидки"],["Помощь"]]}`.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tgbot::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove, ReplyMarkup,
};

/// A message or an edit for one chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The chat to which the message goes.
    pub chat_id: i64,
    /// The message or edit.
    pub content: Content,
    /// Whether Stars may be paid to go beyond the free rate (`allow_paid_broadcast`); edits ignore it.
    pub paid: bool,
}

impl Outgoing {
    /// A message for which no Stars are paid.
    #[must_use]
    pub const fn new(chat_id: i64, content: Content) -> Self {
        Self { chat_id, content, paid: false }
    }
}

/// A message or a change to one. The HTML is Telegram's subset; an empty caption means no caption. Link previews are
/// off.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named after what they are; `Content` says the rest")]
pub enum Content {
    /// A text message.
    Text { html: String, keyboard: Keyboard },
    /// A picture with a caption.
    Photo { picture: File, caption_html: String, keyboard: Keyboard },
    /// A video with a caption.
    Video { file: File, caption_html: String, keyboard: Keyboard },
    /// A file with a caption.
    Document { file: File, caption_html: String, keyboard: Keyboard },
    /// A new text for a message that this bot sent. An inline keyboard becomes the message's buttons; any other
    /// keyboard removes its buttons.
    EditText { message_id: i64, html: String, keyboard: Keyboard },
    /// A new caption for a picture, video or file that this bot sent; keyboards as for [`Content::EditText`].
    EditCaption { message_id: i64, caption_html: String, keyboard: Keyboard },
    /// New buttons for a message that this bot sent; keyboards as for [`Content::EditText`].
    EditKeyboard { message_id: i64, keyboard: Keyboard },
    /// Deletes a message that this bot sent; Telegram allows it for 48 hours.
    Delete { message_id: i64 },
}

/// A file to upload, or one that Telegram has already.
#[derive(Clone, PartialEq, Eq)]
pub enum File {
    /// Bytes to upload (photos ≤ 10 MB, others ≤ 50 MB) and the file name that people see.
    Bytes {
        /// The file's name with extension.
        name: String,
        /// The file's bytes; clones share them.
        bytes: Bytes,
    },
    /// The `file_id` of a file that Telegram has already; it works only for the bot that got it.
    Id(String),
}

impl File {
    /// A PNG picture to upload.
    #[must_use]
    pub fn png(bytes: Vec<u8>) -> Self {
        Self::Bytes { name: "picture.png".to_owned(), bytes: bytes.into() }
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes { name, bytes } => write!(f, "Bytes({name}, {} bytes)", bytes.len()),
            Self::Id(id) => write!(f, "Id({id})"),
        }
    }
}

/// Buttons under a message or under the input field.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyboard {
    /// No buttons; the person's reply keyboard stays as it is.
    #[default]
    None,
    /// The person's reply keyboard is removed.
    Remove,
    /// Rows of buttons under the message.
    Inline(Vec<Vec<Button>>),
    /// A reply keyboard with these rows of captions, shown in place of the person's keyboard for letters. It stays
    /// open, and is only as high as its rows.
    Reply(Vec<Vec<String>>),
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The button's caption.
    #[serde(rename = "text")]
    pub caption: String,
    /// What a press of the button does.
    #[serde(flatten)]
    pub action: Action,
}

/// What a press of a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Sends this text to the bot as callback data; 1–64 bytes.
    Callback(String),
    /// Opens this link.
    Url(String),
}

impl Button {
    /// A button that sends callback data to the bot.
    #[must_use]
    pub fn callback(caption: impl Into<String>, data: impl Into<String>) -> Self {
        Self { caption: caption.into(), action: Action::Callback(data.into()) }
    }

    /// A button that opens a link.
    #[must_use]
    pub fn url(caption: impl Into<String>, url: impl Into<String>) -> Self {
        Self { caption: caption.into(), action: Action::Url(url.into()) }
    }

    fn to_wire(&self) -> InlineKeyboardButton {
        match &self.action {
            Action::Callback(data) => InlineKeyboardButton::for_callback_data(&self.caption, data),
            Action::Url(url) => InlineKeyboardButton::for_url(&self.caption, url),
        }
    }
}

impl Keyboard {
    pub(super) fn to_markup(&self) -> Option<ReplyMarkup> {
        match self {
            Self::None => None,
            Self::Remove => Some(ReplyKeyboardRemove::default().into()),
            Self::Inline(_) => self.to_inline().map(Into::into),
            Self::Reply(rows) => {
                let rows = rows.iter().map(|row| row.iter().map(|caption| KeyboardButton::new(caption.as_str())));
                let keyboard = ReplyKeyboardMarkup::from(rows);
                Some(keyboard.with_resize_keyboard(true).with_is_persistent(true).into())
            }
        }
    }

    pub(super) fn to_inline(&self) -> Option<InlineKeyboardMarkup> {
        let Self::Inline(rows) = self else { return None };
        Some(rows.iter().map(|row| row.iter().map(Button::to_wire)).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_keyboards_keep_their_form() {
        let keyboards = [
            (Keyboard::None, r#""none""#),
            (Keyboard::Remove, r#""remove""#),
            (Keyboard::Reply(vec![vec!["Мои скидки".into()]]), r#"{"reply":[["Мои скидки"]]}"#),
            (
                Keyboard::Inline(vec![vec![Button::callback("Да", "yes:1"), Button::url("Канал", "https://t.me/d")]]),
                r#"{"inline":[[{"text":"Да","callback":"yes:1"},{"text":"Канал","url":"https://t.me/d"}]]}"#,
            ),
        ];
        for (keyboard, stored) in keyboards {
            assert_eq!(serde_json::to_string(&keyboard).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Keyboard>(stored).unwrap(), keyboard);
        }
    }
}
