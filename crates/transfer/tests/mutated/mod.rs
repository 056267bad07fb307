//! Samples of every format, changed by chance that can be repeated, and what must hold of whatever comes of them.

use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use countersign_seal::Secret;
use countersign_transfer::{ColumnMapping, Import, ImportLimits, ImportRefusal, ReadError, table_head};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A file as a program wrote it.
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    /// What opens it.
    pub(crate) password: Option<&'static str>,
    /// Whether its key takes so long that it is seldom made.
    pub(crate) is_costly: bool,
}

/// Where the samples lie.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/samples")
}

/// All samples in the order of their names.
pub(crate) fn samples() -> std::io::Result<Vec<Sample>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder())?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    let sample = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_costly = ["stratum_encrypted", "keepass-costly", "keepass-4-argon2d", "keepass-4.1"]
            .iter()
            .any(|start| name.starts_with(start));
        Ok(Sample { bytes: std::fs::read(&path)?, password: password_of(&name), is_costly, name })
    };
    paths.into_iter().map(sample).collect()
}

fn password_of(name: &str) -> Option<&'static str> {
    let is_of = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if is_of(&["keepass", "bitwarden-pbkdf2", "bitwarden-argon2id"]) {
        Some("correct horse")
    } else if is_of(&["encrypted", "backup", "authenticator_plus.zip", "winauth.zip"]) {
        Some("mara’s file password")
    } else {
        None
    }
}

/// Numbers that look like chance and come again in the same order (Steele, Lea and Flood's SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another, which is not zero.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        let most = u64::try_from(most.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % most).unwrap_or_default()
    }

    fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        let place = self.below(all.len());
        &all[place]
    }
}

/// What is put in: marks of all formats, numbers at the edges, and what is encoded wrongly.
const PIECES: [&[u8]; 44] = [
    b"",
    b"\"",
    b"'",
    b",",
    b";",
    b"\t",
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\x1a",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e309",
    b"18446744073709551615",
    b"18446744073709551616",
    b"4294967296",
    b"\\u0000",
    b"\\ud800",
    b"<",
    b"/>",
    b"&#0;",
    b"&quot;",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"<![CDATA[",
    b"otpauth://totp/A:b?secret=JBSWY3DPEHPK3PXP&issuer=A",
    b"otpauth-migration://offline?data=CgA%3D",
    b"%",
    b"%00",
    b"sep=;\n",
    b"PK\x01\x02",
    b"=",
];

/// The file with one to eight changes; `other` is another sample.
pub(crate) fn changed(chance: &mut Chance, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len() + 1);
        let until = at + chance.below(bytes.len() - at + 1);
        let near = at + chance.below(17).min(bytes.len() - at);
        match chance.below(12) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..near)),
            2 => drop(bytes.drain(at..until)),
            3 => drop(bytes.splice(at..at, chance.one_of(&PIECES).iter().copied())),
            4 => drop(bytes.splice(at..near, chance.one_of(&PIECES).iter().copied())),
            5 => {
                let piece = bytes[at..until].to_vec();
                bytes.splice(at..at, piece);
            }
            6 => {
                let from = chance.below(other.len() + 1);
                let to = from + chance.below((other.len() - from + 1).min(400));
                bytes.splice(at..near, other[from..to].iter().copied());
            }
            7 => bytes[at..near].reverse(),
            8 => {
                let byte = u8::try_from(chance.below(256)).unwrap_or_default();
                bytes[at..near].fill(byte);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
        }
        // What grows by itself over many changes says nothing new.
        bytes.truncate(1 << 20);
    }
    bytes
}

/// An archive with one of its files changed and all packed anew, so that what reads them is reached; `None` where it is no archive, or an
/// encrypted one.
pub(crate) fn changed_within(chance: &mut Chance, bytes: &[u8], other: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let place = chance.below(archive.len());
    let mut written = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).ok()?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).ok()?;
        if index == place {
            content = changed(chance, &content, other);
        }
        let name = file.name().ok()?.into_owned();
        written.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).ok()?;
        written.write_all(&content).ok()?;
    }
    Some(written.finish().ok()?.into_inner())
}

/// Secrets of the samples, which no refusal repeats.
const SECRETS: [&str; 3] = ["s3cret", "correct horse", "JBSWY3DPEHPK3PX"];

/// Reads a file in every way, and says what must not be: a file of which nothing is said, an account with nothing in it, a refusal that
/// says nothing, too much, or a secret.
pub(crate) fn check(name: &str, bytes: &[u8], password: Option<&str>) -> Result<Import, String> {
    let mut import = Import::new(ImportLimits::default());
    let password = password.map(|password| Secret::from(password.to_owned()));
    match import.read(name, bytes, password.as_ref()) {
        Ok(()) if import.items().is_empty() => return Err("nothing is said of it".to_owned()),
        Ok(()) | Err(ReadError::TooMany { .. } | ReadError::TooLarge { .. }) => {}
        Err(error) => return Err(format!("it is not read: {error}")),
    }
    for item in import.items() {
        match &item.outcome {
            Ok(account) if account.secret.is_none() && account.password.is_none() => {
                return Err(format!("{} has nothing to sign in with", item.place));
            }
            Ok(_) => {}
            Err(refusal) => check_refusal(refusal).map_err(|problem| format!("{}: {problem}", item.place))?,
        }
    }
    table_head(name, bytes);
    let all = ColumnMapping {
        name: Some(0),
        user: Some(1),
        password: Some(1),
        site: Some(0),
        second_factor: Some(0),
        notes: Some(1),
        tags: Some(0),
    };
    let mut table = Import::new(ImportLimits::default());
    match table.read_table(name, bytes, &all) {
        Ok(()) if table.items().is_empty() => Err("nothing is said of it as a table".to_owned()),
        _ => Ok(import),
    }
}

fn check_refusal(refusal: &ImportRefusal) -> Result<(), String> {
    let text = refusal.to_string();
    if text.trim().is_empty() || text.len() > 1000 {
        return Err(format!("a refusal of {} bytes", text.len()));
    }
    match SECRETS.iter().find(|secret| text.contains(**secret)) {
        Some(_) => Err("a refusal that repeats a secret".to_owned()),
        None => Ok(()),
    }
}
