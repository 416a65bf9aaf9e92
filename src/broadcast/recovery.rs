//! Broadcasts after an interruption: at the sender's start, and in a shop restored from a backup. Such a broadcast is
//! paused, because nobody expects its messages any more, or because they may have been sent already. The rows that were
//! in flight are settled by `ledger::recover`.

use super::model::{Broadcast, Status};
use super::{ledger, store, transition};
use crate::db::Tx;
use crate::error::Result;
use crate::realm::Realm;
use crate::settings;

/// In a shop restored from a backup: it is unknown what was sent since. Pauses everything under way or scheduled, makes
/// queued recipients `unknown`, and deletes confirmations and bulk actions. Returns how many were paused.
pub fn hold_restored(tx: &Tx<'_>) -> Result<usize> {
    let mut held = 0;
    for realm in [Realm::Real, Realm::Test] {
        for broadcast in store::unfinished(tx, realm)? {
            if broadcast.counts.total() > 0 {
                ledger::forgo(tx, broadcast.id)?;
                store::set_frozen(tx, broadcast.id)?;
            }
            if broadcast.status != Status::Paused {
                transition::hold(tx, &broadcast, "restored")?;
            }
            held += 1;
        }
    }
    store::unconfirm_all(tx)?;
    store::drop_every_bulk(tx)?;
    Ok(held)
}

/// At the sender's start: pauses broadcasts that were being sent when the sender stopped, longer ago than a schedule
/// may be late.
pub fn hold_stale(tx: &Tx<'_>, realm: Realm) -> Result<usize> {
    let patience = settings::MAX_LATENESS_MINUTES.int(tx)? * 60_000;
    let stale = |b: &Broadcast| {
        let active = b.last_ms.max(b.started_at.map(|at| at.millis())).max(b.send_at.map(|at| at.millis()));
        active.is_some_and(|at| tx.now_ms().0.saturating_sub(at.0) > patience)
    };
    let stale: Vec<Broadcast> = store::sending(tx, realm)?.into_iter().filter(stale).collect();
    for broadcast in &stale {
        transition::hold(tx, broadcast, "late")?;
    }
    Ok(stale.len())
}
