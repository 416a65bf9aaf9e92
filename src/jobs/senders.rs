//! Everything that sends, as one set of loops: letters of every bot and lane, broadcasts, what is wished of delivered
//! messages. For the daemon and for a command that delivers where no daemon runs; both hold the sender's lock.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::drain::Load;
use super::{broadcasts, deliver, errands, outage};
use crate::broadcast;
use crate::db::{Database, Tx};
use crate::error::Result;
use crate::outbox::Lane;
use crate::realm::{BotName, Realm};
use crate::telegram::client::Bot;
use crate::telegram::gate::Limits;
use crate::undelivered;

/// After a failure of the storage.
const RETRY: Duration = Duration::from_millis(500);
/// Telegram's paid ceiling, messages a second.
pub(super) const CEILING: u32 = 1000;

/// Settles what was in flight when the last process ended, and holds broadcasts that stopped too long ago. Before
/// [`start`]. A storage that fails for a while is waited for. False when told to stop meanwhile: nothing may be sent.
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

/// Waits for so long, or until told to stop.
pub(super) async fn rest(wait: Duration, stop: &watch::Receiver<bool>) {
    // A closed channel means the process is ending: stop as well.
    let _ = tokio::time::timeout(wait, stop.clone().wait_for(|stopping| *stopping)).await;
}

fn recover_all(tx: &Tx<'_>) -> Result<(usize, i64, usize)> {
    let held = broadcast::hold_stale(tx, Realm::Real)? + broadcast::hold_stale(tx, Realm::Test)?;
    Ok((undelivered::recover(tx)?, broadcast::recover(tx)?, held))
}

/// The loops of these bots; they end when told to stop, and none ends by itself otherwise.
#[must_use]
pub fn start(db: &Database, bots: &[(BotName, Bot)], load: Load, stop: &watch::Receiver<bool>) -> JoinSet<Result<()>> {
    let mut loops = JoinSet::new();
    for (name, bot) in bots {
        let watcher = outage::Watcher { name: *name, bot: bot.clone(), db: db.clone() };
        loops.spawn(watcher.run(stop.clone()));
        for lane in [Lane::Reply, Lane::Automatic] {
            let sender = deliver::Sender { name: *name, bot: bot.clone(), lane, db: db.clone() };
            loops.spawn(sender.run(stop.clone()));
        }
        if name.is_for_customers() && load == Load::Everything {
            let sender = broadcasts::Sender { name: *name, bot: bot.clone(), db: db.clone(), ceiling: CEILING };
            loops.spawn(errands::run(sender.clone(), stop.clone()));
            loops.spawn(sender.run(stop.clone()));
        }
    }
    loops
}

/// How fast a bot may be: at Telegram's free limit, or at `ceiling` broadcast messages a second beside the answers.
#[must_use]
pub fn limits(is_paid: bool, ceiling: u32) -> Limits {
    if !is_paid {
        return Limits::default();
    }
    let replies = 30;
    Limits { per_second: ceiling.saturating_add(replies), reserved_replies: replies, ..Limits::default() }
}

/// `None` when the storage failed for a while.
pub(super) fn passing<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_passing() => {
            tracing::warn!(%error, "broadcasts wait for the storage");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
