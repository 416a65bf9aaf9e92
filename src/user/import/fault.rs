//! A fault in a file of customers: its line and column, the value, and the rule that the value breaks.

/// The most characters of a wrong value that are shown.
const LONGEST_SHOWN: usize = 60;

/// A fault at one place of the file of customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The line on which the faulty row begins, from 1; for a quoting fault, the line of the quote.
    pub line: usize,
    /// The column with the fault; `row` for the whole row.
    pub field: String,
    /// The faulty value, shortened; control characters are escaped. Empty when the column itself is the fault.
    pub value: String,
    /// Catalogue key of the rule that the value breaks.
    pub rule: &'static str,
}

/// A fault at this place; a long value is shortened, control characters are escaped.
pub(super) fn fault(line: usize, field: &str, value: &str, rule: &'static str) -> FileFault {
    let cut = |text: &str, most: usize| {
        let shown =
            text.chars().take(most).map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() });
        let more = if text.chars().nth(most).is_some() { "…" } else { "" };
        shown.collect::<String>() + more
    };
    FileFault { line, field: cut(field, 40), value: cut(value, LONGEST_SHOWN), rule }
}
