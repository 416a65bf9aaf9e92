//! How many updates and letters wait, and since when, and how many updates are parked. For readiness checks, metrics,
//! `status` and `doctor`. A command that delivers asks here whether letters are due.

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
// Beside min() SQLite gives the columns of the row with the least value: the lane of the letter that is due longest.
const UNSETTLED: &str =
    "SELECT count(*), min(iif(not_before_ms > created_ms, not_before_ms, created_ms)), lane FROM outbox
    WHERE bot = :bot AND state IN ('queued', 'sending')";
const DOUBTFUL: &str = "SELECT count(*) FROM outbox WHERE bot = :bot AND state IN ('queued', 'sending') AND doubts > 0";
const DUE: &str = "SELECT count(*) FROM outbox
    WHERE bot = :bot AND state IN ('queued', 'sending') AND not_before_ms <= :soon";
const PARKED: &str = "SELECT count(*) FROM updates WHERE bot = :bot AND state = 'parked'";
const SENT: &str = "SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_by_settled
    WHERE settled_ms > :since AND bot = :bot AND lane = :lane AND state = 'sent')";
const NEWEST: &str = "SELECT max((SELECT coalesce(max(received_ms), 0) FROM updates),
    (SELECT coalesce(max(created_ms), 0) FROM outbox))";

/// Within this time, in milliseconds, a queue that drains has had a letter delivered: the slowest pace that a shop may set
/// is one a minute.
const DRAINS_MS: i64 = 120_000;

/// The updates and letters of one bot that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStats {
    /// The bot whose updates and letters these are.
    pub bot: BotName,
    /// How many updates are not handled yet.
    pub updates: i64,
    /// How long the oldest update that is not handled has waited, in milliseconds; 0 when there is none.
    pub oldest_update_ms: i64,
    /// How many letters are not settled yet.
    pub letters: i64,
    /// For how long the letter that is due longest has been due, in milliseconds; 0 when no letter is due.
    pub oldest_letter_ms: i64,
    /// Whether, of the lane of the letter that is due longest, one has been delivered in the last two minutes: then the
    /// others wait for Telegram's pace alone.
    pub is_draining: bool,
    /// How many letters that are not settled have had a doubtful call to Telegram: they may be delivered already.
    pub doubtful: i64,
    /// Letters that did not arrive and are not tried again by themselves, by reason.
    pub undelivered: Counts,
    /// How many updates were parked after five failures, in the last 48 hours.
    pub parked: i64,
}

/// The updates and letters of `bot` that wait now.
pub fn of(view: &View<'_>, bot: BotName) -> Result<QueueStats> {
    let age = |since: Option<i64>| since.map_or(0, |since| view.now_ms().0.saturating_sub(since).max(0));
    let (updates, update) = view.get(QUEUED, &[(":bot", &bot)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (letters, letter, lane): (_, _, Option<i64>) =
        view.get(UNSETTLED, &[(":bot", &bot)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let parked = view.get(PARKED, &[(":bot", &bot)], |row| row.get(0))?;
    let doubtful = view.get(DOUBTFUL, &[(":bot", &bot)], |row| row.get(0))?;
    let undelivered = undelivered::counts(view, bot)?;
    let since = view.now_ms().plus(-DRAINS_MS);
    let sent = named_params! { ":bot": bot, ":since": since, ":lane": lane };
    let is_draining = view.get(SENT, sent, |row| row.get(0))?;
    let (oldest_update_ms, oldest_letter_ms) = (age(update), age(letter));
    Ok(QueueStats {
        bot,
        updates,
        oldest_update_ms,
        letters,
        oldest_letter_ms,
        is_draining,
        doubtful,
        undelivered,
        parked,
    })
}

/// How many letters of `bot` are in flight, or due now or within `soon_ms` milliseconds.
pub fn due(view: &View<'_>, bot: BotName, soon_ms: i64) -> Result<i64> {
    Ok(view.get(DUE, named_params! { ":bot": bot, ":soon": view.now_ms().plus(soon_ms) }, |row| row.get(0))?)
}

/// When the newest update or letter was written; 0 when there is none. A result later than now means that the clock was
/// set back.
pub fn newest(view: &View<'_>) -> Result<Millis> {
    Ok(view.get(NEWEST, [], |row| row.get(0))?)
}

/// Writes the present time into a row of `meta` that nothing reads. If this succeeds, the database can be written to.
pub fn probe(tx: &Tx<'_>) -> Result<()> {
    tx.change(PROBE, named_params! { ":now": tx.now_ms().0.to_string() })?;
    Ok(())
}
