use countersign_model::{Algorithm, SecondFactor, SecondFactorKind};

/// What moves a token on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtpKind {
    /// Time, in steps of a period (RFC 6238).
    Totp {
        /// Length of a step.
        period: Period,
    },
    /// A counter that goes up with each use (RFC 4226).
    Hotp {
        /// The counter of the next token.
        counter: u64,
    },
    /// Time, in steps of 30 seconds; five characters of Steam's alphabet, always over SHA-1.
    Steam,
}

/// Everything but the key that a token depends on. Cannot hold a combination that has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    kind: OtpKind,
    algorithm: Algorithm,
    digits: Digits,
}

/// How many digits a token has: 5 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digits(u8);

/// The seconds of a time step: 1 to 86,400, a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(u32);

/// Parameters as they are written in a URI or sent to the API, before they are understood. What is `None` takes its
/// usual value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written<'t> {
    /// The hash in any of the spellings that [`parse_algorithm`] knows.
    pub algorithm: Option<&'t str>,
    /// Digits of a token.
    pub digits: Option<u64>,
    /// Seconds of a time step.
    pub period: Option<u64>,
    /// `steam` for Steam's alphabet, in any case; no other is known.
    pub encoder: Option<&'t str>,
}

/// Why parameters were refused. The texts never repeat what was given: a URI with a lost `&` carries its seed there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// Not a hash for one-time passwords.
    #[error("the algorithm is none of SHA1, SHA256 and SHA512; no other is defined for one-time passwords")]
    UnknownAlgorithm,
    /// A hash by its name that is known elsewhere and not made here.
    #[error(
        "the algorithm {0} is not supported: only SHA1, SHA256 and SHA512 are; register the account anew at its site"
    )]
    RefusedAlgorithm(&'static str),
    /// Outside 5–10.
    #[error("digits must be 5 to 10")]
    Digits,
    /// Outside 1–86400.
    #[error("the period must be 1 to 86400 seconds")]
    Period,
    /// An encoder that is not Steam's.
    #[error("the encoder is unknown: only \"steam\" is; leave it out for digits")]
    Encoder,
    /// A Steam token with other than its fixed parameters.
    #[error("Steam tokens have 5 characters, SHA1 and 30 seconds; {0} says otherwise: leave it out")]
    SteamIsFixed(&'static str),
    /// HOTP without the value it goes on from.
    #[error(
        "a token by counter (HOTP) needs its counter, and none is given: add counter=, as the old program shows it"
    )]
    CounterMissing,
}

impl Parameters {
    /// Steam's only ones.
    pub const STEAM: Self = Self { kind: OtpKind::Steam, algorithm: Algorithm::Sha1, digits: Digits(5) };

    /// Tokens by time.
    pub const fn totp(algorithm: Algorithm, digits: Digits, period: Period) -> Self {
        Self { kind: OtpKind::Totp { period }, algorithm, digits }
    }

    /// Tokens by counter, `counter` being the next.
    pub const fn hotp(algorithm: Algorithm, digits: Digits, counter: u64) -> Self {
        Self { kind: OtpKind::Hotp { counter }, algorithm, digits }
    }

    /// Understands the parameters of a token by time, which an `encoder` can make a Steam token.
    pub fn by_time(written: Written<'_>) -> Result<Self, ParametersError> {
        match written.encoder {
            None | Some("") => {}
            Some(name) if name.eq_ignore_ascii_case("steam") => return Self::steam(written),
            Some(_) => return Err(ParametersError::Encoder),
        }
        let period = written.period.map_or(Ok(Period::USUAL), Period::new)?;
        Ok(Self::totp(written.algorithm()?, written.digits()?, period))
    }

    /// Understands the parameters of a token by counter. A period beside it has no meaning and is not looked at.
    pub fn by_counter(written: Written<'_>, counter: Option<u64>) -> Result<Self, ParametersError> {
        if written.encoder.is_some_and(|name| !name.is_empty()) {
            return Err(ParametersError::Encoder);
        }
        let counter = counter.ok_or(ParametersError::CounterMissing)?;
        Ok(Self::hotp(written.algorithm()?, written.digits()?, counter))
    }

    /// Understands the parameters of a Steam token: all are fixed, and a different one is refused rather than ignored.
    pub fn steam(written: Written<'_>) -> Result<Self, ParametersError> {
        if written.algorithm()? != Algorithm::Sha1 {
            return Err(ParametersError::SteamIsFixed("the algorithm"));
        }
        if written.digits.is_some_and(|digits| digits != 5) {
            return Err(ParametersError::SteamIsFixed("digits"));
        }
        if written.period.is_some_and(|period| period != u64::from(Period::USUAL.0)) {
            return Err(ParametersError::SteamIsFixed("the period"));
        }
        Ok(Self::STEAM)
    }

    /// What moves the token on.
    pub const fn kind(&self) -> OtpKind {
        self.kind
    }

    /// The hash under it.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many characters a token has.
    pub const fn digits(&self) -> Digits {
        self.digits
    }

    /// Seconds of a time step; `None` for HOTP.
    pub const fn period(&self) -> Option<Period> {
        match self.kind {
            OtpKind::Totp { period } => Some(period),
            OtpKind::Steam => Some(Period::USUAL),
            OtpKind::Hotp { .. } => None,
        }
    }

    /// The same as the words in which the vault shows it.
    pub fn second_factor(&self) -> SecondFactor {
        SecondFactor {
            kind: match self.kind {
                OtpKind::Totp { .. } => SecondFactorKind::Totp,
                OtpKind::Hotp { .. } => SecondFactorKind::Hotp,
                OtpKind::Steam => SecondFactorKind::Steam,
            },
            algorithm: self.algorithm,
            digits: self.digits.get(),
            period: self.period().map(Period::seconds),
        }
    }
}

/// What nearly every site uses: TOTP, SHA-1, six digits, 30 seconds.
impl Default for Parameters {
    fn default() -> Self {
        Self::totp(Algorithm::Sha1, Digits::USUAL, Period::USUAL)
    }
}

impl Digits {
    /// Six.
    pub const USUAL: Self = Self(6);

    /// Takes 5 to 10.
    pub fn new(digits: u64) -> Result<Self, ParametersError> {
        match u8::try_from(digits) {
            Ok(digits @ 5..=10) => Ok(Self(digits)),
            _ => Err(ParametersError::Digits),
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Period {
    /// 30 seconds.
    pub const USUAL: Self = Self(30);

    /// Takes 1 to 86,400 seconds.
    pub fn new(seconds: u64) -> Result<Self, ParametersError> {
        match u32::try_from(seconds) {
            Ok(seconds @ 1..=86_400) => Ok(Self(seconds)),
            _ => Err(ParametersError::Period),
        }
    }

    /// The number.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

impl Written<'_> {
    fn algorithm(&self) -> Result<Algorithm, ParametersError> {
        match self.algorithm {
            None | Some("") => Ok(Algorithm::Sha1),
            Some(name) => parse_algorithm(name),
        }
    }

    fn digits(&self) -> Result<Digits, ParametersError> {
        self.digits.map_or(Ok(Digits::USUAL), Digits::new)
    }
}

/// Reads a hash's name in any case, with `-`, `_` or blanks in it, with or without `Hmac` in front: `SHA1`, `sha-256`,
/// `HmacSHA512`. Another name is an error, never SHA-1.
pub fn parse_algorithm(name: &str) -> Result<Algorithm, ParametersError> {
    if name.len() > 64 {
        return Err(ParametersError::UnknownAlgorithm);
    }
    let bare: String = name
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | '/') && !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let bare = bare.strip_prefix("hmac").unwrap_or(&bare);
    match bare {
        "sha1" => Ok(Algorithm::Sha1),
        "sha256" => Ok(Algorithm::Sha256),
        "sha512" => Ok(Algorithm::Sha512),
        "md5" => Err(ParametersError::RefusedAlgorithm("MD5")),
        "sha224" => Err(ParametersError::RefusedAlgorithm("SHA224")),
        "sha384" => Err(ParametersError::RefusedAlgorithm("SHA384")),
        "sm3" => Err(ParametersError::RefusedAlgorithm("SM3")),
        _ if bare.starts_with("sha3") => Err(ParametersError::RefusedAlgorithm("SHA3")),
        _ if bare.starts_with("sha512") => Err(ParametersError::RefusedAlgorithm("SHA512/t")),
        _ => Err(ParametersError::UnknownAlgorithm),
    }
}
