//! Runs and watches the daemon's loops: a loop that ends too early, fails or panics ends the whole daemon, so that a
//! dead task is never overlooked.

use std::collections::HashMap;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use super::stop::wait_for_stop;
use super::webhooks::WantedWebhook;
use super::{supervisor, telegram};
use crate::api::{self, Door};
use crate::bot::{Desk, intake};
use crate::db::{Database, Failure};
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::realm::BotName;
use crate::sender::drain::Load;
use crate::sender::{self, gate_state};
use crate::telegram::client::Bot;

/// How long the loops may take to finish after SIGTERM.
const DRAIN: Duration = Duration::from_secs(30);
/// How long the other loops may take to finish after one died: the process supervisor should know at once. Messages
/// that were being sent are recovered at the next start.
const LAST_WORDS: Duration = Duration::from_millis(700);

/// The loops of the daemon and the signal that stops them.
pub(super) struct Loops {
    set: JoinSet<Result<()>>,
    names: HashMap<Id, String>,
    stop: watch::Sender<bool>,
    heartbeat: Heartbeat,
}

impl Loops {
    pub(super) fn new(heartbeat: Heartbeat) -> Self {
        Self { set: JoinSet::new(), names: HashMap::new(), stop: watch::Sender::new(false), heartbeat }
    }

    /// A receiver that becomes true once, when the daemon is to stop.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    pub(super) fn start(&mut self, name: &str, work: impl Future<Output = Result<()>> + Send + 'static) {
        let task = self.set.spawn(self.heartbeat.watch(name, work));
        self.names.insert(task.id(), name.to_owned());
    }

    /// Starts the loops of one bot: one that receives its updates (by polling or webhook), the dispatcher that handles
    /// them, and one that stores the state of the bot's rate limiter.
    pub(super) fn start_bot(&mut self, desk: &Desk, wanted: Option<WantedWebhook>) {
        let named = |what: &str| format!("{what} of {}", desk.name);
        match wanted {
            Some(wanted) => {
                self.start(&named("webhook"), telegram::keep_webhook(desk.clone(), wanted, self.stopping()))
            }
            None => self.start(&named("poller"), telegram::poll(desk.clone(), self.stopping())),
        }
        self.start(&named("dispatcher"), intake::dispatch(desk.clone(), self.stopping()));
        let keeper = gate_state::keep_gate(desk.name, desk.bot.clone(), desk.db.clone(), self.stopping());
        self.start(&named("gate keeper"), keeper);
    }

    /// Starts the loop that delivers messages; the loop runs under the sender's lock. A command that was delivering
    /// messages releases the lock within a second when the daemon starts, so the loop waits for the lock.
    pub(super) fn send(&mut self, database: &Database, bots: Vec<(BotName, Bot)>) {
        self.start("sender", send(database.clone(), bots, self.stopping()));
    }

    /// Starts the HTTP door.
    pub(super) fn listen(&mut self, listener: TcpListener, door: Door) {
        self.start("http", api::serve(listener, door, self.stopping()));
    }

    /// The heartbeats of the loops.
    pub(super) fn heartbeat(&self) -> Heartbeat {
        self.heartbeat.clone()
    }

    /// Runs until `told` is ready or a loop dies, then lets the other loops finish. Returns the name of the dead loop.
    pub(super) async fn run(&mut self, told: impl Future<Output = ()>) -> Option<String> {
        let died = tokio::select! {
            () = told => None,
            name = self.first_death() => Some(name),
        };
        tracing::info!("stopping");
        supervisor::stopping();
        self.stop.send_replace(true);
        let patience = if died.is_some() { LAST_WORDS } else { DRAIN };
        match (died, tokio::time::timeout(patience, self.all_ended()).await) {
            (Some(name), _) => Some(name),
            (None, Ok(died)) => died,
            (None, Err(_)) => {
                // Messages that were being sent are recovered at the next start; waiting longer would only get the
                // process killed.
                tracing::warn!("not everything ended within {} s", DRAIN.as_secs());
                None
            }
        }
    }

    /// Waits for the first loop that ends before the daemon stops. Returns the name of the loop.
    async fn first_death(&mut self) -> String {
        match self.set.join_next_with_id().await {
            Some(ended) => self.note_end(ended).0,
            None => std::future::pending().await,
        }
    }

    /// Waits for every loop. Returns the name of one that failed or panicked, if any did.
    async fn all_ended(&mut self) -> Option<String> {
        let mut died = None;
        while let Some(ended) = self.set.join_next_with_id().await {
            let (name, is_bad) = self.note_end(ended);
            died = if is_bad { Some(name) } else { died };
        }
        died
    }

    /// The name of a loop that has ended, and whether it failed or panicked.
    fn note_end(&mut self, ended: std::result::Result<(Id, Result<()>), JoinError>) -> (String, bool) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let name = self.names.remove(&id).unwrap_or_else(|| "a loop".to_owned());
        let is_bad = match ended {
            Ok((_, Ok(()))) => false,
            Ok((_, Err(error))) => {
                tracing::error!(name, %error, "a loop failed");
                true
            }
            Err(error) => {
                tracing::error!(name, %error, "a loop panicked");
                true
            }
        };
        (name, is_bad)
    }
}

async fn send(database: Database, bots: Vec<(BotName, Bot)>, mut stopping: watch::Receiver<bool>) -> Result<()> {
    let Some(_sending) = sender::wait_for_lock(&database, &mut stopping).await? else { return Ok(()) };
    if !sender::recover(&database, &stopping).await? {
        return Ok(());
    }
    let mut senders = sender::start(&database, &bots, Load::Everything, &stopping);
    while let Some(ended) = senders.join_next().await {
        ended.unwrap_or_else(|_| Err(Failure::Internal("a sender panicked".into()).into()))?;
    }
    wait_for_stop(stopping).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(loops: &mut Loops) {
        let stopping = loops.stopping();
        loops.start("steady", wait_for_stop(stopping));
    }

    #[tokio::test]
    async fn a_loop_that_panics_fails_or_returns_ends_them_all_and_is_named() {
        let deaths: [fn(&mut Loops); 3] = [
            |loops| loops.start("panics", async { panic!("a bug") }),
            |loops| loops.start("fails", async { Err(Failure::Internal("a bug".into()).into()) }),
            |loops| loops.start("returns", async { Ok(()) }),
        ];
        for (die, name) in deaths.into_iter().zip(["panics", "fails", "returns"]) {
            let mut loops = Loops::new(Heartbeat::default());
            steady(&mut loops);
            die(&mut loops);
            assert_eq!(loops.run(std::future::pending()).await.as_deref(), Some(name));
            assert!(loops.set.is_empty(), "the others were told to stop");
        }
    }

    #[tokio::test]
    async fn a_loop_that_cannot_stop_does_not_hold_up_the_news_of_a_death() {
        let mut loops = Loops::new(Heartbeat::default());
        loops.start("deaf", std::future::pending());
        loops.start("panics", async { panic!("a bug") });
        assert_eq!(loops.run(std::future::pending()).await.as_deref(), Some("panics"));
    }

    #[tokio::test]
    async fn a_stop_ends_them_without_a_death() {
        let mut loops = Loops::new(Heartbeat::default());
        steady(&mut loops);
        assert_eq!(loops.run(async {}).await, None);
    }
}
