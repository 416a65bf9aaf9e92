//! Delivery, as one set of loops: letters of every bot and lane (`letters`), broadcasts (`broadcasts`, `freeze`),
//! recalls and corrections of delivered messages (`amendments`), probes while Telegram does not answer (`outage`). The
//! daemon runs these loops, and so does a command where no daemon runs (`drain`); both take the sender's lock with
//! `take_lock`.

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

/// Takes the sender's lock: only its holder may send.
///
/// # Errors
/// [`LockError::HeldBy`] while another process sends; the lock file cannot be opened.
pub fn take_lock(database: &Database) -> std::result::Result<Held, LockError> {
    locks::take(database.path(), Lock::Sender)
}

/// Takes the sender's lock like `take_lock`, but waits while another process holds it: a foreground sender releases it
/// within a second. `None` when told to stop before.
///
/// # Errors
/// The lock file cannot be opened.
pub async fn wait_for_lock(database: &Database, stopping: &mut watch::Receiver<bool>) -> Result<Option<Held>> {
    loop {
        match take_lock(database) {
            Ok(held) => return Ok(Some(held)),
            Err(LockError::HeldBy(pid)) => tracing::debug!(pid, "another process is sending; waiting for it"),
            Err(error) => return Err(Error::from(Failure::Unavailable(error.to_string()))),
        }
        tokio::select! {
            () = tokio::time::sleep(LOCK_WAIT) => {}
            _ = stopping.changed() => return Ok(None),
        }
    }
}

/// Settles messages that were being sent when the last process ended, and pauses broadcasts that stopped too long ago.
/// Call it before [`start`]. A passing storage failure is waited for. False when told to stop meanwhile: nothing may be
/// sent.
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

/// Starts the sender's loops for these bots; they end only when told to stop.
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

/// The rate limits of a bot: Telegram's free ones, or `ceiling` broadcast messages per second beside the replies.
#[must_use]
pub fn limits(is_paid: bool, ceiling: u32) -> Limits {
    if !is_paid {
        return Limits::default();
    }
    let replies = 30;
    Limits { per_second: ceiling.saturating_add(replies), reserved_replies: replies, ..Limits::default() }
}

/// Whether a broadcast that one of these bots could send is under way; other broadcasts do not count.
pub fn is_broadcasting(view: &View<'_>, bots: &[(BotName, Bot)]) -> Result<bool> {
    for (name, _) in bots.iter().filter(|(name, _)| name.is_for_customers()) {
        if broadcast::is_busy(view, name.realm())? {
            return Ok(true);
        }
    }
    Ok(false)
}
