//! `--csv`: the columns of a list as CSV, by the rules of [`crate::sheet`].

use crate::cell::Column;
use crate::sheet::{Flavour, csv_safe};

/// Rows of typed values as CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Csv(Flavour);

impl Csv {
    /// The CSV of `--csv`: commas, no byte order mark.
    pub const COMMA: Self = Self(Flavour::COMMA);

    /// The byte order mark, if any, and the row of keys.
    #[must_use]
    pub fn header<T>(self, columns: &[Column<T>]) -> String {
        let keys: Vec<&str> = columns.iter().filter(|column| column.is_fact()).map(|column| column.key).collect();
        format!("{}{}", self.0.mark(), self.0.record(&keys))
    }

    /// One row of typed values; formulas are escaped in texts only, so that negative numbers stay numbers.
    #[must_use]
    pub fn row<T>(self, columns: &[Column<T>], item: &T) -> String {
        let cell = |column: &Column<T>| {
            let value = (column.value)(item);
            if value.is_text() { csv_safe(&value.machine()) } else { value.machine() }
        };
        self.0.record(&columns.iter().filter(|column| column.is_fact()).map(cell).collect::<Vec<_>>())
    }

    pub(super) fn table<T>(self, columns: &[Column<T>], items: &[T]) -> String {
        std::iter::once(self.header(columns)).chain(items.iter().map(|item| self.row(columns, item))).collect()
    }
}
