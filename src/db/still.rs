//! Reads a database file that no process writes to, such as a backup, without changing anything: no locks, no journal;
//! and one that [`super::Database::open`] would refuse because it lacks migrations.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{Failure, OpenError, StorageError, View, connect, connect_alone};
use crate::clock::{Now, Zone};

/// Runs `read` on a database file that no process writes to.
///
/// # Errors
/// The closure's error, or a [`Failure`].
pub fn read_still<T, E: StorageError>(
    path: &Path,
    (now, zone): (Now, Zone),
    read: impl FnOnce(&View<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let connection = open_still(path).map_err(|error| Failure::from(&error))?;
    read(&View::new(&connection, now, zone))
}

/// Runs `read` on one snapshot of the database `live`, which may be in use. The file `still`, to which no process writes,
/// is attached as `copy`.
///
/// # Errors
/// The closure's error, or a [`Failure`].
pub fn read_beside<T, E: StorageError>(
    live: &Path,
    still: &Path,
    (now, zone): (Now, Zone),
    read: impl FnOnce(&View<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let connection = connect_alone(live).map_err(|error| Failure::from(&error))?;
    let uri = uri(still).ok_or_else(not_utf8)?;
    connection.execute("ATTACH ?1 AS copy", [uri]).map_err(Failure::from)?;
    connection.execute_batch("BEGIN").map_err(Failure::from)?;
    read(&View::new(&connection, now, zone))
}

/// Runs `read` on one snapshot of the database at `path`, which may be in use and lack migrations.
///
/// # Errors
/// The closure's error, or a [`Failure`].
pub fn read_of_any_schema<T, E: StorageError>(
    path: &Path,
    (now, zone): (Now, Zone),
    read: impl FnOnce(&View<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let connection = connect_alone(path).map_err(|error| Failure::from(&error))?;
    connection.execute_batch("BEGIN").map_err(Failure::from)?;
    read(&View::new(&connection, now, zone))
}

/// Opens a database file without changing anything: no locks, no journal, read-only.
pub(super) fn open_still(path: &Path) -> Result<Connection, OpenError> {
    let uri = uri(path).ok_or_else(|| OpenError::unusable(path, NOT_UTF8))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(&uri), flags)
}

const NOT_UTF8: &str = "the path is not UTF-8";

pub(super) fn not_utf8() -> Failure {
    Failure::Unavailable(NOT_UTF8.into())
}

/// The URI by which SQLite opens `path` as a file that never changes; `None` when the path is not UTF-8.
pub(super) fn uri(path: &Path) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    let escaped = path.to_str()?.bytes().map(|byte| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    Some(format!("file:{}?immutable=1", escaped.collect::<String>()))
}
