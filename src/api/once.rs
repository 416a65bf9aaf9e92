//! POSTs whose work is no single transaction, because the network or a job is in it: the same key and body get the same
//! answer as everywhere, and a twin that comes while the first is under way is told so instead of waiting. A process that
//! dies between effect and answer forgets the key; what runs here is harmless when done twice.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use axum::response::Response;

use super::Door;
use super::problem::{Problem, written};
use crate::actor::Actor;
use crate::catalogue::Code;
use crate::replay::{self, Kept, Ticket};

/// The keys whose first request is under way.
#[derive(Default)]
pub(super) struct UnderWay(Mutex<HashSet<(String, String, String)>>);

/// A key that is taken until this is dropped.
struct Turn<'a> {
    of: &'a UnderWay,
    key: (String, String, String),
}

impl UnderWay {
    fn begin(&self, by: &Actor, ticket: &Ticket) -> Option<Turn<'_>> {
        let key = (by.to_string(), ticket.route.clone(), ticket.key.clone());
        let is_first = self.all().insert(key.clone());
        // Not `then_some`: a turn that is made and dropped lets the first one's key go.
        is_first.then(|| Turn { of: self, key })
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashSet<(String, String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.of.all().remove(&self.key);
    }
}

/// Answers with what `work` comes to, once for this ticket. A problem is not kept: it may go better the next time.
///
/// # Errors
/// `IDEMPOTENCY_IN_PROGRESS`, `IDEMPOTENCY_KEY_REUSED`; what `work` failed with.
pub(super) async fn once(
    door: &Door,
    by: Actor,
    ticket: Option<Ticket>,
    work: impl Future<Output = Result<Kept, Problem>>,
) -> Result<Response, Problem> {
    let Some(ticket) = ticket else {
        let Kept { status, answer } = work.await?;
        return Ok(written(status, answer));
    };
    let turn = door.inner.under_way.begin(&by, &ticket);
    let _turn = turn.ok_or_else(|| Problem::of(Code::IdempotencyInProgress).after(1))?;
    let (who, asked) = (by.clone(), ticket.clone());
    let kept = match door.inner.db.write_async(move |tx| replay::find(tx, &who, &asked)).await? {
        Some(kept) => kept,
        None => {
            let kept = work.await?;
            let mine = kept.clone();
            door.inner.db.write_async(move |tx| replay::keep(tx, &by, &ticket, &mine)).await?;
            kept
        }
    };
    Ok(written(kept.status, kept.answer))
}
