//! The WHERE of a list whose filters are optional: fixed fragments and bound values, never text from outside. Leaving
//! an unused filter out of the statement, rather than binding NULL to it, lets SQLite use the index of the others.

use rusqlite::{Row, ToSql};

use super::{Failure, View};

/// Rows of a list to skip and to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// The most rows to return.
    pub limit: u32,
    /// How many rows to skip.
    pub offset: u64,
}

impl Slice {
    /// All rows: for lists that are always short.
    pub const ALL: Self = Self { limit: u32::MAX, offset: 0 };
}

/// Conditions of a WHERE clause, joined by AND.
pub struct Conditions<'v> {
    sql: String,
    values: Vec<(&'static str, &'v dyn ToSql)>,
}

impl<'v> Conditions<'v> {
    /// The condition that always applies to this list; `name` (with its colon) is the placeholder of `value`.
    #[must_use]
    pub fn new(fragment: &'static str, name: &'static str, value: &'v dyn ToSql) -> Self {
        Self { sql: format!(" WHERE {fragment}"), values: vec![(name, value)] }
    }

    /// Adds a condition, if there is a value to compare with. A fragment may name a value bound before.
    #[must_use]
    pub fn and<T: ToSql>(mut self, fragment: &'static str, name: &'static str, value: Option<&'v T>) -> Self {
        if let Some(value) = value {
            self = self.fixed(fragment);
            self.values.push((name, value));
        }
        self
    }

    /// Adds a condition without a value of its own.
    #[must_use]
    pub fn fixed(mut self, fragment: &'static str) -> Self {
        self.sql = format!("{} AND {fragment}", self.sql);
        self
    }

    /// Binds a value that fixed fragments name.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: &'v dyn ToSql) -> Self {
        self.values.push((name, value));
        self
    }

    /// How many rows match the conditions; `from` as in [`Conditions::page`].
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    pub fn count(&self, view: &View<'_>, from: &'static str) -> Result<i64, Failure> {
        view.get(&format!("SELECT count(*) {from}{}", self.sql), self.values.as_slice(), |row| row.get(0))
    }

    /// Passes every row of `head` that matches to `take`, in the order of `tail`, and stores none.
    ///
    /// # Errors
    /// [`Failure`] of the storage, or of `take`.
    pub fn each(
        &self,
        view: &View<'_>,
        (head, tail): (&'static str, &'static str),
        take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), Failure> {
        view.each(&format!("{head}{} {tail}", self.sql), self.values.as_slice(), take)
    }

    /// The rows of `head` that match, in the order of `tail`, and how many match in all. `from` is the FROM clause with
    /// the joins that the conditions need, for counting.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    pub fn page<T>(
        &self,
        view: &View<'_>,
        (head, from, tail): (&'static str, &'static str, &'static str),
        slice: Slice,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<(Vec<T>, i64), Failure> {
        Ok((self.rows(view, (head, tail), slice, read)?, self.count(view, from)?))
    }

    /// The rows of `head` that match, in the order of `tail`.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    pub fn rows<T>(
        &self,
        view: &View<'_>,
        (head, tail): (&'static str, &'static str),
        slice: Slice,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let offset = i64::try_from(slice.offset).unwrap_or(i64::MAX);
        let mut values = self.values.clone();
        values.extend([(":limit", &slice.limit as &dyn ToSql), (":offset", &offset)]);
        let sql = format!("{head}{} {tail} LIMIT :limit OFFSET :offset", self.sql);
        view.list(&sql, values.as_slice(), read)
    }
}
