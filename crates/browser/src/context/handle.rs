use std::{sync::Arc, time::Duration};

use super::{
    inner::ContextInner,
    remember,
    state::BrowserState,
    warm::{LatePolicy, WarmContext},
};
use crate::{
    AddressPolicy, Browser, BrowserIdentity, ContextLimits, Error, Page, PinnedSite,
    browser::handle::BrowserInner,
    cdp::{browser::SetDownloadBehavior, target::CreateBrowserContext},
    gate::{pinned::TlsEnd, proxy::Gate},
    live::host::LiveHost,
    page::surroundings::Surroundings,
};

/// How a context is made.
pub struct ContextOptions {
    /// How it presents itself.
    pub identity: BrowserIdentity,
    /// What it may take.
    pub limits: ContextLimits,
    /// Where its pages may connect to.
    pub policy: Arc<dyn AddressPolicy>,
    /// What an earlier context of the same credential remembered.
    pub state: Option<BrowserState>,
    /// The one origin whose certificate is trusted by its fingerprint. To other contexts it is a stranger's.
    pub pinned: Option<PinnedSite>,
}

/// A browser of its own within the browser: it shares no cookie, no storage and no cache with any other context. Dropping
/// it closes its tabs and forgets what it knew.
pub struct Context {
    pub(crate) inner: Arc<ContextInner>,
    // Keeps Chromium running.
    browser: Arc<BrowserInner>,
}

impl Browser {
    /// Makes a context of its own; takes milliseconds when no state is given.
    pub async fn context(&self, options: ContextOptions) -> Result<Context, Error> {
        Context::make(self.inner(), options).await
    }

    /// From now on a context with an empty tab is kept for whoever wants the next one, which costs the memory of one tab.
    /// Waits until the first is there.
    ///
    /// # Errors
    /// As [`Self::context`] and [`Context::open_page`].
    pub async fn keep_warm(&self) -> Result<(), Error> {
        keep_warm(self.inner()).await
    }
}

impl Context {
    async fn make(browser: &Arc<BrowserInner>, options: ContextOptions) -> Result<Self, Error> {
        // What ends TLS for one site is there from the beginning or not at all.
        let warm =
            options.pinned.is_none().then(|| browser.warm.take(&options.identity, options.limits, &options.policy));
        let inner = match warm.flatten() {
            Some(inner) => inner,
            None => {
                let tls = options.pinned.map(|site| TlsEnd::new(site, &browser.gate_key)).transpose()?;
                assemble(browser, options.identity, options.limits, options.policy, tls).await?
            }
        };
        inner.take();
        if browser.warm.is_kept() {
            tokio::spawn(make_the_next(Arc::clone(browser)));
        }
        let context = Self { inner, browser: Arc::clone(browser) };
        if let Some(saved) = options.state {
            remember::load(&context.inner, &saved).await?;
        }
        Ok(context)
    }

    /// The browser that it is in.
    pub fn browser(&self) -> Browser {
        Browser::of(&self.browser)
    }

    /// Opens an empty tab.
    pub async fn open_page(&self) -> Result<Page, Error> {
        if let Some(spare) = self.inner.take_spare() {
            return Ok(spare);
        }
        if self.pages().len() >= self.inner.surroundings.limits.windows {
            return Err(Error::NotUsable { why: "all tabs of the context are in use".into() });
        }
        self.inner.open_page(false).await
    }

    /// Its tabs, oldest first, those included that pages opened.
    pub fn pages(&self) -> Vec<Page> {
        self.inner.living_pages()
    }

    /// The tab that `page` opened last and that is still there: where a sign-in in a window of its own goes on, or a form
    /// that answers in a new tab. [`PageEvent::Window`](crate::PageEvent::Window) tells of it on `page`, [`PageEvent::WindowClosed`](crate::PageEvent::WindowClosed) when it has
    /// closed itself; then the walk goes on at [`Page::opener`].
    pub fn page_opened_by(&self, page: &Page) -> Option<Page> {
        self.pages().into_iter().rev().find(|other| other.inner.opener.as_deref() == Some(page.id()))
    }

    /// How it presents itself.
    pub fn identity(&self) -> &BrowserIdentity {
        &self.inner.surroundings.identity
    }

    /// Cookies and local storage, to be sealed and given to the next context of the same credential.
    pub async fn state(&self) -> Result<BrowserState, Error> {
        remember::save(&self.inner).await
    }
}

/// Makes a context that waits, if none does.
async fn keep_warm(browser: &Arc<BrowserInner>) -> Result<(), Error> {
    let _turn = browser.warm.making.lock().await;
    browser.warm.keeps();
    if browser.warm.is_one_waiting() {
        return Ok(());
    }
    let policy = Arc::new(LatePolicy::default());
    let by: Arc<dyn AddressPolicy> = Arc::<LatePolicy>::clone(&policy);
    let identity = BrowserIdentity::new(browser.user_agent.clone());
    let inner = assemble(browser, identity, ContextLimits::default(), by, None).await?;
    let page = inner.open_page(false).await?;
    browser.warm.put(WarmContext { inner, page, policy });
    Ok(())
}

/// Beside whatever is done meanwhile.
async fn make_the_next(browser: Arc<BrowserInner>) {
    /// Whoever took the last one opens a page with it now, which is waited for.
    const AFTER: Duration = Duration::from_millis(400);
    tokio::time::sleep(AFTER).await;
    if let Err(error) = keep_warm(&browser).await {
        tracing::debug!(%error, "no context waits for the next one");
    }
}

/// A context that knows nothing.
async fn assemble(
    browser: &Arc<BrowserInner>,
    identity: BrowserIdentity,
    limits: ContextLimits,
    policy: Arc<dyn AddressPolicy>,
    tls: Option<TlsEnd>,
) -> Result<Arc<ContextInner>, Error> {
    let gate = Gate::open(policy, tls, browser.namespace.as_ref())?;
    let root = browser.root.clone();
    let call = CreateBrowserContext {
        dispose_on_detach: true,
        proxy_server: &format!("socks5://{}", gate.address),
        // Without this, Chromium would go to loopback addresses by itself.
        proxy_bypass_list: "<-loopback>",
    };
    let id = root.call(call).await?.browser_context_id;
    root.cast(&SetDownloadBehavior::deny(&id));
    let surroundings = Surroundings::new(identity, limits, gate);
    let live = LiveHost::new(id.clone(), root.clone(), browser.account.clone(), Arc::clone(&browser.screens));
    let inner = ContextInner::new(id.clone(), surroundings, live, root);
    browser.contexts.lock().insert(id, Arc::downgrade(&inner));
    Ok(inner)
}
