//! The HTTP door: `/health`, `/readyz` and the four webhooks. A request is checked, one use-case runs, its outcome
//! becomes JSON; no rule of the shop lives here. `listen` serves it, the daemon watches over that.

mod guard;
mod health;
mod listen;
mod problem;
pub mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};

pub use listen::{bind, serve};
pub use webhook::Hook;

use crate::db::Database;
use crate::pulse::Pulse;
use crate::realm::BotName;
use crate::telegram::client::Bot;
use problem::{Code, problem};

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
}

impl Door {
    /// A door to `db`; it tells how `bots` and the loops under `pulse` are, and takes in updates for `hooks`.
    #[must_use]
    pub fn new(db: Database, pulse: Pulse, bots: Vec<(BotName, Bot)>, hooks: Vec<Hook>) -> Self {
        Self { inner: Arc::new(Inner { db, pulse, bots, hooks, readiness: health::Kept::default() }) }
    }
}

/// Every route, with what guards all of them.
pub fn router(door: Door) -> Router {
    let mut routes = Router::new();
    for &bot in BotName::ALL {
        let push = move |State(door), request| webhook::receive(door, bot, request);
        routes = routes.route(webhook::path(bot), post(push));
    }
    routes
        .route("/health", get(health::health))
        .route("/readyz", get(health::readyz))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(guard::guard))
        .with_state(door)
}

async fn nowhere() -> Response {
    problem(StatusCode::NOT_FOUND, Code::NotFound, "There is nothing under this path.")
}

async fn wrong_method() -> Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed, "This path does not take this method.")
}
