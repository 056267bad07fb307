//! The pictures of a page as they come.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_snapshot::Size;
use tokio::{sync::watch, time::Instant};

use super::{
    page::LivePage,
    screencast_frame::{Screencast, ScreencastFrame},
    state::ScreencastStream,
};
use crate::{
    Error, Page,
    cdp::{
        CdpSession,
        page::{self, BringToFront, ScreencastFrameAck, StartScreencast, StopScreencast},
    },
};

/// Chromium leaves out a picture when two are under way, and makes no other before something changes: the last one of a
/// burst may be missing. So when all has been still for this long, one is asked for.
const STILL: Duration = Duration::from_millis(60);

impl Page {
    /// Begins to give pictures, each time something in the page changes. A receiver sees the newest only; it ends with the
    /// page or by [`Page::stop_screencast`]. Begun anew, the stream of before goes on with the new quality.
    ///
    /// A tab that is not in front gives none: see [`Page::bring_to_front`].
    pub async fn start_screencast(
        &self,
        cast: Screencast,
    ) -> Result<watch::Receiver<Option<Arc<ScreencastFrame>>>, Error> {
        // Larger than any window; Chromium makes smaller pictures for smaller limits.
        const MAX: u32 = 8192;
        const PATIENCE: Duration = Duration::from_secs(5);
        const NAP: Duration = Duration::from_millis(20);
        let page = &self.inner;
        if let Some(error) = page.ended() {
            return Err(error);
        }
        let call = StartScreencast {
            format: "jpeg",
            quality: cast.quality.clamp(1, 100),
            max_width: MAX,
            max_height: MAX,
            every_nth_frame: 1,
        };
        let receiver = {
            let mut running = self.live.cast.lock();
            let cast = running.get_or_insert_with(|| {
                let (stirred, answered) = (watch::Sender::new(()), watch::Sender::new(()));
                tokio::spawn(ask_for_the_last(Arc::downgrade(&self.live), stirred.subscribe(), answered.subscribe()));
                let frames = watch::Sender::new(None);
                ScreencastStream { frames, count: 0, call, asked: false, stirred, answered }
            });
            cast.call = call;
            cast.frames.subscribe()
        };
        let mut heard = page.revision();
        let begun = Instant::now();
        loop {
            page.session.cast(&StopScreencast {});
            match page.alive(page.session.call(call)).await {
                Ok(_) => break,
                // Between two documents there is nothing to be shown for a moment.
                Err(Error::Protocol { message, .. }) if message.contains("active") && begun.elapsed() < PATIENCE => {
                    let _ = tokio::time::timeout(NAP, heard.changed()).await;
                }
                Err(error) => return Err(error),
            }
        }
        // The first picture may be missing as well.
        self.live.stir();
        self.live.tell_felt();
        Ok(receiver)
    }

    /// Gives no more pictures.
    pub async fn stop_screencast(&self) -> Result<(), Error> {
        let page = &self.inner;
        self.live.cast.lock().take();
        page.alive(page.session.call(StopScreencast {})).await.map(|_| ())
    }

    /// Shows this tab, and none of the others.
    pub async fn bring_to_front(&self) -> Result<(), Error> {
        let page = &self.inner;
        page.alive(page.session.call(BringToFront {})).await.map(|_| ())
    }
}

/// Asks for a picture whenever a burst of changes is over. One that is like the last is given to nobody, and stirs nothing.
async fn ask_for_the_last(live: Weak<LivePage>, mut stirred: watch::Receiver<()>, mut answered: watch::Receiver<()>) {
    const PATIENCE: Duration = Duration::from_millis(300);
    const MAX_PATIENCE: Duration = Duration::from_secs(2);
    while stirred.changed().await.is_ok() {
        while let Ok(more) = tokio::time::timeout(STILL, stirred.changed()).await {
            if more.is_err() {
                return;
            }
        }
        let mut patience = PATIENCE;
        loop {
            answered.mark_unchanged();
            {
                let Some(live) = live.upgrade() else { return };
                let mut cast = live.cast.lock();
                let Some(cast) = cast.as_mut() else { return };
                cast.asked = true;
                // One that runs is not begun anew, and what is stopped twice is no harm.
                live.page.session.cast(&StopScreencast {});
                live.page.session.cast(&cast.call);
            }
            match tokio::time::timeout(patience, answered.changed()).await {
                Ok(Ok(())) => break,
                Ok(Err(_)) => return,
                // A stream that begins between two documents gives none until it is begun anew.
                Err(_) => patience = (patience * 2).min(MAX_PATIENCE),
            }
        }
    }
}

impl LivePage {
    /// A picture has come. Chromium sends the next one when this one is acknowledged, so that is done before all else.
    pub(super) fn frame_arrived(&self, session: &CdpSession, arrived: &page::ScreencastFrame<'_>) {
        let at = Instant::now();
        session.cast(&ScreencastFrameAck { session_id: arrived.session_id });
        let mut cast = self.cast.lock();
        let Some(cast) = cast.as_mut() else { return };
        let Ok(jpeg) = STANDARD.decode(arrived.data) else { return };
        cast.answered.send_replace(());
        if !self.check_size(&jpeg) {
            // Another one comes at once.
            cast.stirred.send_replace(());
            return;
        }
        let asked = std::mem::take(&mut cast.asked);
        if asked && cast.frames.borrow().as_ref().is_some_and(|last| last.jpeg == jpeg) {
            return;
        }
        cast.count += 1;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of a window")]
        let css =
            Size { w: arrived.metadata.device_width.round() as u32, h: arrived.metadata.device_height.round() as u32 };
        cast.stirred.send_replace(());
        cast.frames.send_replace(Some(Arc::new(ScreencastFrame { jpeg: jpeg.into(), at, css, number: cast.count })));
    }

    /// Something was done to the page, or it says that it has changed.
    pub(super) fn stir(&self) {
        if let Some(cast) = self.cast.lock().as_ref() {
            cast.stirred.send_replace(());
        }
    }

    /// Whether the page is shown to somebody.
    pub(super) fn is_cast(&self) -> bool {
        self.cast.lock().is_some()
    }
}
