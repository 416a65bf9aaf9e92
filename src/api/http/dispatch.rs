//! Requests from the HTTP door to the daemon: run a job, manage webhooks. Doors do not call each other, and such work
//! outlives the HTTP request; so it goes through a queue, and the handler may wait for its end or not.

use std::fmt;
use std::pin::Pin;

use tokio::sync::{mpsc, oneshot};

use super::problem::Problem;
use crate::actor::Actor;
use crate::catalogue::Code;
use crate::clock::Timestamp;
use crate::realm::BotName;
use crate::schedule::Name;
use crate::telegram::client::WebhookInfo;

/// The most requests that may wait in the queue; a further one is refused.
const MOST_WAITING: usize = 32;

/// A request to the daemon, with the channel for its result.
#[derive(Debug)]
pub enum DaemonRequest {
    /// Run this job now.
    Job(Name, oneshot::Sender<JobEnd>),
    /// Do this with the webhooks of all bots, in the actor's name.
    Webhooks(WebhookAction, Actor, oneshot::Sender<Arranged>),
    /// Run this work of the HTTP door to its end, even if the client disconnects.
    Errand(Errand),
}

/// Work of the HTTP door that outlives the request that began it and reports its own result.
pub struct Errand(pub Pin<Box<dyn Future<Output = ()> + Send>>);

impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Errand")
    }
}

/// What the daemon does with the webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookAction {
    /// Set the webhooks.
    Set,
    /// Delete the webhooks; Telegram keeps the updates until the bots poll.
    Delete,
    /// Read the webhooks that are set.
    Look,
}

/// The webhooks of each bot that has a token, or why the request failed.
pub type Arranged = Result<Vec<Webhook>, Unarranged>;

/// A bot's webhook, as Telegram reported it before any change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The bot whose webhook it is.
    pub bot: BotName,
    /// What Telegram reports about the webhook.
    pub info: WebhookInfo,
    /// The webhook address that the config wants; `None`: the bot polls.
    pub wanted: Option<String>,
    /// Whether the webhook at Telegram is the one that the config wants.
    pub agrees: bool,
}

/// Why a webhook request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unarranged {
    /// The config lacks this key, or its value does not allow webhooks.
    Config(String),
    /// Telegram refused the call of this bot, for this reason.
    Refused(BotName, String),
    /// Telegram did not answer the call of this bot; the error text.
    Unreached(BotName, String),
    /// The storage failed; the cause is in the log.
    Storage,
}

/// How a run of a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEnd {
    /// The job did `count` things.
    Done {
        /// The number of things done, in the job's own unit.
        count: usize,
        /// The number of things that the job could not do.
        left_out: usize,
        /// Further figures of the run.
        facts: serde_json::Value,
    },
    /// The job is already done for its slot; the time at which it is due next.
    NotDue(Timestamp),
    /// Another run of the job is under way.
    Busy,
    /// The job failed; the log says why, and admins are told.
    Failed {
        /// Whether the same run may succeed later.
        is_passing: bool,
    },
    /// The daemon is stopping.
    Stopped,
}

/// The end of the queue through which the HTTP door sends requests to the daemon.
pub type Dispatch = mpsc::Sender<DaemonRequest>;

/// A new queue of requests to the daemon.
#[must_use]
pub fn queue() -> (Dispatch, mpsc::Receiver<DaemonRequest>) {
    mpsc::channel(MOST_WAITING)
}

/// Queues a request to the daemon; its result comes through the receiver.
///
/// # Errors
/// `SERVICE_UNAVAILABLE`: the queue is full, or the daemon is stopping.
pub(in crate::api) fn give<T>(
    dispatch: &Dispatch,
    order: impl FnOnce(oneshot::Sender<T>) -> DaemonRequest,
) -> Result<oneshot::Receiver<T>, Problem> {
    let (end, ended) = oneshot::channel();
    dispatch.try_send(order(end)).map_err(|_| Problem::of(Code::ServiceUnavailable).after(1))?;
    Ok(ended)
}
