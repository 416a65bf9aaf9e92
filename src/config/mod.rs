//! The configuration: one TOML file and `DVORIK_…` variables become one typed `Config`, or a list of faults by
//! file:line:col and key. The only module that reads the environment. `Debug` never shows a secret of the `Config`.
//!
//! A flag of the command line overrides the environment, the environment overrides the file, the file overrides the
//! default. A secret comes from the first source that names it: `DVORIK_…` or `DVORIK_…_FILE`, then
//! `$CREDENTIALS_DIRECTORY/<key>`, then the config file's value or `_file`. A source that names both a value and a file
//! is refused.

mod check;
mod document;
mod draft;
mod effective;
mod environment;
mod error;
mod example;
mod keys;
mod sources;
mod network;
mod reload;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors, KeyPlace};
pub use example::filled;
pub use network::Network;
pub use reload::{AT_ONCE, Live};

use crate::clock::Zone;
use crate::language::{Language, Sentence};
use document::Document;
use draft::ConfigDraft;
use sources::Layer;

/// The example config file: every key at its default, with comments. `init` fills it in.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// Everything the owner configures outside the database. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    /// The config file that was read; `None` when none was found.
    pub path: Option<PathBuf>,
    /// The language of the program, and of the bots of a shop that is made with this config; `None`: the locale decides,
    /// and the bots speak Russian.
    pub lang: Option<Language>,
    /// The shop's time zone.
    pub timezone: Zone,
    /// The shop's name, 1–64 characters.
    pub shop_name: String,
    /// The shop's currency, an ISO 4217 code.
    pub currency: String,
    /// The Telegram id of the first owner; `None`: not configured.
    pub owner_telegram_id: Option<i64>,
    /// The section `[database]` of the config file.
    pub database: Database,
    /// The section `[telegram]` of the config file.
    pub telegram: Telegram,
    /// The sections `[bots.*]` of the config file.
    pub bots: Bots,
    /// The section `[http]` of the config file.
    pub http: Http,
    /// The section `[security]` of the config file.
    pub security: Security,
    /// The section `[backup]` of the config file.
    pub backup: Backup,
    /// The section `[heartbeat]` of the config file.
    pub heartbeat: Live<HeartbeatConfig>,
    /// The section `[offsite]` of the config file.
    pub offsite: Offsite,
    /// The section `[log]` of the config file.
    pub log: Log,
    fingerprints: reload::Fingerprints,
}

/// The section `[database]` of the config file.
#[derive(Debug, Clone)]
pub struct Database {
    /// The SQLite file's path, resolved against the config's directory.
    pub path: PathBuf,
}

/// The section `[telegram]` of the config file.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// The address of the Bot API server, without a slash at the end.
    pub api_base: String,
    /// The proxy's URL, which may hold a password; `None`: no proxy.
    pub proxy: Option<SecretString>,
    /// How updates come in from Telegram.
    pub mode: Mode,
    /// The address at which Telegram reaches this server's webhooks, without a slash at the end; `None`: not
    /// configured.
    pub webhook_base: Option<String>,
}

impl Telegram {
    /// Whether the Bot API server is on this machine, as that of a demo is.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        check::is_loopback(&self.api_base)
    }
}

/// How updates come in from Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The bots poll with `getUpdates`.
    Polling,
    /// Telegram sends updates to this server's webhooks.
    Webhook,
}

/// The four bots: a customer bot and a staff bot of the real shop, and the same of the test realm.
#[derive(Debug, Clone)]
pub struct Bots {
    /// The customer bot.
    pub customer: BotConfig,
    /// The staff bot.
    pub staff: BotConfig,
    /// The customer bot of the test realm.
    pub customer_test: BotConfig,
    /// The staff bot of the test realm.
    pub staff_test: BotConfig,
}

impl Bots {
    /// All four bots, each with its name in the config.
    #[must_use]
    pub const fn each(&self) -> [(&'static str, &BotConfig); 4] {
        [
            ("customer", &self.customer),
            ("staff", &self.staff),
            ("customer_test", &self.customer_test),
            ("staff_test", &self.staff_test),
        ]
    }
}

/// One bot, the section `[bots.<name>]`. A bot without a token does not run.
#[derive(Debug, Clone, Default)]
pub struct BotConfig {
    /// The bot's token from BotFather.
    pub token: Option<SecretString>,
    /// The secret that Telegram repeats in the header of each webhook call.
    pub webhook_secret: Option<SecretString>,
}

impl BotConfig {
    fn same_token(&self, other: &Self) -> bool {
        match (&self.token, &other.token) {
            (Some(one), Some(two)) => one.expose_secret() == two.expose_secret(),
            _ => false,
        }
    }
}

/// The section `[http]` of the config file.
#[derive(Debug, Clone)]
pub struct Http {
    /// The address on which the API listens.
    pub listen: SocketAddr,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<Network>,
    /// Origins from which browsers may call the API.
    pub cors_origins: Vec<String>,
    /// Host names under which this server is called, lower case, without ports; empty = any.
    pub hosts: Vec<String>,
    /// Requests per second from one address, and with one token, 0–1,000,000; 0 = no limit.
    pub rate_limit_per_second: u32,
}

/// The section `[security]` of the config file.
#[derive(Debug, Clone, Default)]
pub struct Security {
    /// The secret that signs logins and confirmations, at least 32 bytes; `None`: no admin can log in.
    pub jwt_secret: Option<SecretString>,
    /// The key of the hashes that recognise erased people; at least 32 bytes, never changed. See
    /// [`Security::erasure_key`].
    pub own_erasure_key: Option<SecretString>,
    /// The key with which scripts may call `/internal/…`; `None`: scripts may not.
    pub internal_api_key: Option<SecretString>,
}

impl Security {
    /// The key of the hashes that recognise erased people: `security.erasure_key`, else `security.jwt_secret`, which
    /// older versions used for both purposes.
    #[must_use]
    pub fn erasure_key(&self) -> Option<&SecretString> {
        self.own_erasure_key.as_ref().or(self.jwt_secret.as_ref())
    }
}

/// The section `[backup]` of the config file.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The backup directory, resolved against the config's directory.
    pub dir: PathBuf,
    /// How many daily backups are kept, 1–3650.
    pub keep_daily: Live<u32>,
    /// How many weekly backups are kept beside the daily ones, 0–520.
    pub keep_weekly: Live<u32>,
}

/// The section `[heartbeat]` of the config file: whom the daemon tells that it works.
#[derive(Debug, Clone, Default)]
pub struct HeartbeatConfig {
    /// The address that the daemon requests; `None`: no requests are sent. A secret: a person who knows it can hide that the daemon
    /// is dead.
    pub url: Option<SecretString>,
    /// The seconds from one heartbeat to the next, 60–86,400.
    pub every_seconds: u32,
}

impl PartialEq for HeartbeatConfig {
    fn eq(&self, other: &Self) -> bool {
        let shown = |of: &Self| of.url.as_ref().map(|url| url.expose_secret().to_owned());
        self.every_seconds == other.every_seconds && shown(self) == shown(other)
    }
}

/// The section `[offsite]` of the config file: copies outside of this machine.
#[derive(Debug, Clone)]
pub struct Offsite {
    /// The address of Litestream's metrics; `None`: Litestream is not looked at.
    pub litestream_metrics: Live<Option<String>>,
}

/// The section `[log]` of the config file.
#[derive(Debug, Clone, Copy)]
pub struct Log {
    /// Log events of this level and of more severe levels are written.
    pub level: LogLevel,
    /// The format of a log line.
    pub format: LogFormat,
}

/// How much is logged. Each level includes the events of all more severe levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// Failures, and warnings of possible failures.
    Warn,
    /// All of `Warn`, and what the shop did.
    Info,
    /// All of `Info`, and details of how the shop did it.
    Debug,
    /// All of `Debug`, and every step of the program.
    Trace,
}

impl LogLevel {
    /// Every level, from the one that logs least to the one that logs most.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The level's name in the config.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// The format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Pretty,
    /// One JSON object per line.
    Json,
    /// Text for the systemd journal, which adds the time itself.
    Journald,
}

/// Values to write into the example config, by dotted key.
pub type Filling = Vec<(&'static str, toml::Value)>;

impl Config {
    /// Reads the config file, if there is one, and the environment, which overrides the file. The file is the one that
    /// `flag` (`--config`) or `$DVORIK_CONFIG` names, else the first that exists of `./config.toml`,
    /// `dvorik/config.toml` in the user's config directory, and `/etc/dvorik/config.toml`.
    ///
    /// # Errors
    /// All faults of the configuration together; the caller exits with 78.
    pub fn load(flag: Option<&Path>, environment: &Environment) -> Result<Self, ConfigErrors> {
        let mut errors = Vec::new();
        let document = find(flag, environment).map_err(|error| ConfigErrors { errors: vec![error], lang: None })?;
        let file = document.as_ref().map_or_else(Layer::new, |document| sources::of_file(document, &mut errors));
        let env = sources::of_environment(environment, &mut errors);
        let mut draft = ConfigDraft::new((file, env), document.as_ref(), environment, &mut errors);
        let config = draft.config();
        if errors.is_empty() { Ok(config) } else { Err(ConfigErrors { errors, lang: config.lang }) }
    }

    /// Reads the configuration from the environment alone, without any file. Returns the config, and its values by key,
    /// to be written into a config file. Relative paths count from the current directory.
    ///
    /// # Errors
    /// All faults of the configuration together; the caller exits with 78.
    pub fn of_environment(environment: &Environment) -> Result<(Self, Filling), ConfigErrors> {
        let mut errors = Vec::new();
        let env = sources::of_environment(environment, &mut errors);
        let values = env.iter().map(|(key, raw)| (*key, raw.value.to_toml())).collect();
        let mut draft = ConfigDraft::new((Layer::new(), env), None, environment, &mut errors);
        let config = draft.config();
        if errors.is_empty() { Ok((config, values)) } else { Err(ConfigErrors { errors, lang: config.lang }) }
    }

    /// Whether the configuration names a shop: a config file, a variable for the database, or a bot's token. Without
    /// any of these a command would work on a shop that its caller never set up.
    #[must_use]
    pub fn names_a_shop(&self, environment: &Environment) -> bool {
        self.path.is_some()
            || environment.names("DVORIK_DATABASE__PATH")
            || self.bots.each().iter().any(|(_, bot)| bot.token.is_some())
    }

    /// What webhooks need and this config lacks, by key: the base address, and a secret for each bot that has a token.
    /// Empty: `serve --webhook` may start.
    #[must_use]
    pub fn webhook_gaps(&self) -> Vec<(String, Sentence)> {
        let base = self.telegram.webhook_base.is_none();
        let base =
            base.then(|| (String::from("telegram.webhook_base"), Sentence::new("config.reason.needed_for_webhook")));
        let secrets =
            self.bots.each().into_iter().filter(|(_, bot)| bot.token.is_some() && bot.webhook_secret.is_none());
        let secrets = secrets.map(|(name, _)| {
            (format!("bots.{name}.webhook_secret"), Sentence::new("config.reason.needed_for_webhook"))
        });
        base.into_iter().chain(secrets).collect()
    }

    /// Every config key, in the order of `config.example.toml`.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        keys::KEYS.iter().map(|(key, _)| *key)
    }

    /// The environment variable that overrides `key`.
    #[must_use]
    pub fn variable(key: &str) -> String {
        keys::variable(key)
    }
}

/// Finds the config file. A file that the caller names must exist. Otherwise the first of the usual paths at which a
/// file exists is used, even if that file cannot be read.
fn find(flag: Option<&Path>, environment: &Environment) -> Result<Option<Document>, ConfigError> {
    let named = flag.map(|path| environment.directory().join(path)).or_else(|| environment.config_file());
    let exists = |path: &PathBuf| path.symlink_metadata().is_ok();
    let path = named.or_else(|| environment.config_candidates().into_iter().find(exists));
    path.map(|path| Document::read(&path)).transpose()
}
