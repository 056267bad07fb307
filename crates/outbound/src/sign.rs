//! What lets a receiver tell a request of ours from anybody else's.

use countersign_seal::{MacHash, Secret, hmac};

/// When it was made, in seconds since 1970. It is part of what is signed: a receiver refuses what is old.
pub const TIMESTAMP_HEADER: &str = "countersign-timestamp";
/// `v1=` and the HMAC in lower-case hex.
pub const SIGNATURE_HEADER: &str = "countersign-signature";
/// The delivery's id, the same for every try.
pub const DELIVERY_HEADER: &str = "countersign-delivery";

/// `v1=` and the HMAC-SHA-256 (RFC 2104) of timestamp, a full stop and body, in lower-case hex.
pub fn signature(signing: &Secret, timestamp: i64, body: &[u8]) -> String {
    let mut signed = format!("{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    format!("v1={}", data_encoding::HEXLOWER.encode(hmac(MacHash::Sha256, signing, &signed).expose()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha_256_over_timestamp_and_body() {
        // By `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac csw_test`.
        let signing = Secret::from("csw_test".to_owned());
        let made = signature(&signing, 1_700_000_000, br#"{"a":1}"#);
        assert_eq!(made, "v1=0dbac3bff45073f712cbe11728603457e57159e6d1ea83e150658f6040614700");
        assert_ne!(made, signature(&signing, 1_700_000_001, br#"{"a":1}"#));
    }
}
