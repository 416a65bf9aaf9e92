//! Answers stored under an idempotency key. An answer is stored in the transaction of the request's effect, so a
//! repeated request gets the same bytes and changes nothing. Two simultaneous requests need no lock of their own,
//! because write transactions run one after the other. Answers are kept for a day; they hold row ids, but no personal
//! data and no secret.

use rusqlite::named_params;

use crate::actor::Actor;
use crate::db::{Tx, View};
use crate::error::{Refusal, Result};

const FIND: &str = "SELECT body, status, answer FROM idempotency_keys
    WHERE actor = :actor AND route = :route AND key = :key AND created_ms > :since";
const KEEP: &str = "INSERT OR REPLACE INTO idempotency_keys (actor, route, key, body, status, answer, created_ms)
    VALUES (:actor, :route, :key, :body, :status, :answer, :now)";
const FORGET: &str = "DELETE FROM idempotency_keys WHERE (actor, route, key) IN
    (SELECT actor, route, key FROM idempotency_keys WHERE created_ms <= :since ORDER BY created_ms LIMIT 1000)";
const ALL: &str = "SELECT actor, route, key, answer FROM idempotency_keys";
const FORGET_KEY: &str = "DELETE FROM idempotency_keys WHERE actor = :actor AND route = :route AND key = :key";

const KEPT_MS: i64 = 24 * 3600 * 1000;

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The request's method and path.
    pub route: String,
    /// The idempotency key that the client sent.
    pub key: String,
    /// A hash of the request's body.
    pub body: String,
}

/// The stored answer to a finished request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The answer's HTTP status.
    pub status: u16,
    /// The answer's body, byte for byte.
    pub answer: String,
}

impl StoredAnswer {
    /// Whether a repeated request would get this answer for as long as answers are kept. A refusal because of the
    /// caller's rights, the request's form, a limit or a temporary failure is not lasting: the client can remove the
    /// cause and then repeat the request with the same key.
    #[must_use]
    pub const fn is_lasting(&self) -> bool {
        matches!(self.status, 200..=299 | 404 | 409)
    }
}

/// The stored answer to this request, if it was given within the last day.
///
/// # Errors
/// `IDEMPOTENCY_KEY_REUSED` when the key was used with another body.
pub fn find(view: &View<'_>, by: &Actor, ticket: &Ticket) -> Result<Option<StoredAnswer>> {
    let params = named_params! {
        ":actor": by.to_string(), ":route": ticket.route, ":key": ticket.key, ":since": view.now_ms().plus(-KEPT_MS),
    };
    let found = view.find(FIND, params, |row| {
        Ok((row.get::<_, String>(0)?, StoredAnswer { status: row.get(1)?, answer: row.get(2)? }))
    })?;
    match found {
        Some((body, _)) if body != ticket.body => Err(Refusal::IdempotencyKeyReused)?,
        found => Ok(found.map(|(_, kept)| kept)),
    }
}

/// Stores the answer to this request, if it [is lasting](StoredAnswer::is_lasting).
pub fn keep(tx: &Tx<'_>, by: &Actor, ticket: &Ticket, kept: &StoredAnswer) -> Result<()> {
    if !kept.is_lasting() {
        return Ok(());
    }
    tx.change(
        KEEP,
        named_params! {
            ":actor": by.to_string(), ":route": ticket.route, ":key": ticket.key, ":body": ticket.body,
            ":status": kept.status, ":answer": kept.answer, ":now": tx.now_ms(),
        },
    )?;
    Ok(())
}

/// Deletes up to 1,000 expired answers. Returns how many.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.change(FORGET, named_params! { ":since": tx.now_ms().plus(-KEPT_MS) })?)
}

/// Deletes every stored answer for which `names(key, answer)` is true: the client's key or the answer names the person
/// who is erased.
pub fn forget_person(tx: &Tx<'_>, names: impl Fn(&str, &str) -> bool) -> Result<()> {
    let kept: Vec<[String; 4]> = tx.list(ALL, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
    for [actor, route, key, answer] in kept {
        if names(&key, &answer) {
            tx.change(FORGET_KEY, named_params! { ":actor": actor, ":route": route, ":key": key })?;
        }
    }
    Ok(())
}
