//! The status of a bot at Telegram, as its own calls show it. It is for health checks, metrics and alarms, and for the
//! senders of broadcasts, which stop when Telegram refuses the token.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::conflict::{Conflict, Conflicts};
use super::{Bot, CallError};
use crate::metrics;
use crate::telegram::reply::Class;

/// The status of a bot at Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BotStatus {
    /// Whether the last answer said that the token is invalid.
    pub token_refused: bool,
    /// For how long nothing has shown that updates come in (an answered poll, a confirmed webhook); at first counted
    /// from the creation of the bot.
    pub intake_unheard: Duration,
    /// The present series of 409s, if any: they show that another program takes this bot's updates.
    pub conflict: Option<Conflict>,
}

/// What the calls of a bot have recorded about its status.
pub(super) struct Watch {
    began: Instant,
    refused: AtomicBool,
    /// When a call last showed that updates come in, in milliseconds after `began`.
    intake: AtomicU64,
    conflicts: Mutex<Conflicts>,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            refused: AtomicBool::new(false),
            intake: AtomicU64::new(0),
            conflicts: Mutex::default(),
        }
    }
}

impl Watch {
    /// Notes what a call's result says about the token. A call without an answer of Telegram says nothing about the
    /// token.
    pub fn note<T>(&self, result: &Result<T, CallError>) {
        match result {
            Ok(_) => self.refused.store(false, Ordering::Relaxed),
            Err(error) if error.class == Class::Token => self.refused.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
    }

    pub fn note_intake(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.intake.store(now, Ordering::Relaxed);
    }

    fn conflicts(&self) -> MutexGuard<'_, Conflicts> {
        self.conflicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bot {
    /// The status of this bot at Telegram.
    #[must_use]
    pub fn status(&self) -> BotStatus {
        let watch = &self.inner.status;
        let heard = Duration::from_millis(watch.intake.load(Ordering::Relaxed));
        BotStatus {
            token_refused: watch.refused.load(Ordering::Relaxed),
            intake_unheard: watch.began.elapsed().saturating_sub(heard),
            conflict: watch.conflicts().look(watch.began.elapsed()),
        }
    }

    /// How often another program was found to take this bot's updates, since this `Bot` was created.
    #[must_use]
    pub fn conflicts(&self) -> u64 {
        self.inner.status.conflicts().total()
    }

    /// Notes that another program takes this bot's updates. `is_certain`: it uses a webhook, which a restart of this
    /// program cannot explain. After a poll that is answered 409 the client itself calls this.
    pub fn note_conflict(&self, is_certain: bool) {
        let watch = &self.inner.status;
        ::metrics::counter!(metrics::CONFLICTS, "bot" => self.label().to_owned()).increment(1);
        watch.conflicts().note(watch.began.elapsed(), is_certain);
    }

    /// The time of the Bot API server, in seconds since the epoch; `None` when the server does not answer or does not
    /// give the time. The request contains no token.
    pub async fn server_date(&self) -> Option<i64> {
        let (http, base) = (self.inner.settings.http().ok()?, self.inner.settings.base().ok()?);
        let answer = http.head(base).timeout(self.inner.patience.send).send().await.ok()?;
        let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
        chrono::DateTime::parse_from_rfc2822(date).ok().map(|date| date.timestamp())
    }

    /// Notes that Telegram has just confirmed the webhook, so updates come in. For answered polls the client notes this
    /// itself.
    pub fn note_webhook_confirmed(&self) {
        self.inner.status.note_intake();
    }
}
