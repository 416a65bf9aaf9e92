//! One call while it is executed: the state that its method reads and changes, and the chats that it may write to.

use serde_json::Value;

use super::bot::Bot;
use super::params::Params;
use super::refusal::Refusal;
use super::shared_state::SharedState;

/// One call being executed: the state of the bot that calls, the state that all bots share, and the call's parameters.
pub(super) struct CallContext<'a> {
    pub(super) bot: &'a mut Bot,
    pub(super) shared: &'a mut SharedState,
    pub(super) params: &'a Params,
}

/// The result of a call, and the id of the message that it made or changed.
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

impl CallContext<'_> {
    /// The chat that `chat_id` names; a refusal if the bot may not write to that chat.
    pub(super) fn writable_chat(&self) -> Result<i64, Refusal> {
        let chat = self.named_chat("chat_id")?;
        if let Some(channel) = self.shared.channels.get(&chat) {
            let admin = channel.admin_bots.contains(&self.bot.id);
            return admin.then_some(chat).ok_or_else(|| Refusal::forbidden("bot is not a member of the channel chat"));
        }
        if self.shared.deactivated.contains(&chat) {
            return Err(Refusal::forbidden("user is deactivated"));
        }
        let conversation = self.bot.conversations.get(&chat);
        if !conversation.is_some_and(|conversation| conversation.started) {
            return Err(Refusal::forbidden("bot can't initiate conversation with a user"));
        }
        if conversation.is_some_and(|conversation| conversation.blocked) {
            return Err(Refusal::forbidden("bot was blocked by the user"));
        }
        Ok(chat)
    }

    /// The id of the chat that a parameter names by a person's id, a channel's id, or `@channel`; a refusal if the
    /// server does not know the chat.
    pub(super) fn named_chat(&self, parameter: &str) -> Result<i64, Refusal> {
        let Some(value) = self.params.value(parameter) else {
            return Err(Refusal::bad(&format!("{parameter} is empty")));
        };
        let id = value.as_i64().or_else(|| self.shared.channel_by_name(value.as_str()?));
        let known = id.filter(|id| self.shared.people.contains_key(id) || self.shared.channels.contains_key(id));
        known.ok_or_else(|| Refusal::bad("chat not found"))
    }
}
