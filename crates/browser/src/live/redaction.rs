//! Making pages a person's: the covers, the refusals, the window's size, in tabs that are there and tabs that come.

use std::sync::{Arc, atomic::Ordering};

use serde::de::IgnoredAny;
use serde_json::json;

use super::{
    LiveContextShared, LiveEvent,
    screen::{RequestedSize, metrics},
};
use crate::{
    Error,
    cdp::CdpSession,
    context::ContextInner,
    inside,
    page::{PageEnd, PageInner},
};

impl ContextInner {
    pub(crate) fn live(&self) -> Option<Arc<LiveContextShared>> {
        self.live.lock().clone()
    }

    pub(crate) fn tell_tabs(&self) {
        if let Some(live) = self.live() {
            live.tell(LiveEvent::Tabs);
        }
    }

    pub(super) fn living_pages(&self) -> Vec<Arc<PageInner>> {
        self.pages.lock().iter().filter(|page| page.ended().is_none()).cloned().collect()
    }
}

impl PageInner {
    pub(crate) fn live_shared(&self) -> Option<Arc<LiveContextShared>> {
        self.context.upgrade()?.live()
    }

    pub(super) fn tell_tabs(&self) {
        if let Some(live) = self.live_shared() {
            live.tell(LiveEvent::Tabs);
        }
    }

    /// Prepares a session that is new, before its target runs.
    pub(crate) fn live_prepare(self: &Arc<Self>, session: &CdpSession, whole_page: bool) {
        let Some(context) = self.context.upgrade() else { return };
        if self.empty_answers || !context.covers.load(Ordering::Acquire) {
            return;
        }
        cover_what_comes(session);
        let Some(live) = context.live().filter(|_| whole_page) else { return };
        refuse_what_may_not_be(session);
        self.live.untouched.store(self.opener.is_some(), Ordering::Release);
        let size = *live.size.lock();
        if let Some((size, scale)) = size {
            self.live.wanted.lock().replace(RequestedSize::new(size, scale));
            session.cast("Emulation.setDeviceMetricsOverride", &metrics(size, scale));
            let page = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = page.move_to_screen(scale).await {
                    tracing::debug!(%error, "a new tab was not put on the right screen");
                }
            });
        }
    }

    /// Which requests are held, after something else had them held for a while.
    pub(crate) fn fetch_as_before(&self) {
        if self.live_shared().is_some() {
            refuse_what_may_not_be(&self.session);
        } else {
            self.session.cast("Fetch.disable", &json!({}));
        }
    }

    /// Makes a page that is there a person's, and waits until it is covered.
    pub(super) async fn live_begin(self: &Arc<Self>) -> Result<(), Error> {
        if self.empty_answers {
            return Ok(());
        }
        let guests: Vec<CdpSession> =
            self.guests.lock().iter().map(|guest| self.session.named(Arc::clone(guest))).collect();
        refuse_what_may_not_be(&self.session);
        for session in guests.iter().chain([&self.session]) {
            cover_what_comes(session);
        }
        let frames = self.known_frames();
        let outcome = async {
            self.adopt_what_scripts_cannot_see(&frames).await?;
            for (_, state) in &frames {
                match self.inside::<IgnoredAny>(state, "beLive", json!([])).await {
                    // What is gone needs no cover, and what comes in its place is covered from its beginning.
                    Ok(_) | Err(Error::Stale) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        };
        match outcome.await {
            // A tab that ends meanwhile is one that nobody sees.
            Err(error) if error.is_gone() && self.ended().is_some() => Ok(()),
            Err(Error::Stale) => Ok(()),
            other => other,
        }
    }

    pub(crate) fn live_ended(&self) {
        self.live.cast.lock().take();
        let Some(live) = self.live_shared() else { return };
        if matches!(self.how_ended(), Some(PageEnd::Crashed | PageEnd::TooMuchMemory)) {
            live.tell(LiveEvent::Crashed { page: self.target.clone() });
            // Nothing brings it back to what it was; the person opens another.
            self.close();
        }
        live.tell(LiveEvent::Tabs);
    }
}

fn cover_what_comes(session: &CdpSession) {
    session.cast(
        "Page.addScriptToEvaluateOnNewDocument",
        &json!({"source": "inside.beLive()", "worldName": inside::WORLD, "runImmediately": true}),
    );
}

fn refuse_what_may_not_be(session: &CdpSession) {
    session.cast("Fetch.enable", &json!({"patterns": [{"resourceType": "Document", "requestStage": "Request"}]}));
}
