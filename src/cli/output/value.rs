//! Typed cells and the columns that read them. A column is declared once per noun; table, TSV, CSV and JSON are made
//! from it.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::{Voice, safe};
use crate::clock::Timestamp;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum CellValue {
    /// No value: `—`, an empty cell, `null`.
    Null,
    /// Text, which may come from outside.
    Text(String),
    /// A whole number.
    Int(i64),
    /// An id: a number that people see in the form in which they enter it.
    Id(i64),
    /// Yes or no.
    Bool(bool),
    /// An instant; people see it by the shop's clock.
    Timestamp(Timestamp),
    /// A calendar day.
    Date(NaiveDate),
    /// Money in hundredths of the shop's currency.
    Kopecks(i64),
    /// Percent in hundredths: 1250 = 12.5 %.
    Percent(i64),
    /// A share from 0 to 1.
    Share(f64),
    /// A fixed word for scripts, and the text that people read instead of the word.
    Word {
        /// The English code of the value: `active`.
        code: &'static str,
        /// The key in the language catalogue of the text that people read.
        text: &'static str,
        /// The colour of the text.
        tone: Tone,
    },
    /// Several texts.
    List(Vec<String>),
    /// A nested value, for programs.
    Json(Json),
}

/// What a colour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// No meaning: no colour.
    Plain,
    /// Something works or is done: green.
    Good,
    /// Something needs attention: yellow.
    Warn,
    /// Something failed or is blocked: red.
    Bad,
    /// Something is in the past: grey.
    Faint,
}

impl From<&str> for CellValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for CellValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for CellValue {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for CellValue {
    fn from(is_so: bool) -> Self {
        Self::Bool(is_so)
    }
}

impl From<Timestamp> for CellValue {
    fn from(at: Timestamp) -> Self {
        Self::Timestamp(at)
    }
}

impl From<NaiveDate> for CellValue {
    fn from(day: NaiveDate) -> Self {
        Self::Date(day)
    }
}

impl<T: Into<Self>> From<Option<T>> for CellValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl CellValue {
    /// The value as a person reads it: one harmless line.
    #[must_use]
    pub fn human(&self, voice: &Voice) -> String {
        let lang = voice.lang;
        match self {
            Self::Null => String::from("—"),
            Self::Text(text) if text.is_empty() => String::from("—"),
            Self::Text(text) => safe::line(text),
            Self::Int(number) => lang.number(*number),
            Self::Id(id) => id.to_string(),
            Self::Bool(is_so) => lang.text(if *is_so { "output.yes" } else { "output.no" }, &[]),
            Self::Timestamp(at) => lang.date_time(*at, voice.zone),
            Self::Date(day) => lang.date(*day),
            Self::Kopecks(kopecks) => lang.money(*kopecks, &voice.currency),
            Self::Percent(hundredths) => lang.percent(*hundredths),
            Self::Share(share) => lang.share(*share),
            Self::Word { text, .. } => lang.text(text, &[]),
            Self::List(items) if items.is_empty() => String::from("—"),
            Self::List(items) => safe::line(&items.join(", ")),
            Self::Json(json) => cut(&safe::line(&json.to_string())),
        }
    }

    /// The value as a script reads it: plain digits, UTC, English codes; lists joined by commas. Not escaped.
    #[must_use]
    pub fn machine(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Int(number) | Self::Id(number) | Self::Kopecks(number) | Self::Percent(number) => number.to_string(),
            Self::Bool(is_so) => is_so.to_string(),
            Self::Timestamp(at) => at.to_string(),
            Self::Date(day) => day.to_string(),
            Self::Share(share) => share.to_string(),
            Self::Word { code, .. } => (*code).to_owned(),
            Self::List(items) => items.join(","),
            Self::Json(json) => json.to_string(),
        }
    }

    /// The value as JSON: kopecks and hundredths as whole numbers, instants in UTC.
    #[must_use]
    pub fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Int(number) | Self::Id(number) | Self::Kopecks(number) | Self::Percent(number) => json!(number),
            Self::Bool(is_so) => json!(is_so),
            Self::Share(share) => json!(share),
            Self::List(items) => json!(items),
            Self::Json(json) => json.clone(),
            Self::Text(_) | Self::Timestamp(_) | Self::Date(_) | Self::Word { .. } => Json::String(self.machine()),
        }
    }

    /// Whether a spreadsheet would take the value for text.
    pub(super) const fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::List(_) | Self::Json(_))
    }

    pub(super) const fn tone(&self) -> Tone {
        match self {
            Self::Word { tone, .. } => *tone,
            _ => Tone::Plain,
        }
    }
}

/// The beginning of a nested value as people see it; programs get the whole value.
fn cut(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

/// The alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Left, for texts.
    Left,
    /// Right, for numbers.
    Right,
}

/// A column of a noun.
pub struct TableColumn<T> {
    /// The English key in JSON, TSV and CSV; never renamed within a schema version.
    pub key: &'static str,
    /// The key in the language catalogue of the column's heading.
    pub title: &'static str,
    /// The alignment of the column.
    pub align: Align,
    /// Reads the column's cell of a row.
    pub value: fn(&T) -> CellValue,
    /// Whether tables leave the column out, because they must be no wider than a screen; every other format shows it.
    pub detail: bool,
}

impl<T> TableColumn<T> {
    /// A column of texts.
    #[must_use]
    pub const fn new(key: &'static str, title: &'static str, value: fn(&T) -> CellValue) -> Self {
        Self { key, title, align: Align::Left, value, detail: false }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(key: &'static str, title: &'static str, value: fn(&T) -> CellValue) -> Self {
        Self { key, title, align: Align::Right, value, detail: false }
    }

    /// A column that tables leave out and every other format shows.
    #[must_use]
    pub const fn detail(key: &'static str, title: &'static str, value: fn(&T) -> CellValue) -> Self {
        Self { key, title, align: Align::Left, value, detail: true }
    }

    /// A column of texts for people only: no machine format has it.
    #[must_use]
    pub const fn prose(title: &'static str, value: fn(&T) -> CellValue) -> Self {
        Self { key: "", title, align: Align::Left, value, detail: false }
    }

    /// Whether machine formats have this column.
    pub(super) const fn is_fact(&self) -> bool {
        !self.key.is_empty()
    }

    /// The same column, right-aligned, for numbers.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.align = Align::Right;
        self
    }
}

/// The object that a row becomes under `--json`, without the name of a schema.
#[must_use]
pub fn facts<T>(columns: &[TableColumn<T>], item: &T) -> Json {
    let facts = columns.iter().filter(|column| column.is_fact());
    facts.map(|column| (column.key.to_owned(), (column.value)(item).json())).collect()
}

/// What differs between two states of a row, for people: `Title: a → b; Days: 7 → 10`.
#[must_use]
pub fn differences<T>(columns: &[TableColumn<T>], before: &T, after: &T, voice: &Voice) -> String {
    let said = columns.iter().filter_map(|column| {
        let (was, is) = ((column.value)(before), (column.value)(after));
        let title = voice.lang.text(column.title, &[]);
        (was != is).then(|| format!("{title}: {} → {}", was.human(voice), is.human(voice)))
    });
    said.collect::<Vec<_>>().join("; ")
}

/// Rows as TSV: English keys, then a line per row; tabs and line breaks inside cells in C notation.
pub(super) fn tsv<T>(columns: &[TableColumn<T>], items: &[T]) -> String {
    let columns = || columns.iter().filter(|column| column.is_fact());
    let header = columns().map(|column| column.key.to_owned()).collect::<Vec<_>>().join("\t");
    let row = |item: &T| {
        let cells = columns().map(|column| safe::tsv(&(column.value)(item).machine()));
        cells.collect::<Vec<_>>().join("\t")
    };
    std::iter::once(header).chain(items.iter().map(row)).map(|line| line + "\n").collect()
}

/// A JSON object that keeps the order of its keys.
pub(super) struct Object(Vec<(String, Json)>);

impl Object {
    pub(super) fn of<T>(columns: &[TableColumn<T>], item: &T) -> Self {
        let facts = columns.iter().filter(|column| column.is_fact());
        Self(facts.map(|column| (column.key.to_owned(), (column.value)(item).json())).collect())
    }

    pub(super) fn from_pairs<const N: usize>(pairs: [(&str, Json); N]) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    pub(super) fn with(mut self, key: &str, value: Json) -> Self {
        self.0.push((key.to_owned(), value));
        self
    }

    pub(super) fn with_schema(mut self, schema: &str) -> Self {
        self.0.insert(0, (String::from("schema"), Json::from(schema)));
        self
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// A list as JSON: `{"schema", "items", "total"}`.
pub(super) fn list(schema: &str, items: Vec<Object>, total: u64) -> impl Serialize + use<'_> {
    #[derive(Serialize)]
    struct TablePage<'a> {
        schema: &'a str,
        items: Vec<Object>,
        total: u64,
    }
    TablePage { schema, items, total }
}
