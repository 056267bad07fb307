use countersign_model::Invalid;
use countersign_seal::Secret;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::common_passwords::is_common;

const LEAST: usize = 8;
const MAX: usize = 1_024;
// The library's estimate grows faster than linearly with length; what is longer is strong by length alone.
const JUDGED: usize = 72;

/// A person's password in the form in which it is hashed: RFC 8265's profile *OpaqueString* (§4.2.2). Every blank that is
/// not ASCII's becomes U+0020, and the rest is put into NFC, so that the same password typed on another keyboard or system
/// is the same. Case and width stay as they are.
///
/// It never refuses: what the profile disallows is refused where a password is chosen, by [`judge_password`]. Bytes that
/// are no text stay as they are.
pub fn prepare_password(password: &Secret) -> Secret {
    let Some(text) = password.expose_text().filter(|text| !text.is_ascii()) else {
        return Secret::from(password.expose());
    };
    // No character becomes more than three times as long in NFC (Annex #15 §12): a buffer that never grows leaves no copy.
    let mut prepared = Zeroizing::new(String::with_capacity(3 * text.len()));
    prepared.extend(text.chars().map(|c| if is_other_blank(c) { ' ' } else { c }).nfc());
    Secret::from(prepared.as_bytes())
}

/// Unicode's general category Zs without U+0020.
const fn is_other_blank(character: char) -> bool {
    matches!(character, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Whether people may choose this password for themselves: at least eight characters, none of the common ones, and not among
/// those that are found within about a million guesses. `field` is what the API calls it; the person's own name counts as guessable.
pub fn judge_password(field: &'static str, password: &Secret, name: &str) -> Result<(), Invalid> {
    check_form(field, password)?;
    let password = &prepare_password(password);
    if is_common(password) {
        return Err(Invalid::new(
            field,
            "is one of the common passwords, which are tried first: take four or more unrelated words, or let a program \
             make one",
        ));
    }
    let text = password.expose_text().unwrap_or_default();
    let judged: String = text.chars().take(JUDGED).collect();
    if zxcvbn::zxcvbn(&judged, &[name, "countersign"]).score() < zxcvbn::Score::Two {
        return Err(Invalid::new(
            field,
            "is easy to guess: take four or more unrelated words, or let a program make one",
        ));
    }
    Ok(())
}

fn check_form(field: &'static str, password: &Secret) -> Result<(), Invalid> {
    let Some(text) = password.expose_text() else {
        return Err(Invalid::new(field, "is not text in UTF-8"));
    };
    if text.chars().count() < LEAST {
        return Err(Invalid::new(field, format!("is too short: at least {LEAST} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "holds a control character, which no keyboard types reliably: remove it"));
    }
    if text.len() > MAX {
        return Err(Invalid::new(field, format!("is too long: at most {MAX} bytes")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Result<(), String> {
        judge_password("password", &Secret::from(password.to_owned()), "alice").map_err(|error| error.to_string())
    }

    /// RFC 8265 §4.3 has the first five as its examples of passwords that are taken, and what becomes of them.
    #[test]
    fn passwords_are_prepared_as_opaque_strings() {
        let table = [
            ("correct horse battery staple", "correct horse battery staple"),
            ("Correct Horse Battery Staple", "Correct Horse Battery Staple"),
            ("\u{3c0}\u{df}\u{e5}", "\u{3c0}\u{df}\u{e5}"),
            ("Jack of \u{2666}s", "Jack of \u{2666}s"),
            ("foo\u{1680}bar", "foo bar"),
            ("e\u{301}\u{a0}\u{3000}x", "\u{e9}  x"),
            // Neither case nor width is folded: these are other passwords.
            ("\u{ff21}\u{fb01}", "\u{ff21}\u{fb01}"),
        ];
        for (typed, expected) in table {
            let prepared = prepare_password(&Secret::from(typed.to_owned()));
            assert_eq!(prepared.expose_text(), Some(expected), "{typed}");
            assert!(prepare_password(&prepared) == prepared, "{typed}: preparing twice changes nothing");
        }
        let no_text = Secret::from([0xff, 0xfe].as_slice());
        assert!(prepare_password(&no_text) == no_text);
    }

    #[test]
    fn short_and_common_passwords_are_refused() {
        assert_eq!(judged("abc").unwrap_err(), "password is too short: at least 8 characters");
        assert!(judged("password1").unwrap_err().contains("common passwords"));
        assert!(judged("PASSWORD\u{a0}").unwrap_err().contains("common passwords"), "as it is prepared");
        assert!(judged("alicealice").unwrap_err().contains("easy to guess"));
        assert!(judged(&"a".repeat(2_000)).unwrap_err().contains("too long"));
        assert!(judged("plum velvet anchor sixteen").is_ok());
        assert!(judged("plum velvet\tanchor sixteen").unwrap_err().contains("control character"));
    }
}
