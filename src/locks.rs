//! The two lock files beside the database. The daemon, which takes in updates and runs the jobs, holds `serve`; the
//! process that delivers messages holds `sender`. The kernel releases a lock when its process ends, however it ends.
//! The process id in the file tells others who holds the lock.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cause::Cause;
use crate::files::{open_private, with_tail};

/// The two locks of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Held by the daemon: at most one per database.
    Serve,
    /// Held by the process that delivers messages: at most one per database.
    Sender,
}

impl Lock {
    const fn extension(self) -> &'static str {
        match self {
            Self::Serve => ".serve.lock",
            Self::Sender => ".sender.lock",
        }
    }
}

/// A lock that this process holds until the value is dropped or the process ends.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

/// Why a lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds the lock; the number is that process's id, if the lock file shows it.
    #[error("held by process {}", .0.map_or_else(|| "?".to_owned(), |pid| pid.to_string()))]
    HeldBy(Option<u32>),
    /// The lock file cannot be created or opened.
    #[error("{path}: {error}")]
    Unusable {
        /// The lock file's path.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
}

impl From<&LockError> for Cause {
    fn from(error: &LockError) -> Self {
        match error {
            LockError::Unusable { error: refused, .. } => Self::of(refused, error.to_string()),
            LockError::HeldBy(_) => error.to_string().into(),
        }
    }
}

/// How often [`take`] tries. Another process that only asks who holds the lock ([`holder`]) takes it for an instant,
/// and that must not keep a daemon from starting.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Takes a lock of `database`. Waits at most 40 ms, in case another process is in [`holder`] at this moment.
///
/// # Errors
/// [`LockError::HeldBy`] with the holder's process id; [`LockError::Unusable`] in a directory that cannot be written.
pub fn take(database: &Path, lock: Lock) -> Result<Held, LockError> {
    let path = path_of(database, lock);
    let unusable = |error| LockError::Unusable { path: path.clone(), error };
    let mut file = open_private(&path, database).map_err(unusable)?;
    match try_a_little(&file) {
        Ok(()) => {
            sign(&mut file).map_err(unusable)?;
            Ok(Held { _file: file })
        }
        Err(TryLockError::WouldBlock) => Err(LockError::HeldBy(signature(&mut file))),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// The process that holds a lock of `database`. `None`: no process holds it; `Some(None)`: the holder's process id is
/// not known. Creates and writes nothing.
///
/// # Errors
/// [`LockError::Unusable`] when the lock file exists and cannot be opened.
pub fn holder(database: &Path, lock: Lock) -> Result<Option<Option<u32>>, LockError> {
    let path = path_of(database, lock);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LockError::Unusable { path, error }),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(signature(&mut file))),
        Err(TryLockError::Error(error)) => Err(LockError::Unusable { path, error }),
    }
}

fn try_a_little(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
            ended => return ended,
        }
    }
    file.try_lock()
}

fn path_of(database: &Path, lock: Lock) -> PathBuf {
    with_tail(database, lock.extension())
}

fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", std::process::id())
}

fn signature(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_who_holds_a_lock_neither_makes_it_nor_takes_it() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("shop.db");
        assert_eq!(holder(&database, Lock::Serve).unwrap(), None);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let held = take(&database, Lock::Serve).unwrap();
        assert_eq!(holder(&database, Lock::Serve).unwrap(), Some(Some(std::process::id())));
        assert_eq!(holder(&database, Lock::Sender).unwrap(), None);
        drop(held);
        assert_eq!(holder(&database, Lock::Serve).unwrap(), None);
    }
}
