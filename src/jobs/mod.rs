//! What the shop does by itself. When a job is due and whether it has been done is `crate::schedule`; `work` is the table of
//! what each does, `run` does one under its lease, `scheduler` asks all of them in the daemon, `kit` is what jobs work with
//! and answer, `upkeep` are small loops of the daemon. Delivery is `crate::sender`.

pub mod backup;
pub mod birthdays;
mod broadcasts;
pub mod channel;
pub mod cleanup;
pub mod reminders;
pub mod report;
mod kit;
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

pub use kit::{JobContext, JobError, JobReport};

/// People dealt with in one transaction: a person at the counter waits for the one under way.
const CHUNK: usize = 50;
/// A third of a lease.
const RENEW_EVERY: Duration = Duration::from_secs(40);

/// The table of jobs: what each does. An arm marks its slot in the transaction that decides its effect, or, where rows of
/// its own keep each effect to one, when nothing is left.
async fn work(
    kit: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> std::result::Result<JobReport, JobError> {
    match lease.name {
        Name::Birthdays => birthdays::run(kit, lease, stop).await,
        Name::Reminders => reminders::run(kit, lease, stop).await,
        Name::Broadcasts => broadcasts::run(kit, lease).await,
        // Delivering is the sender's; whoever runs this job drains afterwards.
        Name::Outbox => Ok(JobReport::default()),
        Name::Subscriptions => subscriptions::run(kit, lease, stop).await,
        Name::Cleanup => cleanup::run(kit, lease, stop).await,
        Name::Backup => backup::run(kit, lease, stop).await,
        Name::Report => report::run(kit, lease).await,
    }
}

/// How asking for a job ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ran {
    /// It has been done, or its hour has not come: when it is due.
    NotDue {
        /// When it is due.
        next: crate::clock::Timestamp,
    },
    /// Another process is at it.
    Busy,
    /// It was done.
    Done(JobReport),
    /// It failed; admins are told, and it is tried again.
    Failed {
        /// In words of the log.
        why: String,
        /// Whether the same may go well later.
        is_passing: bool,
    },
    /// The process is to end.
    Stopped,
}

/// Does one job, if it is due: by schedule, or because a person asks. Its end is kept, and a failure told to admins.
///
/// # Errors
/// The storage failed where how the job stands is kept.
pub async fn run(kit: &JobContext, name: Name, asked: Trigger, stop: watch::Receiver<bool>) -> Result<Ran> {
    let lease = match kit.db.write_async(move |tx| schedule::begin(tx, name, asked)).await? {
        Begun::Yes(lease) => lease,
        Begun::NotDue { next } => return Ok(Ran::NotDue { next }),
        Begun::Busy => return Ok(Ran::Busy),
    };
    let worked = tokio::select! {
        worked = caught(kit, &lease, stop) => worked,
        never = keep(kit, &lease) => match never {},
    };
    let (ended, ran) = match worked {
        Ok(did) => {
            let (count, left_out) = (whole(did.count), whole(did.left_out));
            (Ended::Done { count, left_out, facts: did.facts.clone() }, Ran::Done(did))
        }
        // A stop also breaks off what a job reads.
        Err(JobError::Stopped | JobError::Shop(Error::Storage(Failure::Ending))) => {
            kit.db.write_async(move |tx| schedule::release(tx, &lease)).await?;
            return Ok(Ran::Stopped);
        }
        Err(trouble) => {
            let why = trouble.to_string();
            tracing::error!(job = %name, %why, "a job failed");
            (Ended::Failed { why: why.clone() }, Ran::Failed { why, is_passing: is_passing(&trouble) })
        }
    };
    kit.db.write_async(move |tx| schedule::finish(tx, &lease, &ended)).await?;
    Ok(ran)
}

/// The work in a task of its own: one that panics has failed, and ends nobody else.
async fn caught(
    kit: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> std::result::Result<JobReport, JobError> {
    let (kit, lease) = (kit.clone(), lease.clone());
    let mut task = JoinSet::new();
    task.spawn(async move { work(&kit, &lease, stop).await });
    match task.join_next().await {
        Some(Ok(worked)) => worked,
        Some(Err(error)) => Err(Failure::Internal(format!("the job panicked: {error}")).into()),
        None => Err(JobError::Stopped),
    }
}

/// Renews the lease for as long as the work lasts.
async fn keep(kit: &JobContext, lease: &Lease) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let mine = lease.clone();
        if let Err(error) = kit.db.write_async(move |tx| schedule::renew(tx, &mine)).await {
            tracing::warn!(job = %lease.name, %error, "a job's lease could not be renewed");
        }
    }
}

fn is_passing(trouble: &JobError) -> bool {
    match trouble {
        JobError::Shop(error) => error.is_passing(),
        JobError::Telegram(_) => true,
        JobError::Backup(BackupError::Storage(failure)) => failure.is_passing(),
        JobError::Backup(_) | JobError::Stopped => false,
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Does `each` of `items`, some a transaction. Returns how many `each` said it did.
///
/// # Errors
/// What `each` failed with: its transaction is undone, those before it stand.
async fn in_chunks<T: Copy + Send + 'static>(
    kit: &JobContext,
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
        let done = kit.db.write_bulk_async(move |tx| {
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

/// Marks the slot as done when all of it has been: what was, each row of a ledger keeps from being done again.
async fn mark(kit: &JobContext, lease: &Lease) -> std::result::Result<(), JobError> {
    let mine = lease.clone();
    kit.db.write_async(move |tx| schedule::mark(tx, &mine)).await?;
    Ok(())
}
