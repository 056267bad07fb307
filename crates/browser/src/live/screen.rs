//! How large a window is, and how fine its screen.
//!
//! A scale that is only emulated makes scripts see a fine screen and its stream as coarse as before. So a window is put on a
//! screen that is as fine as the person's; Chromium without windows has as many screens as it is told.

use std::{collections::HashMap, time::Duration};

use countersign_snapshot::Size;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::Instant};

use crate::{Error, Page, cdp::CdpSession, page::PageInner};

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
    async fn with(&self, root: &CdpSession, hundredths: u32, scale: f64) -> Result<i32, Error> {
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
        page.live.wanted.lock().replace(RequestedSize::new(size, scale));
        page.alive(page.move_to_screen(scale)).await?;
        let call = page.session.call::<IgnoredAny>("Emulation.setDeviceMetricsOverride", metrics(size, scale));
        page.alive(call).await?;
        page.stir();
        Ok(())
    }
}

impl PageInner {
    /// Looks whether a picture is as large as it should be. A window that was moved, or that a page moved, takes its content
    /// along a moment later, whatever was said of its size; then it is said again.
    pub(super) fn check_size(&self, jpeg: &[u8]) -> bool {
        const IN_A_ROW: u32 = 20;
        const APART: Duration = Duration::from_millis(100);
        let mut wanted = self.live.wanted.lock();
        let (Some(wanted), Some((w, h))) = (wanted.as_mut(), size_of(jpeg)) else { return true };
        let pixels = wanted.pixels();
        if w.abs_diff(pixels.0) <= 1 && h.abs_diff(pixels.1) <= 1 {
            wanted.told = 0;
            return true;
        }
        if wanted.told < IN_A_ROW && wanted.last.elapsed() >= APART {
            wanted.told += 1;
            wanted.last = Instant::now();
            // The same size again would be no news to Chromium.
            let Size { w, h } = wanted.size;
            for size in [Size { w, h: h + 1 }, Size { w, h }] {
                self.session.cast("Emulation.setDeviceMetricsOverride", &metrics(size, wanted.scale));
            }
        }
        wanted.told >= IN_A_ROW
    }

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

/// How large a page is to be, and how often in a row it was told so because it was not.
pub(super) struct RequestedSize {
    size: Size,
    scale: f64,
    told: u32,
    last: Instant,
}

impl RequestedSize {
    pub(super) fn new(size: Size, scale: f64) -> Self {
        Self { size, scale: rounded(scale).1, told: 0, last: Instant::now() }
    }

    fn pixels(&self) -> (u32, u32) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of a window")]
        let times = |length: u32| (f64::from(length) * self.scale).round() as u32;
        (times(self.size.w), times(self.size.h))
    }
}

/// Width and height in the first frame header of a JPEG (ITU-T T.81, B.2.2).
fn size_of(jpeg: &[u8]) -> Option<(u32, u32)> {
    let mut rest = jpeg.get(2..)?;
    loop {
        let (marker, length) = (*rest.get(1)?, usize::from(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?])));
        if let (0xc0..=0xc2, [height_high, height_low, width_high, width_low]) = (marker, rest.get(5..9)?) {
            let number = |high: &u8, low: &u8| u32::from(u16::from_be_bytes([*high, *low]));
            return Some((number(width_high, width_low), number(height_high, height_low)));
        }
        rest = rest.get(2 + length..)?;
    }
}

pub(super) fn metrics(size: Size, scale: f64) -> Value {
    let (_, scale) = rounded(scale);
    json!({"width": size.w, "height": size.h, "deviceScaleFactor": scale, "mobile": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pictures_size_is_read_from_its_head() {
        let mut jpeg = std::io::Cursor::new(Vec::new());
        image::RgbImage::new(300, 7).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        assert_eq!(size_of(&jpeg), Some((300, 7)));
        for length in 0..20 {
            assert_eq!(size_of(&jpeg[..length]), None);
        }
    }

    #[test]
    fn scales_are_never_coarser_than_asked() {
        for (asked, made) in [(0.5, 1.0), (1.0, 1.0), (1.1, 1.5), (1.5, 1.5), (1.75, 2.0), (2.0, 2.0), (3.0, 2.0)] {
            assert_eq!(rounded(asked).1, made);
        }
    }
}
