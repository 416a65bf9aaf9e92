//! One call while it is executed: what its method sees and changes, and the chats that it may name.

use serde_json::Value;

use super::bot::Bot;
use super::params::Params;
use super::refusal::Refusal;
use super::town::Town;

/// One call being executed: the bot that calls, the town, the parameters.
pub(super) struct Scene<'a> {
    pub(super) bot: &'a mut Bot,
    pub(super) town: &'a mut Town,
    pub(super) params: &'a Params,
}

/// What a call did.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) result: Value,
    pub(super) message_id: Option<i64>,
}

impl Done {
    pub(super) fn with(result: Value) -> Self {
        Self { result, message_id: None }
    }

    pub(super) fn yes() -> Self {
        Self::with(Value::Bool(true))
    }
}

impl Scene<'_> {
    /// The chat of this call, if the bot may write to it.
    pub(super) fn writable_chat(&self) -> Result<i64, Refusal> {
        let chat = self.named_chat("chat_id")?;
        if let Some(channel) = self.town.channels.get(&chat) {
            let admin = channel.admin_bots.contains(&self.bot.id);
            return admin.then_some(chat).ok_or_else(|| Refusal::forbidden("bot is not a member of the channel chat"));
        }
        if self.town.deactivated.contains(&chat) {
            return Err(Refusal::forbidden("user is deactivated"));
        }
        let room = self.bot.rooms.get(&chat);
        if !room.is_some_and(|room| room.started) {
            return Err(Refusal::forbidden("bot can't initiate conversation with a user"));
        }
        if room.is_some_and(|room| room.blocked) {
            return Err(Refusal::forbidden("bot was blocked by the user"));
        }
        Ok(chat)
    }

    /// The known chat that a parameter names: a person's id, a channel's id, or `@channel`.
    pub(super) fn named_chat(&self, parameter: &str) -> Result<i64, Refusal> {
        let Some(value) = self.params.value(parameter) else {
            return Err(Refusal::bad(&format!("{parameter} is empty")));
        };
        let id = value.as_i64().or_else(|| self.town.channel_by_name(value.as_str()?));
        let known = id.filter(|id| self.town.people.contains_key(id) || self.town.channels.contains_key(id));
        known.ok_or_else(|| Refusal::bad("chat not found"))
    }
}
