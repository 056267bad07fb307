use countersign_otp::{Label, OtpSecret, Parameters, Seed, Setup, Warning, parse_uri};
use countersign_seal::Secret;

use super::{key, line};

const KEY: &str = "JBSWY3DPEHPK3PXP";

fn read(uri: &str) -> Setup {
    parse_uri(uri).unwrap_or_else(|error| panic!("{uri}: {error}"))
}

fn refusal(uri: &str) -> String {
    parse_uri(uri).err().unwrap_or_else(|| panic!("{uri} was taken")).to_string()
}

/// Rule 5: schemes and types in any case.
#[test]
fn rule_5_schemes_and_types() {
    let usual = format!("otpauth://totp/?secret={KEY}&algorithm=SHA1&digits=6&period=30");
    let counted = format!("otpauth://hotp/?secret={KEY}&algorithm=SHA1&digits=6&counter=4");
    let steam = format!("otpauth://steam/?secret={KEY}&algorithm=SHA1&digits=5&period=30");
    let rows = [
        (format!("otpauth://totp/?secret={KEY}"), usual.clone()),
        (format!("OTPAUTH://TOTP/?SECRET={KEY}"), usual.clone()),
        (format!("  otpauth://ToTp/?Secret={}\n", KEY.to_lowercase()), usual.clone()),
        (format!("otpauth://totp?secret={KEY}"), usual),
        (format!("otpauth://HOTP/?secret={KEY}&counter=4"), counted),
        (format!("otpauth://steam/?secret={KEY}"), steam.clone()),
        (format!("otpauth://steamtotp/?secret={KEY}&digits=5&period=30&algorithm=sha1"), steam.clone()),
        (format!("otpauth://totp/?secret={KEY}&encoder=steam"), steam.clone()),
        (format!("otpauth://totp/?secret={KEY}&encoder=Steam&digits=5"), steam),
    ];
    for (uri, expected) in rows {
        assert_eq!(line(&read(&uri)), expected, "{uri}");
    }
    for uri in [format!("steam://{KEY}"), format!("STEAM://{}", KEY.to_lowercase()), format!("steam://{KEY}?x=y")] {
        let setup = read(&uri);
        assert_eq!((key(&setup.secret).as_str(), *setup.secret.parameters()), (KEY, Parameters::STEAM), "{uri}");
    }
}

#[test]
fn rule_5_refusals() {
    let rows = [
        ("motp://Site:me?secret=0123456789abcdef", "Mobile-OTP (motp://) makes its tokens with MD5 and a PIN"),
        ("otpauth://yaotp/me?secret=ABCDEFGH", "Yandex.Key's tokens (otpauth://yaotp) are made with a PIN"),
        (
            "otpauth://xotp/me?secret=ABCDEFGH",
            "the type of token after otpauth:// is unknown: totp, hotp and steam are known",
        ),
        ("otpauth://JBSWY3DPEHPK3PXP", "the type of token after otpauth:// is unknown"),
        ("https://example.org/?secret=ABCDEFGH", "this is no address of a one-time password"),
        ("JBSWY3DPEHPK3PXP", "this is no address of a one-time password"),
        ("otpauth-migration://offline?data=AAAA", "this is an export of several accounts"),
        ("otpauth://totp/me", "the otpauth URL holds no secret"),
        ("otpauth://totp/me?secret=", "the otpauth URL holds no secret"),
        ("otpauth://totp/me?secret=%20&issuer=x", "the otpauth URL holds no secret"),
        ("otpauth://totp/me?secret=JBSWY3D0", "in the otpauth URL's secret: character 8 of the setup key, \"0\""),
        ("otpauth://totp/me?secret=JBSWY3", "in the otpauth URL's secret: a character seems to be missing"),
        ("steam://", "the otpauth URL holds no secret"),
    ];
    for (uri, message) in rows {
        let told = refusal(uri);
        assert!(told.starts_with(message), "{uri}: {told}");
    }
}

/// Rule 5: a token by counter is never read as one by time; an unknown algorithm is never SHA1.
#[test]
fn rule_5_nothing_falls_back() {
    assert!(refusal("otpauth://hotp/me?secret=JBSWY3DP").contains("needs its counter"));
    assert!(refusal("otpauth://hotp/me?secret=JBSWY3DP&counter=").contains("needs its counter"));
    assert!(refusal("otpauth://totp/me?secret=JBSWY3DP&algorithm=MD5").contains("MD5 is not supported"));
    assert!(refusal("otpauth://totp/me?secret=JBSWY3DP&algorithm=rot13").contains("none of SHA1, SHA256 and SHA512"));
    assert!(refusal("otpauth://totp/me?secret=JBSWY3DP&encoder=base10").contains("encoder is unknown"));
    assert!(refusal("otpauth://steam/me?secret=JBSWY3DP&digits=6").contains("digits says otherwise"));
    assert!(refusal("otpauth://steam/me?secret=JBSWY3DP&algorithm=SHA256").contains("the algorithm says otherwise"));
    assert!(refusal("otpauth://totp/me?secret=JBSWY3DP&encoder=steam&period=60").contains("the period says otherwise"));
}

/// Rule 6: parameters.
#[test]
fn rule_6_parameters() {
    let rows = [
        ("algorithm=sha256", "SHA256", "digits=6&period=30"),
        ("algorithm=SHA-512", "SHA512", "digits=6&period=30"),
        ("algorithm=HmacSHA1", "SHA1", "digits=6&period=30"),
        ("algorithm=&digits=&period=", "SHA1", "digits=6&period=30"),
        ("digits=5", "SHA1", "digits=5&period=30"),
        ("digits=10", "SHA1", "digits=10&period=30"),
        ("digits=%208", "SHA1", "digits=8&period=30"),
        ("period=1", "SHA1", "digits=6&period=1"),
        ("period=86400", "SHA1", "digits=6&period=86400"),
        ("PERIOD=60&Digits=8&ALGORITHM=Sha256", "SHA256", "digits=8&period=60"),
        ("counter=5", "SHA1", "digits=6&period=30"),
        ("image=https%3A%2F%2Fexample.org%2Flogo.png", "SHA1", "digits=6&period=30"),
        ("image=https://example.org/?period=60", "SHA1", "digits=6&period=30"),
        ("color=FF0000&lock=1", "SHA1", "digits=6&period=30"),
    ];
    for (parameters, algorithm, rest) in rows {
        let uri = format!("otpauth://totp/me?secret={KEY}&{parameters}");
        let expected = format!("otpauth://totp/me?secret={KEY}&algorithm={algorithm}&{rest}");
        assert_eq!(line(&read(&uri)), expected, "{uri}");
    }
    let refused = [
        ("digits=4", "in the otpauth URL: digits must be 5 to 10"),
        ("digits=11", "in the otpauth URL: digits must be 5 to 10"),
        ("digits=six", "in the otpauth URL: digits is not a whole number"),
        ("digits=-6", "in the otpauth URL: digits is not a whole number"),
        ("digits=99999999999999999999", "in the otpauth URL: digits is not a whole number"),
        ("period=0", "in the otpauth URL: the period must be 1 to 86400 seconds"),
        ("period=86401", "in the otpauth URL: the period must be 1 to 86400 seconds"),
        ("period=30.5", "in the otpauth URL: period is not a whole number"),
        ("digits=6&digits=8", "in the otpauth URL: digits is given twice, with different values; remove the wrong one"),
        ("secret=ABCDEFGH", "in the otpauth URL: secret is given twice, with different values; remove the wrong one"),
    ];
    for (parameters, message) in refused {
        assert_eq!(refusal(&format!("otpauth://totp/me?secret={KEY}&{parameters}")), message, "{parameters}");
    }
    // The same twice says nothing new.
    assert_eq!(key(&read(&format!("otpauth://totp/me?secret={KEY}&secret={KEY}&digits=6&digits=6")).secret), KEY);
    let counted = read(&format!("otpauth://hotp/me?secret={KEY}&counter=18446744073709551615&period=7"));
    assert_eq!(counted.secret.counter(), Some(u64::MAX));
}

/// Rule 7: labels. The issuer, the account, and how many warnings.
#[test]
fn rule_7_labels() {
    let rows: [(&str, &str, Option<&str>, &str, usize); 36] = [
        ("totp/alice", "", None, "alice", 0),
        ("totp/Example:alice", "", Some("Example"), "alice", 0),
        ("totp/Example:alice", "&issuer=Example", Some("Example"), "alice", 0),
        ("totp/Example%3Aalice", "&issuer=Example", Some("Example"), "alice", 0),
        ("totp/Example%3Aalice", "", Some("Example"), "alice", 0),
        ("totp/Example:%20alice", "", Some("Example"), "alice", 0),
        ("totp/Example: alice", "", Some("Example"), "alice", 0),
        ("totp/alice@example.org", "&issuer=Example", Some("Example"), "alice@example.org", 0),
        // Decoded once, not twice.
        ("totp/100%2525:a%2520b", "", Some("100%25"), "a%20b", 0),
        ("totp/50%:me", "", Some("50%"), "me", 0),
        // The parameter wins, with a warning unless only case and blanks differ.
        ("totp/Old:alice", "&issuer=New", Some("New"), "alice", 1),
        ("totp/EXAMPLE:alice", "&issuer=Example", Some("Example"), "alice", 0),
        ("totp/Example:alice", "&issuer=%20Example%20", Some("Example"), "alice", 0),
        ("totp/Example:alice", "&issuer=", Some("Example"), "alice", 0),
        // Raw characters that belong encoded.
        ("totp/Team #1:alice", "", Some("Team #1"), "alice", 0),
        ("totp/Team#1:alice", "&issuer=Team#1", Some("Team#1"), "alice", 0),
        ("totp/Big Corp:alice smith", "&issuer=Big Corp", Some("Big Corp"), "alice smith", 0),
        ("totp/Größe:jürgen", "&issuer=Größe", Some("Größe"), "jürgen", 0),
        ("totp/Gr%C3%B6%C3%9Fe:j%C3%BCrgen", "&issuer=Gr%c3%b6%c3%9fe", Some("Größe"), "jürgen", 0),
        ("totp/日本:太郎", "", Some("日本"), "太郎", 0),
        ("totp/Who?:me", "", Some("Who?"), "me", 0),
        ("totp/a/b:c/d", "", Some("a/b"), "c/d", 0),
        // A plus in a label is a plus; in the issuer it is a blank where forms were encoded.
        ("totp/me+work@example.org", "", None, "me+work@example.org", 0),
        ("totp/Big Corp:me", "&issuer=Big+Corp", Some("Big Corp"), "me", 0),
        ("totp/me", "&issuer=Big+Corp", Some("Big Corp"), "me", 0),
        ("totp/me", "&issuer=Disney+", Some("Disney+"), "me", 0),
        ("totp/me", "&issuer=C++", Some("C++"), "me", 0),
        ("totp/A+B:me", "&issuer=A+B", Some("A+B"), "me", 0),
        ("totp/me", "&issuer=Canal%2B%20Plus", Some("Canal+ Plus"), "me", 0),
        // A colon in the issuer.
        ("totp/Foo%3A Bar:me", "", Some("Foo: Bar"), "me", 0),
        ("totp/Foo%3A%20Bar%3Ame", "&issuer=Foo%3A%20Bar", Some("Foo: Bar"), "me", 0),
        ("totp/Foo: Bar:me", "&issuer=Foo: Bar", Some("Foo: Bar"), "me", 0),
        // No label.
        ("totp/", "&issuer=Example", Some("Example"), "", 0),
        ("totp", "&issuer=Example", Some("Example"), "", 0),
        ("totp/Example:", "", Some("Example"), "", 0),
        ("totp/", "", None, "", 0),
    ];
    for (before, after, issuer, account, warnings) in rows {
        let uri = format!("otpauth://{before}?secret={KEY}{after}");
        let setup = read(&uri);
        assert_eq!((setup.label.issuer(), setup.label.account()), (issuer, account), "{uri}");
        assert_eq!(setup.warnings.len(), warnings, "{uri}: {:?}", setup.warnings);
        assert_eq!(key(&setup.secret), KEY, "{uri}");
    }
}

#[test]
fn rule_7_names_cannot_deceive_or_flood() {
    let setup = read(&format!("otpauth://totp/a%0Ab%00c%E2%80%AEd?secret={KEY}&issuer=%09x%1b"));
    assert_eq!((setup.label.issuer(), setup.label.account()), (Some("x"), "a b cd"));
    let long = "x".repeat(1025);
    let told = refusal(&format!("otpauth://totp/{long}?secret={KEY}"));
    assert_eq!(told, "in the otpauth URL: the account name is too long: 1025 bytes, at most 1024 are taken");
    let told = refusal(&format!("otpauth://totp/me?issuer={long}&secret={KEY}"));
    assert_eq!(told, "in the otpauth URL: the issuer is too long: 1025 bytes, at most 1024 are taken");
    let told = refusal(&format!("otpauth://totp/{}?secret={KEY}", "x".repeat(2 * 1024 * 1024)));
    assert_eq!(told, "the otpauth URL is too long: 2097191 bytes, at most 16384 are taken; shorten its label");
}

/// Rule 7: `&amp;`, a lost `&`, doubled issuers.
#[test]
fn rule_7_damaged_addresses() {
    let expected = format!("otpauth://totp/Foo:me?secret={KEY}&issuer=Foo&algorithm=SHA256&digits=8&period=60");
    for parameters in [
        format!("secret={KEY}&amp;issuer=Foo&amp;algorithm=SHA256&amp;digits=8&amp;period=60"),
        format!("secret={KEY}&AMP;issuer=Foo&amp;amp;algorithm=SHA256&#38;digits=8&period=60"),
        format!("secret={KEY}\\u0026issuer=Foo\\u0026algorithm=SHA256\\u0026digits=8\\u0026period=60"),
        format!("issuer=Fooperiod=60&secret={KEY}&algorithm=SHA256&digits=8"),
        format!("secret={KEY}algorithm=SHA256digits=8period=60issuer=Foo"),
        format!("&&secret={KEY}&&issuer=Foo&algorithm=SHA256&digits=8&period=60&"),
        format!("secret={KEY}==&issuer=Foo&algorithm=SHA256&digits=8&period=60"),
        format!("secret={KEY}%3D%3D&issuer=Foo&algorithm=SHA256&digits=8&period=60"),
        "issuer=Foo&algorithm=SHA256&digits=8&period=60&secret=jbsw%20y3dp-ehpk%203pxp".to_owned(),
    ] {
        assert_eq!(line(&read(&format!("otpauth://totp/Foo:me?{parameters}"))), expected, "{parameters}");
    }
    let setup = read(&format!("otpauth://totp/me?secret={KEY}&issuer=Fooperiod=60"));
    assert_eq!(setup.warnings, [Warning::LostAmpersand { before: "period" }]);
    let setup = read(&format!("otpauth://totp/me?secret={KEY}&issuer=Foo&issuer=Bar"));
    assert_eq!(setup.label.issuer(), Some("Foo"));
    assert_eq!(setup.warnings, [Warning::IssuerRepeated { taken: "Foo".to_owned() }]);
    let setup = read("otpauth://totp/me?secret=ABCDEFGH");
    assert_eq!(setup.warnings, [Warning::ShortSeed { bits: 40 }]);
    // Padding after letters that spell a parameter's name is padding.
    assert_eq!(key(&read("otpauth://totp/me?secret=ABCIMAGE=").secret), "ABCIMAGE");
}

#[test]
fn refusals_hold_no_seed() {
    let rows = [
        "otpauth://totp/me?secret=JBSWY3DPEHPK3PX0",
        "otpauth://totp/me?secret=JBSWY3DPEHPK3PXPA",
        "otpauth://totp/me?algorithm=SHA1JBSWY3DPEHPK3PXP&secret=ABCDEFGH",
        "otpauth://totp/me?digits=6JBSWY3DPEHPK3PXP&secret=ABCDEFGH",
        "otpauth://totp/me?secret=JBSWY3DPEHPK3PXP&secret=JBSWY3DPEHPK3PXQ",
        "otpauth://totpJBSWY3DPEHPK3PXP/me?secret=ABCDEFGH",
        "motp://JBSWY3DPEHPK3PXP",
        "https://JBSWY3DPEHPK3PXP",
        "steam://JBSWY3DPEHPK3PXP1",
        "otpauth://totp/me?encoder=JBSWY3DPEHPK3PXP&secret=ABCDEFGH",
    ];
    for uri in rows {
        let error = parse_uri(uri).err().unwrap_or_else(|| panic!("{uri} was taken"));
        let told = format!("{error} {error:?}");
        assert!(!told.contains("JBSW") && !told.contains("EHPK"), "{told}");
    }
}

#[test]
fn the_canonical_address_is_read_back() {
    let rows = [
        (
            Some("Big Corp"),
            "me@example.org",
            "otpauth://totp/Big%20Corp:me%40example.org?secret=MFRGG&issuer=Big%20Corp&algorithm=SHA1&digits=6&period=30",
        ),
        (None, "me", "otpauth://totp/me?secret=MFRGG&algorithm=SHA1&digits=6&period=30"),
        (None, "a:b", "otpauth://totp/:a%3Ab?secret=MFRGG&algorithm=SHA1&digits=6&period=30"),
        (Some("x"), "", "otpauth://totp/x:?secret=MFRGG&issuer=x&algorithm=SHA1&digits=6&period=30"),
    ];
    for (issuer, account, expected) in rows {
        let label = Label::new(issuer, account).unwrap();
        let secret = OtpSecret::new(Seed::from_key(Secret::from(&b"abc"[..])).unwrap(), Parameters::default());
        let uri = secret.to_uri(&label);
        assert_eq!(uri.expose_text().unwrap(), expected);
        assert_eq!(read(expected).label, label, "{expected}");
    }
}
