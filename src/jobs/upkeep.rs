//! Small loops of the daemon that run beside the bots: `tidy` deletes expired rows, `clear_remains` clears what
//! erasures leave in the database files. `fold_last` folds the log when the daemon ends.

use std::time::Duration;

use tokio::sync::watch;

use crate::db::{Database, Failure, Signal, fold};
use crate::erasure::remains::{self, Cleared, ClearingPace};
use crate::error::{Error, Result};
use crate::{broadcast, conversation, discount, inbox, outbox, staff, undelivered};

const TIDY_EVERY: Duration = Duration::from_secs(600);
const CLEAR_EVERY: Duration = Duration::from_secs(1);
/// How often folding the log is tried when the daemon ends: snapshots of readers are short, so half a second of tries
/// is enough.
const LAST_TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Deletes expired rows, a thousand per transaction: handled updates after 48 hours, used cards, conversation states
/// and their drafts, settled letters.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn tidy(db: Database, mut stop: watch::Receiver<bool>) -> Result<()> {
    while !*stop.borrow() {
        let forgotten = db.write_async(|tx| {
            conversation::forget_old(tx)?;
            broadcast::cancel_abandoned(tx)?;
            staff::forget_old_invitations(tx)?;
            let emptied = undelivered::tidy(tx)?;
            Ok(emptied.max(inbox::forget_old(tx)?).max(discount::forget_cards(tx)?).max(outbox::forget_old(tx)?))
        });
        match forgotten.await {
            Ok(1000) => continue,
            Err(error) if !Error::is_passing(&error) => return Err(error),
            _ => {}
        }
        rest(TIDY_EVERY, &mut stop).await;
    }
    Ok(())
}

/// Clears what erasures leave in the database file and its log, whichever process erased a customer. Tries again while
/// other connections prevent that. A file that takes long to rewrite is left to the job `cleanup`.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn clear_remains(db: Database, mut stop: watch::Receiver<bool>) -> Result<()> {
    // The signal is raised by every erasure of this process, and by every commit of another process.
    let mut erased = db.signalled(Signal::Exports);
    while !*stop.borrow() {
        erased.borrow_and_update();
        let mine = db.clone();
        let cleared = tokio::task::spawn_blocking(move || remains::clear(&mine, ClearingPace::Quick)).await;
        match cleared.unwrap_or_else(|error| Err(Failure::Internal(error.to_string()).into())) {
            Ok(Cleared::All | Cleared::ButFile | Cleared::NoRoom) => tokio::select! {
                changed = erased.changed() => if changed.is_err() { return Ok(()) },
                _ = stop.changed() => {}
            },
            Ok(Cleared::Busy) => rest(CLEAR_EVERY, &mut stop).await,
            Err(error) if !error.is_passing() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "what erasures left in the files could not be cleared yet");
                rest(CLEAR_EVERY, &mut stop).await;
            }
        }
    }
    Ok(())
}

/// Folds the log when the daemon ends, so that the database is one file. If another process is reading the database,
/// the log stays.
pub async fn fold_last(db: Database) {
    let folded = tokio::task::spawn_blocking(move || {
        remains::clear(&db, ClearingPace::Quick)?;
        let mut folded = fold::fold(db.path())?;
        for _ in 0..LAST_TRIES {
            if folded {
                break;
            }
            std::thread::sleep(BETWEEN_TRIES);
            folded = fold::fold(db.path())?;
        }
        Ok::<_, Error>(folded)
    });
    match folded.await {
        Ok(Ok(true)) => {}
        Ok(Ok(false)) => tracing::info!("another process has the database open: the log stays"),
        Ok(Err(error)) => tracing::warn!(%error, "the log could not be emptied"),
        Err(error) => tracing::warn!(%error, "the log could not be emptied"),
    }
}

async fn rest(wait: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        _ = stop.changed() => {}
    }
}
