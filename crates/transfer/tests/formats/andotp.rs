use countersign_transfer::FileProblem;

use crate::{
    CEDAR, MOBILE_OTP, PASSWORD, STEAM, import_called, lines, no_beginning_gives_an_account, no_beginning_of,
    only_problem, shown, with,
};

const PLAIN: &[u8] = include_bytes!("samples/andotp.json");
const FIRST: &[u8] = include_bytes!("samples/andotp_first.json");
const ENCRYPTED: &[u8] = include_bytes!("samples/andotp_encrypted.json.aes");
const OLD: &[u8] = include_bytes!("samples/andotp_encrypted_old.json.aes");

const NAME: &str = "a backup of andOTP";
const UNMARKED: &str = "an encrypted file without a mark, as older backups of andOTP are";

const ALL: [&str; 7] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 [\"Work\", \"EU\"]",
    "2 -> Birch: ops (Birch / ops) 77076628",
    CEDAR,
    STEAM,
    MOBILE_OTP,
    "6 !! the algorithm MD5 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
    "7 !! digits must be 5 to 10",
];

#[test]
fn plain_backups_are_read() {
    assert_eq!(shown(PLAIN, None), ALL);
    // Before it had an issuer of its own.
    assert_eq!(shown(FIRST, None), ["1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300"]);
}

/// As the app names what it encrypts.
const FILE: &str = "otp_accounts_2021-03-04_10-11-12.json.AES";

#[test]
fn both_encrypted_forms_open_with_their_password() {
    assert_eq!(shown(ENCRYPTED, Some(PASSWORD)), ALL);
    assert_eq!(lines(&import_called(FILE, OLD, Some(PASSWORD))), ALL);
    for (sample, name) in [(ENCRYPTED, NAME), (OLD, UNMARKED)] {
        assert_eq!(only_problem(&import_called(FILE, sample, None)), FileProblem::PasswordNeeded(name));
        assert_eq!(only_problem(&import_called(FILE, sample, Some("guess"))), FileProblem::WrongPassword(name));
    }
}

#[test]
fn rounds_that_the_app_never_took_are_not_paid() {
    for (rounds, is_known) in [
        (999, false),
        (1_000, true),
        (5_000, true),
        (5_001, false),
        (139_999, false),
        (140_000, true),
        (160_000, true),
        (160_001, false),
        (5_000_000, false),
    ] {
        let mut file = ENCRYPTED.to_vec();
        file[..4].copy_from_slice(&u32::to_be_bytes(rounds));
        let told = lines(&import_called("file", &file, None));
        assert_eq!(told[0].contains("give the file's password"), is_known, "{rounds}: {}", told[0]);
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

/// Of random bytes, those alone are asked for a password that are called as the app calls its own, are small and bear no mark.
#[test]
fn no_other_file_is_asked_for_a_password() {
    let chance = chance(4096);
    assert_eq!(only_problem(&import_called(FILE, &chance, None)), FileProblem::PasswordNeeded(UNMARKED));
    let marks: [&[u8]; 24] = [
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"\xff\xd8\xff\xe1\x12\x34Exif\0\0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"MZ\x90\0",
        b"\x7fELF\x02\x01",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"PK\x03\x04",
        b"\x1f\x8b\x08\0",
        b"\xfd7zXZ\0",
        b"\x28\xb5\x2f\xfd",
        b"BZh9",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
        b"%PDF-1.7\n",
        b"Salted__",
        b"AES\x02\0",
        b"\x8c\x0d\x04\x09\x03\x02",
        b"LUKS\xba\xbe\0\x02",
        b"\x30\x82\x09\x5a\x02\x01\x03",
        b"SQLite format 3\0",
        b"OggS\0\x02",
        b"\0\0\0\x20ftypisom",
    ];
    for mark in marks {
        asks_for_nothing(FILE, &[mark, &chance].concat());
    }
    for name in ["file", "holiday.jpg", "aes", "otp_accounts.json.aes.part", "container.bin"] {
        asks_for_nothing(name, &chance);
        assert!(lines(&import_called(name, OLD, None))[0].contains("neither an image nor text"), "{name}");
        assert!(lines(&import_called(name, OLD, Some("guess")))[0].contains("neither an image nor text"), "{name}");
        // Its own password says for certain what it is.
        assert_eq!(lines(&import_called(name, OLD, Some(PASSWORD))), ALL, "{name}");
    }
    asks_for_nothing(FILE, &self::chance((1 << 20) + 1));
    for ordered in
        [vec![0u8; 4096], (0..4096u32).map(|at| (at / 200) as u8 | 0x80).collect(), [&[0xff, 0xd0][..], PLAIN].concat()]
    {
        asks_for_nothing(FILE, &ordered);
    }
}

fn asks_for_nothing(name: &str, bytes: &[u8]) {
    for password in [None, Some(PASSWORD)] {
        let import = import_called(name, bytes, password);
        let refusal = import.items()[0].outcome.as_ref().err().unwrap();
        assert!(!refusal.asks_for_password(), "{name}, {:?}: {refusal}", &bytes[..8]);
    }
}

/// What Authenticator Plus keeps is random to its last byte.
#[test]
fn a_database_of_authenticator_plus_is_told_by_its_name() {
    let message = only_problem(&import_called("authplus.db", &chance(4096), Some(PASSWORD))).to_string();
    assert!(message.starts_with("this is an encrypted database (SQLCipher), as Authenticator Plus keeps its own"));
    for (name, length) in [("authplus.db", 4095), ("authplus.db", 3072), ("authplus.bin", 4096)] {
        let told = lines(&import_called(name, &chance(length), None));
        assert!(told[0].contains("this file is neither an image nor text"), "{}", told[0]);
    }
}

fn chance(length: usize) -> Vec<u8> {
    OLD.iter().cycle().take(length).enumerate().map(|(at, byte)| byte ^ shuffled(at)).collect()
}

fn shuffled(at: usize) -> u8 {
    let mixed = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).to_be_bytes()[1]
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(PLAIN, None);
    no_beginning_gives_an_account(ENCRYPTED, Some(PASSWORD));
    no_beginning_of(OLD, |bytes| import_called(FILE, bytes, Some(PASSWORD)));
}
