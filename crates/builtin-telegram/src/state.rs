//! The state of the server: the bots with their conversations and queues, and the people, channels and files that all
//! bots share. One lock guards the whole state and is never held while waiting. The cost of a call does not depend on
//! the size of the state.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use super::bot::Bot;
use super::call_context::{CallContext, Done};
use super::call_log::{Answer, CallLog, Keep, Receipt};
use super::catalogue::Method;
use super::faults::{Fault, Faults, Target};
use super::limits::Pace;
use super::method::brings_message;
use super::params::Params;
use super::refusal::Refusal;
use super::shared_state::{NowMs, SharedState};

/// The state behind its lock, and the channels that signal changes of the state.
pub(super) struct Server {
    state: Mutex<TelegramState>,
    /// The delay of every answer, except answers to getUpdates, in milliseconds.
    pub(super) latency_ms: AtomicU64,
    /// Signals every executed call (without getUpdates).
    pub(super) bell: watch::Sender<()>,
    /// Signals every call of setWebhook.
    pub(super) webhooks: watch::Sender<()>,
    /// Whether clients reach the server. While they do not, every request ends in a reset.
    pub(super) reachable: watch::Sender<bool>,
    /// Becomes true once, when the server is to stop.
    pub(super) stopped: watch::Receiver<bool>,
}

impl Server {
    pub(super) fn new(now_ms: NowMs, stopped: watch::Receiver<bool>) -> Self {
        Self {
            state: Mutex::new(TelegramState::new(now_ms)),
            latency_ms: AtomicU64::new(0),
            bell: watch::Sender::new(()),
            webhooks: watch::Sender::new(()),
            reachable: watch::Sender::new(true),
            stopped,
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, TelegramState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves when clients do not reach the server any more.
pub(super) async fn until_cut_off(server: &Server) {
    let mut reachable = server.reachable.subscribe();
    // The sender is a field of the server, so it is not dropped here.
    let _ = reachable.wait_for(|reachable| !*reachable).await;
}

/// Resolves when the server is to be stopped.
pub(super) async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    // An error means that the last handle was dropped, which stops the server, too.
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// The part of the state that the lock guards.
pub(super) struct TelegramState {
    pub(super) bots: HashMap<i64, Bot>,
    tokens: HashMap<String, i64>,
    usernames: HashMap<String, i64>,
    pub(super) shared: SharedState,
    pub(super) calls: CallLog,
    pub(super) faults: Faults,
    pub(super) pace: Option<Pace>,
    /// How long calls are on their way to the server.
    pub(super) way_ms: Option<Range<u64>>,
}

/// A call that has been executed or refused: the result, the delay of the answer, and the fault that breaks the answer.
pub(super) struct Performed {
    pub(super) outcome: Result<Value, Refusal>,
    pub(super) late_ms: u64,
    pub(super) fault: Option<Fault>,
}

impl TelegramState {
    fn new(now_ms: NowMs) -> Self {
        let (bots, tokens, usernames) = (HashMap::new(), HashMap::new(), HashMap::new());
        let shared = SharedState::new(now_ms);
        Self {
            bots,
            tokens,
            usernames,
            shared,
            calls: CallLog::default(),
            faults: Faults::default(),
            pace: None,
            way_ms: None,
        }
    }

    pub(super) fn add_bot(&mut self, token: &str, username: &str) -> i64 {
        let id = token.split(':').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        let username = username.trim_start_matches('@');
        self.tokens.insert(token.to_owned(), id);
        self.usernames.insert(username.to_ascii_lowercase(), id);
        let bot = self.bots.entry(id).or_insert_with(|| Bot::new(id));
        bot.username = username.into();
        id
    }

    pub(super) fn bot_id_of_token(&self, token: &str) -> Option<i64> {
        self.tokens.get(token).copied()
    }

    fn id_of(&self, username: &str) -> Option<i64> {
        self.usernames.get(&username.trim_start_matches('@').to_ascii_lowercase()).copied()
    }

    pub(super) fn bot(&self, username: &str) -> Option<&Bot> {
        self.bots.get(&self.id_of(username)?)
    }

    /// The bot and the state that all bots share, for an action of a person. An unknown bot is noted as a violation.
    pub(super) fn with_bot(&mut self, username: &str) -> Option<(&mut Bot, &mut SharedState)> {
        let found = self.id_of(username).and_then(|id| self.bots.get_mut(&id));
        if found.is_none() {
            self.shared.violations.push(format!("no bot is called {username}"));
        }
        found.map(|bot| (bot, &mut self.shared))
    }

    /// The faults of a poll of this bot: the extra latency in milliseconds, and another fault.
    pub(super) fn poll_fault(&mut self, bot_id: i64) -> (u64, Option<Fault>) {
        let Some(bot) = self.bots.get(&bot_id) else { return (0, None) };
        self.faults.draw(&Target { bot: &bot.username, method: "getUpdates", chat_id: None, user_id: None })
    }

    /// Executes one call of any method but getUpdates: asks for its faults, checks the call and lets it take effect,
    /// records it.
    pub(super) fn perform(&mut self, bot_id: i64, method: &'static Method, params: Params) -> Performed {
        let Some(bot) = self.bots.get_mut(&bot_id) else {
            return Performed { outcome: Err(Refusal::new(401, "Unauthorized")), late_ms: 0, fault: None };
        };
        let username = Arc::clone(&bot.username);
        let chat_id = self.shared.chat_id(&params);
        let user_id = params.number("user_id");
        let (late_ms, fault) = self.faults.draw(&Target { bot: &username, method: method.name, chat_id, user_id });
        for name in params.unknown(method.params) {
            self.shared.violations.push(format!("{}: unknown parameter {name}", method.name));
        }
        let limited = self.pace.as_mut().filter(|_| brings_message(method.name));
        let early = limited.and_then(|pace| pace.take(pace.now_ms(), (bot_id, chat_id.unwrap_or(0))));
        let refusal = fault.as_ref().and_then(Refusal::of_fault).or_else(|| early.map(Refusal::too_many));
        let outcome = match refusal {
            Some(refusal) => Err(refusal),
            None => (method.run)(&mut CallContext { bot, shared: &mut self.shared, params: &params }),
        };
        let answer = answer_of(&outcome, fault.as_ref());
        self.record((username, method.name), chat_id, params, (&outcome, answer));
        Performed { outcome: outcome.map(|done| done.result), late_ms, fault }
    }

    fn record(
        &mut self,
        (bot, method): (Arc<str>, &'static str),
        chat_id: Option<i64>,
        params: Params,
        (outcome, answer): (&Result<Done, Refusal>, Answer),
    ) {
        let made = outcome.as_ref().ok().and_then(|done| done.message_id);
        let message_id = made.or_else(|| params.number("message_id").filter(|_| !brings_message(method)));
        let params = if self.shared.keep == Keep::Compact { Value::Null } else { params.into_record() };
        let (seq, at_ms) = (self.calls.len(), (self.shared.now_ms)());
        let delivered = outcome.is_ok();
        self.calls.add(Receipt { seq, at_ms, bot, method, chat_id, message_id, params, delivered, answer });
        if self.shared.keep == Keep::Recent {
            self.calls.drop_old();
        }
    }
}

fn answer_of(outcome: &Result<Done, Refusal>, fault: Option<&Fault>) -> Answer {
    use Fault::{HangAfterAccept, ResetAfterAccept, ServerErrorHtml, TruncatedBody};
    match (fault, outcome) {
        (Some(broken @ (HangAfterAccept | ResetAfterAccept | ServerErrorHtml(_) | TruncatedBody)), _) => {
            Answer::Broken(broken.clone())
        }
        (_, Ok(_)) => Answer::Ok,
        (_, Err(refusal)) => Answer::Refused { code: refusal.code, description: refusal.description.clone() },
    }
}
