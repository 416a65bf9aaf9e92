//! Making the files of exports, one after the other, and sweeping away those whose time is over. One loop of the daemon; the
//! files outlive it, and what it was making when it ended is begun anew.

use std::time::Duration;

use tokio::sync::watch;

use crate::db::{Database, Failure, Signal};
use crate::error::{Error, Result};
use crate::export::{self, Made};
use crate::language::Language;

/// After a failure: a disk that is full.
const RETRY: Duration = Duration::from_secs(5);
/// A file may be older than a day by this much.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// Makes and sweeps until told to stop; `lang` is the shop's.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn run(db: Database, lang: Language, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut signalled = db.signalled(Signal::Exports);
    while !*stop.borrow() {
        signalled.borrow_and_update();
        let wait = match next(&db, lang, &stop).await {
            Ok(true) => continue,
            Ok(false) => LONGEST_WAIT,
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "an export could not be made yet");
                RETRY
            }
            Err(error) => return Err(error),
        };
        tokio::select! {
            changed = signalled.changed(), if wait > RETRY => if changed.is_err() { return Ok(()) },
            () = tokio::time::sleep(wait) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

/// Whether there was one to make.
async fn next(db: &Database, lang: Language, stop: &watch::Receiver<bool>) -> Result<bool> {
    let (theirs, stop) = (db.clone(), stop.clone());
    let made = tokio::task::spawn_blocking(move || {
        export::sweep(&theirs)?;
        let Some(task) = theirs.read(export::next_waiting)? else { return Ok(None) };
        let made = export::make(&theirs, &task, &|| *stop.borrow())?;
        Ok::<_, Error>(Some((task, made)))
    });
    let made = made.await.map_err(|error| Failure::Internal(format!("an export panicked: {error}")))??;
    let Some((task, made)) = made else { return Ok(false) };
    if let Made::Whole(bytes) = made {
        let too_long = lang.text("export.too_long_for_telegram", &[]);
        db.write_async(move |tx| export::finish(tx, &task, bytes, &too_long)).await?;
    }
    Ok(true)
}
