//! One field: everything that says what it is for, weighed.

use std::collections::BTreeSet;

use countersign_snapshot::{Field, FieldKind};

use crate::words::{Concept, Meaning, attribute_meaning, fold, meaning};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRole {
    /// The name one signs in with.
    Username,
    /// The password that holds now.
    CurrentPassword,
    /// The new password.
    NewPassword,
    /// The new password once more.
    RepeatPassword,
    /// The token, whole or a digit of it.
    Token,
    /// A code that was sent to the account's owner.
    SentCode,
    /// The answer to a puzzle.
    Puzzle,
    /// A box: ask for no token here any more.
    TrustBox,
}

/// A field with what is said about it.
#[derive(Debug, Clone)]
pub(crate) struct DescribedField<'a> {
    pub(crate) field: &'a Field,
    /// By its own label, ARIA name, placeholder or title.
    pub(crate) said: Meaning,
    /// By the text that stands nearest.
    pub(crate) near: Meaning,
    /// By its attributes.
    pub(crate) attributes: Meaning,
    /// By its `name` and `id` alone: class names say what a line looks like.
    pub(crate) names: Meaning,
    /// It has a name of its own, in whatever language.
    pub(crate) named: bool,
    pub(crate) token: AutoToken,
    /// It belongs to another service: a key, a mail server, a database. Set anew when what stands around it is known.
    pub(crate) foreign: bool,
}

/// The last token of `autocomplete`, as far as it concerns us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AutoToken {
    None,
    Username,
    Email,
    CurrentPassword,
    NewPassword,
    OneTimeCode,
    /// Names, addresses: something else for sure.
    Other,
    /// Something that stands on a card for payments.
    Card,
}

impl<'a> DescribedField<'a> {
    /// `others`: texts that belong to something else, a whole form or another field, and say nothing of the one they
    /// stand beside.
    pub(crate) fn of(field: &'a Field, others: &BTreeSet<&str>) -> Self {
        let words = &field.words;
        let own = [&words.label, &words.aria, &words.placeholder, &words.title];
        let said = own.into_iter().fold(Meaning::default(), |all, text| all.and(meaning(text)));
        let names = attribute_meaning(&words.html_name).and(attribute_meaning(&words.html_id));
        let attributes = names.and(attribute_meaning(&words.hints));
        let mut read = Self {
            field,
            said,
            near: if others.contains(words.nearby.as_str()) { Meaning::nothing() } else { meaning(&words.nearby) },
            attributes,
            names,
            foreign: false,
            named: own.into_iter().any(|text| !text.is_empty()),
            token: AutoToken::of(&field.autocomplete),
        };
        if read.token_is_violated() {
            read.token = AutoToken::None;
        }
        read.foreign = read.says(Concept::Foreign)
            || names.has(Concept::Foreign)
            || meaning(&words.description).has(Concept::Foreign) && !read.says(Concept::Password);
        read
    }

    /// Whether something is said about it that counts: its own words, or the nearest text when it has none.
    pub(crate) const fn says(&self, concept: Concept) -> bool {
        self.said.has(concept) || (!self.named && self.near.has(concept))
    }

    /// How strongly `concept` is said, 0 to about 3.
    pub(crate) fn weight(&self, concept: Concept) -> f32 {
        let own = if self.said.has(concept) {
            2.5
        } else if !self.named && self.near.has(concept) {
            1.8
        } else {
            0.0
        };
        let attribute = if self.attributes.has(concept) { 1.0 } else { 0.0 };
        own + attribute
    }

    /// Neither a label nor a text beside it nor an attribute that can be trusted says what it is for.
    pub(crate) fn is_silent(&self) -> bool {
        !self.named && self.near == Meaning::nothing() && !self.attributes.has(Concept::Search)
    }

    /// Its characters are drawn as dots, by its kind or by its style.
    pub(crate) fn is_dotted(&self) -> bool {
        self.field.kind == FieldKind::Password || self.field.masked && self.field.kind.is_line()
    }

    /// Drawn as dots, or a line that says it is a password and is none about passwords.
    pub(crate) fn is_password(&self) -> bool {
        if self.foreign || self.is_puzzle() || self.is_of_a_card() || self.is_pin() {
            return false;
        }
        if self.field.kind == FieldKind::Password {
            let asks = self.said.has(Concept::Question) && !self.said.has(Concept::Password);
            return !asks && !self.is_token_line();
        }
        let names_somebody = self.says(Concept::Username) || self.says(Concept::Email);
        if self.is_dotted() {
            return !self.is_token_line() && (self.says(Concept::Password) || !names_somebody);
        }
        let about = self.says(Concept::AboutPasswords) || self.names.has(Concept::AboutPasswords);
        // What stands in a plain line before anybody has typed is the page's own.
        let prefilled = self.field.filled && !self.field.secret;
        self.field.kind == FieldKind::Text
            && self.says(Concept::Password)
            && !self.says(Concept::Code)
            && !names_somebody
            && !about
            && !prefilled
            && !self.said.has(Concept::Question)
            && self.attributes.has(Concept::Password)
    }

    /// It says that it is one for a puzzle: a CAPTCHA, a sum.
    pub(crate) fn is_puzzle(&self) -> bool {
        let words = &self.field.words;
        let own = [&words.label, &words.aria, &words.placeholder, &words.title];
        self.said.has(Concept::Human)
            || self.names.has(Concept::Human)
            || own.into_iter().any(|text| is_sum(text))
            || !self.named && (self.near.has(Concept::Human) || is_sum(&words.nearby))
    }

    /// It stands under a question that only a person can answer.
    pub(crate) fn is_question(&self) -> bool {
        let words = &self.field.words;
        let own = [&words.label, &words.aria, &words.placeholder];
        let asked = |text: &str| text.trim_end().ends_with(['?', '？', '؟']);
        let says = if self.named { self.said } else { self.near };
        let known = [
            Concept::Username,
            Concept::Email,
            Concept::Phone,
            Concept::Password,
            Concept::Code,
            Concept::Forgot,
            Concept::SignUp,
            Concept::SignIn,
            Concept::Search,
        ];
        let near = || words.nearby.split_whitespace().count() >= 4 && asked(&words.nearby);
        let put = if self.named { own.into_iter().any(|text| asked(text)) } else { near() };
        let declared = matches!(self.token, AutoToken::Username | AutoToken::Email | AutoToken::OneTimeCode);
        !declared
            && (says.has(Concept::Question)
                || self.names.has(Concept::Question)
                || put && !says.any(&known) && !self.names.any(&known))
    }

    /// It belongs to a card for payments, or says so.
    pub(crate) fn is_of_a_card(&self) -> bool {
        self.says(Concept::Card)
            || self.names.has(Concept::Card)
            || self.token == AutoToken::Card && !self.says_code() && !self.named
    }

    /// Its label or its attributes say that it takes a code.
    pub(crate) fn says_code(&self) -> bool {
        let all = [Concept::Code, Concept::Authenticator];
        self.said.any(&all) || self.attributes.any(&all) || !self.named && self.near.any(&all)
    }

    /// A number that somebody has learnt by heart: neither the password nor a token, unless it says that as well.
    pub(crate) fn is_pin(&self) -> bool {
        let words = &self.field.words;
        let own = [&words.label, &words.aria, &words.placeholder, &words.title, &words.html_name, &words.html_id];
        let mut found = false;
        for text in own {
            let folded = fold(text);
            let pin = |word: &&str| matches!(*word, "pin" | "pincode" | "pins");
            let rest: Vec<&str> = folded.split(' ').filter(|word| !pin(word)).collect();
            let says = meaning(&rest.join(" "));
            let code = rest.iter().all(|word| *word == "code") || !says.any(&[Concept::Code, Concept::Authenticator]);
            if folded.split(' ').any(|word| pin(&word)) {
                found |= code && !says.has(Concept::Password);
            } else if says.any(&[Concept::Code, Concept::Authenticator, Concept::Password]) {
                return false;
            }
        }
        found && self.token == AutoToken::None
    }

    /// It declares itself to be the line for the name: no token goes there.
    pub(crate) fn is_declared_name(&self) -> bool {
        matches!(self.token, AutoToken::Username | AutoToken::Email)
            || self.field.kind == FieldKind::Email
            || !self.says(Concept::Code)
                && (self.said.has(Concept::Username)
                    || self.names.has(Concept::Username)
                        && !self.names.has(Concept::Code)
                        && !self.near.has(Concept::Code))
    }

    /// A line for a code that is hidden by dots: some sites do that.
    fn is_token_line(&self) -> bool {
        let says_code = self.says(Concept::Code) || self.attributes.has(Concept::Code);
        if self.field.drawn_boxes > 0 {
            return true;
        }
        let says_password = self.attributes.has(Concept::Password) && !self.attributes.has(Concept::Code);
        // So few characters make no password, and digits alone make none either.
        let tiny = self.field.max_length.is_some_and(|most| (4..=8).contains(&most)) || self.is_numeric();
        let silent = !self.says(Concept::Password) && !says_password;
        self.token == AutoToken::OneTimeCode && !says_password
            || tiny && silent && !matches!(self.token, AutoToken::CurrentPassword | AutoToken::NewPassword)
            || says_code && !says_password && (self.is_numeric() || !self.says(Concept::Password))
    }

    /// It wants digits, a few of them.
    pub(crate) fn is_numeric(&self) -> bool {
        let field = self.field;
        field.input_mode == "numeric"
            || field.input_mode == "decimal"
            || field.kind == FieldKind::Number
            || field.pattern.contains("[0-9]")
            || field.pattern.contains("\\d")
    }

    fn short(&self) -> bool {
        self.field.max_length.is_some_and(|most| (4..=10).contains(&most))
    }

    pub(crate) fn username(&self) -> f32 {
        let mut score = 0.0;
        score += match self.token {
            AutoToken::Username => 3.0,
            AutoToken::Email => 2.0,
            // What a person reads outweighs an attribute that nobody sees.
            AutoToken::Other if self.says(Concept::Username) || self.says(Concept::Email) => -0.5,
            AutoToken::Other | AutoToken::OneTimeCode | AutoToken::Card => -2.0,
            _ => 0.0,
        };
        score += self
            .weight(Concept::Username)
            .max(self.weight(Concept::Email) * 0.9)
            .max(self.weight(Concept::Phone) * 0.7);
        if self.field.kind == FieldKind::Email {
            score += 1.0;
        }
        for against in [Concept::Code, Concept::Search, Concept::Human, Concept::Recovery] {
            score -= self.weight(against);
        }
        if self.says(Concept::Tenant) && !self.says(Concept::Username) {
            score -= 1.5;
        }
        if self.is_numeric() && !self.says(Concept::Username) {
            score -= 1.0;
        }
        score
    }

    pub(crate) fn code(&self) -> f32 {
        let mut score = match self.token {
            AutoToken::OneTimeCode => 3.0,
            AutoToken::Other | AutoToken::Card
                if self.weight(Concept::Code).max(self.weight(Concept::Authenticator)) > 0.0 =>
            {
                -0.3
            }
            AutoToken::Username | AutoToken::Email | AutoToken::Other | AutoToken::Card => -1.5,
            _ => 0.0,
        };
        score += self.weight(Concept::Code).max(self.weight(Concept::Authenticator));
        if self.is_numeric() {
            score += 1.0;
        }
        if self.short() {
            score += 0.8;
        }
        // One line over as many boxes as a token has digits.
        if (4..=10).contains(&self.field.drawn_boxes) {
            score += 3.0;
        }
        for against in [Concept::Human, Concept::Search] {
            score -= self.weight(against);
        }
        score -= self.weight(Concept::Username) * 0.8;
        if !self.says(Concept::Code) {
            score -= self.weight(Concept::Email);
        }
        score
    }

    /// Whether its own name or label says that it is the other password than its token does.
    pub(crate) fn contradicts_its_token(&self) -> bool {
        let says = |one, other| {
            let all = self.said.and(self.attributes);
            all.has(one) && !all.has(other)
        };
        match self.token {
            AutoToken::CurrentPassword => says(Concept::New, Concept::Old) || says(Concept::Repeat, Concept::Old),
            AutoToken::NewPassword => says(Concept::Old, Concept::New),
            _ => false,
        }
    }

    fn token_is_violated(&self) -> bool {
        let hidden_by_dots = self.is_dotted();
        match self.token {
            AutoToken::Username | AutoToken::Email => hidden_by_dots,
            AutoToken::CurrentPassword | AutoToken::NewPassword => {
                !hidden_by_dots && self.field.kind != FieldKind::Text
            }
            _ => false,
        }
    }
}

impl AutoToken {
    fn of(attribute: &str) -> Self {
        // The last token that is no suffix counts; those before say which address or section is meant.
        let last = attribute.split_ascii_whitespace().rfind(|token| !token.eq_ignore_ascii_case("webauthn"));
        match last.unwrap_or_default().to_ascii_lowercase().as_str() {
            "" | "on" | "off" | "nope" | "false" | "none" | "new-username" | "disabled" => Self::None,
            "username" => Self::Username,
            "email" | "tel" | "tel-national" => Self::Email,
            "current-password" => Self::CurrentPassword,
            "new-password" => Self::NewPassword,
            "one-time-code" => Self::OneTimeCode,
            "name" | "given-name" | "family-name" | "additional-name" | "nickname" | "organization"
            | "street-address" | "address-line1" | "postal-code" | "country" | "bday" | "sex" | "url" => Self::Other,
            card if card.starts_with("cc-") => Self::Card,
            _ => Self::None,
        }
    }
}

/// Whether a text puts a sum: `3 + 4`, `12×2 =`.
fn is_sum(text: &str) -> bool {
    let tight: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    tight.windows(3).any(|three| {
        three[0].is_ascii_digit() && matches!(three[1], '+' | '×' | '*' | '−') && three[2].is_ascii_digit()
    })
}

#[cfg(test)]
mod tests {
    use countersign_snapshot::Words;

    use super::*;

    fn line(kind: FieldKind, label: &str, name: &str, autocomplete: &str) -> Field {
        Field {
            kind,
            words: Words { label: label.into(), html_name: name.into(), ..Words::default() },
            autocomplete: autocomplete.into(),
            ..Field::default()
        }
    }

    #[test]
    fn the_last_token_counts_and_violated_ones_do_not() {
        let field = line(FieldKind::Text, "", "", "section-login shipping username webauthn");
        assert_eq!(DescribedField::of(&field, &BTreeSet::new()).token, AutoToken::Username);
        let field = line(FieldKind::Password, "", "", "username");
        assert_eq!(DescribedField::of(&field, &BTreeSet::new()).token, AutoToken::None);
        let field = line(FieldKind::Password, "", "", "off");
        assert_eq!(DescribedField::of(&field, &BTreeSet::new()).token, AutoToken::None);
    }

    #[test]
    fn a_one_time_password_is_a_code_and_no_password() {
        let field = line(FieldKind::Text, "One-time password", "x7", "");
        let read = DescribedField::of(&field, &BTreeSet::new());
        assert!(!read.is_password() && read.code() > 2.0 && read.code() > read.username());
        let hidden = line(FieldKind::Password, "Sicherheitscode", "q", "");
        assert!(!DescribedField::of(&hidden, &BTreeSet::new()).is_password());
        let shown = line(FieldKind::Text, "New password", "new_password", "");
        assert!(DescribedField::of(&shown, &BTreeSet::new()).is_password());
    }
}
