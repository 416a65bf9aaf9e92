//! CSV by RFC 4180, safe to open in a spreadsheet: a text that would be taken for a formula gets a leading `'`.

use super::value::Column;

/// A flavour of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Csv {
    separator: char,
    mark: &'static str,
}

impl Csv {
    /// Commas, no byte order mark: `--csv`.
    pub const COMMA: Self = Self { separator: ',', mark: "" };
    /// Commas after a byte order mark: exports.
    pub const EXPORT: Self = Self { separator: ',', mark: "\u{feff}" };
    /// Semicolons after a byte order mark: exports for a Russian Excel.
    pub const EXCEL: Self = Self { separator: ';', mark: "\u{feff}" };

    /// The mark, if any, and the keys.
    #[must_use]
    pub fn header<T>(self, columns: &[Column<T>]) -> String {
        let keys: Vec<String> =
            columns.iter().filter(|column| column.is_fact()).map(|column| column.key.to_owned()).collect();
        format!("{}{}", self.mark, self.record(&keys))
    }

    /// One row of typed values; only texts are guarded, so that negative numbers stay numbers.
    #[must_use]
    pub fn row<T>(self, columns: &[Column<T>], item: &T) -> String {
        let cell = |column: &Column<T>| {
            let value = (column.value)(item);
            if value.is_text() { guarded(&value.machine()) } else { value.machine() }
        };
        self.record(&columns.iter().filter(|column| column.is_fact()).map(cell).collect::<Vec<_>>())
    }

    /// One record, quoted where needed, ended by CRLF. Cells are taken as they are.
    #[must_use]
    pub fn record(self, cells: &[String]) -> String {
        let cells: Vec<String> = cells.iter().map(|cell| self.quoted(cell)).collect();
        format!("{}\r\n", cells.join(&self.separator.to_string()))
    }

    pub(super) fn table<T>(self, columns: &[Column<T>], items: &[T]) -> String {
        std::iter::once(self.header(columns)).chain(items.iter().map(|item| self.row(columns, item))).collect()
    }

    fn quoted(self, cell: &str) -> String {
        let is_plain = !cell.contains([self.separator, '"', '\n', '\r']);
        if is_plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    }
}

/// The text behind a `'` if a spreadsheet would run it: it begins with `= + - @`, their full-width twins, a tab or a
/// carriage return.
#[must_use]
pub fn guarded(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_the_separator_demands_it() {
        let cells = ["a,b", "c;d", "say \"hi\"", "two\nlines", ""].map(str::to_owned);
        assert_eq!(Csv::COMMA.record(&cells), "\"a,b\",c;d,\"say \"\"hi\"\"\",\"two\nlines\",\r\n");
        assert_eq!(Csv::EXCEL.record(&cells[..2]), "a,b;\"c;d\"\r\n");
    }

    #[test]
    fn a_name_is_never_a_formula() {
        for text in ["=1+1", "+7", "-x", "@a", "\tx", "\rx", "＝1", "＋1", "－1", "＠1"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        assert_eq!(guarded("Анна = +1"), "Анна = +1");
    }
}
