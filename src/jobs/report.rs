//! The job `report`: on Mondays, sends last week's figures to the admins of group `reports`.

use serde_json::json;

use super::{JobContext, JobError, JobReport};
use crate::report::weekly;
use crate::schedule::{self, Lease};

/// Sends the week's report, once: the letters of the report and the mark of the slot are one transaction.
pub(super) async fn run(context: &JobContext, lease: &Lease) -> Result<JobReport, JobError> {
    let mine = lease.clone();
    let sent = context.db.write_async(move |tx| match &mine.slot {
        Some(slot) if schedule::mark(tx, &mine)? => weekly::send(tx, slot.day).map(Some),
        _ => Ok(None),
    });
    let Some((weekly, told)) = sent.await? else { return Ok(JobReport::default()) };
    let facts = json!({
        "from": weekly.period.from.to_string(), "to": weekly.period.to.to_string(), "redeemed": weekly.redeemed,
    });
    Ok(JobReport { count: told, left_out: 0, facts })
}
