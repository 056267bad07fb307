//! The rules for a new password that stand beside its line, in words.

use countersign_snapshot::{Frame, Text};

use super::{field::FieldRole, form::DescribedForm};
use crate::{CharSet, PasswordRules, words::fold};

/// What counts characters, not digits or letters of one kind.
const UNITS: &[&str] = &[
    "character",
    "characters",
    "chars",
    "char",
    "zeichen",
    "caractere",
    "caracteres",
    "caratteri",
    "tekens",
    "karakters",
    "znakow",
    "znaki",
    "tecken",
    "tegn",
    "merkkia",
    "merkki",
    "znaku",
    "karakter",
    "символов",
    "символа",
    "знаков",
];
/// Between the two ends of a range.
const TO: &[&str] = &[
    "to", "and", "bis", "und", "a", "et", "y", "e", "tot", "en", "do", "i", "och", "og", "ja", "az", "ile", "до", "и",
    "till", "til",
];
const AT_LEAST: &[&str] = &[
    "at least",
    "minimum",
    "min",
    "minimum of",
    "no fewer than",
    "not less than",
    "or more",
    "or longer",
    "mindestens",
    "mind",
    "oder mehr",
    "au moins",
    "minimum de",
    "al menos",
    "minimo",
    "como minimo",
    "o mas",
    "almeno",
    "pelo menos",
    "no minimo",
    "ou mais",
    "ten minste",
    "minstens",
    "minimaal",
    "co najmniej",
    "minst",
    "mindst",
    "vahintaan",
    "alespon",
    "nejmene",
    "en az",
    "не менее",
    "минимум",
    "как минимум",
];
const AT_MOST: &[&str] = &[
    "at most",
    "maximum",
    "max",
    "maximum of",
    "no more than",
    "not more than",
    "up to",
    "not exceed",
    "no longer than",
    "or fewer",
    "or less",
    "hochstens",
    "maximal",
    "nicht mehr als",
    "bis zu",
    "au plus",
    "au maximum",
    "pas plus de",
    "jusqu a",
    "como maximo",
    "maximo",
    "no mas de",
    "hasta",
    "al massimo",
    "massimo",
    "non piu di",
    "fino a",
    "no maximo",
    "ate",
    "maximaal",
    "hoogstens",
    "ten hoogste",
    "maksymalnie",
    "najwyzej",
    "do maksymalnie",
    "hogst",
    "hojst",
    "maks",
    "enintaan",
    "nejvyse",
    "maximalne",
    "en fazla",
    "не более",
    "максимум",
];
/// Letters and digits, and nothing else.
const PLAIN_ONLY: &[&str] = &[
    "no special characters",
    "no symbols",
    "without special characters",
    "special characters are not allowed",
    "special characters not allowed",
    "letters and numbers only",
    "letters and digits only",
    "only letters and numbers",
    "only letters and digits",
    "only contain letters and numbers",
    "only contain letters and digits",
    "alphanumeric only",
    "only alphanumeric",
    "keine sonderzeichen",
    "ohne sonderzeichen",
    "sonderzeichen sind nicht erlaubt",
    "nur buchstaben und ziffern",
    "nur buchstaben und zahlen",
    "sans caracteres speciaux",
    "pas de caracteres speciaux",
    "lettres et chiffres uniquement",
    "uniquement des lettres et des chiffres",
    "sin caracteres especiales",
    "solo letras y numeros",
    "senza caratteri speciali",
    "solo lettere e numeri",
    "sem caracteres especiais",
    "apenas letras e numeros",
    "somente letras e numeros",
    "geen speciale tekens",
    "alleen letters en cijfers",
    "bez znakow specjalnych",
    "tylko litery i cyfry",
    "inga specialtecken",
    "ingen specialtegn",
    "ei erikoismerkkeja",
    "bez specialnich znaku",
    "ozel karakter kullanilamaz",
    "без специальных символов",
    "только буквы и цифры",
    "英数字のみ",
    "記号は使用できません",
    "只能包含字母和数字",
    "不能包含特殊字符",
    "特殊字符不",
    "특수문자 사용 불가",
    "영문과 숫자만",
];

/// The rules that are said near the lines for a new password; `None` where nothing is.
pub(super) fn rules_said(form: &DescribedForm<'_>, roles: &[(u32, FieldRole)]) -> Option<PasswordRules> {
    let new = |role: FieldRole| matches!(role, FieldRole::NewPassword | FieldRole::RepeatPassword);
    let fields = roles.iter().filter(|(_, role)| new(*role)).filter_map(|(node, _)| form.frame.field(*node));
    let mut texts: Vec<&str> = Vec::new();
    let (mut first, mut last) = (u32::MAX, 0);
    for field in fields {
        let words = &field.words;
        texts.extend(
            [&words.label, &words.placeholder, &words.title, &words.description, &words.nearby].map(String::as_str),
        );
        (first, last) = (first.min(field.order), last.max(field.order));
    }
    if first > last {
        return None;
    }
    texts.extend(near(form.frame, form, first, last).map(|text| text.text.as_str()));
    let mut rules = PasswordRules::default();
    for text in texts {
        read(text, &mut rules);
    }
    (rules != PasswordRules::default()).then_some(rules)
}

/// What a sentence says of passwords, such as that in which a site refuses one; `None` where it says nothing.
#[must_use]
pub fn rules_in(text: &str) -> Option<PasswordRules> {
    let mut rules = PasswordRules::default();
    read(text, &mut rules);
    (rules != PasswordRules::default()).then_some(rules)
}

/// The texts of the form, and those close around the lines.
fn near<'a>(frame: &'a Frame, form: &DescribedForm<'_>, first: u32, last: u32) -> impl Iterator<Item = &'a Text> {
    let (index, dialog) = (form.index, form.dialog);
    frame.texts.iter().filter(move |text| {
        let ours = text.form.is_some() && text.form == index;
        let close = text.order.saturating_add(6) >= first && text.order <= last.saturating_add(8);
        text.dialog == dialog && (ours || close && text.form.is_none())
    })
}

/// Adds what one text says.
fn read(text: &str, rules: &mut PasswordRules) {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').collect();
    for (at, _) in words.iter().enumerate().filter(|(_, word)| UNITS.contains(word)) {
        limits(&words, at, rules);
    }
    limits_without_blanks(text, rules);
    let required = ["required", "needed", "necessary", "erforderlich", "notig"];
    if PLAIN_ONLY.iter().any(|said| folded.contains(&fold(said))) && !required.iter().any(|word| words.contains(word)) {
        rules.allowed = Some(CharSet::UPPER.union(CharSet::LOWER).union(CharSet::DIGIT));
    }
}

/// The numbers before a unit: "8 to 16 characters", "at least 8 characters", "20 characters maximum".
fn limits(words: &[&str], unit: usize, rules: &mut PasswordRules) {
    let number =
        |at: usize| words.get(at).and_then(|word| word.parse::<u32>().ok()).filter(|number| (1..=512).contains(number));
    let Some(last) = unit.checked_sub(1).and_then(number) else { return };
    let from = match unit.checked_sub(2) {
        Some(before) if words.get(before).is_some_and(|word| TO.contains(word)) => {
            before.checked_sub(1).and_then(number)
        }
        Some(before) => number(before),
        None => None,
    };
    if let Some(from) = from.filter(|from| *from < last) {
        at_least(rules, from);
        at_most(rules, last);
        return;
    }
    let before = words[unit.saturating_sub(5)..unit - 1].join(" ");
    let after = words[unit + 1..words.len().min(unit + 4)].join(" ");
    let says = |list: &[&str], text: &str| list.iter().any(|said| format!(" {text} ").contains(&format!(" {said} ")));
    // "Must not have more than" and "at least" do not stand before one number; the nearer side counts.
    if says(AT_MOST, &before) || !says(AT_LEAST, &before) && says(AT_MOST, &after) {
        at_most(rules, last);
    } else if says(AT_LEAST, &before) || says(AT_LEAST, &after) {
        at_least(rules, last);
    }
}

/// The same in writings without blanks: "8文字以上", "最多16位", "8～20文字", "8자 이상".
fn limits_without_blanks(text: &str, rules: &mut PasswordRules) {
    let tight: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).map(plain_digit).collect();
    let mut at = 0;
    while at < tight.len() {
        let Some((number, end)) = digits(&tight, at) else {
            at += 1;
            continue;
        };
        let before: String = tight[at.saturating_sub(4)..at].iter().collect();
        let rest: String = tight[end..].iter().take(6).collect();
        let unit =
            ["文字", "桁", "个字符", "個字元", "字符", "位", "자"].into_iter().find(|unit| rest.starts_with(unit));
        let range = matches!(tight.get(end), Some('~' | '～' | '〜' | '-' | '–' | '到' | '至'));
        if let Some((upper, upper_end)) = digits(&tight, end + 1).filter(|_| range) {
            let rest: String = tight[upper_end..].iter().take(4).collect();
            if ["文字", "桁", "个字", "個字", "字符", "位", "자"].iter().any(|unit| rest.starts_with(unit))
                && number < upper
            {
                at_least(rules, number);
                at_most(rules, upper);
            }
            at = upper_end;
            continue;
        }
        if let Some(unit) = unit {
            let after = &rest[unit.len()..];
            let any = |list: &[&str], text: &str| list.iter().any(|said| text.contains(said));
            if any(&["以内", "以下", "まで", "이하", "이내"], after) || any(&["最多", "不超过", "최대"], &before)
            {
                at_most(rules, number);
            } else if any(&["以上", "이상"], after) || any(&["至少", "最少", "최소"], &before) {
                at_least(rules, number);
            }
        }
        at = end;
    }
}

/// The number that begins at `at`, and where it ends.
fn digits(letters: &[char], at: usize) -> Option<(u32, usize)> {
    let run: String = letters.get(at..)?.iter().take_while(|letter| letter.is_ascii_digit()).take(4).collect();
    let number = run.parse().ok().filter(|number| (1..=512).contains(number))?;
    Some((number, at + run.len()))
}

/// Full-width digits are digits.
fn plain_digit(letter: char) -> char {
    let shifted = u32::from(letter).checked_sub(0xff10).filter(|digit| *digit < 10);
    shifted.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(letter)
}

fn at_least(rules: &mut PasswordRules, number: u32) {
    if number <= 128 {
        rules.min_length = Some(rules.min_length.map_or(number, |known| known.max(number)));
    }
}

fn at_most(rules: &mut PasswordRules, number: u32) {
    // Fewer would be no password.
    if number >= 4 {
        rules.max_length = Some(rules.max_length.map_or(number, |known| known.min(number)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_from_words() {
        for (text, min, max) in [
            ("At most 20 characters", None, Some(20)),
            ("8–16 characters", Some(8), Some(16)),
            ("Use 8 to 64 characters, please.", Some(8), Some(64)),
            ("Between 10 and 30 characters", Some(10), Some(30)),
            ("Your password must be at least 12 characters long.", Some(12), None),
            ("Maximum of 32 characters", None, Some(32)),
            ("20 characters maximum", None, Some(20)),
            ("8 characters minimum", Some(8), None),
            ("Must be no longer than 15 characters", None, Some(15)),
            ("At least 2 special characters", None, None),
            ("Contains 3 digits", None, None),
            ("Mindestens 8, höchstens 20 Zeichen", None, Some(20)),
            ("8 bis 20 Zeichen", Some(8), Some(20)),
            ("Entre 8 et 24 caractères", Some(8), Some(24)),
            ("Máximo 16 caracteres", None, Some(16)),
            ("Tra 8 e 16 caratteri", Some(8), Some(16)),
            ("Maximaal 25 tekens", None, Some(25)),
            ("Не более 20 символов", None, Some(20)),
            ("8文字以上20文字以内", Some(8), Some(20)),
            ("8～16文字で入力してください", Some(8), Some(16)),
            ("至少8位", Some(8), None),
            ("8-20个字符", Some(8), Some(20)),
            ("8자 이상", Some(8), None),
            ("Last changed 20 days ago", None, None),
        ] {
            let mut rules = PasswordRules::default();
            read(text, &mut rules);
            assert_eq!((rules.min_length, rules.max_length), (min, max), "{text}");
        }
    }

    #[test]
    fn letters_and_digits_alone() {
        for (text, plain) in [
            ("No special characters", true),
            ("Letters and numbers only.", true),
            ("Keine Sonderzeichen", true),
            ("Sin caracteres especiales", true),
            ("No special characters required", false),
            ("At least one special character", false),
        ] {
            let mut rules = PasswordRules::default();
            read(text, &mut rules);
            assert_eq!(rules.allowed.is_some(), plain, "{text}");
        }
    }
}
