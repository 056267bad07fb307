//! Finding a page by following what speaks of it, the most promising first, never twice the same, never too far.
//!
//! Every page is remembered with what was seen on it and not tried: when nothing here is worth it, the best of what was
//! seen elsewhere is. A menu closes when the page changes, so it may be opened again on each visit.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use countersign_picture::{Button, ButtonKind, ElementRef, Frame, Link, PagePicture, TextRole};

use super::{act::Act, customary::customary, sent::offers_nothing};
use crate::{
    SiteKnowledge,
    recognise::path_of,
    words::{Concept, Meaning, attribute_meaning, meaning},
};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    SignIn,
    Change,
}

/// How many things are followed before it is given up.
const MOST_FOLLOWED: usize = 40;
/// How often a page is opened again for what was not tried there.
const MOST_RETURNS: usize = 10;
/// What is worth following at all.
const ENOUGH: f32 = 0.7;
/// What is elsewhere must be so much better than what is here.
const JOURNEY: f32 = 0.4;
/// So long what was followed may do nothing.
const BEFORE_NOTHING: Duration = Duration::from_millis(2000);
/// So long a page may have nothing on it: some are drawn by scripts that take their time.
const BEFORE_EMPTY: Duration = Duration::from_secs(12);
/// A menu says nothing of what is in it.
const OPENER: f32 = 0.8;
/// What is called after the account leads to what belongs to it.
const ACCOUNT: f32 = 1.8;
/// "Change", beside a text that says what: the password.
const BESIDE: f32 = 3.8;
/// A button that says nothing, in the head of the page, which is so many pixels high.
const MARK: f32 = 0.75;
const HEAD: i32 = 120;
/// So many customary addresses in a row may show the same page: some servers answer whatever is asked for.
const MOST_ALIKE: usize = 3;

#[derive(Debug)]
pub(crate) struct Explorer {
    goal: Goal,
    tried: BTreeSet<String>,
    /// Seen and not tried, by what names it.
    pending: BTreeMap<String, Pending>,
    /// The page one is on, and how many came before it.
    here: String,
    visit: usize,
    followed: usize,
    returns: usize,
    /// What the page offered when something on it was followed, and where that should have led.
    left: Option<(u64, Option<String>)>,
    last: Option<String>,
    /// How many customary addresses were opened.
    guessed: usize,
    /// What the last customary address showed, and how many before it showed the same.
    shown: Option<u64>,
    alike: usize,
}

/// Something seen on a page.
#[derive(Debug)]
struct Pending {
    score: f32,
    /// Where it leads, when that is known; else the page it stands on.
    address: String,
    /// It stands on the page itself, and pressing it needs that page.
    to_press: bool,
}

/// Something to follow.
struct Candidate {
    score: f32,
    element: ElementRef,
    name: String,
    address: Option<String>,
    key: String,
    opens: bool,
}

impl Explorer {
    pub(crate) const fn new(goal: Goal) -> Self {
        Self {
            goal,
            tried: BTreeSet::new(),
            pending: BTreeMap::new(),
            here: String::new(),
            visit: 0,
            followed: 0,
            returns: 0,
            left: None,
            last: None,
            guessed: 0,
            shown: None,
            alike: 0,
        }
    }

    /// The next thing to follow; `home` is opened again when nothing that was seen is worth it. `None`: given up.
    /// `waited` is how long ago the last act other than waiting was carried out.
    pub(crate) fn next(
        &mut self,
        picture: &PagePicture,
        site: &SiteKnowledge,
        home: &str,
        waited: Duration,
    ) -> Option<Act> {
        if let Some((left, address)) = self.left.take()
            && left == offers(picture, address.is_none())
        {
            if waited < BEFORE_NOTHING {
                self.left = Some((left, address));
                return Some(Act::Wait);
            }
            if let Some(address) = address {
                // Pressed and to no effect: something swallowed it, or the page moved under the pointer.
                self.here.clear();
                return Some(Act::Open { address });
            }
        }
        if waited < BEFORE_EMPTY && offers_nothing(picture) && !is_refused(picture) {
            return Some(Act::Wait);
        }
        if self.followed >= MOST_FOLLOWED {
            return self.guess(picture, site);
        }
        self.arrive(picture);
        let seen = self.candidates(picture, site);
        self.remember(picture, &seen);
        let best = seen
            .into_iter()
            .filter(|one| one.score >= ENOUGH && !self.tried.contains(&one.key))
            .max_by(|a, b| a.score.total_cmp(&b.score));
        let here = best.as_ref().map_or(f32::NEG_INFINITY, |best| best.score);
        if self.returns < MOST_RETURNS
            && let Some(act) = self.journey(here)
        {
            return Some(act);
        }
        if let Some(found) = best {
            self.pending.remove(&found.key);
            self.last = Some(found.key.clone());
            self.tried.insert(found.key);
            self.followed += 1;
            self.left = Some((offers(picture, found.address.is_none()), found.address.clone()));
            return Some(Act::Follow { element: found.element, name: found.name, address: found.address });
        }
        // Content may come without a request that could be waited for.
        if waited < BEFORE_NOTHING && !is_refused(picture) {
            return Some(Act::Wait);
        }
        // A page changes while one is away, and menus close.
        let most_homes = 2;
        if self.followed == 0 || self.returns >= most_homes {
            return self.guess(picture, site);
        }
        self.returns += 1;
        self.here.clear();
        Some(Act::Open { address: home.to_owned() })
    }

    /// What was followed last led to a page that is broken: it may be tried again.
    pub(crate) fn once_more(&mut self) {
        if let Some(key) = self.last.take() {
            self.tried.remove(&key);
        }
        self.left = None;
    }

    /// The next customary address that was not seen yet.
    fn guess(&mut self, picture: &PagePicture, site: &SiteKnowledge) -> Option<Act> {
        if self.guessed > 0 && !is_refused(picture) {
            let shown = Some(looks(picture));
            self.alike = if self.shown == shown { self.alike + 1 } else { 0 };
            self.shown = shown;
            if self.alike >= MOST_ALIKE {
                return None;
            }
        }
        let all = customary(self.goal, &site.address);
        while let Some(address) = all.get(self.guessed) {
            self.guessed += 1;
            if self.tried.insert(path_of(address).to_owned()) {
                self.here.clear();
                return Some(Act::Open { address: address.clone() });
            }
        }
        None
    }

    /// How promising the best thing on this page is.
    pub(crate) fn promise(&self, picture: &PagePicture, site: &SiteKnowledge) -> f32 {
        let seen = self.candidates(picture, site);
        seen.iter().filter(|one| !self.tried.contains(&one.key)).map(|one| one.score).fold(0.0, f32::max)
    }

    /// Notices whether this is another page than before; menus and tabs leave it the same.
    fn arrive(&mut self, picture: &PagePicture) {
        let here = page_name(picture);
        if here != self.here {
            self.here = here;
            self.visit += 1;
        }
    }

    fn remember(&mut self, picture: &PagePicture, seen: &[Candidate]) {
        let page = picture.main().map_or("", |main| main.address.as_str());
        for one in seen.iter().filter(|one| one.score >= ENOUGH && !one.opens && !self.tried.contains(&one.key)) {
            let to_press = one.address.is_none();
            let address = one.address.clone().unwrap_or_else(|| page.to_owned());
            self.pending.entry(one.key.clone()).or_insert(Pending { score: one.score, address, to_press });
        }
    }

    /// Goes to what was seen elsewhere and is better than everything here.
    fn journey(&mut self, here: f32) -> Option<Act> {
        let better = |one: &(&String, &Pending)| one.1.score - JOURNEY > here;
        let (key, pending) = self.pending.iter().filter(better).max_by(|a, b| {
            let ready = |one: &Pending| one.score - if one.to_press { JOURNEY } else { 0.0 };
            ready(a.1).total_cmp(&ready(b.1))
        })?;
        let (key, address) = (key.clone(), pending.address.clone());
        // What has to be pressed is seen again there, or was in a menu that opens again.
        if !pending.to_press {
            self.last = Some(key.clone());
            self.tried.insert(key.clone());
            self.followed += 1;
        }
        self.pending.remove(&key);
        self.returns += 1;
        self.here.clear();
        Some(Act::Open { address })
    }

    fn candidates(&self, picture: &PagePicture, site: &SiteKnowledge) -> Vec<Candidate> {
        let mut all = Vec::new();
        for (_, frame) in
            picture.visible_frames().filter(|(_, frame)| frame.parent.is_none() || site.allows(&frame.origin))
        {
            all.extend(frame.links.iter().filter_map(|link| self.link(frame, link, site)));
            all.extend(frame.buttons.iter().filter_map(|button| self.button(frame, button, site)));
        }
        all
    }

    fn link(&self, frame: &Frame, link: &Link, site: &SiteKnowledge) -> Option<Candidate> {
        let leaves = link.address.starts_with("http") && !site.allows(&link.address);
        if leaves || link.covered || link.address.starts_with("mailto:") || link.address.starts_with("tel:") {
            return None;
        }
        let path = path_of(&link.address);
        let name = meaning(&link.name);
        let leads = attribute_meaning(path).and(attribute_meaning(&link.hints));
        let mut score = self.weigh(name, leads, &link.name);
        if self.goal == Goal::Change && names_account(&link.name, site) && score > -1.0 {
            score = score.max(ACCOUNT);
        }
        let nowhere = path.is_empty() || link.address.contains('#') || link.address.starts_with("javascript:");
        // Where it leads counts, not how it is called; a link to nowhere is a button.
        let (address, key) = if nowhere {
            (None, format!("{}|{}|{}", self.visit_of(false), link.address, link.name))
        } else {
            (Some(link.address.clone()), path.to_owned())
        };
        let element = frame.reference(link.node);
        Some(Candidate { score, element, name: link.name.clone(), address, key, opens: false })
    }

    fn button(&self, frame: &Frame, button: &Button, site: &SiteKnowledge) -> Option<Candidate> {
        if button.disabled || button.covered || button.kind == ButtonKind::Reset {
            return None;
        }
        // What sends a form with something to fill in is not a way to another page.
        let sends =
            frame.fields.iter().any(|field| field.usable() && field.form.is_some() && field.form == button.form);
        if sends && !button.opens && button.kind != ButtonKind::Widget {
            return None;
        }
        let mut score = self.weigh(meaning(&button.name), attribute_meaning(&button.hints), &button.name);
        if self.goal == Goal::Change && changes_password_beside_it(frame, button) {
            score = score.max(BESIDE);
        }
        let account = self.goal == Goal::Change && names_account(&button.name, site);
        if account {
            // A button is no profile that everybody sees: it opens the account's menu.
            score = score.max(ACCOUNT + 0.6);
        }
        if button.opens && score > -1.0 {
            score = score.max(0.0) + OPENER;
        }
        // An icon or initials in the head of the page: often the account's menu.
        let mark = button.name.chars().count() <= 2 && (0..HEAD).contains(&button.place.y);
        if self.goal == Goal::Change && mark && score.abs() < ENOUGH {
            score = MARK;
        }
        let opens = button.opens || account || mark || meaning(&button.name).has(Concept::Menu);
        let page = path_of(&frame.address);
        // Class names change when a menu opens, so they tell only those apart that have no name.
        let called = if button.name.is_empty() { &button.hints } else { &button.name };
        let key = format!("{}|button|{page}|{called}", self.visit_of(opens));
        let element = frame.reference(button.node);
        Some(Candidate { score, element, name: button.name.clone(), address: None, key, opens })
    }

    /// What opens may be pressed once a visit, everything else once.
    const fn visit_of(&self, opens: bool) -> usize {
        if opens { self.visit } else { 0 }
    }

    fn weigh(&self, name: Meaning, attributes: Meaning, text: &str) -> f32 {
        use Concept::{
            Account, Authenticator, Cancel, Change, Delete, Email, Forgot, Menu, Newsletter, Password, Profile, Search,
            Security, Sessions, Settings, Show, SignIn, SignOut, SignUp, Social,
        };
        let one = |concept, weight: f32| {
            if name.has(concept) {
                weight
            } else if attributes.has(concept) {
                weight * 0.5
            } else {
                0.0
            }
        };
        // A sentence is news, not a way.
        let long = if text.chars().count() > 60 { -2.0 } else { 0.0 };
        // Words in an address warn only where the name does not say better: "Log in" may lead to `/sso/start`.
        let says_way = name.any(match self.goal {
            Goal::SignIn => &[SignIn],
            Goal::Change => &[Password, Security, Settings],
        });
        let never = |concepts: &[Concept]| {
            let against = |concept: &Concept| if says_way && !name.has(*concept) { 0.0 } else { one(*concept, -6.0) };
            concepts.iter().map(against).sum::<f32>()
        };
        let elsewhere = if name.leads_elsewhere() { -6.0 } else { 0.0 };
        long + elsewhere
            + match self.goal {
                Goal::SignIn => {
                    let way = one(SignIn, 3.0).max(one(Menu, 0.9)).max(one(Account, 1.0)).max(one(Profile, 0.8));
                    way + one(SignUp, -2.5) + never(&[Social, Forgot, SignOut, Delete, Newsletter])
                }
                Goal::Change => {
                    let password = if name.has(Password) && name.has(Change) { 5.0 } else { one(Password, 3.6) };
                    let way = password
                        .max(one(Security, 2.6))
                        .max(one(Settings, 2.2))
                        .max(one(Account, 1.6))
                        .max(one(Profile, 1.2))
                        .max(one(Menu, 0.9));
                    let beside = one(Authenticator, -1.0)
                        + one(Sessions, -0.8)
                        + if name.has(Password) { 0.0 } else { one(Email, -1.0) };
                    // "Sign-in and security" is the way; so is what is called otherwise and leads to `/account/login`.
                    let said = name.any(&[Password, Security, Settings]);
                    let sign_in = if said || !name.has(SignIn) { 0.0 } else { -6.0 };
                    let forgot = one(Forgot, -2.9);
                    way + beside
                        + sign_in
                        + forgot
                        + never(&[SignOut, Delete, Show, SignUp, Newsletter, Social])
                        + one(Search, -2.0)
                        + one(Cancel, -2.0)
                }
            }
    }
}

/// What a page says and offers, whatever its address.
fn looks(picture: &PagePicture) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (_, frame) in picture.visible_frames() {
        frame.buttons.iter().for_each(|button| button.name.hash(&mut hasher));
        frame.links.iter().for_each(|link| link.name.hash(&mut hasher));
        frame.texts.iter().take(20).for_each(|text| text.text.hash(&mut hasher));
    }
    hasher.finish()
}

/// The server has nothing there, so nothing more will come.
fn is_refused(picture: &PagePicture) -> bool {
    picture.answer.as_ref().is_some_and(|answer| answer.status >= 400)
}

/// Whether a button only says "Change", and the text before it in its row, or right above it, says "Password".
fn changes_password_beside_it(frame: &Frame, button: &Button) -> bool {
    let says = meaning(&button.name);
    let short = |text: &str| text.chars().count() <= 40;
    if !says.has(Concept::Change) || says.has(Concept::Password) || !short(&button.name) {
        return false;
    }
    // What names the thing, and perhaps a line that explains it, stand before.
    let before = frame.texts.iter().filter(|text| text.order < button.order && text.dialog == button.dialog);
    let near = before.filter(|text| {
        let below = button.place.y - text.place.bottom();
        text.place.shares_rows_with(button.place) || (0..=60).contains(&below)
    });
    let mut near: Vec<_> = near.filter(|text| short(&text.text)).collect();
    near.sort_by_key(|text| text.order);
    let in_row = near.iter().any(|text| text.place.shares_rows_with(button.place));
    let named = near.iter().rev().filter(|text| !in_row || text.place.shares_rows_with(button.place)).take(2);
    named.map(|text| meaning(&text.text)).any(|says| says.has(Concept::Password) && !says.has(Concept::Forgot))
}

/// Whether something is called after the account: by its name, or by a mail address.
fn names_account(name: &str, site: &SiteKnowledge) -> bool {
    let mut words = name.split(|letter: char| letter.is_whitespace() || "()[]<>,;:".contains(letter));
    let own = site.account.as_deref().filter(|account| account.chars().count() >= 3);
    name.chars().count() <= 120
        && words.any(|word| {
            let mail = word.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.contains('.'));
            mail || own.is_some_and(|own| word.eq_ignore_ascii_case(own))
        })
}

/// What tells one page from another: its address, its title and its first great headings.
fn page_name(picture: &PagePicture) -> String {
    let Some(main) = picture.main() else { return String::new() };
    let headings =
        main.texts.iter().filter(|text| matches!(text.role, TextRole::Heading(1 | 2)) && text.dialog.is_none());
    headings.take(4).fold(format!("{}|{}|{}", main.document, main.address, main.title), |name, heading| {
        format!("{name}|{}", heading.text)
    })
}

/// What a page offers, wherever one has scrolled to: as long as it is the same, what was followed has done nothing. A link
/// leads to fields or to another page; more of the same to press comes by itself on pages without end.
fn offers(picture: &PagePicture, with_presses: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    page_name(picture).hash(&mut hasher);
    for (_, frame) in picture.visible_frames() {
        for field in frame.fields.iter().filter(|field| field.hidden.is_none()) {
            field.node.hash(&mut hasher);
        }
        frame.dialogs.len().hash(&mut hasher);
        if with_presses {
            frame.buttons.iter().for_each(|button| (button.node, &button.name).hash(&mut hasher));
            frame.links.iter().for_each(|link| (link.node, &link.name).hash(&mut hasher));
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn menus_are_called_after_the_account() {
        let site = SiteKnowledge { account: Some("alice".into()), ..SiteKnowledge::at("https://example.org/") };
        for (name, named) in [
            ("Gravatar for a@example.org a@example.org (internal)", true),
            ("Alice", true),
            ("alice ▾", true),
            ("Follow @alice", false),
            ("malice", false),
            ("Settings", false),
        ] {
            assert_eq!(names_account(name, &site), named, "{name}");
        }
    }

    /// What is opened, one after the other, on a site that shows the same page everywhere.
    fn opened(status: u16) -> Vec<String> {
        let site = SiteKnowledge::at("https://example.org/");
        let links =
            vec![Link { name: "Imprint".into(), address: "https://example.org/imprint".into(), ..Link::default() }];
        let frame = Frame { origin: "https://example.org".into(), links, ..Frame::default() };
        let answer = Some(countersign_picture::Answer { status, ..Default::default() });
        let picture = PagePicture { frames: vec![frame], answer, ..PagePicture::default() };
        let mut explorer = Explorer::new(Goal::SignIn);
        let mut opened = Vec::new();
        while let Some(act) = explorer.next(&picture, &site, "https://example.org/", Duration::from_secs(60)) {
            let Act::Open { address } = act else { panic!("{act:?}") };
            assert!(site.allows(&address) && !opened.contains(&address), "{address}");
            opened.push(address);
        }
        opened
    }

    #[test]
    fn where_nothing_leads_on_customary_addresses_are_opened_once_each() {
        let missing = opened(404);
        assert!(missing.iter().any(|address| address == "https://example.org/login") && missing.len() > 10);
        assert!((2..8).contains(&opened(200).len()), "a server that answers everything alike is soon seen through");
    }

    #[test]
    fn an_empty_page_is_waited_for() {
        let site = SiteKnowledge::at("https://example.org/");
        let picture = PagePicture { frames: vec![Frame::default()], ..PagePicture::default() };
        let mut explorer = Explorer::new(Goal::SignIn);
        let mut act = |seconds| explorer.next(&picture, &site, "https://example.org/", Duration::from_secs(seconds));
        assert_eq!(act(3), Some(Act::Wait));
        assert!(matches!(act(20), Some(Act::Open { .. })));
    }

    #[test]
    fn a_button_that_says_change_belongs_to_what_stands_beside_it() {
        use countersign_picture::{Place, Text};
        let place = |x, y| Place { x, y, w: 90, h: 18 };
        let text = |order, text: &str, at| Text { order, text: text.into(), place: at, ..Text::default() };
        let button = |order, at| Button { order, name: "Change".into(), place: at, ..Button::default() };
        let texts = vec![
            text(1, "E-mail", place(30, 100)),
            text(3, "Password", place(30, 140)),
            text(4, "Last changed 3 months ago", place(30, 160)),
            text(6, "Language", place(30, 200)),
        ];
        let frame = Frame { texts, ..Frame::default() };
        let beside = |order, at| changes_password_beside_it(&frame, &button(order, at));
        assert!(!beside(2, place(400, 100)), "the mail address");
        assert!(beside(5, place(400, 140)), "in its row");
        assert!(beside(5, place(30, 180)), "below it");
        assert!(!beside(7, place(400, 200)), "the language");
    }
}
