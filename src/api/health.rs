//! `/health`: whether the process answers. `/readyz`: whether it can do its work, or which part fails. A check costs a
//! small write, so its result is shared by all requests within a second.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use tokio::sync::Mutex;

use super::bots::Bots;
#[cfg(test)]
use super::openapi::schemas;
use crate::db::{Class, Database, View};
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::queue_stats::{self, QueueStats};
use crate::realm::BotName;
use crate::telegram::client::Bot;

/// How long the result of the checks is reused.
const FRESH: Duration = Duration::from_secs(1);
/// The storage must answer within this time: a cashier waits no longer either.
const PATIENCE: Duration = Duration::from_secs(2);
/// The least free bytes on the disk: with fewer the next write may fail, even if the last one succeeded.
const LEAST_FREE: u64 = 512 * 1024;
/// A loop without a heartbeat for this long is blocked or caught in an endless loop.
const LONGEST_SILENCE: Duration = Duration::from_secs(10);
/// A bot that has not heard Telegram for this long is faulty: a poll lasts at most 45 s and the longest pause after a
/// failure is 60 s.
const LONGEST_UNHEARD: Duration = Duration::from_secs(120);
const LONGEST_UPDATE_MS: i64 = 60_000;
const LONGEST_LETTER_MS: i64 = 300_000;

/// What is checked, and the last result.
pub(super) struct ReadinessCheck {
    db: Database,
    heartbeat: Heartbeat,
    bots: Bots,
    /// The last result of the checks and its time. The lock is held during a check: requests that arrive meanwhile wait
    /// for its result.
    last: Mutex<Option<(Instant, Arc<Readiness>)>>,
}

/// Whether the shop can do its work.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Readiness {
    #[cfg_attr(test, schema(value_type = schemas::ReadinessWord))]
    status: &'static str,
    /// The version of the program.
    version: &'static str,
    /// The names of the failing checks.
    failing: Vec<String>,
    /// Checks that pass with a fault: the shop works, but a person should look.
    degraded: Vec<String>,
    checks: Vec<Check>,
}

/// The result of one check. Further members are figures of this check, or the text of its failure.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    name: String,
    ok: bool,
    #[serde(skip)]
    is_degraded: bool,
    /// Figures of this check, or the text of its failure.
    #[serde(flatten)]
    facts: serde_json::Map<String, serde_json::Value>,
}

impl Check {
    fn new(name: impl Into<String>, ok: bool, facts: serde_json::Value) -> Self {
        let facts = if let serde_json::Value::Object(facts) = facts { facts } else { serde_json::Map::new() };
        Self { name: name.into(), ok, is_degraded: false, facts }
    }
}

/// The answer that the process runs.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct Alive {
    /// Always `ok`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
    /// Seconds since the start of the process.
    #[cfg_attr(test, schema(minimum = 0))]
    uptime_s: u64,
}

/// Check that the process runs
#[cfg_attr(test, utoipa::path(get, path = "/health", tag = "health", security(()),
    responses((status = 200, description = "The process runs", body = Alive))))]
pub(super) async fn health(State(check): State<Arc<ReadinessCheck>>) -> Response {
    let (version, uptime_s) = (env!("CARGO_PKG_VERSION"), check.heartbeat.age().as_secs());
    Json(Alive { status: "ok", version, uptime_s }).into_response()
}

/// Check that the shop can do its work
///
/// The database can be written, the loops run, Telegram is heard, nothing waits too long.
#[cfg_attr(test, utoipa::path(get, path = "/readyz", tag = "health", security(()),
    responses((status = 200, description = "The shop can do its work", body = Readiness),
        (status = 503, description = "A check failed; `failing` names it", body = Readiness))))]
pub(super) async fn readyz(State(check): State<Arc<ReadinessCheck>>) -> Response {
    let readiness = check.result().await;
    let status = if readiness.failing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(&*readiness)).into_response()
}

impl ReadinessCheck {
    pub(super) fn new(db: Database, heartbeat: Heartbeat, bots: Bots) -> Self {
        Self { db, heartbeat, bots, last: Mutex::default() }
    }

    /// The result of the checks, at most a second old.
    async fn result(&self) -> Arc<Readiness> {
        let mut last = self.last.lock().await;
        if let Some((at, readiness)) = last.as_ref()
            && at.elapsed() < FRESH
        {
            return Arc::clone(readiness);
        }
        let readiness = Arc::new(look(self).await);
        *last = Some((Instant::now(), Arc::clone(&readiness)));
        readiness
    }
}

async fn look(check: &ReadinessCheck) -> Readiness {
    let mut checks = vec![writable(&check.db).await, disk(check.db.path()), loops(&check.heartbeat)];
    checks.extend(check.bots.iter().map(|(name, bot)| listening(*name, bot)));
    checks.extend(waiting(&check.db, &check.bots).await);
    let named =
        |which: fn(&Check) -> bool| checks.iter().filter(|c| which(c)).map(|c| c.name.clone()).collect::<Vec<_>>();
    let (failing, degraded) = (named(|check| !check.ok), named(|check| check.is_degraded));
    if !failing.is_empty() {
        tracing::warn!(failing = failing.join(","), "not ready");
    }
    let status = match (failing.is_empty(), degraded.is_empty()) {
        (false, _) => "not_ready",
        (true, false) => "degraded",
        (true, true) => "ready",
    };
    Readiness { status, version: env!("CARGO_PKG_VERSION"), failing, degraded, checks }
}

async fn writable(db: &Database) -> Check {
    let ended = tokio::time::timeout(PATIENCE, db.write_async(queue_stats::probe)).await;
    let error = match ended {
        Ok(Ok(())) => return Check::new("database", true, json!({})),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    Check::new("database", false, json!({ "error": error }))
}

fn disk(database: &Path) -> Check {
    match crate::files::free_bytes(database) {
        Ok(free) => Check::new("disk", free >= LEAST_FREE, json!({ "free_bytes": free })),
        Err(error) => Check::new("disk", false, json!({ "error": error.to_string() })),
    }
}

fn loops(heartbeat: &Heartbeat) -> Check {
    let silent: Vec<String> = heartbeat.silent(LONGEST_SILENCE).into_iter().map(|silence| silence.name).collect();
    Check::new("loops", silent.is_empty(), json!({ "silent": silent }))
}

fn listening(name: BotName, bot: &Bot) -> Check {
    let status = bot.status();
    // Another program takes this bot's updates: a person must stop it, and a restart of this process would not help.
    let is_degraded = status.conflict.is_some_and(|conflict| conflict.is_degraded) && !status.token_refused;
    let is_heard = status.intake_unheard <= LONGEST_UNHEARD || is_degraded;
    let facts = json!({
        "token_refused": status.token_refused, "unheard_s": status.intake_unheard.as_secs(),
        "conflict_s": status.conflict.map_or(0, |conflict| conflict.lasts.as_secs()), "conflicts": bot.conflicts(),
    });
    Check { is_degraded, ..Check::new(format!("bot.{name}"), !status.token_refused && is_heard, facts) }
}

/// The ages of waiting updates and letters, over all bots of this process.
async fn waiting(db: &Database, bots: &Bots) -> [Check; 2] {
    let names: Vec<_> = bots.iter().map(|(name, _)| *name).collect();
    let measure = move |view: &View<'_>| {
        names.iter().map(|name| queue_stats::of(view, *name)).collect::<Result<Vec<QueueStats>>>()
    };
    let error = match tokio::time::timeout(PATIENCE, db.read_async(Class::Health, measure)).await {
        Ok(Ok(backlogs)) => return ages(&backlogs),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    ["updates", "outbox"].map(|name| Check::new(name, false, json!({ "error": error })))
}

fn ages(backlogs: &[QueueStats]) -> [Check; 2] {
    let check = |name: &str, of: fn(&QueueStats) -> (i64, i64), is_late: fn(&QueueStats) -> bool| {
        let waiting: i64 = backlogs.iter().map(|backlog| of(backlog).0).sum();
        let oldest = backlogs.iter().map(|backlog| of(backlog).1).max().unwrap_or_default();
        Check::new(name, !backlogs.iter().any(is_late), json!({ "waiting": waiting, "oldest_s": oldest / 1000 }))
    };
    // A long queue of letters drains at the pace that Telegram allows. It is late when nothing of it arrives any more.
    [
        check(
            "updates",
            |backlog| (backlog.updates, backlog.oldest_update_ms),
            |backlog| backlog.oldest_update_ms > LONGEST_UPDATE_MS,
        ),
        check(
            "outbox",
            |backlog| (backlog.letters, backlog.oldest_letter_ms),
            |backlog| backlog.oldest_letter_ms > LONGEST_LETTER_MS && !backlog.is_draining,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_queue_that_drains_is_not_late_and_one_that_stands_still_is() {
        let queue = |oldest_letter_ms, is_draining| QueueStats {
            bot: BotName::Customer,
            updates: 0,
            oldest_update_ms: 0,
            letters: 9000,
            oldest_letter_ms,
            is_draining,
            doubtful: 0,
            undelivered: crate::undelivered::Counts::default(),
            parked: 0,
        };
        let is_ok = |queues: &[QueueStats]| ages(queues)[1].ok;
        assert!(is_ok(&[queue(3_600_000, true), queue(LONGEST_LETTER_MS, false)]));
        assert!(!is_ok(&[queue(3_600_000, true), queue(LONGEST_LETTER_MS + 1, false)]));
    }
}
