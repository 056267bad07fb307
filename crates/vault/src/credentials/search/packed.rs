//! Texts in one piece of memory, so that looking for a word is one pass over it.

use memchr::memmem::Finder;

// Never a byte of UTF-8, so that no match reaches over the end of a text.
const END: u8 = 0xff;

/// Texts, one after the other.
pub(super) struct PackedTexts {
    bytes: Box<[u8]>,
    /// Where each ends, its last byte being [`END`].
    ends: Box<[u32]>,
}

impl PackedTexts {
    /// Some hundred texts, of some KiB each at the most.
    pub(super) fn pack<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let mut bytes = Vec::with_capacity(texts.clone().map(|text| text.len() + 1).sum());
        let mut ends = Vec::with_capacity(texts.clone().count());
        for text in texts {
            bytes.extend_from_slice(text);
            bytes.push(END);
            ends.push(u32::try_from(bytes.len()).expect("some hundred texts are less than 4 GiB"));
        }
        Self { bytes: bytes.into(), ends: ends.into() }
    }

    pub(super) fn text(&self, at: usize) -> &[u8] {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.bytes[from..self.ends[at] as usize - 1]
    }

    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.ends.len() * size_of::<u32>()
    }

    /// Tells of each text that holds the word, in their order.
    pub(super) fn each_with(&self, word: &Finder<'_>, mut tell: impl FnMut(usize)) {
        let (mut from, mut at) = (0, 0);
        while let Some(found) = word.find(&self.bytes[from..]) {
            let found = from + found;
            while self.ends.get(at).is_some_and(|end| *end as usize <= found) {
                at += 1;
            }
            let Some(end) = self.ends.get(at) else { return };
            tell(at);
            // Once is enough.
            from = *end as usize;
            at += 1;
        }
    }

    /// Which of the texts hold the word; `None` when none does.
    pub(super) fn which(&self, word: &Finder<'_>) -> Option<Vec<bool>> {
        let mut which = None;
        self.each_with(word, |at| which.get_or_insert_with(|| vec![false; self.ends.len()])[at] = true);
        which
    }
}

#[cfg(test)]
mod tests {
    use memchr::memmem::Finder;

    use super::PackedTexts;

    #[test]
    fn a_word_is_found_within_texts_and_never_across() {
        let texts: [&[u8]; 6] = [b"anna", b"", b"banana", b"na", b"bern", b"n"];
        let packed = PackedTexts::pack(texts.into_iter());
        for (at, text) in texts.into_iter().enumerate() {
            assert_eq!(packed.text(at), text);
        }
        let cases: [(&str, &[usize]); 7] = [
            ("na", &[0, 2, 3]),
            ("nan", &[2]),
            ("n", &[0, 2, 3, 4, 5]),
            ("ab", &[]),
            ("aa", &[]),
            ("zz", &[]),
            ("", &[0, 1, 2, 3, 4, 5]),
        ];
        for (word, expected) in cases {
            let finder = Finder::new(word);
            let mut found = Vec::new();
            packed.each_with(&finder, |at| found.push(at));
            assert_eq!(found, expected, "{word}");
            let which = packed.which(&finder).unwrap_or_else(|| vec![false; 6]);
            assert_eq!(which, (0..6).map(|at| expected.contains(&at)).collect::<Vec<_>>(), "{word}");
        }
        assert_eq!(PackedTexts::pack(std::iter::empty()).which(&Finder::new("")), None);
    }
}
