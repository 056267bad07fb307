use countersign_snapshot::{Field, FieldKind, Frame};
use serde::{Deserialize, Serialize};

use crate::FieldRole;

/// How a field looked when it was used with success, so that a later miss can say what has moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// What it was used for.
    pub role: FieldRole,
    /// The path of its document.
    pub path: String,
    /// What could be put in.
    pub kind: FieldKind,
    /// What a person would call it.
    pub name: String,
    /// Its `name`, `id` and `autocomplete`.
    pub html_name: String,
    /// See above.
    pub html_id: String,
    /// See above.
    pub autocomplete: String,
}

impl Fingerprint {
    pub(crate) fn of(field: &Field, frame: &Frame, role: FieldRole) -> Self {
        Self {
            role,
            path: crate::recognise::path_of(&frame.address).split('#').next().unwrap_or_default().to_owned(),
            kind: field.kind,
            name: field.words.name().to_owned(),
            html_name: field.words.html_name.clone(),
            html_id: field.words.html_id.clone(),
            autocomplete: field.autocomplete.clone(),
        }
    }

    /// How alike two looks of a field are, 0 to 1. A drop of more than 0.2 is worth a warning; nothing secret is ever
    /// typed because of it.
    pub fn similarity(&self, other: &Self) -> f32 {
        let parts = [
            (self.role == other.role, 0.2),
            (self.path == other.path, 0.15),
            (self.kind == other.kind, 0.15),
            (self.name == other.name, 0.2),
            (self.html_name == other.html_name, 0.15),
            (self.html_id == other.html_id, 0.1),
            (self.autocomplete == other.autocomplete, 0.05),
        ];
        parts.iter().filter(|(same, _)| *same).map(|(_, weight)| weight).sum()
    }
}
