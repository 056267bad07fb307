use countersign_model::Algorithm;
use countersign_otp::{
    Digits, OtpKind, OtpSecret, Parameters, ParametersError, Period, Seed, SeedEncoding, parse_algorithm,
};
use countersign_seal::Secret;
use proptest::prelude::*;

fn secret(key: &[u8], parameters: Parameters) -> OtpSecret {
    OtpSecret::new(Seed::from_key(Secret::from(key)).unwrap(), parameters)
}

fn totp(algorithm: Algorithm, digits: u64, period: u64) -> Parameters {
    Parameters::totp(algorithm, Digits::new(digits).unwrap(), Period::new(period).unwrap())
}

/// RFC 4226 appendix D.
#[test]
fn hotp_vectors() {
    let hotp = secret(b"12345678901234567890", Parameters::hotp(Algorithm::Sha1, Digits::USUAL, 0));
    let expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (counter, token) in (0..).zip(expected) {
        assert_eq!(hotp.hotp(counter).unwrap().expose(), token, "counter {counter}");
    }
    // The truncated numbers of the same appendix, as ten digits: more than a u32 can take the remainder by.
    let hotp = secret(b"12345678901234567890", Parameters::hotp(Algorithm::Sha1, Digits::new(10).unwrap(), 0));
    for (counter, token) in (0..).zip(["1284755224", "1094287082", "0137359152", "1726969429", "1640338314"]) {
        assert_eq!(hotp.hotp(counter).unwrap().expose(), token, "counter {counter}");
    }
}

/// RFC 6238 appendix B: seeds of 20, 32 and 64 bytes.
#[test]
fn totp_vectors() {
    let text = b"1234567890123456789012345678901234567890123456789012345678901234";
    let rows = [
        (59, "94287082", "46119246", "90693936", 1),
        (1_111_111_109, "07081804", "68084774", "25091201", 0x0235_23EC),
        (1_111_111_111, "14050471", "67062674", "99943326", 0x0235_23ED),
        (1_234_567_890, "89005924", "91819424", "93441116", 0x0273_EF07),
        (2_000_000_000, "69279037", "90698825", "38618901", 0x03F9_40AA),
        (20_000_000_000, "65353130", "77737706", "47863826", 0x27BC_86AA),
    ];
    for (time, sha1, sha256, sha512, step) in rows {
        for (algorithm, length, expected) in
            [(Algorithm::Sha1, 20, sha1), (Algorithm::Sha256, 32, sha256), (Algorithm::Sha512, 64, sha512)]
        {
            let token = secret(&text[..length], totp(algorithm, 8, 30)).token_at(time).unwrap();
            assert_eq!(token.text.expose(), expected, "{algorithm:?} at {time}");
            assert_eq!(token.step, step);
        }
    }
}

#[test]
fn a_step_begins_and_ends() {
    let secret = secret(b"12345678901234567890", totp(Algorithm::Sha1, 6, 30));
    for (time, step, begins_at, ends_at, left) in [
        (0, 0, 0, 30, 30),
        (29, 0, 0, 30, 1),
        (30, 1, 30, 60, 30),
        (1_700_000_003, 56_666_666, 1_699_999_980, 1_700_000_010, 7),
    ] {
        let token = secret.token_at(time).unwrap();
        assert_eq!((token.step, token.begins_at, token.ends_at), (step, begins_at, ends_at), "{time}");
        assert_eq!(token.seconds_left(time), left);
        assert!(token.text == secret.token_for_step(step).unwrap().text);
    }
    let last = secret.token_for_step(u64::MAX).unwrap();
    assert_eq!((last.begins_at, last.ends_at), (u64::MAX, u64::MAX));
    assert_eq!(last.seconds_left(u64::MAX), 0);
}

#[test]
fn what_goes_by_counter_has_no_time_and_the_other_way_round() {
    let hotp = secret(b"k", Parameters::hotp(Algorithm::Sha1, Digits::USUAL, 7));
    assert!(hotp.token_at(0).is_none() && hotp.token_for_step(0).is_none() && hotp.verify("755224", 0, 1).is_none());
    assert_eq!(hotp.counter(), Some(7));
    assert_eq!(hotp.with_counter(8).counter(), Some(8));
    let totp = secret(b"k", Parameters::default());
    assert!(totp.hotp(0).is_none() && totp.counter().is_none());
    assert_eq!(totp.with_counter(8).parameters().kind(), OtpKind::Totp { period: Period::USUAL });
}

#[test]
fn steam_tokens() {
    // Published with a password manager's own tests: this key gives this token at the beginning of 2023.
    let seed = Seed::parse("HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ", SeedEncoding::Base32).unwrap();
    let token = OtpSecret::new(seed, Parameters::STEAM).token_at(1_672_531_200).unwrap();
    assert_eq!(token.text.expose(), "7W6CJ");
    assert_eq!(token.ends_at - token.begins_at, 30);
}

#[test]
fn verifying_a_typed_token() {
    let secret = secret(b"12345678901234567890", totp(Algorithm::Sha1, 6, 30));
    let now = 1_111_111_111_u64;
    let step = now / 30;
    for offset in [-2i64, -1, 0, 1, 2] {
        let other = step.checked_add_signed(offset).unwrap();
        let text = secret.token_for_step(other).unwrap().text;
        let expected = (offset.abs() <= 1).then_some(other);
        assert_eq!(secret.verify(text.expose(), now, 1), expected, "offset {offset}");
    }
    let text = secret.token_at(now).unwrap().text;
    let (left, right) = text.expose().split_at(3);
    assert_eq!(secret.verify(&format!(" {left} {right}\n"), now, 0), Some(step));
    for wrong in ["", "0", &text.expose()[..5], &format!("{}0", text.expose()), &"1".repeat(1000)] {
        assert_eq!(secret.verify(wrong, now, 1), None);
    }
}

/// Rule 6: what parameters may be.
#[test]
fn rule_6_parameters() {
    for good in ["SHA1", "sha1", "Sha-1", "SHA_1", "HmacSHA1", "hmac-sha-1", "HMACSHA1"] {
        assert_eq!(parse_algorithm(good), Ok(Algorithm::Sha1), "{good}");
    }
    assert_eq!(parse_algorithm("HmacSHA256"), Ok(Algorithm::Sha256));
    assert_eq!(parse_algorithm("SHA-512"), Ok(Algorithm::Sha512));
    for (bad, message) in [
        ("", "the algorithm is none of SHA1, SHA256 and SHA512; no other is defined for one-time passwords"),
        ("sha", "the algorithm is none of SHA1, SHA256 and SHA512; no other is defined for one-time passwords"),
        ("SHA11", "the algorithm is none of SHA1, SHA256 and SHA512; no other is defined for one-time passwords"),
        (
            "md5",
            "the algorithm MD5 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
        ),
        (
            "SHA384",
            "the algorithm SHA384 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
        ),
        (
            "sha3-256",
            "the algorithm SHA3 is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site",
        ),
    ] {
        assert_eq!(parse_algorithm(bad).unwrap_err().to_string(), message, "{bad}");
    }
    for digits in 0..20 {
        assert_eq!(Digits::new(digits).is_ok(), (5..=10).contains(&digits), "{digits}");
    }
    for (seconds, good) in [(0, false), (1, true), (86_400, true), (86_401, false), (u64::MAX, false)] {
        assert_eq!(Period::new(seconds).is_ok(), good, "{seconds}");
    }
    assert_eq!(Digits::new(256 + 6), Err(ParametersError::Digits));
}

fn algorithms() -> impl Strategy<Value = Algorithm> {
    prop_oneof![Just(Algorithm::Sha1), Just(Algorithm::Sha256), Just(Algorithm::Sha512)]
}

proptest! {
    /// A second implementation, written by others, gives the same tokens. (It cannot do ten digits.)
    #[test]
    fn another_implementation_agrees(
        key in proptest::collection::vec(any::<u8>(), 1..200),
        algorithm in algorithms(),
        digits in 5u64..=9,
        period in 1u64..=86_400,
        time in any::<u64>(),
    ) {
        let theirs = totp_rs::Builder::new()
            .with_algorithm(match algorithm {
                Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
                Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
                Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
            })
            .with_digits(u8::try_from(digits).unwrap())
            .with_step_duration(period)
            .with_secret(key.clone())
            .build_noncompliant();
        let ours = secret(&key, totp(algorithm, digits, period)).token_at(time).unwrap();
        prop_assert_eq!(ours.text.expose(), theirs.generate(time).to_string());
        prop_assert_eq!(ours.step, time / period);
    }

    #[test]
    fn another_implementation_agrees_on_steam(key in proptest::collection::vec(any::<u8>(), 1..64), time in any::<u64>()) {
        let theirs = totp_rs::Builder::new()
            .with_algorithm(totp_rs::Algorithm::Steam)
            .with_digits(5)
            .with_step_duration(30)
            .with_secret(key.clone())
            .build_noncompliant();
        let ours = secret(&key, Parameters::STEAM).token_at(time).unwrap();
        prop_assert_eq!(ours.text.expose(), theirs.generate(time).to_string());
    }

    #[test]
    fn sealed_bytes_come_back(
        key in proptest::collection::vec(any::<u8>(), 1..=640),
        algorithm in algorithms(),
        digits in 5u64..=10,
        period in 1u64..=86_400,
        counter in any::<u64>(),
        kind in 0..3,
    ) {
        let digits = Digits::new(digits).unwrap();
        let parameters = match kind {
            0 => Parameters::totp(algorithm, digits, Period::new(period).unwrap()),
            1 => Parameters::hotp(algorithm, digits, counter),
            _ => Parameters::STEAM,
        };
        let bytes = secret(&key, parameters).to_sealed_bytes();
        prop_assert_eq!(bytes.len(), key.len() + 12);
        let back = OtpSecret::from_sealed_bytes(&bytes).unwrap();
        prop_assert_eq!(*back.parameters(), parameters);
        prop_assert_eq!(back.seed().key().expose(), key);
    }

    #[test]
    fn a_token_has_its_length_and_only_digits(key in proptest::collection::vec(any::<u8>(), 1..64), digits in 5u64..=10, time in any::<u64>()) {
        let token = secret(&key, totp(Algorithm::Sha1, digits, 30)).token_at(time).unwrap();
        prop_assert_eq!(token.text.expose().len() as u64, digits);
        prop_assert!(token.text.expose().bytes().all(|byte| byte.is_ascii_digit()));
    }
}

#[test]
fn damaged_sealed_bytes_are_named() {
    let good = secret(b"key", Parameters::default()).to_sealed_bytes();
    let changed = |at: usize, value: u8| {
        let mut bytes = good.expose().to_vec();
        bytes[at] = value;
        OtpSecret::from_sealed_bytes(&Secret::from(bytes)).err().unwrap().to_string()
    };
    assert_eq!(changed(0, 9), "the seed was sealed by a newer release (form 9, this one knows 1): update Countersign");
    for (at, value, what) in [(1, 0, "kind"), (2, 9, "algorithm"), (3, 4, "number of digits"), (4, 1, "period")] {
        assert_eq!(
            changed(at, value),
            format!("the sealed seed is damaged: its {what} cannot be read; restore it from a backup")
        );
    }
    assert!(changed(1, 3).contains("Steam parameters"), "six digits are none of Steam's");
    for cut in 0..=12 {
        assert!(OtpSecret::from_sealed_bytes(&Secret::from(&good.expose()[..cut])).is_err(), "{cut}");
    }
}
