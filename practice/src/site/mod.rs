//! The site: a question in, an answer out, whatever carries them.
//!
//! [`respond`] is the one door. It takes an [`Ask`] and the [`World`] and gives an [`Answer`]; HTTP, `fetch` and the
//! WebSocket bring the same asks and dress the answers differently (`serve`). Nothing here waits or reads a clock.

mod beside;
mod button;
mod challenge;
mod change;
mod feed;
mod form;
mod frame;
mod odd;
mod settings;
mod sign_in;
mod trap;

pub(crate) use form::{Field, Form, rename};
pub(crate) use trap::respond_as_trap;

use crate::html::{El, Node, el};
use crate::hurdles::{Hurdles, RedirectAt, RedirectHost, Transport};
use crate::journal::{EventName, Gate, Heard, Typed};
use crate::layout::{FieldRole, Layout, route};
use crate::page_name::PageName;
use crate::words::{Word, Words};
use crate::world::{Flash, Visit, World};

/// What a browser asks of the site.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) gate: Gate,
    pub(crate) post: bool,
    pub(crate) path: String,
    pub(crate) query: Fields,
    pub(crate) fields: Fields,
    pub(crate) visit: String,
    /// The cookie banner was answered.
    pub(crate) consented: bool,
}

/// Names and values of a form or of a query, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the site answers.
#[derive(Debug)]
pub(crate) enum Answer {
    Page(Box<Page>),
    /// To another page of the site.
    Jump(String),
    /// To another origin.
    Away(String),
    File {
        mime: &'static str,
        body: Vec<u8>,
        attached: bool,
    },
    /// More of the feed, as a piece of markup.
    Piece(Vec<Node>),
}

/// A page before it is dressed.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) name: PageName,
    pub(crate) status: u16,
    pub(crate) title: String,
    pub(crate) main: Vec<Node>,
}

impl Page {
    pub(crate) fn new(name: PageName, title: impl Into<String>, main: Vec<Node>) -> Self {
        Self { name, status: 200, title: title.into(), main }
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

impl From<Page> for Answer {
    fn from(page: Page) -> Self {
        Self::Page(Box::new(page))
    }
}

/// One ask under work: the world, and what holds for this visit.
pub(crate) struct Site<'w> {
    pub(crate) world: &'w mut World,
    pub(crate) ask: &'w Ask,
    pub(crate) hurdles: Hurdles,
    pub(crate) layout: Layout,
    pub(crate) words: Words,
    pub(crate) now: i64,
}

/// Which page an ask is for, under the hurdles of its visit.
pub(crate) fn page_of(world: &World, ask: &Ask) -> (PageName, Hurdles) {
    let hurdles = hurdles_of(world, ask);
    let layout = Layout::new(&hurdles);
    (route(&layout, hurdles.sign_in.steps, &ask.path).unwrap_or(PageName::NotFound), hurdles)
}

/// Answers an ask.
pub(crate) fn respond(world: &mut World, ask: &Ask) -> Answer {
    let mut site = Site::new(world, ask);
    let page = route(&site.layout, site.hurdles.sign_in.steps, &ask.path).unwrap_or(PageName::NotFound);
    site.hear_form(page);
    if ask.path.starts_with(odd::PREFIX) {
        return site.odd_page();
    }
    match page {
        PageName::Home => site.home(),
        PageName::SignIn => site.sign_in(),
        PageName::Password => site.password(),
        PageName::Captcha => site.captcha(),
        PageName::Location => site.location(),
        PageName::MailCode => site.mail_code(),
        PageName::Token => site.token(),
        PageName::Trust => site.trust(),
        PageName::Reauth => site.reauth(),
        PageName::SignOut => site.sign_out(),
        PageName::SignUp => site.sign_up(),
        PageName::Feed => site.feed(),
        PageName::Profile => site.profile(),
        PageName::Settings => site.settings(),
        PageName::Sessions => site.sessions(),
        PageName::TwoFactor => site.two_factor(),
        PageName::OldPassword => site.old_password(),
        PageName::Change => site.change(),
        PageName::ChangeConfirm => site.change_confirm(),
        PageName::Search => site.search(),
        PageName::OtherForm => site.other_form(),
        PageName::About => site.about(),
        PageName::WellKnown => site.well_known(),
        PageName::Out => site.out(),
        _ => site.elsewhere(),
    }
}

impl<'w> Site<'w> {
    pub(crate) fn new(world: &'w mut World, ask: &'w Ask) -> Self {
        let hurdles = hurdles_of(world, ask);
        let layout = Layout::new(&hurdles);
        let words = Words::new(hurdles.look.language, hurdles.look.layout_seed);
        let now = world.now();
        Self { world, ask, hurdles, layout, words, now }
    }

    /// Reads the hurdles again: somebody is known now who was not before.
    pub(crate) fn refresh(&mut self) {
        self.hurdles = hurdles_of(self.world, self.ask);
        self.layout = Layout::new(&self.hurdles);
        self.words = Words::new(self.hurdles.look.language, self.hurdles.look.layout_seed);
    }

    pub(crate) fn say(&self, word: Word) -> &'static str {
        self.words.say(word)
    }

    pub(crate) fn visit(&mut self) -> &mut Visit {
        let id = &self.ask.visit;
        self.world.visits.entry(id.clone()).or_insert_with(|| Visit { id: id.clone(), ..Visit::default() })
    }

    pub(crate) fn user(&self) -> Option<String> {
        self.world.visits.get(&self.ask.visit).and_then(|visit| visit.user.clone())
    }

    /// The sent value of a field, empty when it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.ask.fields.first(name).unwrap_or_default()
    }

    /// Whether the form carries this visit's mark against forgery.
    pub(crate) fn form_is_ours(&mut self) -> bool {
        let name = self.layout.names.csrf.clone();
        let sent = self.field(&name).to_owned();
        self.visit().csrf == sent
    }

    /// A question of two answers: `Some(true)` is yes.
    pub(crate) fn chosen(&self) -> Option<bool> {
        match self.ask.fields.first("choice") {
            Some("yes") => return Some(true),
            Some("no") => return Some(false),
            _ => {}
        }
        let named = |name| self.ask.fields.first(name).is_some();
        if named("choice_yes") {
            Some(true)
        } else if named("choice_no") {
            Some(false)
        } else {
            None
        }
    }

    /// A link within the site.
    pub(crate) fn link(&self, path: &str, text: &str) -> El {
        let link = el("a").at("href", path).text(text);
        if self.hurdles.look.transport == Transport::Pages {
            link
        } else {
            link.at("onclick", "return nav(event,this)")
        }
    }

    /// A jump, after a message for the next page.
    pub(crate) fn jump_saying(&mut self, path: &str, message: impl Into<String>) -> Answer {
        self.visit().flash = Some(Flash::Message(message.into()));
        Answer::Jump(path.to_owned())
    }

    pub(crate) fn note(&mut self, name: EventName, detail: impl Into<String>) {
        let user = who(self.world, &self.ask.visit);
        self.world.note(user.as_deref(), name, detail);
    }

    /// Where the trap stands, when it is set at this place: a page of the site that jumps on to the other origin.
    pub(crate) fn trap(&mut self, at: RedirectAt) -> Option<Answer> {
        let to = self.trap_address(at)?;
        self.note(EventName::SentToTrap, to.clone());
        Some(Answer::Jump(format!(
            "/out?{}",
            url::form_urlencoded::Serializer::new(String::new()).append_pair("to", &to).finish()
        )))
    }

    /// The address of the trap, when it is set at this place.
    pub(crate) fn trap_address(&self, at: RedirectAt) -> Option<String> {
        let trap = self.hurdles.web.trap.as_ref().filter(|trap| trap.at == at)?;
        let origin = match trap.host {
            RedirectHost::OtherPort => &self.world.origins.trap,
            RedirectHost::OtherHost => &self.world.origins.trap_other_host,
        };
        let path = match at {
            RedirectAt::SignIn | RedirectAt::AfterChange => &self.layout.paths.sign_in,
            _ => &self.layout.paths.change,
        };
        Some(format!("{origin}{path}"))
    }

    /// "This form is too old", in place of a page.
    pub(crate) fn expired(&self) -> Answer {
        let text = self.say(Word::Expired);
        Page::new(PageName::NotFound, text, vec![el("h1").text(text).into()]).status(403).into()
    }

    /// Writes down what a form brought.
    pub(crate) fn hear_form(&mut self, page: PageName) {
        if !self.ask.post {
            return;
        }
        let user = who(self.world, &self.ask.visit);
        let origin = origin_of(self.world, self.ask.gate);
        for (name, value) in &self.ask.fields.0 {
            if *name == self.layout.names.csrf || name.starts_with("choice") {
                continue;
            }
            let role = self.layout.names.role(name);
            self.world.journal.hear(Typed {
                at: self.now,
                gate: self.ask.gate,
                origin: origin.clone(),
                page,
                field: name.clone(),
                role,
                value: value.clone(),
                how: Heard::Sent,
                user: user.clone(),
            });
        }
    }

    /// Whether a hidden field was filled in, which no person does.
    pub(crate) fn decoy_filled(&mut self) -> bool {
        let names = self.layout.names.clone();
        let filled =
            self.ask.fields.0.iter().any(|(name, value)| names.role(name) == FieldRole::Decoy && !value.is_empty());
        if filled {
            self.note(EventName::DecoyFilled, "");
        }
        filled
    }
}

/// The hurdles for an ask. Frames and the other origin are always made of plain pages.
fn hurdles_of(world: &World, ask: &Ask) -> Hurdles {
    let mut hurdles = world.hurdles_for(who(world, &ask.visit).as_deref());
    if ask.gate != Gate::Site {
        hurdles.look.transport = Transport::Pages;
    }
    hurdles
}

/// The origin of a listener.
pub(crate) fn origin_of(world: &World, gate: Gate) -> String {
    match gate {
        Gate::Site => world.origins.site.clone(),
        Gate::Frame => world.origins.frame.clone(),
        Gate::Trap => world.origins.trap.clone(),
    }
}

/// Who is signed in on this visit, or on the way there.
pub(crate) fn who(world: &World, visit: &str) -> Option<String> {
    let visit = world.visits.get(visit)?;
    visit.user.clone().or_else(|| visit.pending.name.clone())
}
