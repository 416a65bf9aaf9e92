//! Stores how far an import has come. The whole file is checked before its first row is written; then its rows are
//! written, some hundreds a transaction, and each transaction stores how many rows are written. If the process is
//! killed, the stored progress stays, and the next import reports the unfinished one.

use rusqlite::named_params;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::db::{Tx, View};
use crate::error::Result;

const KEEP: &str = "INSERT INTO meta (key, value) VALUES (:key, :value)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const FORGET: &str = "DELETE FROM meta WHERE key = :key";
const FORGET_OLD: &str =
    "DELETE FROM meta WHERE key >= 'import.' AND key < 'import/' AND json_extract(value, '$.at') < :since";
const ALL: &str =
    "SELECT value FROM meta WHERE key >= 'import.' AND key < 'import/' AND json_extract(value, '$.at') >= :since
     ORDER BY key";
/// For how long, in seconds, an unfinished import is reported.
const TOLD_SECONDS: i64 = 30 * 24 * 3600;

/// An import under way, or one that was killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// SHA-256 of the imported file.
    pub digest: String,
    /// The name of the imported file, as it was given.
    pub file: String,
    /// Whether the imported people are test data.
    pub is_test: bool,
    /// How many rows the file has.
    pub rows: usize,
    /// How many rows are written so far.
    pub done: usize,
    /// When the last row so far was written, in UTC.
    pub at: String,
}

/// Imports of the last thirty days that were not finished.
pub fn unfinished(view: &View<'_>) -> Result<Vec<Progress>> {
    let kept = view.list(ALL, named_params! { ":since": since(view.now()) }, |row| row.get::<_, String>(0))?;
    Ok(kept.iter().filter_map(|value| serde_json::from_str(value).ok()).collect())
}

/// Stores how far an import has come, in the transaction that writes the rows; deletes the entry of a finished import.
pub fn keep(tx: &Tx<'_>, progress: &Progress) -> Result<()> {
    let key = format!("import.{}{}", progress.digest, if progress.is_test { ".test" } else { "" });
    tx.change(FORGET_OLD, named_params! { ":since": since(tx.now()) })?;
    if progress.done >= progress.rows {
        tx.change(FORGET, named_params! { ":key": key })?;
        return Ok(());
    }
    let progress = Progress { at: tx.now().to_string(), ..progress.clone() };
    // Serialising a struct of text and numbers cannot fail.
    let value = serde_json::to_string(&progress).unwrap_or_default();
    tx.change(KEEP, named_params! { ":key": key, ":value": value })?;
    Ok(())
}

fn since(now: Timestamp) -> String {
    now.plus(-TOLD_SECONDS).to_string()
}
