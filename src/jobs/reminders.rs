//! The job `reminders`: every hour; from the shop's hour of reminders on it sends what is due that day.

use tokio::sync::watch;

use super::{CHUNK, Did, Kit, Trouble, in_chunks};
use crate::clock::Zone;
use crate::db::Tx;
use crate::error::Result;
use crate::job::Lease;
use crate::{discount, settings};

/// Sends what is due today; before the hour of reminders nothing is.
///
/// # Errors
/// Storage.
pub(super) async fn run(kit: &Kit, lease: &Lease, stop: watch::Receiver<bool>) -> std::result::Result<Did, Trouble> {
    let realms = kit.realms();
    let sent = in_chunks(kit, lease, &stop, move |tx| {
        if !has_come(tx, tx.zone())? {
            return Ok((0, true));
        }
        let mut dealt = 0;
        for realm in &realms {
            dealt += discount::remind(tx, *realm, CHUNK - dealt)?;
            if dealt >= CHUNK {
                return Ok((dealt, false));
            }
        }
        Ok((dealt, true))
    });
    Ok(Did::all(sent.await?))
}

fn has_come(tx: &Tx<'_>, zone: Zone) -> Result<bool> {
    Ok(i64::from(zone.hour(tx.now())) >= settings::REMINDER_HOUR.int(tx)?)
}
