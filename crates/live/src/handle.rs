//! A session from outside: for the machine that signs in, and for whoever lets viewers in.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use countersign_browser::{Context, Page};
use countersign_model::{SessionEnd, SessionId};
use countersign_vault::{Participant, SessionRun, SessionWriter, Vault};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use crate::{
    browser::BrowserHand,
    command::SessionCommand,
    driver::SessionDriver,
    files::SessionFiles,
    recorder::Recorder,
    records::Records,
    session::{Event, Handover, MayOpen, SessionCore, SessionFacts},
    viewer_connection::ViewerConnection,
    viewers::Viewers,
};

/// So many messages wait when the browser is slow, and after them the sockets they come from.
const WAITING_INPUT: usize = 64;

/// A session's handle.
pub struct SessionHandle {
    id: SessionId,
    commands: mpsc::UnboundedSender<SessionCommand>,
    over: watch::Receiver<bool>,
    acted: Arc<AtomicBool>,
    pub(crate) files: Arc<SessionFiles>,
    pub(crate) vault: Vault,
    pub(crate) writer: SessionWriter,
    pub(crate) recorder: Recorder,
}

impl SessionHandle {
    pub(crate) fn start(
        vault: Vault,
        run: SessionRun,
        may_open: MayOpen,
        gone: impl FnOnce() + std::marker::Send + 'static,
    ) -> Arc<Self> {
        let (commands, heard) = mpsc::unbounded_channel();
        let (over_tell, over) = watch::channel(false);
        let (files, acted) = (Arc::<SessionFiles>::default(), Arc::<AtomicBool>::default());
        let (frames, shown) = watch::channel(None);
        let (input_to, input) = mpsc::channel(WAITING_INPUT);
        let (urgent_to, urgent) = mpsc::unbounded_channel();
        let (id, writer) = (run.id, run.writer());
        let recorder = Recorder::start(run.writer(), shown);
        let driver = SessionDriver {
            core: SessionCore::new(SessionFacts::of(&vault, &run, Arc::clone(&may_open))),
            begun: Instant::now(),
            browser: BrowserHand::new(may_open, frames.clone(), recorder.clone(), urgent_to.clone()),
            viewers: Viewers::new(frames, input_to, urgent_to),
            records: Records { vault: vault.clone(), writer: run.writer(), run },
            recorder: recorder.clone(),
            files: Arc::clone(&files),
            acted: Arc::clone(&acted),
            taking_back: None,
            input,
            urgent,
        };
        tokio::spawn(async move {
            driver.run(heard).await;
            gone();
            over_tell.send_replace(true);
        });
        Arc::new(Self { id, commands, over, acted, files, vault, writer, recorder })
    }

    /// Which session.
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// A place for somebody whom the vault has let in; `None` when the session has ended.
    pub async fn join(&self, person: Participant) -> Option<ViewerConnection> {
        let (reply, seat) = oneshot::channel();
        self.commands.send(SessionCommand::Join { person, reply }).ok()?;
        seat.await.ok()
    }

    /// Tells whoever looks on what the machine does.
    pub fn step(&self, text: &str) {
        let _ = self.commands.send(SessionCommand::Happened(Event::Step(text.to_owned())));
    }

    /// Gives the browser to the person. Asked again while it is theirs, it says anew what for.
    pub fn hand_over(&self, why: Handover, context: &Arc<Context>, page: &Page) {
        let _ = self.commands.send(SessionCommand::HandOver { why, context: Arc::clone(context), page: page.clone() });
    }

    /// The machine wants to go on: the picture is frozen and nobody holds control once this gives `true`. `false` while
    /// a person is in the middle of something. A session that is over is in nobody's hand.
    pub async fn take_back(&self) -> bool {
        let (reply, taken) = oneshot::channel();
        if self.commands.send(SessionCommand::TakeBack { reply }).is_err() {
            return true;
        }
        taken.await.unwrap_or(true)
    }

    /// Whether a person's input has come since the browser was handed over.
    pub fn has_acted(&self) -> bool {
        self.acted.load(Ordering::Relaxed)
    }

    /// Ends it.
    pub fn end(&self, why: SessionEnd) {
        let _ = self.commands.send(SessionCommand::Happened(Event::End(why)));
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    /// Waits until it has ended and everything of it is written.
    pub async fn ended(&self) {
        let mut over = self.over.clone();
        let _ = over.wait_for(|over| *over).await;
    }
}
