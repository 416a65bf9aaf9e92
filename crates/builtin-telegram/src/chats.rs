//! The methods that ask about chats and their members.

use serde_json::json;

use super::call_context::{CallContext, Done};
use super::member::ChatMemberStatus;
use super::refusal::Refusal;

/// Executes `getChat`.
pub(super) fn get(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let id = call.named_chat("chat_id")?;
    let mut chat = call.shared.chat(id);
    let channel = call.shared.channels.get(&id).filter(|channel| channel.admin_bots.contains(&call.bot.id));
    let invite_link = channel.and_then(|channel| channel.invite_link.clone());
    if let (Some(link), Some(map)) = (invite_link, chat.as_object_mut()) {
        map.insert("invite_link".into(), json!(link));
    }
    if let Some(map) = chat.as_object_mut() {
        map.insert("accent_color_id".into(), json!(0));
        map.insert("max_reaction_count".into(), json!(11));
        map.insert(
            "accepted_gift_types".into(),
            json!({
                "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false,
                "premium_subscription": false, "gifts_from_channels": false,
            }),
        );
    }
    Ok(Done::with(chat))
}

/// Executes `getChatMember`. In a channel only a bot that administers it may ask about others.
pub(super) fn member(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let chat = call.named_chat("chat_id")?;
    let user = call.params.number("user_id").ok_or_else(|| Refusal::bad("invalid user_id specified"))?;
    let own = user == call.bot.id;
    let Some(channel) = call.shared.channels.get(&chat) else {
        let status = if own || user == chat { ChatMemberStatus::Member } else { ChatMemberStatus::Left };
        let user = if own { call.bot.user() } else { call.shared.user(user) };
        return Ok(Done::with(status.json(&user)));
    };
    let admin = channel.admin_bots.contains(&call.bot.id);
    if own {
        let status = if admin { ChatMemberStatus::Administrator } else { ChatMemberStatus::Left };
        return Ok(Done::with(status.json(&call.bot.user())));
    }
    if !admin {
        return Err(Refusal::bad("member list is inaccessible"));
    }
    if !call.shared.people.contains_key(&user) {
        return Err(Refusal::bad("PARTICIPANT_ID_INVALID"));
    }
    let status = channel.members.get(&user).copied().unwrap_or(ChatMemberStatus::Left);
    Ok(Done::with(status.json(&call.shared.user(user))))
}
