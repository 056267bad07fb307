use countersign_transfer::{FileProblem, ImportRefusal};

use crate::{PASSWORD, import, left_out, problem, shown, winauth};

const PLUS: &[u8] = include_bytes!("samples/authenticator_plus.zip");
const WINAUTH: &[u8] = include_bytes!("samples/winauth.zip");
const TEXTS: &[u8] = include_bytes!("samples/texts.zip");
const OTHER: &[u8] = include_bytes!("samples/other.zip");

const NAME: &str = "a ZIP archive of texts, as Authenticator Plus and WinAuth export it";

const ALL: [&str; 2] =
    ["1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300", "2 -> Birch: ops (Birch / ops) 77076628"];

#[test]
fn archives_of_texts_are_read() {
    assert_eq!(shown(TEXTS, None), ALL);
    assert_eq!(left_out(TEXTS, None), [("lines without an otpauth:// URL", 1)]);
    assert_eq!(shown(PLUS, Some(PASSWORD)), ALL);
    assert_eq!(shown(WINAUTH, Some(PASSWORD)), winauth::ALL);
    for sample in [PLUS, WINAUTH] {
        assert_eq!(problem(sample, None), FileProblem::PasswordNeeded(NAME));
        assert_eq!(problem(sample, Some("guess")), FileProblem::WrongPassword(NAME));
    }
}

#[test]
fn other_archives_are_not() {
    let import = import(OTHER, None);
    let refusal = import.items()[0].outcome.as_ref().err().unwrap();
    assert_eq!(*refusal, ImportRefusal::OtherFile("a ZIP archive or an office document"));
}

#[test]
fn what_ends_early_gives_nothing() {
    for sample in [TEXTS, PLUS] {
        for length in 0..sample.len() {
            let import = import(&sample[..length], Some(PASSWORD));
            assert!(import.items().iter().all(|item| item.outcome.is_err()), "{length}");
        }
    }
}

#[test]
fn what_was_changed_is_told() {
    // The packed text, behind a head of 30 bytes and a name of 9.
    let mut changed = TEXTS.to_vec();
    changed[60] ^= 0x10;
    assert!(matches!(problem(&changed, None), FileProblem::Damaged { .. }));
}
