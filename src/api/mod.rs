//! The HTTP door: `/health`, `/readyz`, the four webhooks and the admin API (`routes` is its table of contents). A request is checked, one use-case runs, its outcome
//! becomes JSON; no rule of the shop lives here. `listen` serves it, the daemon watches over that.

mod admins;
mod ask;
mod auth;
mod bulk;
mod campaigns;
mod cashiers;
mod broadcast_body;
mod broadcast_draft;
mod broadcast_verbs;
mod broadcasts;
mod cors;
mod counter;
mod deliveries;
mod discounts;
mod document;
mod export;
mod funnel;
mod guard;
mod health;
mod json;
mod jwt;
mod listen;
mod people_verbs;
mod problem;
mod routes;
mod shelf;
mod logs;
mod orders;
mod settings;
mod segment_filter;
mod segments;
mod stats;
mod stream;
mod take;
mod template_body;
mod templates;
mod texts;
mod user_filter;
mod users;
pub mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};

pub use listen::{bind, serve};
pub use webhook::Hook;

use secrecy::SecretString;

use crate::catalogue::Code;
use crate::config::Config;
use crate::db::Database;
use crate::pulse::Pulse;
use crate::realm::BotName;
use crate::telegram::client::Bot;
use problem::problem;

/// No request may be larger.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// What the door works with. Clones share everything.
#[derive(Clone)]
pub struct Door {
    inner: Arc<Inner>,
}

struct Inner {
    db: Database,
    pulse: Pulse,
    bots: Vec<(BotName, Bot)>,
    hooks: Vec<Hook>,
    readiness: health::Kept,
    /// What logins are signed with; without it nobody logs in.
    jwt_secret: Option<SecretString>,
    cors_origins: Vec<String>,
    document: String,
    shelf: shelf::Shelf,
}

impl Door {
    /// A door to `db`; it tells how `bots` and the loops under `pulse` are, and takes in updates for `hooks`.
    #[must_use]
    pub fn new(config: &Config, db: Database, pulse: Pulse, bots: Vec<(BotName, Bot)>, hooks: Vec<Hook>) -> Self {
        let (jwt_secret, cors_origins) = (config.security.jwt_secret.clone(), config.http.cors_origins.clone());
        let (readiness, document, shelf) = (health::Kept::default(), routes::document(), shelf::Shelf::default());
        Self { inner: Arc::new(Inner { db, pulse, bots, hooks, readiness, jwt_secret, cors_origins, document, shelf }) }
    }
}

/// Every route, with what guards all of them.
pub fn router(door: Door) -> Router {
    let mut routes = Router::new();
    for &bot in BotName::ALL {
        let push = move |State(door), request| webhook::receive(door, bot, request);
        routes = routes.route(webhook::path(bot), post(push));
    }
    let (api, _) = routes::all().split_for_parts();
    routes
        .merge(api)
        .route("/api/openapi.json", get(document))
        .route("/health", get(health::health))
        .route("/readyz", get(health::readyz))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(door.clone(), cors::cors))
        .layer(middleware::from_fn(guard::guard))
        .with_state(door)
}

/// `GET /api/openapi.json`
async fn document(State(door): State<Door>) -> Response {
    problem::written(200, door.inner.document.clone())
}

async fn nowhere() -> Response {
    problem(Code::NotFound, "There is nothing under this path.")
}

async fn wrong_method() -> Response {
    problem(Code::MethodNotAllowed, "This path does not take this method.")
}
