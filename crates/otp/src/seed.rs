use std::fmt;

use countersign_seal::Secret;
use data_encoding::{BASE64_NOPAD, HEXUPPER};
use zeroize::Zeroizing;

/// The secret key under all tokens of one account: 1 to [`Seed::MAX_BYTES`] bytes.
pub struct Seed {
    key: Secret,
}

/// How a typed seed is written. Anything but base32 has to be chosen by the person: the alphabets overlap, and a
/// guess gives wrong codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SeedEncoding {
    /// A–Z and 2–7 (RFC 4648 §6), the form that nearly every site shows.
    #[default]
    Base32,
    /// 0–9 and A–F.
    Hex,
    /// A–Z, a–z, 0–9, `+` or `-`, `/` or `_` (RFC 4648 §4 and §5).
    Base64,
}

/// Why a typed seed was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// Nothing is left when blanks and group marks are gone.
    #[error("the setup key is empty: paste the one that the site shows beside its QR code")]
    Empty,
    /// Six to eight digits: what an authenticator shows, not what it is set up with.
    #[error("this looks like a one-time code. Enter the setup key instead")]
    OneTimeCode,
    /// A character that the encoding does not have.
    #[error(transparent)]
    Character(#[from] RefusedCharacter),
    /// The number of characters makes no whole number of bytes.
    #[error(
        "a character seems to be missing: the setup key has {length} characters, and no {encoding} key is that long; \
         copy it again from the site"
    )]
    Incomplete {
        /// Characters without blanks, group marks and padding.
        length: usize,
        /// The encoding it was read as.
        encoding: SeedEncoding,
    },
    /// More than any site uses.
    #[error("the setup key is too long: {length} characters, at most {most} are taken; paste the setup key alone")]
    TooLong {
        /// Characters (for a key that comes as bytes: what it has in base32).
        length: usize,
        /// The most that are taken.
        most: usize,
    },
}

/// A character that cannot be part of a seed, with its place and what it may have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCharacter {
    /// The character as it was typed.
    pub character: char,
    /// Its place in the text as typed, in characters, the first being 1.
    pub position: usize,
    /// The encoding that was chosen.
    pub encoding: SeedEncoding,
    /// An encoding in which the whole text could be read, if the person says that it is written so.
    pub fits: Option<SeedEncoding>,
}

impl Seed {
    /// The longest key in bytes: 1,024 characters of base32.
    pub const MAX_BYTES: usize = 640;

    /// Below this many bits a key can be found by trying.
    pub const LEAST_GOOD_BITS: usize = 80;

    /// Reads a typed seed.
    ///
    /// In base32, every blank, zero-width character, `-`, `_` and `.` is taken out, padding (`=` or `%3D`) at the end
    /// is dropped and letters may have either case. Everything else is refused with its place; nothing is mapped.
    pub fn parse(text: &str, encoding: SeedEncoding) -> Result<Self, SeedError> {
        Self::read(text, encoding).map_err(|error| match error {
            SeedError::Character(_) | SeedError::Incomplete { .. } if is_one_time_code(text, encoding) => {
                SeedError::OneTimeCode
            }
            error => error,
        })
    }

    fn read(text: &str, encoding: SeedEncoding) -> Result<Self, SeedError> {
        // Each character becomes at most one of the key's; a longer text is refused before it is walked.
        if text.len() > MAX_TYPED_BYTES {
            return Err(SeedError::TooLong { length: text.len(), most: most_characters(encoding) });
        }
        let cleaned = clean(text, encoding)?;
        if cleaned.is_empty() {
            return Err(SeedError::Empty);
        }
        let length = cleaned.len();
        if length > most_characters(encoding) {
            return Err(SeedError::TooLong { length, most: most_characters(encoding) });
        }
        let key = match encoding {
            SeedEncoding::Base32 => decode_base32(&cleaned),
            SeedEncoding::Hex => HEXUPPER.decode(cleaned.as_bytes()).ok(),
            SeedEncoding::Base64 => decode_base64(&cleaned),
        };
        Self::from_key(Secret::from(key.ok_or(SeedError::Incomplete { length, encoding })?))
    }

    /// Takes a key that comes as bytes. Refuses an empty one and one over [`Seed::MAX_BYTES`].
    pub fn from_key(key: Secret) -> Result<Self, SeedError> {
        if key.is_empty() {
            return Err(SeedError::Empty);
        }
        if key.len() > Self::MAX_BYTES {
            return Err(SeedError::TooLong {
                length: (key.len() * 8).div_ceil(5),
                most: most_characters(SeedEncoding::Base32),
            });
        }
        Ok(Self { key })
    }

    /// The key's bytes.
    pub fn key(&self) -> &Secret {
        &self.key
    }

    /// How many bits the key has.
    pub fn bits(&self) -> usize {
        self.key.len() * 8
    }

    /// Whether it is so short that it should not be trusted ([`Seed::LEAST_GOOD_BITS`]).
    pub fn is_short(&self) -> bool {
        self.bits() < Self::LEAST_GOOD_BITS
    }

    /// The key in base32, upper case, without padding: the form for URIs and for people.
    pub fn to_base32(&self) -> Secret {
        // One allocation of the final size, so that no grown-out-of buffer keeps a part of the seed.
        let mut text = Vec::with_capacity((self.key.len() * 8).div_ceil(5));
        let (mut bits, mut held) = (0u32, 0u32);
        for byte in self.key.expose() {
            bits = (bits << 8) | u32::from(*byte);
            held += 8;
            while held >= 5 {
                held -= 5;
                text.push(base32_letter(bits >> held));
            }
        }
        if held > 0 {
            text.push(base32_letter(bits << (5 - held)));
        }
        Secret::from(text)
    }
}

impl fmt::Display for SeedEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base32 => "base32",
            Self::Hex => "hexadecimal",
            Self::Base64 => "base64",
        })
    }
}

impl std::error::Error for RefusedCharacter {}

impl fmt::Display for RefusedCharacter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { character, position, encoding, fits } = self;
        write!(f, "character {position} of the setup key, {}, is not one of ", Shown(*character))?;
        f.write_str(match encoding {
            SeedEncoding::Base32 => "A–Z and 2–7",
            SeedEncoding::Hex => "0–9 and A–F",
            SeedEncoding::Base64 => "A–Z, a–z, 0–9, + and /",
        })?;
        match (encoding, character) {
            (SeedEncoding::Base32, '0') => f.write_str(": did you mean the letter O?")?,
            (SeedEncoding::Base32, '1') => f.write_str(": did you mean the letter I or L?")?,
            (SeedEncoding::Base32, '8') => f.write_str(": did you mean the letter B?")?,
            (SeedEncoding::Base32, '9') => f.write_str(": no setup key in base32 has a 9; compare with the site")?,
            _ => match look_alike(*character) {
                Some(letter) => write!(f, ": it only looks like {letter}; type it on a Latin keyboard")?,
                None => f.write_str(": compare with the site, or leave it out if it is no part of the key")?,
            },
        }
        match fits {
            Some(other) => write!(f, " (if the site calls the key {other}, choose that)"),
            None => Ok(()),
        }
    }
}

/// Upper-cased characters of the key alone, or the first that is none.
fn clean(text: &str, encoding: SeedEncoding) -> Result<Zeroizing<String>, SeedError> {
    let typed = without_padding(text, encoding);
    let mut cleaned = Zeroizing::new(String::with_capacity(typed.len()));
    let prefix = if encoding == SeedEncoding::Hex && has_hex_prefix(typed) { 2 } else { 0 };
    for (index, character) in typed.chars().enumerate().skip(prefix) {
        if is_ignored(character, encoding) {
            continue;
        }
        if !belongs(character, encoding) {
            let fits = other_encoding(text, encoding);
            return Err(RefusedCharacter { character, position: index + 1, encoding, fits }.into());
        }
        cleaned.push(match (encoding, character) {
            // The two alphabets of base64 differ in these digits alone.
            (SeedEncoding::Base64, '-') => '+',
            (SeedEncoding::Base64, '_') => '/',
            (SeedEncoding::Base64, _) => character,
            _ => character.to_ascii_uppercase(),
        });
    }
    Ok(cleaned)
}

/// The text up to its padding. Blanks and marks between and after padding go with it.
fn without_padding(text: &str, encoding: SeedEncoding) -> &str {
    if encoding == SeedEncoding::Hex {
        return text;
    }
    let mut rest = text;
    let mut kept = text;
    loop {
        rest = rest.trim_end_matches(|c| is_ignored(c, encoding));
        let cut = rest.len().saturating_sub(3);
        if let Some(before) = rest.strip_suffix('=') {
            rest = before;
        } else if rest.get(cut..).is_some_and(|end| end.eq_ignore_ascii_case("%3d")) {
            rest = rest.get(..cut).unwrap_or_default();
        } else {
            return kept;
        }
        kept = rest;
    }
}

/// Whether what was refused as a key is what people type in its place.
fn is_one_time_code(text: &str, encoding: SeedEncoding) -> bool {
    let mut typed = text.chars().filter(|c| !is_ignored(*c, encoding));
    let mut digits = 0;
    encoding == SeedEncoding::Base32
        && typed.all(|c| {
            digits += 1;
            c.is_ascii_digit()
        })
        && (6..=8).contains(&digits)
}

fn has_hex_prefix(text: &str) -> bool {
    text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x"))
}

fn is_ignored(character: char, encoding: SeedEncoding) -> bool {
    let group_mark = match encoding {
        SeedEncoding::Base32 => matches!(character, '-' | '_' | '.'),
        SeedEncoding::Hex => matches!(character, '-' | '_' | '.' | ':'),
        // Here `-` and `_` are digits (RFC 4648 §5).
        SeedEncoding::Base64 => false,
    };
    group_mark || character.is_whitespace() || is_invisible(character)
}

/// Characters without width that pages and word processors put between the groups of a key.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}')
}

fn belongs(character: char, encoding: SeedEncoding) -> bool {
    match encoding {
        // Case in ASCII alone: the upper case of `ı` and `ſ` are the letters I and S, which were not typed.
        SeedEncoding::Base32 => matches!(character, 'A'..='Z' | 'a'..='z' | '2'..='7'),
        SeedEncoding::Hex => character.is_ascii_hexdigit(),
        SeedEncoding::Base64 => character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_'),
    }
}

/// Whether the whole text is a plausible key in another encoding: hexadecimal of at least 80 bits, or base64 by one of
/// its own characters.
fn other_encoding(text: &str, chosen: SeedEncoding) -> Option<SeedEncoding> {
    let all = |encoding: SeedEncoding| {
        without_padding(text, encoding).chars().filter(|c| !is_ignored(*c, encoding)).all(|c| belongs(c, encoding))
    };
    if chosen != SeedEncoding::Hex && text.len() >= 20 && all(SeedEncoding::Hex) {
        return Some(SeedEncoding::Hex);
    }
    let own = text.contains(['+', '/']) || (text.contains('=') && text.chars().any(|c| c.is_ascii_lowercase()));
    (chosen != SeedEncoding::Base64 && own && all(SeedEncoding::Base64)).then_some(SeedEncoding::Base64)
}

/// The letter that a character of another script is easily taken for.
fn look_alike(character: char) -> Option<char> {
    let letter = match character {
        // Full-width forms.
        '\u{ff21}'..='\u{ff3a}' => return char::from_u32(u32::from(character) - 0xfee0),
        '\u{ff41}'..='\u{ff5a}' => return char::from_u32(u32::from(character) - 0xff00),
        '\u{ff12}'..='\u{ff17}' => return char::from_u32(u32::from(character) - 0xfee0),
        'А' | 'а' | 'Α' | 'α' => 'A',
        'В' | 'Β' => 'B',
        'С' | 'с' => 'C',
        'Е' | 'е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'і' | 'Ι' | 'ı' | 'İ' => 'I',
        'Ј' | 'ј' => 'J',
        'К' | 'к' | 'Κ' | 'κ' | '\u{212a}' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'о' | 'Ο' | 'ο' => 'O',
        'Р' | 'р' | 'Ρ' | 'ρ' => 'P',
        'Ѕ' | 'ѕ' | 'ſ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'х' | 'Χ' | 'χ' => 'X',
        'У' | 'у' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        _ => return None,
    };
    Some(letter)
}

/// `None` when the number of characters makes no whole bytes. Bits over at the end are dropped, as authenticators do:
/// sites hand out keys whose last character carries some.
fn decode_base32(text: &str) -> Option<Vec<u8>> {
    if matches!(text.len() % 8, 1 | 3 | 6) {
        return None;
    }
    let mut key = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0u32, 0u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push(low_byte(bits >> held));
        }
    }
    Some(key)
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut specification = BASE64_NOPAD.specification();
    specification.check_trailing_bits = false;
    specification.encoding().ok()?.decode(text.as_bytes()).ok()
}

fn base32_letter(value: u32) -> u8 {
    let value = low_byte(value & 31);
    if value < 26 { b'A' + value } else { b'2' + value - 26 }
}

fn low_byte(bits: u32) -> u8 {
    bits.to_le_bytes()[0]
}

const fn most_characters(encoding: SeedEncoding) -> usize {
    match encoding {
        SeedEncoding::Base32 => Seed::MAX_BYTES * 8 / 5,
        SeedEncoding::Hex => Seed::MAX_BYTES * 2,
        SeedEncoding::Base64 => (Seed::MAX_BYTES * 4).div_ceil(3),
    }
}

/// Room for the longest key with blanks of several bytes between all its characters.
const MAX_TYPED_BYTES: usize = 16 * 1024;

/// A character in quotes when it can be seen, and always with its number when it is outside ASCII.
struct Shown(char);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = u32::from(self.0);
        match self.0 {
            '"' => f.write_str("'\"'"),
            c if c.is_ascii_graphic() => write!(f, "\"{c}\""),
            c if c.is_alphanumeric() => write!(f, "\"{c}\" (U+{code:04X})"),
            _ => write!(f, "U+{code:04X}"),
        }
    }
}
