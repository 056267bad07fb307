//! A site that keeps a password, lies, repeats itself, delays, and changes its mind. It knows the truth.

use std::time::Duration;

use crate::{
    chance::Chance,
    pages::{Error, Said, Screen},
};

/// A password as the model sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Old,
    New,
    /// Something that is neither: the site has cut it.
    Neither,
}

/// How the site behaves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// The name on one page, the password on the next.
    pub(crate) two_steps: bool,
    pub(crate) token: bool,
    pub(crate) captcha: bool,
    pub(crate) question: bool,
    pub(crate) location: bool,
    /// How a wrong password is answered.
    pub(crate) refusal: Refusal,
    /// Pages look the same to members and strangers.
    pub(crate) silent: bool,
    /// The form asks for the new password twice.
    pub(crate) twice: bool,
    /// What it does with a new password, what it says of that, and when it learns of it.
    pub(crate) does: Word,
    pub(crate) says: Said,
    pub(crate) learns_after: Duration,
    /// Everybody is out after a change.
    pub(crate) out: bool,
    /// Once in so many answers it is broken.
    pub(crate) breaks: u64,
    /// Locks after so many refusals in a row.
    pub(crate) locks_after: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    Words,
    Silent,
    PageWithWords,
    PageWithStatus,
}

impl Manner {
    pub(crate) fn of(chance: &mut Chance) -> Self {
        let says = chance.pick(&[Said::Changed, Said::Changed, Said::Nothing, Said::Refused, Said::Wrong]);
        let does = chance.pick(&[Word::New, Word::New, Word::New, Word::Old, Word::Old, Word::Neither]);
        // A site that says no and learns of it hours later anyway is beyond what anybody can find out.
        let late = does == Word::New && matches!(says, Said::Changed | Said::Nothing) && chance.once_in(3);
        let learns_after = if late { chance.pick(&[5, 40, 700, 9_000, 30_000]) } else { 0 };
        Self {
            two_steps: chance.once_in(4),
            token: !chance.once_in(3),
            captcha: chance.once_in(8),
            question: chance.once_in(12),
            location: chance.once_in(10),
            refusal: chance.pick(&[Refusal::Words, Refusal::Silent, Refusal::PageWithWords, Refusal::PageWithStatus]),
            silent: chance.once_in(4),
            twice: !chance.once_in(3),
            does,
            says,
            learns_after: Duration::from_secs(learns_after),
            out: chance.once_in(3),
            breaks: chance.pick(&[40, 1_000_000, 1_000_000]),
            locks_after: chance.pick(&[5, 1_000]),
        }
    }
}

/// What is known of one browser.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Browser {
    pub(crate) signed_in: bool,
    password_right: bool,
    named: bool,
    located: bool,
}

impl Browser {
    /// One that is signed in from before, or knows nothing.
    pub(crate) fn of(signed_in: bool) -> Self {
        Self { signed_in, ..Self::default() }
    }

    /// The same, known and signed out.
    pub(crate) const fn signed_out(self) -> Self {
        Self { signed_in: false, password_right: false, named: false, located: self.located }
    }
}

/// What a form brings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sent {
    pub(crate) name: bool,
    pub(crate) password: Option<Word2>,
    pub(crate) token: bool,
    pub(crate) new: bool,
    pub(crate) captcha: bool,
}

/// Which of the vault's passwords was sent.
pub(crate) type Word2 = Word;

pub(crate) struct Site {
    pub(crate) manner: Manner,
    pub(crate) chance: Chance,
    /// What signs in, and what did before the last change, with the time of that.
    holds: Word,
    before: Word,
    changed_at: Duration,
    refused_in_a_row: u32,
    pub(crate) changes: u32,
    /// Sign-ins with each password since the run began: old, new; and forms without a secret.
    pub(crate) sent: [u32; 2],
    pub(crate) bare: u32,
}

impl Site {
    pub(crate) fn new(manner: Manner, chance: Chance) -> Self {
        Self {
            manner,
            chance,
            holds: Word::Old,
            before: Word::Old,
            changed_at: Duration::ZERO,
            refused_in_a_row: 0,
            changes: 0,
            sent: [0, 0],
            bare: 0,
        }
    }

    /// Whether a password signs in at a moment.
    pub(crate) fn takes(&self, word: Word, now: Duration) -> bool {
        let learnt = now.saturating_sub(self.changed_at) >= self.manner.learns_after;
        word != Word::Neither && word == if learnt { self.holds } else { self.before }
    }

    /// What signs in once everything has been learnt.
    pub(crate) fn will_take(&self, word: Word) -> bool {
        word != Word::Neither && word == self.holds
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.refused_in_a_row >= self.manner.locks_after
    }

    /// An address is opened, or a link followed.
    pub(crate) fn get(&mut self, path: &str, browser: &Browser) -> Screen {
        if self.chance.once_in(self.manner.breaks) {
            return Screen::Broken;
        }
        match path {
            "/" if browser.signed_in => Screen::Home { silent: self.manner.silent },
            "/" => Screen::Front { silent: self.manner.silent },
            "/login" | "/settings" | "/password" | "/profile" | "/done" if !browser.signed_in => {
                self.sign_in_form(Error::None)
            }
            "/login" | "/done" => Screen::Home { silent: self.manner.silent },
            "/settings" => Screen::Settings,
            "/password" => Screen::Change { said: Said::Nothing, twice: self.manner.twice },
            _ => Screen::Missing,
        }
    }

    fn sign_in_form(&self, error: Error) -> Screen {
        if self.manner.two_steps {
            Screen::Name { error }
        } else {
            Screen::SignIn { error, captcha: self.manner.captcha, filled: false }
        }
    }

    /// A form is sent from a page.
    pub(crate) fn post(&mut self, from: Screen, sent: Sent, browser: &mut Browser, now: Duration) -> Screen {
        match from {
            Screen::Name { .. } if sent.name => {
                self.bare += 1;
                browser.named = true;
                Screen::Password { error: Error::None }
            }
            Screen::SignIn { .. } | Screen::Password { .. } => self.sign_in(from, sent, browser, now),
            Screen::Token { .. } if !browser.password_right || !sent.token => self.sign_in_form(Error::None),
            Screen::Token { .. } if self.chance.once_in(9) => Screen::Token { error: Error::Words },
            Screen::Token { .. } => self.let_in(browser),
            Screen::Change { .. } if !browser.signed_in => self.sign_in_form(Error::None),
            Screen::Change { .. } => self.change(sent, browser, now),
            other => other,
        }
    }

    fn sign_in(&mut self, from: Screen, sent: Sent, browser: &mut Browser, now: Duration) -> Screen {
        if let Some(word) = sent.password {
            self.sent[usize::from(word == Word::New)] += 1;
        } else {
            self.bare += 1;
        }
        if self.is_locked() {
            return Screen::Locked;
        }
        let right = sent.password.is_some_and(|word| self.takes(word, now))
            && (!self.manner.captcha || sent.captcha || self.manner.two_steps);
        if !right {
            self.refused_in_a_row += 1;
            return match (self.manner.refusal, from) {
                (Refusal::Words, Screen::Password { .. }) => Screen::Password { error: Error::Words },
                (Refusal::Words, _) => self.sign_in_form(Error::Words),
                (Refusal::Silent, Screen::Password { .. }) => Screen::Password { error: Error::Silent },
                (Refusal::Silent, _) => self.sign_in_form(Error::Silent),
                (Refusal::PageWithWords, _) => Screen::Refused { words: true },
                (Refusal::PageWithStatus, _) => Screen::Refused { words: false },
            };
        }
        browser.password_right = true;
        if self.manner.question {
            Screen::Question
        } else if self.manner.token {
            Screen::Token { error: Error::None }
        } else {
            self.let_in(browser)
        }
    }

    fn let_in(&mut self, browser: &mut Browser) -> Screen {
        if self.manner.location && !browser.located {
            return Screen::Location;
        }
        self.refused_in_a_row = 0;
        browser.signed_in = true;
        Screen::Home { silent: self.manner.silent }
    }

    /// A person confirms the location.
    pub(crate) fn confirm(&mut self, browser: &mut Browser) -> Screen {
        browser.located = true;
        self.let_in(browser)
    }

    fn change(&mut self, sent: Sent, browser: &mut Browser, now: Duration) -> Screen {
        if !sent.new {
            return Screen::Change { said: Said::Nothing, twice: self.manner.twice };
        }
        self.changes += 1;
        // A form that was sent again changes nothing more.
        if self.changes == 1 {
            self.before = self.holds;
            self.holds = self.manner.does;
            self.changed_at = now;
        }
        browser.signed_in &= !self.manner.out;
        match self.manner.says {
            Said::Refused | Said::Wrong => Screen::Change { said: self.manner.says, twice: self.manner.twice },
            said => Screen::After { said, out: self.manner.out },
        }
    }
}
