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
    /// Every row: for lists that are always short.
    pub const ALL: Self = Self { limit: u32::MAX, offset: 0 };
}

/// Conditions joined by AND.
pub struct Conditions<'v> {
    sql: String,
    values: Vec<(&'static str, &'v dyn ToSql)>,
}

impl<'v> Conditions<'v> {
    /// The condition that always holds for this list, `name` (with its colon) being its value.
    #[must_use]
    pub fn new(fragment: &'static str, name: &'static str, value: &'v dyn ToSql) -> Self {
        Self { sql: format!(" WHERE {fragment}"), values: vec![(name, value)] }
    }

    /// One more condition, if there is a value to compare with. A fragment may name a value bound before.
    #[must_use]
    pub fn and<T: ToSql>(mut self, fragment: &'static str, name: &'static str, value: Option<&'v T>) -> Self {
        if let Some(value) = value {
            self = self.fixed(fragment);
            self.values.push((name, value));
        }
        self
    }

    /// One more condition, without a value of its own.
    #[must_use]
    pub fn fixed(mut self, fragment: &'static str) -> Self {
        self.sql = format!("{} AND {fragment}", self.sql);
        self
    }

    /// A value that fixed fragments name.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: &'v dyn ToSql) -> Self {
        self.values.push((name, value));
        self
    }

    /// How many rows fit; `from` as in [`Conditions::page`].
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    pub fn count(&self, view: &View<'_>, from: &'static str) -> Result<i64, Failure> {
        view.get(&format!("SELECT count(*) {from}{}", self.sql), self.values.as_slice(), |row| row.get(0))
    }

    /// Hands every row of `head` that fits to `take`, in the order of `tail`, and keeps none.
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

    /// The rows of `head` that fit, in the order of `tail`, and how many fit in all. `from` is the FROM and the joins
    /// the conditions need, for counting.
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

    /// The rows of `head` that fit, in the order of `tail`.
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
