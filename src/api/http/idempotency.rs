//! Idempotency for POSTs whose work is not one transaction, because it calls Telegram or runs a job. The same key and
//! body get the same answer, as everywhere; a second request during the first is refused instead of waiting. The work
//! and the storing of its answer continue if the client disconnects. If the process dies after the effect and before
//! the answer is stored, the key is not known as used, so this work must be harmless when repeated.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::Response;
use tokio::sync::oneshot;
use tracing::Instrument;

use super::dispatch::{self, DaemonRequest, Dispatch, Errand};
use super::problem::{Problem, written};
use crate::actor::Actor;
use crate::catalogue::Code;
use crate::db::Database;
use crate::idempotency::{self, StoredAnswer, Ticket};

/// Runs errands: work of POSTs that is not one transaction, in the daemon. Clones share the keys in use.
#[derive(Clone)]
pub(in crate::api) struct Errands {
    /// The shop's database.
    pub db: Database,
    /// The queue to the daemon.
    pub dispatch: Dispatch,
    under_way: UnderWay,
}

/// The keys whose first request is still running.
#[derive(Clone, Default)]
struct UnderWay(Arc<Mutex<HashSet<(String, String, String)>>>);

/// An idempotency key in use; dropping this value frees the key.
struct KeyGuard {
    under_way: UnderWay,
    key: (String, String, String),
}

impl KeyGuard {
    fn begin(under_way: &UnderWay, by: &Actor, ticket: &Ticket) -> Option<Self> {
        let key = (by.to_string(), ticket.route.clone(), ticket.key.clone());
        let is_first = under_way.all().insert(key.clone());
        // Not `then_some`: it would build a second guard, whose drop frees the first request's key.
        is_first.then(|| Self { under_way: under_way.clone(), key })
    }
}

impl UnderWay {
    fn all(&self) -> std::sync::MutexGuard<'_, HashSet<(String, String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyGuard {
    fn drop(&mut self) {
        self.under_way.all().remove(&self.key);
    }
}

impl Errands {
    pub(in crate::api) fn new(db: Database, dispatch: Dispatch) -> Self {
        Self { db, dispatch, under_way: UnderWay::default() }
    }

    /// Answers with the result of `work`, run once per ticket. A refusal is not stored: a repeated request may succeed.
    ///
    /// # Errors
    /// `IDEMPOTENCY_IN_PROGRESS`, `IDEMPOTENCY_KEY_REUSED`; the error of `work`.
    pub(in crate::api) async fn run_once(
        self,
        by: Actor,
        ticket: Option<Ticket>,
        work: impl Future<Output = Result<StoredAnswer, Problem>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let Some(ticket) = ticket else {
            let StoredAnswer { status, answer } = work.await?;
            return Ok(written(status, answer));
        };
        let turn = KeyGuard::begin(&self.under_way, &by, &ticket);
        let turn = turn.ok_or_else(|| Problem::of(Code::IdempotencyInProgress).after(1))?;
        let done = kept(self.db, by, ticket, work);
        let ended = dispatch::give(&self.dispatch, |end| DaemonRequest::Errand(errand(turn, done, end)))?;
        // The daemon stopped and dropped its requests, or the work panicked.
        let stopped = |_| Problem::of(Code::ServiceUnavailable).after(1);
        let StoredAnswer { status, answer } = ended.await.map_err(stopped)??;
        Ok(written(status, answer))
    }
}

/// The work under its idempotency key, as a future that does not depend on the request.
fn errand(
    turn: KeyGuard,
    work: impl Future<Output = Result<StoredAnswer, Problem>> + Send + 'static,
    end: oneshot::Sender<Result<StoredAnswer, Problem>>,
) -> Errand {
    let whole = async move {
        let done = work.await;
        drop(turn);
        // The client may have disconnected.
        drop(end.send(done));
    };
    Errand(Box::pin(whole.in_current_span()))
}

async fn kept(
    db: Database,
    by: Actor,
    ticket: Ticket,
    work: impl Future<Output = Result<StoredAnswer, Problem>>,
) -> Result<StoredAnswer, Problem> {
    let (who, asked) = (by.clone(), ticket.clone());
    if let Some(kept) = db.write_async(move |tx| idempotency::find(tx, &who, &asked)).await? {
        return Ok(kept);
    }
    let kept = work.await?;
    let mine = kept.clone();
    db.write_async(move |tx| idempotency::keep(tx, &by, &ticket, &mine)).await?;
    Ok(kept)
}
