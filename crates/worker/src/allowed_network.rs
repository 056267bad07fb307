use std::{fmt, net::IpAddr, str::FromStr};

/// A network as operators write it: `10.0.0.0/8`, `fd00::/8`, or one address (RFC 4632 §3.1, RFC 4291 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedNetwork {
    address: IpAddr,
    prefix: u8,
}

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
    /// Whether all of it is link-local (RFC 3927 §2.1, RFC 4291 §2.5.6).
    fn is_link_local(&self) -> bool {
        match self.address {
            IpAddr::V4(it) => self.prefix >= 16 && it.is_link_local(),
            IpAddr::V6(it) => self.prefix >= 10 && it.is_unicast_link_local(),
        }
    }

    /// Whether the address lies in it. An IPv4 address that is written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(it)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                net.to_bits() & mask == it.to_bits() & mask
            }
            (IpAddr::V6(net), IpAddr::V6(it)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                net.to_bits() & mask == it.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl FromStr for AllowedNetwork {
    type Err = ParseAllowedNetworkError;

    fn from_str(text: &str) -> Result<Self, ParseAllowedNetworkError> {
        let shown = || text.chars().take(60).collect();
        let wrong = || ParseAllowedNetworkError::Form { text: shown() };
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address = address.parse::<IpAddr>().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => most,
        };
        if prefix > most {
            return Err(wrong());
        }
        if prefix == 0 {
            return Err(ParseAllowedNetworkError::Everything { text: shown() });
        }
        let network = Self { address: first_of(address, prefix), prefix };
        if network.address != address {
            return Err(ParseAllowedNetworkError::HostBits { text: shown(), network });
        }
        if network.is_link_local() {
            return Err(ParseAllowedNetworkError::LinkLocal { text: shown() });
        }
        Ok(network)
    }
}

/// The address with nothing after its first `prefix` bits.
fn first_of(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(it) => {
            IpAddr::from((it.to_bits() & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)).to_be_bytes())
        }
        IpAddr::V6(it) => {
            IpAddr::from((it.to_bits() & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)).to_be_bytes())
        }
    }
}

impl fmt::Display for AllowedNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
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
