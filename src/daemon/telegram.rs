//! How a bot of the daemon gets its updates: it introduces itself, then polls or keeps its webhook. A bot whose token
//! is refused is off; the others go on, and `/readyz`, `doctor` and the log name it.

use std::time::Duration;

use tokio::sync::watch;

use super::loops::wait_for_stop;
use super::webhooks::{self, Pushed, Trouble};
use crate::bot::intake::{self, Ended};
use crate::bot::{self, Desk, Menu};
use crate::error::{Error, Result};
use crate::shop;
use crate::telegram::client::{Bot, CallError, Scope};
use crate::telegram::reply::Class;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Somebody else may take the webhook away: Telegram is asked this often.
const GLANCE: Duration = Duration::from_secs(60);

/// Polls until told to stop.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub(super) async fn poll(desk: Desk, stopping: watch::Receiver<bool>) -> Result<()> {
    if !introduce(&desk, None, stopping.clone()).await? {
        return wait_for_stop(stopping).await;
    }
    match intake::poll(desk, stopping.clone()).await? {
        Ended::Stopped => Ok(()),
        Ended::TokenRefused => wait_for_stop(stopping).await,
    }
}

/// Keeps Telegram pushing to us until told to stop.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub(super) async fn keep_webhook(desk: Desk, pushed: Pushed, mut stopping: watch::Receiver<bool>) -> Result<()> {
    if !introduce(&desk, Some(&pushed), stopping.clone()).await? {
        return wait_for_stop(stopping).await;
    }
    while !*stopping.borrow() {
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            _ = stopping.changed() => continue,
        }
        let looked = tokio::select! {
            looked = webhooks::agree(&desk.bot, &desk.db, desk.name, &pushed) => looked,
            _ = stopping.changed() => continue,
        };
        match looked {
            Ok(true) => tracing::warn!(bot = %desk.name, "the webhook had been changed by somebody else; it is back"),
            Ok(false) => {}
            Err(Trouble::Storage(error)) if !error.is_passing() => return Err(error),
            Err(error) => tracing::warn!(bot = %desk.name, %error, "where the webhook leads is not known"),
        }
    }
    Ok(())
}

/// Learns the bot's username, opens its way in, registers its commands. Tried until Telegram answers; `false` = stop
/// asking (the token is refused, or the daemon stops).
async fn introduce(desk: &Desk, pushed: Option<&Pushed>, mut stopping: watch::Receiver<bool>) -> Result<bool> {
    let mut pause = FIRST_PAUSE;
    loop {
        let met = tokio::select! {
            met = meet(desk, pushed) => met,
            _ = stopping.changed() => return Ok(false),
        };
        let error = match met {
            Ok(()) => return Ok(true),
            Err(Trouble::Telegram(error)) if error.class == Class::Token => {
                tracing::error!(bot = %desk.name, "Telegram refuses this bot's token; the bot is off");
                return Ok(false);
            }
            Err(Trouble::Storage(error)) if !error.is_passing() => return Err(error),
            Err(error) => error,
        };
        tracing::warn!(bot = %desk.name, %error, wait_s = pause.as_secs(), "not on duty yet");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopping.changed() => return Ok(false),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn meet(desk: &Desk, pushed: Option<&Pushed>) -> std::result::Result<(), Trouble> {
    match pushed {
        Some(pushed) => drop(webhooks::agree(&desk.bot, &desk.db, desk.name, pushed).await?),
        // A webhook would hold the updates back from polling.
        None => desk.bot.delete_webhook().await?,
    }
    let (name, username) = (desk.name, desk.bot.get_me().await?.username);
    tracing::info!(bot = %name, username, "on duty");
    // A bot that is called what it was called yesterday needs no write: it is on duty even while the disk is full.
    let (known, menus) =
        desk.db.read(|view| Ok::<_, Error>((shop::bot_username(view, name)?, bot::menus(view, name)?)))?;
    if known.as_deref() != Some(&*username) {
        desk.db.write_async(move |tx| shop::remember_bot(tx, name, &username)).await?;
    }
    Ok(register(&desk.bot, &menus).await?)
}

/// Registers the menus of commands. An admin who has never opened the bot has no chat to show one in.
///
/// # Errors
/// The class of the call that failed.
pub async fn register(bot: &Bot, menus: &[Menu]) -> std::result::Result<(), CallError> {
    for menu in menus {
        let commands: Vec<(&str, &str)> = menu.commands.iter().map(|(name, words)| (*name, words.as_str())).collect();
        match (menu.scope, bot.set_my_commands(menu.scope, &commands).await) {
            (Scope::Chat(_), Err(error)) if is_of_this_chat(error.class) => {
                tracing::debug!(bot = bot.label(), %error, "no menu for an admin who is not here");
            }
            (_, Err(error)) if error.class == Class::BadMessage => {
                tracing::warn!(bot = bot.label(), %error, "Telegram does not take these commands; the bot works without them");
            }
            (_, registered) => registered?,
        }
    }
    Ok(())
}

const fn is_of_this_chat(class: Class) -> bool {
    matches!(
        class,
        Class::NotFound | Class::Rejected | Class::Blocked | Class::Gone | Class::NeverStarted | Class::ChatGone
    )
}
