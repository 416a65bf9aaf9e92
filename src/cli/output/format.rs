//! The formats of rows apart from tables and CSV: a value as people read it, TSV, JSON.

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::{Voice, safe};
use crate::cell::{Cell, Column};

impl Cell {
    /// The value as a person reads it: one harmless line.
    #[must_use]
    pub fn human(&self, voice: &Voice) -> String {
        let lang = voice.lang;
        match self {
            Self::Null => String::from("—"),
            Self::Text(text) if text.is_empty() => String::from("—"),
            Self::Text(text) | Self::Phone { number: text, .. } => safe::line(text),
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
}

/// The beginning of a nested value as people see it; programs get the whole value.
fn cut(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST { text.to_owned() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

/// The object that a row becomes under `--json`, without the name of a schema.
#[must_use]
pub fn facts<T>(columns: &[Column<T>], item: &T) -> Json {
    let facts = columns.iter().filter(|column| column.is_fact());
    facts.map(|column| (column.key.to_owned(), (column.value)(item).json())).collect()
}

/// What differs between two states of a row, for people: `Title: a → b; Days: 7 → 10`.
#[must_use]
pub fn differences<T>(columns: &[Column<T>], before: &T, after: &T, voice: &Voice) -> String {
    let said = columns.iter().filter_map(|column| {
        let (was, is) = ((column.value)(before), (column.value)(after));
        let title = voice.lang.text(column.title, &[]);
        (was != is).then(|| format!("{title}: {} → {}", was.human(voice), is.human(voice)))
    });
    said.collect::<Vec<_>>().join("; ")
}

/// Rows as TSV: English keys, then a line per row; tabs and line breaks inside cells in C notation.
pub(super) fn tsv<T>(columns: &[Column<T>], items: &[T]) -> String {
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
    pub(super) fn of<T>(columns: &[Column<T>], item: &T) -> Self {
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
