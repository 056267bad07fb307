//! The setup keys of `docs/archive.md`: what the vectors beside it say that they are, they are.

use countersign_otp::{Label, OtpSecret};
use countersign_seal::Secret;
use data_encoding::HEXLOWER;

#[test]
fn sealed_setup_keys_are_what_the_document_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/archive-vectors.json");
    let vectors: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut kinds = Vec::new();
    for value in vectors["sealed"].as_array().unwrap().iter().filter(|value| value["kind"] == "seed") {
        let text = |name: &str| value[name].as_str().unwrap();
        let plain = Secret::from(HEXLOWER.decode(text("plain").as_bytes()).unwrap());
        let read = OtpSecret::from_sealed_bytes(&plain).unwrap();
        assert!(read.to_sealed_bytes() == plain, "{value}");
        let uri = read.to_uri(&Label::new(Some(text("name")), text("username")).unwrap());
        assert_eq!(uri.expose_text(), value["otpauth"].as_str());
        kinds.push(plain.expose()[1]);
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, [1, 2, 3], "each kind is among them");
}
