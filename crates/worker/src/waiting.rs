//! Waiting for a person at a page: what the vault is told, and letting them into the page.

use std::{sync::Arc, time::Duration};

use countersign_browser::Error as PageError;
use countersign_live::{Handover, SessionHandle};
use countersign_model::{Challenge, ChangeId, ChangeState, SessionEnd, Timestamp};
use countersign_seal::Secret;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    WorkerShared, browsers,
    drive::{DriveError, Driver},
    session, site,
};

/// How often a page is looked at while a person acts in it without its changing.
const LOOK: Duration = Duration::from_secs(1);

/// Who looks on, and what was told of the waiting.
pub(crate) struct Waiting {
    /// In a sign-in for a session from the start, otherwise once somebody opens the page that waits, until the change's end.
    live: Option<Arc<SessionHandle>>,
    /// The slot that the change takes up, unless it waits.
    slot: Option<OwnedSemaphorePermit>,
    /// It waits beside the slots, as this one among those that do.
    beside: Option<ChangeId>,
    /// A person has acted in the page since the walk waits for one, though perhaps nobody looks on any more.
    acted: bool,
    /// What was last written down of it.
    told: Option<(Challenge, Option<String>)>,
}

impl Waiting {
    pub(crate) const fn new(live: Option<Arc<SessionHandle>>, slot: Option<OwnedSemaphorePermit>) -> Self {
        Self { live, slot, beside: None, acted: false, told: None }
    }

    /// Waiting costs a browser's page and no slot, as long as there is memory for one more of those.
    fn leave_slot(&mut self, shared: &WorkerShared, change: ChangeId) {
        if self.slot.is_some() && shared.parked.comes(change) {
            self.beside = Some(change);
            self.slot = None;
        }
    }

    /// Goes on as soon as there is a slot.
    pub(crate) async fn slot_again(&mut self, shared: &WorkerShared) {
        if let Some(change) = self.beside.take() {
            shared.parked.goes(change);
            self.slot = Arc::clone(&shared.slots).acquire_owned().await.ok();
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

    /// The page that waited is gone. What is waited for next is told anew, and what is done till then takes up a slot.
    pub(crate) async fn is_lost(&mut self, shared: &WorkerShared) {
        self.told = None;
        self.acted = false;
        self.slot_again(shared).await;
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
    pub(crate) fn end(&mut self, shared: &WorkerShared, of_session: bool) -> Option<OwnedSemaphorePermit> {
        if let Some(change) = self.beside.take() {
            shared.parked.goes(change);
        }
        if let Some(live) = self.live.take().filter(|_| !of_session) {
            live.end(SessionEnd::ChangeWentOn);
        }
        self.slot.take()
    }
}

/// How a moment of waiting ended.
pub(crate) enum Waited {
    /// The page may have changed.
    Look,
    /// The browser slept until the time was over.
    InVain,
    /// The change was called off while the browser slept.
    CalledOff,
}

impl Driver<'_> {
    /// A person has to act: says so, gives them the page, and waits until it changes or a moment has passed. `may_sleep`: the
    /// page can be opened again later without loss.
    pub(crate) async fn wait_for_person(
        &mut self,
        challenge: Challenge,
        why: Option<&str>,
        may_sleep: bool,
    ) -> Result<Waited, DriveError> {
        let now = (challenge, why.map(str::to_owned));
        if self.waiting.told.as_ref() != Some(&now) {
            let until = self.waits_until();
            let page = self.page()?.clone();
            self.shared.waiting.lock().insert(self.run.id(), page);
            let snapshot = self.shot().await;
            self.shared.vault.park_change(self.run, challenge, why, until, snapshot).await?;
            self.shared.point("waiting");
            self.waiting.told = Some(now);
        }
        self.waiting.leave_slot(self.shared, self.run.id());
        self.let_in(challenge, why).await?;
        if let Some(change) = self.waiting.beside
            && self.shared.parked.is_to_sleep(change, may_sleep && !self.waiting.is_watched())
        {
            let waited = self.sleep().await?;
            if matches!(waited, Waited::Look) {
                self.let_in(challenge, why).await?;
            }
            return Ok(waited);
        }
        let (page, revision) = (self.page()?.clone(), self.seen.as_ref().map_or(0, |seen| seen.revision));
        match page.changed(revision, LOOK).await {
            // A window that a person has closed, or that closed itself: the look that follows finds where it goes on.
            Ok(_) | Err(PageError::PageClosed) => Ok(Waited::Look),
            Err(error) => Err(error.into()),
        }
    }

    fn waits_until(&self) -> Timestamp {
        let parked = self.run.state() == ChangeState::WaitingForAPerson;
        let until = self.run.waiting_until().filter(|_| parked);
        until.unwrap_or_else(|| self.shared.vault.now().plus(self.shared.options.waits_for_person))
    }

    /// Others need the memory: the browser is closed, with what it remembers and where it stood kept, and opened again when
    /// somebody comes.
    async fn sleep(&mut self) -> Result<Waited, DriveError> {
        let (shared, id) = (self.shared, self.run.id());
        let address = self.seen.as_ref().and_then(|seen| seen.snapshot.main()).map(|main| main.address.clone());
        let (Some((context, _)), Some(address)) = (&self.open, address) else { return Ok(Waited::Look) };
        let kept = (context.state().await, serde_json::to_string(context.identity()));
        let (Ok(state), Ok(identity)) = kept else {
            // What cannot be kept stays open, and is asked again.
            tokio::time::sleep(LOOK).await;
            return Ok(Waited::Look);
        };
        let remembered = Secret::from(state.expose().to_vec());
        shared.waiting.lock().remove(&id);
        (self.open, self.seen) = (None, None);
        shared.parked.sleeps(id);
        self.say(self.run.state(), "the browser is suspended until somebody opens it", false).await?;
        let until = self.waits_until();
        while shared.vault.session_of_change(id).await?.is_none() {
            if self.lease.cancelled() {
                return Ok(Waited::CalledOff);
            }
            if shared.vault.now() >= until {
                return Ok(Waited::InVain);
            }
            tokio::time::sleep(LOOK).await;
        }
        shared.parked.wakes(id);
        self.say(self.run.state(), "somebody has opened it; the browser loads its page again", false).await?;
        let (session, pinned) = (self.run.session(), site::pinned(self.run));
        let remembered = Some((remembered, identity));
        let context = browsers::open(shared, session, &self.site, pinned, remembered).await?;
        let page = context.open_page().await?;
        match page.open(&address, browsers::TO_OPEN).await {
            // A page that says so; the walk decides.
            Ok(()) | Err(PageError::NotOpened { .. } | PageError::TimedOut { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        shared.waiting.lock().insert(id, page.clone());
        self.open = Some((context, page));
        Ok(Waited::Look)
    }

    /// Gives the page to the person who has opened it, if somebody has.
    async fn let_in(&mut self, challenge: Challenge, why: Option<&str>) -> Result<(), DriveError> {
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
