//! Making pages a person's: the covers, the refusals, the window's size, in tabs that are there and tabs that come.

use std::sync::{Arc, atomic::Ordering};

use serde::de::IgnoredAny;

use super::{
    page::LivePage,
    state::{RequestedSize, metrics},
};
use crate::{
    Error, LiveEvent,
    cdp::{CdpSession, fetch, page::AddScriptToEvaluateOnNewDocument},
    inside,
    page::{
        call::NO_ARGUMENTS,
        core::{Companion, PageEnd},
    },
};

impl Companion for LivePage {
    fn prepare(&self, session: &CdpSession, whole_page: bool) {
        if self.page.empty_answers || !self.host.covers() {
            return;
        }
        cover_what_comes(session);
        let Some(live) = self.live().filter(|_| whole_page) else { return };
        session.cast(&fetch::Enable::documents());
        self.untouched.store(self.page.opener.is_some(), Ordering::Release);
        let size = *live.size.lock();
        if let Some((size, scale)) = size {
            self.wanted.lock().replace(RequestedSize::new(size, scale));
            session.cast(&metrics(size, scale));
            let Some(page) = self.me.upgrade() else { return };
            tokio::spawn(async move {
                if let Err(error) = page.move_to_screen(scale).await {
                    tracing::debug!(%error, "a new tab was not put on the right screen");
                }
            });
        }
    }

    fn ended(&self, how: PageEnd) {
        self.cast.lock().take();
        let Some(live) = self.live() else { return };
        if matches!(how, PageEnd::Crashed | PageEnd::TooMuchMemory) {
            live.tell(LiveEvent::Crashed { page: self.page.target.clone() });
            // Nothing brings it back to what it was; the person opens another.
            self.page.close();
        }
        live.tell(LiveEvent::Tabs);
    }
}

impl LivePage {
    /// Which requests are held, after something else had them held for a while.
    pub(crate) fn fetch_as_before(&self) {
        if self.live().is_some() {
            self.page.session.cast(&fetch::Enable::documents());
        } else {
            self.page.session.cast(&fetch::Disable {});
        }
    }

    /// Makes a page that is there a person's, and waits until it is covered.
    pub(super) async fn begin(&self) -> Result<(), Error> {
        let page = &self.page;
        if page.empty_answers {
            return Ok(());
        }
        let guests: Vec<CdpSession> =
            page.guests.lock().iter().map(|guest| page.session.named(Arc::clone(guest))).collect();
        page.session.cast(&fetch::Enable::documents());
        for session in guests.iter().chain([&page.session]) {
            cover_what_comes(session);
        }
        let frames = page.known_frames();
        let outcome = async {
            page.adopt_what_scripts_cannot_see(&frames).await?;
            for (_, state) in &frames {
                match page.inside::<IgnoredAny>(state, "beLive", NO_ARGUMENTS).await {
                    // What is gone needs no cover, and what comes in its place is covered from its beginning.
                    Ok(_) | Err(Error::Stale) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        };
        match outcome.await {
            // A tab that ends meanwhile is one that nobody sees.
            Err(error) if error.is_gone() && page.ended().is_some() => Ok(()),
            Err(Error::Stale) => Ok(()),
            other => other,
        }
    }
}

fn cover_what_comes(session: &CdpSession) {
    session.cast(&AddScriptToEvaluateOnNewDocument {
        source: "inside.beLive()",
        world_name: Some(inside::WORLD),
        run_immediately: true,
    });
}
