//! Backups: made while the shop works, checked before they count, listed, verified, restored, thinned out. A backup is
//! a database file and a sidecar `….json` that tells what must be in it; a file without its sidecar is nobody's promise.
//! `save` makes one, `verify` doubts one, `restore` puts one in the place of the shop's database, `keep` chooses.

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

/// One thing that is wrong with a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupProblem {
    /// Which check found it: `sha256`, `integrity`, `schema`, `foreign_keys`, `counts`.
    pub check: &'static str,
    /// What it found, in SQLite's words or ours; empty when the check says it all.
    pub what: String,
}

/// Why a backup was not made, trusted or restored. The shop's database is then what it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is none of this name.
    #[error("no backup {typed}")]
    NotFound {
        /// What was asked for.
        typed: String,
        /// The names there are, newest first.
        known: Vec<String>,
    },
    /// Something of this name is there already.
    #[error("{0} exists")]
    Exists(PathBuf),
    /// A symbolic link, a directory, a pipe.
    #[error("{0} is not a regular file")]
    NotRegular(PathBuf),
    /// Another program's file, or none of SQLite's.
    #[error("{0} is not a backup of dvorik")]
    Foreign(PathBuf),
    /// A newer dvorik has made it.
    #[error("{0} was made by a newer dvorik")]
    Newer(PathBuf),
    /// It has no sidecar to be compared with.
    #[error("{0} has no sidecar")]
    Unverified(PathBuf),
    /// It is not what its sidecar promises, or not sound.
    #[error("{path} is damaged")]
    Damaged {
        /// The backup.
        path: PathBuf,
        /// At least one.
        problems: Vec<BackupProblem>,
    },
    /// The shop's own database is damaged: no sound copy can be made of it.
    #[error("the database is damaged: {}", .0.join("; "))]
    Unsound(Vec<String>),
    /// The disk is full.
    #[error("the disk is full: {0}")]
    Full(PathBuf),
    /// The system refused.
    #[error("{path}: {reason}")]
    Unusable {
        /// The file or directory.
        path: PathBuf,
        /// The system's words.
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
    /// The backup is another shop's: its zone or currency is not the config's.
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

    /// A copy that failed on its way to `target`.
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

/// What every function here answers.
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
