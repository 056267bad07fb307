//! Entries packed together, as the store keeps them: what several of them share stands once.
//!
//! ```text
//! block   = 1 count entry*                      a version, then how many
//! entry   = at actor act object reason details
//! at      = microseconds since the entry before, the first since 1970 (zigzag)
//! actor   = party
//! object  = 0 | 1 party
//! reason  = 0 | 1 text
//! party   = 0 text id text | n                  kind, id, name; or the n-th party of this block
//! id      = 0 | 1 and 16 bytes
//! text    = 0 length bytes | n                  or the n-th text of this block
//! details = count (text detail)*
//! detail  = 0 flag | 1 number (zigzag) | 2 text | 3 count text*
//! ```
//!
//! Numbers are LEB128 of at most ten bytes. Hashes are not among it: they follow from the record before the block, and the
//! store keeps the last one ([`chained`]).

use std::{borrow::Cow, collections::HashMap};

use countersign_model::Timestamp;
use countersign_seal::Digest;
use memchr::memmem;
use uuid::Uuid;

use crate::{
    ActorRef, AuditAction, AuditActorKind, AuditEntry, ChainHead, Detail, ObjectKind, ObjectRef, Record,
    bytes::{Bytes, put_number, put_signed},
};

const VERSION: u64 = 1;

/// The most entries of one block.
pub const MAX_BLOCK: usize = 256;

/// Packs entries in their order; at most [`MAX_BLOCK`] of them.
pub fn pack<'a>(entries: impl ExactSizeIterator<Item = &'a AuditEntry>) -> Vec<u8> {
    debug_assert!(entries.len() <= MAX_BLOCK, "{} entries are no block", entries.len());
    let mut packing =
        Packing { out: Vec::with_capacity(entries.len() * 96), texts: HashMap::new(), parties: HashMap::new() };
    put_number(&mut packing.out, VERSION);
    put_number(&mut packing.out, entries.len() as u64);
    let mut before = 0;
    for entry in entries {
        let at = entry.at.micros();
        put_signed(&mut packing.out, at.wrapping_sub(before));
        before = at;
        packing.entry(entry);
    }
    packing.out
}

type Party<'a> = (&'static str, Option<Uuid>, &'a str);

struct Packing<'a> {
    out: Vec<u8>,
    texts: HashMap<&'a str, u64>,
    parties: HashMap<Party<'a>, u64>,
}

impl<'a> Packing<'a> {
    fn entry(&mut self, entry: &'a AuditEntry) {
        self.party((entry.actor.kind.name(), entry.actor.id, &entry.actor.name));
        self.text(&entry.act);
        match &entry.object {
            None => self.out.push(0),
            Some(object) => {
                self.out.push(1);
                self.party((object.kind.name(), object.id, &object.name));
            }
        }
        match &entry.reason {
            None => self.out.push(0),
            Some(reason) => {
                self.out.push(1);
                self.text(reason);
            }
        }
        put_number(&mut self.out, entry.details.len() as u64);
        for (name, detail) in &entry.details {
            self.text(name);
            self.detail(detail);
        }
    }

    fn detail(&mut self, detail: &'a Detail) {
        match detail {
            Detail::Flag(flag) => self.out.extend([0, u8::from(*flag)]),
            Detail::Number(number) => {
                self.out.push(1);
                put_signed(&mut self.out, *number);
            }
            Detail::Text(text) => {
                self.out.push(2);
                self.text(text);
            }
            Detail::List(list) => {
                self.out.push(3);
                put_number(&mut self.out, list.len() as u64);
                list.iter().for_each(|text| self.text(text));
            }
        }
    }

    fn party(&mut self, party: Party<'a>) {
        let next = self.parties.len() as u64 + 1;
        if let Some(&place) = self.parties.get(&party) {
            return put_number(&mut self.out, place);
        }
        self.parties.insert(party, next);
        let (kind, id, name) = party;
        self.out.push(0);
        self.text(kind);
        match id {
            None => self.out.push(0),
            Some(id) => {
                self.out.push(1);
                self.out.extend(id.as_bytes());
            }
        }
        self.text(name);
    }

    fn text(&mut self, text: &'a str) {
        let next = self.texts.len() as u64 + 1;
        if let Some(&place) = self.texts.get(text) {
            return put_number(&mut self.out, place);
        }
        self.texts.insert(text, next);
        self.out.push(0);
        put_number(&mut self.out, text.len() as u64);
        self.out.extend(text.as_bytes());
    }
}

/// The entries of a block; `None` when the bytes are none that [`pack`] makes.
pub fn unpack(bytes: &[u8]) -> Option<Vec<AuditEntry>> {
    let mut unpacking = Unpacking { bytes: Bytes(bytes), texts: Vec::new(), parties: Vec::new() };
    if unpacking.bytes.number()? != VERSION {
        return None;
    }
    let count = usize::try_from(unpacking.bytes.number()?).ok().filter(|count| *count <= MAX_BLOCK)?;
    let mut entries = Vec::with_capacity(count);
    let mut before = 0_i64;
    for _ in 0..count {
        before = before.wrapping_add(unpacking.bytes.signed()?);
        entries.push(unpacking.entry(Timestamp::from_micros(before))?);
    }
    unpacking.bytes.0.is_empty().then_some(entries)
}

/// Whether a block may hold entries of these acts. Where it says no there are none: the name of an act stands in the block as it
/// is. It takes a fraction of what unpacking takes.
pub fn may_hold(bytes: &[u8], acts: &[AuditAction]) -> bool {
    acts.iter().any(|act| memmem::find(bytes, act.name().as_bytes()).is_some())
}

/// Whether a block may hold entries that name this id, as the actor's or the object's. As [`may_hold`].
pub fn may_name(bytes: &[u8], id: Uuid) -> bool {
    memmem::find(bytes, id.as_bytes()).is_some()
}

struct Unpacking<'a> {
    bytes: Bytes<'a>,
    texts: Vec<&'a str>,
    parties: Vec<(&'a str, Option<Uuid>, &'a str)>,
}

impl<'a> Unpacking<'a> {
    fn entry(&mut self, at: Timestamp) -> Option<AuditEntry> {
        let (kind, id, name) = self.party()?;
        let actor = ActorRef { kind: AuditActorKind::from_name(kind)?, id, name: name.to_owned() };
        let act = Cow::Owned(self.text()?.to_owned());
        let object = match self.bytes.byte()? {
            0 => None,
            1 => {
                let (kind, id, name) = self.party()?;
                Some(ObjectRef { kind: ObjectKind::from_name(kind)?, id, name: name.to_owned() })
            }
            _ => return None,
        };
        let reason = match self.bytes.byte()? {
            0 => None,
            1 => Some(self.text()?.to_owned()),
            _ => return None,
        };
        let mut details = crate::Details::new();
        for _ in 0..self.bytes.number()? {
            let name = Cow::Owned(self.text()?.to_owned());
            // A name that comes twice would be lost.
            if details.insert(name, self.detail()?).is_some() {
                return None;
            }
        }
        Some(AuditEntry { at, actor, act, object, reason, details })
    }

    fn detail(&mut self) -> Option<Detail> {
        Some(match self.bytes.byte()? {
            0 => match self.bytes.byte()? {
                flag @ (0 | 1) => Detail::Flag(flag == 1),
                _ => return None,
            },
            1 => Detail::Number(self.bytes.signed()?),
            2 => Detail::Text(self.text()?.to_owned()),
            3 => {
                let count = self.bytes.number()?;
                // Each text takes a byte at the least, so a wrong count ends where the bytes do.
                let list: Option<Vec<String>> = (0..count).map(|_| self.text().map(str::to_owned)).collect();
                Detail::List(list?)
            }
            _ => return None,
        })
    }

    fn party(&mut self) -> Option<(&'a str, Option<Uuid>, &'a str)> {
        let place = self.bytes.number()?;
        if place > 0 {
            return self.parties.get(usize::try_from(place - 1).ok()?).copied();
        }
        let kind = self.text()?;
        let id = match self.bytes.byte()? {
            0 => None,
            1 => Some(Uuid::from_slice(self.bytes.take(16)?).ok()?),
            _ => return None,
        };
        let party = (kind, id, self.text()?);
        self.parties.push(party);
        Some(party)
    }

    fn text(&mut self) -> Option<&'a str> {
        let place = self.bytes.number()?;
        if place > 0 {
            return self.texts.get(usize::try_from(place - 1).ok()?).copied();
        }
        let length = usize::try_from(self.bytes.number()?).ok()?;
        let text = str::from_utf8(self.bytes.take(length)?).ok()?;
        self.texts.push(text);
        Some(text)
    }
}

/// The records of a block: `before` is the log's end in front of it, `root` the hash that was kept of its last record.
///
/// Hashes follow from the entries, so a block that was changed is one whose last record does not follow from the one before:
/// verification finds it there.
pub fn chained(before: ChainHead, entries: Vec<AuditEntry>, root: Digest) -> Vec<Record> {
    let mut head = before;
    let mut records: Vec<Record> = entries.into_iter().map(|entry| head.append(entry)).collect();
    if let Some(last) = records.last_mut() {
        last.hash = root;
    }
    records
}

#[cfg(test)]
mod tests {
    use countersign_model::Timestamp;
    use countersign_seal::Digest;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{MAX_BLOCK, chained, may_hold, may_name, pack, unpack};
    use crate::{ActorRef, AuditAction, AuditEntry, ChainHead, Detail, ObjectKind};

    fn detail() -> impl Strategy<Value = Detail> {
        prop_oneof![
            any::<bool>().prop_map(Detail::Flag),
            any::<i64>().prop_map(Detail::Number),
            ".{0,8}".prop_map(Detail::Text),
            prop::collection::vec(".{0,4}", 0..3).prop_map(Detail::List),
        ]
    }

    prop_compose! {
        fn entry()(
            at in any::<i64>(),
            name in "[ab]{0,2}",
            id in 0_u128..3,
            object in prop::option::of((prop::option::of(0_u128..3), "[aé]{0,2}")),
            reason in prop::option::of("[ab]?"),
            details in prop::collection::vec(("[a-c]", detail()), 0..4),
        ) -> AuditEntry {
            let actor = ActorRef { id: (id > 0).then(|| Uuid::from_u128(id)), ..ActorRef::nobody(&name) };
            let mut entry = AuditEntry::new(Timestamp::from_micros(at), actor, AuditAction::TokenRead);
            entry.object = object.map(|(id, name)| crate::ObjectRef { kind: ObjectKind::Credential, id: id.map(Uuid::from_u128), name });
            entry.reason = reason;
            for (name, detail) in details {
                entry.details.insert(name.into(), detail);
            }
            entry
        }
    }

    proptest! {
        #[test]
        fn no_act_that_is_in_a_block_is_said_not_to_be(acts in prop::collection::vec(0..AuditAction::ALL.len(), 1..40), asked in 0..AuditAction::ALL.len()) {
            let entries: Vec<_> = acts.iter().map(|act| AuditEntry::new(Timestamp::from_seconds(0), ActorRef::system(), AuditAction::ALL[*act])).collect();
            let packed = pack(entries.iter());
            prop_assert!(!acts.contains(&asked) || may_hold(&packed, &[AuditAction::ALL[asked]]));
            prop_assert!(!may_hold(&packed, &[]));
        }

        #[test]
        fn what_is_packed_comes_out_again(entries in prop::collection::vec(entry(), 0..20)) {
            prop_assert_eq!(unpack(&pack(entries.iter())), Some(entries));
        }

        #[test]
        fn no_bytes_are_read_past_their_end(entries in prop::collection::vec(entry(), 1..4), cut in 0_usize..200, byte in any::<u8>()) {
            let packed = pack(entries.iter());
            for entry in &entries {
                let ids = [entry.actor.id, entry.object.as_ref().and_then(|object| object.id)];
                prop_assert!(ids.into_iter().flatten().all(|id| may_name(&packed, id)));
            }
            prop_assert!(!may_name(&packed, Uuid::from_u128(u128::MAX)));
            let cut = cut % packed.len();
            prop_assert_eq!(unpack(&packed[..cut]), None);
            let mut changed = packed.clone();
            changed[cut] = byte;
            // Whatever it says now, it is read without harm, and is what was packed only where nothing was changed.
            if let Some(read) = unpack(&changed) && read == entries {
                prop_assert_eq!(read, entries);
            }
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(entries) = unpack(&bytes) {
                prop_assert!(entries.len() <= MAX_BLOCK);
            }
        }
    }

    #[test]
    fn a_token_read_takes_few_bytes_beside_others() {
        let entries: Vec<AuditEntry> = (0..64_u128)
            .map(|n| {
                let actor = ActorRef { id: Some(Uuid::from_u128(9)), ..ActorRef::nobody("bench/admin") };
                AuditEntry::new(
                    Timestamp::from_micros(1_700_000_000_000_000 + n as i64 * 20),
                    actor,
                    AuditAction::TokenRead,
                )
                .on(ObjectKind::Credential, Uuid::from_u128(n), format!("Site {n}: user{n}@example.org"))
                .with("step", 59_850_490_i64)
            })
            .collect();
        let bytes = pack(entries.iter()).len();
        assert!(bytes < 64 * 62, "{bytes} bytes for 64 reads of names of 30 letters");
    }

    #[test]
    fn records_follow_from_the_one_before_and_the_last_hash_is_what_was_kept() {
        let mut head = ChainHead { size: 7, root: Digest::ZERO };
        let before = head;
        let entry = |n| AuditEntry::new(Timestamp::from_micros(n), ActorRef::system(), AuditAction::TokenRead);
        let records: Vec<_> = (0..3).map(|n| head.append(entry(n))).collect();
        assert_eq!(chained(before, (0..3).map(entry).collect(), head.root), records);
        // Changed in the middle: the last one does not follow any more.
        let mut changed = chained(before, [0, 9, 2].map(entry).to_vec(), head.root);
        let mut end = before;
        assert!(end.follow(&changed.remove(0)) && end.follow(&changed.remove(0)) && !end.follow(&changed.remove(0)));
    }
}
