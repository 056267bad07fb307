use countersign_model::{Challenge, ChangeReason};
use countersign_snapshot::ElementRef;

use crate::recognise::{PageKind, Press};

/// What to do next on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Open an address in the tab.
    Open {
        /// The address.
        address: String,
    },
    /// Fill a form and send it.
    Fill(Fill),
    /// Press or follow something on the way to a page.
    Follow {
        /// What to press.
        element: ElementRef,
        /// What it is called.
        name: String,
        /// Where it leads, when it is a link: to be opened when it cannot be pressed, as at the foot of a page without end.
        address: Option<String>,
    },
    /// Answer a question.
    Answer {
        /// The question.
        question: PageKind,
        /// Whether the answer is yes.
        yes: bool,
        /// How to answer.
        press: Press,
    },
    /// Put away what lies over the page: the first of these that works.
    Dismiss {
        /// What to press, best first.
        ways: Vec<ElementRef>,
    },
    /// Choose an entry of a list, and send the form where a button does that.
    Choose {
        /// The list.
        list: ElementRef,
        /// The entry's text.
        entry: String,
        /// The button that sends it.
        submit: Option<ElementRef>,
    },
    /// Give name and password to the browser's own sign-in window (RFC 9110 §11), for a document of this origin alone.
    AnswerWindow {
        /// The origin of the page that asks.
        origin: String,
    },
    /// Look what this address shows to somebody whom the site does not know, and tell the walk by
    /// [`SignInFlow::compared`](crate::SignInFlow::compared).
    Compare {
        /// The address.
        address: String,
    },
    /// Nothing has changed yet: wait for the page to change, then take another step.
    Wait,
    /// The form was sent by its button and nothing came of it: press Enter in it.
    PressEnter {
        /// Where the keyboard must be.
        element: ElementRef,
    },
    /// A person has to act in the tab. Take another step whenever the page has changed.
    Park(Challenge),
    /// It is done.
    SignedIn(SignInSummary),
    /// The new password was sent. What the page told of it proves nothing.
    Submitted(SiteVerdict),
    /// It cannot be done.
    GiveUp(ChangeReason),
}

/// A form to fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The page that asks.
    pub page: PageKind,
    /// What goes where, in reading order.
    pub entries: Vec<FieldEntry>,
    /// Boxes to tick or untick.
    pub ticks: Vec<(ElementRef, bool)>,
    /// Whether to send it. A form with a puzzle is filled and left for a person to send.
    pub send: bool,
    /// The button that sends it; without one, Enter in the last field does, unless the form sends itself.
    pub submit: Option<ElementRef>,
}

impl Fill {
    /// Whether something is typed that this is.
    pub fn types(&self, what: TypedValue) -> bool {
        self.entries.iter().any(|entry| entry.what == what)
    }

    /// How many characters of the present password the form keeps, when it says so.
    pub fn password_length(&self) -> Option<u32> {
        self.entries
            .iter()
            .filter(|entry| entry.what == TypedValue::Password)
            .filter_map(|entry| entry.max_length)
            .min()
    }

    /// How many characters of a new password the form keeps, when it says so.
    pub fn new_password_length(&self) -> Option<u32> {
        self.entries
            .iter()
            .filter(|entry| entry.what == TypedValue::NewPassword)
            .filter_map(|entry| entry.max_length)
            .min()
    }
}

/// One thing to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldEntry {
    /// What.
    pub what: TypedValue,
    /// Where.
    pub into: Target,
    /// The only origin it may be typed into: that of the frame in the snapshot, which belongs to the site.
    pub origin: String,
    /// What the field keeps.
    pub max_length: Option<u32>,
}

/// Where to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A line.
    Line(ElementRef),
    /// Boxes for one character each.
    Boxes(Vec<ElementRef>),
}

/// What to type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypedValue {
    /// The name; no secret.
    Username,
    /// The password that holds now (or, in a proof, the one to be proven).
    Password,
    /// The new password.
    NewPassword,
    /// A token of a step that nobody has used.
    Token,
    /// The value of one of the site's extra fields, by its place among them; no secret.
    Extra(u16),
}

/// How one got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInSummary {
    /// Name and password were asked for; otherwise the browser was known.
    pub with_password: bool,
    /// A token was asked for.
    pub with_token: bool,
    /// This browser is a trusted one now.
    pub trusted: bool,
}

/// What the page told after the new password was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteVerdict {
    /// That it was changed.
    Changed,
    /// That something went wrong, and what, as far as it said so.
    Failed(ChangeReason),
    /// Nothing.
    Nothing,
}
