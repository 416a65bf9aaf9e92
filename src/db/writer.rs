//! The writer: one thread with one connection. Use-cases that wait at the same time share one transaction and one fsync
//! (group commit), each in a savepoint of its own; each is answered only after COMMIT. A bulk use-case is alone in its
//! transaction, so it has no savepoint: if it is refused, the transaction is rolled back. After a disk failure SQLite
//! may roll back the transaction by itself. A later use-case would then run outside of it and be committed although the
//! earlier ones are lost; so all use-cases of the transaction fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::place::{FileIdentity, take_log_along};
use super::tx::{Signal, Tx, View};
use super::{Failure, StorageError};
use crate::clock::{Clock, Zone};
use crate::metrics;

/// The most use-cases that share a transaction. This bounds how long the first of them waits for its answer.
const MOST_IN_GROUP: usize = 256;

/// The handle through which use-cases reach the writer thread. Its drop waits until the thread has closed its
/// connection.
pub(super) struct Writer {
    /// The queue of use-cases; `None` only while the writer is dropped.
    queue: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    signals: Arc<[watch::Sender<u64>; Signal::COUNT]>,
    waiting: Arc<AtomicUsize>,
    ended: Arc<AtomicU64>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        place: FileIdentity,
        zone: Zone,
        clock: Clock,
    ) -> std::io::Result<Self> {
        let (queue, jobs) = channel();
        let signals = Arc::new(std::array::from_fn(|_| watch::Sender::new(0)));
        let waiting = Arc::new(AtomicUsize::new(0));
        let ended = Arc::new(AtomicU64::new(0));
        let told = (Arc::clone(&signals), Arc::clone(&waiting), Arc::clone(&ended));
        let room = WriterState { connection, place, zone, clock, signals: told.0, waiting: told.1, ended: told.2 };
        let thread = std::thread::Builder::new().name("db-writer".into()).spawn(move || room.serve(&jobs))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), signals, waiting, ended })
    }

    pub(super) fn submit<T, E, F>(&self, run: F, bulk: bool) -> oneshot::Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: StorageError,
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = UseCase { run: Some(run), result: None, reply, bulk };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // A closed queue drops the job and its `reply`; the caller's receiver then fails, which the caller takes as
        // [`Failure::Stopped`].
        let _ = self.queue.as_ref().map(|queue| queue.send(Box::new(job)));
        answer
    }

    /// How many transactions have ended since the start, committed or not.
    pub(super) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Relaxed)
    }

    /// How many use-cases have not been answered yet.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(super) fn wake_all(&self) {
        tell(&self.signals, u16::MAX);
    }

    pub(super) fn signalled(&self, signal: Signal) -> watch::Receiver<u64> {
        // Every place is below the number of signals, so the other channel is never made.
        let sender = self.signals.get(usize::from(signal.place()));
        sender.map_or_else(|| watch::channel(0).1, watch::Sender::subscribe)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        // The last handle may be dropped inside a use-case, which runs on the writer thread, and a thread cannot wait
        // for itself.
        let other = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id());
        if other.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer panicked");
        }
    }
}

/// What must happen to the changes of a use-case that has run.
enum Left {
    Keep,
    Undo,
    /// The storage failed during the use-case: the whole transaction must be rolled back.
    Broken(Failure),
}

/// A use-case with its result type hidden, so that one queue holds all of them.
trait Job: Send {
    fn run(&mut self, tx: &Tx<'_>) -> Left;
    fn answer(self: Box<Self>, end: Result<(), Failure>);
    fn is_bulk(&self) -> bool;
}

struct UseCase<T, E, F> {
    run: Option<F>,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
    bulk: bool,
}

impl<T, E, F> Job for UseCase<T, E, F>
where
    T: Send + 'static,
    E: StorageError,
    F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
{
    fn run(&mut self, tx: &Tx<'_>) -> Left {
        let Some(run) = self.run.take() else { return Left::Undo };
        let result = catch_unwind(AssertUnwindSafe(|| run(tx)))
            .unwrap_or_else(|_| Err(Failure::Internal("a use-case panicked".into()).into()));
        let left = match &result {
            Ok(_) => Left::Keep,
            Err(error) => match error.storage() {
                Some(failure) if failure.is_passing() => Left::Broken(failure.clone()),
                _ => Left::Undo,
            },
        };
        self.result = Some(result);
        left
    }

    fn answer(self: Box<Self>, end: Result<(), Failure>) {
        let result = match (end, self.result) {
            (Ok(()), Some(result)) => result,
            // A refused use-case changed nothing, so its refusal is returned even if the transaction failed.
            (Err(_), Some(Err(error))) if error.storage().is_none() => Err(error),
            (Err(failure), _) => Err(failure.into()),
            (Ok(()), None) => Err(Failure::Stopped.into()),
        };
        // The caller may have stopped waiting.
        let _ = self.reply.send(result);
    }

    fn is_bulk(&self) -> bool {
        self.bulk
    }
}

/// The use-cases that share one transaction.
struct Group<'q> {
    queue: &'q Receiver<Box<dyn Job>>,
    jobs: Vec<Box<dyn Job>>,
    /// A bulk use-case that came while others were collected. It runs next, in a transaction of its own.
    held: Option<Box<dyn Job>>,
}

impl Group<'_> {
    /// Adds waiting use-cases to the transaction, as far as there is room. Returns whether one was added.
    fn fill(&mut self) -> bool {
        let before = self.jobs.len();
        while self.jobs.len() < MOST_IN_GROUP && self.held.is_none() && !self.is_bulk() {
            match self.queue.try_recv() {
                Ok(job) if job.is_bulk() => self.held = Some(job),
                Ok(job) => self.jobs.push(job),
                Err(_) => break,
            }
        }
        self.jobs.len() > before
    }

    fn is_bulk(&self) -> bool {
        self.jobs.first().is_some_and(|job| job.is_bulk())
    }
}

/// The state of the writer thread.
struct WriterState {
    connection: Connection,
    place: FileIdentity,
    zone: Zone,
    clock: Clock,
    signals: Arc<[watch::Sender<u64>; Signal::COUNT]>,
    waiting: Arc<AtomicUsize>,
    ended: Arc<AtomicU64>,
}

impl WriterState {
    fn serve(mut self, jobs: &Receiver<Box<dyn Job>>) {
        let mut held = None;
        while let Some(first) = held.take().or_else(|| jobs.recv().ok()) {
            let mut group = Group { queue: jobs, jobs: vec![first], held: None };
            let end = self.commit_together(&mut group);
            let Group { jobs: group, held: next, .. } = group;
            held = next;
            self.waiting.fetch_sub(group.len(), Ordering::Relaxed);
            self.ended.fetch_add(1, Ordering::Relaxed);
            ::metrics::histogram!(metrics::DB_BATCH).record(f64::from(u32::try_from(group.len()).unwrap_or(u32::MAX)));
            if let Err(failure) = &end {
                ::metrics::counter!(metrics::DB_FAILED).increment(1);
                tracing::warn!(%failure, batch = group.len(), "a batch was not committed");
            }
            for job in group {
                job.answer(end.as_ref().map(|_| ()).map_err(Clone::clone));
            }
            if let Ok(raised) = end {
                tell(&self.signals, raised);
            }
        }
        if !self.place.holds() {
            take_log_along(&self.connection);
        }
    }

    /// Runs every use-case and commits once. Returns the signals that were raised. On any storage failure the whole
    /// transaction is rolled back.
    fn commit_together(&mut self, group: &mut Group<'_>) -> Result<u16, Failure> {
        group.fill();
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let end = match group.jobs.first_mut().filter(|job| job.is_bulk()) {
            Some(job) => self.run_alone(job.as_mut()),
            None => self.run_all(group).and_then(|raised| self.commit().map(|()| raised)),
        };
        if end.is_err() && !self.connection.is_autocommit() {
            // A failed COMMIT leaves the transaction open, so it must be rolled back. If ROLLBACK fails, SQLite has
            // ended the transaction already.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        // If the database file was moved, no other process will open the file just written, so the use-cases get an
        // error.
        if self.place.holds() { end } else { end.and(Err(Failure::Moved)) }
    }

    /// Runs the collected use-cases, and those that arrive meanwhile. After a commit all waiting callers submit their
    /// next use-case at nearly the same time; if the transaction took only the use-cases that were there at its
    /// beginning, it would commit for the first caller alone.
    fn run_all(&self, group: &mut Group<'_>) -> Result<u16, Failure> {
        let (mut raised, mut done) = (0, 0);
        while done < group.jobs.len() || group.fill() {
            for job in group.jobs.iter_mut().skip(done) {
                raised |= self.run_one(job.as_mut())?;
                done += 1;
            }
        }
        Ok(raised)
    }

    fn commit(&self) -> Result<(), Failure> {
        let began = Instant::now();
        self.connection.execute_batch("COMMIT")?;
        ::metrics::histogram!(metrics::DB_COMMIT).record(began.elapsed());
        Ok(())
    }

    fn run_one(&self, job: &mut dyn Job) -> Result<u16, Failure> {
        self.savepoint("SAVEPOINT one")?;
        match self.run_within(job)? {
            Some(raised) => self.savepoint("RELEASE one").map(|()| raised),
            None => self.savepoint("ROLLBACK TO one").and_then(|()| self.savepoint("RELEASE one")).map(|()| 0),
        }
    }

    /// Runs a use-case that is alone in its transaction, and ends the transaction. Within a savepoint SQLite keeps every
    /// page that was changed since its beginning and searches them after each statement: a third of an import's time.
    fn run_alone(&self, job: &mut dyn Job) -> Result<u16, Failure> {
        match self.run_within(job)? {
            Some(raised) => self.commit().map(|()| raised),
            None => Ok(self.connection.execute_batch("ROLLBACK").map(|()| 0)?),
        }
    }

    /// Runs a use-case in the open transaction. Returns the signals that it raised; `None`: its changes must be undone.
    fn run_within(&self, job: &mut dyn Job) -> Result<Option<u16>, Failure> {
        let tx = Tx::new(View::new(&self.connection, self.clock.both(), self.zone));
        match job.run(&tx) {
            Left::Broken(failure) => Err(failure),
            // SQLite has rolled back the whole transaction, and the use-case ignored the error that said so.
            _ if self.connection.is_autocommit() => {
                Err(Failure::Unavailable("SQLite rolled the whole transaction back".into()))
            }
            Left::Keep => Ok(Some(tx.raised())),
            Left::Undo => Ok(None),
        }
    }

    fn savepoint(&self, sql: &str) -> Result<(), Failure> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

fn tell(signals: &[watch::Sender<u64>; Signal::COUNT], raised: u16) {
    for (place, sender) in signals.iter().enumerate() {
        if raised & 1 << place != 0 {
            sender.send_modify(|count| *count = count.wrapping_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[expect(clippy::disallowed_methods, reason = "a bare connection, to test the writer without a schema")]
    fn writer(path: &std::path::Path) -> Writer {
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = wal; CREATE TABLE t (x INTEGER PRIMARY KEY, pad TEXT)")
            .unwrap();
        let clock = Clock::manual(Timestamp::parse("2026-11-22T09:00:00Z").unwrap());
        Writer::start(connection, FileIdentity::of(path), Zone::parse("Asia/Vladivostok").unwrap(), clock).unwrap()
    }

    fn put(x: i64, pad: usize) -> impl FnOnce(&Tx<'_>) -> Result<(), Failure> + Send + 'static {
        move |tx| tx.change("INSERT INTO t VALUES (?1, ?2)", (x, "p".repeat(pad))).map(drop)
    }

    /// Submits a use-case that blocks the writer until the returned sender is used. Use-cases queued meanwhile share
    /// its transaction.
    fn hold(writer: &Writer) -> (Sender<()>, oneshot::Receiver<Result<(), Failure>>) {
        let ((go, wait), (begun, held)) = (channel(), channel());
        let first = writer.submit(
            move |_: &Tx<'_>| {
                begun.send(()).unwrap();
                wait.recv().map_err(|_| Failure::Stopped)
            },
            false,
        );
        held.recv().unwrap();
        (go, first)
    }

    /// The error of a use-case that the shop can decline.
    enum Declined {
        Refused,
        Storage(Failure),
    }

    impl From<Failure> for Declined {
        fn from(failure: Failure) -> Self {
            Self::Storage(failure)
        }
    }

    impl StorageError for Declined {
        fn storage(&self) -> Option<&Failure> {
            match self {
                Self::Refused => None,
                Self::Storage(failure) => Some(failure),
            }
        }
    }

    fn rows(writer: &Writer) -> Vec<i64> {
        writer
            .submit(|tx| tx.list("SELECT x FROM t ORDER BY x", [], |r| r.get(0)), false)
            .blocking_recv()
            .unwrap()
            .unwrap_or_else(|e: Failure| panic!("{e}"))
    }

    /// `.cargo/config.toml` says why; its line was lost once, and only a bench noticed.
    #[test]
    fn sqlite_is_built_as_the_cargo_configuration_says() {
        let connection = Connection::open_in_memory().unwrap();
        let mut statement = connection.prepare("PRAGMA compile_options").unwrap();
        let options = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        assert!(options.map(Result::unwrap).any(|option| option == "DEFAULT_MEMSTATUS=0"));
    }

    #[test]
    fn a_refused_use_case_leaves_nothing_and_its_neighbours_everything() {
        let dir = tempfile::tempdir().unwrap();
        let writer = writer(&dir.path().join("t.db"));
        let (go, first) = hold(&writer);
        let one = writer.submit(put(1, 0), false);
        let refused = writer.submit(
            |tx: &Tx<'_>| put(2, 0)(tx).and_then(|()| Err::<(), _>(Failure::Internal("refused".into()))),
            false,
        );
        let panicked = writer.submit(
            |tx: &Tx<'_>| -> Result<(), Failure> {
                put(3, 0)(tx)?;
                panic!("a bug");
            },
            false,
        );
        let four = writer.submit(put(4, 0), false);
        go.send(()).unwrap();
        assert_eq!(first.blocking_recv().unwrap(), Ok(()));
        assert_eq!(one.blocking_recv().unwrap(), Ok(()));
        assert_eq!(refused.blocking_recv().unwrap(), Err(Failure::Internal("refused".into())));
        assert!(matches!(panicked.blocking_recv().unwrap(), Err(Failure::Internal(_))));
        assert_eq!(four.blocking_recv().unwrap(), Ok(()));
        assert_eq!(rows(&writer), [1, 4]);
    }

    #[test]
    fn a_bulk_use_case_is_kept_or_undone_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let writer = writer(&dir.path().join("t.db"));
        let (go, first) = hold(&writer);
        let one = writer.submit(put(1, 0), false);
        let refused = writer
            .submit(|tx: &Tx<'_>| put(2, 0)(tx).and_then(|()| Err::<(), _>(Failure::Internal("refused".into()))), true);
        let woken = writer.signalled(Signal::Outbox(0));
        let (other, told) = (writer.signalled(Signal::Outbox(2)), writer.signalled(Signal::Outbox(1)));
        let panicked = writer.submit(
            |tx: &Tx<'_>| -> Result<(), Failure> {
                tx.signal(Signal::Outbox(0));
                put(3, 0)(tx)?;
                panic!("a bug");
            },
            true,
        );
        let nested = |tx: &Tx<'_>| {
            tx.signal(Signal::Outbox(1));
            put(4, 0)(tx)?;
            let undone = tx.attempt(|tx| put(5, 0)(tx).map_err(Declined::Storage).and(Err::<(), _>(Declined::Refused)));
            assert!(matches!(undone, Err(Declined::Refused)));
            Ok::<_, Failure>(())
        };
        let kept = writer.submit(nested, true);
        let six = writer.submit(put(6, 0), false);
        go.send(()).unwrap();
        assert_eq!(first.blocking_recv().unwrap(), Ok(()));
        assert_eq!(one.blocking_recv().unwrap(), Ok(()));
        assert_eq!(refused.blocking_recv().unwrap(), Err(Failure::Internal("refused".into())));
        assert!(matches!(panicked.blocking_recv().unwrap(), Err(Failure::Internal(_))));
        assert_eq!(kept.blocking_recv().unwrap(), Ok(()));
        assert_eq!(six.blocking_recv().unwrap(), Ok(()));
        assert_eq!(rows(&writer), [1, 4, 6]);
        assert!(!woken.has_changed().unwrap(), "what was undone wakes no loop");
        assert!(told.has_changed().unwrap() && !other.has_changed().unwrap(), "the loop of one queue is woken");
        writer.wake_all();
        assert!(woken.has_changed().unwrap() && other.has_changed().unwrap());
    }

    #[test]
    fn a_bulk_use_case_has_no_savepoint() {
        let dir = tempfile::tempdir().unwrap();
        let writer = writer(&dir.path().join("t.db"));
        let goes_back = |tx: &Tx<'_>| tx.change("ROLLBACK TO one", []).map(drop);
        let answer = |bulk| writer.submit(goes_back, bulk).blocking_recv().unwrap();
        assert!(matches!(answer(true), Err(Failure::Internal(_))), "there is no savepoint to go back to");
        assert_eq!(answer(false), Ok(()));
    }

    #[test]
    fn a_full_disk_fails_a_bulk_use_case_alone() {
        let dir = tempfile::tempdir().unwrap();
        let writer = writer(&dir.path().join("t.db"));
        let limit = |tx: &Tx<'_>| tx.get("PRAGMA max_page_count = 8", [], |r| r.get::<_, i64>(0));
        writer.submit(limit, false).blocking_recv().unwrap().unwrap();
        let (go, first) = hold(&writer);
        let small = writer.submit(put(1, 0), false);
        let big = writer.submit(|tx: &Tx<'_>| put(2, 0)(tx).and_then(|()| put(3, 100_000)(tx)), true);
        let after = writer.submit(put(4, 0), false);
        go.send(()).unwrap();
        for (job, end) in [(first, Ok(())), (small, Ok(())), (big, Err(Failure::Full)), (after, Ok(()))] {
            assert_eq!(job.blocking_recv().unwrap(), end);
        }
        assert_eq!(rows(&writer), [1, 4]);
    }

    #[test]
    fn a_full_disk_inside_one_savepoint_fails_the_whole_group() {
        let dir = tempfile::tempdir().unwrap();
        let writer = writer(&dir.path().join("t.db"));
        let limit = |pages: i64| {
            let set =
                move |tx: &Tx<'_>| tx.get(&format!("PRAGMA max_page_count = {pages}"), [], |r| r.get::<_, i64>(0));
            writer.submit(set, false).blocking_recv().unwrap()
        };
        limit(8).unwrap();
        let (go, first) = hold(&writer);
        let small = writer.submit(put(1, 0), false);
        let big = writer.submit(put(2, 100_000), false);
        let after = writer.submit(put(3, 0), false);
        go.send(()).unwrap();
        for job in [first, small, big, after] {
            assert_eq!(job.blocking_recv().unwrap(), Err(Failure::Full));
        }
        limit(1_000_000).unwrap();
        assert_eq!(rows(&writer), Vec::<i64>::new());
        writer.submit(put(5, 100_000), false).blocking_recv().unwrap().unwrap();
        assert_eq!(rows(&writer), [5]);
    }

    #[test]
    fn nothing_is_confirmed_once_the_file_is_gone_from_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let (path, moved) = (dir.path().join("t.db"), dir.path().join("moved.db"));
        let writer = writer(&path);
        let write = |x| writer.submit(put(x, 0), false).blocking_recv().unwrap();
        assert_eq!(write(1), Ok(()));
        std::fs::rename(&path, &moved).unwrap();
        assert_eq!(write(2), Err(Failure::Moved));
        std::fs::write(&path, "another file of the same name").unwrap();
        assert_eq!(write(3), Err(Failure::Moved));
        drop(writer);
        assert_eq!(std::fs::metadata(dir.path().join("t.db-wal")).unwrap().len(), 0, "beside the other file");
    }

    #[test]
    fn dropping_the_last_handle_closes_the_connection() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.db");
        let writer = writer(&path);
        writer.submit(put(1, 0), false).blocking_recv().unwrap().unwrap();
        assert!(dir.path().join("t.db-wal").exists());
        drop(writer);
        assert!(!dir.path().join("t.db-wal").exists(), "the log is folded in before the drop returns");
    }
}
