//! Delivery where no daemon runs: a command takes the sender's lock, sends until nothing is due, and releases the lock.
//! When a daemon starts, the command releases the lock within a second.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::backoff::passing;
use super::{gate_state, is_broadcasting};
use crate::broadcast::{self, BroadcastId};
use crate::cause::Cause;
use crate::db::{self, Database, Failure, View};
use crate::error::{Error, Result};
use crate::locks::{self, Lock, LockError};
use crate::queue_stats;
use crate::realm::BotName;
use crate::telegram::client::Bot;
use crate::telegram::gate;

const CHECK_EVERY: Duration = Duration::from_millis(100);
/// Letters that become due within this time are waited for.
const SOON_MS: i64 = 1500;
/// If no letter is settled and Telegram accepts no broadcast message for this long, Telegram counts as unreachable and
/// the delivery ends; the next cron run tries again.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a delivery by a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// No letter or broadcast is due any more.
    Empty,
    /// A daemon runs or has started, and delivers.
    Daemon,
    /// Another command holds the sender's lock, and delivers.
    Elsewhere,
    /// Telegram accepts no messages: letters or messages of broadcasts are left.
    Left {
        /// The number of letters that are left.
        letters: i64,
    },
    /// The delivery was told to stop; messages that are not sent yet wait.
    Stopped,
}

/// What a delivery by a command sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Only letters of the outbox.
    Letters,
    /// Letters and broadcasts.
    Everything,
}

/// Delivers due letters.
///
/// # Errors
/// A loop of the sender died.
pub async fn drain(db: &Database, bots: &[(BotName, Bot)], stop: watch::Receiver<bool>) -> Result<Drained> {
    drain_beside(db, (bots, Load::Letters), stop, async |_| Ok(())).await
}

/// Like [`drain`], and runs `work` beside the sender's loops, such as watching a broadcast in the foreground. `work`
/// starts when this process holds the sender's lock, and is waited for. The receiver that `work` gets becomes true when
/// it must end, because the caller stops or a daemon has started. Calls to Telegram under way are settled before the
/// lock is released.
///
/// # Errors
/// A loop of the sender died; the error of `work`.
pub async fn drain_beside(
    db: &Database,
    (bots, load): (&[(BotName, Bot)], Load),
    mut stop: watch::Receiver<bool>,
    work: impl AsyncFnOnce(watch::Receiver<bool>) -> Result<()>,
) -> Result<Drained> {
    if serves(db)? {
        return Ok(Drained::Daemon);
    }
    let _sending = match super::take_lock(db) {
        Ok(held) => held,
        Err(LockError::HeldBy(_)) => return Ok(Drained::Elsewhere),
        Err(error) => return Err(Failure::Unavailable(Cause::from(&error)).into()),
    };
    if !super::recover(db, &stop).await? {
        return Ok(Drained::Stopped);
    }
    let (ending, is_over) = (watch::Sender::new(false), AtomicBool::new(false));
    let mut loops = start(db, (bots, load), &ending)?;
    let mut work = pin!(work(ending.subscribe()));
    let mut watched = pin!(until_empty(db, bots, &is_over));
    let drained = loop {
        tokio::select! {
            drained = &mut watched => break drained,
            worked = &mut work, if !is_over.load(Ordering::Relaxed) => {
                is_over.store(true, Ordering::Relaxed);
                if let Err(error) = worked { break Err(error) }
            }
            ended = loops.join_next() => break Err(died(ended)),
            _ = stop.wait_for(|stopping| *stopping) => break Ok(Drained::Stopped),
        }
    };
    ending.send_replace(true);
    let worked = if is_over.load(Ordering::Relaxed) { Ok(()) } else { work.await };
    while let Some(ended) = loops.join_next().await {
        ended.unwrap_or_else(|error| Err(panicked(&error)))?;
    }
    gate_state::keep_last_gates(db, bots).await;
    worked.and(drained)
}

/// Starts the sender's loops for every bot and lane. The rate limiters start with their stored state.
fn start(
    db: &Database,
    (bots, load): (&[(BotName, Bot)], Load),
    ending: &watch::Sender<bool>,
) -> Result<JoinSet<Result<()>>> {
    for (name, bot) in bots {
        gate_state::take_up_gate(db, *name, bot)?;
    }
    let mut loops = super::start(db, bots, load, &ending.subscribe());
    for (name, bot) in bots {
        loops.spawn(gate_state::keep_gate(*name, bot.clone(), db.clone(), ending.subscribe()));
    }
    // This loop notices at once when another process pauses or recalls a broadcast. It also keeps `loops` from being
    // empty when the shop has no bot: an empty set of loops would be taken for a loop that has died.
    let watching = db::watch_other_processes(db.clone(), ending.subscribe());
    loops.spawn(async { Ok(watching.await?) });
    Ok(loops)
}

async fn until_empty(db: &Database, bots: &[(BotName, Bot)], is_over: &AtomicBool) -> Result<Drained> {
    let (mut least, mut since) = (i64::MAX, Instant::now());
    loop {
        let busy = !is_over.load(Ordering::Relaxed);
        let letters = waiting(db, bots)?;
        if letters == 0 && !busy {
            return Ok(Drained::Empty);
        }
        // Waiting because of the shop's own limit for broadcasts counts as progress; waiting for Telegram does not.
        if letters < least || busy && takes(db, bots) {
            (least, since) = (letters, Instant::now());
        }
        if since.elapsed() > PATIENCE {
            return Ok(Drained::Left { letters });
        }
        if serves(db)? {
            return Ok(Drained::Daemon);
        }
        tokio::time::sleep(CHECK_EVERY).await;
    }
}

/// Whether Telegram accepts messages of a broadcast under way, as far as this process knows.
fn takes(db: &Database, bots: &[(BotName, Bot)]) -> bool {
    let is_open = |bot: &Bot| bot.is_open(gate::Lane::Broadcast) && bot.is_connected() && !bot.status().token_refused;
    let open = bots.iter().filter(|(name, bot)| name.is_for_customers() && is_open(bot));
    let mut realms = open.map(|(name, _)| name.realm());
    realms.any(|realm| db.read(|view| broadcast::is_busy(view, realm)).unwrap_or(true))
}

/// Waits until the broadcast `only` is no longer scheduled or being sent; without `only`, until `bots` have no
/// broadcast to send, recall or correct. Ends early when told to stop.
///
/// # Errors
/// A bug in the storage layer; `BROADCAST_NOT_FOUND`. A temporary failure to read is tried again.
pub async fn until_over(
    db: &Database,
    (bots, only): (&[(BotName, Bot)], Option<BroadcastId>),
    mut ending: watch::Receiver<bool>,
) -> Result<()> {
    let is_under_way = |view: &View<'_>| match only {
        Some(id) => Ok(broadcast::get(view, id)?.is_under_way()),
        None => is_broadcasting(view, bots),
    };
    while !*ending.borrow() && passing(db.read(is_under_way))?.unwrap_or(true) {
        tokio::select! {
            () = tokio::time::sleep(CHECK_EVERY) => {}
            _ = ending.changed() => {}
        }
    }
    Ok(())
}

/// The number of letters of these bots that are in flight or due; the greatest number when they cannot be counted now.
fn waiting(db: &Database, bots: &[(BotName, Bot)]) -> Result<i64> {
    let count = |view: &View<'_>| bots.iter().map(|(name, _)| queue_stats::due(view, *name, SOON_MS)).sum();
    match db.read(count) {
        Err(error) if Error::is_passing(&error) => Ok(i64::MAX),
        counted => counted,
    }
}

fn serves(db: &Database) -> Result<bool> {
    let holder = locks::holder(db.path(), Lock::Serve);
    holder.map(|holder| holder.is_some()).map_err(|error| Failure::Unavailable(Cause::from(&error)).into())
}

fn died(ended: Option<std::result::Result<Result<()>, tokio::task::JoinError>>) -> Error {
    match ended {
        Some(Ok(Err(error))) => error,
        Some(Err(error)) => panicked(&error),
        Some(Ok(Ok(()))) | None => Failure::Internal("a sender ended by itself".into()).into(),
    }
}

fn panicked(error: &tokio::task::JoinError) -> Error {
    Failure::Internal(format!("a sender panicked: {error}")).into()
}
