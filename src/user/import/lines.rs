//! Splits a file of customers into rows, one after another, before their values are checked: CSV or JSON lines,
//! recognised by the first character. A row that cannot be read, or can be read in more than one way, has a fault.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::fault::{FileFault, fault};
use super::mapping::{Column, Mapped, column};
use crate::sheet::{Flaw, FlawKind, LONGEST_ROW, Line, Rows, csv_restored, listed, many_lines};

/// The most ignored members of JSON lines that are named.
const MOST_IGNORED: usize = 1000;

/// The cells of a row, by column. An empty or blank cell counts as no value.
#[derive(Default)]
pub(super) struct Row {
    pub line: usize,
    pub texts: BTreeMap<&'static str, String>,
    pub tags: Vec<String>,
    pub faults: Vec<FileFault>,
}

/// The form of a file's rows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// CSV with this separator, after a `sep=` line of so many characters.
    Sheet { separator: char, skipped: usize },
    /// JSON lines that end with this character.
    Objects { end: char },
}

/// The rows of a file, read one after another.
pub(super) struct Lines<'m, I: Iterator<Item = char>> {
    source: RowSource<I>,
    map: &'m [Mapped],
    pub notes: Notes,
}

/// What is known of a file when its rows are read, besides the rows.
#[derive(Default)]
pub(super) struct Notes {
    /// The names of the columns that are ignored.
    pub ignored: Vec<String>,
    /// The number of the last line, if the line does not end with a line break.
    pub unterminated: Option<usize>,
}

enum RowSource<I: Iterator<Item = char>> {
    Sheet(Sheet<I>),
    Objects(JsonLines<I>),
}

impl<'m, I: Iterator<Item = char>> Lines<'m, I> {
    pub(super) fn new(mut text: I, form: Form, map: &'m [Mapped]) -> Self {
        let source = match form {
            Form::Objects { end } => RowSource::Objects(JsonLines { text, end, line: 0 }),
            Form::Sheet { separator, skipped } => {
                text.by_ref().take(skipped).for_each(drop);
                let rows = Rows::new(text, separator, 1 + usize::from(skipped > 0));
                RowSource::Sheet(Sheet { rows, head: None, last: None, is_done: false })
            }
        };
        Self { source, map, notes: Notes::default() }
    }
}

impl<I: Iterator<Item = char>> Iterator for Lines<'_, I> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        match &mut self.source {
            RowSource::Sheet(sheet) => sheet.next(self.map, &mut self.notes),
            RowSource::Objects(json_lines) => {
                let json_line = json_lines.by_ref().find(|json_line| !json_line.is_blank())?;
                self.notes.unterminated = (!json_line.is_ended).then_some(json_line.line);
                Some(object(&json_line, self.map, &mut self.notes.ignored))
            }
        }
    }
}

impl Row {
    pub(super) fn at(line: usize) -> Self {
        Self { line, ..Self::default() }
    }

    fn of_fault(fault: FileFault) -> Self {
        Self { line: fault.line, faults: vec![fault], ..Self::default() }
    }

    pub(super) fn blame(&mut self, field: &str, value: &str, rule: &'static str) {
        self.faults.push(fault(self.line, field, value, rule));
    }

    fn say(&mut self, column: &'static str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        if column != "tags" {
            self.texts.insert(column, text.to_owned());
        } else if let Some(tags) = listed(text) {
            self.tags = tags;
        } else {
            self.blame("tags", text, "import.rule.tag_quote");
        }
    }
}

/// A JSON object with every key as written, also with duplicate keys.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct RowReader;
        impl<'de> Visitor<'de> for RowReader {
            type Value = Members;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(RowReader)
    }
}

/// Splits JSON lines: one object per line.
struct JsonLines<I> {
    text: I,
    end: char,
    line: usize,
}

/// A line of JSON lines.
struct JsonLine {
    line: usize,
    text: String,
    /// Whether a line break ends the line; only the last line of a file may lack one.
    is_ended: bool,
    /// Whether the line has more than [`LONGEST_ROW`] characters: `text` is only the beginning of it.
    is_cut: bool,
}

impl JsonLine {
    fn is_blank(&self) -> bool {
        self.text.trim().is_empty() && !self.is_cut
    }
}

impl<I: Iterator<Item = char>> Iterator for JsonLines<I> {
    type Item = JsonLine;

    fn next(&mut self) -> Option<JsonLine> {
        self.line += 1;
        let (mut text, mut length, mut is_ended, mut last) = (String::new(), 0, true, None);
        for c in self.text.by_ref() {
            last = Some(c);
            if c == self.end {
                break;
            }
            is_ended = c == '\r' || is_ended && c.is_whitespace();
            length += 1;
            text.extend(Some(c).filter(|_| length <= LONGEST_ROW));
        }
        let is_ended = is_ended || last == Some(self.end);
        last.map(|_| JsonLine { line: self.line, text, is_ended, is_cut: length > LONGEST_ROW })
    }
}

fn object(json_line: &JsonLine, map: &[Mapped], ignored: &mut Vec<String>) -> Row {
    let mut row = Row::at(json_line.line);
    if json_line.is_cut {
        row.blame("row", &json_line.text, "import.rule.row_long");
        return row;
    }
    let Ok(Members(members)) = serde_json::from_str(&json_line.text) else {
        row.blame("row", &json_line.text, "import.rule.json");
        return row;
    };
    let mut said = Vec::new();
    for (key, value) in members {
        match column(map, &key) {
            Column::Unknown => row.blame(&key, "", "import.rule.column"),
            Column::Ignored if map.is_empty() || key == "id" || ignored.contains(&key) => {}
            Column::Ignored => ignored.extend(Some(key).filter(|_| ignored.len() < MOST_IGNORED)),
            Column::Field(field) if said.contains(&field) => row.blame(&key, &shown(&value), "import.rule.key_twice"),
            Column::Field(field) => {
                said.push(field);
                row.member(field, value);
            }
        }
    }
    row
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Row {
    fn member(&mut self, field: &'static str, value: Value) {
        match (field, value) {
            (_, Value::Null) => {}
            (_, Value::String(text)) => self.say(field, &text),
            (_, Value::Number(number)) => self.say(field, &number.to_string()),
            (_, Value::Bool(is)) => self.say(field, &is.to_string()),
            ("tags", Value::Array(tags)) if tags.iter().all(Value::is_string) => {
                self.tags = tags.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            }
            (_, other) => self.blame(field, &other.to_string(), "import.rule.kind"),
        }
    }
}

/// The columns of a CSV file, in their order; `None` = the column is ignored.
struct Head {
    columns: Vec<Option<&'static str>>,
    /// Whether a space follows the separators, as in `a, b`; the space does not belong to the cell.
    is_spaced: bool,
}

/// Reads CSV. The first row that is not empty must name the columns; if it has a fault, no other row is read.
struct Sheet<I: Iterator<Item = char>> {
    rows: Rows<I>,
    head: Option<Head>,
    /// The number of the last row, and whether a line break ends it.
    last: Option<(usize, bool)>,
    is_done: bool,
}

impl<I: Iterator<Item = char>> Sheet<I> {
    fn next(&mut self, map: &[Mapped], notes: &mut Notes) -> Option<Row> {
        while !self.is_done {
            let read = self.rows.find(|row| !row.as_ref().is_ok_and(is_blank));
            self.last =
                read.as_ref().and_then(|row| row.as_ref().ok()).map(|row| (row.number, row.is_ended)).or(self.last);
            match (read, &self.head) {
                (Some(Ok(line)), Some(head)) => return Some(record(&line, head)),
                (Some(Ok(first)), None) => match head(&first, map, &mut notes.ignored) {
                    Ok(head) => self.head = Some(head),
                    Err(row) => return self.end(Some(row)),
                },
                (Some(Err(flaw)), head) => {
                    let column = head.as_ref().and_then(|head| head.columns.get(flaw.cell).copied().flatten());
                    return self.end(Some(Row::of_fault(flawed(&flaw, column.unwrap_or("row")))));
                }
                (None, Some(_)) => {
                    notes.unterminated = self.last.filter(|(_, is_ended)| !is_ended).map(|(number, _)| number);
                    return self.end(None);
                }
                (None, None) => {
                    return self.end(Some(Row::of_fault(fault(1, "telegram_id", "", "import.rule.no_column"))));
                }
            }
        }
        None
    }

    const fn end(&mut self, last: Option<Row>) -> Option<Row> {
        self.is_done = true;
        last
    }
}

fn is_blank(row: &Line) -> bool {
    !row.is_cut && row.cells.iter().all(|cell| cell.trim().is_empty())
}

fn flawed(flaw: &Flaw, field: &str) -> FileFault {
    let rule = match flaw.kind {
        FlawKind::Open => "import.rule.quote_open",
        FlawKind::Bare => "import.rule.quote_bare",
        FlawKind::Behind => "import.rule.quote_behind",
    };
    fault(flaw.line, field, &flaw.text, rule)
}

/// Reads the first row, the names of the columns. Empty cells after the last name, which spreadsheets leave, are
/// ignored.
fn head(first: &Line, map: &[Mapped], ignored: &mut Vec<String>) -> Result<Head, Row> {
    let mut row = Row::at(first.number);
    if first.is_cut {
        row.blame("row", &first.cells.join(" · "), "import.rule.row_long");
        return Err(row);
    }
    let named = first.cells.iter().rposition(|name| !name.trim().is_empty()).map_or(0, |last| last + 1);
    let names: Vec<&str> = first.cells.iter().take(named).map(|name| name.trim()).collect();
    let is_spaced = first.cells.iter().take(named).skip(1).any(|name| name.starts_with(' '));
    let mut columns = Vec::new();
    for name in &names {
        match column(map, name) {
            Column::Field(field) if columns.contains(&Some(field)) => row.blame(name, "", "import.rule.column_twice"),
            Column::Field(field) => columns.push(Some(field)),
            Column::Unknown => row.blame(name, "", "import.rule.column"),
            Column::Ignored => {
                ignored.extend(Some((*name).to_owned()).filter(|name| name != "id" && !name.is_empty()));
                columns.push(None);
            }
        }
    }
    for mapped in map.iter().filter(|mapped| !names.contains(&mapped.column.as_str())) {
        row.blame(&mapped.column, "", "import.rule.map_column");
    }
    if !columns.contains(&Some("telegram_id")) {
        row.faults.insert(0, fault(first.number, "telegram_id", "", "import.rule.no_column"));
    }
    if row.faults.is_empty() { Ok(Head { columns, is_spaced }) } else { Err(row) }
}

/// Reads one row. Empty cells after the last column, which spreadsheets leave, are ignored.
fn record(line: &Line, head: &Head) -> Row {
    let mut row = Row::at(line.number);
    if line.is_cut {
        row.blame("row", &line.cells.join(" · "), "import.rule.row_long");
        return row;
    }
    let beyond = line.cells.iter().skip(head.columns.len()).any(|cell| !cell.trim().is_empty());
    if line.cells.len() < head.columns.len() || beyond {
        row.blame("row", &line.cells.join(" · "), "import.rule.cells");
        return row;
    }
    for (column, cell) in head.columns.iter().zip(&line.cells) {
        let cell = if head.is_spaced { cell.trim() } else { cell };
        match column {
            None => {}
            Some(column) if cell.contains(['\n', '\r']) => row.blame(column, cell, "import.rule.line_break"),
            Some(column) => row.say(column, &many_lines(&csv_restored(cell))),
        }
    }
    row
}
