//! Browsers for a walk: of the credential's own memory, of none, and the own one signed out.

use std::{sync::Arc, time::Duration};

use countersign_browser::{
    Browser, BrowserPool, BrowserState, Context, ContextLimits, ContextOptions, Error as PageError, Isolation,
    LaunchOptions, PinnedSite, WaitPolicy,
};
use countersign_model::SessionId;
use countersign_recipe::{PageKind, SiteKnowledge, recognise};
use countersign_seal::Secret;
use parking_lot::Mutex;

use crate::{
    AllowedNetwork,
    site::{self, AllowPrivate},
};

/// How long a page may take to open.
pub(crate) const TO_OPEN: Duration = Duration::from_secs(20);

/// For whom a browser is, and for the pages of which site.
pub(crate) struct BrowserFor<'a> {
    /// The Chromium around it is that session's alone.
    pub(crate) session: Option<SessionId>,
    /// One that holds a context which ends as soon as the new one is in use: it has room for it.
    pub(crate) in_place_of: Option<Browser>,
    pub(crate) site: &'a SiteKnowledge,
    /// The one origin whose certificate its owner trusts.
    pub(crate) pinned: Option<PinnedSite>,
}

/// The Chromiums of a worker.
pub(crate) struct Browsers {
    pool: BrowserPool,
    allow_private: AllowPrivate,
    allowed_networks: Arc<[AllowedNetwork]>,
    /// Why no site can be visited from here, as far as that is known.
    trouble: Mutex<Option<String>>,
    /// How the Chromium that was started last is kept apart.
    isolation: Mutex<Option<Isolation>>,
}

impl Browsers {
    /// Starts none yet.
    pub(crate) fn new(
        launch: LaunchOptions,
        allow_private: AllowPrivate,
        allowed_networks: Arc<[AllowedNetwork]>,
    ) -> Self {
        let trouble = countersign_browser::find_chromium(launch.program.as_deref()).err();
        Self {
            pool: BrowserPool::new(launch),
            allow_private,
            allowed_networks,
            trouble: Mutex::new(trouble.map(|error| error.to_string())),
            isolation: Mutex::new(None),
        }
    }

    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    pub(crate) fn isolation(&self) -> Option<Isolation> {
        self.isolation.lock().clone()
    }

    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// A browser of its own within the browser, for the pages of this site alone: with what this credential's browser
    /// remembers, and for the one origin whose certificate its owner trusts. The Chromium around it is the session's alone,
    /// if it is for one; changes share theirs.
    pub(crate) async fn open(
        &self,
        wanted: &BrowserFor<'_>,
        remembered: Option<(Secret, String)>,
    ) -> Result<Arc<Context>, PageError> {
        let same = wanted.in_place_of.as_ref().filter(|browser| browser.ended().is_none());
        let browser = match (same, wanted.session) {
            (Some(same), _) => Ok(same.clone()),
            (None, Some(session)) => self.pool.own(&session.to_string()).await,
            (None, None) => self.pool.browser().await,
        };
        let browser = match browser {
            Ok(browser) => browser,
            Err(error) => {
                *self.trouble.lock() = Some(error.to_string());
                return Err(error);
            }
        };
        *self.trouble.lock() = None;
        self.say_what_stands(browser.isolation());
        let (state, identity) = remembered.unzip();
        // What cannot be read is like nothing: the site will ask more.
        let state = state.and_then(|state| BrowserState::from_bytes(state.expose().to_vec()).ok());
        let options = ContextOptions {
            identity: site::identity(browser.user_agent(), identity.as_deref()),
            limits: ContextLimits::default(),
            policy: site::policy(self.allow_private, Arc::clone(&self.allowed_networks), wanted.site),
            state,
            pinned: wanted.pinned.clone(),
        };
        browser.context(options).await.map(Arc::new)
    }

    /// A context with what the credential's browser remembers, less the cookies that keep it signed in. Which those are is
    /// found out by taking them away one by one until the site shows itself to somebody it does not know. `None`: that never
    /// happens.
    pub(crate) async fn signed_out(
        &self,
        wanted: &BrowserFor<'_>,
        (state, identity): (Secret, String),
    ) -> Result<Option<Arc<Context>>, PageError> {
        const MAX: usize = 12;
        let state = BrowserState::from_bytes(state.expose().to_vec())?;
        let suspects = state.suspects()?;
        for count in 0..=suspects.len().min(MAX) {
            let left = state.without(&suspects[..count])?;
            let left = Secret::from(left.expose().to_vec());
            let context = self.open(wanted, Some((left, identity.clone()))).await?;
            let page = context.open_page().await?;
            page.open(&wanted.site.address, TO_OPEN).await?;
            let snapshot = page.settled_snapshot(&WaitPolicy::default()).await?;
            let read = recognise(&snapshot, wanted.site);
            page.close();
            if !read.signed_in && !read.account && (read.signed_out || read.kind == PageKind::SignIn) {
                return Ok(Some(context));
            }
        }
        Ok(None)
    }

    /// Once, and again when it is no longer so.
    fn say_what_stands(&self, isolation: &Isolation) {
        let before = self.isolation.lock().replace(isolation.clone());
        if before.is_some_and(|before| before.is_like(isolation)) {
            return;
        }
        if isolation.is_sandboxed() {
            tracing::info!("Chromium {isolation}");
        } else {
            tracing::warn!("Chromium {isolation}; `countersign doctor` says what to do");
        }
    }
}
