use tokio::sync::Mutex;

use crate::{Browser, Error, LaunchOptions};

/// Keeps one Chromium for everybody: started at the first use, replaced when it crashed or hangs.
pub struct BrowserPool {
    options: LaunchOptions,
    running: Mutex<Option<Browser>>,
}

impl BrowserPool {
    /// Starts nothing yet.
    pub const fn new(options: LaunchOptions) -> Self {
        Self { options, running: Mutex::const_new(None) }
    }

    /// The running Chromium, or a new one when there is none or the last one is gone.
    pub async fn browser(&self) -> Result<Browser, Error> {
        let mut running = self.running.lock().await;
        if let Some(browser) = running.as_ref() {
            match browser.ended() {
                None => return Ok(browser.clone()),
                Some(error) => tracing::warn!(%error, "starting another Chromium"),
            }
        }
        let browser = Browser::launch(&self.options).await?;
        *running = Some(browser.clone());
        Ok(browser)
    }

    /// Lets go of the running Chromium; it ends when the last context is dropped.
    pub async fn close(&self) {
        self.running.lock().await.take();
    }
}
