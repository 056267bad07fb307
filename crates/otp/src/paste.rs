//! Addresses in running text: several in one paste, several on a line, or one that was wrapped over lines.

use countersign_seal::Secret;
use zeroize::Zeroizing;

use crate::migration::{MAX_MIGRATION_BYTES, MigrationError, MigrationPart, parse_migration};
use crate::seed::{Seed, SeedEncoding, SeedError};
use crate::span::{End, Opening, end_of_address, first_slashes, first_start, next_start, unescaped};
use crate::uri::{Scheme, Setup, UriError, begins_parameter, known_parameter, parse_uri};

/// What was found at one place of a text.
pub struct PastedLine {
    /// The line on which it begins, the first being 1.
    pub line: usize,
    /// What it is, or why it was refused.
    pub outcome: Result<Pasted, PasteError>,
}

/// An address that was understood.
pub enum Pasted {
    /// One account.
    Setup(Box<Setup>),
    /// A part of a Google export.
    Migration(MigrationPart),
}

/// Why something in a text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasteError {
    /// An account's address.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// A part of an export.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// A line that holds no address.
    #[error("this line holds no otpauth:// URL; begin it with # if it is a comment")]
    Foreign,
    /// A line that may or may not be the end of the address before it.
    #[error(
        "line {line} may belong to this URL or not, and either would give a different key: \
         write the URL in one line, or leave a blank line after it"
    )]
    Unclear {
        /// The line in question.
        line: usize,
    },
}

/// What a person put into the field for a seed.
pub enum SeedField {
    /// A bare seed; its parameters have to come from elsewhere.
    Seed(Seed),
    /// A whole address.
    Setup(Box<Setup>),
}

/// Why what was put into the field for a seed was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedFieldError {
    /// It was read as a seed.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// It was read as an address.
    #[error(transparent)]
    Address(#[from] PasteError),
    /// One account of an export, read for its only account.
    #[error("the account in this export cannot be used: {0}")]
    Entry(#[from] crate::migration::EntryProblem),
    /// An address, but none of a one-time password.
    #[error("this is the URL of a page, not a setup key: paste the setup key, or the URL that begins with otpauth://")]
    OtherAddress,
    /// More than one account.
    #[error("these are {count} accounts, and a credential holds one: paste a single URL, or import them all")]
    Several {
        /// How many there are.
        count: usize,
    },
    /// Nothing that was ever meant for this field.
    #[error("this is too long for a setup key: {bytes} bytes; paste the setup key or one otpauth:// URL")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// Reads what was put into the field for a seed: a seed in the chosen encoding, or a whole address, also out of text
/// around it, wrapped over lines, or twice.
pub fn parse_seed_field(text: &str, encoding: SeedEncoding) -> Result<SeedField, SeedFieldError> {
    if text.len() > MAX_MIGRATION_BYTES {
        return Err(SeedFieldError::TooLong { bytes: text.len() });
    }
    if first_slashes(text).is_none() {
        return Ok(SeedField::Seed(Seed::parse(text, encoding)?));
    }
    let mut accounts: Vec<Setup> = Vec::new();
    let mut refused: Option<SeedFieldError> = None;
    let mut addresses = 0;
    for found in uris(text) {
        match found.outcome {
            // Text around the address, as it comes along when a page is copied.
            Err(PasteError::Foreign) => continue,
            Err(error) => refused = refused.or(Some(error.into())),
            Ok(Pasted::Setup(setup)) => accounts.push(*setup),
            Ok(Pasted::Migration(part)) => {
                for entry in part.entries {
                    match entry {
                        Ok(setup) => accounts.push(setup),
                        Err(error) => refused = refused.or(Some(error.reason.into())),
                    }
                }
            }
        }
        addresses += 1;
    }
    if addresses == 0 {
        return Err(SeedFieldError::OtherAddress);
    }
    if let Some(error) = refused {
        return Err(error);
    }
    let mut different: Vec<(Secret, Setup)> = Vec::new();
    for setup in accounts {
        let uri = setup.secret.to_uri(&setup.label);
        if different.iter().all(|(other, _)| *other != uri) {
            different.push((uri, setup));
        }
    }
    let count = different.len();
    match different.pop() {
        Some((_, setup)) if count == 1 => Ok(SeedField::Setup(Box::new(setup))),
        Some(_) => Err(SeedFieldError::Several { count }),
        None => Err(PasteError::from(MigrationError::DataMissing).into()),
    }
}

/// Walks a text for addresses, in one pass and without copying it. Blank lines and those that begin with `#` are
/// passed over; every other line that holds no address is [`PasteError::Foreign`].
pub fn uris(text: &str) -> Uris<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Uris { lines: Lines { rest: text, number: 0 }, pending: None }
}

/// Iterator over what a text holds; made by [`uris`].
pub struct Uris<'t> {
    lines: Lines<'t>,
    /// The rest of a line that holds more addresses, from the next one's first character on.
    pending: Option<Line<'t>>,
}

impl Iterator for Uris<'_> {
    type Item = PastedLine;

    fn next(&mut self) -> Option<PastedLine> {
        let line = match self.pending.take() {
            Some(line) => line,
            None => {
                let line = self.lines.by_ref().find(|line| !line.is_passed_over())?;
                match first_start(line.text) {
                    Some(at) => line.from(at),
                    None => return Some(PastedLine { line: line.number, outcome: Err(PasteError::Foreign) }),
                }
            }
        };
        let Line { number, text, opening } = line;
        let next = next_start(text);
        self.pending = next.map(|at| line.from(at));
        let text = next.and_then(|at| text.get(..at)).unwrap_or(text);
        let end = end_of_address(text, opening);
        let goes_on_below = || next.is_none() && self.lines.peek().is_some_and(|below| holds_parameters(below.text));
        let (address, is_whole) = match end {
            End::Quote(at) => (text.get(..at).unwrap_or(text), true),
            // What looks like another column may be a name whose rest is in the next line, with more parameters.
            End::Column(at) if !goes_on_below() => (text.get(..at).unwrap_or(text), true),
            End::Column(_) | End::Line => (text, next.is_some()),
        };
        let address = address.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';'));
        let outcome = if is_whole { parse(address, opening) } else { self.unwrap_lines(address, opening) };
        Some(PastedLine { line: number, outcome })
    }
}

impl Uris<'_> {
    /// Reads an address that is the last on its line and may go on in the next ones.
    fn unwrap_lines(&mut self, first: &str, opening: Option<Opening>) -> Result<Pasted, PasteError> {
        let mut outcome = parse(first, opening);
        let mut joined: Option<Zeroizing<String>> = None;
        // What holds if lines that were only tried do not help.
        let mut otherwise: Option<(Lines<'_>, PasteError)> = None;
        for _ in 0..MAX_WRAPPED_LINES {
            let Some(next) =
                self.lines.peek().filter(|next| !next.is_passed_over() && first_start(next.text).is_none())
            else {
                break;
            };
            let so_far = joined.as_deref().map_or(first, |joined| joined.as_str());
            let more = next.text.trim();
            if so_far.len() + more.len() > MAX_MIGRATION_BYTES {
                break;
            }
            let mut longer = Zeroizing::new(String::with_capacity(so_far.len() + more.len()));
            longer.push_str(so_far);
            longer.push_str(more);
            let with_it = parse(&longer, opening);
            if !goes_on(so_far, more) {
                let may_belong = match &outcome {
                    Ok(_) => is_one_word(more),
                    // The label is where blanks may be.
                    Err(_) => is_one_word(more) || !so_far.contains('?'),
                };
                if !may_belong {
                    break;
                }
                match (&outcome, &with_it) {
                    (Err(error), _) => otherwise = otherwise.or_else(|| Some((self.lines, error.clone()))),
                    (Ok(_), Err(_)) => break,
                    (Ok(without), Ok(with)) if same_tokens(without, with) => {
                        if !WRAP_WIDTHS.contains(&first.len()) {
                            break;
                        }
                    }
                    (Ok(_), Ok(_)) if first.len() < SHORTEST_WRAP || other_case(so_far, more) => break,
                    (Ok(_), Ok(_)) => {
                        let line = next.number;
                        self.lines.next();
                        return Err(PasteError::Unclear { line });
                    }
                }
            }
            outcome = with_it;
            joined = Some(longer);
            self.lines.next();
        }
        match (outcome, otherwise) {
            (Err(_), Some((lines, error))) => {
                self.lines = lines;
                Err(error)
            }
            (outcome, _) => outcome,
        }
    }
}

fn parse(address: &str, opening: Option<Opening>) -> Result<Pasted, PasteError> {
    let unescaped = unescaped(address, opening);
    let address = unescaped.as_deref().map_or(address, |address| address.as_str());
    let scheme = address.split_once("://").and_then(|(scheme, _)| Scheme::named(scheme));
    if scheme == Some(Scheme::Migration) {
        return Ok(Pasted::Migration(parse_migration(address)?));
    }
    Ok(Pasted::Setup(Box::new(parse_uri(address)?)))
}

/// Whether the line plainly continues the address: one of the two ends at a place where no address does, or the line
/// holds more parameters.
fn goes_on(so_far: &str, more: &str) -> bool {
    let last_word = so_far.rsplit(['&', '?']).next().unwrap_or_default();
    let open = so_far.ends_with(['&', '?', '/', ':', '%'])
        || last_word.strip_suffix('=').is_some_and(|name| known_parameter(name).is_some())
        || so_far.len().checked_sub(2).and_then(|at| so_far.get(at..)).is_some_and(|end| end.starts_with('%'));
    let parameters = more.match_indices(['&', '?']).any(|(at, _)| more.get(at..).is_some_and(begins_parameter));
    open || more.starts_with(['&', '?']) || parameters
}

/// Whether two readings differ at most in names, which do no harm.
fn same_tokens(one: &Pasted, other: &Pasted) -> bool {
    match (one, other) {
        (Pasted::Setup(one), Pasted::Setup(other)) => one.secret.to_sealed_bytes() == other.secret.to_sealed_bytes(),
        _ => false,
    }
}

/// Whether the address's last value is written in capitals and the line in small letters, or the other way round: no
/// key changes its case where it is wrapped.
fn other_case(so_far: &str, more: &str) -> bool {
    let value = so_far.rsplit(['=', '&']).next().unwrap_or_default();
    let has = |text: &str, small: bool| {
        text.bytes().any(|b| if small { b.is_ascii_lowercase() } else { b.is_ascii_uppercase() })
    };
    [false, true].into_iter().any(|small| has(value, small) && !has(value, !small) && has(more, !small))
}

/// Whether a line could be a piece of an address: no blanks, nothing but ASCII.
fn is_one_word(line: &str) -> bool {
    line.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a line plainly is the rest of the address above it: more parameters, and no other address before them.
fn holds_parameters(line: &str) -> bool {
    first_slashes(line).is_none() && line.match_indices('&').any(|(at, _)| line.get(at..).is_some_and(begins_parameter))
}

/// A line of the text, or what is left of it.
#[derive(Clone, Copy)]
struct Line<'t> {
    number: usize,
    text: &'t str,
    /// What stands before `text` on its line and ends an address.
    opening: Option<Opening>,
}

impl<'t> Line<'t> {
    fn is_passed_over(&self) -> bool {
        let text = self.text.trim_start();
        text.is_empty() || text.starts_with('#')
    }

    fn from(&self, at: usize) -> Self {
        let (before, text) = self.text.split_at_checked(at).unwrap_or(("", self.text));
        Line { number: self.number, text, opening: Opening::at_end_of(before) }
    }
}

/// Lines that end in LF, CRLF or CR, numbered from 1.
#[derive(Clone, Copy)]
struct Lines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> Lines<'t> {
    fn peek(&self) -> Option<Line<'t>> {
        self.clone().next()
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let (text, after) = self.rest.split_at(end);
        self.rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or(after);
        self.number += 1;
        Some(Line { number: self.number, text, opening: None })
    }
}

/// Lines that one address may be wrapped over: the longest export in lines of 64 characters would have more, but comes
/// in one.
const MAX_WRAPPED_LINES: usize = 64;

/// Where mail programs, editors and terminals wrap.
const WRAP_WIDTHS: std::ops::RangeInclusive<usize> = 60..=80;

/// Nothing wraps earlier.
const SHORTEST_WRAP: usize = 40;
