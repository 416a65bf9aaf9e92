//! Runs what the API hands over to the daemon: jobs, changes of webhooks, and work that goes on when the client
//! disconnects. Each such request runs in its own task: a request that waits for Telegram or takes an hour does not
//! delay the others.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::webhooks;
use crate::api::dispatch::{DaemonRequest, JobEnd};
use crate::error::Result;
use crate::jobs::{self, JobContext, Ran};
use crate::schedule::{Name, Trigger};

/// Handles requests until told to stop, then waits for the running ones.
///
/// # Errors
/// None; a failed request is reported to the API handler that sent it.
pub(super) async fn run(
    context: JobContext,
    mut requests: mpsc::Receiver<DaemonRequest>,
    mut stop: watch::Receiver<bool>,
) -> Result<()> {
    let context = Arc::new(context);
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        tokio::select! {
            Some(request) = requests.recv() => drop(running.spawn(one(Arc::clone(&context), request, stop.clone()))),
            Some(ended) = running.join_next() => if let Err(error) = ended {
                tracing::error!(%error, "an order panicked");
            },
            _ = stop.changed() => {}
        }
    }
    drop(requests);
    while running.join_next().await.is_some() {}
    Ok(())
}

/// Handles one request of the API. The API handler that sent it may have ended, so a report that cannot be sent is
/// ignored.
async fn one(context: Arc<JobContext>, request: DaemonRequest, stop: watch::Receiver<bool>) {
    match request {
        DaemonRequest::Job(name, end) => drop(end.send(job(&context, name, stop).await)),
        DaemonRequest::Webhooks(action, by, end) => drop(end.send(webhooks::run(&context, action, &by).await)),
        DaemonRequest::Errand(task) => task.0.await,
    }
}

async fn job(context: &JobContext, name: Name, stop: watch::Receiver<bool>) -> JobEnd {
    match jobs::run(context, name, Trigger::ByHand, stop).await {
        Ok(Ran::Done(report)) => {
            tracing::info!(job = %name, count = report.count, "a job is done");
            JobEnd::Done { count: report.count, left_out: report.left_out, facts: report.facts }
        }
        Ok(Ran::NotDue { next }) => JobEnd::NotDue(next),
        Ok(Ran::Busy) => JobEnd::Busy,
        Ok(Ran::Failed { is_passing, .. }) => JobEnd::Failed { is_passing },
        Ok(Ran::Stopped) => JobEnd::Stopped,
        Err(error) => {
            tracing::error!(job = %name, %error, "how a job ended could not be kept");
            JobEnd::Failed { is_passing: error.is_passing() }
        }
    }
}
