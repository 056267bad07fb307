//! From where a request came: the peer of its connection, or, where that is a proxy that the operator trusts, the address
//! that the proxy names. Where that cannot be told, the request is refused before anything looks at it: what is bound to a network must
//! not hold for who hides behind the proxy's own address.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use countersign_model::Network;

use crate::{AppState, Problem};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Where the request came from; unknown only where a test calls the router itself.
pub(crate) struct Address(pub(crate) Option<IpAddr>);

impl FromRequestParts<AppState> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Ok(Self(address_of(parts, &state.0.settings.trusted_proxies)))
    }
}

/// A trusted proxy does not say from where a request came, or says it in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unclear {
    /// The proxy.
    pub(crate) peer: IpAddr,
}

/// The client's address. None where a test calls the router itself; who is unclear has been refused by then.
pub(crate) fn address_of(parts: &Parts, trusted: &[Network]) -> Option<IpAddr> {
    locate(parts.extensions.get(), &parts.headers, trusted).ok().flatten()
}

/// The client's address, as far as it is told.
///
/// # Errors
/// [`Unclear`].
pub(crate) fn locate(
    peer: Option<&ConnectInfo<SocketAddr>>,
    headers: &HeaderMap,
    trusted: &[Network],
) -> Result<Option<IpAddr>, Unclear> {
    peer.map(|info| client_address(info.0.ip(), headers, trusted)).transpose()
}

/// The last address on the way that no trusted proxy has. Each proxy adds the peer that it saw at the end, so what
/// stands before the first untrusted address from the end may be made up by whoever sent it.
///
/// A proxy writes `X-Forwarded-For` or `Forwarded` (RFC 7239 §5.2) and may hand the other on as it came, so where both
/// are there they have to agree. What is no address (`unknown`, `_hidden`) hides whatever stands before it.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Result<IpAddr, Unclear> {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Ok(peer);
    }
    let walk = |way: Vec<Option<IpAddr>>| {
        let mut last = peer;
        for hop in way.into_iter().rev() {
            last = hop.ok_or(Unclear { peer })?.to_canonical();
            if !is_trusted(last) {
                break;
            }
        }
        Ok(last)
    };
    let common = listed(headers, X_FORWARDED_FOR, |hop| hop.parse().ok().or_else(|| node(hop)));
    let standard = listed(headers, header::FORWARDED.as_str(), forwarded_for);
    match (common.is_empty(), standard.is_empty()) {
        (true, true) => Ok(peer),
        (false, true) => walk(common),
        (true, false) => walk(standard),
        (false, false) => {
            let (one, other) = (walk(common)?, walk(standard)?);
            if one == other { Ok(one) } else { Err(Unclear { peer }) }
        }
    }
}

/// Every entry of a header that lists hops, in order, over all its lines.
fn listed(headers: &HeaderMap, name: &str, read: fn(&str) -> Option<IpAddr>) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(name).iter();
    lines
        .flat_map(|line| line.to_str().unwrap_or("-").split(','))
        .map(str::trim)
        .filter(|hop| !hop.is_empty())
        .map(read)
        .collect()
}

/// `for=` of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').filter_map(|pair| pair.split_once('=')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case("for").then(|| node(value.trim().trim_matches('"'))).flatten()
    })
}

/// An address, with or without a port: `192.0.2.43:47011`, `[2001:db8::1]:4711` (RFC 7239 §6).
fn node(text: &str) -> Option<IpAddr> {
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split_once(']').and_then(|(address, _)| address.parse().ok());
    }
    text.parse().ok().or_else(|| text.split_once(':').and_then(|(address, _)| address.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_counts_only_behind_a_trusted_proxy() {
        const NONE: &str = "";
        const UNCLEAR: &str = "unclear";
        let table: &[(&str, &str, &str, &str)] = &[
            // Peer, X-Forwarded-For, Forwarded, the client.
            ("203.0.113.5", "198.51.100.1", "for=198.51.100.1", "203.0.113.5"),
            ("10.0.0.1", NONE, NONE, "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1", NONE, "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", NONE, "198.51.100.1"),
            // What the client made up stands before what the proxy saw.
            ("10.0.0.1", "192.0.2.66, 198.51.100.1", NONE, "198.51.100.1"),
            ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2", NONE, "198.51.100.1"),
            ("10.0.0.1", "10.0.0.9", NONE, "10.0.0.9"),
            ("10.0.0.1", "nonsense", NONE, UNCLEAR),
            ("10.0.0.1", "192.0.2.66, nonsense, 10.0.0.2", NONE, UNCLEAR),
            ("10.0.0.1", "nonsense, 198.51.100.1, 10.0.0.2", NONE, "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1:4711", NONE, "198.51.100.1"),
            ("10.0.0.1", "2001:db8::7", NONE, "2001:db8::7"),
            ("10.0.0.1", NONE, "for=198.51.100.1;proto=https;by=10.0.0.1", "198.51.100.1"),
            ("10.0.0.1", NONE, "For=\"[2001:db8::7]:4711\"", "2001:db8::7"),
            ("10.0.0.1", NONE, "for=192.0.2.66, for=198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", NONE, "for=unknown", UNCLEAR),
            ("10.0.0.1", NONE, "for=\"_hidden\"", UNCLEAR),
            ("10.0.0.1", NONE, "proto=https", UNCLEAR),
            ("10.0.0.1", "198.51.100.1", "for=198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1", "for=192.0.2.66", UNCLEAR),
            ("10.0.0.1", "198.51.100.1", "garbage", UNCLEAR),
        ];
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        for (peer, common, standard, client) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in [(X_FORWARDED_FOR, common), ("forwarded", standard)] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            let found = client_address(peer.parse().unwrap(), &headers, &trusted);
            let found = found.map_or_else(|_| UNCLEAR.to_owned(), |address| address.to_string());
            assert_eq!(found, *client, "{peer} {common} {standard}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(X_FORWARDED_FOR, "192.0.2.66".parse().unwrap());
        headers.append(X_FORWARDED_FOR, "198.51.100.1".parse().unwrap());
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        assert_eq!(client_address([10, 0, 0, 1].into(), &headers, &trusted).unwrap().to_string(), "198.51.100.1");
    }
}
