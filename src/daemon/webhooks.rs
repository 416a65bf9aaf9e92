//! Telegram's idea of where updates go, made to agree with the config. Telegram tells a webhook's address but not its
//! secret, so what was set last is remembered as a keyed hash. Updates that wait at Telegram are never dropped.

use secrecy::{ExposeSecret, SecretString};

use crate::api::webhook;
use crate::bot::intake::ALLOWED;
use crate::config::Config;
use crate::db::Database;
use crate::error::Error;
use crate::realm::BotName;
use crate::telegram::client::{Bot, CallError, WebhookInfo};
use crate::{secret, shop};

/// Where the updates of a bot are to be pushed.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The whole address.
    pub url: String,
    /// What Telegram repeats in the header of every push.
    pub secret: SecretString,
    /// Stands for the address, the secret and the kinds of update; says nothing of them without the token.
    mark: String,
}

impl Pushed {
    /// What the config wants for a bot; `None` without a base address, a token or a secret.
    #[must_use]
    pub fn of(config: &Config, bot: BotName) -> Option<Self> {
        let base = config.telegram.webhook_base.as_ref()?;
        let (_, settings) = config.bots.each().into_iter().find(|(word, _)| *word == bot.as_str())?;
        let (token, secret) = (settings.token.as_ref()?, settings.webhook_secret.clone()?);
        let url = format!("{base}{}", webhook::path(bot));
        let all = format!("{url}\n{}\n{}", secret.expose_secret(), ALLOWED.join(","));
        Some(Self { mark: secret::keyed_hash(token.expose_secret(), &all), url, secret })
    }

    /// Whether what Telegram tells, and what was set last, is what is wanted.
    #[must_use]
    pub fn stands(&self, info: &WebhookInfo, set_last: Option<&str>) -> bool {
        let same_kinds =
            info.allowed.len() == ALLOWED.len() && ALLOWED.iter().all(|kind| is_among(kind, &info.allowed));
        info.url == self.url && same_kinds && set_last == Some(&self.mark)
    }
}

fn is_among(kind: &str, kinds: &[String]) -> bool {
    kinds.iter().any(|other| other == kind)
}

/// Why something could not be arranged with Telegram.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Telegram refused or was not reached.
    #[error(transparent)]
    Telegram(#[from] CallError),
    /// What Telegram said could not be kept.
    #[error(transparent)]
    Storage(#[from] Error),
}

/// Makes Telegram push this bot's updates to us, if it does not yet. Returns whether it had to be told.
///
/// # Errors
/// [`Trouble`]; trying again is safe.
pub async fn agree(bot: &Bot, db: &Database, name: BotName, pushed: &Pushed) -> Result<bool, Trouble> {
    let info = bot.webhook_info().await?;
    let set_last = db.read(|view| shop::webhook_mark(view, name))?;
    let stood = pushed.stands(&info, set_last.as_deref());
    if !stood {
        set(bot, db, name, pushed).await?;
    }
    bot.note_webhook_stands();
    Ok(!stood)
}

/// Tells Telegram to push this bot's updates to us, whatever it does now.
///
/// # Errors
/// [`Trouble`]; trying again is safe.
pub async fn set(bot: &Bot, db: &Database, name: BotName, pushed: &Pushed) -> Result<(), Trouble> {
    bot.set_webhook(&pushed.url, pushed.secret.expose_secret(), &ALLOWED).await?;
    tracing::info!(bot = %name, url = pushed.url, "Telegram pushes updates here");
    let mark = pushed.mark.clone();
    Ok(db.write_async(move |tx| shop::remember_webhook(tx, name, &mark)).await?)
}
