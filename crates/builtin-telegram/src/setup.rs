//! The methods with which a program sets up its bot: the bot's account, its webhook, its commands.

use serde_json::{Value, json};

use super::bot::Webhook;
use super::call_context::{CallContext, Done};
use super::refusal::Refusal;

/// Executes `getMe`.
pub(super) fn me(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let mut user = call.bot.user();
    if let Some(map) = user.as_object_mut() {
        map.insert("can_join_groups".into(), json!(true));
        for no in [
            "can_manage_bots",
            "can_read_all_group_messages",
            "supports_guest_queries",
            "supports_join_request_queries",
            "supports_inline_queries",
            "can_connect_to_business",
            "has_main_web_app",
            "has_topics_enabled",
            "allows_users_to_create_topics",
        ] {
            map.insert(no.into(), json!(false));
        }
    }
    Ok(Done::with(user))
}

/// Executes `setWebhook`. An empty `url` deletes the webhook. Plain http is accepted for this machine only.
pub(super) fn set_webhook(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let Some(url) = call.params.text("url") else { return delete_webhook(call) };
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|start| url.starts_with(start));
    if !local && !url.starts_with("https://") {
        return Err(Refusal::bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = call.params.text("secret_token").map(str::to_owned);
    if secret.as_deref().is_some_and(|secret| !is_secret(secret)) {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    let max_connections = call.params.number("max_connections").unwrap_or(40);
    call.bot.webhook = Some(Webhook { url: url.to_owned(), secret, max_connections, last_error: None });
    call.bot.queue.allow(call.params);
    call.drop_pending();
    call.bot.queue.end_poll("setWebhook request");
    Ok(Done::yes())
}

/// Executes `deleteWebhook`.
pub(super) fn delete_webhook(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    call.bot.webhook = None;
    call.drop_pending();
    call.bot.queue.bell.send_replace(());
    Ok(Done::yes())
}

/// Executes `getWebhookInfo`.
pub(super) fn webhook_info(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let bot = &call.bot;
    let url = bot.webhook.as_ref().map_or("", |webhook| &webhook.url);
    let mut info = json!({ "url": url, "has_custom_certificate": false, "pending_update_count": bot.queue.len() });
    if let Some(map) = info.as_object_mut() {
        if let Some(webhook) = &bot.webhook {
            map.insert("max_connections".into(), json!(webhook.max_connections));
        }
        if let Some((at, what)) = bot.webhook.as_ref().and_then(|webhook| webhook.last_error.as_ref()) {
            map.insert("last_error_date".into(), json!(at));
            map.insert("last_error_message".into(), json!(what));
        }
        if let Some(names) = bot.queue.allowed() {
            map.insert("allowed_updates".into(), json!(names));
        }
    }
    Ok(Done::with(info))
}

/// Executes `setMyCommands`.
pub(super) fn set_commands(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    let commands = call.params.value("commands").filter(|commands| commands.is_array());
    let commands = commands.ok_or_else(|| Refusal::bad("can't parse list of bot commands JSON object"))?;
    let list = commands.as_array().map_or(&[] as &[Value], Vec::as_slice);
    if list.len() > 100 {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in list {
        check_command(command)?;
    }
    let key = call.commands_key();
    call.bot.commands.insert(key, commands.clone());
    Ok(Done::yes())
}

/// Executes `getMyCommands`.
pub(super) fn get_commands(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    Ok(Done::with(call.bot.commands.get(&call.commands_key()).cloned().unwrap_or_else(|| json!([]))))
}

/// Executes `deleteMyCommands`.
pub(super) fn delete_commands(call: &mut CallContext<'_>) -> Result<Done, Refusal> {
    call.bot.commands.remove(&call.commands_key());
    Ok(Done::yes())
}

impl CallContext<'_> {
    fn drop_pending(&mut self) {
        if self.params.flag("drop_pending_updates") {
            self.bot.queue.clear();
        }
    }

    /// The scope (as JSON) and the language of a call; commands are stored by them.
    fn commands_key(&self) -> (String, String) {
        let scope = self.params.value("scope").map_or_else(|| "{\"type\":\"default\"}".to_owned(), Value::to_string);
        (scope, self.params.text("language_code").unwrap_or_default().to_owned())
    }
}

fn check_command(command: &Value) -> Result<(), Refusal> {
    let field = |name: &str| command.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = field("command").trim_start_matches('/');
    let sound = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !sound || !(1..=32).contains(&name.len()) {
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    if !(1..=256).contains(&field("description").chars().count()) {
        return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(())
}

fn is_secret(secret: &str) -> bool {
    secret.len() <= 256 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}
