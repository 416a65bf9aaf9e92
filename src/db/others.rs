//! Notices what other processes do to the database: their commits wake this process's loops, and a moved database file
//! ends the daemon.

use std::time::Duration;

use tokio::sync::watch;

use super::{Database, Failure};

/// The time between two looks for commits of other processes.
const CHECK_EVERY: Duration = Duration::from_millis(100);

/// Until told to stop, wakes the loops whenever another process has committed; the command line, for instance, writes
/// into the same outbox. Returns an error, which ends the daemon, when the database file is not at its path any more,
/// because other processes would then work on another file.
///
/// # Errors
/// [`Failure::Moved`]. A failed look is repeated and is no error.
pub async fn watch_other_processes(db: Database, mut stop: watch::Receiver<bool>) -> Result<(), Failure> {
    let mut seen = None;
    while !*stop.borrow() {
        if !db.is_in_place() {
            return Err(Failure::Moved);
        }
        if let Ok(version) = db.data_version() {
            if seen.is_some_and(|seen| seen != version) {
                db.reload_clock();
                db.wake_all();
            }
            seen = Some(version);
        }
        tokio::select! {
            () = tokio::time::sleep(CHECK_EVERY) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}
