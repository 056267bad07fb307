//! Nothing that a file holds makes a reader panic.

use proptest::prelude::*;

use crate::{PASSWORD, import, import_called, problem};

/// By which each format is known.
const BEGINNINGS: [&[u8]; 19] = [
    br#"{"version":1,"header":{"slots":[{"type":1,"n":16,"r":1,"p":1,"key":""#,
    br#"{"version":1,"header":{"slots":null},"db":{"version":3,"entries":["#,
    br#"{"schemaVersion":4,"servicesEncrypted":""#,
    br#"{"schemaVersion":4,"services":[{"secret":"A","otp":{"digits":"#,
    br#"{"version":1,"kdfParams":{"memLimit":8192,"opsLimit":1,"salt":""#,
    b"otpauth://totp/A?secret=GEZDGNBV&codeDisplay=%7B",
    br#"{"version":1,"salt":"AAAAAAAAAAA=","content":""#,
    br#"{"version":1,"entries":[{"content":{"entry_type":"Totp","uri":""#,
    br#"{"encrypted":false,"items":[{"type":1,"login":{"totp":""#,
    b"folder,favorite,type,name,login_uri,login_totp\n,,1,\"",
    br#"{"Authenticators":[{"Type":2,"Secret":""#,
    b"AUTHENTICATORPRO",
    b"AuthenticatorPro",
    br#"{"tokenOrder":[],"tokens":[{"type":"TOTP","secret":["#,
    b"<map><string name=\"issuerExt\">{&quot;",
    b"otpauth://totp/A?secret=GEZDGNBV&digits=6&icon=A\notpauth://totp/",
    b"<WinAuth version=\"3.6\"><WinAuthAuthenticator type=\"a.GoogleAuthenticator\"><authenticatordata><secretdata>",
    br#"[{"secret":"GEZDGNBV","label":"a - b","type":"TOTP","digits":"#,
    b"PK\x03\x04\x14\0\0\0\0\0",
];

/// Those whose keys cost little, so that they can be opened often.
const SAMPLES: [&[u8]; 15] = [
    include_bytes!("samples/aegis_plain.json"),
    include_bytes!("samples/aegis_encrypted.json"),
    include_bytes!("samples/2fas_schema_4.2fas"),
    include_bytes!("samples/2fas_encrypted.2fas"),
    include_bytes!("samples/andotp.json"),
    include_bytes!("samples/andotp_encrypted_old.json.aes"),
    include_bytes!("samples/ente.txt"),
    include_bytes!("samples/stratum.json"),
    include_bytes!("samples/freeotp_plus.json"),
    include_bytes!("samples/freeotp_tokens.xml"),
    include_bytes!("samples/proton_authenticator.json"),
    include_bytes!("samples/winauth.xml"),
    include_bytes!("samples/authenticator_plus.zip"),
    include_bytes!("samples/texts.zip"),
    include_bytes!("samples/bitwarden_authenticator.json"),
];

proptest! {
    #[test]
    fn any_bytes_behind_a_beginning(which in 0..BEGINNINGS.len(), rest in proptest::collection::vec(any::<u8>(), 0..300)) {
        let bytes = [BEGINNINGS[which], &rest].concat();
        prop_assert!(!import(&bytes, None).items().is_empty());
    }

    #[test]
    fn any_text_behind_a_beginning(which in 0..BEGINNINGS.len(), rest in "[ -~\n\t\"\\\\{}\\[\\]<>&;,:]{0,200}") {
        let bytes = [BEGINNINGS[which], rest.as_bytes()].concat();
        prop_assert!(!import(&bytes, None).items().is_empty());
    }

    #[test]
    fn a_sample_with_some_bytes_changed(
        which in 0..SAMPLES.len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = SAMPLES[which].to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        // A changed number of rounds or a size may ask for the most that is given: not opened here.
        let password = (which != 1).then_some(PASSWORD);
        prop_assert!(!import_called("a.aes", &bytes, password).items().is_empty());
    }

    #[test]
    fn bytes_of_chance(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!import_called("a.aes", &bytes, None).items().is_empty());
    }
}

#[test]
fn more_entries_than_are_read_are_told() {
    let many = format!("{{\"tokenOrder\":[],\"tokens\":[1{}]}}", ",1".repeat(200_000));
    let message = problem(many.as_bytes(), None).to_string();
    assert!(message.ends_with("but it has more than 200000 entries: export it in parts"), "{message}");
}

/// Deep nesting, long lists and names that repeat are read in a time that grows with their length.
#[test]
fn hostile_shapes_end() {
    let deep = |open: &str| format!("{{\"version\":1,\"header\":{{\"slots\":null}},\"db\":{}", open.repeat(2_000_000));
    let attributes = format!("<WinAuth {}>", "a=\"\" ".repeat(400_000));
    let elements = format!("<WinAuth>{}", "<a>".repeat(1_000_000));
    let references = format!("<map><string name=\"issuerExt\">{}</string></map>", "&amp;".repeat(1_000_000));
    let slots = format!("{{\"version\":1,\"header\":{{\"slots\":[{}]}},\"db\":\"\"}}", "{\"type\":1},".repeat(100_000));
    let many = format!("{{\"tokenOrder\":[],\"tokens\":[1{}]}}", ",1".repeat(1_000_000));
    let tags = format!(
        "[{{\"secret\":\"A\",\"label\":\"B\",\"type\":\"TOTP\",\"tags\":[\"\"{}]}}]",
        ",\"\"".repeat(1_000_000)
    );
    let empty = format!("[{{\"secret\":\"A\",\"label\":\"B\",\"type\":\"C\"}}{}]", ",{}".repeat(90_000));
    for text in [deep("["), deep("{\"a\":"), attributes, elements, references, slots, many, tags, empty] {
        assert!(!import(text.as_bytes(), Some(PASSWORD)).items().is_empty());
    }
}
