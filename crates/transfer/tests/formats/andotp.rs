use countersign_transfer::FileProblem;

use crate::{PASSWORD, import, no_beginning_gives_an_account, problem, shown, with};

const PLAIN: &[u8] = include_bytes!("samples/andotp.json");
const FIRST: &[u8] = include_bytes!("samples/andotp_first.json");
const ENCRYPTED: &[u8] = include_bytes!("samples/andotp_encrypted.json.aes");
const OLD: &[u8] = include_bytes!("samples/andotp_encrypted_old.json.aes");

const NAME: &str = "a backup of andOTP";
const UNMARKED: &str = "an encrypted file without a mark, as older backups of andOTP are";

const ALL: [&str; 7] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 [\"Work\", \"EU\"]",
    "2 -> Birch: ops (Birch / ops) 77076628",
    "3 -> Cedar: door (Cedar / door) #7 5894218",
    "4 -> Steam: mara (Steam / mara) RGTFV",
    "5 !! its tokens are Mobile-OTP's, which are made with MD5 and a PIN and are not supported: \
     set the account up anew at its site with an authenticator app (TOTP)",
    "6 !! the algorithm MD5 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
    "7 !! digits must be 5 to 10",
];

#[test]
fn plain_backups_are_read() {
    assert_eq!(shown(PLAIN, None), ALL);
    // Before it had an issuer of its own.
    assert_eq!(shown(FIRST, None), ["1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300"]);
}

#[test]
fn both_encrypted_forms_open_with_their_password() {
    assert_eq!(shown(ENCRYPTED, Some(PASSWORD)), ALL);
    assert_eq!(shown(OLD, Some(PASSWORD)), ALL);
    assert_eq!(problem(ENCRYPTED, None), FileProblem::PasswordNeeded(NAME));
    assert_eq!(problem(OLD, None), FileProblem::PasswordNeeded(UNMARKED));
    assert_eq!(problem(ENCRYPTED, Some("guess")), FileProblem::WrongPassword(NAME));
    assert_eq!(problem(OLD, Some("guess")), FileProblem::WrongPassword(UNMARKED));
}

#[test]
fn costs_are_refused_before_they_are_paid() {
    let mut costly = ENCRYPTED.to_vec();
    costly[..4].copy_from_slice(&5_000_001u32.to_be_bytes());
    match problem(&costly, Some(PASSWORD)) {
        FileProblem::TooCostly { asked, .. } => assert_eq!(asked, "5000001 rounds of PBKDF2"),
        other => panic!("{other}"),
    }
}

#[test]
fn an_entry_that_is_wrong_stops_no_other() {
    let rows = [
        ("\"digits\":8", "\"digits\":\"8\"", "2 !! its field digits is not what it should be"),
        ("\"type\":\"HOTP\"", "\"type\":\"PUSH\"", "3 !! its type is unknown"),
        ("\"counter\":7", "\"count\":7", "3 !! a token by counter (HOTP) needs its counter"),
        ("\"secret\":\"GEZ", "\"secret\":\"G1Z", "1 !! in its setup key: character 2 of the setup key, \"1\", is not"),
        ("\"secret\":\"GEZ", "\"secret\":null,\"x\":\"GEZ", "1 !! its secret is missing"),
    ];
    for (from, to, expected) in rows {
        let told = shown(&with(PLAIN, from, to), None);
        assert_eq!(told.len(), ALL.len());
        assert!(told.iter().any(|line| line.starts_with(expected)), "{told:#?}");
        assert_eq!(told.iter().filter(|line| ALL.contains(&line.as_str())).count(), ALL.len() - 1);
    }
}

/// Files that are no export, and look like chance or not.
#[test]
fn a_file_without_a_mark_is_known_by_looking_like_chance() {
    let chance: Vec<u8> = OLD.iter().cycle().take(4096).enumerate().map(|(at, byte)| byte ^ shuffled(at)).collect();
    let message = problem(&chance, Some(PASSWORD)).to_string();
    assert!(message.starts_with("this is an encrypted database (SQLCipher), as Authenticator Plus keeps its own"));
    assert_eq!(problem(&chance[..4095], None), FileProblem::PasswordNeeded(UNMARKED));
    for ordered in
        [vec![0u8; 4096], (0..4096u32).map(|at| (at / 200) as u8 | 0x80).collect(), [&[0xff, 0xd0][..], PLAIN].concat()]
    {
        let import = import(&ordered, None);
        let refusal = import.items()[0].outcome.as_ref().err().unwrap().to_string();
        assert!(!refusal.contains("encrypted"), "{refusal}");
    }
}

fn shuffled(at: usize) -> u8 {
    let mixed = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).to_be_bytes()[1]
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(PLAIN, None);
    no_beginning_gives_an_account(ENCRYPTED, Some(PASSWORD));
    no_beginning_gives_an_account(OLD, Some(PASSWORD));
}
