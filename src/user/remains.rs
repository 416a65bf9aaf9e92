//! What an erasure leaves in bytes: the log still holds the pages as they were, and SQLite leaves copies of cells in the
//! gaps of pages it has rearranged, which its secure-delete does not reach (measured: of 5,000 erased names 20 to 30). So
//! the log is emptied after every erasure and the file is rewritten: at once where that takes less than a second, else in
//! the night. Erasures are numbered in `meta`; what has been cleared up to which number outlives a restart.

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

/// What is still to be cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The number of the last erasure.
    pub count: i64,
    /// The log may hold it.
    pub log: bool,
    /// The gaps of the file may.
    pub file: bool,
}

/// How long a clearing may hold writers up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClearingPace {
    /// Less than a second: a large file is left for the night.
    Quick,
    /// As long as it takes.
    Whole,
}

/// How a clearing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    /// Nothing is left.
    All,
    /// The log is empty; the file is too large to be rewritten now.
    ButFile,
    /// The log is empty; the disk has no room to rewrite the file.
    NoRoom,
    /// Somebody reads or writes: ask again soon.
    Busy,
}

/// Counts one more erasure, in its transaction.
pub fn note_erasure(tx: &Tx<'_>) -> Result<()> {
    tx.change(NEXT, named_params! { ":key": COUNT })?;
    Ok(())
}

/// What erasures have left and nobody has cleared yet.
pub fn due(view: &View<'_>) -> Result<Due> {
    let number = |key: &str| view.find(NUMBER, named_params! { ":key": key }, |row| row.get::<_, i64>(0));
    let count = number(COUNT)?.unwrap_or(0);
    Ok(Due { count, log: number(LOG)?.unwrap_or(0) < count, file: number(FILE)?.unwrap_or(0) < count })
}

/// Clears what is due and may be cleared now. Asked for again and again, it does nothing once all is clear. Not for a
/// command beside a daemon: the daemon does it.
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
            // The new pages stand in the log: it is due again, however this process ends.
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
        // As of before: an erasure that came meanwhile stays due.
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
