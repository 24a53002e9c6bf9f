//! Who sends a request: the other end of the connection, or whom a trusted proxy names.

use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, X_FORWARDED_FOR};

use crate::settings::Network;

/// The address of the client. What headers say about it counts only on a connection from a trusted proxy; each proxy
/// appends whom it saw, so the last entry that is no trusted proxy itself is the client.
pub(super) fn address(request: &ServiceRequest, trusted: &[Network]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    Some(behind_proxies(peer, request.headers(), trusted))
}

fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(*address));
    if !is_trusted(&peer) {
        return peer;
    }
    let values: Vec<&str> =
        headers.get_all(X_FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
    let mut client = peer;
    for entry in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        let Ok(address) = entry.trim().parse() else { break };
        client = address;
        if !is_trusted(&client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        behind_proxies(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn headers_count_only_from_a_trusted_proxy() {
        assert_eq!(client("192.0.2.1", &["203.0.113.9"], &[]), "192.0.2.1");
        assert_eq!(client("192.0.2.1", &["203.0.113.9"], &["192.0.2.0/24"]), "203.0.113.9");
        assert_eq!(client("192.0.2.1", &[], &["192.0.2.0/24"]), "192.0.2.1");
    }

    #[test]
    fn a_client_cannot_put_itself_behind_others() {
        let trusted = ["192.0.2.0/24"];
        assert_eq!(client("192.0.2.1", &["10.0.0.1, 203.0.113.9, 192.0.2.7"], &trusted), "203.0.113.9");
        assert_eq!(client("192.0.2.1", &["10.0.0.1", "203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(client("192.0.2.1", &["10.0.0.1, unknown, 192.0.2.7"], &trusted), "192.0.2.7");
    }
}
