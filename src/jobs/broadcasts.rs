//! The job `broadcasts`: where no daemon runs, what is due begins; sending it is the sender's.

use super::{JobContext, JobError, JobReport, mark};
use crate::broadcast::{self, Batch};
use crate::schedule::Lease;

/// Starts broadcasts whose time has come, and holds those that are too late; sending them is the sender's.
pub(super) async fn run(kit: &JobContext, lease: &Lease) -> std::result::Result<JobReport, JobError> {
    let mut begun = 0;
    // Where nobody could send it, nothing begins.
    for realm in kit.realms().into_iter().filter(|realm| kit.sends_in(*realm)) {
        begun += kit.db.write_async(move |tx| broadcast::tick(tx, realm, &Batch::default())).await?.begun;
    }
    mark(kit, lease).await?;
    Ok(JobReport::all(begun))
}
