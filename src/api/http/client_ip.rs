//! The client's address, as the peer or a proxy that the config trusts reports it, and whether the client is on this
//! machine.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::Network;

/// Headers that show that a proxy forwards for another client.
const FORWARDING: [&str; 6] = ["forwarded", "x-real-ip", "via", "true-client-ip", "x-client-ip", "x-cluster-client-ip"];

/// The client's address and whether it is local.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) struct ClientIp {
    /// The client's address, as the peer or a trusted proxy tells it.
    pub address: IpAddr,
    /// Whether the client runs on this machine and used no proxy.
    pub is_local: bool,
}

impl ClientIp {
    /// Reads `X-Forwarded-For` from the right while the sender of each entry is trusted. A declared proxy never counts
    /// as local, whatever it sends: it forwards for other clients.
    pub(in crate::api) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
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
            let Some(before) = read(entry.trim()) else { break };
            address = before.to_canonical();
        }
        Self { address, is_local: peer.is_loopback() && !trusts(peer) && !is_forwarded(headers) }
    }

    /// The client's address by which the limits count: of IPv6 the whole /64.
    pub(in crate::api) fn subnet(self) -> IpAddr {
        subnet(self.address)
    }
}

/// The part of an address that one client usually has: of IPv6 a whole /64.
pub(in crate::api) fn subnet(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// Parses one entry of `X-Forwarded-For`; some proxies add the port, some brackets.
fn read(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name.as_str().starts_with("x-forwarded") || FORWARDING.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, forwarded: &[&str], trusted: &[&str]) -> ClientIp {
        let mut headers = HeaderMap::new();
        for entry in forwarded {
            headers.append("x-forwarded-for", entry.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|text| Network::parse(text).unwrap()).collect();
        ClientIp::of(peer.parse().unwrap(), &headers, &trusted)
    }

    #[test]
    fn a_forwarded_address_is_believed_from_trusted_proxies_only() {
        let address = |origin: ClientIp| origin.address.to_string();
        assert_eq!(address(origin("10.0.0.9", &["1.1.1.1"], &[])), "10.0.0.9");
        assert_eq!(address(origin("10.0.0.9", &["6.6.6.6, 1.1.1.1"], &["10.0.0.9"])), "1.1.1.1");
        assert_eq!(address(origin("10.0.0.9", &["6.6.6.6", "1.1.1.1, 10.0.0.8"], &["10.0.0.0/8"])), "1.1.1.1");
        assert_eq!(address(origin("10.0.0.9", &["nonsense"], &["10.0.0.9"])), "10.0.0.9");
        assert_eq!(address(origin("10.0.0.9", &["1.1.1.1:5555"], &["10.0.0.9"])), "1.1.1.1");
        assert_eq!(address(origin("10.0.0.9", &["[2001:db8::1]:5555"], &["10.0.0.9"])), "2001:db8::1");
        assert_eq!(address(origin("10.0.0.9", &["[2001:db8::1]"], &["10.0.0.9"])), "2001:db8::1");
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
        assert!(!origin("127.0.0.1", &[], &["127.0.0.1"]).is_local, "a declared proxy that says nothing of anybody");
        assert!(!origin("127.0.0.1", &["nonsense"], &["127.0.0.1"]).is_local);
        for name in FORWARDING.into_iter().chain(["x-forwarded-host", "x-forwarded-proto"]) {
            let mut headers = HeaderMap::new();
            headers.insert(name, "127.0.0.1".parse().unwrap());
            assert!(!ClientIp::of([127, 0, 0, 1].into(), &headers, &[]).is_local, "{name}");
        }
    }

    #[test]
    fn a_household_of_the_new_internet_is_one_address() {
        let of = |text: &str| origin(text, &[], &[]).subnet();
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
