use std::{collections::VecDeque, path::PathBuf};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// What a person is to be told of or asked. `page` is the [`crate::Page::id`]; the numbers of questions and downloads are
/// this process's own.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveEvent {
    /// A tab was opened or closed, or its title or address changed. Ask the pages.
    Tabs,
    /// A page opened a dialog and waits for [`crate::Page::answer_dialog`].
    Dialog {
        /// The tab.
        page: String,
        /// For the answer.
        id: u64,
        /// `alert`, `confirm`, `prompt` or `beforeunload`.
        kind: String,
        /// What it says, at most 2000 characters.
        text: String,
        /// What a prompt suggests.
        value: String,
    },
    /// The dialog is no more, answered or not.
    DialogGone {
        /// Of the dialog.
        id: u64,
    },
    /// A list was pressed, or a field for a month, a week or a colour, and waits for [`crate::Page::choose_option`].
    Select {
        /// The tab.
        page: String,
        /// For the answer.
        id: u64,
        /// Its entries, at most 1000.
        options: Vec<SelectOption>,
        /// The place in `options` of the entry that is chosen.
        chosen: Option<usize>,
        /// x, y, width and height of the closed list in the window, in CSS pixels.
        place: [f64; 4],
    },
    /// The list is no longer to be shown.
    SelectGone {
        /// Of the list.
        id: u64,
    },
    /// What the mouse looks like over the page that is shown: a keyword of CSS.
    Cursor(String),
    /// Whether something in the page that is shown takes text.
    Editable {
        /// It does.
        on: bool,
        /// `text`, `password`, `number`, `email`, `tel`, `url` or `multiline`; empty when nothing does.
        kind: String,
    },
    /// A page of that origin was not opened. For what has no origin, its scheme, such as `file:`.
    Blocked {
        /// Such as `https://example.org`.
        origin: String,
    },
    /// A page wants files and waits for [`crate::Page::give_files`].
    FileWanted {
        /// The tab.
        page: String,
        /// For the answer.
        id: u64,
        /// More than one may be given.
        multiple: bool,
    },
    /// A download began.
    Download {
        /// Names it in what follows.
        id: u64,
        /// As the site calls it, without any path.
        name: String,
    },
    /// A download is over.
    DownloadEnded {
        /// Of the download.
        id: u64,
        /// As the site calls it, without any path.
        name: String,
        /// Bytes that came.
        size: u64,
        /// Where it lies; `None` when it failed, was refused or was too big.
        path: Option<PathBuf>,
    },
    /// The tab's process crashed; the tab is of no more use.
    Crashed {
        /// The tab.
        page: String,
    },
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct SelectOption {
    /// What it says.
    pub label: String,
    /// It cannot be chosen.
    #[serde(default)]
    pub disabled: bool,
    /// The group that it stands in.
    #[serde(default)]
    pub group: Option<String>,
}

impl LiveEvent {
    /// Only the newest of its kind says something.
    const fn is_state(&self) -> bool {
        matches!(self, Self::Tabs | Self::Cursor(_) | Self::Editable { .. })
    }
}

/// What waits to be told.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<VecDeque<LiveEvent>>,
    more: Notify,
}

impl Queue {
    const MAX: usize = 200;

    pub(super) fn push(&self, event: LiveEvent) {
        let mut waiting = self.waiting.lock();
        if event.is_state() {
            let kind = std::mem::discriminant(&event);
            waiting.retain(|other| std::mem::discriminant(other) != kind);
        }
        if waiting.len() >= Self::MAX {
            waiting.pop_front();
        }
        waiting.push_back(event);
        drop(waiting);
        self.more.notify_one();
    }

    pub(super) async fn next(&self) -> LiveEvent {
        loop {
            if let Some(event) = self.waiting.lock().pop_front() {
                return event;
            }
            self.more.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn states_are_told_in_their_newest_form_and_the_rest_is_bounded() {
        let queue = Queue::default();
        queue.push(LiveEvent::Cursor("text".into()));
        queue.push(LiveEvent::Tabs);
        queue.push(LiveEvent::Cursor("pointer".into()));
        assert_eq!(queue.next().await, LiveEvent::Tabs);
        assert_eq!(queue.next().await, LiveEvent::Cursor("pointer".into()));
        for id in 0..1000 {
            queue.push(LiveEvent::DialogGone { id });
        }
        assert_eq!(queue.next().await, LiveEvent::DialogGone { id: 800 });
    }
}
