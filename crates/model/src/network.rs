use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

/// Whether an address belongs to the public network (RFC 6890 and its IPv6 counterparts).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let [a, b, c, _] = four.octets();
            !(four.is_private()
                || four.is_loopback()
                || four.is_link_local()
                || four.is_broadcast()
                || four.is_multicast()
                || four.is_documentation()
                || a == 0
                // Shared by providers (RFC 6598), special purposes (RFC 6890), benchmarks (RFC 2544), reserved (RFC 1112).
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (18..20).contains(&b))
                || a >= 240)
        }
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => is_public(IpAddr::V4(four)),
            None => {
                let segments = six.segments();
                // Global unicast alone (RFC 4291 §2.4), and of it neither documentation nor other transition addresses.
                embedded(six).map_or_else(
                    || {
                        (segments[0] & 0xe000) == 0x2000
                            && !(segments[0] == 0x2001 && segments[1] < 0x200)
                            && !(segments[0] == 0x2001 && segments[1] == 0xdb8)
                            && segments[0] != 0x2002
                    },
                    is_public,
                )
            }
        },
    }
}

/// Whether machines of clouds find their own credentials there, where nothing of ours ever connects to, whatever is allowed: link-local
/// addresses (RFC 3927, RFC 4291 §2.5.6), also as IPv4 within IPv6 (RFC 4291 §2.5.5.2, RFC 6052 §2.1), and the addresses that some providers
/// use for the same.
pub fn is_metadata(address: IpAddr) -> bool {
    const FOURS: [Ipv4Addr; 3] =
        [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(192, 0, 0, 192)];
    const SIX: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match address.to_canonical() {
        IpAddr::V4(four) => four.is_link_local() || FOURS.contains(&four),
        IpAddr::V6(six) => six.is_unicast_link_local() || six == SIX || embedded(six).is_some_and(is_metadata),
    }
}

/// The IPv4 address that a translator reaches by an IPv6 one (RFC 6052 §2.1).
fn embedded(six: Ipv6Addr) -> Option<IpAddr> {
    let segments = six.segments();
    let ([a, b], [c, d]) = (segments[6].to_be_bytes(), segments[7].to_be_bytes());
    (segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0]).then(|| IpAddr::from([a, b, c, d]))
}

/// A network: an address, and how many of its leading bits count (RFC 4632 §3.1, RFC 4291 §2.3).
///
/// An IPv4 address that came mapped into IPv6 (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) is the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

// What one customer gets: a single IPv4 address, a /64 of IPv6 (RFC 6177 §2), of which each machine takes any number.
const CUSTOMER_V4: u8 = 32;
const CUSTOMER_V6: u8 = 64;

impl Network {
    /// The network that is counted as one when somebody guesses: the IPv4 address itself, the /64 of an IPv6 address.
    pub fn of_guesser(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self::new(address, if address.is_ipv4() { CUSTOMER_V4 } else { CUSTOMER_V6 })
    }

    /// Reads a network as people write it, with the address that stands in it: `10.1.2.3/8` is the network `10.0.0.0/8` around
    /// `10.1.2.3`.
    ///
    /// # Errors
    /// [`Invalid`] with how to write one.
    pub fn around(text: &str) -> Result<(Self, IpAddr), Invalid> {
        let wrong = || {
            let shown: String = text.chars().take(60).collect();
            Invalid::new("network", format!("\"{shown}\" is none: write an address such as 10.0.0.1 or 10.0.0.0/8"))
        };
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text.trim(), None),
        };
        let address = address.parse::<IpAddr>().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return Err(wrong());
        }
        // A network that was written as mapped addresses means the IPv4 network.
        match (address, address.to_canonical()) {
            (IpAddr::V6(_), v4 @ IpAddr::V4(_)) if bits >= 96 => Ok((Self::new(v4, bits - 96), v4)),
            _ => Ok((Self::new(address, bits), address)),
        }
    }

    /// Its first address.
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// How many leading bits of the address count.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    fn new(address: IpAddr, bits: u8) -> Self {
        Self { address: masked(address, bits), bits }
    }

    /// Whether every address of `other` is in it.
    pub fn holds(&self, other: &Self) -> bool {
        self.bits <= other.bits && self.contains(other.address)
    }

    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.bits) == self.address
    }
}

/// The address with all but its first `bits` bits zero.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(it) => {
            let mask = u32::MAX.checked_shl(u32::from(CUSTOMER_V4.saturating_sub(bits))).unwrap_or(0);
            IpAddr::from((u32::from(it) & mask).to_be_bytes())
        }
        IpAddr::V6(it) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(bits))).unwrap_or(0);
            IpAddr::from((u128::from(it) & mask).to_be_bytes())
        }
    }
}

/// `192.0.2.0/24`, `2001:db8::/32`, or an address by itself.
impl FromStr for Network {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::around(text).map(|(network, _)| network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.bits) {
            (IpAddr::V4(address), 32) => address.fmt(f),
            (IpAddr::V6(address), 128) => address.fmt(f),
            (address, bits) => write!(f, "{address}/{bits}"),
        }
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promise_8_where_machines_find_their_own_credentials() {
        for (address, metadata) in [
            ("169.254.169.254", true),
            ("::ffff:169.254.169.254", true),
            ("64:ff9b::a9fe:a9fe", true),
            ("100.100.100.200", true),
            ("168.63.129.16", true),
            ("192.0.0.192", true),
            ("fe80::1", true),
            ("fd00:ec2::254", true),
            ("10.0.0.1", false),
            ("fd00::1", false),
            ("127.0.0.1", false),
            ("93.184.215.14", false),
        ] {
            assert_eq!(is_metadata(address.parse().unwrap()), metadata, "{address}");
        }
    }

    #[test]
    fn private_loopback_and_special_addresses_are_not_public() {
        for (address, public) in [
            ("93.184.215.14", true),
            ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.31.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("198.18.0.1", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("::1", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("::ffff:10.0.0.1", false),
            ("64:ff9b::a00:1", false),
            ("64:ff9b::5db8:d70e", true),
            ("2002:a00:1::", false),
            ("2001:db8::1", false),
        ] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(is_public(address), public, "{address}");
        }
    }

    #[test]
    fn networks_hold_their_addresses() {
        let table = [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.3/8", "10.200.0.1", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "203.0.113.9", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::1", "::1", true),
            ("127.0.0.0/8", "::ffff:127.0.0.1", true),
            ("::ffff:10.0.0.0/104", "10.9.8.7", true),
        ];
        for (network, address, inside) in table {
            let (network, address): (Network, IpAddr) = (network.parse().unwrap(), address.parse().unwrap());
            assert_eq!(network.contains(address), inside, "{network} {address}");
        }
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "localhost", "10.0.0.0/-1"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn who_guesses_is_one_address_or_one_slash_64() {
        let of = |text: &str| Network::of_guesser(text.parse().unwrap()).to_string();
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::9"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
    }

    #[test]
    fn the_address_that_stands_in_a_network_is_told_beside_it() {
        for (text, network, address) in [
            ("10.1.2.3/8", "10.0.0.0/8", "10.1.2.3"),
            ("10.0.0.0/8", "10.0.0.0/8", "10.0.0.0"),
            (" 2001:db8::5/64 ", "2001:db8::/64", "2001:db8::5"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
            ("::ffff:10.1.0.0/104", "10.0.0.0/8", "10.1.0.0"),
        ] {
            let (found, written) = Network::around(text).unwrap();
            assert_eq!((found.to_string().as_str(), written.to_string().as_str()), (network, address), "{text}");
        }
    }
}
