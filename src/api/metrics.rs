//! `/metrics` for Prometheus: counters since the daemon started, and the present state of the database, the loops and
//! the bots. For this machine, or for a token that may read figures. `crate::metrics` lists the metrics.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::metrics::{counter, gauge, histogram};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header::CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::bots::Bots;
use super::http::admission::Admission;
use super::http::client_ip::ClientIp;
use super::http::host::IsNear;
use super::http::request::Authorized;
use crate::access::{Requirement, Scope};
use crate::broadcast::{self, Progress};
use crate::clock::Timestamp;
use crate::db::{Class, Database, View};
use crate::discount::{self, Tally};
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::metrics;
use crate::queue_stats::{self, QueueStats};
use crate::schedule::{self, JobStatus};
use crate::staff::Role;

/// Who may read the metrics: any admin, or a script that may read figures.
const NEEDS: Requirement = Requirement { roles: Role::ALL, scope: Some(Scope::StatsRead) };
/// How long a scrape may take; Prometheus itself gives up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(5);
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Where the metrics come from.
pub(super) struct MetricsSource {
    db: Database,
    heartbeat: Heartbeat,
    bots: Bots,
    attempts: Attempts,
}

impl MetricsSource {
    pub(super) fn new(db: Database, heartbeat: Heartbeat, bots: Bots) -> Self {
        let attempts = Attempts::begin(&db);
        Self { db, heartbeat, bots, attempts }
    }
}

/// Attempts at the counter since the daemon started, by any process.
struct Attempts(Mutex<Option<Tally>>);

impl Attempts {
    /// Counts attempts from now on; if they cannot be read now, from the first scrape on.
    fn begin(db: &Database) -> Self {
        Self(Mutex::new(db.read(discount::count_from_now).ok()))
    }

    fn up_to_now(&self, view: &View<'_>) -> Result<Tally> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = match kept.take() {
            Some(tally) => discount::count_on(view, tally)?,
            None => discount::count_from_now(view)?,
        };
        Ok(kept.insert(tally).clone())
    }
}

/// The metrics that come from the database.
struct Known {
    backlogs: Vec<QueueStats>,
    attempts: Tally,
    progress: Progress,
    jobs: Vec<JobStatus>,
}

/// Metrics for Prometheus
///
/// From the shop's machine without a token, from elsewhere with one.
#[cfg_attr(test, utoipa::path(get, path = "/metrics", tag = "health", security((), ("bearer" = [])),
    responses((status = 200, description = "Metrics in the text format of Prometheus", content((String = "text/plain"))))))]
pub(super) async fn metrics(
    State(admission): State<Arc<Admission>>,
    State(source): State<Arc<MetricsSource>>,
    request: Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    // A web page in a browser on this machine may have its own host name resolve to this machine; then its request has
    // that host name.
    let is_near = parts.extensions.get::<IsNear>().is_some_and(|near| near.0);
    let is_local = is_near && parts.extensions.get::<ClientIp>().is_some_and(|origin| origin.is_local);
    if !is_local {
        parts.extensions.insert(NEEDS);
        if let Err(problem) = Authorized::from_request_parts(&mut parts, &admission).await {
            return problem.into_response();
        }
    }
    let known = look(&source).await;
    let now = metrics::written(|| note(&source, known.as_ref()));
    let text = format!("{}{now}", metrics::installed().render());
    ([(CONTENT_TYPE, HeaderValue::from_static(FORMAT))], text).into_response()
}

/// The metrics that come from the database; `None` if it does not answer in time.
async fn look(source: &Arc<MetricsSource>) -> Option<Known> {
    let mine = Arc::clone(source);
    let looking = source.db.read_async(Class::Health, move |view| {
        Ok::<_, crate::error::Error>(Known {
            backlogs: mine.bots.iter().map(|(name, _)| queue_stats::of(view, *name)).collect::<Result<_>>()?,
            attempts: mine.attempts.up_to_now(view)?,
            progress: broadcast::progress(view)?,
            jobs: schedule::list(view)?,
        })
    });
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(Ok(known)) => Some(known),
        ended => {
            let why = ended.map(|read| read.err().map(|error| error.to_string()));
            tracing::warn!(?why, "the metrics lack what the database knows");
            None
        }
    }
}

fn note(source: &MetricsSource, known: Option<&Known>) {
    gauge!(metrics::BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!(metrics::UPTIME).set(source.heartbeat.age());
    process();
    for silence in source.heartbeat.silent(Duration::ZERO) {
        gauge!(metrics::LOOP_SILENT, "loop" => silence.name).set(silence.lasts);
    }
    bots(source);
    storage(&source.db, known.is_some());
    if let Some(known) = known {
        waiting(known);
        work(known, source.db.clock().now());
    }
}

fn process() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    if let Some(kib) = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()) {
        gauge!(metrics::MEMORY).set(float(kib.saturating_mul(1024)));
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        gauge!(metrics::FILES).set(float(files.count() as u64));
    }
}

fn bots(source: &MetricsSource) {
    let now = source.db.clock().now_ms().0;
    for (name, bot) in source.bots.iter() {
        let (bot_name, state, status) = (name.as_str(), bot.gate_state(), bot.status());
        for (lane, until) in [("all", state.closed_all_until_ms), ("bulk", state.closed_bulk_until_ms)] {
            let left = until.saturating_sub(now).max(0).unsigned_abs();
            gauge!(metrics::GATE_CLOSED, "bot" => bot_name, "lane" => lane).set(Duration::from_millis(left));
        }
        gauge!(metrics::GATE_RATE, "bot" => bot_name).set(f64::from(state.rate_x100) / 100.0);
        gauge!(metrics::BOT_REFUSED, "bot" => bot_name).set(f64::from(u8::from(status.token_refused)));
        gauge!(metrics::BOT_UNHEARD, "bot" => bot_name).set(status.intake_unheard);
    }
}

fn storage(db: &Database, is_up: bool) {
    gauge!(metrics::DB_UP).set(f64::from(u8::from(is_up)));
    gauge!(metrics::DB_QUEUE).set(float(db.writes_waiting() as u64));
    let database = db.path();
    let log = crate::files::with_tail(database, "-wal");
    for (file, path) in [("database", database), ("log", &log)] {
        let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
        gauge!(metrics::DB_BYTES, "file" => file).set(float(bytes));
    }
    if let Ok(free) = crate::files::free_bytes(database) {
        gauge!(metrics::DISK_FREE).set(float(free));
    }
}

fn waiting(known: &Known) {
    for backlog in &known.backlogs {
        let bot = backlog.bot.as_str();
        gauge!(metrics::UPDATES_WAITING, "bot" => bot).set(float(backlog.updates.unsigned_abs()));
        gauge!(metrics::UPDATES_OLDEST, "bot" => bot).set(seconds(backlog.oldest_update_ms));
        gauge!(metrics::UPDATES_PARKED, "bot" => bot).set(float(backlog.parked.unsigned_abs()));
        gauge!(metrics::LETTERS_WAITING, "bot" => bot).set(float(backlog.letters.unsigned_abs()));
        gauge!(metrics::LETTERS_OLDEST, "bot" => bot).set(seconds(backlog.oldest_letter_ms));
        for (state, count) in [("unknown", backlog.undelivered.given_up), ("failed", backlog.undelivered.refused)] {
            gauge!(metrics::LETTERS_UNDELIVERED, "bot" => bot, "state" => state).set(float(count.unsigned_abs()));
        }
    }
}

fn work(known: &Known, now: Timestamp) {
    for (result, count) in &known.attempts.by_result {
        counter!(metrics::ATTEMPTS, "result" => result.as_str()).absolute(*count);
    }
    for (status, count) in known.progress.broadcasts {
        gauge!(metrics::BROADCASTS, "status" => status.as_str()).set(float(count.unsigned_abs()));
    }
    for (outcome, count) in known.progress.recipients {
        gauge!(metrics::RECIPIENTS, "outcome" => outcome).set(float(count.unsigned_abs()));
    }
    for job in &known.jobs {
        let name = job.name.as_str();
        gauge!(metrics::JOB_FAILURES, "job" => name).set(float(job.failures.unsigned_abs()));
        gauge!(metrics::JOB_LATE, "job" => name).set(float(job.late_s(now).unwrap_or_default().unsigned_abs()));
        if let Some(ended) = job.ended {
            gauge!(metrics::JOB_ENDED, "job" => name).set(seconds(ended.0));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "what is counted here stays far below 2^53")]
const fn float(number: u64) -> f64 {
    number as f64
}

fn seconds(ms: i64) -> f64 {
    float(ms.unsigned_abs()) / 1000.0
}

/// Counts and times a response by its route's template; all unknown paths count as one route.
pub(super) async fn count(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let (method, began) = (word(request.method()), Instant::now());
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    histogram!(metrics::HTTP_SECONDS, "method" => method, "route" => route.clone()).record(began.elapsed());
    counter!(metrics::HTTP_REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    response
}

/// The HTTP method as a metric's label; a client may invent methods, so unknown ones share one label.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
