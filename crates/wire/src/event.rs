//! What happened in a session, as its recording says it.

use countersign_model::{Level, SessionEnd};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stand_ins::{EndNames, LevelNames};

/// An event of a recording: JSON with the field `kind`. `who` is a person's name at that time; `hash` a keyed hash, the same as in
/// the audit log. Nothing secret is in it, and no content: of keys their kind and number, of a clipboard its length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub enum RecordingEvent {
    /// Another page is shown: its address without query and fragment.
    Address { address: String, tab: u32 },
    /// A page of that origin was not opened.
    Blocked { origin: String },
    /// What was clicked on, by the names that a page gives for screen readers; both empty where it gives none.
    Click { name: String, role: String, who: String },
    /// Who holds control from now on; null when nobody does.
    Control {
        #[schema(required)]
        who: Option<String>,
    },
    /// Text was taken out; its length in characters.
    Copy { hash: String, length: u64, who: String },
    /// A dialog of the page's was answered.
    Dialog { accepted: bool, who: String },
    /// A file was taken out; its length in bytes.
    Download { hash: String, length: u64, name: String },
    /// The session has ended.
    Ended {
        #[schema(value_type = EndNames)]
        why: SessionEnd,
    },
    /// Nothing is shown from now on: the machine goes on, or somebody has stopped everything.
    Frozen {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<String>,
        why: String,
    },
    /// Somebody looks on.
    Joined {
        #[schema(value_type = LevelNames)]
        level: Level,
        who: String,
    },
    /// Keys of one kind that followed one another. The number is null where a secret has the keyboard.
    Keys {
        class: KeyClass,
        #[schema(required)]
        count: Option<u32>,
        secret: bool,
        who: String,
    },
    /// Somebody looks on no more.
    Left { who: String },
    /// Text was put in; its length in characters.
    Paste { hash: String, length: u64, who: String },
    /// A tab was opened, closed, shown, or has crashed.
    Tab { act: TabEvent, tab: u32 },
    /// It is shown again.
    Thawed { who: String },
    /// A file was put in; its length in bytes.
    Upload { hash: String, length: u64, name: String, who: String },
}

/// What kind of key it was, which is all that is written down of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyClass {
    /// It types something.
    Text,
    /// Enter, Backspace and their like.
    Editing,
    /// Arrows and their like.
    Moving,
    /// With Ctrl or Meta.
    Shortcut,
    /// Any other.
    #[default]
    Other,
}

/// What happened to a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "they are what their names say")]
pub enum TabEvent {
    Opened,
    Closed,
    Shown,
    Crashed,
}
