//! What a viewer's page asks for, and its limits.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest text message of a page, in bytes.
pub const LONGEST_MESSAGE: usize = 96 * 1024;
/// The longest text that may be pasted, in bytes.
pub const LONGEST_PASTE: usize = 64 * 1024;

const LONGEST_KEY: usize = 40;
const LONGEST_ADDRESS: usize = 2_048;
const MAX_FILES: usize = 20;
/// Beyond any window, in CSS pixels.
const FARTHEST: f64 = 20_000.0;

/// A text message of a viewer's page: JSON with the field `t`. Places are CSS pixels of the driven page; `mods` are 1 Alt, 2 Ctrl,
/// 4 Meta, 8 Shift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
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
    /// The viewer's window has this size, at this density.
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
        /// What it types, where it types something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
        /// Where to, for `open`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    Dialog {
        id: u64,
        accept: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    Select {
        id: u64,
        /// Null for none of them.
        #[schema(required)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TabAction {
    /// Look at it.
    Show,
    /// Close it.
    Close,
}

/// Where a tab is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControlAction {
    /// Take it.
    Take,
    /// Let it go.
    Give,
}

/// A file for the page, uploaded before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
            Self::Files { files, .. } if files.len() > MAX_FILES => wrong("more than 20 files"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_refused() {
        let long = format!(r#"{{"t":"paste","text":"{}"}}"#, "x".repeat(LONGEST_PASTE + 1));
        let longer = format!(r#"{{"t":"text","text":"{}"}}"#, "x".repeat(LONGEST_MESSAGE));
        let file = r#"{"name":"a","upload":"in-1"}"#;
        let many = format!(r#"{{"t":"files","id":1,"files":[{}]}}"#, [file; MAX_FILES + 1].join(","));
        let far = format!(r#"{{"t":"go","act":"open","address":"https://a.example/{}"}}"#, "x".repeat(LONGEST_ADDRESS));
        for bad in [
            "",
            "garbage",
            "[1]",
            "{}",
            r#"{"t":"fly"}"#,
            r#"{"t":"hello"}"#,
            r#"{"t":"seen","seq":-1}"#,
            r#"{"t":"seen","seq":1,"more":2}"#,
            r#"{"t":"done","more":2}"#,
            r#"{"t":"move","x":1e300,"y":0,"buttons":0}"#,
            r#"{"t":"wheel","x":1,"y":0,"dx":0,"dy":-20001,"mods":0}"#,
            r#"{"t":"down","x":1,"y":0,"button":9,"clicks":1,"mods":0}"#,
            r#"{"t":"up","x":1,"y":0,"button":0,"clicks":4,"mods":0}"#,
            r#"{"t":"key","down":true,"key":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","code":"","mods":0}"#,
            r#"{"t":"tab","id":1,"act":"fly"}"#,
            &long,
            &longer,
            &many,
            &far,
        ] {
            assert!(ClientMessage::parse(bad).is_err(), "{bad:.60}");
        }
    }

    #[test]
    fn what_may_be_left_out_is_what_it_means_without() {
        for (text, expected) in [
            (r#"{"t":"copy"}"#, ClientMessage::Copy { cut: false }),
            (r#"{"t":"select","id":3,"index":null}"#, ClientMessage::Select { id: 3, index: None }),
            (
                r#"{"t":"dialog","id":3,"accept":true,"text":null}"#,
                ClientMessage::Dialog { id: 3, accept: true, text: None },
            ),
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
        ] {
            assert_eq!(ClientMessage::parse(text), Ok(expected), "{text}");
        }
    }
}
