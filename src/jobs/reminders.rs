//! The job `reminders`: runs every hour, and from the shop's reminder hour on sends the reminders due that day.

use tokio::sync::watch;

use super::{JobContext, JobError, JobReport, in_chunks, mark};
use crate::db::Class;
use crate::error::Error;
use crate::realm::Realm;
use crate::schedule::Lease;
use crate::{discount, settings};

/// The number of reminders read at a time: reads stay short, and memory does not grow with the shop.
const PAGE: usize = 5000;

/// Sends the reminders due today; none before the reminder hour.
pub(super) async fn run(
    context: &JobContext,
    lease: &Lease,
    stop: watch::Receiver<bool>,
) -> Result<JobReport, JobError> {
    let has_come = context.db.read(|view| {
        let hour = view.zone().hour(view.now());
        Ok::<_, Error>(i64::from(hour) >= settings::REMINDER_HOUR.int(view)?)
    })?;
    let mut sent = 0;
    for realm in context.realms().into_iter().filter(|_| has_come) {
        sent += of_realm(context, realm, &stop).await?;
    }
    mark(context, lease).await.map(|()| JobReport::all(sent))
}

async fn of_realm(context: &JobContext, realm: Realm, stop: &watch::Receiver<bool>) -> Result<usize, JobError> {
    let mut sent = 0;
    loop {
        let due = context.db.read_as(Class::Bulk, |view| discount::due_reminders(view, realm, PAGE))?;
        sent += in_chunks(context, stop, &due, discount::remind).await?;
        if due.len() < PAGE {
            return Ok(sent);
        }
    }
}
