//! What the name of a Bot API method says about it: for faults, receipts and limits, which know a call by its name.

/// Whether a method brings a new message to a chat.
pub(super) fn brings_message(method: &str) -> bool {
    method == "copyMessage" || (method.starts_with("send") && method != "sendChatAction")
}
