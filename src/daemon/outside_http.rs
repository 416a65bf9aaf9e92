//! HTTP requests to programs that the owner names: the outside watcher, and Litestream on this machine. Addresses of
//! private networks and plain HTTP are allowed for them; redirects and proxies are not used.

use std::time::Duration;

use reqwest::redirect;

/// A client for one request to `address`. `None`: TLS cannot be set up, because this machine has no CA certificates.
pub(super) fn client(address: &str, patience: Duration) -> Option<reqwest::Client> {
    let client = reqwest::Client::builder()
        .user_agent(concat!("dvorik/", env!("CARGO_PKG_VERSION")))
        .timeout(patience)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy();
    let is_plain = address.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    // Plain HTTP verifies no certificate, and reading those of the system takes long.
    let client = if is_plain { client.tls_certs_only([]) } else { client };
    client.build().inspect_err(|_| tracing::error!("HTTPS cannot be set up: are CA certificates installed?")).ok()
}
