//! The job `broadcasts`: starts due broadcasts where no daemon runs; the sender then delivers them.

use super::{JobContext, JobError, JobReport, mark};
use crate::broadcast::{self, Batch};
use crate::schedule::Lease;

/// Starts broadcasts whose time has come, and pauses those whose time passed too long ago.
pub(super) async fn run(context: &JobContext, lease: &Lease) -> std::result::Result<JobReport, JobError> {
    let mut begun = 0;
    // A broadcast does not start in a realm whose customers' bot has no token.
    for realm in context.realms().into_iter().filter(|realm| context.sends_in(*realm)) {
        begun += context.db.write_async(move |tx| broadcast::tick(tx, realm, &Batch::default())).await?.begun;
    }
    mark(context, lease).await?;
    Ok(JobReport::all(begun))
}
