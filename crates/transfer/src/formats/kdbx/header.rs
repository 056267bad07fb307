//! What stands before the encrypted part: which cipher, and how the password becomes its key.

use countersign_seal::foreign::{Argon2Cost, Argon2Kind, KdbxCipher, KdbxKdf};

use super::bytes::{Bytes, damaged, refused};
use crate::formats::FileProblem;

/// The first eight bytes of KeePass 2.
pub(super) const SIGNATURE: [u8; 8] = [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5];

/// The first eight bytes of KeePass 1.
pub(super) const OLD_SIGNATURE: [u8; 8] = [0x03, 0xd9, 0xa2, 0x9a, 0x65, 0xfb, 0x4b, 0xb5];

/// The forms that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// 3.0 and 3.1.
    Three,
    /// 4.0 and 4.1.
    Four,
}

/// A header that is complete.
pub(super) struct FileHeader {
    pub(super) version: Version,
    /// How many bytes it has.
    pub(super) length: usize,
    pub(super) cipher: KdbxCipher,
    /// Whether what is encrypted was packed with gzip.
    pub(super) is_packed: bool,
    pub(super) master_seed: Vec<u8>,
    /// The start of the cipher: 16 bytes, or 12 for ChaCha20.
    pub(super) start: Vec<u8>,
    pub(super) kdf: KdbxKdf,
    /// What version 3 has here, and version 4 within.
    pub(super) inner: InnerOfVersion3,
}

/// What only the header of version 3 says.
#[derive(Default)]
pub(super) struct InnerOfVersion3 {
    pub(super) stream: u32,
    pub(super) stream_key: Vec<u8>,
    /// How what is encrypted begins, if the key is right.
    pub(super) begins_with: Vec<u8>,
}

/// Fields as they stand in the file.
#[derive(Default)]
struct Fields<'b> {
    cipher: Option<&'b [u8]>,
    packed: Option<&'b [u8]>,
    master_seed: Option<&'b [u8]>,
    transform_seed: Option<&'b [u8]>,
    rounds: Option<&'b [u8]>,
    start: Option<&'b [u8]>,
    stream_key: Option<&'b [u8]>,
    begins_with: Option<&'b [u8]>,
    stream: Option<&'b [u8]>,
    kdf: Option<&'b [u8]>,
}

impl FileHeader {
    /// Reads it.
    ///
    /// # Errors
    /// It is cut, a field has no meaning, or it asks for something that is not supported.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, FileProblem> {
        let mut rest = Bytes { rest: bytes };
        let cut = || damaged("its header, which ends in the middle");
        rest.take(SIGNATURE.len()).ok_or_else(cut)?;
        let (minor, major) = rest.u16().zip(rest.u16()).ok_or_else(cut)?;
        let version = match major {
            3 => Version::Three,
            4 => Version::Four,
            _ => {
                return Err(refused(&format!(
                    "its version, {major}.{minor}, is not supported: 3.1 and 4 are; save it so"
                )));
            }
        };
        let fields = Fields::of(&mut rest, version).ok_or_else(cut)?;
        let length = bytes.len() - rest.rest.len();
        let cipher = fields.cipher()?;
        let start = fields.start.ok_or_else(|| damaged("its header's start of the cipher, which is missing"))?;
        let is_packed = match number(fields.packed, "compression")? {
            0 => false,
            1 => true,
            _ => return Err(damaged("its header's compression")),
        };
        let master_seed = fields.master_seed.filter(|seed| !seed.is_empty());
        Ok(Self {
            version,
            length,
            cipher,
            is_packed,
            master_seed: master_seed.ok_or_else(|| damaged("its header's seed, which is missing"))?.to_vec(),
            start: start.to_vec(),
            kdf: match version {
                Version::Three => fields.aes_rounds()?,
                Version::Four => Dictionary::of(fields.kdf).and_then(|kdf| kdf.kdf())?,
            },
            inner: match version {
                Version::Three => fields.inner()?,
                Version::Four => InnerOfVersion3::default(),
            },
        })
    }
}

impl<'b> Fields<'b> {
    fn of(rest: &mut Bytes<'b>, version: Version) -> Option<Self> {
        let mut fields = Self::default();
        loop {
            let id = rest.byte()?;
            let value = match version {
                Version::Three => {
                    let length = rest.u16()?;
                    rest.take(usize::from(length))?
                }
                Version::Four => rest.sized()?,
            };
            match id {
                0 => return Some(fields),
                2 => fields.cipher = Some(value),
                3 => fields.packed = Some(value),
                4 => fields.master_seed = Some(value),
                5 => fields.transform_seed = Some(value),
                6 => fields.rounds = Some(value),
                7 => fields.start = Some(value),
                8 => fields.stream_key = Some(value),
                9 => fields.begins_with = Some(value),
                10 => fields.stream = Some(value),
                11 => fields.kdf = Some(value),
                // A comment, and what programs keep for themselves.
                _ => {}
            }
        }
    }

    fn cipher(&self) -> Result<KdbxCipher, FileProblem> {
        match self.cipher.and_then(<[u8]>::first_chunk::<16>) {
            Some(id) if *id == AES => Ok(KdbxCipher::Aes),
            Some(id) if *id == CHACHA20 => Ok(KdbxCipher::ChaCha20),
            Some(id) if *id == TWOFISH => {
                Err(refused("it is encrypted with Twofish: save it with AES-256 or ChaCha20"))
            }
            Some(_) => Err(refused("its cipher is not supported: save it with AES-256 or ChaCha20")),
            None => Err(damaged("its header's cipher")),
        }
    }

    fn aes_rounds(&self) -> Result<KdbxKdf, FileProblem> {
        let seed = self.transform_seed.and_then(|seed| <[u8; 32]>::try_from(seed).ok());
        let rounds = self.rounds.and_then(|rounds| <[u8; 8]>::try_from(rounds).ok());
        Ok(KdbxKdf::Aes {
            seed: seed.ok_or_else(|| damaged("its header's seed of the key"))?,
            rounds: u64::from_le_bytes(rounds.ok_or_else(|| damaged("its header's rounds of the key"))?),
        })
    }

    fn inner(&self) -> Result<InnerOfVersion3, FileProblem> {
        let begins_with = self.begins_with.filter(|begins_with| begins_with.len() == 32);
        Ok(InnerOfVersion3 {
            stream: number(self.stream, "inner cipher")?,
            stream_key: self.stream_key.ok_or_else(|| damaged("its header's inner key"))?.to_vec(),
            begins_with: begins_with.ok_or_else(|| damaged("its header's first bytes"))?.to_vec(),
        })
    }
}

fn number(field: Option<&[u8]>, name: &str) -> Result<u32, FileProblem> {
    let bytes = field.and_then(|field| <[u8; 4]>::try_from(field).ok());
    bytes.map(u32::from_le_bytes).ok_or_else(|| damaged(&format!("its header's {name}")))
}

/// Names with values, in which version 4 says how the password becomes the key.
#[derive(Default)]
struct Dictionary<'b> {
    entries: Vec<(&'b [u8], &'b [u8])>,
}

/// More names has no dictionary.
const MOST_NAMES: usize = 100;

impl<'b> Dictionary<'b> {
    fn of(field: Option<&'b [u8]>) -> Result<Self, FileProblem> {
        let wrong = || damaged("its header's parameters of the key");
        let mut rest = Bytes { rest: field.ok_or_else(wrong)? };
        rest.u16().filter(|version| version >> 8 == 1).ok_or_else(wrong)?;
        let mut dictionary = Self::default();
        // Each value's kind is known by its name.
        while rest.byte().ok_or_else(wrong)? != 0 && dictionary.entries.len() < MOST_NAMES {
            let name = rest.sized().ok_or_else(wrong)?;
            dictionary.entries.push((name, rest.sized().ok_or_else(wrong)?));
        }
        Ok(dictionary)
    }

    fn value(&self, name: &str) -> Result<&'b [u8], FileProblem> {
        let value = self.entries.iter().find(|(own, _)| *own == name.as_bytes()).map(|(_, value)| *value);
        value.ok_or_else(|| damaged(&format!("its header's parameter {name} of the key, which is missing")))
    }

    /// A number of four or eight bytes.
    fn number(&self, name: &str) -> Result<u64, FileProblem> {
        let value = self.value(name)?;
        let four = || <[u8; 4]>::try_from(value).ok().map(|value| u64::from(u32::from_le_bytes(value)));
        let eight = <[u8; 8]>::try_from(value).ok().map(u64::from_le_bytes);
        eight.or_else(four).ok_or_else(|| damaged(&format!("its header's parameter {name} of the key")))
    }

    fn kdf(&self) -> Result<KdbxKdf, FileProblem> {
        let kind = match self.value("$UUID")? {
            id if id == AES_ROUNDS || id == AES_ROUNDS_OF_VERSION_4 => {
                let seed =
                    <[u8; 32]>::try_from(self.value("S")?).map_err(|_| damaged("its header's seed of the key"))?;
                return Ok(KdbxKdf::Aes { seed, rounds: self.number("R")? });
            }
            id if id == ARGON2D => Argon2Kind::D,
            id if id == ARGON2ID => Argon2Kind::Id,
            _ => return Err(refused("its key is made in a way that is not supported: save it with Argon2 or AES-KDF")),
        };
        if self.value("K").is_ok_and(|key| !key.is_empty()) || self.value("A").is_ok_and(|data| !data.is_empty()) {
            return Err(refused("its key is made of more than the password: save it with a password alone"));
        }
        let lanes = u32::try_from(self.number("P")?).unwrap_or(u32::MAX);
        Ok(KdbxKdf::Argon2 {
            kind,
            version: u32::try_from(self.number("V")?).unwrap_or(u32::MAX),
            salt: self.value("S")?.to_vec(),
            cost: Argon2Cost { memory_kib: self.number("M")? / 1024, passes: self.number("I")?, lanes },
        })
    }
}

const AES: [u8; 16] = 0x31c1_f2e6_bf71_4350_be58_0521_6afc_5aff_u128.to_be_bytes();
const CHACHA20: [u8; 16] = 0xd603_8a2b_8b6f_4cb5_a524_339a_31db_b59a_u128.to_be_bytes();
const TWOFISH: [u8; 16] = 0xad68_f29f_576f_4bb9_a36a_d47a_f965_346c_u128.to_be_bytes();
const AES_ROUNDS: [u8; 16] = 0xc9d9_f39a_628a_4460_bf74_0d08_c18a_4fea_u128.to_be_bytes();
const AES_ROUNDS_OF_VERSION_4: [u8; 16] = 0x7c02_bb82_79a7_4ac0_927d_114a_0064_8238_u128.to_be_bytes();
const ARGON2D: [u8; 16] = 0xef63_6ddf_8c29_444b_91f7_a9a4_03e3_0a0c_u128.to_be_bytes();
const ARGON2ID: [u8; 16] = 0x9e29_8b19_56db_4773_b23d_fc3e_c6f0_a1e6_u128.to_be_bytes();
