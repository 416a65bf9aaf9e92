//! The job `birthdays`: gives the gifts for birthdays of today and of the three days before. The table `birthday_gifts`
//! prevents that a gift is given twice.

use tokio::sync::watch;

use super::{JobContext, JobError, JobReport, in_chunks, mark};
use crate::db::{Class, Tx};
use crate::discount::{self, Celebrated};
use crate::error::{Error, Refusal, Result};
use crate::realm::Realm;
use crate::schedule::Lease;
use crate::staff::{self, Group};

/// Issues the gifts that are due.
///
/// # Errors
/// A customer has a birthday and there is no active template for birthdays; admins are told.
pub(super) async fn run(
    context: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> std::result::Result<JobReport, JobError> {
    let Some(slot) = &lease.slot else { return Ok(JobReport::default()) };
    let due = context.db.read_as(Class::Bulk, |view| {
        let of_realm = |realm: &Realm| discount::whose_birthday(view, *realm, slot.day);
        context.realms().iter().map(of_realm).collect::<Result<Vec<Vec<Celebrated>>>>()
    })?;
    match in_chunks(context, &stop, &due.concat(), discount::give_birthday_gift).await {
        Ok(gifts) => mark(context, lease).await.map(|()| JobReport::all(gifts)),
        Err(error @ JobError::Shop(Error::Refused(Refusal::TemplateInactive(_)))) => {
            let key = slot.key.clone();
            let tell = move |tx: &Tx<'_>| {
                staff::tell_admins(tx, Realm::Real, Group::Errors, "notice_birthday_template", &[], Some(&key))
            };
            context.db.write_async(tell).await?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}
