//! Waiting for the end of the daemon, for a loop that has no more work.

use tokio::sync::watch;

use crate::error::Result;

/// Returns when the daemon stops.
pub(super) async fn wait_for_stop(mut stopping: watch::Receiver<bool>) -> Result<()> {
    // A closed channel means that the daemon has ended: stop as well.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    Ok(())
}
