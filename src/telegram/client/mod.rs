//! One bot of the shop as an object: every call passes its gate, is timed, and comes back as a class. Built over
//! tgbot without its retries, its typed answers and its long poll. What to say and whom is decided elsewhere; where
//! the gate's state is stored too (see [`Bot::gate_changes`]).

mod build;
mod content;
mod methods;
mod prepare;
mod standing;
mod wire;

pub use build::{BotError, BotSettings};
pub use content::{Action, Button, Content, File, Keyboard, Outgoing};
pub use methods::{ChatInfo, Me, Scope, WebhookInfo};
pub use standing::Standing;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::value::RawValue;
use tgbot::api::{Payload, PayloadError};
use tokio::sync::{Notify, watch};

use super::gate::{Decision, Gate, GateState, Lane, Limits, Verdict};
use super::reply::{Class, Outcome, Transport, classify};
use crate::clock::{Clock, Millis};

/// A bot; clones share everything but the lane.
#[derive(Clone)]
pub struct Bot {
    inner: Arc<Inner>,
    lane: Lane,
}

struct Inner {
    settings: BotSettings,
    api: tgbot::api::Client,
    patience: Patience,
    clock: Clock,
    gate: Mutex<Gate>,
    /// One queue per lane: only its first asks the gate, so a lane is first come, first served and nobody spins.
    turns: [tokio::sync::Mutex<()>; 3],
    /// The gate opened earlier than the waiters were told.
    opened: Notify,
    changes: watch::Sender<GateState>,
    standing: standing::Watch,
}

/// How long an answer may take.
#[derive(Clone, Copy)]
struct Patience {
    send: Duration,
    upload: Duration,
    /// Beyond the time a long poll may take anyway.
    poll: Duration,
}

impl Patience {
    const USUAL: Self =
        Self { send: Duration::from_secs(30), upload: Duration::from_secs(120), poll: Duration::from_secs(15) };
}

/// A call that was let through the gate and not made yet.
#[derive(Debug)]
#[must_use = "a pass is a slot of the bot's rate; dropping it wastes one"]
pub struct Pass {
    lane: Lane,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The class; [`Class::delivered`] tells whether the person has it.
    pub class: Class,
    /// Telegram's `error_code` when it refused.
    pub code: Option<i64>,
    /// Telegram's words when it refused, or the system's when it was not reached; empty when sent.
    pub description: String,
    /// The `file_id` of the photo, video or document sent, for sending it again by this bot.
    pub file_id: Option<String>,
    /// After a 429: whether the broadcast must pause.
    pub verdict: Option<Verdict>,
}

/// A call that was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", class.as_str())]
pub struct CallError {
    /// Its class; [`Class::Unknown`] also when an ok could not be read.
    pub class: Class,
    /// Telegram's `error_code`, when Telegram answered.
    pub code: Option<i64>,
    /// Telegram's words, or the system's; no address, no token.
    pub description: String,
}

impl CallError {
    /// Somebody else polls this bot, or a webhook is set: `getUpdates` only.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.code == Some(409)
    }
}

impl Bot {
    /// A bot with an open gate. Makes no call.
    ///
    /// # Errors
    /// A token, address or proxy that cannot be one; no certificates on this machine.
    pub fn new(settings: BotSettings, clock: Clock) -> Result<Self, BotError> {
        let api = settings.client()?;
        Ok(Self::with_patience(settings, api, clock, Patience::USUAL))
    }

    fn with_patience(settings: BotSettings, api: tgbot::api::Client, clock: Clock, patience: Patience) -> Self {
        let gate = Gate::new(Limits::default());
        let changes = watch::Sender::new(gate.state());
        let (gate, turns, opened) = (Mutex::new(gate), Default::default(), Notify::new());
        let standing = standing::Watch::default();
        let inner = Inner { settings, api, patience, clock, gate, turns, opened, changes, standing };
        Self { inner: Arc::new(inner), lane: Lane::Reply }
    }

    /// The same bot, calling in this lane; a new bot calls as [`Lane::Reply`].
    #[must_use]
    pub fn in_lane(&self, lane: Lane) -> Self {
        Self { inner: Arc::clone(&self.inner), lane }
    }

    /// What the bot is called in logs.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.inner.settings.label
    }

    /// The gate's state now.
    #[must_use]
    pub fn gate_state(&self) -> GateState {
        self.gate().state()
    }

    /// Tells every change of the gate's state, for whoever stores it.
    #[must_use]
    pub fn gate_changes(&self) -> watch::Receiver<GateState> {
        self.inner.changes.subscribe()
    }

    /// Takes up the state stored before a restart.
    pub fn restore_gate(&self, state: GateState) {
        self.with_gate(|gate, _| gate.restore(state));
        self.inner.opened.notify_waiters();
    }

    /// Changes the limits (paid broadcasts on or off).
    pub fn set_limits(&self, limits: Limits) {
        self.with_gate(|gate, _| gate.set_limits(limits));
        self.inner.opened.notify_waiters();
    }

    /// Whether Telegram could be reached when last tried.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.gate().is_connected()
    }

    /// Waits until a call of this lane may go; `chat` is the chat it sends to, if it does. Dropping the future
    /// leaves the queue. Call right after it returns.
    pub async fn pass(&self, lane: Lane, chat: Option<i64>) -> Pass {
        loop {
            while let Some(ms) = self.chat_busy_for(lane, chat) {
                tokio::time::sleep(ms).await;
            }
            let turn = self.turn(lane).lock().await;
            if self.pass_in_turn(lane, chat).await {
                return Pass { lane };
            }
            drop(turn);
        }
    }

    /// False when the chat got another message meanwhile: the lane must not wait for one chat.
    async fn pass_in_turn(&self, lane: Lane, chat: Option<i64>) -> bool {
        loop {
            let opened = self.inner.opened.notified();
            tokio::pin!(opened);
            opened.as_mut().enable();
            let Some(wait) = self.ask(lane, chat) else { return true };
            if self.chat_busy_for(lane, chat).is_some() {
                return false;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = opened => {}
            }
        }
    }

    /// `None`: go.
    fn ask(&self, lane: Lane, chat: Option<i64>) -> Option<Duration> {
        self.with_gate(|gate, now| match gate.next(lane, chat, now) {
            Decision::Go => None,
            Decision::WaitUntil(at) => Some(nap(now, at)),
        })
    }

    fn chat_busy_for(&self, lane: Lane, chat: Option<i64>) -> Option<Duration> {
        let chat = chat.filter(|_| lane == Lane::Broadcast)?;
        self.with_gate(|gate, now| {
            let free = gate.chat_free_at(chat);
            (free > now).then(|| nap(now, free))
        })
    }

    fn turn(&self, lane: Lane) -> &tokio::sync::Mutex<()> {
        let [reply, automatic, broadcast] = &self.inner.turns;
        match lane {
            Lane::Reply => reply,
            Lane::Automatic => automatic,
            Lane::Broadcast => broadcast,
        }
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.inner.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock is read under the lock, so that time never runs backwards for the gate.
    fn with_gate<T>(&self, change: impl FnOnce(&mut Gate, Millis) -> T) -> T {
        let mut gate = self.gate();
        let result = change(&mut gate, self.inner.clock.now_ms());
        let state = gate.state();
        self.inner.changes.send_if_modified(|known| std::mem::replace(known, state) != state);
        result
    }

    /// Makes a call that holds a pass, and tells the gate how it went. `Ok(None)`: done, no result.
    async fn call(&self, pass: Pass, payload: Prepared, limit: Duration) -> Result<Option<Box<RawValue>>, Failure> {
        let result = self.execute(payload, limit).await;
        let class = result.as_ref().map_or_else(|error| error.class, |_| Class::Sent { message_id: None });
        let verdict = self.settle(pass.lane, class);
        result.map_err(|error| Failure { error, verdict })
    }

    /// Makes a call past the gate.
    async fn execute(&self, payload: Prepared, limit: Duration) -> Result<Option<Box<RawValue>>, CallError> {
        let result = self.attempt(payload, limit).await;
        self.inner.standing.note(&result);
        result
    }

    async fn attempt(&self, payload: Prepared, limit: Duration) -> Result<Option<Box<RawValue>>, CallError> {
        let call = self.inner.api.execute(wire::Raw(payload));
        let (outcome, description) = match tokio::time::timeout(limit, call).await {
            Ok(Ok(result)) => return Ok(Some(result)),
            Ok(Err(error)) => {
                let token = self.inner.settings.token.expose_secret();
                (wire::outcome(&error), wire::words(&error, token))
            }
            Err(_) => (Outcome::Transport(Transport::TimeoutAfterSend), "no answer in time".to_owned()),
        };
        let code = if let Outcome::Api { code, .. } = &outcome { *code } else { None };
        match classify(&outcome) {
            Class::Sent { .. } => Ok(None),
            class => Err(CallError { class, code, description }),
        }
    }

    fn settle(&self, lane: Lane, class: Class) -> Option<Verdict> {
        let (opened, verdict) = self.with_gate(|gate, now| match class {
            Class::NotConnected | Class::ServerRestart => {
                gate.connection_lost(now);
                (false, None)
            }
            Class::Unknown => {
                gate.doubtful(now);
                (false, None)
            }
            Class::RetryAfter(seconds) => {
                (gate.connected(), Some(gate.closed(lane, seconds, rand::random_range(0..=JITTER_MS), now)))
            }
            _ => (gate.connected(), None),
        });
        if opened {
            self.inner.opened.notify_waiters();
        }
        verdict
    }
}

/// A request as tgbot makes it.
type Prepared = Result<Payload, PayloadError>;

struct Failure {
    error: CallError,
    verdict: Option<Verdict>,
}

/// Added to a closure, so that several bots do not come back in the same instant.
const JITTER_MS: i64 = 500;
/// Waiters look again after this long at most: the wall clock may have been set, the machine may have slept.
const LONGEST_NAP_MS: i64 = 5_000;

fn nap(now: Millis, until: Millis) -> Duration {
    let ms = until.0.saturating_sub(now.0).clamp(1, LONGEST_NAP_MS);
    Duration::from_millis(ms.unsigned_abs())
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot").field("settings", &self.inner.settings).field("lane", &self.lane).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
