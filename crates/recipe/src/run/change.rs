use std::time::Duration;

use countersign_model::{Challenge, ChangeReason, Trust};
use countersign_snapshot::{Frame, PageSnapshot};
use url::Url;

use super::{
    explore::{Explorer, Goal},
    fill::{fill, puzzle_is_open},
    sent::{SendOutcome, SentForm},
    sign_in::{CERTAIN, MAX_UNDONE, SignInFlow},
    standing::{certificate_refused, is_kept_back},
    step::{Fill, SiteVerdict, Step, TypedValue},
    unloaded::Unloaded,
};
use crate::{
    FieldRole, Message, PageKind, Press, Recognised, SiteKnowledge, recognise,
    recognise::{MessageKind as Tells, choice},
    words::Concept,
};

/// A path that no site has, by the standard that `/.well-known/change-password` comes from: a site that answers it with
/// success answers anything so.
const CANNOT_EXIST: &str = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
const WELL_KNOWN: &str = "/.well-known/change-password";
/// So promising a link is followed before anything else is tried.
const PLAIN: f32 = 3.5;
/// What leads to settings, or further within them.
const LIKELY: f32 = 2.0;
const MAX_STEPS: u32 = 600;
/// So often a form with the new password in it is sent: once, once more where the page asks for it again, and after a puzzle.
const MAX_SENDS: u32 = 3;
/// So long a page may say that it is busy.
const WHILE_BUSY: Duration = Duration::from_secs(25);

/// Where the change page is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Nothing was tried yet.
    Begin,
    /// The known address was opened.
    Known,
    /// The same where the address was learnt: it may be stale.
    Learnt,
    /// The path that cannot exist was opened.
    Probe,
    /// The well-known address was opened.
    WellKnown,
    /// By following what speaks of it.
    Explore,
}

/// The walk from a page for somebody who is signed in to a new password that was sent.
#[derive(Debug, Clone)]
pub struct ChangeFlow {
    site: SiteKnowledge,
    has_token: bool,
    way: Way,
    explorer: Explorer,
    /// Asked again for password or token on the way.
    proof: SignInFlow,
    sent: Option<SentForm>,
    /// The new password has been sent.
    submitted: bool,
    sends: u32,
    retries: u32,
    dismissed: u32,
    answered: u32,
    undone: u32,
    /// The new password stands in the form, and a person may send it.
    armed: bool,
    /// The last act was to fill the form.
    filling: bool,
    steps: u32,
    home: Option<String>,
    unloaded: Unloaded,
}

impl ChangeFlow {
    /// Begins on a page for somebody who is signed in.
    pub fn new(site: SiteKnowledge, has_token: bool, trust: Trust) -> Self {
        Self {
            proof: SignInFlow::new(site.clone(), has_token, trust),
            site,
            has_token,
            way: Way::Begin,
            explorer: Explorer::new(Goal::Change),
            sent: None,
            submitted: false,
            sends: 0,
            retries: 0,
            dismissed: 0,
            answered: 0,
            undone: 0,
            armed: false,
            filling: false,
            steps: 0,
            home: None,
            unloaded: Unloaded::new(),
        }
    }

    /// Whether the new password has been sent, or stands in a form that a person may send: from here on, what holds is unknown until it is proven.
    pub const fn submitted(&self) -> bool {
        self.submitted || self.armed
    }

    /// What the page asks that only a person can answer, in the page's own words.
    pub fn asked(&self) -> Option<&str> {
        self.proof.asked()
    }

    /// How often the present password was sent to prove who one is.
    pub const fn passwords_sent(&self) -> u32 {
        self.proof.passwords_sent()
    }

    /// The next act. `waited` is how long ago the last act other than waiting was carried out.
    pub fn step(&mut self, snapshot: &PageSnapshot, waited: Duration) -> Step {
        let page = recognise(snapshot, &self.site);
        self.step_on(snapshot, &page, waited)
    }

    /// The same for a page that was recognised already, by what is known of this walk's site.
    pub fn step_on(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        let act = self.decide(snapshot, page, waited);
        if act != Step::Wait {
            self.filling = matches!(act, Step::Fill(_));
        }
        act
    }

    fn decide(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return if self.submitted {
                Step::Submitted(SiteVerdict::Nothing)
            } else {
                Step::GiveUp(ChangeReason::TimedOut)
            };
        }
        if self.home.is_none() {
            self.home = snapshot.main().map(|main| main.address.clone());
            // A walk that began there comes from no page that leads on.
            if self.home == self.site.learnt.change {
                self.home = Some(self.site.address.clone());
            }
        }
        self.unloaded.notice(snapshot, &self.site);
        if is_kept_back(snapshot) {
            return Step::GiveUp(ChangeReason::NotSendable);
        }
        if self.submitted {
            return self.after(snapshot, page, waited);
        }
        if self.armed {
            return self.beside_a_person(snapshot, page);
        }
        if snapshot.busy && page.parts.is_empty() && waited < WHILE_BUSY {
            return Step::Wait;
        }
        self.before(snapshot, page, waited)
    }

    /// The last act was not carried out, and nothing was sent; the next step decides anew. Not to be called once a new
    /// password may have reached the site.
    pub fn not_carried_out(&mut self) {
        self.undone += 1;
        // What came after the form was sent, such as putting a dialog away, takes nothing back.
        if self.submitted && !self.filling {
            return;
        }
        self.sent = None;
        self.submitted = false;
        self.armed = false;
        self.proof.not_carried_out();
    }

    fn before(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        if let Some(overlay) =
            page.overlays.last().filter(|over| self.dismissed < 8 && (over.blocks || self.undone > 0))
        {
            self.dismissed += 1;
            return Step::Dismiss { ways: overlay.ways.clone() };
        }
        if let Some(origin) = self.site.left_for(snapshot) {
            // The well-known address may lead astray, and so may one that was learnt; the way by links is still open.
            if matches!(self.way, Way::WellKnown | Way::Probe | Way::Learnt) {
                return self.go_home();
            }
            return Step::GiveUp(ChangeReason::LeftSite { origin });
        }
        if let Some(reason) = certificate_refused(snapshot) {
            return Step::GiveUp(reason);
        }
        match page.kind {
            PageKind::Change if page.score >= CERTAIN => self.fill(snapshot, page),
            // Somebody who is signed in is asked for name and password by another service's settings, not by the site.
            PageKind::SignIn if page.signed_in && !page.signed_out => self.seek(snapshot, page, waited),
            // A list of settings, two-step verification among them, leads on to the password.
            PageKind::Methods if self.explorer.promise(snapshot, &self.site) >= LIKELY => {
                self.seek(snapshot, page, waited)
            }
            PageKind::SignIn
            | PageKind::Methods
            | PageKind::Reauthenticate
            | PageKind::Token
            | PageKind::Trust
            | PageKind::Captcha
            | PageKind::DeviceCode
            | PageKind::Location
            | PageKind::Locked
            | PageKind::RateLimited => self.prove(snapshot, page, waited),
            PageKind::Unreachable | PageKind::Broken if self.way == Way::Learnt => self.seek(snapshot, page, waited),
            PageKind::Unreachable | PageKind::Broken if self.retries >= 2 => {
                Step::GiveUp(ChangeReason::SiteUnavailable)
            }
            PageKind::Unreachable | PageKind::Broken => {
                self.retries += 1;
                self.explorer.once_more();
                self.go_home()
            }
            _ => self.seek(snapshot, page, waited),
        }
    }

    /// The site asks again who it is.
    fn prove(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        match self.proof.step_on(snapshot, page, waited) {
            // Who one is, is known: the way goes on.
            Step::SignedIn(_) | Step::Compare { .. } => self.seek(snapshot, page, waited),
            act => act,
        }
    }

    fn seek(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        let learnt = self.way == Way::Learnt || self.way == Way::Begin && self.site.learnt.change.is_some();
        if page.kind == PageKind::Change && !learnt && self.explorer.promise(snapshot, &self.site) < PLAIN {
            // It asks for passwords in a way that cannot be read, and there is no better page in sight.
            return Step::Park(Challenge::Unknown);
        }
        let status = snapshot.answer.as_ref().map_or(0, |answer| answer.status);
        match self.way {
            Way::Begin if self.site.change.is_some() => {
                self.way = Way::Known;
                Step::Open { address: self.site.change.clone().unwrap_or_default() }
            }
            Way::Begin if self.site.learnt.change.is_some() => {
                self.way = Way::Learnt;
                let address = self.site.learnt.change.clone().unwrap_or_default();
                if snapshot.main().is_some_and(|main| main.address == address) {
                    return self.seek(snapshot, page, waited);
                }
                Step::Open { address }
            }
            // Stale, or no page of its own: as if nothing had been learnt, from where one would have begun.
            Way::Learnt => {
                self.way = Way::Known;
                Step::Open { address: self.home.clone().unwrap_or_else(|| self.site.address.clone()) }
            }
            Way::Begin | Way::Known if self.explorer.promise(snapshot, &self.site) >= PLAIN => {
                self.way = Way::Explore;
                self.explore(snapshot, waited)
            }
            Way::Begin | Way::Known => match self.at(CANNOT_EXIST) {
                Some(address) => {
                    self.way = Way::Probe;
                    Step::Open { address }
                }
                None => self.go_home(),
            },
            Way::Probe if status >= 400 => {
                self.way = Way::WellKnown;
                Step::Open { address: self.at(WELL_KNOWN).unwrap_or_default() }
            }
            // Where it leads is the best place to look around.
            Way::WellKnown if (1..400).contains(&status) => {
                self.way = Way::Explore;
                self.explore(snapshot, waited)
            }
            Way::Probe | Way::WellKnown => self.go_home(),
            Way::Explore => self.explore(snapshot, waited),
        }
    }

    fn explore(&mut self, snapshot: &PageSnapshot, waited: Duration) -> Step {
        let home = self.home.clone().unwrap_or_else(|| self.site.address.clone());
        self.explorer.next(snapshot, &self.site, &home, waited).unwrap_or_else(|| Step::GiveUp(self.unloaded.reason()))
    }

    fn go_home(&mut self) -> Step {
        self.way = Way::Explore;
        Step::Open { address: self.home.clone().unwrap_or_else(|| self.site.address.clone()) }
    }

    /// A path of the site where one is signed in.
    fn at(&self, path: &str) -> Option<String> {
        let home = Url::parse(self.home.as_deref().unwrap_or(&self.site.address)).ok()?;
        home.join(path).ok().map(String::from)
    }

    fn fill(&mut self, snapshot: &PageSnapshot, page: &Recognised) -> Step {
        let foreign =
            page.parts.iter().map(|part| &part.origin).chain(&page.sends_to).find(|origin| !self.site.allows(origin));
        if let Some(origin) = foreign {
            return Step::GiveUp(ChangeReason::LeftSite { origin: origin.clone() });
        }
        let fits = |fill: &Fill| fill.types(TypedValue::NewPassword) && self.undone < MAX_UNDONE;
        let Some(fill) = fill(page, self.has_token, Trust::DoNotTrust, &self.site).filter(fits) else {
            return Step::Park(Challenge::Unknown);
        };
        if self.sends >= MAX_SENDS {
            return Step::Park(Challenge::Unknown);
        }
        self.sent = Some(SentForm::of(snapshot, page));
        self.sends += 1;
        if page.puzzle && puzzle_is_open(snapshot, page) {
            self.armed = true;
            return Step::Fill(Fill { send: false, ..fill });
        }
        self.armed = false;
        self.submitted = true;
        Step::Fill(fill)
    }

    /// A person solves the puzzle of a form that holds the new password, and may send it, too.
    fn beside_a_person(&mut self, snapshot: &PageSnapshot, page: &Recognised) -> Step {
        let answer = self.sent.as_ref().map(|sent| sent.answer(snapshot, page, Duration::ZERO));
        match answer {
            // Filled anew, and nobody has sent it.
            Some(SendOutcome::Lost) => self.fill(snapshot, page),
            Some(SendOutcome::Again(news) | SendOutcome::Moved(news)) => {
                self.armed = false;
                self.submitted = true;
                self.told(snapshot, page, &news)
            }
            _ if puzzle_is_open(snapshot, page) => Step::Park(Challenge::Captcha),
            _ => self.fill(snapshot, page),
        }
    }

    /// The new password has been sent: what does the page tell?
    fn after(&mut self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> Step {
        let Some(sent) = self.sent.as_mut() else { return Step::Submitted(SiteVerdict::Nothing) };
        let answer = sent.answer(snapshot, page, waited);
        match answer {
            SendOutcome::None => Step::Wait,
            SendOutcome::TryEnter => sent.another_way(page, &self.site),
            SendOutcome::Never => Step::Submitted(SiteVerdict::Nothing),
            // A server may have heard of it before the page was loaded again.
            SendOutcome::Lost => self.told(snapshot, page, &[]),
            SendOutcome::Again(news) | SendOutcome::Moved(news) if self.asks_for_the_new_one_again(page, &news) => {
                self.fill(snapshot, page)
            }
            SendOutcome::Again(news) | SendOutcome::Moved(news) => self.told(snapshot, page, &news),
        }
    }

    /// A second page that asks for the new password once more, and for nothing else, where the first did not ask for it twice.
    fn asks_for_the_new_one_again(&self, page: &Recognised, news: &[Message]) -> bool {
        let Some(sent) = &self.sent else { return false };
        let new = |role: &FieldRole| matches!(role, FieldRole::NewPassword | FieldRole::RepeatPassword);
        let twice = |roles: &[FieldRole]| roles.iter().filter(|role| new(role)).count() > 1;
        let mut asked = page.parts.iter().map(|part| part.role).filter(|role| *role != FieldRole::Username).peekable();
        page.kind == PageKind::Change
            && page.score >= CERTAIN
            && news.iter().all(|message| message.told == Tells::Done)
            && asked.peek().is_some()
            && asked.all(|role| new(&role))
            && !twice(sent.roles())
            && !sent.is_same_form(page)
            && self.sends < MAX_SENDS
    }

    fn told(&mut self, snapshot: &PageSnapshot, page: &Recognised, news: &[Message]) -> Step {
        if let Some(press) = question(snapshot, page, news).filter(|_| self.answered < 2) {
            self.answered += 1;
            self.sent = Some(SentForm::of(snapshot, page));
            return Step::Answer { question: PageKind::ConfirmChange, yes: true, press };
        }
        if let Some(overlay) = page.overlays.last().filter(|over| over.blocks && self.dismissed < 8 && news.is_empty())
        {
            self.dismissed += 1;
            return Step::Dismiss { ways: overlay.ways.clone() };
        }
        let asks_for_form_again = page.kind == PageKind::Change;
        if asks_for_form_again && page.puzzle && puzzle_is_open(snapshot, page) && self.sends < 3 {
            self.submitted = false;
            return self.fill(snapshot, page);
        }
        let bad = news.iter().find(|message| message.told != Tells::Done);
        let done = news.iter().any(|message| message.told == Tells::Done) || page.kind == PageKind::Changed;
        match bad.map(|message| (message.told, message)) {
            // Somebody else's trouble may stand beside the good news.
            Some((Tells::SomethingWrong | Tells::TooMany, _)) if done => Step::Submitted(SiteVerdict::Changed),
            Some((Tells::PasswordRefused, message)) => {
                Step::GiveUp(ChangeReason::PasswordRejected { rule: message.text.chars().take(200).collect() })
            }
            Some((Tells::Locked, _)) => Step::GiveUp(ChangeReason::AccountLocked),
            Some((Tells::WrongPassword, message)) if asks_for_form_again => {
                // Either the old one is wrong, or the site says no to the new one.
                if page.part(FieldRole::CurrentPassword).is_some() {
                    Step::GiveUp(ChangeReason::WrongPassword)
                } else {
                    Step::GiveUp(ChangeReason::PasswordRejected { rule: message.text.chars().take(200).collect() })
                }
            }
            Some(_) if done => Step::Submitted(SiteVerdict::Changed),
            Some((_, message)) => Step::Submitted(SiteVerdict::Failed(trouble(message, snapshot, page))),
            None if done => Step::Submitted(SiteVerdict::Changed),
            None => Step::Submitted(SiteVerdict::Nothing),
        }
    }
}

/// What a message blames that is not about the new password itself.
fn trouble(message: &Message, snapshot: &PageSnapshot, page: &Recognised) -> ChangeReason {
    let is_broken =
        page.kind == PageKind::Broken || snapshot.answer.as_ref().is_some_and(|answer| answer.status >= 500);
    match message.told {
        Tells::Expired => ChangeReason::SessionExpired,
        Tells::Broken if is_broken => ChangeReason::SiteUnavailable,
        Tells::TooMany => ChangeReason::RateLimited,
        Tells::WrongToken | Tells::TokenUsed => ChangeReason::WrongToken,
        _ => ChangeReason::PasswordRejected { rule: message.text.chars().take(200).collect() },
    }
}

/// The yes to a question that stands between the form and the deed. Right after a form was sent, a page that asks for
/// nothing but one of two answers and has no news is that question, whatever its words.
fn question(snapshot: &PageSnapshot, page: &Recognised, news: &[Message]) -> Option<Press> {
    if page.kind == PageKind::ConfirmChange {
        return page.yes.clone();
    }
    if let Some(overlay) = page.overlays.last().filter(|over| over.blocks) {
        let asks = |frame: &Frame, layer: Option<u32>| layer.is_some() && layer == overlay.layer_in(frame);
        let both = choice(snapshot, Concept::Change, &asks);
        return both.no.and(both.yes).filter(|_| news.is_empty());
    }
    let bare = page.parts.is_empty() && matches!(page.kind, PageKind::Unknown | PageKind::SignedIn);
    if !bare || !news.is_empty() {
        return None;
    }
    let both = choice(snapshot, Concept::Change, &|_, _| true);
    both.no.and(both.yes)
}
