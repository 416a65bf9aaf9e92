//! Outages of Telegram, stored for each bot. An outage is a time in which Telegram answers no probe (`getMe`) of the
//! bot; it does not count towards the limit after which a message is given up.

use rusqlite::named_params;

use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::realm::BotName;

const BEGAN: &str = "INSERT INTO outages (bot, since_ms) VALUES (:bot, :since) ON CONFLICT (bot) DO NOTHING";
const SINCE: &str = "SELECT since_ms FROM outages WHERE bot = :bot";
const MOVE_ON: &str = "UPDATE outbox SET doubted_ms = doubted_ms + max(0, :until - max(:since, doubted_ms))
    WHERE bot = :bot AND state IN ('queued', 'sending') AND doubted_ms IS NOT NULL";
const OVER: &str = "DELETE FROM outages WHERE bot = :bot";

/// Stores since when `bot` has got no answer to its probes. A beginning that is stored already stays, because the
/// outage is the same.
pub fn outage_began(tx: &Tx<'_>, bot: BotName, since: Millis) -> Result<()> {
    tx.change(BEGAN, named_params! { ":bot": bot, ":since": since })?;
    Ok(())
}

/// Ends the stored outage of `bot`: Telegram answers again, or a new process starts. The first doubtful attempt of each
/// waiting letter is moved forward by the length of the outage, so that the outage does not count. Returns when the
/// outage began; `None` when no outage was stored.
pub fn outage_over(tx: &Tx<'_>, bot: BotName) -> Result<Option<Millis>> {
    let since = since(tx, bot)?;
    if let Some(since) = since {
        tx.change(MOVE_ON, named_params! { ":bot": bot, ":since": since, ":until": tx.now_ms() })?;
        tx.change(OVER, named_params! { ":bot": bot })?;
    }
    Ok(since)
}

/// For how many milliseconds a message of `bot` has been in doubt. `doubted` is the end of its first doubtful attempt;
/// `None` gives 0. The time since the beginning of the present outage does not count.
pub fn doubted_for_ms(view: &View<'_>, bot: BotName, doubted: Option<Millis>) -> Result<i64> {
    let Some(doubted) = doubted else { return Ok(0) };
    let now = view.now_ms();
    let until = since(view, bot)?.map_or(now, |silent| silent.min(now));
    Ok(until.0.saturating_sub(doubted.0))
}

fn since(view: &View<'_>, bot: BotName) -> Result<Option<Millis>> {
    Ok(view.find(SINCE, named_params! { ":bot": bot }, |row| row.get(0))?)
}
