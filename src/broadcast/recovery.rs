//! Pauses broadcasts after an interruption: when the sender starts, and in a shop restored from a backup. Their
//! messages come unexpectedly late, or may have been sent already. `ledger::recover` settles the rows that were in
//! flight.

use super::model::{Broadcast, Status};
use super::{ledger, store, transition};
use crate::db::Tx;
use crate::error::Result;
use crate::realm::Realm;
use crate::settings;

/// Called in a shop restored from a backup, where it is unknown what was sent after the backup was made. Pauses every
/// broadcast that is scheduled or being sent, makes queued recipients `unknown`, and deletes confirmations and bulk
/// actions. Returns how many broadcasts were scheduled, being sent or paused.
pub fn hold_restored(tx: &Tx<'_>) -> Result<usize> {
    let mut held = 0;
    for realm in [Realm::Real, Realm::Test] {
        for broadcast in store::unfinished(tx, realm)? {
            if broadcast.counts.total() > 0 {
                ledger::mark_queued_unknown(tx, broadcast.id)?;
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

/// Called when the sender starts: pauses each broadcast that is being sent and whose last activity is older than the
/// setting `max_lateness_minutes`. Returns how many.
pub fn hold_stale(tx: &Tx<'_>, realm: Realm) -> Result<usize> {
    let patience = settings::MAX_LATENESS_MINUTES.int(tx)? * 60_000;
    let stale = |b: &Broadcast| {
        let active = b.last_ms.max(b.started_at.map(|at| at.millis())).max(b.send_at.map(|at| at.millis()));
        active.is_some_and(|at| tx.shop_ms().0.saturating_sub(at.0) > patience)
    };
    let stale: Vec<Broadcast> = store::sending(tx, realm)?.into_iter().filter(stale).collect();
    for broadcast in &stale {
        transition::hold(tx, broadcast, "late")?;
    }
    Ok(stale.len())
}
