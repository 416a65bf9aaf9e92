//! The database: one SQLite file, one writer thread, a few read-only connections. Only this module opens connections,
//! always with the pragmas that keep an acknowledged redemption on disk. It knows nothing of the shop: use-cases are
//! closures that get a [`Tx`] or a [`View`].

pub mod examine;
pub mod backup;
mod columns;
mod conditions;
mod demo_clock;
mod failure;
pub mod fold;
mod migrate;
mod others;
mod place;
mod readers;
mod schema;
#[cfg(all(debug_assertions, not(test)))]
mod statements;
mod still;
mod tx;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::Access;
use tokio::sync::{oneshot, watch};

use crate::cause::Cause;
use crate::clock::{Clock, Zone};
use crate::files::directory_of;
pub(crate) use columns::{columns, from_json, next_column};
pub use conditions::{Conditions, Slice};
pub use demo_clock::{is_demo, is_demo_file, set_demo_clock};
pub use failure::{Failure, StorageError};
use migrate::lacks_a_table;
pub use migrate::{
    Migrated, NEWEST_KNOWN_MIGRATION, Pending, lock_migrations, migrate, pending, pending_at, usable_at,
};
pub use others::watch_other_processes;
pub use place::has_no_log_of_its_own;
use place::{FileIdentity, Folded, has_foreign_log};
pub use readers::Class;
use readers::{Caller, Readers};
pub use still::{read_beside, read_of_any_schema, read_still};
pub use tx::{Signal, Tx, View};
use writer::Writer;

/// `PRAGMA application_id` of a dvorik database: the letters DVRK.
pub const APPLICATION_ID: i64 = 1_146_507_851;
/// The oldest SQLite that is accepted. Older versions can corrupt a WAL that two processes write and checkpoint at
/// once.
const OLDEST_SQLITE: i32 = 3_051_003;
/// How long a writer waits for another process before it fails with "try again".
const BUSY: Duration = Duration::from_secs(5);
/// SQLite checkpoints the WAL when it has this many pages (32 MiB), half of the `journal_size_limit` to which it is cut
/// afterwards.
const CHECKPOINT_PAGES: i64 = 8192;
const BUSY_STEP: Duration = Duration::from_micros(500);

/// Why a database file cannot be used. `Display` is one sentence; which command the person should run next is added by
/// the doors.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is no file at this path.
    #[error("no database at {0}")]
    Missing(PathBuf),
    /// The file is not SQLite, or belongs to another program.
    #[error("{0} is not a dvorik database")]
    Foreign(PathBuf),
    /// Migrations of this binary have not been applied.
    #[error("{path} needs {count} migration(s)")]
    Pending {
        /// The database file.
        path: PathBuf,
        /// How many migrations have not been applied.
        count: usize,
    },
    /// A newer dvorik has migrated this file.
    #[error("{0} was made by a newer dvorik")]
    Newer(PathBuf),
    /// The write-ahead log beside the file was written for another file; SQLite would replay it over this one.
    #[error("the log beside {0} belongs to another database")]
    ForeignLog(PathBuf),
    /// The file is damaged or was not written to its end, or lacks tables that its migrations made.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// The file or its directory cannot be read or written, or SQLite failed.
    #[error("cannot use {path}: {reason}")]
    Unusable {
        /// The database file.
        path: PathBuf,
        /// What SQLite or the system says.
        reason: Cause,
    },
}

impl OpenError {
    fn unusable(path: &Path, reason: impl Into<Cause>) -> Self {
        Self::Unusable { path: path.to_owned(), reason: reason.into() }
    }

    fn not_regular(path: &Path) -> Self {
        Self::unusable(path, Cause::known("system.not_regular", "not a regular file"))
    }

    fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::Foreign(path.to_owned()),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(path.to_owned()),
            Some(ErrorCode::CannotOpen) => Self::unusable(path, why_unopened(path, error)),
            _ => Self::unusable(path, error),
        }
    }
}

impl From<&OpenError> for Cause {
    fn from(error: &OpenError) -> Self {
        match error {
            OpenError::Unusable { reason, .. } => match reason.key() {
                Some(key) => Self::known(key, error.to_string()),
                None => error.to_string().into(),
            },
            error => error.to_string().into(),
        }
    }
}

impl From<&OpenError> for Failure {
    fn from(error: &OpenError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// The system's reason why SQLite could not open `path`, which SQLite does not tell. The file is not opened: closing it
/// would drop the locks that SQLite holds on it.
fn why_unopened(path: &Path, error: &rusqlite::Error) -> Cause {
    let is_uri = path.to_str().is_some_and(|path| path.starts_with("file:"));
    let allowed = |path: &Path, access| rustix::fs::access(path, access).map_err(std::io::Error::from);
    let tried = if is_uri { Ok(()) } else { allowed(path, Access::READ_OK) };
    let tried = tried.and_then(|()| allowed(&directory_of(path), Access::EXEC_OK));
    match tried {
        Err(refused) if !is_uri => Cause::of(&refused, error.to_string()),
        _ => error.into(),
    }
}

/// An open database. Cheap to clone. When the last clone is dropped, every connection is closed before the drop
/// returns. If no other process has the database open, SQLite then folds the write-ahead log into the file and removes
/// the log.
#[derive(Clone)]
pub struct Database {
    inner: Arc<DatabaseInner>,
}

/// The fields are dropped in this order. Connections that only read cannot fold the log into the file, so the writer's
/// connection must close last.
struct DatabaseInner {
    readers: Readers,
    writer: Writer,
    _folded: Folded,
    place: FileIdentity,
    zone: Zone,
    clock: Clock,
    /// Whether the file is a backup, to which nothing is written.
    is_kept: bool,
}

impl Database {
    /// Opens an existing, fully migrated database for reading and writing.
    ///
    /// # Errors
    /// Every [`OpenError`]; nothing is then created or changed.
    pub fn open(path: &Path, zone: Zone, clock: Clock) -> Result<Self, OpenError> {
        Self::open_with(path, zone, clock, false)
    }

    /// Opens a backup, which must stay byte by byte what its checksum file says: every write is refused with
    /// [`Failure::Kept`].
    ///
    /// # Errors
    /// Those of [`Database::open`].
    pub fn open_kept(path: &Path, zone: Zone, clock: Clock) -> Result<Self, OpenError> {
        Self::open_with(path, zone, clock, true)
    }

    fn open_with(path: &Path, zone: Zone, clock: Clock, is_kept: bool) -> Result<Self, OpenError> {
        if !path.exists() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        let place = FileIdentity::of(path);
        // A writer's connection would switch the file to a write-ahead log.
        let connection = match is_kept {
            true => connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?,
            false => connect_writer(path)?,
        };
        if !place.holds() {
            return Err(OpenError::unusable(
                path,
                Cause::known("system.replaced", "it was replaced while it was opened"),
            ));
        }
        match pending(&connection).map_err(|e| OpenError::from_sqlite(path, &e))? {
            Pending::None if lacks_a_table(&connection).map_err(|e| OpenError::from_sqlite(path, &e))? => {
                return Err(OpenError::Damaged(path.to_owned()));
            }
            Pending::None => {}
            Pending::Some(count) => return Err(OpenError::Pending { path: path.to_owned(), count }),
            Pending::Newer => return Err(OpenError::Newer(path.to_owned())),
        }
        let clock = demo_clock::of(&connection, clock);
        let writer = Writer::start(connection, place.clone(), zone, clock.clone());
        let inner = DatabaseInner {
            readers: Readers::new(path.to_owned()),
            writer: writer.map_err(|e| OpenError::unusable(path, e))?,
            _folded: Folded(place.clone()),
            place,
            zone,
            clock,
            is_kept,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Hands a use-case to the writer thread.
    fn submit<T, E, F>(&self, run: F, is_bulk: bool) -> oneshot::Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: StorageError,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        if !self.inner.is_kept {
            return self.inner.writer.submit(run, is_bulk);
        }
        let (answer, answered) = oneshot::channel();
        // Sending fails only if the caller has stopped waiting for the answer.
        let _ = answer.send(Err(Failure::Kept.into()));
        answered
    }

    /// Runs one use-case on the writer thread and returns after COMMIT. Blocks the calling thread, so async code calls
    /// [`Database::write_async`].
    ///
    /// # Errors
    /// The closure's error (its changes are rolled back), or a [`Failure`] of the storage (nothing was kept).
    pub fn write<T, E, F>(&self, run: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: StorageError,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.submit(run, false).blocking_recv().unwrap_or_else(|_| Err(Failure::Stopped.into()))
    }

    /// Does what [`Database::write`] does, for async code.
    ///
    /// # Errors
    /// The errors of [`Database::write`].
    pub async fn write_async<T, E, F>(&self, run: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: StorageError,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.submit(run, false).await.unwrap_or_else(|_| Err(Failure::Stopped.into()))
    }

    /// Does what [`Database::write`] does, for a closure that touches many rows. The closure gets a transaction of its
    /// own, so that redemptions at the counter do not share its COMMIT: if the closure fails, they do not fail with it,
    /// and those queued before it do not wait for it.
    ///
    /// # Errors
    /// The errors of [`Database::write`].
    pub fn write_bulk<T, E, F>(&self, run: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: StorageError,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.submit(run, true).blocking_recv().unwrap_or_else(|_| Err(Failure::Stopped.into()))
    }

    /// Does what [`Database::write_bulk`] does, for async code.
    ///
    /// # Errors
    /// The errors of [`Database::write`].
    pub async fn write_bulk_async<T, E, F>(&self, run: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: StorageError,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.submit(run, true).await.unwrap_or_else(|_| Err(Failure::Stopped.into()))
    }

    /// Runs a short read-only closure on one consistent snapshot, as a read of [`Class::Work`].
    ///
    /// # Errors
    /// The closure's error, or a [`Failure`] of the storage.
    pub fn read<T, E, F>(&self, run: F) -> Result<T, E>
    where
        E: StorageError,
        F: FnOnce(&View<'_>) -> Result<T, E>,
    {
        self.read_as(Class::Work, run)
    }

    /// Does what [`Database::read`] does, as a read of `class`. Blocks the calling thread; a thread of a multi-threaded
    /// runtime first hands its other tasks to another thread.
    ///
    /// # Errors
    /// The errors of [`Database::read`]; [`Failure::Crowded`] when every connection of the class stays busy;
    /// [`Failure::Late`] if the class has a deadline, [`Failure::Ending`] if a stop of the process ends its reads.
    pub fn read_as<T, E, F>(&self, class: Class, run: F) -> Result<T, E>
    where
        E: StorageError,
        F: FnOnce(&View<'_>) -> Result<T, E>,
    {
        off_the_runtime(|| {
            let seat = self.inner.readers.seat(class)?;
            self.inner.readers.with(&seat, None, |connection| run(&self.view(connection)))
        })
    }

    /// Does what [`Database::read_as`] does, for async code. Waiting for a connection occupies no thread, and dropping
    /// the future breaks the read off.
    ///
    /// # Errors
    /// The errors of [`Database::read_as`].
    pub async fn read_async<T, E, F>(&self, class: Class, run: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: StorageError,
        F: FnOnce(&View<'_>) -> Result<T, E> + Send + 'static,
    {
        let seat = self.inner.readers.seat_async(class).await?;
        let (caller, is_gone) = Caller::new();
        let db = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            db.inner.readers.with(&seat, Some(is_gone), |connection| run(&db.view(connection)))
        });
        let read = reading.await;
        drop(caller);
        read.unwrap_or_else(|error| Err(Failure::Internal(error.to_string()).into()))
    }

    /// Called when the process stops: breaks off the lists, figures and exports under way, and refuses new ones.
    pub fn end_reading(&self) {
        self.inner.readers.end();
    }

    fn view<'c>(&self, connection: &'c Connection) -> View<'c> {
        View::new(connection, self.inner.clock.both(), self.inner.zone)
    }

    /// A receiver that is notified after every commit that raised `signal`, and by [`Database::wake`]. Its value grows
    /// with each notification.
    #[must_use]
    pub fn signalled(&self, signal: Signal) -> watch::Receiver<u64> {
        self.inner.writer.signalled(signal)
    }

    /// Wakes all loops, because another process has committed something they may handle.
    pub fn wake_all(&self) {
        self.inner.writer.wake_all();
    }

    /// The shop's zone, as configured when the database was opened.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.inner.zone
    }

    /// The clock from which transactions take their `now`.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The path of the database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.inner.place.path()
    }

    /// Whether the database file is still at the path where it was opened. If it has been renamed, removed or replaced,
    /// this process writes to a file that no other process opens.
    #[must_use]
    pub fn is_in_place(&self) -> bool {
        self.inner.place.holds()
    }

    /// How many transactions the writer has ended since the start, committed or not: whether it makes progress.
    #[must_use]
    pub fn ended_transactions(&self) -> u64 {
        self.inner.writer.ended()
    }

    /// How many use-cases wait for the writer or run in it.
    #[must_use]
    pub fn writes_waiting(&self) -> usize {
        self.inner.writer.waiting()
    }

    /// A number that changes whenever the writer or another process has committed. It is polled to notice commits of
    /// other processes.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    pub fn data_version(&self) -> Result<i64, Failure> {
        self.inner
            .readers
            .watched(|connection| Ok(connection.pragma_query_value(None, "data_version", |row| row.get(0))?))
    }
}

/// Runs blocking code. A thread of a multi-threaded runtime first hands its other tasks to another thread; on a
/// single-threaded runtime, which only commands use, nothing else has to run meanwhile.
fn off_the_runtime<T>(run: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => tokio::task::block_in_place(run),
        _ => run(),
    }
}

fn connect_writer(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // A backup that an admin has copied to this path by hand is not in WAL mode yet, and without it readers would wait
    // for writers.
    connection.pragma_update(None, "journal_mode", "wal").map_err(|e| OpenError::from_sqlite(path, &e))?;
    Ok(connection)
}

/// Opens a connection for reading that may be the only one to the database. It is opened for writing all the same,
/// because only such a connection can fold the log into the file when it closes. If the file may not be written, SQLite
/// opens it read-only.
fn connect_alone(path: &Path) -> Result<Connection, OpenError> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Opens the database at `path` with `flags` and sets every pragma that this program relies on. Refuses an old SQLite,
/// and files of other programs.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    let mut connection = connect_bare(path, flags)?;
    set_up(&mut connection, flags).map_err(|e| OpenError::from_sqlite(path, &e))?;
    let id = application_id(&connection).map_err(|e| OpenError::from_sqlite(path, &e))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| OpenError::from_sqlite(path, &e))?;
    if id != APPLICATION_ID && tables > 0 {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    Ok(connection)
}

/// Opens the database at `path` and closes it again, without reading its schema, which takes most of the time of
/// [`connect`]. If no process has the database open, SQLite then folds the log into the file and removes the log.
fn open_and_close(path: &Path) -> Result<(), OpenError> {
    let connection = connect_bare(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite opens the log when it first reads, and folds only a log that it has opened.
    application_id(&connection).map_err(|e| OpenError::from_sqlite(path, &e))?;
    Ok(())
}

fn application_id(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

/// Opens the database at `path` with SQLite's own settings. Refuses an old SQLite, and files that are no database.
#[expect(clippy::disallowed_methods, reason = "the one place that opens connections")]
fn connect_bare(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::unusable(path, format!("SQLite {} is too old", rusqlite::version())));
    }
    if !flags.contains(OpenFlags::SQLITE_OPEN_URI) {
        // If the path is a pipe, opening it would wait for the other end.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return Err(OpenError::not_regular(path));
        }
        if has_foreign_log(path) {
            return Err(OpenError::ForeignLog(path.to_owned()));
        }
    }
    Connection::open_with_flags(path, flags).map_err(|e| OpenError::from_sqlite(path, &e))
}

fn set_up(connection: &mut Connection, flags: OpenFlags) -> rusqlite::Result<()> {
    // SQLite's own busy_timeout sleeps longer after each failed try, up to 100 ms, so that a process which has waited
    // long rarely gets the lock. Short sleeps of equal length share the lock fairly.
    let steps = i32::try_from(BUSY.as_micros() / BUSY_STEP.as_micros()).unwrap_or(i32::MAX);
    connection.busy_handler(Some(move |tried: i32| {
        std::thread::sleep(BUSY_STEP);
        tried < steps
    }))?;
    connection.set_prepared_statement_cache_capacity(256);
    // Without this setting (query planner stability guarantee) SQLite prepares a statement again at every call if a
    // bound value decides whether a partial index fits.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let writes = flags.contains(OpenFlags::SQLITE_OPEN_READ_WRITE);
    connection.pragma_update(None, "cache_size", if writes { -16_000 } else { -4000 })?;
    connection.pragma_update(None, "temp_store", "memory")?;
    if writes {
        // FULL is necessary: with NORMAL a power cut can undo a commit, and a redeemed code would be valid again.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        // SQLite overwrites deleted data at once: an erased name must not stay readable in a free page.
        connection.pragma_update(None, "secure_delete", true)?;
        // Under load two commits change a thousand pages, SQLite's default limit. Checkpoints that often would be half
        // of the time for which a cashier waits.
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    }
    Ok(())
}
