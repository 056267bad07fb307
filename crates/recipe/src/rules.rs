use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// What a site asks of passwords, in the language of the public list of password rules:
/// `minlength: 8; maxlength: 16; required: upper; required: digit, [!#$]; allowed: lower; max-consecutive: 2`.
///
/// `required: a, b` wants one of either; two `required` want both. Written and read as that text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasswordRules {
    /// At least so many characters.
    pub min_length: Option<u32>,
    /// At most so many.
    pub max_length: Option<u32>,
    /// One character of each of these at least.
    pub required: Vec<CharSet>,
    /// Characters that may appear besides the required ones. `None`: only the required ones, or, when none is required,
    /// every printable one.
    pub allowed: Option<CharSet>,
    /// So many equal characters in a row at most.
    pub max_consecutive: Option<u32>,
}

/// A set of printable ASCII characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CharSet(u128);

/// What is wrong with the text of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RulesError {
    /// Not `name: value`.
    #[error("`{0}` is no rule; write `name: value`, such as `minlength: 12`")]
    NoRule(String),
    /// No such rule.
    #[error("there is no rule `{0}`; known are minlength, maxlength, required, allowed, max-consecutive")]
    Unknown(String),
    /// No number.
    #[error("`{name}` wants a whole number, not `{value}`")]
    NoNumber {
        /// The rule.
        name: String,
        /// What stands there.
        value: String,
    },
    /// No such class of characters.
    #[error(
        "`{0}` is no class of characters; write upper, lower, digit, special, ascii-printable, unicode or [characters]"
    )]
    NoClass(String),
    /// A class without its end.
    #[error("a class of characters that begins with [ must end with ]")]
    NoEnd,
}

impl CharSet {
    /// A to Z.
    pub const UPPER: Self = Self::range(b'A', b'Z');
    /// a to z.
    pub const LOWER: Self = Self::range(b'a', b'z');
    /// 0 to 9.
    pub const DIGIT: Self = Self::range(b'0', b'9');
    /// The printable characters that are neither letter nor digit, the blank among them.
    pub const SPECIAL: Self = Self(Self::PRINTABLE.0 & !(Self::UPPER.0 | Self::LOWER.0 | Self::DIGIT.0));
    /// Everything from the blank to the tilde.
    pub const PRINTABLE: Self = Self::range(b' ', b'~');

    const fn range(from: u8, to: u8) -> Self {
        let mut set = 0;
        let mut at = from;
        while at <= to {
            set |= 1 << at;
            at += 1;
        }
        Self(set)
    }

    /// The characters of a text that are printable ASCII.
    pub fn of(text: &str) -> Self {
        Self(text.bytes().filter(|byte| (b' '..=b'~').contains(byte)).fold(0, |set, byte| set | 1 << byte))
    }

    /// Whether `byte` is in it.
    pub const fn has(self, byte: u8) -> bool {
        byte < 128 && self.0 & (1 << byte) != 0
    }

    /// Both together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both share.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is here and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// How many.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its characters in order.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        (0..128u8).filter(move |byte| self.has(*byte))
    }
}

impl PasswordRules {
    /// Every character that may appear.
    pub fn alphabet(&self) -> CharSet {
        let required = self.required.iter().fold(CharSet::default(), |all, one| all.union(*one));
        match self.allowed {
            Some(allowed) => allowed.union(required),
            None if required.is_empty() => CharSet::PRINTABLE,
            None => required,
        }
    }

    /// Both together. Where they contradict each other, `newer` holds.
    #[must_use]
    pub fn with(&self, newer: &Self) -> Self {
        let mut required = self.required.clone();
        required.extend(newer.required.iter().copied().filter(|set| !self.required.contains(set)));
        let mut min_length = newer.min_length.into_iter().chain(self.min_length).max();
        let mut max_length = newer.max_length.into_iter().chain(self.max_length).min();
        if min_length.zip(max_length).is_some_and(|(least, most)| least > most) {
            (min_length, max_length) = (newer.min_length, newer.max_length);
        }
        Self {
            min_length,
            max_length,
            required,
            allowed: newer.allowed.or(self.allowed),
            max_consecutive: newer.max_consecutive.into_iter().chain(self.max_consecutive).min(),
        }
    }

    /// Whether `password` obeys every rule.
    pub fn admits(&self, password: &[u8]) -> bool {
        let length = password.len();
        let at_least = self.min_length.is_none_or(|least| length >= least as usize);
        let at_most = self.max_length.is_none_or(|most| length <= most as usize);
        let alphabet = self.alphabet();
        let known = password.iter().all(|byte| alphabet.has(*byte));
        let all = self.required.iter().all(|set| password.iter().any(|byte| set.has(*byte)));
        let runs = self.max_consecutive.is_none_or(|most| longest_run(password) <= most as usize);
        at_least && at_most && known && all && runs
    }
}

/// The longest run of equal characters.
pub(crate) fn longest_run(password: &[u8]) -> usize {
    let mut longest = 0;
    let mut run = 0;
    let mut last = None;
    for byte in password {
        run = if last == Some(byte) { run + 1 } else { 1 };
        last = Some(byte);
        longest = longest.max(run);
    }
    longest
}

impl FromStr for PasswordRules {
    type Err = RulesError;

    fn from_str(text: &str) -> Result<Self, RulesError> {
        let mut rules = Self::default();
        for rule in split_outside_classes(text, ';')? {
            let rule = rule.trim();
            if rule.is_empty() {
                continue;
            }
            let (name, value) = rule.split_once(':').ok_or_else(|| RulesError::NoRule(rule.to_owned()))?;
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            let number =
                || value.parse().map_err(|_| RulesError::NoNumber { name: name.clone(), value: value.to_owned() });
            // Said twice, the stricter one holds.
            match name.as_str() {
                "minlength" => rules.min_length = rules.min_length.max(Some(number()?)),
                "maxlength" => rules.max_length = stricter(rules.max_length, number()?),
                "max-consecutive" => rules.max_consecutive = stricter(rules.max_consecutive, number()?),
                "required" => rules.required.push(classes(value)?),
                "allowed" => rules.allowed = Some(rules.allowed.unwrap_or_default().union(classes(value)?)),
                _ => return Err(RulesError::Unknown(name)),
            }
        }
        rules.required.retain(|set| !set.is_empty());
        Ok(rules)
    }
}

fn stricter(before: Option<u32>, now: u32) -> Option<u32> {
    Some(before.map_or(now, |before| before.min(now)))
}

/// One of these classes.
fn classes(text: &str) -> Result<CharSet, RulesError> {
    let mut all = CharSet::default();
    for class in split_outside_classes(text, ',')? {
        let class = class.trim();
        let set = match class.to_ascii_lowercase().as_str() {
            "" => CharSet::default(),
            "upper" => CharSet::UPPER,
            "lower" => CharSet::LOWER,
            "digit" => CharSet::DIGIT,
            "special" => CharSet::SPECIAL,
            "ascii-printable" | "unicode" => CharSet::PRINTABLE,
            _ => match class.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                Some(characters) => CharSet::of(characters),
                None => return Err(RulesError::NoClass(class.to_owned())),
            },
        };
        all = all.union(set);
    }
    Ok(all)
}

/// Splits where `at` stands outside of brackets. A `]` belongs to the class when it is its last character, as in `[!]]`.
fn split_outside_classes(text: &str, at: char) -> Result<Vec<&str>, RulesError> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut inside = false;
    let mut letters = text.char_indices().peekable();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '[' if !inside => inside = true,
            ']' if inside => {
                let next = letters.peek().map(|(_, next)| *next);
                inside = next == Some(']');
            }
            _ if letter == at && !inside => {
                parts.push(&text[begin..index]);
                begin = index + letter.len_utf8();
            }
            _ => {}
        }
    }
    if inside {
        return Err(RulesError::NoEnd);
    }
    parts.push(&text[begin..]);
    Ok(parts)
}

impl fmt::Display for CharSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = *self;
        let mut names = Vec::new();
        if rest == Self::PRINTABLE {
            return f.write_str("ascii-printable");
        }
        for (name, set) in
            [("upper", Self::UPPER), ("lower", Self::LOWER), ("digit", Self::DIGIT), ("special", Self::SPECIAL)]
        {
            if rest.intersection(set) == set {
                names.push(name.to_owned());
                rest = rest.without(set);
            }
        }
        if !rest.is_empty() {
            // `-` first and `]` last, where they stand for themselves.
            let ends = [b'-', b']'];
            let first = rest.has(b'-').then_some('-');
            let last = rest.has(b']').then_some(']');
            let middle = rest.bytes().filter(|byte| !ends.contains(byte)).map(char::from);
            let characters: String = first.into_iter().chain(middle).chain(last).collect();
            names.push(format!("[{characters}]"));
        }
        f.write_str(&names.join(", "))
    }
}

impl fmt::Display for PasswordRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |name: &str, value: Option<u32>| value.map(|value| format!("{name}: {value}"));
        let parts = (number("minlength", self.min_length).into_iter())
            .chain(number("maxlength", self.max_length))
            .chain(self.required.iter().map(|set| format!("required: {set}")))
            .chain(self.allowed.map(|set| format!("allowed: {set}")))
            .chain(number("max-consecutive", self.max_consecutive));
        f.write_str(&parts.collect::<Vec<_>>().join("; "))
    }
}

impl Serialize for PasswordRules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PasswordRules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_written() {
        let text =
            "minlength: 8; maxlength: 16; required: lower; required: digit, [-!#]]; allowed: upper; max-consecutive: 2";
        let rules: PasswordRules = text.parse().unwrap();
        assert_eq!(rules.required[1], CharSet::DIGIT.union(CharSet::of("-!#]")));
        assert_eq!(rules.to_string().parse::<PasswordRules>().unwrap(), rules);
        assert!(rules.admits(b"abcdefg7") && rules.admits(b"ABCdefg]"));
        for refused in [&b"abcdefgh"[..], b"abc7", b"ABCDEFG7", b"abcdefghijklmnop7", b"aaabcdef7", b"abcdefg7?"] {
            assert!(!rules.admits(refused), "{}", String::from_utf8_lossy(refused));
        }
    }

    #[test]
    fn a_class_may_hold_what_otherwise_parts() {
        let rules: PasswordRules = "required: [;,:]; maxlength: 9; maxlength: 12".parse().unwrap();
        assert_eq!((rules.required[0], rules.max_length), (CharSet::of(";,:"), Some(9)));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("minlength 8", "minlength 8"),
            ("minlenght: 8", "minlenght"),
            ("minlength: many", "many"),
            ("required: uper", "uper"),
            ("required: [abc", "]"),
        ] {
            let error = text.parse::<PasswordRules>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn nothing_said_is_everything_printable() {
        assert_eq!(PasswordRules::default().alphabet(), CharSet::PRINTABLE);
        assert_eq!("allowed: unicode".parse::<PasswordRules>().unwrap().alphabet().len(), 95);
    }
}
