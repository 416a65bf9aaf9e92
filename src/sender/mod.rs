//! Delivery to Telegram, as one set of loops per bot. The daemon runs these loops, and so does a command where no
//! daemon runs (`drain`); both take the sender's lock with `take_lock`.
//!
//! - `letters`: letters of the outbox, one loop per lane.
//! - `broadcasts`: messages of broadcasts; `freeze` enters an audience into the ledger of recipients.
//! - `amendments`: recalls and corrections of delivered messages.
//! - `outage`: probes Telegram (`getMe`) while it does not answer.
//! - `gate_state`: keeps the rate limiters' state across restarts.
//! - `backoff`: how these loops wait.

pub mod amendments;
pub mod backoff;
pub mod broadcasts;
pub mod drain;
mod freeze;
pub mod gate_state;
pub mod letters;
pub mod outage;

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::broadcast;
use crate::cause::Cause;
use crate::db::{Database, Failure, Tx, View};
use crate::error::{Error, Result};
use crate::locks::{self, Held, Lock, LockError};
use crate::outbox::Lane;
use crate::realm::{BotName, Realm};
use crate::telegram::client::Bot;
use crate::telegram::gate::Limits;
use crate::undelivered;
use backoff::{RETRY, rest};
use drain::Load;

/// The time between two tries of a process that waits for the sender's lock.
const LOCK_WAIT: Duration = Duration::from_millis(200);
/// Telegram's limit of paid messages per second.
const CEILING: u32 = 1000;
/// The part of the limit that broadcasts use, in thousandths. Messages that leave evenly arrive in bunches: on a way of 20
/// to 300 ms, 955 a second are at most 1,000 in any second of ten minutes, 960 a second are not.
const USED: u32 = 955;
/// Replies per second for which a broadcast at the paid rate always leaves room. More replies go before it.
const REPLIES: u32 = 5;

/// Takes the sender's lock: only the process that holds it may send.
///
/// # Errors
/// [`LockError::HeldBy`] while another process sends; the lock file cannot be opened.
pub fn take_lock(database: &Database) -> std::result::Result<Held, LockError> {
    locks::take(database.path(), Lock::Sender)
}

/// Takes the sender's lock like `take_lock`, but waits while another process holds it: a command that delivers releases
/// it within a second. Returns `None` when told to stop before that.
///
/// # Errors
/// The lock file cannot be opened.
pub async fn wait_for_lock(database: &Database, stopping: &mut watch::Receiver<bool>) -> Result<Option<Held>> {
    loop {
        match take_lock(database) {
            Ok(held) => return Ok(Some(held)),
            Err(LockError::HeldBy(pid)) => tracing::debug!(pid, "another process is sending; waiting for it"),
            Err(error) => return Err(Error::from(Failure::Unavailable(Cause::from(&error)))),
        }
        tokio::select! {
            () = tokio::time::sleep(LOCK_WAIT) => {}
            _ = stopping.changed() => return Ok(None),
        }
    }
}

/// Settles messages that were being sent when the last process ended, and pauses broadcasts whose last activity was too
/// long ago. Call it before [`start`]. After a temporary storage failure, waits and tries again. Returns `false` when
/// told to stop meanwhile: then nothing may be sent.
///
/// # Errors
/// A bug in the storage layer.
pub async fn recover(db: &Database, stop: &watch::Receiver<bool>) -> Result<bool> {
    while !*stop.borrow() {
        match db.write_async(recover_all).await {
            Err(error) if error.is_passing() => {
                tracing::warn!(%error, "what was in flight cannot be settled yet");
                rest(RETRY, stop).await;
            }
            recovered => {
                let (letters, messages, held) = recovered?;
                if letters > 0 || messages > 0 || held > 0 {
                    tracing::warn!(letters, messages, held, "something was in flight when the last process ended");
                }
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn recover_all(tx: &Tx<'_>) -> Result<(usize, i64, usize)> {
    let held = broadcast::hold_stale(tx, Realm::Real)? + broadcast::hold_stale(tx, Realm::Test)?;
    Ok((undelivered::recover(tx)?, broadcast::recover(tx)?, held))
}

/// Starts the sender's loops for these bots. The loops end only when told to stop.
#[must_use]
pub fn start(db: &Database, bots: &[(BotName, Bot)], load: Load, stop: &watch::Receiver<bool>) -> JoinSet<Result<()>> {
    let mut loops = JoinSet::new();
    for (name, bot) in bots {
        let watcher = outage::Watcher { name: *name, bot: bot.clone(), db: db.clone() };
        loops.spawn(watcher.run(stop.clone()));
        for lane in [Lane::Reply, Lane::Automatic] {
            let sender = letters::LetterSender { name: *name, bot: bot.clone(), lane, db: db.clone() };
            loops.spawn(sender.run(stop.clone()));
        }
        if name.is_for_customers() && load == Load::Everything {
            let sender =
                broadcasts::BroadcastSender { name: *name, bot: bot.clone(), db: db.clone(), ceiling: CEILING };
            loops.spawn(amendments::run(sender.clone(), stop.clone()));
            loops.spawn(sender.run(stop.clone()));
        }
    }
    loops
}

/// The rate limits of a bot: Telegram's free limits; with `is_paid`, broadcasts use 95.5 % of `ceiling`, in messages per
/// second, and replies have room besides. All messages together stay below `ceiling`.
#[must_use]
pub fn limits(is_paid: bool, ceiling: u32) -> Limits {
    if !is_paid {
        return Limits::default();
    }
    let bulk = ceiling.saturating_mul(USED) / 1000;
    Limits { per_second: bulk.saturating_add(REPLIES), reserved_replies: REPLIES, ..Limits::default() }
}

/// Whether a broadcast that one of these bots could send is due, being sent, recalled or corrected.
pub fn is_broadcasting(view: &View<'_>, bots: &[(BotName, Bot)]) -> Result<bool> {
    for (name, _) in bots.iter().filter(|(name, _)| name.is_for_customers()) {
        if broadcast::is_busy(view, name.realm())? {
            return Ok(true);
        }
    }
    Ok(false)
}
