use countersign_transfer::FileProblem;

use crate::{
    CEDAR, PASSWORD, STEAM, damaged_at, no_beginning_gives_an_account, opens_with_its_password_alone, problem, shown,
    with,
};

const JSON: &[u8] = include_bytes!("samples/freeotp_plus.json");
const XML: &[u8] = include_bytes!("samples/freeotp_tokens.xml");

const BACKUP: &[u8] = include_bytes!("samples/freeotp_2_backup.xml");

const ALL: [&str; 7] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 790195",
    "2 -> Birch of the office: ops 2 (Birch of the office / ops 2) 77076628",
    CEDAR,
    "4 -> Cedar: new (Cedar / new) #0 5415836",
    "5 -> Steam: mara (Steam / mara) RGTFV",
    "6 !! the algorithm MD5 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
    "7 !! its field secret[2] is not what it should be: export the file again, or add this account by hand",
];

#[test]
fn json_and_xml_hold_the_same() {
    assert_eq!(shown(JSON, None), ALL);
    assert_eq!(shown(XML, None), ALL);
    assert_eq!(shown(&[b"\xef\xbb\xbf", XML].concat(), None), ALL);
}

#[test]
fn an_entry_that_is_wrong_stops_no_other() {
    let rows = [
        ("\"type\":\"HOTP\"", "\"type\":\"MOTP\"", "3 !! its tokens are Mobile-OTP's"),
        ("\"counter\":7", "\"counter\":-2", "3 !! its field counter is not what it should be"),
        ("\"digits\":8", "\"digits\":4", "2 !! digits must be 5 to 10"),
        ("\"secret\":[", "\"secret\":[],\"x\":[", "1 !! in its setup key: the setup key is empty"),
        ("\"secret\":[", "\"secret\":\"A\",\"x\":[", "1 !! its field secret is not what it should be"),
    ];
    for (from, to, expected) in rows {
        let told = shown(&with(JSON, from, to), None);
        assert!(told.iter().any(|line| line.starts_with(expected)), "{told:#?}");
        assert_eq!(told.iter().filter(|line| ALL.contains(&line.as_str())).count(), ALL.len() - 1);
        let quoted = |text: &str| text.replace('"', "&quot;");
        assert_eq!(shown(&with(XML, &quoted(from), &quoted(to)), None), told);
    }
    let long = with(JSON, "\"secret\":[", &format!("\"secret\":[{}", "1,".repeat(641)));
    assert!(shown(&long, None)[0].starts_with("1 !! in its setup key: the setup key is too long"));
    let broken = shown(&with(XML, "{&quot;algo&quot;", "{&quot;algo"), None);
    assert!(broken[0].starts_with("1 !! its entry is not what it should be"), "{}", broken[0]);
}

#[test]
fn what_is_damaged_says_where() {
    for (from, to, place) in [
        ("<map>", "<map><x>", "line 11"),
        ("&quot;", "&unknown;", "line 3"),
        ("</map>", "</other>", "line 11"),
        ("&quot;", "&#xffffffff;", "line 3"),
    ] {
        assert_eq!(damaged_at(&with(XML, from, to), None), place, "{to}");
    }
}

const NAME: &str = "an encrypted backup of FreeOTP 2";

#[test]
fn the_encrypted_backup_of_freeotp_2_is_read() {
    let expected = [
        "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 790195",
        "2 -> Birch: ops (Birch / ops) 77076628",
        CEDAR,
        STEAM,
        "5 !! its key is not what it should be: export the file again, or add this account by hand",
        "6 !! its key is missing: export the file again, or add this account by hand",
    ];
    opens_with_its_password_alone(BACKUP, NAME, &expected);
}

#[test]
fn the_backup_of_freeotp_2_says_where_it_is_damaged_or_too_costly() {
    let change = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = BACKUP.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut changed = BACKUP.to_vec();
        changed[at..at + from.len()].copy_from_slice(to.as_bytes());
        problem(&changed, Some(PASSWORD))
    };
    assert!(matches!(change(":   1000", ":5000001"), FileProblem::TooCostly { .. }));
    for (from, to, place) in [
        ("masterKey", "masterKez", "masterKey, which is missing"),
        ("withHmacSHA512", "withHmacSHA513", "masterKey.mAlgorithm, which is unknown"),
        ("AES/GCM/NoPadding", "AES/CBC/NoPadding", "masterKey.mEncryptedKey"),
        ("\"mSalt\":[", "\"mSalt\":{", "masterKey"),
    ] {
        match change(from, to) {
            FileProblem::Damaged { place: told, .. } => assert_eq!(told, place),
            other => panic!("{other}"),
        }
    }
    for length in 40..BACKUP.len() - 1 {
        assert!(matches!(problem(&BACKUP[..length], Some(PASSWORD)), FileProblem::Damaged { .. }), "{length}");
    }
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(JSON, None);
    no_beginning_gives_an_account(XML, None);
}
