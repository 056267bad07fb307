//! One session: a task that hears viewers, the machine and the browser in turn.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use countersign_browser::{Context, LiveEvent, Page, ScreencastFrame};
use countersign_model::{Challenge, Level, SessionEnd, SessionId};
use countersign_seal::Secret;
use countersign_snapshot::Size;
use countersign_vault::{Participant, SessionAction, SessionRun, Vault};
use countersign_wire::{
    ClientMessage, PersonInfo, PhaseInfo, PhaseName, RecordingEvent, ServerMessage, SessionInfo, TabInfo, ViewerId,
    ViewerInfo,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use crate::{
    control::Control,
    files::SessionFiles,
    hub::MayOpen,
    pages::{LiveBrowser, TabReadings},
    recorder::{Recorder, RecordingFailure},
    typed::TypedAmount,
    viewer_connection::{RateLimit, ViewerConnection, WAITING_MESSAGES},
};

/// How often the vault hears that the session lives, and says who wishes it to end.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// So many heartbeats may fail before the session is given up.
const MAX_FAILED: u32 = 12;
/// Tries to write the end of a session, and how long between two.
const TRIES_TO_END: u32 = 30;
const BETWEEN_TRIES: Duration = Duration::from_secs(2);

/// A session's handle, for the machine that signs in and for whoever lets viewers in.
pub struct SessionHandle {
    id: SessionId,
    urgent: mpsc::UnboundedSender<SessionCommand>,
    over: watch::Receiver<bool>,
    acted: Arc<AtomicBool>,
    pub(crate) files: Arc<SessionFiles>,
    pub(crate) vault: Vault,
    pub(crate) run: SessionRun,
    pub(crate) recorder: Recorder,
}

/// What the machine gives out of its hands, and to what purpose.
pub enum Handover {
    /// Signed in: the browser is the person's until the end.
    SignedIn,
    /// A site asks for a person; the machine wants it back.
    Challenge {
        /// What it asks.
        challenge: Challenge,
        /// What a person should know beside.
        why: Option<String>,
    },
}

pub(crate) enum SessionCommand {
    Join {
        person: Participant,
        reply: oneshot::Sender<ViewerConnection>,
    },
    Left {
        seat: ViewerId,
    },
    /// What they may do has changed.
    Seated {
        seat: ViewerId,
        person: Participant,
    },
    Asked {
        seat: ViewerId,
        asked: ClientMessage,
    },
    /// What the machine does, for whoever looks on.
    Step(String),
    HandOver {
        why: Handover,
        context: Arc<Context>,
        page: Page,
    },
    TakeBack {
        reply: oneshot::Sender<bool>,
    },
    Read(TabReadings),
    End(SessionEnd),
}

impl SessionHandle {
    pub(crate) fn start(
        vault: Vault,
        run: SessionRun,
        may_open: MayOpen,
        gone: impl FnOnce() + std::marker::Send + 'static,
    ) -> Arc<Self> {
        // Input waits here when the browser is slow, and with it the socket it comes from.
        let (commands, heard) = mpsc::channel(64);
        let (urgent, heard_first) = mpsc::unbounded_channel();
        let (over_tell, over) = watch::channel(false);
        let files = Arc::new(SessionFiles::default());
        let session =
            SessionTask::new(vault.clone(), run.clone(), may_open, commands, urgent.clone(), Arc::clone(&files));
        let acted = Arc::clone(&session.acted);
        let live =
            Arc::new(Self { id: run.id, urgent, over, acted, files, vault, run, recorder: session.recorder.clone() });
        tokio::spawn(async move {
            session.go_on(heard, heard_first).await;
            gone();
            over_tell.send_replace(true);
        });
        live
    }

    /// Which session.
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// A place for somebody whom the vault has let in; `None` when the session has ended.
    pub async fn join(&self, person: Participant) -> Option<ViewerConnection> {
        let (reply, seat) = oneshot::channel();
        self.urgent.send(SessionCommand::Join { person, reply }).ok()?;
        seat.await.ok()
    }

    /// Tells whoever looks on what the machine does.
    pub fn step(&self, text: &str) {
        let _ = self.urgent.send(SessionCommand::Step(text.to_owned()));
    }

    /// Gives the browser to the person. Asked again while it is theirs, it says anew what for.
    pub fn hand_over(&self, why: Handover, context: &Arc<Context>, page: &Page) {
        let _ = self.urgent.send(SessionCommand::HandOver { why, context: Arc::clone(context), page: page.clone() });
    }

    /// The machine wants to go on: the picture is frozen and nobody holds control once this gives `true`. `false` while
    /// a person is in the middle of something. A session that is over is in nobody's hand.
    pub async fn take_back(&self) -> bool {
        let (reply, taken) = oneshot::channel();
        if self.urgent.send(SessionCommand::TakeBack { reply }).is_err() {
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
        let _ = self.urgent.send(SessionCommand::End(why));
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

/// Who looks on, inside the session's task.
pub(crate) struct Viewer {
    pub(crate) person: Participant,
    pub(crate) typed: TypedAmount,
    told: mpsc::Sender<Arc<ServerMessage>>,
}

pub(crate) struct SessionTask {
    pub(crate) vault: Vault,
    pub(crate) run: SessionRun,
    pub(crate) may_open: MayOpen,
    pub(crate) viewers: BTreeMap<ViewerId, Viewer>,
    pub(crate) control: Control,
    pub(crate) phase: PhaseInfo,
    /// What the phase was before somebody froze it.
    pub(crate) thawed: Option<PhaseInfo>,
    pub(crate) view: Option<LiveBrowser>,
    pub(crate) frames: watch::Sender<Option<Arc<ScreencastFrame>>>,
    pub(crate) recorder: Recorder,
    pub(crate) files: Arc<SessionFiles>,
    pub(crate) last_input: Instant,
    /// A person's input has come since the browser was handed over.
    pub(crate) acted: Arc<AtomicBool>,
    pub(crate) buttons: u8,
    /// Where the mouse was last.
    pub(crate) pointer: (f64, f64),
    /// Someone has said that what the site asked for is done.
    pub(crate) done: bool,
    pub(crate) keys: crate::input::KeyTally,
    /// The window that the viewer who holds control has asked for.
    pub(crate) window: Option<(Size, f64)>,
    /// The page has a field for a secret under the keyboard.
    pub(crate) secret_field: bool,
    pub(crate) signed_in: bool,
    pub(crate) end: Option<SessionEnd>,
    begun: Instant,
    next_seat: ViewerId,
    failed_heartbeats: u32,
    commands: mpsc::Sender<SessionCommand>,
    pub(crate) urgent: mpsc::UnboundedSender<SessionCommand>,
    pub(crate) tabs: Vec<TabInfo>,
    pub(crate) history: (bool, bool),
}

impl SessionTask {
    fn new(
        vault: Vault,
        run: SessionRun,
        may_open: MayOpen,
        commands: mpsc::Sender<SessionCommand>,
        urgent: mpsc::UnboundedSender<SessionCommand>,
        files: Arc<SessionFiles>,
    ) -> Self {
        let (frames, shown) = watch::channel(None);
        let now = Instant::now();
        Self {
            recorder: Recorder::start(vault.clone(), run.clone(), shown),
            vault,
            run,
            may_open,
            viewers: BTreeMap::new(),
            control: Control::default(),
            phase: PhaseInfo::new(PhaseName::SigningIn, "Started"),
            thawed: None,
            view: None,
            frames,
            files,
            last_input: now,
            acted: Arc::new(AtomicBool::new(false)),
            buttons: 0,
            pointer: (0.0, 0.0),
            done: false,
            keys: crate::input::KeyTally::default(),
            window: None,
            secret_field: false,
            signed_in: false,
            end: None,
            begun: now,
            next_seat: 1,
            failed_heartbeats: 0,
            commands,
            urgent,
            tabs: Vec::new(),
            history: (false, false),
        }
    }

    async fn go_on(
        mut self,
        mut heard: mpsc::Receiver<SessionCommand>,
        mut first: mpsc::UnboundedReceiver<SessionCommand>,
    ) {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut recorder = self.recorder.clone();
        let mut moved = self.vault.revision_moved();
        while self.end.is_none() {
            tokio::select! {
                biased;
                Some(command) = first.recv() => self.command(command).await,
                event = next_of(&mut self.view) => self.browser(event).await,
                failure = recorder.failed() => {
                    self.end = Some(match failure {
                        RecordingFailure::Full => SessionEnd::StorageFull,
                        RecordingFailure::Refused => SessionEnd::RecordingFailed,
                    });
                }
                _ = heartbeat.tick() => self.beat().await,
                // The right to it may have been taken from its owner.
                Ok(()) = moved.changed() => self.beat().await,
                Some(command) = heard.recv() => self.command(command).await,
            }
        }
        let end = self.end.unwrap_or(SessionEnd::Closing);
        self.finish(end).await;
    }

    async fn command(&mut self, command: SessionCommand) {
        match command {
            SessionCommand::Join { person, reply } => self.join(&person, reply).await,
            SessionCommand::Left { seat } => self.left(seat).await,
            SessionCommand::Seated { seat, person } => self.seated(seat, person).await,
            SessionCommand::Asked { seat, asked } => self.asked(seat, asked).await,
            SessionCommand::Step(text) => {
                if self.phase.phase == PhaseName::SigningIn {
                    self.set_phase(PhaseInfo::new(PhaseName::SigningIn, text));
                }
            }
            SessionCommand::HandOver { why, context, page } => self.hand_over(why, context, page).await,
            SessionCommand::TakeBack { reply } => {
                let taken = self.take_back().await;
                let _ = reply.send(taken);
            }
            SessionCommand::Read(read) => self.read(read),
            SessionCommand::End(why) => self.end = self.end.or(Some(why)),
        }
    }

    async fn join(&mut self, person: &Participant, reply: oneshot::Sender<ViewerConnection>) {
        let id = self.next_seat;
        self.next_seat += 1;
        let (told, heard) = mpsc::channel(WAITING_MESSAGES);
        let now = Instant::now();
        let owner = person.person == self.run.owner;
        let (name, level) = (person.name.clone(), person.level);
        let mut frames = self.frames.subscribe();
        // Who comes later sees the picture that the others see.
        frames.mark_changed();
        let seat = ViewerConnection {
            id,
            person: person.clone(),
            commands: self.commands.clone(),
            urgent: self.urgent.clone(),
            told: heard,
            frames,
            allowance: RateLimit::full(now),
            garbage: 0,
            sent: 0,
            drawn: Arc::default(),
            last: None,
        };
        self.viewers.insert(id, Viewer { person: person.clone(), told, typed: TypedAmount::default() });
        self.tell_hello(id);
        self.tell(id, ServerMessage::Phase(self.phase.clone()));
        if !self.tabs.is_empty() {
            self.tell(id, self.told_tabs());
        }
        self.recorder.note(RecordingEvent::Joined { level, who: name.clone() });
        if self.control.come(id, &name, owner, level, now) {
            self.record_control(id, person, SessionAction::TookControl).await;
        }
        self.last_input = now;
        self.tell_people();
        self.tell_clock();
        // Whoever asked may have gone; then the seat's own end says so.
        let _ = reply.send(seat);
    }

    /// Grants are given and taken back while people are here.
    async fn seated(&mut self, seat: ViewerId, person: Participant) {
        let Some(viewer) = self.viewers.get_mut(&seat) else { return };
        viewer.person = person.clone();
        if person.level < Level::Interact && self.control.give(seat) {
            self.let_go_of_buttons();
            self.record_control(seat, &person, SessionAction::GaveControl).await;
        }
        self.apply_downloads();
        self.tell_hello(seat);
        self.tell_people();
    }

    async fn left(&mut self, seat: ViewerId) {
        let Some(viewer) = self.viewers.remove(&seat) else { return };
        let name = viewer.person.name.clone();
        self.recorder.note(RecordingEvent::Left { who: name.clone() });
        if self.control.leave(seat, &name, Instant::now()) {
            self.let_go_of_buttons();
            self.apply_downloads();
            self.recorder.note(RecordingEvent::Control { who: None });
        }
        if let Err(error) = self.vault.record_session(&self.run, Some(&viewer.person), SessionAction::Left).await {
            tracing::warn!(%error, "that somebody left a session was not recorded");
        }
        self.tell_people();
    }

    async fn beat(&mut self) {
        self.flush_keys();
        match self.vault.session_seen(&self.run).await {
            Ok(wishes) => {
                self.failed_heartbeats = 0;
                self.end = self.end.or(wishes.end);
            }
            Err(countersign_vault::Error::LeaseLost) => self.end = Some(SessionEnd::NodeLost),
            Err(error) => {
                self.failed_heartbeats += 1;
                tracing::warn!(%error, "the vault does not hear that a session lives");
                if self.failed_heartbeats > MAX_FAILED {
                    self.end = Some(SessionEnd::NodeLost);
                }
            }
        }
        if self.begun.elapsed() >= self.run.longest {
            self.end = self.end.or(Some(SessionEnd::Clock));
        }
        if self.phase.phase != PhaseName::SigningIn && self.last_input.elapsed() >= self.run.idle {
            self.end = self.end.or(Some(SessionEnd::Idle));
        }
        self.tell_clock();
    }

    fn tell_clock(&self) {
        let left = self.run.longest.saturating_sub(self.begun.elapsed()).as_secs();
        let idle_left = self.run.idle.saturating_sub(self.last_input.elapsed()).as_secs();
        self.tell_all(&ServerMessage::Clock { left, idle_left });
    }

    /// Everything of the session is written, whatever it was that ended it.
    async fn finish(mut self, end: SessionEnd) {
        self.flush_keys();
        self.hide().await;
        self.recorder.note(RecordingEvent::Ended { why: end });
        // Whoever reads that it has ended may go on to its recording, which is whole by then.
        self.recorder.end().await;
        let mut told = PhaseInfo::new(PhaseName::Ended, end.says(&self.run.owner_name));
        told.end = Some(end);
        self.set_phase(told);
        if self.signed_in && self.run.change.is_none() && end != SessionEnd::BrowserGone {
            self.keep_browser().await;
        }
        for left in (0..TRIES_TO_END).rev() {
            match self.vault.close_session(&mut self.run, end).await {
                Ok(()) => break,
                Err(countersign_vault::Error::LeaseLost | countersign_vault::Error::Closing) => break,
                Err(error) => tracing::warn!(%error, left, "the end of a session cannot be written"),
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }

    /// What the browser remembers is kept for the next time. Worth having, and no condition.
    async fn keep_browser(&mut self) {
        let Some(context) = self.view.as_ref().map(|view| Arc::clone(&view.context)) else { return };
        let kept = async {
            let state = context.state().await.map_err(|error| error.to_string())?;
            let identity = serde_json::to_string(context.identity()).map_err(|error| error.to_string())?;
            let state = Secret::from(state.expose().to_vec());
            self.vault.keep_session_browser(&self.run, &state, &identity).await.map_err(|error| error.to_string())
        };
        match tokio::time::timeout(Duration::from_secs(15), kept).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what a session's browser remembers was not kept"),
            Err(_) => tracing::warn!("what a session's browser remembers was not kept: it does not answer"),
        }
    }

    pub(crate) fn set_phase(&mut self, phase: PhaseInfo) {
        if self.phase != phase {
            self.phase = phase.clone();
            self.tell_all(&ServerMessage::Phase(phase));
        }
    }

    fn tell_hello(&self, seat: ViewerId) {
        let Some(viewer) = self.viewers.get(&seat) else { return };
        let size = self.window.map_or([1280, 900], |(size, _)| [size.w, size.h]);
        let person = &viewer.person;
        self.tell(
            seat,
            ServerMessage::Hello {
                session: SessionInfo {
                    id: self.run.id.to_string(),
                    credential_name: self.run.credential_name.clone(),
                    change: self.run.change.map(|change| change.to_string()),
                },
                you: ViewerInfo {
                    seat,
                    name: person.name.clone(),
                    level: person.level,
                    extras: person.extras,
                    may_end: person.may_end,
                    may_freeze: person.may_freeze,
                },
                size,
            },
        );
    }

    pub(crate) fn tell_people(&self) {
        let people = self
            .viewers
            .iter()
            .map(|(seat, viewer)| PersonInfo {
                seat: *seat,
                name: viewer.person.name.clone(),
                level: viewer.person.level,
                control: self.control.holds(*seat),
            })
            .collect();
        self.tell_all(&ServerMessage::People { people });
    }

    pub(crate) fn tell(&self, seat: ViewerId, told: ServerMessage) {
        if let Some(viewer) = self.viewers.get(&seat) {
            viewer.tell(&Arc::new(told), &self.urgent, seat);
        }
    }

    pub(crate) fn tell_all(&self, told: &ServerMessage) {
        let told = Arc::new(told.clone());
        for (seat, viewer) in &self.viewers {
            viewer.tell(&told, &self.urgent, *seat);
        }
    }
}

impl Viewer {
    /// Who does not read is let go, so that nothing piles up for them.
    fn tell(&self, told: &Arc<ServerMessage>, urgent: &mpsc::UnboundedSender<SessionCommand>, seat: ViewerId) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.told.try_send(Arc::clone(told)) {
            let _ = urgent.send(SessionCommand::Left { seat });
        }
    }
}

/// The browser's next event; for ever where it is in nobody's hand.
async fn next_of(view: &mut Option<LiveBrowser>) -> Option<LiveEvent> {
    match view {
        Some(view) => view.next().await,
        None => std::future::pending().await,
    }
}
