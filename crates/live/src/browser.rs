//! The browser in a person's hand, and doing in it what the session's rules say.

use std::{path::PathBuf, sync::Arc, time::Duration};

use countersign_browser::{
    Context, Error as PageError, LiveContext as LivePages, LiveEvent, LiveOptions, Page, Screencast, ScreencastFrame,
};
use countersign_wire::{NavigateAction, RecordingEvent, TabInfo, ViewerId};
use futures_util::FutureExt as _;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    recorder::Recorder,
    session::{Event, MayOpen, Offered, OpenPage, PageEffect, PageSilent, TabToRead, TakenBrowser, Window},
};

/// Enough for text to be read, at a third of the bytes of the best.
const QUALITY: u8 = 70;
/// A page that hangs keeps nothing else waiting.
const PATIENCE: Duration = Duration::from_secs(2);
const TO_OPEN: Duration = Duration::from_secs(20);

/// A session's way to its browser.
pub(crate) struct BrowserHand {
    view: Option<LiveBrowser>,
    /// What the machine hands over.
    offered: Option<(Arc<Context>, Page)>,
    may_open: MayOpen,
    frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
    recorder: Recorder,
    /// For what is read while other things go on.
    later: mpsc::UnboundedSender<Event>,
}

/// A browser in a person's hand.
struct LiveBrowser {
    live: LivePages,
    context: Arc<Context>,
    /// The tab that is shown.
    page: Page,
    cast: Option<JoinHandle<()>>,
}

impl Drop for LiveBrowser {
    fn drop(&mut self) {
        if let Some(cast) = &self.cast {
            cast.abort();
        }
    }
}

impl LiveBrowser {
    fn pages(&self) -> Vec<OpenPage> {
        let pages = self.live.pages().into_iter();
        pages.map(|page| OpenPage { id: page.id().to_owned(), by_page: page.is_opened_by_page() }).collect()
    }

    fn find(&self, id: &str) -> Option<Page> {
        self.live.pages().into_iter().find(|page| page.id() == id)
    }
}

impl BrowserHand {
    pub(crate) const fn new(
        may_open: MayOpen,
        frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
        recorder: Recorder,
        later: mpsc::UnboundedSender<Event>,
    ) -> Self {
        Self { view: None, offered: None, may_open, frames, recorder, later }
    }

    /// Notes what the machine hands over.
    pub(crate) fn offer(&mut self, context: Arc<Context>, page: Page) -> Offered {
        let same = self.view.as_ref().filter(|view| Arc::ptr_eq(&view.context, &context));
        if let Some(view) = same {
            return Offered::Same { casts: view.cast.is_some(), page: page.id().to_owned() };
        }
        self.offered = Some((context, page));
        Offered::New
    }

    /// Takes what was offered into the person's hand. Nothing is shown yet.
    pub(crate) async fn take(&mut self, downloads: Option<PathBuf>) -> Result<TakenBrowser, PageError> {
        let Some((context, page)) = self.offered.take() else { return Err(PageError::PageClosed) };
        let options = LiveOptions { may_open: Arc::clone(&self.may_open), downloads };
        let live = context.live(options).await?;
        let view = self.view.insert(LiveBrowser { live, context, page, cast: None });
        Ok(TakenBrowser { page: view.page.id().to_owned(), pages: view.pages() })
    }

    pub(crate) fn context(&self) -> Option<Arc<Context>> {
        self.view.as_ref().map(|view| Arc::clone(&view.context))
    }

    /// What happens in it next; for ever nothing where it is in nobody's hand.
    pub(crate) async fn next(&mut self) -> Event {
        let Some(view) = &mut self.view else { return std::future::pending().await };
        match view.live.told().await {
            None => Event::BrowserGone,
            Some(LiveEvent::Tabs) => Event::Tabs(view.pages()),
            Some(LiveEvent::Crashed { page }) => Event::Crashed { page, pages: view.pages() },
            Some(event) => Event::Browser(event),
        }
    }

    /// Does it. Without a browser in hand there is nothing to do it in.
    pub(crate) async fn carry_out(&mut self, effect: PageEffect) -> Option<Event> {
        match effect {
            PageEffect::Show { page, window } => self.show(&page, window).await,
            PageEffect::Hide => self.hide().await,
            PageEffect::LetGo => self.view = None,
            PageEffect::OpenNew => return self.open_new().await,
            PageEffect::ReadTabs(tabs) => self.read(tabs),
            effect => return self.in_view(effect).await,
        }
        None
    }

    async fn in_view(&self, effect: PageEffect) -> Option<Event> {
        let view = self.view.as_ref()?;
        let page = view.page.clone();
        match effect {
            PageEffect::Input(input) => page.send_input(&input),
            PageEffect::NameClick { who, x, y } => self.name_click(&page, who, x, y),
            PageEffect::SetSize((size, scale)) => {
                say_if_not("given its size", within(page.set_size(size, scale)).await);
            }
            PageEffect::LetDownload(on) => view.live.let_download(on),
            PageEffect::AnswerDialog { id, accept, text } => page.answer_dialog(id, accept, text.as_deref()),
            PageEffect::ChooseOption { id, index } => {
                tokio::spawn(async move { page.choose_option(id, index).await });
            }
            PageEffect::GiveFiles { id, paths } => {
                tokio::spawn(async move { page.give_files(id, &paths).await });
            }
            PageEffect::Go { act, address } => go(page, act, address),
            PageEffect::Open { page, address } => {
                if let Some(page) = view.find(&page) {
                    go(page, NavigateAction::Open, Some(address));
                }
            }
            PageEffect::Close(page) => {
                if let Some(page) = view.find(&page) {
                    page.close();
                }
            }
            PageEffect::Select { seat, cut } => return Some(select(&page, seat, cut).await),
            _ => {}
        }
        None
    }

    async fn show(&mut self, id: &str, window: Option<Window>) {
        self.hide().await;
        let Some(view) = &mut self.view else { return };
        // One that has just been closed is told of by the next event.
        let Some(page) = view.find(id).or_else(|| (view.page.id() == id).then(|| view.page.clone())) else { return };
        view.page = page.clone();
        if let Some((size, scale)) = window {
            say_if_not("given its size", within(page.set_size(size, scale)).await);
        }
        say_if_not("brought to the front", within(page.bring_to_front()).await);
        match within(page.start_screencast(Screencast { quality: QUALITY })).await {
            Ok(cast) => view.cast = Some(tokio::spawn(pass_on(cast, self.frames.clone()))),
            Err(error) => tracing::warn!(%error, "a tab cannot be shown"),
        }
    }

    /// Shows nothing any more.
    async fn hide(&mut self) {
        let Some(view) = &mut self.view else { return };
        if let Some(cast) = view.cast.take() {
            cast.abort();
            // What it was about to hand on is not handed on later.
            let _ = cast.await;
        }
        if let Err(error) = within(view.page.stop_screencast()).await {
            tracing::debug!(%error, "a tab is still pictured, for nobody");
        }
        // However short it was seen, it was seen.
        if let Some(last) = self.frames.send_replace(None) {
            self.recorder.note_last(last);
        }
    }

    async fn open_new(&self) -> Option<Event> {
        let context = self.context()?;
        let opened = within(context.open_page()).await;
        let opened = opened.inspect_err(|error| tracing::warn!(%error, "no tab can be opened"));
        Some(Event::PageOpened(opened.ok().map(|page| page.id().to_owned())))
    }

    /// Reads titles and addresses beside everything else: a page that hangs answers late or not at all.
    fn read(&self, wanted: Vec<TabToRead>) {
        let Some(view) = &self.view else { return };
        let found = wanted.into_iter().filter_map(|tab| Some((view.find(&tab.page)?, tab)));
        let found: Vec<(Page, TabToRead)> = found.collect();
        let later = self.later.clone();
        tokio::spawn(async move {
            let mut tabs = Vec::with_capacity(found.len());
            let mut history = (false, false);
            for (page, TabToRead { number, active, crashed, .. }) in found {
                let (title, address) =
                    tokio::time::timeout(PATIENCE, page.title_and_address()).await.unwrap_or_default();
                if active {
                    history = within(page.history()).await.unwrap_or_default();
                }
                tabs.push(TabInfo { id: number, title: cut(&title), address: cut(&address), active, crashed });
            }
            let _ = later.send(Event::TabsRead { tabs, history });
        });
    }

    /// Asks what is there before the click is sent, and notes it when the answer has come.
    fn name_click(&self, page: &Page, who: String, x: f64, y: f64) {
        let named = page.clone();
        let mut name = Box::pin(async move { within(named.name_at(x, y)).await });
        let recorder = self.recorder.clone();
        let note = move |found: Result<Option<(String, String)>, _>| {
            let (role, name) = found.ok().flatten().unwrap_or_default();
            recorder.note(RecordingEvent::Click { name, role, who });
        };
        // The first poll sends the question; the click goes after it on the same way.
        match (&mut name).now_or_never() {
            Some(found) => note(found),
            None => {
                tokio::spawn(async move { note(name.await) });
            }
        }
    }
}

/// Going somewhere takes as long as the site takes; input goes on meanwhile.
fn go(page: Page, act: NavigateAction, address: Option<String>) {
    tokio::spawn(async move {
        let went = match (act, address) {
            (NavigateAction::Open, Some(address)) => page.open(&address, TO_OPEN).await,
            (NavigateAction::Back, _) => page.go_back().await,
            (NavigateAction::Forward, _) => page.go_forward().await,
            _ => page.reload().await,
        };
        if let Err(error) = went {
            tracing::debug!(%error, "a tab did not go where it was sent");
        }
    });
}

async fn select(page: &Page, seat: ViewerId, cut: bool) -> Event {
    let text = within(page.selected_text(cut)).await;
    let text = text.inspect_err(|error| tracing::debug!(%error, "nothing could be copied"));
    Event::Selected { seat, text: text.map_err(|_| PageSilent) }
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

async fn within<T>(work: impl Future<Output = Result<T, PageError>>) -> Result<T, PageError> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .unwrap_or(Err(PageError::TimedOut { what: "a page that is shown", after: PATIENCE }))
}

/// What a title or an address may take in a message.
fn cut(text: &str) -> String {
    text.chars().take(400).collect()
}
