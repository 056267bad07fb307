//! Where in the log to look for what a filter asks: an index over runs of records, small enough that all of it can be asked.
//!
//! A *run* is 16,384 records of consecutive numbers, cut into 64 *segments* of 256. What a filter can ask of a record gives
//! *terms*, 64 bits each; a run's index says of each term in which of its segments it occurs. It may say too much (two terms
//! can be the same by chance) and never too little: whoever asks looks at the records of the segment themselves.
//!
//! A run's index is in 64 parts by the first bits of the terms, so that one term costs one part a run.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::AuditEntry;

/// Records in a segment.
pub const SEGMENT: u64 = 256;
/// Segments in a run, as many as a mask has bits.
const SEGMENTS: u64 = 64;
/// Records in a run.
pub const RUN: u64 = SEGMENT * SEGMENTS;
/// Parts that a run's index is in.
pub const PARTS: u8 = 64;

// Tokens are read all day and by everybody. A filter for them is answered by its other half alone, which saves two terms a
// record.
const USUAL: &str = "token.read";

/// Something that a filter can ask, as 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(u64);

impl Term {
    /// Parties without an id, by their name in lower case.
    pub fn nameless(name: &str) -> Self {
        Self::of(b'n', &[name.as_bytes()])
    }

    /// The narrowest term of records with this act, actor and object; `None` where none is asked for.
    pub fn wanted(act: Option<&str>, actor: Option<Uuid>, object: Option<Uuid>) -> Option<Self> {
        let act = act.filter(|act| *act != USUAL || actor.is_none() && object.is_none());
        let bytes = |id: &Option<Uuid>| id.map(Uuid::into_bytes);
        let (act, actor, object) = (act.map(str::as_bytes), bytes(&actor), bytes(&object));
        Some(match (act, &actor, &object) {
            (None, None, None) => return None,
            (Some(act), None, None) => Self::of(b'a', &[act]),
            (None, Some(actor), None) => Self::of(b'p', &[actor]),
            (None, None, Some(object)) => Self::of(b'o', &[object]),
            (Some(act), Some(actor), None) => Self::of(b'q', &[act, actor]),
            (Some(act), None, Some(object)) => Self::of(b'r', &[act, object]),
            (None, Some(actor), Some(object)) => Self::of(b's', &[actor, object]),
            (Some(act), Some(actor), Some(object)) => Self::of(b't', &[act, actor, object]),
        })
    }

    /// In which part of a run's index it stands.
    pub const fn part(self) -> u8 {
        (self.0 >> 58) as u8
    }

    /// FNV-1a over kind and fields, its bits mixed at the end (as SplitMix64 does), for parts are told by the first ones.
    fn of(kind: u8, fields: &[&[u8]]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        add(kind);
        for field in fields {
            field.iter().copied().for_each(&mut add);
            add(0);
        }
        let mixed = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(mixed ^ (mixed >> 31))
    }
}

/// All that a filter can ask of this entry.
fn terms(entry: &AuditEntry, take: &mut impl FnMut(Term)) {
    let (act, actor) = (Some(&*entry.act), entry.actor.id);
    let object = entry.object.as_ref().and_then(|object| object.id);
    // Each set of fields that a filter can name; one that is not there asks for less and gives the same term again.
    for (act, actor, object) in [
        (act, None, None),
        (None, actor, None),
        (None, None, object),
        (act, actor, None),
        (act, None, object),
        (None, actor, object),
        (act, actor, object),
    ] {
        Term::wanted(act, actor, object).into_iter().for_each(&mut *take);
    }
    for (name, id) in names(entry) {
        if id.is_none() {
            take(Term::nameless(&name));
        }
    }
}

/// The names in an entry, in lower case, each with the id of who or what bears it.
pub fn names(entry: &AuditEntry) -> impl Iterator<Item = (String, Option<Uuid>)> {
    let object = entry.object.as_ref().map(|object| (object.name.to_lowercase(), object.id));
    std::iter::once((entry.actor.name.to_lowercase(), entry.actor.id)).chain(object)
}

/// Names in lower case, each with the id of who or what bears it.
pub type Names = BTreeSet<(String, Option<Uuid>)>;

/// A part of a run's index: its number, and its terms as [`segments`] reads them.
pub type IndexPart = (u8, Vec<u8>);

/// A run that is being indexed.
#[derive(Default)]
pub struct RunIndex {
    occurrences: Vec<(Term, u8)>,
    names: Names,
    authority: u64,
}

impl RunIndex {
    /// Adds the record of this number, which is one of the run's.
    pub fn add(&mut self, seq: u64, entry: &AuditEntry) {
        let segment = (seq.saturating_sub(1) / SEGMENT % SEGMENTS) as u8;
        terms(entry, &mut |term| self.occurrences.push((term, segment)));
        self.authority |= u64::from(entry.is_of_authority()) << segment;
        for named in names(entry) {
            if !self.names.contains(&named) {
                self.names.insert(named);
            }
        }
    }

    /// In which segments something of authority happened ([`AuditEntry::is_of_authority`]). It is no term: whoever believes it
    /// has to be sure that it was not changed.
    pub const fn authority(&self) -> u64 {
        self.authority
    }

    /// The parts that hold anything, each with its number, and the names that occur.
    pub fn finish(mut self) -> (Vec<IndexPart>, Names) {
        self.occurrences.sort_unstable();
        let mut parts: Vec<IndexPart> = Vec::new();
        for same in self.occurrences.chunk_by(|a, b| a.0 == b.0) {
            let term = same[0].0;
            let mask = same.iter().fold(0_u64, |mask, (_, segment)| mask | 1 << segment);
            if parts.last().is_none_or(|(part, _)| *part != term.part()) {
                parts.push((term.part(), Vec::new()));
            }
            if let Some((_, bytes)) = parts.last_mut() {
                bytes.extend(term.0.to_be_bytes());
                bytes.extend(mask.to_le_bytes());
            }
        }
        (parts, self.names)
    }
}

/// In which segments of its run the term occurs, by a part of the run's index: bit 0 is the first segment.
pub fn segments(part: &[u8], term: Term) -> u64 {
    let (entries, _) = part.as_chunks::<16>();
    let key = |entry: &[u8; 16]| u64::from_be_bytes(entry[..8].try_into().unwrap_or_default());
    match entries.binary_search_by_key(&term.0, key) {
        Ok(place) => u64::from_le_bytes(entries[place][8..].try_into().unwrap_or_default()),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::Timestamp;
    use uuid::Uuid;

    use super::{RUN, RunIndex, SEGMENT, Term, segments};
    use crate::{ActorRef, AuditAction, AuditEntry, ObjectKind};

    fn entry(act: AuditAction, actor: u128, object: u128) -> AuditEntry {
        let actor = ActorRef { id: Some(Uuid::from_u128(actor)), ..ActorRef::nobody("Bob") };
        AuditEntry::new(Timestamp::from_micros(0), actor, act).on(ObjectKind::Credential, Uuid::from_u128(object), "X")
    }

    #[test]
    fn a_term_is_found_in_its_segments_and_nowhere_else() {
        let mut run = RunIndex::default();
        run.add(RUN + 1, &entry(AuditAction::TokenRead, 1, 2));
        run.add(RUN + 1 + SEGMENT, &entry(AuditAction::PasswordRevealed, 1, 3));
        run.add(2 * RUN, &entry(AuditAction::TokenRead, 4, 2));
        run.add(
            2 * RUN,
            &AuditEntry::new(Timestamp::from_micros(0), ActorRef::nobody("Eve"), AuditAction::SignInFailed),
        );
        run.add(RUN + 1 + 2 * SEGMENT, &entry(AuditAction::UserRemoved, 9, 9));
        assert_eq!(run.authority(), 1 << 2);
        let (parts, names) = run.finish();
        let find = |term: Term| {
            parts.iter().find(|(part, _)| *part == term.part()).map_or(0, |(_, bytes)| segments(bytes, term))
        };
        let wanted = |act, actor: Option<u128>, object: Option<u128>| {
            Term::wanted(act, actor.map(Uuid::from_u128), object.map(Uuid::from_u128)).map(find)
        };
        let (first, second, last) = (1, 1 << 1, 1 << 63);
        let read = Some("token.read");
        let revealed = Some("password.revealed");
        for (act, actor, object, expected) in [
            (read, None, None, first | last),
            (revealed, None, None, second),
            (None, Some(1), None, first | second),
            (None, None, Some(2), first | last),
            (read, Some(1), None, first | second),
            (revealed, Some(1), None, second),
            (revealed, Some(4), None, 0),
            (read, Some(1), Some(2), first),
            (None, Some(4), Some(2), last),
            (None, Some(4), Some(3), 0),
            (revealed, None, Some(3), second),
            (revealed, None, Some(2), 0),
            (revealed, Some(1), Some(3), second),
            (revealed, Some(4), Some(3), 0),
        ] {
            assert_eq!(wanted(act, actor, object), Some(expected), "{act:?} {actor:?} {object:?}");
        }
        assert_eq!(wanted(None, None, None), None);
        assert_eq!(find(Term::nameless("eve")), last);
        assert!(
            names.contains(&("eve".to_owned(), None)) && names.contains(&("bob".to_owned(), Some(Uuid::from_u128(1))))
        );
    }
}
