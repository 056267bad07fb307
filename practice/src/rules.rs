//! Which passwords the site takes.

use crate::hurdles::PasswordRules;
use crate::words::{Word, Words};

/// The first rule that a password breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    TooShort(u32),
    TooLong(u32),
    NeedsLower,
    NeedsUpper,
    NeedsDigit,
    NeedsSpecial,
    NeedsOneOf(String),
    NotAllowed(char),
    TooManyInARow(u32),
    Reused,
    HasName,
}

impl Broken {
    /// The rule in the site's words.
    pub(crate) fn told(&self, words: &Words) -> String {
        match self {
            Self::TooShort(min) => words.say_with(Word::TooShort, min),
            Self::TooLong(max) => words.say_with(Word::TooLong, max),
            Self::NeedsLower => words.say(Word::NeedsLower).to_owned(),
            Self::NeedsUpper => words.say(Word::NeedsUpper).to_owned(),
            Self::NeedsDigit => words.say(Word::NeedsDigit).to_owned(),
            Self::NeedsSpecial => words.say(Word::NeedsSpecial).to_owned(),
            Self::NeedsOneOf(set) => words.say_with(Word::NeedsOneOf, set),
            Self::NotAllowed(character) => words.say_with(Word::NotAllowed, character),
            Self::TooManyInARow(most) => words.say_with(Word::TooManyInARow, most),
            Self::Reused => words.say(Word::Reused).to_owned(),
            Self::HasName => words.say(Word::HasName).to_owned(),
        }
    }
}

/// The first rule that the password breaks; former passwords are the account's matter.
pub(crate) fn check(password: &str, rules: &PasswordRules, name: &str) -> Option<Broken> {
    let length = password.chars().count();
    if length < rules.min.max(1) as usize {
        return Some(Broken::TooShort(rules.min.max(1)));
    }
    if rules.max > 0 && length > rules.max as usize {
        return Some(Broken::TooLong(rules.max));
    }
    let sets: Vec<Set<'_>> = rules.required.iter().map(|set| Set(set)).collect();
    if let Some(missing) = sets.iter().find(|set| !password.chars().any(|character| set.holds(character))) {
        return Some(missing.missing());
    }
    let allowed: Vec<Set<'_>> = rules.allowed.iter().map(|set| Set(set)).collect();
    if let Some(stranger) =
        password.chars().find(|one| !allowed.is_empty() && !allowed.iter().any(|set| set.holds(*one)))
    {
        return Some(Broken::NotAllowed(stranger));
    }
    if rules.max_consecutive > 0 && longest_row(password) > rules.max_consecutive {
        return Some(Broken::TooManyInARow(rules.max_consecutive));
    }
    let has_name = rules.without_name && password.to_lowercase().contains(&name.to_lowercase());
    has_name.then_some(Broken::HasName)
}

/// The rules in the site's words, for the list beside the form.
pub(crate) fn told(rules: &PasswordRules, words: &Words) -> Vec<String> {
    let mut all = Vec::new();
    if rules.min > 0 {
        all.push(Broken::TooShort(rules.min));
    }
    if rules.max > 0 {
        all.push(Broken::TooLong(rules.max));
    }
    all.extend(rules.required.iter().map(|set| Set(set).missing()));
    if rules.max_consecutive > 0 {
        all.push(Broken::TooManyInARow(rules.max_consecutive));
    }
    if rules.no_reuse > 0 {
        all.push(Broken::Reused);
    }
    if rules.without_name {
        all.push(Broken::HasName);
    }
    all.iter().map(|broken| broken.told(words)).collect()
}

/// A set of characters: a word for a class, or the characters themselves in brackets.
struct Set<'a>(&'a str);

impl Set<'_> {
    fn holds(&self, character: char) -> bool {
        match self.0 {
            "lower" => character.is_lowercase(),
            "upper" => character.is_uppercase(),
            "digit" => character.is_ascii_digit(),
            "special" => !character.is_alphanumeric(),
            listed => inside(listed).contains(character),
        }
    }

    fn missing(&self) -> Broken {
        match self.0 {
            "lower" => Broken::NeedsLower,
            "upper" => Broken::NeedsUpper,
            "digit" => Broken::NeedsDigit,
            "special" => Broken::NeedsSpecial,
            listed => Broken::NeedsOneOf(inside(listed).to_owned()),
        }
    }
}

fn inside(listed: &str) -> &str {
    listed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(listed)
}

fn longest_row(password: &str) -> u32 {
    let (mut longest, mut row, mut last) = (0, 0, None);
    for character in password.chars() {
        row = if last == Some(character) { row + 1 } else { 1 };
        longest = longest.max(row);
        last = Some(character);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::{Broken, check};
    use crate::hurdles::PasswordRules;

    #[test]
    fn each_rule_refuses_what_breaks_it_and_takes_what_keeps_it() {
        let list = |sets: &[&str]| sets.iter().map(|set| (*set).to_owned()).collect::<Vec<_>>();
        let none = PasswordRules::default;
        let table = [
            (PasswordRules { min: 8, ..none() }, "seven77", "eightttt", Broken::TooShort(8)),
            (PasswordRules { max: 4, ..none() }, "fünff", "vier", Broken::TooLong(4)),
            (PasswordRules { required: list(&["lower"]), ..none() }, "ABC", "ABc", Broken::NeedsLower),
            (PasswordRules { required: list(&["upper"]), ..none() }, "abc", "abC", Broken::NeedsUpper),
            (PasswordRules { required: list(&["digit"]), ..none() }, "abc", "ab1", Broken::NeedsDigit),
            (PasswordRules { required: list(&["special"]), ..none() }, "abc1", "ab-1", Broken::NeedsSpecial),
            (PasswordRules { required: list(&["[!#]"]), ..none() }, "ab?", "ab#", Broken::NeedsOneOf("!#".into())),
            (PasswordRules { allowed: list(&["lower", "[-]"]), ..none() }, "ab_", "ab-", Broken::NotAllowed('_')),
            (PasswordRules { max_consecutive: 2, ..none() }, "abbb", "abbab", Broken::TooManyInARow(2)),
            (PasswordRules { without_name: true, ..none() }, "xALICEx", "xalicx", Broken::HasName),
        ];
        for (rules, bad, good, broken) in table {
            assert_eq!(check(bad, &rules, "alice"), Some(broken), "{bad}");
            assert_eq!(check(good, &rules, "alice"), None, "{good}");
        }
    }

    #[test]
    fn an_empty_password_is_never_taken() {
        assert_eq!(check("", &PasswordRules::default(), "alice"), Some(Broken::TooShort(1)));
    }
}
