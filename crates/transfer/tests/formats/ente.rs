use countersign_transfer::FileProblem;

use crate::{CEDAR, PASSWORD, STEAM, damaged_at, left_out, no_beginning_gives_an_account, problem, shown, with};

const TEXT: &[u8] = include_bytes!("samples/ente.txt");
const ENCRYPTED: &[u8] = include_bytes!("samples/ente_encrypted.json");

const NAME: &str = "an export of Ente Auth";

const ALL: [&str; 6] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 [\"Work\", \"EU\"] \
     \"spare code, in the safe & so on\"",
    "2 -> Birch: ops (Birch / ops) 77076628",
    CEDAR,
    STEAM,
    "6 !! in the otpauth URL's secret: character 9 of the setup key, \"1\", is not one of A–Z and 2–7: \
     did you mean the letter I or L?",
    "7 -> Fir: x (Fir / x) 921300 ! its note and tags cannot be read: copy them by hand",
];

#[test]
fn a_text_is_read_with_its_notes_and_tags() {
    assert_eq!(shown(TEXT, None), ALL);
    assert_eq!(left_out(TEXT, None), [("codes in the bin", 1)]);
    let mut broken = TEXT.to_vec();
    broken.extend(b"\xff");
    assert!(matches!(problem(&broken, None), FileProblem::Damaged { place, .. } if place.starts_with("line 8")));
}

#[test]
fn an_encrypted_export_opens_with_its_password() {
    assert_eq!(shown(ENCRYPTED, Some(PASSWORD)), ALL);
    assert_eq!(left_out(ENCRYPTED, Some(PASSWORD)), [("codes in the bin", 1)]);
    assert_eq!(problem(ENCRYPTED, None), FileProblem::PasswordNeeded(NAME));
    assert_eq!(problem(ENCRYPTED, Some("guess")), FileProblem::WrongPassword(NAME));
}

#[test]
fn costs_are_refused_before_they_are_paid() {
    let rows = [
        ("8388608", "1073742848", "1024 MiB of memory (Argon2id)", "1024 MiB"),
        ("8388608", "18446744073709551615", "17592186044415 MiB of memory (Argon2id)", "1024 MiB"),
        ("\"opsLimit\": 1", "\"opsLimit\": 65", "65 passes of Argon2id", "64"),
    ];
    for (from, to, expected, limit) in rows {
        match problem(&with(ENCRYPTED, from, to), Some(PASSWORD)) {
            FileProblem::TooCostly { asked, most, .. } => {
                assert_eq!((asked.as_str(), most.as_str()), (expected, limit));
            }
            other => panic!("{other}"),
        }
    }
    let long = with(&with(ENCRYPTED, "8388608", "1073741824"), "\"opsLimit\": 1", "\"opsLimit\": 5");
    assert!(matches!(problem(&long, Some(PASSWORD)), FileProblem::TooCostly { .. }));
}

#[test]
fn what_is_damaged_says_where() {
    let rows = [
        ("\"salt\": \"", "\"salt\": \"!", "kdfParams.salt, which is no base64"),
        ("\"encryptedData\": \"", "\"encryptedData\": \"!", "encryptedData, which is no base64"),
        ("\"encryptionNonce\": \"", "\"encryptionNonce\": \"AAAA", "encryptionNonce"),
        ("\"opsLimit\": 1", "\"opsLimit\": 0", "the key's memory, passes or lanes"),
        ("\"opsLimit\": 1", "\"opsLimit\": true", "line 5, column 18"),
    ];
    for (from, to, place) in rows {
        assert_eq!(damaged_at(&with(ENCRYPTED, from, to), Some(PASSWORD)), place);
    }
    let newer = with(ENCRYPTED, "\"version\": 1", "\"version\": 2");
    assert!(matches!(problem(&newer, Some(PASSWORD)), FileProblem::NotReadable { .. }));
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(ENCRYPTED, Some(PASSWORD));
}
