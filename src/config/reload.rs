//! Which keys a reload may change while the daemon runs, and which wait for a restart.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Config, keys};

/// A number that a reload changes at once. Clones share it.
#[derive(Debug, Clone)]
pub struct Live(Arc<AtomicU32>);

impl Live {
    /// A number that starts with this value.
    #[must_use]
    pub fn new(value: u32) -> Self {
        Self(Arc::new(AtomicU32::new(value)))
    }

    /// The number now.
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
    /// Takes over from `new` what a reload may change, except the log level, which belongs to the logger. Returns the
    /// other keys that differ from those this process was started with, in the order of the example.
    pub fn take_over(&self, new: &Self) -> Vec<&'static str> {
        self.backup.keep_daily.set(new.backup.keep_daily.get());
        self.backup.keep_weekly.set(new.backup.keep_weekly.get());
        let differs = |key: &&'static str| self.fingerprints.0.get(*key) != new.fingerprints.0.get(*key);
        keys::KEYS.iter().map(|(key, _)| *key).filter(differs).filter(|key| !AT_ONCE.contains(key)).collect()
    }
}
