//! KeePass's databases.

use countersign_seal::{Secret, foreign::sha256};
use proptest::prelude::*;

use crate::reading::{prefixes_do_not_panic, tell};

const PASSWORD: Option<&str> = Some("correct horse");

/// Version 3.1 with AES rounds and Salsa20; version 4 with each key and each cipher.
const SAMPLES: &[&[u8]] = &[
    include_bytes!("samples/keepass-3.1.kdbx"),
    include_bytes!("samples/keepass-4-argon2d-chacha20.kdbx"),
    include_bytes!("samples/keepass-4.1-argon2id-aes.kdbx"),
    include_bytes!("samples/keepass-4-aes-kdf.kdbx"),
];

const ACCOUNTS: &[&str] = &[
    "account 1: Acorn & Co | mara | s3cret <one> | https://acorn.example | 198010 | notes \"line\\ntüwo\" | tags night, day",
    "account 2: KeeOtp | mara | s3cret-two | - | 98788846",
    "account 3: Tray | mara | s3cret-three | https://birch.example | W5GKB | tags Work, Servers | \
     (its address, birch.example, was read with https:// in front)",
    "account 4: Own | mara | s3cret-four | - | 563773 | tags Work, Servers",
    "account 5: Counter | mara | s3cret-five | - | 162583@7 | tags Work, Servers",
    "account 6: Refers | mara | s3cret <one> | - | -",
    "account 7 !! its password refers to another entry ({REF:…}) in a way that is not followed",
    "account 9: Wrong | mara | x | - | - | (its field TimeOtp-Secret cannot be used: the algorithm MD5 is not supported",
    "account 10: Passkey | mara | s3cret-six | https://fir.example | -",
    "left out: 1 attachments",
    "left out: 1 custom fields",
    "left out: 1 deleted items",
    "left out: 1 logins without password and second factor",
    "left out: 1 passkeys",
];

#[test]
fn each_version_is_opened() {
    for bytes in SAMPLES {
        let told = tell(bytes, PASSWORD);
        let fits = told.len() == ACCOUNTS.len()
            && told.iter().zip(ACCOUNTS).all(|(told, expected)| told.starts_with(expected));
        assert!(fits, "told\n{}\nexpected\n{}", told.join("\n"), ACCOUNTS.join("\n"));
    }
}

#[test]
fn a_database_says_why_it_does_not_open() {
    for bytes in SAMPLES {
        assert_eq!(
            tell(bytes, None),
            [" !! this is a KeePass database (KDBX), which is encrypted: give the file's password"]
        );
        for wrong in ["", "correct horses"] {
            let told = tell(bytes, Some(wrong));
            assert_eq!(told.len(), 1);
            assert!(told[0].contains("key file") && told[0].contains("the password does not open it"), "{}", told[0]);
        }
    }
    for (bytes, message) in [
        (
            include_bytes!("samples/keepass-costly.kdbx").as_slice(),
            "whose key asks for 1024 MiB of memory (Argon2id), and at most 256 MiB are given",
        ),
        (
            include_bytes!("samples/keepass-costly-3.1.kdbx"),
            "whose key asks for 1000000000000 rounds of AES, and at most 100000000 are given",
        ),
        (
            include_bytes!("samples/keepass-twofish.kdbx"),
            "it is encrypted with Twofish: save it with AES-256 or ChaCha20",
        ),
        (include_bytes!("samples/keepass-deep.kdbx"), "damaged at its groups, which are more than 256 deep"),
        (include_bytes!("samples/keepass.kdb"), "its form is of KeePass 1: open it with KeePass or KeePassXC"),
    ] {
        let told = tell(bytes, PASSWORD);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(message), "{}", told[0]);
    }
}

/// KeePassXC takes as many passes as its machine makes in a second, and a lane for each processor.
#[test]
fn many_passes_and_lanes_over_little_memory_are_paid() {
    let sample = include_bytes!("samples/keepass-4-argon2d-chacha20.kdbx");
    let with = |passes: u64, kib: u64, lanes: u32| {
        let mut bytes = sample.to_vec();
        for (name, value) in
            [(b'I', &passes.to_le_bytes()[..]), (b'M', &(kib << 10).to_le_bytes()), (b'P', &lanes.to_le_bytes())]
        {
            let named = [1, 0, 0, 0, name, u8::try_from(value.len()).unwrap(), 0, 0, 0];
            let at = bytes.windows(named.len()).position(|window| window == named).unwrap() + named.len();
            bytes[at..at + value.len()].copy_from_slice(value);
        }
        // Behind the header stands its sum.
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let sum = sha256(&Secret::from(&bytes[..end]));
        bytes[end..end + 32].copy_from_slice(sum.expose());
        tell(&bytes, PASSWORD)
    };
    // Another key than the sample's: that it does not open says that it was made.
    for (passes, kib, lanes) in [(40, 64, 2), (800, 64, 8), (2, 1024, 32)] {
        let told = with(passes, kib, lanes);
        assert!(told[0].contains("the password does not open it"), "{passes} {kib} {lanes}: {}", told[0]);
    }
    for (passes, kib, lanes, message) in [
        (
            80_000,
            64 << 10,
            2,
            "80000 passes of Argon2id over 64 MiB, and at most 80 passes over so much memory are given",
        ),
        (100_001, 64, 2, "100001 passes of Argon2id"),
        (2, 64 << 10, 257, "257 lanes of Argon2id"),
        (2, (256 << 10) + 1, 2, "256 MiB"),
    ] {
        let told = with(passes, kib, lanes);
        assert!(told[0].contains("whose key asks for") && told[0].contains(message), "{message}: {}", told[0]);
    }
}

#[test]
fn a_damaged_database_says_where() {
    let version_4 = SAMPLES[3];
    for (at, message) in [
        (9, "damaged at its header"),
        (10, "its version, 68.0, is not supported: 3.1 and 4 are"),
        (20, "its cipher is not supported"),
        (400, "damaged at a block of its content"),
        (version_4.len() - 2, "damaged at its end, which is missing"),
    ] {
        let mut bytes = version_4.to_vec();
        bytes[at] ^= 0x40;
        let told = tell(&bytes, PASSWORD);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(message), "{at}: {}", told[0]);
    }
    for bytes in SAMPLES {
        assert!(tell(&bytes[..100], PASSWORD)[0].contains("damaged at its header, which ends in the middle"));
        let told = tell(&bytes[..bytes.len() - 7], PASSWORD);
        assert!(told[0].contains("damaged at its end, which is missing"), "{}", told[0]);
    }
}

#[test]
fn every_database_may_be_cut_anywhere() {
    for bytes in SAMPLES {
        prefixes_do_not_panic(bytes, None, 1);
        prefixes_do_not_panic(bytes, PASSWORD, 97);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// A header of any kind: costs stand in it, so that no password is tried with those that are not refused.
    #[test]
    fn any_header_is_read_without_a_panic(
        rest in proptest::collection::vec(any::<u8>(), 0..300),
        sample in proptest::sample::select(SAMPLES),
        changes in proptest::collection::vec((12usize..300, any::<u8>()), 1..6),
    ) {
        let start = [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5];
        for version in [[1, 0, 3, 0], [0, 0, 4, 0]] {
            prop_assert!(!tell(&[start.as_slice(), &version, &rest].concat(), None).is_empty());
        }
        let mut bytes = sample.to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        prop_assert!(!tell(&bytes, None).is_empty());
    }
}
