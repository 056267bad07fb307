use std::sync::{Arc, Weak};

use super::core::{PageEnd, PageInner};
use crate::{Error, PageEvent, live::page::LivePage};

/// A tab. Cloning it gives another hold of the same tab; it is closed with its context or by [`Page::close`].
#[derive(Clone)]
pub struct Page {
    pub(crate) inner: Arc<PageInner>,
    /// What a person is asked through it, and shown of it.
    pub(crate) live: Arc<LivePage>,
    opener: Option<Arc<WeakPage>>,
}

/// A tab that may be gone.
struct WeakPage {
    live: Weak<LivePage>,
    opener: Option<Arc<Self>>,
}

impl Page {
    pub(crate) fn of(live: Arc<LivePage>, opener: Option<&Self>) -> Self {
        let weak = |page: &Self| WeakPage { live: Arc::downgrade(&page.live), opener: page.opener.clone() };
        Self { inner: Arc::clone(&live.page), live, opener: opener.map(|opener| Arc::new(weak(opener))) }
    }

    /// Names the tab among the tabs of its context.
    pub fn id(&self) -> &str {
        &self.inner.target
    }

    /// Whether a page opened it, and not we.
    pub fn is_opened_by_page(&self) -> bool {
        self.inner.opener.is_some()
    }

    /// The tab that opened it, as long as that is there.
    pub fn opener(&self) -> Option<Self> {
        let weak = self.opener.as_ref()?;
        let live = weak.live.upgrade()?;
        let opener = Self { inner: Arc::clone(&live.page), live, opener: weak.opener.clone() };
        opener.ended().is_none().then_some(opener)
    }

    /// Why the tab is no more; `None` while it is.
    pub fn ended(&self) -> Option<Error> {
        self.inner.ended()
    }

    /// What the page did beside showing itself since this was asked last, and how many such things were left out.
    pub fn happenings(&self) -> (Vec<PageEvent>, u64) {
        self.inner.happenings.lock().take()
    }

    /// Closes the tab.
    pub fn close(&self) {
        self.inner.close();
        self.inner.end(PageEnd::Closed);
    }
}
