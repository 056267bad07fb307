use countersign_transfer::FileProblem;

use crate::{
    CEDAR, MOBILE_OTP, PASSWORD, STEAM, YANDEX, damaged_at, left_out, no_beginning_gives_an_account, problem, shown,
    with,
};

const PLAIN: &[u8] = include_bytes!("samples/aegis_plain.json");
const CONTENT_1: &[u8] = include_bytes!("samples/aegis_content_1.json");
const ENCRYPTED: &[u8] = include_bytes!("samples/aegis_encrypted.json");

const ALL: [&str; 9] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 [\"Work\", \"Büro\"] \
     \"spare code in the safe\\nsecond line\"",
    "2 -> Birch: ops (Birch / ops) 77076628 [\"Büro\"]",
    CEDAR,
    STEAM,
    MOBILE_OTP,
    YANDEX,
    "7 !! the algorithm MD5 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
    "9 -> Gum: short (Gum / short) 080398 ! the setup key has 40 bits only, which can be found by trying: \
     ask the site for a longer one",
    "10 !! in its setup key: the setup key is empty: paste the one that the site shows beside its QR code",
];

#[test]
fn a_plain_vault_is_read() {
    assert_eq!(shown(PLAIN, None), ALL);
    assert_eq!(left_out(PLAIN, None), [("archived accounts", 1)]);
    assert_eq!(shown(PLAIN, Some(PASSWORD)), ALL, "a password that is not needed does no harm");
    assert_eq!(shown(&[b"\xef\xbb\xbf", PLAIN].concat(), None), ALL);
}

#[test]
fn groups_of_older_content_are_names() {
    let told = shown(CONTENT_1, None);
    assert!(told[0].contains("921300 [\"Work\"]"), "{}", told[0]);
    assert_eq!(told[1], "2 -> Birch: ops (Birch / ops) 77076628");
}

#[test]
fn an_encrypted_vault_opens_with_any_of_its_passwords() {
    assert_eq!(shown(ENCRYPTED, Some(PASSWORD)), ALL);
    assert_eq!(shown(ENCRYPTED, Some("another password")), ALL);
    // As the app writes it.
    let escaped = String::from_utf8(ENCRYPTED.to_vec()).unwrap().replace('/', "\\/");
    assert_eq!(shown(escaped.as_bytes(), Some(PASSWORD)), ALL);
    assert_eq!(problem(ENCRYPTED, None), FileProblem::PasswordNeeded("an export of Aegis"));
    assert_eq!(problem(ENCRYPTED, Some("guess")), FileProblem::WrongPassword("an export of Aegis"));
    assert_eq!(problem(ENCRYPTED, Some("")), FileProblem::WrongPassword("an export of Aegis"));
}

#[test]
fn what_is_damaged_says_where() {
    let rows: [(&[u8], &str, &str, &str); 7] = [
        (PLAIN, "\"version\": 1", "\"version\": \"1\"", "line 2, column 15"),
        (ENCRYPTED, "\"db\": \"", "\"db\": \"!", "db, which is no base64"),
        (ENCRYPTED, "\"db\": \"", "\"db\": \"AAAA", "db"),
        (ENCRYPTED, "\"salt\": \"", "\"salt\": \"x", "header.slots, in a key or a salt"),
        (ENCRYPTED, "\"n\": 256", "\"n\": 255", "the key's N of scrypt"),
        (ENCRYPTED, "\"params\": {", "\"params\": null, \"x\": {", "header.params"),
        (ENCRYPTED, "\"db\": \"", "\"db\": {}, \"x\": \"", "db, which is no text though the vault is encrypted"),
    ];
    for (sample, from, to, place) in rows {
        assert_eq!(damaged_at(&with(sample, from, to), Some(PASSWORD)), place);
    }
}

#[test]
fn an_entry_that_is_wrong_stops_no_other() {
    let rows = [
        ("\"digits\": 8", "\"digits\": \"eight\"", "2 !! its field info.digits is not what it should be"),
        ("\"digits\": 8", "\"digits\": 11", "2 !! digits must be 5 to 10"),
        ("\"period\": 60", "\"period\": 0", "2 !! the period must be 1 to 86400 seconds"),
        ("\"period\": 60", "\"other\": 0", "2 !! its info.period is missing"),
        ("\"algo\": \"SHA256\",", "", "2 !! its info.algo is missing"),
        ("\"algo\": \"SHA256\"", "\"algo\": \"SHA1/2\"", "2 !! the algorithm is none of SHA1, SHA256 and SHA512"),
        ("\"type\": \"totp\"", "\"type\": \"push\"", "1 !! its type is unknown"),
        ("\"counter\": 7", "\"other\": 7", "3 !! a token by counter (HOTP) needs its counter"),
    ];
    for (from, to, expected) in rows {
        let told = shown(&with(PLAIN, from, to), None);
        assert_eq!(told.len(), ALL.len());
        let number = expected.split(' ').next().unwrap().parse::<usize>().unwrap() - 1;
        assert!(told[number].starts_with(expected), "{}", told[number]);
        assert!(told.iter().enumerate().all(|(at, line)| at == number || line == ALL[at]), "{told:#?}");
    }
}

#[test]
fn costs_are_refused_before_they_are_paid() {
    let costly = with(ENCRYPTED, "\"n\": 1024", "\"n\": 8388608");
    match problem(&costly, Some(PASSWORD)) {
        FileProblem::TooCostly { asked, most, .. } => {
            assert_eq!(asked, "scrypt with 67110912 for N · r · p over 2 passwords");
            assert_eq!(most, "4194304");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn other_versions_are_refused() {
    for (from, to) in [("\"version\": 1", "\"version\": 2"), ("\"version\": 3", "\"version\": 4")] {
        assert!(matches!(problem(&with(PLAIN, from, to), None), FileProblem::NotReadable { .. }));
    }
    let phone_alone = String::from_utf8(ENCRYPTED.to_vec()).unwrap().replace("\"type\": 1", "\"type\": 2");
    assert!(problem(phone_alone.as_bytes(), Some(PASSWORD)).to_string().contains("only the phone that wrote it"));
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(PLAIN, None);
    no_beginning_gives_an_account(ENCRYPTED, Some(PASSWORD));
}
