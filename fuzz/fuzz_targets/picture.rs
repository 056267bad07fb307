//! Pictures: whatever the bytes, an answer within the limits.
#![no_main]

use countersign_otp::read_qr_codes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = read_qr_codes(bytes).map_err(|error| error.to_string());
});
