//! The methods of the Bot API that this program calls. Answers are read field by field: a missing field is empty; only
//! an answer without the id that it must have is an error.

use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tgbot::types::{BotCommand, BotCommandScope};

use super::prepare::{chat_id, is_upload, prepare};
use super::wire::{Call, Sent, TOO_LONG};
use super::{Answer, Bot, CallError, Content, FailedCall, Outgoing, Permit};
use crate::metrics;
use crate::telegram::gate::{Lane, Method, Verdict};
use crate::telegram::reply::Class;
use crate::telegram::update::{MemberStatus, read_json};

/// The bot to which a token belongs, as Telegram describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The bot's id.
    pub id: i64,
    /// The bot's public name without `@`.
    pub username: String,
    /// The bot's display name.
    pub first_name: String,
}

/// A channel, group or private chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatInfo {
    /// Telegram's chat id.
    pub id: i64,
    /// The chat's public name without `@`.
    pub username: Option<String>,
    /// The title of the channel or group.
    pub title: Option<String>,
    /// The chat's primary invite link, if the bot may see it.
    pub invite_link: Option<String>,
}

/// A bot's webhook at Telegram: the address to which Telegram sends the bot's updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookInfo {
    /// The address of the webhook; empty when the bot has none and polls.
    pub url: String,
    /// How many updates wait at Telegram.
    pub pending: i64,
    /// The last error when Telegram sent an update to the webhook, in Telegram's words.
    pub last_error: Option<String>,
    /// When the last error occurred, in seconds since the epoch.
    pub last_error_at: Option<i64>,
    /// The kinds of update that were asked for with the webhook; empty: Telegram's usual kinds.
    pub allowed: Vec<String>,
}

/// The people who see a menu of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everyone in a private chat with the bot.
    Everybody,
    /// The people in this chat, who see this menu in place of that for everyone.
    Chat(i64),
}

impl Bot {
    /// The bot to which the token belongs.
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure; [`Class::Unknown`] when the answer names no bot.
    pub async fn get_me(&self) -> Result<Me, CallError> {
        let me = self.ask_for(Method::GetMe, Call::new).await?;
        let id = me.get("id").and_then(Value::as_i64).ok_or_else(unreadable)?;
        Ok(Me { id, username: text(&me, "username"), first_name: text(&me, "first_name") })
    }

    /// Waits up to `timeout_s` seconds for updates from the id `offset` on, which acknowledges all earlier updates.
    /// Needs no permit of the rate limiter. Updates are returned as raw JSON; an update that cannot be read is an
    /// object with nothing but its `update_id`. `allowed` names the wanted kinds in Telegram's words (`message`,
    /// `callback_query`, …).
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure; [`CallError::is_conflict`] tells whether another program takes
    /// the updates.
    pub async fn get_updates(&self, offset: i64, timeout_s: u64, allowed: &[&str]) -> Result<Vec<Value>, CallError> {
        let wait = Duration::from_secs(timeout_s);
        let poll =
            Call::new("getUpdates").with("offset", offset).with("timeout", timeout_s).with("allowed_updates", allowed);
        let limit = wait.saturating_add(self.inner.patience.poll);
        let mut raw = self.execute(None, poll.clone(), limit).await;
        if raw.as_ref().is_err_and(|error| error.description == TOO_LONG) {
            // The waiting updates exceed the size of one answer, so they are fetched one at a time.
            raw = self.execute(None, poll.with("limit", 1), limit).await;
        }
        if let Err(error) = &raw
            && error.is_conflict()
        {
            self.note_conflict(error.description.to_lowercase().contains("webhook is active"));
        }
        let raw = raw?;
        self.settle((self.lane, None), Class::Sent { message_id: None });
        self.inner.status.note_intake();
        let raw = raw.ok_or_else(unreadable)?;
        let updates: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(|_| unreadable())?;
        Ok(updates.into_iter().filter_map(|update| read_json(update.get().as_bytes())).collect())
    }

    /// Deletes the bot's webhook; updates that wait at Telegram stay there.
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure.
    pub async fn delete_webhook(&self) -> Result<(), CallError> {
        self.ask_for(Method::DeleteWebhook, Call::new).await.map(drop)
    }

    /// Makes Telegram send the bot's updates to `url`, each with `secret` in the header
    /// `X-Telegram-Bot-Api-Secret-Token`. `allowed` names the wanted kinds of updates in Telegram's words.
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure.
    pub async fn set_webhook(&self, url: &str, secret: &str, allowed: &[&str]) -> Result<(), CallError> {
        let call =
            |name| Call::new(name).with("url", url).with("secret_token", secret).with("allowed_updates", allowed);
        self.ask_for(Method::SetWebhook, call).await.map(drop)
    }

    /// Asks for the bot's webhook, and for the last error when Telegram sent an update to it.
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure.
    pub async fn webhook_info(&self) -> Result<WebhookInfo, CallError> {
        let info = self.ask_for(Method::GetWebhookInfo, Call::new).await?;
        Ok(WebhookInfo {
            url: text(&info, "url"),
            pending: info.get("pending_update_count").and_then(Value::as_i64).unwrap_or(0),
            last_error: optional(&info, "last_error_message"),
            last_error_at: info.get("last_error_date").and_then(Value::as_i64),
            allowed: texts(&info, "allowed_updates"),
        })
    }

    /// Registers the menu of commands that the people of `scope` see. Each command has a name without `/` and a
    /// description of 3–256 **bytes** (128 Cyrillic letters).
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure; [`Class::BadMessage`] for a name or description of a wrong
    /// length.
    pub async fn set_my_commands(&self, scope: Scope, commands: &[(&str, &str)]) -> Result<(), CallError> {
        let command = |(name, description): &(&str, &str)| BotCommand::new(*name, *description);
        let commands: Result<Vec<_>, _> = commands.iter().map(command).collect();
        let commands = commands.map_err(|error| CallError {
            class: Class::BadMessage,
            code: None,
            description: error.to_string(),
        })?;
        let scope = match scope {
            Scope::Everybody => BotCommandScope::AllPrivateChats,
            Scope::Chat(id) => BotCommandScope::chat(id),
        };
        self.ask_for(Method::SetMyCommands, |name| Call::new(name).with("commands", commands).with("scope", scope))
            .await
            .map(drop)
    }

    /// Asks for a person's status in a chat, which is given by `@name` or id. In a channel only a bot that administers
    /// it may ask. A person whom Telegram does not find in the chat counts as having left it.
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure; [`CallError::lacks_access`] tells an unknown chat or missing
    /// rights from a refusal about one person.
    pub async fn chat_member(&self, chat: &str, user_id: i64) -> Result<MemberStatus, CallError> {
        // "invalid user_id" means a person whom this bot has never met, not a fault in the shop's settings.
        const NOBODY: [&str; 4] = ["user not found", "member not found", "participant_id_invalid", "invalid user_id"];
        match self
            .ask_for(Method::GetChatMember, |name| {
                Call::new(name).with("chat_id", chat_id(chat)).with("user_id", user_id)
            })
            .await
        {
            Ok(member) => Ok(MemberStatus::from_value(&member)),
            Err(error) => {
                let words = error.description.to_lowercase();
                let left = error.code == Some(400) && NOBODY.iter().any(|nobody| words.contains(nobody));
                if left { Ok(MemberStatus::Left) } else { Err(error) }
            }
        }
    }

    /// Asks for information about a chat, which is given by `@name` or id.
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure; [`Class::Unknown`] when the answer has no id.
    pub async fn chat(&self, chat: &str) -> Result<ChatInfo, CallError> {
        let found = self.ask_for(Method::GetChat, |name| Call::new(name).with("chat_id", chat_id(chat))).await?;
        Ok(ChatInfo {
            id: found.get("id").and_then(Value::as_i64).ok_or_else(unreadable)?,
            username: optional(&found, "username"),
            title: optional(&found, "title"),
            invite_link: optional(&found, "invite_link"),
        })
    }

    /// Answers a press of a button with a notice of at most 200 characters; `None` only ends the button's loading
    /// state. With `alert` the notice is a window that the person closes.
    ///
    /// # Errors
    /// A [`CallError`] with the class of the failure; [`Class::Rejected`] when the press is too old.
    pub async fn answer_callback(&self, id: &str, text: Option<&str>, alert: bool) -> Result<(), CallError> {
        let call = |name| {
            let shown = text.map(|_| alert);
            Call::new(name).with("callback_query_id", id).with("text", text).with("show_alert", shown)
        };
        self.ask_for(Method::AnswerCallbackQuery, call).await.map(drop)
    }

    /// Waits for a permit of the rate limiter in this bot's lane, then sends.
    pub async fn send(&self, outgoing: &Outgoing) -> Answer {
        let permit = self.acquire(self.lane, Some(outgoing.chat_id)).await;
        self.send_with(permit, outgoing).await
    }

    /// Sends with a permit that the caller has acquired. A caller acquires the permit first, then stores that it is
    /// about to send, and then calls this function, which does not wait before it sends.
    pub async fn send_with(&self, permit: Permit, outgoing: &Outgoing) -> Answer {
        let patience = self.inner.patience;
        let limit = if is_upload(&outgoing.content) { patience.upload } else { patience.send };
        let (lane, method) = (permit.lane(), method_of(&outgoing.content));
        if let Some(method) = method
            && let Some(error) = self.closed(method)
        {
            return not_sent(error, None);
        }
        let answer = match self.call(permit, method, (prepare(outgoing), limit)).await {
            Ok(raw) => {
                let sent = raw.map(|raw| Sent::read(&raw)).unwrap_or_default();
                let class = Class::Sent { message_id: sent.message_id() };
                Answer { class, code: None, description: String::new(), file_id: sent.file_id(), verdict: None }
            }
            Err(FailedCall { error, verdict }) => not_sent(error, verdict),
        };
        let (bot, class) = (self.label().to_owned(), answer.class.as_str());
        ::metrics::counter!(metrics::MESSAGES, "bot" => bot, "lane" => lane.as_str(), "class" => class).increment(1);
        answer
    }

    /// Makes a call that neither sends nor edits a message, with a permit in this bot's lane; the answer to a pressed
    /// button has a lane of its own. An `ok` answer without a
    /// result is `null`. If a 429 has closed the method, the call is refused at once with the seconds that are left,
    /// and the caller decides whether to wait.
    async fn ask_for(&self, method: Method, call: impl FnOnce(&'static str) -> Call) -> Result<Value, CallError> {
        self.closed(method).map_or(Ok(()), Err)?;
        let lane = if method == Method::AnswerCallbackQuery { Lane::Press } else { self.lane };
        let permit = self.acquire_for_question(lane).await?;
        // The method may have been closed during the wait.
        self.closed(method).map_or(Ok(()), Err)?;
        let raw = self.call(permit, Some(method), (call(method.as_str()), self.inner.patience.send)).await;
        let raw = raw.map_err(|failure| failure.error)?;
        Ok(raw.and_then(|raw| read_json(raw.get().as_bytes())).unwrap_or(Value::Null))
    }

    fn closed(&self, method: Method) -> Option<CallError> {
        let seconds = self.method_closed_for(method)?;
        let description = format!("Telegram wants no {} for another {seconds} s", method.as_str());
        Some(CallError { class: Class::RetryAfter(seconds), code: Some(429), description })
    }
}

/// The method that has a limit of its own, for a content that is neither a message nor an edit.
const fn method_of(content: &Content) -> Option<Method> {
    match content {
        Content::Delete { .. } => Some(Method::DeleteMessage),
        _ => None,
    }
}

fn not_sent(error: CallError, verdict: Option<Verdict>) -> Answer {
    Answer { class: error.class, code: error.code, description: error.description, file_id: None, verdict }
}

fn text(body: &Value, name: &str) -> String {
    optional(body, name).unwrap_or_default()
}

fn optional(body: &Value, name: &str) -> Option<String> {
    body.get(name)?.as_str().map(str::to_owned)
}

fn texts(body: &Value, name: &str) -> Vec<String> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

fn unreadable() -> CallError {
    let description = "Telegram's answer could not be read".to_owned();
    CallError { class: Class::Unknown, code: None, description }
}
