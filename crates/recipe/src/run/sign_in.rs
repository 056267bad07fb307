use std::time::Duration;

use countersign_model::{Challenge, ChangeReason, Trust};
use countersign_picture::PagePicture;

use super::{
    act::{Act, Entry, Fill, Into, SignedIn, What},
    explore::{Explorer, Goal},
    sent::{Answer, Sent},
};
use crate::{Message, PageKind, Part, Recognised, Role, SiteKnowledge, Told, recognise::recognise};

/// How often a password is sent before it is given up: sites lock accounts.
const MOST_PASSWORDS: u32 = 2;
/// How often a token is sent: the second is of a later step.
const MOST_TOKENS: u32 = 2;
/// How often something may be in the way of an act before a person has to look.
pub(crate) const MOST_UNDONE: u32 = 6;
/// A walk is never longer.
const MOST_STEPS: u32 = 60;
/// Below this no secret is typed.
pub(crate) const CERTAIN: f32 = 0.4;
/// After a name was sent, the page that follows is waited for so long before other ways are looked for.
const BEFORE_EXPLORING: Duration = Duration::from_secs(4);
/// So long a page that says nothing is waited for after the password was sent.
const BEFORE_GOING_ON: Duration = Duration::from_millis(2500);
/// So promising a link is followed rather than an uncertain form filled.
const PROMISING: f32 = 2.5;

/// The walk from anywhere to a page for somebody who is signed in.
#[derive(Debug)]
pub struct SignInRun {
    site: SiteKnowledge,
    has_token: bool,
    trust: Trust,
    explorer: Explorer,
    sent: Option<Sent>,
    opened: u32,
    passwords: u32,
    tokens: u32,
    names: u32,
    /// The password stands on a page of its own that calls it a new one.
    second: bool,
    /// A name was sent, and what follows it has not been seen yet.
    expecting: bool,
    answers: u32,
    retries: u32,
    dismissed: u32,
    steps: u32,
    trusted: bool,
    /// What the last fill counted, to be taken back when it was not carried out.
    counted: (u32, u32),
    /// How often something could not be carried out.
    undone: u32,
}

impl SignInRun {
    /// Begins with nothing sent. `has_token`: the credential has a seed.
    pub const fn new(site: SiteKnowledge, has_token: bool, trust: Trust) -> Self {
        Self {
            site,
            has_token,
            trust,
            explorer: Explorer::new(Goal::SignIn),
            sent: None,
            opened: 0,
            passwords: 0,
            tokens: 0,
            names: 0,
            second: false,
            expecting: false,
            answers: 0,
            retries: 0,
            dismissed: 0,
            steps: 0,
            trusted: false,
            counted: (0, 0),
            undone: 0,
        }
    }

    /// Where to begin.
    pub fn first_address(&self) -> &str {
        self.site.sign_in.as_deref().unwrap_or(&self.site.address)
    }

    /// How often the password was sent.
    pub const fn passwords_sent(&self) -> u32 {
        self.passwords
    }

    /// The next act. `waited` is how long ago the last act other than waiting was carried out.
    pub fn step(&mut self, picture: &PagePicture, waited: Duration) -> Act {
        self.steps += 1;
        let page = recognise(picture, &self.site);
        self.step_on(picture, &page, waited)
    }

    pub(crate) fn step_on(&mut self, picture: &PagePicture, page: &Recognised, waited: Duration) -> Act {
        if self.steps > MOST_STEPS * 10 {
            return Act::GiveUp(ChangeReason::TimedOut);
        }
        let second = self.second_step(page);
        let page = second.as_ref().unwrap_or(page);
        if let Some(act) = self.look_at_answer(picture, page, waited) {
            return act;
        }
        if let Some(origin) = self.elsewhere(picture, page) {
            return Act::GiveUp(ChangeReason::LeftSite { origin });
        }
        if let Some(overlay) =
            page.overlays.last().filter(|over| self.dismissed < 8 && (over.blocks || self.undone > 0))
        {
            self.dismissed += 1;
            return Act::Dismiss { ways: overlay.ways.clone() };
        }
        match page.kind {
            PageKind::Unreachable | PageKind::Broken => self.again(ChangeReason::SiteUnavailable),
            PageKind::Locked => Act::GiveUp(ChangeReason::AccountLocked),
            PageKind::RateLimited => Act::GiveUp(ChangeReason::RateLimited),
            PageKind::Captcha => Act::Park(Challenge::Captcha),
            PageKind::Location => Act::Park(Challenge::Location),
            PageKind::DeviceCode => Act::Park(Challenge::NewDevice),
            PageKind::Trust => self.answer_trust(picture, page),
            PageKind::SignIn | PageKind::Token | PageKind::Reauthenticate => self.fill(picture, page, waited),
            // A site may insist on a new password; that is for somebody who is in.
            PageKind::SignedIn | PageKind::Changed | PageKind::Change | PageKind::ConfirmChange => {
                self.inside(picture, page, waited)
            }
            PageKind::Missing | PageKind::Unknown | PageKind::Methods => self.unknown(picture, page, waited),
        }
    }

    /// The last act was not carried out, because something lay over the page or the page was rebuilt: nothing was sent.
    /// The next step decides anew.
    pub fn not_carried_out(&mut self) {
        self.sent = None;
        self.undone += 1;
        let (passwords, tokens) = std::mem::take(&mut self.counted);
        self.passwords -= passwords;
        self.tokens -= tokens;
    }

    /// Right after a name was sent, a password that stands alone is the one to that name, even where an attribute calls it a
    /// new one and nothing else does.
    fn second_step(&mut self, page: &Recognised) -> Option<Recognised> {
        let alone = matches!(page.parts.as_slice(), [part] if part.role == Role::NewPassword);
        if page.kind != PageKind::Change || page.score >= CERTAIN || !alone {
            return None;
        }
        self.second |= self.names > 0 && self.passwords == 0;
        self.second.then(|| {
            let mut read = Recognised { kind: PageKind::SignIn, score: CERTAIN, ..page.clone() };
            read.parts.iter_mut().for_each(|part| part.role = Role::CurrentPassword);
            read
        })
    }

    /// What has become of the form that was sent; `None` when it is settled and the page is to be read anew.
    fn look_at_answer(&mut self, picture: &PagePicture, page: &Recognised, waited: Duration) -> Option<Act> {
        let sent = self.sent.as_mut()?;
        match sent.answer(picture, page, waited) {
            Answer::None => Some(Act::Wait),
            Answer::TryEnter => Some(sent.another_way(page)),
            Answer::Never => Some(Act::GiveUp(ChangeReason::TimedOut)),
            Answer::Moved(news) => {
                self.sent = None;
                self.refusal_elsewhere(page, &news)
            }
            Answer::Again(news) => {
                self.sent = None;
                self.refusal(page, &news)
            }
        }
    }

    /// The same form again: why?
    fn refusal(&mut self, page: &Recognised, news: &[Message]) -> Option<Act> {
        let told = news.iter().map(|message| message.told).find(|told| *told != Told::Done);
        let token_asked = page.part(Role::Token).is_some();
        let password_asked = page.part(Role::CurrentPassword).is_some();
        match told {
            Some(Told::Locked) => return Some(Act::GiveUp(ChangeReason::AccountLocked)),
            Some(Told::TooMany) => return Some(Act::GiveUp(ChangeReason::RateLimited)),
            Some(Told::Expired | Told::Broken) if self.retries < 2 => {
                self.retries += 1;
                return None;
            }
            Some(Told::Broken) => return Some(Act::GiveUp(ChangeReason::SiteUnavailable)),
            _ => {}
        }
        if page.puzzle {
            return None;
        }
        let about_token = matches!(told, Some(Told::TokenUsed | Told::WrongToken)) || !password_asked;
        if token_asked && about_token {
            return if self.tokens >= MOST_TOKENS || (password_asked && self.passwords >= MOST_PASSWORDS) {
                Some(Act::GiveUp(ChangeReason::WrongToken))
            } else {
                None
            };
        }
        if self.passwords == 0 && told.is_none() && self.names < 2 {
            // The name alone was sent, and nothing says that it is wrong.
            return None;
        }
        if page.unread > 0 {
            // It may be that line, not the password.
            return Some(Act::Park(Challenge::Unknown));
        }
        if news.is_empty() && self.passwords < MOST_PASSWORDS {
            // Nobody says that it was wrong: the page may have been loaded again before the form was sent.
            return None;
        }
        Some(Act::GiveUp(ChangeReason::WrongPassword))
    }

    /// Another page, which may tell why.
    fn refusal_elsewhere(&self, page: &Recognised, news: &[Message]) -> Option<Act> {
        let asks_all_over = self.passwords > 0
            && page.kind == PageKind::SignIn
            && page.part(Role::Username).is_some()
            && page.part(Role::Token).is_none();
        match news.iter().map(|message| message.told).find(|told| *told != Told::Done) {
            Some(Told::Locked) => Some(Act::GiveUp(ChangeReason::AccountLocked)),
            Some(Told::TooMany) if page.kind == PageKind::Unknown => Some(Act::GiveUp(ChangeReason::RateLimited)),
            Some(Told::WrongToken | Told::TokenUsed) if asks_all_over => Some(Act::GiveUp(ChangeReason::WrongToken)),
            Some(Told::WrongPassword | Told::SomethingWrong) if asks_all_over => {
                Some(Act::GiveUp(ChangeReason::WrongPassword))
            }
            _ => None,
        }
    }

    /// The page asks for a secret where it does not belong.
    fn elsewhere(&self, picture: &PagePicture, page: &Recognised) -> Option<String> {
        let main = picture.main().filter(|main| !main.unreachable && main.origin != "null");
        let typed = page.parts.iter().find(|part| !self.site.allows(&part.origin)).map(|part| part.origin.clone());
        let sent = page.sends_to.clone().filter(|origin| !self.site.allows(origin) && !page.parts.is_empty());
        typed.or(sent).or_else(|| main.filter(|main| !self.site.allows(&main.origin)).map(|main| main.origin.clone()))
    }

    fn fill(&mut self, picture: &PagePicture, page: &Recognised, waited: Duration) -> Act {
        let Some(fill) = fill(page, self.has_token, self.trust).filter(|_| self.undone < MOST_UNDONE) else {
            return Act::Park(Challenge::Unknown);
        };
        if page.score < CERTAIN {
            // Somebody else's form, perhaps, and the way to ours leads on.
            if self.passwords == 0 && self.explorer.promise(picture, &self.site) >= PROMISING {
                return self.unknown(picture, page, waited);
            }
            return Act::Park(Challenge::Unknown);
        }
        let open = page.puzzle && puzzle_is_open(picture, page);
        let secrets = |part: &&Part| matches!(part.role, Role::CurrentPassword | Role::Token);
        let typed = page.puzzle && page.parts.iter().filter(secrets).all(|part| part.filled);
        if open && typed {
            // The rest is a person's.
            return Act::Park(Challenge::Captcha);
        }
        self.counted = (0, 0);
        if fill.types(What::Password) && !typed {
            if self.passwords >= MOST_PASSWORDS {
                return Act::GiveUp(ChangeReason::WrongPassword);
            }
            self.counted.0 = 1;
        }
        if fill.types(What::Token) && !typed {
            if self.tokens >= MOST_TOKENS {
                return Act::GiveUp(ChangeReason::WrongToken);
            }
            self.counted.1 = 1;
        }
        self.names += 1;
        self.expecting = true;
        self.passwords += self.counted.0;
        self.tokens += self.counted.1;
        if fill.ticks.iter().any(|(_, tick)| *tick) {
            self.trusted = true;
        }
        if open {
            return Act::Fill(Fill { send: false, ..fill });
        }
        self.sent = Some(Sent::of(picture, page));
        Act::Fill(fill)
    }

    fn answer_trust(&mut self, picture: &PagePicture, page: &Recognised) -> Act {
        let yes = self.trust == Trust::Trust;
        let press = if yes { &page.yes } else { &page.no };
        match press {
            Some(press) if self.answers < 3 && self.trust != Trust::Ask => {
                self.answers += 1;
                self.trusted |= yes;
                self.sent = Some(Sent::of(picture, page));
                Act::Answer { question: PageKind::Trust, yes, press: press.clone() }
            }
            _ => Act::Park(Challenge::TrustBrowser),
        }
    }

    fn inside(&mut self, picture: &PagePicture, page: &Recognised, waited: Duration) -> Act {
        if page.kind == PageKind::Change && page.signed_out && !page.signed_in {
            // Nobody who is not in can change a password: this was misread, or is on its way out.
            return if waited < BEFORE_EXPLORING { Act::Wait } else { Act::Park(Challenge::Unknown) };
        }
        let sent_something = self.passwords > 0 || self.tokens > 0;
        // A front page may show both ways at once; only what was sent, or a way out, proves that one is in.
        if sent_something || (page.signed_in && !page.signed_out) {
            return Act::SignedIn(SignedIn {
                with_password: self.passwords > 0,
                with_token: self.tokens > 0,
                trusted: self.trusted,
            });
        }
        self.unknown(picture, page, waited)
    }

    fn unknown(&mut self, picture: &PagePicture, page: &Recognised, waited: Duration) -> Act {
        if (self.passwords > 0 || self.tokens > 0) && page.kind == PageKind::Unknown {
            // What was sent was taken, and the page asks for nothing that is known. It may be on its way still: a page that
            // offers to sign in has not let anybody in, and a token is seldom not asked for.
            let outside = page.signed_out && !page.signed_in;
            let patience = if outside {
                BEFORE_GOING_ON * 3
            } else if self.tokens == 0 && self.has_token {
                BEFORE_GOING_ON
            } else {
                Duration::ZERO
            };
            if waited < patience {
                return Act::Wait;
            }
            return Act::SignedIn(SignedIn {
                with_password: self.passwords > 0,
                with_token: self.tokens > 0,
                trusted: self.trusted,
            });
        }
        if self.expecting && waited < BEFORE_EXPLORING {
            // The next step is on its way.
            return Act::Wait;
        }
        self.expecting = false;
        let home = self.site.address.clone();
        match self.explorer.next(picture, &self.site, &home, waited) {
            Some(act) => act,
            None if self.opened == 0 && self.site.sign_in.is_some() => {
                self.opened += 1;
                Act::Open { address: home }
            }
            None => Act::GiveUp(ChangeReason::LayoutUnknown),
        }
    }

    fn again(&mut self, reason: ChangeReason) -> Act {
        if self.retries >= 2 {
            return Act::GiveUp(reason);
        }
        self.retries += 1;
        self.sent = None;
        self.explorer.once_more();
        Act::Open { address: self.first_address().to_owned() }
    }
}

/// Whether the puzzle of the form still waits for a person: its answer is missing or being typed.
pub(crate) fn puzzle_is_open(picture: &PagePicture, page: &Recognised) -> bool {
    let widget =
        picture.visible_frames().any(|(_, frame)| frame.challenges.iter().any(|one| one.visible && !one.solved));
    let typing = |part: &Part| {
        let field = picture.frame(&part.element.frame).and_then(|frame| frame.field(part.element.node));
        !part.filled || field.is_some_and(|field| field.focused)
    };
    widget || page.part(Role::Puzzle).is_some_and(typing)
}

/// What to type into the form of a sign-in, token or re-authentication page. `None` when it wants a token and there is none.
pub(crate) fn fill(page: &Recognised, has_token: bool, trust: Trust) -> Option<Fill> {
    let mut entries = Vec::new();
    let line = |part: &Part, what| Entry {
        what,
        into: Into::Line(part.element.clone()),
        origin: part.origin.clone(),
        max_length: part.max_length,
    };
    for part in &page.parts {
        match part.role {
            Role::Username => entries.push(line(part, What::Username)),
            Role::CurrentPassword => entries.push(line(part, What::Password)),
            Role::NewPassword | Role::RepeatPassword => entries.push(line(part, What::NewPassword)),
            Role::Token | Role::SentCode | Role::Puzzle | Role::TrustBox => {}
        }
    }
    let tokens: Vec<&Part> = page.parts(Role::Token).collect();
    match tokens.as_slice() {
        [] => {}
        _ if !has_token => return None,
        [one] => entries.push(line(one, What::Token)),
        [first, ..] => entries.push(Entry {
            what: What::Token,
            into: Into::Boxes(tokens.iter().map(|part| part.element.clone()).collect()),
            origin: first.origin.clone(),
            max_length: None,
        }),
    }
    if entries.is_empty() {
        return None;
    }
    let ticks = page.parts(Role::TrustBox).map(|part| (part.element.clone(), trust == Trust::Trust)).collect();
    Some(Fill { page: page.kind, entries, ticks, send: true, submit: page.submit.clone() })
}
