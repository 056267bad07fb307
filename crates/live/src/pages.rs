//! The browser's side of a session: which tab is shown, and what the pages do that a person has to know.

use std::{sync::Arc, time::Duration};

use countersign_browser::{
    Context, Error as PageError, LiveContext as LivePages, LiveEvent, LiveOptions, Page, Screencast, ScreencastFrame,
};
use countersign_model::SessionEnd;
use countersign_wire::{DialogKind, EditableKind, OptionInfo, RecordingEvent, ServerMessage, TabEvent, TabInfo};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    files::{LARGEST, StoredFile},
    hub::MayOpen,
    session::{SessionCommand, SessionTask},
};

/// Enough for text to be read, at a third of the bytes of the best.
const QUALITY: u8 = 70;
/// A page that hangs keeps nothing else waiting.
const PATIENCE: Duration = Duration::from_secs(2);

/// A browser in a person's hand.
pub(crate) struct LiveBrowser {
    live: LivePages,
    pub(crate) context: Arc<Context>,
    pub(crate) page: Option<Page>,
    cast: Option<JoinHandle<()>>,
    /// Tabs by the browser's names, with ours: they are counted from one, and no number comes twice.
    known: Vec<(String, u32)>,
    crashed: Vec<String>,
    reading: bool,
    read_again: bool,
}

/// What was read of the tabs while other things went on.
pub(crate) struct TabReadings {
    tabs: Vec<TabInfo>,
    history: (bool, bool),
}

impl LiveBrowser {
    pub(crate) async fn open(
        context: &Arc<Context>,
        may_open: &MayOpen,
        downloads: Option<std::path::PathBuf>,
    ) -> Result<Self, PageError> {
        let live = context.live(LiveOptions { may_open: Arc::clone(may_open), downloads }).await?;
        Ok(Self {
            live,
            context: Arc::clone(context),
            page: None,
            cast: None,
            known: Vec::new(),
            crashed: Vec::new(),
            reading: false,
            read_again: false,
        })
    }

    pub(crate) fn is_of(&self, context: &Arc<Context>) -> bool {
        Arc::ptr_eq(&self.context, context)
    }

    pub(crate) fn let_download(&self, on: bool) {
        self.live.let_download(on);
    }

    pub(crate) const fn casts(&self) -> bool {
        self.cast.is_some()
    }

    pub(crate) async fn next(&mut self) -> Option<LiveEvent> {
        self.live.told().await
    }

    /// The page under one of our numbers.
    pub(crate) fn tab(&self, number: u32) -> Option<Page> {
        let (id, _) = self.known.iter().find(|(_, known)| *known == number)?;
        self.live.pages().into_iter().find(|page| page.id() == id)
    }

    fn number(&mut self, id: &str) -> u32 {
        if let Some((_, number)) = self.known.iter().find(|(known, _)| known == id) {
            return *number;
        }
        let number = self.known.last().map_or(1, |(_, last)| last + 1);
        self.known.push((id.to_owned(), number));
        number
    }

    fn is_shown(&self, id: &str) -> bool {
        self.page.as_ref().is_some_and(|page| page.id() == id)
    }
}

impl Drop for LiveBrowser {
    fn drop(&mut self) {
        if let Some(cast) = &self.cast {
            cast.abort();
        }
    }
}

/// What a session can do without is only told to whoever looks for a fault.
fn say_if_not<E: std::fmt::Display>(done: &str, outcome: Result<(), E>) {
    if let Err(error) = outcome {
        tracing::debug!(%error, "a tab was not {done}");
    }
}

/// Hands each frame of a stream on, as long as it goes.
async fn pass_on(
    mut cast: watch::Receiver<Option<Arc<ScreencastFrame>>>,
    frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
) {
    loop {
        let frame = cast.borrow_and_update().clone();
        if frame.is_some() {
            frames.send_replace(frame);
        }
        if cast.changed().await.is_err() {
            return;
        }
    }
}

impl SessionTask {
    /// Shows a tab, from now on.
    pub(crate) async fn show(&mut self, page: Page) {
        self.hide().await;
        let window = self.window;
        let Some(view) = &mut self.view else { return };
        view.page = Some(page.clone());
        if let Some((size, scale)) = window {
            say_if_not("given its size", within(page.set_size(size, scale)).await);
        }
        say_if_not("brought to the front", within(page.bring_to_front()).await);
        match within(page.start_screencast(Screencast { quality: QUALITY })).await {
            Ok(cast) => view.cast = Some(tokio::spawn(pass_on(cast, self.frames.clone()))),
            Err(error) => tracing::warn!(%error, "a tab cannot be shown"),
        }
        self.read_tabs();
    }

    /// Shows nothing any more.
    pub(crate) async fn hide(&mut self) {
        let Some(view) = &mut self.view else { return };
        if let Some(cast) = view.cast.take() {
            cast.abort();
            // What it was about to hand on is not handed on later.
            let _ = cast.await;
        }
        if let Some(page) = &view.page
            && let Err(error) = within(page.stop_screencast()).await
        {
            tracing::debug!(%error, "a tab is still pictured, for nobody");
        }
        // However short it was seen, it was seen.
        if let Some(last) = self.frames.send_replace(None) {
            self.recorder.note_last(last);
        }
    }

    pub(crate) async fn browser(&mut self, event: Option<LiveEvent>) {
        let Some(event) = event else {
            self.end = self.end.or(Some(SessionEnd::BrowserGone));
            return;
        };
        match event {
            LiveEvent::Tabs => self.tabs_changed().await,
            LiveEvent::Dialog { id, kind, text, value, .. } => {
                let kind = DialogKind::named(&kind);
                self.tell_all(&ServerMessage::Dialog { id, kind, text, value });
            }
            LiveEvent::DialogGone { id } => self.tell_all(&ServerMessage::DialogGone { id }),
            LiveEvent::Select { id, options, chosen, place, .. } => {
                let options = options
                    .into_iter()
                    .map(|option| OptionInfo { label: option.label, disabled: option.disabled, group: option.group })
                    .collect();
                self.tell_all(&ServerMessage::Select { id, options, chosen, place });
            }
            LiveEvent::SelectGone { id } => self.tell_all(&ServerMessage::SelectGone { id }),
            LiveEvent::Cursor(cursor) => self.tell_all(&ServerMessage::Cursor { cursor }),
            LiveEvent::Editable { on, kind } => {
                self.flush_keys();
                let kind = EditableKind::named(&kind);
                self.secret_field = on && kind == EditableKind::Password;
                self.tell_all(&ServerMessage::Editable { on, kind });
            }
            LiveEvent::Blocked { origin } => {
                self.recorder.note(RecordingEvent::Blocked { origin: origin.clone() });
                self.tell_all(&ServerMessage::Blocked { origin });
            }
            LiveEvent::FileWanted { id, multiple, .. } => self.file_wanted(id, multiple),
            LiveEvent::Download { .. } => {}
            LiveEvent::DownloadEnded { id, name, size, path: Some(path) } => self.downloaded(id, name, size, path),
            LiveEvent::DownloadEnded { .. } => {
                if let Some(seat) = self.control.holder() {
                    self.refuse(seat, "download", "the file did not arrive");
                }
            }
            LiveEvent::Crashed { page } => {
                if let Some(view) = &mut self.view {
                    let tab = view.number(&page);
                    view.crashed.push(page);
                    self.recorder.note(RecordingEvent::Tab { act: TabEvent::Crashed, tab });
                }
                self.tabs_changed().await;
            }
        }
    }

    /// A tab that a page has opened is shown; where the one that was shown is gone, the newest is.
    async fn tabs_changed(&mut self) {
        let Some(view) = &mut self.view else { return };
        let pages = view.live.pages();
        let mut opened = None;
        for page in &pages {
            if !view.known.iter().any(|(known, _)| known == page.id()) {
                let tab = view.number(page.id());
                self.recorder.note(RecordingEvent::Tab { act: TabEvent::Opened, tab });
                opened = Some(page.clone()).filter(Page::is_opened_by_page);
            }
        }
        let gone: Vec<u32> = view
            .known
            .iter()
            .filter(|(known, _)| !pages.iter().any(|page| page.id() == known) && !view.crashed.contains(known))
            .map(|(_, number)| *number)
            .collect();
        for tab in gone.into_iter().filter(|tab| self.tabs.iter().any(|told| told.id == *tab)) {
            self.recorder.note(RecordingEvent::Tab { act: TabEvent::Closed, tab });
        }
        let shown_is_there = pages.iter().any(|page| view.is_shown(page.id()));
        let next = opened.or_else(|| if shown_is_there { None } else { pages.last().cloned() });
        if let Some(page) = next {
            self.show(page).await;
        } else if pages.is_empty() && self.tabs.iter().all(|tab| !tab.crashed) && view.crashed.is_empty() {
            self.open_again().await;
        } else {
            self.read_tabs();
        }
    }

    /// The last tab is closed: a session without any would be a dead end.
    async fn open_again(&mut self) {
        let Some(view) = &self.view else { return };
        let context = Arc::clone(&view.context);
        let site = self.run.site.clone();
        match within(context.open_page()).await {
            Ok(page) => {
                self.show(page.clone()).await;
                tokio::spawn(async move {
                    if let Err(error) = page.open(&site, Duration::from_secs(20)).await {
                        tracing::debug!(%error, "a new tab stays empty");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no tab can be opened");
                self.end = self.end.or(Some(SessionEnd::BrowserGone));
            }
        }
    }

    /// Reads titles and addresses beside everything else: a page that hangs answers late or not at all.
    pub(crate) fn read_tabs(&mut self) {
        let Some(view) = &mut self.view else { return };
        if view.reading {
            view.read_again = true;
            return;
        }
        view.reading = true;
        let pages: Vec<(u32, bool, bool, Page)> = view
            .live
            .pages()
            .into_iter()
            .map(|page| {
                (view.number(page.id()), view.is_shown(page.id()), view.crashed.iter().any(|id| id == page.id()), page)
            })
            .collect();
        let urgent = self.urgent.clone();
        tokio::spawn(async move {
            let mut tabs = Vec::with_capacity(pages.len());
            let mut history = (false, false);
            for (id, active, crashed, page) in pages {
                let (title, address) =
                    tokio::time::timeout(PATIENCE, page.title_and_address()).await.unwrap_or_default();
                if active {
                    history = within(page.history()).await.unwrap_or_default();
                }
                tabs.push(TabInfo { id, title: cut(&title), address: cut(&address), active, crashed });
            }
            let _ = urgent.send(SessionCommand::Read(TabReadings { tabs, history }));
        });
    }

    pub(crate) fn read(&mut self, read: TabReadings) {
        let Some(view) = &mut self.view else { return };
        view.reading = false;
        if std::mem::take(&mut view.read_again) {
            self.read_tabs();
        }
        let place = |tabs: &[TabInfo]| tabs.iter().find(|tab| tab.active).map(|tab| (tab.id, place(&tab.address)));
        let (before, now) = (place(&self.tabs), place(&read.tabs));
        if let Some((tab, address)) = now.filter(|now| Some(now) != before.as_ref() && !now.1.is_empty()) {
            self.recorder.note(RecordingEvent::Address { address, tab });
        }
        if self.tabs != read.tabs || self.history != read.history {
            (self.tabs, self.history) = (read.tabs, read.history);
            let told = self.told_tabs();
            self.tell_all(&told);
        }
    }

    pub(crate) fn told_tabs(&self) -> ServerMessage {
        ServerMessage::Tabs { tabs: self.tabs.clone(), back: self.history.0, forward: self.history.1 }
    }

    /// Downloads are refused before a byte is stored, unless whoever holds control may take them.
    pub(crate) fn apply_downloads(&self) {
        let holder = self.control.holder().and_then(|seat| self.viewers.get(&seat));
        if let Some(view) = &self.view {
            view.let_download(holder.is_some_and(|viewer| viewer.person.extras.download));
        }
    }

    fn file_wanted(&mut self, id: u64, multiple: bool) {
        let holder = self.control.holder();
        let allowed = holder.and_then(|seat| self.viewers.get(&seat)).is_some_and(|viewer| viewer.person.extras.upload);
        match (holder, &self.view) {
            (Some(seat), _) if allowed => self.tell(seat, ServerMessage::FileWanted { id, multiple }),
            (holder, Some(view)) => {
                if let Some(page) = view.page.clone() {
                    tokio::spawn(async move { page.give_files(id, &[]).await });
                }
                if let Some(seat) = holder {
                    self.refuse(seat, "upload", "you don't have access to upload files here");
                }
            }
            _ => {}
        }
    }

    fn downloaded(&mut self, id: u64, name: String, size: u64, path: std::path::PathBuf) {
        let holder = self.control.holder();
        let person = holder.and_then(|seat| self.viewers.get(&seat)).map(|viewer| viewer.person.clone());
        match (holder, person) {
            (Some(seat), Some(person)) if person.extras.download && size <= LARGEST => {
                let kept = StoredFile { path, name: name.clone(), person: person.person, size, incoming: false };
                self.files.offer(id.to_string(), kept);
                self.tell(seat, ServerMessage::Download { id, name, size });
            }
            (holder, person) => {
                if let Err(error) = std::fs::remove_file(&path) {
                    tracing::warn!(%error, "a file that was not granted could not be removed");
                }
                if let Some(seat) = holder {
                    let granted = person.is_some_and(|person| person.extras.download);
                    let why = if granted {
                        "the file is larger than 25 MiB"
                    } else {
                        "you don't have access to download files here"
                    };
                    self.refuse(seat, "download", why);
                }
            }
        }
    }
}

pub(crate) async fn within<T>(work: impl Future<Output = Result<T, PageError>>) -> Result<T, PageError> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or(Err(PageError::TimedOut { what: "a page that is shown", after: PATIENCE }))
}

/// What a title or an address may take in a message.
fn cut(text: &str) -> String {
    text.chars().take(400).collect()
}

/// An address without what a link may carry for its reader alone.
fn place(address: &str) -> String {
    let Ok(mut url) = url::Url::parse(address) else { return String::new() };
    url.set_query(None);
    url.set_fragment(None);
    // They have no place for a name and a password.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if matches!(url.scheme(), "http" | "https") { url.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_is_recorded_without_what_it_carries() {
        for (address, place) in [
            ("https://example.org/reset?token=abc#x", "https://example.org/reset"),
            ("https://ana:secret@example.org/", "https://example.org/"),
            ("about:blank", ""),
            ("data:text/html,hello", ""),
            ("nothing", ""),
        ] {
            assert_eq!(super::place(address), place);
        }
    }
}
