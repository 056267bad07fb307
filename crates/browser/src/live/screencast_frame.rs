use bytes::Bytes;
use countersign_snapshot::Size;
use tokio::time::Instant;

/// How the pictures are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screencast {
    /// Of the JPEG, 1 to 100; 60 to 75 is good to read and small.
    pub quality: u8,
}

/// One picture of a page.
#[derive(Clone)]
pub struct ScreencastFrame {
    /// The picture; at a scale of 2 it has twice the pixels of `css` each way.
    pub jpeg: Bytes,
    /// When it was received from Chromium.
    pub at: Instant,
    /// The window's content in CSS pixels.
    pub css: Size,
    /// Grows by one with each picture of the page.
    pub number: u64,
}
