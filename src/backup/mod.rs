//! Backups are made while the shop works; they can be checked, listed, restored and pruned. A backup is a database file
//! and, beside it, a checksum file `….json` (in code: `sidecar`) with facts that the backup must match. A backup
//! without a checksum file is not trusted.
//!
//! - `save`: makes a backup.
//! - `file`: names of backups, and their checksum files.
//! - `verify`: checks a backup.
//! - `left_out`: says what no backup holds.
//! - `newest`: says when the newest row of a copy was written.
//! - `stage`: makes a private copy of a backup fit for use.
//! - `drill`: restores a copy beside the backups to see what it is worth.
//! - `restore`: replaces the shop's database by a backup; `carry` is what it takes over from the replaced database.
//! - `keep`: chooses which backups to keep.
//! - `holding`: says which backups still hold an erased person.
//! - `encrypted_copy`: a backup and the configuration in one file that only the owner's key opens.
//! - `chat_copy`: the encrypted copy of the daily backup in the owners' chats.

mod carry;
mod chat_copy;
mod drill;
mod encrypted_copy;
mod file;
mod holding;
mod keep;
mod left_out;
mod newest;
mod restore;
mod save;
mod stage;
mod verify;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use carry::{CarriedOver, Lost};
pub use chat_copy::{
    MOST_IN_CHAT, copy_name, copy_path, copy_recipient, delete_former_copies, make_copy, send_copy, sweep_copies,
    tell_too_large,
};
pub use drill::{Comparison, Drill, Drilled, Missing};
pub use encrypted_copy::{OpenedCopy, decrypt, encrypt, is_encrypted};
pub use file::{Backup, BackupKind, Facts, get_by_ref, has_sidecar, list, newest_known};
pub use holding::{Holding, holding};
pub use keep::{Thinning, thin_out, thinning};
pub use restore::{Outlook, Prepared, ReplacedDatabase, Restored, UnreadReason, is_without_people, prepare};
pub use save::{Made, create};
pub use verify::{Soundness, soundness, verify};

use crate::cause::Cause;
use crate::db::Failure;
use crate::db::OpenError;
use crate::db::backup::CopyError;
use crate::locks::LockError;
use crate::shop::Mismatch;

/// What vouches for a copy of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Its checksum file: a backup of this program.
    WithSidecar,
    /// Nothing but the file itself: a database file that Litestream restored or `sqlite3 .backup` made.
    Bare,
}

/// One fault of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupProblem {
    /// The check that found the fault: `sha256`, `integrity`, `schema`, `foreign_keys`, `counts`; of an encrypted copy
    /// also `archive`.
    pub check: &'static str,
    /// Details of the fault, as SQLite or the program describes them; empty when the check's name says enough.
    pub what: String,
}

/// Why a backup was not made, verified or restored. The shop's database is then unchanged.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no backup of this name.
    #[error("no backup {typed}")]
    NotFound {
        /// The name that was given.
        typed: String,
        /// The names of the existing backups, newest first.
        known: Vec<String>,
    },
    /// A backup or another file of this name exists already.
    #[error("{0} exists")]
    Exists(PathBuf),
    /// The path is a symbolic link, a directory or a pipe.
    #[error("{0} is not a regular file")]
    NotRegular(PathBuf),
    /// The file is another program's database, or not an SQLite file.
    #[error("{0} is not a backup of dvorik")]
    Foreign(PathBuf),
    /// The backup was made by a newer dvorik.
    #[error("{0} was made by a newer dvorik")]
    Newer(PathBuf),
    /// The backup has no checksum file to compare it with.
    #[error("{0} has no sidecar")]
    Unverified(PathBuf),
    /// The bare file is empty.
    #[error("{0} is empty")]
    Empty(PathBuf),
    /// A log or a journal with content lies beside the bare file, so that the file alone is not the whole database.
    #[error("{0} has a log")]
    HasLog(PathBuf),
    /// Another program wrote to the bare file while it was read.
    #[error("{0} is being written")]
    Changing(PathBuf),
    /// The file is not encrypted, though it should be an encrypted copy.
    #[error("{0} is not encrypted")]
    NotEncrypted(PathBuf),
    /// The key does not open the encrypted copy.
    #[error("{0} is encrypted for another key")]
    WrongKey(PathBuf),
    /// The backup does not match its checksum file, or is damaged.
    #[error("{path} is damaged")]
    Damaged {
        /// The backup's path.
        path: PathBuf,
        /// What should have vouched for the backup.
        form: Form,
        /// The backup's faults; at least one.
        problems: Vec<BackupProblem>,
    },
    /// The shop's own database is damaged, or lacks tables: a copy of it would be damaged, too.
    #[error("the database is damaged: {}", .0.join("; "))]
    Unsound(Vec<String>),
    /// The disk has no room for a second database; the number is what must be free, in bytes.
    #[error("{path}: {bytes} bytes must be free")]
    NoRoom {
        /// The directory on that disk.
        path: PathBuf,
        /// What must be free.
        bytes: u64,
    },
    /// The disk is full.
    #[error("the disk is full: {0}")]
    Full(PathBuf),
    /// The system refused the operation.
    #[error("{path}: {reason}")]
    Unusable {
        /// The file or directory that cannot be used.
        path: PathBuf,
        /// What the system says.
        reason: Cause,
    },
    /// The shop's database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A daemon or a sender works on the shop's database.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// Another command has the shop's database open.
    #[error("the database is in use")]
    InUse,
    /// The backup is of another shop: its zone or currency differs from the config.
    #[error("{} is {} in the backup", .0.key, .0.stored)]
    Mismatch(Mismatch),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] Failure),
}

impl BackupError {
    /// The same error about the encrypted copy `copy`: its content was opened in a temporary directory, whose path
    /// helps no reader.
    #[must_use]
    pub fn of_copy(self, copy: &Path) -> Self {
        let path = copy.to_owned();
        match self {
            Self::Foreign(_) => Self::Foreign(path),
            Self::Newer(_) => Self::Newer(path),
            Self::Unverified(_) => Self::Unverified(path),
            Self::Damaged { form, problems, .. } => Self::Damaged { path, form, problems },
            other => other,
        }
    }

    fn io(path: &Path, error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(path.to_owned()),
            ErrorKind::AlreadyExists => Self::Exists(path.to_owned()),
            _ => Self::Unusable { path: path.to_owned(), reason: error.into() },
        }
    }

    /// Converts the error of a copy that was to become the backup `target`.
    fn copying(target: &Path, error: CopyError) -> Self {
        match error {
            CopyError::Open(error) => Self::Open(error),
            CopyError::Unsound(problems) => Self::Unsound(problems),
            CopyError::Storage(Failure::Full) => Self::Full(target.to_owned()),
            CopyError::Storage(Failure::Unavailable(reason)) => Self::Unusable { path: target.to_owned(), reason },
            CopyError::Storage(failure) => Self::Storage(failure),
        }
    }
}

/// The result of every function in this module.
pub type Result<T> = std::result::Result<T, BackupError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_a_taken_name_are_called_what_they_are() {
        let path = Path::new("dvorik.db");
        let said = |kind: ErrorKind| BackupError::io(path, &kind.into());
        for full in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            assert!(matches!(said(full), BackupError::Full(of) if of == path), "{full}");
        }
        assert!(matches!(said(ErrorKind::AlreadyExists), BackupError::Exists(of) if of == path));
        assert!(matches!(said(ErrorKind::PermissionDenied), BackupError::Unusable { path: of, .. } if of == path));
    }
}
