//! Counts conflicts: answers 409 of Telegram to `getUpdates`, because another program uses the bot's token and takes
//! its updates. A row holds the count of one minute; the commands `status` and `doctor`, which run in other processes,
//! read the rows.

use rusqlite::named_params;

use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::realm::BotName;

const NOTE: &str = "INSERT INTO poll_conflicts (bot, minute, times) VALUES (:bot, :minute, :times)
    ON CONFLICT (bot, minute) DO UPDATE SET times = times + excluded.times";
const FORGET: &str = "DELETE FROM poll_conflicts WHERE bot = :bot AND minute < :before";
const RECENT: &str = "SELECT coalesce(sum(times), 0), coalesce(max(minute), 0) FROM poll_conflicts
    WHERE bot = :bot AND minute > :since AND minute <= :now";

const MINUTE_MS: i64 = 60_000;
const HOUR: i64 = 60;
/// For how many minutes counts are kept: as long as handled updates are kept.
const KEPT: i64 = 48 * HOUR;
/// A conflict younger than this, in minutes, is taken to go on.
const FRESH: i64 = 3;

/// The conflicts of one bot in the last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// How often Telegram answered 409 in the last hour.
    pub times: i64,
    /// Whether the last conflict is less than three minutes old, so that the other program probably still runs.
    pub goes_on: bool,
}

/// Adds `times` conflicts of `bot` to the count of the present minute. Deletes counts older than two days.
pub fn note(tx: &Tx<'_>, bot: BotName, times: i64) -> Result<()> {
    let minute = minute(tx.now_ms());
    tx.change(NOTE, named_params! { ":bot": bot, ":minute": minute, ":times": times })?;
    tx.change(FORGET, named_params! { ":bot": bot, ":before": minute - KEPT })?;
    Ok(())
}

/// The conflicts of `bot` in the last hour; zero when there were none.
pub fn recent(view: &View<'_>, bot: BotName) -> Result<Recent> {
    let now = minute(view.now_ms());
    let (times, last): (i64, i64) =
        view.get(RECENT, named_params! { ":bot": bot, ":since": now - HOUR, ":now": now }, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(Recent { times, goes_on: last > now - FRESH })
}

const fn minute(at: Millis) -> i64 {
    at.0.div_euclid(MINUTE_MS)
}
