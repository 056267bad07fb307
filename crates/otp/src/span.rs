//! Where an address begins and ends within a line of text, and how it reads when the line is JSON.

use zeroize::Zeroizing;

use crate::uri::{begins_parameter, parameters_at};

/// What stands before an address and has a counterpart behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    closing: char,
    /// A quotation mark that is itself written with a backslash: the text is a JSON string within a JSON string.
    is_escaped: bool,
}

impl Opening {
    /// The opening that `before` ends with, if it does.
    pub(crate) fn at_end_of(before: &str) -> Option<Self> {
        let opening = before.chars().next_back()?;
        let closing = match opening {
            '"' | '\'' | '`' => opening,
            '<' => '>',
            '(' => ')',
            _ => return None,
        };
        Some(Self { closing, is_escaped: before.ends_with("\\\"") })
    }

    /// Where the counterpart stands, or the backslash before it.
    fn end_in(self, text: &str) -> Option<usize> {
        text.match_indices(self.closing).find_map(|(at, _)| {
            let backslashes = text.get(..at)?.len() - text.get(..at)?.trim_end_matches('\\').len();
            match (self.closing, self.is_escaped) {
                ('"', true) => Some(at - backslashes),
                ('"', false) => (backslashes % 2 == 0).then_some(at),
                _ => Some(at),
            }
        })
    }
}

/// Where an address ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At the counterpart of what stands before it.
    Quote(usize),
    /// At a mark between columns, with more behind it.
    Column(usize),
    /// With its line.
    Line,
}

/// Where the address ends with which `text` begins.
///
/// Exports are often written without quotation marks, so a comma, semicolon, tab or bar among the parameters ends the
/// address, and nothing of the other columns is read into a name. It does not when another parameter follows before
/// any other address: then it belongs to a name (`issuer=Acme, Inc&digits=8`), and cutting there would lose what the
/// tokens depend on.
pub(crate) fn end_of_address(text: &str, opening: Option<Opening>) -> End {
    if let Some(at) = opening.and_then(|opening| opening.end_in(text)) {
        return End::Quote(at);
    }
    let Some(mut from) = first_slashes(text).map(|(_, behind)| behind) else { return End::Line };
    if text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("otpauth")) {
        // Names before the parameters may hold anything. An address without parameters may go on in the next line.
        match parameters_at(text, from) {
            Some(at) => from = at,
            None => return End::Line,
        }
    }
    loop {
        let Some(at) = first_separator(text, from) else { return End::Line };
        let rest = text.get(at + 1..).unwrap_or_default();
        let own = rest.split(['?', '"']).next().unwrap_or_default();
        let own = first_slashes(own).and_then(|(colon, _)| own.get(..colon)).unwrap_or(own);
        let parameter = own.match_indices(['&', '\\']).find(|(at, _)| own.get(*at..).is_some_and(begins_parameter));
        match parameter {
            Some((further, _)) => from = at + 1 + further + 1,
            None if rest.chars().all(|c| c.is_whitespace() || is_separator(c)) => return End::Line,
            None => return End::Column(at),
        }
    }
}

/// The first mark between columns at `from` or later. What ends `&amp;` and the like is none, and neither is what
/// stands in a value that has quotation marks of its own.
fn first_separator(text: &str, from: usize) -> Option<usize> {
    let mut quoted = false;
    let tail = text.get(from..)?;
    tail.char_indices().map(|(at, c)| (from + at, c)).find_map(|(at, c)| {
        let before = text.get(..at)?;
        if c == '"' && (quoted || before.ends_with('=')) {
            quoted = !quoted;
            return None;
        }
        let ends_entity = c == ';' && ENTITIES.into_iter().any(|entity| ends_with_ignoring_case(before, entity));
        (!quoted && (is_separator(c) || c == '"') && !ends_entity).then_some(at)
    })
}

const fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '|')
}

fn ends_with_ignoring_case(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|at| text.get(at..)).is_some_and(|own| own.eq_ignore_ascii_case(end))
}

const ENTITIES: [&str; 3] = ["&amp", "&#38", "&#x26"];

/// The address as it was before a program wrote it into JSON (RFC 8259 §7), if that is how it stands here: `\/` for
/// `/`, `\u00fc` for `ü`. What is no such sequence stays as it stands.
pub(crate) fn unescaped(address: &str, opening: Option<Opening>) -> Option<Zeroizing<String>> {
    let is_json = |address: &str| first_slashes(address).is_some_and(|(at, behind)| behind - at > "://".len());
    let in_quotes = opening.is_some_and(|opening| opening.closing == '"');
    if !address.contains('\\') || !(in_quotes || is_json(address)) {
        return None;
    }
    let mut text = once_unescaped(address);
    // JSON within JSON has its backslashes written twice.
    for _ in 0..MAX_LEVELS {
        if !is_json(&text) {
            break;
        }
        text = once_unescaped(&text);
    }
    Some(text)
}

/// Nobody writes JSON into JSON more often.
const MAX_LEVELS: usize = 3;

fn once_unescaped(text: &str) -> Zeroizing<String> {
    // No sequence is shorter than what it stands for: a buffer that never grows leaves no copy behind.
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        match sequence(escape) {
            Some((character, after)) => {
                plain.push(character);
                rest = after;
            }
            None => {
                plain.push('\\');
                rest = escape.get(1..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// The character of the sequence with which `escape` begins, and what follows.
fn sequence(escape: &str) -> Option<(char, &str)> {
    let behind = escape.strip_prefix('\\')?;
    let kind = behind.chars().next()?;
    let after = behind.get(kind.len_utf8()..)?;
    match kind {
        '/' | '\\' | '"' => Some((kind, after)),
        'b' | 'f' | 'n' | 'r' | 't' => Some((' ', after)),
        'u' => {
            let (unit, after) = hex_unit(after)?;
            let second = after.strip_prefix("\\u").and_then(hex_unit);
            match (char::decode_utf16([unit]).next()?, second) {
                (Ok(character), _) => Some((character, after)),
                (Err(_), Some((low, after))) => Some((char::decode_utf16([unit, low]).next()?.ok()?, after)),
                (Err(_), None) => None,
            }
        }
        _ => None,
    }
}

fn hex_unit(text: &str) -> Option<(u16, &str)> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u16::from_str_radix(digits, 16).ok()?, text.get(4..)?))
}

/// Where the first `://` of a text begins and what follows it; each slash may have backslashes before it, as JSON is
/// often written.
pub(crate) fn first_slashes(text: &str) -> Option<(usize, usize)> {
    slashes(text, 0).next()
}

fn slashes(text: &str, from: usize) -> impl Iterator<Item = (usize, usize)> {
    text.get(from..).unwrap_or_default().match_indices(':').filter_map(move |(at, _)| {
        let mut behind = from + at + 1;
        for _ in 0..2 {
            behind += text.get(behind..)?.bytes().take(MAX_BACKSLASHES).take_while(|byte| *byte == b'\\').count();
            text.get(behind..)?.starts_with('/').then_some(())?;
            behind += 1;
        }
        Some((from + at, behind))
    })
}

/// Two levels of JSON in JSON have seven.
const MAX_BACKSLASHES: usize = 8;

/// The start of the first address in a text.
pub(crate) fn first_start(text: &str) -> Option<usize> {
    find_start(text, 0)
}

/// The start of the address behind the one that `text` begins with.
pub(crate) fn next_start(text: &str) -> Option<usize> {
    let (_, behind) = first_slashes(text)?;
    find_start(text, behind)
}

/// Where a known scheme with its `://` begins, at `from` or later.
fn find_start(text: &str, from: usize) -> Option<usize> {
    slashes(text, from).find_map(|(at, _)| {
        let before = text.get(from..at)?;
        ["otpauth-migration", "otpauth", "steam", "motp"].into_iter().find_map(|scheme| {
            let start = before.len().checked_sub(scheme.len())?;
            before.get(start..)?.eq_ignore_ascii_case(scheme).then_some(())?;
            // The two short names are ends of other words.
            let whole_word = !before.get(..start)?.ends_with(|c: char| c.is_alphanumeric());
            (whole_word || scheme.starts_with("otpauth")).then_some(from + start)
        })
    })
}
