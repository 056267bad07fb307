//! The form in which a secret is sealed: twelve bytes and the key.
//!
//! ```text
//! 0      1     2          3       4            12
//! version kind  algorithm  digits  period or counter (big-endian u64)  key …
//! ```

use countersign_model::Algorithm;
use countersign_seal::Secret;

use crate::otp_secret::OtpSecret;
use crate::parameters::{Digits, OtpKind, Parameters, Period};
use crate::seed::Seed;

/// Why sealed bytes could not be read again. They are ours alone, so each case means damage or a newer release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedBytesError {
    /// A later release wrote them.
    #[error("the seed was sealed by a newer release (form {0}, this one knows {VERSION}): update Countersign")]
    Version(u8),
    /// They end too early or hold values that are never written.
    #[error("the sealed seed is damaged: its {0} cannot be read; restore it from a backup")]
    Damaged(&'static str),
}

impl OtpSecret {
    /// The bytes to seal. [`OtpSecret::from_sealed_bytes`] reads them in this release and every later one.
    pub fn to_sealed_bytes(&self) -> Secret {
        let parameters = self.parameters();
        let (kind, moving) = match parameters.kind() {
            OtpKind::Totp { period } => (TOTP, u64::from(period.seconds())),
            OtpKind::Hotp { counter } => (HOTP, counter),
            OtpKind::Steam => (STEAM, u64::from(Period::USUAL.seconds())),
        };
        let algorithm = match parameters.algorithm() {
            Algorithm::Sha1 => 1,
            Algorithm::Sha256 => 2,
            Algorithm::Sha512 => 3,
        };
        let key = self.seed().key().expose();
        let mut bytes = Vec::with_capacity(HEAD + key.len());
        bytes.extend([VERSION, kind, algorithm, parameters.digits().get()]);
        bytes.extend(moving.to_be_bytes());
        bytes.extend(key);
        Secret::from(bytes)
    }

    /// Reads what [`OtpSecret::to_sealed_bytes`] wrote.
    pub fn from_sealed_bytes(bytes: &Secret) -> Result<Self, SealedBytesError> {
        let bytes = bytes.expose();
        match bytes.first() {
            Some(&VERSION) => {}
            Some(other) => return Err(SealedBytesError::Version(*other)),
            None => return Err(SealedBytesError::Damaged("beginning")),
        }
        let (head, key) = bytes.split_first_chunk::<HEAD>().ok_or(SealedBytesError::Damaged("beginning"))?;
        let [_, kind, algorithm, digits, moving @ ..] = *head;
        let moving = u64::from_be_bytes(moving);
        let algorithm = match algorithm {
            1 => Algorithm::Sha1,
            2 => Algorithm::Sha256,
            3 => Algorithm::Sha512,
            _ => return Err(SealedBytesError::Damaged("algorithm")),
        };
        let digits = Digits::new(u64::from(digits)).map_err(|_| SealedBytesError::Damaged("number of digits"))?;
        let parameters = match kind {
            TOTP => {
                let period = Period::new(moving).map_err(|_| SealedBytesError::Damaged("period"))?;
                Parameters::totp(algorithm, digits, period)
            }
            HOTP => Parameters::hotp(algorithm, digits, moving),
            STEAM if is_steam(algorithm, digits, moving) => Parameters::STEAM,
            STEAM => return Err(SealedBytesError::Damaged("Steam parameters")),
            _ => return Err(SealedBytesError::Damaged("kind")),
        };
        let seed = Seed::from_key(Secret::from(key)).map_err(|_| SealedBytesError::Damaged("key"))?;
        Ok(Self::new(seed, parameters))
    }
}

/// Steam's parameters are written out like the others', and there is only one set of them.
fn is_steam(algorithm: Algorithm, digits: Digits, moving: u64) -> bool {
    (algorithm, digits) == (Parameters::STEAM.algorithm(), Parameters::STEAM.digits())
        && moving == u64::from(Period::USUAL.seconds())
}

const VERSION: u8 = 1;
const HEAD: usize = 12;
const TOTP: u8 = 1;
const HOTP: u8 = 2;
const STEAM: u8 = 3;
