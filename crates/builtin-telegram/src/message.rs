//! A message as the server stores it, the checks of its text, and the JSON of its content. Used by sends, edits and the
//! actions of people.

use serde_json::{Map, Value, json};

use super::html::{self, Parsed};
use super::params::Params;
use super::plain;
use super::refusal::Refusal;

/// The longest text after parsing, in code points.
const TEXT_LIMIT: usize = 4096;
/// The longest caption after parsing, in code points.
const CAPTION_LIMIT: usize = 1024;

/// The text of a message.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Words {
    /// The text as its sender wrote it, markup included.
    pub(super) raw: String,
    pub(super) text: String,
    pub(super) entities: Vec<Value>,
}

/// A picture, video or document in a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Media {
    /// The type of the media: `photo`, `video` or `document`.
    pub(super) kind: &'static str,
    pub(super) file_id: String,
    /// The JSON of the media in the message, under the field named `kind`.
    pub(super) json: Value,
}

/// One message of a conversation.
#[derive(Debug, Clone)]
pub(super) struct Post {
    pub(super) id: i64,
    pub(super) date: i64,
    pub(super) edited: Option<i64>,
    pub(super) from_bot: bool,
    pub(super) words: Words,
    pub(super) media: Option<Media>,
    /// The message's inline keyboard, `{"inline_keyboard": …}`.
    pub(super) inline: Option<Value>,
    /// Whether the message was sent with a keyboard that is not inline; the bot can then not edit the message.
    pub(super) other_markup: bool,
}

impl Words {
    /// The text that a person wrote, without markup. A command at its beginning gets an entity `bot_command`.
    pub(super) fn of_person(text: &str) -> Self {
        let command = text.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        let length = plain::utf16_len(text.split_whitespace().next().unwrap_or_default());
        let entity = command.then(|| json!({ "type": "bot_command", "offset": 0, "length": length }));
        Self { raw: text.to_owned(), text: text.to_owned(), entities: entity.into_iter().collect() }
    }

    /// Reads and checks the parameter `text` of a call. A `parse_mode` that this server cannot check is added to
    /// `violations`.
    pub(super) fn text_of(params: &Params, violations: &mut Vec<String>) -> Result<Self, Refusal> {
        let raw = params.text("text").ok_or_else(|| Refusal::bad("message text is empty"))?;
        let words = Self::judged(raw, params, violations)?;
        if plain::is_empty(&words.text) {
            return Err(Refusal::bad("text must be non-empty"));
        }
        if words.text.chars().count() > TEXT_LIMIT {
            return Err(Refusal::bad("message is too long"));
        }
        Ok(words)
    }

    /// Reads and checks the parameter `caption` of a call; a missing caption is empty.
    pub(super) fn caption_of(params: &Params, violations: &mut Vec<String>) -> Result<Self, Refusal> {
        let words = Self::judged(params.text("caption").unwrap_or_default(), params, violations)?;
        if words.text.chars().count() > CAPTION_LIMIT {
            return Err(Refusal::bad("message caption is too long"));
        }
        Ok(words)
    }

    fn judged(raw: &str, params: &Params, violations: &mut Vec<String>) -> Result<Self, Refusal> {
        let parsed = match params.text("parse_mode").map(str::to_ascii_lowercase).as_deref() {
            None => Parsed { text: raw.to_owned(), entities: Vec::new() },
            Some("html") => html::parse(raw).map_err(|what| Refusal::bad(&format!("can't parse entities: {what}")))?,
            Some(other @ ("markdown" | "markdownv2")) => {
                violations.push(format!("parse_mode {other} is not judged here"));
                Parsed { text: raw.to_owned(), entities: Vec::new() }
            }
            Some(_) => return Err(Refusal::bad("unsupported parse_mode")),
        };
        let Parsed { text, entities } = plain::trim(parsed);
        Ok(Self { raw: raw.to_owned(), text, entities })
    }
}

impl Post {
    /// A person's message without text, to be filled in.
    pub(super) fn empty() -> Self {
        let words = Words::default();
        Self { id: 0, date: 0, edited: None, from_bot: false, words, media: None, inline: None, other_markup: false }
    }

    /// Adds text or caption, media and buttons to a `Message` object.
    pub(super) fn put_content(&self, map: &mut Map<String, Value>) {
        let (text, entities) = match &self.media {
            Some(media) => {
                map.insert(media.kind.into(), media.json.clone());
                ("caption", "caption_entities")
            }
            None => ("text", "entities"),
        };
        if !self.words.text.is_empty() {
            map.insert(text.into(), json!(self.words.text));
        }
        if !self.words.entities.is_empty() {
            map.insert(entities.into(), json!(self.words.entities));
        }
        if let Some(inline) = &self.inline {
            map.insert("reply_markup".into(), inline.clone());
        }
    }
}
