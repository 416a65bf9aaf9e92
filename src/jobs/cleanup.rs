//! The job `cleanup`: deletes expired rows, a thousand per transaction, and closes the days before today for the figures.
//! Redemptions are never deleted.

use serde_json::json;
use tokio::sync::watch;

use super::{JobContext, JobError, JobReport, mark};
use crate::db::{Class, Failure, Tx};
use crate::erasure::remains::{self, ClearingPace};
use crate::error::{Error, Result};
use crate::locks::{self, Lock};
use crate::schedule::{self, Lease};
use crate::sender::backoff::BREATH;
use crate::{
    audit, backup, broadcast, conversation, discount, export, idempotency, inbox, outbox, row_counts, settings, user,
};

/// A function that deletes up to a thousand rows of one kind and returns how many.
type Forget = fn(&Tx<'_>) -> Result<usize>;

/// The kinds of rows, in the order of their deletion. Old attempts are deleted after all of them, because letters refer
/// to attempts.
const KINDS: [(&str, Forget); 14] = [
    ("updates", inbox::forget_old),
    ("cards", discount::forget_cards),
    ("outbox", outbox::forget_old),
    ("audit", |tx| audit::forget_old(tx, tx.now().plus(-settings::LOG_RETENTION_DAYS.int(tx)? * 86_400))),
    ("subscription_checks", user::forget_checks),
    ("reminders", discount::forget_reminders),
    ("birthday_gifts", discount::forget_gifts),
    ("jobs", schedule::forget_old),
    ("idempotency_keys", idempotency::forget_old),
    ("exports", export::forget_old),
    ("conversations", |tx| conversation::forget_old(tx).map(|_| 0)),
    ("drafts", |tx| broadcast::cancel_abandoned(tx).map(|_| 0)),
    ("deliveries", broadcast::forget_deliveries),
    ("media", broadcast::forget_media),
];
const PAGE: usize = 1000;

/// Deletes rows older than `log_retention_days`, and rows with a shorter lifetime.
pub(super) async fn run(
    context: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> std::result::Result<JobReport, JobError> {
    let mut facts = serde_json::Map::new();
    let mut sum = 0;
    for (what, forget) in KINDS {
        let mut gone = 0;
        loop {
            let page = context.db.write_bulk_async(forget).await?;
            gone += page;
            breathe(&stop).await?;
            // The deletion of `deliveries` handles one broadcast per call, so fewer than a thousand deleted rows do not
            // mean the end.
            if page == 0 || page < PAGE && what != "deliveries" {
                break;
            }
        }
        facts.insert(what.to_owned(), json!(gone));
        sum += gone;
    }
    context.db.write_bulk_async(row_counts::close_days).await?;
    let attempts = attempts(context, &stop).await?;
    facts.insert("attempts".to_owned(), json!(attempts));
    facts.insert("files".to_owned(), json!(sweep(context).await?));
    rewrite(context).await?;
    mark(context, lease).await?;
    Ok(JobReport { count: sum + attempts, left_out: 0, facts: facts.into() })
}

/// Deletes old attempts in the order of their ids, not by an index: an index by time would slow down each redemption.
async fn attempts(context: &JobContext, stop: &watch::Receiver<bool>) -> std::result::Result<usize, JobError> {
    let (mut sum, mut after) = (0, 0);
    loop {
        let (gone, last) = context.db.write_bulk_async(move |tx| discount::forget_attempts(tx, after)).await?;
        sum += gone;
        let Some(last) = last else { return Ok(sum) };
        after = last;
        breathe(stop).await?;
    }
}

/// Deletes files beside the database to which no row refers; a file that cannot be deleted is tried again at the next
/// run. Returns how many files of broadcasts were deleted.
async fn sweep(context: &JobContext) -> std::result::Result<usize, JobError> {
    let db = context.db.clone();
    let swept = tokio::task::spawn_blocking(move || {
        let kept = db.read_as(Class::Bulk, broadcast::kept_media)?;
        export::sweep(&db)?;
        backup::sweep_copies(&db)?;
        Ok::<_, Error>(broadcast::sweep_media(db.path(), &kept, db.clock().now()))
    });
    let swept = swept.await.map_err(|error| Failure::Internal(format!("sweeping panicked: {error}")))??;
    Ok(swept.unwrap_or_else(|error| {
        tracing::warn!(%error, "files of broadcasts could not be looked through");
        0
    }))
}

/// Rewrites the database file (`VACUUM`) if erased data may be left in it. If a daemon runs, only the daemon does this:
/// a rewrite by another process would block the daemon's writers for longer than they wait.
async fn rewrite(context: &JobContext) -> std::result::Result<(), JobError> {
    let db = context.db.clone();
    let cleared = tokio::task::spawn_blocking(move || match locks::holder(db.path(), Lock::Serve) {
        Ok(Some(holder)) if holder != Some(std::process::id()) => Ok(()),
        _ => remains::clear(&db, ClearingPace::Whole).map(drop),
    });
    Ok(cleared.await.map_err(|error| Failure::Internal(format!("rewriting panicked: {error}")))??)
}

async fn breathe(stop: &watch::Receiver<bool>) -> std::result::Result<(), JobError> {
    if *stop.borrow() {
        return Err(JobError::Stopped);
    }
    tokio::time::sleep(BREATH).await;
    Ok(())
}
