//! One request of the admin API: its caller, admitted by the database's present state, and the use-case run for the
//! caller. A route's requirement comes from the table in `routes`; a handler without a requirement answers 500, so a
//! forgotten requirement admits no caller.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;

use super::admission::Admission;
use super::problem::{Problem, written, written_at};
use super::request_id::RequestId;
use crate::access::{self, Caller, Credential, Requirement};
use crate::actor::Actor;
use crate::db::{Class, Database, Failure, Tx, View};
use crate::error::{Error, Refusal, Result as ShopResult};
use crate::idempotency::{self, StoredAnswer, Ticket};
use crate::secret;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A request whose caller was admitted.
#[derive(Clone)]
pub(in crate::api) struct Authorized {
    admission: Arc<Admission>,
    shown: Credential,
    needs: Requirement,
    caller: Caller,
    id: RequestId,
    known: Known,
    key: Option<String>,
}

/// What identifies a repeated request besides its body.
#[derive(Clone)]
struct Known {
    route: String,
    query: String,
}

impl Known {
    fn of(parts: &Parts) -> Self {
        let route = format!("{} {}", parts.method, parts.uri.path());
        Self { route, query: parts.uri.query().unwrap_or_default().to_owned() }
    }

    /// A ticket of the key, the query and the body: the query is hashed too, because it names the realm.
    fn ticket(&self, key: String, body: &str) -> Ticket {
        Ticket { route: self.route.clone(), key, body: secret::sha256(format!("{}\n{body}", self.query)) }
    }
}

/// The result of a POST. It is committed, and stored under the idempotency key if it is lasting.
pub(in crate::api) enum PostReply<T> {
    /// Answer 200.
    Ok(T),
    /// Answer 201.
    Created(T),
    /// Answer 202: the work is queued.
    Accepted(T),
    /// A refusal after which the transaction is committed all the same, because its log row must stay.
    Refused(Refusal),
}

impl Authorized {
    /// The shop's database.
    pub(in crate::api) fn db(&self) -> &Database {
        &self.admission.db
    }

    /// The caller, as audit rows store it.
    pub(in crate::api) fn actor(&self) -> Actor {
        self.caller.actor()
    }

    /// The ticket by which a repeated request with this body hash is recognised.
    pub(in crate::api) fn ticket(&self, body: &str) -> Option<Ticket> {
        Some(self.known.ticket(self.key.clone()?, body))
    }

    /// The id of this request.
    pub(in crate::api) fn id(&self) -> RequestId {
        self.id.clone()
    }

    /// The caller's credential.
    pub(in crate::api) const fn shown(&self) -> &Credential {
        &self.shown
    }

    /// Answers with the result of a reading use-case.
    pub(in crate::api) async fn read<T: Serialize + Send + 'static>(
        self,
        run: impl FnOnce(&View<'_>, &Caller) -> ShopResult<T> + Send + 'static,
    ) -> Result<Response, Problem> {
        let found = self.look(run).await?;
        Ok(written(200, text_of(&found)?))
    }

    /// Like [`Authorized::read`], for an answer that is not JSON.
    pub(in crate::api) async fn look<T: Send + 'static>(
        self,
        run: impl FnOnce(&View<'_>, &Caller) -> ShopResult<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { admission, caller, .. } = self;
        Ok(admission.db.read_async(Class::List, move |view| run(view, &caller)).await?)
    }

    /// Answers with the result of a writing use-case. The caller is admitted again inside the use-case's transaction.
    pub(in crate::api) async fn write<T: Serialize + Send + 'static>(
        self,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<T> + Send + 'static,
    ) -> Result<Response, Problem> {
        let done = self.change(run).await?;
        Ok(written(200, text_of(&done)?))
    }

    /// Like [`Authorized::write`], for an answer that is not JSON.
    pub(in crate::api) async fn change<T: Send + 'static>(
        self,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { admission, shown, needs, id, .. } = self;
        let done = admission.db.write_async(move |tx| {
            tx.asked_by(id.text());
            run(tx, &access::admit(tx, &shown, &needs)?)
        });
        let done = done.await?;
        admission.searches.forget();
        Ok(done)
    }

    /// Like [`Authorized::write`], but once per idempotency key: effect, key and answer are one transaction, so a
    /// repeated or simultaneous request gets the same bytes. `body` is a hash of the request's body.
    pub(in crate::api) async fn post<T: Serialize + Send + 'static>(
        self,
        body: String,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<PostReply<T>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let (admission, ticket) = (Arc::clone(&self.admission), self.ticket(&body));
        let StoredAnswer { status, answer } = admission.db.write_async(self.once(ticket, run)).await?;
        admission.searches.forget();
        Ok(written_at(status, answer, admission.db.clock().now()))
    }

    /// Like [`Authorized::post`], for work on many rows: in a bulk transaction, which no cashier's request shares.
    pub(in crate::api) async fn post_many<T: Serialize + Send + 'static>(
        self,
        body: String,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<PostReply<T>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let (admission, ticket) = (Arc::clone(&self.admission), self.ticket(&body));
        let StoredAnswer { status, answer } = admission.db.write_bulk_async(self.once(ticket, run)).await?;
        admission.searches.forget();
        Ok(written_at(status, answer, admission.db.clock().now()))
    }

    fn once<T: Serialize>(
        self,
        ticket: Option<Ticket>,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<PostReply<T>>,
    ) -> impl FnOnce(&Tx<'_>) -> ShopResult<StoredAnswer> {
        let Self { shown, needs, id, .. } = self;
        move |tx| {
            tx.asked_by(id.text());
            let caller = access::admit(tx, &shown, &needs)?;
            let (by, ticket) = (caller.actor(), ticket.as_ref());
            if let Some(kept) = ticket.map(|ticket| idempotency::find(tx, &by, ticket)).transpose()?.flatten() {
                return Ok(kept);
            }
            let Some(ticket) = ticket else { return kept(run(tx, &caller)?, &id) };
            // A refusal rolls the effect back, but its answer is stored like any other.
            let reply = match tx.attempt(|tx| run(tx, &caller)) {
                Err(Error::Refused(refusal)) => match refused(refusal.clone(), &id) {
                    answer if answer.is_lasting() => {
                        idempotency::keep(tx, &by, ticket, &answer)?;
                        return Ok(answer);
                    }
                    _ => return Err(refusal.into()),
                },
                reply => reply?,
            };
            let kept = kept(reply, &id)?;
            idempotency::keep(tx, &by, ticket, &kept)?;
            Ok(kept)
        }
    }
}

impl Authorized {
    /// Like [`Authorized::post`], after `look` in a snapshot of its own: reads of the whole shop stay outside the write
    /// lock. A refusal by `look` is not stored. A request that was answered before skips `look`.
    pub(in crate::api) async fn post_after<T: Serialize + Send + 'static>(
        self,
        body: String,
        look: impl FnOnce(&View<'_>) -> ShopResult<()> + Send + 'static,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<PostReply<T>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let (by, ticket) = (self.caller.actor(), self.ticket(&body));
        let first =
            move |view: &View<'_>| match ticket.map(|ticket| idempotency::find(view, &by, &ticket)).transpose()? {
                Some(Some(_)) => Ok(()),
                _ => look(view),
            };
        self.db().read_async(Class::List, first).await?;
        self.post(body, run).await
    }
}

fn kept<T: Serialize>(reply: PostReply<T>, id: &RequestId) -> ShopResult<StoredAnswer> {
    let (status, answer) = match reply {
        PostReply::Ok(done) => (200, text_of(&done)?),
        PostReply::Created(done) => (201, text_of(&done)?),
        PostReply::Accepted(done) => (202, text_of(&done)?),
        PostReply::Refused(refusal) => return Ok(refused(refusal, id)),
    };
    Ok(StoredAnswer { status, answer })
}

fn refused(refusal: Refusal, id: &RequestId) -> StoredAnswer {
    let problem = Problem::from(refusal);
    StoredAnswer { status: problem.status(), answer: problem.body(id).to_string() }
}

fn text_of<T: Serialize>(answer: &T) -> Result<String, Failure> {
    serde_json::to_string(answer).map_err(|error| Failure::Internal(error.to_string()))
}

impl<S: Send + Sync> FromRequestParts<S> for Authorized
where
    Arc<Admission>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let forgotten = || Problem::from(Failure::Internal("a route without its needs".into()));
        let needs = *parts.extensions.get::<Requirement>().ok_or_else(forgotten)?;
        let id = parts.extensions.get::<RequestId>().cloned().ok_or_else(forgotten)?;
        let admission = Arc::<Admission>::from_ref(state);
        let shown = admission.shown(&parts.headers)?;
        let theirs = shown.clone();
        let admit = move |view: &View<'_>| access::admit(view, &theirs, &needs);
        let caller = admission.db.read_async(Class::Admission, admit).await?;
        admission.limits.welcome(&parts.uri, &parts.headers);
        Ok(Self { admission, shown, needs, caller, id, known: Known::of(parts), key: idempotency_key(parts)? })
    }
}

/// The ticket by which a repeated request is recognised; `None` without an idempotency key.
pub(in crate::api) fn ticket(parts: &Parts, body: &str) -> Result<Option<Ticket>, Problem> {
    Ok(idempotency_key(parts)?.map(|key| Known::of(parts).ticket(key, body)))
}

fn idempotency_key(parts: &Parts) -> Result<Option<String>, Problem> {
    let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=128).contains(&text.len()));
    let refused = || Problem::field("Idempotency-Key", "1 to 128 visible ASCII characters are needed");
    text.map(|text| Some(text.to_owned())).ok_or_else(refused)
}
