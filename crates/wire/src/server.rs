//! What a viewer's page is told.

use countersign_model::{Challenge, Extras, Level, SessionEnd};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::stand_ins::{ChallengeNames, EndNames, ExtrasFields, LevelNames};

/// Names a viewer's place in a session.
pub type ViewerId = u32;

/// A text message of the server: JSON with the field `t`. Places are CSS pixels of the driven page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub enum ServerMessage {
    /// First of all, and again when what one may do has changed.
    Hello {
        session: SessionInfo,
        you: ViewerInfo,
        /// Width and height of the driven page.
        #[schema(min_items = 2, max_items = 2)]
        size: [u32; 2],
    },
    People {
        people: Vec<PersonInfo>,
    },
    Phase(PhaseInfo),
    Tabs {
        tabs: Vec<TabInfo>,
        back: bool,
        forward: bool,
    },
    /// The page asks in a window of the browser's.
    Dialog {
        id: u64,
        kind: DialogKind,
        text: String,
        /// What a prompt suggests.
        value: String,
    },
    DialogGone {
        id: u64,
    },
    /// A list is opened.
    Select {
        id: u64,
        options: Vec<OptionInfo>,
        /// The place of the entry that is chosen.
        #[schema(required)]
        chosen: Option<usize>,
        /// Left, top, width and height of the closed list.
        #[serde(rename = "box")]
        #[schema(min_items = 4, max_items = 4)]
        place: [f64; 4],
    },
    SelectGone {
        id: u64,
    },
    /// What the mouse looks like: a keyword of CSS.
    Cursor {
        cursor: String,
    },
    /// Whether something in the page has the keyboard and takes text.
    Editable {
        on: bool,
        kind: EditableKind,
    },
    Copied {
        text: String,
    },
    /// Something that was asked for was not done.
    Refused {
        what: String,
        why: String,
    },
    /// A page of that origin was not opened.
    Blocked {
        origin: String,
    },
    FileWanted {
        id: u64,
        multiple: bool,
    },
    Download {
        id: u64,
        name: String,
        /// In bytes.
        size: u64,
    },
    /// Seconds until the session ends by the clock, and without input.
    Clock {
        left: u64,
        idle_left: u64,
    },
    Pong {
        n: u32,
    },
}

/// Which session it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionInfo {
    /// Its id.
    pub id: String,
    /// The credential's name.
    pub credential_name: String,
    /// The change that it was opened for.
    #[schema(required)]
    pub change: Option<String>,
}

/// Who is told, and what they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewerInfo {
    /// Their place.
    #[schema(value_type = u32)]
    pub seat: ViewerId,
    /// Their name.
    pub name: String,
    /// How far they may go.
    #[schema(value_type = LevelNames)]
    pub level: Level,
    /// What they may beside.
    #[schema(value_type = ExtrasFields)]
    pub extras: Extras,
    /// Whether they may end the session.
    pub may_end: bool,
    /// Whether they may stop everything.
    pub may_freeze: bool,
}

/// Somebody who looks on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonInfo {
    /// Their place.
    #[schema(value_type = u32)]
    pub seat: ViewerId,
    /// Their name.
    pub name: String,
    /// How far they may go.
    #[schema(value_type = LevelNames)]
    pub level: Level,
    /// Whether they hold control.
    pub control: bool,
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// The machine acts, and nothing is shown.
    SigningIn,
    /// A site asks for a person.
    Waiting,
    /// The browser is the person's.
    Live,
    /// Somebody has stopped everything.
    Frozen,
    /// Nothing comes any more.
    Ended,
}

/// How far the session is, in words too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhaseInfo {
    /// Which phase.
    pub phase: PhaseName,
    /// What people read.
    pub text: String,
    /// Who has stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What the site asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ChallengeNames>)]
    pub challenge: Option<Challenge>,
    /// What a person should know beside what the site asks: that it is the sign-in that verifies the new password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Why it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EndNames>)]
    pub end: Option<SessionEnd>,
}

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TabInfo {
    /// Counted from one; no number comes twice.
    pub id: u32,
    /// At most 400 characters.
    pub title: String,
    /// At most 400 characters.
    pub address: String,
    /// It is the one that is shown.
    pub active: bool,
    /// It is of no more use.
    pub crashed: bool,
}

/// Which window of the browser's a page has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DialogKind {
    /// It says something.
    Alert,
    /// It asks yes or no.
    Confirm,
    /// It asks for a text.
    Prompt,
    /// It asks whether to leave what is unsaved.
    Beforeunload,
}

/// What kind of text a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the types of HTML's input, and what has several lines")]
pub enum EditableKind {
    Text,
    Password,
    Number,
    Email,
    Tel,
    Url,
    Multiline,
    /// Where nothing takes text.
    #[serde(rename = "")]
    Nothing,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptionInfo {
    /// What it says.
    pub label: String,
    /// It cannot be chosen.
    pub disabled: bool,
    /// The group that it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl DialogKind {
    /// Of the browser's own name for it. A kind that no browser had when this was written is shown as a message.
    pub fn named(name: &str) -> Self {
        match name {
            "confirm" => Self::Confirm,
            "prompt" => Self::Prompt,
            "beforeunload" => Self::Beforeunload,
            _ => Self::Alert,
        }
    }
}

impl EditableKind {
    /// Of what the look into the page says; a kind that it does not tell apart is plain text.
    pub fn named(name: &str) -> Self {
        match name {
            "" => Self::Nothing,
            "password" => Self::Password,
            "number" => Self::Number,
            "email" => Self::Email,
            "tel" => Self::Tel,
            "url" => Self::Url,
            "multiline" => Self::Multiline,
            _ => Self::Text,
        }
    }
}

impl PhaseInfo {
    /// A phase with its words, and nothing beside.
    pub fn new(phase: PhaseName, text: impl Into<String>) -> Self {
        Self { phase, text: text.into(), by: None, challenge: None, why: None, end: None }
    }
}
