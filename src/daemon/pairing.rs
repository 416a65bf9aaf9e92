//! For `init`: runs the staff bot alone until the owner has opened the invitation's link.

use std::time::Duration;

use super::{ServeError, bots, desks, open_off_the_runtime};
use crate::clock::Clock;
use crate::config::Config;
use crate::daemon::loops::Loops;
use crate::db::Database;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::locks::{self, Lock};
use crate::realm::Realm;
use crate::sender::gate_state;
use crate::staff::{self, Admin};
use crate::{metrics, queue_stats};

/// How often the database is asked whether an owner is there.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long the bot's answer to the owner may take to be delivered. Later it is delivered by `serve`.
const LAST_LETTERS: Duration = Duration::from_secs(10);

/// Takes in the updates of the real staff bot, and delivers its letters, until the shop has an owner, `is_skipped`
/// returns true, or `patience` is over. Returns the owner. Holds the daemon's lock.
///
/// # Errors
/// [`ServeError::Locked`] while a daemon runs; [`ServeError::Bot`], [`ServeError::NoBots`], [`ServeError::Open`],
/// [`ServeError::Storage`]; [`ServeError::Died`] when a loop failed.
pub async fn wait_for_owner(
    config: &Config,
    patience: Duration,
    is_skipped: impl FnMut() -> bool,
) -> std::result::Result<Option<Admin>, ServeError> {
    let clock = Clock::System;
    metrics::installed();
    let _serving = locks::take(&config.database.path, Lock::Serve)?;
    let database = open_off_the_runtime(config, &clock, false).await?;
    let staff_bot = Realm::Real.staff_bot();
    let bots: Vec<_> = bots(config, &clock)?.into_iter().filter(|(name, _)| *name == staff_bot).collect();
    let mut loops = Loops::new(Heartbeat::default());
    for desk in desks(config, &database, &bots) {
        gate_state::take_up_gate(&database, desk.name, &desk.bot)?;
        loops.start_bot(&desk, None);
    }
    loops.send(&database, bots);
    let died = loops.run(owner_is_there(&database, patience, is_skipped)).await;
    if let Some(name) = died {
        return Err(ServeError::Died(name));
    }
    Ok(database.read(staff::owners)?.into_iter().next())
}

/// Returns when the shop has an owner who has got the bot's answer, when `is_skipped` returns true, or when `patience`
/// is over.
async fn owner_is_there(database: &Database, patience: Duration, mut is_skipped: impl FnMut() -> bool) {
    let has_owner = async {
        while !is_skipped() && !is_true(database.read(|view| Ok(!staff::owners(view)?.is_empty()))) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let _late = tokio::time::timeout(patience, has_owner).await;
    let is_delivered = async {
        while !is_true(database.read(|view| Ok(queue_stats::due(view, Realm::Real.staff_bot(), 0)? == 0))) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let _late = tokio::time::timeout(LAST_LETTERS, is_delivered).await;
}

/// Whether the answer is yes. An error of the storage counts as no here: the loops meet the same error and end.
fn is_true(answer: Result<bool>) -> bool {
    answer.unwrap_or(false)
}
