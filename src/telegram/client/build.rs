//! Builds an HTTP client from settings. It has checked addresses and time limits of its own, follows no redirects, and
//! uses no proxy but the configured one. Used by `client`.

use std::fmt;
use std::time::Duration;

use reqwest::{Proxy, Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::wire::Api;

/// The settings of a bot.
#[derive(Clone)]
pub struct BotSettings {
    /// The bot's name in logs and metrics, such as `customer` or `staff`.
    pub label: String,
    /// The bot's token from BotFather.
    pub token: SecretString,
    /// The address of the Bot API: `https://api.telegram.org`, or that of the shop's own server.
    pub api_base: String,
    /// The proxy's address: `http://`, `https://`, `socks5://` or `socks5h://` with an optional `user:password@`;
    /// `None` or empty: no proxy.
    pub proxy: Option<String>,
}

/// Settings from which no bot can be made. The texts hold neither the token nor the proxy's password.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// The token is empty or has characters that no token has.
    #[error("the token of bot {0} is not a token")]
    Token(String),
    /// The address of the Bot API cannot be read.
    #[error("telegram.api_base of bot {0} is no http or https address")]
    ApiBase(String),
    /// The proxy's address cannot be read.
    #[error("telegram.proxy cannot be read: write http://, https://, socks5:// or socks5h://, then host:port")]
    Proxy,
    /// TLS cannot be set up: usually no CA certificates on this machine.
    #[error("HTTPS cannot be set up on this machine (are CA certificates installed?): {0}")]
    Tls(String),
}

const CONNECT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept. Servers keep idle connections longer: a request on a connection that the server
/// has just closed would be lost.
const IDLE: Duration = Duration::from_secs(20);

impl BotSettings {
    /// The client for calls of this bot. The caller limits the time of whole calls. Connecting has a time limit of its
    /// own, so that a call that was never sent can be told from a call that was not answered.
    pub(super) fn client(&self) -> Result<Api, BotError> {
        let token = self.token.expose_secret();
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-');
        if token.is_empty() || !token.bytes().all(good) {
            return Err(BotError::Token(self.label.clone()));
        }
        Ok(Api { http: self.http()?, url: format!("{}/bot{token}", self.base()?) })
    }

    /// The HTTP client for the Bot API, without a time limit for whole calls.
    pub(super) fn http(&self) -> Result<reqwest::Client, BotError> {
        let base = self.base()?;
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("dvorik/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy();
        let proxy = self.proxy.as_deref().map(str::trim).filter(|proxy| !proxy.is_empty());
        if let Some(proxy) = proxy {
            http = http.proxy(read_proxy(proxy)?);
        }
        if base.starts_with("http:") && !proxy.is_some_and(|proxy| proxy.starts_with("https:")) {
            // Plain HTTP verifies no certificate. Without this line building the client would fail on a machine without
            // CA certificates, where the demo must start, too.
            http = http.tls_certs_only([]);
        }
        http.build().map_err(|error| BotError::Tls(innermost(&error)))
    }

    pub(super) fn base(&self) -> Result<String, BotError> {
        let base = self.api_base.trim().trim_end_matches('/');
        let url = Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let plain = url.is_some_and(|url| url.query().is_none() && url.fragment().is_none());
        plain.then(|| base.to_owned()).ok_or_else(|| BotError::ApiBase(self.label.clone()))
    }
}

fn read_proxy(proxy: &str) -> Result<Proxy, BotError> {
    let scheme = Url::parse(proxy).map_err(|_| BotError::Proxy)?;
    if !matches!(scheme.scheme(), "http" | "https" | "socks5" | "socks5h") || !scheme.has_host() {
        return Err(BotError::Proxy);
    }
    Proxy::all(proxy).map_err(|_| BotError::Proxy)
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

impl fmt::Debug for BotSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotSettings").field("label", &self.label).finish_non_exhaustive()
    }
}
