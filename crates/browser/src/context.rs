use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Weak, atomic::AtomicBool},
    time::Duration,
};

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    AddressPolicy, Browser, BrowserIdentity, BrowserState, Error, Page, PageEvent, PinnedSite,
    account::SystemUser,
    browser::BrowserInner,
    cdp::CdpSession,
    gate::Gate,
    live::LiveContextShared,
    page::{Attached, PageEnd, PageInner},
    pinned::TlsEnd,
    state,
};

/// What the pages of a context may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextLimits {
    /// Tabs at once, those included that pages open; more are closed at once.
    pub windows: usize,
    /// Memory of a page with the frames in it.
    pub memory_mib: u64,
}

impl Default for ContextLimits {
    fn default() -> Self {
        Self { windows: 4, memory_mib: 512 }
    }
}

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

pub(crate) struct ContextInner {
    pub(crate) id: String,
    pub(crate) identity: Arc<BrowserIdentity>,
    pub(crate) limits: ContextLimits,
    pub(crate) gate: Gate,
    pub(crate) browser: Weak<BrowserInner>,
    root: CdpSession,
    pub(crate) pages: Mutex<Vec<Arc<PageInner>>>,
    /// The tab that was acted on last.
    pub(crate) acted: Mutex<Option<String>>,
    arrived: Notify,
    origins: Mutex<BTreeSet<String>>,
    /// We have asked for a tab that has not yet come; its requests are to be answered empty or not.
    awaited: Mutex<Option<bool>>,
    one_at_a_time: tokio::sync::Mutex<()>,
    /// Set while its pages belong to a person.
    pub(crate) live: Mutex<Option<Arc<LiveContextShared>>>,
    /// Set for good once they did: secret fields stay covered.
    pub(crate) covers: AtomicBool,
}

impl Drop for ContextInner {
    fn drop(&mut self) {
        for page in self.pages.get_mut() {
            page.end(PageEnd::Closed);
        }
        self.root.cast("Target.disposeBrowserContext", &json!({"browserContextId": self.id}));
    }
}

impl ContextInner {
    pub(crate) fn page(&self, target: &str) -> Option<Arc<PageInner>> {
        self.pages.lock().iter().find(|page| page.target == target).cloned()
    }

    pub(crate) fn page_with_frame(&self, frame: &str) -> Option<Arc<PageInner>> {
        self.pages.lock().iter().find(|page| page.has_frame(frame)).cloned()
    }

    /// A tab has come to be, on our wish or a page's.
    pub(crate) fn page_attached(self: &Arc<Self>, attached: &Attached) {
        let opener = attached.target_info.opener_id.as_ref();
        let ours = if opener.is_none() { self.awaited.lock().take() } else { None };
        let mut pages = self.pages.lock();
        pages.retain(|page| page.ended().is_none());
        let mut opened_by = opener.cloned();
        if ours.is_none() {
            let closed = pages.len() >= self.limits.windows;
            // Chromium does not name it where the page wanted no tie to what it opens.
            let acted = self.acted.lock().clone();
            let named = |id: &String| pages.iter().find(|page| page.target == *id);
            let found = opener.and_then(named).or_else(|| acted.as_ref().and_then(named)).or(pages.first());
            if let Some(found) = found {
                let page = attached.target_info.target_id.clone();
                found.happened(PageEvent::Window { page, closed });
                opened_by = Some(found.target.clone());
            }
            if closed {
                // It waits for us to let it run, and the page that opened it may wait with it: both live in one process.
                let session = self.root.named(attached.session_id.as_str().into());
                session.cast("Runtime.runIfWaitingForDebugger", &json!({}));
                self.root.cast("Target.closeTarget", &json!({"targetId": attached.target_info.target_id}));
                return;
            }
        }
        pages.push(PageInner::take_over(attached, opened_by, &self.root, self, ours == Some(true)));
        drop(pages);
        self.tell_tabs();
        self.arrived.notify_waiters();
    }

    pub(crate) fn page_detached(&self, session: &str) {
        self.root.connection().unlisten(session);
        // A page that ends tells the context so; nothing is held meanwhile.
        let gone: Vec<_> = self.pages.lock().extract_if(.., |page| &**page.session.id() == session).collect();
        for page in gone {
            let by_itself = page.ended().is_none();
            page.end(PageEnd::Closed);
            if let Some(opener) = page.opener.as_ref().filter(|_| by_itself).and_then(|opener| self.page(opener)) {
                opener.happened(PageEvent::WindowClosed { page: page.target.clone() });
            }
        }
    }

    pub(crate) fn origin_seen(&self, origin: &str) {
        const MAX: usize = 40;
        if !origin.starts_with("http://") && !origin.starts_with("https://") {
            return;
        }
        let mut origins = self.origins.lock();
        if origins.len() < MAX && !origins.contains(origin) {
            origins.insert(origin.to_owned());
        }
    }

    pub(crate) fn origins(&self) -> Vec<String> {
        self.origins.lock().iter().cloned().collect()
    }

    pub(crate) const fn root(&self) -> &CdpSession {
        &self.root
    }

    /// Who Chromium runs as, where that is somebody else than us.
    pub(crate) fn account(&self) -> Option<Arc<SystemUser>> {
        self.browser.upgrade()?.account.clone()
    }

    pub(crate) async fn open_page(self: &Arc<Self>, empty_answers: bool) -> Result<Page, Error> {
        const PATIENCE: Duration = Duration::from_secs(10);
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Created {
            target_id: String,
        }
        let _turn = self.one_at_a_time.lock().await;
        *self.awaited.lock() = Some(empty_answers);
        let params = json!({"url": "about:blank", "browserContextId": self.id});
        let created: Created = self.root.call("Target.createTarget", params).await?;
        let found = async {
            loop {
                let arrived = self.arrived.notified();
                if let Some(page) = self.page(&created.target_id) {
                    return page;
                }
                arrived.await;
            }
        };
        let page = tokio::time::timeout(PATIENCE, found)
            .await
            .map_err(|_| Error::TimedOut { what: "opening a tab", after: PATIENCE })?;
        page.ready().await?;
        Ok(Page::of(page))
    }
}

impl Context {
    pub(crate) async fn make(browser: &Arc<BrowserInner>, options: ContextOptions) -> Result<Self, Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Created {
            browser_context_id: String,
        }
        let tls = options.pinned.map(|site| TlsEnd::new(site, &browser.gate_key)).transpose()?;
        let gate = Gate::open(options.policy, tls, browser.namespace.as_ref())?;
        let root = browser.root.clone();
        let params = json!({
            "disposeOnDetach": true,
            "proxyServer": format!("socks5://{}", gate.address),
            // Without this, Chromium would go to loopback addresses by itself.
            "proxyBypassList": "<-loopback>",
        });
        let created: Created = root.call("Target.createBrowserContext", params).await?;
        let id = created.browser_context_id;
        root.cast(
            "Browser.setDownloadBehavior",
            &json!({"behavior": "deny", "browserContextId": id, "eventsEnabled": true}),
        );
        let inner = Arc::new(ContextInner {
            id: id.clone(),
            identity: Arc::new(options.identity),
            limits: options.limits,
            gate,
            browser: Arc::downgrade(browser),
            root,
            pages: Mutex::default(),
            acted: Mutex::default(),
            arrived: Notify::new(),
            origins: Mutex::default(),
            awaited: Mutex::default(),
            one_at_a_time: tokio::sync::Mutex::default(),
            live: Mutex::default(),
            covers: AtomicBool::new(false),
        });
        browser.contexts.lock().insert(id, Arc::downgrade(&inner));
        let context = Self { inner, browser: Arc::clone(browser) };
        if let Some(saved) = options.state {
            state::load(&context.inner, &saved).await?;
        }
        Ok(context)
    }

    /// The browser that it is in.
    pub fn browser(&self) -> Browser {
        Browser::of(&self.browser)
    }

    /// Opens an empty tab.
    pub async fn open_page(&self) -> Result<Page, Error> {
        if self.pages().len() >= self.inner.limits.windows {
            return Err(Error::NotUsable { why: "all tabs of the context are in use".into() });
        }
        self.inner.open_page(false).await
    }

    /// Its tabs, oldest first, those included that pages opened.
    pub fn pages(&self) -> Vec<Page> {
        self.inner.pages.lock().iter().filter(|page| page.ended().is_none()).cloned().map(Page::of).collect()
    }

    /// The tab that `page` opened last and that is still there: where a sign-in in a window of its own goes on, or a form
    /// that answers in a new tab. [`PageEvent::Window`] tells of it on `page`, [`PageEvent::WindowClosed`] when it has
    /// closed itself; then the walk goes on at [`Page::opener`].
    pub fn page_opened_by(&self, page: &Page) -> Option<Page> {
        self.pages().into_iter().rev().find(|other| other.inner.opener.as_deref() == Some(page.id()))
    }

    /// How it presents itself.
    pub fn identity(&self) -> &BrowserIdentity {
        &self.inner.identity
    }

    /// Cookies and local storage, to be sealed and given to the next context of the same credential.
    pub async fn state(&self) -> Result<BrowserState, Error> {
        state::save(&self.inner).await
    }

    /// Forgets every cookie.
    pub async fn clear_cookies(&self) -> Result<(), Error> {
        self.inner
            .root
            .call::<Value>("Storage.clearCookies", json!({"browserContextId": self.inner.id}))
            .await
            .map(|_| ())
    }
}

pub(crate) type Contexts = Mutex<HashMap<String, Weak<ContextInner>>>;
