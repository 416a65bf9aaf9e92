//! What the name of a Bot API method says about its effect, for code that knows a call only by the method's name.

/// Whether the method of this name brings a new message to a chat.
pub(super) fn brings_message(method: &str) -> bool {
    method == "copyMessage" || (method.starts_with("send") && method != "sendChatAction")
}
