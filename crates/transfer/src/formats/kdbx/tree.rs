//! Groups and entries, as they stand in the document.

use crate::formats::Hidden;

/// A group, with the one around it.
#[derive(Default)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) around: Option<usize>,
    pub(super) is_recycle_bin: bool,
}

/// An entry as it stands in the document.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) uuid: Option<[u8; 16]>,
    pub(super) group: Option<usize>,
    /// By their names, in their order.
    pub(super) texts: Vec<(String, Hidden)>,
    /// With commas or semicolons between them.
    pub(super) tags: String,
    pub(super) attachments: usize,
}

impl Entry {
    /// A text by its name; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}
