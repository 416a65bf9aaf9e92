//! Delivers what is due before a command ends, where no daemon delivers: for `job run`, `report send` and `broadcast`.

use std::sync::Arc;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::output::{ExitCode, FailureReport};
use super::refuse::Wrong;
use super::session::Session;
use crate::broadcast::BroadcastId;
use crate::clock::Clock;
use crate::daemon::{self, ServeError};
use crate::error::Error;
use crate::jobs::JobContext;
use crate::realm::Realm;
use crate::sender::drain::{self, Drained, Load};

/// The config, the database and the bots that have a token, for a job or a delivery in this process; perhaps no bot.
pub(super) fn context(session: &Session<'_>) -> Result<JobContext, Wrong> {
    let config = session.config()?.clone();
    let db = session.database()?;
    let bots = match daemon::bots(&config, &Clock::System) {
        Err(ServeError::NoBots) => Vec::new(),
        bots => bots?,
    };
    Ok(JobContext { config: Arc::new(config), db, bots })
}

/// Delivers what is due, unless a daemon delivers. With `Load::Everything` the delivery lasts until the broadcast
/// `only` is over; without `only`, until all broadcasts are over.
pub(super) async fn deliver(
    context: &JobContext,
    (load, only): (Load, Option<BroadcastId>),
    stop: watch::Receiver<bool>,
) -> Result<Drained, Error> {
    let beside = async |ending| match load {
        Load::Letters => Ok(()),
        Load::Everything => drain::until_over(&context.db, (&context.bots, only), ending).await,
    };
    drain::drain_beside(&context.db, (&context.bots, load), stop, beside).await
}

/// Runs `work` until it ends by itself. SIGINT and SIGTERM set the channel that is passed to `work`, so that `work` can
/// stop early.
pub(super) fn until_told<T>(work: impl AsyncFnOnce(watch::Receiver<bool>) -> Result<T, Error>) -> Result<T, Wrong> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::System)?;
    let done: Result<T, ServeError> = runtime.block_on(async {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let told = watch::Sender::new(false);
        let mut work = std::pin::pin!(work(told.subscribe()));
        tokio::select! {
            done = &mut work => return Ok(done?),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        told.send_replace(true);
        Ok(work.await?)
    });
    Ok(done?)
}

/// The sentence about a delivery that another process does; `None` when this command delivered.
pub(super) const fn told_of(drained: Drained) -> Option<&'static str> {
    match drained {
        Drained::Empty | Drained::Left { .. } | Drained::Stopped => None,
        Drained::Daemon => Some("job.delivery.daemon"),
        Drained::Elsewhere => Some("job.delivery.elsewhere"),
    }
}

/// The word in JSON for how a delivery ended.
pub(super) const fn word(drained: Drained) -> &'static str {
    match drained {
        Drained::Empty => "empty",
        Drained::Daemon => "daemon",
        Drained::Elsewhere => "elsewhere",
        Drained::Left { .. } => "left",
        Drained::Stopped => "stopped",
    }
}

/// The failure report when no broadcast of this realm can be sent from here, because its customer bot has no token.
pub(super) fn no_sender(session: &Session<'_>, realm: Realm) -> FailureReport {
    let bot = realm.customer_bot();
    let key = if realm.is_test() { "bots.customer_test.token" } else { "bots.customer.token" };
    let message = session.text("broadcast.no_token", &[("bot", &bot), ("key", &key)]);
    let hint = session.text("config.hint.run", &[("command", &"dvorik doctor")]);
    FailureReport::new("VALIDATION_ERROR", ExitCode::Config, message)
        .with_hint(hint)
        .with_details(json!({ "bot": bot.as_str() }))
}

/// The failure report about messages that Telegram did not accept.
pub(super) fn undelivered(session: &Session<'_>, drained: Drained) -> Option<FailureReport> {
    let lang = session.out.voice().lang;
    match drained {
        Drained::Left { letters: 0 } => Some(FailureReport::new(
            "TELEGRAM_UNAVAILABLE",
            ExitCode::Retry,
            lang.text("broadcast.stuck", &[("hint", &lang.text("telegram.proxy_hint", &[]))]),
        )),
        Drained::Left { letters } => {
            let message = lang.plural("job.undelivered", letters, &[]);
            let failure = FailureReport::new("TELEGRAM_UNAVAILABLE", ExitCode::Retry, message);
            Some(failure.with_details(json!({ "waiting": letters })))
        }
        Drained::Stopped => Some(FailureReport::new(
            "SERVICE_UNAVAILABLE",
            ExitCode::Interrupted,
            lang.text("job.delivery.stopped", &[]),
        )),
        Drained::Empty | Drained::Daemon | Drained::Elsewhere => None,
    }
}
