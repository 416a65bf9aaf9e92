//! The list of config keys: the type of each key's value, and the environment variable that overrides it.

/// The type that a key's value has in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyType {
    Text,
    Integer,
    List,
}

/// Every config key, in the order of `config.example.toml`.
pub(super) const KEYS: &[(&str, KeyType)] = &[
    ("lang", KeyType::Text),
    ("timezone", KeyType::Text),
    ("shop_name", KeyType::Text),
    ("currency", KeyType::Text),
    ("owner_telegram_id", KeyType::Integer),
    ("database.path", KeyType::Text),
    ("telegram.api_base", KeyType::Text),
    ("telegram.proxy", KeyType::Text),
    ("telegram.mode", KeyType::Text),
    ("telegram.webhook_base", KeyType::Text),
    ("bots.customer.token", KeyType::Text),
    ("bots.customer.token_file", KeyType::Text),
    ("bots.customer.webhook_secret", KeyType::Text),
    ("bots.staff.token", KeyType::Text),
    ("bots.staff.token_file", KeyType::Text),
    ("bots.staff.webhook_secret", KeyType::Text),
    ("bots.customer_test.token", KeyType::Text),
    ("bots.customer_test.token_file", KeyType::Text),
    ("bots.customer_test.webhook_secret", KeyType::Text),
    ("bots.staff_test.token", KeyType::Text),
    ("bots.staff_test.token_file", KeyType::Text),
    ("bots.staff_test.webhook_secret", KeyType::Text),
    ("http.listen", KeyType::Text),
    ("http.trusted_proxies", KeyType::List),
    ("http.cors_origins", KeyType::List),
    ("http.hosts", KeyType::List),
    ("http.rate_limit_per_second", KeyType::Integer),
    ("security.jwt_secret", KeyType::Text),
    ("security.jwt_secret_file", KeyType::Text),
    ("security.erasure_key", KeyType::Text),
    ("security.erasure_key_file", KeyType::Text),
    ("security.internal_api_key", KeyType::Text),
    ("security.internal_api_key_file", KeyType::Text),
    ("backup.dir", KeyType::Text),
    ("backup.keep_daily", KeyType::Integer),
    ("backup.keep_weekly", KeyType::Integer),
    ("heartbeat.url", KeyType::Text),
    ("heartbeat.url_file", KeyType::Text),
    ("heartbeat.every_seconds", KeyType::Integer),
    ("offsite.litestream_metrics", KeyType::Text),
    ("log.level", KeyType::Text),
    ("log.format", KeyType::Text),
];

/// The environment variable that overrides `key`.
pub(super) fn variable(key: &str) -> String {
    format!("DVORIK_{}", key.replace('.', "__").to_uppercase())
}

/// The config key with this dotted name, and its type; `None`: there is no such key.
pub(super) fn find(key: &str) -> Option<(&'static str, KeyType)> {
    KEYS.iter().copied().find(|(known, _)| *known == key)
}
