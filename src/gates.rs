//! Stores the pauses and the rate of each bot's rate limiter over restarts. A row of `gates` holds the pauses for
//! messages; a row of `gate_methods` holds the pause of one method that Telegram has paused separately.

use rusqlite::named_params;

use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::realm::BotName;
use crate::telegram::gate::{ClosedMethods, GateState, Method};

const GATE: &str = "SELECT closed_all_until_ms, closed_bulk_until_ms, rate_x100 FROM gates WHERE bot = :bot";
const KEEP: &str = "INSERT INTO gates (bot, closed_all_until_ms, closed_bulk_until_ms, rate_x100)
    VALUES (:bot, :all, :bulk, :rate) ON CONFLICT (bot) DO UPDATE SET closed_all_until_ms = excluded.closed_all_until_ms,
        closed_bulk_until_ms = excluded.closed_bulk_until_ms, rate_x100 = excluded.rate_x100";
const METHODS: &str = "SELECT method, closed_until_ms FROM gate_methods WHERE bot = :bot";
const CLOSE: &str = "INSERT INTO gate_methods (bot, method, closed_until_ms) VALUES (:bot, :method, :until)
    ON CONFLICT (bot, method) DO UPDATE SET closed_until_ms = excluded.closed_until_ms";
const OPEN: &str = "DELETE FROM gate_methods WHERE bot = :bot AND closed_until_ms <= :now";

/// The stored state of the rate limiter of `bot`; `None` before the first state is stored.
pub fn find(view: &View<'_>, bot: BotName) -> Result<Option<GateState>> {
    let stored = view.find(GATE, &[(":bot", &bot)], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, u32>(2)?))
    })?;
    let Some((closed_all_until_ms, closed_bulk_until_ms, rate_x100)) = stored else { return Ok(None) };
    let mut methods = ClosedMethods::default();
    for (name, until) in view.list(METHODS, &[(":bot", &bot)], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
        // A method that a newer version of the program stored is ignored.
        if let Some(method) = Method::parse(&name) {
            methods.close(method, Millis(until));
        }
    }
    Ok(Some(GateState { closed_all_until_ms, closed_bulk_until_ms, rate_x100, methods }))
}

/// Stores the state of the rate limiter of `bot`, so that a pause Telegram asked for outlives a restart.
pub fn keep(tx: &Tx<'_>, bot: BotName, state: GateState) -> Result<()> {
    tx.change(
        KEEP,
        named_params! {
            ":bot": bot, ":all": state.closed_all_until_ms, ":bulk": state.closed_bulk_until_ms, ":rate": state.rate_x100,
        },
    )?;
    let now = tx.now_ms();
    tx.change(OPEN, named_params! { ":bot": bot, ":now": now })?;
    for (method, until) in state.methods.each().filter(|(_, until)| *until > now) {
        tx.change(CLOSE, named_params! { ":bot": bot, ":method": method.as_str(), ":until": until })?;
    }
    Ok(())
}
