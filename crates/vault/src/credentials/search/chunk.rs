//! Some hundred credentials beside each other in the order of the list, packed.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
};

use countersign_model::{CredentialStatus, natural_order};
use countersign_store::credentials::{CredentialFilter, listed::ListedCredential};
use memchr::memmem::Finder;

use super::packed::PackedTexts;

const ACTIVE: u8 = 1;
const SECOND_FACTOR: u8 = 2;
// The name in search form does not stand at the beginning of what searching looks at: so it is with some names from before
// these were kept in one form.
const KEY_APART: u8 = 4;
const NO_SITE: u16 = u16::MAX;

/// Ids, by their own bits: these are random already.
pub(crate) type IdSet = HashSet<u128, BuildHasherDefault<IdHasher>>;

#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, id: u128) {
        // The lower half is chance; multiplied, all of it reaches the bits by which a table is divided.
        self.0 = (id as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// A name in search form, in the order of lists: the natural one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameKey<'a>(pub(super) &'a [u8]);

impl PartialOrd for NameKey<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for NameKey<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        natural_order(self.0, other.0)
    }
}

/// What lists look at of one credential, lying somewhere else. In the order of the list by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry<'a> {
    pub(super) key: NameKey<'a>,
    pub(super) id: u128,
    text: &'a [u8],
    site: Option<&'a [u8]>,
    tags: &'a [u8],
    updated_at: i64,
    flags: u8,
}

/// A credential as it was read, in the form in which it is packed.
pub(super) struct Unpacked {
    id: u128,
    key: String,
    text: String,
    site: Option<String>,
    tags: String,
    updated_at: i64,
    flags: u8,
}

impl Unpacked {
    pub(super) fn of(read: ListedCredential) -> Self {
        let mut flags = 0;
        if read.status == CredentialStatus::Active {
            flags |= ACTIVE;
        }
        if read.second_factor {
            flags |= SECOND_FACTOR;
        }
        if !read.search.starts_with(&read.name_key) {
            flags |= KEY_APART;
        }
        let mut tags = String::new();
        for tag in &read.tags {
            // Each between line ends, which no tag holds.
            tags.push_str(if tags.is_empty() { "\n" } else { "" });
            tags.push_str(tag);
            tags.push('\n');
        }
        Self {
            id: read.id.uuid().as_u128(),
            key: read.name_key,
            text: read.search,
            site: read.site.map(|site| site.to_ascii_lowercase()),
            tags,
            updated_at: read.updated_at.micros(),
            flags,
        }
    }

    pub(super) fn entry(&self) -> Entry<'_> {
        Entry {
            key: NameKey(self.key.as_bytes()),
            id: self.id,
            text: self.text.as_bytes(),
            site: self.site.as_deref().map(str::as_bytes),
            tags: self.tags.as_bytes(),
            updated_at: self.updated_at,
            flags: self.flags,
        }
    }
}

/// What is looked for, made ready once for all chunks.
pub(super) struct Wanted<'a> {
    text: Option<Finder<'a>>,
    site: Option<Finder<'a>>,
    tag: Option<Finder<'a>>,
    /// Which flags are looked at, and how they are to be.
    looked_at: u8,
    flags: u8,
    granted: Option<&'a IdSet>,
}

impl<'a> Wanted<'a> {
    /// `words` are the filter's, in the form in which they are looked for.
    pub(super) fn new(filter: &CredentialFilter, words: &'a Words, granted: Option<&'a IdSet>) -> Self {
        let mut wanted = Self {
            text: words.text.as_ref().map(Finder::new),
            site: words.site.as_ref().map(Finder::new),
            tag: words.tag.as_ref().map(Finder::new),
            looked_at: 0,
            flags: 0,
            granted,
        };
        let status = filter.status.map(|status| status == CredentialStatus::Active);
        for (flag, is) in [(ACTIVE, status), (SECOND_FACTOR, filter.second_factor)] {
            if let Some(is) = is {
                wanted.looked_at |= flag;
                wanted.flags |= if is { flag } else { 0 };
            }
        }
        wanted
    }
}

/// The words of a filter in the form in which they are looked for.
pub(super) struct Words {
    text: Option<String>,
    site: Option<String>,
    tag: Option<String>,
}

impl Words {
    pub(super) fn of(filter: &CredentialFilter) -> Self {
        let key = |text: &Option<String>| text.as_deref().map(countersign_model::search_key);
        Self {
            text: key(&filter.search),
            site: key(&filter.site),
            tag: filter.tag.as_deref().map(|tag| format!("\n{tag}\n")),
        }
    }

    /// Whether the filter names a tag that none can be: two of them could look like it.
    pub(super) fn name_no_tag(filter: &CredentialFilter) -> bool {
        filter.tag.as_ref().is_some_and(|tag| tag.contains('\n'))
    }
}

/// Credentials beside each other in the order of the list by name.
pub(super) struct Chunk {
    ids: Box<[u128]>,
    updated_at: Box<[i64]>,
    flags: Box<[u8]>,
    /// What searching looks at; the name in search form is the beginning of it, so long.
    texts: PackedTexts,
    key_lengths: Box<[u16]>,
    keys_apart: Box<[(u16, Box<[u8]>)]>,
    /// Each site once, and which each credential has.
    sites: PackedTexts,
    site_of: Box<[u16]>,
    /// Each set of tags once, and which each credential has.
    tags: PackedTexts,
    tags_of: Box<[u16]>,
}

impl Chunk {
    /// The most credentials that may lie in one; few in tests, so that these have many.
    pub(super) const MAX: usize = if cfg!(test) { 8 } else { 1_024 };

    /// At least one and at most [`Chunk::MAX`], in their order.
    pub(super) fn pack(entries: &[Entry<'_>]) -> Self {
        let mut keys_apart = Vec::new();
        let (mut key_lengths, mut flags) = (Vec::new(), Vec::new());
        for (entry, row) in entries.iter().zip(0_u16..) {
            // A name is no longer than some hundred letters.
            let length = u16::try_from(entry.key.0.len()).ok().filter(|_| entry.flags & KEY_APART == 0);
            if length.is_none() {
                keys_apart.push((row, Box::from(entry.key.0)));
            }
            key_lengths.push(length.unwrap_or(0));
            flags.push(if length.is_some() { entry.flags } else { entry.flags | KEY_APART });
        }
        let (sites, site_of) = once_each(entries.iter().map(|entry| entry.site));
        let (tags, tags_of) = once_each(entries.iter().map(|entry| Some(entry.tags)));
        Self {
            ids: entries.iter().map(|entry| entry.id).collect(),
            updated_at: entries.iter().map(|entry| entry.updated_at).collect(),
            flags: flags.into(),
            texts: PackedTexts::pack(entries.iter().map(|entry| entry.text)),
            key_lengths: key_lengths.into(),
            keys_apart: keys_apart.into(),
            sites,
            site_of,
            tags,
            tags_of,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        const ROW: usize = size_of::<u128>() + size_of::<i64>() + size_of::<u8>() + 3 * size_of::<u16>();
        let apart: usize = self.keys_apart.iter().map(|(_, key)| key.len() + 32).sum();
        size_of::<Self>() + self.len() * ROW + self.texts.size() + self.sites.size() + self.tags.size() + apart
    }

    pub(super) fn id(&self, row: usize) -> u128 {
        self.ids[row]
    }

    pub(super) fn ids(&self) -> &[u128] {
        &self.ids
    }

    pub(super) fn updated_at(&self, row: usize) -> i64 {
        self.updated_at[row]
    }

    /// The name in search form, by which the list is in order.
    pub(super) fn key(&self, row: usize) -> NameKey<'_> {
        if self.flags[row] & KEY_APART == 0 {
            return NameKey(&self.texts.text(row)[..usize::from(self.key_lengths[row])]);
        }
        let apart = self.keys_apart.binary_search_by_key(&row, |(of, _)| usize::from(*of));
        NameKey(apart.map_or(&[], |at| &self.keys_apart[at].1))
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).map(|row| Entry {
            key: self.key(row),
            id: self.ids[row],
            text: self.texts.text(row),
            site: Some(self.site_of[row]).filter(|site| *site != NO_SITE).map(|site| self.sites.text(site.into())),
            tags: self.tags.text(self.tags_of[row].into()),
            updated_at: self.updated_at[row],
            flags: self.flags[row],
        })
    }

    /// Puts into `rows` the places of those that are wanted, in their order.
    pub(super) fn wanted(&self, wanted: &Wanted<'_>, rows: &mut Vec<usize>) {
        rows.clear();
        let which = |word: Option<&Finder<'_>>, of: &PackedTexts| match word {
            None => Some(None),
            Some(word) => of.which(word).map(Some),
        };
        let Some(sites) = which(wanted.site.as_ref(), &self.sites) else { return };
        let Some(tags) = which(wanted.tag.as_ref(), &self.tags) else { return };
        let passes = |row: usize| {
            self.flags[row] & wanted.looked_at == wanted.flags
                && sites.as_ref().is_none_or(|sites| sites.get(usize::from(self.site_of[row])) == Some(&true))
                && tags.as_ref().is_none_or(|tags| tags[usize::from(self.tags_of[row])])
                && wanted.granted.is_none_or(|granted| granted.contains(&self.ids[row]))
        };
        match &wanted.text {
            None => rows.extend((0..self.len()).filter(|row| passes(*row))),
            Some(word) => self.texts.each_with(word, |row| {
                if passes(row) {
                    rows.push(row);
                }
            }),
        }
    }
}

/// Each text once, and the place of each in them; [`NO_SITE`] for none.
fn once_each<'a>(texts: impl Iterator<Item = Option<&'a [u8]>>) -> (PackedTexts, Box<[u16]>) {
    let mut places: HashMap<&[u8], u16> = HashMap::new();
    let mut once: Vec<&[u8]> = Vec::new();
    let of = texts.map(|text| {
        let Some(text) = text else { return NO_SITE };
        *places.entry(text).or_insert_with(|| {
            once.push(text);
            u16::try_from(once.len() - 1).expect("a chunk has fewer rows")
        })
    });
    let of = of.collect();
    (PackedTexts::pack(once.iter().copied()), of)
}
