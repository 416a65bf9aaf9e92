//! What can go wrong below a use-case, and the trait that lets any error type carry it.

/// A failure of the storage, never a refusal of the shop. Nothing of the use-case was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Another process held the database for too long; try again.
    #[error("the database is busy")]
    Busy,
    /// No space left on the disk.
    #[error("the disk is full")]
    Full,
    /// The batch this use-case was part of could not be committed; try again.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Every connection for this class of reads stayed busy; try again.
    #[error("too much is being read at once")]
    Crowded,
    /// The read took longer than its class allows.
    #[error("reading took longer than {seconds} s")]
    Late {
        /// The time that the class allows.
        seconds: u64,
    },
    /// The process is stopping, so the read was broken off.
    #[error("the process is stopping")]
    Ending,
    /// The writer has been stopped.
    #[error("the database has been closed")]
    Stopped,
    /// The database file has been renamed, removed or replaced: what was written is where no other process looks.
    #[error("the database file has been moved or replaced")]
    Moved,
    /// A bug: a panic inside a use-case, or SQL that SQLite rejects.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Failure {
    /// Whether the same call may succeed later, when only disk space or load has changed.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        !matches!(self, Self::Internal(_) | Self::Stopped | Self::Moved)
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
                | Code::ReadOnly
                | Code::DatabaseCorrupt
                | Code::NotADatabase,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// An error type that a use-case may return: it can hold a storage failure and give it back.
pub trait StorageError: From<Failure> + Send + 'static {
    /// The storage failure inside this error, if there is one.
    fn storage(&self) -> Option<&Failure>;
}

impl StorageError for Failure {
    fn storage(&self) -> Option<&Failure> {
        Some(self)
    }
}
