//! How large a window is.

use std::{sync::atomic::Ordering, time::Duration};

use countersign_snapshot::Size;
use tokio::time::Instant;

use super::{
    page::LivePage,
    screens::rounded,
    state::{RequestedSize, metrics},
};
use crate::{
    Error, Page,
    cdp::browser::{GetWindowForTarget, SetWindowBounds, WindowPlace},
};

impl Page {
    /// Makes the window's content that large, in CSS pixels, and its pictures `scale` (1, 1.5 or 2; others are rounded up)
    /// times as many pixels each way. Tabs that come later are made alike.
    pub async fn set_size(&self, size: Size, scale: f64) -> Result<(), Error> {
        let page = &self.inner;
        if let Some(live) = self.live.live() {
            *live.size.lock() = Some((size, scale));
        }
        self.live.wanted.lock().replace(RequestedSize::new(size, scale));
        page.alive(self.live.move_to_screen(scale)).await?;
        page.alive(page.session.call(metrics(size, scale))).await?;
        self.live.stir();
        Ok(())
    }
}

impl LivePage {
    /// Looks whether a picture is as large as it should be. A window that was moved, or that a page moved, takes its content
    /// along a moment later, whatever was said of its size; then it is said again.
    pub(super) fn check_size(&self, jpeg: &[u8]) -> bool {
        const IN_A_ROW: u32 = 20;
        const APART: Duration = Duration::from_millis(100);
        let mut wanted = self.wanted.lock();
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
                self.page.session.cast(&metrics(size, wanted.scale));
            }
        }
        wanted.told >= IN_A_ROW
    }

    pub(super) async fn move_to_screen(&self, scale: f64) -> Result<(), Error> {
        let (hundredths, scale) = rounded(scale);
        if self.scale.swap(hundredths, Ordering::AcqRel) == hundredths {
            return Ok(());
        }
        let root = &self.host.root;
        let left = self.host.screens.with(root, hundredths, scale).await?;
        let window = root.call(GetWindowForTarget { target_id: &self.page.target }).await?;
        let bounds = WindowPlace { left, top: 20 };
        root.call(SetWindowBounds { window_id: window.window_id, bounds }).await.map(|_| ())
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
}
