//! Read-only connections, in classes by what a read is for. A read never waits for the writer and never blocks it, and
//! sees one snapshot. Each class has connections of its own, so a slow list takes none from the checks of codes. The
//! wait for a connection is bounded. A read is broken off at the deadline of its class, when the process stops (in
//! classes that say so), or when its caller is gone.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::coop::unconstrained;

use super::{Failure, StorageError, connect};

/// After this many steps, well under a millisecond, SQLite asks the progress handler whether to go on.
const STEPS: i32 = 4000;

/// What a read is for. Reads of one class never use the connections of another class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Short reads of the bots and the loops, and every read of a command-line command.
    Work,
    /// Checks that admit a request to the API.
    Admission,
    /// `/readyz` and `/metrics`.
    Health,
    /// Lists and figures for the bots, the API and commands.
    List,
    /// Exports, audiences, and jobs that walk through the whole shop.
    Bulk,
}

/// The limits of a class of reads.
struct Rules {
    /// How many reads of the class run at once, each on a connection of its own; further reads wait.
    seats: usize,
    /// How long a read waits for a free connection before it fails with [`Failure::Crowded`].
    wait: Duration,
    /// How long a read may last before it is broken off; `None`: as long as it needs.
    limit: Option<Duration>,
    /// Whether reads of the class are broken off when the process stops.
    ends_at_stop: bool,
    /// The cache of each connection, in KiB.
    cache: i64,
}

impl Class {
    const ALL: [Self; 5] = [Self::Work, Self::Admission, Self::Health, Self::List, Self::Bulk];

    const fn rules(self) -> Rules {
        let (seconds, no_limit) = (Duration::from_secs, None);
        match self {
            Self::Work => Rules { seats: 2, wait: seconds(5), limit: no_limit, ends_at_stop: false, cache: 4000 },
            Self::Admission => {
                Rules { seats: 2, wait: seconds(5), limit: Some(seconds(5)), ends_at_stop: false, cache: 1000 }
            }
            Self::Health => {
                Rules { seats: 1, wait: seconds(2), limit: Some(seconds(5)), ends_at_stop: true, cache: 1000 }
            }
            Self::List => {
                Rules { seats: 2, wait: seconds(5), limit: Some(seconds(10)), ends_at_stop: true, cache: 4000 }
            }
            // Exports read page by page and share these connections, so one page may wait longer for a connection than
            // a person would.
            Self::Bulk => Rules { seats: 2, wait: seconds(60), limit: no_limit, ends_at_stop: true, cache: 4000 },
        }
    }
}

#[derive(Clone)]
pub(super) struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    pools: [Pool; Class::ALL.len()],
    is_ending: Arc<AtomicBool>,
    /// The connection for `PRAGMA data_version`. It is kept open, because only values from the same connection can be
    /// compared.
    watcher: Mutex<Option<Connection>>,
}

struct Pool {
    seats: Arc<Semaphore>,
    idle: Mutex<Vec<PooledReader>>,
}

/// A connection and the limits of its current read.
struct PooledReader {
    connection: Connection,
    leash: Arc<Mutex<Leash>>,
}

/// The limits of the read that a connection runs. SQLite checks them every [`STEPS`] steps.
#[derive(Default)]
struct Leash {
    until: Option<(Instant, Duration)>,
    is_ending: Option<Arc<AtomicBool>>,
    caller_is_gone: Option<Arc<AtomicBool>>,
    /// Why the read was broken off.
    broken: Option<Failure>,
}

impl Leash {
    fn new(rules: &Rules, is_ending: &Arc<AtomicBool>, caller_is_gone: Option<Arc<AtomicBool>>) -> Self {
        Self {
            until: rules.limit.map(|limit| (Instant::now() + limit, limit)),
            is_ending: rules.ends_at_stop.then(|| Arc::clone(is_ending)),
            caller_is_gone,
            broken: None,
        }
    }

    /// Whether the read must be broken off now.
    fn pulls(&mut self) -> bool {
        let is_set = |flag: &Option<Arc<AtomicBool>>| flag.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed));
        if is_set(&self.is_ending) || is_set(&self.caller_is_gone) {
            self.broken = Some(Failure::Ending);
        } else if let Some((until, limit)) = self.until
            && Instant::now() >= until
        {
            self.broken = Some(Failure::Late { seconds: limit.as_secs() });
        }
        self.broken.is_some()
    }
}

/// The right to use one of the connections of a class, held while a read runs.
pub(super) struct Seat {
    class: Class,
    _permit: OwnedSemaphorePermit,
}

/// Marks the caller of a read as gone when it is dropped before the read has ended.
pub(super) struct Caller(Arc<AtomicBool>);

impl Caller {
    pub(super) fn new() -> (Self, Arc<AtomicBool>) {
        let is_gone = Arc::new(AtomicBool::new(false));
        (Self(Arc::clone(&is_gone)), is_gone)
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        let pool = |class: Class| Pool { seats: Arc::new(Semaphore::new(class.rules().seats)), idle: Mutex::default() };
        let pools = Class::ALL.map(pool);
        Self { shared: Arc::new(Shared { path, pools, is_ending: Arc::default(), watcher: Mutex::new(None) }) }
    }

    /// Breaks off the reads of all classes with `ends_at_stop`, and refuses new ones.
    pub(super) fn end(&self) {
        self.shared.is_ending.store(true, Ordering::Relaxed);
    }

    /// Waits for a seat, the right to use a connection of `class`, at most as long as the class allows. Blocks the
    /// calling thread.
    pub(super) fn seat(&self, class: Class) -> Result<Seat, Failure> {
        let until = Instant::now() + class.rules().wait;
        self.seated(class, blocking(Arc::clone(&self.pool(class)?.seats).acquire_owned(), until))
    }

    /// Does what [`Readers::seat`] does, for async code.
    pub(super) async fn seat_async(&self, class: Class) -> Result<Seat, Failure> {
        let seats = Arc::clone(&self.pool(class)?.seats);
        let taken = tokio::time::timeout(class.rules().wait, seats.acquire_owned()).await;
        self.seated(class, taken.ok())
    }

    fn seated<E>(&self, class: Class, taken: Option<Result<OwnedSemaphorePermit, E>>) -> Result<Seat, Failure> {
        if class.rules().ends_at_stop && self.shared.is_ending.load(Ordering::Relaxed) {
            return Err(Failure::Ending);
        }
        let permit = taken.and_then(Result::ok).ok_or(Failure::Crowded)?;
        Ok(Seat { class, _permit: permit })
    }

    /// Runs `read` on a connection of the seat's class. The read is broken off once `caller_is_gone` is true.
    pub(super) fn with<T, E: StorageError>(
        &self,
        seat: &Seat,
        caller_is_gone: Option<Arc<AtomicBool>>,
        read: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let pool = self.pool(seat.class)?;
        let idle = locked(&pool.idle).pop();
        let reader = idle.map_or_else(|| self.open(seat.class), Ok)?;
        *locked(&reader.leash) = Leash::new(&seat.class.rules(), &self.shared.is_ending, caller_is_gone);
        // Dropping `taken` returns the connection to its pool, also when `read` panics.
        let taken = Taken { pool, reader: Some(reader) };
        taken.reader.as_ref().map_or_else(|| Err(Failure::Stopped.into()), |reader| reader.snapshot(read))
    }

    pub(super) fn watched<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let mut watcher = self.shared.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.is_none() {
            *watcher = Some(self.connect()?);
        }
        watcher.as_ref().map_or(Err(Failure::Stopped), read)
    }

    fn pool(&self, class: Class) -> Result<&Pool, Failure> {
        self.shared.pools.get(class as usize).ok_or(Failure::Stopped)
    }

    fn connect(&self) -> Result<Connection, Failure> {
        connect(&self.shared.path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| Failure::from(&error))
    }

    fn open(&self, class: Class) -> Result<PooledReader, Failure> {
        let mut connection = self.connect()?;
        connection.pragma_update(None, "cache_size", -class.rules().cache)?;
        let leash = Arc::new(Mutex::new(Leash::default()));
        let theirs = Arc::clone(&leash);
        connection.progress_handler(STEPS, Some(move || locked(&theirs).pulls()))?;
        Ok(PooledReader { connection, leash })
    }
}

impl PooledReader {
    fn snapshot<T, E: StorageError>(&self, read: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        self.connection.execute_batch("BEGIN").map_err(Failure::from)?;
        let result = read(&self.connection);
        let broken = std::mem::take(&mut *locked(&self.leash)).broken;
        self.connection.execute_batch("COMMIT").map_err(Failure::from)?;
        match (result, broken) {
            // SQLite only reports that the read was interrupted, so its error is replaced by the stored reason.
            (Err(error), Some(why)) if error.storage().is_some() => Err(why.into()),
            (result, _) => result,
        }
    }
}

struct Taken<'p> {
    pool: &'p Pool,
    reader: Option<PooledReader>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        *locked(&reader.leash) = Leash::default();
        if reader.connection.is_autocommit() || reader.connection.execute_batch("ROLLBACK").is_ok() {
            locked(&self.pool.idle).push(reader);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Blocks this thread on a future that needs no runtime, at most until `until`.
fn blocking<F: Future>(future: F, until: Instant) -> Option<F::Output> {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    // Without `unconstrained` tokio would make a task that has used up its budget wait although a connection is free.
    let mut future = pin!(unconstrained(future));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        std::thread::park_timeout(until.checked_duration_since(Instant::now())?);
    }
}
