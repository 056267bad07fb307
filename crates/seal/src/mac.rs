use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::Secret;

/// The hash under an HMAC (RFC 2104).
///
/// SHA-1 is here for one-time passwords only (RFC 4226), where its weakness against collisions does no harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacHash {
    /// 20 bytes of tag.
    Sha1,
    /// 32 bytes of tag.
    Sha256,
    /// 64 bytes of tag.
    Sha512,
}

/// The tag of one message: 20, 32 or 64 bytes, wiped when dropped.
pub struct MacTag {
    bytes: Zeroizing<[u8; LONGEST_TAG]>,
    len: usize,
}

impl MacTag {
    /// The tag, as long as its hash makes it.
    pub fn expose(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The HMAC of `message` under `key`, of any length (RFC 2104 §2: longer keys are hashed first).
pub fn hmac(hash: MacHash, key: &Secret, message: &[u8]) -> MacTag {
    let algorithm = match hash {
        MacHash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        MacHash::Sha256 => hmac::HMAC_SHA256,
        MacHash::Sha512 => hmac::HMAC_SHA512,
    };
    let tag = hmac::sign(&hmac::Key::new(algorithm, key.expose()), message);
    let mut bytes = Zeroizing::new([0; LONGEST_TAG]);
    let len = tag.as_ref().len().min(LONGEST_TAG);
    bytes.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    MacTag { bytes, len }
}

const LONGEST_TAG: usize = 64;

#[cfg(test)]
mod tests {
    use super::{MacHash, hmac};
    use crate::Secret;

    fn hex(bytes: &[u8]) -> String {
        data_encoding::HEXLOWER.encode(bytes)
    }

    #[test]
    fn published_vectors() {
        let rows: &[(MacHash, &[u8], &[u8], &str)] = &[
            // RFC 2202 §3, cases 1, 2 and 6 (a key longer than a block).
            (MacHash::Sha1, &[0x0b; 20], b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
            (MacHash::Sha1, b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (
                MacHash::Sha1,
                &[0xaa; 80],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112",
            ),
            // RFC 4231 §4.3.
            (
                MacHash::Sha256,
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                MacHash::Sha512,
                b"Jefe",
                b"what do ya want for nothing?",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ];
        for (hash, key, message, tag) in rows {
            assert_eq!(hex(hmac(*hash, &Secret::from(*key), message).expose()), *tag, "{hash:?}");
        }
    }
}
