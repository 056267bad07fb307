use std::{
    collections::BTreeMap,
    fmt,
    io::{self, BufRead, Read as _},
};

use countersign_model::{Timestamp, VaultId};
use countersign_seal::Digest;

use crate::{ChainHead, Checkpoint, ExportLine, Record};

// A record is under 20 kB by the limits on names, reasons and details; a longer line is no export of ours.
const LONGEST_LINE: u64 = 1 << 20;

/// What a sound export says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Records read.
    pub records: u64,
    /// Checkpoints read, each with a good signature and the root that the records give.
    pub checkpoints: u64,
    /// The newest checkpoint, which covers every record.
    pub newest: Checkpoint,
}

/// An export that could not be read through, or that is not what the vault wrote.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The file cannot be read.
    #[error("the export cannot be read")]
    Read(#[from] io::Error),
    /// The log is not whole.
    #[error("line {line}: {finding}")]
    Found {
        /// The line, from 1.
        line: u64,
        /// What is wrong there.
        finding: Finding,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Not a line of an export.
    Unreadable(String),
    /// Records are missing, or were moved: the number that should stand here, and the one that does.
    Missing {
        /// The number that should stand here.
        expected: u64,
        /// The number that stands here.
        found: u64,
    },
    /// The record was changed, or one before it was replaced.
    Changed {
        /// Its number.
        seq: u64,
    },
    /// The checkpoint's signature does not hold.
    Forged {
        /// The records it claims to cover.
        size: u64,
    },
    /// The checkpoint was signed by another key than the one expected.
    OtherKey {
        /// The key that was expected.
        expected: String,
        /// The key that signed.
        found: String,
    },
    /// Checkpoints of two vaults.
    OtherVault {
        /// The vault of the first checkpoint.
        expected: VaultId,
        /// The vault of this one.
        found: VaultId,
    },
    /// The records give another root than the one signed: history was rewritten.
    OtherRoot {
        /// The records the checkpoint covers.
        size: u64,
        /// When it was signed.
        signed: Timestamp,
    },
    /// The export ends before what a checkpoint covers.
    CutOff {
        /// The records there should be.
        covered: u64,
        /// The records there are.
        found: u64,
    },
    /// Records after the last checkpoint: nobody signed them.
    NotCovered {
        /// The last record that a checkpoint covers.
        covered: u64,
        /// The records there are.
        found: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(problem) => f.write_str(problem),
            Self::Missing { expected, found } if found > expected => {
                write!(
                    f,
                    "record {expected} is missing: record {found} stands in its place, so it was deleted or moved"
                )
            }
            Self::Missing { expected, found } => {
                write!(f, "record {found} stands where record {expected} should: records were moved or repeated")
            }
            Self::Changed { seq } => write!(f, "record {seq} was changed, or the one before it was replaced"),
            Self::Forged { size } => {
                write!(f, "the signature of the checkpoint over {size} records does not hold: it was forged or changed")
            }
            Self::OtherKey { expected, found } => {
                write!(f, "the checkpoint was signed by key {found}, not by the expected {expected}")
            }
            Self::OtherVault { expected, found } => {
                write!(f, "this checkpoint belongs to vault {found}, the first one to vault {expected}")
            }
            Self::OtherRoot { size, signed } => {
                write!(f, "the first {size} records are not those that were signed at {signed}: history was rewritten")
            }
            Self::CutOff { covered, found } => {
                write!(f, "a checkpoint covers {covered} records, but only {found} are here: the end was cut off")
            }
            Self::NotCovered { covered: 0, found } => {
                write!(f, "no checkpoint covers the {found} records: nobody signed them")
            }
            Self::NotCovered { covered, found } => {
                let from = covered + 1;
                write!(f, "records {from} to {found} are covered by no checkpoint: nobody signed them")?;
                f.write_str(" (while a log is being written, the next checkpoint covers them within the hour)")
            }
        }
    }
}

/// Reads an export through and checks all of it: numbers without a gap, each hash over its record and the one before,
/// each checkpoint's signature and root, and that a checkpoint covers the end.
///
/// `expected_key` is the vault's public key when the reader knows it. Without it the export is proven against its own
/// key only, and the reader should compare [`Report::newest`]'s key with the one that the server shows.
/// `kept` is a checkpoint that the reader kept elsewhere: the log must still contain what it covers.
pub fn verify(
    mut export: impl BufRead,
    expected_key: Option<&str>,
    kept: Option<&Checkpoint>,
) -> Result<Report, VerifyError> {
    let mut reading = Reading { expected_key, ..Reading::default() };
    if let Some(kept) = kept {
        reading.checkpoint(kept.clone()).map_err(|finding| VerifyError::Found { line: 0, finding })?;
        reading.checkpoints = 0;
    }
    let (mut text, mut line) = (Vec::new(), 0);
    loop {
        text.clear();
        line += 1;
        if export.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        reading.line(&text).map_err(|finding| VerifyError::Found { line, finding })?;
    }
    reading.finish().map_err(|finding| VerifyError::Found { line, finding })
}

#[derive(Default)]
struct Reading<'a> {
    expected_key: Option<&'a str>,
    head: Option<ChainHead>,
    checkpoints: u64,
    /// Checkpoints whose records have not come yet, by size.
    awaited: BTreeMap<u64, Vec<Checkpoint>>,
    newest: Option<Checkpoint>,
    /// Roots at sizes already passed are not kept; a checkpoint that comes after its record must stand right behind it.
    covered: u64,
}

impl Reading<'_> {
    fn head(&self) -> ChainHead {
        self.head.unwrap_or(ChainHead::EMPTY)
    }

    fn line(&mut self, bytes: &[u8]) -> Result<(), Finding> {
        let text = str::from_utf8(bytes).map_err(|_| Finding::Unreadable("is not text in UTF-8".to_owned()))?;
        match ExportLine::parse(text).map_err(|error| Finding::Unreadable(error.to_string()))? {
            ExportLine::Checkpoint(checkpoint) => self.checkpoint(checkpoint),
            ExportLine::Record(record) => self.record(&record),
        }
    }

    fn record(&mut self, record: &Record) -> Result<(), Finding> {
        let mut head = self.head();
        if record.seq != head.size + 1 {
            return Err(Finding::Missing { expected: head.size + 1, found: record.seq });
        }
        if !record.is_chained_to(&head.root) {
            return Err(Finding::Changed { seq: record.seq });
        }
        head = ChainHead { size: record.seq, root: record.hash };
        self.head = Some(head);
        for checkpoint in self.awaited.remove(&head.size).unwrap_or_default() {
            self.compare(&checkpoint, head.root)?;
        }
        Ok(())
    }

    fn checkpoint(&mut self, checkpoint: Checkpoint) -> Result<(), Finding> {
        if !checkpoint.is_genuine() {
            return Err(Finding::Forged { size: checkpoint.size });
        }
        let expected = self.expected_key.or(self.newest.as_ref().map(|newest| newest.key.as_str()));
        if let Some(expected) = expected.filter(|expected| *expected != checkpoint.key) {
            return Err(Finding::OtherKey { expected: expected.to_owned(), found: checkpoint.key });
        }
        if let Some(first) = self.newest.as_ref().filter(|first| first.vault != checkpoint.vault) {
            return Err(Finding::OtherVault { expected: first.vault, found: checkpoint.vault });
        }
        self.checkpoints += 1;
        if self.newest.as_ref().is_none_or(|newest| checkpoint.size > newest.size) {
            self.newest = Some(checkpoint.clone());
        }
        let head = self.head();
        if checkpoint.size == head.size {
            return self.compare(&checkpoint, head.root);
        }
        if checkpoint.size < head.size {
            return Err(Finding::Unreadable(format!("a checkpoint over {} records stands too late", checkpoint.size)));
        }
        self.awaited.entry(checkpoint.size).or_default().push(checkpoint);
        Ok(())
    }

    fn compare(&mut self, checkpoint: &Checkpoint, root: Digest) -> Result<(), Finding> {
        if checkpoint.root() != Some(root) {
            return Err(Finding::OtherRoot { size: checkpoint.size, signed: checkpoint.time });
        }
        self.covered = self.covered.max(checkpoint.size);
        Ok(())
    }

    fn finish(self) -> Result<Report, Finding> {
        let found = self.head().size;
        if let Some((&covered, _)) = self.awaited.last_key_value() {
            return Err(Finding::CutOff { covered, found });
        }
        match self.newest {
            Some(newest) if self.covered >= found => {
                Ok(Report { records: found, checkpoints: self.checkpoints, newest })
            }
            _ => Err(Finding::NotCovered { covered: self.covered, found }),
        }
    }
}
