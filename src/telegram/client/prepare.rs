//! Builds the call that sends, edits or deletes a message. Pure; used by `client`.

use serde_json::{Value, json};

use super::content::{Content, File, Outgoing};
use super::wire::Call;

/// The call for a message, an edit or a deletion.
pub(super) fn prepare(outgoing: &Outgoing) -> Call {
    let (chat, paid) = (outgoing.chat_id, outgoing.paid.then_some(true));
    let media = |method, name, file: &File, caption: &str, markup| {
        let call = Call::new(method).with("chat_id", chat).with_file(name, file);
        captioned(call, caption).with("reply_markup", markup).with("allow_paid_broadcast", paid)
    };
    match &outgoing.content {
        Content::Text { html, keyboard } => text(Call::new("sendMessage").with("chat_id", chat), html)
            .with("reply_markup", keyboard.to_markup())
            .with("allow_paid_broadcast", paid),
        Content::Photo { picture, caption_html, keyboard } => {
            media("sendPhoto", "photo", picture, caption_html, keyboard.to_markup())
        }
        Content::Video { file, caption_html, keyboard } => {
            media("sendVideo", "video", file, caption_html, keyboard.to_markup())
        }
        Content::Document { file, caption_html, keyboard } => {
            media("sendDocument", "document", file, caption_html, keyboard.to_markup())
        }
        Content::EditText { message_id, html, keyboard } => {
            text(edit("editMessageText", chat, *message_id), html).with("reply_markup", keyboard.to_inline())
        }
        Content::EditCaption { message_id, caption_html, keyboard } => {
            captioned(edit("editMessageCaption", chat, *message_id), caption_html)
                .with("reply_markup", keyboard.to_inline())
        }
        Content::EditKeyboard { message_id, keyboard } => {
            edit("editMessageReplyMarkup", chat, *message_id).with("reply_markup", keyboard.to_inline())
        }
        Content::Delete { message_id } => edit("deleteMessage", chat, *message_id),
    }
}

fn edit(method: &'static str, chat: i64, message_id: i64) -> Call {
    Call::new(method).with("chat_id", chat).with("message_id", message_id)
}

fn text(call: Call, html: &str) -> Call {
    call.with("text", html).with("parse_mode", "HTML").with("link_preview_options", json!({ "is_disabled": true }))
}

fn captioned(call: Call, html: &str) -> Call {
    if html.is_empty() { call } else { call.with("caption", html).with("parse_mode", "HTML") }
}

/// Whether the call uploads bytes, which takes longer.
pub(super) const fn is_upload(content: &Content) -> bool {
    match content {
        Content::Photo { picture: file, .. } | Content::Video { file, .. } | Content::Document { file, .. } => {
            matches!(file, File::Bytes { .. })
        }
        _ => false,
    }
}

/// The parameter `chat_id` for a chat as an admin writes it: `@name` or a number.
pub(super) fn chat_id(chat: &str) -> Value {
    chat.trim().parse::<i64>().map_or_else(|_| Value::from(chat.trim()), Value::from)
}
