//! A change at its site: the browser that is open for it, what was seen there last, and who looks on.

use std::sync::Arc;

use countersign_browser::{Context, Error as PageError, Page, ScreenshotFormat, WaitPolicy};
use countersign_live::SessionHandle;
use countersign_model::ChangeState;
use countersign_recipe::{Recognised, SiteKnowledge, recognise};
use countersign_snapshot::PageSnapshot;
use countersign_vault::{ChangeRun, Error as VaultError, RunError};
use countersign_walk::{PageView, Profile};

use crate::{
    browsers::{BrowserFor, TO_OPEN},
    lease::Lease,
    shared::WorkerShared,
    site,
};

/// How an effect ended that the walk does not hear of.
pub(crate) enum DriveError {
    /// The page, or the whole browser.
    Page(PageError),
    /// The vault: its database is down, or another worker has the change.
    Vault(RunError),
}

impl From<PageError> for DriveError {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl From<VaultError> for DriveError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error.into())
    }
}

impl From<RunError> for DriveError {
    fn from(error: RunError) -> Self {
        Self::Vault(error)
    }
}

/// What was seen of a page.
pub(crate) struct SeenPage {
    pub(crate) snapshot: PageSnapshot,
    pub(crate) page: Recognised,
    /// The page's revision before it was looked at.
    pub(crate) revision: u64,
    /// Something was typed or pressed since.
    pub(crate) acted_on: bool,
}

impl SeenPage {
    /// As nobody looks on.
    pub(crate) const fn view(&self) -> PageView<'_> {
        PageView { snapshot: &self.snapshot, page: &self.page, watched: false, acted: false }
    }
}

/// What every part of a walk acts on.
pub(crate) struct Visit<'a> {
    pub(crate) shared: &'a Arc<WorkerShared>,
    pub(crate) run: &'a mut ChangeRun,
    pub(crate) lease: &'a Lease,
    pub(crate) site: SiteKnowledge,
    /// Set once a browser is open.
    pub(crate) open: Option<(Arc<Context>, Page)>,
    /// The browser before it, which is closed once the next one has shown a page.
    pub(crate) before: Option<Arc<Context>>,
    pub(crate) seen: Option<SeenPage>,
    /// The site's clock less ours, once it was seen.
    pub(crate) offset: Option<i64>,
    /// Who looks on: in a sign-in for a session from the start, otherwise once somebody opens the page that waits, until the
    /// change's end.
    pub(crate) live: Option<Arc<SessionHandle>>,
}

impl Visit<'_> {
    pub(crate) fn page(&self) -> Result<&Page, DriveError> {
        self.open.as_ref().map(|(_, page)| page).ok_or(DriveError::Page(PageError::PageClosed))
    }

    /// The revision of the page that was seen last.
    pub(crate) fn revision(&self) -> u64 {
        self.seen.as_ref().map_or(0, |seen| seen.revision)
    }

    pub(crate) fn has_other_window(&self) -> bool {
        self.open.as_ref().is_some_and(|(context, page)| context.pages().iter().any(|other| other.id() != page.id()))
    }

    pub(crate) fn browser_for(&self) -> BrowserFor<'_> {
        let in_place_of = self.before.as_ref().map(|context| context.browser());
        BrowserFor { session: self.run.session(), in_place_of, site: &self.site, pinned: site::pinned(self.run) }
    }

    /// Opens the browser that a walk asks for, with an empty page. `false`: there is no such browser.
    pub(crate) async fn open_browser(&mut self, profile: Profile) -> Result<bool, DriveError> {
        self.seen = None;
        // A Chromium of its own ends with its last context; the next one goes on in it. Closing one takes a while, and nobody
        // waits for that.
        self.before = self.open.take().map(|(context, _)| context);
        let remembered = match profile {
            Profile::Clean => None,
            Profile::Own | Profile::OwnSignedOut => self.run.browser_state().await?,
        };
        let (browsers, wanted) = (&self.shared.browsers, self.browser_for());
        let context = match (profile, remembered) {
            (Profile::OwnSignedOut, Some(remembered)) => browsers.signed_out(&wanted, remembered).await?,
            (Profile::OwnSignedOut, None) => None,
            (Profile::Own | Profile::Clean, remembered) => Some(browsers.open(&wanted, remembered).await?),
        };
        let Some(context) = context else { return Ok(false) };
        let page = context.open_page().await?;
        self.open = Some((context, page));
        Ok(true)
    }

    /// What an address shows to somebody whom the site does not know; `None` when that cannot be seen.
    pub(crate) async fn as_a_stranger(&self, address: &str) -> Option<SeenPage> {
        let look = async {
            let context = self.shared.browsers.open(&self.browser_for(), None).await?;
            let page = context.open_page().await?;
            page.open(address, TO_OPEN).await?;
            let snapshot = page.settled_snapshot(&WaitPolicy::default()).await?;
            let read = recognise(&snapshot, &self.site);
            Ok::<_, PageError>(SeenPage { snapshot, page: read, revision: 0, acted_on: false })
        };
        look.await.inspect_err(|error| tracing::debug!(%error, "no stranger could look")).ok()
    }

    /// The page is one in which a person has to act.
    pub(crate) fn waits(&self, page: Page) {
        self.shared.waiting.lock().insert(self.run.id(), page);
    }

    pub(crate) fn waits_no_more(&self) {
        self.shared.waiting.lock().remove(&self.run.id());
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.live.as_ref().is_some_and(|live| !live.is_over())
    }

    /// Writes down where the change stands, with how the page looks if `shot` says so, and tells whoever looks on.
    pub(crate) async fn say(&mut self, state: ChangeState, text: &str, shot: Option<Vec<u8>>) -> Result<(), RunError> {
        if let Some(live) = &self.live {
            live.step(text);
        }
        // While nobody has begun, or somebody is waited for, a line changes nothing about where it stands.
        self.run.report(state, text, shot).await
    }

    /// A snapshot is worth having and no condition. None is taken of a page that shows a password in the open, as it was
    /// before and as it is after.
    pub(crate) async fn shot(&self) -> Option<Vec<u8>> {
        const QUALITY: u8 = 60;
        let (_, page) = self.open.as_ref()?;
        let seen = self.seen.as_ref().filter(|seen| !seen.acted_on && seen.revision == page.revision());
        let shown = match seen {
            // Nothing was done in the page since, and nothing was heard of it.
            Some(seen) => self.run.page_shows_password(&seen.snapshot).await.ok()?,
            None => self.shows_password().await?,
        };
        if shown {
            return None;
        }
        let shot = page
            .masked_screenshot(ScreenshotFormat::Jpeg(QUALITY))
            .await
            .inspect_err(|error| tracing::debug!(%error, "no picture was taken"))
            .ok()?;
        (!self.shows_password().await?).then_some(shot)
    }

    /// `None` where that cannot be told.
    async fn shows_password(&self) -> Option<bool> {
        let (_, page) = self.open.as_ref()?;
        let snapshot = page.snapshot().await.ok()?;
        self.run.page_shows_password(&snapshot).await.ok()
    }
}
