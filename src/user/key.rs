//! The key behind the hashes of erased people. It is the config's, not the database's: a stolen file tells nobody. The
//! database keeps what this key makes of a known word, so that another key is noticed before it makes hashes that match
//! nobody: erased people would come back with the next import.

use rusqlite::named_params;

use crate::db::{Tx, View};
use crate::error::Result;
use crate::secret;

const PROBE: &str = "erasure.probe";
const WORD: &str = "probe";
const KEPT: &str = "SELECT value FROM meta WHERE key = :key";
const KEEP: &str = "INSERT INTO meta (key, value) VALUES (:key, :value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const ANYBODY: &str = "SELECT 1 FROM erased_people LIMIT 1";

/// How a key stands against a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It is the one the hashes were made with.
    Fits,
    /// No hash depends on another key: it will be kept as the one.
    New,
    /// The hashes were made with another one.
    Wrong,
    /// There is none, though there are hashes.
    Missing,
    /// There is none, and nobody has been erased.
    Unneeded,
}

impl Fit {
    /// Whether erased people can be told from others with this key.
    #[must_use]
    pub const fn is_sound(self) -> bool {
        matches!(self, Self::Fits | Self::New | Self::Unneeded)
    }
}

/// How `key` stands against this database.
pub fn fit(view: &View<'_>, key: Option<&str>) -> Result<Fit> {
    let anybody = view.find(ANYBODY, [], |_| Ok(()))?.is_some();
    let Some(key) = key else { return Ok(if anybody { Fit::Missing } else { Fit::Unneeded }) };
    let kept: Option<String> = view.find(KEPT, named_params! { ":key": PROBE }, |row| row.get(0))?;
    Ok(match kept {
        Some(kept) if secret::same(&kept, &secret::keyed_hash(key, WORD)) => Fit::Fits,
        Some(_) if anybody => Fit::Wrong,
        // With hashes and no probe the database is of an older dvorik, which had one key for everything.
        _ => Fit::New,
    })
}

/// Keeps the probe of a key that is new here; one that does not fit changes nothing.
pub fn keep(tx: &Tx<'_>, key: Option<&str>) -> Result<()> {
    if let (Some(key), Fit::New) = (key, fit(tx, key)?) {
        tx.change(KEEP, named_params! { ":key": PROBE, ":value": secret::keyed_hash(key, WORD) })?;
    }
    Ok(())
}
