//! What this door asks of the daemon: running a job, arranging webhooks. Doors do not use each other, and what was begun
//! outlives the request that asked for it; so an order goes through a queue, and whoever gave it waits for its end or
//! does not.

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

/// Orders that wait; whoever comes when they are so many is told to come again.
const MOST_WAITING: usize = 32;

/// An order, and where its end is told.
#[derive(Debug)]
pub enum DaemonRequest {
    /// Run this job now.
    Job(Name, oneshot::Sender<JobEnd>),
    /// Do this with the webhooks of all bots, in somebody's name.
    Webhooks(WebhookAction, Actor, oneshot::Sender<Arranged>),
    /// See this through, whoever goes away meanwhile.
    Errand(Errand),
}

/// Work of this door that outlives the request that began it; it tells its own end.
pub struct Errand(pub Pin<Box<dyn Future<Output = ()> + Send>>);

impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Errand")
    }
}

/// What to do with webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookAction {
    /// Tell Telegram to push.
    Set,
    /// Tell Telegram to keep updates until they are asked for.
    Delete,
    /// Ask Telegram where it pushes to.
    Look,
}

/// How webhooks stand after a wish, for each bot that has a token.
pub type Arranged = Result<Vec<Webhook>, Unarranged>;

/// A bot's webhook, as Telegram told before anything was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The bot.
    pub bot: BotName,
    /// What Telegram tells.
    pub info: WebhookInfo,
    /// What the config wants; `None`: the bot polls.
    pub wanted: Option<String>,
    /// Whether both are one.
    pub agrees: bool,
}

/// Why webhooks could not be arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unarranged {
    /// The config lacks this key, or has a value there that speaks against it.
    Config(String),
    /// Telegram said no.
    Refused(BotName, String),
    /// Telegram does not answer.
    Unreached(BotName, String),
    /// The storage failed; the cause is in the log.
    Storage,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum JobEnd {
    /// It did this much.
    Done {
        /// Counted in the job's own unit.
        count: usize,
        /// The number of things that could not be done.
        left_out: usize,
        /// Further figures of the run.
        facts: serde_json::Value,
    },
    /// It has been done for now.
    NotDue(Timestamp),
    /// Somebody is at it already.
    Busy,
    /// It failed; the log says why, and admins are told.
    Failed {
        /// Whether the same may go well later.
        is_passing: bool,
    },
    /// The daemon stops.
    Stopped,
}

/// Where orders go.
pub type Dispatch = mpsc::Sender<DaemonRequest>;

/// A queue for orders.
#[must_use]
pub fn queue() -> (Dispatch, mpsc::Receiver<DaemonRequest>) {
    mpsc::channel(MOST_WAITING)
}

/// Gives an order; its end comes through the receiver.
///
/// # Errors
/// `SERVICE_UNAVAILABLE`: too many wait, or the daemon stops.
pub(in crate::api) fn give<T>(
    dispatch: &Dispatch,
    order: impl FnOnce(oneshot::Sender<T>) -> DaemonRequest,
) -> Result<oneshot::Receiver<T>, Problem> {
    let (end, ended) = oneshot::channel();
    dispatch.try_send(order(end)).map_err(|_| Problem::of(Code::ServiceUnavailable).after(1))?;
    Ok(ended)
}
