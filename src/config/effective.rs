//! The configuration as values to be written into a config file, wherever they came from: the file, variables, files
//! of secrets. Used for the encrypted copy of a backup, and by `init --from`, which writes such a file on a new machine.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use toml::Value;

use super::document::Document;
use super::environment::Environment;
use super::sources::{KeyValue, Raw};
use super::{
    BotConfig, Config, ConfigErrors, Filling, HeartbeatConfig, Http, Live, LogFormat, Mode, Security, Telegram, keys,
    sources,
};

impl Config {
    /// The value of every key, secrets included; a key without a value is left out. A path below the config file's
    /// directory becomes relative, so that it keeps its meaning in another directory.
    #[must_use]
    pub fn effective(&self) -> Filling {
        // A new field must be added here: without `..` the compiler asks for it.
        let Self {
            path,
            lang,
            timezone,
            shop_name,
            currency,
            owner_telegram_id,
            database,
            telegram,
            bots,
            http,
            security,
            backup,
            heartbeat,
            offsite,
            log,
            fingerprints: _,
        } = self;
        let directory = path.as_deref().and_then(Path::parent);
        let mut values: Filling = vec![
            ("timezone", timezone.name().into()),
            ("shop_name", shop_name.as_str().into()),
            ("currency", currency.as_str().into()),
            ("database.path", moved(&database.path, directory)),
            ("backup.dir", moved(&backup.dir, directory)),
            ("backup.keep_daily", number(&backup.keep_daily)),
            ("backup.keep_weekly", number(&backup.keep_weekly)),
            ("log.level", log.level.name().into()),
            ("log.format", format_word(log.format).into()),
        ];
        values.extend(lang.map(|lang| ("lang", lang.code().into())));
        values.extend(owner_telegram_id.map(|owner| ("owner_telegram_id", owner.into())));
        values.extend(of_telegram(telegram));
        let [customer, staff, customer_test, staff_test] = bots.each().map(|(_, bot)| bot);
        values.extend(of_bot(customer, ["bots.customer.token", "bots.customer.webhook_secret"]));
        values.extend(of_bot(staff, ["bots.staff.token", "bots.staff.webhook_secret"]));
        values.extend(of_bot(customer_test, ["bots.customer_test.token", "bots.customer_test.webhook_secret"]));
        values.extend(of_bot(staff_test, ["bots.staff_test.token", "bots.staff_test.webhook_secret"]));
        values.extend(of_http(http));
        values.extend(of_heartbeat(&heartbeat.get()));
        let metrics = offsite.litestream_metrics.get();
        values.extend(metrics.map(|address| ("offsite.litestream_metrics", address.into())));
        values.extend(of_security(security));
        values
    }

    /// The values of the config file `path`, overridden by those of the environment, to be written into another config
    /// file in the same directory.
    ///
    /// # Errors
    /// All faults of the file and of the environment together.
    pub fn merged(path: &Path, environment: &Environment) -> Result<Filling, ConfigErrors> {
        let document = Document::read(path).map_err(|error| ConfigErrors { errors: vec![error], lang: None })?;
        let mut errors = Vec::new();
        let mut values = sources::of_file(&document, &mut errors);
        for (key, raw) in sources::of_environment(environment, &mut errors) {
            // A secret is given by its value or by a file: one of the environment replaces both.
            let base = key.trim_end_matches("_file");
            values.retain(|known, _| known.trim_end_matches("_file") != base);
            values.insert(key, Raw { value: absolute(key, raw.value, environment), ..raw });
        }
        if !errors.is_empty() {
            return Err(ConfigErrors { errors, lang: None });
        }
        let known = keys::KEYS.iter().filter_map(|(key, _)| Some((*key, values.get(key)?.value.to_toml())));
        Ok(known.collect())
    }
}

/// The value of a variable. A relative path in a variable counts from the current directory, in the file from the file's
/// directory: it becomes absolute.
fn absolute(key: &str, value: KeyValue, environment: &Environment) -> KeyValue {
    let is_path = key.ends_with("_file") || matches!(key, "database.path" | "backup.dir");
    match value {
        KeyValue::Text(text) if is_path && !text.is_empty() => {
            let path = environment.directory().join(&text);
            KeyValue::Text(std::path::absolute(&path).unwrap_or(path).display().to_string())
        }
        value => value,
    }
}

fn moved(path: &Path, directory: Option<&Path>) -> Value {
    let below = directory.and_then(|directory| path.strip_prefix(directory).ok()).unwrap_or(path);
    below.display().to_string().into()
}

fn number(live: &Live<u32>) -> Value {
    live.get().into()
}

fn secret(key: &'static str, secret: Option<&SecretString>) -> Option<(&'static str, Value)> {
    secret.map(|secret| (key, secret.expose_secret().into()))
}

const fn format_word(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Pretty => "pretty",
        LogFormat::Json => "json",
        LogFormat::Journald => "journald",
    }
}

fn of_telegram(telegram: &Telegram) -> Filling {
    let Telegram { api_base, proxy, mode, webhook_base } = telegram;
    let mode = if *mode == Mode::Webhook { "webhook" } else { "polling" };
    let mut values = vec![("telegram.api_base", api_base.as_str().into()), ("telegram.mode", mode.into())];
    values.extend(secret("telegram.proxy", proxy.as_ref()));
    values.extend(webhook_base.as_deref().map(|base| ("telegram.webhook_base", base.into())));
    values
}

fn of_heartbeat(heartbeat: &HeartbeatConfig) -> Filling {
    let every = ("heartbeat.every_seconds", heartbeat.every_seconds.into());
    std::iter::once(every).chain(secret("heartbeat.url", heartbeat.url.as_ref())).collect()
}

fn of_bot(bot: &BotConfig, [token, webhook_secret]: [&'static str; 2]) -> Filling {
    let values = [secret(token, bot.token.as_ref()), secret(webhook_secret, bot.webhook_secret.as_ref())];
    values.into_iter().flatten().collect()
}

fn of_http(http: &Http) -> Filling {
    let Http { listen, trusted_proxies, cors_origins, hosts, rate_limit_per_second } = http;
    let proxies: Vec<String> = trusted_proxies.iter().map(ToString::to_string).collect();
    vec![
        ("http.listen", listen.to_string().into()),
        ("http.trusted_proxies", proxies.into()),
        ("http.cors_origins", cors_origins.clone().into()),
        ("http.hosts", hosts.clone().into()),
        ("http.rate_limit_per_second", (*rate_limit_per_second).into()),
    ]
}

fn of_security(security: &Security) -> Filling {
    let Security { jwt_secret, own_erasure_key, internal_api_key } = security;
    let values = [
        secret("security.jwt_secret", jwt_secret.as_ref()),
        secret("security.erasure_key", own_erasure_key.as_ref()),
        secret("security.internal_api_key", internal_api_key.as_ref()),
    ];
    values.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERYTHING: &str = r#"
lang = "en"
timezone = "Europe/Moscow"
shop_name = "Лавка «#1\""
currency = "EUR"
owner_telegram_id = 42
[database]
path = "data/shop.db"
[telegram]
api_base = "http://127.0.0.1:8081"
proxy = "socks5://user:word@127.0.0.1:1080"
mode = "webhook"
webhook_base = "https://shop.example"
[bots.customer]
token = "1:customer"
webhook_secret = "customer-secret"
[bots.staff]
token_file = "staff.token"
webhook_secret = "staff-secret"
[bots.customer_test]
token = "3:customer-test"
webhook_secret = "customer_test-secret"
[bots.staff_test]
token = "4:staff-test"
webhook_secret = "staff_test-secret"
[http]
listen = "127.0.0.1:8123"
trusted_proxies = ["10.0.0.0/8", "::1"]
cors_origins = ["https://panel.example"]
hosts = ["shop.example"]
rate_limit_per_second = 7
[security]
erasure_key = "an-erasure-key-of-more-than-thirty-two-bytes"
internal_api_key = "an-internal-api-key"
[backup]
dir = "/mnt/backups"
keep_daily = 3
keep_weekly = 5
[heartbeat]
url = "https://watch.example/ping"
every_seconds = 120
[offsite]
litestream_metrics = "http://127.0.0.1:9090/metrics"
[log]
level = "debug"
format = "json"
"#;

    fn kept(directory: &Path, name: &str, text: &str) -> std::path::PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = directory.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Every key has its value from the file or the environment, none by default: a key that is forgotten would be lost
    /// with the machine.
    #[test]
    fn a_config_written_from_its_own_values_is_the_same_config() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        kept(here.path(), "staff.token", "2:staff\n");
        let path = kept(here.path(), "config.toml", EVERYTHING);
        let jwt = "a-login-secret-of-more-than-thirty-two-bytes";
        let environment = Environment::from_pairs([("DVORIK_SECURITY__JWT_SECRET", jwt)]);
        let config = Config::load(Some(&path), &environment).unwrap();
        let values = config.effective();
        let missing = keys::KEYS.iter().map(|(key, _)| *key).filter(|key| !key.ends_with("_file"));
        let missing: Vec<_> = missing.filter(|key| !values.iter().any(|(known, _)| known == key)).collect();
        assert_eq!(missing, Vec::<&str>::new());

        let written = kept(there.path(), "config.toml", &super::super::filled(&values));
        let again = Config::load(Some(&written), &Environment::from_pairs([])).unwrap();
        assert_eq!(again.effective(), values);
        assert_eq!(again.bots.staff.token.unwrap().expose_secret(), "2:staff");
        assert_eq!(again.security.jwt_secret.unwrap().expose_secret(), jwt);
        assert_eq!(again.database.path, there.path().join("data/shop.db"));
        assert_eq!(again.backup.dir, Path::new("/mnt/backups"));
    }

    #[test]
    fn the_environment_of_a_new_machine_overrides_what_the_file_says() {
        let here = tempfile::tempdir().unwrap();
        let path = kept(here.path(), "config.toml", EVERYTHING);
        let environment = Environment::from_pairs([
            ("DVORIK_DATABASE__PATH", "/srv/shop.db"),
            ("DVORIK_BOTS__STAFF__TOKEN", "5:other"),
            ("DVORIK_BOTS__CUSTOMER__TOKEN_FILE", "/run/token"),
        ]);
        let values = Config::merged(&path, &environment).unwrap();
        let value = |key: &str| values.iter().find(|(known, _)| *known == key).and_then(|(_, value)| value.as_str());
        assert_eq!(value("database.path"), Some("/srv/shop.db"));
        assert_eq!((value("bots.staff.token"), value("bots.staff.token_file")), (Some("5:other"), None));
        assert_eq!((value("bots.customer.token"), value("bots.customer.token_file")), (None, Some("/run/token")));
        assert_eq!((value("currency"), value("bots.staff.webhook_secret")), (Some("EUR"), Some("staff-secret")));
    }
}
