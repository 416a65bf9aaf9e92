//! The HTTP door: `/health`, `/readyz`, `/metrics`, the four webhooks, the pages for browsers and the admin API
//! (`routes` is its table of contents). A request is checked, one use-case runs, its result becomes JSON; no rule of
//! the shop lives here. `http::listen` serves requests; the daemon runs and watches that loop.

mod admins;
mod auth;
mod bots;
mod broadcast_body;
mod broadcast_draft;
mod broadcast_verbs;
mod broadcasts;
mod bulk;
mod campaigns;
mod cashiers;
mod counter;
mod deliveries;
mod discount_body;
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
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware;
use axum::response::Response;

pub use http::dispatch;
pub use http::dispatch::Dispatch;
pub use http::listen::{bind, could_listen};
pub use webhook::Hook;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::catalogue::Code;
use crate::config::{Config, Network};
use crate::db::Database;
use crate::error::Result;
use crate::heartbeat::Heartbeat;
use crate::realm::BotName;
use crate::telegram::client::Bot;
use bots::Bots;
use health::ReadinessCheck;
use http::admission::{self, Admission};
use http::connection_limit::ConnectionLimit;
use http::cors::Origins;
use http::host::Hosts;
use http::idempotency::Errands;
use http::internal_key::InternalKey;
use http::problem::problem;
use http::rate_limit::RateLimits;
use http::{cors, guard, host, listen};
use metrics::MetricsSource;
use openapi::pages;
use people_verbs::ErasureKey;
use search_cache::SearchCache;
use webhook::PushReceiver;

/// The size limit of a request's body.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The state of the HTTP door, of which each handler, extractor and guard takes its own part. Clones share the same
/// state.
#[derive(Clone)]
pub struct Door {
    states: Arc<States>,
}

struct States {
    admission: Arc<Admission>,
    bots: Bots,
    erasure_key: ErasureKey,
    errands: Errands,
    hosts: Arc<Hosts>,
    internal_key: InternalKey,
    metrics: Arc<MetricsSource>,
    origins: Origins,
    /// The proxies that the config trusts.
    proxies: Arc<[Network]>,
    pushes: Arc<PushReceiver>,
    readiness: Arc<ReadinessCheck>,
    searches: Arc<SearchCache>,
}

/// Lets handlers, extractors and guards take these parts of the door.
macro_rules! states {
    ($($state:ty = $field:ident),+ $(,)?) => {$(
        impl FromRef<Door> for $state {
            fn from_ref(door: &Door) -> Self {
                door.states.$field.clone()
            }
        }
    )+};
}

states! {
    Arc<Admission> = admission,
    Bots = bots,
    ErasureKey = erasure_key,
    Errands = errands,
    Arc<Hosts> = hosts,
    InternalKey = internal_key,
    Arc<MetricsSource> = metrics,
    Origins = origins,
    Arc<[Network]> = proxies,
    Arc<PushReceiver> = pushes,
    Arc<ReadinessCheck> = readiness,
    Arc<SearchCache> = searches,
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
        let Served { db, heartbeat, bots, hooks, dispatch } = served;
        let (http, security, bots) = (&config.http, config.security.clone(), Bots::new(bots));
        let erasure_key = ErasureKey(security.erasure_key().cloned());
        let searches = Arc::<SearchCache>::default();
        let admission = Admission {
            db: db.clone(),
            login_key: security.jwt_secret,
            limits: RateLimits::new(http.rate_limit_per_second),
            searches: Arc::clone(&searches),
        };
        let states = States {
            admission: Arc::new(admission),
            erasure_key,
            errands: Errands::new(db.clone(), dispatch),
            hosts: Hosts::of(config).into(),
            internal_key: InternalKey(security.internal_api_key),
            metrics: MetricsSource::new(db.clone(), heartbeat.clone(), bots.clone()).into(),
            origins: Origins(http.cors_origins.as_slice().into()),
            proxies: http.trusted_proxies.as_slice().into(),
            pushes: PushReceiver::new(db.clone(), hooks).into(),
            readiness: ReadinessCheck::new(db, heartbeat, bots.clone()).into(),
            searches,
            bots,
        };
        Self { states: states.into() }
    }
}

/// Serves until told to stop, then lets running requests finish.
///
/// # Errors
/// None; a connection that fails is closed, the others continue.
pub async fn serve(listener: TcpListener, door: Door, stop: watch::Receiver<bool>) -> Result<()> {
    let limit = ConnectionLimit::new(Arc::clone(&door.states.proxies));
    listen::serve(listener, limit, router(door), stop).await
}

/// Every route with its guards.
pub fn router(door: Door) -> Router {
    routes::all()
        .served
        .merge(pages::routes())
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(door.clone(), admission::limit))
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
