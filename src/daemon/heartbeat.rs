//! Tells an outside watcher that the daemon works: a request at intervals to the address of `[heartbeat]`, and only
//! while the daemon can do its work. The watcher raises the alarm when the requests stop. The address is a secret: no
//! error text of a request is logged, because it may name the address.

use std::convert::Infallible;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::outside_http::client;
use super::present::with_present;
use super::supervisor;
use crate::config::{HeartbeatConfig, Live};
use crate::db::Database;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::last_heartbeat::{self, HeartbeatResult};
use crate::{metrics, queue_stats};

/// The time limits of a heartbeat.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeartbeatLimits {
    /// How long a loop may be silent, and how long the writer may take to answer.
    pub(super) alive: (Duration, Duration),
    /// How long the watcher may take to answer.
    pub(super) patience: Duration,
    /// How long after a failure the second and last try of this heartbeat comes.
    pub(super) again_after: Duration,
}

impl HeartbeatLimits {
    pub(super) const USUAL: Self =
        Self { alive: supervisor::ALIVE, patience: Duration::from_secs(10), again_after: Duration::from_secs(30) };
}

/// What a heartbeat is made of and judged by.
#[derive(Clone)]
pub(super) struct Beats {
    pub(super) database: Database,
    pub(super) loops: Heartbeat,
    pub(super) limits: HeartbeatLimits,
}

/// What became of one request, and the HTTP status of the answer.
type WatcherReply = (HeartbeatResult, Option<u16>);

/// Sends heartbeats until the daemon stops: the first one at once, and again at once when the configuration changes.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub(super) async fn send(beats: Beats, config: Live<HeartbeatConfig>, stop: watch::Receiver<bool>) -> Result<()> {
    with_present(config, stop, |config| beats.clone().at_intervals(config)).await
}

impl Beats {
    async fn at_intervals(self, config: HeartbeatConfig) -> Result<Infallible> {
        let Some(url) = &config.url else { return std::future::pending().await };
        let mut slots = tokio::time::interval(Duration::from_secs(config.every_seconds.into()));
        slots.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            slots.tick().await;
            self.beat(url).await?;
        }
    }

    /// One heartbeat: after a failure one more try. Returns what became of the last try.
    async fn beat(&self, url: &SecretString) -> Result<HeartbeatResult> {
        let first = self.one_try(url).await?;
        if first == HeartbeatResult::Sent {
            return Ok(first);
        }
        tokio::time::sleep(self.limits.again_after).await;
        self.one_try(url).await
    }

    async fn one_try(&self, url: &SecretString) -> Result<HeartbeatResult> {
        let (result, status) =
            if self.works().await { request(url, self.limits.patience).await } else { (HeartbeatResult::Held, None) };
        ::metrics::counter!(metrics::HEARTBEATS, "result" => result.as_str()).increment(1);
        match result {
            HeartbeatResult::Sent => tracing::debug!("the watcher has the heartbeat"),
            HeartbeatResult::Held => {
                tracing::error!("no heartbeat: a loop or the writer hangs, or nothing can be written")
            }
            _ => tracing::warn!(result = result.as_str(), status, "the watcher did not take the heartbeat"),
        }
        self.keep(result, status).await?;
        Ok(result)
    }

    /// Whether no loop and not the writer hangs, and the database can be written.
    async fn works(&self) -> bool {
        let is_alive = supervisor::is_alive(&self.database, &self.loops, self.limits.alive).await;
        let written = tokio::time::timeout(self.limits.alive.1, self.database.write_async(queue_stats::probe));
        is_alive && matches!(written.await, Ok(Ok(())))
    }

    /// Stores the result. Does not wait for a writer that hangs.
    async fn keep(&self, result: HeartbeatResult, status: Option<u16>) -> Result<()> {
        let stored = self.database.write_async(move |tx| last_heartbeat::note(tx, result, status));
        match tokio::time::timeout(self.limits.alive.1, stored).await {
            Ok(Err(error)) if !error.is_passing() => Err(error),
            _ => Ok(()),
        }
    }
}

/// One GET without a body. Redirects are not followed, and no proxy is used.
async fn request(url: &SecretString, patience: Duration) -> WatcherReply {
    // A connection that is kept open from one heartbeat to the next could be dead: each has a client of its own.
    let Some(client) = client(url.expose_secret(), patience) else { return (HeartbeatResult::Unreached, None) };
    match client.get(url.expose_secret()).send().await {
        Ok(answer) => {
            let status = answer.status();
            let result = match status {
                status if status.is_success() => HeartbeatResult::Sent,
                status if status.is_redirection() => HeartbeatResult::Redirected,
                _ => HeartbeatResult::Refused,
            };
            (result, Some(status.as_u16()))
        }
        Err(error) if error.is_timeout() => (HeartbeatResult::TimedOut, None),
        Err(_) => (HeartbeatResult::Unreached, None),
    }
}

#[cfg(test)]
mod tests;
