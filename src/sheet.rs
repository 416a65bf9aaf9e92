//! CSV as spreadsheets read and write it: RFC 4180, and safe to open. A text that would be taken for a formula gets a
//! leading `'`; reading takes it off again. [`rows`] reads what a spreadsheet has saved, a list within a cell is a record
//! of its own ([`listed`]).

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};

/// What Excel puts before UTF-8.
const MARK: char = '\u{feff}';

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

/// Texts as one: commas between them, quoted where one holds a comma or a quote.
#[must_use]
pub fn joined(texts: &[String]) -> String {
    if texts.is_empty() { String::new() } else { Flavour::COMMA.record(texts).trim_end_matches("\r\n").to_owned() }
}

/// The texts of [`joined`], or of whoever typed them with spaces behind the commas.
#[must_use]
pub fn listed(cell: &str) -> Vec<String> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(cell.as_bytes());
    let mut record = StringRecord::new();
    // Nothing can fail: it is read from memory, and it is UTF-8.
    let _ = reader.read_record(&mut record);
    record.iter().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// A row of a file: the number of its first line, from 1, and its cells as they stand there, still guarded.
pub type Line = (usize, Vec<String>);

/// The rows of CSV with commas or semicolons, whichever its first line uses, with a byte order mark or without. Lines that
/// are empty are none. A row may have more or fewer cells than the first.
#[must_use]
pub fn rows(text: &str) -> Vec<Line> {
    let text = text.trim_start_matches(MARK);
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') { b';' } else { b',' };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let (mut rows, mut record) = (Vec::new(), StringRecord::new());
    let (mut line, mut counted) = (1, 0);
    while reader.read_record(&mut record).is_ok_and(|is_one| is_one) {
        // Where the reader stood before: behind a CR its line feed, and empty lines, come first.
        let from = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or_default();
        let begins =
            text.get(from..).map_or(from, |rest| from + rest.len() - rest.trim_start_matches(['\r', '\n']).len());
        line += text.get(counted..begins).map_or(0, |between| between.matches('\n').count());
        counted = begins;
        rows.push((line, record.iter().map(str::to_owned).collect()));
    }
    rows
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

    #[test]
    fn a_saved_sheet_is_read_with_the_lines_its_rows_begin_on() {
        for (separator, end) in [(",", "\n"), (";", "\r\n")] {
            let lines = ["id,name", "1,\"two\nlines\"", "", "2,\"say \"\"hi\"\"\"", "3"];
            let text = format!("\u{feff}{}{end}", lines.join(end).replace(',', separator));
            let cells = |line, cells: &[&str]| (line, cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>());
            let wanted = [
                cells(1, &["id", "name"]),
                cells(2, &["1", "two\nlines"]),
                cells(5, &["2", "say \"hi\""]),
                cells(6, &["3"]),
            ];
            assert_eq!(rows(&text), wanted, "{separator:?} {end:?}");
        }
        assert_eq!(rows(""), []);
    }

    #[test]
    fn a_list_comes_back_whatever_is_in_it() {
        for texts in [vec![], vec!["vip"], vec!["vip", "a,b", "say \"hi\"", "\"", "=1", "x;y"]] {
            let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
            assert_eq!(listed(&joined(&texts)), texts);
        }
        assert_eq!(joined(&["vip".into(), "new".into()]), "vip,new");
        assert_eq!(listed("vip, new ,"), ["vip", "new"]);
    }
}
