//! Keeps the rate limiters' state across restarts: it is restored at the start, stored at each change and once more at
//! the end.

use tokio::sync::watch;

use super::CEILING;
use crate::db::Database;
use crate::error::{Error, Result};
use crate::realm::BotName;
use crate::telegram::client::Bot;
use crate::telegram::gate::Limits;
use crate::{gates, settings};

/// Restores the state of a bot's rate limiter, with the rate that the shop pays for now. A rate that was lowered after
/// 429s stays low.
pub fn take_up_gate(db: &Database, name: BotName, bot: &Bot) -> Result<()> {
    let (state, is_paid) = db.read(|view| {
        let is_paid = name.is_for_customers() && settings::PAID_BROADCASTS.is_on(view)?;
        Ok::<_, Error>((gates::find(view, name)?, is_paid))
    })?;
    let Some(state) = state else { return Ok(()) };
    // A stored rate that equals the free limit was not lowered, so the paid rate applies at once. Older versions stored
    // 30 a second.
    let free = Limits::default().per_second * 100;
    let was_free = state.rate_x100 == free || state.rate_x100 == 3000;
    if is_paid && !was_free {
        bot.set_limits(super::limits(is_paid, CEILING));
    }
    bot.restore_gate(state);
    Ok(())
}

/// Stores every change of a rate limiter's state, so that a pause for which Telegram asked survives a restart.
///
/// # Errors
/// A bug in the storage layer; the caller ends the daemon.
pub async fn keep_gate(name: BotName, bot: Bot, db: Database, mut stop: watch::Receiver<bool>) -> Result<()> {
    let mut changes = bot.gate_changes();
    loop {
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return Ok(()) },
            _ = stop.wait_for(|stopping| *stopping) => return Ok(()),
        }
        let state = *changes.borrow_and_update();
        match db.write_async(move |tx| gates::keep(tx, name, state)).await {
            Err(Error::Storage(failure)) if failure.is_passing() => {
                tracing::warn!(bot = %name, %failure, "the gate's state could not be kept");
            }
            kept => kept?,
        }
    }
}

/// Stores the rate limiters' state once more after all loops have ended: Telegram's last answer may have closed a rate
/// limiter after the loop [`keep_gate`] had ended.
pub async fn keep_last_gates(db: &Database, bots: &[(BotName, Bot)]) {
    for (name, bot) in bots {
        let (name, state) = (*name, bot.gate_state());
        if let Err(error) = db.write_async(move |tx| gates::keep(tx, name, state)).await {
            tracing::warn!(bot = %name, %error, "the gate's state could not be kept");
        }
    }
}
