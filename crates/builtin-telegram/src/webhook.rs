//! Sends updates to webhooks: for each bot one update at a time, with the webhook's secret, repeated until the answer
//! is 2xx.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use super::bot::Webhook;
use super::state::{Server, until_stopped};

/// The pause before a failed request to a webhook is repeated. Telegram waits longer; tests should not.
const RETRY_AFTER: Duration = Duration::from_millis(250);
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Runs one task for every bot that has a webhook, until the server stops.
pub(super) async fn push_all(server: &Arc<Server>) {
    // A webhook of a test or of the demo is plain HTTP: the system's certificates, whose reading takes longer than all the
    // rest of a start, are not needed.
    let built = reqwest::Client::builder().tls_certs_only([]).no_proxy().timeout(ANSWER_WITHIN).build();
    let Ok(client) = built else {
        tracing::warn!("the built-in Telegram cannot push to webhooks: no HTTP client");
        return;
    };
    let mut calls = server.webhooks.subscribe();
    let mut pushers = JoinSet::new();
    let mut served = HashSet::new();
    loop {
        for bot in server.state().bots.values().filter(|bot| bot.webhook.is_some()) {
            if served.insert(bot.id) {
                pushers.spawn(push_for(Arc::clone(server), client.clone(), bot.id));
            }
        }
        tokio::select! {
            () = until_stopped(server.stopped.clone()) => return,
            changed = calls.changed() => if changed.is_err() { return },
            Some(ended) = pushers.join_next(), if !pushers.is_empty() => {
                // A bot's task only ends when the bot has no webhook; the bot may have got a new one since, so it is
                // looked at again.
                if let Ok(bot) = ended { served.remove(&bot); }
            }
        }
    }
}

/// Sends the bot's updates in order until the bot has no webhook. Returns the bot's id.
async fn push_for(server: Arc<Server>, client: reqwest::Client, bot: i64) -> i64 {
    loop {
        let Some((webhook, first, mut bell)) = next_push(&server, bot) else { return bot };
        match first {
            None => {
                if bell.changed().await.is_err() {
                    return bot;
                }
            }
            Some((serial, update)) => match push(&client, &webhook, &update).await {
                Ok(()) => taken(&server, bot, serial),
                Err(what) => {
                    failed(&server, bot, what);
                    tokio::time::sleep(RETRY_AFTER).await;
                }
            },
        }
    }
}

type Next = (Webhook, Option<(u64, Value)>, tokio::sync::watch::Receiver<()>);

fn next_push(server: &Server, bot: i64) -> Option<Next> {
    let state = server.state();
    let bot = state.bots.get(&bot)?;
    Some((bot.webhook.clone()?, bot.queue.first(), bot.queue.bell.subscribe()))
}

async fn push(client: &reqwest::Client, webhook: &Webhook, update: &Value) -> Result<(), String> {
    let mut request = client.post(&webhook.url).json(update);
    if let Some(secret) = &webhook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let response = request.send().await.map_err(|_| "Connection refused".to_owned())?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(format!("Wrong response from the webhook: {status}")) }
}

fn taken(server: &Server, bot: i64, serial: u64) {
    if let Some(bot) = server.state().bots.get_mut(&bot) {
        bot.queue.taken(serial);
    }
}

fn failed(server: &Server, bot: i64, what: String) {
    let mut state = server.state();
    let now = state.shared.date();
    if let Some(webhook) = state.bots.get_mut(&bot).and_then(|bot| bot.webhook.as_mut()) {
        webhook.last_error = Some((now, what));
    }
}
