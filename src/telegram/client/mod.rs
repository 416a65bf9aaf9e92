//! The client of one bot: a call waits for the bot's rate limiter, has a time limit, and its result gets a class. It
//! uses plain HTTP, because the client of the crate tgbot reads answers of any length, retries by itself and decodes
//! answers into strict types; only tgbot's types of keyboards and commands are used. Other modules decide what is sent
//! to whom, and store the rate limiter's state (see [`Bot::gate_changes`]).

mod build;
mod conflict;
mod content;
mod methods;
mod permit;
mod prepare;
mod probe;
mod status;
mod wire;

pub use build::{BotError, BotSettings};
pub use conflict::Conflict;
pub use content::{Action, Button, Content, File, Keyboard, Outgoing};
pub use methods::{ChatInfo, Me, Scope, WebhookInfo};
pub use permit::Permit;
pub use status::BotStatus;
pub use wire::WHY_UNREACHED;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::value::RawValue;
use tokio::sync::{Notify, watch};

use super::gate::{GateState, Lane, Limits, Method, RateLimiter, Verdict};
use super::reply::{CallOutcome, Class, Transport, classify, is_no_access};
use crate::clock::{Clock, Millis};
use wire::Call;

/// A bot; clones share everything but the lane.
#[derive(Clone)]
pub struct Bot {
    inner: Arc<Inner>,
    lane: Lane,
}

struct Inner {
    settings: BotSettings,
    api: wire::Api,
    patience: Patience,
    clock: Clock,
    gate: Mutex<RateLimiter>,
    /// One queue per lane. Only the first caller in the queue asks the rate limiter, so the callers of a lane are
    /// served in their order.
    queues: [tokio::sync::Mutex<()>; 4],
    /// Notified when the rate limiter opens earlier than the callers that wait were told.
    opened: Notify,
    changes: watch::Sender<GateState>,
    /// The time since which Telegram has not answered; `None` while it answers.
    silences: watch::Sender<Option<Millis>>,
    /// How many 429s have asked for a pause of the broadcast.
    floods: watch::Sender<u64>,
    status: status::Watch,
}

/// Time limits for Telegram's answers.
#[derive(Clone, Copy)]
struct Patience {
    send: Duration,
    upload: Duration,
    /// Added to the time for which a long poll may wait at Telegram.
    poll: Duration,
}

impl Patience {
    const USUAL: Self =
        Self { send: Duration::from_secs(30), upload: Duration::from_secs(120), poll: Duration::from_secs(15) };
}

/// The result of sending a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The class of Telegram's answer; [`Class::delivered`] tells whether the message arrived.
    pub class: Class,
    /// Telegram's `error_code` when it refused.
    pub code: Option<i64>,
    /// Telegram's error text when it refused, or the system's when Telegram was not reached; empty when sent.
    pub description: String,
    /// The `file_id` of the photo, video or document that was sent; this bot can send the file again with it.
    pub file_id: Option<String>,
    /// After a 429: whether the broadcast must pause.
    pub verdict: Option<Verdict>,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", class.as_str())]
pub struct CallError {
    /// The class of the failure; [`Class::Unknown`] also when a successful answer could not be read.
    pub class: Class,
    /// Telegram's `error_code`, when Telegram answered.
    pub code: Option<i64>,
    /// The error text of Telegram or the system; it holds no address and no token.
    pub description: String,
}

impl CallError {
    /// Whether `getUpdates` failed because another program polls this bot, or because a webhook is set.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.code == Some(409)
    }

    /// Whether Telegram did not answer at all, or not in time. Perhaps the network of this machine throttles or blocks
    /// Telegram.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        self.code.is_none() && WHY_UNREACHED.iter().any(|(words, _)| *words == self.description)
    }

    /// Whether the bot has no access to the chat of the call, or there is no such chat; false for a refusal about one
    /// person.
    #[must_use]
    pub fn lacks_access(&self) -> bool {
        matches!(self.code, Some(400 | 403)) && is_no_access(&self.description)
    }
}

impl Bot {
    /// A bot with an open rate limiter. Makes no call.
    ///
    /// # Errors
    /// An invalid token, address or proxy; no certificates on this machine.
    pub fn new(settings: BotSettings, clock: Clock) -> Result<Self, BotError> {
        let api = settings.client()?;
        Ok(Self::with_patience(settings, api, clock, Patience::USUAL))
    }

    fn with_patience(settings: BotSettings, api: wire::Api, clock: Clock, patience: Patience) -> Self {
        let gate = RateLimiter::new(Limits::default());
        let changes = watch::Sender::new(gate.state());
        let (gate, queues, opened) = (Mutex::new(gate), Default::default(), Notify::new());
        let status = status::Watch::default();
        let (floods, silences) = (watch::Sender::new(0), watch::Sender::new(None));
        let inner = Inner { settings, api, patience, clock, gate, queues, opened, changes, silences, floods, status };
        Self { inner: Arc::new(inner), lane: Lane::Reply }
    }

    /// The same bot, calling in this lane; a new bot calls as [`Lane::Reply`].
    #[must_use]
    pub fn in_lane(&self, lane: Lane) -> Self {
        Self { inner: Arc::clone(&self.inner), lane }
    }

    /// The bot's name in logs.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.inner.settings.label
    }

    /// The current state of the rate limiter.
    #[must_use]
    pub fn gate_state(&self) -> GateState {
        self.gate().state()
    }

    /// Receives every change of the rate limiter's state, for the code that stores it.
    #[must_use]
    pub fn gate_changes(&self) -> watch::Receiver<GateState> {
        self.inner.changes.subscribe()
    }

    /// Changes whenever a call of any lane ended in [`Verdict::PauseBroadcast`]. The senders of broadcasts then pause
    /// them, whichever message caused the 429.
    #[must_use]
    pub fn floods(&self) -> watch::Receiver<u64> {
        self.inner.floods.subscribe()
    }

    /// Restores the state stored before a restart.
    pub fn restore_gate(&self, state: GateState) {
        self.with_gate(|gate, _| gate.restore(state));
        self.inner.opened.notify_waiters();
    }

    /// Changes the limits of the rate limiter (paid broadcasts on or off).
    pub fn set_limits(&self, limits: Limits) {
        self.with_gate(|gate, _| gate.set_limits(limits));
        self.inner.opened.notify_waiters();
    }

    /// Whether Telegram could be reached when last tried.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.gate().is_connected()
    }

    fn gate(&self) -> MutexGuard<'_, RateLimiter> {
        self.inner.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock is read under the lock, so that time never runs backwards for the rate limiter.
    fn with_gate<T>(&self, change: impl FnOnce(&mut RateLimiter, Millis) -> T) -> T {
        let mut gate = self.gate();
        let result = change(&mut gate, self.inner.clock.now_ms());
        let (state, silence) = (gate.state(), gate.silent_since());
        self.inner.changes.send_if_modified(|known| std::mem::replace(known, state) != state);
        self.inner.silences.send_if_modified(|known| std::mem::replace(known, silence) != silence);
        result
    }

    /// Makes a call with a permit, and reports its result to the rate limiter. `Ok(None)`: the call succeeded without a
    /// result. `method` is given for calls that neither send nor edit.
    async fn call(
        &self,
        mut permit: Permit,
        method: Option<Method>,
        (call, limit): (Call, Duration),
    ) -> Result<Option<Box<RawValue>>, FailedCall> {
        permit.is_called(method);
        let result = self.execute(method, call, limit).await;
        let class = result.as_ref().map_or_else(|error| error.class, |_| Class::Sent { message_id: None });
        let verdict = permit.settle(class);
        result.map_err(|error| FailedCall { error, verdict })
    }

    /// Makes a call without a permit of the rate limiter.
    async fn execute(
        &self,
        method: Option<Method>,
        call: Call,
        limit: Duration,
    ) -> Result<Option<Box<RawValue>>, CallError> {
        let mut result = self.attempt(call, limit).await;
        if let Err(error) = &mut result
            && error.code == Some(404)
            && method.is_some_and(|method| method != Method::GetMe)
        {
            // A Bot API server also answers 404 to a method that it does not know. So only a 404 to `getMe` or to a
            // message says something about the token.
            error.class = Class::Rejected;
        }
        self.inner.status.note(&result);
        result
    }

    async fn attempt(&self, call: Call, limit: Duration) -> Result<Option<Box<RawValue>>, CallError> {
        let (outcome, description) = match tokio::time::timeout(limit, self.inner.api.execute(call)).await {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err((outcome, words))) => (outcome, words.replace(self.inner.settings.token.expose_secret(), "[token]")),
            Err(_) => (CallOutcome::Transport(Transport::TimeoutAfterSend), wire::LATE.to_owned()),
        };
        let code = if let CallOutcome::Api { code, .. } = &outcome { *code } else { None };
        match classify(&outcome) {
            Class::Sent { .. } => Ok(None),
            class => Err(CallError { class, code, description }),
        }
    }

    /// Reports the result of a call to the rate limiter. A 429 to a method that neither sends nor edits closes that
    /// method alone, and a doubtful answer to such a method says nothing about messages.
    fn settle(&self, (lane, method): (Lane, Option<Method>), class: Class) -> Option<Verdict> {
        let jitter = rand::random_range(0..=JITTER_MS);
        let (opened, verdict) = self.with_gate(|gate, now| match (class, method) {
            (Class::NotConnected, _) => {
                gate.connection_lost(now);
                (false, None)
            }
            (Class::Unknown | Class::ServerRestart, Some(_)) => (false, None),
            (Class::Unknown | Class::ServerRestart, None) => {
                gate.record_timeout(now);
                (false, None)
            }
            (Class::RetryAfter(seconds), Some(method)) => {
                gate.record_method_429(method, seconds, jitter, now);
                (gate.connected(), None)
            }
            (Class::RetryAfter(seconds), None) => (gate.connected(), Some(gate.record_429(lane, seconds, jitter, now))),
            _ => (gate.connected(), None),
        });
        if opened {
            self.inner.opened.notify_waiters();
        }
        if verdict == Some(Verdict::PauseBroadcast) {
            self.inner.floods.send_modify(|floods| *floods += 1);
        }
        verdict
    }
}

struct FailedCall {
    error: CallError,
    verdict: Option<Verdict>,
}

/// The most milliseconds that are added to a pause at random, so that several bots do not resume at the same instant.
const JITTER_MS: i64 = 500;
impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot").field("settings", &self.inner.settings).field("lane", &self.lane).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
