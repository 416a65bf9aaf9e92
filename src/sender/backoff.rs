//! How the loops that send wait: after a failure of the storage, and when nothing is due.

use std::time::Duration;

use tokio::sync::watch;

use crate::error::Result;

/// After a failure of the storage.
pub const RETRY: Duration = Duration::from_millis(500);
/// A look at the queue even if nothing was signalled: the clock may have been set.
pub const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// Bulk writers leave others this much room between two transactions.
pub const BREATH: Duration = Duration::from_millis(2);

/// Waits for so long, or until told to stop.
pub async fn rest(wait: Duration, stop: &watch::Receiver<bool>) {
    // A closed channel means the process is ending: stop as well.
    let _ = tokio::time::timeout(wait, stop.clone().wait_for(|stopping| *stopping)).await;
}

/// `None` when the storage failed for a while.
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
