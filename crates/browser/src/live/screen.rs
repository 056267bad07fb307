//! How large a window is, and how fine its screen.
//!
//! A scale that is only emulated makes scripts see a fine screen and its stream as coarse as before. So a window is put on a
//! screen that is as fine as the person's; Chromium without windows has as many screens as it is told.

use std::collections::HashMap;

use countersign_picture::Size;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{Error, Page, cdp::Session, page::PageInner};

/// The screens that were made, by their scale in hundredths, with their left edge.
#[derive(Default)]
pub(crate) struct Screens {
    made: Mutex<HashMap<u32, i32>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Window {
    window_id: i64,
}

/// Scales that screens are made for; others are rounded up, so that nothing is coarser than asked.
fn rounded(scale: f64) -> (u32, f64) {
    if scale <= 1.0 {
        (100, 1.0)
    } else if scale <= 1.5 {
        (150, 1.5)
    } else {
        (200, 2.0)
    }
}

impl Screens {
    /// The left edge of a screen of that scale.
    async fn with(&self, root: &Session, hundredths: u32, scale: f64) -> Result<i32, Error> {
        const FIRST: i32 = 20;
        const APART: i32 = 10_000;
        if hundredths == 100 {
            return Ok(FIRST);
        }
        let mut made = self.made.lock().await;
        if let Some(left) = made.get(&hundredths) {
            return Ok(*left);
        }
        let left = APART * (i32::try_from(made.len()).unwrap_or(0) + 1);
        let screen = json!({"left": left, "top": 0, "width": 5120, "height": 3200, "devicePixelRatio": scale});
        root.call::<IgnoredAny>("Emulation.addScreen", screen).await?;
        made.insert(hundredths, left);
        Ok(left)
    }
}

impl Page {
    /// Makes the window's content that large, in CSS pixels, and its pictures `scale` (1, 1.5 or 2; others are rounded up)
    /// times as many pixels each way. Tabs that come later are made alike.
    pub async fn set_size(&self, size: Size, scale: f64) -> Result<(), Error> {
        let page = &self.inner;
        if let Some(live) = page.live_shared() {
            *live.size.lock() = Some((size, scale));
        }
        page.alive(page.move_to_screen(scale)).await?;
        let call = page.session.call::<IgnoredAny>("Emulation.setDeviceMetricsOverride", metrics(size, scale));
        page.alive(call).await.map(|_| ())
    }
}

impl PageInner {
    pub(super) async fn move_to_screen(&self, scale: f64) -> Result<(), Error> {
        let (hundredths, scale) = rounded(scale);
        if self.live.scale.swap(hundredths, std::sync::atomic::Ordering::AcqRel) == hundredths {
            return Ok(());
        }
        let browser = self.context.upgrade().and_then(|context| context.browser.upgrade()).ok_or(Error::PageClosed)?;
        let left = browser.screens.with(&browser.root, hundredths, scale).await?;
        let window: Window = browser.root.call("Browser.getWindowForTarget", json!({"targetId": self.target})).await?;
        let params = json!({"windowId": window.window_id, "bounds": {"left": left, "top": 20}});
        browser.root.call::<IgnoredAny>("Browser.setWindowBounds", params).await.map(|_| ())
    }
}

pub(super) fn metrics(size: Size, scale: f64) -> Value {
    let (_, scale) = rounded(scale);
    json!({"width": size.w, "height": size.h, "deviceScaleFactor": scale, "mobile": false})
}
