//! Checks the host that a request names. HTTP/1.1 requires exactly one. `http.hosts` restricts the names; without it
//! any name is served, but a request under a foreign name that resolves to this machine (DNS rebinding) does not count
//! as local.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::catalogue::Code;
use crate::config::Config;

/// The names under which this server may be called.
pub(in crate::api) struct Hosts {
    /// The host names in lower case, without ports and brackets; empty = any name is served.
    listed: Vec<String>,
    listen: IpAddr,
}

/// Whether a request uses a name that only this machine answers to: a loopback name, or the listen address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) struct IsNear(pub bool);

impl Hosts {
    /// The host names in the config, and the name in the webhooks' base address, which Telegram uses.
    pub(in crate::api) fn of(config: &Config) -> Self {
        let mut listed = config.http.hosts.clone();
        if !listed.is_empty() {
            let base = config.telegram.webhook_base.as_deref().and_then(|base| base.parse::<Uri>().ok());
            listed.extend(base.and_then(|base| base.authority().map(bare)));
        }
        Self { listed, listen: config.http.listen.ip() }
    }

    fn is_near(&self, name: &str) -> bool {
        let is_ours = |address: IpAddr| address.to_canonical().is_loopback() || address == self.listen;
        name == "localhost" || name.parse().is_ok_and(is_ours)
    }

    /// Whether this host name is served. A probe on this machine may use a local name, whatever `http.hosts` lists.
    fn serves(&self, name: Option<&str>, is_here: bool) -> bool {
        let is_listed = |name: &str| self.listed.iter().any(|listed| listed == name) || (is_here && self.is_near(name));
        self.listed.is_empty() || name.map_or(is_here, is_listed)
    }
}

/// Refuses a request that names no host, several, or one that is not served; records whether the name is local.
pub(in crate::api) async fn check(State(hosts): State<Arc<Hosts>>, mut request: Request, next: Next) -> Response {
    let name = match called(request.version(), request.uri(), request.headers()) {
        Ok(name) => name,
        Err(why) => return Problem::saying(Code::HostInvalid, why).into_response(),
    };
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>();
    let is_here = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
    if !hosts.serves(name.as_deref(), is_here) {
        return Problem::saying(Code::HostInvalid, "This name is not among http.hosts.").into_response();
    }
    // Only HTTP/1.0 may omit the host, and browsers do not use HTTP/1.0.
    request.extensions_mut().insert(IsNear(name.is_none_or(|name| hosts.is_near(&name))));
    next.run(request).await
}

/// The host that a request names; an absolute URI takes precedence over the header.
fn called(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<Option<String>, &'static str> {
    let mut given = headers.get_all(HOST).iter();
    let (first, second) = (given.next(), given.next());
    if second.is_some() {
        return Err("The request has more than one Host.");
    }
    if first.is_none() && version >= Version::HTTP_11 {
        return Err("HTTP/1.1 needs a Host.");
    }
    let readable = |text: &str| text.parse::<Authority>().ok().filter(|of| !of.as_str().contains('@'));
    let header = first.map(|value| value.to_str().ok().and_then(readable).ok_or("The Host cannot be read."));
    let header = header.transpose()?;
    Ok(uri.authority().or(header.as_ref()).map(bare))
}

/// The host of an authority, without port, brackets and trailing dot.
fn bare(authority: &Authority) -> String {
    authority.host().trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(version: Version, uri: &str, hosts: &[&str]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, host.parse().unwrap());
        }
        called(version, &uri.parse().unwrap(), &headers)
    }

    #[test]
    fn one_host_is_named_and_read() {
        let read = |host: &str| name(Version::HTTP_11, "/", &[host]);
        for (host, bare) in [
            ("Shop.Example:8000", "shop.example"),
            ("shop.example.", "shop.example"),
            ("[::1]:8000", "::1"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(read(host), Ok(Some(bare.to_owned())), "{host}");
        }
        for host in ["", "a b", "shop.example/path", "user@localhost", "a,b"] {
            assert!(read(host).is_err() || host == "a,b", "{host}");
        }
        assert!(name(Version::HTTP_11, "/", &[]).is_err());
        assert!(name(Version::HTTP_11, "/", &["a", "a"]).is_err() && name(Version::HTTP_10, "/", &["a", "b"]).is_err());
        assert_eq!(name(Version::HTTP_10, "/", &[]), Ok(None));
        assert_eq!(
            name(Version::HTTP_11, "http://evil.example/metrics", &["localhost"]),
            Ok(Some("evil.example".into()))
        );
    }

    #[test]
    fn only_names_of_this_machine_are_near_and_only_listed_ones_are_served() {
        let hosts = |listed: &[&str]| Hosts {
            listed: listed.iter().map(|name| (*name).to_owned()).collect(),
            listen: [192, 168, 1, 5].into(),
        };
        let any = hosts(&[]);
        for near in ["localhost", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "192.168.1.5"] {
            assert!(any.is_near(near), "{near}");
        }
        for far in ["evil.example", "localhost.evil.example", "192.168.1.6", "0.0.0.0", ""] {
            assert!(!any.is_near(far) && any.serves(Some(far), false), "{far}");
        }
        let one = hosts(&["shop.example"]);
        assert!(one.serves(Some("shop.example"), false) && !one.serves(Some("evil.example"), true));
        assert!(one.serves(Some("localhost"), true) && !one.serves(Some("localhost"), false));
        assert!(one.serves(None, true) && !one.serves(None, false));
    }
}
