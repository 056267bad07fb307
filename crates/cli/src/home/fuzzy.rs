//! Ranks texts by how well they fit a few typed letters.

/// How well a text fits what was typed: each word of it stands in the text, its letters in order though not always side by
/// side. None where one does not. Greater is better.
pub(super) fn fit(typed: &str, text: &str) -> Option<i64> {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let mut all = 0;
    for word in typed.split_whitespace() {
        let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        all += fit_word(&word, &text)?;
    }
    // Of what fits alike, the shorter one.
    Some(all * 256 - i64::try_from(text.len().min(255)).unwrap_or(255))
}

fn fit_word(word: &[char], text: &[char]) -> Option<i64> {
    let first = word.first()?;
    let begins = text.iter().enumerate().filter(|(_, c)| *c == first).map(|(at, _)| at);
    begins.filter_map(|begin| fit_from(word, text, begin)).max()
}

/// Takes each letter where it comes next, from `begin` on.
fn fit_from(word: &[char], text: &[char], begin: usize) -> Option<i64> {
    let (mut score, mut at, mut before) = (0, begin, None);
    for letter in word {
        let found = at + text.get(at..)?.iter().position(|c| c == letter)?;
        let begins_word = found.checked_sub(1).and_then(|at| text.get(at)).is_none_or(|c| !c.is_alphanumeric());
        score += 1 + if begins_word { 4 } else { 0 };
        score += match before {
            Some(before) if before + 1 == found => 6,
            Some(_) => -2,
            None if found == 0 => 3,
            None => 0,
        };
        before = Some(found);
        at = found + 1;
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::fit;

    fn best<'a>(typed: &str, texts: &[&'a str]) -> Vec<&'a str> {
        let mut found: Vec<_> = texts.iter().filter_map(|text| Some((fit(typed, text)?, *text))).collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn what_is_meant_comes_first() {
        let texts = ["Webshop admin", "Shop", "Shop admin", "Ship", "Öffentliche Post"];
        assert_eq!(best("shop", &texts), ["Shop", "Shop admin", "Webshop admin"]);
        assert_eq!(best("sa", &texts), ["Shop admin", "Webshop admin"]);
        assert_eq!(best("adm web", &texts), ["Webshop admin"]);
        assert_eq!(best("ÖFP", &texts), ["Öffentliche Post"]);
        assert_eq!(best("sp", &texts).first(), Some(&"Shop"));
        assert!(best("shopx", &texts).is_empty() && best("pohs", &texts).is_empty());
        assert_eq!(best("", &texts).len(), 5, "nothing typed fits all");
    }
}
