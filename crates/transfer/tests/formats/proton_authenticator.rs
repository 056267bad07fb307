use countersign_transfer::FileProblem;

use crate::{PASSWORD, damaged_at, no_beginning_gives_an_account, opens_with_its_password_alone, problem, shown, with};

const PLAIN: &[u8] = include_bytes!("samples/proton_authenticator.json");
const ENCRYPTED: &[u8] = include_bytes!("samples/proton_authenticator_encrypted.json");

const NAME: &str = "an export of Proton Authenticator";

const ALL: [&str; 5] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 \"spare code in the safe\"",
    "2 -> Birch: ops (Birch / ops) 77076628",
    "3 -> Steam: mara (Steam / mara) RGTFV",
    "4 !! in the otpauth URL: the algorithm SHA3 is not supported: only SHA1, SHA256 and SHA512 are; \
     register the account anew at its site",
    "5 !! its content is missing: export the file again, or add this account by hand",
];

#[test]
fn plain_and_encrypted_exports_are_read() {
    assert_eq!(shown(PLAIN, None), ALL);
    opens_with_its_password_alone(ENCRYPTED, NAME, &ALL);
}

#[test]
fn what_is_damaged_says_where() {
    let rows = [
        ("\"salt\":\"", "\"salt\":\"!", "salt, which is no base64"),
        ("\"salt\":\"", "\"salt\":\"AA==\",\"x\":\"", "the key's salt or password's length"),
        ("\"content\":\"", "\"content\":\"!", "content, which is no base64"),
        ("\"content\":\"", "\"content\":\"AAAA\",\"x\":\"", "content, which is too short"),
    ];
    for (from, to, place) in rows {
        assert_eq!(damaged_at(&with(ENCRYPTED, from, to), Some(PASSWORD)), place);
    }
    assert!(matches!(problem(&with(ENCRYPTED, ":1", ":2"), None), FileProblem::NotReadable { .. }));
    assert!(matches!(problem(&with(PLAIN, ": 1", ": 2"), None), FileProblem::NotReadable { .. }));
    assert!(matches!(problem(&with(PLAIN, ": 1", ": -1"), None), FileProblem::Damaged { .. }));
    let told = shown(&with(PLAIN, "\"uri\": \"steam", "\"uri\": null, \"x\": \"steam"), None);
    assert_eq!(told[2], "3 !! its content.uri is missing: export the file again, or add this account by hand");
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(PLAIN, None);
    no_beginning_gives_an_account(ENCRYPTED, None);
}
