//! The methods that this server knows, with every parameter that the Bot API lists for each. Any other parameter of a
//! call is noted as a violation.

use super::call_context::{CallContext, Done};
use super::refusal::Refusal;
use super::{chats, edit, files, send, setup};

/// One Bot API method.
pub(super) struct Method {
    /// The method's name, as the Bot API spells it.
    pub(super) name: &'static str,
    /// Every parameter that the Bot API lists for the method.
    pub(super) params: &'static [&'static str],
    /// The function that executes the method.
    pub(super) run: fn(&mut CallContext<'_>) -> Result<Done, Refusal>,
}

macro_rules! with_common_send {
    ($($name:literal),*) => {
        &[
            "allow_paid_broadcast", "business_connection_id", "chat_id", "direct_messages_topic_id",
            "disable_notification", "ephemeral_message_parameters", "message_effect_id", "message_thread_id", "parse_mode", "protect_content",
            "reply_markup", "reply_parameters", "suggested_post_parameters", $($name),*
        ]
    };
}

macro_rules! with_common_edit {
    ($($name:literal),*) => {
        &["business_connection_id", "chat_id", "inline_message_id", "message_id", "reply_markup", $($name),*]
    };
}

static METHODS: &[Method] = &[
    Method { name: "getMe", params: &[], run: setup::me },
    // `server` answers getUpdates without calling `run`, because the answer may have to wait.
    Method { name: "getUpdates", params: &["allowed_updates", "limit", "offset", "timeout"], run: nothing },
    Method {
        name: "sendMessage",
        params: with_common_send!("entities", "link_preview_options", "text"),
        run: send::message,
    },
    Method {
        name: "sendPhoto",
        params: with_common_send!("caption", "caption_entities", "has_spoiler", "photo", "show_caption_above_media"),
        run: send::photo,
    },
    Method {
        name: "sendVideo",
        params: with_common_send!(
            "caption",
            "caption_entities",
            "cover",
            "duration",
            "has_spoiler",
            "height",
            "show_caption_above_media",
            "start_timestamp",
            "supports_streaming",
            "thumbnail",
            "video",
            "width"
        ),
        run: send::video,
    },
    Method {
        name: "sendDocument",
        params: with_common_send!(
            "caption",
            "caption_entities",
            "disable_content_type_detection",
            "document",
            "thumbnail"
        ),
        run: send::document,
    },
    Method {
        name: "copyMessage",
        params: with_common_send!(
            "caption",
            "caption_entities",
            "from_chat_id",
            "message_id",
            "show_caption_above_media",
            "video_start_timestamp"
        ),
        run: send::copy,
    },
    Method {
        name: "sendChatAction",
        params: &["action", "business_connection_id", "chat_id", "message_thread_id"],
        run: send::chat_action,
    },
    Method {
        name: "editMessageText",
        params: with_common_edit!("entities", "link_preview_options", "parse_mode", "rich_message", "text"),
        run: edit::text,
    },
    Method {
        name: "editMessageCaption",
        params: with_common_edit!("caption", "caption_entities", "parse_mode", "show_caption_above_media"),
        run: edit::caption,
    },
    Method { name: "editMessageReplyMarkup", params: with_common_edit!(), run: edit::reply_markup },
    Method { name: "deleteMessage", params: &["chat_id", "message_id"], run: edit::delete },
    Method { name: "deleteMessages", params: &["chat_id", "message_ids"], run: edit::delete_many },
    Method {
        name: "answerCallbackQuery",
        params: &["cache_time", "callback_query_id", "show_alert", "text", "url"],
        run: edit::callback,
    },
    Method { name: "getChat", params: &["chat_id"], run: chats::get },
    Method { name: "getChatMember", params: &["chat_id", "user_id"], run: chats::member },
    Method { name: "getFile", params: &["file_id"], run: files::get_file },
    Method { name: "setMyCommands", params: &["commands", "language_code", "scope"], run: setup::set_commands },
    Method { name: "getMyCommands", params: &["language_code", "scope"], run: setup::get_commands },
    Method { name: "deleteMyCommands", params: &["language_code", "scope"], run: setup::delete_commands },
    Method {
        name: "setWebhook",
        params: &[
            "allowed_updates",
            "certificate",
            "drop_pending_updates",
            "ip_address",
            "max_connections",
            "secret_token",
            "url",
        ],
        run: setup::set_webhook,
    },
    Method { name: "deleteWebhook", params: &["drop_pending_updates"], run: setup::delete_webhook },
    Method { name: "getWebhookInfo", params: &[], run: setup::webhook_info },
];

fn nothing(_: &mut CallContext<'_>) -> Result<Done, Refusal> {
    Ok(Done::yes())
}

/// The method of this name, in any letter case; `None`: this server does not know it.
pub(super) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name.eq_ignore_ascii_case(name))
}
