//! One value of an export, and the two formats of rows: CSV that is safe to open in a spreadsheet, and a JSON object
//! per line. Phones are digits in CSV, so that a spreadsheet neither evaluates nor rounds them.

use serde_json::{Map, Value, json};

use super::ExportKind;
use crate::sheet::{Flavour, csv_safe, joined, one_line};
use crate::user::{Country, Phone};

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// The cell has no value.
    Null,
    /// Free text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// A phone in E.164, and in the form for spreadsheets.
    Phone {
        /// The number in E.164.
        number: String,
        /// The number in the form for CSV.
        in_sheet: String,
    },
    /// Several texts.
    List(Vec<String>),
}

impl Cell {
    /// A cell with this text, or without a value.
    pub(super) fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.to_owned()))
    }

    /// A cell with a word of the program, a day or an instant.
    pub(super) fn said(value: &impl ToString) -> Self {
        Self::Text(value.to_string())
    }

    /// A cell with a phone of a shop in `country`.
    pub(super) fn phone(number: String, country: Country) -> Self {
        Self::Phone { in_sheet: Phone::in_sheet(&number, country), number }
    }

    fn csv(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => csv_safe(&one_line(text)),
            Self::Int(number) => number.to_string(),
            Self::Bool(is) => is.to_string(),
            Self::Phone { in_sheet, .. } => csv_safe(in_sheet),
            Self::List(texts) => csv_safe(&one_line(&joined(texts))),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) | Self::Phone { number: text, .. } => json!(text),
            Self::Int(number) => json!(number),
            Self::Bool(is) => json!(is),
            Self::List(texts) => json!(texts),
        }
    }
}

/// The format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// CSV with a byte order mark, commas between cells.
    Csv,
    /// CSV with semicolons between cells, for a Russian Excel.
    Excel,
    /// One JSON object per line.
    Lines,
}

impl Shape {
    /// CSV, with semicolons or commas.
    #[must_use]
    pub const fn csv(is_excel: bool) -> Self {
        if is_excel { Self::Excel } else { Self::Csv }
    }

    /// The file name extension of the format.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv | Self::Excel => "csv",
            Self::Lines => "jsonl",
        }
    }

    const fn flavour(self) -> Option<Flavour> {
        match self {
            Self::Csv => Some(Flavour::EXPORT),
            Self::Excel => Some(Flavour::EXCEL),
            Self::Lines => None,
        }
    }

    /// The text before the first row.
    #[must_use]
    pub fn head(self, kind: ExportKind) -> String {
        self.flavour().map_or_else(String::new, |csv| format!("{}{}", csv.mark(), csv.record(&kind.keys())))
    }

    /// Rows of `kind` in this format.
    #[must_use]
    pub fn written(self, kind: ExportKind, rows: &[Vec<Cell>]) -> String {
        let keys = kind.keys();
        let row = |cells: &Vec<Cell>| match self.flavour() {
            Some(csv) => csv.record(&cells.iter().map(Cell::csv).collect::<Vec<_>>()),
            None => {
                let object: Map<String, Value> =
                    keys.iter().zip(cells).map(|(key, cell)| ((*key).to_owned(), cell.json())).collect();
                format!("{}\n", Value::Object(object))
            }
        };
        rows.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_survives_a_spreadsheet() {
        let phone = |number: &str| Cell::phone(number.into(), Country::RUSSIA);
        assert_eq!(phone("+79141234567").csv(), "89141234567");
        // Berlin and Tokyo: as bare digits they would be read back as other numbers.
        assert_eq!(phone("+4930123456").csv(), "'+4930123456");
        assert_eq!(phone("+81312345678").csv(), "'+81312345678");
        assert_eq!(phone("+79141234567").json(), json!("+79141234567"));
    }

    #[test]
    fn texts_are_guarded_and_numbers_are_not() {
        assert_eq!(Cell::List(vec!["=1".into(), "vip".into()]).csv(), "'=1,vip");
        assert_eq!((Cell::Int(-5).csv(), Cell::Text("-5".into()).csv()), ("-5".into(), "'-5".into()));
    }
}
