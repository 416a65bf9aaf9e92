//! Runs the steps of `broadcast::freeze` (entering an audience into the ledger of recipients) one after another, each
//! in its own transaction. Used by the sender of broadcasts.

use std::sync::Arc;

use tokio::sync::watch;

use super::backoff::{BREATH, RETRY, passing, rest, until_answered};
use crate::broadcast::{self, BroadcastId};
use crate::db::{Class, Database};
use crate::error::{Error, Result};
use crate::ids::UserId;

/// Enters a broadcast's audience into its ledger of recipients. When told to stop, finishes the step under way. After a
/// temporary storage failure, waits and tries again.
///
/// # Errors
/// A bug in the storage layer.
pub(super) async fn freeze(db: Database, id: BroadcastId, stop: watch::Receiver<bool>) -> Result<()> {
    if !clear(&db, id, &stop).await? {
        return Ok(());
    }
    let Some(people) = read(&db, id, &stop).await? else { return Ok(()) };
    for step in people.chunks(broadcast::STEP) {
        let step: Arc<[UserId]> = step.into();
        let enter = || {
            let mine = Arc::clone(&step);
            db.write_bulk_async(move |tx| broadcast::enter(tx, id, &mine))
        };
        if until_answered(&stop, enter).await? != Some(true) || *stop.borrow() {
            return Ok(());
        }
        tokio::time::sleep(BREATH).await;
    }
    if passing(db.write_async(move |tx| broadcast::frozen(tx, id)).await)?.is_none() {
        rest(RETRY, &stop).await;
    }
    Ok(())
}

/// Deletes the broadcast's rows of recipients from an earlier confirmation. `false` when told to stop before all were
/// deleted.
async fn clear(db: &Database, id: BroadcastId, stop: &watch::Receiver<bool>) -> Result<bool> {
    loop {
        match until_answered(stop, || db.write_bulk_async(move |tx| broadcast::clear_for(tx, id))).await? {
            Some(true) => return Ok(true),
            Some(false) => tokio::time::sleep(BREATH).await,
            None => return Ok(false),
        }
    }
}

/// The customers who are still to be entered; `None` when the audience cannot be read now, or cannot be built (then the
/// broadcast has ended with an error).
async fn read(db: &Database, id: BroadcastId, stop: &watch::Receiver<bool>) -> Result<Option<Vec<UserId>>> {
    let found = match db.read_async(Class::Bulk, move |view| broadcast::left_to_enter(view, id)).await {
        Err(Error::Refused(_)) => {
            passing(db.write_async(move |tx| broadcast::unbuildable(tx, id)).await)?.map(|()| None)
        }
        found => passing(found)?.map(Some),
    };
    if found.is_none() {
        rest(RETRY, stop).await;
    }
    Ok(found.flatten())
}
