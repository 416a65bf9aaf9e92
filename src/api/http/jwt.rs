//! Logins as signed tokens: only HS256, every claim required. This module checks only that this server signed the token
//! for this API; `access::admit` checks its content against the database.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::access::Login;
use crate::clock::Timestamp;
use crate::ids::AdminId;

const ISSUER: &str = "dvorik";
const AUDIENCE: &str = "dvorik-api";

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    exp: i64,
}

/// The signed token of a login; `None` only when signing fails.
pub(in crate::api) fn sign(login: &Login, now: Timestamp, key: &SecretString) -> Option<String> {
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: format!("admin:{}", login.admin),
        jti: login.jti.clone(),
        iat: now.0,
        exp: login.expires_at.0,
    };
    let key = EncodingKey::from_secret(key.expose_secret().as_bytes());
    encode(&Header::new(Algorithm::HS256), &claims, &key).ok()
}

/// The login in a token; `None` for a token that this server did not sign. Its expiry is checked together with the
/// login's row in the database, by the shop's own clock.
pub(in crate::api) fn read(token: &str, key: &SecretString) -> Option<Login> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.validate_exp = false;
    let key = DecodingKey::from_secret(key.expose_secret().as_bytes());
    let claims = decode::<Claims>(token, &key, &rules).ok()?.claims;
    let admin = AdminId(claims.sub.strip_prefix("admin:")?.parse().ok()?);
    (16..=64).contains(&claims.jti.len()).then_some(Login { admin, jti: claims.jti, expires_at: Timestamp(claims.exp) })
}
