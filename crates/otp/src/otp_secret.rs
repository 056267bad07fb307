use countersign_model::{Algorithm, SecondFactor};
use countersign_seal::{MacHash, Secret, hmac};

use crate::parameters::{Digits, OtpKind, Parameters};
use crate::seed::Seed;

/// A seed with its parameters: all that is needed to make an account's tokens.
pub struct OtpSecret {
    seed: Seed,
    parameters: Parameters,
}

/// A token by time with the step it belongs to.
pub struct Token {
    /// What is typed at the site.
    pub text: TokenText,
    /// The number of the time step since 1970 (RFC 6238 §4.2, T).
    pub step: u64,
    /// Unix seconds at which the step begins.
    pub begins_at: u64,
    /// Unix seconds at which the step ends: the first second of the next.
    pub ends_at: u64,
}

/// The characters of one token: as secret as the seed for as long as it lasts. Compares in constant time.
#[derive(PartialEq, Eq)]
pub struct TokenText(Secret);

impl OtpSecret {
    /// Joins a seed and its parameters.
    pub const fn new(seed: Seed, parameters: Parameters) -> Self {
        Self { seed, parameters }
    }

    /// The seed.
    pub const fn seed(&self) -> &Seed {
        &self.seed
    }

    /// The parameters.
    pub const fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// What may be shown of it.
    pub fn second_factor(&self) -> SecondFactor {
        self.parameters.second_factor()
    }

    /// The token of the step that holds this second (RFC 6238 §4.2). `None` for HOTP, whose tokens have no time.
    pub fn token_at(&self, unix_seconds: u64) -> Option<Token> {
        let period = self.parameters.period()?;
        self.token_for_step(unix_seconds / u64::from(period.seconds()))
    }

    /// The token of a step; `None` for HOTP. Begin and end stop at the largest number for steps past the end of time.
    pub fn token_for_step(&self, step: u64) -> Option<Token> {
        let period = u64::from(self.parameters.period()?.seconds());
        let begins_at = step.saturating_mul(period);
        Some(Token { text: self.text(step), step, begins_at, ends_at: begins_at.saturating_add(period) })
    }

    /// The token of a counter (RFC 4226 §5.3). `None` unless it is HOTP.
    pub fn hotp(&self, counter: u64) -> Option<TokenText> {
        matches!(self.parameters.kind(), OtpKind::Hotp { .. }).then(|| self.text(counter))
    }

    /// The counter of the next HOTP token; `None` for tokens by time.
    pub const fn counter(&self) -> Option<u64> {
        match self.parameters.kind() {
            OtpKind::Hotp { counter } => Some(counter),
            OtpKind::Totp { .. } | OtpKind::Steam => None,
        }
    }

    /// The same secret with its HOTP counter moved on; one by time is left as it is.
    #[must_use]
    pub fn with_counter(self, counter: u64) -> Self {
        let parameters = match self.parameters.kind() {
            OtpKind::Hotp { .. } => Parameters::hotp(self.parameters.algorithm(), self.parameters.digits(), counter),
            OtpKind::Totp { .. } | OtpKind::Steam => self.parameters,
        };
        Self { parameters, ..self }
    }

    /// Which step a typed token belongs to, of the current one and `grace` steps on either side (RFC 6238 §5.2), or
    /// `None`. Blanks are taken out; a grace over 20 is 20. The caller must refuse a step that is not later than the last one it accepted.
    pub fn verify(&self, typed: &str, unix_seconds: u64, grace: u64) -> Option<u64> {
        let period = u64::from(self.parameters.period()?.seconds());
        if typed.len() > 64 {
            return None;
        }
        let kept: String = typed.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let typed = TokenText(Secret::from(kept));
        let now = unix_seconds / period;
        let grace = grace.min(MAX_GRACE);
        // All of them are computed, so that the time taken says nothing about which one it was.
        let steps = now.saturating_sub(grace)..=now.saturating_add(grace);
        steps.fold(None, |found, step| if self.text(step) == typed { Some(step) } else { found })
    }

    fn text(&self, moving_factor: u64) -> TokenText {
        let hash = match self.parameters.algorithm() {
            Algorithm::Sha1 => MacHash::Sha1,
            Algorithm::Sha256 => MacHash::Sha256,
            Algorithm::Sha512 => MacHash::Sha512,
        };
        let tag = hmac(hash, self.seed.key(), &moving_factor.to_be_bytes());
        let number = truncate(tag.expose());
        TokenText(Secret::from(match self.parameters.kind() {
            OtpKind::Steam => steam_text(number),
            OtpKind::Totp { .. } | OtpKind::Hotp { .. } => digits_text(number, self.parameters.digits()),
        }))
    }
}

impl Token {
    /// Seconds left in the step at this time; 0 when it is over.
    pub const fn seconds_left(&self, unix_seconds: u64) -> u64 {
        self.ends_at.saturating_sub(unix_seconds)
    }
}

impl TokenText {
    /// The characters to type.
    pub fn expose(&self) -> &str {
        self.0.expose_text().unwrap_or_default()
    }

    /// The same as a plain secret.
    pub fn into_secret(self) -> Secret {
        self.0
    }
}

/// Dynamic truncation (RFC 4226 §5.3): 31 bits at a place that the tag's last four bits name.
fn truncate(tag: &[u8]) -> u64 {
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 0xf);
    let word = tag.get(offset..).and_then(<[u8]>::first_chunk::<4>).copied().unwrap_or_default();
    u64::from(u32::from_be_bytes(word) & 0x7fff_ffff)
}

/// In u64: ten digits are more than a u32 holds.
fn digits_text(number: u64, digits: Digits) -> Vec<u8> {
    let mut rest = number % 10u64.pow(u32::from(digits.get()));
    let mut text = vec![b'0'; usize::from(digits.get())];
    for place in text.iter_mut().rev() {
        *place += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    text
}

fn steam_text(number: u64) -> Vec<u8> {
    let mut rest = usize::try_from(number).unwrap_or_default();
    let mut text = Vec::with_capacity(5);
    for _ in 0..5 {
        text.push(STEAM_ALPHABET[rest % STEAM_ALPHABET.len()]);
        rest /= STEAM_ALPHABET.len();
    }
    text
}

const STEAM_ALPHABET: &[u8; 26] = b"23456789BCDFGHJKMNPQRTVWXY";

/// Ten minutes of usual steps: more would hand out codes to guess.
const MAX_GRACE: u64 = 20;
