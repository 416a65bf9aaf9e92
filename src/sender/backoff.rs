//! How the loops of the sender wait: after a storage failure, and until something is due. `crate::retry` decides when a
//! message is tried again.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Millis;
use crate::error::Result;

/// The pause after a storage failure.
pub const RETRY: Duration = Duration::from_millis(500);
/// The longest time between two checks of a queue. A queue is checked even without a signal, because the clock may have
/// been changed.
pub const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The pause that bulk writers leave other writers between two transactions.
pub const BREATH: Duration = Duration::from_millis(2);

/// Waits for `wait`, or until told to stop.
pub async fn rest(wait: Duration, stop: &watch::Receiver<bool>) {
    // A closed channel means that the process is ending: stop as well.
    let _ = tokio::time::timeout(wait, stop.clone().wait_for(|stopping| *stopping)).await;
}

/// How long to wait until `at`, at most [`LONGEST_WAIT`]; `None` = nothing is due, so the longest wait.
#[must_use]
pub fn wait_until(at: Option<Millis>, now: Millis) -> Duration {
    let left = at.map(|at| at.0.saturating_sub(now.0).max(5).unsigned_abs());
    left.map_or(LONGEST_WAIT, Duration::from_millis).min(LONGEST_WAIT)
}

/// Repeats `ask` until the storage answers. Returns `None` when told to stop before that.
///
/// # Errors
/// A storage failure that is not temporary; a refusal of the use-case.
pub async fn until_answered<T, F>(stop: &watch::Receiver<bool>, mut ask: impl FnMut() -> F) -> Result<Option<T>>
where
    F: Future<Output = Result<T>>,
{
    while !*stop.borrow() {
        if let Some(answer) = passing(ask().await)? {
            return Ok(Some(answer));
        }
        rest(RETRY, stop).await;
    }
    Ok(None)
}

/// Returns `None` for a temporary storage failure (`is_passing`), and logs it.
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
