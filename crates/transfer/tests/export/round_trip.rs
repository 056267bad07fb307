use std::collections::BTreeMap;

use countersign_model::Algorithm;
use countersign_otp::{Digits, OtpSecret, Parameters, Period, Seed};
use countersign_seal::Secret;
use countersign_transfer::{Account, ExportFormat, ExportedAccount, Import, ImportLimits};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::{exported, left_out, read_back};

/// An account that may be shown when a test fails.
#[derive(Clone, Debug)]
struct Sent {
    name: String,
    username: String,
    site: Option<String>,
    notes: String,
    tags: Vec<String>,
    password: Option<String>,
    secret: Option<(Vec<u8>, Parameters)>,
}

impl Sent {
    fn account(&self) -> ExportedAccount {
        let seed = |key: &Vec<u8>| Seed::from_key(Secret::from(key.clone())).unwrap();
        ExportedAccount {
            name: self.name.clone(),
            username: self.username.clone(),
            site: self.site.clone(),
            notes: self.notes.clone(),
            tags: self.tags.clone(),
            password: self.password.clone().map(Secret::from),
            secret: self.secret.as_ref().map(|(key, parameters)| OtpSecret::new(seed(key), *parameters)),
        }
    }
}

/// Text of any characters, in which those that formats have a use for are frequent.
fn any_text(most: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "",
            " ",
            "\n",
            "\r\n",
            "\t",
            "\"",
            "'",
            ",",
            ";",
            "/",
            "\\",
            ":",
            ": ",
            "=",
            "+",
            "-",
            "@",
            "&",
            "%20",
            "?",
            "<",
            "{",
            "\u{feff}",
            "\u{202e}",
            "\u{0}",
            "\u{1a}",
            "ä",
            "🔑",
            "e\u{301}",
            "otpauth://totp/a?secret=",
            "issuer=",
            "countersign-1",
            "https://",
            "#",
            "＝",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
        "[a-zA-Z0-9 ]{0,12}",
    ];
    // Guards are put before beginnings.
    let start = prop_oneof![3 => Just(String::new()), 1 => "[=+@'\t\n＝-]{1,2}"];
    (start, vec(piece, 0..most)).prop_map(|(start, pieces)| start + &pieces.concat())
}

/// The same as the vault keeps names: without blanks at the ends and without control characters.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any_text(5).prop_map(|text| text.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()),
        1 => any_text(5),
    ]
}

fn any_secret() -> impl Strategy<Value = (Vec<u8>, Parameters)> {
    let algorithm = prop::sample::select(vec![Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512]);
    let digits = prop_oneof![4 => Just(6), 1 => Just(8), 1 => 5u64..=10];
    let period = prop_oneof![4 => Just(30u64), 1 => 1u64..=300];
    let kind = prop_oneof![6 => Just(0), 1 => Just(1), 1 => Just(2)];
    let key = prop_oneof![vec(any::<u8>(), 10..40), vec(any::<u8>(), 1..=640)];
    (key, algorithm, digits, period, kind, any::<u64>()).prop_map(|(key, algorithm, digits, period, kind, counter)| {
        let digits = Digits::new(digits).unwrap();
        let parameters = match kind {
            0 => Parameters::totp(algorithm, digits, Period::new(period).unwrap()),
            1 => Parameters::hotp(algorithm, digits, counter),
            _ => Parameters::STEAM,
        };
        (key, parameters)
    })
}

fn any_account() -> impl Strategy<Value = Sent> {
    let long = || prop_oneof![8 => any_text(6), 1 => "[a\"\n=]{3000,5000}"];
    let site = prop_oneof![
        Just(None),
        Just(Some(String::new())),
        any_name().prop_map(|path| Some(format!("https://acorn.example/{path}"))),
        any_name().prop_map(Some),
    ];
    let password = prop::option::of(long());
    (any_name(), any_name(), 0..4, site, long(), vec(any_name(), 0..4), password, prop::option::of(any_secret()))
        .prop_map(|(name, username, joined, site, notes, tags, password, secret)| Sent {
            // As imports of otpauth URLs name them.
            name: match joined {
                0 => format!("{name}: {username}"),
                1 => username.clone(),
                _ => name,
            },
            username,
            site,
            notes,
            tags,
            password,
            secret,
        })
}

fn same_secret(one: Option<&OtpSecret>, other: Option<&OtpSecret>) -> bool {
    let bytes = |secret: &OtpSecret| secret.to_sealed_bytes();
    one.map(bytes) == other.map(bytes)
}

fn full(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// That what came back is what went in, as far as the format says that it holds it.
fn compare(format: ExportFormat, sent: &ExportedAccount, back: &Account, without: &mut BTreeMap<&'static str, usize>) {
    assert!(same_secret(sent.secret.as_ref(), back.secret.as_ref()));
    assert_eq!(back.account, sent.username);
    let password = sent.password.as_ref().filter(|password| !password.is_empty());
    if matches!(format, ExportFormat::Otpauth | ExportFormat::Google) {
        assert!(back.name == sent.name || back.issuer.as_deref() == Some(&sent.name), "{} {}", back.name, sent.name);
        assert!(back.password.is_none() && back.site.is_none() && back.notes.is_empty() && back.tags.is_empty());
        let lost = [
            ("passwords", usize::from(password.is_some())),
            ("sites", usize::from(full(&sent.site).is_some())),
            ("notes", usize::from(!sent.notes.is_empty())),
            ("tags", sent.tags.len()),
        ];
        for (what, count) in lost.into_iter().filter(|(_, count)| *count > 0) {
            *without.entry(what).or_default() += count;
        }
        return;
    }
    assert_eq!(back.name, sent.name);
    assert!(password == back.password.as_ref(), "the password");
    assert_eq!(back.site.as_deref(), full(&sent.site));
    assert_eq!(back.notes, sent.notes);
    if format == ExportFormat::Bitwarden {
        assert_eq!(back.tags, Vec::from_iter(sent.tags.iter().find(|tag| !tag.contains('/')).cloned()));
        let lost = sent.tags.len() - back.tags.len();
        if lost > 0 {
            *without.entry("tags").or_default() += lost;
        }
    } else {
        assert_eq!(back.tags, sent.tags);
    }
}

/// One account by itself: it comes back, or it is named.
fn alone(format: ExportFormat, sent: &Sent) {
    let sent = [sent.account()];
    let exported = exported(format, &sent);
    let Some(file) = exported.files.first() else {
        assert_eq!(left_out(&exported).iter().map(|(name, _)| *name).collect::<Vec<_>>(), [&sent[0].name]);
        return;
    };
    assert!(exported.left_out.is_empty());
    let back = read_back(&file.name, &file.bytes);
    assert_eq!(back.len(), 1);
    let mut without = BTreeMap::new();
    compare(format, &sent[0], &back[0], &mut without);
    assert_eq!(exported.without, without);
}

/// Several, told apart by their names: those that are not named come back in their order.
fn together(format: ExportFormat, sent: &[Sent]) {
    let mut sent: Vec<ExportedAccount> = sent.iter().map(Sent::account).collect();
    for (number, account) in sent.iter_mut().enumerate() {
        account.name = format!("{number} {}", account.name);
    }
    let exported = exported(format, &sent);
    let written: Vec<&ExportedAccount> =
        sent.iter().filter(|account| exported.left_out.iter().all(|other| other.name != account.name)).collect();
    assert_eq!(written.len() + exported.left_out.len(), sent.len());
    let mut without = BTreeMap::new();
    let mut import = Import::new(ImportLimits::default());
    // Google's pictures hold what its text does.
    let pictures = usize::from(format == ExportFormat::Google);
    exported.files.iter().skip(pictures).for_each(|file| import.read(&file.name, &file.bytes, None).unwrap());
    let back: Vec<Account> =
        import.into_items().into_iter().map(|item| item.outcome.unwrap_or_else(|error| panic!("{error}"))).collect();
    assert_eq!(back.len(), written.len());
    written.iter().zip(&back).for_each(|(sent, back)| compare(format, sent, back, &mut without));
    assert_eq!(exported.without, without);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_account_comes_back_as_otpauth(account in any_account()) {
        alone(ExportFormat::Otpauth, &account);
    }

    #[test]
    fn an_account_comes_back_from_google(account in any_account()) {
        alone(ExportFormat::Google, &account);
    }

    #[test]
    fn an_account_comes_back_from_bitwarden(account in any_account()) {
        alone(ExportFormat::Bitwarden, &account);
    }

    #[test]
    fn an_account_comes_back_from_cxf(account in any_account()) {
        alone(ExportFormat::Cxf, &account);
    }

    #[test]
    fn an_account_comes_back_from_a_table(account in any_account()) {
        alone(ExportFormat::Csv, &account);
    }
}

/// What is left out is not compared: it must not be nearly everything.
#[test]
fn most_accounts_are_written() {
    let mut runner = TestRunner::deterministic();
    let accounts: Vec<Sent> = (0..200).map(|_| any_account().new_tree(&mut runner).unwrap().current()).collect();
    for format in ExportFormat::ALL {
        let written = accounts.iter().filter(|sent| !exported(format, &[sent.account()]).files.is_empty()).count();
        assert!(written > 40, "{format}: {written} of 200");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn several_come_back_in_their_order(seed in any::<prop::sample::Index>(), accounts in vec(any_account(), 0..25)) {
        together(ExportFormat::ALL[seed.index(ExportFormat::ALL.len())], &accounts);
    }
}
