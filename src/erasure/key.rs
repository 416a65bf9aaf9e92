//! Guards the key of the hashes of erased people. The key is in the config, not in the database, so a stolen database
//! file does not reveal who was erased. The database stores a check value, the key's hash of a fixed word, so that a
//! changed key is noticed: the hashes of another key would match no person, and the next import would create erased
//! people again.

use rusqlite::named_params;

use crate::db::{Tx, View};
use crate::error::Result;
use crate::secret;

const CHECK_KEY: &str = "erasure.probe";
const CHECK_WORD: &str = "probe";
const KEPT: &str = "SELECT value FROM meta WHERE key = :key";
const KEEP: &str = "INSERT INTO meta (key, value) VALUES (:key, :value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const ANYBODY: &str = "SELECT 1 FROM erased_people LIMIT 1";

/// How a key from the config fits the hashes in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// The key is the one that made the stored hashes.
    Fits,
    /// The database knows of no other key that its hashes depend on: [`keep`] makes this key the shop's key.
    New,
    /// The stored hashes were made with another key.
    Wrong,
    /// No key is configured, but there are stored hashes.
    Missing,
    /// No key is configured, and none is needed: no person has been erased.
    Unneeded,
}

impl Fit {
    /// Whether erased people can be recognised with this key.
    #[must_use]
    pub const fn is_sound(self) -> bool {
        matches!(self, Self::Fits | Self::New | Self::Unneeded)
    }
}

/// How `key` fits the hashes in this database.
pub fn fit(view: &View<'_>, key: Option<&str>) -> Result<Fit> {
    let anybody = view.find(ANYBODY, [], |_| Ok(()))?.is_some();
    let Some(key) = key else { return Ok(if anybody { Fit::Missing } else { Fit::Unneeded }) };
    let kept: Option<String> = view.find(KEPT, named_params! { ":key": CHECK_KEY }, |row| row.get(0))?;
    Ok(match kept {
        Some(kept) if secret::same(&kept, &secret::keyed_hash(key, CHECK_WORD)) => Fit::Fits,
        Some(_) if anybody => Fit::Wrong,
        // Hashes without a check value come from an older dvorik, which used one key for every purpose. This key is
        // taken to be that key.
        _ => Fit::New,
    })
}

/// Stores the check value of a key that is [`Fit::New`]; any other key changes nothing.
pub fn keep(tx: &Tx<'_>, key: Option<&str>) -> Result<()> {
    if let (Some(key), Fit::New) = (key, fit(tx, key)?) {
        tx.change(KEEP, named_params! { ":key": CHECK_KEY, ":value": secret::keyed_hash(key, CHECK_WORD) })?;
    }
    Ok(())
}
