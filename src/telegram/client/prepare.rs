//! From what is to be sent to the request tgbot makes of it. Pure; only for `client`.

use tgbot::api::Method;
use tgbot::types::{
    ChatId, DeleteMessage, EditMessageCaption, EditMessageReplyMarkup, EditMessageText, InputText, LinkPreviewOptions,
    ParseMode, SendDocument, SendMessage, SendPhoto, SendVideo,
};

use super::content::{Content, File, Outgoing};

use super::Prepared;

/// Calls `with_…` for what is there: tgbot's methods share no trait, only these names.
macro_rules! with {
    ($method:expr $(, $setter:ident = $value:expr)*) => {{
        let mut method = $method;
        $(if let Some(value) = $value {
            method = method.$setter(value);
        })*
        method.into_payload()
    }};
}

macro_rules! media {
    ($kind:ident, $outgoing:expr, $file:expr, $caption:expr, $keyboard:expr) => {
        with!(
            $kind::new($outgoing.chat_id, $file.to_input()),
            with_caption = caption($caption),
            with_reply_markup = $keyboard.to_markup(),
            with_allow_paid_broadcast = $outgoing.paid.then_some(true)
        )
    };
}

/// The request for a message or an edit.
pub(super) fn prepare(outgoing: &Outgoing) -> Prepared {
    let (chat, no_preview) = (outgoing.chat_id, Some(LinkPreviewOptions::disabled()));
    match &outgoing.content {
        Content::Text { html, keyboard } => with!(
            SendMessage::new(chat, formatted(html)),
            with_link_preview_options = no_preview,
            with_reply_markup = keyboard.to_markup(),
            with_allow_paid_broadcast = outgoing.paid.then_some(true)
        ),
        Content::Photo { picture, caption_html, keyboard } => {
            media!(SendPhoto, outgoing, picture, caption_html, keyboard)
        }
        Content::Video { file, caption_html, keyboard } => media!(SendVideo, outgoing, file, caption_html, keyboard),
        Content::Document { file, caption_html, keyboard } => {
            media!(SendDocument, outgoing, file, caption_html, keyboard)
        }
        Content::EditText { message_id, html, keyboard } => with!(
            EditMessageText::for_chat_message(chat, *message_id, formatted(html)),
            with_link_preview_options = no_preview,
            with_reply_markup = keyboard.to_inline()
        ),
        Content::EditCaption { message_id, caption_html, keyboard } => with!(
            EditMessageCaption::for_chat_message(chat, *message_id),
            with_caption = caption(caption_html),
            with_reply_markup = keyboard.to_inline()
        ),
        Content::EditKeyboard { message_id, keyboard } => {
            with!(EditMessageReplyMarkup::for_chat_message(chat, *message_id), with_reply_markup = keyboard.to_inline())
        }
        Content::Delete { message_id } => DeleteMessage::new(chat, *message_id).into_payload(),
    }
}

fn formatted(html: &str) -> InputText {
    InputText::from((html, ParseMode::Html))
}

fn caption(html: &str) -> Option<InputText> {
    (!html.is_empty()).then(|| formatted(html))
}

/// Whether bytes go up, which takes longer.
pub(super) const fn is_upload(content: &Content) -> bool {
    match content {
        Content::Photo { picture: file, .. } | Content::Video { file, .. } | Content::Document { file, .. } => {
            matches!(file, File::Bytes { .. })
        }
        _ => false,
    }
}

/// `@name` or a number, as an operator writes a chat.
pub(super) fn chat_id(chat: &str) -> ChatId {
    chat.trim().parse::<i64>().map_or_else(|_| ChatId::from(chat.trim()), ChatId::from)
}
