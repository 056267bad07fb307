//! One entry of pass or gopass, decrypted: the password on the first line, `name: value` below, and the address of a one-time
//! password (pass-otp). Such a text has no mark of its own, so it is taken for one only where its first line can be nothing but a
//! password, or where names stand below that only such an entry has. In 2020, gopass wrote a mark and the password behind a name.

use super::login::Login;
use super::{FilePassword, FileProblem, Found, Hidden, Known, Sight, Stop};

/// The text.
pub(crate) const PASS: Known = Known { name: FORMAT, is: is_entry, read };

const FORMAT: &str = "an entry of pass or gopass";

/// An entry has no more; a longer text is something else.
const MOST_BYTES: usize = 64 * 1024;

/// What gopass put into the first line then.
const MARK: &str = "GOPASS-SECRET-1.0";

fn is_entry(sight: &Sight<'_>) -> bool {
    is_its_text(sight.bytes())
}

/// Whether a text is one.
pub(super) fn is_its_text(bytes: &[u8]) -> bool {
    text_of(bytes).is_some_and(|text| {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let addresses = lines.clone().filter(|line| factor(line).is_some()).count();
        let others = text.matches("://").count();
        let has = |named: fn(&str) -> bool| lines.clone().filter_map(pair).any(|(name, _)| named(name));
        let plausible = !first.is_empty() && !first.contains("://") && !first.starts_with('#') && others <= 10;
        match addresses {
            _ if first.trim_end() == MARK => true,
            0 => plausible && is_one_word(first) && has(is_user) && !has(is_password),
            1 => plausible && (has(is_user) || has(is_site) || looks_like_a_password(first)),
            // More addresses of one-time passwords make it a list of them, unless a name says whose they are.
            _ => plausible && has(is_user) && looks_like_a_password(first),
        }
    })
}

/// One word, and no mark of another kind of text.
fn is_one_word(line: &str) -> bool {
    let is_text = line.starts_with(['{', '[', '<', ';', '/']) || line.ends_with([':', ',', ';', '{']);
    !is_text && line.chars().any(char::is_alphanumeric) && !line.contains(char::is_whitespace)
}

fn text_of(bytes: &[u8]) -> Option<&str> {
    let short = (bytes.len() <= MOST_BYTES).then_some(bytes)?;
    std::str::from_utf8(short.strip_prefix(b"\xef\xbb\xbf").unwrap_or(short)).ok()
}

/// One word of at least eight characters, of two kinds at least.
fn looks_like_a_password(line: &str) -> bool {
    let kinds: [fn(char) -> bool; 4] =
        [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_numeric(), |c| !c.is_alphanumeric() && c != ':'];
    let of = kinds.iter().filter(|kind| line.chars().any(**kind)).count();
    line.chars().count() >= 8 && of >= 2 && !line.contains(char::is_whitespace) && !line.ends_with(':')
}

/// The address of a one-time password that a line holds, alone or behind a name, as gopass writes it.
fn factor(line: &str) -> Option<&str> {
    let line = line.trim();
    let named = ["totp:", "hotp:", "otpauth:"].iter().find_map(|name| line.strip_prefix(name));
    let value = named.filter(|rest| !rest.starts_with("//")).map_or(line, |rest| unquoted(rest.trim()));
    value.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("otpauth://")).then_some(value)
}

fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    (is_name && !value.starts_with("//")).then_some((name.trim(), value.trim()))
}

fn is_user(name: &str) -> bool {
    ["login", "user", "username", "email"].into_iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn is_password(name: &str) -> bool {
    ["password", "pass", "passwd"].into_iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Names below which gopass looks for a bare key.
fn is_key(name: &str) -> bool {
    ["totp", "otp"].into_iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn is_site(name: &str) -> bool {
    ["url", "site", "website", "link"].into_iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn read(bytes: &[u8], _: FilePassword<'_>, found: &mut dyn Found) -> Result<(), Stop> {
    let name = found.file_name().rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    entry(bytes, &name, 1, found)
}

/// Reads a text as the `number`th entry; the folders of its path are tags.
pub(super) fn entry(bytes: &[u8], path: &str, number: usize, found: &mut dyn Found) -> Result<(), Stop> {
    let text = text_of(bytes)
        .ok_or_else(|| FileProblem::Damaged { format: FORMAT, place: "its text, which is not in UTF-8".to_owned() })?;
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let is_marked = first.trim_end() == MARK;
    let mut login = Login { fallback_name: stem(path).to_owned(), ..Login::default() };
    login.add_path(path.rsplit_once('/').map_or("", |(folders, _)| folders), &['/']);
    if !is_marked {
        login.password = Some(Hidden::from(first.to_owned()));
        login.warn("the first line of this text was taken for the password: compare it");
    }
    let mut notes: Vec<&str> = Vec::new();
    // Below this mark gopass has YAML, whose texts may stand in quotation marks.
    let mut is_yaml = false;
    for line in lines {
        is_yaml |= line.trim_end() == "---";
        let plain = |value| if is_yaml { unquoted(value) } else { value };
        match (factor(line), pair(line).map(|(name, value)| (name, plain(value)))) {
            (Some(address), _) => login.add_factor_field("otpauth URL", address),
            (None, Some((name, value))) if is_user(name) && login.user.is_empty() => value.clone_into(&mut login.user),
            (None, Some((name, value))) if is_site(name) => login.add_site(value),
            (None, Some((name, value))) if is_key(name) => login.add_factor_field("field totp", value),
            (None, Some((name, value))) if is_marked && is_password(name) && login.password.is_none() => {
                login.password = Some(Hidden::from(value));
            }
            _ => notes.push(line),
        }
    }
    notes.join("\n").trim().clone_into(&mut login.notes);
    Ok(login.give(number, found)?)
}

/// A text without the quotation marks around it; one with more of them, or with backslashes, stays as it is.
fn unquoted(value: &str) -> &str {
    let inner = ['"', '\''].iter().find_map(|mark| value.strip_prefix(*mark)?.strip_suffix(*mark));
    inner.filter(|inner| !inner.contains(['"', '\'', '\\'])).unwrap_or(value)
}

/// What the entry is called where its file is called after it, which may be a domain.
fn stem(file: &str) -> &str {
    let mut name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    while let Some(shorter) = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)) {
        name = shorter;
    }
    name
}

const ENDINGS: [&str; 4] = [".txt", ".gpg", ".asc", ".age"];

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn an_entry_is_called_as_its_file() {
        for (file, name) in [
            ("acorn.txt", "acorn"),
            ("Work/acorn.example.gpg.txt", "acorn.example"),
            ("C:\\Work\\acorn.example", "acorn.example"),
            ("acorn", "acorn"),
            (".txt", ""),
            ("", ""),
        ] {
            assert_eq!(stem(file), name);
        }
    }
}
