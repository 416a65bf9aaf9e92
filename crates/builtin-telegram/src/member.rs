//! The membership of a person in a channel or group, in the words of the Bot API. Used by the actions of people and by
//! getChatMember.

use serde_json::{Value, json};

/// The status of a person in a channel or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatMemberStatus {
    /// The person owns the chat.
    Creator,
    /// The person administers the chat.
    Administrator,
    /// The person is a subscriber of the channel, or a member of the group.
    Member,
    /// The person is restricted, and in the chat.
    RestrictedInside,
    /// The person is restricted, and not in the chat.
    RestrictedOutside,
    /// The person was never in the chat, or left it.
    Left,
    /// The person is banned from the chat.
    Kicked,
}

impl ChatMemberStatus {
    /// The `ChatMember` object for `user`, with every field that the Bot API lists as always present.
    pub(super) fn json(self, user: &Value) -> Value {
        match self {
            Self::Creator => json!({ "status": "creator", "user": user, "is_anonymous": false }),
            Self::Administrator => administrator(user),
            Self::Member => json!({ "status": "member", "user": user }),
            Self::RestrictedInside => restricted(user, true),
            Self::RestrictedOutside => restricted(user, false),
            Self::Left => json!({ "status": "left", "user": user }),
            Self::Kicked => json!({ "status": "kicked", "user": user, "until_date": 0 }),
        }
    }
}

fn administrator(user: &Value) -> Value {
    json!({
        "status": "administrator", "user": user, "can_be_edited": false, "is_anonymous": false,
        "can_manage_chat": true, "can_delete_messages": true, "can_manage_video_chats": true,
        "can_restrict_members": true, "can_promote_members": false, "can_change_info": true,
        "can_invite_users": true, "can_post_messages": true, "can_edit_messages": true, "can_post_stories": false,
        "can_edit_stories": false, "can_delete_stories": false, "can_send_welcome_messages": false,
    })
}

fn restricted(user: &Value, is_member: bool) -> Value {
    json!({
        "status": "restricted", "user": user, "is_member": is_member, "until_date": 0,
        "can_send_messages": false, "can_send_audios": false, "can_send_documents": false,
        "can_send_photos": false, "can_send_videos": false, "can_send_video_notes": false,
        "can_send_voice_notes": false, "can_send_polls": false, "can_send_other_messages": false,
        "can_add_web_page_previews": false, "can_change_info": false, "can_invite_users": false,
        "can_pin_messages": false, "can_manage_topics": false, "can_edit_tag": false, "can_react_to_messages": false,
    })
}
