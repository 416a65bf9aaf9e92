//! What can be sent: messages, edits, keyboards. [`Keyboard`] is stored as JSON in the outbox, so its form on disk
//! must stay: `"none"`, `"remove"`, `{"inline":[[{"text":"Погасить","callback":"redeem:1"},{"text":"Канал",
//! "url":"https://…"}]]}`, `{"reply":[["Мои скидки"],["Помощь"]]}`.

use std::fmt;

use serde::{Deserialize, Serialize};
use tgbot::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup, ReplyKeyboardRemove, ReplyMarkup,
};

/// A message or an edit for one chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The chat.
    pub chat_id: i64,
    /// The content.
    pub content: Content,
    /// Whether Stars may be paid to go beyond the free rate (`allow_paid_broadcast`); edits ignore it.
    pub paid: bool,
}

impl Outgoing {
    /// An ordinary message.
    #[must_use]
    pub const fn new(chat_id: i64, content: Content) -> Self {
        Self { chat_id, content, paid: false }
    }
}

/// A message or a change of one. HTML is Telegram's subset; an empty caption is none. Link previews are off.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named after what they are; `Content` says the rest")]
pub enum Content {
    /// A text.
    Text { html: String, keyboard: Keyboard },
    /// A picture with a caption.
    Photo { picture: File, caption_html: String, keyboard: Keyboard },
    /// A video with a caption.
    Video { file: File, caption_html: String, keyboard: Keyboard },
    /// A file with a caption.
    Document { file: File, caption_html: String, keyboard: Keyboard },
    /// Another text for a message of ours. Only an inline keyboard stays; any other removes it.
    EditText { message_id: i64, html: String, keyboard: Keyboard },
    /// Another caption for a picture, video or file of ours; keyboards as above.
    EditCaption { message_id: i64, caption_html: String, keyboard: Keyboard },
    /// Other buttons for a message of ours; keyboards as above.
    EditKeyboard { message_id: i64, keyboard: Keyboard },
    /// Takes a message of ours back; Telegram allows it for 48 hours.
    Delete { message_id: i64 },
}

/// A file to upload, or one Telegram has already.
#[derive(Clone, PartialEq, Eq)]
pub enum File {
    /// Bytes to upload (photos ≤ 10 MB, others ≤ 50 MB) and the name people see.
    Bytes {
        /// Name with extension.
        name: String,
        /// The file.
        bytes: Vec<u8>,
    },
    /// A `file_id`; it works only for the bot that got it.
    Id(String),
}

impl File {
    /// A PNG picture to upload.
    #[must_use]
    pub fn png(bytes: Vec<u8>) -> Self {
        Self::Bytes { name: "picture.png".to_owned(), bytes }
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
    /// Leaves the person's keyboard as it is.
    #[default]
    None,
    /// Takes the reply keyboard away.
    Remove,
    /// Rows of buttons under the message.
    Inline(Vec<Vec<Button>>),
    /// Rows of captions in place of the person's keyboard; it stays, as low as its rows.
    Reply(Vec<Vec<String>>),
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Its caption.
    #[serde(rename = "text")]
    pub caption: String,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Tells the bot; 1–64 bytes.
    Callback(String),
    /// Opens a link.
    Url(String),
}

impl Button {
    /// A button that tells the bot.
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
