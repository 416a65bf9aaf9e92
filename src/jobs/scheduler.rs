//! The daemon's scheduler: checks the wall clock several times a minute and starts due jobs, each in its own task, so
//! that a job that waits or fails does not delay other jobs. The scheduler never sleeps long, so it soon notices a
//! machine that was suspended or a clock that was changed.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

use super::{JobContext, Ran, run as run_job};
use crate::error::Result;
use crate::schedule::{self, Name, Trigger};

/// The time between two checks of the clock.
const TICK: Duration = Duration::from_secs(10);

/// Runs due jobs until told to stop, then waits for the jobs that are running.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn run(context: JobContext, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut running = Running::default();
    while !*stop.borrow() {
        match begin_due(&context, &mut running, &stop).await {
            Err(error) if !error.is_passing() => return Err(error),
            Err(error) => tracing::warn!(%error, "the jobs could not be looked at"),
            Ok(()) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(context.db.clock().pause(TICK)) => {}
            () = running.one_ended() => {}
            _ = stop.changed() => {}
        }
    }
    while !running.set.is_empty() {
        running.one_ended().await;
    }
    Ok(())
}

#[derive(Default)]
struct Running {
    set: JoinSet<Result<Ran>>,
    names: HashMap<Id, Name>,
}

impl Running {
    /// Waits for the end of one running job; for ever when no job runs.
    async fn one_ended(&mut self) {
        let Some(ended) = self.set.join_next_with_id().await else { return std::future::pending().await };
        let id = ended.as_ref().map_or_else(tokio::task::JoinError::id, |(id, _)| *id);
        let Some(name) = self.names.remove(&id) else { return };
        match ended {
            Ok((_, Ok(Ran::Done(report)))) => tracing::info!(job = %name, count = report.count, "a job is done"),
            Ok((_, Ok(_))) => {}
            Ok((_, Err(error))) => tracing::error!(job = %name, %error, "how a job ended could not be kept"),
            // The job's lease expires in two minutes; then the job is retried.
            Err(error) => tracing::error!(job = %name, %error, "a job panicked"),
        }
    }
}

async fn begin_due(context: &JobContext, running: &mut Running, stop: &watch::Receiver<bool>) -> Result<()> {
    context.db.write_async(schedule::insert_missing).await?;
    for name in Name::ALL {
        let at_it = running.names.values().any(|other| other == name);
        if !at_it && context.db.read(|view| schedule::due(view, *name))? {
            let (context, name, stop) = (context.clone(), *name, stop.clone());
            let task = running.set.spawn(async move { run_job(&context, name, Trigger::BySchedule, stop).await });
            running.names.insert(task.id(), name);
        }
    }
    Ok(())
}
