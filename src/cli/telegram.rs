//! Calls to Telegram from a command: the bots of the configuration, waiting for a call, why a call failed.

use super::output::{ExitCode, FailureReport};
use super::session::Session;
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::{self, ServeError};
use crate::realm::BotName;
use crate::telegram::client::{Bot, CallError, WHY_UNREACHED};
use crate::telegram::reply::Class;

/// The bots that have a token; there is at least one.
///
/// # Errors
/// [`ServeError::NoBots`], [`ServeError::Bot`].
pub(super) fn of_config(config: &Config) -> Result<Vec<(BotName, Bot)>, ServeError> {
    daemon::bots(config, &Clock::System)
}

/// Runs work that makes a few calls to Telegram, and waits for its end.
///
/// # Errors
/// [`ServeError::System`].
pub(super) fn wait<T>(work: impl Future<Output = T>) -> Result<T, ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}

/// Descriptions of an answer that does not come from Telegram, or of a call that failed for an unknown reason.
const NOT_TELEGRAM: [&str; 2] = ["the answer is not one of Telegram's", "the call failed"];

/// Why a call to Telegram failed, in the reader's language; where Telegram did not answer, with a hint about what
/// helps: another proxy than the one that is set, or a proxy.
pub(super) fn why(session: &Session<'_>, error: &CallError) -> String {
    let known = WHY_UNREACHED.iter().find(|(words, _)| error.is_silence() && *words == error.description);
    let has_proxy = session.config.as_ref().is_ok_and(|config| config.telegram.proxy.is_some());
    let hint = if has_proxy { "telegram.proxy_check" } else { "telegram.proxy_hint" };
    match known {
        Some((_, key)) => {
            session.text("telegram.silent", &[("why", &session.text(key, &[])), ("hint", &session.text(hint, &[]))])
        }
        None if NOT_TELEGRAM.contains(&error.description.as_str()) => session.text("telegram.not_telegram", &[]),
        None => error.description.clone(),
    }
}

/// The failure report of a call to Telegram: says what Telegram refused, or that Telegram was not reached.
pub(super) fn failed(session: &Session<'_>, bot: BotName, error: &CallError) -> FailureReport {
    match error.class {
        Class::Token => {
            let message = session.text("init.token_refused", &[("key", &format!("bots.{bot}.token"))]);
            FailureReport::new("TELEGRAM_FAILED", ExitCode::Config, message)
                .with_hint(session.text("init.token_hint", &[]))
        }
        Class::NotConnected | Class::ServerRestart | Class::Unknown | Class::RetryAfter(_) => {
            let message = session.text("bot.no_answer", &[("bot", &bot), ("why", &why(session, error))]);
            FailureReport::new("TELEGRAM_UNAVAILABLE", ExitCode::Retry, message)
        }
        _ => {
            let message = session.text("bot.refused", &[("bot", &bot), ("why", &error.description)]);
            FailureReport::new("TELEGRAM_FAILED", ExitCode::Failure, message)
        }
    }
}
