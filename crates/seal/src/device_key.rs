use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use data_encoding::BASE64URL_NOPAD;

/// The public half of a key that a browser extension keeps: a point of P-256 (FIPS 186-5), uncompressed, as `WebCrypto` exports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceKey([u8; Self::LENGTH]);

impl DeviceKey {
    /// Bytes of a point: `04`, x and y (SEC 1 §2.3.3).
    pub const LENGTH: usize = 65;
    /// Bytes of a signature: r and s.
    pub const SIGNATURE: usize = 64;

    /// From stored bytes; `None` unless they have the form. Whether the point is on the curve, a signature tells.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().filter(|bytes: &[u8; Self::LENGTH]| bytes[0] == 4).map(Self)
    }

    /// From base64url without padding (RFC 4648 §5).
    pub fn from_text(text: &str) -> Option<Self> {
        Self::from_bytes(&BASE64URL_NOPAD.decode(text.as_bytes()).ok()?)
    }

    /// A signature, from base64url without padding.
    pub fn signature_from_text(text: &str) -> Option<[u8; Self::SIGNATURE]> {
        BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Whether `signature` was made over `message` by the private half: ECDSA with SHA-256.
    pub fn verifies(&self, message: &[u8], signature: &[u8; Self::SIGNATURE]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.0).verify(message, signature).is_ok()
    }
}
