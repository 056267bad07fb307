//! Promise 10, and 2, 3 and the limits of what is sent: the walk against a site that lies, repeats itself, delays and changes its
//! mind, and that knows which password it takes. No end is ever untrue.
//!
//! `COUNTERSIGN_WALKS=1000000` walks a million of them; a failure names its seed, and `COUNTERSIGN_WALK=SEED` walks it alone and
//! tells its story.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod chance;
mod pages;
mod site;

use std::time::Duration;

use chance::Chance;
use countersign_model::{ChangeKind, ChangeReason, PasswordSlot, SiteAnswer, Trust};
use countersign_recipe::{FieldRole, LearntPages, SiteKnowledge, Step, Target, TypedValue};
use countersign_walk::{Effect, Ending, Event, Facts, Note, PageView, Profile, StepDone, Tries, Turn, Walk};
use pages::{Pages, SITE, Screen};
use site::{Browser, Manner, Sent, Site, Word};

const DEFAULT_WALKS: u64 = 20_000;
/// Rounds of finding out that are walked.
const MAX_ROUNDS: u32 = 9;

#[test]
fn promise_10_no_end_is_untrue_whatever_a_site_does() {
    let mut pages = Pages::default();
    if let Ok(seed) = std::env::var("COUNTERSIGN_WALK") {
        let story = walk(seed.parse().unwrap(), &mut pages);
        println!("{}", story.lines.join("\n"));
        assert!(story.wrong.is_none(), "{:?}", story.wrong);
        return;
    }
    let walks = std::env::var("COUNTERSIGN_WALKS").map_or(DEFAULT_WALKS, |text| text.parse().unwrap());
    let mut ends = std::collections::BTreeMap::new();
    for seed in 0..walks {
        let story = walk(seed, &mut pages);
        if let Some(wrong) = story.wrong {
            panic!("seed {seed}: {wrong}\n{:#?}\n{}", story.manner, story.lines.join("\n"));
        }
        *ends.entry(story.end).or_insert(0_u64) += 1;
    }
    println!("{walks} walks: {ends:?}");
    // A test that never gets anywhere would hold whatever the walk does.
    for end in ["changed", "failed", "in doubt"] {
        assert!(ends.get(end).copied().unwrap_or(0) > walks / 100, "{end} hardly ever happens: {ends:?}");
    }
}

struct Story {
    end: &'static str,
    wrong: Option<String>,
    lines: Vec<String>,
    manner: Manner,
}

/// The world around one walk.
struct World<'a> {
    site: Site,
    pages: &'a mut Pages,
    /// The browser that is open, what the credential's own remembers, and what it shows.
    browser: Browser,
    own: Browser,
    /// Where pages were found another time; some are no longer there.
    learnt: LearntPages,
    screen: Screen,
    load: u8,
    now: Duration,
    tries: [u32; 2],
    answer: Option<SiteAnswer>,
    submitted_at: Option<Duration>,
    armed: bool,
    helpful: bool,
    /// The form on the screen was filled and not sent.
    left: Option<Sent>,
    lines: Vec<String>,
    wrong: Option<String>,
}

/// What an earlier change has left: where pages are, true or stale, and a browser that is signed in.
fn known_before(seed: u64) -> (LearntPages, bool) {
    let mut chance = Chance::of(!seed);
    let mut at = |paths: &[Option<&str>]| chance.pick(paths).map(|path| format!("{SITE}{path}"));
    let sign_in = at(&[None, Some("/login"), Some("/login"), Some("/gone"), Some("/settings"), Some("/profile")]);
    let change = at(&[None, Some("/password"), Some("/password"), Some("/gone"), Some("/settings"), Some("/profile")]);
    (LearntPages { sign_in, change, token: None }, chance.once_in(3))
}

fn walk(seed: u64, pages: &mut Pages) -> Story {
    let mut chance = Chance::of(seed);
    let manner = Manner::of(&mut chance);
    let helpful = chance.once_in(2);
    let (learnt, signed_in) = known_before(seed);
    let mut world = World {
        site: Site::new(manner, chance),
        pages,
        browser: Browser::default(),
        own: Browser::of(signed_in),
        learnt,
        screen: Screen::Missing,
        load: 0,
        now: Duration::ZERO,
        tries: [0, 0],
        answer: None,
        submitted_at: None,
        armed: false,
        helpful,
        left: None,
        lines: Vec::new(),
        wrong: None,
    };
    let mut end = "in doubt";
    for attempt in 1..=MAX_ROUNDS {
        let ending = world.round(attempt);
        world.lines.push(format!("{:?} ends {ending:?}", world.now));
        world.judge(&ending);
        match ending {
            Ending::InDoubt { retry_after: Some(wait), .. } => world.now += wait,
            Ending::InDoubt { retry_after: None, .. } => break,
            Ending::Changed => {
                end = "changed";
                break;
            }
            Ending::Failed(_) => {
                end = "failed";
                break;
            }
            Ending::Postponed(..) | Ending::Passed | Ending::Cancelled => {
                end = "put off";
                break;
            }
        }
        if world.wrong.is_some() {
            break;
        }
    }
    Story { end, wrong: world.wrong, lines: world.lines, manner }
}

impl World<'_> {
    fn facts(&self, attempt: u32) -> Facts {
        Facts {
            kind: ChangeKind::Change,
            site: SiteKnowledge { learnt: self.learnt.clone(), ..SiteKnowledge::at(&format!("{SITE}/")) },
            has_token: self.site.manner.token,
            trust: Trust::DoNotTrust,
            armed: self.armed,
            answer: self.answer.clone(),
            since_submitted: self.submitted_at.map(|at| self.now.saturating_sub(at)),
            attempt,
            tries: Tries {
                current: 2_u32.saturating_sub(self.tries[0]),
                candidate: 2_u32.saturating_sub(self.tries[1]),
            },
            remembered: self.own.signed_in,
            waits: Duration::from_secs(3_600),
        }
    }

    /// One run of a worker.
    fn round(&mut self, attempt: u32) -> Ending {
        let begun = self.now;
        self.site.sent = [0, 0];
        self.site.bare = 0;
        let mut walk = Walk::new(self.facts(attempt));
        let mut turn = walk.begin();
        for _ in 0..900 {
            self.note(&turn.notes);
            let effect = turn.effect;
            if let Effect::End(ending) = effect {
                return ending;
            }
            turn = self.carry_out(&mut walk, effect, begun);
        }
        self.wrong.get_or_insert("it never ends".into());
        Ending::Cancelled
    }

    fn note(&mut self, notes: &[Note]) {
        for note in notes {
            match note {
                Note::Say { text, .. } => self.lines.push(format!("{:?} {text}", self.now)),
                Note::Taken(_) | Note::Accepted => self.tries = [0, 0],
                Note::KeepBrowser => self.own = self.browser,
                Note::Answered(answer) => {
                    self.answer = Some(answer.clone());
                    self.submitted_at = self.submitted_at.or(Some(self.now));
                }
                Note::SentByPerson(slot) => self.tries[*slot as usize] += 1,
                Note::Point(_) | Note::Answer(_) | Note::KeepAnswers => {}
            }
        }
    }

    fn carry_out(&mut self, walk: &mut Walk, effect: Effect, begun: Duration) -> Turn {
        self.now += Duration::from_millis(700);
        let elapsed = |world: &Self| world.now.saturating_sub(begun);
        match effect {
            Effect::Browser(profile) => {
                self.browser = match profile {
                    Profile::Own => self.own,
                    Profile::Clean => Browser::default(),
                    Profile::OwnSignedOut => self.own.signed_out(),
                };
                self.left = None;
                let at = elapsed(self);
                walk.handle(Event::Ready, at)
            }
            Effect::Step { act, slot, signs_in } => {
                let at = elapsed(self);
                self.step(&act, slot, signs_in);
                walk.handle(Event::Done(StepDone { sent_itself: false }), at)
            }
            Effect::Look => self.look(walk, begun),
            Effect::LookAfter(limit) => {
                self.now += limit;
                self.look(walk, begun)
            }
            Effect::Store { .. } => {
                self.armed = true;
                self.submitted_at = Some(self.now);
                let at = elapsed(self);
                walk.handle(Event::Stored, at)
            }
            Effect::Compare { .. } => self.compare(walk, begun),
            Effect::Park { .. } => {
                self.now += Duration::from_secs(60);
                if !walk.armed() && self.site.chance.once_in(4) {
                    if !self.helpful {
                        let at = elapsed(self);
                        return walk.handle(Event::NobodyCame, at);
                    }
                    self.sleep_and_wake();
                }
                self.person_acts();
                self.look(walk, begun)
            }
            Effect::TakeBack => {
                let at = elapsed(self);
                walk.handle(Event::TakenBack { taken: true, acted: self.helpful }, at)
            }
            Effect::End(_) => unreachable!("ends before"),
        }
    }

    fn compare(&mut self, walk: &mut Walk, begun: Duration) -> Turn {
        let own = self.pages.show(self.screen, self.load);
        let path = path_of(&own.0.frames[0].address).to_owned();
        let other = self.site.get(&path, &Browser::default());
        let stranger = self.pages.show(other, 9);
        let view = |(snapshot, page)| PageView { snapshot, page, watched: false, acted: false };
        let at = self.now.saturating_sub(begun);
        let compared =
            Event::Compared { own: view((&own.0, &own.1)), stranger: Some(view((&stranger.0, &stranger.1))) };
        walk.handle(compared, at)
    }

    fn look(&mut self, walk: &mut Walk, begun: Duration) -> Turn {
        let known = self.pages.show(self.screen, self.load);
        let view = PageView { snapshot: &known.0, page: &known.1, watched: false, acted: false };
        walk.handle(Event::Saw(view), self.now.saturating_sub(begun))
    }

    /// The page is opened again at its address, and what had been sent to get there is not.
    fn sleep_and_wake(&mut self) {
        let known = self.pages.show(self.screen, self.load);
        let path = path_of(&known.0.frames[0].address).to_owned();
        let screen = self.site.get(&path, &self.browser);
        self.show(screen);
    }

    fn show(&mut self, screen: Screen) {
        self.load = (self.load + 1) % 8;
        self.screen = screen;
        self.left = None;
    }

    fn step(&mut self, act: &Step, slot: PasswordSlot, signs_in: bool) {
        match act {
            Step::Open { address } => {
                let screen = self.site.get(path_of(address), &self.browser);
                self.show(screen);
            }
            Step::Follow { address, .. } => {
                let path = address.as_deref().map_or("/", path_of).to_owned();
                let screen = self.site.get(&path, &self.browser);
                self.show(screen);
            }
            Step::Fill(fill) => {
                let word = match slot {
                    PasswordSlot::Current => Word::Old,
                    PasswordSlot::Candidate => Word::New,
                };
                let sent = Sent {
                    name: fill.types(TypedValue::Username),
                    password: fill.types(TypedValue::Password).then_some(word),
                    token: fill.types(TypedValue::Token),
                    new: fill.types(TypedValue::NewPassword),
                    captcha: false,
                };
                self.check_fill(
                    fill.types(TypedValue::NewPassword),
                    &fill.entries.iter().map(|one| &one.into).collect::<Vec<_>>(),
                );
                if !fill.send {
                    self.left = Some(sent);
                    if let Screen::SignIn { error, captcha, .. } = self.screen {
                        self.screen = Screen::SignIn { error, captcha, filled: true };
                    }
                    return;
                }
                if sent.password.is_some() && signs_in {
                    self.tries[slot as usize] += 1;
                }
                self.send(sent);
            }
            Step::Answer { .. } if self.screen == Screen::Location => {
                let screen = self.site.confirm(&mut self.browser);
                self.show(screen);
            }
            _ => {}
        }
    }

    fn send(&mut self, sent: Sent) {
        let (screen, now) = (self.screen, self.now);
        let next = self.site.post(screen, sent, &mut self.browser, now);
        self.show(next);
        for (index, name) in ["old", "new"].into_iter().enumerate() {
            if self.site.sent[index] > 2 {
                self.wrong
                    .get_or_insert(format!("the {name} password was sent {} times in a run", self.site.sent[index]));
            }
        }
        if self.site.bare > 3 {
            self.wrong.get_or_insert(format!("{} forms without a password were sent", self.site.bare));
        }
    }

    /// A new password goes into forms for new passwords alone.
    fn check_fill(&mut self, new: bool, into: &[&Target]) {
        let form = matches!(self.screen, Screen::Change { .. });
        if new && !form {
            self.wrong.get_or_insert(format!("the new password was typed on {:?}", self.screen));
        }
        if into.is_empty() || matches!(self.screen, Screen::Question | Screen::Location) {
            self.wrong.get_or_insert(format!("something was typed on {:?}", self.screen));
        }
        let known = self.pages.show(self.screen, self.load);
        let puzzle = known.1.part(FieldRole::Puzzle).map(|part| part.element.node);
        let typed = into.iter().any(|one| matches!(one, Target::Line(line) if Some(line.node) == puzzle));
        if typed {
            self.wrong.get_or_insert("a puzzle was answered".into());
        }
    }

    /// Half of the people do what is asked, after a minute.
    fn person_acts(&mut self) {
        if !self.helpful {
            return;
        }
        match self.screen {
            Screen::Location => {
                let screen = self.site.confirm(&mut self.browser);
                self.show(screen);
            }
            Screen::SignIn { .. } => {
                if let Some(sent) = self.left.take() {
                    self.send(Sent { captcha: true, ..sent });
                }
            }
            _ => {}
        }
    }

    /// Whether the end is so.
    fn judge(&mut self, ending: &Ending) {
        let untrue = match ending {
            Ending::Changed if !self.site.takes(Word::New, self.now) => {
                Some("changed, and the new password does not sign in")
            }
            Ending::Failed(_) if self.armed && !self.site.is_locked() && !self.site.takes(Word::Old, self.now) => {
                Some("failed, and the old password does not sign in")
            }
            Ending::Failed(_) if self.site.will_take(Word::New) => Some("failed, and the new password will sign in"),
            Ending::Failed(ChangeReason::WrongPassword)
                if !self.armed && self.site.takes(Word::Old, self.now) && !self.site.manner.captcha =>
            {
                Some("a right password is blamed")
            }
            Ending::Failed(ChangeReason::WrongToken) if !self.site.manner.token => {
                Some("a token is blamed that nobody asked for")
            }
            Ending::Failed(_) | Ending::Postponed(..) | Ending::Cancelled if !self.armed && self.site.changes > 0 => {
                Some("something was changed before anything was stored")
            }
            Ending::Passed | Ending::Postponed(..) if self.armed => Some("put off after the new password was stored"),
            _ => None,
        };
        if let Some(untrue) = untrue {
            self.wrong.get_or_insert(untrue.into());
        }
    }
}

fn path_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}
