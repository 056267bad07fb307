use countersign_model::Invalid;
use countersign_seal::Secret;

const LEAST: usize = 8;
const MOST: usize = 1_024;
// The library's estimate grows faster than linearly with length; what is longer is strong by length alone.
const JUDGED: usize = 72;

/// Whether people may choose this password for themselves: at least eight characters, and not among those that are
/// found within about a million guesses. `field` is what the API calls it; the person's own name counts as guessable.
pub fn judge_password(field: &'static str, password: &Secret, name: &str) -> Result<(), Invalid> {
    check_form(field, password)?;
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
    if text.len() > MOST {
        return Err(Invalid::new(field, format!("is too long: at most {MOST} bytes")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(password: &str) -> Result<(), String> {
        judge_password("password", &Secret::from(password.to_owned()), "alice").map_err(|error| error.to_string())
    }

    #[test]
    fn short_and_common_passwords_are_refused() {
        assert_eq!(judged("abc").unwrap_err(), "password is too short: at least 8 characters");
        assert!(judged("password1").unwrap_err().contains("easy to guess"));
        assert!(judged("alicealice").unwrap_err().contains("easy to guess"));
        assert!(judged(&"a".repeat(2_000)).unwrap_err().contains("too long"));
        assert!(judged("plum velvet anchor sixteen").is_ok());
    }
}
