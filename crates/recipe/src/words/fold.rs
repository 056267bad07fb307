/// Lower case without accents, every run of blanks and punctuation one blank.
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        push(&mut out, letter);
    }
    out.truncate(out.trim_end().len());
    out
}

/// As [`fold`], with words parted at capitals and before digits: `newPassword1` is `new password 1`.
pub(crate) fn fold_attribute(name: &str) -> String {
    let mut parted = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for letter in name.chars() {
        let turn =
            (before.is_lowercase() && letter.is_uppercase()) || (before.is_alphabetic() && letter.is_ascii_digit());
        if turn {
            parted.push(' ');
        }
        parted.push(letter);
        before = letter;
    }
    fold(&parted)
}

fn push(out: &mut String, letter: char) {
    match letter {
        '\u{300}'..='\u{36f}' => {}
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        _ if letter.is_alphanumeric() => out.push(plain(letter)),
        _ if !out.is_empty() && !out.ends_with(' ') => out.push(' '),
        _ => {}
    }
}

/// The letter without its accent. Korean, Japanese and Chinese letters stay as they are.
const fn plain(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | '\u{1ea0}'..='\u{1eb7}' => 'a',
        'ç' | 'ć' | 'ĉ' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' | '\u{1eb8}'..='\u{1ec7}' => 'e',
        'ğ' | 'ģ' => 'g',
        'ì'..='ï' | 'ī' | 'į' | 'ı' | '\u{1ec8}'..='\u{1ecb}' => 'i',
        'ķ' => 'k',
        'ł' | 'ļ' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | '\u{1ecc}'..='\u{1ee3}' => 'o',
        'ř' | 'ŕ' => 'r',
        'ś' | 'ş' | 'š' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' | '\u{1ee4}'..='\u{1ef1}' => 'u',
        'ý' | 'ÿ' | '\u{1ef2}'..='\u{1ef9}' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ё' => 'е',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        assert_eq!(fold("  Don’t  ask—again! "), "don t ask again");
        assert_eq!(fold("Übernächste STRASSE, Straße"), "ubernachste strasse strasse");
        assert_eq!(fold("İstanbul"), "istanbul");
        assert_eq!(fold_attribute("newPassword1"), "new password 1");
        assert_eq!(fold_attribute("two_factor-2fa"), "two factor 2fa");
        assert_eq!(fold("비밀번호"), "비밀번호");
    }
}
