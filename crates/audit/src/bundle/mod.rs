//! A bundle for an auditor: chosen records, checkpoints and recordings in one ZIP file, with what it takes to prove them where no server is.
//!
//! ```text
//! README.txt                    what this is, and how to verify it
//! records.jsonl                 {"previous": hash of the record before, "record": …}, the newest first
//! checkpoints.jsonl             {"checkpoint": …}, the newest first
//! sessions/ID/session.json      what was recorded of a session
//! sessions/ID/part-00000.bin    its recording, part by part
//! manifest.json                 who made it, what was chosen, and each file with its size and SHA-256
//! manifest.sig                  the signature over the manifest
//! ```
//!
//! What it proves: the manifest is signed by the log's key, so that no file can be changed, left out or added. Each record comes with the
//! hash of the one before, so its own hash can be computed. Records that stand without a gap under a checkpoint follow from that checkpoint,
//! as in an export; others are vouched for by the manifest's signature, and by whoever has the whole log to compare the hashes with.

mod error;
mod layout;
mod verify;
mod write;

use countersign_model::{Timestamp, VaultId};
use countersign_seal::{SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::{ExportLine, Record};

pub use error::BundleError;
pub use verify::{BundleReport, verify_bundle};
pub use write::BundleWriter;

const FORMAT: &str = "countersign audit bundle v1";
const RECORDS: &str = "records.jsonl";
const CHECKPOINTS: &str = "checkpoints.jsonl";
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";

/// What a bundle says of itself, but for its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFacts {
    /// The vault whose log it is.
    pub vault: VaultId,
    /// When it was made.
    pub made_at: Timestamp,
    /// Who had it made.
    pub made_by: String,
    /// By what the records were chosen; empty for all.
    pub filter: Vec<(String, String)>,
    /// Whether all records that were chosen are here, or only the newest of them.
    pub complete: bool,
    /// How many records are here.
    pub records: u64,
    /// The sessions whose recordings are here.
    pub sessions: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: String,
    facts: BundleFacts,
    files: Vec<BundleFile>,
    /// The log's public key, Ed25519 in 64 hexadecimal digits.
    key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BundleFile {
    name: String,
    size: u64,
    sha256: String,
}

fn signed_text(manifest: &[u8]) -> String {
    format!("{FORMAT}\n{}\n", countersign_seal::Sha256::of(manifest))
}

fn sign(manifest: &[u8], key: &SigningKey) -> String {
    key.sign(signed_text(manifest).as_bytes())
}

fn is_signed(manifest: &[u8], key: &str, signature: &str) -> bool {
    VerifyingKey::from_hex(key).is_some_and(|key| key.verifies(signed_text(manifest).as_bytes(), signature))
}

/// A line of `records.jsonl`.
pub fn record_line(previous: &countersign_seal::Digest, record: &Record) -> String {
    // The record is written as an export writes it, so that it can be moved into one as it is.
    format!("{{\"previous\":\"{previous}\",\"record\":{}}}\n", ExportLine::Record(record.clone()).to_json())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use countersign_model::{Chance as _, CountingChance};
    use countersign_seal::VaultKey;
    use uuid::Uuid;

    use super::*;
    use crate::{ActorRef, AuditAction, AuditEntry, ChainHead, Checkpoint};

    /// A different one for each number, the same each time.
    fn key(number: usize) -> SigningKey {
        let chance = CountingChance::default();
        (0..number).for_each(|_| chance.fill(&mut [0; 32]));
        VaultKey::generate(vault(), &chance).audit_signing_key()
    }

    fn vault() -> VaultId {
        VaultId::from_uuid(Uuid::from_u128(7))
    }

    fn log(count: usize) -> Vec<Record> {
        let mut head = ChainHead::EMPTY;
        let entry = |n| AuditEntry::new(Timestamp::from_micros(n), ActorRef::system(), AuditAction::TokenRead);
        (0..count).map(|n| head.append(entry(n as i64))).collect()
    }

    fn checkpoint(log: &[Record], size: usize, key: &SigningKey) -> Checkpoint {
        let head = ChainHead { size: size as u64, root: log[size - 1].hash };
        Checkpoint::sign(vault(), head, Timestamp::from_seconds(9), key)
    }

    fn facts(records: u64) -> BundleFacts {
        let filter = vec![("act".to_owned(), "token.read".to_owned())];
        let (made_at, made_by) = (Timestamp::from_seconds(10), "root".to_owned());
        BundleFacts { vault: vault(), made_at, made_by, filter, complete: true, records, sessions: Vec::new() }
    }

    /// A bundle of these records of a log of ten, which a checkpoint covers.
    fn bundle(numbers: &[u64], change: impl Fn(u64, &mut Record)) -> Vec<u8> {
        let (log, key) = (log(10), key(1));
        let mut writer = BundleWriter::new();
        writer.begin("README.txt").unwrap();
        writer.write(b"hello").unwrap();
        writer.begin(RECORDS).unwrap();
        for number in numbers {
            let at = usize::try_from(*number).unwrap() - 1;
            let previous = if at == 0 { countersign_seal::Digest::ZERO } else { log[at - 1].hash };
            let mut record = log[at].clone();
            change(*number, &mut record);
            writer.write(record_line(&previous, &record).as_bytes()).unwrap();
        }
        writer.begin(CHECKPOINTS).unwrap();
        let line = ExportLine::Checkpoint(checkpoint(&log, 10, &key)).to_json() + "\n";
        writer.write(line.as_bytes()).unwrap();
        writer.begin("sessions/x/part-00000.bin").unwrap();
        writer.write(&[1, 2, 3]).unwrap();
        writer.finish(facts(numbers.len() as u64), &key).unwrap()
    }

    fn read(bytes: Vec<u8>, expected: Option<&str>) -> Result<BundleReport, String> {
        verify_bundle(Cursor::new(bytes), expected).map_err(|error| error.to_string())
    }

    #[test]
    fn a_sound_bundle_says_what_is_proven_by_what() {
        let expected = key(1).verifying_key().to_string();
        for (numbers, chained) in [
            (vec![10, 9, 8], 3),
            // A gap: what stands below it does not follow from the checkpoint.
            (vec![10, 9, 7, 6], 2),
            (vec![5, 4], 0),
            ((1..=10).rev().collect(), 10),
            (vec![], 0),
        ] {
            let report = read(bundle(&numbers, |_, _| {}), Some(&expected)).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((report.facts.records, report.chained), (numbers.len() as u64, chained), "{numbers:?}");
            assert_eq!((report.checkpoints, report.files, report.key.as_str()), (1, 4, expected.as_str()));
        }
        let wrong = read(bundle(&[10], |_, _| {}), Some(&key(2).verifying_key().to_string())).unwrap_err();
        assert!(wrong.contains("not by the expected"), "{wrong}");
    }

    #[test]
    fn a_record_that_was_changed_before_it_was_signed_is_found_by_its_hash() {
        let changed = bundle(&[10, 9], |seq, record| {
            if seq == 9 {
                record.entry.actor.name = "somebody else".to_owned();
            }
        });
        let error = read(changed, None).unwrap_err();
        assert!(error.contains("record 9"), "{error}");
        let moved = read(bundle(&[9, 10], |_, _| {}), None).unwrap_err();
        assert!(moved.contains("order"), "{moved}");
    }

    #[test]
    fn promise_10_no_byte_can_be_changed_and_nothing_added_or_left_out() {
        let sound = bundle(&[10, 9, 8], |_, _| {});
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x20;
            assert!(read(bytes, None).is_err(), "byte {at}");
            let (before, behind) = sound.split_at(at);
            assert!(read([before, b"x", behind].concat(), None).is_err(), "one more byte at {at}");
        }
        assert!(read([&sound[..], b"x"].concat(), None).is_err(), "one more byte at the end");
        for cut in [0, 10, sound.len() / 2, sound.len() - 1] {
            assert!(read(sound[..cut].to_vec(), None).is_err(), "cut at {cut}");
        }
        for at in 0..=7 {
            let error = read(repacked(&sound, at), None).unwrap_err();
            assert!(!error.is_empty(), "{at}");
        }
    }

    /// The same files, but for one thing.
    fn repacked(sound: &[u8], what: usize) -> Vec<u8> {
        use std::io::{Read as _, Write as _};
        let mut from = zip::ZipArchive::new(Cursor::new(sound)).unwrap();
        let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for index in 0..from.len() {
            let mut file = from.by_index(index).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            match (what, name.as_str()) {
                (0, "README.txt") | (1, RECORDS) | (2, SIGNATURE) => continue,
                (3, CHECKPOINTS) => bytes.clear(),
                (4, MANIFEST) => bytes = String::from_utf8(bytes).unwrap().replace("root", "boot").into_bytes(),
                _ => {}
            }
            to.start_file(name, options).unwrap();
            to.write_all(&bytes).unwrap();
        }
        if what == 5 {
            to.start_file("sessions/y/part-00000.bin", options).unwrap();
            to.write_all(b"added").unwrap();
        }
        // 6: the same files, packed by somebody else.
        if what == 7 {
            to.set_comment("see records-2.jsonl").unwrap();
        }
        to.finish().unwrap().into_inner()
    }

    #[test]
    fn promise_10_a_second_file_of_one_name_is_found_wherever_it_stands() {
        let sound = bundle(&[10, 9, 8], |_, _| {});
        let forged = bundle(&[10, 9], |_, _| {});
        // The directory of each is behind its files: the last one counts, and the files of the first are still there for some.
        for (first, last) in [(&forged, &sound), (&sound, &forged), (&sound, &sound)] {
            assert!(read([&first[..], &last[..]].concat(), None).is_err());
        }
    }

    #[test]
    fn bundles_from_before_are_written_so_still() {
        let digest = countersign_seal::Sha256::of(&bundle(&[10, 9, 8], |_, _| {})).to_string();
        assert_eq!(
            digest, "24707884a7cf050bf22fe2ec078f0923d0d45b05db6e23fa1632046c793e402f",
            "whoever has a bundle could verify it no more"
        );
    }

    #[test]
    fn another_key_vouches_for_nothing_of_this_one() {
        // Whoever has no key can sign it with one of their own, and it says so.
        let (log, mine) = (log(10), key(9));
        let mut writer = BundleWriter::new();
        writer.begin(RECORDS).unwrap();
        writer.begin(CHECKPOINTS).unwrap();
        let line = ExportLine::Checkpoint(checkpoint(&log, 10, &key(1))).to_json() + "\n";
        writer.write(line.as_bytes()).unwrap();
        let error = read(writer.finish(facts(0), &mine).unwrap(), None).unwrap_err();
        assert!(error.contains("another key"), "{error}");
    }
}
