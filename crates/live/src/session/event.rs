//! What may happen to a session, and what it has done.

use std::path::PathBuf;

use countersign_browser::{Input, LiveEvent};
use countersign_model::{Challenge, SessionEnd};
use countersign_snapshot::Size;
use countersign_vault::{Participant, SessionAction};
use countersign_wire::{ClientMessage, NavigateAction, RecordingEvent, ServerMessage, TabInfo, ViewerId};

use super::phase::InHand;
use crate::files::StoredFile;

/// The driven page's size in CSS pixels, and its pixels to one of them.
pub(crate) type Window = (Size, f64);

/// What the machine gives out of its hands, and to what purpose.
pub enum Handover {
    /// Signed in: the browser is the person's until the end.
    SignedIn,
    /// A site asks for a person; the machine wants it back.
    Challenge {
        /// What it asks.
        challenge: Challenge,
        /// What a person should know beside.
        why: Option<String>,
    },
}

/// Something happened. Those of the last group are answers to effects, and come before anything else does.
pub(crate) enum Event {
    /// Somebody whom the vault has let in has come.
    Joined(Participant),
    /// What they may do has changed.
    Seated {
        seat: ViewerId,
        person: Participant,
    },
    /// They have gone, or read nothing any more.
    Left(ViewerId),
    Asked {
        seat: ViewerId,
        asked: ClientMessage,
    },

    /// What the machine does, for whoever looks on.
    Step(String),
    HandedOver {
        why: Handover,
        offered: Offered,
    },
    /// The machine wants to go on.
    TakeBack,
    End(SessionEnd),
    /// It is time to say that the session lives, and to look at the clock.
    Beat,
    /// An end was reached: everything is to be written.
    Finish(SessionEnd),

    Browser(LiveEvent),
    /// These are all tabs.
    Tabs(Vec<OpenPage>),
    /// The tab's process crashed; these are all tabs.
    Crashed {
        page: String,
        pages: Vec<OpenPage>,
    },
    BrowserGone,
    /// Titles and addresses were read, and whether the shown tab has something before and after.
    TabsRead {
        tabs: Vec<TabInfo>,
        history: (bool, bool),
    },

    /// Answers [`VaultEffect::Record`].
    Recorded {
        seat: ViewerId,
        then: Then,
        outcome: Result<(), NotRecorded>,
    },
    /// Answers [`VaultEffect::Heartbeat`].
    Heard(Heartbeat),
    /// Answers [`VaultEffect::EndBy`]: whether they may.
    EndAllowed {
        seat: ViewerId,
        allowed: bool,
    },
    /// Answers [`Effect::TakeBrowser`].
    BrowserTaken {
        to: InHand,
        taken: Result<TakenBrowser, SessionEnd>,
    },
    /// Answers [`PageEffect::OpenNew`].
    PageOpened(Option<String>),
    /// Answers [`PageEffect::Select`]: the text, none where a secret is in it, or the page does not answer.
    Selected {
        seat: ViewerId,
        text: Result<Option<String>, PageSilent>,
    },
    /// Answers [`Effect::TakeUpload`].
    UploadTaken {
        batch: UploadBatch,
        taken: Result<Upload, &'static str>,
    },
}

/// A page does not answer.
pub(crate) struct PageSilent;

/// The browser that is handed over.
pub(crate) enum Offered {
    /// One that is not in the person's hand.
    New,
    /// The one that they have; whether anything of it is shown, and the tab that the machine was at.
    Same { casts: bool, page: String },
}

/// A tab of the browser's.
pub(crate) struct OpenPage {
    pub(crate) id: String,
    /// A page opened it, not a person.
    pub(crate) by_page: bool,
}

/// A browser that has come into a person's hand: its tabs, and which to show.
pub(crate) struct TakenBrowser {
    pub(crate) page: String,
    pub(crate) pages: Vec<OpenPage>,
}

/// Why something was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotRecorded {
    /// It is not granted to them any more.
    TakenBack,
    /// The vault cannot write.
    Unavailable,
}

/// What the vault says to a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heartbeat {
    /// It has heard it, and may wish the session to end.
    Heard(Option<SessionEnd>),
    /// The session is no longer this process's.
    Lost,
    Failed,
}

/// What follows once it is recorded.
pub(crate) enum Then {
    /// Who has just come has control.
    Come,
    /// Who held control may only watch from now on.
    Lowered,
    ControlMoved,
    Freeze(bool),
    Done,
    Open(String),
    Paste {
        text: String,
        length: u64,
        hash: String,
    },
    Copy {
        text: String,
        length: u64,
        hash: String,
    },
    Upload {
        batch: UploadBatch,
        upload: Upload,
    },
    Nothing,
}

/// Files on their way to a page, one after the other.
pub(crate) struct UploadBatch {
    pub(crate) seat: ViewerId,
    /// Who gives them.
    pub(crate) person: countersign_model::UserId,
    /// The page's question.
    pub(crate) id: u64,
    /// What the uploads were answered with, the next at the end.
    pub(crate) left: Vec<String>,
    pub(crate) paths: Vec<PathBuf>,
}

/// A file that was brought.
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) hash: String,
    pub(crate) path: PathBuf,
}

/// Something is to be done, in the order given.
pub(crate) enum Effect {
    /// Into the recording.
    Note(RecordingEvent),
    /// People can see it: the recording's time begins.
    BeginRecording,
    /// The recording is whole and stored after this.
    EndRecording,
    Tell(ViewerId, ServerMessage),
    TellAll(ServerMessage),
    /// Who has come sits here from now on.
    Admit {
        seat: ViewerId,
        person: Participant,
    },
    /// Everything that they have to know is told.
    Welcome,
    /// Nobody sits here any more.
    Dismiss(ViewerId),
    /// Whether a person's input has come since the browser was handed over.
    Acted(bool),
    /// Answers [`Event::TakeBack`].
    TakenBack(bool),
    /// Take the browser that was offered into the person's hand, sure that what they see will be recorded.
    TakeBrowser(InHand),
    TakeUpload(UploadBatch),
    /// Keeps a file for the person who may take it.
    Offer {
        id: String,
        file: StoredFile,
    },
    /// Removes a file that nobody may have.
    Remove(PathBuf),
    /// What the browser remembers is kept for the next time.
    KeepBrowser,
    Page(PageEffect),
    Vault(VaultEffect),
}

/// Something is to be done in the browser.
pub(crate) enum PageEffect {
    /// Give it back to the machine.
    LetGo,
    /// Show this tab and no other.
    Show {
        page: String,
        window: Option<Window>,
    },
    /// Show nothing.
    Hide,
    ReadTabs(Vec<TabToRead>),
    OpenNew,
    Open {
        page: String,
        address: String,
    },
    Close(String),
    SetSize(Window),
    LetDownload(bool),
    Input(Input),
    /// Ask what is there, before the click is sent, and note it when the answer has come.
    NameClick {
        who: String,
        x: f64,
        y: f64,
    },
    AnswerDialog {
        id: u64,
        accept: bool,
        text: Option<String>,
    },
    ChooseOption {
        id: u64,
        index: Option<usize>,
    },
    GiveFiles {
        id: u64,
        paths: Vec<PathBuf>,
    },
    Go {
        act: NavigateAction,
        address: Option<String>,
    },
    /// Give what is selected, and cut it out where that is asked for.
    Select {
        seat: ViewerId,
        cut: bool,
    },
}

/// A tab whose title and address are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TabToRead {
    pub(crate) page: String,
    pub(crate) number: u32,
    pub(crate) active: bool,
    pub(crate) crashed: bool,
}

/// Something is to be asked of the vault.
pub(crate) enum VaultEffect {
    /// Write down what somebody does or is about to do.
    Record(Box<ToRecord>),
    Heartbeat,
    /// They end it; the vault writes down who it was.
    EndBy {
        seat: ViewerId,
        person: Box<Participant>,
    },
}

/// What is to be written down, by whom, and what follows from it.
pub(crate) struct ToRecord {
    pub(crate) seat: ViewerId,
    pub(crate) person: Participant,
    pub(crate) act: SessionAction,
    pub(crate) then: Then,
}
