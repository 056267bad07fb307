use std::collections::VecDeque;

/// Something that a page did beside showing itself. It was answered or kept back; this tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageEvent {
    /// It opened a dialog of the browser, which was answered at once.
    Dialog {
        /// `alert`, `confirm`, `prompt` or `beforeunload`.
        kind: String,
        /// What it said, at most 200 characters.
        text: String,
        /// Whether it was answered with yes.
        accepted: bool,
    },
    /// It opened another window.
    Window {
        /// The [`crate::Page::id`] of the tab that it is.
        page: String,
        /// Closed at once, because there were too many.
        closed: bool,
    },
    /// A window that it had opened closed itself.
    WindowClosed {
        /// Of the tab that it was.
        page: String,
    },
    /// It wanted to download a file, and was not allowed to.
    Download,
    /// It wanted a file to be chosen.
    FileChooser,
}

/// The last things that happened, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct PageEventLog {
    last: VecDeque<PageEvent>,
    left_out: u64,
}

impl PageEventLog {
    const KEPT: usize = 50;

    pub(crate) fn add(&mut self, one: PageEvent) {
        if self.last.len() == Self::KEPT {
            self.last.pop_front();
            self.left_out += 1;
        }
        self.last.push_back(one);
    }

    /// What happened since this was asked last, and how many older ones were left out.
    pub(crate) fn take(&mut self) -> (Vec<PageEvent>, u64) {
        (self.last.drain(..).collect(), std::mem::take(&mut self.left_out))
    }
}
