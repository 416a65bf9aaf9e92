//! Which requests get in: below the rate limits, and with a credential of the shop.

use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;

use super::client_ip::ClientIp;
use super::jwt;
use super::problem::Problem;
use super::rate_limit::{Guessing, Guest, LOGIN, Limit, PUSHES, RateLimits, refusal};
use crate::access::{Credential, TOKEN_PREFIX};
use crate::api::search_cache::SearchCache;
use crate::catalogue::Code;
use crate::config::Network;
use crate::db::Database;
use crate::error::{AuthError, Refusal};

/// What `request::Authorized` needs: it admits requests by the database, the key and the limits, and empties the cache after a
/// change.
pub(in crate::api) struct Admission {
    /// The shop's database.
    pub db: Database,
    /// The key that signs logins; without it no admin can log in.
    pub login_key: Option<SecretString>,
    /// The rate limits, which admitted tokens are told to.
    pub limits: RateLimits,
    /// The cache that is emptied by a change.
    pub searches: Arc<SearchCache>,
}

impl Admission {
    /// The key that signs logins; refused if it is not set.
    pub(in crate::api) fn signing_key(&self) -> Result<&SecretString, Problem> {
        let missing =
            || Problem::saying(Code::ServiceUnavailable, "security.jwt_secret is not set: nobody can log in.");
        self.login_key.as_ref().ok_or_else(missing)
    }

    /// Whether the request has a login that this server signed, even an expired or revoked one.
    pub(in crate::api) fn is_signed(&self, headers: &HeaderMap) -> bool {
        matches!(self.shown(headers), Ok(Credential::Login(_)))
    }

    /// The credential after `Bearer` in the request's header.
    pub(super) fn shown(&self, headers: &HeaderMap) -> Result<Credential, Problem> {
        let barred = |bar| Problem::from(Refusal::Barred(bar));
        let mut given = headers.get_all(AUTHORIZATION).iter();
        let (first, second) = (given.next(), given.next());
        let header = first.ok_or_else(|| barred(AuthError::NoToken))?;
        let text = header.to_str().ok().filter(|_| second.is_none()).ok_or_else(|| barred(AuthError::TokenInvalid))?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(barred(AuthError::NoToken));
        }
        if token.starts_with(TOKEN_PREFIX) {
            return Ok(Credential::Token(token.to_owned()));
        }
        jwt::read(token, self.signing_key()?).map(Credential::Login).ok_or_else(|| barred(AuthError::TokenInvalid))
    }
}

/// Passes a request on to its route, or answers 429.
pub(in crate::api) async fn limit(
    State(admission): State<Arc<Admission>>,
    State(proxies): State<Arc<[Network]>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(Ipv6Addr::UNSPECIFIED.into());
    let origin = ClientIp::of(peer, request.headers(), &proxies);
    request.extensions_mut().insert(origin);
    let limits = &admission.limits;
    if request.uri().path().starts_with(PUSHES) {
        return limits.pushed(origin, next.run(request).await);
    }
    let token = limits.token(request.uri(), request.headers());
    let guest = Guest { address: origin.subnet(), token, logs_in: request.uri().path() == LOGIN };
    match limits.arrive(&guest, limits.began.elapsed()) {
        None => {}
        // A login that this server signed is not a guess.
        Some((Limit::BadToken, _)) if admission.is_signed(request.headers()) => {}
        Some((Limit::BadLogin, wait)) => drop(request.extensions_mut().insert(Guessing(wait))),
        Some((limit, wait)) => return refusal(limit, wait).into_response(),
    }
    let response = next.run(request).await;
    limits.leave(&guest, response.status(), limits.began.elapsed());
    response
}
