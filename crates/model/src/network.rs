use std::net::IpAddr;

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
                let embedded = (segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0])
                    .then(|| IpAddr::from([segments[6].to_be_bytes(), segments[7].to_be_bytes()].concat4()));
                // Global unicast alone (RFC 4291 §2.4), and of it neither documentation nor other transition addresses.
                embedded.map_or_else(
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

trait Concat4 {
    fn concat4(self) -> [u8; 4];
}

impl Concat4 for [[u8; 2]; 2] {
    fn concat4(self) -> [u8; 4] {
        let [[a, b], [c, d]] = self;
        [a, b, c, d]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
