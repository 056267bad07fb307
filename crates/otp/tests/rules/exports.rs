use countersign_model::Algorithm;
use countersign_otp::{
    Batches, Digits, Label, MigrationPart, OtpSecret, Parameters, Period, Seed, parse_migration, write_migration,
};
use countersign_seal::Secret;
use data_encoding::BASE64;

use super::{key, line};

/// A protobuf field: number, wire type 0 or 2.
fn field(number: u8, value: &Value) -> Vec<u8> {
    match value {
        Value::Number(value) => {
            let mut bytes = vec![number << 3];
            let mut rest = value.cast_unsigned();
            while rest >= 0x80 {
                bytes.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
                rest >>= 7;
            }
            bytes.push(u8::try_from(rest).unwrap());
            bytes
        }
        Value::Bytes(value) => {
            let mut bytes = vec![number << 3 | 2, u8::try_from(value.len()).unwrap()];
            bytes.extend(value);
            bytes
        }
    }
}

enum Value {
    Number(i64),
    Bytes(Vec<u8>),
}

fn message(fields: &[(u8, Value)]) -> Vec<u8> {
    fields.iter().flat_map(|(number, value)| field(*number, value)).collect()
}

fn account(name: &str, issuer: &str, rest: [i64; 4]) -> Value {
    let [algorithm, digits, kind, counter] = rest;
    Value::Bytes(message(&[
        (1, Value::Bytes(b"Hello!\xde\xad\xbe\xef".to_vec())),
        (2, Value::Bytes(name.as_bytes().to_vec())),
        (3, Value::Bytes(issuer.as_bytes().to_vec())),
        (4, Value::Number(algorithm)),
        (5, Value::Number(digits)),
        (6, Value::Number(kind)),
        (7, Value::Number(counter)),
    ]))
}

fn uri(fields: &[(u8, Value)]) -> String {
    let data = BASE64.encode(&message(fields)).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("otpauth-migration://offline?data={data}")
}

fn one(account: Value) -> Result<String, String> {
    let part = parse_migration(&uri(&[(1, account), (2, Value::Number(1)), (3, Value::Number(1))])).unwrap();
    assert_eq!((part.part, part.parts, part.entries.len()), (1, 1, 1));
    match &part.entries[0] {
        Ok(setup) => Ok(line(setup)),
        Err(error) => Err(format!("{}: {error}", error.label.name())),
    }
}

/// Rule 8: the numbers of the format, written here byte by byte.
#[test]
fn rule_8_accounts() {
    let k = "JBSWY3DPEHPK3PXP";
    let good = [
        (
            account("Site:me", "Site", [1, 1, 2, 0]),
            format!("otpauth://totp/Site:me?secret={k}&issuer=Site&algorithm=SHA1&digits=6&period=30"),
        ),
        (
            account("me", "Site", [0, 0, 2, 0]),
            format!("otpauth://totp/Site:me?secret={k}&issuer=Site&algorithm=SHA1&digits=6&period=30"),
        ),
        (
            account("Site:me", "", [2, 2, 2, 0]),
            format!("otpauth://totp/Site:me?secret={k}&issuer=Site&algorithm=SHA256&digits=8&period=30"),
        ),
        (
            account("me", "", [3, 2, 1, 300]),
            format!("otpauth://hotp/me?secret={k}&algorithm=SHA512&digits=8&counter=300"),
        ),
        (
            account("a%20b", "", [1, 1, 2, 0]),
            format!("otpauth://totp/a%2520b?secret={k}&algorithm=SHA1&digits=6&period=30"),
        ),
    ];
    for (entry, expected) in good {
        assert_eq!(one(entry), Ok(expected));
    }
    let refused = [
        (
            [4, 1, 2, 0],
            "Site: me: its tokens are made with MD5, which is not supported: set the account up anew at its site",
        ),
        ([9, 1, 2, 0], "Site: me: its algorithm has the unknown number 9"),
        ([1, 3, 2, 0], "Site: me: its number of digits has the unknown code 3"),
        ([1, 1, 0, 0], "Site: me: it does not say whether its tokens go by time or by counter (type 0)"),
        ([1, 1, 3, 0], "Site: me: it does not say whether its tokens go by time or by counter (type 3)"),
        ([1, 1, 1, -1], "Site: me: its counter is below zero"),
    ];
    for (numbers, expected) in refused {
        assert_eq!(one(account("Site:me", "Site", numbers)), Err(expected.to_owned()));
    }
    let keyless = Value::Bytes(message(&[(2, Value::Bytes(b"me".to_vec())), (6, Value::Number(2))]));
    assert!(one(keyless).unwrap_err().starts_with("me: the setup key is empty"));
    // One account that is refused leaves the others.
    let part = parse_migration(&uri(&[
        (1, account("a", "", [4, 1, 2, 0])),
        (1, account("b", "", [1, 1, 2, 0])),
        (99 / 9, Value::Number(1)),
    ]))
    .unwrap();
    assert_eq!(part.entries.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn rule_8_forms_of_the_address() {
    let raw = BASE64.encode(&message(&[(1, account("me", "", [1, 1, 2, 0]))]));
    assert!(raw.contains('+') || raw.contains('/') || raw.ends_with('='), "the table needs such characters: {raw}");
    let unpadded = raw.trim_end_matches('=');
    for data in [
        raw.clone(),
        raw.replace('+', " "),
        raw.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D"),
        unpadded.to_owned(),
        unpadded.replace('+', "-").replace('/', "_"),
        format!("{}%0A{}", &raw[..10], &raw[10..]),
    ] {
        for before in ["otpauth-migration://offline?data=", "OTPAUTH-MIGRATION://Offline?x=y&DATA="] {
            let part = parse_migration(&format!("{before}{data}")).unwrap_or_else(|error| panic!("{data}: {error}"));
            assert_eq!(key(&part.entries[0].as_ref().ok().unwrap().secret), "JBSWY3DPEHPK3PXP");
        }
    }
    let rows = [
        ("otpauth-migration://offline", "the export holds no accounts"),
        ("otpauth-migration://offline?data=", "the export holds no accounts"),
        ("otpauth-migration://offline?data=!!!!", "the export is damaged: what follows data= is no base64"),
        ("otpauth-migration://offline?data=CgEKCg", "the export is damaged or cut off"),
        ("otpauth-migration://offline?data=GAIgBQ", "the export is damaged: it says that it is part 6 of 2"),
        ("otpauth-migration://offline?data=GNCGAw", "the export is damaged: it says that it is part 1 of 50000"),
    ];
    for (uri, message) in rows {
        let told = parse_migration(uri).err().unwrap_or_else(|| panic!("{uri} was taken")).to_string();
        assert!(told.starts_with(message), "{uri}: {told}");
    }
    let long = format!("otpauth-migration://offline?data={}", "A".repeat(70_000));
    assert!(parse_migration(&long).err().unwrap().to_string().starts_with("the export is too long: 70033 bytes"));
}

fn part(batch: i32, index: i64, size: i64) -> MigrationPart {
    let batch = Value::Number(i64::from(batch));
    parse_migration(&uri(&[(3, Value::Number(size)), (4, Value::Number(index)), (5, batch)])).unwrap()
}

#[test]
fn rule_8_missing_parts_are_named() {
    let mut batches = Batches::new();
    assert!(batches.missing().is_empty());
    assert!(batches.add(&part(-7, 2, 3)));
    assert!(batches.add(&part(-7, 0, 3)));
    assert!(!batches.add(&part(-7, 0, 3)), "the same part again is noticed");
    assert!(batches.add(&part(8, 1, 5)));
    let told: Vec<String> = batches.missing().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "part 2 of 3 of the export is missing: add its QR code too",
            "parts 1, 3, 4 and 5 of 5 of the export are missing: add their QR codes too"
        ]
    );
    assert!(batches.add(&part(-7, 1, 3)));
    assert_eq!(batches.missing().len(), 1);
}

#[test]
fn exports_are_written_and_read_back() {
    let secret = |index: u8| {
        let parameters = match index % 3 {
            0 => Parameters::default(),
            1 => Parameters::totp(Algorithm::Sha256, Digits::new(8).unwrap(), Period::USUAL),
            _ => Parameters::hotp(Algorithm::Sha512, Digits::USUAL, u64::from(index)),
        };
        let label = Label::new(index.is_multiple_of(2).then_some("Site: one"), &format!("me {index}")).unwrap();
        (OtpSecret::new(Seed::from_key(Secret::from(vec![index; 20])).unwrap(), parameters), label)
    };
    let all: Vec<_> = (1..=25).map(secret).collect();
    let borrowed: Vec<_> = all.iter().map(|(secret, label)| (secret, label)).collect();
    let parts = write_migration(&borrowed, 10, 4711).unwrap();
    assert_eq!(parts.len(), 3);
    let mut batches = Batches::new();
    let mut back = Vec::new();
    for uri in &parts {
        let part = parse_migration(uri.expose_text().unwrap()).unwrap();
        batches.add(&part);
        back.extend(part.entries.into_iter().map(|entry| line(&entry.ok().unwrap())));
    }
    assert!(batches.missing().is_empty());
    let expected: Vec<_> =
        all.iter().map(|(secret, label)| secret.to_uri(label).expose_text().unwrap().to_owned()).collect();
    assert_eq!(back, expected);

    let label = Label::new(None, "me").unwrap();
    let refused = [
        (Parameters::STEAM, "account 1 gives Steam tokens, which Google's form cannot hold"),
        (
            Parameters::totp(Algorithm::Sha1, Digits::new(7).unwrap(), Period::USUAL),
            "account 1 has neither 6 nor 8 digits, and Google's form holds no other",
        ),
        (
            Parameters::totp(Algorithm::Sha1, Digits::USUAL, Period::new(60).unwrap()),
            "account 1 has a period other than 30 seconds, which Google's form cannot hold",
        ),
        (
            Parameters::hotp(Algorithm::Sha1, Digits::USUAL, u64::MAX),
            "account 1 has a counter over 9223372036854775807, which Google's form cannot hold",
        ),
    ];
    for (parameters, message) in refused {
        let secret = OtpSecret::new(Seed::from_key(Secret::from(vec![1; 20])).unwrap(), parameters);
        assert_eq!(write_migration(&[(&secret, &label)], 10, 1).err().unwrap().to_string(), message);
    }
}
