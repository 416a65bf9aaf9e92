//! Caps open connections: 256 in all, 128 per IP; the last 32 are reserved for IPs with fewer than 2.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::client_ip::subnet;
use crate::config::Network;

const MOST: usize = 256;
/// The most connections of one address. A proxy that the config does not name counts as one address.
const MOST_OF_ONE: usize = 128;
/// The last free connections of the server, reserved for addresses that hold fewer than [`FEW`].
const RESERVE: usize = 32;
const FEW: usize = 2;

/// Counts the open connections of the server.
#[derive(Clone)]
pub(in crate::api) struct ConnectionLimit {
    held: Arc<Mutex<OpenCounts>>,
    /// The proxies that the config names; they have no limit per address, because many clients share theirs.
    proxies: Arc<[Network]>,
}

#[derive(Default)]
struct OpenCounts {
    all: usize,
    by: HashMap<IpAddr, usize>,
}

/// One counted connection; dropping this value frees its place.
pub(in crate::api) struct ConnectionSlot {
    limit: ConnectionLimit,
    peer: IpAddr,
}

impl ConnectionLimit {
    /// A counter with no open connections.
    pub(in crate::api) fn new(proxies: impl Into<Arc<[Network]>>) -> Self {
        Self { held: Arc::default(), proxies: proxies.into() }
    }

    /// Whether the server has as many connections as it allows.
    pub(in crate::api) fn is_full(&self) -> bool {
        self.held().all >= MOST
    }

    /// Takes a place for a connection from `peer`; `None` when a limit is reached.
    pub(in crate::api) fn take(&self, peer: IpAddr) -> Option<ConnectionSlot> {
        let is_proxy = self.proxies.iter().any(|network| network.contains(peer.to_canonical()));
        let peer = subnet(peer.to_canonical());
        let mut held = self.held();
        let mine = held.by.get(&peer).copied().unwrap_or_default();
        let has_room = mine < if held.all < MOST - RESERVE { MOST_OF_ONE } else { FEW };
        if held.all >= MOST || !(is_proxy || has_room) {
            return None;
        }
        held.all += 1;
        held.by.insert(peer, mine + 1);
        Some(ConnectionSlot { limit: self.clone(), peer })
    }

    fn held(&self) -> std::sync::MutexGuard<'_, OpenCounts> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut held = self.limit.held();
        held.all = held.all.saturating_sub(1);
        let left = held.by.get(&self.peer).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            held.by.remove(&self.peer);
        } else {
            held.by.insert(self.peer, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(limit: &ConnectionLimit, peer: [u8; 4]) -> Vec<ConnectionSlot> {
        std::iter::from_fn(|| limit.take(peer.into())).take(2 * MOST).collect()
    }

    #[test]
    fn nobody_takes_all_the_places_and_whoever_goes_gives_theirs_back() {
        let limit = ConnectionLimit::new(Vec::new());
        let (one, other) = (fill(&limit, [10, 0, 0, 1]), fill(&limit, [10, 0, 0, 2]));
        assert_eq!((one.len(), other.len()), (MOST_OF_ONE, MOST - RESERVE - MOST_OF_ONE));
        assert_eq!(fill(&limit, [10, 0, 0, 3]).len(), FEW, "the reserve is for newcomers");
        drop(one);
        assert_eq!(fill(&limit, [10, 0, 0, 1]).len(), MOST_OF_ONE);
        drop(other);
        assert!(limit.held().by.is_empty() && limit.held().all == 0, "nobody is remembered who holds nothing");
    }

    #[test]
    fn a_declared_proxy_brings_everybody() {
        let limit = ConnectionLimit::new(vec![Network::parse("127.0.0.1").unwrap()]);
        let places = fill(&limit, [127, 0, 0, 1]);
        assert_eq!(places.len(), MOST);
        assert!(limit.is_full());
        drop(places);
        assert!(!limit.is_full());
    }
}
