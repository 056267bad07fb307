//! What is remembered of one page for a person.

use std::{collections::HashMap, sync::Arc};

use countersign_snapshot::Size;
use tokio::{sync::watch, time::Instant};

use super::{screencast_frame::ScreencastFrame, screens::rounded};
use crate::cdp::{CdpSession, emulation::SetDeviceMetricsOverride, page::StartScreencast};

/// A stream that runs.
pub(super) struct ScreencastStream {
    pub(super) frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
    pub(super) count: u64,
    pub(super) call: StartScreencast,
    /// The next picture is one that was asked for.
    pub(super) asked: bool,
    /// Moves when there may be something new to see, and when Chromium gave a picture at all.
    pub(super) stirred: watch::Sender<()>,
    pub(super) answered: watch::Sender<()>,
}

/// What the person's mouse and keyboard are on.
#[derive(Default)]
pub(super) struct FocusState {
    pub(super) cursor: String,
    /// By frame, because the keyboard leaves one and enters another in no certain order.
    pub(super) editable: HashMap<String, String>,
    pub(super) told: String,
    pub(super) adopting: bool,
    pub(super) adopt_again: bool,
}

/// Questions that wait.
#[derive(Default)]
pub(super) struct PendingPrompts {
    pub(super) dialog: Option<(u64, CdpSession)>,
    pub(super) in_a_row: u32,
    pub(super) select: Option<Select>,
    pub(super) files: HashMap<u64, (CdpSession, i64)>,
}

/// A list that is to be chosen from, by its place in the page.
pub(super) struct Select {
    pub(super) id: u64,
    pub(super) frame: String,
    pub(super) document: String,
    pub(super) node: u32,
}

/// How large a page is to be, and how often in a row it was told so because it was not.
pub(super) struct RequestedSize {
    pub(super) size: Size,
    pub(super) scale: f64,
    pub(super) told: u32,
    pub(super) last: Instant,
}

impl RequestedSize {
    pub(super) fn new(size: Size, scale: f64) -> Self {
        Self { size, scale: rounded(scale).1, told: 0, last: Instant::now() }
    }

    /// Width and height of a picture of it.
    pub(super) fn pixels(&self) -> (u32, u32) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of a window")]
        let times = |length: u32| (f64::from(length) * self.scale).round() as u32;
        (times(self.size.w), times(self.size.h))
    }
}

/// What makes a page that large, in CSS pixels, on a screen of that scale.
pub(super) fn metrics(size: Size, scale: f64) -> SetDeviceMetricsOverride {
    SetDeviceMetricsOverride::of(size, rounded(scale).1)
}
