//! One request of the admin API: who asks, let in as the database says now, and the use-case run for them. A route's
//! needs come from the table in `routes`; a handler without them answers 500, so forgetting them lets nobody in.

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::Response;
use serde::Serialize;

use super::guard::RequestId;
use super::problem::{Problem, written};
use super::{Door, jwt};
use crate::access::{self, Caller, Needs, Shown, TOKEN_PREFIX};
use crate::actor::Actor;
use crate::catalogue::Code;
use crate::db::{Failure, Tx, View};
use crate::error::{Bar, Error, Refusal, Result as ShopResult};
use crate::replay::{self, Kept, Ticket};
use crate::secret;

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A request whose caller has been let in.
pub(super) struct Ask {
    door: Door,
    shown: Shown,
    needs: Needs,
    caller: Caller,
    id: RequestId,
    route: String,
    key: Option<String>,
}

/// What a POST leads to. Both are committed, and kept under the idempotency key.
pub(super) enum Reply<T> {
    /// 200.
    Ok(T),
    /// 201.
    Created(T),
    /// 202: it will be done.
    Accepted(T),
    /// A refusal whose log row must stay.
    Refused(Refusal),
}

impl Ask {
    /// The door they came through.
    pub(super) const fn door(&self) -> &Door {
        &self.door
    }

    /// The word audit rows keep of them.
    pub(super) fn actor(&self) -> Actor {
        self.caller.actor()
    }

    /// By which this request is known when it comes again, with this hash of its body.
    pub(super) fn ticket(&self, body: String) -> Option<Ticket> {
        Some(ticket_of(self.route.clone(), self.key.clone()?, body))
    }

    /// What they showed.
    pub(super) const fn shown(&self) -> &Shown {
        &self.shown
    }

    /// Answers with what a reading use-case says.
    pub(super) async fn read<T: Serialize + Send + 'static>(
        self,
        run: impl FnOnce(&View<'_>, &Caller) -> ShopResult<T> + Send + 'static,
    ) -> Result<Response, Problem> {
        let found = self.look(run).await?;
        Ok(written(200, text_of(&found)?))
    }

    /// As [`Ask::read`], for an answer that is no JSON.
    pub(super) async fn look<T: Send + 'static>(
        self,
        run: impl FnOnce(&View<'_>, &Caller) -> ShopResult<T> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { door, caller, .. } = self;
        off_the_runtime(move || door.inner.db.read(|view| run(view, &caller))).await
    }

    /// Answers with what a writing use-case says. Whoever asks is let in once more, in its transaction.
    pub(super) async fn write<T: Serialize + Send + 'static>(
        self,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<T> + Send + 'static,
    ) -> Result<Response, Problem> {
        let Self { door, shown, needs, .. } = self;
        let done = door.inner.db.write_async(move |tx| run(tx, &access::admit(tx, &shown, &needs)?)).await?;
        Ok(written(200, text_of(&done)?))
    }

    /// As [`Ask::write`], once per idempotency key: effect, key and answer are one transaction, so that whoever sends
    /// it again, or twice at once, gets the same bytes. `body` is a hash of what was sent.
    pub(super) async fn post<T: Serialize + Send + 'static>(
        self,
        body: String,
        run: impl FnOnce(&Tx<'_>, &Caller) -> ShopResult<Reply<T>> + Send + 'static,
    ) -> Result<Response, Problem> {
        let Self { door, shown, needs, id, route, key, .. } = self;
        let ticket = key.map(|key| ticket_of(route, key, body));
        let work = move |tx: &Tx<'_>| {
            let caller = access::admit(tx, &shown, &needs)?;
            let (by, ticket) = (caller.actor(), ticket.as_ref());
            if let Some(kept) = ticket.map(|ticket| replay::find(tx, &by, ticket)).transpose()?.flatten() {
                return Ok(kept);
            }
            let kept = kept(run(tx, &caller)?, &id)?;
            if let Some(ticket) = ticket {
                replay::keep(tx, &by, ticket, &kept)?;
            }
            Ok::<_, Error>(kept)
        };
        let Kept { status, answer } = door.inner.db.write_async(work).await?;
        Ok(written(status, answer))
    }
}

fn kept<T: Serialize>(reply: Reply<T>, id: &RequestId) -> ShopResult<Kept> {
    let (status, answer) = match reply {
        Reply::Ok(done) => (200, text_of(&done)?),
        Reply::Created(done) => (201, text_of(&done)?),
        Reply::Accepted(done) => (202, text_of(&done)?),
        Reply::Refused(refusal) => {
            let problem = Problem::from(refusal);
            (problem.status(), problem.body(id).to_string())
        }
    };
    Ok(Kept { status, answer })
}

fn text_of<T: Serialize>(answer: &T) -> Result<String, Failure> {
    serde_json::to_string(answer).map_err(|error| Failure::Internal(error.to_string()))
}

/// Reading blocks its thread; the runtime's must not be blocked.
async fn off_the_runtime<T: Send + 'static>(
    run: impl FnOnce() -> ShopResult<T> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(run).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Failure::Internal(error.to_string()).into()),
    }
}

impl FromRequestParts<Door> for Ask {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Problem> {
        let forgotten = || Problem::from(Failure::Internal("a route without its needs".into()));
        let needs = *parts.extensions.get::<Needs>().ok_or_else(forgotten)?;
        let id = parts.extensions.get::<RequestId>().cloned().ok_or_else(forgotten)?;
        let shown = shown(parts, door)?;
        let (door, arriving) = (door.clone(), (door.clone(), shown.clone()));
        let admit = move || arriving.0.inner.db.read(|view| access::admit(view, &arriving.1, &needs));
        let caller = off_the_runtime(admit).await?;
        door.inner.limits.welcome(&parts.headers);
        let route = route(parts);
        Ok(Self { door, shown, needs, caller, id, route, key: idempotency_key(parts)? })
    }
}

/// By which a request is known when it comes again.
pub(super) fn ticket(parts: &Parts, body: String) -> Result<Option<Ticket>, Problem> {
    Ok(idempotency_key(parts)?.map(|key| ticket_of(route(parts), key, body)))
}

/// A route without a body has the hash of nothing.
fn ticket_of(route: String, key: String, body: String) -> Ticket {
    let body = if body.is_empty() { secret::sha256("") } else { body };
    Ticket { route, key, body }
}

fn route(parts: &Parts) -> String {
    format!("{} {}", parts.method, parts.uri.path())
}

/// What stands after `Bearer`.
fn shown(parts: &Parts, door: &Door) -> Result<Shown, Problem> {
    let barred = |bar| Problem::from(Refusal::Barred(bar));
    let mut given = parts.headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (given.next(), given.next());
    let header = first.ok_or_else(|| barred(Bar::NoToken))?;
    let text = header.to_str().ok().filter(|_| second.is_none()).ok_or_else(|| barred(Bar::TokenInvalid))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(barred(Bar::NoToken));
    }
    if token.starts_with(TOKEN_PREFIX) {
        return Ok(Shown::Token(token.to_owned()));
    }
    jwt::read(token, door.key()?).map(Shown::Login).ok_or_else(|| barred(Bar::TokenInvalid))
}

fn idempotency_key(parts: &Parts) -> Result<Option<String>, Problem> {
    let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=128).contains(&text.len()));
    let refused = || Problem::field("Idempotency-Key", "1 to 128 visible ASCII characters are needed");
    text.map(|text| Some(text.to_owned())).ok_or_else(refused)
}

impl Door {
    /// What logins are signed with.
    pub(super) fn key(&self) -> Result<&secrecy::SecretString, Problem> {
        let missing =
            || Problem::saying(Code::ServiceUnavailable, "security.jwt_secret is not set: nobody can log in.");
        self.inner.jwt_secret.as_ref().ok_or_else(missing)
    }
}
