//! How the sending loops wait: after a storage failure, and when nothing is due.

use std::time::Duration;

use tokio::sync::watch;

use crate::error::Result;

/// The pause after a storage failure.
pub const RETRY: Duration = Duration::from_millis(500);
/// The longest time between two checks of a queue; it is checked even without a signal, because the clock may have been
/// changed.
pub const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The pause that bulk writers leave other writers between two transactions.
pub const BREATH: Duration = Duration::from_millis(2);

/// Waits for `wait`, or until told to stop.
pub async fn rest(wait: Duration, stop: &watch::Receiver<bool>) {
    // A closed channel means that the process is ending: stop as well.
    let _ = tokio::time::timeout(wait, stop.clone().wait_for(|stopping| *stopping)).await;
}

/// Turns a storage failure that may pass into `None`.
pub fn passing<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_passing() => {
            tracing::warn!(%error, "the sender waits for the storage");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
