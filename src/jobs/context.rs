//! The types that jobs share: their context, report and error.

use std::sync::Arc;

use crate::backup::BackupError;
use crate::config::Config;
use crate::db::{Database, Failure};
use crate::error::Error;
use crate::realm::{BotName, Realm};
use crate::telegram::client::Bot;

/// What every job works with.
#[derive(Clone)]
pub struct JobContext {
    /// The configuration of the shop.
    pub config: Arc<Config>,
    /// The shop's database.
    pub db: Database,
    /// The bots that have a token; empty when the shop has none.
    pub bots: Vec<(BotName, Bot)>,
}

impl JobContext {
    /// Whether broadcasts of this realm can be sent: its customers' bot has a token.
    #[must_use]
    pub fn sends_in(&self, realm: Realm) -> bool {
        self.bots.iter().any(|(name, _)| *name == realm.customer_bot())
    }

    /// The realms of this shop: the test realm only if its bots are configured.
    pub(super) fn realms(&self) -> Vec<Realm> {
        let has_test = self.config.bots.each().iter().any(|(word, bot)| {
            BotName::parse(word).is_some_and(|name| name.realm() == Realm::Test) && bot.token.is_some()
        });
        if has_test { vec![Realm::Real, Realm::Test] } else { vec![Realm::Real] }
    }
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The storage failed, or the shop declined.
    #[error(transparent)]
    Shop(#[from] Error),
    /// No backup was made.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Telegram could not be asked.
    #[error("Telegram: {0}")]
    Telegram(String),
    /// The process is stopping; the job remains due.
    #[error("stopped")]
    Stopped,
}

impl From<Failure> for JobError {
    fn from(failure: Failure) -> Self {
        Self::Shop(failure.into())
    }
}

/// What a job did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobReport {
    /// How many things the job did: gifts, reminders, deleted rows and so on.
    pub count: usize,
    /// How many things the job should have done and could not do.
    pub left_out: usize,
    /// Further figures of the job's run, for programs.
    pub facts: serde_json::Value,
}

impl JobReport {
    /// A report of `count` things done and none left out.
    #[must_use]
    pub const fn all(count: usize) -> Self {
        Self { count, left_out: 0, facts: serde_json::Value::Null }
    }
}
