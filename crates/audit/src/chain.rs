use countersign_seal::{Digest, Sha256};

use crate::{AuditEntry, Detail};

const DOMAIN: &[u8] = b"countersign audit record v1";

/// Where the log stands: how many records it has, and the hash of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Records so far; also the number of the last.
    pub size: u64,
    /// The hash of the last record, which stands for all before it.
    pub root: Digest,
}

impl ChainHead {
    /// A log without records.
    pub const EMPTY: Self = Self { size: 0, root: Digest::ZERO };

    /// Gives the entry the next place.
    pub fn append(&mut self, entry: AuditEntry) -> Record {
        self.size += 1;
        self.root = hash(self.size, &self.root, &entry);
        Record { seq: self.size, entry, hash: self.root }
    }

    /// Goes on by a record that was chained before, when it follows; tells whether it did.
    pub fn follow(&mut self, record: &Record) -> bool {
        let follows = record.seq == self.size + 1 && hash(record.seq, &self.root, &record.entry) == record.hash;
        if follows {
            *self = Self { size: record.seq, root: record.hash };
        }
        follows
    }
}

/// An entry at its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// What happened.
    pub entry: AuditEntry,
    /// Over the entry and the record before it.
    pub hash: Digest,
}

impl Record {
    /// Whether the record's own hash follows from `previous`.
    pub(crate) fn is_chained_to(&self, previous: &Digest) -> bool {
        hash(self.seq, previous, &self.entry) == self.hash
    }
}

/// The fields in their order; absent ones are empty, lists are counted.
fn hash(seq: u64, previous: &Digest, entry: &AuditEntry) -> Digest {
    let mut hash = Sha256::default();
    hash.field(DOMAIN);
    hash.field(&seq.to_le_bytes());
    hash.field(previous.bytes());
    hash.field(&entry.at.micros().to_le_bytes());
    hash.field(entry.actor.kind.name().as_bytes());
    hash.field(entry.actor.id.as_ref().map_or(&[][..], |id| id.as_bytes()));
    hash.field(entry.actor.name.as_bytes());
    hash.field(entry.act.as_bytes());
    match &entry.object {
        None => hash.field(b""),
        Some(object) => {
            hash.field(object.kind.name().as_bytes());
            hash.field(object.id.as_ref().map_or(&[][..], |id| id.as_bytes()));
            hash.field(object.name.as_bytes());
        }
    }
    // Present and empty differ from absent, so that neither can be turned into the other.
    hash.field(&[u8::from(entry.reason.is_some())]);
    hash.field(entry.reason.as_deref().unwrap_or_default().as_bytes());
    hash.field(&(entry.details.len() as u64).to_le_bytes());
    for (name, detail) in &entry.details {
        hash.field(name.as_bytes());
        match detail {
            Detail::Flag(flag) => hash.field(&[b'f', u8::from(*flag)]),
            Detail::Number(number) => {
                hash.field(b"n");
                hash.field(&number.to_le_bytes());
            }
            Detail::Text(text) => {
                hash.field(b"t");
                hash.field(text.as_bytes());
            }
            Detail::List(list) => {
                hash.field(b"l");
                hash.field(&(list.len() as u64).to_le_bytes());
                list.iter().for_each(|text| hash.field(text.as_bytes()));
            }
        }
    }
    hash.finish()
}
