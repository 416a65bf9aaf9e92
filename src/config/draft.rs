//! Merges the values of the environment and of the config file into one `Config`: the environment overrides the file,
//! the file overrides the defaults. Every key is read here exactly once. Faults are collected, so that a person sees
//! all of them at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::check::{self, Checked, ConfigFault};
use super::document::{Document, io_reason, read_limited};
use super::environment::Environment;
use super::error::{ConfigError, KeyPlace};
use super::keys::KEYS;
use super::reload::{Fingerprints, Live};
use super::sources::{KeyValue, Layer, Raw};
use super::{
    Backup, BotConfig, Bots, Config, Database, HeartbeatConfig, Http, Log, LogFormat, LogLevel, Mode, Offsite,
    Security, Telegram,
};
use crate::clock::Zone;
use crate::language::{Language, Sentence};

/// A config while it is built from its two layers, the values of the file and those of the environment.
pub(super) struct ConfigDraft<'a> {
    pub(super) file: Layer,
    pub(super) env: Layer,
    pub(super) document: Option<&'a Document>,
    pub(super) environment: &'a Environment,
    pub(super) errors: &'a mut Vec<ConfigError>,
    /// The secret found for each key of a secret; `None`: the key is not set or faulty, or it only names a file.
    secrets: BTreeMap<&'static str, Option<SecretString>>,
}

impl<'a> ConfigDraft<'a> {
    pub(super) fn new(
        (file, env): (Layer, Layer),
        document: Option<&'a Document>,
        environment: &'a Environment,
        errors: &'a mut Vec<ConfigError>,
    ) -> Self {
        Self { file, env, document, environment, errors, secrets: BTreeMap::new() }
    }

    /// The config that the layers describe; a faulty value is reported and its default applies.
    pub(super) fn config(&mut self) -> Config {
        let lang = self.text("lang", check::language);
        let mut config = Config {
            path: self.document.map(|document| document.path().to_owned()),
            lang,
            timezone: self.text("timezone", check::zone).unwrap_or_else(default_zone),
            shop_name: self.text("shop_name", check::shop_name).unwrap_or_else(|| default_shop_name(lang)),
            currency: self.text("currency", check::currency).unwrap_or_else(|| String::from("RUB")),
            owner_telegram_id: self.integer("owner_telegram_id", check::telegram_id).flatten(),
            database: Database { path: self.path("database.path", "dvorik.db") },
            telegram: self.telegram(),
            bots: self.bots(),
            http: self.http(),
            security: Security {
                jwt_secret: self.secret("security.jwt_secret", Some("security.jwt_secret_file"), check::jwt_secret),
                own_erasure_key: self.secret(
                    "security.erasure_key",
                    Some("security.erasure_key_file"),
                    check::erasure_key,
                ),
                internal_api_key: self.secret(
                    "security.internal_api_key",
                    Some("security.internal_api_key_file"),
                    check::internal_api_key,
                ),
            },
            backup: Backup {
                dir: self.path("backup.dir", "backups"),
                keep_daily: self
                    .integer("backup.keep_daily", check::keep_daily)
                    .map_or_else(|| Live::new(7), Live::new),
                keep_weekly: self
                    .integer("backup.keep_weekly", check::keep_weekly)
                    .map_or_else(|| Live::new(4), Live::new),
            },
            heartbeat: self.heartbeat(),
            offsite: Offsite {
                litestream_metrics: Live::new(self.optional("offsite.litestream_metrics", check::litestream_metrics)),
            },
            log: Log {
                level: self.text("log.level", check::log_level).unwrap_or(LogLevel::Info),
                format: self.text("log.format", check::log_format).unwrap_or(LogFormat::Pretty),
            },
            fingerprints: Fingerprints::default(),
        };
        config.fingerprints = self.fingerprints();
        self.check_webhook(&config);
        self.check_twins(&config);
        self.errors
            .extend(self.document.filter(|_| self.file_holds_secret()).and_then(|file| file.check_rights().err()));
        config
    }

    /// A hash of each key's value. For a secret the secret itself is hashed, whichever source it came from; for any
    /// other key the value as written.
    fn fingerprints(&self) -> Fingerprints {
        let mut all = Fingerprints::default();
        for (key, _) in KEYS {
            match (self.secrets.get(key), self.raw(key)) {
                (Some(found), _) => all.note(key, found.as_ref().map_or("", |found| found.expose_secret())),
                (None, Some(raw)) => all.note(key, &raw.value.to_toml().to_string()),
                (None, None) => {}
            }
        }
        all
    }

    fn telegram(&mut self) -> Telegram {
        Telegram {
            api_base: self
                .text("telegram.api_base", check::api_base)
                .unwrap_or_else(|| String::from("https://api.telegram.org")),
            proxy: self.secret("telegram.proxy", None, check::proxy),
            mode: self.text("telegram.mode", check::mode).unwrap_or(Mode::Polling),
            webhook_base: self.optional("telegram.webhook_base", check::webhook_base),
        }
    }

    fn bots(&mut self) -> Bots {
        Bots {
            customer: self.bot(["bots.customer.token", "bots.customer.token_file", "bots.customer.webhook_secret"]),
            staff: self.bot(["bots.staff.token", "bots.staff.token_file", "bots.staff.webhook_secret"]),
            customer_test: self.bot([
                "bots.customer_test.token",
                "bots.customer_test.token_file",
                "bots.customer_test.webhook_secret",
            ]),
            staff_test: self.bot([
                "bots.staff_test.token",
                "bots.staff_test.token_file",
                "bots.staff_test.webhook_secret",
            ]),
        }
    }

    fn bot(&mut self, [token, file, webhook_secret]: [&'static str; 3]) -> BotConfig {
        BotConfig {
            token: self.secret(token, Some(file), check::token),
            webhook_secret: self.secret(webhook_secret, None, check::webhook_secret),
        }
    }

    fn heartbeat(&mut self) -> Live<HeartbeatConfig> {
        let url = self.secret("heartbeat.url", Some("heartbeat.url_file"), check::heartbeat_url);
        let every_seconds = self.integer("heartbeat.every_seconds", check::every_seconds).unwrap_or(300);
        Live::new(HeartbeatConfig { url, every_seconds })
    }

    fn http(&mut self) -> Http {
        let listen = self.text("http.listen", check::listen);
        Http {
            listen: listen.unwrap_or_else(|| std::net::SocketAddr::from(([127, 0, 0, 1], 8000))),
            trusted_proxies: self.list("http.trusted_proxies", check::network),
            cors_origins: self.list("http.cors_origins", check::origin),
            hosts: self.list("http.hosts", check::host),
            rate_limit_per_second: self.integer("http.rate_limit_per_second", check::rate_limit).unwrap_or(5000),
        }
    }

    fn raw(&self, key: &str) -> Option<Raw> {
        self.env.get(key).or_else(|| self.file.get(key)).cloned()
    }

    fn text<T>(&mut self, key: &'static str, check: impl FnOnce(&str) -> Checked<T>) -> Option<T> {
        let Raw { value: KeyValue::Text(text), place } = self.raw(key)? else { return None };
        self.keep(key, place, check(&text))
    }

    /// Reads a text key; an empty text means that the key is not set.
    fn optional<T>(&mut self, key: &'static str, check: impl FnOnce(&str) -> Checked<T>) -> Option<T> {
        match self.raw(key)?.value {
            KeyValue::Text(text) if text.is_empty() => None,
            _ => self.text(key, check),
        }
    }

    fn integer<T>(&mut self, key: &'static str, check: impl FnOnce(i64) -> Checked<T>) -> Option<T> {
        let Raw { value: KeyValue::Integer(number), place } = self.raw(key)? else { return None };
        self.keep(key, place, check(number))
    }

    fn list<T>(&mut self, key: &'static str, check: impl Fn(&str) -> Checked<T>) -> Vec<T> {
        let Some(Raw { value: KeyValue::List(items), .. }) = self.raw(key) else { return Vec::new() };
        items.into_iter().filter_map(|(text, place)| self.keep(key, place, check(&text))).collect()
    }

    fn keep<T>(&mut self, key: &str, place: KeyPlace, checked: Checked<T>) -> Option<T> {
        checked
            .map_err(|ConfigFault { reason, hint }| self.errors.push(ConfigError::new(place, key, reason).hint(hint)))
            .ok()
    }

    /// Reads a path. A relative path counts from the config file's directory when the file or the default sets it, and
    /// from the current directory when the environment sets it or there is no file.
    fn path(&mut self, key: &'static str, default: &str) -> PathBuf {
        let base = self.base_of(key);
        base.join(self.text(key, check::path).unwrap_or_else(|| default.to_owned()))
    }

    fn base_of(&self, key: &str) -> PathBuf {
        let from_file = self.document.filter(|_| !self.env.contains_key(key)).map(Document::directory);
        from_file.unwrap_or_else(|| self.environment.directory()).to_owned()
    }

    /// Reads a secret: the environment (value or `_FILE`), then `$CREDENTIALS_DIRECTORY/<key>`, then the file (value or
    /// `_file`). The first source that names the secret decides, even if its value is empty; a source that gives both a
    /// value and a file is a fault.
    fn secret(
        &mut self,
        key: &'static str,
        file_key: Option<&'static str>,
        check: impl Fn(&str) -> Checked<()>,
    ) -> Option<SecretString> {
        let found = self.find_secret(key, file_key, check);
        // The key `…_file` holds only a path. It gets no hash of its own: the secret in that file is hashed under
        // `key`.
        self.secrets.extend(file_key.map(|file_key| (file_key, None)));
        self.secrets.insert(key, found.clone());
        found
    }

    fn find_secret(
        &mut self,
        key: &'static str,
        file_key: Option<&'static str>,
        check: impl Fn(&str) -> Checked<()>,
    ) -> Option<SecretString> {
        let env_names_it = self.env.contains_key(key) || file_key.is_some_and(|file| self.env.contains_key(file));
        let credential = self.environment.credential(key);
        if let (false, Some(path)) = (env_names_it, credential) {
            let place = KeyPlace::Whole(path.clone());
            return self.secret_file(key, place, &path, check);
        }
        let layer = if env_names_it { &self.env } else { &self.file };
        let value = filled(layer, key);
        let file = file_key.and_then(|file_key| Some((file_key, filled(layer, file_key)?)));
        match (value, file) {
            (Some(_), Some((file_key, (_, place)))) => {
                let reason = Sentence::new("config.reason.value_and_file").with("key", key);
                self.errors.push(ConfigError::new(place, file_key, reason));
                None
            }
            (Some((text, place)), None) => self.keep(key, place, check(&text)).map(|()| SecretString::from(text)),
            (None, Some((file_key, (path, place)))) => {
                let path = self.base_of(file_key).join(path);
                self.secret_file(file_key, place, &path, check)
            }
            (None, None) => None,
        }
    }

    /// Reads a secret from a file of its own. The file's permissions are not checked: Docker and systemd show such
    /// files with mode 0444 behind a private mount.
    fn secret_file(
        &mut self,
        key: &str,
        place: KeyPlace,
        path: &Path,
        check: impl Fn(&str) -> Checked<()>,
    ) -> Option<SecretString> {
        let read = secret_text(path).map_err(|reason| {
            let hint = Some(Sentence::new("config.hint.file").with("path", path.display()));
            ConfigFault { reason, hint }
        });
        let text = self.keep(key, place.clone(), read)?;
        self.keep(key, place, check(&text)).map(|()| SecretString::from(text))
    }

    fn place_of(&self, key: &str) -> KeyPlace {
        self.raw(key).map_or(KeyPlace::Default, |raw| raw.place)
    }

    fn check_webhook(&mut self, config: &Config) {
        if config.telegram.mode == Mode::Webhook {
            for (key, reason) in config.webhook_gaps() {
                let at = if self.raw(&key).is_some() { key.as_str() } else { "telegram.mode" };
                let place = self.place_of(at);
                // A faulty value of this key has been reported already.
                if !self.errors.iter().any(|error| error.key.as_deref() == Some(&key)) {
                    self.errors.push(ConfigError::new(place, key, reason));
                }
            }
        }
    }

    /// Reports two bots with the same token: they would take each other's updates.
    fn check_twins(&mut self, config: &Config) {
        let bots = config.bots.each();
        for (index, (name, bot)) in bots.iter().enumerate() {
            let earlier = bots.iter().take(index).find(|(_, other)| bot.same_token(other));
            if let Some((twin, _)) = earlier {
                let key = [format!("bots.{name}.token"), format!("bots.{name}.token_file")]
                    .into_iter()
                    .find(|key| self.raw(key).is_some())
                    .unwrap_or_else(|| format!("bots.{name}.token"));
                let place = self.place_of(&key);
                let reason = Sentence::new("config.reason.same_token").with("other", format!("bots.{twin}"));
                self.errors.push(ConfigError::new(place, key, reason));
            }
        }
    }

    fn file_holds_secret(&self) -> bool {
        let secret = |key: &str| ["token", "secret", "_key", "heartbeat.url"].iter().any(|end| key.ends_with(end));
        self.file.iter().any(|(key, raw)| match &raw.value {
            KeyValue::Text(text) => {
                (secret(key) && !text.is_empty()) || (*key == "telegram.proxy" && text.contains('@'))
            }
            _ => false,
        })
    }
}

fn filled(layer: &Layer, key: &str) -> Option<(String, KeyPlace)> {
    match layer.get(key) {
        Some(Raw { value: KeyValue::Text(text), place }) if !text.is_empty() => Some((text.clone(), place.clone())),
        _ => None,
    }
}

/// Reads a secret's file, which must hold one line of at most 4,096 bytes.
fn secret_text(path: &Path) -> Result<String, Sentence> {
    const LIMIT: u64 = 4096;
    let (_, bytes) = read_limited(path, LIMIT).map_err(|error| io_reason(&error))?;
    let text = String::from_utf8(bytes).map_err(|_| Sentence::new("config.reason.not_utf8"))?;
    let line = text.trim_start_matches('\u{feff}').trim_end();
    if line.is_empty() || line.contains(['\n', '\r', '\0']) {
        return Err(Sentence::new("config.reason.secret_file"));
    }
    Ok(line.to_owned())
}

#[expect(clippy::expect_used, reason = "a constant the tests read")]
fn default_zone() -> Zone {
    Zone::parse("Asia/Vladivostok").expect("a known zone")
}

/// The name of a shop that has none, in the language of the configuration.
fn default_shop_name(lang: Option<Language>) -> String {
    lang.unwrap_or(Language::Ru).text("shop.default_name", &[])
}
