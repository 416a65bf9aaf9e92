//! The job `birthdays`: the gifts of the day, and of the three days before it. The ledger of gifts keeps them to one.

use tokio::sync::watch;

use super::{CHUNK, Did, Kit, Trouble, in_chunks};
use crate::db::Tx;
use crate::discount;
use crate::error::{Error, Refusal};
use crate::job::Lease;
use crate::realm::Realm;
use crate::staff::{self, Group};

/// Gives what is due. With nobody to choose a template for, nothing is missed.
///
/// # Errors
/// Storage; no template, which admins are told of.
pub(super) async fn run(kit: &Kit, lease: &Lease, stop: watch::Receiver<bool>) -> Result<Did, Trouble> {
    let Some(slot) = lease.slot.clone() else { return Ok(Did::default()) };
    let realms = kit.realms();
    let given = in_chunks(kit, lease, &stop, move |tx| {
        let mut gifts = 0;
        for realm in &realms {
            let given = discount::give_birthday_gifts(tx, *realm, slot.day, CHUNK - gifts)?;
            gifts += given.gifts;
            if !given.is_all {
                return Ok((gifts, false));
            }
        }
        Ok((gifts, true))
    });
    match given.await {
        Err(trouble @ Trouble::Shop(Error::Refused(Refusal::TemplateInactive(_)))) => {
            let key = lease.slot.as_ref().map(|slot| slot.key.clone());
            let tell = move |tx: &Tx<'_>| {
                staff::tell_admins(tx, Realm::Real, Group::Errors, "notice_birthday_template", &[], key.as_deref())
            };
            kit.db.write_async(tell).await?;
            Err(trouble)
        }
        given => Ok(Did::all(given?)),
    }
}
