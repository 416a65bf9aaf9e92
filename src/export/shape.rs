//! The two formats of an export's rows: CSV that is safe to open in a spreadsheet, and a JSON object per line. In CSV,
//! phones are written so that a spreadsheet neither evaluates nor rounds them.

use serde_json::{Map, Value};

use super::ExportKind;
use crate::cell::Cell;
use crate::sheet::{Flavour, csv_safe, joined, one_line};

/// The cell as CSV. Formulas are escaped in texts only, so that negative numbers stay numbers.
pub(super) fn csv(cell: &Cell) -> String {
    match cell {
        Cell::Phone { in_sheet, .. } => csv_safe(in_sheet),
        Cell::List(texts) => csv_safe(&one_line(&joined(texts))),
        text if text.is_text() => csv_safe(&one_line(&text.machine())),
        other => other.machine(),
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
    /// CSV: with semicolons if `is_excel`, otherwise with commas.
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

    /// The text before the first row: for CSV the byte order mark and the row of column keys, for JSON nothing.
    #[must_use]
    pub fn head(self, kind: ExportKind) -> String {
        self.flavour().map_or_else(String::new, |csv| format!("{}{}", csv.mark(), csv.record(&kind.keys())))
    }

    /// The text of `rows`, which have the columns of `kind`, in this format.
    #[must_use]
    pub fn written(self, kind: ExportKind, rows: &[Vec<Cell>]) -> String {
        let keys = kind.keys();
        let row = |cells: &Vec<Cell>| match self.flavour() {
            Some(flavour) => flavour.record(&cells.iter().map(csv).collect::<Vec<_>>()),
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
    fn texts_are_guarded_and_numbers_are_not() {
        assert_eq!(csv(&Cell::List(vec!["=1".into(), "vip".into()])), "'=1,vip");
        assert_eq!((csv(&Cell::Int(-5)), csv(&Cell::Text("-5".into()))), ("-5".into(), "'-5".into()));
    }
}
