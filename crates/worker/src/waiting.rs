//! Waiting for a person at a page: what the vault is told, and letting them into the page.

use std::{sync::Arc, time::Duration};

use countersign_browser::Error as PageError;
use countersign_live::Handover;
use countersign_model::{Challenge, ChangeId, ChangeState, SessionEnd, Timestamp};
use countersign_seal::Secret;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    browsers::TO_OPEN,
    hosting,
    visit::{DriveError, Visit},
};

/// How often a page is looked at while a person acts in it without its changing.
const LOOK: Duration = Duration::from_secs(1);

/// What a change takes up, and what was told of its waiting.
pub(crate) struct Waiting {
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
    pub(crate) const fn new(slot: Option<OwnedSemaphorePermit>) -> Self {
        Self { slot, beside: None, acted: false, told: None }
    }

    /// Waiting costs a browser's page and no slot, as long as there is memory for one more of those.
    fn leave_slot(&mut self, visit: &Visit<'_>) {
        let change = visit.run.id();
        if self.slot.is_some() && visit.shared.parked.comes(change) {
            self.beside = Some(change);
            self.slot = None;
        }
    }

    /// Goes on as soon as there is a slot.
    async fn slot_again(&mut self, visit: &Visit<'_>) {
        if let Some(change) = self.beside.take() {
            visit.shared.parked.goes(change);
            self.slot = Arc::clone(&visit.shared.slots).acquire_owned().await.ok();
        }
    }

    pub(crate) fn has_acted(&mut self, visit: &Visit<'_>) -> bool {
        let waits = self.told.is_some();
        self.acted |= waits && visit.live.as_ref().is_some_and(|live| live.has_acted());
        self.acted
    }

    /// The page that waited is gone. What is waited for next is told anew, and what is done till then takes up a slot.
    pub(crate) async fn is_lost(&mut self, visit: &Visit<'_>) {
        visit.waits_no_more();
        self.told = None;
        self.acted = false;
        self.slot_again(visit).await;
    }

    /// The page is wanted back: whether it is, and whether a person has acted in it.
    pub(crate) async fn take_back(&mut self, visit: &Visit<'_>) -> (bool, bool) {
        let acted = visit.live.as_ref().is_some_and(|live| live.has_acted());
        // A person may be in the middle of what they do, and nobody types with them.
        if let Some(live) = visit.live.as_ref().filter(|live| !live.is_over())
            && !live.take_back().await
        {
            return (false, acted);
        }
        self.told = None;
        self.acted = false;
        visit.waits_no_more();
        self.slot_again(visit).await;
        (true, acted)
    }

    /// The walk has ended. Whoever opened a page that waited has done their part; a session that is signed in for goes on. The
    /// slot is taken up until the end is written.
    pub(crate) fn end(&mut self, visit: &mut Visit<'_>) -> Option<OwnedSemaphorePermit> {
        if let Some(change) = self.beside.take() {
            visit.shared.parked.goes(change);
        }
        let of_session = visit.run.session().is_some();
        if let Some(live) = visit.live.take().filter(|_| !of_session) {
            live.end(SessionEnd::ChangeWentOn);
        }
        visit.waits_no_more();
        self.slot.take()
    }

    /// A person has to act: says so, gives them the page, and waits until it changes or a moment has passed. `may_sleep`: the
    /// page can be opened again later without loss.
    pub(crate) async fn wait_for_person(
        &mut self,
        visit: &mut Visit<'_>,
        challenge: Challenge,
        why: Option<&str>,
        may_sleep: bool,
    ) -> Result<Waited, DriveError> {
        let now = (challenge, why.map(str::to_owned));
        if self.told.as_ref() != Some(&now) {
            let until = waits_until(visit);
            visit.waits(visit.page()?.clone());
            let snapshot = visit.shot().await;
            visit.run.park(challenge, why, until, snapshot).await?;
            visit.shared.point("waiting");
            self.told = Some(now);
        }
        self.leave_slot(visit);
        let_in(visit, challenge, why).await?;
        if let Some(change) = self.beside
            && visit.shared.parked.is_to_sleep(change, may_sleep && !visit.is_watched())
        {
            let waited = sleep(visit).await?;
            if matches!(waited, Waited::Look) {
                let_in(visit, challenge, why).await?;
            }
            return Ok(waited);
        }
        let (page, revision) = (visit.page()?.clone(), visit.revision());
        match page.changed(revision, LOOK).await {
            // A window that a person has closed, or that closed itself: the look that follows finds where it goes on.
            Ok(_) | Err(PageError::PageClosed) => Ok(Waited::Look),
            Err(error) => Err(error.into()),
        }
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

fn waits_until(visit: &Visit<'_>) -> Timestamp {
    let parked = visit.run.state() == ChangeState::WaitingForAPerson;
    let until = visit.run.waiting_until().filter(|_| parked);
    until.unwrap_or_else(|| visit.shared.vault.now().plus(visit.shared.options.waits_for_person))
}

/// Others need the memory: the browser is closed, with what it remembers and where it stood kept, and opened again when
/// somebody comes.
async fn sleep(visit: &mut Visit<'_>) -> Result<Waited, DriveError> {
    let (shared, id) = (visit.shared, visit.run.id());
    let address = visit.seen.as_ref().and_then(|seen| seen.snapshot.main()).map(|main| main.address.clone());
    let (Some((context, _)), Some(address)) = (&visit.open, address) else { return Ok(Waited::Look) };
    let kept = (context.state().await, serde_json::to_string(context.identity()));
    let (Ok(state), Ok(identity)) = kept else {
        // What cannot be kept stays open, and is asked again.
        tokio::time::sleep(LOOK).await;
        return Ok(Waited::Look);
    };
    let remembered = Secret::from(state.expose().to_vec());
    visit.waits_no_more();
    (visit.open, visit.seen) = (None, None);
    shared.parked.sleeps(id);
    visit.say(visit.run.state(), "the browser is suspended until somebody opens it", None).await?;
    let until = waits_until(visit);
    while shared.vault.session_of_change(id).await?.is_none() {
        if visit.lease.cancelled() {
            return Ok(Waited::CalledOff);
        }
        if shared.vault.now() >= until {
            return Ok(Waited::InVain);
        }
        tokio::time::sleep(LOOK).await;
    }
    shared.parked.wakes(id);
    visit.say(visit.run.state(), "somebody has opened it; the browser loads its page again", None).await?;
    let context = shared.browsers.open(&visit.browser_for(), Some((remembered, identity))).await?;
    let page = context.open_page().await?;
    match page.open(&address, TO_OPEN).await {
        // A page that says so; the walk decides.
        Ok(()) | Err(PageError::NotOpened { .. } | PageError::TimedOut { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    visit.waits(page.clone());
    visit.open = Some((context, page));
    Ok(Waited::Look)
}

/// Gives the page to the person who has opened it, if somebody has.
async fn let_in(visit: &mut Visit<'_>, challenge: Challenge, why: Option<&str>) -> Result<(), DriveError> {
    if !visit.is_watched() {
        visit.live = match visit.run.session() {
            Some(_) => None,
            None => hosting::of_change(visit.shared, visit.run.id(), &visit.site).await?,
        };
    }
    let Some((context, page)) = &visit.open else { return Ok(()) };
    if let Some(live) = &visit.live {
        // Asked again while it is theirs, it says anew what for.
        live.hand_over(Handover::Challenge { challenge, why: why.map(str::to_owned) }, context, page);
    }
    Ok(())
}
