//! One request of the admin API: its caller, admitted by the database's present state, and the use-case run for the
//! caller. A route's requirement comes from the table in `routes`; a handler without a requirement answers 500, so a
//! forgotten requirement admits no caller.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::jwt;
use super::problem::{Problem, written, written_at};
use super::request_id::RequestId;
use crate::access::{self, Caller, Credential, Requirement, TOKEN_PREFIX};
use crate::actor::Actor;
use crate::api::Door;
use crate::catalogue::Code;
use crate::db::{Class, Database, Failure, Tx, View};
use crate::erasure::key;
use crate::error::{AuthError, Error, Refusal, Result as ShopResult};
use crate::idempotency::{self, StoredAnswer, Ticket};
use crate::realm::BotName;
use crate::secret;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A request whose caller was admitted.
#[derive(Clone)]
pub(in crate::api) struct Authorized {
    door: Door,
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
        Ticket { route: self.route.clone(), key, body: secret::sha256(&format!("{}\n{body}", self.query)) }
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
    /// The state that all handlers of the server share.
    pub(in crate::api) const fn door(&self) -> &Door {
        &self.door
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
        let Self { door, caller, .. } = self;
        Ok(door.inner.db.read_async(Class::List, move |view| run(view, &caller)).await?)
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
        let Self { door, shown, needs, id, .. } = self;
        let done = door.inner.db.write_async(move |tx| {
            tx.asked_by(id.text());
            run(tx, &access::admit(tx, &shown, &needs)?)
        });
        let done = done.await?;
        door.inner.search_cache.forget();
        Ok(done)
    }

    /// Like [`Authorized::write`], but once per idempotency key: effect, key and answer are one transaction, so a
    /// repeated or simultaneous request gets the same bytes. `body` is a hash of the request's body.
    pub(in crate::api) async fn post<T: Serialize + Send + 'static>(
        self,
        body: String,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<PostReply<T>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let (door, ticket) = (self.door.clone(), self.ticket(&body));
        let StoredAnswer { status, answer } = door.inner.db.write_async(self.once(ticket, run)).await?;
        door.inner.search_cache.forget();
        Ok(written_at(status, answer, door.inner.db.clock().now()))
    }

    /// Like [`Authorized::post`], for work on many rows: in a bulk transaction, which no cashier's request shares.
    pub(in crate::api) async fn post_many<T: Serialize + Send + 'static>(
        self,
        body: String,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<PostReply<T>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let (door, ticket) = (self.door.clone(), self.ticket(&body));
        let StoredAnswer { status, answer } = door.inner.db.write_bulk_async(self.once(ticket, run)).await?;
        door.inner.search_cache.forget();
        Ok(written_at(status, answer, door.inner.db.clock().now()))
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
        let (door, by) = (self.door.clone(), self.caller.actor());
        let ticket = self.ticket(&body);
        let first =
            move |view: &View<'_>| match ticket.map(|ticket| idempotency::find(view, &by, &ticket)).transpose()? {
                Some(Some(_)) => Ok(()),
                _ => look(view),
            };
        door.inner.db.read_async(Class::List, first).await?;
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

impl FromRequestParts<Door> for Authorized {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Problem> {
        let forgotten = || Problem::from(Failure::Internal("a route without its needs".into()));
        let needs = *parts.extensions.get::<Requirement>().ok_or_else(forgotten)?;
        let id = parts.extensions.get::<RequestId>().cloned().ok_or_else(forgotten)?;
        let shown = shown(&parts.headers, door)?;
        let (door, theirs) = (door.clone(), shown.clone());
        let admit = move |view: &View<'_>| access::admit(view, &theirs, &needs);
        let caller = door.inner.db.read_async(Class::Admission, admit).await?;
        door.inner.limits.welcome(&parts.uri, &parts.headers);
        Ok(Self { door, shown, needs, caller, id, known: Known::of(parts), key: idempotency_key(parts)? })
    }
}

/// The ticket by which a repeated request is recognised; `None` without an idempotency key.
pub(in crate::api) fn ticket(parts: &Parts, body: &str) -> Result<Option<Ticket>, Problem> {
    Ok(idempotency_key(parts)?.map(|key| Known::of(parts).ticket(key, body)))
}

/// The credential after `Bearer` in the request's header.
fn shown(headers: &HeaderMap, door: &Door) -> Result<Credential, Problem> {
    let barred = |bar| Problem::from(Refusal::Barred(bar));
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (given.next(), given.next());
    let header = first.ok_or_else(|| barred(AuthError::NoToken))?;
    let text = header.to_str().ok().filter(|_| second.is_none()).ok_or_else(|| barred(AuthError::TokenInvalid))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(barred(AuthError::NoToken));
    }
    if token.starts_with(TOKEN_PREFIX) {
        return Ok(Credential::Token(token.to_owned()));
    }
    jwt::read(token, door.key()?).map(Credential::Login).ok_or_else(|| barred(AuthError::TokenInvalid))
}

/// Whether the request has a login that this server signed, even an expired or revoked one.
pub(in crate::api) fn is_signed(headers: &HeaderMap, door: &Door) -> bool {
    matches!(shown(headers, door), Ok(Credential::Login(_)))
}

fn idempotency_key(parts: &Parts) -> Result<Option<String>, Problem> {
    let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=128).contains(&text.len()));
    let refused = || Problem::field("Idempotency-Key", "1 to 128 visible ASCII characters are needed");
    text.map(|text| Some(text.to_owned())).ok_or_else(refused)
}

impl Door {
    /// The shop's database.
    pub(in crate::api) fn db(&self) -> &Database {
        &self.inner.db
    }

    /// Whether the shop has this bot.
    pub(in crate::api) fn has(&self, bot: BotName) -> bool {
        self.inner.bots.iter().any(|(name, _)| *name == bot)
    }

    /// Why there is no link to this bot: the shop does not have it, or its username is not known yet.
    pub(in crate::api) fn nameless(&self, bot: BotName) -> Problem {
        if self.has(bot) {
            return Problem::saying(Code::ServiceUnavailable, format!("The name of {bot} is not known yet.")).after(1);
        }
        Problem::saying(Code::NotFound, format!("The shop has no bot {bot}."))
    }

    /// The key with which the hashes of erased people are made. Refused if the stored hashes were made with another
    /// key.
    pub(in crate::api) async fn erasure_key(&self) -> Result<secrecy::SecretString, Problem> {
        let refused = |why: &str| Problem::saying(Code::ServiceUnavailable, why.to_owned());
        let own = self.inner.erasure_key.clone().ok_or_else(|| refused("security.erasure_key is not set."))?;
        let tried = own.clone();
        let fit = move |view: &View<'_>| key::fit(view, Some(tried.expose_secret()));
        if self.inner.db.read_async(Class::Admission, fit).await?.is_sound() {
            return Ok(own);
        }
        Err(refused("security.erasure_key is not the key that erased people are known by; `dvorik doctor` says more."))
    }

    /// The key that signs logins.
    pub(in crate::api) fn key(&self) -> Result<&secrecy::SecretString, Problem> {
        let missing =
            || Problem::saying(Code::ServiceUnavailable, "security.jwt_secret is not set: nobody can log in.");
        self.inner.jwt_secret.as_ref().ok_or_else(missing)
    }
}
