//! Rate limits. Each address and each token may send as many requests as the config allows. Invalid tokens and failed
//! logins are rate-limited per IP (brute force). A token admitted before, a login that this server signed and a valid
//! one-time token are never slowed by another client's guesses from the same address. Memory is bounded, however many
//! addresses appear.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::client_ip::ClientIp;
use super::internal_key::{API_KEY, ROOT};
use super::problem::Problem;
use crate::catalogue::Code;
use crate::metrics;

/// The most addresses or tokens tracked one by one; further ones share one bucket.
const MOST: usize = 16_384;
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How long an admitted token is remembered after its last request.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// The limit of requests with an invalid token: enough for a script with an old token, too few for guessing.
const BAD_TOKENS: Rate = Rate { every: Duration::from_millis(20), burst: 500 };
/// The limit of failed logins: each costs a write, and a person fails once or twice.
const BAD_LOGINS: Rate = Rate { every: Duration::from_secs(2), burst: 30 };
/// The limit of pushes with a wrong secret; Telegram knows the right one.
const BAD_PUSHES: Rate = Rate { every: Duration::from_millis(100), burst: 50 };
pub(super) const LOGIN: &str = "/api/v1/auth/login-token";
/// Paths that are not limited by address: Telegram pushes as fast as customers write, and proves itself by the secret.
pub(super) const PUSHES: &str = "/bot/";

/// A rate: one request each `every`, and `burst` requests at once.
#[derive(Debug, Clone, Copy)]
struct Rate {
    every: Duration,
    burst: u32,
}

/// The state of GCRA (a rate-limit algorithm): for each key, when its whole burst is available again.
struct Buckets<K> {
    pace: Rate,
    /// How long a key is remembered after its whole burst is available again.
    keep: Duration,
    full_at: HashMap<K, Duration>,
    /// When the whole burst of the shared bucket is available again; the bucket is for keys beyond [`MOST`].
    crowd: Duration,
    sweep_at: Duration,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(pace: Rate, keep: Duration) -> Self {
        Self { pace, keep, full_at: HashMap::new(), crowd: Duration::ZERO, sweep_at: Duration::ZERO }
    }

    /// How long `key` must wait before its next request; `None`: it need not wait.
    fn wait(&self, key: &K, now: Duration) -> Option<Duration> {
        let full_at = self.full_at.get(key).copied();
        let full_at = full_at.unwrap_or(if self.is_crowded() { self.crowd } else { Duration::ZERO });
        let room = self.pace.every * self.pace.burst;
        (full_at.max(now) + self.pace.every).checked_sub(now + room).filter(|wait| !wait.is_zero())
    }

    /// Counts one request of `key`.
    fn charge(&mut self, key: K, now: Duration) {
        if !self.full_at.contains_key(&key) && self.is_crowded() {
            self.sweep(now);
        }
        let is_crowded = self.is_crowded();
        let cell = match self.full_at.get_mut(&key) {
            Some(cell) => cell,
            None if is_crowded => &mut self.crowd,
            None => self.full_at.entry(key).or_default(),
        };
        *cell = (*cell).max(now) + self.pace.every;
    }

    fn take(&mut self, key: K, now: Duration) -> Option<Duration> {
        let wait = self.wait(&key, now);
        if wait.is_none() {
            self.charge(key, now);
        }
        wait
    }

    fn is_crowded(&self) -> bool {
        self.full_at.len() >= MOST
    }

    fn sweep(&mut self, now: Duration) {
        if now >= self.sweep_at {
            self.sweep_at = now + SWEEP_EVERY;
            let keep = self.keep;
            self.full_at.retain(|_, full_at| *full_at + keep > now);
        }
    }
}

/// The limit that a request reached; the word is the metric's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Address,
    Token,
    BadToken,
    BadLogin,
    BadPush,
}

impl Limit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Token => "token",
            Self::BadToken => "bad_token",
            Self::BadLogin => "bad_login",
            Self::BadPush => "bad_push",
        }
    }
}

struct Bucket {
    addresses: Buckets<IpAddr>,
    tokens: Buckets<u64>,
    bad_tokens: Buckets<IpAddr>,
    bad_logins: Buckets<IpAddr>,
    bad_pushes: Buckets<IpAddr>,
}

/// What identifies the client of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guest {
    pub(super) address: IpAddr,
    /// A hash of the credential that this path uses; the credential itself is not kept.
    pub(super) token: Option<u64>,
    pub(super) logs_in: bool,
}

/// The limits of one server.
pub(in crate::api) struct RateLimits {
    pub(super) began: Instant,
    secret: RandomState,
    /// The counts of the limits; `None`: limits are switched off.
    kept: Option<Mutex<Bucket>>,
}

impl RateLimits {
    /// Limits of `per_second` requests for each address and each token; 0 switches them off.
    pub(in crate::api) fn new(per_second: u32) -> Self {
        let pace =
            |per_second: u32| Rate { every: Duration::from_secs(1) / per_second, burst: per_second.saturating_mul(2) };
        let kept = (per_second > 0).then(|| Bucket {
            addresses: Buckets::new(pace(per_second), Duration::ZERO),
            tokens: Buckets::new(pace(per_second), KNOWN_FOR),
            bad_tokens: Buckets::new(BAD_TOKENS, Duration::ZERO),
            bad_logins: Buckets::new(BAD_LOGINS, Duration::ZERO),
            bad_pushes: Buckets::new(BAD_PUSHES, Duration::ZERO),
        });
        Self { began: Instant::now(), secret: RandomState::new(), kept: kept.map(Mutex::new) }
    }

    /// Records that the request's token was admitted.
    pub(in crate::api) fn welcome(&self, uri: &Uri, headers: &HeaderMap) {
        if let (Some(token), Some(kept)) = (self.token(uri, headers), &self.kept) {
            let tokens = &mut locked(kept).tokens;
            if !tokens.full_at.contains_key(&token) {
                tokens.charge(token, self.began.elapsed());
            }
        }
    }

    /// The credential that is checked at this path, and no other: a valid token must not cover guesses of another
    /// credential in the same request.
    pub(super) fn token(&self, uri: &Uri, headers: &HeaderMap) -> Option<u64> {
        let key = headers.get(API_KEY).filter(|_| uri.path().starts_with(ROOT));
        Some(self.secret.hash_one(key.or_else(|| headers.get(AUTHORIZATION))?.as_bytes()))
    }

    /// Counts a request. Returns the limit that it reached and the time to wait.
    pub(super) fn arrive(&self, guest: &Guest, now: Duration) -> Option<(Limit, Duration)> {
        let kept = &mut *locked(self.kept.as_ref()?);
        let by = |limit| move |wait| (limit, wait);
        let reached = kept.addresses.take(guest.address, now).map(by(Limit::Address));
        reached.or_else(|| match guest.token {
            _ if guest.logs_in => kept.bad_logins.wait(&guest.address, now).map(by(Limit::BadLogin)),
            Some(token) if kept.tokens.full_at.contains_key(&token) => {
                kept.tokens.take(token, now).map(by(Limit::Token))
            }
            Some(_) => kept.bad_tokens.wait(&guest.address, now).map(by(Limit::BadToken)),
            None => None,
        })
    }

    /// The response to a push, after counting it if its secret is wrong. Pushes with the right secret are never
    /// limited, because other clients may share Telegram's address.
    pub(super) fn pushed(&self, origin: ClientIp, answer: Response) -> Response {
        let kept = self.kept.as_ref().filter(|_| answer.status() == StatusCode::FORBIDDEN);
        let now = self.began.elapsed();
        let wait = kept.and_then(|kept| locked(kept).bad_pushes.take(origin.subnet(), now));
        wait.map_or(answer, |wait| refusal(Limit::BadPush, wait).into_response())
    }

    /// Counts an invalid token or a failed login, as the response's status shows it.
    pub(super) fn leave(&self, guest: &Guest, status: StatusCode, now: Duration) {
        let Some(kept) = self.kept.as_ref().filter(|_| status == StatusCode::UNAUTHORIZED) else { return };
        let kept = &mut *locked(kept);
        if guest.logs_in {
            kept.bad_logins.charge(guest.address, now);
        } else if guest.token.is_some() {
            kept.bad_tokens.charge(guest.address, now);
        }
    }
}

fn locked(kept: &Mutex<Bucket>) -> std::sync::MutexGuard<'_, Bucket> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Marks a login from an address with too many failed logins: only a valid one-time token is still accepted.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct Guessing(pub(super) Duration);

impl Guessing {
    /// The refusal of an invalid one-time token while this limit is reached.
    pub(in crate::api) fn refusal(self) -> Problem {
        refusal(Limit::BadLogin, self.0)
    }
}

pub(super) fn refusal(limit: Limit, wait: Duration) -> Problem {
    ::metrics::counter!(metrics::HTTP_LIMITED, "limit" => limit.as_str()).increment(1);
    Problem::of(Code::RateLimitExceeded).after(whole_seconds(wait))
}

fn whole_seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{routes, webhook};
    use crate::realm::BotName;

    const SECOND: Duration = Duration::from_secs(1);

    fn guest(address: [u8; 4], token: Option<u64>) -> Guest {
        Guest { address: IpAddr::from(address), token, logs_in: false }
    }

    #[test]
    fn a_burst_is_let_through_then_the_pace_and_after_a_rest_a_burst_again() {
        let limits = RateLimits::new(10);
        let ask = |now| limits.arrive(&guest([10, 0, 0, 1], None), now);
        assert_eq!((0..20).filter(|_| ask(SECOND).is_none()).count(), 20);
        assert_eq!(ask(SECOND), Some((Limit::Address, Duration::from_millis(100))));
        assert_eq!(limits.arrive(&guest([10, 0, 0, 2], None), SECOND), None, "another address is another matter");
        assert_eq!(ask(SECOND + Duration::from_millis(100)), None);
        assert!(ask(SECOND + Duration::from_millis(100)).is_some());
        assert_eq!((0..25).filter(|_| ask(10 * SECOND).is_none()).count(), 20);
    }

    #[test]
    fn a_token_has_its_own_limit_over_all_its_addresses() {
        let limits = RateLimits::new(10);
        let (uri, mut headers) = (Uri::from_static("/api/v1/users"), HeaderMap::new());
        headers.insert(AUTHORIZATION, "Bearer x".parse().unwrap());
        limits.welcome(&uri, &headers);
        let token = limits.token(&uri, &headers);
        let let_in = (0..40).filter(|n| limits.arrive(&guest([10, 0, 0, *n], token), SECOND).is_none()).count();
        assert_eq!(let_in, 20);
        assert!(matches!(limits.arrive(&guest([10, 0, 1, 0], token), SECOND), Some((Limit::Token, _))));
    }

    #[test]
    fn whoever_guesses_is_slowed_and_a_known_token_from_there_is_not() {
        let limits = RateLimits::new(100_000);
        let (uri, mut headers) = (Uri::from_static("/api/v1/users"), HeaderMap::new());
        headers.insert(AUTHORIZATION, "Bearer good".parse().unwrap());
        limits.welcome(&uri, &headers);
        let (guesser, till) = (guest([10, 0, 0, 1], Some(7)), guest([10, 0, 0, 1], limits.token(&uri, &headers)));
        let mut heard = 0;
        while limits.arrive(&guesser, SECOND).is_none() {
            limits.leave(&guesser, StatusCode::UNAUTHORIZED, SECOND);
            heard += 1;
        }
        assert_eq!(heard, BAD_TOKENS.burst);
        assert_eq!(limits.arrive(&till, SECOND), None);
        assert_eq!(limits.arrive(&guest([10, 0, 0, 1], None), SECOND), None, "what is open stays open");
        let login = Guest { logs_in: true, ..guesser };
        for _ in 0..BAD_LOGINS.burst {
            assert_eq!(limits.arrive(&login, SECOND), None);
            limits.leave(&login, StatusCode::UNAUTHORIZED, SECOND);
        }
        assert_eq!(limits.arrive(&login, SECOND), Some((Limit::BadLogin, 2 * SECOND)));
        limits.leave(&login, StatusCode::OK, SECOND);
        assert_eq!(limits.arrive(&login, 3 * SECOND), None);
    }

    #[test]
    fn a_hundred_thousand_addresses_are_neither_remembered_for_ever_nor_let_through_at_any_speed() {
        let mut buckets = Buckets::new(BAD_LOGINS, Duration::ZERO);
        let address = |n: u32| IpAddr::from(n.to_be_bytes());
        for n in 0..100_000 {
            buckets.charge(address(n), SECOND);
        }
        assert_eq!(buckets.full_at.len(), MOST);
        assert!(buckets.wait(&address(200_000), SECOND).is_some(), "newcomers share what is left");
        assert_eq!(buckets.wait(&address(5), SECOND), None, "who was here before is not held up by the crowd");
        buckets.charge(address(200_001), 100 * SECOND);
        assert_eq!(buckets.full_at.len(), 1, "who has rested is forgotten");
    }

    /// A limit for a path without a route would have no effect.
    #[test]
    fn the_guarded_paths_are_those_of_the_table_of_routes() {
        let table = routes::paths();
        let keyed = table.iter().filter(|route| route.is_keyed).count();
        assert!(keyed > 0);
        for route in &table {
            assert_eq!(route.path.starts_with(ROOT), route.is_keyed, "{}", route.path);
            let is_push = BotName::ALL.iter().any(|bot| webhook::path(*bot) == route.path);
            assert_eq!(route.path.starts_with(PUSHES), is_push, "{}: limits look away there", route.path);
        }
        assert!(table.iter().any(|route| route.path == LOGIN));
        assert!(BotName::ALL.iter().all(|bot| webhook::path(*bot).starts_with(PUSHES)));
    }

    #[test]
    fn without_a_limit_nobody_is_held_up() {
        let limits = RateLimits::new(0);
        assert!((0..100_000).all(|_| limits.arrive(&guest([10, 0, 0, 1], Some(1)), SECOND).is_none()));
    }

    #[test]
    fn a_good_token_does_not_cover_for_guesses_at_the_internal_key() {
        let limits = RateLimits::new(100_000);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer good".parse().unwrap());
        let table = routes::paths();
        let (users, internal) = (Uri::from_static("/api/v1/users"), table.iter().find(|path| path.is_keyed));
        let internal: Uri = internal.unwrap().path.parse().unwrap();
        limits.welcome(&users, &headers);
        let known = limits.token(&users, &headers);
        assert_eq!(limits.token(&internal, &headers), known, "the same token opens there, too");
        headers.insert(API_KEY, "guess".parse().unwrap());
        assert_ne!(limits.token(&internal, &headers), known);
        assert_eq!(limits.token(&users, &headers), known, "elsewhere nobody looks at a key");
    }
}
