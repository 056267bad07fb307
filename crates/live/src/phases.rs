//! Whose hand the browser is in: the machine's, a person's, or nobody's while somebody has stopped everything.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use countersign_browser::{Context, Page};
use countersign_model::{Challenge, SessionEnd};
use countersign_vault::{Error as VaultError, Participant, SessionAction};
use countersign_wire::{PhaseInfo, PhaseName, RecordingEvent, ViewerId};
use tokio::time::Instant;

use crate::{
    input::{NOT_RECORDED, why_not},
    pages::LiveBrowser,
    session::{Handover, SessionTask},
};

/// A person who has not moved for so long, and holds no button, has finished with what they did.
const AT_REST: Duration = Duration::from_millis(1_200);

impl SessionTask {
    pub(crate) async fn hand_over(&mut self, why: Handover, context: Arc<Context>, page: Page) {
        let told = match why {
            Handover::SignedIn => {
                self.signed_in = true;
                PhaseInfo::new(PhaseName::Live, "signed in")
            }
            Handover::Challenge { challenge, why } => {
                let mut told = PhaseInfo::new(PhaseName::Waiting, asks(challenge));
                told.why = why.map(|why| format!("{why}."));
                told.challenge = Some(challenge);
                // It asks still, after somebody has said that it was done.
                if std::mem::take(&mut self.done) && self.phase.phase == PhaseName::Waiting {
                    told.text = format!("The site still asks. {}", told.text);
                }
                told
            }
        };
        if self.view.as_ref().is_none_or(|view| !view.is_of(&context)) {
            if let Err(end) = self.open_browser(&context).await {
                self.end = Some(end);
                return;
            }
            self.recorder.begin();
            self.show(page).await;
            self.acted.store(false, Ordering::Relaxed);
            self.last_input = Instant::now();
        } else if self.view.as_ref().is_some_and(|view| !view.casts()) && self.thawed.is_none() {
            self.show(page).await;
        }
        match &mut self.thawed {
            // Somebody keeps it frozen; it goes on like this afterwards.
            Some(after) => *after = told,
            None => self.set_phase(told),
        }
    }

    /// Takes the browser into the person's hand, and makes sure that what they see will be recorded.
    async fn open_browser(&mut self, context: &Arc<Context>) -> Result<(), SessionEnd> {
        let view = LiveBrowser::open(context, &self.may_open, self.files.folder()).await.map_err(|error| {
            tracing::warn!(%error, "a browser could not be handed over");
            SessionEnd::BrowserGone
        })?;
        self.view = Some(view);
        self.apply_downloads();
        if self.run.live_at.is_some() {
            return Ok(());
        }
        self.vault.session_live(&mut self.run).await.map_err(|error| {
            tracing::warn!(%error, "a session cannot be shown");
            match error {
                VaultError::StorageFull => SessionEnd::StorageFull,
                VaultError::RecordingFailed(_) | VaultError::NoRecordings => SessionEnd::RecordingFailed,
                _ => SessionEnd::NodeLost,
            }
        })
    }

    /// The machine goes on only where no person is in the middle of something.
    pub(crate) async fn take_back(&mut self) -> bool {
        if self.thawed.is_some() {
            return false;
        }
        let acts = self.control.holder().is_some() && !self.done;
        if acts && (self.buttons != 0 || self.last_input.elapsed() < AT_REST) {
            return false;
        }
        self.done = false;
        self.hide().await;
        self.view = None;
        self.set_phase(PhaseInfo::new(PhaseName::SigningIn, "Countersign continues"));
        self.recorder.note(RecordingEvent::Frozen { who: None, why: "Countersign continues".to_owned() });
        true
    }

    /// Somebody stops everything, or lets it go on.
    pub(crate) async fn freeze(&mut self, seat: ViewerId, person: &Participant, on: bool) {
        let act = if on { SessionAction::Froze } else { SessionAction::Thawed };
        if on == self.thawed.is_some()
            || !matches!(self.phase.phase, PhaseName::Live | PhaseName::Waiting | PhaseName::Frozen)
        {
            return;
        }
        if let Err(error) = self.vault.record_session(&self.run, Some(person), act).await {
            // Stopping is always possible for who may; showing again is not without its record.
            let why = why_not(&error);
            if !on || why != NOT_RECORDED {
                return self.refuse(seat, "freeze", why);
            }
        }
        if on {
            self.hide().await;
            let mut frozen = PhaseInfo::new(PhaseName::Frozen, format!("{} has stopped this session", person.name));
            frozen.by = Some(person.name.clone());
            self.thawed = Some(self.phase.clone());
            let who = Some(person.name.clone());
            self.recorder.note(RecordingEvent::Frozen { who, why: "stopped".to_owned() });
            self.set_phase(frozen);
        } else if let Some(before) = self.thawed.take() {
            self.recorder.note(RecordingEvent::Thawed { who: person.name.clone() });
            if let Some(page) = self.view.as_ref().and_then(|view| view.page.clone()) {
                self.show(page).await;
            }
            self.set_phase(before);
        }
    }
}

const fn asks(challenge: Challenge) -> &'static str {
    match challenge {
        Challenge::Captcha => "The site shows a CAPTCHA. Solve it here.",
        Challenge::Location => "The site asks you to confirm this sign-in. Confirm it here.",
        Challenge::TrustBrowser => "The site asks whether to trust this browser. Choose here.",
        Challenge::NewDevice => "The site has sent a code to the account's owner. Enter it here.",
        Challenge::Unknown => "Countersign does not recognise this page. Do what it asks, then press Done.",
    }
}
