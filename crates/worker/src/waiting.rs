//! Waiting for a person at a page: what the vault is told, and letting them into the page.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use countersign_browser::Error as PageError;
use countersign_live::{Handover, Live};
use countersign_model::{Challenge, ChangeState, SessionEnd};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    Shared,
    drive::{Broken, Driver},
    session,
};

/// How often a page is looked at while a person acts in it without its changing.
const LOOK: Duration = Duration::from_secs(1);

/// Who looks on, and what was told of the waiting.
pub(crate) struct Waiting {
    /// In a sign-in for a session from the start, otherwise once somebody opens the page that waits, until the change's end.
    live: Option<Arc<Live>>,
    /// The slot that the change takes up, unless it waits.
    slot: Option<OwnedSemaphorePermit>,
    /// It waits, and counts among those that do.
    counted: bool,
    /// A person has acted in the page since the walk waits for one, though perhaps nobody looks on any more.
    acted: bool,
    /// What was last written down of it.
    told: Option<(Challenge, Option<String>)>,
}

impl Waiting {
    pub(crate) const fn new(live: Option<Arc<Live>>, slot: Option<OwnedSemaphorePermit>) -> Self {
        Self { live, slot, counted: false, acted: false, told: None }
    }

    /// Waiting costs a browser's page and no slot, as long as there is memory for one more of those.
    fn leave_slot(&mut self, shared: &Shared) {
        if self.slot.is_some() && !self.counted {
            let before = shared.parked.fetch_add(1, Ordering::Relaxed);
            self.counted = true;
            if before < shared.options.most_waiting {
                self.slot = None;
            }
        }
    }

    /// Goes on as soon as there is a slot.
    pub(crate) async fn slot_again(&mut self, shared: &Shared) {
        if std::mem::take(&mut self.counted) {
            shared.parked.fetch_sub(1, Ordering::Relaxed);
            if self.slot.is_none() {
                self.slot = Arc::clone(&shared.slots).acquire_owned().await.ok();
            }
        }
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.live.as_ref().is_some_and(|live| !live.is_over())
    }

    pub(crate) fn has_acted(&mut self) -> bool {
        let waits = self.told.is_some();
        self.acted |= waits && self.live.as_ref().is_some_and(|live| live.has_acted());
        self.acted
    }

    /// Tells whoever looks on what the machine does.
    pub(crate) fn tell(&self, text: &str) {
        if let Some(live) = &self.live {
            live.step(text);
        }
    }

    /// The page is wanted back: whether it is, and whether a person has acted in it.
    pub(crate) async fn take_back(&mut self) -> (bool, bool) {
        let acted = self.live.as_ref().is_some_and(|live| live.has_acted());
        // A person may be in the middle of what they do, and nobody types with them.
        if let Some(live) = self.live.as_ref().filter(|live| !live.is_over())
            && !live.take_back().await
        {
            return (false, acted);
        }
        self.told = None;
        self.acted = false;
        (true, acted)
    }

    /// The walk has ended. Whoever opened a page that waited has done their part; a session that is signed in for goes on. The
    /// slot is taken up until the end is written.
    pub(crate) fn end(&mut self, shared: &Shared, of_session: bool) -> Option<OwnedSemaphorePermit> {
        if std::mem::take(&mut self.counted) {
            shared.parked.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(live) = self.live.take().filter(|_| !of_session) {
            live.end(SessionEnd::ChangeWentOn);
        }
        self.slot.take()
    }
}

impl Driver<'_> {
    /// A person has to act: says so, gives them the page, and waits until it changes or a moment has passed.
    pub(crate) async fn wait_for_person(&mut self, challenge: Challenge, why: Option<&str>) -> Result<(), Broken> {
        let now = (challenge, why.map(str::to_owned));
        if self.waiting.told.as_ref() != Some(&now) {
            let parked = self.run.state() == ChangeState::WaitingForAPerson;
            let until = match self.run.waiting_until().filter(|_| parked) {
                Some(until) => until,
                None => self.shared.vault.now().plus(self.shared.options.waits_for_person),
            };
            let page = self.page()?.clone();
            self.shared.waiting.lock().insert(self.run.id(), page);
            let picture = self.shot().await;
            self.shared.vault.park_change(self.run, challenge, why, until, picture).await?;
            self.shared.point("waiting");
            self.waiting.told = Some(now);
            self.waiting.leave_slot(self.shared);
        }
        self.let_in(challenge, why).await?;
        let (page, revision) = (self.page()?.clone(), self.seen.as_ref().map_or(0, |seen| seen.revision));
        match page.changed(revision, LOOK).await {
            // A window that a person has closed, or that closed itself: the look that follows finds where it goes on.
            Ok(_) | Err(PageError::PageClosed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the page to the person who has opened it, if somebody has.
    async fn let_in(&mut self, challenge: Challenge, why: Option<&str>) -> Result<(), Broken> {
        if !self.waiting.is_watched() {
            self.waiting.live = match self.run.session() {
                Some(_) => None,
                None => session::of_change(self.shared, self.run.id(), &self.site).await?,
            };
        }
        let Some((context, page)) = &self.open else { return Ok(()) };
        if let Some(live) = &self.waiting.live {
            // Asked again while it is theirs, it says anew what for.
            live.hand_over(Handover::Challenge { challenge, why: why.map(str::to_owned) }, context, page);
        }
        Ok(())
    }
}
