//! Noticing what other processes do to the database: their commits wake this process's loops, a moved file ends it.

use std::time::Duration;

use tokio::sync::watch;

use super::{Database, Failure, Signal};

/// How soon commits of other processes are noticed, at the latest.
const GLANCE: Duration = Duration::from_millis(100);

/// Wakes the loops when another process has committed: the command line writes into the same outbox. Ends the daemon when
/// the database file is not where it was: other processes would work on another one.
///
/// # Errors
/// [`Failure::Moved`]. A read that fails is tried again and is not an error.
pub async fn watch_other_processes(db: Database, mut stop: watch::Receiver<bool>) -> Result<(), Failure> {
    let mut seen = None;
    while !*stop.borrow() {
        if !db.is_in_place() {
            return Err(Failure::Moved);
        }
        if let Ok(version) = db.data_version() {
            if seen.is_some_and(|seen| seen != version) {
                db.wake(Signal::Outbox);
                db.wake(Signal::Updates);
                db.wake(Signal::Broadcasts);
                db.wake(Signal::Exports);
            }
            seen = Some(version);
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}
