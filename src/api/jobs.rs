//! `/jobs`: the list of jobs, and running one now. A job may last longer than a request: after 20 seconds the answer is
//! 202, and the list shows how the job ended.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::dispatch::{self, DaemonRequest, JobEnd};
use super::http::extract::{Listing, Name as Word};
use super::http::idempotency::Errands;
use super::http::problem::Problem;
use super::http::request::Authorized;
#[cfg(test)]
use super::openapi::schemas;
use crate::catalogue::Code;
use crate::db::Failure;
use crate::idempotency::StoredAnswer;
use crate::schedule::{self, Cadence, JobStatus, Name, Outcome};

/// How long a request waits for the end of the job; requests are limited to 30 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// The list of jobs has no filters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A scheduled job and its last run.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct JobBody {
    /// The name of the job, as in the path.
    #[cfg_attr(test, schema(example = "birthdays"))]
    name: &'static str,
    #[cfg_attr(test, schema(value_type = schemas::CadenceWord))]
    cadence: &'static str,
    /// The end of the job's last run.
    #[cfg_attr(test, schema(format = DateTime))]
    last_run_at: Option<String>,
    /// How the job's last run ended; null before the first run.
    result: Option<Outcome>,
    /// The number of things that the job's last run did; the unit depends on the job.
    count: i64,
    /// The duration of the job's last run in milliseconds.
    duration_ms: Option<i64>,
    /// The time of the job's next run; in the past when the job is overdue, null for a job that runs always.
    #[cfg_attr(test, schema(format = DateTime))]
    next_due_at: Option<String>,
    /// Whether the job is running.
    running: bool,
    /// The number of the job's consecutive failures.
    failures: i64,
    /// The error of the job's last failure.
    error: Option<String>,
    /// Further figures of the job's last run.
    facts: Value,
}

impl JobBody {
    fn of(job: JobStatus) -> Self {
        Self {
            name: job.name.as_str(),
            cadence: cadence(job.name),
            last_run_at: job.ended.map(|ended| ended.timestamp().to_string()),
            result: job.outcome,
            count: job.count,
            duration_ms: job.duration_ms(),
            next_due_at: job.next.map(|next| next.to_string()),
            running: job.is_running,
            failures: job.failures,
            error: job.error,
            facts: job.facts,
        }
    }
}

const fn cadence(name: Name) -> &'static str {
    match name.cadence() {
        Cadence::Always | Cadence::EveryTick => "always",
        Cadence::Hourly => "hourly",
        Cadence::Daily(_) => "daily",
        Cadence::Weekly(_) => "weekly",
    }
}

/// List scheduled jobs
///
/// The same for the real and the test bots: `is_test` changes nothing here.
#[cfg_attr(test, utoipa::path(get, path = "/jobs", tag = "jobs", params(schemas::PageParams),
    responses((status = 200, description = "The jobs, in the order of a day", body = schemas::Page<JobBody>))))]
pub(super) async fn list(ask: Authorized, listing: Listing<Nothing>) -> Result<Response, Problem> {
    let Nothing {} = listing.filter;
    ask.read(move |view, _| {
        let all = schedule::list(view)?;
        let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let skip = usize::try_from(listing.slice.offset).unwrap_or(usize::MAX);
        let page = all.into_iter().skip(skip).take(listing.slice.limit as usize);
        Ok(listing.page_of(page.map(JobBody::of).collect(), total))
    })
    .await
}

/// The result of a job's run.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(super) struct RunBody {
    /// The name of the job.
    #[cfg_attr(test, schema(example = "birthdays"))]
    name: &'static str,
    #[cfg_attr(test, schema(value_type = schemas::RunOutcome))]
    result: &'static str,
    /// The number of things that the job did; the unit depends on the job.
    #[cfg_attr(test, schema(minimum = 0))]
    count: usize,
    /// The number of things that the job could not do.
    #[cfg_attr(test, schema(minimum = 0))]
    left_out: usize,
    /// Further figures of the job's run.
    facts: Value,
    /// The time of the job's next run, if the job was not due.
    #[cfg_attr(test, schema(format = DateTime))]
    next_due_at: Option<String>,
}

/// Run a job now
///
/// The job runs in the daemon, never twice in parallel. 200: the job has ended; 202: the job is still running after 20
/// seconds, or was running before.
#[cfg_attr(test, utoipa::path(post, path = "/jobs/{name}/run", tag = "jobs",
    params(("name" = String, Path, min_length = 1, max_length = 64, example = "cleanup",
        description = "birthdays, reminders, broadcasts, outbox, subscriptions, cleanup, backup or report")),
    responses((status = 200, description = "The job has ended", body = RunBody),
        (status = 202, description = "The job is running", body = RunBody))))]
pub(super) async fn run(
    ask: Authorized,
    Word(word): Word,
    State(errands): State<Errands>,
) -> Result<Response, Problem> {
    let unknown = || Problem::saying(Code::NotFound, "There is no such job.");
    let name = Name::parse(&word).ok_or_else(unknown)?;
    let (by, ticket) = (ask.actor(), ask.ticket(""));
    let (actor, id, Errands { db, dispatch, .. }) = (by.clone(), ask.id(), errands.clone());
    let work = async move {
        let noted = db.write_async(move |tx| {
            tx.asked_by(id.text());
            schedule::note_asked(tx, name, &actor)
        });
        noted.await?;
        let ended = dispatch::give(&dispatch, |end| DaemonRequest::Job(name, end))?;
        match tokio::time::timeout(PATIENCE, ended).await {
            Ok(Ok(end)) => told(name, end),
            // The daemon is stopping and dropped its requests.
            Ok(Err(_)) => Err(Problem::of(Code::ServiceUnavailable).after(1)),
            Err(_) => told(name, JobEnd::Busy),
        }
    };
    errands.run_once(by, ticket, work).await
}

fn told(name: Name, end: JobEnd) -> Result<StoredAnswer, Problem> {
    let body = |result, count, left_out, facts| RunBody {
        name: name.as_str(),
        result,
        count,
        left_out,
        facts,
        next_due_at: None,
    };
    let (status, body) = match end {
        JobEnd::Done { count, left_out, facts } if left_out > 0 => (200, body("partly", count, left_out, facts)),
        JobEnd::Done { count: 0, facts, .. } => (200, body("nothing", 0, 0, facts)),
        JobEnd::Done { count, facts, .. } => (200, body("done", count, 0, facts)),
        JobEnd::NotDue(next) => {
            (200, RunBody { next_due_at: Some(next.to_string()), ..body("not_due", 0, 0, Value::Null) })
        }
        JobEnd::Busy => (202, body("running", 0, 0, Value::Null)),
        // The job has logged the error, and `GET /jobs` shows it.
        JobEnd::Failed { is_passing: true } => return Err(Problem::of(Code::ServiceUnavailable).after(60)),
        JobEnd::Failed { is_passing: false } => return Err(Problem::of(Code::Internal)),
        JobEnd::Stopped => return Err(Problem::of(Code::ServiceUnavailable).after(1)),
    };
    let answer = serde_json::to_string(&body).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(StoredAnswer { status, answer })
}
