//! Addresses, alone and in running text: never a panic, and the canonical address reads back as the same account.
#![no_main]

use countersign_otp::{Pasted, parse_uri, uris};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(setup) = parse_uri(text) {
        let uri = setup.secret.to_uri(&setup.label);
        let back = parse_uri(uri.expose_text().expect("an address is text")).expect("what is written can be read");
        assert!(back.label == setup.label && back.secret.to_sealed_bytes() == setup.secret.to_sealed_bytes());
    }
    for found in uris(text) {
        match found.outcome {
            Ok(Pasted::Setup(setup)) => drop(setup.secret.token_at(u64::MAX)),
            Ok(Pasted::Migration(part)) => assert!(part.part <= part.parts),
            Err(error) => drop(error.to_string()),
        }
    }
});
