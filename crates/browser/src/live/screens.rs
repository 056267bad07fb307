//! How fine a screen is.
//!
//! A scale that is only emulated makes scripts see a fine screen and its stream as coarse as before. So a window is put on a
//! screen that is as fine as the person's; Chromium without windows has as many screens as it is told.

use std::collections::HashMap;

use tokio::sync::Mutex;

use crate::{
    Error,
    cdp::{CdpSession, emulation::AddScreen},
};

/// The screens that were made, by their scale in hundredths, with their left edge.
#[derive(Default)]
pub(crate) struct Screens {
    made: Mutex<HashMap<u32, i32>>,
}

/// Scales that screens are made for, in hundredths and as they are; others are rounded up, so that nothing is coarser than
/// asked.
pub(super) fn rounded(scale: f64) -> (u32, f64) {
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
    pub(super) async fn with(&self, root: &CdpSession, hundredths: u32, scale: f64) -> Result<i32, Error> {
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
        let screen = AddScreen { left, top: 0, width: 5120, height: 3200, device_pixel_ratio: scale };
        root.call(screen).await?;
        made.insert(hundredths, left);
        Ok(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_never_coarser_than_asked() {
        for (asked, made) in [(0.5, 1.0), (1.0, 1.0), (1.1, 1.5), (1.5, 1.5), (1.75, 2.0), (2.0, 2.0), (3.0, 2.0)] {
            assert_eq!(rounded(asked).1, made);
        }
    }
}
