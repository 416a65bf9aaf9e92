//! CSV as spreadsheets read it: RFC 4180, and safe to open. A text that would be taken for a formula gets a leading `'`;
//! reading takes it off again.

use csv::{Terminator, WriterBuilder};

/// A flavour of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flavour {
    separator: u8,
    mark: &'static str,
}

impl Flavour {
    /// Commas, no byte order mark.
    pub const COMMA: Self = Self { separator: b',', mark: "" };
    /// Commas after a byte order mark: exports.
    pub const EXPORT: Self = Self { separator: b',', mark: "\u{feff}" };
    /// Semicolons after a byte order mark: exports for a Russian Excel.
    pub const EXCEL: Self = Self { separator: b';', mark: "\u{feff}" };

    /// What stands before the first record.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        self.mark
    }

    /// One record, quoted where needed, ended by CRLF. Cells are taken as they are.
    #[must_use]
    pub fn record<C: AsRef<[u8]>>(self, cells: &[C]) -> String {
        let mut to =
            WriterBuilder::new().delimiter(self.separator).terminator(Terminator::CRLF).from_writer(Vec::new());
        // Nothing can fail: memory is written to, and a record is as long as it is.
        let _ = to.write_record(cells);
        to.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// The text behind a `'` if a spreadsheet would run it: it begins with `= + - @`, their full-width twins, a tab or a
/// carriage return.
#[must_use]
pub fn guarded(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text as it was before [`guarded`].
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_the_separator_demands_it() {
        let cells = ["a,b", "c;d", "say \"hi\"", "two\nlines", ""];
        assert_eq!(Flavour::COMMA.record(&cells), "\"a,b\",c;d,\"say \"\"hi\"\"\",\"two\nlines\",\r\n");
        assert_eq!(Flavour::EXCEL.record(&cells[..2]), "a,b;\"c;d\"\r\n");
    }

    #[test]
    fn a_name_is_never_a_formula_and_comes_back_as_it_was() {
        for text in ["=1+1", "+7", "-x", "@a", "\tx", "\rx", "＝1", "＋1", "－1", "＠1"] {
            assert_eq!(guarded(text), format!("'{text}"));
            assert_eq!(unguarded(&guarded(text)), text);
        }
        for text in ["Анна = +1", "'quoted", ""] {
            assert_eq!((guarded(text).as_str(), unguarded(text)), (text, text));
        }
    }
}
