//! What the product does by itself: delivering the outbox, keeping the gates, tidying up, and the jobs. When a job is due
//! and whether it has been done is `crate::job`; `work` is the table of what each does, `run` does one under its lease,
//! `scheduler` asks all of them in the daemon, `drain` delivers where no daemon runs.

pub mod backup;
pub mod birthdays;
pub mod broadcasts;
pub mod cleanup;
pub mod deliver;
pub mod drain;
pub mod reminders;
pub mod report;
pub mod scheduler;
pub mod senders;
pub mod subscriptions;
pub mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::backup::BackupError;
use crate::config::Config;
use crate::db::{Database, Failure, Tx};
use crate::error::{Error, Result};
use crate::job::{self, Asked, Begun, Ended, Lease, Name};
use crate::realm::{BotName, Realm};
use crate::telegram::client::Bot;

/// People dealt with in one transaction.
const CHUNK: usize = 200;
/// Bulk writers leave others this much room between two transactions.
const BREATH: Duration = Duration::from_millis(2);
/// A third of a lease.
const RENEW_EVERY: Duration = Duration::from_secs(40);

/// What jobs work with.
#[derive(Clone)]
pub struct Kit {
    /// The configuration.
    pub config: Arc<Config>,
    /// The shop's database.
    pub db: Database,
    /// The bots that have a token; none is a shop that talks to nobody.
    pub bots: Vec<(BotName, Bot)>,
}

impl Kit {
    /// The worlds this shop has: the test pair's only where it is configured.
    fn realms(&self) -> Vec<Realm> {
        let has_test = self.config.bots.each().iter().any(|(word, bot)| {
            BotName::parse(word).is_some_and(|name| name.realm() == Realm::Test) && bot.token.is_some()
        });
        if has_test { vec![Realm::Real, Realm::Test] } else { vec![Realm::Real] }
    }
}

/// Why a job could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The storage failed, or the shop declined.
    #[error(transparent)]
    Shop(#[from] Error),
    /// No backup was made.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Telegram could not be asked.
    #[error("Telegram: {0}")]
    Telegram(String),
    /// The process is to end: the job is as due as before.
    #[error("stopped")]
    Stopped,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Shop(failure.into())
    }
}

/// What a job did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Did {
    /// Counted in the job's own unit.
    pub count: usize,
    /// What it wanted to do and could not.
    pub left_out: usize,
    /// More of it, for machines.
    pub facts: serde_json::Value,
}

impl Did {
    /// So much, and nothing was left out.
    #[must_use]
    pub const fn all(count: usize) -> Self {
        Self { count, left_out: 0, facts: serde_json::Value::Null }
    }
}

/// The table of jobs: what each does. Every arm marks its slot in the transaction that decides its effect.
async fn work(kit: &Kit, lease: &Lease, stop: watch::Receiver<bool>) -> std::result::Result<Did, Trouble> {
    match lease.name {
        Name::Birthdays => birthdays::run(kit, lease, stop).await,
        Name::Reminders => reminders::run(kit, lease, stop).await,
        Name::Broadcasts => broadcasts::begin_due(kit, lease).await,
        // Delivering is the sender's; whoever runs this job drains afterwards.
        Name::Outbox => Ok(Did::default()),
        Name::Subscriptions => subscriptions::run(kit, lease, stop).await,
        Name::Cleanup => cleanup::run(kit, lease, stop).await,
        Name::Backup => backup::run(kit, lease).await,
        Name::Report => report::run(kit, lease).await,
    }
}

/// Whether a broadcast of either world is under way.
///
/// # Errors
/// Storage only.
pub fn is_broadcasting(view: &crate::db::View<'_>) -> Result<bool> {
    Ok(crate::broadcast::is_busy(view, Realm::Real)? || crate::broadcast::is_busy(view, Realm::Test)?)
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
    Done(Did),
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
pub async fn run(kit: &Kit, name: Name, asked: Asked, stop: watch::Receiver<bool>) -> Result<Ran> {
    let lease = match kit.db.write_async(move |tx| job::begin(tx, name, asked)).await? {
        Begun::Yes(lease) => lease,
        Begun::NotDue { next } => return Ok(Ran::NotDue { next }),
        Begun::Busy => return Ok(Ran::Busy),
    };
    let worked = tokio::select! {
        worked = work(kit, &lease, stop) => worked,
        never = keep(kit, &lease) => match never {},
    };
    let (ended, ran) = match worked {
        Ok(did) => {
            let (count, left_out) = (whole(did.count), whole(did.left_out));
            (Ended::Done { count, left_out, facts: did.facts.clone() }, Ran::Done(did))
        }
        Err(Trouble::Stopped) => {
            kit.db.write_async(move |tx| job::release(tx, &lease)).await?;
            return Ok(Ran::Stopped);
        }
        Err(trouble) => {
            let why = trouble.to_string();
            tracing::error!(job = %name, %why, "a job failed");
            (Ended::Failed { why: why.clone() }, Ran::Failed { why, is_passing: is_passing(&trouble) })
        }
    };
    kit.db.write_async(move |tx| job::finish(tx, &lease, &ended)).await?;
    Ok(ran)
}

/// Renews the lease for as long as the work lasts.
async fn keep(kit: &Kit, lease: &Lease) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let mine = lease.clone();
        if let Err(error) = kit.db.write_async(move |tx| job::renew(tx, &mine)).await {
            tracing::warn!(job = %lease.name, %error, "a job's lease could not be renewed");
        }
    }
}

fn is_passing(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Shop(error) => error.is_passing(),
        Trouble::Telegram(_) => true,
        Trouble::Backup(BackupError::Storage(failure)) => failure.is_passing(),
        Trouble::Backup(_) | Trouble::Stopped => false,
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Runs `chunk` over and over, a transaction each, until it says that nothing is left; that transaction marks the slot.
/// Returns the sum of what the chunks did.
async fn in_chunks(
    kit: &Kit,
    lease: &Lease,
    stop: &watch::Receiver<bool>,
    chunk: impl Fn(&Tx<'_>) -> Result<(usize, bool)> + Send + Sync + Clone + 'static,
) -> std::result::Result<usize, Trouble> {
    let mut sum = 0;
    loop {
        if *stop.borrow() {
            return Err(Trouble::Stopped);
        }
        let (mine, chunk) = (lease.clone(), chunk.clone());
        let (done, is_all) = kit
            .db
            .write_bulk_async(move |tx| {
                let (done, is_all) = chunk(tx)?;
                if is_all {
                    job::mark(tx, &mine)?;
                }
                Ok::<_, Error>((done, is_all))
            })
            .await?;
        sum += done;
        if is_all {
            return Ok(sum);
        }
        tokio::time::sleep(BREATH).await;
    }
}
