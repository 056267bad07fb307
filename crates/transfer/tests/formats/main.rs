//! Other programs' files, format by format. The samples are made for these tests, in the true forms, with keys that are nobody's;
//! their tokens were computed elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod aegis;
mod andotp;
mod arbitrary;
mod bitwarden_authenticator;
mod databases;
mod ente;
mod forms;
mod freeotp;
mod managers;
#[path = "../mutated/mod.rs"]
mod mutated;
mod mutations;
mod proton_authenticator;
mod reading;
mod stratum;
mod tables;
mod two_fas;
mod winauth;
mod zipped_text;

use countersign_otp::OtpKind;
use countersign_seal::Secret;
use countersign_transfer::{Account, FileProblem, Import, ImportLimits, ImportRefusal, SourceLocation};

/// Of all encrypted samples.
const PASSWORD: &str = "mara’s file password";

/// Lines that samples of several apps have in the same place.
const CEDAR: &str = "3 -> Cedar: door (Cedar / door) #7 5894218";
const STEAM: &str = "4 -> Steam: mara (Steam / mara) RGTFV";
const MOBILE_OTP: &str = "5 !! its tokens are Mobile-OTP's, which are made with MD5 and a PIN and are not supported: \
     set the account up anew at its site with an authenticator app (TOTP)";
const YANDEX: &str = "6 !! its tokens are Yandex.Key's, which are made with a PIN and are not supported: \
     choose another second factor in the Yandex account";

/// 14 November 2023, 22:13:20 UTC.
const NOW: u64 = 1_700_000_000;

fn import(bytes: &[u8], password: Option<&str>) -> Import {
    import_called("file", bytes, password)
}

fn import_called(name: &str, bytes: &[u8], password: Option<&str>) -> Import {
    let mut import = Import::new(ImportLimits::default());
    let password = password.map(|password| Secret::from(password.to_owned()));
    import.read(name, bytes, password.as_ref()).unwrap();
    import
}

/// Each item in a line: its number, its name, issuer and account, its token, and what else there is.
fn shown(bytes: &[u8], password: Option<&str>) -> Vec<String> {
    lines(&import(bytes, password))
}

fn lines(import: &Import) -> Vec<String> {
    let line = |place: String, outcome: &Result<Account, ImportRefusal>| match outcome {
        Ok(account) => format!("{place} -> {}", told(account)),
        Err(refusal) => format!("{place} !! {refusal}"),
    };
    let place = |place: &SourceLocation| {
        let shown = place.to_string();
        shown.strip_prefix(&format!("{}, account ", place.file_name())).unwrap_or(&shown).to_owned()
    };
    import.items().iter().map(|item| line(place(&item.place), &item.outcome)).collect()
}

fn told(account: &Account) -> String {
    let issuer = account.issuer.as_deref().unwrap_or("-");
    let mut told = format!("{} ({issuer} / {})", account.name, account.account);
    if let Some(secret) = &account.secret {
        let token = match secret.parameters().kind() {
            OtpKind::Hotp { counter } => format!("#{counter} {}", secret.hotp(counter).unwrap().expose()),
            OtpKind::Totp { .. } | OtpKind::Steam => secret.token_at(NOW).unwrap().text.expose().to_owned(),
        };
        told += &format!(" {token}");
    }
    if let Some(password) = &account.password {
        told += &format!(" password {}", password.expose_text().unwrap());
    }
    if let Some(site) = &account.site {
        told += &format!(" at {site}");
    }
    if !account.tags.is_empty() {
        told += &format!(" {:?}", account.tags);
    }
    if !account.notes.is_empty() {
        told += &format!(" {:?}", account.notes);
    }
    for warning in &account.warnings {
        told += &format!(" ! {warning}");
    }
    told
}

/// The only thing that is said of a file that is refused as a whole.
fn problem(bytes: &[u8], password: Option<&str>) -> FileProblem {
    only_problem(&import(bytes, password))
}

fn only_problem(import: &Import) -> FileProblem {
    match import.items() {
        [item] => match &item.outcome {
            Err(ImportRefusal::File(problem)) => problem.clone(),
            Err(refusal) => panic!("{refusal}"),
            Ok(account) => panic!("{}", told(account)),
        },
        _ => panic!("{:#?}", lines(import)),
    }
}

/// Where a file is damaged that is refused for that.
fn damaged_at(bytes: &[u8], password: Option<&str>) -> String {
    match problem(bytes, password) {
        FileProblem::Damaged { place, .. } => place,
        other => panic!("{other}"),
    }
}

/// That an encrypted sample gives these lines with the password of all samples, asks for one, and takes no other.
fn opens_with_its_password_alone(bytes: &[u8], name: &'static str, lines: &[&str]) {
    assert_eq!(shown(bytes, Some(PASSWORD)), lines);
    assert_eq!(problem(bytes, None), FileProblem::PasswordNeeded(name));
    assert_eq!(problem(bytes, Some("guess")), FileProblem::WrongPassword(name));
}

fn left_out(bytes: &[u8], password: Option<&str>) -> Vec<(&'static str, usize)> {
    import(bytes, password).left_out().iter().map(|(what, count)| (*what, *count)).collect()
}

/// A sample with a text in it changed.
fn with(sample: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(sample).unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

/// That a document which ends early gives no account, and says so of itself from some place on.
fn no_beginning_gives_an_account(sample: &[u8], password: Option<&str>) {
    no_beginning_of(sample, |bytes| import(bytes, password));
}

fn no_beginning_of(sample: &[u8], read: impl Fn(&[u8]) -> Import) {
    let whole = sample.trim_ascii_end().len();
    for length in 0..whole {
        let import = read(&sample[..length]);
        assert!(import.items().iter().all(|item| item.outcome.is_err()), "{length}: {:#?}", lines(&import));
        if length > whole / 2 {
            let said = only_problem(&import);
            let told = matches!(said, FileProblem::Damaged { .. } | FileProblem::WrongPassword(_));
            assert!(told, "{length}: {said}");
        }
    }
}
