//! What all routes share: accepting connections, request ids and time limits, rate limits, strict parsing, access
//! checks, refusals as problems, idempotency, streaming.

pub(in crate::api) mod admission;
pub(in crate::api) mod client_ip;
pub(in crate::api) mod connection_limit;
pub(in crate::api) mod cors;
pub mod dispatch;
pub(in crate::api) mod extract;
pub(in crate::api) mod guard;
pub(in crate::api) mod host;
pub(in crate::api) mod idempotency;
pub(in crate::api) mod internal_key;
pub(in crate::api) mod json;
pub(in crate::api) mod jwt;
pub(in crate::api) mod listen;
pub(in crate::api) mod problem;
pub(in crate::api) mod rate_limit;
pub(in crate::api) mod request;
pub(in crate::api) mod request_id;
pub(in crate::api) mod route;
pub(in crate::api) mod stream;
pub(in crate::api) mod write_timeout;
