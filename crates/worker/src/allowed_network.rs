use std::{fmt, net::IpAddr, str::FromStr};

use countersign_model::Network;

/// A network that sites may live on: any but those that are every address there is, or never reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedNetwork(Network);

/// The text names no network that can be allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseAllowedNetworkError {
    /// It is no network at all.
    #[error("`{text}` is no network: write an address, or one with its length, such as 10.0.0.0/8 or fd00::/8")]
    Form {
        /// The beginning of the text.
        text: String,
    },
    /// It is an address within a network, and which of both was meant is open.
    #[error("`{text}` is an address in a network: write {network} for the network, or the address without its length")]
    HostBits {
        /// What was written.
        text: String,
        /// The network around it.
        network: AllowedNetwork,
    },
    /// It is everything.
    #[error(
        "`{text}` is every address there is: name your own networks, such as 10.0.0.0/8 or fd00::/8, or write yes for all"
    )]
    Everything {
        /// What was written.
        text: String,
    },
    /// It is never reached.
    #[error(
        "`{text}` holds link-local addresses only, where clouds keep their metadata: these are never reached, so leave it out"
    )]
    LinkLocal {
        /// What was written.
        text: String,
    },
}

impl AllowedNetwork {
    /// Whether the address lies in it. An IPv4 address that is written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(address)
    }
}

impl FromStr for AllowedNetwork {
    type Err = ParseAllowedNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseAllowedNetworkError> {
        let shown = || text.chars().take(60).collect();
        let (network, address) = Network::around(text).map_err(|_| ParseAllowedNetworkError::Form { text: shown() })?;
        if network.bits() == 0 {
            return Err(ParseAllowedNetworkError::Everything { text: shown() });
        }
        if network.address() != address {
            return Err(ParseAllowedNetworkError::HostBits { text: shown(), network: Self(network) });
        }
        if is_link_local(network) {
            return Err(ParseAllowedNetworkError::LinkLocal { text: shown() });
        }
        Ok(Self(network))
    }
}

/// Whether all of it is link-local (RFC 3927 §2.1, RFC 4291 §2.5.6).
const fn is_link_local(network: Network) -> bool {
    match network.address() {
        IpAddr::V4(it) => network.bits() >= 16 && it.is_link_local(),
        IpAddr::V6(it) => network.bits() >= 10 && it.is_unicast_link_local(),
    }
}

impl fmt::Display for AllowedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_network() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("0.0.0.0/1", "8.8.8.8", true),
            ("0.0.0.0/1", "::1", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("8000::/1", "fe80::1", true),
            ("::1/128", "::1", true),
        ] {
            let parsed: AllowedNetwork = network.parse().unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), inside, "{address} in {network}");
        }
    }

    #[test]
    fn what_is_no_network() {
        for text in ["", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/", "localhost", "::/129", "10.0.0/8", "1.2.3.4/-1"] {
            let error = text.parse::<AllowedNetwork>().unwrap_err();
            assert!(error.to_string().contains("10.0.0.0/8"), "{text}: {error}");
        }
    }

    #[test]
    fn what_allows_more_or_less_than_it_looks_like_is_refused() {
        for (text, said) in [
            ("10.0.0.1/8", "write 10.0.0.0/8"),
            ("fd00::1/8", "write fd00::/8"),
            ("192.168.1.77/24", "write 192.168.1.0/24"),
            ("::/0", "every address"),
            ("0.0.0.0/0", "every address"),
            ("169.254.0.0/16", "never reached"),
            ("169.254.169.254", "never reached"),
            ("fe80::/10", "never reached"),
        ] {
            let error = text.parse::<AllowedNetwork>().unwrap_err().to_string();
            assert!(error.contains(said) && error.contains(text), "{text}: {error}");
        }
        assert!("192.168.1.77/32".parse::<AllowedNetwork>().is_ok());
    }
}
