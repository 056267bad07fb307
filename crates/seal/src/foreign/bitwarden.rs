//! The key of Bitwarden's password-protected export, and what it opens.

use aws_lc_rs::{digest, hkdf, hmac};
use zeroize::Zeroizing;

use crate::Secret;
use crate::foreign::{Argon2Cost, Argon2Limit, DoesNotOpen, KeyError, Pbkdf2Hash, aes_256_cbc, argon2id, pbkdf2};

/// How the password becomes the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BitwardenKdf {
    /// PBKDF2 with HMAC-SHA-256 over the salt.
    Pbkdf2 {
        /// Rounds.
        iterations: u64,
    },
    /// Argon2id over SHA-256 of the salt.
    Argon2id {
        /// What it asks for.
        cost: Argon2Cost,
        /// What it may cost.
        limit: Argon2Limit,
    },
}

/// Two keys: one encrypts with AES-256 in CBC, the other vouches for it with HMAC-SHA-256.
pub struct BitwardenKey {
    encryption: Secret,
    authentication: Secret,
}

impl BitwardenKey {
    /// The keys of a password. The salt is the text that stands in the file, not the bytes that it encodes.
    ///
    /// # Errors
    /// It costs too much.
    pub fn of(password: &Secret, salt: &[u8], kdf: BitwardenKdf) -> Result<Self, KeyError> {
        let key = match kdf {
            BitwardenKdf::Pbkdf2 { iterations } => {
                let iterations = u32::try_from(iterations).unwrap_or(u32::MAX);
                pbkdf2(Pbkdf2Hash::Sha256, password, salt, iterations, KEY_LEN)?
            }
            BitwardenKdf::Argon2id { cost, limit } => {
                argon2id(password, digest::digest(&digest::SHA256, salt).as_ref(), cost, limit)?
            }
        };
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, key.expose());
        let part = |label: &[u8]| {
            let mut part = Zeroizing::new([0; KEY_LEN]);
            prk.expand(&[label], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(part.as_mut()))
                .map_err(|_| KeyError::Senseless("length"))?;
            Ok(Secret::from(&mut *part))
        };
        Ok(Self { encryption: part(b"enc")?, authentication: part(b"mac")? })
    }

    /// Opens what was encrypted with it.
    ///
    /// # Errors
    /// The tag is not of this key, or not of what was encrypted.
    pub fn open(&self, start: &[u8; 16], encrypted: &[u8], tag: &[u8]) -> Result<Secret, DoesNotOpen> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.authentication.expose());
        let mut message = Vec::with_capacity(start.len() + encrypted.len());
        message.extend_from_slice(start);
        message.extend_from_slice(encrypted);
        hmac::verify(&key, &message, tag).map_err(|_| DoesNotOpen)?;
        aes_256_cbc(&self.encryption, start, encrypted)
    }
}

/// Bytes of each key.
const KEY_LEN: usize = 32;

#[cfg(test)]
mod tests {
    use super::{BitwardenKdf, BitwardenKey};
    use crate::Secret;
    use crate::foreign::{Argon2Cost, Argon2Limit, DoesNotOpen, KeyError};

    const SALT: &[u8] = b"AAECAwQFBgcICQoLDA0ODw==";

    /// Computed with another library.
    #[test]
    fn both_kinds_of_key_open_what_they_should() {
        let argon2id = BitwardenKdf::Argon2id {
            cost: Argon2Cost { memory_kib: 16 << 10, passes: 3, lanes: 4 },
            limit: Argon2Limit::USUAL,
        };
        for (kdf, encrypted, tag) in [
            (
                BitwardenKdf::Pbkdf2 { iterations: 5_000 },
                "542b102e0d4590a61c45b9d1f640faac",
                "46feed3aa21f55dbaecacbcc558613c62d09940d4b4beb9db731dcfa264cb423",
            ),
            (
                argon2id,
                "277029eae7a88d1b50c7a654c4ee0e67",
                "6e80b65370d6f9b5d00055995c3ea0086fafdcca959fa04051e93446b09c9aa5",
            ),
        ] {
            let start = std::array::from_fn(|n| u8::try_from(n).unwrap());
            let encrypted = data_encoding::HEXLOWER.decode(encrypted.as_bytes()).unwrap();
            let mut tag = data_encoding::HEXLOWER.decode(tag.as_bytes()).unwrap();
            let key = BitwardenKey::of(&Secret::from("correct horse".to_owned()), SALT, kdf).ok().unwrap();
            assert_eq!(key.open(&start, &encrypted, &tag).ok().unwrap().expose_text(), Some("a text"));
            let other = BitwardenKey::of(&Secret::from("correct horses".to_owned()), SALT, kdf).ok().unwrap();
            assert_eq!(other.open(&start, &encrypted, &tag).err(), Some(DoesNotOpen));
            tag[0] ^= 1;
            assert_eq!(key.open(&start, &encrypted, &tag).err(), Some(DoesNotOpen));
        }
    }

    #[test]
    fn a_cost_is_refused_before_it_is_paid() {
        let of = |iterations| BitwardenKey::of(&Secret::from(String::new()), SALT, BitwardenKdf::Pbkdf2 { iterations });
        for iterations in [5_000_001, u64::MAX] {
            assert!(matches!(of(iterations), Err(KeyError::TooCostly { .. })), "{iterations}");
        }
    }
}
