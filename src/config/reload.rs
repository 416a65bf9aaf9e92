//! Which keys a reload may change while the daemon runs, and which wait for a restart.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Config, keys};

/// A number of the config that a reload changes while the daemon runs. Clones share the number.
#[derive(Debug, Clone)]
pub struct Live(Arc<AtomicU32>);

impl Live {
    /// A number that starts with this value.
    #[must_use]
    pub fn new(value: u32) -> Self {
        Self(Arc::new(AtomicU32::new(value)))
    }

    /// The present number.
    #[must_use]
    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, value: u32) {
        self.0.store(value, Ordering::Relaxed);
    }
}

/// A hash of each key's value when the configuration was read, including secrets and the contents of their files.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Fingerprints(BTreeMap<&'static str, String>);

impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprints")
    }
}

impl Fingerprints {
    pub(super) fn note(&mut self, key: &'static str, value: &str) {
        self.0.insert(key, crate::secret::sha256(value));
    }
}

/// The keys that take effect without a restart.
pub const AT_ONCE: [&str; 3] = ["backup.keep_daily", "backup.keep_weekly", "log.level"];

impl Config {
    /// Takes from `new` the numbers that a reload may change; the log level is set by the caller. Returns the keys that
    /// need a restart, in the order of `config.example.toml`: those whose values differ from the ones this process was
    /// started with.
    pub fn take_over(&self, new: &Self) -> Vec<&'static str> {
        self.backup.keep_daily.set(new.backup.keep_daily.get());
        self.backup.keep_weekly.set(new.backup.keep_weekly.get());
        let differs = |key: &&'static str| self.fingerprints.0.get(*key) != new.fingerprints.0.get(*key);
        keys::KEYS.iter().map(|(key, _)| *key).filter(differs).filter(|key| !AT_ONCE.contains(key)).collect()
    }
}
