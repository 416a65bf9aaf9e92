//! Checks single values of the config: each function takes a raw value and returns a typed one, or the reason why the
//! value cannot be used. No reason repeats the value, because a token is easily pasted into the wrong line.

use std::net::{IpAddr, SocketAddr};

use reqwest::Url;

use super::{LogFormat, LogLevel, Mode, Network};
use crate::clock::Zone;
use crate::language::{Language, Sentence, closest};

/// A checked value, or why the value cannot be used.
pub(super) type Checked<T> = Result<T, ConfigFault>;

/// Why a value cannot be used, and what was probably meant, if there is a guess.
pub(super) struct ConfigFault {
    pub(super) reason: Sentence,
    pub(super) hint: Option<Sentence>,
}

impl From<Sentence> for ConfigFault {
    fn from(reason: Sentence) -> Self {
        Self { reason, hint: None }
    }
}

fn fault<T>(key: &'static str) -> Checked<T> {
    Err(Sentence::new(key).into())
}

fn one_of<T: Copy>(text: &str, choices: &[(&'static str, T)]) -> Checked<T> {
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let reason = Sentence::new("config.reason.one_of").with("choices", names.join(", "));
    let hint = closest(text, names).map(|near| Sentence::new("suggest.maybe").with("word", near));
    Err(ConfigFault { reason, hint })
}

pub(super) fn language(text: &str) -> Checked<Language> {
    one_of(text, &Language::ALL.map(|language| (language.code(), language)))
}

pub(super) fn zone(text: &str) -> Checked<Zone> {
    Zone::parse(text).ok_or_else(|| {
        let names = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        let by_city =
            || names().find(|name| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text)));
        let near = by_city().or_else(|| closest(text, names()));
        let hint = near.map(|near| Sentence::new("suggest.maybe").with("word", near));
        ConfigFault { reason: Sentence::new("config.reason.zone"), hint }
    })
}

pub(super) fn shop_name(text: &str) -> Checked<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return fault("config.reason.shop_name");
    }
    Ok(name.to_owned())
}

pub(super) fn currency(text: &str) -> Checked<String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(text.to_owned()) } else { fault("config.reason.currency") }
}

/// A Telegram id; 0 means none.
pub(super) fn telegram_id(number: i64) -> Checked<Option<i64>> {
    match number {
        0 => Ok(None),
        1..=0xf_ffff_ffff_ffff => Ok(Some(number)),
        _ => fault("config.reason.telegram_id"),
    }
}

pub(super) fn path(text: &str) -> Checked<String> {
    if text.trim().is_empty() || text.contains('\0') { fault("config.reason.path") } else { Ok(text.to_owned()) }
}

pub(super) fn mode(text: &str) -> Checked<Mode> {
    one_of(text, &[("polling", Mode::Polling), ("webhook", Mode::Webhook)])
}

fn url(text: &str) -> Checked<Url> {
    let Ok(url) = Url::parse(text) else { return fault("config.reason.url") };
    if url.host_str().is_none_or(str::is_empty) {
        return fault("config.reason.url");
    }
    Ok(url)
}

fn is_bare(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none()
}

/// Whether the server of `url` is on this machine or in its private network, where no stranger can read plain `http`.
fn is_near(url: &Url) -> bool {
    let host = host_of(url);
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => host == "localhost",
    }
}

/// Whether an address leads to this machine alone.
pub(super) fn is_loopback(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let host = host_of(&url);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The host of an address; an IPv6 address without its brackets.
fn host_of(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_matches(['[', ']'])
}

/// Checks the address of the Bot API server. Returns it without a slash at the end.
pub(super) fn api_base(text: &str) -> Checked<String> {
    let url = url(text)?;
    if !is_bare(&url) {
        return fault("config.reason.url_extra");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_near(&url) => {}
        _ => return fault("config.reason.https"),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Checks the address that hears the heartbeat. Plain `http` and addresses of private networks are allowed: the owner
/// chooses the watcher.
pub(super) fn heartbeat_url(text: &str) -> Checked<()> {
    let url = url(text)?;
    if matches!(url.scheme(), "http" | "https") { Ok(()) } else { fault("config.reason.http_or_https") }
}

/// Checks the address of Litestream's metrics. Returns it with the path `/metrics` if it has none.
pub(super) fn litestream_metrics(text: &str) -> Checked<String> {
    let mut url = url(text)?;
    if !is_bare(&url) {
        return fault("config.reason.url_extra");
    }
    if !matches!(url.scheme(), "http" | "https") {
        return fault("config.reason.http_or_https");
    }
    if url.path() == "/" {
        url.set_path("/metrics");
    }
    Ok(url.into())
}

pub(super) fn proxy(text: &str) -> Checked<()> {
    let url = url(text)?;
    let is_known = matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
    if is_known { Ok(()) } else { fault("config.reason.proxy") }
}

/// Checks the address at which Telegram reaches this server. Returns it without a slash at the end. Plain `http`, and
/// ports other than 443, 80, 88 and 8443, are allowed only for this machine and its private network, for simulations.
pub(super) fn webhook_base(text: &str) -> Checked<String> {
    let url = url(text)?;
    if !is_bare(&url) {
        return fault("config.reason.url_extra");
    }
    match (url.scheme(), url.port_or_known_default()) {
        ("https", Some(443 | 80 | 88 | 8443)) => {}
        ("http" | "https", _) if is_near(&url) => {}
        ("https", _) => return fault("config.reason.webhook_port"),
        _ => return fault("config.reason.https"),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Checks a bot's token: `<digits>:<letters>`, as BotFather writes it.
pub(super) fn token(text: &str) -> Checked<()> {
    let is_token = text.split_once(':').is_some_and(|(id, secret)| {
        (1..=20).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=100).contains(&secret.len())
            && secret.bytes().all(is_url_safe)
    });
    if is_token { Ok(()) } else { fault("config.reason.token") }
}

pub(super) fn webhook_secret(text: &str) -> Checked<()> {
    let is_secret = (1..=256).contains(&text.len()) && text.bytes().all(is_url_safe);
    if is_secret { Ok(()) } else { fault("config.reason.webhook_secret") }
}

const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

pub(super) fn jwt_secret(text: &str) -> Checked<()> {
    if text.len() < 32 {
        return fault("config.reason.jwt_secret");
    }
    if is_guessable(text) { fault("config.reason.guessable") } else { Ok(()) }
}

/// Whether the secret has fewer than six different characters. Random text of 16 characters or more hardly ever has so
/// few; a held-down key gives a text with one.
fn is_guessable(secret: &str) -> bool {
    secret.bytes().collect::<std::collections::BTreeSet<u8>>().len() < 6
}

/// Checks the length of the erasure key alone: the key may be an old `jwt_secret`, which must stay valid.
pub(super) fn erasure_key(text: &str) -> Checked<()> {
    if text.len() < 32 { fault("config.reason.jwt_secret") } else { Ok(()) }
}

pub(super) fn internal_api_key(text: &str) -> Checked<()> {
    let is_key = (16..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_key {
        return fault("config.reason.internal_api_key");
    }
    if is_guessable(text) { fault("config.reason.guessable") } else { Ok(()) }
}

pub(super) fn listen(text: &str) -> Checked<SocketAddr> {
    text.parse().or_else(|_| fault("config.reason.listen"))
}

pub(super) fn network(text: &str) -> Checked<Network> {
    Network::parse(text).ok_or_else(|| Sentence::new("config.reason.network").into())
}

/// Checks an origin, `scheme://host[:port]`, exactly as a browser sends it.
pub(super) fn origin(text: &str) -> Checked<String> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text => {
            Ok(text.to_owned())
        }
        _ => fault("config.reason.origin"),
    }
}

/// Checks a name or an address as in the `Host` header, without a port. Returns it in lower case and without brackets.
pub(super) fn host(text: &str) -> Checked<String> {
    let Ok(url) = Url::parse(&format!("http://{text}/")) else { return fault("config.reason.host") };
    let is_bare = url.host_str() == Some(text.to_ascii_lowercase().as_str());
    if !is_bare {
        return fault("config.reason.host");
    }
    Ok(text.trim_matches(['[', ']']).to_ascii_lowercase())
}

pub(super) fn keep_daily(number: i64) -> Checked<u32> {
    within(number, 1, 3650)
}

pub(super) fn keep_weekly(number: i64) -> Checked<u32> {
    within(number, 0, 520)
}

pub(super) fn every_seconds(number: i64) -> Checked<u32> {
    within(number, 60, 86_400)
}

pub(super) fn rate_limit(number: i64) -> Checked<u32> {
    within(number, 0, 1_000_000)
}

fn within(number: i64, least: u32, most: u32) -> Checked<u32> {
    let fits = u32::try_from(number).ok().filter(|number| (least..=most).contains(number));
    fits.ok_or_else(|| Sentence::new("config.reason.range").with("least", least).with("most", most).into())
}

pub(super) fn log_level(text: &str) -> Checked<LogLevel> {
    one_of(text, &LogLevel::ALL.map(|level| (level.name(), level)))
}

pub(super) fn log_format(text: &str) -> Checked<LogFormat> {
    one_of(text, &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json), ("journald", LogFormat::Journald)])
}
