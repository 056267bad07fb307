//! Sealed bytes: never a panic, and what is read is written back as the same bytes.
#![no_main]

use countersign_otp::OtpSecret;
use countersign_seal::Secret;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let sealed = Secret::from(bytes);
    if let Ok(secret) = OtpSecret::from_sealed_bytes(&sealed) {
        assert!(secret.to_sealed_bytes() == sealed);
        for time in [0, 1, u64::MAX] {
            assert_eq!(secret.token_at(time).is_some(), secret.counter().is_none());
        }
    }
});
