//! What happened on the site, for those who test: what was typed where, what was sent by mail, what went on.

use crate::layout::FieldRole;
use crate::page_name::PageName;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// One field that was typed into or sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// When, in seconds since 1970-01-01 UTC of the site's clock.
    pub at: i64,
    /// Which listener heard of it.
    pub gate: Gate,
    /// The origin of the page.
    pub origin: String,
    /// The page.
    pub page: PageName,
    /// The name of the field.
    pub field: String,
    /// What the field is for.
    pub role: FieldRole,
    /// What it held.
    pub value: String,
    /// Heard while it was typed, or when the form was sent.
    pub how: Heard,
    /// Who is signed in or signing in, as far as the site knows.
    pub user: Option<String>,
}

/// Which listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// The site.
    Site,
    /// The frame of the sign-in.
    Frame,
    /// The other origin that asks for passwords.
    Trap,
}

/// How the site heard of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// By an `input` event in the page: once for each change, so that a word typed key by key comes in pieces.
    Typed,
    /// With a form.
    Sent,
}

/// One mail that the site sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// When, in seconds of the site's clock.
    pub at: i64,
    /// To whom.
    pub user: String,
    /// The address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// The code in it.
    pub code: Option<String>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in seconds of the site's clock.
    pub at: i64,
    /// On whose account.
    pub user: Option<String>,
    /// What.
    pub name: EventName,
    /// More about it; never a password.
    pub detail: String,
}

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventName {
    /// A password was right at the sign-in.
    PasswordRight,
    /// A password was wrong at the sign-in.
    PasswordWrong,
    /// An account that is locked refused a password.
    PasswordRefusedLocked,
    /// A token was taken.
    TokenRight,
    /// A token was wrong.
    TokenWrong,
    /// A token was used before.
    TokenUsed,
    /// A decoy was filled in.
    DecoyFilled,
    /// A request was one too many.
    RateLimited,
    /// A CAPTCHA was solved.
    CaptchaSolved,
    /// A CAPTCHA was not solved.
    CaptchaWrong,
    /// "It was me" or "it was not".
    LocationAnswered,
    /// The code from the mail was right.
    MailCodeRight,
    /// The code from the mail was wrong.
    MailCodeWrong,
    /// "Trust" or "don't".
    TrustAnswered,
    /// Somebody is signed in.
    SignedIn,
    /// Somebody signed out.
    SignedOut,
    /// The password was given again before the settings.
    Reauthenticated,
    /// The password was changed.
    Changed,
    /// A change form was refused.
    ChangeRefused,
    /// The site said something that is not so.
    Lied,
    /// A form beside the point was sent with something in it.
    OtherFormSent,
    /// A fault struck.
    FaultStruck,
    /// A browser was sent to the other origin.
    SentToTrap,
    /// A window that a page opened was loaded.
    PoppedUp,
    /// The file that a page offers was fetched.
    Downloaded,
    /// An account was opened.
    SignedUp,
}

/// All that happened. The oldest of what a page can cause without end is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) typed: VecDeque<Typed>,
    pub(crate) mails: Vec<Mail>,
    pub(crate) events: VecDeque<Event>,
}

impl Journal {
    pub(crate) fn hear(&mut self, typed: Typed) {
        push(&mut self.typed, typed);
    }

    pub(crate) fn note(&mut self, event: Event) {
        push(&mut self.events, event);
    }
}

const KEPT: usize = 100_000;

fn push<T>(row: &mut VecDeque<T>, item: T) {
    if row.len() == KEPT {
        row.pop_front();
    }
    row.push_back(item);
}
