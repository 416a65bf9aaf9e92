//! Runs work with a part of the configuration that a reload may change.

use std::convert::Infallible;

use tokio::sync::watch;

use super::stop::wait_for_stop;
use crate::config::Live;
use crate::error::Result;

/// Runs `work` with the present value of `live` until the daemon stops. When a reload changes the value, the work is
/// dropped and begins anew with the new value.
///
/// # Errors
/// The error of the work.
pub(super) async fn with_present<T: Clone + PartialEq, W: Future<Output = Result<Infallible>>>(
    live: Live<T>,
    stop: watch::Receiver<bool>,
    work: impl Fn(T) -> W,
) -> Result<()> {
    let mut changes = live.changes();
    let working = async {
        loop {
            let present = changes.borrow_and_update().clone();
            tokio::select! {
                ended = work(present) => break ended.map(|never| match never {}),
                // The sender of changes lives in `live`.
                _changed = changes.changed() => {}
            }
        }
    };
    tokio::select! {
        ended = working => ended,
        stopped = wait_for_stop(stop) => stopped,
    }
}
