//! The two lock files beside the database: `serve` (intake, scheduler) and `sender` (all delivery). The kernel releases
//! them when a process dies, however it dies; the process id inside is only for people.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::files::{open_private, with_tail};

/// The two locks of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// One daemon per database.
    Serve,
    /// One sender per database.
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

/// A lock that is held until this is dropped or the process ends.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

/// Why a lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process holds the lock; its process id, if known.
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

/// How often taking a lock is tried: a process that only looks who holds it takes it for an instant, and that must not
/// keep a daemon from starting.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// Takes a lock of `database`; waits only as long as a look by [`holder`] takes.
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

/// The process that holds a lock of `database`, if any does; its process id, if known. Creates and writes nothing.
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
