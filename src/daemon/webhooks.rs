//! Keeps the webhooks at Telegram as the config wants them. Telegram reports a webhook's address but not its secret, so
//! a keyed hash of the webhook that was set last is stored. Updates that wait at Telegram are never dropped.

use secrecy::{ExposeSecret, SecretString};

use crate::actor::Actor;
use crate::api::dispatch::{Arranged, Unarranged, Webhook, WebhookAction};
use crate::api::webhook;
use crate::bot::intake::ALLOWED;
use crate::config::{Config, Mode};
use crate::db::Database;
use crate::error::Error;
use crate::jobs::JobContext;
use crate::realm::BotName;
use crate::telegram::client::{Bot, CallError, WebhookInfo};
use crate::telegram::reply::Class;
use crate::{secret, shop};

/// The webhook to which Telegram should send the updates of a bot.
#[derive(Debug, Clone)]
pub struct WantedWebhook {
    /// The whole address of the webhook.
    pub url: String,
    /// The secret that Telegram repeats in a header of every webhook request.
    pub secret: SecretString,
    /// A keyed hash of the webhook's address, its secret and the kinds of update. The hash reveals nothing to a reader
    /// without the bot's token.
    mark: String,
}

impl WantedWebhook {
    /// The webhook that the config wants for a bot; `None` without a base address, a token or a secret.
    #[must_use]
    pub fn of(config: &Config, bot: BotName) -> Option<Self> {
        let base = config.telegram.webhook_base.as_ref()?;
        let (_, settings) = config.bots.each().into_iter().find(|(word, _)| *word == bot.as_str())?;
        let (token, secret) = (settings.token.as_ref()?, settings.webhook_secret.clone()?);
        let url = format!("{base}{}", webhook::path(bot));
        let all = format!("{url}\n{}\n{}", secret.expose_secret(), ALLOWED.join(","));
        Some(Self { mark: secret::keyed_hash(token.expose_secret(), &all), url, secret })
    }

    /// Whether the webhook that Telegram reports, and the hash of the webhook that was set last, are those of the
    /// config.
    #[must_use]
    pub fn is_set(&self, info: &WebhookInfo, set_last: Option<&str>) -> bool {
        let same_kinds =
            info.allowed.len() == ALLOWED.len() && ALLOWED.iter().all(|kind| is_among(kind, &info.allowed));
        info.url == self.url && same_kinds && set_last == Some(&self.mark)
    }
}

fn is_among(kind: &str, kinds: &[String]) -> bool {
    kinds.iter().any(|other| other == kind)
}

/// Why a webhook could not be read, set or deleted.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Telegram refused the call or was not reached.
    #[error(transparent)]
    Telegram(#[from] CallError),
    /// The webhook's state could not be stored.
    #[error(transparent)]
    Storage(#[from] Error),
}

/// Sets this bot's webhook, unless Telegram already has exactly this webhook. Returns whether the webhook was set.
///
/// # Errors
/// [`WebhookError`]; trying again is safe.
pub async fn agree(bot: &Bot, db: &Database, name: BotName, wanted: &WantedWebhook) -> Result<bool, WebhookError> {
    let info = bot.webhook_info().await?;
    let set_last = db.read(|view| shop::webhook_mark(view, name))?;
    let was_set = wanted.is_set(&info, set_last.as_deref());
    if !was_set {
        set(bot, db, name, wanted).await?;
    }
    bot.note_webhook_confirmed();
    Ok(!was_set)
}

/// Sets this bot's webhook, whatever webhook Telegram has now.
///
/// # Errors
/// [`WebhookError`]; trying again is safe.
pub async fn set(bot: &Bot, db: &Database, name: BotName, wanted: &WantedWebhook) -> Result<(), WebhookError> {
    bot.set_webhook(&wanted.url, wanted.secret.expose_secret(), &ALLOWED).await?;
    tracing::info!(bot = %name, url = wanted.url, "Telegram pushes updates here");
    let mark = wanted.mark.clone();
    Ok(db.write_async(move |tx| shop::remember_webhook(tx, name, &mark)).await?)
}

/// The webhooks of `bots` as Telegram reports them, each with the address that the config wants.
///
/// # Errors
/// [`WebhookError`], with the bot it concerns.
pub async fn look(
    config: &Config,
    db: &Database,
    bots: &[(BotName, Bot)],
) -> Result<Vec<Webhook>, (BotName, WebhookError)> {
    let mut all = Vec::new();
    for (bot, client) in bots {
        all.push(one(config, db, (*bot, client)).await.map_err(|error| (*bot, error))?);
    }
    Ok(all)
}

async fn one(config: &Config, db: &Database, (bot, client): (BotName, &Bot)) -> Result<Webhook, WebhookError> {
    let info = client.webhook_info().await?;
    let mark = db.read(|view| shop::webhook_mark(view, bot))?;
    let wanted = WantedWebhook::of(config, bot).filter(|_| config.telegram.mode == Mode::Webhook);
    let agrees = wanted.as_ref().map_or(info.url.is_empty(), |wanted| wanted.is_set(&info, mark.as_deref()));
    Ok(Webhook { bot, info, wanted: wanted.map(|wanted| wanted.url), agrees })
}

/// Sets the webhooks of all `bots`, and writes each change to the audit log. Returns the webhooks as they were before;
/// a bot that lacks a base address, a token or a secret is left out.
///
/// # Errors
/// [`WebhookError`], with the bot it concerns; trying again is safe.
pub async fn set_all(
    config: &Config,
    db: &Database,
    bots: &[(BotName, Bot)],
    by: &Actor,
) -> Result<Vec<Webhook>, (BotName, WebhookError)> {
    let mut before = look(config, db, bots).await?;
    for (bot, client) in bots {
        let wanted = WantedWebhook::of(config, *bot);
        let Some(known) = before.iter_mut().find(|webhook| webhook.bot == *bot) else { continue };
        known.wanted = wanted.as_ref().map(|wanted| wanted.url.clone());
        let Some(wanted) = wanted else { continue };
        set(client, db, *bot, &wanted).await.map_err(|error| (*bot, error))?;
        note(db, (*bot, &known.info.url, &wanted.url), by).await.map_err(|error| (*bot, error))?;
    }
    before.retain(|webhook| webhook.wanted.is_some());
    Ok(before)
}

/// Deletes the webhooks of all `bots`, and writes each change to the audit log. Returns the webhooks as they were
/// before.
///
/// # Errors
/// [`WebhookError`], with the bot it concerns; trying again is safe.
pub async fn delete_all(
    config: &Config,
    db: &Database,
    bots: &[(BotName, Bot)],
    by: &Actor,
) -> Result<Vec<Webhook>, (BotName, WebhookError)> {
    let before = look(config, db, bots).await?;
    for ((bot, client), known) in bots.iter().zip(&before) {
        client.delete_webhook().await.map_err(|error| (*bot, error.into()))?;
        note(db, (*bot, &known.info.url, ""), by).await.map_err(|error| (*bot, error))?;
    }
    Ok(before)
}

async fn note(db: &Database, (bot, before, after): (BotName, &str, &str), by: &Actor) -> Result<(), WebhookError> {
    let (before, after, by) = (before.to_owned(), after.to_owned(), by.clone());
    Ok(db.write_async(move |tx| shop::note_webhook(tx, bot, (&before, &after), &by)).await?)
}

/// Does what a request of the API asks for: reads, sets or deletes the webhooks of all bots.
pub(super) async fn run(context: &JobContext, action: WebhookAction, by: &Actor) -> Arranged {
    let (config, db, bots) = (&*context.config, &context.db, &*context.bots);
    if action == WebhookAction::Set {
        let gap = config.webhook_gaps().into_iter().next().map(|(key, _)| key);
        let polls = (config.telegram.mode == Mode::Polling).then(|| "telegram.mode".to_owned());
        if let Some(key) = polls.or(gap) {
            return Err(Unarranged::Config(key));
        }
    }
    let done = match action {
        WebhookAction::Look => look(config, db, bots).await,
        WebhookAction::Set => set_all(config, db, bots, by).await,
        WebhookAction::Delete => delete_all(config, db, bots, by).await,
    };
    done.map_err(|(bot, error)| match error {
        WebhookError::Telegram(error) if is_unreached(error.class) => Unarranged::Unreached(bot, error.description),
        WebhookError::Telegram(error) => Unarranged::Refused(bot, error.description),
        WebhookError::Storage(error) => {
            tracing::error!(%bot, %error, "a webhook could not be noted");
            Unarranged::Storage
        }
    })
}

/// Whether a call that failed with this class of error may succeed later.
#[must_use]
pub const fn is_unreached(class: Class) -> bool {
    matches!(class, Class::NotConnected | Class::ServerRestart | Class::Unknown | Class::RetryAfter(_))
}
