//! The internal key of the config, with which scripts manage webhooks.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use crate::secret;

/// The path prefix that accepts the internal key: at the root, beside the admin API.
pub(in crate::api) const ROOT: &str = "/internal/";
/// The header of the internal key.
pub(in crate::api) const API_KEY: &str = "x-api-key";

/// The internal key, with which scripts use these routes.
#[derive(Clone)]
pub(in crate::api) struct InternalKey(pub Option<SecretString>);

impl InternalKey {
    /// Whether the request has the internal key. Two keys count as none: a repeated header is an attempt at guessing.
    pub(in crate::api) fn is_in(&self, headers: &HeaderMap) -> bool {
        let mut given = headers.get_all(API_KEY).iter();
        let (Some(key), None, Some(ours)) = (given.next(), given.next(), &self.0) else { return false };
        key.to_str().is_ok_and(|key| secret::same(key, ours.expose_secret()))
    }
}
