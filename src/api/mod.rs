//! The HTTP door: `/health`, `/readyz`, `/metrics`, the four webhooks, the pages for browsers and the admin API
//! (`routes` is its table of contents). A request is checked, one use-case runs, its result becomes JSON; no rule of
//! the shop lives here. `http::listen` serves requests; the daemon runs and watches that loop.

mod admins;
mod auth;
mod broadcast_body;
mod broadcast_draft;
mod broadcast_verbs;
mod broadcasts;
mod bulk;
mod campaigns;
mod cashiers;
mod counter;
mod deliveries;
mod discounts;
mod export;
mod funnel;
mod health;
mod http;
mod internal;
mod jobs;
mod logs;
mod metrics;
mod openapi;
mod orders;
mod people_verbs;
mod routes;
mod search_cache;
mod segments;
mod settings;
mod stats;
mod template_body;
mod templates;
mod texts;
mod user_filter;
mod users;
pub mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::response::Response;

pub use http::dispatch;
pub use http::dispatch::Dispatch;
pub use http::listen::{bind, serve};
pub use webhook::Hook;

use secrecy::SecretString;

use crate::catalogue::Code;
use crate::config::{Config, Network};
use crate::db::Database;
use crate::heartbeat::Heartbeat;
use crate::realm::BotName;
use crate::telegram::client::Bot;
use http::problem::problem;
use http::{cors, guard, host, idempotency, rate_limit};
use openapi::pages;

/// The size limit of a request's body.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The state that all handlers share. Clones share the same state.
#[derive(Clone)]
pub struct Door {
    inner: Arc<Inner>,
}

struct Inner {
    db: Database,
    heartbeat: Heartbeat,
    bots: Vec<(BotName, Bot)>,
    hooks: Vec<Hook>,
    readiness: health::ReadinessCache,
    /// The key that signs logins; without it no admin can log in.
    jwt_secret: Option<SecretString>,
    /// The key of the hashes that stand for erased people.
    erasure_key: Option<SecretString>,
    cors_origins: Vec<String>,
    hosts: host::Hosts,
    search_cache: search_cache::SearchCache,
    /// The internal key, with which scripts use `/internal`.
    internal_key: Option<SecretString>,
    trusted_proxies: Vec<Network>,
    limits: rate_limit::RateLimits,
    dispatch: Dispatch,
    strangers: webhook::Strangers,
    under_way: idempotency::UnderWay,
    attempts: metrics::Attempts,
    pages: pages::Pages,
}

/// What the HTTP door needs from the daemon.
pub struct Served {
    /// The shop's database.
    pub db: Database,
    /// The heartbeats of the daemon's loops.
    pub heartbeat: Heartbeat,
    /// The bots that have a token.
    pub bots: Vec<(BotName, Bot)>,
    /// The bots with a webhook, each with the webhook's secret.
    pub hooks: Vec<Hook>,
    /// The queue to the daemon, which runs jobs and manages webhooks for this door.
    pub dispatch: Dispatch,
}

impl Door {
    /// A door for `served`, as the config says.
    #[must_use]
    pub fn new(config: &Config, served: Served) -> Self {
        let Served { db, heartbeat: pulse, bots, hooks, dispatch } = served;
        let (http, security) = (&config.http, config.security.clone());
        let attempts = metrics::Attempts::begin(&db);
        let inner = Inner {
            db,
            heartbeat: pulse,
            bots,
            hooks,
            readiness: health::ReadinessCache::default(),
            erasure_key: security.erasure_key().cloned(),
            jwt_secret: security.jwt_secret,
            cors_origins: http.cors_origins.clone(),
            hosts: host::Hosts::of(config),
            search_cache: search_cache::SearchCache::default(),
            internal_key: security.internal_api_key,
            trusted_proxies: http.trusted_proxies.clone(),
            limits: rate_limit::RateLimits::new(http.rate_limit_per_second),
            dispatch,
            strangers: webhook::Strangers::default(),
            under_way: idempotency::UnderWay::default(),
            attempts,
            pages: pages::Pages::default(),
        };
        Self { inner: Arc::new(inner) }
    }
}

/// Every route with its guards.
pub fn router(door: Door) -> Router {
    routes::all()
        .served
        .merge(pages::routes())
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(door.clone(), rate_limit::limit))
        .layer(middleware::from_fn_with_state(door.clone(), cors::cors))
        .layer(middleware::from_fn_with_state(door.clone(), host::check))
        .layer(middleware::from_fn(guard::guard))
        .layer(middleware::from_fn(metrics::count))
        .with_state(door)
}

async fn nowhere() -> Response {
    problem(Code::NotFound, "There is nothing under this path.")
}

async fn wrong_method() -> Response {
    problem(Code::MethodNotAllowed, Code::MethodNotAllowed.meaning())
}
