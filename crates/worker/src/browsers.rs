//! Browsers for a walk: of the credential's own memory, of none, and the own one signed out.

use std::{sync::Arc, time::Duration};

use countersign_browser::{
    BrowserState, Context, ContextLimits, ContextOptions, Error as PageError, Isolation, PinnedSite, WaitPolicy,
};
use countersign_model::SessionId;
use countersign_recipe::{PageKind, SiteKnowledge, recognise};
use countersign_seal::Secret;

use crate::{WorkerShared, site};

/// How long a page may take to open.
pub(crate) const TO_OPEN: Duration = Duration::from_secs(20);

/// A browser of its own within the browser, for the pages of this site alone: with what this credential's browser
/// remembers, and for the one origin whose certificate its owner trusts. The Chromium around it is the session's alone, if it
/// is for one; changes share theirs.
pub(crate) async fn open(
    shared: &WorkerShared,
    session: Option<SessionId>,
    site: &SiteKnowledge,
    pinned: Option<PinnedSite>,
    remembered: Option<(Secret, String)>,
) -> Result<Arc<Context>, PageError> {
    let browser = match session {
        Some(session) => shared.pool.own(&session.to_string()).await,
        None => shared.pool.browser().await,
    };
    let browser = match browser {
        Ok(browser) => browser,
        Err(error) => {
            *shared.trouble.lock() = Some(error.to_string());
            return Err(error);
        }
    };
    *shared.trouble.lock() = None;
    say_what_stands(shared, browser.isolation());
    let (state, identity) = remembered.unzip();
    // What cannot be read is like nothing: the site will ask more.
    let state = state.and_then(|state| BrowserState::from_bytes(state.expose().to_vec()).ok());
    let options = ContextOptions {
        identity: site::identity(browser.user_agent(), identity.as_deref()),
        limits: ContextLimits::default(),
        policy: site::policy(shared, site),
        state,
        pinned,
    };
    browser.context(options).await.map(Arc::new)
}

/// Once, and again when it is no longer so.
fn say_what_stands(shared: &WorkerShared, isolation: &Isolation) {
    let before = shared.isolation.lock().replace(isolation.clone());
    if before.is_some_and(|before| before.is_like(isolation)) {
        return;
    }
    if isolation.is_sandboxed() {
        tracing::info!("Chromium {isolation}");
    } else {
        tracing::warn!("Chromium {isolation}; `countersign doctor` says what to do");
    }
}

/// A context with what the credential's browser remembers, less the cookies that keep it signed in. Which those are is
/// found out by taking them away one by one until the site shows itself to somebody it does not know. `None`: that never
/// happens.
pub(crate) async fn signed_out(
    shared: &WorkerShared,
    session: Option<SessionId>,
    (site, pinned): (&SiteKnowledge, Option<PinnedSite>),
    (state, identity): (Secret, String),
) -> Result<Option<Arc<Context>>, PageError> {
    const MAX: usize = 12;
    let state = BrowserState::from_bytes(state.expose().to_vec())?;
    let suspects = state.suspects()?;
    for count in 0..=suspects.len().min(MAX) {
        let left = state.without(&suspects[..count])?;
        let left = Secret::from(left.expose().to_vec());
        let context = open(shared, session, site, pinned.clone(), Some((left, identity.clone()))).await?;
        let page = context.open_page().await?;
        page.open(&site.address, TO_OPEN).await?;
        let snapshot = page.settled_snapshot(&WaitPolicy::default()).await?;
        let read = recognise(&snapshot, site);
        page.close();
        if !read.signed_in && !read.account && (read.signed_out || read.kind == PageKind::SignIn) {
            return Ok(Some(context));
        }
    }
    Ok(None)
}
