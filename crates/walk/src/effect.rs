//! What the walk and whoever carries it out tell each other.

use std::time::Duration;

use countersign_model::{Challenge, ChangeKind, ChangeReason, ChangeState, PasswordSlot, SiteAnswer, Trust};
use countersign_recipe::{PasswordRules, Question, Recognised, SiteKnowledge, Step};
use countersign_snapshot::PageSnapshot;

/// How often each password may still be sent at a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    /// The current one.
    pub current: u32,
    /// The new one.
    pub candidate: u32,
}

impl Tries {
    /// Of one of them.
    pub const fn of(self, slot: PasswordSlot) -> u32 {
        match slot {
            PasswordSlot::Current => self.current,
            PasswordSlot::Candidate => self.candidate,
        }
    }
}

/// What is known before the walk begins.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What is to be done.
    pub kind: ChangeKind,
    /// What is known of the site.
    pub site: SiteKnowledge,
    /// The credential has a seed.
    pub has_token: bool,
    /// What to answer when the site asks whether to trust the browser.
    pub trust: Trust,
    /// The new password is stored and may have reached the site.
    pub armed: bool,
    /// What the site answered then, if that is known.
    pub answer: Option<SiteAnswer>,
    /// How long ago that was.
    pub since_submitted: Option<Duration>,
    /// How often it was begun, this time included.
    pub attempt: u32,
    /// How often each password may be sent before the account is in danger.
    pub tries: Tries,
    /// There is a browser of this credential that remembers something.
    pub remembered: bool,
    /// How long a person is waited for.
    pub waits: Duration,
}

#[cfg(test)]
impl Facts {
    /// A first try at a site, without a token, of which nothing is known but the site.
    pub(crate) const fn of(kind: ChangeKind, site: SiteKnowledge) -> Self {
        Self {
            kind,
            site,
            has_token: false,
            trust: Trust::DoNotTrust,
            armed: false,
            answer: None,
            since_submitted: None,
            attempt: 1,
            tries: Tries { current: 2, candidate: 2 },
            remembered: false,
            waits: Duration::from_secs(60),
        }
    }
}

/// Which browser to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The credential's own, with what it remembers.
    Own,
    /// One that knows nothing.
    Clean,
    /// The credential's own, signed out before: a site that knows it asks less.
    OwnSignedOut,
}

/// A page as it was looked at.
#[derive(Debug, Clone, Copy)]
pub struct PageView<'a> {
    /// What was seen.
    pub snapshot: &'a PageSnapshot,
    /// What that is.
    pub page: &'a Recognised,
    /// Somebody looks on in a session.
    pub watched: bool,
    /// A person has acted in it since it was given to one.
    pub acted: bool,
}

/// What has happened. Each event but [`Event::Cancelled`] and [`Event::Gone`] answers one effect.
#[derive(Debug)]
pub enum Event<'a> {
    /// The browser is open.
    Ready,
    /// That browser cannot be had: nothing could be signed out, or nothing is remembered.
    NoSuchBrowser,
    /// The page, once it had come to rest.
    Saw(PageView<'a>),
    /// A step was carried out.
    Done(StepDone),
    /// A step was not carried out.
    NotDone(StepError),
    /// The new password is made, sealed and committed.
    Stored,
    /// What the address shows to us, and to a stranger, if that could be seen.
    Compared {
        /// To us.
        own: PageView<'a>,
        /// To somebody whom the site does not know.
        stranger: Option<PageView<'a>>,
    },
    /// Whether the page is in the machine's hand again, and whether a person's input has come meanwhile.
    TakenBack {
        /// It is; otherwise a person is in the middle of something.
        taken: bool,
        /// A person has acted.
        acted: bool,
    },
    /// A person was waited for until the time was over, and nobody has come. The browser may be closed.
    NobodyCame,
    /// Somebody has called the change off.
    Cancelled,
    /// The page or the whole browser is gone.
    Gone {
        /// Why, for people.
        why: String,
        /// No Chromium can be started at all.
        missing: bool,
    },
}

/// How a step was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepDone {
    /// A form was filled and has sent itself before its button was pressed.
    pub sent_itself: bool,
}

/// Why a step was not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepError {
    /// Something lay over the page, or it was rebuilt meanwhile.
    Slipped,
    /// The frame is of another origin than the one it was to be typed into. Nothing was typed.
    WrongOrigin {
        /// That origin.
        found: String,
    },
    /// The line takes no typing, as where a keyboard is drawn beside it.
    TakesNoTyping,
    /// The line keeps something else than what was typed into it.
    NotTaken,
    /// The line keeps so many characters of a password that has more.
    CutShort {
        /// So many.
        kept: u32,
    },
    /// The button that sends the form stays disabled.
    ButtonAsleep,
    /// The browser did not answer in time.
    Frozen,
    /// The address may not be visited.
    Refused {
        /// Why, and what an operator can do.
        why: String,
    },
    /// The password was sent as often as it may be.
    TriesSpent,
    /// Others have taken each token for minutes.
    TokensTaken,
    /// No password can be made by the site's rules.
    NoPassword {
        /// Why.
        why: String,
    },
}

/// What to do next: one thing.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open a browser.
    Browser(Profile),
    /// Carry a step out on the page.
    Step {
        /// Which.
        act: Step,
        /// The password that is typed where the step says *password*.
        slot: PasswordSlot,
        /// The password gets somebody in, which sites count.
        signs_in: bool,
    },
    /// Look at the page once it has come to rest.
    Look,
    /// The same after it has changed, or after so long.
    LookAfter(Duration),
    /// Make, seal and commit the new password.
    Store {
        /// The most characters that a form keeps.
        max_length: Option<u32>,
        /// What the page says of its rules, beside what is known of the site.
        rules: Option<PasswordRules>,
    },
    /// Look at an address as we see it and as a stranger does.
    Compare {
        /// The address.
        address: String,
    },
    /// A person has to act in the page: give it to them, then look again when it has changed.
    Park {
        /// What the site asks.
        challenge: Challenge,
        /// What a person should know beside.
        why: Option<String>,
    },
    /// Take the page back from the person.
    TakeBack,
    /// It has ended.
    End(Ending),
}

/// Something to write down before the effect is carried out. All of it has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Note {
    /// A line for people, where the change stands, and whether to add how the page looks.
    Say {
        /// Where it stands.
        state: ChangeState,
        /// The line.
        text: String,
        /// Add how the page looks.
        screenshot: bool,
    },
    /// A point that a change passes.
    Point(&'static str),
    /// The password signs in.
    Taken(PasswordSlot),
    /// The site has taken a password, and asks for more before it lets anybody in: no proof, and no failed try.
    Accepted,
    /// What the browser remembers is worth keeping.
    KeepBrowser,
    /// What the site answered when the new password was sent.
    Answered(SiteAnswer),
    /// A person has sent the form with a password in it.
    SentByPerson(PasswordSlot),
    /// A person has answered a question: worth knowing the next time, once the sign-in has worked.
    Answer(Question),
    /// The sign-in has worked: the answers that were read are right.
    KeepAnswers,
}

/// What to note, and what to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// What has happened.
    pub notes: Vec<Note>,
    /// What to do.
    pub effect: Effect,
}

/// How it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// A fresh sign-in has proven the new password.
    Changed,
    /// The rehearsal, heartbeat or sign-in went well.
    Passed,
    /// The password is unchanged: nothing was sent, or a fresh sign-in with the old one has proven it.
    Failed(ChangeReason),
    /// Which password holds could not be found out.
    InDoubt {
        /// What stood in the way.
        reason: ChangeReason,
        /// When to try again; `None` when only a person can help.
        retry_after: Option<Duration>,
    },
    /// To be begun again after so long; nothing was sent that could have changed the password.
    Postponed(Duration, ChangeReason),
    /// Called off before anything was changed.
    Cancelled,
}
