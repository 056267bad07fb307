use std::num::NonZeroU32;

use aws_lc_rs::{digest, pbkdf2 as rounds};
use zeroize::Zeroizing;

use crate::Secret;

/// Why no key is made of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It would cost more than is paid for a file from outside.
    #[error("the key asks for {asked}, and at most {most} are given")]
    TooCostly {
        /// What it asks for, with its unit.
        asked: String,
        /// The most.
        most: String,
    },
    /// Numbers for which the function is not defined, such as no rounds at all.
    #[error("the key's {0} has no meaning")]
    Senseless(&'static str),
    /// The machine has less memory than the key asks for.
    #[error("the key asks for {0}, and there is not so much memory now")]
    NoMemory(String),
}

/// The hash under PBKDF2 (RFC 8018 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pbkdf2Hash {
    /// HMAC-SHA-1.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// The costs of scrypt (RFC 7914 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScryptCost {
    /// N, a power of two.
    pub n: u64,
    /// r, the block size in units of 128 bytes.
    pub r: u32,
    /// p, how often it is done.
    pub p: u32,
}

/// PBKDF2 rounds at most: some seconds of one core.
const MOST_ROUNDS: u32 = 5_000_000;

/// N · r · p at most: some seconds of one core.
const MOST_SCRYPT_WORK: u64 = 1 << 22;

/// 128 · N · r bytes at most.
const MOST_SCRYPT_BYTES: u64 = 256 << 20;

/// A key of `length` bytes (PBKDF2, RFC 8018 §5.2).
///
/// # Errors
/// Over 5,000,000 rounds, or none.
pub fn pbkdf2(
    hash: Pbkdf2Hash,
    password: &Secret,
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Result<Secret, KeyError> {
    if iterations > MOST_ROUNDS {
        return Err(KeyError::TooCostly {
            asked: format!("{iterations} rounds of PBKDF2"),
            most: MOST_ROUNDS.to_string(),
        });
    }
    let iterations = NonZeroU32::new(iterations).ok_or(KeyError::Senseless("number of rounds"))?;
    let algorithm = match hash {
        Pbkdf2Hash::Sha1 => rounds::PBKDF2_HMAC_SHA1,
        Pbkdf2Hash::Sha256 => rounds::PBKDF2_HMAC_SHA256,
        Pbkdf2Hash::Sha512 => rounds::PBKDF2_HMAC_SHA512,
    };
    let mut key = Zeroizing::new(vec![0; length]);
    rounds::derive(algorithm, iterations, salt, password.expose(), &mut key);
    Ok(Secret::from(std::mem::take(&mut *key)))
}

/// A key of 32 bytes (scrypt, RFC 7914).
///
/// # Errors
/// N · r · p over 2²², over 256 MiB of memory, or numbers for which scrypt is not defined.
pub fn scrypt(password: &Secret, salt: &[u8], cost: ScryptCost) -> Result<Secret, KeyError> {
    let params = cost.checked()?;
    let mut key = Zeroizing::new([0; 32]);
    ::scrypt::scrypt(password.expose(), salt, &params, key.as_mut()).map_err(|_| KeyError::Senseless("length"))?;
    Ok(Secret::from(&mut *key))
}

/// SHA-256 of a password as its key: what some programs did before they knew better.
pub fn sha256(password: &Secret) -> Secret {
    Secret::from(digest::digest(&digest::SHA256, password.expose()).as_ref())
}

impl ScryptCost {
    /// N · r · p, which is what several keys of one file add up to; the largest number where it is larger.
    pub const fn work(&self) -> u64 {
        self.n.saturating_mul(self.r as u64).saturating_mul(self.p as u64)
    }

    fn checked(&self) -> Result<::scrypt::Params, KeyError> {
        let bytes = self.n.saturating_mul(u64::from(self.r)).saturating_mul(128);
        if self.work() > MOST_SCRYPT_WORK {
            let asked = format!("scrypt with N {}, r {} and p {}", self.n, self.r, self.p);
            return Err(KeyError::TooCostly { asked, most: format!("{MOST_SCRYPT_WORK} for their product") });
        }
        if bytes > MOST_SCRYPT_BYTES {
            return Err(KeyError::TooCostly {
                asked: format!("{} MiB of memory (scrypt)", bytes >> 20),
                most: format!("{} MiB", MOST_SCRYPT_BYTES >> 20),
            });
        }
        if !self.n.is_power_of_two() {
            return Err(KeyError::Senseless("N of scrypt"));
        }
        let log_n = u8::try_from(self.n.ilog2()).map_err(|_| KeyError::Senseless("N of scrypt"))?;
        ::scrypt::Params::new(log_n, self.r, self.p).map_err(|_| KeyError::Senseless("r or p of scrypt"))
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, Pbkdf2Hash, ScryptCost, pbkdf2, scrypt, sha256};
    use crate::Secret;

    fn hex(secret: &Secret) -> String {
        data_encoding::HEXLOWER.encode(secret.expose())
    }

    /// RFC 6070 and RFC 7914 §11.
    #[test]
    fn pbkdf2_is_the_standards() {
        let of = |hash, password: &str, salt: &[u8], rounds, length| {
            hex(&pbkdf2(hash, &Secret::from(password.to_owned()), salt, rounds, length).unwrap())
        };
        assert_eq!(of(Pbkdf2Hash::Sha1, "password", b"salt", 4096, 20), "4b007901b765489abead49d926f721d065a429c1");
        assert_eq!(
            of(Pbkdf2Hash::Sha256, "passwd", b"salt", 1, 64),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        );
        assert_eq!(
            of(Pbkdf2Hash::Sha512, "password", b"salt", 1, 32),
            "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
        );
    }

    /// RFC 7914 §12.
    #[test]
    fn scrypt_is_the_standards() {
        let cost = ScryptCost { n: 1024, r: 8, p: 16 };
        let key = scrypt(&Secret::from("password".to_owned()), b"NaCl", cost).unwrap();
        assert_eq!(hex(&key), "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
    }

    #[test]
    fn costs_are_refused_before_they_are_paid() {
        let password = Secret::from("x".to_owned());
        let rounds = |rounds| pbkdf2(Pbkdf2Hash::Sha1, &password, b"salt", rounds, 32).err();
        assert!(matches!(rounds(u32::MAX), Some(KeyError::TooCostly { asked, .. }) if asked.contains("4294967295")));
        assert!(matches!(rounds(5_000_001), Some(KeyError::TooCostly { .. })));
        assert_eq!(rounds(0), Some(KeyError::Senseless("number of rounds")));
        let of = |n, r, p| scrypt(&password, b"salt", ScryptCost { n, r, p }).err();
        for (n, r, p) in [(u64::MAX, u32::MAX, u32::MAX), (1 << 32, 1, 1), (2, 1 << 22, 1), (1 << 20, 1, 5)] {
            assert!(matches!(of(n, r, p), Some(KeyError::TooCostly { .. })), "{n} {r} {p}");
        }
        for (n, r, p) in [(0, 8, 1), (1000, 8, 1), (1024, 0, 1), (1024, 8, 0)] {
            assert!(matches!(of(n, r, p), Some(KeyError::Senseless(_))), "{n} {r} {p}");
        }
    }

    #[test]
    fn a_digest_as_a_key() {
        let key = sha256(&Secret::from("abc".to_owned()));
        assert_eq!(hex(&key), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
