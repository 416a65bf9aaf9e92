//! Which keys a reload may change while the daemon runs, and which wait for a restart.

use std::collections::BTreeMap;
use std::fmt;

use tokio::sync::watch;

use super::{Config, keys};

/// A part of the config that a reload changes while the daemon runs. Clones share the value.
#[derive(Clone)]
pub struct Live<T>(watch::Sender<T>);

impl<T: Clone + PartialEq> Live<T> {
    /// A part that starts with this value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self(watch::Sender::new(value))
    }

    /// The present value.
    #[must_use]
    pub fn get(&self) -> T {
        self.0.borrow().clone()
    }

    /// A receiver that is notified when a reload changes the value, and not when it reads the same value again.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<T> {
        self.0.subscribe()
    }

    fn set(&self, value: T) {
        self.0.send_if_modified(|present| {
            let differs = *present != value;
            *present = value;
            differs
        });
    }
}

impl<T: fmt::Debug> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.borrow().fmt(f)
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
pub const AT_ONCE: [&str; 7] = [
    "backup.keep_daily",
    "backup.keep_weekly",
    "heartbeat.url",
    "heartbeat.url_file",
    "heartbeat.every_seconds",
    "offsite.litestream_metrics",
    "log.level",
];

impl Config {
    /// Takes from `new` the values that a reload may change; the log level is set by the caller. Returns the keys that
    /// need a restart, in the order of `config.example.toml`: those whose values differ from the ones this process was
    /// started with.
    pub fn take_over(&self, new: &Self) -> Vec<&'static str> {
        self.backup.keep_daily.set(new.backup.keep_daily.get());
        self.backup.keep_weekly.set(new.backup.keep_weekly.get());
        self.heartbeat.set(new.heartbeat.get());
        self.offsite.litestream_metrics.set(new.offsite.litestream_metrics.get());
        let differs = |key: &&'static str| self.fingerprints.0.get(*key) != new.fingerprints.0.get(*key);
        keys::KEYS.iter().map(|(key, _)| *key).filter(differs).filter(|key| !AT_ONCE.contains(key)).collect()
    }
}
