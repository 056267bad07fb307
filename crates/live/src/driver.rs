//! One task a session: hears viewers, the machine, the browser and the clock in turn, and does what the rules in `session/` say.
//! It decides nothing.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use countersign_model::SessionEnd;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior},
};

use crate::{
    browser::BrowserHand,
    command::SessionCommand,
    files::SessionFiles,
    recorder::{Recorder, RecordingFailure},
    records::Records,
    session::{Effect, Event, SessionCore, TakenBrowser},
    viewers::Viewers,
};

/// How often the vault hears that the session lives, and says who wishes it to end.
const HEARTBEAT: Duration = Duration::from_secs(5);

pub(crate) struct SessionDriver {
    pub(crate) core: SessionCore,
    pub(crate) begun: Instant,
    pub(crate) browser: BrowserHand,
    pub(crate) viewers: Viewers,
    pub(crate) records: Records,
    pub(crate) recorder: Recorder,
    pub(crate) files: Arc<SessionFiles>,
    /// Whether a person's input has come, for whoever asks the handle.
    pub(crate) acted: Arc<AtomicBool>,
    /// Who asks whether the machine may go on.
    pub(crate) taking_back: Option<oneshot::Sender<bool>>,
    pub(crate) input: mpsc::Receiver<Event>,
    pub(crate) urgent: mpsc::UnboundedReceiver<Event>,
}

impl SessionDriver {
    /// Until the session has ended and everything of it is written.
    pub(crate) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<SessionCommand>) {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut recorder = self.recorder.clone();
        let mut moved = self.records.vault.revision_moved();
        let end = loop {
            if let Some(end) = self.core.end() {
                break end;
            }
            let event = tokio::select! {
                biased;
                Some(command) = commands.recv() => self.event_of(command),
                Some(event) = self.urgent.recv() => event,
                event = self.browser.next() => event,
                failure = recorder.failed() => Event::End(match failure {
                    RecordingFailure::Full => SessionEnd::StorageFull,
                    RecordingFailure::Refused => SessionEnd::RecordingFailed,
                }),
                _ = heartbeat.tick() => Event::Beat,
                // The right to it may have been taken from its owner.
                Ok(()) = moved.changed() => Event::Beat,
                Some(event) = self.input.recv() => event,
            };
            self.happened(event).await;
        };
        self.happened(Event::Finish(end)).await;
        // Last, since everything of a session that has ended can be read.
        self.records.close(end).await;
    }

    fn event_of(&mut self, command: SessionCommand) -> Event {
        match command {
            SessionCommand::Join { person, reply } => {
                self.viewers.expect(reply);
                Event::Joined(person)
            }
            SessionCommand::HandOver { why, context, page } => {
                Event::HandedOver { why, offered: self.browser.offer(context, page) }
            }
            SessionCommand::TakeBack { reply } => {
                self.taking_back = Some(reply);
                Event::TakeBack
            }
            SessionCommand::Happened(event) => event,
        }
    }

    /// Does what follows. An answer comes before anything else is done.
    async fn happened(&mut self, event: Event) {
        let mut open = VecDeque::from(self.core.handle(event, self.begun.elapsed()));
        while let Some(effect) = open.pop_front() {
            let Some(answer) = self.carry_out(effect).await else { continue };
            for effect in self.core.handle(answer, self.begun.elapsed()).into_iter().rev() {
                open.push_front(effect);
            }
        }
    }

    async fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Note(event) => self.recorder.note(event),
            Effect::BeginRecording => self.recorder.begin(),
            Effect::EndRecording => self.recorder.end().await,
            Effect::Tell(seat, told) => self.viewers.tell(seat, told),
            Effect::TellAll(told) => self.viewers.tell_all(told),
            Effect::Admit { seat, person } => self.viewers.admit(seat, person),
            Effect::Welcome => self.viewers.welcome(),
            Effect::Dismiss(seat) => self.viewers.dismiss(seat),
            Effect::Acted(acted) => self.acted.store(acted, Ordering::Relaxed),
            Effect::TakenBack(taken) => {
                // Who has asked may be gone.
                let _ = self.taking_back.take().map(|reply| reply.send(taken));
            }
            Effect::TakeBrowser(to) => return Some(Event::BrowserTaken { to, taken: self.take_browser().await }),
            Effect::TakeUpload(batch) => return Some(self.records.take_upload(&self.files, batch).await),
            Effect::Offer { id, file } => self.files.offer(id, file),
            Effect::Remove(path) => self.files.remove(&path),
            Effect::KeepBrowser => {
                if let Some(context) = self.browser.context() {
                    self.records.keep_browser(&context).await;
                }
            }
            Effect::Page(effect) => return self.browser.carry_out(effect).await,
            Effect::Vault(effect) => return Some(self.records.carry_out(effect).await),
        }
        None
    }

    async fn take_browser(&mut self) -> Result<TakenBrowser, SessionEnd> {
        let taken = self.browser.take(self.files.folder()).await.map_err(|error| {
            tracing::warn!(%error, "a browser could not be handed over");
            SessionEnd::BrowserGone
        })?;
        self.records.go_live().await.map(|()| taken)
    }
}
