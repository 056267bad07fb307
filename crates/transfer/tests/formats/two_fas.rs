use countersign_transfer::FileProblem;

use crate::{
    CEDAR, PASSWORD, STEAM, damaged_at, no_beginning_gives_an_account, opens_with_its_password_alone, problem, shown,
    with,
};

const SCHEMA_1: &[u8] = include_bytes!("samples/2fas_schema_1.2fas");
const SCHEMA_4: &[u8] = include_bytes!("samples/2fas_schema_4.2fas");
const ENCRYPTED: &[u8] = include_bytes!("samples/2fas_encrypted.2fas");

const NAME: &str = "a backup of 2FAS";

const ALL: [&str; 8] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 [\"Work\"]",
    "2 -> Our birch (Birch / ops) 77076628",
    CEDAR,
    STEAM,
    "5 !! the algorithm SHA224 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
    "6 !! its field otp.digits is not what it should be: export the file again, or add this account by hand",
    "7 !! a token by counter (HOTP) needs its counter, and none is given: add counter=, as the old program shows it",
    "8 !! its otp.tokenType is unknown: totp, hotp and steam are known; add this account by hand",
];

#[test]
fn plain_backups_are_read() {
    assert_eq!(shown(SCHEMA_1, None), ["1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300"]);
    assert_eq!(shown(SCHEMA_4, None), ALL);
    for schema in ["2", "3"] {
        let older = with(SCHEMA_4, "\"schemaVersion\":4", &format!("\"schemaVersion\":{schema}"));
        assert_eq!(shown(&older, None), ALL);
    }
    let without_password = with(SCHEMA_4, "\"schemaVersion\":4", "\"schemaVersion\":4,\"servicesEncrypted\":null");
    assert_eq!(shown(&without_password, None), ALL);
}

#[test]
fn an_encrypted_backup_opens_with_its_password() {
    opens_with_its_password_alone(ENCRYPTED, NAME, &ALL);
}

#[test]
fn what_is_damaged_says_where() {
    let parts = "servicesEncrypted, which is not three parts in base64";
    let rows = [
        ("\"servicesEncrypted\":\"", "\"servicesEncrypted\":\"!", parts),
        ("\"servicesEncrypted\":\"", "\"servicesEncrypted\":\"A:", parts),
        (
            "\"servicesEncrypted\":\"",
            "\"servicesEncrypted\":\"AAAA:AAAA:AAAA\",\"x\":\"",
            "servicesEncrypted, whose parts have wrong lengths",
        ),
        ("\"services\":[]", "\"services\":{}", "line 1, column 12"),
    ];
    for (from, to, place) in rows {
        assert_eq!(damaged_at(&with(ENCRYPTED, from, to), Some(PASSWORD)), place, "{to}");
    }
    let newer = with(SCHEMA_4, "\"schemaVersion\":4", "\"schemaVersion\":5");
    assert!(matches!(problem(&newer, None), FileProblem::NotReadable { .. }));
    let empty = br#"{"services":null,"schemaVersion":4}"#;
    assert!(matches!(problem(empty, None), FileProblem::Damaged { .. }));
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(SCHEMA_4, None);
    no_beginning_gives_an_account(ENCRYPTED, Some(PASSWORD));
}
