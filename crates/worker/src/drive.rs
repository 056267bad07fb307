//! Drives a walk: carries its effects out, one after the other, and tells it what has come of each. Every rule is the walk's.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_browser::{Context, Error as PageError, Page, TokenForm, WaitPolicy};
use countersign_live::SessionHandle;
use countersign_model::PasswordSlot;
use countersign_recipe::{PasswordRules, SiteKnowledge, Step, recognise};
use countersign_seal::Secret;
use countersign_vault::{ChangeRun, Error as VaultError, RunError};
use countersign_walk::{Effect, Ending, Event, Facts, PageView, StepDone, StepError, Tries, Turn, Walk};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    executor::{Executor, ExecutorError},
    learn::Learnt,
    lease::Lease,
    notes::{NoteWriter, see_clock},
    pages::FoundPages,
    shared::WorkerShared,
    visit::{DriveError, SeenPage, Visit},
    waiting::{Waited, Waiting},
    windows::WindowTracker,
};

/// A walk with everything that it acts on.
struct Driver<'a> {
    visit: Visit<'a>,
    /// The new password, once it is stored.
    candidate: Option<Secret>,
    learnt: Learnt,
    pages: FoundPages,
    notes: NoteWriter,
    waiting: Waiting,
    windows: WindowTracker,
}

/// What is left when a walk has ended.
pub(crate) struct WalkEnd {
    pub(crate) ending: Ending,
    pub(crate) learnt: Learnt,
    pub(crate) pages: FoundPages,
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
) -> Result<WalkEnd, RunError> {
    // The first page takes a while to come; the table of words, of which it is read once, is there by then.
    drop(tokio::task::spawn_blocking(countersign_recipe::prepare));
    let mut walk = Walk::new(facts(shared, run, site));
    let (slot, live) = match place {
        WalkHost::Slot(slot) => (Some(slot), None),
        WalkHost::Session(live) => (None, Some(live)),
    };
    let visit =
        Visit { shared, run, lease, site: site.clone(), open: None, before: None, seen: None, offset: None, live };
    let mut driver = Driver {
        visit,
        candidate: None,
        learnt: Learnt::default(),
        pages: FoundPages::default(),
        notes: NoteWriter::default(),
        waiting: Waiting::new(slot),
        windows: WindowTracker::default(),
    };
    let outcome = driver.go(&mut walk).await;
    let slot = driver.waiting.end(&mut driver.visit);
    outcome.map(|ending| WalkEnd { ending, learnt: driver.learnt, pages: driver.pages, open: driver.visit.open, slot })
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
    async fn go(&mut self, walk: &mut Walk) -> Result<Ending, RunError> {
        let begun = Instant::now();
        let mut turn = walk.begin();
        loop {
            self.notes.note(&mut self.visit, turn.notes).await?;
            if let Effect::End(ending) = turn.effect {
                return Ok(ending);
            }
            turn = if self.visit.lease.cancelled() && !walk.armed() {
                walk.handle(Event::Cancelled, begun.elapsed())
            } else {
                match self.carry_out_or_stop(turn.effect, walk, begun).await {
                    Ok(turn) => turn,
                    Err(DriveError::Vault(error)) => return Err(error),
                    Err(DriveError::Page(error)) => {
                        tracing::warn!(%error, "the browser went away");
                        let missing = matches!(error, PageError::NoChromium { .. } | PageError::NotStarted { .. });
                        (self.visit.open, self.visit.before, self.visit.seen) = (None, None, None);
                        self.waiting.is_lost(&self.visit).await;
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
        let lease = self.visit.lease;
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
                let ready = self.visit.open_browser(profile).await?;
                let event = if ready { Event::Ready } else { Event::NoSuchBrowser };
                Ok(walk.handle(event, begun.elapsed()))
            }
            Effect::Step { act, slot, signs_in } => {
                let event = self.step(&act, slot, signs_in).await?;
                Ok(walk.handle(event, begun.elapsed()))
            }
            Effect::Look => self.look(walk, begun).await,
            Effect::LookAfter(limit) => {
                let (page, revision) = (self.visit.page()?.clone(), self.visit.revision());
                match page.changed(revision, limit).await {
                    Err(PageError::PageClosed) if self.visit.has_other_window() => {}
                    other => drop(other?),
                }
                self.look(walk, begun).await
            }
            Effect::Store { max_length, rules } => {
                let event = self.store(max_length, rules).await?;
                Ok(walk.handle(event, begun.elapsed()))
            }
            Effect::Compare { address } => {
                let stranger = self.visit.as_a_stranger(&address).await;
                let own = self.visit.seen.as_ref().ok_or(PageError::Stale)?.view();
                let stranger = stranger.as_ref().map(|seen| seen.view());
                Ok(walk.handle(Event::Compared { own, stranger }, begun.elapsed()))
            }
            Effect::Park { challenge, why } => {
                match self.waiting.wait_for_person(&mut self.visit, challenge, why.as_deref(), !walk.armed()).await? {
                    Waited::Look => self.look(walk, begun).await,
                    Waited::InVain => Ok(walk.handle(Event::NobodyCame, begun.elapsed())),
                    Waited::CalledOff => Ok(walk.handle(Event::Cancelled, begun.elapsed())),
                }
            }
            Effect::TakeBack => {
                let (taken, acted) = self.waiting.take_back(&self.visit).await;
                Ok(walk.handle(Event::TakenBack { taken, acted }, begun.elapsed()))
            }
            // Ends before it gets here.
            Effect::End(_) => Ok(walk.handle(Event::Cancelled, begun.elapsed())),
        }
    }

    async fn look(&mut self, walk: &mut Walk, begun: Instant) -> Result<Turn, DriveError> {
        self.see(begun).await?;
        let (watched, acted) = (self.visit.is_watched(), self.waiting.has_acted(&self.visit));
        let seen = self.visit.seen.as_ref().ok_or(PageError::Stale)?;
        Ok(walk.handle(Event::Saw(PageView { watched, acted, ..seen.view() }), begun.elapsed()))
    }

    /// Looks at the page once it has come to rest.
    async fn see(&mut self, begun: Instant) -> Result<(), DriveError> {
        /// A page that cannot be looked at for so long is as good as gone.
        const UNSEEN: Duration = Duration::from_secs(120);
        let since = begun.elapsed();
        loop {
            self.windows.follow(&mut self.visit);
            let page = self.visit.page()?.clone();
            let revision = page.revision();
            match page.settled_snapshot(&WaitPolicy::default()).await {
                Ok(snapshot) => {
                    if let Some(look) = &self.visit.shared.options.at_page {
                        look(&snapshot, &self.visit.site);
                    }
                    see_clock(&mut self.visit, &snapshot).await?;
                    let read = recognise(&snapshot, &self.visit.site);
                    let window = page.id().to_owned();
                    self.visit.seen = Some(SeenPage { snapshot, page: read, revision, acted_on: false });
                    self.notes.tell_of_happenings(&mut self.visit).await?;
                    self.windows.leave_to_itself(&mut self.visit).await;
                    self.windows.follow(&mut self.visit);
                    if self.visit.page()?.id() == window {
                        return Ok(());
                    }
                }
                // A busy page, or a busy machine.
                Err(PageError::Stale | PageError::TimedOut { .. })
                    if begun.elapsed().saturating_sub(since) < UNSEEN => {}
                Err(PageError::PageClosed) if self.visit.has_other_window() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn step(&mut self, act: &Step, slot: PasswordSlot, signs_in: bool) -> Result<Event<'static>, DriveError> {
        if let (Step::Fill(fill), Some(seen)) = (act, &self.visit.seen) {
            self.learnt.note(&seen.page);
            self.pages.note(&seen.snapshot, fill, signs_in);
        }
        let page = self.visit.page()?.clone();
        let seen = self.visit.seen.as_ref().map(|seen| &seen.snapshot);
        let token_form = seen.map_or(TokenForm::MaySendItself, |seen| self.pages.token_form(seen, &self.visit.site));
        let mut executor = Executor {
            shared: self.visit.shared,
            run: self.visit.run,
            slot,
            signs_in,
            candidate: self.candidate.as_ref(),
            offset: self.visit.offset,
            token_form,
            counted: false,
        };
        let done = executor.step(&page, act).await;
        self.visit.before = None;
        if let Some(seen) = &mut self.visit.seen {
            seen.acted_on = true;
        }
        if let (Step::Fill(fill), Some(seen), Ok(done)) = (act, &self.visit.seen, &done) {
            self.pages.note_sent(&seen.snapshot, fill, done.sent_itself);
        }
        match done {
            Ok(done) => Ok(Event::Done(done)),
            // What cannot be opened is a page that says so; the walk decides.
            Err(ExecutorError::Page(PageError::NotOpened { .. } | PageError::TimedOut { .. }))
                if matches!(act, Step::Open { .. }) =>
            {
                Ok(Event::Done(StepDone { sent_itself: false }))
            }
            // A window that closes itself has done what it was opened for, and the page that opened it goes on.
            Err(ExecutorError::Page(PageError::PageClosed)) if self.visit.has_other_window() => {
                Ok(Event::Done(StepDone { sent_itself: true }))
            }
            Err(ExecutorError::Page(error)) if error.is_gone() => Err(error.into()),
            Err(ExecutorError::Page(error)) => {
                tracing::debug!(%error, "a step was not carried out");
                Ok(Event::NotDone(trouble_of(error)))
            }
            Err(ExecutorError::Vault(RunError::Vault(VaultError::StepTaken { .. }))) => {
                Ok(Event::NotDone(StepError::TokensTaken))
            }
            Err(ExecutorError::Vault(RunError::TriesSpent)) => Ok(Event::NotDone(StepError::TriesSpent)),
            Err(ExecutorError::Vault(error)) => Err(error.into()),
        }
    }

    async fn store(
        &mut self,
        max_length: Option<u32>,
        said: Option<PasswordRules>,
    ) -> Result<Event<'static>, DriveError> {
        let rules = self.visit.site.rules.clone().or(said);
        match self.visit.run.new_password(rules.as_ref(), max_length).await {
            Ok(password) => {
                self.candidate = Some(password);
                Ok(Event::Stored)
            }
            Err(RunError::NoPassword(why)) => Ok(Event::NotDone(StepError::NoPassword { why: why.to_owned() })),
            Err(RunError::CalledOff) => Err(RunError::CalledOff.into()),
            Err(error) => Err(error.into()),
        }
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
