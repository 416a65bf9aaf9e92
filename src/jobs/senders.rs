//! Everything that sends, as one set of loops: letters of every bot and lane, broadcasts, what is wished of delivered
//! messages. For the daemon and for a command that delivers where no daemon runs; both hold the sender's lock.

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::drain::Load;
use super::{broadcasts, deliver};
use crate::broadcast;
use crate::db::{Database, Tx};
use crate::error::Result;
use crate::outbox::{self, Lane};
use crate::realm::{BotName, Realm};
use crate::telegram::client::Bot;

/// Telegram's paid ceiling, messages a second.
const CEILING: u32 = 1000;

/// Settles what was in flight when the last process ended, and holds broadcasts that stopped too long ago. Before
/// [`start`].
///
/// # Errors
/// Storage only.
pub async fn recover(db: &Database) -> Result<()> {
    let (letters, messages, held) = db.write_async(recover_all).await?;
    if letters > 0 || messages > 0 || held > 0 {
        tracing::warn!(letters, messages, held, "something was in flight when the last process ended");
    }
    Ok(())
}

fn recover_all(tx: &Tx<'_>) -> Result<(usize, i64, usize)> {
    let held = broadcast::hold_stale(tx, Realm::Real)? + broadcast::hold_stale(tx, Realm::Test)?;
    Ok((outbox::recover(tx)?, broadcast::recover(tx)?, held))
}

/// The loops of these bots; they end when told to stop, and none ends by itself otherwise.
#[must_use]
pub fn start(db: &Database, bots: &[(BotName, Bot)], load: Load, stop: &watch::Receiver<bool>) -> JoinSet<Result<()>> {
    let mut loops = JoinSet::new();
    for (name, bot) in bots {
        for lane in [Lane::Reply, Lane::Automatic] {
            let sender = deliver::Sender { name: *name, bot: bot.clone(), lane, db: db.clone() };
            loops.spawn(sender.run(stop.clone()));
        }
        if name.is_for_customers() && load == Load::Everything {
            let sender = broadcasts::Sender { name: *name, bot: bot.clone(), db: db.clone(), ceiling: CEILING };
            loops.spawn(broadcasts::run_errands(sender.clone(), stop.clone()));
            loops.spawn(sender.run(stop.clone()));
        }
    }
    loops
}
