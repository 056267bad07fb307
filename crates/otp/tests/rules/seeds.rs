use countersign_otp::{Seed, SeedEncoding, SeedError};
use countersign_seal::Secret;

const KEY: &str = "JBSWY3DPEHPK3PXP";

fn base32(text: &str) -> Result<String, SeedError> {
    Ok(Seed::parse(text, SeedEncoding::Base32)?.to_base32().expose_text().unwrap().to_owned())
}

fn hex_of(text: &str, encoding: SeedEncoding) -> Result<String, SeedError> {
    let seed = Seed::parse(text, encoding)?;
    Ok(seed.key().expose().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Rule 1: blanks of every kind, characters without width, group marks, padding, case.
#[test]
fn rule_1_what_is_taken_out() {
    for typed in [
        KEY,
        "jbswy3dpehpk3pxp",
        "JbSwY3dPeHpK3pXp",
        "jbsw y3dp ehpk 3pxp",
        "  JBSWY3DPEHPK3PXP\r\n",
        "JBSW\tY3DP\nEHPK\r\n3PXP",
        "JBSW\u{a0}Y3DP\u{2009}EHPK\u{3000}3PXP",
        "\u{feff}JBSW\u{200b}Y3DP\u{200d}EHPK\u{2060}3PXP\u{200e}",
        "JB\u{ad}SWY3DPEHPK3PXP",
        "JBSW-Y3DP-EHPK-3PXP",
        "JBSW_Y3DP.EHPK-3PXP",
        "JBSWY3DPEHPK3PXP======",
        "JBSWY3DPEHPK3PXP%3D%3d",
        "JBSWY3DPEHPK3PXP = = %3D \n",
        "JBSWY3DPEHPK3PXP=-=.",
    ] {
        assert_eq!(base32(typed).as_deref(), Ok(KEY), "{typed:?}");
    }
}

/// Rule 2: nothing else, with the character, its place in what was typed, and a suggestion.
#[test]
fn rule_2_refused_characters() {
    let rows = [
        (
            "JBSWY3DPEHPK3PX0",
            "character 16 of the setup key, \"0\", is not one of A–Z and 2–7: did you mean the letter O?",
        ),
        (
            "1BSWY3DPEHPK3PXP",
            "character 1 of the setup key, \"1\", is not one of A–Z and 2–7: did you mean the letter I or L?",
        ),
        (
            "jbsw y3dp 8hpk",
            "character 11 of the setup key, \"8\", is not one of A–Z and 2–7: did you mean the letter B?",
        ),
        (
            "JBSW-9",
            "character 6 of the setup key, \"9\", is not one of A–Z and 2–7: no setup key in base32 has a 9; compare with the site",
        ),
        (
            "\u{feff}\u{200b}AB!C",
            "character 5 of the setup key, \"!\", is not one of A–Z and 2–7: compare with the site, or leave it out if it is no part of the key",
        ),
        (
            "ABCОEFGH",
            "character 4 of the setup key, \"О\" (U+041E), is not one of A–Z and 2–7: it only looks like O; type it on a Latin keyboard",
        ),
        (
            "ABCＤEFGH",
            "character 4 of the setup key, \"Ｄ\" (U+FF24), is not one of A–Z and 2–7: it only looks like D; type it on a Latin keyboard",
        ),
        (
            "ABC\u{7}EFGH",
            "character 4 of the setup key, U+0007, is not one of A–Z and 2–7: compare with the site, or leave it out if it is no part of the key",
        ),
        (
            "AB=CDEFGH",
            "character 3 of the setup key, \"=\", is not one of A–Z and 2–7: compare with the site, or leave it out if it is no part of the key",
        ),
        (
            "AB%3DCDEF",
            "character 3 of the setup key, \"%\", is not one of A–Z and 2–7: compare with the site, or leave it out if it is no part of the key",
        ),
        (
            "48656c6c6f21deadbeef",
            "character 2 of the setup key, \"8\", is not one of A–Z and 2–7: did you mean the letter B? (if the site calls the key hexadecimal, choose that)",
        ),
        (
            "SGVsbG8h3q2+7w==",
            "character 7 of the setup key, \"8\", is not one of A–Z and 2–7: did you mean the letter B? (if the site calls the key base64, choose that)",
        ),
    ];
    for (typed, message) in rows {
        assert_eq!(base32(typed).unwrap_err().to_string(), message, "{typed:?}");
    }
}

/// Letters whose upper case is a letter of base32 are still other letters.
#[test]
fn rule_2_nothing_is_mapped() {
    for typed in ["JBSWY3DPEHPK3PXı", "ſBSWY3DPEHPK3PXP", "\u{212a}BSWY3DPEHPK3PXP", "ß2345677", "O0O0O0O0", "Ⅰ2345677"]
    {
        assert!(matches!(base32(typed), Err(SeedError::Character(_))), "{typed:?}");
    }
}

/// Rule 3: lengths.
#[test]
fn rule_3_lengths() {
    for length in 1..=64 {
        let outcome = base32(&"A".repeat(length));
        if matches!(length % 8, 0 | 2 | 4 | 5 | 7) {
            assert_eq!(outcome.unwrap().len(), length);
        } else {
            let message = outcome.unwrap_err().to_string();
            let expected = format!("a character seems to be missing: the setup key has {length} characters");
            assert!(message.starts_with(&expected), "{message}");
        }
    }
    for empty in ["", " ", "\u{200b}", "- - -", "====", "%3D", "._."] {
        let message = base32(empty).unwrap_err().to_string();
        assert_eq!(
            message, "the setup key is empty: paste the one that the site shows beside its QR code",
            "{empty:?}"
        );
    }
    assert_eq!(base32(&"A".repeat(1024)).unwrap().len(), 1024);
    let long = base32(&"A".repeat(1026)).unwrap_err();
    assert_eq!(long, SeedError::TooLong { length: 1026, most: 1024 });
    assert!(matches!(base32(&"A".repeat(2 * 1024 * 1024)), Err(SeedError::TooLong { .. })));
    assert!(matches!(Seed::from_key(Secret::from(vec![1; 641])), Err(SeedError::TooLong { .. })));
    assert!(matches!(Seed::from_key(Secret::from(Vec::new())), Err(SeedError::Empty)));
}

#[test]
fn rule_3_short_seeds_are_taken_and_known() {
    let short = |text| Seed::parse(text, SeedEncoding::Base32).unwrap().is_short();
    assert!(short("ABCDEFGH")); // 40 bits
    assert!(short("ABCDEFGHABCDEFA")); // 72 bits
    assert!(!short("ABCDEFGHABCDEFGH")); // 80 bits
}

/// The last character's spare bits are dropped, as every authenticator does.
#[test]
fn spare_bits_are_no_error() {
    assert_eq!(hex_of("AB", SeedEncoding::Base32).unwrap(), "00");
    assert_eq!(hex_of("7777", SeedEncoding::Base32).unwrap(), "ffff");
}

/// Rule 4: hexadecimal and base64 when they are chosen, and only then.
#[test]
fn rule_4_chosen_encodings() {
    let hex = SeedEncoding::Hex;
    for typed in
        ["48656c6c6f21deadbeef", "48656C6C6F21DEADBEEF", "0x48656c6c6f21deadbeef", "48 65 6c-6c:6f_21.dead beef"]
    {
        assert_eq!(hex_of(typed, hex).unwrap(), "48656c6c6f21deadbeef", "{typed:?}");
    }
    let message = hex_of("48656g", hex).unwrap_err().to_string();
    assert!(message.starts_with("character 6 of the setup key, \"g\", is not one of 0–9 and A–F"), "{message}");
    assert!(matches!(hex_of("486", hex), Err(SeedError::Incomplete { length: 3, .. })));

    let base64 = SeedEncoding::Base64;
    for typed in ["+/+/AQ==", "+/+/AQ", "-_-_AQ", " +/+/\nAQ== ", "+_-/AQ%3D%3D"] {
        assert_eq!(hex_of(typed, base64).unwrap(), "fbffbf01", "{typed:?}");
    }
    assert!(matches!(hex_of("AAAAA", base64), Err(SeedError::Incomplete { length: 5, .. })));
    assert!(matches!(hex_of("AA.A", base64), Err(SeedError::Character(_))));

    // The same text is another key in each: that is why none is guessed.
    assert_eq!(hex_of("ABCDEF22", SeedEncoding::Base32).unwrap(), "004432175a");
    assert_eq!(hex_of("ABCDEF22", hex).unwrap(), "abcdef22");
    assert_eq!(hex_of("ABCDEF22", base64).unwrap(), "001083105db6");
}

#[test]
fn no_error_holds_more_than_the_refused_character() {
    for (typed, encoding) in [
        ("JBSWY3DPEHPK3PX0", SeedEncoding::Base32),
        ("JBSWY3DPEHPK3P", SeedEncoding::Base32),
        ("JBSWY3DPEHPK3PX", SeedEncoding::Hex),
        ("JBSWY3DPEHPK3PX!", SeedEncoding::Base64),
    ] {
        let error = Seed::parse(typed, encoding).err().unwrap();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("JBSW") && !told.contains("EHPK"), "{told}");
    }
}
