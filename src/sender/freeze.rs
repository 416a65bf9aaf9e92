//! Runs the steps of `broadcast::freeze` one after another, each in its own transaction. Used by the sender of
//! broadcasts.

use std::sync::Arc;

use tokio::sync::watch;

use super::backoff::{BREATH, RETRY, passing, rest, until_answered};
use crate::broadcast::{self, BroadcastId};
use crate::db::{Class, Database};
use crate::error::{Error, Result};
use crate::ids::UserId;

/// Enters a broadcast's audience into its ledger until told to stop; a step under way is finished. A passing storage
/// failure is waited for.
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

/// Deletes the ledger's rows of an earlier confirmation. False when told to stop before the end.
async fn clear(db: &Database, id: BroadcastId, stop: &watch::Receiver<bool>) -> Result<bool> {
    loop {
        match until_answered(stop, || db.write_bulk_async(move |tx| broadcast::clear_for(tx, id))).await? {
            Some(true) => return Ok(true),
            Some(false) => tokio::time::sleep(BREATH).await,
            None => return Ok(false),
        }
    }
}

/// The customers who are not in the ledger yet; `None`: they cannot be entered now.
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
