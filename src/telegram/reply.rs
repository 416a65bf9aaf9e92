//! The result of a call: Telegram's answers and the network's failures as one closed list of classes, each of which
//! tells whether the message was delivered. Pure. The client determines the class; outbox and broadcasts store and
//! count classes by their words, and decide what to do about each.

/// The result of a call as the network or Telegram gave it, before it gets a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// Telegram answered `"ok": true`. The message id is missing where the result was missing or unreadable.
    Ok {
        /// The id of the new or edited message.
        message_id: Option<i64>,
    },
    /// Telegram answered `"ok": false`.
    Api {
        /// Telegram's `error_code`, usually an HTTP status.
        code: Option<i64>,
        /// Telegram's error text.
        description: String,
        /// Telegram's `parameters.retry_after`, in seconds.
        retry_after: Option<u64>,
    },
    /// Telegram gave no answer, or one that cannot be read.
    Transport(Transport),
}

/// Why there is no usable answer of Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The server's name, the connection, TLS or the proxy failed: nothing was sent.
    Connect,
    /// The request could not be put together: nothing was sent.
    Unsendable,
    /// The answer did not come in time.
    TimeoutAfterSend,
    /// The connection broke before the answer.
    Reset,
    /// The answer was longer than any that Telegram sends.
    TooLong,
    /// The answer ended too early.
    BodyTruncated,
    /// The answer was JSON, but not of the form of Telegram's answers.
    Decode,
    /// The answer was not JSON: the page of some gateway.
    NonJson,
}

/// What an answer of Telegram, or the lack of one, means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Telegram did what the call asked for.
    Sent {
        /// The message's id, when the answer had one.
        message_id: Option<i64>,
    },
    /// The person blocked the bot.
    Blocked,
    /// The person deleted their account.
    Gone,
    /// The person never pressed START in this bot.
    NeverStarted,
    /// The bot may no longer write to the group or channel.
    ChatGone,
    /// Telegram knows no such chat or person.
    NotFound,
    /// Telegram refused because of the text, caption or buttons.
    BadMessage,
    /// Telegram refused because of the picture or file.
    BadMedia,
    /// Telegram refused for another reason.
    Rejected,
    /// Telegram got too many calls: the call may be repeated after this many seconds. It does not count as an attempt
    /// to deliver.
    RetryAfter(u64),
    /// The bot's token is wrong or was revoked: the bot must stop.
    Token,
    /// Telegram was not reached.
    NotConnected,
    /// Telegram was restarting and did nothing.
    ServerRestart,
    /// Doubtful: it is unknown whether Telegram did what the call asked for.
    Unknown,
}

/// Whether the message arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Telegram confirmed the message.
    Yes,
    /// The message certainly did not arrive.
    No,
    /// The message may have arrived; sending it again may make a duplicate.
    Maybe,
}

impl Class {
    /// The word by which this class is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Blocked => "blocked",
            Self::Gone => "gone",
            Self::NeverStarted => "never_started",
            Self::ChatGone => "chat_gone",
            Self::NotFound => "not_found",
            Self::BadMessage => "bad_message",
            Self::BadMedia => "bad_media",
            Self::Rejected => "rejected",
            Self::RetryAfter(_) => "retry_after",
            Self::Token => "token",
            Self::NotConnected => "not_connected",
            Self::ServerRestart => "server_restart",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the message arrived.
    #[must_use]
    pub const fn delivered(self) -> Delivered {
        match self {
            Self::Sent { .. } => Delivered::Yes,
            Self::Unknown => Delivered::Maybe,
            _ => Delivered::No,
        }
    }
}

/// Determines the class of a call's result: by its error code, then by Telegram's error text in any letter case.
#[must_use]
pub fn classify(outcome: &CallOutcome) -> Class {
    match outcome {
        CallOutcome::Ok { message_id } => Class::Sent { message_id: *message_id },
        CallOutcome::Transport(transport) => of_transport(*transport),
        CallOutcome::Api { code, description, retry_after } => {
            of_answer(*code, &description.to_lowercase(), *retry_after)
        }
    }
}

const fn of_transport(transport: Transport) -> Class {
    match transport {
        Transport::Connect => Class::NotConnected,
        Transport::Unsendable => Class::BadMessage,
        Transport::TimeoutAfterSend
        | Transport::Reset
        | Transport::BodyTruncated
        | Transport::TooLong
        | Transport::Decode
        | Transport::NonJson => Class::Unknown,
    }
}

/// How many seconds to wait when a 429 gives no time.
const UNSTATED_WAIT: u64 = 5;

fn of_answer(code: Option<i64>, words: &str, retry_after: Option<u64>) -> Class {
    match code {
        Some(429) => Class::RetryAfter(retry_after.or_else(|| stated_wait(words)).unwrap_or(UNSTATED_WAIT)),
        Some(401 | 404) => Class::Token,
        Some(403) => of_words(words, FORBIDDEN),
        Some(413) => Class::BadMedia,
        Some(400) if words.contains("message is not modified") => Class::Sent { message_id: None },
        Some(400..=499) => of_words(words, BAD_REQUEST),
        Some(500) if words.contains("restart") => Class::ServerRestart,
        _ => Class::Unknown,
    }
}

fn stated_wait(words: &str) -> Option<u64> {
    words.split_once("retry after ")?.1.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn of_words(words: &str, table: &[(&str, Class)]) -> Class {
    table.iter().find(|(known, _)| words.contains(known)).map_or(Class::Rejected, |(_, class)| *class)
}

/// Whether Telegram's error text says that the bot itself may not look into a chat, or that there is no such chat.
#[must_use]
pub fn is_no_access(words: &str) -> bool {
    let words = words.to_lowercase();
    NO_ACCESS.iter().any(|known| words.contains(known))
}

const NO_ACCESS: &[&str] = &[
    "chat not found",
    "member list is inaccessible",
    "chat_admin_required",
    "need administrator rights",
    "not enough rights",
    "bot is not a member",
    "bot was kicked",
    "chat was deleted",
    "channel_private",
    "channel_invalid",
    "chat_id_invalid",
    "chat_forbidden",
];

const FORBIDDEN: &[(&str, Class)] = &[
    ("blocked by the user", Class::Blocked),
    ("user_is_blocked", Class::Blocked),
    ("user is deactivated", Class::Gone),
    ("user_deactivated", Class::Gone),
    ("can't initiate conversation", Class::NeverStarted),
    ("kicked", Class::ChatGone),
    ("not a member", Class::ChatGone),
    ("was deleted", Class::ChatGone),
    ("group deleted", Class::ChatGone),
    ("write_forbidden", Class::ChatGone),
    ("restricted", Class::ChatGone),
];

/// Error texts of the Bot API server, of the Telegram library beneath it (tdlib/td: `FileManager`, `MessageContent`,
/// `ReplyMarkup`, `MessageEntity`), and codes of Telegram's own servers, which come through as they are. The first
/// match decides, so texts about one person come first, and captions before the media they belong to.
const BAD_REQUEST: &[(&str, Class)] = &[
    // errors about the person or chat
    ("chat not found", Class::NotFound),
    ("peer_id_invalid", Class::NotFound),
    ("user not found", Class::NotFound),
    ("user_id_invalid", Class::NotFound),
    ("user_is_blocked", Class::Blocked),
    ("user_deactivated", Class::Gone),
    ("user is deactivated", Class::Gone),
    ("write_forbidden", Class::ChatGone),
    ("chat_restricted", Class::ChatGone),
    ("user_banned_in_channel", Class::ChatGone),
    ("have no rights to send", Class::ChatGone),
    ("not enough rights to send", Class::ChatGone),
    ("privacy_premium_required", Class::ChatGone),
    ("allow_payment_required", Class::ChatGone),
    ("you_blocked_user", Class::ChatGone),
    // errors about the text, caption or formatting
    ("can't parse entities", Class::BadMessage),
    ("text is empty", Class::BadMessage),
    ("text must be non-empty", Class::BadMessage),
    ("message must be non-empty", Class::BadMessage),
    ("message_empty", Class::BadMessage),
    ("message is too long", Class::BadMessage),
    ("message_too_long", Class::BadMessage),
    ("text is too long", Class::BadMessage),
    ("caption is too long", Class::BadMessage),
    ("caption_too_long", Class::BadMessage),
    ("entities_too_long", Class::BadMessage),
    ("entity_", Class::BadMessage),
    ("strings must be encoded in utf-8", Class::BadMessage),
    // errors about the buttons
    ("button_", Class::BadMessage),
    ("keyboard button", Class::BadMessage),
    ("inline button", Class::BadMessage),
    ("text buttons are unallowed", Class::BadMessage),
    ("can't parse reply keyboard", Class::BadMessage),
    ("can't parse inline keyboard", Class::BadMessage),
    ("object expected as reply markup", Class::BadMessage),
    ("reply markup", Class::BadMessage),
    ("reply_markup_", Class::BadMessage),
    ("bot_domain_invalid", Class::BadMessage),
    // errors about pictures and files
    ("file identifier", Class::BadMedia),
    ("wrong persistent file_id", Class::BadMedia),
    ("file_id_invalid", Class::BadMedia),
    ("file_reference_", Class::BadMedia),
    ("file_part", Class::BadMedia),
    ("can't use file of type", Class::BadMedia),
    ("can't use the media of the specified type", Class::BadMedia),
    ("type of file mismatch", Class::BadMedia),
    ("file is too big", Class::BadMedia),
    ("too big for a photo", Class::BadMedia),
    ("file_too_big", Class::BadMedia),
    ("file must be non-empty", Class::BadMedia),
    ("can't upload file", Class::BadMedia),
    ("file generation failed", Class::BadMedia),
    ("there is no photo in the request", Class::BadMedia),
    ("there is no video in the request", Class::BadMedia),
    ("there is no document in the request", Class::BadMedia),
    ("failed to get http url content", Class::BadMedia),
    ("wrong http url", Class::BadMedia),
    ("wrong type of the web page content", Class::BadMedia),
    ("webpage_", Class::BadMedia),
    ("url_invalid", Class::BadMedia),
    ("photo_", Class::BadMedia),
    ("image_process_failed", Class::BadMedia),
    ("video_", Class::BadMedia),
    ("document_invalid", Class::BadMedia),
    ("media_", Class::BadMedia),
    ("md5_checksum_invalid", Class::BadMedia),
];

/// Whether Telegram's error text for an edit says that the message cannot be edited any more: it was deleted, or is too
/// old, or has no text.
#[must_use]
pub fn is_message_to_edit_missing(words: &str) -> bool {
    let words = words.to_lowercase();
    ["message to edit not found", "message can't be edited", "message_id_invalid", "no text in the message to edit"]
        .iter()
        .any(|known| words.contains(known))
}

/// Whether Telegram's error text says that nothing was left to do: the edited message has this content already, or the
/// message to delete is gone.
#[must_use]
pub fn is_already_done(words: &str) -> bool {
    let words = words.to_lowercase();
    ["not modified", "message to delete not found"].iter().any(|known| words.contains(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(code: i64, description: &str) -> Class {
        classify(&CallOutcome::Api { code: Some(code), description: description.into(), retry_after: None })
    }

    #[test]
    fn every_known_answer_has_its_class_and_word() {
        #[rustfmt::skip]
        let rows = [
            (403, "Forbidden: bot was blocked by the user", Class::Blocked, "blocked"),
            (403, "Forbidden: user is deactivated", Class::Gone, "gone"),
            (403, "Forbidden: bot can't initiate conversation with a user", Class::NeverStarted, "never_started"),
            (403, "Forbidden: bot was kicked from the supergroup chat", Class::ChatGone, "chat_gone"),
            (403, "Forbidden: bot is not a member of the channel chat", Class::ChatGone, "chat_gone"),
            (403, "Forbidden: the group chat was deleted", Class::ChatGone, "chat_gone"),
            (403, "Forbidden: something new", Class::Rejected, "rejected"),
            (400, "Bad Request: chat not found", Class::NotFound, "not_found"),
            (400, "Bad Request: PEER_ID_INVALID", Class::NotFound, "not_found"),
            (400, "Bad Request: user not found", Class::NotFound, "not_found"),
            (400, "Bad Request: can't parse entities: Unsupported start tag \"x\"", Class::BadMessage, "bad_message"),
            (400, "Bad Request: message text is empty", Class::BadMessage, "bad_message"),
            (400, "Bad Request: message is too long", Class::BadMessage, "bad_message"),
            (400, "Bad Request: message caption is too long", Class::BadMessage, "bad_message"),
            (400, "Bad Request: BUTTON_URL_INVALID", Class::BadMessage, "bad_message"),
            (400, "Bad Request: BUTTON_DATA_INVALID", Class::BadMessage, "bad_message"),
            (400, "Bad Request: reply markup is too long", Class::BadMessage, "bad_message"),
            (400, "Bad Request: wrong file identifier/HTTP URL specified", Class::BadMedia, "bad_media"),
            (400, "Bad Request: failed to get HTTP URL content", Class::BadMedia, "bad_media"),
            (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Class::BadMedia, "bad_media"),
            (400, "Bad Request: IMAGE_PROCESS_FAILED", Class::BadMedia, "bad_media"),
            (400, "Bad Request: MEDIA_CAPTION_TOO_LONG", Class::BadMessage, "bad_message"),
            (400, "Bad Request: MESSAGE_TOO_LONG", Class::BadMessage, "bad_message"),
            (400, "Bad Request: MESSAGE_EMPTY", Class::BadMessage, "bad_message"),
            (400, "Bad Request: ENTITIES_TOO_LONG", Class::BadMessage, "bad_message"),
            (400, "Bad Request: ENTITY_BOUNDS_INVALID", Class::BadMessage, "bad_message"),
            (400, "Bad Request: ENTITY_MENTION_USER_INVALID", Class::BadMessage, "bad_message"),
            (400, "Bad Request: BUTTON_TYPE_INVALID", Class::BadMessage, "bad_message"),
            (400, "Bad Request: BUTTON_USER_PRIVACY_RESTRICTED", Class::BadMessage, "bad_message"),
            (400, "Bad Request: BUTTON_COPY_TEXT_INVALID", Class::BadMessage, "bad_message"),
            (400, "Bad Request: REPLY_MARKUP_INVALID", Class::BadMessage, "bad_message"),
            (400, "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard", Class::BadMessage, "bad_message"),
            (400, "Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL", Class::BadMessage, "bad_message"),
            (400, "Bad Request: strings must be encoded in UTF-8", Class::BadMessage, "bad_message"),
            (400, "Bad Request: can't use file of type Document as Photo", Class::BadMedia, "bad_media"),
            (400, "Bad Request: type of file mismatch", Class::BadMedia, "bad_media"),
            (400, "Bad Request: wrong remote file identifier specified: Wrong padding in the string", Class::BadMedia, "bad_media"),
            (400, "Bad Request: file is too big", Class::BadMedia, "bad_media"),
            (400, "Bad Request: there is no photo in the request", Class::BadMedia, "bad_media"),
            (400, "Bad Request: wrong type of the web page content", Class::BadMedia, "bad_media"),
            (400, "Bad Request: WEBPAGE_MEDIA_EMPTY", Class::BadMedia, "bad_media"),
            (400, "Bad Request: PHOTO_EXT_INVALID", Class::BadMedia, "bad_media"),
            (400, "Bad Request: VIDEO_CONTENT_TYPE_INVALID", Class::BadMedia, "bad_media"),
            (400, "Bad Request: DOCUMENT_INVALID", Class::BadMedia, "bad_media"),
            (400, "Bad Request: MEDIA_EMPTY", Class::BadMedia, "bad_media"),
            (400, "Bad Request: FILE_REFERENCE_EXPIRED", Class::BadMedia, "bad_media"),
            (400, "Bad Request: INPUT_USER_DEACTIVATED", Class::Gone, "gone"),
            (400, "Bad Request: USER_IS_BLOCKED", Class::Blocked, "blocked"),
            (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Class::ChatGone, "chat_gone"),
            (406, "Not Acceptable: PRIVACY_PREMIUM_REQUIRED", Class::ChatGone, "chat_gone"),
            (400, "Bad Request: SOMETHING_NEW", Class::Rejected, "rejected"),
            (413, "Request Entity Too Large", Class::BadMedia, "bad_media"),
            (400, "Bad Request: message to edit not found", Class::Rejected, "rejected"),
            (409, "Conflict: terminated by other getUpdates request", Class::Rejected, "rejected"),
            (429, "Too Many Requests: retry after 17", Class::RetryAfter(17), "retry_after"),
            (401, "Unauthorized", Class::Token, "token"),
            (404, "Not Found", Class::Token, "token"),
            (500, "Internal Server Error: restart", Class::ServerRestart, "server_restart"),
            (500, "Internal Server Error", Class::Unknown, "unknown"),
            (502, "Bad Gateway", Class::Unknown, "unknown"),
        ];
        for (code, description, class, word) in rows {
            assert_eq!(api(code, description), class, "{code} {description}");
            assert_eq!(class.as_str(), word);
            let delivered = if class == Class::Unknown { Delivered::Maybe } else { Delivered::No };
            assert_eq!(class.delivered(), delivered, "{description}");
        }
    }

    #[test]
    fn a_bot_without_rights_is_told_from_a_person_telegram_says_nothing_about() {
        for words in ["member list is inaccessible", "CHAT_ADMIN_REQUIRED", "chat not found", "CHANNEL_PRIVATE"] {
            assert!(is_no_access(&format!("Bad Request: {words}")), "{words}");
        }
        for words in ["USER_ID_INVALID", "user not found", "invalid user_id specified", "Internal Server Error"] {
            assert!(!is_no_access(&format!("Bad Request: {words}")), "{words}");
        }
    }

    #[test]
    fn ok_is_delivered_with_or_without_a_number() {
        for message_id in [Some(5), None] {
            let class = classify(&CallOutcome::Ok { message_id });
            assert_eq!((class, class.delivered()), (Class::Sent { message_id }, Delivered::Yes));
        }
    }

    #[test]
    fn an_edit_that_changes_nothing_is_done() {
        let words = "Bad Request: message is not modified: specified new message content and reply markup are exactly \
                     the same as a current content";
        assert_eq!(api(400, words), Class::Sent { message_id: None });
    }

    #[test]
    fn too_fast_waits_as_long_as_told() {
        let told = |retry_after, description: &str| {
            classify(&CallOutcome::Api { code: Some(429), description: description.into(), retry_after })
        };
        assert_eq!(told(Some(30), "Too Many Requests: retry after 7"), Class::RetryAfter(30));
        assert_eq!(told(None, "Too Many Requests: retry after 7"), Class::RetryAfter(7));
        assert_eq!(told(None, "Too Many Requests"), Class::RetryAfter(UNSTATED_WAIT));
    }

    #[test]
    fn only_what_surely_never_left_counts_as_not_delivered() {
        use Transport::{BodyTruncated, Connect, Decode, NonJson, Reset, TimeoutAfterSend, TooLong, Unsendable};
        assert_eq!(classify(&CallOutcome::Transport(Connect)), Class::NotConnected);
        assert_eq!(classify(&CallOutcome::Transport(Unsendable)), Class::BadMessage);
        for lost in [TimeoutAfterSend, Reset, BodyTruncated, TooLong, Decode, NonJson] {
            assert_eq!(classify(&CallOutcome::Transport(lost)).delivered(), Delivered::Maybe, "{lost:?}");
        }
        let no_code = CallOutcome::Api { code: None, description: "no description".into(), retry_after: None };
        assert_eq!(classify(&no_code), Class::Unknown);
    }
}
