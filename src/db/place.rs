//! The path of a database file, and whether the opened file is still at this path. SQLite follows the open file, not
//! its name: a process whose file was renamed, removed or replaced would go on writing to a file that no other process
//! opens. Also recognises a write-ahead log that was written for another file than the one beside it.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use rustix::fs::OFlags;

use super::fold::fold_by;
use super::open_and_close;
use crate::files::with_tail;
use crate::locks::{Lock, holder};

/// Files that [`journal_versions`] has read. They stay open until the process ends: closing any handle of a file drops
/// the locks that SQLite holds on it in this process.
static READ: Mutex<Vec<File>> = Mutex::new(Vec::new());
/// The offset of two bytes in the file's header, the format versions for writing and reading: 1 = with a rollback
/// journal, 2 = with a write-ahead log.
const VERSIONS_AT: u64 = 18;
const ROLLBACK: [u8; 2] = [1, 1];
/// The waits before each look whether the log is gone. Two processes that close the database at the same moment each
/// see the other's connection and both leave the log, so they must look again.
const LOOK_AGAIN: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(3), Duration::from_millis(9), Duration::from_millis(27)];

/// The path of a database file, and the device and inode that it had when it was opened.
#[derive(Debug, Clone)]
pub(super) struct FileIdentity {
    path: PathBuf,
    file: Option<(u64, u64)>,
}

impl FileIdentity {
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: device_and_inode(path) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to the file that was opened.
    pub(super) fn holds(&self) -> bool {
        device_and_inode(&self.path) == self.file
    }
}

fn device_and_inode(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|found| (found.dev(), found.ino()))
}

/// Must be dropped after all connections of a database. Its drop makes sure that the write-ahead log is removed, unless
/// another process still uses the database.
pub(super) struct Folded(pub(super) FileIdentity);

impl Drop for Folded {
    fn drop(&mut self) {
        let log = with_tail(self.0.path(), "-wal");
        for pause in LOOK_AGAIN {
            std::thread::sleep(pause);
            if !log.exists() || is_served_by_another(self.0.path()) || !self.0.holds() {
                return;
            }
            // When the last connection of all processes closes, SQLite folds the log into the file and removes the log.
            // The connection opened here is meant to be this last one. If it fails, the next process folds the log.
            let _ = open_and_close(self.0.path());
        }
    }
}

/// Folds the log of `connection` into its file and empties the log, even if the file has been moved. SQLite does not do
/// this when a moved file is closed, and the log would be left beside another database file of the same name. Does not
/// wait for other connections.
pub(super) fn take_log_along(connection: &Connection) {
    let folded = fold_by(connection);
    if !matches!(folded, Ok(true)) {
        tracing::error!(?folded, "the log of the moved file could not be folded in");
    }
}

/// Whether a daemon in another process has the database open. That daemon keeps the log, so there is nothing to wait
/// for.
fn is_served_by_another(path: &Path) -> bool {
    matches!(holder(path, Lock::Serve), Ok(Some(pid)) if pid != Some(std::process::id()))
}

/// Whether the log beside `path` was written for another file. The header of a database file without a log of its own,
/// such as a backup, says that it has none; SQLite does not check this and would replay the log over the file.
pub(super) fn has_foreign_log(path: &Path) -> bool {
    let is_empty = with_tail(path, "-wal").metadata().map_or(0, |log| log.len()) == 0;
    !is_empty && journal_versions(path).is_ok_and(|versions| versions == ROLLBACK)
}

/// Whether no process has ever served the file at `path`: its header says that it has no write-ahead log, as a backup's
/// does.
#[must_use]
pub fn has_no_log_of_its_own(path: &Path) -> bool {
    journal_versions(path).is_ok_and(|versions| versions == ROLLBACK)
}

fn journal_versions(path: &Path) -> io::Result<[u8; 2]> {
    let wanted = path.metadata()?;
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let is_wanted =
        |file: &&File| file.metadata().is_ok_and(|found| (found.dev(), found.ino()) == (wanted.dev(), wanted.ino()));
    let mut versions = [0; 2];
    if let Some(file) = read.iter().find(is_wanted) {
        file.read_exact_at(&mut versions, VERSIONS_AT)?;
        return Ok(versions);
    }
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let found = file.read_exact_at(&mut versions, VERSIONS_AT);
    read.push(file);
    found.map(|()| versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_moved_or_replaced_is_not_where_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("shop.db"), dir.path().join("other.db"));
        for file in [&path, &other] {
            std::fs::write(file, "").unwrap();
        }
        let place = FileIdentity::of(&path);
        assert!(place.holds());
        std::fs::write(&path, "written in place").unwrap();
        assert!(place.holds());
        std::fs::rename(&path, dir.path().join("moved.db")).unwrap();
        assert!(!place.holds());
        std::fs::rename(&other, &path).unwrap();
        assert!(!place.holds());
        std::fs::rename(dir.path().join("moved.db"), &path).unwrap();
        assert!(place.holds(), "it has come back");
    }

    #[test]
    fn a_log_beside_a_file_that_has_none_is_foreign() {
        let dir = tempfile::tempdir().unwrap();
        let (path, log) = (dir.path().join("shop.db"), dir.path().join("shop.db-wal"));
        let file = |versions: u8| {
            let mut header = [0; 100];
            header[18..20].copy_from_slice(&[versions; 2]);
            std::fs::write(&path, header).unwrap();
        };
        file(1);
        assert!(!has_foreign_log(&path), "no log");
        std::fs::write(&log, "").unwrap();
        assert!(!has_foreign_log(&path), "an empty log");
        std::fs::write(&log, "frames").unwrap();
        assert!(has_foreign_log(&path));
        file(2);
        assert!(!has_foreign_log(&path), "its own log");
        std::fs::write(&path, "").unwrap();
        assert!(!has_foreign_log(&path), "an empty file");
    }
}
