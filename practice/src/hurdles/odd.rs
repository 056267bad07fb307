//! Oddities of single sites: lines, buttons and ways in that move in a manner of their own. All are off by default.

use serde::{Deserialize, Serialize};

/// Oddities, one switch each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Odd {
    /// When a form's button wakes up.
    pub button: Wakes,
    /// How the lines of the sign-in take what is typed, and password lines everywhere.
    pub lines: Lines,
    /// The line for the name writes small letters, and small letters are good for signing in.
    pub small_letters: bool,
    /// How the line for the token is made.
    pub token: TokenLine,
    /// The password's line at the sign-in keeps so many characters; 0 keeps all.
    pub sign_in_keeps: u32,
    /// The site keeps so many characters of a new password and says nothing, while signing in compares all; 0 keeps all.
    pub keeps: u32,
    /// How one comes to the form of the sign-in, and from it.
    pub way: WayIn,
    /// What is asked beside name, password and token.
    pub asks: Asks,
    /// How a refused sign-in is told.
    pub refusal: Refusal,
    /// The new password is asked for again on the next page.
    pub repeat_later: bool,
    /// The change form asks for the user's name as well.
    pub name_in_change: bool,
    /// So many passwords after a change are still compared with the old one, as by a copy that learns late.
    pub late_for: u32,
}

/// When a form's button wakes up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wakes {
    /// It never sleeps.
    #[default]
    Awake,
    /// At a key-up, once every line holds something.
    KeyUp,
    /// When a line is left, once every line holds something.
    Blur,
}

/// How lines take what is typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lines {
    /// As ever.
    #[default]
    Plain,
    /// The lines of the sign-in are read-only until they have the keyboard.
    ReadOnlyUntilFocus,
    /// A password's line is a text line, drawn as dots.
    DrawnAsDots,
    /// The password at the sign-in is put in by drawn keys; its line takes no typing.
    Keypad,
}

/// How the line for the token is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLine {
    /// As the layout has it.
    #[default]
    Plain,
    /// A line that cannot be seen lies over six drawn boxes.
    OverBoxes,
    /// The same; the line can be seen, its text cannot.
    OverBoxesInSight,
    /// A blank appears after the third digit.
    Mask,
    /// The sixth digit sends the form, which has a button all the same; a used token ends the sign-in.
    SendsItself,
    /// Six number boxes without a greatest length, which move on by themselves.
    Numbers,
}

/// How one comes to the form of the sign-in, and from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayIn {
    /// As the layout has it.
    #[default]
    Plain,
    /// A passkey is asked for first; the form is behind "Try another way".
    Passkey,
    /// After the password one chooses between a push, a message and the authenticator app.
    Methods,
    /// In a frame that stands in a shadow tree.
    FrameInShadow,
    /// In a window that closes itself.
    PopUp,
    /// The form answers in a new tab.
    NewTab,
    /// By the browser's own window (RFC 7617); no token is asked.
    Basic,
    /// The form asks for the name alone and answers with itself.
    NameOnly,
}

/// What is asked beside name, password and token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// Nothing.
    #[default]
    Nothing,
    /// An account number above the name.
    Tenant,
    /// A question on a page after the password.
    Question,
    /// A bare line called captcha behind the button.
    PuzzleLine,
}

/// How a refused sign-in is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// In the form.
    #[default]
    Form,
    /// In words on a page without a form.
    Words,
    /// By a status of 403 on a page that says nothing else.
    Forbidden,
    /// As JSON.
    Json,
}
