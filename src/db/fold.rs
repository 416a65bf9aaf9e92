//! Removes bytes that belong to no row any more: [`fold`] copies SQLite's write-ahead log into the database file and
//! empties the log, [`rewrite`] writes the file anew without free space. Both functions give up at once when another
//! connection reads or writes; the caller tries again later.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{Failure, connect};
use crate::files::{directory_of, free_bytes};

/// A database file of up to this many bytes is rewritten in memory and within a second; a longer file is copied through
/// a temporary file on disk.
pub const QUICK: u64 = 64 * 1024 * 1024;

/// The result of [`rewrite`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewritten {
    /// The file was rewritten: every page is new.
    Done,
    /// Nothing was done, because another connection reads or writes; the caller may try again.
    Busy,
    /// The file is as before, because the disk has no room for the copy.
    NoRoom,
}

/// Copies the log of the database at `path` into the database file, syncs the file and truncates the log. Does not
/// wait: when another connection reads an older state or writes, `false` is returned and the log is as long as before.
///
/// # Errors
/// A [`Failure`] of the storage.
pub fn fold(path: &Path) -> Result<bool, Failure> {
    fold_by(&impatient(path)?)
}

/// Does what [`fold`] does through an open connection, even if the file has been moved since. Afterwards the connection
/// does not wait for locks any more (busy timeout 0).
pub(super) fn fold_by(connection: &Connection) -> Result<bool, Failure> {
    connection.busy_timeout(Duration::ZERO)?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// Writes the database at `path` anew, row by row, so that no page holds bytes of deleted or moved rows. The new pages
/// are in the log; [`fold`] brings them into the file. The rewrite does not wait for other connections, but other
/// writers wait until the rewrite is done.
///
/// # Errors
/// A [`Failure`] of the storage.
pub fn rewrite(path: &Path) -> Result<Rewritten, Failure> {
    let bytes = length(path)?;
    // The disk must hold the temporary copy and, until the log is folded, the new pages in the log.
    let free = free_bytes(&directory_of(path)).map_err(|error| Failure::Unavailable(error.into()))?;
    if free < bytes.saturating_mul(2) {
        return Ok(Rewritten::NoRoom);
    }
    let connection = impatient(path)?;
    if bytes > QUICK {
        connection.pragma_update(None, "temp_store", "file")?;
    }
    match connection.execute_batch("VACUUM").map_err(Failure::from) {
        Ok(()) => Ok(Rewritten::Done),
        Err(Failure::Busy) => Ok(Rewritten::Busy),
        Err(Failure::Full) => Ok(Rewritten::NoRoom),
        Err(failure) => Err(failure),
    }
}

/// Whether [`rewrite`] of the database at `path` takes less than a second.
///
/// # Errors
/// A [`Failure`] when the file's size cannot be read.
pub fn is_quick(path: &Path) -> Result<bool, Failure> {
    Ok(length(path)? <= QUICK)
}

fn length(path: &Path) -> Result<u64, Failure> {
    path.metadata().map(|found| found.len()).map_err(|error| Failure::Unavailable(error.into()))
}

fn impatient(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect(path, flags).map_err(|error| Failure::from(&error))?;
    connection.busy_timeout(Duration::ZERO)?;
    Ok(connection)
}
