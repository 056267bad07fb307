//! Signing in: what is done on each page (this file), forms and how often they are sent (`forms.rs`), what a site answered
//! (`answer.rs`), and what is beyond forms (`outcome.rs`).

mod answer;
mod forms;
mod learnt;
mod outcome;

use std::{collections::BTreeSet, time::Duration};

use countersign_model::{Challenge, ChangeReason, Trust};
use countersign_snapshot::PageSnapshot;

use super::{
    choose::Chooser,
    explore::{Explorer, Goal},
    sent::SentForm,
    standing::{certificate_refused, first_question, has_more, is_kept_back, tells_apart},
    step::{SignInSummary, Step},
    unloaded::Unloaded,
};
use crate::{FieldRole, PageKind, Question, Recognised, SiteKnowledge, recognise::recognise};

/// How often a password is sent before it is given up: sites lock accounts.
const MAX_PASSWORDS: u32 = 2;
/// How often a token is sent: the second is of a later step.
const MAX_TOKENS: u32 = 2;
/// How often a form with the name and no secret in it is sent.
const MAX_NAMES: u32 = 3;
/// How often something may be in the way of an act before a person has to look.
pub(crate) const MAX_UNDONE: u32 = 6;
/// So many texts that were there before anything was sent are remembered.
const MAX_FURNITURE: usize = 60;
/// A walk is never longer.
const MAX_STEPS: u32 = 600;
/// Below this no secret is typed.
pub(crate) const CERTAIN: f32 = 0.4;
/// After a name was sent, the page that follows is waited for so long before other ways are looked for.
const BEFORE_EXPLORING: Duration = Duration::from_secs(4);
/// So long a page that says nothing is waited for after the password was sent.
const BEFORE_GOING_ON: Duration = Duration::from_millis(2500);
/// So long a page may offer nothing at all after a secret was sent.
const WHILE_SILENT: Duration = Duration::from_secs(15);
/// So long a page may say that it is busy.
const WHILE_BUSY: Duration = Duration::from_secs(25);

/// How far it was looked into whether a sign-in has worked, where the page after it does not show that.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Check {
    /// Not at all.
    None,
    /// An address was opened again that shows who one is.
    Opened,
    /// What it shows to a stranger was asked for.
    Asked,
    /// It tells members from strangers, or it does not.
    Known(bool),
    /// The address that the sign-in had led to was opened again.
    Landed(String),
}

/// The walk from anywhere to a page for somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignInFlow {
    site: SiteKnowledge,
    has_token: bool,
    trust: Trust,
    explorer: Explorer,
    chooser: Chooser,
    sent: Option<SentForm>,
    /// The form was filled, and a person has something left to do in it and sends it.
    left_to_person: bool,
    /// What was left in the form: a password, a token.
    left: (bool, bool),
    /// A person has sent the form with the password, which the walk's driver has not heard of yet.
    sent_by_person: bool,
    /// The question that a person answers, and the answer once it stands there.
    question: Option<Question>,
    answered: Option<Question>,
    /// Where it begins, as long as that is an address that was learnt and has not been found stale.
    learnt: Option<String>,
    opened: u32,
    /// Texts that look like refusals and were there before anything was sent.
    furniture: BTreeSet<String>,
    /// The first address was opened again because the page refused without a form.
    reopened: bool,
    /// The address that was opened last, and one that has shown a way in instead of itself.
    address: Option<String>,
    guarded: Option<String>,
    passwords: u32,
    most_passwords: u32,
    /// The last form took the password without a token: where it comes again and asks for one, that is the same sign-in.
    half: bool,
    tokens: u32,
    names: u32,
    most_names: u32,
    /// What came after the password showed that it was taken: the token was asked for.
    password_taken: bool,
    /// So many forms reached no server, because their page was loaded again.
    lost: u32,
    /// The last secret that was sent was a token.
    token_last: bool,
    /// The password stands on a page of its own that calls it a new one.
    second: bool,
    /// A name was sent, and what follows it has not been seen yet.
    expecting: bool,
    answers: u32,
    retries: u32,
    dismissed: u32,
    steps: u32,
    trusted: bool,
    check: Check,
    /// Where the sign-in led, if anywhere, and whether that is what is compared now.
    landing: Option<String>,
    at_landing: bool,
    /// What the last fill counted, to be taken back when it was not carried out: passwords, tokens, names; and what `half`
    /// was before it.
    counted: (u32, u32, u32),
    half_before: bool,
    /// How often something could not be carried out.
    undone: u32,
    /// What the page asks that a person has to answer.
    asked: Option<String>,
    unloaded: Unloaded,
}

impl SignInFlow {
    /// Begins with nothing sent. `has_token`: the credential has a seed.
    pub const fn new(site: SiteKnowledge, has_token: bool, trust: Trust) -> Self {
        Self {
            site,
            has_token,
            trust,
            explorer: Explorer::new(Goal::SignIn),
            chooser: Chooser::new(),
            sent: None,
            left_to_person: false,
            left: (false, false),
            sent_by_person: false,
            question: None,
            answered: None,
            learnt: None,
            opened: 0,
            furniture: BTreeSet::new(),
            reopened: false,
            address: None,
            guarded: None,
            passwords: 0,
            most_passwords: MAX_PASSWORDS,
            half: false,
            tokens: 0,
            names: 0,
            most_names: MAX_NAMES,
            password_taken: false,
            lost: 0,
            token_last: false,
            second: false,
            expecting: false,
            answers: 0,
            retries: 0,
            dismissed: 0,
            steps: 0,
            trusted: false,
            check: Check::None,
            landing: None,
            at_landing: false,
            counted: (0, 0, 0),
            half_before: false,
            undone: 0,
            asked: None,
            unloaded: Unloaded::new(),
        }
    }

    /// The password was sent before, and may be sent so often only: never more than twice.
    #[must_use]
    pub const fn sends_at_most(mut self, passwords: u32) -> Self {
        self.most_passwords = if passwords < MAX_PASSWORDS { passwords } else { MAX_PASSWORDS };
        self
    }

    /// Forms with the name and no secret in them were sent before, and may be sent so often only: never more than three times.
    #[must_use]
    pub const fn names_at_most(mut self, names: u32) -> Self {
        self.most_names = if names < MAX_NAMES { names } else { MAX_NAMES };
        self
    }

    /// Where to begin.
    pub fn first_address(&self) -> &str {
        self.learnt.as_deref().unwrap_or_else(|| self.usual_address())
    }

    /// How often the password was sent.
    pub const fn passwords_sent(&self) -> u32 {
        self.passwords
    }

    /// What the page asks that only a person can answer, in the page's own words.
    pub fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }

    /// Whether a person has sent a form with the password in it since this was last asked.
    pub fn take_sent_by_person(&mut self) -> bool {
        std::mem::take(&mut self.sent_by_person)
    }

    /// A question that a person has answered in the form since this was last asked: worth knowing the next time.
    pub fn take_answered(&mut self) -> Option<Question> {
        self.answered.take()
    }

    /// The next act. `waited` is how long ago the last act other than waiting was carried out.
    pub fn step(&mut self, snapshot: &PageSnapshot, waited: Duration) -> Step {
        let page = recognise(snapshot, &self.site);
        self.step_on(snapshot, &page, waited)
    }

    /// The same for a page that was recognised already, by what is known of this walk's site.
    pub fn step_on(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Step::GiveUp(ChangeReason::TimedOut);
        }
        let act = self.decide(snapshot, page, waited);
        let act = if self.learnt.is_some() { self.at_what_was_learnt(act) } else { act };
        if let Step::Open { address } = &act {
            self.address = Some(address.clone());
        }
        act
    }

    /// What the address that was to be compared shows to a stranger; `None` when that could not be seen.
    pub fn compared(&mut self, own: (&PageSnapshot, &Recognised), stranger: Option<(&PageSnapshot, &Recognised)>) {
        let apart = |stranger| tells_apart(own, stranger) && (!self.at_landing || has_more(own.0, stranger.0));
        self.check = Check::Known(stranger.is_some_and(apart));
    }

    /// The last act was not carried out, because something lay over the page or the page was rebuilt: nothing was sent.
    /// The next step decides anew.
    pub fn not_carried_out(&mut self) {
        self.sent = None;
        self.left_to_person = false;
        self.undone += 1;
        let (passwords, tokens, names) = std::mem::take(&mut self.counted);
        self.half = self.half_before;
        self.passwords -= passwords;
        self.tokens -= tokens;
        self.names -= names;
    }

    fn decide(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        let second = self.second_step(page);
        let page = second.as_ref().unwrap_or(page);
        self.notice(snapshot, page);
        if is_kept_back(snapshot) {
            return Step::GiveUp(ChangeReason::NotSendable);
        }
        // Whatever it says of locks and tries: RFC 6585 §4 asks for patience, and no more.
        let too_many = snapshot.answer.as_ref().is_some_and(|answer| answer.status == 429);
        if too_many && !page.puzzle && page.kind != PageKind::Captcha {
            return Step::GiveUp(ChangeReason::RateLimited);
        }
        if let Some(act) = self.look_at_answer(snapshot, page, waited) {
            return act;
        }
        if let Some(act) = self.window(snapshot, page) {
            return act;
        }
        if let Some(origin) = self.elsewhere(snapshot, page) {
            return Step::GiveUp(ChangeReason::LeftSite { origin });
        }
        if snapshot.busy && page.parts.is_empty() && waited < WHILE_BUSY {
            return Step::Wait;
        }
        if let Some(overlay) =
            page.overlays.last().filter(|over| self.dismissed < 8 && (over.blocks || self.undone > 0))
        {
            self.dismissed += 1;
            return Step::Dismiss { ways: overlay.ways.clone() };
        }
        let choose = |run: &mut Self, other: Step| {
            run.chooser.choose(snapshot, page, run.passwords > 0 || run.tokens > 0, run.has_token).unwrap_or(other)
        };
        match page.kind {
            PageKind::Unreachable => self.unreachable(snapshot),
            PageKind::Broken => self.again(ChangeReason::SiteUnavailable),
            PageKind::Locked => Step::GiveUp(ChangeReason::AccountLocked),
            PageKind::RateLimited => Step::GiveUp(ChangeReason::RateLimited),
            PageKind::Captcha => self.park(snapshot, Challenge::Captcha),
            PageKind::Location => self.park(snapshot, Challenge::Location),
            PageKind::DeviceCode => {
                let otherwise = self.park(snapshot, Challenge::NewDevice);
                choose(self, otherwise)
            }
            PageKind::Methods => {
                let otherwise = self.park(snapshot, Challenge::Unknown);
                self.expecting = true;
                choose(self, otherwise)
            }
            PageKind::Trust => self.answer_trust(snapshot, page),
            PageKind::SignIn | PageKind::Token | PageKind::Reauthenticate => self.fill(snapshot, page, waited),
            // A site may insist on a new password; that is for somebody who is in.
            PageKind::SignedIn
            | PageKind::Changed
            | PageKind::Change
            | PageKind::ConfirmChange
            | PageKind::Missing
            | PageKind::Unknown => self.beyond_forms(snapshot, page, waited),
        }
    }

    /// What is seen in passing.
    fn notice(&mut self, snapshot: &PageSnapshot, page: &Recognised) {
        self.unloaded.notice(snapshot, &self.site);
        let path = |address: &str| crate::recognise::path_of(address).split('#').next().unwrap_or_default().to_owned();
        let here = snapshot.main().map(|main| path(&main.address));
        if self.passwords + self.tokens == 0 && self.furniture.len() < MAX_FURNITURE {
            self.furniture.extend(page.refusals.iter().map(|(_, text)| text.clone()));
        }
        if self.passwords + self.tokens == 0
            && page.kind == PageKind::SignIn
            && let (Some(opened), Some(here)) = (&self.address, here)
            && path(opened) != here
        {
            // It was asked for by somebody unknown, who was sent to sign in.
            self.guarded = Some(opened.clone());
        }
        let after_password = self.passwords > 0 && page.part(FieldRole::CurrentPassword).is_none();
        self.password_taken |= after_password
            && matches!(page.kind, PageKind::Token | PageKind::Trust | PageKind::DeviceCode | PageKind::Location);
        if let Some(question) = &self.question {
            let now = page.questions.iter().find(|one| one.element == question.element);
            if let Some(now) = now.filter(|one| one.filled) {
                self.answered = Some(now.clone());
            }
        }
    }

    /// Right after a name was sent, a password that stands alone is the one to that name, even where an attribute calls it a
    /// new one and nothing else does.
    fn second_step(&mut self, page: &Recognised) -> Option<Recognised> {
        let alone = matches!(page.parts.as_slice(), [part] if part.role == FieldRole::NewPassword);
        if page.kind != PageKind::Change || page.score >= CERTAIN || !alone {
            return None;
        }
        self.second |= self.names > 0 && self.passwords == 0;
        self.second.then(|| {
            let mut read = Recognised { kind: PageKind::SignIn, score: CERTAIN, ..page.clone() };
            read.parts.iter_mut().for_each(|part| part.role = FieldRole::CurrentPassword);
            read
        })
    }

    fn park(&mut self, snapshot: &PageSnapshot, challenge: Challenge) -> Step {
        self.asked = (challenge == Challenge::Unknown).then(|| first_question(snapshot)).flatten();
        Step::Park(challenge)
    }

    /// The page asks for a secret where it does not belong.
    fn elsewhere(&self, snapshot: &PageSnapshot, page: &Recognised) -> Option<String> {
        let typed = page.parts.iter().find(|part| !self.site.allows(&part.origin)).map(|part| part.origin.clone());
        let sent = page.sends_to.clone().filter(|origin| !self.site.allows(origin) && !page.parts.is_empty());
        typed.or(sent).or_else(|| self.site.left_for(snapshot))
    }

    /// The browser's own window asks, or has refused.
    fn window(&mut self, snapshot: &PageSnapshot, page: &Recognised) -> Option<Step> {
        let answer = snapshot.answer.as_ref().filter(|answer| answer.status == 401)?;
        let scheme = answer.sign_in_scheme.as_deref()?;
        if !page.parts.is_empty() {
            return None;
        }
        if !matches!(scheme, "basic" | "digest") {
            return Some(Step::GiveUp(ChangeReason::BrowserSignIn));
        }
        if self.passwords >= self.most_passwords {
            return Some(Step::GiveUp(self.refused()));
        }
        // The page that the browser shows meanwhile is its own; the address is the one that was asked for.
        let asked = url::Url::parse(&snapshot.main()?.address).ok()?.origin().ascii_serialization();
        if !self.site.allows(&asked) {
            return Some(Step::GiveUp(ChangeReason::LeftSite { origin: asked }));
        }
        self.count((true, false));
        Some(Step::AnswerWindow { origin: asked })
    }

    fn answer_trust(&mut self, snapshot: &PageSnapshot, page: &Recognised) -> Step {
        let yes = self.trust == Trust::Trust;
        let press = if yes { &page.yes } else { &page.no };
        match press {
            Some(press) if self.answers < 3 && self.trust != Trust::Ask => {
                self.answers += 1;
                self.trusted |= yes;
                self.sent = Some(SentForm::of(snapshot, page));
                Step::Answer { question: PageKind::Trust, yes, press: press.clone() }
            }
            _ => Step::Park(Challenge::TrustBrowser),
        }
    }

    fn done(&self) -> Step {
        Step::SignedIn(SignInSummary {
            with_password: self.passwords > 0,
            with_token: self.tokens > 0,
            trusted: self.trusted,
        })
    }

    /// On the way to a form.
    fn look_around(&mut self, snapshot: &PageSnapshot, waited: Duration) -> Step {
        if self.expecting && waited < BEFORE_EXPLORING {
            // The next step is on its way.
            return Step::Wait;
        }
        self.expecting = false;
        let home = self.site.address.clone();
        match self.explorer.next(snapshot, &self.site, &home, waited) {
            Some(act) => act,
            None if self.opened == 0 && self.site.sign_in.is_some() => {
                self.opened += 1;
                Step::Open { address: home }
            }
            None if self.passwords + self.tokens > 0 => Step::GiveUp(ChangeReason::SignInNotShown),
            None => Step::GiveUp(self.unloaded.reason()),
        }
    }

    fn unreachable(&mut self, snapshot: &PageSnapshot) -> Step {
        match certificate_refused(snapshot) {
            Some(reason) => Step::GiveUp(reason),
            None => self.again(ChangeReason::SiteUnavailable),
        }
    }

    fn again(&mut self, reason: ChangeReason) -> Step {
        if self.retries >= 2 {
            return Step::GiveUp(reason);
        }
        self.retries += 1;
        self.sent = None;
        self.explorer.once_more();
        Step::Open { address: self.first_address().to_owned() }
    }
}
