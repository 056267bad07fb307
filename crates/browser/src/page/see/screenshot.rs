//! Pictures for people, with everything secret covered.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::page::{act::outcome::ScriptOutcome, call::NO_ARGUMENTS};
use crate::{
    Error, Page,
    cdp::{Command as _, page::CaptureScreenshot},
};

/// The file format of a screenshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenshotFormat {
    /// Exact.
    Png,
    /// Small; quality 1 to 100.
    Jpeg(u8),
}

impl Page {
    /// The window as it is now, with every password field and every field a secret was typed into covered by a solid box.
    ///
    /// # Errors
    /// When a frame cannot be reached, there is no picture rather than one that may show a secret.
    pub async fn masked_screenshot(&self, shot: ScreenshotFormat) -> Result<Vec<u8>, Error> {
        let page = &self.inner;
        let frames = page.known_frames();
        page.adopt_what_scripts_cannot_see(&frames).await?;
        let mut covered = Ok(());
        for (id, state) in &frames {
            let outcome = page.inside::<ScriptOutcome>(state, "cover", NO_ARGUMENTS).await;
            covered = covered.and(outcome.and_then(|outcome| outcome.check(id, &state.document)).map(|_| ()));
        }
        let picture = match covered {
            Ok(()) if frames.len() == page.known_frames().len() => self.screenshot(shot).await,
            Ok(()) => Err(Error::Stale),
            Err(error) => Err(error),
        };
        for (_, state) in &frames {
            // What is gone needs no uncovering.
            let _ = page.inside::<ScriptOutcome>(state, "uncover", NO_ARGUMENTS).await;
        }
        picture
    }

    async fn screenshot(&self, shot: ScreenshotFormat) -> Result<Vec<u8>, Error> {
        let (format, quality) = match shot {
            ScreenshotFormat::Png => ("png", None),
            ScreenshotFormat::Jpeg(quality) => ("jpeg", Some(quality.clamp(1, 100))),
        };
        let call = self.inner.session.call(CaptureScreenshot { format, quality, optimize_for_speed: true });
        let captured = self.inner.alive(call).await?;
        STANDARD
            .decode(captured.data)
            .map_err(|error| Error::Protocol { method: CaptureScreenshot::METHOD, message: error.to_string() })
    }
}
