//! Typed cells and the columns that read them. A column is declared once per noun; table, TSV, CSV and JSON are made
//! from it, for the command line (`cli/output`) and for exports (`export/shape`).

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use crate::clock::Timestamp;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
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
    /// A phone, which a spreadsheet must neither evaluate nor round.
    Phone {
        /// The number in E.164.
        number: String,
        /// The number in the form for CSV.
        in_sheet: String,
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

/// The types that say which cell their values become; ids become [`Cell::Id`]. A number with a unit names its variant
/// instead: [`Cell::Kopecks`].
macro_rules! cell_from {
    ($($of:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$of> for Cell {
            fn from(value: $of) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

cell_from!(&str => Text, &String => Text, String => Text, i64 => Int, u32 => Int, bool => Bool);
cell_from!(Timestamp => Timestamp, NaiveDate => Date);

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<&Option<String>> for Cell {
    fn from(text: &Option<String>) -> Self {
        text.as_deref().into()
    }
}

impl Cell {
    /// The value as a script reads it: plain digits, UTC, English codes; lists joined by commas. Not escaped.
    #[must_use]
    pub fn machine(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) | Self::Phone { number: text, .. } => text.clone(),
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
            Self::Text(_) | Self::Phone { .. } | Self::Timestamp(_) | Self::Date(_) | Self::Word { .. } => {
                Json::String(self.machine())
            }
        }
    }

    /// Whether a spreadsheet would take the value for text.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Phone { .. } | Self::List(_) | Self::Json(_))
    }

    /// What the colour of the value means.
    #[must_use]
    pub const fn tone(&self) -> Tone {
        match self {
            Self::Word { tone, .. } => *tone,
            _ => Tone::Plain,
        }
    }
}

/// The alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Left, for texts.
    Left,
    /// Right, for numbers.
    Right,
}

/// A column of a noun: its key, and how its cell is read from a row. A table for people also needs the heading and the
/// alignment.
pub struct Column<T> {
    /// The English key in JSON, TSV and CSV; never renamed within a schema version.
    pub key: &'static str,
    /// The key in the language catalogue of the column's heading; empty in an export.
    pub title: &'static str,
    /// The alignment of the column.
    pub align: Align,
    /// Reads the column's cell of a row.
    pub value: fn(&T) -> Cell,
    /// Whether tables leave the column out, because they must be no wider than a screen; every other format shows it.
    pub detail: bool,
}

impl<T> Column<T> {
    /// A column of an export: no table for people has it, so it has no heading.
    #[must_use]
    pub const fn fact(key: &'static str, value: fn(&T) -> Cell) -> Self {
        Self { key, title: "", align: Align::Left, value, detail: false }
    }

    /// A column of texts.
    #[must_use]
    pub const fn new(key: &'static str, title: &'static str, value: fn(&T) -> Cell) -> Self {
        Self { title, ..Self::fact(key, value) }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(key: &'static str, title: &'static str, value: fn(&T) -> Cell) -> Self {
        Self { align: Align::Right, ..Self::new(key, title, value) }
    }

    /// A column that tables leave out and every other format shows.
    #[must_use]
    pub const fn detail(key: &'static str, title: &'static str, value: fn(&T) -> Cell) -> Self {
        Self { detail: true, ..Self::new(key, title, value) }
    }

    /// A column of texts for people only: no machine format has it.
    #[must_use]
    pub const fn prose(title: &'static str, value: fn(&T) -> Cell) -> Self {
        Self::new("", title, value)
    }

    /// Whether machine formats have this column.
    #[must_use]
    pub const fn is_fact(&self) -> bool {
        !self.key.is_empty()
    }
}
