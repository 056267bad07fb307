//! What the page and the server say to each other, and its limits. Text messages are JSON with the field `t`; places are
//! CSS pixels of the driven page.

use countersign_browser::{Input, MouseButton};
use countersign_model::{Extras, Level};
use serde::{Deserialize, Serialize};

use crate::control::ViewerId;

/// The longest text message of a page.
pub const LONGEST_MESSAGE: usize = 96 * 1024;
/// The longest text that may be pasted.
pub(crate) const LONGEST_PASTE: usize = 64 * 1024;
/// Typing at once more than this is pasting.
pub(crate) const LONGEST_TYPED: usize = 200;

const LONGEST_KEY: usize = 40;
const LONGEST_ADDRESS: usize = 2_048;
const FARTHEST: f64 = 20_000.0;

/// What a viewer's page asks for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are what their names say, in CSS pixels")]
pub enum ClientMessage {
    /// A frame was drawn; the next may come.
    Seen {
        seq: u32,
    },
    /// For measuring the way.
    Ping {
        n: u32,
    },
    /// The viewer's picture has this size, at this density.
    Size {
        w: u32,
        h: u32,
        dpr: f64,
    },
    Move {
        x: f64,
        y: f64,
        buttons: u8,
    },
    Down {
        x: f64,
        y: f64,
        button: u8,
        clicks: u32,
        mods: u8,
    },
    Up {
        x: f64,
        y: f64,
        button: u8,
        clicks: u32,
        mods: u8,
    },
    Wheel {
        x: f64,
        y: f64,
        dx: f64,
        dy: f64,
        mods: u8,
    },
    Key {
        down: bool,
        key: String,
        code: String,
        mods: u8,
        #[serde(default)]
        text: Option<String>,
        #[serde(default)]
        repeat: bool,
    },
    Text {
        text: String,
    },
    Compose {
        text: String,
    },
    Paste {
        text: String,
    },
    Copy {
        #[serde(default)]
        cut: bool,
    },
    Tab {
        id: u32,
        act: TabAction,
    },
    Go {
        act: NavigateAction,
        #[serde(default)]
        address: Option<String>,
    },
    Dialog {
        id: u64,
        accept: bool,
        #[serde(default)]
        text: Option<String>,
    },
    Select {
        id: u64,
        index: Option<usize>,
    },
    Control {
        act: ControlAction,
    },
    Freeze {
        on: bool,
    },
    Files {
        id: u64,
        files: Vec<UploadedFile>,
    },
    /// What the site asked for is done.
    Done {},
    /// The session is to end.
    End {},
}

/// What is to be done with a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TabAction {
    /// Look at it.
    Show,
    /// Close it.
    Close,
}

/// Where a tab is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NavigateAction {
    /// To the page before.
    Back,
    /// To the page after.
    Forward,
    /// Load it again.
    Reload,
    /// To an address.
    Open,
}

/// Taking control, and giving it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlAction {
    /// Take it.
    Take,
    /// Let it go.
    Give,
}

/// A file for the page, uploaded before.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadedFile {
    /// Its name.
    pub name: String,
    /// What the upload was answered with.
    pub upload: String,
}

/// A message of a page is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidMessage(pub String);

impl ClientMessage {
    /// Reads a text message.
    ///
    /// # Errors
    /// [`InvalidMessage`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidMessage> {
        if text.len() > LONGEST_MESSAGE {
            return Err(InvalidMessage(format!("longer than {LONGEST_MESSAGE} bytes")));
        }
        let asked: Self = serde_json::from_str(text).map_err(|error| InvalidMessage(error.to_string()))?;
        asked.check().map(|()| asked)
    }

    fn check(&self) -> Result<(), InvalidMessage> {
        let wrong = |what: &str| Err(InvalidMessage(what.to_owned()));
        let on_page = |at: &[f64]| at.iter().all(|at| at.is_finite() && at.abs() <= FARTHEST);
        match self {
            Self::Move { x, y, .. } | Self::Down { x, y, .. } | Self::Up { x, y, .. } if !on_page(&[*x, *y]) => {
                wrong("a place that is none")
            }
            Self::Wheel { x, y, dx, dy, .. } if !on_page(&[*x, *y, *dx, *dy]) => wrong("a place that is none"),
            Self::Down { button, clicks, .. } | Self::Up { button, clicks, .. } if *button > 2 || *clicks > 3 => {
                wrong("a button that is none")
            }
            Self::Key { key, code, text, .. }
                if key.len() > LONGEST_KEY
                    || code.len() > LONGEST_KEY
                    || text.as_ref().is_some_and(|text| text.len() > LONGEST_KEY) =>
            {
                wrong("a key that is none")
            }
            Self::Text { text } | Self::Compose { text } | Self::Paste { text } if text.len() > LONGEST_PASTE => {
                wrong("a text longer than 64 KiB")
            }
            Self::Go { address: Some(address), .. } if address.len() > LONGEST_ADDRESS => {
                wrong("an address longer than 2,048 bytes")
            }
            Self::Dialog { text: Some(text), .. } if text.len() > LONGEST_PASTE => wrong("an answer that is too long"),
            Self::Size { dpr, .. } if !dpr.is_finite() => wrong("a density that is none"),
            Self::Files { files, .. } if files.len() > 20 => wrong("more than 20 files"),
            _ => Ok(()),
        }
    }

    /// As input for the browser, where it is that.
    pub(crate) fn input(&self) -> Option<Input> {
        Some(match self {
            Self::Move { x, y, buttons } => Input::Move { x: *x, y: *y, buttons: *buttons },
            Self::Down { x, y, button, clicks, mods } => {
                Input::Down { x: *x, y: *y, button: of_button(*button), clicks: *clicks, modifiers: *mods }
            }
            Self::Up { x, y, button, clicks, mods } => {
                Input::Up { x: *x, y: *y, button: of_button(*button), clicks: *clicks, modifiers: *mods }
            }
            Self::Wheel { x, y, dx, dy, mods } => Input::Wheel { x: *x, y: *y, dx: *dx, dy: *dy, modifiers: *mods },
            Self::Key { down, key, code, mods, text, repeat } => Input::Key {
                down: *down,
                key: key.clone(),
                code: code.clone(),
                modifiers: *mods,
                text: text.clone(),
                repeat: *repeat,
            },
            Self::Text { text } => Input::Text(text.clone()),
            Self::Compose { text } => Input::Compose(text.clone()),
            _ => return None,
        })
    }
}

const fn of_button(button: u8) -> MouseButton {
    match button {
        1 => MouseButton::Middle,
        2 => MouseButton::Right,
        _ => MouseButton::Left,
    }
}

/// What a viewer's page is told.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are what their names say")]
pub enum ServerMessage {
    Hello {
        session: SessionInfo,
        you: ViewerInfo,
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
    Dialog {
        id: u64,
        kind: String,
        text: String,
        value: String,
    },
    DialogGone {
        id: u64,
    },
    Select {
        id: u64,
        options: Vec<OptionInfo>,
        chosen: Option<usize>,
        #[serde(rename = "box")]
        place: [f64; 4],
    },
    SelectGone {
        id: u64,
    },
    Cursor {
        cursor: String,
    },
    Editable {
        on: bool,
        kind: String,
    },
    Copied {
        text: String,
    },
    Refused {
        what: String,
        why: String,
    },
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
        size: u64,
    },
    Clock {
        left: u64,
        idle_left: u64,
    },
    Pong {
        n: u32,
    },
}

/// Which session it is.
#[derive(Debug, Clone, Serialize)]
pub struct SessionInfo {
    pub id: String,
    pub credential_name: String,
    pub change: Option<String>,
}

/// Who is told, and what they may.
#[derive(Debug, Clone, Serialize)]
pub struct ViewerInfo {
    pub seat: ViewerId,
    pub name: String,
    pub level: Level,
    pub extras: Extras,
    pub may_end: bool,
    pub may_freeze: bool,
}

/// Somebody who looks on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonInfo {
    pub seat: ViewerId,
    pub name: String,
    pub level: Level,
    pub control: bool,
}

/// How far the session is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhaseInfo {
    pub phase: &'static str,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<&'static str>,
    /// What a person should know beside what the site asks: that it is the sign-in that verifies the new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<&'static str>,
}

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TabInfo {
    pub id: u32,
    pub title: String,
    pub address: String,
    pub active: bool,
    pub crashed: bool,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionInfo {
    pub label: String,
    pub disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_or_refused_with_what_is_wrong() {
        let good = [
            (r#"{"t":"seen","seq":7}"#, ClientMessage::Seen { seq: 7 }),
            (r#"{"t":"done"}"#, ClientMessage::Done {}),
            (r#"{"t":"go","act":"back"}"#, ClientMessage::Go { act: NavigateAction::Back, address: None }),
            (r#"{"t":"select","id":3,"index":null}"#, ClientMessage::Select { id: 3, index: None }),
            (
                r#"{"t":"key","down":true,"key":"ü","code":"BracketLeft","mods":0,"text":"ü"}"#,
                ClientMessage::Key {
                    down: true,
                    key: "ü".into(),
                    code: "BracketLeft".into(),
                    mods: 0,
                    text: Some("ü".into()),
                    repeat: false,
                },
            ),
        ];
        for (text, expected) in good {
            assert_eq!(ClientMessage::parse(text), Ok(expected), "{text}");
        }
        let long = format!(r#"{{"t":"paste","text":"{}"}}"#, "x".repeat(LONGEST_PASTE + 1));
        for bad in [
            "",
            "garbage",
            "[1]",
            r#"{"t":"fly"}"#,
            r#"{"t":"seen","seq":-1}"#,
            r#"{"t":"seen","seq":1,"more":2}"#,
            r#"{"t":"move","x":1e300,"y":0,"buttons":0}"#,
            r#"{"t":"down","x":1,"y":0,"button":9,"clicks":1,"mods":0}"#,
            r#"{"t":"key","down":true,"key":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","code":"","mods":0}"#,
            &long,
        ] {
            assert!(ClientMessage::parse(bad).is_err(), "{bad:.60}");
        }
    }

    #[test]
    fn the_page_is_told_in_plain_json() {
        let phase = ServerMessage::Phase(PhaseInfo {
            phase: "waiting",
            text: "…".into(),
            by: None,
            why: None,
            challenge: Some("captcha"),
            end: None,
        });
        let json = serde_json::to_value(&phase).unwrap();
        assert_eq!(json, serde_json::json!({"t": "phase", "phase": "waiting", "text": "…", "challenge": "captcha"}));
    }
}
