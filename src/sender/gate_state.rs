//! The gates' state over restarts: taken up at the start, stored at each change and once more at the end.

use tokio::sync::watch;

use super::CEILING;
use crate::db::Database;
use crate::error::{Error, Result};
use crate::realm::BotName;
use crate::telegram::client::Bot;
use crate::telegram::gate::Limits;
use crate::{gates, settings};

/// Takes up a gate as it was left, as fast as the shop pays for now: what Telegram slowed down stays as slow.
pub fn take_up_gate(db: &Database, name: BotName, bot: &Bot) -> Result<()> {
    let (state, is_paid) = db.read(|view| {
        let is_paid = name.is_for_customers() && settings::PAID_BROADCASTS.is_on(view)?;
        Ok::<_, Error>((gates::find(view, name)?, is_paid))
    })?;
    let Some(state) = state else { return Ok(()) };
    // Left at the free ceiling, nothing had slowed it down: what is paid for since counts at once.
    let was_free = state.rate_x100 == Limits::default().per_second * 100;
    if is_paid && !was_free {
        bot.set_limits(super::limits(is_paid, CEILING));
    }
    bot.restore_gate(state);
    Ok(())
}

/// Stores every change of a gate, so that a pause Telegram asked for outlives a restart.
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

/// Stores the gates once more when everything has ended: the last answers may have closed one after its keeper ended.
pub async fn keep_last_gates(db: &Database, bots: &[(BotName, Bot)]) {
    for (name, bot) in bots {
        let (name, state) = (*name, bot.gate_state());
        if let Err(error) = db.write_async(move |tx| gates::keep(tx, name, state)).await {
            tracing::warn!(bot = %name, %error, "the gate's state could not be kept");
        }
    }
}
