//! The failures of the storage, and the trait by which the error type of a use-case can contain one.

use crate::cause::Cause;

/// A failure of the storage, never a refusal of the shop. Nothing that the use-case wrote was kept, except after
/// [`Failure::Moved`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Another process held the database's lock for too long; the caller may try again.
    #[error("the database is busy")]
    Busy,
    /// No space left on the disk.
    #[error("the disk is full")]
    Full,
    /// The database could not be read or written (an I/O error, no memory), or the transaction that this use-case
    /// shared with others was rolled back. The caller may try again.
    #[error("the database is unavailable: {0}")]
    Unavailable(Cause),
    /// A page of the file is damaged. The caller may try again: another use-case may need other pages.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database lacks a table that its migrations made: only a part of it is left.
    #[error("the database is incomplete: {0}")]
    Incomplete(String),
    /// Every connection for reads of this [`super::Class`] stayed busy; the caller may try again.
    #[error("too much is being read at once")]
    Crowded,
    /// The read took longer than its [`super::Class`] allows, and was broken off.
    #[error("reading took longer than {seconds} s")]
    Late {
        /// The time that the class of reads allows.
        seconds: u64,
    },
    /// The process is stopping (or the caller is gone), so the read was refused or broken off.
    #[error("the process is stopping")]
    Ending,
    /// The writer thread has been stopped.
    #[error("the database has been closed")]
    Stopped,
    /// The database file has been renamed, removed or replaced: the row may have been written, but to a file that no
    /// other process opens.
    #[error("the database file has been moved or replaced")]
    Moved,
    /// The file is a backup, to which nothing is written.
    #[error("the database is a backup")]
    Kept,
    /// A bug: a panic inside a use-case, or SQL that SQLite rejects.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Failure {
    /// Whether the same call may succeed later, for instance when there is disk space again or less load.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        !matches!(self, Self::Internal(_) | Self::Incomplete(_) | Self::Stopped | Self::Moved | Self::Kept)
    }
}

impl From<&rusqlite::Error> for Cause {
    fn from(error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let key = match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => "system.busy",
            Some(Code::DiskFull) => "system.full",
            Some(Code::SystemIoFailure) => "system.broken_disk",
            // No access, no descriptor left, a directory that is gone: SQLite does not tell which.
            Some(Code::CannotOpen) => "system.unopened",
            Some(Code::PermissionDenied | Code::ReadOnly) => "system.denied",
            _ => return error.to_string().into(),
        };
        Self::known(key, error.to_string())
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::DiskFull) => Self::Full,
            Some(
                Code::SystemIoFailure
                | Code::OutOfMemory
                | Code::OperationInterrupted
                | Code::CannotOpen
                | Code::ReadOnly,
            ) => Self::Unavailable(Cause::from(&error)),
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Damaged(error.to_string()),
            _ if error.to_string().contains("no such table: ") => Self::Incomplete(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// An error type that a use-case may return. It can be made from a storage failure, and tells whether it contains one.
pub trait StorageError: From<Failure> + Send + 'static {
    /// The storage failure inside this error, if there is one.
    fn storage(&self) -> Option<&Failure>;
}

impl StorageError for Failure {
    fn storage(&self) -> Option<&Failure> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a bare connection, to get SQLite's own error")]
    fn a_database_that_cannot_be_opened_is_not_told_as_one_without_permission() {
        let error = rusqlite::Connection::open("/no/such/directory/shop.db").unwrap_err();
        assert_eq!(Cause::from(&error).key(), Some("system.unopened"), "{error}");
    }

    #[test]
    fn a_missing_table_is_half_a_database_and_a_wrong_statement_a_bug() {
        let model = super::super::migrate::model(1).unwrap();
        let failed = |sql: &str| Failure::from(model.execute(sql, []).unwrap_err());
        assert!(matches!(failed("DELETE FROM nowhere"), Failure::Incomplete(why) if why.contains("nowhere")));
        assert!(matches!(failed("DELETE FROM users WHERE no_column"), Failure::Internal(_)));
    }
}
