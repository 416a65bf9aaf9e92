//! Reads a database file that no process writes to, such as a backup, without changing anything: no locks, no journal.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{Failure, OpenError, StorageError, View, connect};
use crate::clock::{Millis, Zone};

/// Runs `read` on a database file that no process writes to.
///
/// # Errors
/// The closure's error, or a [`Failure`].
pub fn read_still<T, E: StorageError>(
    path: &Path,
    (now, zone): (Millis, Zone),
    read: impl FnOnce(&View<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let connection = open_still(path).map_err(|error| Failure::Unavailable(error.to_string()))?;
    read(&View::new(&connection, now, zone))
}

/// Opens a database file without changing anything: no locks, no journal, read-only.
pub(super) fn open_still(path: &Path) -> Result<Connection, OpenError> {
    let uri = uri(path).ok_or_else(|| OpenError::unusable(path, &"the path is not UTF-8"))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    connect(Path::new(&uri), flags)
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
