//! The job `backup`: makes the day's backup, then removes the backups that are not to be kept any longer.

use serde_json::json;
use tokio::sync::watch;

use super::{JobContext, JobError, JobReport, mark};
use crate::backup::{self, BackupError};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::db::Failure;
use crate::schedule::Lease;

/// Makes a backup and removes old ones. The slot is marked after the backup is complete; after a crash before that, the
/// job runs again and makes another backup.
///
/// # Errors
/// [`BackupError`].
pub(super) async fn run(
    context: &JobContext,
    lease: &Lease,
    mut stop: watch::Receiver<bool>,
) -> Result<JobReport, JobError> {
    let (config, now) = (context.config.clone(), context.db.clock().now());
    // A shutdown does not wait for the copy of a large database: the unfinished file is hidden, and a later backup
    // deletes it.
    let made = tokio::select! {
        made = tokio::task::spawn_blocking(move || back_up(&config, now)) => made,
        _ = stop.wait_for(|stop| *stop) => return Err(JobError::Stopped),
    };
    let made = made.unwrap_or_else(|error| Err(Failure::Internal(format!("the backup panicked: {error}")).into()))?;
    mark(context, lease).await?;
    Ok(made)
}

fn back_up(config: &Config, now: Timestamp) -> Result<JobReport, BackupError> {
    let made = backup::create(config, None, now)?;
    let removed = backup::thinning(config, now)?.removed;
    backup::thin_out(&removed)?;
    let facts = json!({
        "path": made.path.display().to_string(), "bytes": made.facts.bytes, "pruned": removed.len(),
    });
    Ok(JobReport { count: 1, left_out: 0, facts })
}
