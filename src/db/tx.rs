//! What a use-case is given: a [`View`] to read one snapshot, a [`Tx`] to write in one IMMEDIATE transaction. Both
//! carry `now`, so that one use-case sees one instant. Only the nouns call the methods that run SQL.

use std::cell::{Cell, OnceCell};
use std::ops::{ControlFlow, Deref};

use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};

use super::{Failure, StorageError};
use crate::clock::{Millis, Now, ShopMillis, Timestamp, Zone};
use crate::language::Language;

/// One consistent snapshot to read from.
pub struct View<'c> {
    connection: &'c Connection,
    now: Now,
    zone: Zone,
    language: Cell<Option<Language>>,
}

impl<'c> View<'c> {
    pub(super) const fn new(connection: &'c Connection, now: Now, zone: Zone) -> Self {
        Self { connection, now, zone, language: Cell::new(None) }
    }

    /// The present time for this use-case, in whole seconds; it stays the same during the use-case.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now.shop.timestamp()
    }

    /// The machine's present time for this use-case, in milliseconds, for waits, rates and leases; it stays the same
    /// during the use-case.
    #[must_use]
    pub const fn now_ms(&self) -> Millis {
        self.now.machine
    }

    /// The shop's present time for this use-case, in milliseconds, for facts that are compared with [`View::now`].
    #[must_use]
    pub const fn shop_ms(&self) -> ShopMillis {
        self.now.shop
    }

    /// The present instant on both clocks.
    #[must_use]
    pub const fn both_clocks(&self) -> Now {
        self.now
    }

    /// The shop's zone.
    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// The shop's present day in the form that is stored: `2026-11-22`.
    #[must_use]
    pub fn today(&self) -> String {
        self.zone.day(self.now()).to_string()
    }

    /// The language of the bots: the first call asks `look_up`, and the answer is kept for this use-case.
    ///
    /// # Errors
    /// The error of `look_up`.
    pub fn language(&self, look_up: impl FnOnce(&Self) -> Result<Language, Failure>) -> Result<Language, Failure> {
        match self.language.get() {
            Some(language) => Ok(language),
            None => look_up(self).inspect(|language| self.language.set(Some(*language))),
        }
    }

    /// The statement `sql`, compiled; every statement of a use-case comes through here.
    #[track_caller]
    fn prepared(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        #[cfg(all(debug_assertions, not(test)))]
        super::statements::record(sql, std::panic::Location::caller());
        self.connection.prepare_cached(sql)
    }

    /// The first row of the query `sql`; `None` when there is no row.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    #[track_caller]
    pub fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, Failure> {
        let mut statement = self.prepared(sql)?;
        Ok(statement.query_row(params, read).optional()?)
    }

    /// The first row of the query `sql`, which must have one.
    ///
    /// # Errors
    /// [`Failure::Internal`] when there is no row.
    #[track_caller]
    pub fn get<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        Ok(self.prepared(sql)?.query_row(params, read)?)
    }

    /// All rows of the query `sql`.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    #[track_caller]
    pub fn list<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let mut statement = self.prepared(sql)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<rusqlite::Result<Vec<T>>>()?)
    }

    /// Passes every row of the query `sql` to `take`, without collecting the rows.
    ///
    /// # Errors
    /// [`Failure`] of the storage, or of `take`.
    #[track_caller]
    pub fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), Failure> {
        let mut statement = self.prepared(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
        Ok(())
    }

    /// Passes rows of the query `sql` to `take` until `take` returns [`ControlFlow::Break`].
    ///
    /// # Errors
    /// [`Failure`] of the storage, or of `take`.
    #[track_caller]
    pub fn each_until(
        &self,
        sql: &str,
        params: impl Params,
        mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<ControlFlow<()>>,
    ) -> Result<(), Failure> {
        let mut statement = self.prepared(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            if take(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The kinds of work that a committed transaction can announce to the daemon's loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A letter of the queue with this number, 0–7, was written or may be claimed now. Each queue has a signal of its own,
    /// because a loop that wakes up reads the database, and every commit empties the cache of its connection.
    Outbox(u8),
    /// An update of the queue with this number, 0–3, was stored and waits to be handled.
    Updates(u8),
    /// A broadcast was scheduled, resumed or stopped.
    Broadcasts,
    /// An export was requested, or the rows of exports were deleted or reset, so that their files must be deleted.
    Exports,
}

impl Signal {
    pub(super) const COUNT: usize = 14;

    /// The signal's place among all signals, below [`Signal::COUNT`].
    pub(super) const fn place(self) -> u8 {
        match self {
            Self::Outbox(queue) => queue % 8,
            Self::Updates(queue) => 8 + queue % 4,
            Self::Broadcasts => 12,
            Self::Exports => 13,
        }
    }

    pub(super) const fn bit(self) -> u16 {
        1 << self.place()
    }
}

/// One use-case's part of an IMMEDIATE transaction: reads like a [`View`], and writes. No method can wait for the
/// network.
pub struct Tx<'c> {
    view: View<'c>,
    raised: Cell<u16>,
    request: OnceCell<String>,
}

impl<'c> Deref for Tx<'c> {
    type Target = View<'c>;

    fn deref(&self) -> &View<'c> {
        &self.view
    }
}

impl<'c> Tx<'c> {
    pub(super) const fn new(view: View<'c>) -> Self {
        Self { view, raised: Cell::new(0), request: OnceCell::new() }
    }

    pub(super) const fn raised(&self) -> u16 {
        self.raised.get()
    }

    /// The same transaction at another time of the shop, and as far from now by the machine's clock. With it the demo writes
    /// a made-up history, each event at its own time. Signals raised on the returned value wake no loop.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let now = Now { shop: now.millis(), machine: self.view.now.machine_at(now) };
        self.with_now(now)
    }

    /// The same transaction in a shop whose clock shows this time, while the machine's clock shows what it shows. Signals
    /// raised on the returned value wake no loop.
    #[must_use]
    pub fn with_shop_time(&self, shop: Timestamp) -> Self {
        self.with_now(Now { shop: shop.millis(), machine: self.view.now.machine })
    }

    fn with_now(&self, now: Now) -> Self {
        let view = View::new(self.view.connection, now, self.view.zone);
        Self { view, raised: Cell::new(0), request: self.request.clone() }
    }

    /// Runs one writing statement and returns the number of rows that it changed. Callers put the condition for a
    /// change into the statement's WHERE and check this number.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    #[track_caller]
    pub fn change(&self, sql: &str, params: impl Params) -> Result<usize, Failure> {
        Ok(self.view.prepared(sql)?.execute(params)?)
    }

    /// Runs one INSERT and returns the new row's id.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    #[track_caller]
    pub fn insert(&self, sql: &str, params: impl Params) -> Result<i64, Failure> {
        Ok(self.view.prepared(sql)?.insert(params)?)
    }

    /// Runs a part of this use-case in a savepoint. If `run` is refused, only the changes and signals of `run` are
    /// undone, and the transaction goes on. After a storage failure nothing is undone here, because the whole
    /// transaction fails.
    ///
    /// # Errors
    /// The error of `run`, or of the storage.
    pub fn attempt<T, E: StorageError>(&self, run: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        let raised = self.raised.get();
        self.change("SAVEPOINT attempt", [])?;
        let tried = run(self);
        if let Err(error) = &tried {
            if error.storage().is_some() {
                return tried;
            }
            self.raised.set(raised);
            self.change("ROLLBACK TO attempt", [])?;
        }
        self.change("RELEASE attempt", [])?;
        tried
    }

    /// Keeps another answer for [`View::language`], because this use-case has just changed the language of the bots.
    pub fn set_language(&self, language: Language) {
        self.view.language.set(Some(language));
    }

    /// Sets the id of the request that this use-case runs for; only the first call counts.
    pub fn asked_by(&self, request: &str) {
        // The cell refuses a second id, and the first one stays.
        let _ = self.request.set(request.to_owned());
    }

    /// The id of the request that this use-case runs for; `None` for the command line, the bots and the jobs.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        self.request.get().map(String::as_str)
    }

    /// Wakes the loops that wait for `signal` once this transaction has been committed.
    pub fn signal(&self, signal: Signal) {
        self.raised.set(self.raised.get() | signal.bit());
    }
}
