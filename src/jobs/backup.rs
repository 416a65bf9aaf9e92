//! The job `backup`: makes the day's backup, removes the backups that are not to be kept any longer, and sends the owners
//! an encrypted copy, if the shop wants that.

use serde_json::{Value as Json, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{JobContext, JobError, JobReport, mark};
use crate::backup::{self, BackupError, Made};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::db::Failure;
use crate::encrypted_archive::AgeRecipient;
use crate::realm::Realm;
use crate::schedule::{self, Lease};

/// Makes a backup and removes old ones. The slot is marked after the backup is complete, together with the letters that
/// carry the copy; after a crash before that, the job runs again and makes another backup.
///
/// # Errors
/// [`BackupError`].
pub(super) async fn run(
    context: &JobContext,
    lease: &Lease,
    mut stop: watch::Receiver<bool>,
) -> Result<JobReport, JobError> {
    let (config, now) = (context.config.clone(), context.db.clock().now());
    let (made, pruned) = unless(&mut stop, tokio::task::spawn_blocking(move || back_up(&config, now))).await?;
    let (path, bytes) = (made.path.display().to_string(), made.facts.bytes);
    let copy = match context.db.read(backup::copy_recipient)? {
        Some(recipient) if has_staff_bot(context) => send(context, lease, (made, recipient), &mut stop).await?,
        _ => {
            mark(context, lease).await?;
            Json::Null
        }
    };
    let facts = json!({ "path": path, "bytes": bytes, "pruned": pruned, "copy": copy });
    Ok(JobReport { count: 1, left_out: 0, facts })
}

/// Waits for work on a thread of its own. A shutdown does not wait for the copy of a large database: the unfinished
/// file is hidden, and a later backup deletes it.
async fn unless<T>(stop: &mut watch::Receiver<bool>, work: JoinHandle<Result<T, BackupError>>) -> Result<T, JobError> {
    let done = tokio::select! {
        done = work => done,
        _ = stop.wait_for(|stop| *stop) => return Err(JobError::Stopped),
    };
    let panicked = |error| Err(Failure::Internal(format!("the backup panicked: {error}")).into());
    Ok(done.unwrap_or_else(panicked)?)
}

fn back_up(config: &Config, now: Timestamp) -> Result<(Made, usize), BackupError> {
    let made = backup::create(config, None, now)?;
    let removed = backup::thinning(config, now)?.removed;
    backup::thin_out(&removed)?;
    Ok((made, removed.len()))
}

fn has_staff_bot(context: &JobContext) -> bool {
    context.bots.iter().any(|(name, _)| *name == Realm::Real.staff_bot())
}

/// Makes the encrypted copy and writes the letters that carry it. Returns its figures, for programs.
async fn send(
    context: &JobContext,
    lease: &Lease,
    (made, recipient): (Made, AgeRecipient),
    stop: &mut watch::Receiver<bool>,
) -> Result<Json, JobError> {
    let day = lease.slot.as_ref().map_or_else(|| context.db.zone().day(context.db.clock().now()), |slot| slot.day);
    let (config, db) = (context.config.clone(), context.db.clone());
    let work = move || {
        // Files of former days whose letters are settled; that they cannot be looked for now is no reason to fail.
        let _ = backup::sweep_copies(&db).inspect_err(|error| tracing::warn!(%error, "old copies stay for a day"));
        backup::make_copy(&config, &made.path, &recipient, day)
    };
    let bytes = unless(stop, tokio::task::spawn_blocking(work)).await?;
    let lease = lease.clone();
    let sent = context.db.write_async(move |tx| {
        Ok::<_, crate::error::Error>(match bytes {
            _ if !schedule::mark(tx, &lease)? => Json::Null,
            Some(bytes) => json!({ "bytes": bytes, "sent_to": backup::send_copy(tx, day, bytes)? }),
            None => {
                backup::tell_too_large(tx, day)?;
                json!({ "too_large": true })
            }
        })
    });
    Ok(sent.await?)
}
