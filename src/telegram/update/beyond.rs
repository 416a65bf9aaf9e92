//! Reads the parts of a message besides its text and its file: buttons that open links, and the parts that are lost
//! when the message is sent on.

use serde_json::Value;

use super::json::{field, flag, text};
use super::{MAX_NAME, MAX_TEXT};

/// The most characters that are read of a button's address; Telegram sends no longer ones.
const MAX_LINK: usize = 2048;

/// A button that opens an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkButton {
    /// The button's caption.
    pub caption: String,
    /// The address that the button opens.
    pub url: String,
}

/// A part of a message that is lost when the message's text and file are sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// Formatting of a kind that this program does not know.
    Formatting,
    /// Buttons that do something other than open an address.
    Buttons,
    /// The spoiler that covers a picture or video.
    Spoiler,
    /// The place of a caption that stands above the picture.
    CaptionAbove,
    /// The preview of a link.
    LinkPreview,
}

/// The message's rows of buttons that open addresses.
pub(super) fn link_buttons(body: &Value) -> Vec<Vec<LinkButton>> {
    let rows = rows(body).map(|row| row.iter().filter_map(link_button).collect::<Vec<_>>());
    rows.filter(|row: &Vec<LinkButton>| !row.is_empty()).collect()
}

fn rows(body: &Value) -> impl Iterator<Item = &Vec<Value>> {
    let rows = body.pointer("/reply_markup/inline_keyboard").and_then(Value::as_array);
    rows.into_iter().flatten().filter_map(Value::as_array)
}

fn link_button(button: &Value) -> Option<LinkButton> {
    Some(LinkButton { caption: text(button, "text", MAX_NAME)?, url: text(button, "url", MAX_LINK)? })
}

/// The parts of the message that are lost when it is sent on, each once, in the order of [`Lost`].
pub(super) fn lost(body: &Value) -> Vec<Lost> {
    let entities = || {
        let all = ["entities", "caption_entities"].iter().filter_map(|name| body.get(name)?.as_array());
        all.flatten().filter_map(|entity| entity.get("type")?.as_str())
    };
    let has_link = || entities().any(|kind| matches!(kind, "url" | "text_link"));
    let preview = field(body, "link_preview_options");
    let is_off = preview.is_some_and(|options| flag(options, "is_disabled"));
    let found = [
        (Lost::Formatting, entities().any(|kind| !super::html::is_kept(kind))),
        (Lost::Buttons, rows(body).flatten().any(|button| link_button(button).is_none())),
        (Lost::Spoiler, flag(body, "has_media_spoiler")),
        (Lost::CaptionAbove, flag(body, "show_caption_above_media")),
        (Lost::LinkPreview, text(body, "text", MAX_TEXT).is_some() && has_link() && !is_off),
    ];
    found.into_iter().filter(|(_, is_there)| *is_there).map(|(lost, _)| lost).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_on_buttons_are_kept_and_the_rest_is_named() {
        let body = json!({
            "text": "x https://a.b",
            "entities": [{ "type": "url", "offset": 2, "length": 11 }, { "type": "bold", "offset": 0, "length": 1 }],
            "reply_markup": { "inline_keyboard": [
                [{ "text": "Меню", "url": "https://a.b" }, { "text": "Код", "copy_text": { "text": "X" } }],
                [{ "text": "Нажми", "callback_data": "x" }],
            ] },
        });
        let menu = LinkButton { caption: "Меню".into(), url: "https://a.b".into() };
        assert_eq!(link_buttons(&body), [[menu]]);
        assert_eq!(lost(&body), [Lost::Buttons, Lost::LinkPreview]);
    }

    #[test]
    fn covers_places_and_unknown_formatting_are_named() {
        let body = json!({
            "caption": "x", "has_media_spoiler": true, "show_caption_above_media": true,
            "caption_entities": [{ "type": "something_new", "offset": 0, "length": 1 }],
        });
        assert_eq!(lost(&body), [Lost::Formatting, Lost::Spoiler, Lost::CaptionAbove]);
        let plain = json!({
            "text": "x https://a.b #y", "link_preview_options": { "is_disabled": true },
            "entities": [{ "type": "url", "offset": 2, "length": 11 }, { "type": "hashtag", "offset": 14, "length": 2 }],
        });
        assert_eq!(lost(&plain), []);
    }
}
