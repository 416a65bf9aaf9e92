//! Clears what an erasure leaves in the database's files. The log (WAL) still holds the old pages, and SQLite leaves
//! copies of cells in the gaps of rearranged pages, which its secure-delete does not clear (measured: 20 to 30 of 5,000
//! erased names). So after every erasure the log is emptied and the database file is rewritten: at once if that takes
//! less than a second, else at night. Erasures are numbered; `meta` stores the number of the last erasure and, for the
//! log and for the file, the number up to which erasures are cleared, so that a restart loses nothing.

use rusqlite::named_params;

use crate::db::fold::{self, Rewritten};
use crate::db::{Database, Tx, View};
use crate::error::Result;

const COUNT: &str = "erasure.count";
const LOG: &str = "erasure.log";
const FILE: &str = "erasure.file";
const NUMBER: &str = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = :key";
const NEXT: &str = "INSERT INTO meta (key, value) VALUES (:key, '1')
    ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)";
const SET: &str = "INSERT INTO meta (key, value) VALUES (:key, :value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)";
const BACK: &str =
    "UPDATE meta SET value = CAST(:count - 1 AS TEXT) WHERE key = :key AND CAST(value AS INTEGER) >= :count";

/// What past erasures have left to be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The number of the last erasure.
    pub count: i64,
    /// Whether the log may hold erased data.
    pub log: bool,
    /// Whether the gaps of the database file may hold erased data.
    pub file: bool,
}

/// How long clearing may block writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClearingPace {
    /// Clearing blocks writers for less than a second: a large file is left for the night.
    Quick,
    /// Clearing blocks writers for as long as it takes.
    Whole,
}

/// The result of clearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    /// The log and the file are cleared.
    All,
    /// The log is empty; the file is too large to be rewritten now.
    ButFile,
    /// The log is empty; the disk has no room to rewrite the file.
    NoRoom,
    /// Not everything was cleared, because another connection reads or writes: try again soon.
    Busy,
}

/// Counts one more erasure, in the erasure's transaction.
pub fn note_erasure(tx: &Tx<'_>) -> Result<()> {
    tx.change(NEXT, named_params! { ":key": COUNT })?;
    Ok(())
}

/// What past erasures have left uncleared.
pub fn due(view: &View<'_>) -> Result<Due> {
    let number = |key: &str| view.find(NUMBER, named_params! { ":key": key }, |row| row.get::<_, i64>(0));
    let count = number(COUNT)?.unwrap_or(0);
    Ok(Due { count, log: number(LOG)?.unwrap_or(0) < count, file: number(FILE)?.unwrap_or(0) < count })
}

/// Clears what is due, as far as `pace` allows. Does nothing when nothing is due. Where a daemon runs, only the daemon
/// calls this function; a command leaves clearing to the daemon.
pub fn clear(db: &Database, pace: ClearingPace) -> Result<Cleared> {
    let due = db.read(due)?;
    let mut end = Cleared::All;
    if due.file {
        end = match rewrite(db, pace)? {
            Some(Rewritten::Done) => Cleared::All,
            Some(Rewritten::NoRoom) => Cleared::NoRoom,
            Some(Rewritten::Busy) => return Ok(Cleared::Busy),
            None => Cleared::ButFile,
        };
        if end == Cleared::All {
            // The rewritten pages are in the log now, so the log must be emptied again, by the next process if this
            // process ends here.
            db.write(move |tx| {
                tx.change(BACK, named_params! { ":key": LOG, ":count": due.count })?;
                set(tx, FILE, due.count)
            })?;
        }
    }
    if due.log || (due.file && end == Cleared::All) {
        if !fold::fold(db.path())? {
            return Ok(Cleared::Busy);
        }
        // `due` was read before clearing, so an erasure that was made meanwhile stays due.
        db.write(move |tx| set(tx, LOG, due.count))?;
    }
    Ok(end)
}

fn rewrite(db: &Database, pace: ClearingPace) -> Result<Option<Rewritten>> {
    let now = pace == ClearingPace::Whole || fold::is_quick(db.path())?;
    Ok(if now { Some(fold::rewrite(db.path())?) } else { None })
}

fn set(tx: &Tx<'_>, key: &str, count: i64) -> Result<()> {
    tx.change(SET, named_params! { ":key": key, ":value": count.to_string() })?;
    Ok(())
}
