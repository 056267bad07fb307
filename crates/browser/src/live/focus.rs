//! What a person's mouse and keyboard are on, and where.

use std::time::Duration;

use serde::Deserialize;

use super::page::LivePage;
use crate::{Error, LiveEvent};

impl LivePage {
    pub(super) fn felt_editable(&self, frame: &str, kind: String) {
        let kind = {
            let mut felt = self.felt.lock();
            if kind.is_empty() {
                felt.editable.remove(frame);
            } else {
                felt.editable.insert(frame.to_owned(), kind);
            }
            let now = felt.editable.values().next().cloned().unwrap_or_default();
            if now == felt.told {
                return;
            }
            felt.told.clone_from(&now);
            now
        };
        if let Some(live) = self.live().filter(|_| self.is_cast()) {
            live.tell(LiveEvent::Editable { on: !kind.is_empty(), kind });
        }
    }

    /// Tells anew, because the page is now the one that is shown.
    pub(super) fn tell_felt(&self) {
        let Some(live) = self.live() else { return };
        let (cursor, kind) = {
            let felt = self.felt.lock();
            (felt.cursor.clone(), felt.told.clone())
        };
        if !cursor.is_empty() {
            live.tell(LiveEvent::Cursor(cursor));
        }
        live.tell(LiveEvent::Editable { on: !kind.is_empty(), kind });
    }

    /// Where the document of a frame begins in the window.
    pub(super) async fn frame_begins(&self, frame: &str) -> Result<(f64, f64), Error> {
        #[derive(Deserialize)]
        struct Begins {
            #[serde(default)]
            x: f64,
            #[serde(default)]
            y: f64,
        }
        let around = self.page.frames_around(frame)?;
        if !around.is_empty() {
            self.page.adopt_what_scripts_cannot_see(&self.page.known_frames()).await?;
        }
        let (mut x, mut y) = (0.0, 0.0);
        for (name, (_, state)) in &around {
            let begins: Begins = self.page.inside(state, "framePlace", (name, false)).await?;
            x += begins.x;
            y += begins.y;
        }
        Ok((x, y))
    }

    /// Hands closed shadow trees to the scripts, which then cover what is in them. Asked meanwhile, it looks again.
    pub(super) fn adopt_soon(&self) {
        const TRIES: u32 = 3;
        const NAP: Duration = Duration::from_millis(100);
        {
            let mut felt = self.felt.lock();
            felt.adopt_again = true;
            if std::mem::replace(&mut felt.adopting, true) {
                return;
            }
        }
        let Some(page) = self.me.upgrade() else { return };
        tokio::spawn(async move {
            let mut failed = 0;
            while page.adopts_again() {
                let handed = page.page.adopt_what_scripts_cannot_see(&page.page.known_frames()).await;
                let Err(error) = handed else { continue };
                tracing::debug!(%error, "closed shadow trees could not be handed over");
                failed += 1;
                if failed < TRIES && !error.is_gone() {
                    tokio::time::sleep(NAP).await;
                    page.felt.lock().adopt_again = true;
                }
            }
        });
    }

    fn adopts_again(&self) -> bool {
        let mut felt = self.felt.lock();
        let again = std::mem::take(&mut felt.adopt_again);
        felt.adopting = again;
        again
    }
}
