//! Judges whether Telegram would accept a text, before the text is saved: its HTML, its length, whether it looks empty,
//! and the addresses of links and buttons. Every door that saves texts calls this module. The rules are those of the
//! Telegram library (td). `cases.tsv` lists inputs with td's own verdicts, and a test compares this module with that
//! table, except for the stricter rules that the table names. The built-in Telegram has a parser of its own, which is
//! compared with the same table.

mod html;
mod link;
mod plain;
mod reference;

#[cfg(test)]
mod tests;

pub use html::read;
pub use link::{PATTERN as LINK_PATTERN, check as check_link, is_link};
pub use plain::{is_blank, length};

/// The most characters of a message, without its tags.
pub const MOST_TEXT: usize = 4096;
/// The most characters of a caption, without its tags.
pub const MOST_CAPTION: usize = 1024;
/// The most characters of the answer to a pressed button.
pub const MOST_ALERT: usize = 200;
/// The most characters of a button's caption. Telegram accepts longer captions, but does not show them in full.
pub const MOST_BUTTON: usize = 64;
/// The most bytes of a command's description.
pub const MOST_COMMAND_BYTES: usize = 256;
/// The most characters of the address of a link or button.
pub const MOST_LINK: usize = 2048;

/// Why Telegram would not accept a text, or would show another text than was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key of the reason in the language catalogue (`language`).
    pub reason: &'static str,
    /// The piece of the text that is at fault, at most 60 characters.
    pub what: String,
}

impl Fault {
    /// A fault at `what`, which is cut to 60 characters.
    #[must_use]
    pub fn new(reason: &'static str, what: &str) -> Self {
        Self { reason, what: what.chars().take(60).collect() }
    }
}
