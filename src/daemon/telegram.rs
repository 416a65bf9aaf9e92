//! How a bot of the daemon gets its updates: the daemon checks the bot's token, then polls or keeps the bot's webhook
//! set. Only the token and the removal or setting of the webhook are essential. The bot's name and its menus are
//! fetched and registered in parallel, each with its own retries; their failure affects nothing else. A bot whose token
//! is refused is switched off; the other bots go on, and `/readyz`, `doctor` and the log name the one that is off.

use std::time::Duration;

use tokio::sync::watch;

use super::stop::wait_for_stop;
use super::webhooks::{self, WantedWebhook, WebhookError};
use crate::bot::intake::{self, PollerEnd};
use crate::bot::{self, Desk, Menu};
use crate::error::Result;
use crate::language::Language;
use crate::shop;
use crate::telegram::client::{Bot, CallError, Scope};
use crate::telegram::reply::Class;

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause between tries to register a menu: menus do not affect the work.
const LONGEST_MENU_PAUSE: Duration = Duration::from_secs(600);
/// How long one call at a bot's start may take, with its wait for the rate limiter; then the bot starts without its
/// result.
const FIRST_ROUND: Duration = Duration::from_secs(10);
/// How often Telegram is asked for the webhook, because another program may remove it.
const CHECK_EVERY: Duration = Duration::from_secs(60);

/// Starts one bot and polls Telegram for its updates until told to stop.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub(super) async fn poll(desk: Desk, stopping: watch::Receiver<bool>) -> Result<()> {
    let Some(open) = first_round(&desk, stopping.clone()).await? else {
        return wait_for_stop(stopping).await;
    };
    let (polled, beside) =
        tokio::join!(intake::poll(desk.clone(), stopping.clone()), finish(&desk, open, stopping.clone()));
    beside?;
    match polled? {
        PollerEnd::Stopped => Ok(()),
        PollerEnd::TokenRefused => wait_for_stop(stopping).await,
    }
}

/// Keeps this bot's webhook set until told to stop.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub(super) async fn keep_webhook(desk: Desk, wanted: WantedWebhook, stopping: watch::Receiver<bool>) -> Result<()> {
    let beside = OpenSteps { name: true, webhook: false };
    let (kept, beside) =
        tokio::join!(agree_again_and_again(&desk, &wanted, stopping.clone()), finish(&desk, beside, stopping.clone()));
    beside?;
    kept
}

/// Sets the webhook at once, and checks it again every [`CHECK_EVERY`], because another program may have changed it.
async fn agree_again_and_again(desk: &Desk, wanted: &WantedWebhook, mut stopping: watch::Receiver<bool>) -> Result<()> {
    let (mut pause, mut agreed_before) = (FIRST_PAUSE, false);
    while !*stopping.borrow() {
        let agreed = tokio::select! {
            agreed = webhooks::agree(&desk.bot, &desk.db, desk.name, wanted) => agreed,
            _ = stopping.changed() => continue,
        };
        let wait = match agreed {
            Ok(changed) => {
                if changed && agreed_before {
                    desk.bot.note_conflict(true);
                    tracing::warn!(bot = %desk.name, "the webhook had been changed by somebody else; it is back");
                }
                (pause, agreed_before) = (FIRST_PAUSE, true);
                CHECK_EVERY
            }
            Err(WebhookError::Storage(error)) if !error.is_passing() => return Err(error),
            Err(WebhookError::Telegram(error)) if error.class == Class::Token => {
                say_refused(desk);
                return wait_for_stop(stopping).await;
            }
            Err(error) => {
                let wait = if agreed_before { CHECK_EVERY } else { longer(&mut pause, LONGEST_PAUSE) };
                tracing::warn!(bot = %desk.name, %error, wait_s = wait.as_secs(), "where the webhook leads is not known");
                wait
            }
        };
        rest(wait, &mut stopping).await;
    }
    Ok(())
}

/// Logs once that Telegram does not answer, with a hint about the proxy.
fn say_silent(desk: &Desk, error: &CallError) {
    let hint = Language::En.text("telegram.proxy_hint", &[]);
    tracing::warn!(bot = %desk.name, "Telegram does not answer: {}. {hint}", error.description);
}

fn say_refused(desk: &Desk) {
    tracing::error!(bot = %desk.name, "Telegram refuses this bot's token; the bot is off");
}

/// The steps of a bot's start that are still to be done when the bot begins to poll or to receive updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OpenSteps {
    /// The bot's username has not been fetched.
    name: bool,
    /// A webhook may still be set; Telegram refuses polling while it is.
    webhook: bool,
}

/// Starts a bot that polls: fetches its name, which checks the token, and removes its webhook, because Telegram refuses
/// polling while a webhook is set. Retries until Telegram is reached; a step that Telegram then does not answer is left
/// for later. `None`: the bot must not poll, because its token is refused or the daemon stops.
async fn first_round(desk: &Desk, mut stopping: watch::Receiver<bool>) -> Result<Option<OpenSteps>> {
    let mut pause = FIRST_PAUSE;
    loop {
        let tried = tokio::select! {
            tried = try_round(desk) => tried,
            _ = stopping.changed() => return Ok(None),
        };
        let error = match tried {
            Ok(open) => return Ok(Some(open)),
            Err(WebhookError::Telegram(error)) if error.class == Class::Token => {
                say_refused(desk);
                return Ok(None);
            }
            Err(WebhookError::Storage(error)) if !error.is_passing() => return Err(error),
            Err(error) => error,
        };
        if pause == FIRST_PAUSE
            && let WebhookError::Telegram(error) = &error
            && error.is_silence()
        {
            say_silent(desk, error);
        }
        let wait = longer(&mut pause, LONGEST_PAUSE);
        tracing::warn!(bot = %desk.name, %error, wait_s = wait.as_secs(), "not on duty yet");
        rest(wait, &mut stopping).await;
        if *stopping.borrow() {
            return Ok(None);
        }
    }
}

/// Tries once to fetch the bot's name and to remove its webhook. After an error both must be tried again.
async fn try_round(desk: &Desk) -> std::result::Result<OpenSteps, WebhookError> {
    let fetched = tokio::time::timeout(FIRST_ROUND, fetch_name(desk)).await;
    let name = is_open("its name", desk, fetched)?;
    let deleted = tokio::time::timeout(FIRST_ROUND, delete_webhook(desk)).await;
    let webhook = is_open("its webhook", desk, deleted)?;
    Ok(OpenSteps { name, webhook })
}

/// Whether a step of a bot's start is left for later. When Telegram cannot be reached, the token is refused or the
/// storage fails, the result is an error: the whole start must be tried again.
fn is_open(
    what: &str,
    desk: &Desk,
    done: std::result::Result<std::result::Result<(), WebhookError>, tokio::time::error::Elapsed>,
) -> std::result::Result<bool, WebhookError> {
    match done {
        Ok(Ok(())) => Ok(false),
        Ok(Err(WebhookError::Telegram(error))) if !matches!(error.class, Class::Token | Class::NotConnected) => {
            tracing::warn!(bot = %desk.name, what, %error, "on duty without it for now");
            Ok(true)
        }
        Ok(Err(error)) => Err(error),
        Err(_) => {
            tracing::warn!(bot = %desk.name, what, "on duty without it for now: no answer in time");
            Ok(true)
        }
    }
}

/// Fetches and stores the bot's username.
async fn fetch_name(desk: &Desk) -> std::result::Result<(), WebhookError> {
    let (name, username) = (desk.name, desk.bot.get_me().await?.username);
    tracing::info!(bot = %name, username, "on duty");
    // An unchanged username needs no write, so the bot starts even while the disk is full.
    let known = desk.db.read(|view| shop::bot_username(view, name))?;
    if known.as_deref() != Some(&*username) {
        desk.db.write_async(move |tx| shop::remember_bot(tx, name, &username)).await?;
    }
    Ok(())
}

async fn delete_webhook(desk: &Desk) -> std::result::Result<(), WebhookError> {
    Ok(desk.bot.delete_webhook().await?)
}

/// Does the steps of a bot's start that were left for later, and registers the menus, while updates are handled
/// already. Returns when all is done, or when the daemon stops.
async fn finish(desk: &Desk, open: OpenSteps, mut stopping: watch::Receiver<bool>) -> Result<()> {
    let work = async {
        let webhook = async { if open.webhook { until_done(desk, StartStep::Webhook).await } else { Ok(()) } };
        let name = async { if open.name { until_done(desk, StartStep::Name).await } else { Ok(()) } };
        let (webhook, name, menus) = tokio::join!(webhook, name, show_menus(desk));
        webhook.and(name).and(menus)
    };
    tokio::select! {
        done = work => done,
        _ = stopping.wait_for(|stopping| *stopping) => Ok(()),
    }
}

/// The steps of a bot's start that may be left for later.
#[derive(Debug, Clone, Copy)]
enum StartStep {
    Webhook,
    Name,
}

/// Retries a step until it is done. A refused token ends the retries: the loop that receives the bot's updates notices
/// the refusal as well, and switches the bot off.
async fn until_done(desk: &Desk, step: StartStep) -> Result<()> {
    let mut pause = FIRST_PAUSE;
    loop {
        let done = match step {
            StartStep::Webhook => delete_webhook(desk).await,
            StartStep::Name => fetch_name(desk).await,
        };
        let wait = match done {
            Ok(()) => return Ok(()),
            Err(WebhookError::Storage(error)) if !error.is_passing() => return Err(error),
            Err(WebhookError::Telegram(error)) if error.class == Class::Token => return Ok(()),
            Err(error) => {
                let asked = if let WebhookError::Telegram(error) = &error { asked_for(error) } else { Duration::ZERO };
                let wait = longer(&mut pause, LONGEST_PAUSE).max(asked);
                tracing::warn!(bot = %desk.name, what = ?step, %error, wait_s = wait.as_secs(), "still on duty without it");
                wait
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Registers the menus of commands; retries those that fail until they are registered.
async fn show_menus(desk: &Desk) -> Result<()> {
    let mut pause = FIRST_PAUSE;
    let mut menus = loop {
        match desk.db.read(|view| bot::menus(view, desk.name)) {
            Ok(menus) => break menus,
            Err(error) if error.is_passing() => tokio::time::sleep(longer(&mut pause, LONGEST_MENU_PAUSE)).await,
            Err(error) => return Err(error),
        }
    };
    loop {
        let failed = register(&desk.bot, menus).await;
        let Some((_, error)) = failed.first() else { return Ok(()) };
        let asked = failed.iter().map(|(_, error)| asked_for(error)).max().unwrap_or_default();
        let wait = longer(&mut pause, LONGEST_MENU_PAUSE).max(asked);
        tracing::warn!(bot = %desk.name, %error, menus = failed.len(), wait_s = wait.as_secs(), "menus of commands wait");
        menus = failed.into_iter().map(|(menu, _)| menu).collect();
        tokio::time::sleep(wait).await;
    }
}

/// Registers the menus of commands. Returns the menus that may be registered later, each with its error. A menu that
/// Telegram refuses is not tried again, nor is the menu for an admin who has never opened the bot: there is no chat to
/// show it in.
pub async fn register(bot: &Bot, menus: Vec<Menu>) -> Vec<(Menu, CallError)> {
    let mut failed = Vec::new();
    for menu in menus {
        let commands: Vec<(&str, &str)> = menu.commands.iter().map(|(name, words)| (*name, words.as_str())).collect();
        let Err(error) = bot.set_my_commands(menu.scope, &commands).await else { continue };
        match menu.scope {
            Scope::Chat(_) if is_of_this_chat(&error) => {
                tracing::debug!(bot = bot.label(), %error, "no menu for an admin who is not here");
            }
            _ if error.class == Class::BadMessage => {
                tracing::warn!(bot = bot.label(), %error, "Telegram does not take these commands; the bot works without them");
            }
            _ => failed.push((menu, error)),
        }
    }
    failed
}

fn is_of_this_chat(error: &CallError) -> bool {
    let told = matches!(
        error.class,
        Class::NotFound | Class::Rejected | Class::Blocked | Class::Gone | Class::NeverStarted | Class::ChatGone
    );
    told && error.code != Some(404)
}

/// How long Telegram asks the client to wait before the next call of this method.
const fn asked_for(error: &CallError) -> Duration {
    match error.class {
        Class::RetryAfter(seconds) => Duration::from_secs(seconds),
        _ => Duration::ZERO,
    }
}

/// Returns the pause and doubles it for the next time, up to `longest`.
fn longer(pause: &mut Duration, longest: Duration) -> Duration {
    let now = *pause;
    *pause = (now * 2).min(longest);
    now
}

async fn rest(wait: Duration, stopping: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        _ = stopping.changed() => {}
    }
}
