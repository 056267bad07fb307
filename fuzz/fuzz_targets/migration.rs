//! Google exports: the payload's bytes and whole addresses.
#![no_main]

use countersign_otp::{Batches, parse_migration};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut uri = String::from("otpauth-migration://offline?data=");
    // URL-safe base64 by hand: the fuzzer should spend its time on the payload.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..=chunk.len() {
            uri.push(char::from(ALPHABET[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    if let Ok(part) = parse_migration(&uri) {
        let mut batches = Batches::new();
        assert!(batches.add(&part) && !batches.add(&part));
        let missing: usize = batches.missing().iter().map(|gap| gap.missing.len()).sum();
        assert_eq!(missing, part.parts as usize - 1);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = parse_migration(text).map_err(|error| error.to_string());
    }
});
