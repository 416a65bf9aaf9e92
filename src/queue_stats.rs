//! What waits and for how long: updates not handled, letters not settled, updates put aside. For readiness checks,
//! `status` and `doctor`; nothing is decided by it.

use rusqlite::named_params;

use crate::clock::Millis;
use crate::db::{Tx, View};
use crate::error::Result;
use crate::realm::BotName;
use crate::undelivered::{self, Counts};

const PROBE: &str = "INSERT INTO meta (key, value) VALUES ('probed_ms', :now)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const QUEUED: &str =
    "SELECT count(*), (SELECT received_ms FROM updates WHERE bot = :bot AND state = 'queued' ORDER BY id LIMIT 1)
    FROM updates WHERE bot = :bot AND state = 'queued'";
const UNSETTLED: &str = "SELECT count(*), min(iif(not_before_ms > created_ms, not_before_ms, created_ms)) FROM outbox
    WHERE bot = :bot AND state IN ('queued', 'sending')";
const DOUBTFUL: &str = "SELECT count(*) FROM outbox WHERE bot = :bot AND state IN ('queued', 'sending') AND doubts > 0";
const DUE: &str = "SELECT count(*) FROM outbox
    WHERE bot = :bot AND state IN ('queued', 'sending') AND not_before_ms <= :soon";
const PARKED: &str = "SELECT count(*) FROM updates WHERE bot = :bot AND state = 'parked'";
const NEWEST: &str = "SELECT max((SELECT coalesce(max(received_ms), 0) FROM updates),
    (SELECT coalesce(max(created_ms), 0) FROM outbox))";

/// What waits for one bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStats {
    /// The bot.
    pub bot: BotName,
    /// Updates that are not handled yet.
    pub updates: i64,
    /// How long the oldest of them has waited, in milliseconds.
    pub oldest_update_ms: i64,
    /// Letters that are not settled yet.
    pub letters: i64,
    /// How long the oldest of them could have gone, in milliseconds.
    pub oldest_letter_ms: i64,
    /// Of the letters, those that have had a doubtful try: perhaps delivered already.
    pub doubtful: i64,
    /// Letters that did not arrive and are not tried again by themselves.
    pub undelivered: Counts,
    /// Updates put aside after five failures, of the last 48 hours.
    pub parked: i64,
}

/// What waits for `bot` now.
pub fn of(view: &View<'_>, bot: BotName) -> Result<QueueStats> {
    let waiting = |sql| view.get(sql, &[(":bot", &bot)], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?)));
    let age = |since: Option<i64>| since.map_or(0, |since| view.now_ms().0.saturating_sub(since).max(0));
    let (updates, update) = waiting(QUEUED)?;
    let (letters, letter) = waiting(UNSETTLED)?;
    let parked = view.get(PARKED, &[(":bot", &bot)], |row| row.get(0))?;
    let doubtful = view.get(DOUBTFUL, &[(":bot", &bot)], |row| row.get(0))?;
    let undelivered = undelivered::counts(view, bot)?;
    let (oldest_update_ms, oldest_letter_ms) = (age(update), age(letter));
    Ok(QueueStats { bot, updates, oldest_update_ms, letters, oldest_letter_ms, doubtful, undelivered, parked })
}

/// Letters of `bot` that are in flight, or may go now or within `soon_ms`.
pub fn due(view: &View<'_>, bot: BotName, soon_ms: i64) -> Result<i64> {
    Ok(view.get(DUE, named_params! { ":bot": bot, ":soon": view.now_ms().plus(soon_ms) }, |row| row.get(0))?)
}

/// When the newest update or letter was written; zero when there is none. Later than now, a clock was set back.
pub fn newest(view: &View<'_>) -> Result<Millis> {
    Ok(view.get(NEWEST, [], |row| row.get(0))?)
}

/// Writes a row of no meaning: an answer proves that the database takes writes.
pub fn probe(tx: &Tx<'_>) -> Result<()> {
    tx.change(PROBE, named_params! { ":now": tx.now_ms().0.to_string() })?;
    Ok(())
}
