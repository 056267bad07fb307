use countersign_transfer::FileProblem;

use crate::{CEDAR, MOBILE_OTP, PASSWORD, STEAM, YANDEX, no_beginning_gives_an_account, problem, shown, with};

const PLAIN: &[u8] = include_bytes!("samples/stratum.json");
const ENCRYPTED: &[u8] = include_bytes!("samples/stratum_encrypted.stratum");
const OLD: &[u8] = include_bytes!("samples/stratum_encrypted_old.authpro");

const NAME: &str = "a backup of Stratum (Authenticator Pro)";

const ALL: [&str; 8] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 [\"Work\", \"Büro\"]",
    "2 -> Birch: ops (Birch / ops) 77076628 [\"Büro\"]",
    CEDAR,
    STEAM,
    MOBILE_OTP,
    YANDEX,
    "7 !! its field Algorithm is not what it should be: export the file again, or add this account by hand",
    "8 !! its Type is unknown: totp, hotp and steam are known; add this account by hand",
];

#[test]
fn a_plain_backup_is_read() {
    assert_eq!(shown(PLAIN, None), ALL);
}

#[test]
fn both_encrypted_forms_open_with_their_password() {
    assert_eq!(shown(ENCRYPTED, Some(PASSWORD)), ALL);
    assert_eq!(shown(OLD, Some(PASSWORD)), ALL);
    for sample in [ENCRYPTED, OLD] {
        assert_eq!(problem(sample, None), FileProblem::PasswordNeeded(NAME));
        assert_eq!(problem(sample, Some("guess")), FileProblem::WrongPassword(NAME));
    }
}

#[test]
fn what_is_damaged_says_where() {
    for sample in [ENCRYPTED, OLD] {
        for length in 16..48 {
            assert!(matches!(problem(&sample[..length], Some(PASSWORD)), FileProblem::Damaged { .. }), "{length}");
        }
        // Found by the tag, or by the padding, or by what is no text.
        assert_eq!(problem(&sample[..sample.len() - 16], Some(PASSWORD)), FileProblem::WrongPassword(NAME));
    }
    assert!(matches!(problem(&OLD[..OLD.len() - 1], Some(PASSWORD)), FileProblem::Damaged { .. }));
    let lists = with(PLAIN, "\"Authenticators\":[", "\"Authenticators\":{},\"x\":[");
    assert!(matches!(problem(&lists, None), FileProblem::Damaged { place, .. } if place == "line 1, column 18"));
}

#[test]
fn an_entry_that_is_wrong_stops_no_other() {
    let rows = [
        ("\"Digits\":8", "\"Digits\":null", "2 !! its Digits is missing"),
        ("\"Period\":60", "\"Period\":-1", "2 !! its field Period is not what it should be"),
        ("\"Type\":1,", "", "3 !! its Type is missing"),
        ("\"Secret\":\"GEZ", "\"Secret\":\"\",\"x\":\"GEZ", "1 !! in its setup key: the setup key is empty"),
    ];
    for (from, to, expected) in rows {
        let told = shown(&with(PLAIN, from, to), None);
        assert!(told.iter().any(|line| line.starts_with(expected)), "{told:#?}");
        assert_eq!(told.iter().filter(|line| ALL.contains(&line.as_str())).count(), ALL.len() - 1);
    }
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(PLAIN, None);
}
