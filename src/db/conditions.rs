//! The WHERE clause of a list whose filters are optional, made of fixed SQL fragments and bound values, never of text
//! from outside. A filter that is not used is left out of the statement instead of bound to NULL, so that SQLite can
//! use the indices of the other filters.

use rusqlite::{Row, ToSql};

use super::{Failure, View};

/// The part of a list to return: how many rows to skip, and how many to return at most.
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
    /// Starts with the condition that every query of the list has. `name` is the SQL parameter of `value`, with its
    /// colon.
    #[must_use]
    pub fn new(fragment: &'static str, name: &'static str, value: &'v dyn ToSql) -> Self {
        Self { sql: format!(" WHERE {fragment}"), values: vec![(name, value)] }
    }

    /// Starts with the condition that rows belong to `realm`, which `column` (`d.is_test`) says and the parameter
    /// `:realm` binds; `is_test` says whether it is the test shop. Nearly all rows of a table belong to the real shop: SQLite, which does not know this, would
    /// prefer an index that begins with the column to the order of the list and to the other conditions. The unary plus
    /// keeps the column out of the choice of an index. Rows of the test shop are few, and an index finds them.
    #[must_use]
    pub fn of_realm(column: &'static str, realm: &'v dyn ToSql, is_test: bool) -> Self {
        let plus = if is_test { "" } else { "+" };
        Self { sql: format!(" WHERE {plus}{column} = :realm"), values: vec![(":realm", realm)] }
    }

    /// Adds a condition if there is a value to compare with. The fragment may also use parameters that were bound
    /// before.
    #[must_use]
    pub fn and<T: ToSql>(mut self, fragment: &'static str, name: &'static str, value: Option<&'v T>) -> Self {
        if let Some(value) = value {
            self = self.fixed(fragment);
            self.values.push((name, value));
        }
        self
    }

    /// Adds a condition that binds no value of its own.
    #[must_use]
    pub fn fixed(mut self, fragment: &'static str) -> Self {
        self.sql = format!("{} AND {fragment}", self.sql);
        self
    }

    /// Binds a value for parameters in fragments added by [`Conditions::fixed`].
    #[must_use]
    pub fn value(mut self, name: &'static str, value: &'v dyn ToSql) -> Self {
        self.values.push((name, value));
        self
    }

    /// How many rows match the conditions. `from` is the FROM clause with the joins that the conditions need.
    ///
    /// # Errors
    /// [`Failure`] of the storage.
    pub fn count(&self, view: &View<'_>, from: &'static str) -> Result<i64, Failure> {
        view.get(&format!("SELECT count(*) {from}{}", self.sql), self.values.as_slice(), |row| row.get(0))
    }

    /// Runs `head` (`SELECT … FROM …`) with the conditions and `tail` (`ORDER BY …`), and passes each row to `take`
    /// without collecting the rows.
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

    /// The rows of `slice` for the query of `head` (`SELECT … FROM …`), the conditions and `tail` (`ORDER BY …`), and
    /// the number of all matching rows. `from` is the FROM clause with the joins that the conditions need, for
    /// counting.
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

    /// The rows of `slice` for the query of `head` (`SELECT … FROM …`), the conditions and `tail` (`ORDER BY …`).
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
