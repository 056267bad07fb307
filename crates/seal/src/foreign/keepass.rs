//! The keys and ciphers of KeePass's databases (KDBX 3 and 4), as far as a password alone opens them.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt as _, KeyInit as _, KeyIvInit as _, StreamCipher as _};
use argon2::{Algorithm, Argon2, Block, Version};
use aws_lc_rs::{digest, hmac};
use chacha20::ChaCha20;
use salsa20::Salsa20;
use zeroize::{Zeroize as _, Zeroizing};

use crate::Secret;
use crate::foreign::{Argon2Cost, Argon2Limit, DoesNotOpen, KeyError, aes_256_cbc};

/// How the password becomes the key.
pub enum KdbxKdf {
    /// AES in rounds, which is all that version 3 knows.
    Aes {
        /// The key of the rounds: 32 bytes.
        seed: [u8; 32],
        /// How many.
        rounds: u64,
    },
    /// Argon2.
    Argon2 {
        /// Which of the two that KeePass knows.
        kind: Argon2Kind,
        /// 0x10 or 0x13.
        version: u32,
        /// The salt.
        salt: Vec<u8>,
        /// What it asks for.
        cost: Argon2Cost,
    },
}

/// The kinds of Argon2 (RFC 9106 §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argon2Kind {
    /// Argon2d.
    D,
    /// Argon2id.
    Id,
}

/// What encrypts the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KdbxCipher {
    /// AES-256 in CBC.
    Aes,
    /// ChaCha20 (RFC 8439).
    ChaCha20,
}

/// What encrypts single values within the database once more, in the order in which they stand.
pub enum KdbxStream {
    /// Nothing.
    Plain,
    /// Salsa20.
    Salsa20(Box<Salsa20>),
    /// ChaCha20.
    ChaCha20(Box<ChaCha20>),
}

/// The keys of one database: one opens it, the other vouches for each part of a database of version 4.
pub struct KdbxKeys {
    encryption: Secret,
    authentication: Secret,
}

/// Rounds of AES at most: some seconds of one core.
const MOST_ROUNDS: u64 = 100_000_000;

impl KdbxKeys {
    /// The keys of a password.
    ///
    /// # Errors
    /// Over 100,000,000 rounds of AES, over the usual limit of Argon2, or numbers without meaning.
    pub fn of(password: &Secret, kdf: &KdbxKdf, master_seed: &[u8]) -> Result<Self, KeyError> {
        // A composite key of one part.
        let composite = sha256(&[sha256(&[password.expose()]).expose()]);
        let stretched = match kdf {
            KdbxKdf::Aes { seed, rounds } => aes_rounds(&composite, seed, *rounds)?,
            KdbxKdf::Argon2 { kind, version, salt, cost } => argon2(&composite, *kind, *version, salt, *cost)?,
        };
        Ok(Self {
            encryption: sha256(&[master_seed, stretched.expose()]),
            authentication: sha512(&[master_seed, stretched.expose(), &[1]]),
        })
    }

    /// Whether this is the tag of a header (version 4): if not, the password is another one, or the header is changed.
    pub fn vouches_for_header(&self, header: &[u8], tag: &[u8]) -> bool {
        self.vouches(u64::MAX, &[header], tag)
    }

    /// Whether this is the tag of the `index`th block (version 4), from 0.
    pub fn vouches_for_block(&self, index: u64, block: &[u8], tag: &[u8]) -> bool {
        let Ok(length) = u32::try_from(block.len()) else { return false };
        self.vouches(index, &[&index.to_le_bytes(), &length.to_le_bytes(), block], tag)
    }

    fn vouches(&self, index: u64, message: &[&[u8]], tag: &[u8]) -> bool {
        let key = sha512(&[&index.to_le_bytes(), self.authentication.expose()]);
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key.expose()));
        message.iter().for_each(|part| context.update(part));
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), tag).is_ok()
    }

    /// Opens the database.
    ///
    /// # Errors
    /// With AES, most wrong keys; ChaCha20 opens anything.
    pub fn open(&self, cipher: KdbxCipher, start: &[u8], encrypted: &[u8]) -> Result<Secret, DoesNotOpen> {
        match cipher {
            KdbxCipher::Aes => aes_256_cbc(&self.encryption, start.try_into().map_err(|_| DoesNotOpen)?, encrypted),
            KdbxCipher::ChaCha20 => {
                let mut stream = ChaCha20::new_from_slices(self.encryption.expose(), start).map_err(|_| DoesNotOpen)?;
                let mut text = Zeroizing::new(encrypted.to_vec());
                stream.try_apply_keystream(&mut text).map_err(|_| DoesNotOpen)?;
                Ok(Secret::from(std::mem::take(&mut *text)))
            }
        }
    }
}

impl KdbxStream {
    /// By its number in the file, with its key: 0 nothing, 2 Salsa20, 3 ChaCha20. `None` for another number.
    pub fn of(number: u32, key: &[u8]) -> Option<Self> {
        match number {
            0 => Some(Self::Plain),
            2 => {
                let key = sha256(&[key]);
                Some(Self::Salsa20(Box::new(Salsa20::new_from_slices(key.expose(), &SALSA20_NONCE).ok()?)))
            }
            3 => {
                let both = sha512(&[key]);
                let (key, rest) = both.expose().split_at_checked(32)?;
                Some(Self::ChaCha20(Box::new(ChaCha20::new_from_slices(key, rest.get(..12)?).ok()?)))
            }
            _ => None,
        }
    }

    /// Opens the next value where it stands.
    ///
    /// # Errors
    /// The stream is used up.
    pub fn open(&mut self, value: &mut [u8]) -> Result<(), DoesNotOpen> {
        match self {
            Self::Plain => Ok(()),
            Self::Salsa20(stream) => stream.try_apply_keystream(value).map_err(|_| DoesNotOpen),
            Self::ChaCha20(stream) => stream.try_apply_keystream(value).map_err(|_| DoesNotOpen),
        }
    }
}

/// KeePass's own, the same in every file.
const SALSA20_NONCE: [u8; 8] = [0xe8, 0x30, 0x09, 0x4b, 0x97, 0x20, 0x5d, 0x2a];

fn aes_rounds(composite: &Secret, seed: &[u8; 32], rounds: u64) -> Result<Secret, KeyError> {
    if rounds > MOST_ROUNDS {
        return Err(KeyError::TooCostly { asked: format!("{rounds} rounds of AES"), most: MOST_ROUNDS.to_string() });
    }
    let cipher = Aes256::new(&Array::from(*seed));
    let (halves, _) = composite.expose().as_chunks::<16>();
    let [first, second] = halves else { return Err(KeyError::Senseless("length")) };
    let mut blocks = [Array::from(*first), Array::from(*second)];
    for _ in 0..rounds {
        cipher.encrypt_blocks(&mut blocks);
    }
    let key = sha256(&[&blocks[0], &blocks[1]]);
    blocks.iter_mut().for_each(|block| block.zeroize());
    Ok(key)
}

fn argon2(
    composite: &Secret,
    kind: Argon2Kind,
    version: u32,
    salt: &[u8],
    cost: Argon2Cost,
) -> Result<Secret, KeyError> {
    let params = cost.checked(Argon2Limit::KEEPASS)?;
    let algorithm = match kind {
        Argon2Kind::D => Algorithm::Argon2d,
        Argon2Kind::Id => Algorithm::Argon2id,
    };
    let version = match version {
        0x10 => Version::V0x10,
        0x13 => Version::V0x13,
        _ => return Err(KeyError::Senseless("version of Argon2")),
    };
    let mut memory = Vec::new();
    let blocks = params.block_count();
    let too_much = |_| KeyError::NoMemory(format!("{} MiB", cost.memory_kib >> 10));
    memory.try_reserve_exact(blocks).map_err(too_much)?;
    memory.resize(blocks, Block::new());
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(composite.expose(), salt, key.as_mut(), &mut memory)
        .map_err(|_| KeyError::Senseless("salt"))?;
    Ok(Secret::from(&mut *key))
}

fn sha256(parts: &[&[u8]]) -> Secret {
    hash(&digest::SHA256, parts)
}

fn sha512(parts: &[&[u8]]) -> Secret {
    hash(&digest::SHA512, parts)
}

fn hash(algorithm: &'static digest::Algorithm, parts: &[&[u8]]) -> Secret {
    let mut context = digest::Context::new(algorithm);
    parts.iter().for_each(|part| context.update(part));
    Secret::from(context.finish().as_ref())
}

#[cfg(test)]
mod tests {
    use super::{Argon2Kind, KdbxCipher, KdbxKdf, KdbxKeys, KdbxStream};
    use crate::Secret;
    use crate::foreign::{Argon2Cost, DoesNotOpen, KeyError};

    fn count(from: u8) -> [u8; 32] {
        std::array::from_fn(|n| from + u8::try_from(n).unwrap())
    }

    fn keys(password: &str, kdf: &KdbxKdf) -> Result<KdbxKeys, KeyError> {
        KdbxKeys::of(&Secret::from(password.to_owned()), kdf, &count(32))
    }

    fn argon2(kind: Argon2Kind, version: u32) -> KdbxKdf {
        let cost = Argon2Cost { memory_kib: 1024, passes: 2, lanes: 2 };
        KdbxKdf::Argon2 { kind, version, salt: count(0).to_vec(), cost }
    }

    fn hex(text: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    /// Computed with other libraries: each key's tag of a header and of a block, and a text under both ciphers.
    #[test]
    fn every_kind_of_key_opens_what_it_should() {
        let rows: [(KdbxKdf, [&str; 4]); 3] = [
            (
                KdbxKdf::Aes { seed: count(0), rounds: 1000 },
                [
                    "cc076e96865621e3770a885a7d491984d7122efd7895dc8e4dfd2a838a08e340",
                    "971ed9444fb901baa8a77f47f21b8e64afa83b48504744926bae5d457a0468b3",
                    "30c08eb199aa6b7ae4674b5dd7ffb3cd",
                    "f5ee6e252a4f",
                ],
            ),
            (
                argon2(Argon2Kind::D, 0x13),
                [
                    "a47ab8a24359db78334b0221b4ce9599b5217eca3af06e3072648a6d7a5a729b",
                    "8a59653fe3890d81c1711c2cd8f62c6e7a241842c939958c856451bb1885d17b",
                    "0b11a5a8cb3e8761ed0656a14c34d027",
                    "c0d0789b43cf",
                ],
            ),
            (
                argon2(Argon2Kind::Id, 0x10),
                [
                    "9543a766c44f19682dd9064757f41337fec47a256f972360c36b05abe6d36efe",
                    "f38ab88175f3288bc2757646e85a7cb117dcc851aaff0b9047e527e20be192a9",
                    "6063d1043ce7d410fcbb94959ce974ef",
                    "6ae9b1abc334",
                ],
            ),
        ];
        let start = count(0);
        for (kdf, [header, block, aes, chacha20]) in rows {
            let right = keys("correct horse", &kdf).ok().unwrap();
            assert!(right.vouches_for_header(b"header", &hex(header)));
            assert!(!right.vouches_for_header(b"heaver", &hex(header)));
            assert!(right.vouches_for_block(1, b"block", &hex(block)));
            assert!(!right.vouches_for_block(2, b"block", &hex(block)));
            for (cipher, start, encrypted) in
                [(KdbxCipher::Aes, &start[..16], aes), (KdbxCipher::ChaCha20, &start[..12], chacha20)]
            {
                assert_eq!(right.open(cipher, start, &hex(encrypted)).ok().unwrap().expose_text(), Some("a text"));
                assert_eq!(right.open(cipher, &start[1..], &hex(encrypted)).err(), Some(DoesNotOpen));
            }
            let wrong = keys("correct horses", &kdf).ok().unwrap();
            assert!(!wrong.vouches_for_header(b"header", &hex(header)));
        }
    }

    #[test]
    fn values_are_opened_in_their_order() {
        let key = b"0123456789abcdef0123456789abcdef";
        for (number, first, second) in [(2, "304732", "9a533d"), (3, "9f1746", "b5122c"), (0, "6f6e65", "74776f")] {
            let mut stream = KdbxStream::of(number, key).unwrap();
            for (encrypted, text) in [(first, b"one"), (second, b"two")] {
                let mut value = hex(encrypted);
                stream.open(&mut value).unwrap();
                assert_eq!(value, text, "{number}");
            }
        }
        assert!(KdbxStream::of(1, key).is_none());
    }

    #[test]
    fn costs_are_refused_before_they_are_paid() {
        let aes = KdbxKdf::Aes { seed: count(0), rounds: 100_000_001 };
        assert!(
            matches!(keys("x", &aes), Err(KeyError::TooCostly { asked, .. }) if asked == "100000001 rounds of AES")
        );
        let cost = Argon2Cost { memory_kib: u64::MAX, passes: 1, lanes: 1 };
        let large = KdbxKdf::Argon2 { kind: Argon2Kind::D, version: 0x13, salt: vec![0; 32], cost };
        assert!(matches!(keys("x", &large), Err(KeyError::TooCostly { .. })));
        assert_eq!(keys("x", &argon2(Argon2Kind::D, 0x11)).err(), Some(KeyError::Senseless("version of Argon2")));
    }
}
