//! Orders of the HTTP door: jobs and webhooks. Each runs in a task of its own, so that one that waits for Telegram or
//! works for an hour holds up none.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::webhooks;
use crate::api::dispatch::{DaemonRequest, JobEnd};
use crate::error::Result;
use crate::jobs::{self, JobContext, Ran};
use crate::schedule::{Name, Trigger};

/// Obeys until told to stop; then lets what runs come to a stop.
///
/// # Errors
/// None; an order that fails says so to whoever gave it.
pub(super) async fn obey(
    kit: JobContext,
    mut orders: mpsc::Receiver<DaemonRequest>,
    mut stop: watch::Receiver<bool>,
) -> Result<()> {
    let kit = Arc::new(kit);
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        tokio::select! {
            Some(order) = orders.recv() => drop(running.spawn(one(Arc::clone(&kit), order, stop.clone()))),
            Some(ended) = running.join_next() => if let Err(error) = ended {
                tracing::error!(%error, "an order panicked");
            },
            _ = stop.changed() => {}
        }
    }
    drop(orders);
    while running.join_next().await.is_some() {}
    Ok(())
}

/// Whoever gave the order may have gone.
async fn one(kit: Arc<JobContext>, order: DaemonRequest, stop: watch::Receiver<bool>) {
    match order {
        DaemonRequest::Job(name, end) => drop(end.send(job(&kit, name, stop).await)),
        DaemonRequest::Webhooks(wish, by, end) => drop(end.send(webhooks::obey(&kit, wish, &by).await)),
        DaemonRequest::Errand(errand) => errand.0.await,
    }
}

async fn job(kit: &JobContext, name: Name, stop: watch::Receiver<bool>) -> JobEnd {
    match jobs::run(kit, name, Trigger::ByHand, stop).await {
        Ok(Ran::Done(did)) => {
            tracing::info!(job = %name, count = did.count, "a job is done");
            JobEnd::Done { count: did.count, left_out: did.left_out, facts: did.facts }
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
