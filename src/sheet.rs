//! CSV as spreadsheets read it: RFC 4180, and safe to open. A text that would be taken for a formula gets a leading `'`;
//! reading takes it off again.

use std::borrow::Cow;

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

/// Where one spreadsheet or another begins a cell.
const PARTS: [char; 5] = [';', ',', '\t', '\n', '\r'];

/// The text with a `'` before whatever a spreadsheet would run: `= + - @`, their full-width twins, a tab or a carriage
/// return, at its beginning and wherever a spreadsheet that parts cells otherwise begins one: behind `;`, `,`, a tab or the
/// end of a line. Quotes before it count as nothing. What has such a `'` by itself gets one more, so that every text comes
/// back as it was.
#[must_use]
pub fn guarded(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len() + 1);
    for part in text.split_inclusive(PARTS) {
        if is_formula(part) {
            guarded.push('\'');
        }
        guarded.push_str(part);
    }
    guarded
}

/// The text as it was before [`guarded`].
#[must_use]
pub fn unguarded(cell: &str) -> Cow<'_, str> {
    let bare = |part: &'_ str| part.strip_prefix('\'').filter(|rest| is_formula(rest)).map_or(part.len(), str::len);
    let parts = cell.split_inclusive(PARTS);
    Cow::Owned(parts.filter_map(|part| part.get(part.len() - bare(part)..)).collect())
}

fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches(['\'', '"']);
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
        for (text, safe) in [
            ("x;=HYPERLINK(1)", "x;'=HYPERLINK(1)"),
            ("a,-b", "a,'-b"),
            ("a\n+1\t@b", "a\n'+1\t'@b"),
            ("x;\"=1\"", "x;'\"=1\""),
            ("'=1", "''=1"),
            ("x;''=1", "x;'''=1"),
        ] {
            assert_eq!((guarded(text).as_str(), &*unguarded(safe)), (safe, text));
        }
        for text in ["Анна = +1", "'quoted", "", "a; =1", "a,b;c"] {
            assert_eq!((guarded(text).as_str(), &*unguarded(text)), (text, text));
        }
    }
}
