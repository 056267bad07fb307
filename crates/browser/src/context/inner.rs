use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    Error, Page, PageEvent,
    cdp::{
        CdpSession,
        runtime::RunIfWaitingForDebugger,
        target::{AttachedToTarget, CloseTarget, CreateTarget, DisposeBrowserContext},
    },
    live::{host::LiveHost, page::LivePage},
    page::{
        core::{Companion, PageEnd, PageInner},
        memory,
        surroundings::Surroundings,
    },
};

pub(crate) struct ContextInner {
    pub(crate) id: String,
    pub(crate) surroundings: Arc<Surroundings>,
    pub(crate) live: Arc<LiveHost>,
    pub(crate) root: CdpSession,
    pages: Mutex<Vec<Page>>,
    /// Whether it is somebody's: until then it waits for whoever comes.
    taken: AtomicBool,
    /// An empty tab that nobody has used yet.
    spare: Mutex<Option<Page>>,
    arrived: Notify,
    /// We have asked for a tab that has not yet come; its requests are to be answered empty or not.
    awaited: Mutex<Option<bool>>,
    one_at_a_time: tokio::sync::Mutex<()>,
}

impl Drop for ContextInner {
    fn drop(&mut self) {
        for page in self.pages.get_mut() {
            page.inner.end(PageEnd::Closed);
        }
        self.root.cast(&DisposeBrowserContext { browser_context_id: &self.id });
    }
}

impl ContextInner {
    pub(crate) fn new(id: String, surroundings: Surroundings, live: Arc<LiveHost>, root: CdpSession) -> Arc<Self> {
        Arc::new(Self {
            id,
            surroundings: Arc::new(surroundings),
            live,
            root,
            pages: Mutex::default(),
            taken: AtomicBool::new(false),
            spare: Mutex::default(),
            arrived: Notify::new(),
            awaited: Mutex::default(),
            one_at_a_time: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn take(&self) {
        self.taken.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }

    pub(crate) fn put_spare(&self, page: Page) {
        *self.spare.lock() = Some(page);
    }

    pub(crate) fn take_spare(&self) -> Option<Page> {
        self.spare.lock().take().filter(|page| page.ended().is_none())
    }

    fn page(&self, target: &str) -> Option<Page> {
        self.pages.lock().iter().find(|page| page.id() == target).cloned()
    }

    pub(crate) fn page_with_frame(&self, frame: &str) -> Option<Page> {
        self.pages.lock().iter().find(|page| page.inner.has_frame(frame)).cloned()
    }

    /// Its tabs that have not ended, oldest first.
    pub(crate) fn living_pages(&self) -> Vec<Page> {
        self.pages.lock().iter().filter(|page| page.ended().is_none()).cloned().collect()
    }

    /// A tab has come to be, on our wish or a page's.
    pub(crate) fn page_attached(&self, attached: &AttachedToTarget) {
        let opener = attached.target_info.opener_id.as_ref();
        let ours = if opener.is_none() { self.awaited.lock().take() } else { None };
        let mut pages = self.pages.lock();
        pages.retain(|page| page.ended().is_none());
        let mut opened_by = opener.cloned();
        if ours.is_none() {
            let closed = pages.len() >= self.surroundings.limits.windows;
            // Chromium does not name it where the page wanted no tie to what it opens.
            let acted = self.surroundings.acted.lock().clone();
            let named = |id: &String| pages.iter().find(|page| page.id() == id);
            let found = opener.and_then(named).or_else(|| acted.as_ref().and_then(named)).or(pages.first());
            if let Some(found) = found {
                let page = attached.target_info.target_id.clone();
                found.inner.happened(PageEvent::Window { page, closed });
                opened_by = Some(found.id().to_owned());
            }
            if closed {
                // It waits for us to let it run, and the page that opened it may wait with it: both live in one process.
                self.root.named(attached.session_id.as_str().into()).cast(&RunIfWaitingForDebugger {});
                self.root.cast(&CloseTarget { target_id: &attached.target_info.target_id });
                return;
            }
        }
        let opener = opened_by.as_ref().and_then(|id| pages.iter().find(|page| page.id() == id));
        let inner = PageInner::new(attached, opened_by.clone(), &self.root, &self.surroundings, ours == Some(true));
        let live = LivePage::new(Arc::clone(&inner), Arc::clone(&self.live));
        let page = Page::of(Arc::clone(&live), opener);
        let companion: Arc<dyn Companion> = live;
        inner.begin(Arc::downgrade(&companion));
        tokio::spawn(memory::watch(Arc::downgrade(&inner)));
        pages.push(page);
        drop(pages);
        self.live.tell_tabs();
        self.arrived.notify_waiters();
    }

    pub(crate) fn page_detached(&self, session: &str) {
        self.root.connection().forget_session(session);
        // A page that ends tells the context so; nothing is held meanwhile.
        let gone: Vec<_> = self.pages.lock().extract_if(.., |page| &**page.inner.session.id() == session).collect();
        for page in gone {
            let by_itself = page.ended().is_none();
            page.inner.end(PageEnd::Closed);
            let opener = page.inner.opener.as_ref().filter(|_| by_itself);
            if let Some(opener) = opener.and_then(|opener| self.page(opener)) {
                opener.inner.happened(PageEvent::WindowClosed { page: page.id().to_owned() });
            }
        }
    }

    pub(crate) async fn open_page(&self, empty_answers: bool) -> Result<Page, Error> {
        const PATIENCE: Duration = Duration::from_secs(10);
        let _turn = self.one_at_a_time.lock().await;
        *self.awaited.lock() = Some(empty_answers);
        let call = self.root.call(CreateTarget { url: "about:blank", browser_context_id: &self.id });
        let created = call.await?;
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
        page.inner.ready().await?;
        Ok(page)
    }
}
