//! Drives a walk: carries its effects out, one after the other, and tells it what has come of each. Every rule is the walk's.

use countersign_model::PasswordSlot;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_browser::{Context, Error as PageError, Page, WaitPolicy};
use countersign_live::SessionHandle;
use countersign_recipe::{PasswordRules, Recognised, SiteKnowledge, Step, recognise};
use countersign_seal::Secret;
use countersign_snapshot::PageSnapshot;
use countersign_vault::{ChangeRun, Error as VaultError};
use countersign_walk::{Effect, Ending, Event, Facts, PageView, Profile, StepError, Tries, Turn, Walk};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    WorkerShared, browsers,
    executor::{Executor, ExecutorError},
    learn::Learnt,
    notes::NoteWriter,
    site,
    slots::Lease,
    waiting::{Waited, Waiting},
    windows::WindowTracker,
};

/// How an effect ended that the walk does not hear of.
pub(crate) enum DriveError {
    /// The page, or the whole browser.
    Page(PageError),
    /// The vault: its database is down, or another worker has the change.
    Vault(VaultError),
}

impl From<PageError> for DriveError {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl From<VaultError> for DriveError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

/// What was seen of a page.
pub(crate) struct SeenPage {
    pub(crate) snapshot: PageSnapshot,
    pub(crate) page: Recognised,
    /// The page's revision before it was looked at.
    pub(crate) revision: u64,
}

impl SeenPage {
    /// As nobody looks on.
    pub(crate) const fn view(&self) -> PageView<'_> {
        PageView { snapshot: &self.snapshot, page: &self.page, watched: false, acted: false }
    }
}

/// A walk with everything that it acts on.
pub(crate) struct Driver<'a> {
    pub(crate) shared: &'a Arc<WorkerShared>,
    pub(crate) run: &'a mut ChangeRun,
    pub(crate) lease: &'a Lease,
    pub(crate) site: SiteKnowledge,
    /// Set once a browser is open.
    pub(crate) open: Option<(Arc<Context>, Page)>,
    pub(crate) seen: Option<SeenPage>,
    candidate: Option<Secret>,
    /// The site's clock less ours, once it was seen.
    pub(crate) offset: Option<i64>,
    pub(crate) learnt: Learnt,
    pub(crate) scribe: NoteWriter,
    pub(crate) waiting: Waiting,
    pub(crate) windows: WindowTracker,
}

/// What is left when a walk has ended.
pub(crate) struct WalkEnd {
    pub(crate) ending: Ending,
    pub(crate) learnt: Learnt,
    /// The browser, for whoever goes on with it.
    pub(crate) open: Option<(Arc<Context>, Page)>,
    /// What it has taken up: to be let go of when the end is written, and not before.
    pub(crate) slot: Option<OwnedSemaphorePermit>,
}

/// What a walk takes up while it goes on.
pub(crate) enum WalkHost {
    /// A slot for changes, left while a person is waited for.
    Slot(OwnedSemaphorePermit),
    /// A session that is signed in for: its owner looks on from the start.
    Session(Arc<SessionHandle>),
}

/// Walks to the end.
pub(crate) async fn walk(
    shared: &Arc<WorkerShared>,
    run: &mut ChangeRun,
    lease: &Lease,
    site: &SiteKnowledge,
    place: WalkHost,
) -> Result<WalkEnd, VaultError> {
    let mut walk = Walk::new(facts(shared, run, site));
    let (slot, live) = match place {
        WalkHost::Slot(slot) => (Some(slot), None),
        WalkHost::Session(live) => (None, Some(live)),
    };
    let mut driver = Driver {
        shared,
        run,
        lease,
        site: site.clone(),
        open: None,
        seen: None,
        candidate: None,
        offset: None,
        learnt: Learnt::default(),
        scribe: NoteWriter::default(),
        waiting: Waiting::new(live, slot),
        windows: WindowTracker::default(),
    };
    let outcome = driver.go(&mut walk).await;
    let slot = driver.waiting.end(shared, driver.run.session().is_some());
    driver.shared.waiting.lock().remove(&driver.run.id());
    outcome.map(|ending| WalkEnd { ending, learnt: driver.learnt, open: driver.open, slot })
}

fn facts(shared: &WorkerShared, run: &ChangeRun, site: &SiteKnowledge) -> Facts {
    let left = |which| u32::try_from(run.tries_left(which)).unwrap_or(0);
    Facts {
        kind: run.kind(),
        site: site.clone(),
        has_token: run.has_token(),
        trust: run.settings.trust,
        armed: run.armed(),
        answer: run.site_answer().cloned(),
        since_submitted: run.since_submitted(shared.vault.now()),
        attempt: u32::try_from(run.attempts()).unwrap_or(u32::MAX),
        tries: Tries { current: left(PasswordSlot::Current), candidate: left(PasswordSlot::Candidate) },
        remembered: run.remembers(),
        waits: shared.options.waits_for_person,
    }
}

impl Driver<'_> {
    async fn go(&mut self, walk: &mut Walk) -> Result<Ending, VaultError> {
        let begun = Instant::now();
        let mut turn = walk.begin();
        loop {
            self.note(turn.notes).await?;
            if let Effect::End(ending) = turn.effect {
                return Ok(ending);
            }
            turn = if self.lease.cancelled() && !walk.armed() {
                walk.handle(Event::Cancelled, begun.elapsed())
            } else {
                match self.carry_out_or_stop(turn.effect, walk, begun).await {
                    Ok(turn) => turn,
                    Err(DriveError::Vault(error)) => return Err(error),
                    Err(DriveError::Page(error)) => {
                        tracing::warn!(%error, "the browser went away");
                        let missing = matches!(error, PageError::NoChromium { .. } | PageError::NotStarted { .. });
                        self.open = None;
                        self.seen = None;
                        self.shared.waiting.lock().remove(&self.run.id());
                        self.waiting.is_lost(self.shared).await;
                        let why = error.to_string();
                        walk.handle(Event::Gone { why, missing }, begun.elapsed())
                    }
                }
            };
        }
    }

    /// Carries an effect out; one that may be left in the middle is left as soon as the change is called off, for a site can
    /// take a minute to answer.
    async fn carry_out_or_stop(&mut self, effect: Effect, walk: &mut Walk, begun: Instant) -> Result<Turn, DriveError> {
        if walk.armed() || !may_be_left(&effect) {
            return self.carry_out(effect, walk, begun).await;
        }
        let lease = self.lease;
        // Looked at first, the walk hears of nothing else in the same moment.
        let done = tokio::select! {
            biased;
            () = lease.until_cancelled() => None,
            done = self.carry_out(effect, walk, begun) => Some(done),
        };
        done.unwrap_or_else(|| Ok(walk.handle(Event::Cancelled, begun.elapsed())))
    }

    /// Carries an effect out, and tells the walk.
    async fn carry_out(&mut self, effect: Effect, walk: &mut Walk, begun: Instant) -> Result<Turn, DriveError> {
        match effect {
            Effect::Browser(profile) => {
                let ready = self.open_browser(profile).await?;
                let event = if ready { Event::Ready } else { Event::NoSuchBrowser };
                Ok(walk.handle(event, begun.elapsed()))
            }
            Effect::Step { act, slot, signs_in } => {
                let event = self.step(&act, slot, signs_in).await?;
                Ok(walk.handle(event, begun.elapsed()))
            }
            Effect::Look => self.look(walk, begun).await,
            Effect::LookAfter(limit) => {
                let (page, revision) = (self.page()?.clone(), self.seen.as_ref().map_or(0, |seen| seen.revision));
                match page.changed(revision, limit).await {
                    Err(PageError::PageClosed) if self.has_other_window() => {}
                    other => drop(other?),
                }
                self.look(walk, begun).await
            }
            Effect::Store { max_length, rules } => {
                let event = self.store(max_length, rules).await?;
                Ok(walk.handle(event, begun.elapsed()))
            }
            Effect::Compare { address } => {
                let stranger = self.as_a_stranger(&address).await;
                let own = self.seen.as_ref().ok_or(PageError::Stale)?.view();
                let stranger = stranger.as_ref().map(|seen| seen.view());
                Ok(walk.handle(Event::Compared { own, stranger }, begun.elapsed()))
            }
            Effect::Park { challenge, why } => {
                match self.wait_for_person(challenge, why.as_deref(), !walk.armed()).await? {
                    Waited::Look => self.look(walk, begun).await,
                    Waited::InVain => Ok(walk.handle(Event::NobodyCame, begun.elapsed())),
                    Waited::CalledOff => Ok(walk.handle(Event::Cancelled, begun.elapsed())),
                }
            }
            Effect::TakeBack => {
                let (taken, acted) = self.waiting.take_back().await;
                if taken {
                    self.shared.waiting.lock().remove(&self.run.id());
                    self.waiting.slot_again(self.shared).await;
                }
                Ok(walk.handle(Event::TakenBack { taken, acted }, begun.elapsed()))
            }
            // Ends before it gets here.
            Effect::End(_) => Ok(walk.handle(Event::Cancelled, begun.elapsed())),
        }
    }

    async fn look(&mut self, walk: &mut Walk, begun: Instant) -> Result<Turn, DriveError> {
        self.see(begun).await?;
        let (watched, acted) = (self.waiting.is_watched(), self.waiting.has_acted());
        let seen = self.seen.as_ref().ok_or(PageError::Stale)?;
        Ok(walk.handle(Event::Saw(PageView { watched, acted, ..seen.view() }), begun.elapsed()))
    }

    pub(crate) fn page(&self) -> Result<&Page, DriveError> {
        self.open.as_ref().map(|(_, page)| page).ok_or(DriveError::Page(PageError::PageClosed))
    }

    /// Looks at the page once it has come to rest.
    async fn see(&mut self, begun: Instant) -> Result<(), DriveError> {
        /// A page that cannot be looked at for so long is as good as gone.
        const UNSEEN: Duration = Duration::from_secs(120);
        let since = begun.elapsed();
        loop {
            self.follow_windows();
            let page = self.page()?.clone();
            let revision = page.revision();
            match page.settled_snapshot(&WaitPolicy::default()).await {
                Ok(snapshot) => {
                    if let Some(look) = &self.shared.options.at_page {
                        look(&snapshot, &self.site);
                    }
                    self.see_clock(&snapshot).await?;
                    let read = recognise(&snapshot, &self.site);
                    let window = page.id().to_owned();
                    self.seen = Some(SeenPage { snapshot, page: read, revision });
                    self.tell_of_happenings().await?;
                    self.leave_window_to_itself().await;
                    self.follow_windows();
                    if self.page()?.id() == window {
                        return Ok(());
                    }
                }
                // A busy page, or a busy machine.
                Err(PageError::Stale | PageError::TimedOut { .. })
                    if begun.elapsed().saturating_sub(since) < UNSEEN => {}
                Err(PageError::PageClosed) if self.has_other_window() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn open_browser(&mut self, profile: Profile) -> Result<bool, DriveError> {
        self.seen = None;
        // A Chromium of its own ends with its last context; the next one goes on in it.
        let _kept = self.open.take().map(|(context, _)| context.browser());
        let session = self.run.session();
        let remembered = match profile {
            Profile::Clean => None,
            Profile::Own | Profile::OwnSignedOut => self.shared.vault.browser_state(self.run).await?,
        };
        let pinned = site::pinned(self.run);
        let context = match profile {
            Profile::OwnSignedOut => match remembered {
                Some(remembered) => {
                    browsers::signed_out(self.shared, session, (&self.site, pinned), remembered).await?
                }
                None => None,
            },
            Profile::Own | Profile::Clean => {
                Some(browsers::open(self.shared, session, &self.site, pinned, remembered).await?)
            }
        };
        let Some(context) = context else { return Ok(false) };
        let page = context.open_page().await?;
        self.open = Some((context, page));
        Ok(true)
    }

    async fn step(&mut self, act: &Step, slot: PasswordSlot, signs_in: bool) -> Result<Event<'static>, DriveError> {
        if let (Step::Fill(_), Some(seen)) = (act, &self.seen) {
            self.learnt.note(&seen.page);
        }
        let page = self.page()?.clone();
        let mut executor = Executor {
            shared: self.shared,
            run: self.run,
            slot,
            signs_in,
            candidate: self.candidate.as_ref(),
            offset: self.offset,
            counted: false,
        };
        match executor.step(&page, act).await {
            Ok(done) => Ok(Event::Done(done)),
            // What cannot be opened is a page that says so; the walk decides.
            Err(ExecutorError::Page(PageError::NotOpened { .. } | PageError::TimedOut { .. }))
                if matches!(act, Step::Open { .. }) =>
            {
                Ok(Event::Done(countersign_walk::StepDone { sent_itself: false }))
            }
            // A window that closes itself has done what it was opened for, and the page that opened it goes on.
            Err(ExecutorError::Page(PageError::PageClosed)) if self.has_other_window() => {
                Ok(Event::Done(countersign_walk::StepDone { sent_itself: true }))
            }
            Err(ExecutorError::Page(error)) if error.is_gone() => Err(error.into()),
            Err(ExecutorError::Page(error)) => {
                tracing::debug!(%error, "a step was not carried out");
                Ok(Event::NotDone(trouble_of(error)))
            }
            Err(ExecutorError::Vault(VaultError::StepTaken { .. })) => Ok(Event::NotDone(StepError::TokensTaken)),
            Err(ExecutorError::Vault(VaultError::TriesSpent)) => Ok(Event::NotDone(StepError::TriesSpent)),
            Err(ExecutorError::Vault(error)) => Err(error.into()),
        }
    }

    async fn store(
        &mut self,
        max_length: Option<u32>,
        said: Option<PasswordRules>,
    ) -> Result<Event<'static>, DriveError> {
        let rules = self.site.rules.clone().or(said);
        match self.shared.vault.new_password(self.run, rules.as_ref(), max_length).await {
            Ok(password) => {
                self.candidate = Some(password);
                Ok(Event::Stored)
            }
            Err(VaultError::NoPassword(why)) => Ok(Event::NotDone(StepError::NoPassword { why: why.to_owned() })),
            Err(VaultError::CalledOff) => Err(VaultError::CalledOff.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// What an address shows to somebody whom the site does not know; `None` when that cannot be seen.
    async fn as_a_stranger(&self, address: &str) -> Option<SeenPage> {
        let look = async {
            let (session, pinned) = (self.run.session(), site::pinned(self.run));
            let context = browsers::open(self.shared, session, &self.site, pinned, None).await?;
            let page = context.open_page().await?;
            page.open(address, browsers::TO_OPEN).await?;
            let snapshot = page.settled_snapshot(&WaitPolicy::default()).await?;
            let read = recognise(&snapshot, &self.site);
            Ok::<_, PageError>(SeenPage { snapshot, page: read, revision: 0 })
        };
        look.await.inspect_err(|error| tracing::debug!(%error, "no stranger could look")).ok()
    }
}

/// Whether nothing is lost where an effect is left in the middle: not a secret that is taken out, counted and typed, not the
/// storing of a new one, and not a page that is being handed to a person or back, whose waiting looks for itself.
const fn may_be_left(effect: &Effect) -> bool {
    match effect {
        Effect::Browser(_) | Effect::Look | Effect::LookAfter(_) | Effect::Compare { .. } => true,
        Effect::Step { act, .. } => !matches!(act, Step::Fill(_) | Step::AnswerWindow { .. }),
        Effect::Store { .. } | Effect::Park { .. } | Effect::TakeBack | Effect::End(_) => false,
    }
}

fn trouble_of(error: PageError) -> StepError {
    match error {
        PageError::WrongOrigin { found } => StepError::WrongOrigin { found },
        PageError::TakesNoTyping => StepError::TakesNoTyping,
        PageError::NotTaken { .. } => StepError::NotTaken,
        PageError::CutShort { kept } => StepError::CutShort { kept },
        PageError::ButtonAsleep => StepError::ButtonAsleep,
        PageError::TimedOut { .. } => StepError::Frozen,
        PageError::Refused { why, .. } => StepError::Refused { why },
        _ => StepError::Slipped,
    }
}
