//! Reads a bundle through and says what holds of it. It needs no server, no key and no network.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead, BufReader, Read, Seek},
};

use countersign_seal::{Digest, Sha256};
use serde::Deserialize;
use serde_json::Value;
use zip::ZipArchive;

use super::{
    BundleError, BundleFacts, BundleFile, CHECKPOINTS, FORMAT, MANIFEST, Manifest, RECORDS, SIGNATURE, is_signed,
    layout::{Shared, check_layout},
};
use crate::{Checkpoint, ExportLine, Record};

const LARGEST_MANIFEST: u64 = 16 << 20;
const LONGEST_LINE: u64 = 1 << 20;
const MOST_FILES: usize = 100_000;

/// What a sound bundle says, and what it is proven by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleReport {
    /// What it says of itself, signed.
    pub facts: BundleFacts,
    /// The key that signed it, Ed25519 in 64 hexadecimal digits.
    pub key: String,
    /// How many records follow from a checkpoint without a gap. The others are vouched for by the signature over the bundle alone.
    pub chained: u64,
    /// How many checkpoints it has, each with a good signature.
    pub checkpoints: u64,
    /// How many files it has beside the manifest, each as the manifest says.
    pub files: u64,
}

fn found(text: impl Into<String>) -> BundleError {
    BundleError::Found(text.into())
}

/// Checks all of a bundle. `expected_key` is the log's public key when the reader knows it; without it the bundle is proven against its own
/// key only, and the reader should compare [`BundleReport::key`] with the one that the server shows.
///
/// # Errors
/// The first thing that does not hold.
pub fn verify_bundle(file: impl Read + Seek, expected_key: Option<&str>) -> Result<BundleReport, BundleError> {
    let file = Shared::new(file);
    let again = file.again();
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    let manifest = manifest(&mut archive, expected_key)?;
    check_files(&mut archive, &manifest)?;
    check_layout(&mut archive, again)?;
    let checkpoints = checkpoints(&mut archive, &manifest)?;
    let (records, chained) = records(&mut archive, &checkpoints)?;
    if records != manifest.facts.records {
        return Err(found(format!("the manifest names {} records, {records} are here", manifest.facts.records)));
    }
    Ok(BundleReport {
        facts: manifest.facts,
        key: manifest.key,
        chained,
        checkpoints: checkpoints.len() as u64,
        files: manifest.files.len() as u64,
    })
}

type Archive<R> = ZipArchive<BufReader<R>>;

fn manifest<R: Read + Seek>(archive: &mut Archive<R>, expected_key: Option<&str>) -> Result<Manifest, BundleError> {
    let text = whole(archive, MANIFEST)?;
    let signature = whole(archive, SIGNATURE)?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| found(format!("the manifest cannot be read: {error}")))?;
    if manifest.format != FORMAT {
        return Err(found("this is a bundle of another version: use the program that made it"));
    }
    let signature = String::from_utf8_lossy(&signature);
    if !is_signed(&text, &manifest.key, signature.trim()) {
        return Err(found("the manifest's signature does not hold: it was changed or forged"));
    }
    match expected_key.filter(|expected| *expected != manifest.key) {
        Some(expected) => {
            Err(found(format!("the bundle was signed by key {}, not by the expected {expected}", manifest.key)))
        }
        None => Ok(manifest),
    }
}

fn whole<R: Read + Seek>(archive: &mut Archive<R>, name: &str) -> Result<Vec<u8>, BundleError> {
    let file = archive.by_name(name).map_err(|_| found(format!("{name} is missing")))?;
    let mut bytes = Vec::new();
    file.take(LARGEST_MANIFEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Each file is there as the manifest says, and no other.
fn check_files<R: Read + Seek>(archive: &mut Archive<R>, manifest: &Manifest) -> Result<(), BundleError> {
    if archive.len() > MOST_FILES {
        return Err(found("the bundle has too many files"));
    }
    let listed: BTreeMap<&str, &BundleFile> = manifest.files.iter().map(|file| (file.name.as_str(), file)).collect();
    let mut seen = BTreeSet::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index)?;
        let name = file.name()?.into_owned();
        seen.insert(name.clone());
        if name == MANIFEST || name == SIGNATURE {
            continue;
        }
        let Some(said) = listed.get(name.as_str()) else {
            return Err(found(format!("{name} was added: the manifest does not name it")));
        };
        let (size, hash) = hashed(&mut file)?;
        if size != said.size || hash.to_string() != said.sha256 {
            return Err(found(format!("{name} was changed")));
        }
    }
    match listed.keys().find(|name| !seen.contains(**name)) {
        Some(missing) => Err(found(format!("{missing} is missing"))),
        None => Ok(()),
    }
}

fn hashed(file: &mut impl Read) -> io::Result<(u64, Digest)> {
    let (mut size, mut hash, mut buffer) = (0, Sha256::default(), vec![0; 64 * 1_024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((size, hash.finish())),
            count => {
                size += count as u64;
                hash.update(&buffer[..count]);
            }
        }
    }
}

/// Calls `each` with the lines of a file.
fn lines<R: Read + Seek>(
    archive: &mut Archive<R>,
    name: &str,
    mut each: impl FnMut(&str) -> Result<(), BundleError>,
) -> Result<(), BundleError> {
    let mut reader = BufReader::new(archive.by_name(name).map_err(|_| found(format!("{name} is missing")))?);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        each(str::from_utf8(&line).map_err(|_| found(format!("{name} is not text in UTF-8")))?.trim_end())?;
    }
}

/// Checkpoints by their sizes.
fn checkpoints<R: Read + Seek>(
    archive: &mut Archive<R>,
    manifest: &Manifest,
) -> Result<BTreeMap<u64, Checkpoint>, BundleError> {
    let mut kept = BTreeMap::new();
    lines(archive, CHECKPOINTS, |line| {
        let Ok(ExportLine::Checkpoint(checkpoint)) = ExportLine::parse(line) else {
            return Err(found(format!("{CHECKPOINTS} holds what is no checkpoint")));
        };
        let size = checkpoint.size;
        if checkpoint.key != manifest.key || checkpoint.vault != manifest.facts.vault {
            return Err(found(format!("the checkpoint over {size} records is by another key or of another vault")));
        }
        if !checkpoint.is_genuine() {
            return Err(found(format!("the signature of the checkpoint over {size} records does not hold")));
        }
        kept.insert(size, checkpoint);
        Ok(())
    })?;
    Ok(kept)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Linked {
    previous: String,
    record: Value,
}

/// How many records there are, and how many of them follow from a checkpoint.
fn records<R: Read + Seek>(
    archive: &mut Archive<R>,
    checkpoints: &BTreeMap<u64, Checkpoint>,
) -> Result<(u64, u64), BundleError> {
    let (mut count, mut chained) = (0, 0);
    // The record above: its number, the hash that it gives for the one before, and whether it follows from a checkpoint.
    let mut above: Option<(u64, Digest, bool)> = None;
    lines(archive, RECORDS, |line| {
        let (previous, record) = linked(line)?;
        let seq = record.seq;
        if !record.is_chained_to(&previous) {
            return Err(found(format!("record {seq} was changed: its hash is not that of what it says")));
        }
        if above.is_some_and(|(above, _, _)| seq >= above) {
            return Err(found(format!("record {seq} stands out of order")));
        }
        let mut follows = false;
        if let Some((_, hash, anchored)) = above.filter(|(above, _, _)| seq + 1 == *above) {
            if hash != record.hash {
                return Err(found(format!(
                    "record {} does not follow from record {seq}: one of them was replaced",
                    seq + 1
                )));
            }
            follows = anchored;
        }
        if let Some(checkpoint) = checkpoints.get(&seq) {
            if checkpoint.root() != Some(record.hash) {
                return Err(found(format!("record {seq} is not the one that was signed at {}", checkpoint.time)));
            }
            follows = true;
        }
        count += 1;
        chained += u64::from(follows);
        above = Some((seq, previous, follows));
        Ok(())
    })?;
    Ok((count, chained))
}

fn linked(line: &str) -> Result<(Digest, Record), BundleError> {
    let wrong = |error: &dyn std::fmt::Display| found(format!("{RECORDS} holds what is no record: {error}"));
    let linked: Linked = serde_json::from_str(line).map_err(|error| wrong(&error))?;
    let previous = Digest::from_hex(&linked.previous).ok_or_else(|| wrong(&"its hash is no hash"))?;
    match ExportLine::parse(&linked.record.to_string()) {
        Ok(ExportLine::Record(record)) => Ok((previous, record)),
        Ok(ExportLine::Checkpoint(_)) => Err(wrong(&"it is a checkpoint")),
        Err(error) => Err(wrong(&error)),
    }
}
