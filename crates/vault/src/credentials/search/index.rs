//! The index: which credentials a page of a list has, and how many the whole list. No database, no clock.

use std::{cmp::Ordering, collections::BinaryHeap, sync::Arc};

use countersign_model::CredentialId;
use countersign_store::credentials::{CredentialFilter, ListPosition, Sort, listed::ListedCredential};
use uuid::Uuid;

use super::chunk::{Chunk, Entry, IdSet, NameKey, Unpacked, Wanted, Words};

/// All credentials as of one snapshot. Never changed: a change gives another that shares what has stayed.
#[derive(Default)]
pub(super) struct SearchIndex {
    /// None is empty; by name from the first to the last.
    chunks: Vec<Arc<Chunk>>,
    len: usize,
    size: usize,
}

/// Which page of which list is asked for.
pub(crate) struct Query<'a> {
    pub(crate) filter: &'a CredentialFilter,
    /// Those alone, where not everything may be seen.
    pub(crate) granted: Option<&'a IdSet>,
    pub(crate) sort: Sort,
    pub(crate) after: Option<&'a ListPosition>,
    /// The most that the page may have.
    pub(crate) rows: usize,
    /// Whether to count the whole list.
    pub(crate) count: bool,
}

/// A page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) ids: Vec<CredentialId>,
    pub(crate) total: Option<usize>,
}

impl SearchIndex {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Takes credentials that come after all that are there, by name; best about [`SearchIndex::PART`] at once.
    pub(super) fn push(&mut self, read: &mut Vec<ListedCredential>) {
        let unpacked: Vec<Unpacked> = read.drain(..).map(Unpacked::of).collect();
        let mut entries: Vec<Entry<'_>> = unpacked.iter().map(Unpacked::entry).collect();
        entries.sort_unstable();
        self.push_entries(&entries);
    }

    /// How many credentials are best added at once.
    pub(super) const PART: usize = Chunk::MAX;

    fn push_entries(&mut self, entries: &[Entry<'_>]) {
        if entries.is_empty() {
            return;
        }
        // In halves rather than one full and a rest of one.
        let pieces = entries.len().div_ceil(Chunk::MAX);
        for some in entries.chunks(entries.len().div_ceil(pieces)) {
            self.push_chunk(Arc::new(Chunk::pack(some)));
        }
    }

    fn push_chunk(&mut self, chunk: Arc<Chunk>) {
        self.len += chunk.len();
        self.size += chunk.size();
        self.chunks.push(chunk);
    }

    /// The index with those that were changed or added, and without those that are gone.
    pub(super) fn updated(&self, changed: Vec<ListedCredential>, gone: &[CredentialId]) -> Self {
        let changed: Vec<Unpacked> = changed.into_iter().map(Unpacked::of).collect();
        let mut new: Vec<Entry<'_>> = changed.iter().map(Unpacked::entry).collect();
        new.sort_unstable();
        let mut moved: IdSet = gone.iter().map(|id| id.uuid().as_u128()).collect();
        moved.extend(new.iter().map(|entry| entry.id));
        // Most ids are told apart by their last byte.
        let mut last_bytes = [false; 256];
        moved.iter().for_each(|id| last_bytes[last_byte(*id)] = true);
        let has_moved = |id: u128| last_bytes[last_byte(id)] && moved.contains(&id);

        let mut next = Self::default();
        let mut new = new.as_slice();
        for (at, chunk) in self.chunks.iter().enumerate() {
            // What comes before the next chunk goes into this one.
            let until = self.chunks.get(at + 1).map_or(new.len(), |next| {
                let first = (next.key(0), next.id(0));
                new.partition_point(|entry| (entry.key, entry.id) < first)
            });
            let (here, later) = new.split_at(until);
            new = later;
            if here.is_empty() && !chunk.ids().iter().any(|id| has_moved(*id)) {
                next.push_chunk(Arc::clone(chunk));
                continue;
            }
            let mut entries: Vec<Entry<'_>> = chunk.entries().filter(|entry| !has_moved(entry.id)).collect();
            entries.extend_from_slice(here);
            entries.sort_unstable();
            next.push_entries(&entries);
        }
        // Where there was nothing yet.
        next.push_entries(new);
        if next.is_sparse() { next.repacked() } else { next }
    }

    /// Whether it lies in many more chunks than it needs, as when most credentials were removed.
    fn is_sparse(&self) -> bool {
        self.chunks.len() > 16 + 4 * self.len / Chunk::MAX
    }

    fn repacked(&self) -> Self {
        let entries: Vec<Entry<'_>> = self.chunks.iter().flat_map(|chunk| chunk.entries()).collect();
        let mut next = Self::default();
        next.push_entries(&entries);
        next
    }

    /// Whether it has what a list of that order takes.
    pub(super) const fn orders(sort: Sort) -> bool {
        matches!(sort, Sort::Name | Sort::NameBackwards | Sort::Updated | Sort::UpdatedBackwards)
    }

    /// The page, and the count where one is asked for.
    pub(super) fn find(&self, query: &Query<'_>) -> Found {
        if Words::name_no_tag(query.filter) {
            return Found { ids: Vec::new(), total: query.count.then_some(0) };
        }
        let words = Words::of(query.filter);
        let wanted = Wanted::new(query.filter, &words, query.granted);
        match query.sort {
            Sort::NameBackwards => by_name(query, &wanted, self.chunks.iter().rev(), true),
            Sort::Updated => self.by_time(query, &wanted, false),
            Sort::UpdatedBackwards => self.by_time(query, &wanted, true),
            // The others are the database's ([`SearchIndex::orders`]).
            _ => by_name(query, &wanted, self.chunks.iter(), false),
        }
    }

    fn by_time(&self, query: &Query<'_>, wanted: &Wanted<'_>, backwards: bool) -> Found {
        // Backwards, what comes first has all its bits the other way round.
        let place = |time: i64, id: u128| if backwards { (!time, !id) } else { (time, id) };
        let after = query.after.map(|after| place(after.at.micros(), after.id.uuid().as_u128()));
        let (mut first, mut total, mut rows) = (BinaryHeap::new(), 0, Vec::new());
        for chunk in &self.chunks {
            chunk.wanted(wanted, &mut rows);
            total += rows.len();
            for row in &rows {
                let place = place(chunk.updated_at(*row), chunk.id(*row));
                if after.is_some_and(|after| place <= after) {
                    continue;
                }
                if first.len() < query.rows {
                    first.push(place);
                } else if let Some(mut last) = first.peek_mut().filter(|last| place < **last) {
                    *last = place;
                }
            }
        }
        let ids = first.into_sorted_vec().into_iter();
        let ids = ids.map(|(_, id)| credential_id(if backwards { !id } else { id })).collect();
        Found { ids, total: query.count.then_some(total) }
    }
}

fn by_name<'c>(
    query: &Query<'_>,
    wanted: &Wanted<'_>,
    chunks: impl Iterator<Item = &'c Arc<Chunk>>,
    backwards: bool,
) -> Found {
    let after = query.after.map(|after| (NameKey(after.text.as_bytes()), after.id.uuid().as_u128()));
    let comes_after = |chunk: &Chunk, row: usize| {
        after.is_none_or(|after| {
            let order = (chunk.key(row), chunk.id(row)).cmp(&after);
            order == if backwards { Ordering::Less } else { Ordering::Greater }
        })
    };
    let (mut ids, mut total, mut rows) = (Vec::new(), 0, Vec::new());
    for chunk in chunks {
        if !query.count && ids.len() >= query.rows {
            break;
        }
        // Its last row in this direction.
        let last = if backwards { 0 } else { chunk.len() - 1 };
        if !query.count && !comes_after(chunk, last) {
            continue;
        }
        chunk.wanted(wanted, &mut rows);
        total += rows.len();
        if ids.len() < query.rows {
            if backwards {
                rows.reverse();
            }
            let here = rows.iter().filter(|row| comes_after(chunk, **row));
            ids.extend(here.take(query.rows - ids.len()).map(|row| credential_id(chunk.id(*row))));
        }
    }
    Found { ids, total: query.count.then_some(total) }
}

fn last_byte(id: u128) -> usize {
    usize::from(id.to_be_bytes()[15])
}

fn credential_id(id: u128) -> CredentialId {
    CredentialId::from_uuid(Uuid::from_u128(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use countersign_model::{CredentialId, CredentialStatus, Timestamp, order_key, search_key};
    use countersign_store::credentials::{CredentialFilter, ListPosition, Sort, listed::ListedCredential};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{Chunk, Found, IdSet, Query, SearchIndex};

    /// What the index has to answer: every credential is looked at.
    fn scanned(all: &BTreeMap<u128, ListedCredential>, query: &Query<'_>) -> Found {
        let filter = query.filter;
        let holds = |text: &str, word: &Option<String>| word.as_ref().is_none_or(|it| text.contains(&search_key(it)));
        let mut passing: Vec<&ListedCredential> = all.values().collect();
        passing.retain(|it| {
            holds(&it.search, &filter.search)
                && filter.site.as_ref().is_none_or(|_| it.site.is_some())
                && holds(&it.site.as_deref().unwrap_or_default().to_ascii_lowercase(), &filter.site)
                && filter.tag.as_ref().is_none_or(|tag| it.tags.contains(tag))
                && filter.second_factor.is_none_or(|is| it.second_factor == is)
                && filter.status.is_none_or(|status| it.status == status)
                && query.granted.is_none_or(|granted| granted.contains(&it.id.uuid().as_u128()))
        });
        let total = query.count.then_some(passing.len());
        let by_time = matches!(query.sort, Sort::Updated | Sort::UpdatedBackwards);
        let place = |key: &str, time: Timestamp, id: CredentialId| {
            if by_time { (time.micros(), String::new(), id) } else { (0, order_key(key), id) }
        };
        let of = |it: &ListedCredential| place(&it.name_key, it.updated_at, it.id);
        passing.sort_by_key(|it| of(it));
        let after = query.after.map(|after| place(&after.text, after.at, after.id));
        if matches!(query.sort, Sort::NameBackwards | Sort::UpdatedBackwards) {
            passing.reverse();
            passing.retain(|it| after.as_ref().is_none_or(|after| of(it) < *after));
        } else {
            passing.retain(|it| after.as_ref().is_none_or(|after| of(it) > *after));
        }
        Found { ids: passing.iter().take(query.rows).map(|it| it.id).collect(), total }
    }

    /// Few words, so that many are found; with a name from before these were kept in one form now and then.
    fn listed() -> impl Strategy<Value = ListedCredential> {
        let word = || "[aAb\u{f6} %_.019]{0,4}";
        let site = prop::option::of("https://[ab]{1,2}\\.example/[aB]{0,2}");
        let tags = prop::collection::btree_set("[ab]{1,2}", 0..3);
        (any::<u16>(), word(), word(), site, tags, 0..6_i64, any::<[bool; 3]>()).prop_map(
            |(id, name, user, site, tags, time, [active, second_factor, is_old])| {
                let key = search_key(&format!("{name}{id}"));
                let search = format!("{}\n{}", if is_old { "x" } else { &key }, search_key(&user));
                ListedCredential {
                    // Many share their last byte.
                    id: CredentialId::from_uuid(Uuid::from_u128(u128::from(id % 97) << 64 | u128::from(id % 7))),
                    name_key: key,
                    search,
                    site,
                    updated_at: Timestamp::from_micros(time),
                    status: if active { CredentialStatus::Active } else { CredentialStatus::Inactive },
                    second_factor,
                    tags: tags.into_iter().collect(),
                }
            },
        )
    }

    #[derive(Debug)]
    struct Asked {
        filter: CredentialFilter,
        granted: Option<Vec<u16>>,
        sort: Sort,
        after: Option<prop::sample::Index>,
        rows: usize,
    }

    fn asked() -> impl Strategy<Value = Asked> {
        let word = |of: &'static str| prop::option::weighted(0.4, of);
        let filters = (
            word("[aAb\u{f6} %_.1\n]{1,2}"),
            word("[ab]{1,2}(\n[ab])?"),
            word("[abB./]{1,3}"),
            prop::option::weighted(0.3, any::<bool>()),
            prop::option::weighted(0.3, any::<bool>()),
        );
        let granted = prop::option::weighted(0.3, prop::collection::vec(any::<u16>(), 0..100));
        let sort = prop::sample::select(vec![Sort::Name, Sort::NameBackwards, Sort::Updated, Sort::UpdatedBackwards]);
        (filters, granted, sort, prop::option::of(any::<prop::sample::Index>()), 1..12_usize).prop_map(
            |((search, tag, site, second_factor, active), granted, sort, after, rows)| {
                let status = active.map(|it| if it { CredentialStatus::Active } else { CredentialStatus::Inactive });
                let granted_only = granted.is_some();
                let filter = CredentialFilter { search, tag, site, second_factor, status, granted_only };
                Asked { filter, granted, sort, after, rows }
            },
        )
    }

    fn same_answers(index: &SearchIndex, all: &BTreeMap<u128, ListedCredential>, asked: &[Asked]) {
        assert_eq!(index.len(), all.len());
        assert!(index.chunks.iter().all(|chunk| (1..=Chunk::MAX).contains(&chunk.len())));
        assert!(!index.is_sparse());
        for Asked { filter, granted, sort, after, rows } in asked {
            let granted: Option<IdSet> = granted.as_ref().map(|some| {
                let wanted = |id: &u128| some.contains(&((id >> 64) as u16));
                all.keys().copied().filter(wanted).collect()
            });
            let after = after.filter(|_| !all.is_empty()).map(|at| {
                let it = all.values().nth(at.index(all.len())).expect("one of them");
                ListPosition { text: it.name_key.clone(), at: it.updated_at, id: it.id }
            });
            for count in [true, false] {
                let query =
                    Query { filter, granted: granted.as_ref(), sort: *sort, after: after.as_ref(), rows: *rows, count };
                assert_eq!(index.find(&query), scanned(all, &query), "{filter:?} {sort:?} {after:?}");
            }
        }
    }

    /// Only one of each name, as in a vault.
    fn put(all: &mut BTreeMap<u128, ListedCredential>, new: Vec<ListedCredential>) -> Vec<ListedCredential> {
        let mut taken = Vec::new();
        for it in new {
            let id = it.id.uuid().as_u128();
            let is_free = all.values().all(|other| other.id == it.id || other.name_key != it.name_key);
            if is_free && taken.iter().all(|other: &ListedCredential| other.id != it.id) {
                all.insert(id, it.clone());
                taken.push(it);
            }
        }
        taken
    }

    proptest! {
        #[test]
        fn the_index_answers_as_a_plain_scan_does(
            first in prop::collection::vec(listed(), 0..60),
            changes in prop::collection::vec((prop::collection::vec(listed(), 0..30), prop::collection::vec(any::<prop::sample::Index>(), 0..30)), 0..6),
            asked in prop::collection::vec(asked(), 1..12),
        ) {
            let mut all = BTreeMap::new();
            put(&mut all, first);
            let mut index = SearchIndex::default();
            let mut by_name: Vec<_> = all.values().cloned().collect();
            by_name.sort_by_key(|it| order_key(&it.name_key));
            by_name.chunks(SearchIndex::PART).for_each(|some| index.push(&mut some.to_vec()));
            same_answers(&index, &all, &asked);
            for (new, gone) in changes {
                let gone: Vec<u128> = gone.iter().filter_map(|at| all.keys().nth(at.index(all.len().max(1))).copied()).collect();
                gone.iter().for_each(|id| drop(all.remove(id)));
                let mut changed = put(&mut all, new);
                // What stayed as it was may be read once more.
                changed.extend(all.values().take(3).filter(|it| changed.iter().all(|other| other.id != it.id)).cloned().collect::<Vec<_>>());
                let ids: Vec<_> = gone.iter().map(|id| CredentialId::from_uuid(Uuid::from_u128(*id))).collect();
                let next = index.updated(changed, &ids);
                same_answers(&next, &all, &asked);
                index = next;
            }
        }
    }

    #[test]
    fn words_are_found_where_they_stand() {
        let one = |number: u128, name: &str, user: &str, site: Option<&str>, tags: &[&str]| ListedCredential {
            id: CredentialId::from_uuid(Uuid::from_u128(number)),
            name_key: search_key(name),
            search: format!("{}\n{user}", search_key(name)),
            site: site.map(str::to_owned),
            updated_at: Timestamp::from_micros(0),
            status: CredentialStatus::Active,
            second_factor: number.is_multiple_of(2),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        };
        let mut index = SearchIndex::default();
        index.push(&mut vec![
            one(1, "100% Ölmühle", "kim", Some("https://oel.example/Login"), &["a", "bc"]),
            one(2, "Instagram", "ann@example.org", None, &["abc"]),
            one(3, "ann", "", Some("https://example.org/"), &[]),
        ]);
        // Search, site, tag, and the numbers of who is found.
        let cases: [(&str, &str, &str, &[u128]); 14] = [
            ("", "", "", &[1, 3, 2]),
            ("ann", "", "", &[3, 2]),
            ("ÖLM", "", "", &[1]),
            ("%", "", "", &[1]),
            ("_", "", "", &[]),
            ("mk", "", "", &[]),
            ("m\na", "", "", &[2]),
            ("", "LOGIN", "", &[1]),
            ("", "example", "", &[1, 3]),
            ("k", "example", "", &[1]),
            ("", "", "a", &[1]),
            ("", "", "b", &[]),
            ("", "", "a\nbc", &[]),
            ("inst", "", "abc", &[2]),
        ];
        for (search, site, tag, expected) in cases {
            let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            let filter = CredentialFilter {
                search: some(search),
                site: some(site),
                tag: some(tag),
                ..CredentialFilter::default()
            };
            let query = Query { filter: &filter, granted: None, sort: Sort::Name, after: None, rows: 9, count: true };
            let found = index.find(&query);
            let ids: Vec<u128> = found.ids.iter().map(|id| id.uuid().as_u128()).collect();
            assert_eq!((ids.as_slice(), found.total), (expected, Some(expected.len())), "{filter:?}");
        }
    }

    #[test]
    fn a_hundred_thousand_take_little_memory() {
        let mut index = SearchIndex::default();
        let read = |number: u128| ListedCredential {
            id: CredentialId::from_uuid(Uuid::from_u128(number)),
            name_key: format!("site {number:05}"),
            search: format!("site {number:05}\nuser{number}@example.org"),
            site: Some(format!("https://site-{}.example.org/", number % 1_000)),
            updated_at: Timestamp::from_micros(0),
            status: CredentialStatus::Active,
            second_factor: true,
            tags: vec!["team".to_owned()],
        };
        let all: Vec<_> = (0..100_000).map(read).collect();
        all.chunks(1_000).for_each(|some| index.push(&mut some.to_vec()));
        assert!(index.size() < 15 << 20, "{} bytes", index.size());
    }
}
