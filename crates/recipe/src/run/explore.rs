//! Finding a page by following what speaks of it, the most promising first, never twice the same, never too far.
//!
//! Every page is remembered with what was seen on it and not tried: when nothing here is worth it, the best of what was
//! seen elsewhere is. A menu closes when the page changes, so it may be opened again on each visit.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use countersign_snapshot::{PageSnapshot, TextRole};

use super::{
    candidates::{Candidate, CandidateScorer, key_of},
    customary::customary,
    sent::offers_nothing,
    shown::{names_shown, with_names},
    step::Step,
};
use crate::SiteKnowledge;

pub(crate) use super::candidates::Goal;

/// How many things are followed before it is given up.
const MAX_FOLLOWED: usize = 40;
/// How often a page is opened again for what was not tried there.
const MAX_RETURNS: usize = 10;
/// What is worth following at all.
const ENOUGH: f32 = 0.7;
/// What is elsewhere must be so much better than what is here.
const JOURNEY: f32 = 0.4;
/// So long what was followed may do nothing.
const BEFORE_NOTHING: Duration = Duration::from_millis(2000);
/// So long a page may have nothing on it: some are drawn by scripts that take their time.
const BEFORE_EMPTY: Duration = Duration::from_secs(12);
/// So many customary addresses in a row may show the same page: some servers answer whatever is asked for.
const MAX_ALIKE: usize = 3;

#[derive(Debug, Clone)]
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
    /// What the site was seen to call its owner.
    names: BTreeSet<String>,
    /// The home page was opened once more before addresses were guessed.
    homed: bool,
    /// How many customary addresses were opened.
    guessed: usize,
    /// What the last customary address showed, and how many before it showed the same.
    shown: Option<u64>,
    alike: usize,
}

/// Something seen on a page.
#[derive(Debug, Clone)]
struct Pending {
    score: f32,
    /// Where it leads, when that is known; else the page it stands on.
    address: String,
    /// It stands on the page itself, and pressing it needs that page.
    to_press: bool,
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
            names: BTreeSet::new(),
            homed: false,
            guessed: 0,
            shown: None,
            alike: 0,
        }
    }

    /// The next thing to follow; `home` is opened again when nothing that was seen is worth it. `None`: given up.
    /// `waited` is how long ago the last act other than waiting was carried out.
    pub(crate) fn next(
        &mut self,
        snapshot: &PageSnapshot,
        site: &SiteKnowledge,
        home: &str,
        waited: Duration,
    ) -> Option<Step> {
        if let Some((left, address)) = self.left.take()
            && left == offers(snapshot, address.is_none())
        {
            if waited < BEFORE_NOTHING {
                self.left = Some((left, address));
                return Some(Step::Wait);
            }
            if let Some(address) = address {
                // Pressed and to no effect: something swallowed it, or the page moved under the pointer.
                self.here.clear();
                return Some(Step::Open { address });
            }
        }
        if waited < BEFORE_EMPTY && (snapshot.busy || offers_nothing(snapshot)) && !is_refused(snapshot) {
            return Some(Step::Wait);
        }
        if self.followed >= MAX_FOLLOWED {
            return self.guess(snapshot, site);
        }
        self.arrive(snapshot);
        if self.goal == Goal::Change {
            self.names.extend(names_shown(snapshot));
        }
        let seen = self.candidates(snapshot, site);
        self.remember(snapshot, &seen);
        let best = seen
            .into_iter()
            .filter(|one| one.score >= ENOUGH && !self.tried.contains(&one.key))
            .max_by(|a, b| a.score.total_cmp(&b.score));
        let here = best.as_ref().map_or(f32::NEG_INFINITY, |best| best.score);
        if self.returns < MAX_RETURNS
            && let Some(act) = self.journey(here)
        {
            return Some(act);
        }
        if let Some(found) = best {
            self.pending.remove(&found.key);
            self.last = Some(found.key.clone());
            self.tried.insert(found.key);
            self.followed += 1;
            self.left = Some((offers(snapshot, found.address.is_none()), found.address.clone()));
            return Some(Step::Follow { element: found.element, name: found.name, address: found.address });
        }
        // Content may come without a request that could be waited for.
        if waited < BEFORE_NOTHING && !is_refused(snapshot) {
            return Some(Step::Wait);
        }
        // A page changes while one is away, and menus close.
        let most_homes = 2;
        if (self.followed == 0 || self.returns >= most_homes) && (self.homed || self.guessed > 0) {
            return self.guess(snapshot, site);
        }
        self.homed |= self.followed == 0 || self.returns >= most_homes;
        self.returns += 1;
        self.here.clear();
        Some(Step::Open { address: home.to_owned() })
    }

    /// What was followed last led to a page that is broken: it may be tried again.
    pub(crate) fn once_more(&mut self) {
        if let Some(key) = self.last.take() {
            self.tried.remove(&key);
        }
        self.left = None;
    }

    /// The next customary address that was not seen yet.
    fn guess(&mut self, snapshot: &PageSnapshot, site: &SiteKnowledge) -> Option<Step> {
        if self.guessed > 0 && !is_refused(snapshot) {
            let shown = Some(looks(snapshot));
            self.alike = if self.shown == shown { self.alike + 1 } else { 0 };
            self.shown = shown;
            if self.alike >= MAX_ALIKE {
                return None;
            }
        }
        let all = customary(self.goal, &site.address);
        while let Some(address) = all.get(self.guessed) {
            self.guessed += 1;
            if self.tried.insert(key_of(address)) {
                self.here.clear();
                return Some(Step::Open { address: address.clone() });
            }
        }
        None
    }

    fn candidates(&self, snapshot: &PageSnapshot, site: &SiteKnowledge) -> Vec<Candidate> {
        let site = with_names(site, &self.names);
        CandidateScorer { goal: self.goal, visit: self.visit, site: &site }.candidates(snapshot)
    }

    /// How promising the best thing on this page is.
    pub(crate) fn promise(&self, snapshot: &PageSnapshot, site: &SiteKnowledge) -> f32 {
        let seen = self.candidates(snapshot, site);
        seen.iter().filter(|one| !self.tried.contains(&one.key)).map(|one| one.score).fold(0.0, f32::max)
    }

    /// Notices whether this is another page than before; menus and tabs leave it the same.
    fn arrive(&mut self, snapshot: &PageSnapshot) {
        let here = page_name(snapshot);
        if here != self.here {
            self.here = here;
            self.visit += 1;
        }
    }

    fn remember(&mut self, snapshot: &PageSnapshot, seen: &[Candidate]) {
        let page = snapshot.main().map_or("", |main| main.address.as_str());
        for one in seen.iter().filter(|one| one.score >= ENOUGH && !one.opens && !self.tried.contains(&one.key)) {
            let to_press = one.address.is_none();
            let address = one.address.clone().unwrap_or_else(|| page.to_owned());
            self.pending.entry(one.key.clone()).or_insert(Pending { score: one.score, address, to_press });
        }
    }

    /// Goes to what was seen elsewhere and is better than everything here.
    fn journey(&mut self, here: f32) -> Option<Step> {
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
        Some(Step::Open { address })
    }
}

/// What a page says and offers, whatever its address.
fn looks(snapshot: &PageSnapshot) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (_, frame) in snapshot.visible_frames() {
        frame.buttons.iter().for_each(|button| button.name.hash(&mut hasher));
        frame.links.iter().for_each(|link| link.name.hash(&mut hasher));
        frame.texts.iter().take(20).for_each(|text| text.text.hash(&mut hasher));
    }
    hasher.finish()
}

/// The server has nothing there, so nothing more will come.
fn is_refused(snapshot: &PageSnapshot) -> bool {
    snapshot.answer.as_ref().is_some_and(|answer| answer.status >= 400)
}

/// What tells one page from another: its address, its title and its first great headings.
fn page_name(snapshot: &PageSnapshot) -> String {
    let Some(main) = snapshot.main() else { return String::new() };
    let headings =
        main.texts.iter().filter(|text| matches!(text.role, TextRole::Heading(1 | 2)) && text.dialog.is_none());
    headings.take(4).fold(format!("{}|{}|{}", main.document, main.address, main.title), |name, heading| {
        format!("{name}|{}", heading.text)
    })
}

/// What a page offers, wherever one has scrolled to: as long as it is the same, what was followed has done nothing. A link
/// leads to fields or to another page; more of the same to press comes by itself on pages without end.
fn offers(snapshot: &PageSnapshot, with_presses: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    page_name(snapshot).hash(&mut hasher);
    for (_, frame) in snapshot.visible_frames() {
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
    use countersign_snapshot::{Frame, PageLink};

    use super::*;

    /// What is opened, one after the other, on a site that shows the same page everywhere.
    fn opened(status: u16) -> Vec<String> {
        let site = SiteKnowledge::at("https://example.org/");
        let links = vec![PageLink {
            name: "Imprint".into(),
            address: "https://example.org/imprint".into(),
            ..PageLink::default()
        }];
        let frame = Frame { origin: "https://example.org".into(), links, ..Frame::default() };
        let answer = Some(countersign_snapshot::PageResponse { status, ..Default::default() });
        let snapshot = PageSnapshot { frames: vec![frame], answer, ..PageSnapshot::default() };
        let mut explorer = Explorer::new(Goal::SignIn);
        let mut opened = Vec::new();
        while let Some(act) = explorer.next(&snapshot, &site, "https://example.org/", Duration::from_secs(60)) {
            let Step::Open { address } = act else { panic!("{act:?}") };
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
        let snapshot = PageSnapshot { frames: vec![Frame::default()], ..PageSnapshot::default() };
        let mut explorer = Explorer::new(Goal::SignIn);
        let mut act = |seconds| explorer.next(&snapshot, &site, "https://example.org/", Duration::from_secs(seconds));
        assert_eq!(act(3), Some(Step::Wait));
        assert!(matches!(act(20), Some(Step::Open { .. })));
    }

    #[test]
    fn a_busy_page_is_waited_for_whatever_shows_beneath() {
        let site = SiteKnowledge::at("https://example.org/");
        let links =
            vec![PageLink { name: "Settings".into(), address: "https://example.org/s".into(), ..PageLink::default() }];
        let frames = vec![Frame { links, ..Frame::default() }];
        let snapshot = PageSnapshot { frames, busy: true, ..PageSnapshot::default() };
        let mut explorer = Explorer::new(Goal::Change);
        let mut act = |seconds| explorer.next(&snapshot, &site, "https://example.org/", Duration::from_secs(seconds));
        assert_eq!(act(3), Some(Step::Wait));
        assert!(matches!(act(20), Some(Step::Follow { .. })));
    }

    #[test]
    fn the_home_page_is_opened_once_more_before_addresses_are_guessed() {
        let opened = opened(404);
        assert_eq!(opened[0], "https://example.org/");
        assert!(opened[1].ends_with("/.well-known/change-password"));
    }
}
