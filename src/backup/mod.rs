//! Backups: made while the shop works, checked, listed, verified, restored, pruned. A backup is a database file and a
//! sidecar `….json` with the facts it must match; a file without a sidecar is not trusted. `save` makes one, `verify`
//! checks one, `restore` replaces the shop's database by one, `keep` chooses which to keep.

mod carry;
mod file;
mod holding;
mod keep;
mod restore;
mod save;
mod verify;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub use carry::{CarriedOver, Lost};
pub use file::{Backup, BackupKind, Facts, get_by_ref, list};
pub use holding::{Holding, holding};
pub use keep::{Thinning, thin_out, thinning};
pub use restore::{Outlook, Prepared, ReplacedDatabase, Restored, UnreadReason, prepare};
pub use save::{Made, create};
pub use verify::{Soundness, soundness, verify};

use crate::db::Failure;
use crate::db::OpenError;
use crate::db::backup::CopyError;
use crate::locks::LockError;
use crate::shop::Mismatch;

/// One fault of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupProblem {
    /// Which check found it: `sha256`, `integrity`, `schema`, `foreign_keys`, `counts`.
    pub check: &'static str,
    /// Details, in SQLite's words or the program's; empty when the check is clear enough.
    pub what: String,
}

/// Why a backup was not made, verified or restored. The shop's database is then unchanged.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no backup of this name.
    #[error("no backup {typed}")]
    NotFound {
        /// The given name.
        typed: String,
        /// The existing names, newest first.
        known: Vec<String>,
    },
    /// A file of this name exists.
    #[error("{0} exists")]
    Exists(PathBuf),
    /// It is a symbolic link, a directory or a pipe.
    #[error("{0} is not a regular file")]
    NotRegular(PathBuf),
    /// It is another program's database, or not an SQLite file.
    #[error("{0} is not a backup of dvorik")]
    Foreign(PathBuf),
    /// It was made by a newer dvorik.
    #[error("{0} was made by a newer dvorik")]
    Newer(PathBuf),
    /// It has no sidecar to compare it with.
    #[error("{0} has no sidecar")]
    Unverified(PathBuf),
    /// It does not match its sidecar, or is damaged.
    #[error("{path} is damaged")]
    Damaged {
        /// The backup.
        path: PathBuf,
        /// At least one.
        problems: Vec<BackupProblem>,
    },
    /// The shop's own database is damaged: it cannot be copied soundly.
    #[error("the database is damaged: {}", .0.join("; "))]
    Unsound(Vec<String>),
    /// The disk is full.
    #[error("the disk is full: {0}")]
    Full(PathBuf),
    /// The system refused the operation.
    #[error("{path}: {reason}")]
    Unusable {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        reason: String,
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
    fn io(path: &Path, error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full(path.to_owned()),
            ErrorKind::AlreadyExists => Self::Exists(path.to_owned()),
            _ => Self::Unusable { path: path.to_owned(), reason: error.to_string() },
        }
    }

    /// The error of a copy to `target`.
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
