//! Tables over the rules of seeds, URIs and exports, the published vectors, and properties that hold for any input.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod arbitrary;
mod archive;
mod exports;
mod fields;
mod pictures;
mod seeds;
mod texts;
mod tokens;
mod uris;

use countersign_otp::{OtpSecret, Setup};

/// The key of a secret in base32, for comparing.
fn key(secret: &OtpSecret) -> String {
    secret.seed().to_base32().expose_text().unwrap().to_owned()
}

/// Everything of a setup in one line, for comparing.
fn line(setup: &Setup) -> String {
    let uri = setup.secret.to_uri(&setup.label);
    uri.expose_text().unwrap().to_owned()
}
