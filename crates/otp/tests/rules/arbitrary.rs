//! No parser panics, whatever it is given, and what is written is read back.

use countersign_model::Algorithm;
use countersign_otp::{
    Digits, Label, OtpSecret, Parameters, Period, Seed, SeedEncoding, parse_algorithm, parse_migration,
    parse_seed_field, parse_uri, qr_svg, read_qr_codes, uris,
};
use countersign_seal::Secret;
use data_encoding::BASE64;
use proptest::prelude::*;

/// Text in which the parsers' own words are frequent.
fn near_uris() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "otpauth://",
            "OTPAUTH://",
            "totp",
            "hotp",
            "/",
            "?",
            "&",
            "=",
            "%",
            "%3",
            "%3D",
            ":",
            "secret=",
            "issuer=",
            "period=",
            "digits=",
            "counter=",
            "algorithm=",
            "encoder=steam",
            "image=",
            "amp;",
            "\\u0026",
            "\n",
            "\r\n",
            " ",
            "steam://",
            "motp://",
            "otpauth-migration://offline?data=",
            "JBSWY3DPEHPK3PXP",
            "30",
            "6",
            "é",
            "\u{200b}",
            "\"",
            "<",
            ">",
            "#",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    prop::collection::vec(word, 0..24).prop_map(|words| words.concat())
}

fn parse_all(text: &str) {
    for encoding in [SeedEncoding::Base32, SeedEncoding::Hex, SeedEncoding::Base64] {
        let _ = Seed::parse(text, encoding).map_err(|error| error.to_string());
        let _ = parse_seed_field(text, encoding).map_err(|error| error.to_string());
    }
    let _ = parse_uri(text).map_err(|error| error.to_string());
    let _ = parse_migration(text).map_err(|error| error.to_string());
    let _ = parse_algorithm(text);
    assert!(uris(text).count() <= text.len() + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text(text in any::<String>()) {
        parse_all(&text);
    }

    #[test]
    fn text_near_uris(text in near_uris()) {
        parse_all(&text);
    }

    #[test]
    fn any_payload(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_migration(&format!("otpauth-migration://offline?data={}", BASE64.encode(&bytes)));
    }

    #[test]
    fn any_sealed_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64), good_head in any::<bool>()) {
        let mut bytes = bytes;
        if good_head && let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        if let Ok(secret) = OtpSecret::from_sealed_bytes(&Secret::from(bytes)) {
            let _ = secret.token_at(u64::MAX);
        }
    }

    /// A seed that is taken is the one that was typed: written out, it differs in ignored characters at most.
    #[test]
    fn a_seed_survives_decoration(key in prop::collection::vec(any::<u8>(), 1..100), marks in prop::collection::vec(0usize..200, 0..20)) {
        let plain = Seed::from_key(Secret::from(key.clone())).unwrap().to_base32();
        let mut typed: Vec<char> = plain.expose_text().unwrap().to_lowercase().chars().collect();
        for (mark, at) in [' ', '-', '_', '.', '\u{200b}', '\u{a0}'].into_iter().cycle().zip(marks) {
            typed.insert(at % (typed.len() + 1), mark);
        }
        let typed: String = typed.into_iter().collect();
        let seed = Seed::parse(&typed, SeedEncoding::Base32).unwrap();
        prop_assert_eq!(seed.key().expose(), key);
    }

    #[test]
    fn a_canonical_address_comes_back(
        key in prop::collection::vec(any::<u8>(), 1..64),
        issuer in prop::option::of(any::<String>()),
        account in any::<String>(),
        algorithm in prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)],
        digits in 5u64..=10,
        period in 1u64..=86_400,
        counter in prop::option::of(any::<u64>()),
    ) {
        let digits = Digits::new(digits).unwrap();
        let parameters = match counter {
            Some(counter) => Parameters::hotp(algorithm, digits, counter),
            None => Parameters::totp(algorithm, digits, Period::new(period).unwrap()),
        };
        let label = Label::new(issuer.as_deref(), &account).unwrap();
        let secret = OtpSecret::new(Seed::from_key(Secret::from(key.clone())).unwrap(), parameters);
        let uri = secret.to_uri(&label);
        let back = parse_uri(uri.expose_text().unwrap()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(back.label, label);
        prop_assert_eq!(*back.secret.parameters(), parameters);
        prop_assert_eq!(back.secret.seed().key().expose(), key);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_picture(bytes in prop::collection::vec(any::<u8>(), 0..400), start in 0usize..4) {
        let starts: [&[u8]; 4] = [b"", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8L"];
        let _ = read_qr_codes(&[starts[start], &bytes].concat());
    }

    #[test]
    fn any_text_as_a_code(text in any::<String>()) {
        prop_assert!(qr_svg(&text, &text).is_ok());
    }
}
