//! The id of the card that a check shows: 64 random bits that bind one check to one redemption.

use rand::RngExt;

/// The id of a card: 16 hexadecimal digits, which the card's button carries in its `callback_data`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardId(String);

impl CardId {
    pub(super) fn random() -> Self {
        Self(format!("{:016x}", rand::rng().random::<u64>()))
    }

    /// Reads a card's id from callback data; `None` when the text is not 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The id's 16 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl rusqlite::ToSql for CardId {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}
