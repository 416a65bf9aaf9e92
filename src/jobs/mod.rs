//! The jobs: what the shop does at certain times. `crate::schedule` decides when a job is due and whether it is done;
//! `crate::sender` delivers the messages that jobs write.
//!
//! - [`run`] runs one job under its lease; `work` is the table of what each job does.
//! - `scheduler`: the daemon's loop that starts due jobs.
//! - `context`: the types that jobs share.
//! - `channel`, `upkeep`: small loops of the daemon that are not jobs.
//! - Each other file is one job.

pub mod backup;
pub mod birthdays;
mod broadcasts;
pub mod channel;
pub mod cleanup;
pub mod reminders;
pub mod report;
mod context;
pub mod scheduler;
pub mod subscriptions;
pub mod upkeep;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::backup::BackupError;
use crate::db::{Failure, Tx};
use crate::error::{Error, Result};
use crate::schedule::{self, Begun, Ended, Lease, Name, Trigger};
use crate::sender::backoff::BREATH;

pub use context::{JobContext, JobError, JobReport};

/// How many customers one transaction handles: few, because a cashier's request waits for the current transaction.
const CHUNK: usize = 50;
/// The time between two renewals of a lease: a third of its two minutes.
const RENEW_EVERY: Duration = Duration::from_secs(40);

/// The table of jobs. Each job marks its slot in the transaction that decides its effect. A job that may run twice
/// without harm, or whose effects a table of its own allows only once (gifts, reminders), marks its slot when no work
/// is left.
async fn work(
    context: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> std::result::Result<JobReport, JobError> {
    match lease.name {
        Name::Birthdays => birthdays::run(context, lease, stop).await,
        Name::Reminders => reminders::run(context, lease, stop).await,
        Name::Broadcasts => broadcasts::run(context, lease).await,
        // The sender delivers; the caller of this job runs the sender afterwards.
        Name::Outbox => Ok(JobReport::default()),
        Name::Subscriptions => subscriptions::run(context, lease, stop).await,
        Name::Cleanup => cleanup::run(context, lease, stop).await,
        Name::Backup => backup::run(context, lease, stop).await,
        Name::Report => report::run(context, lease).await,
    }
}

/// How a run of a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ran {
    /// The job is already done for its slot, or its hour has not come.
    NotDue {
        /// When the job is due next.
        next: crate::clock::Timestamp,
    },
    /// Another process is running the job.
    Busy,
    /// The job was done.
    Done(JobReport),
    /// The job failed; admins are told, and it is retried.
    Failed {
        /// The error text, as in the daemon's log.
        why: String,
        /// Whether the same run may succeed later.
        is_passing: bool,
    },
    /// The process is stopping.
    Stopped,
}

/// Runs one job if it is due, by schedule or on a person's request. Stores how the run ended, and tells the admins of a
/// failure.
///
/// # Errors
/// The storage failed while the job's state was read or written.
pub async fn run(context: &JobContext, name: Name, asked: Trigger, stop: watch::Receiver<bool>) -> Result<Ran> {
    let lease = match context.db.write_async(move |tx| schedule::begin(tx, name, asked)).await? {
        Begun::Yes(lease) => lease,
        Begun::NotDue { next } => return Ok(Ran::NotDue { next }),
        Begun::Busy => return Ok(Ran::Busy),
    };
    let worked = tokio::select! {
        worked = caught(context, &lease, stop) => worked,
        never = keep(context, &lease) => match never {},
    };
    let (ended, ran) = match worked {
        Ok(report) => {
            let (count, left_out) = (whole(report.count), whole(report.left_out));
            (Ended::Done { count, left_out, facts: report.facts.clone() }, Ran::Done(report))
        }
        // A shutdown breaks off the job's reads; such a read fails with `Ending`.
        Err(JobError::Stopped | JobError::Shop(Error::Storage(Failure::Ending))) => {
            context.db.write_async(move |tx| schedule::release(tx, &lease)).await?;
            return Ok(Ran::Stopped);
        }
        Err(error) => {
            let why = error.to_string();
            tracing::error!(job = %name, %why, "a job failed");
            (Ended::Failed { why: why.clone() }, Ran::Failed { why, is_passing: is_passing(&error) })
        }
    };
    context.db.write_async(move |tx| schedule::finish(tx, &lease, &ended)).await?;
    Ok(ran)
}

/// Runs the job's work in its own task: a panic counts as a failure of this job and does not end other jobs.
async fn caught(
    context: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> std::result::Result<JobReport, JobError> {
    let (context, lease) = (context.clone(), lease.clone());
    let mut task = JoinSet::new();
    task.spawn(async move { work(&context, &lease, stop).await });
    match task.join_next().await {
        Some(Ok(worked)) => worked,
        Some(Err(error)) => Err(Failure::Internal(format!("the job panicked: {error}")).into()),
        None => Err(JobError::Stopped),
    }
}

/// Renews the lease while the job's work lasts.
async fn keep(context: &JobContext, lease: &Lease) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let mine = lease.clone();
        if let Err(error) = context.db.write_async(move |tx| schedule::renew(tx, &mine)).await {
            tracing::warn!(job = %lease.name, %error, "a job's lease could not be renewed");
        }
    }
}

fn is_passing(error: &JobError) -> bool {
    match error {
        JobError::Shop(error) => error.is_passing(),
        JobError::Telegram(_) => true,
        JobError::Backup(BackupError::Storage(failure)) => failure.is_passing(),
        JobError::Backup(_) | JobError::Stopped => false,
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Runs `each` on every item, [`CHUNK`] items per transaction. Returns for how many items `each` returned true.
///
/// # Errors
/// The error of `each`: its transaction is rolled back, earlier ones remain committed.
async fn in_chunks<T: Copy + Send + 'static>(
    context: &JobContext,
    stop: &watch::Receiver<bool>,
    items: &[T],
    each: fn(&Tx<'_>, &T) -> Result<bool>,
) -> std::result::Result<usize, JobError> {
    let mut sum = 0;
    for chunk in items.chunks(CHUNK) {
        if *stop.borrow() {
            return Err(JobError::Stopped);
        }
        let chunk = chunk.to_vec();
        let done = context.db.write_bulk_async(move |tx| {
            let mut done = 0;
            for item in &chunk {
                done += usize::from(each(tx, item)?);
            }
            Ok::<_, Error>(done)
        });
        sum += done.await?;
        tokio::time::sleep(BREATH).await;
    }
    Ok(sum)
}

/// Marks the slot of a job after all its work. Only for jobs that may run again without harm: if the process ends
/// before the mark, the job runs once more.
async fn mark(context: &JobContext, lease: &Lease) -> std::result::Result<(), JobError> {
    let mine = lease.clone();
    context.db.write_async(move |tx| schedule::mark(tx, &mine)).await?;
    Ok(())
}
