//! How often somebody may ask. An address and a token may each ask as often as the config says; who shows tokens that
//! are none, or logs in with them, is slowed down soon: that is guessing. A token that was let in before is never held
//! up by somebody else's guesses from the same address. What is remembered is bounded, however many addresses come.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::{Door, internal};
use crate::catalogue::Code;
use crate::config::Network;
use crate::meter;

/// More addresses, or tokens, than this are not told apart at once.
const MOST: usize = 16_384;
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// A token that was let in is known for this long after it was seen last.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// Tokens that are none: room for a script with a stale token, none for guessing.
const BAD_TOKENS: Pace = Pace { every: Duration::from_millis(20), burst: 500 };
/// Logins that fail: each costs a write, and people fail once or twice.
const BAD_LOGINS: Pace = Pace { every: Duration::from_secs(2), burst: 30 };
const LOGIN: &str = "/api/v1/auth/login-token";
/// Telegram pushes as fast as people write, and proves itself by its secret.
const PUSHES: &str = "/bot/";

/// So often, and so many at once.
#[derive(Debug, Clone, Copy)]
struct Pace {
    every: Duration,
    burst: u32,
}

/// Who has asked how often: for each key, when it will have as much room as at the beginning (`GCRA`).
struct Buckets<K> {
    pace: Pace,
    /// An idle key is remembered this much longer.
    keep: Duration,
    full_at: HashMap<K, Duration>,
    /// Those for whom there is no room, together.
    crowd: Duration,
    sweep_at: Duration,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(pace: Pace, keep: Duration) -> Self {
        Self { pace, keep, full_at: HashMap::new(), crowd: Duration::ZERO, sweep_at: Duration::ZERO }
    }

    /// How long `key` has to wait before it may ask; `None`: not at all.
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

/// Which limit was reached; the word is the metric's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    Address,
    Token,
    BadToken,
    BadLogin,
}

impl Limit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Token => "token",
            Self::BadToken => "bad_token",
            Self::BadLogin => "bad_login",
        }
    }
}

struct Kept {
    addresses: Buckets<IpAddr>,
    tokens: Buckets<u64>,
    bad_tokens: Buckets<IpAddr>,
    bad_logins: Buckets<IpAddr>,
}

/// What a request shows of whoever sends it.
#[derive(Debug, Clone, Copy)]
struct Guest {
    address: IpAddr,
    /// A hash of what stands in `Authorization` or `X-Api-Key`; never what stands there.
    token: Option<u64>,
    logs_in: bool,
}

/// The limits of one door.
pub(super) struct Limits {
    began: Instant,
    secret: RandomState,
    /// `None`: the config wants no limits.
    kept: Option<Mutex<Kept>>,
}

impl Limits {
    /// Limits of so many requests a second for each address and each token; 0 = none at all.
    pub(super) fn new(per_second: u32) -> Self {
        let pace =
            |per_second: u32| Pace { every: Duration::from_secs(1) / per_second, burst: per_second.saturating_mul(2) };
        let kept = (per_second > 0).then(|| Kept {
            addresses: Buckets::new(pace(per_second), Duration::ZERO),
            tokens: Buckets::new(pace(per_second), KNOWN_FOR),
            bad_tokens: Buckets::new(BAD_TOKENS, Duration::ZERO),
            bad_logins: Buckets::new(BAD_LOGINS, Duration::ZERO),
        });
        Self { began: Instant::now(), secret: RandomState::new(), kept: kept.map(Mutex::new) }
    }

    /// Remembers that what this request shows was let in.
    pub(super) fn welcome(&self, headers: &HeaderMap) {
        if let (Some(token), Some(kept)) = (self.token(headers), &self.kept) {
            let tokens = &mut locked(kept).tokens;
            if !tokens.full_at.contains_key(&token) {
                tokens.charge(token, self.began.elapsed());
            }
        }
    }

    fn token(&self, headers: &HeaderMap) -> Option<u64> {
        let shown = headers.get(AUTHORIZATION).or_else(|| headers.get(internal::API_KEY))?;
        Some(self.secret.hash_one(shown.as_bytes()))
    }

    /// Counts a request; which limit it has reached, and for how long.
    fn arrive(&self, guest: &Guest, now: Duration) -> Option<(Limit, Duration)> {
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

    /// Takes note of an answer.
    fn leave(&self, guest: &Guest, status: StatusCode, now: Duration) {
        let Some(kept) = self.kept.as_ref().filter(|_| status == StatusCode::UNAUTHORIZED) else { return };
        let kept = &mut *locked(kept);
        if guest.logs_in {
            kept.bad_logins.charge(guest.address, now);
        } else if guest.token.is_some() {
            kept.bad_tokens.charge(guest.address, now);
        }
    }
}

fn locked(kept: &Mutex<Kept>) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// The client's address, as the peer or a trusted proxy tells it.
    pub address: IpAddr,
    /// Whether it comes from this very machine, and through no proxy that brings strangers in.
    pub is_local: bool,
}

impl Origin {
    /// `X-Forwarded-For` is read from the right for as long as whoever added an entry is trusted.
    fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let peer = peer.to_canonical();
        let trusts = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        let all = headers.get_all("x-forwarded-for");
        let entries: Vec<&str> =
            all.iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(',')).collect();
        let mut address = peer;
        for entry in entries.iter().rev() {
            if !trusts(address) {
                break;
            }
            let Ok(before) = entry.trim().parse::<IpAddr>() else { break };
            address = before.to_canonical();
        }
        let is_forwarded = ["x-forwarded-for", "forwarded", "x-real-ip"].iter().any(|name| headers.contains_key(*name));
        Self { address, is_local: address.is_loopback() && (!is_forwarded || trusts(peer)) }
    }

    /// One person has a whole /64 of IPv6.
    fn household(self) -> IpAddr {
        match self.address {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
            address => address,
        }
    }
}

/// Lets a request through, or answers 429.
pub(super) async fn limit(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let peer = peer.unwrap_or(Ipv6Addr::UNSPECIFIED.into());
    let origin = Origin::of(peer, request.headers(), &door.inner.trusted_proxies);
    request.extensions_mut().insert(origin);
    if request.uri().path().starts_with(PUSHES) {
        return next.run(request).await;
    }
    let limits = &door.inner.limits;
    let token = limits.token(request.headers());
    let guest = Guest { address: origin.household(), token, logs_in: request.uri().path() == LOGIN };
    if let Some((limit, wait)) = limits.arrive(&guest, limits.began.elapsed()) {
        metrics::counter!(meter::HTTP_LIMITED, "limit" => limit.as_str()).increment(1);
        return Problem::of(Code::RateLimitExceeded).after(whole_seconds(wait)).into_response();
    }
    let response = next.run(request).await;
    limits.leave(&guest, response.status(), limits.began.elapsed());
    response
}

fn whole_seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn guest(address: [u8; 4], token: Option<u64>) -> Guest {
        Guest { address: IpAddr::from(address), token, logs_in: false }
    }

    fn origin(peer: &str, forwarded: &[&str], trusted: &[&str]) -> Origin {
        let mut headers = HeaderMap::new();
        for entry in forwarded {
            headers.append("x-forwarded-for", entry.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| Network::parse(text).unwrap()).collect();
        Origin::of(peer.parse().unwrap(), &headers, &trusted)
    }

    #[test]
    fn a_burst_is_let_through_then_the_pace_and_after_a_rest_a_burst_again() {
        let limits = Limits::new(10);
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
        let limits = Limits::new(10);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer x".parse().unwrap());
        limits.welcome(&headers);
        let token = limits.token(&headers);
        let let_in = (0..40).filter(|n| limits.arrive(&guest([10, 0, 0, *n], token), SECOND).is_none()).count();
        assert_eq!(let_in, 20);
        assert!(matches!(limits.arrive(&guest([10, 0, 1, 0], token), SECOND), Some((Limit::Token, _))));
    }

    #[test]
    fn whoever_guesses_is_slowed_and_a_known_token_from_there_is_not() {
        let limits = Limits::new(100_000);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer good".parse().unwrap());
        limits.welcome(&headers);
        let (guesser, till) = (guest([10, 0, 0, 1], Some(7)), guest([10, 0, 0, 1], limits.token(&headers)));
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

    #[test]
    fn without_a_limit_nobody_is_held_up() {
        let limits = Limits::new(0);
        assert!((0..100_000).all(|_| limits.arrive(&guest([10, 0, 0, 1], Some(1)), SECOND).is_none()));
    }

    #[test]
    fn a_forwarded_address_is_believed_from_trusted_proxies_only() {
        let address = |origin: Origin| origin.address.to_string();
        assert_eq!(address(origin("10.0.0.9", &["1.1.1.1"], &[])), "10.0.0.9");
        assert_eq!(address(origin("10.0.0.9", &["6.6.6.6, 1.1.1.1"], &["10.0.0.9"])), "1.1.1.1");
        assert_eq!(address(origin("10.0.0.9", &["6.6.6.6", "1.1.1.1, 10.0.0.8"], &["10.0.0.0/8"])), "1.1.1.1");
        assert_eq!(address(origin("10.0.0.9", &["nonsense"], &["10.0.0.9"])), "10.0.0.9");
        assert_eq!(address(origin("::ffff:127.0.0.1", &[], &[])), "127.0.0.1");
    }

    #[test]
    fn only_this_machine_itself_is_local() {
        assert!(origin("127.0.0.1", &[], &[]).is_local && origin("::1", &[], &[]).is_local);
        assert!(!origin("10.0.0.1", &[], &[]).is_local);
        assert!(!origin("127.0.0.1", &["1.1.1.1"], &[]).is_local, "a proxy nobody has declared");
        assert!(!origin("127.0.0.1", &["127.0.0.1"], &[]).is_local, "a client may write that itself");
        assert!(!origin("127.0.0.1", &["1.1.1.1"], &["127.0.0.1"]).is_local);
        assert!(!origin("10.0.0.9", &["127.0.0.1"], &[]).is_local);
    }

    #[test]
    fn a_household_of_the_new_internet_is_one_address() {
        let of = |text: &str| origin(text, &[], &[]).household();
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
