//! Typed seeds: never a panic, and a key that was taken is read again as the same key.
#![no_main]

use countersign_otp::{Seed, SeedEncoding, parse_seed_field};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for encoding in [SeedEncoding::Base32, SeedEncoding::Hex, SeedEncoding::Base64] {
        let _ = parse_seed_field(text, encoding).map_err(|error| error.to_string());
        match Seed::parse(text, encoding) {
            Ok(seed) => {
                let again = seed.to_base32();
                let again = Seed::parse(again.expose_text().expect("base32 is text"), SeedEncoding::Base32);
                assert!(again.is_ok_and(|again| again.key() == seed.key()));
            }
            Err(error) => drop(error.to_string()),
        }
    }
});
