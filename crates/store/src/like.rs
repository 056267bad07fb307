//! Patterns of SQL's `like`.

/// A `like` pattern for "holds this text", with `\` before what would be a wildcard.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn wildcards_are_characters_like_any_other() {
        assert_eq!(contains("50%_\\a"), "%50\\%\\_\\\\a%");
        assert_eq!(contains(""), "%%");
    }
}
