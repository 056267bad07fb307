//! Exports of password managers that are no tables.

use proptest::prelude::*;

use crate::reading::{changed, prefixes_do_not_panic, tell};

/// A sample, its password, and how each line of what came of it begins.
type Sample = (&'static [u8], Option<&'static str>, &'static [&'static str]);

const PASSWORD: Option<&str> = Some("correct horse");

const BITWARDEN: &[Sample] = &[
    (
        include_bytes!("samples/bitwarden.json"),
        None,
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example/login | 198010 | notes \"a note\" | \
             tags Work, Servers | (it has 2 addresses: the first was taken)",
            "account 2: Birch | mara | s3cret-two | - | 98788846",
            "account 3: Steam | mara | - | - | W5GKB",
            "account 10: Cedar | mara | s3cret-three | - | - | (its field totp cannot be used: character 11 of the setup key, \"1\", is not one of",
            "account 11 !! its field login.password is not what it should be",
            "left out: 1 SSH keys",
            "left out: 1 archived items",
            "left out: 1 cards",
            "left out: 1 custom fields",
            "left out: 1 deleted items",
            "left out: 1 earlier passwords",
            "left out: 1 logins without password and second factor",
            "left out: 1 passkeys",
            "left out: 1 secure notes",
        ],
    ),
    (
        include_bytes!("samples/bitwarden-organisation.json"),
        None,
        &["account 1: Acorn | mara | s3cret-one | https://acorn.example | 368941 | tags Team, Databases"],
    ),
    (include_bytes!("samples/bitwarden-pbkdf2.json"), PASSWORD, ACORN),
    (include_bytes!("samples/bitwarden-argon2id.json"), PASSWORD, ACORN),
    (include_bytes!("samples/bitwarden.zip"), None, ACORN),
    (
        include_bytes!("samples/bitwarden-restricted.json"),
        None,
        &[
            " !! this is an export (JSON) of Bitwarden, but it is encrypted with its account's own key, which no other program \
           has: export it again",
        ],
    ),
];

const ACORN: &[&str] = &["account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010"];

const PROTON_PASS: &[&str] = &[
    "account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | notes \"a note\" | tags Personal | \
     (it has several user names: the first was taken) | (it has 2 second factors: the first was taken) | \
     (it has 2 addresses: the first was taken)",
    "account 2: Birch | mara@example.org | - | https://birch.example | 368941 | tags Personal",
    "account 7: Cedar | mara | s3cret-three | - | - | tags Team | (its field totpUri cannot be used: in the otpauth URL: the algorithm MD5 is not supported",
    "left out: 1 aliases",
    "left out: 1 attachments",
    "left out: 1 cards",
    "left out: 1 custom fields",
    "left out: 1 deleted items",
    "left out: 1 passkeys",
    "left out: 1 secure notes",
];

const KEEPER: &[&str] = &[
    "account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | notes \"a note\" | tags Work, Servers, Team",
    "account 2: Birch | mara | s3cret-two | - | 368941",
    "account 5: Cedar | mara | s3cret-three | - | 355680 | (it has 2 second factors: the first was taken)",
    "account 6: Dogwood | mara | x | - | - | (its field $oneTimeCode cannot be used: in the otpauth URL's secret: character 2 of the setup key",
    "left out: 1 attachments",
    "left out: 1 cards",
    "left out: 2 custom fields",
    "left out: 1 passkeys",
    "left out: 1 secure notes",
];

const OTHERS: &[Sample] = &[
    (include_bytes!("samples/proton-pass.json"), None, PROTON_PASS),
    (include_bytes!("samples/proton-pass.zip"), None, PROTON_PASS),
    (
        include_bytes!("samples/proton-pass-pgp.zip"),
        None,
        &[
            " !! this is an export (ZIP) of Proton Pass, but it is encrypted with PGP: export it again with the format ZIP",
        ],
    ),
    (
        include_bytes!("samples/one-password.1pux"),
        None,
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | notes \"a note\" | \
             tags Personal, work, servers, night | (it has 2 addresses: the first was taken)",
            "account 2: Birch |  | s3cret-two | - | 368941 | tags Personal",
            "account 3: Cedar | root | s3cret-three | https://cedar.example | - | tags Personal",
            "account 9: Dogwood | mara | s3cret-four | - | - | tags Personal | (its field with a one-time password cannot be used: in the otpauth URL's secret: character 2",
            "account 10: Elder | m@alias.example | s3cret-five | - | - | tags Personal",
            "account 11: Fir | mara | s3cret-six | https://fir.example | - | tags Older",
            "left out: 1 SSH keys",
            "left out: 1 archived items",
            "left out: 1 attachments",
            "left out: 1 cards",
            "left out: 3 custom fields",
            "left out: 1 earlier passwords",
            "left out: 1 secure notes",
        ],
    ),
    (include_bytes!("samples/keeper.json"), None, KEEPER),
    (include_bytes!("samples/keeper.zip"), None, KEEPER),
    (include_bytes!("samples/keeper-list.json"), None, &["account 1: Birch | mara | s3cret-two | - | 368941"]),
    (
        include_bytes!("samples/exchange.cxf.json"),
        None,
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example | 563773 | notes \"a note\" | \
             tags Work, Servers, night",
            "account 2: Birch |  | s3cret-two | - | -",
            "account 5: Cedar | mara | x | - | - | (its credential of type totp cannot be used: the algorithm MD5 is not supported",
            "account 6 !! its credential of type totp cannot be used: its number of digits is missing",
            "left out: 1 cards",
            "left out: 1 custom fields",
            "left out: 1 items of other kinds",
            "left out: 2 passkeys",
            "left out: 1 secure notes",
        ],
    ),
    (
        include_bytes!("samples/exchange-encrypted.json"),
        None,
        &[
            " !! this is an export in the Credential Exchange Format (CXF), but it is encrypted for the program that asked for it",
        ],
    ),
    (
        include_bytes!("samples/pass.txt"),
        None,
        &["account 1: Acorn: mara | mara | s3cret-One! | https://acorn.example | 198010 | \
           notes \"recovery: 1111-2222\\nnote to self\" | (the first line of this text was taken for the password: compare it)"],
    ),
    (
        include_bytes!("samples/gopass.txt"),
        None,
        &["account 1: Birch | mara | s3cret-two | - | 368941 | notes \"---\" | (the first line"],
    ),
    (
        include_bytes!("samples/armoured.pgp"),
        None,
        &[
            " !! this is a file that is encrypted with PGP, but only the key of its owner opens it: decrypt it with `gpg --output",
        ],
    ),
    (
        include_bytes!("samples/entry.gpg"),
        None,
        &[
            " !! this is a file that is encrypted with PGP, but only the key of its owner opens it: decrypt it with `gpg --output",
        ],
    ),
    (
        include_bytes!("samples/dashlane.zip"),
        None,
        &[
            "account 1: Acorn | mara@example.org | s3cret-one | https://acorn.example | 198010",
            "account 2: Birch | other | s3cret-two | https://birch.example | -",
            "left out: 1 secure notes",
        ],
    ),
];

#[test]
fn each_manager_s_export_is_read() {
    for (bytes, password, expected) in BITWARDEN.iter().chain(OTHERS) {
        let told = tell(bytes, *password);
        let fits = told.len() == expected.len()
            && told.iter().zip(*expected).all(|(told, expected)| told.starts_with(expected));
        assert!(fits, "told\n{}\nexpected\n{}", told.join("\n"), expected.join("\n"));
    }
}

#[test]
fn every_sample_may_be_cut_anywhere() {
    for (bytes, password, _) in BITWARDEN.iter().chain(OTHERS) {
        // A key is made for each prefix that says how: not for every byte.
        let step = if password.is_some() { 61 } else { 7 };
        prefixes_do_not_panic(bytes, *password, step);
    }
}

#[test]
fn a_document_that_is_cut_says_where() {
    for (bytes, password, _) in [&BITWARDEN[0], &OTHERS[0], &OTHERS[4], &OTHERS[7]] {
        let told = tell(&bytes[..bytes.len() - 20], *password);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("it is damaged at line "), "{}", told[0]);
    }
    let told = tell(&OTHERS[3].0[..1500], None);
    assert_eq!(
        told,
        [
            " !! this is an export (1PUX) of 1Password, and it is damaged at the archive's directory, at its end: export it again"
        ]
    );
}

/// Bitwarden's file with a field changed.
fn protected(from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(include_bytes!("samples/bitwarden-argon2id.json")).unwrap();
    assert!(text.contains(from));
    text.replace(from, to).into_bytes()
}

#[test]
fn a_protected_export_says_why_it_does_not_open() {
    let format = "this is a password-protected export (JSON) of Bitwarden";
    let bytes = include_bytes!("samples/bitwarden-pbkdf2.json");
    assert_eq!(tell(bytes, None), [format!(" !! {format}, which is encrypted: give the file's password")]);
    for wrong in ["", "correct horses", "Correct horse"] {
        let told = tell(bytes, Some(wrong));
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("the password does not open it"), "{}", told[0]);
    }
    for (from, to, message) in [
        (
            "\"kdfMemory\": 16",
            "\"kdfMemory\": 1024",
            "whose key asks for 1024 MiB of memory (Argon2id), and at most 256 MiB",
        ),
        ("\"kdfIterations\": 2", "\"kdfIterations\": 21", "whose key asks for 21 passes of Argon2id"),
        ("\"kdfParallelism\": 4", "\"kdfParallelism\": 64", "whose key asks for 64 lanes of Argon2id"),
        ("\"kdfIterations\": 2", "\"kdfIterations\": 0", "damaged at the key's memory, passes or lanes"),
        ("\"kdfMemory\": 16,", "", "damaged at the field kdfMemory, which is missing"),
        ("\"kdfType\": 1", "\"kdfType\": 7", "its key is made in a way (kdfType 7) that nobody has described yet"),
        (
            "\"kdfType\": 1,\n  \"kdfIterations\": 2",
            "\"kdfType\": 0, \"kdfIterations\": 5000001",
            "5000001 rounds of PBKDF2",
        ),
        ("\"passwordProtected\": true", "\"passwordProtected\": false", "encrypted with its account's own key"),
        ("\"data\": \"2.", "\"data\": \"7.", "damaged at the field data"),
        ("\"data\": \"2.E", "\"data\": \"2.F", "damaged at the field data"),
        ("\"salt\": \"AA", "\"salt\": \"AB", "the password does not open it"),
    ] {
        let told = tell(&protected(from, to), PASSWORD);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(message), "{to}: {}", told[0]);
    }
}

#[test]
fn an_account_s_own_encryption_is_refused_in_every_form() {
    let hidden = r#"{"encrypted":true,"folders":[],"items":[]}"#;
    assert!(tell(hidden.as_bytes(), None)[0].contains("encrypted with its account's own key"));
    let proton = r#"{"version":"1.0","encrypted":true,"vaults":{}}"#;
    assert!(tell(proton.as_bytes(), None)[0].contains("encrypted with PGP"));
}

/// An archive with one file, written as it should be or not: the size that it claims, its text, and how it is packed.
fn archive(name: &str, claimed: u32, packed: &[u8], method: u16, sum: u32) -> Vec<u8> {
    let length = u32::try_from(packed.len()).unwrap();
    let name_length = u16::try_from(name.len()).unwrap();
    let mut common = Vec::new();
    common.extend([20, 0, 0, 0]);
    common.extend(method.to_le_bytes());
    common.extend([0; 4]);
    for number in [sum, length, claimed] {
        common.extend(number.to_le_bytes());
    }
    common.extend(name_length.to_le_bytes());
    common.extend([0, 0]);
    let local = [b"PK\x03\x04".as_slice(), &common, name.as_bytes(), packed].concat();
    let central = [b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 14], name.as_bytes()].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend(u32::try_from(central.len()).unwrap().to_le_bytes());
    end.extend(u32::try_from(local.len()).unwrap().to_le_bytes());
    end.extend([0, 0]);
    [local, central, end].concat()
}

#[test]
fn an_archive_is_unpacked_within_limits() {
    let text = br#"{"accounts":[]}"#;
    let size = u32::try_from(text.len()).unwrap();
    // Not the text's own.
    let sum = 0x9d4b_6b5a;
    for (claimed, packed, method, message) in [
        (size, text.as_slice(), 0, "the file export.data in it"),
        (size + 1, text, 0, "the file export.data in it"),
        (200 << 20, text, 8, "at most 64 MiB and 200 times its packed size are unpacked"),
        (4000, text, 8, "at most 64 MiB and 200 times its packed size are unpacked"),
        (size, text, 12, "it is packed in a way that is not supported: unpack it first"),
        (size, b"not deflate", 8, "damaged at the file export.data in it"),
    ] {
        let told = tell(&archive("export.data", claimed, packed, method, sum), None);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(message), "{claimed} {method}: {}", told[0]);
    }
    let many =
        [b"PK\x03\x04".as_slice(), &[0; 22], &[11, 0, 0, 0], b"export.data", &b"PK\x01\x02".repeat(20_001)].concat();
    let told = tell(&many, None);
    assert!(told[0].contains("it holds more than 20000 files"), "{}", told[0]);
    // Another archive is told as before.
    let other = archive("word/document.xml", size, text, 0, sum);
    assert!(tell(&other, None)[0].contains("this is a ZIP archive or an office document, which cannot be read"));
}

/// Nothing here is long enough to be an entry of pass, or it is a list of addresses.
#[test]
fn a_text_of_addresses_is_no_entry_of_pass() {
    let address = "otpauth://totp/Acorn:mara?secret=JBSWY3DPEHPK3PXP&issuer=Acorn";
    for text in [
        format!("My codes\n{address}\n"),
        format!("# from the old phone\n{address}\n"),
        format!("codes\n{address}\n"),
        format!("Accounts:\n{address}\n"),
        format!("s3cret-One!\n{address}\n{address}\n"),
        format!("{address}\nlogin: mara\n"),
    ] {
        assert!(tell(text.as_bytes(), None).iter().all(|line| !line.contains("first line of this text")), "{text}");
    }
    let entry = format!("Hunter2-Hunter2\n{address}\n");
    assert_eq!(
        tell(entry.as_bytes(), None),
        ["account 1: Acorn: mara | mara | Hunter2-Hunter2 | - | 368941 | \
          (the first line of this text was taken for the password: compare it)"]
    );
}

/// Long lists, long names and deep nesting cost no more than the file is long.
#[test]
fn hostile_documents_are_read_in_their_own_measure() {
    let long = "n".repeat(1 << 20);
    let folder = format!(r#"{{"encrypted":false,"folders":[{{"id":"f","name":"{long}"}}],"items":[{}]}}"#, {
        let item = r#"{"type":1,"name":"a","folderId":"f","login":{"password":"p"}}"#;
        vec![item; 20_000].join(",")
    });
    let told = tell(folder.as_bytes(), None);
    assert_eq!(told.len(), 20_000);
    assert!(
        told[0].ends_with("(the name of its folder, or of one of its tags, is too long and was not taken)"),
        "{}",
        &told[0][..200]
    );
    let many = format!(r#"{{"encrypted":false,"folders":[],"items":[{}]}}"#, vec!["0"; 300_000].join(","));
    assert!(tell(many.as_bytes(), None)[0].contains("it has 300000 entries, and at most 200000 are read"));
    let wide = format!(
        r#"{{"encrypted":false,"folders":[],"items":[{{"type":1,"name":"a","login":{{"password":"p","uris":[{}]}}}}]}}"#,
        { vec![r#"{"uri":"https://a"}"#; 100_000].join(",") }
    );
    assert_eq!(tell(wide.as_bytes(), None).len(), 1);
    for deep in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        let text = format!(
            r#"{{"encrypted":false,"folders":[],"items":[{{"type":1,"name":"a","login":{{"password":"p"}},"x":{deep}"#
        );
        assert!(tell(text.as_bytes(), None)[0].contains("it is damaged at"));
    }
    let collections = r#"{"title":"t","items":[],"subCollections":["#.repeat(1_000);
    let text = format!(r#"{{"version":{{"major":1}},"exporterRpId":"x","accounts":[{{"collections":[{collections}"#);
    assert!(tell(text.as_bytes(), None)[0].contains("it is damaged at"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_change_is_read_without_a_panic(
        sample in proptest::sample::select(OTHERS).prop_flat_map(|(bytes, _, _)| changed(bytes)),
        bitwarden in changed(BITWARDEN[0].0),
        rest in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert!(!tell(&sample, None).is_empty());
        prop_assert!(!tell(&bitwarden, None).is_empty());
        for start in [
            b"PK\x03\x04".as_slice(),
            b"-----BEGIN PGP MESSAGE-----",
            &[0x85, 0x01],
            br#"{"encrypted":false,"folders":[],"items":["#,
            br#"{"version":"1","vaults":{"#,
            br#"{"records":[{"title":"#,
            br#"{"version":{"major":1},"exporterRpId":"x","accounts":["#,
            br#"{"encrypted":true,"passwordProtected":true,"salt":"","kdfType":0,"data":"#,
        ] {
            prop_assert!(!tell(&[start, &rest].concat(), PASSWORD).is_empty());
        }
    }
}
