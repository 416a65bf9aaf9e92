//! Splits a file of customers into rows before their values are checked: CSV or JSON lines, recognised by the first
//! character. A row that cannot be read, or can be read in more than one way, has a fault.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::fault::{FileFault, fault};
use super::mapping::{Column, Mapped, column};
use crate::sheet::{self, Flaw, FlawKind, Line, csv_restored, listed, many_lines};

/// The cells of a row, by column. An empty or blank cell counts as no value.
#[derive(Default)]
pub(super) struct Row {
    pub line: usize,
    pub texts: BTreeMap<&'static str, String>,
    pub tags: Vec<String>,
    pub faults: Vec<FileFault>,
}

/// The rows of a file.
#[derive(Default)]
pub(super) struct Lines {
    pub rows: Vec<Row>,
    /// The names of the columns that are ignored.
    pub ignored: Vec<String>,
    /// The number of the last line, if the line does not end with a line break.
    pub unterminated: Option<usize>,
}

pub(super) fn lines(text: &str, map: &[Mapped]) -> Lines {
    match text.trim_start().chars().next() {
        Some('{' | '[') => objects(text, map),
        _ => sheet(text, map),
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

/// Reads JSON lines: one object per line.
fn objects(text: &str, map: &[Mapped]) -> Lines {
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let mut found = Lines::default();
    for (at, line) in text.split(end).enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row = object(at + 1, line, map, &mut found.ignored);
        found.rows.push(row);
    }
    let is_ended = text.rsplit(['\n', '\r']).next().is_none_or(|rest| rest.trim().is_empty());
    found.unterminated = found.rows.last().filter(|_| !is_ended).map(|row| row.line);
    found
}

fn object(line: usize, text: &str, map: &[Mapped], ignored: &mut Vec<String>) -> Row {
    let mut row = Row::at(line);
    let Ok(Members(members)) = serde_json::from_str(text) else {
        row.blame("row", text, "import.rule.json");
        return row;
    };
    let mut said = Vec::new();
    for (key, value) in members {
        match column(map, &key) {
            Column::Unknown => row.blame(&key, "", "import.rule.column"),
            Column::Ignored if map.is_empty() || key == "id" || ignored.contains(&key) => {}
            Column::Ignored => ignored.push(key),
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
fn sheet(text: &str, map: &[Mapped]) -> Lines {
    let (separator, below, taken) = sheet::separator(text);
    let (rows, flaw) = match sheet::rows(below, separator, taken + 1) {
        Ok(rows) => (rows, None),
        Err((rows, flaw)) => (rows, Some(flaw)),
    };
    let mut found = Lines::default();
    let mut rows = rows.into_iter().filter(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
    let first = rows.next();
    let head = match (&first, &flaw) {
        (None, Some(flaw)) => Err(Row::of_fault(flawed(flaw, "row"))),
        (None, None) => Err(Row::of_fault(fault(1, "telegram_id", "", "import.rule.no_column"))),
        (Some(first), _) => head(first, map, &mut found.ignored),
    };
    match head {
        Err(row) => found.rows.push(row),
        Ok(head) => {
            let mut last = first;
            for row in rows {
                found.rows.push(record(&row, &head));
                last = Some(row);
            }
            found.unterminated = last.filter(|row| !row.is_ended).map(|row| row.number);
            found.rows.extend(flaw.map(|flaw| {
                let field = head.columns.get(flaw.cell).copied().flatten().unwrap_or("row");
                Row::of_fault(flawed(&flaw, field))
            }));
        }
    }
    found
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
