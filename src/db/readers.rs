//! A few read-only connections. Reading never waits for the writer and never blocks it; each read sees one snapshot.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use super::{Failure, StorageError, connect};

/// More readers than this wait for each other: two cores have no use for more.
const MOST: usize = 4;

#[derive(Clone)]
pub(super) struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    pool: Mutex<Pool>,
    freed: Condvar,
    /// Kept open for `PRAGMA data_version`, which only means something on one and the same connection.
    watcher: Mutex<Option<Connection>>,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Connection>,
    open: usize,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        let shared = Shared { path, pool: Mutex::default(), freed: Condvar::new(), watcher: Mutex::new(None) };
        Self { shared: Arc::new(shared) }
    }

    pub(super) fn with<T, E: StorageError>(&self, read: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        // Given back by dropping, so that a panic in `read` does not keep the connection for ever.
        let taken = Taken { readers: self, connection: Some(self.take()?) };
        taken.connection.as_ref().map_or_else(|| Err(Failure::Stopped.into()), |connection| snapshot(connection, read))
    }

    pub(super) fn watched<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut watcher = self.shared.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.is_none() {
            *watcher = Some(self.open()?);
        }
        watcher.as_ref().map_or(Err(Failure::Stopped), read)
    }

    fn open(&self) -> Result<Connection, Failure> {
        connect(&self.shared.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| Failure::Unavailable(error.to_string()))
    }

    fn take(&self) -> Result<Connection, Failure> {
        let mut pool = self.shared.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = pool.idle.pop() {
                return Ok(connection);
            }
            if pool.open < MOST {
                pool.open += 1;
                drop(pool);
                return self.open().inspect_err(|_| self.forget());
            }
            pool = self.shared.freed.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, connection: Connection) {
        if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            return self.forget();
        }
        self.shared.pool.lock().unwrap_or_else(PoisonError::into_inner).idle.push(connection);
        self.shared.freed.notify_one();
    }

    fn forget(&self) {
        self.shared.pool.lock().unwrap_or_else(PoisonError::into_inner).open -= 1;
        self.shared.freed.notify_one();
    }
}

struct Taken<'r> {
    readers: &'r Readers,
    connection: Option<Connection>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.give_back(connection);
        }
    }
}

fn snapshot<T, E: StorageError>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    connection.execute_batch("BEGIN").map_err(Failure::from)?;
    let result = read(connection);
    connection.execute_batch("COMMIT").map_err(Failure::from)?;
    result
}
