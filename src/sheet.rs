//! CSV as spreadsheets read and write it: RFC 4180, and safe to open. A text that a spreadsheet would run as a formula
//! is written with a leading `'`, which [`csv_restored`] removes again. [`rows`] reads what a spreadsheet has saved,
//! and refuses ambiguous quotes. A list in one cell is a CSV record of its own ([`listed`]).

use std::borrow::Cow;
use std::iter::Peekable;

use csv::{Terminator, WriterBuilder};

/// The separators that are recognised in CSV files, the likeliest first.
const SEPARATORS: [char; 4] = [';', ',', '\t', '|'];

/// A form of CSV: its separator, and whether a byte order mark comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flavour {
    separator: u8,
    mark: &'static str,
}

impl Flavour {
    /// Commas, no byte order mark.
    pub const COMMA: Self = Self { separator: b',', mark: "" };
    /// Commas after a byte order mark: the usual form of exports.
    pub const EXPORT: Self = Self { separator: b',', mark: "\u{feff}" };
    /// Semicolons after a byte order mark: the form of exports for a Russian Excel.
    pub const EXCEL: Self = Self { separator: b';', mark: "\u{feff}" };

    /// The text to write before the first record: a byte order mark, or nothing.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        self.mark
    }

    /// One CSV record, quoted where needed, ended by CRLF. Formulas in cells are not escaped here; see [`csv_safe`].
    #[must_use]
    pub fn record<C: AsRef<[u8]>>(self, cells: &[C]) -> String {
        let mut to =
            WriterBuilder::new().delimiter(self.separator).terminator(Terminator::CRLF).from_writer(Vec::new());
        // Writing to memory cannot fail, and a CSV record may have any length.
        let _ = to.write_record(cells);
        to.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// The characters after which some spreadsheet begins a new cell, depending on its separator.
const PARTS: [char; 5] = [';', ',', '\t', '\n', '\r'];

/// The text with a `'` before everything that a spreadsheet would run as a formula: `= + - @`, their full-width twins,
/// a tab or a carriage return, at the text's beginning and wherever a spreadsheet with another separator begins a cell:
/// after `;`, `,`, a tab or the end of a line. Quotes before such a character are skipped. A text that has such a `'`
/// already gets one more, so that [`csv_restored`] gives every text back unchanged.
#[must_use]
pub fn csv_safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    for part in text.split_inclusive(PARTS) {
        if is_formula(part) {
            safe.push('\'');
        }
        safe.push_str(part);
    }
    safe
}

/// The text as it was before [`csv_safe`].
#[must_use]
pub fn csv_restored(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\'') {
        return Cow::Borrowed(cell);
    }
    let bare = |part: &'_ str| part.strip_prefix('\'').filter(|rest| is_formula(rest)).map_or(part.len(), str::len);
    let parts = cell.split_inclusive(PARTS);
    Cow::Owned(parts.filter_map(|part| part.get(part.len() - bare(part)..)).collect())
}

/// Several texts as one cell, with commas between the texts; a text with a comma or a quote is quoted.
#[must_use]
pub fn joined(texts: &[String]) -> String {
    if texts.is_empty() { String::new() } else { Flavour::COMMA.record(texts).trim_end_matches("\r\n").to_owned() }
}

/// The texts in a cell made by [`joined`], or in a list that a person entered with spaces after the commas. `None`: the
/// cell's quotes are not valid.
#[must_use]
pub fn listed(cell: &str) -> Option<Vec<String>> {
    let Ok(rows) = rows(cell, ',', 1) else { return None };
    let texts = rows.into_iter().flat_map(|row| row.cells);
    Some(texts.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect())
}

/// A text without line breaks: they are written as `\n` and `\r`. Backslashes before an `n` or `r` are doubled, so that
/// [`many_lines`] gives every text back unchanged. Exports have no line breaks in cells for this reason: after a quote
/// that is never closed a reader takes whole rows for one cell, and only the line breaks show that this cell is no
/// name.
#[must_use]
pub fn one_line(text: &str) -> String {
    let (mut line, mut slashes) = (String::with_capacity(text.len()), 0);
    for c in text.chars() {
        if matches!(c, 'n' | 'r' | '\n' | '\r') {
            line.extend(std::iter::repeat_n('\\', slashes));
        }
        slashes = if c == '\\' { slashes + 1 } else { 0 };
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            other => line.push(other),
        }
    }
    line
}

/// The text as it was before [`one_line`].
#[must_use]
pub fn many_lines(line: &str) -> String {
    if !line.contains('\\') {
        return line.to_owned();
    }
    let (mut text, mut slashes) = (String::with_capacity(line.len()), 0);
    for c in line.chars() {
        if c == '\\' {
            slashes += 1;
            continue;
        }
        let is_letter = matches!(c, 'n' | 'r');
        text.extend(std::iter::repeat_n('\\', if is_letter { slashes / 2 } else { slashes }));
        let is_break = is_letter && slashes % 2 == 1;
        text.push(match c {
            'n' if is_break => '\n',
            'r' if is_break => '\r',
            other => other,
        });
        slashes = 0;
    }
    text.extend(std::iter::repeat_n('\\', slashes));
    text
}

/// A row of a sheet. Its cells are as written in the file: a `'` before a formula is still there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The line on which the row begins, from 1. Every `\r\n`, `\n` and `\r` ends a line, also within a cell.
    pub number: usize,
    /// The row's cells.
    pub cells: Vec<String>,
    /// Whether a line break ends the row; only the last row of a file may lack one.
    pub is_ended: bool,
    /// Whether the row has more than [`LONGEST_ROW`] characters: `cells` are only the beginning of it.
    pub is_cut: bool,
}

/// The most characters of a row that are kept. After a quote that is never closed a row is as long as the file.
pub const LONGEST_ROW: usize = 1 << 18;

/// A quote that makes a sheet ambiguous, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line of the quote in question, from 1.
    pub line: usize,
    /// The number of the cell in its row, from 0.
    pub cell: usize,
    /// What the cell holds before the quote.
    pub text: String,
    /// What is wrong with the quote.
    pub kind: FlawKind,
}

/// What is wrong with a quote in a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// The quote is never closed.
    Open,
    /// The quote is within a cell that no quote opens.
    Bare,
    /// There is text between the closing quote and the end of the cell.
    Behind,
}

/// Finds the separator of a sheet: that of its `sep=;` line, else the most frequent one of its first row, outside
/// quotes. Returns the separator, the text without a `sep=` line, and how many lines were removed (0 or 1).
#[must_use]
pub fn separator(text: &str) -> (char, &str, usize) {
    let (separator, length) = separator_of(text.chars());
    (separator, text.get(length..).unwrap_or_default(), usize::from(length > 0))
}

/// Finds the separator as [`separator`] does, and reads no further than it must. Returns the separator, and the number of
/// characters in the `sep=` line with its line break (0 = there is none); all of them are ASCII.
pub fn separator_of(mut chars: impl Iterator<Item = char>) -> (char, usize) {
    let head: String = chars.by_ref().take("sep=;\r\n".len()).collect();
    if let Some(declared) = declared_separator(&head) {
        return declared;
    }
    let (mut counts, mut is_quoted) = ([0_usize; SEPARATORS.len()], false);
    for c in head.chars().chain(chars).skip_while(|c| matches!(c, '\r' | '\n')) {
        match c {
            '"' => is_quoted = !is_quoted,
            '\r' | '\n' if !is_quoted => break,
            _ if is_quoted => {}
            c => SEPARATORS.iter().zip(&mut counts).filter(|(one, _)| **one == c).for_each(|(_, count)| *count += 1),
        }
    }
    let most = SEPARATORS.iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    (most.filter(|(_, count)| *count > 0).map_or(',', |(separator, _)| *separator), 0)
}

fn declared_separator(head: &str) -> Option<(char, usize)> {
    let rest = head.strip_prefix("sep=").or_else(|| head.strip_prefix("SEP="))?;
    let separator = rest.chars().next().filter(|c| SEPARATORS.contains(c))?;
    let below = rest.get(separator.len_utf8()..)?;
    let line_break = if below.starts_with("\r\n") { 2 } else { usize::from(below.starts_with(['\r', '\n'])) };
    (line_break > 0 || below.is_empty()).then_some((separator, "sep=;".len() + line_break))
}

/// Reads the rows of a text in CSV; [`Rows`] says how. `first` is the number of the text's first line.
///
/// # Errors
/// The rows before the first fault, and the fault.
pub fn rows(text: &str, separator: char, first: usize) -> Result<Vec<Line>, (Vec<Line>, Flaw)> {
    let mut all = Vec::new();
    for row in Rows::new(text.chars(), separator, first) {
        match row {
            Ok(row) => all.push(row),
            Err(flaw) => return Err((all, flaw)),
        }
    }
    Ok(all)
}

/// The state of the reader of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// The reader is before a cell.
    #[default]
    Start,
    /// The reader is in a cell without quotes.
    Bare,
    /// The reader is in a cell in quotes.
    Quoted,
    /// The reader is after a quote that closes the cell, or that is the first half of a doubled one.
    Closed,
}

/// Reads the rows of CSV strictly, one after another. Faults that the `csv` crate and spreadsheets tolerate end the
/// reading, because the text after them may belong to another cell: a quote that is never closed, a quote in the middle
/// of a cell, text after a closing quote. Empty lines are not rows.
pub struct Rows<I: Iterator<Item = char>> {
    chars: Peekable<I>,
    separator: char,
    state: State,
    line: usize,
    /// The line of the last opening quote.
    opened: usize,
    cell: String,
    row: Line,
    /// The number of characters in the row so far.
    length: usize,
    is_done: bool,
}

impl<I: Iterator<Item = char>> Iterator for Rows<I> {
    type Item = Result<Line, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_done {
            let Some(c) = self.chars.next() else { return self.end() };
            let is_break = c == '\n' || c == '\r' && self.chars.peek() != Some(&'\n');
            let taken = self.take(c, is_break);
            self.line += usize::from(is_break);
            match taken {
                Ok(None) => {}
                Ok(Some(row)) => return Some(Ok(row)),
                Err(kind) => return Some(Err(self.broken(kind))),
            }
        }
        None
    }
}

impl<I: Iterator<Item = char>> Rows<I> {
    /// Reads `chars`, whose first line has the number `first`.
    pub fn new(chars: I, separator: char, first: usize) -> Self {
        Self {
            chars: chars.peekable(),
            separator,
            state: State::Start,
            line: first,
            opened: first,
            cell: String::new(),
            row: begun(first),
            length: 0,
            is_done: false,
        }
    }

    /// Reads one character. Returns the row that it ends. `is_break`: `c` ends a line; the `\r` of `\r\n` does not.
    fn take(&mut self, c: char, is_break: bool) -> Result<Option<Line>, FlawKind> {
        self.length += usize::from(self.state == State::Quoted || !matches!(c, '\r' | '\n'));
        match (self.state, c) {
            (State::Quoted, '"') => self.state = State::Closed,
            (State::Quoted, c) => self.keep(c),
            (State::Closed, '"') => {
                self.keep(c);
                self.state = State::Quoted;
            }
            (State::Start, '"') => {
                (self.state, self.opened) = (State::Quoted, self.line);
            }
            (State::Bare, '"') => return Err(FlawKind::Bare),
            (_, c) if c == self.separator => self.end_cell(),
            (_, '\r') if !is_break => {}
            (_, '\r' | '\n') => return Ok(self.end_row()),
            (State::Closed, _) => return Err(FlawKind::Behind),
            (_, c) => {
                self.keep(c);
                self.state = State::Bare;
            }
        }
        Ok(None)
    }

    const fn is_cut(&self) -> bool {
        self.length > LONGEST_ROW
    }

    fn keep(&mut self, c: char) {
        if !self.is_cut() {
            self.cell.push(c);
        }
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        if !self.is_cut() || !cell.is_empty() {
            self.row.cells.push(cell);
        }
        self.state = State::Start;
    }

    /// The row that ends here; `None` for an empty line.
    fn end_row(&mut self) -> Option<Line> {
        let is_empty = self.state == State::Start && self.row.cells.is_empty();
        if !is_empty {
            self.row.is_cut = self.is_cut();
            self.end_cell();
        }
        self.length = 0;
        let row = std::mem::replace(&mut self.row, begun(self.line + 1));
        (!is_empty).then_some(row)
    }

    fn end(&mut self) -> Option<Result<Line, Flaw>> {
        self.is_done = true;
        if self.state == State::Quoted {
            return Some(Err(self.broken(FlawKind::Open)));
        }
        self.row.is_ended = false;
        self.end_row().map(Ok)
    }

    fn broken(&mut self, kind: FlawKind) -> Flaw {
        self.is_done = true;
        let line = if kind == FlawKind::Bare { self.line } else { self.opened };
        Flaw { line, cell: self.row.cells.len(), text: std::mem::take(&mut self.cell), kind }
    }
}

/// A row of which nothing is read yet.
const fn begun(number: usize) -> Line {
    Line { number, cells: Vec::new(), is_ended: true, is_cut: false }
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
            assert_eq!(csv_safe(text), format!("'{text}"));
            assert_eq!(csv_restored(&csv_safe(text)), text);
        }
        for (text, safe) in [
            ("x;=HYPERLINK(1)", "x;'=HYPERLINK(1)"),
            ("a,-b", "a,'-b"),
            ("a\n+1\t@b", "a\n'+1\t'@b"),
            ("x;\"=1\"", "x;'\"=1\""),
            ("'=1", "''=1"),
            ("x;''=1", "x;'''=1"),
        ] {
            assert_eq!((csv_safe(text).as_str(), &*csv_restored(safe)), (safe, text));
        }
        for text in ["Анна = +1", "'quoted", "", "a; =1", "a,b;c"] {
            assert_eq!((csv_safe(text).as_str(), &*csv_restored(text)), (text, text));
        }
    }

    #[test]
    fn a_saved_sheet_is_read_with_the_lines_its_rows_begin_on() {
        for (separator, end) in [(',', "\n"), (';', "\r\n"), ('\t', "\r"), ('|', "\n")] {
            let lines = ["", "id,name", "1,\"two\nlines\"", "", "2,\"say \"\"hi\"\"\"", "3", ",\"\""];
            let text = lines.join(end).replace(',', &separator.to_string());
            let line = |number, cells: &[&str]| (number, cells.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>());
            let wanted = [
                line(2, &["id", "name"]),
                line(3, &["1", "two\nlines"]),
                line(6, &["2", "say \"hi\""]),
                line(7, &["3"]),
                line(8, &["", ""]),
            ];
            assert_eq!(super::separator(&text), (separator, text.as_str(), 0));
            let rows = rows(&text, separator, 1).unwrap();
            let ends: Vec<bool> = rows.iter().map(|row| row.is_ended).collect();
            assert_eq!(ends, [true, true, true, true, false], "{separator:?} {end:?}");
            let read: Vec<_> = rows.into_iter().map(|row| (row.number, row.cells)).collect();
            assert_eq!(read, wanted, "{separator:?} {end:?}");
        }
        assert_eq!(rows("", ',', 1), Ok(vec![]));
        assert_eq!(super::separator("sep=|\r\nid|a;b"), ('|', "id|a;b", 1));
        assert_eq!(super::separator("sep=x"), (',', "sep=x", 0));
        assert_eq!(super::separator("\"a;b\",c\n;;;"), (',', "\"a;b\",c\n;;;", 0));
    }

    #[test]
    fn of_a_row_without_an_end_only_the_beginning_is_kept() {
        let long = "x".repeat(LONGEST_ROW);
        let read = |text: &str| rows(text, ',', 1);
        let whole = read(&format!("{long}\n1,2\n")).unwrap();
        assert_eq!(
            whole.iter().map(|row| (row.number, row.is_cut, row.cells.len())).collect::<Vec<_>>(),
            [(1, false, 1), (2, false, 2)]
        );
        let cut = read(&format!("{long},b,,\n1,2\n")).unwrap();
        assert_eq!(
            cut.iter().map(|row| (row.number, row.is_cut, row.cells.len())).collect::<Vec<_>>(),
            [(1, true, 1), (2, false, 2)]
        );
        let many = &read(&",".repeat(2 * LONGEST_ROW)).unwrap()[0];
        assert!(many.is_cut && many.cells.len() == LONGEST_ROW, "{}", many.cells.len());
        let (_, flaw) = read(&format!("a\n\"{long}{long}")).unwrap_err();
        assert_eq!((flaw.kind, flaw.line, flaw.text.len()), (FlawKind::Open, 2, LONGEST_ROW - 1));
    }

    #[test]
    fn a_quote_that_is_not_certain_ends_the_reading() {
        for (text, line, cell, held, kind) in [
            ("a,b\n1,\"x\n2,y\n", 2, 1, "x\n2,y\n", FlawKind::Open),
            ("a,b\r1,\"x\r2,y", 2, 1, "x\r2,y", FlawKind::Open),
            ("a,b\n1,x\"y\n", 2, 1, "x", FlawKind::Bare),
            ("a,b\n1, \"x\"\n", 2, 1, " ", FlawKind::Bare),
            ("a,b\n\"x\ny\" ,1\n", 2, 0, "x\ny", FlawKind::Behind),
            ("a,b\n1,\"\"\"\n", 2, 1, "\"\n", FlawKind::Open),
        ] {
            let (before, flaw) = rows(text, ',', 1).unwrap_err();
            assert_eq!(flaw, Flaw { line, cell, text: held.to_owned(), kind }, "{text:?}");
            assert_eq!(before.len(), 1, "{text:?}");
        }
    }

    #[test]
    fn a_text_of_many_lines_is_one_line_and_comes_back() {
        for (text, line) in [
            ("a\nb", "a\\nb"),
            ("a\r\nb\r", "a\\r\\nb\\r"),
            ("C:\\new", "C:\\\\new"),
            ("\\\n", "\\\\\\n"),
            ("\\\\n", "\\\\\\\\n"),
            ("¯\\_(ツ)_/¯", "¯\\_(ツ)_/¯"),
            ("\\", "\\"),
            ("no", "no"),
        ] {
            assert_eq!((one_line(text).as_str(), many_lines(line).as_str()), (line, text));
        }
    }

    #[test]
    fn a_list_comes_back_whatever_is_in_it() {
        for texts in [vec![], vec!["vip"], vec!["vip", "a,b", "say \"hi\"", "\"", "=1", "x;y"]] {
            let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
            assert_eq!(listed(&joined(&texts)), Some(texts));
        }
        assert_eq!(joined(&["vip".into(), "new".into()]), "vip,new");
        assert_eq!(listed("vip, new ,").unwrap(), ["vip", "new"]);
        for torn in ["\"vip", "vip,\"new", "a\"b", "\"a\"b", "vip, \"a,b\""] {
            assert_eq!(listed(torn), None, "{torn}");
        }
    }
}
