use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

use super::handle::BrowserInner;
use crate::{Browser, Error, LaunchOptions};

/// So many contexts share one Chromium, about as many as two changes have at their busiest.
const CONTEXTS_EACH: usize = 4;

/// Hands out running Chromiums by purpose: started when one is wanted, replaced when it crashed or hangs.
pub struct BrowserPool {
    options: LaunchOptions,
    shared: tokio::sync::Mutex<Shared>,
    /// Those of one holder each, by the holder's name.
    own: Mutex<HashMap<String, Weak<BrowserInner>>>,
}

#[derive(Default)]
struct Shared {
    /// Kept running when nobody holds it, so that the next one need not wait.
    first: Option<Browser>,
    /// Run as long as somebody holds them.
    more: Vec<Weak<BrowserInner>>,
}

impl BrowserPool {
    /// Starts nothing yet.
    pub fn new(options: LaunchOptions) -> Self {
        Self { options, shared: tokio::sync::Mutex::default(), own: Mutex::default() }
    }

    /// A Chromium that is shared, with room for a context; a new one when there is none.
    pub async fn browser(&self) -> Result<Browser, Error> {
        let mut shared = self.shared.lock().await;
        if let Some(error) = shared.first.as_ref().and_then(Browser::ended) {
            tracing::warn!(%error, "starting another Chromium");
            shared.first = None;
        }
        let more: Vec<Browser> = shared.more.iter().filter_map(running).collect();
        shared.more.retain(|browser| running(browser).is_some());
        if let Some(browser) = shared.first.iter().chain(&more).find(|browser| browser.contexts() < CONTEXTS_EACH) {
            return Ok(browser.clone());
        }
        let browser = Browser::launch(&self.options).await?;
        match shared.first {
            None => {
                shared.first = Some(browser.clone());
                let first = browser.clone();
                // Beside the first context, which is made at once.
                tokio::spawn(async move { drop(first.keep_warm().await) });
            }
            Some(_) => shared.more.push(browser.downgrade()),
        }
        Ok(browser)
    }

    /// The Chromium that this holder has alone; a new one when there is none. It ends when the last context of it is
    /// dropped. A holder asks for one thing after the other.
    pub async fn own(&self, holder: &str) -> Result<Browser, Error> {
        if let Some(browser) = self.own.lock().get(holder).and_then(running) {
            return Ok(browser);
        }
        let browser = Browser::launch(&self.options).await?;
        let mut own = self.own.lock();
        own.retain(|_, browser| browser.strong_count() > 0);
        own.insert(holder.to_owned(), browser.downgrade());
        Ok(browser)
    }

    /// Lets go of the Chromium that is kept; each ends when its last context is dropped.
    pub async fn close(&self) {
        self.shared.lock().await.first.take();
    }
}

fn running(browser: &Weak<BrowserInner>) -> Option<Browser> {
    browser.upgrade().map(|inner: Arc<BrowserInner>| Browser::of(&inner)).filter(|browser| browser.ended().is_none())
}
