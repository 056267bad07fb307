//! Carries steps out in the browser. Secrets are typed here and nowhere else, each fetched just before.

use countersign_model::PasswordSlot;
use std::time::Duration;

use countersign_browser::{Error as PageError, Key, Page, TokenForm, TypingResult};
use countersign_otp::TokenText;
use countersign_recipe::{FieldEntry, Fill, Step, Target, TypedValue};
use countersign_seal::Secret;
use countersign_snapshot::ElementRef;
use countersign_vault::{ChangeRun, Error as VaultError, RunError};
use countersign_walk::StepDone;

use crate::{browsers::TO_OPEN, clock, shared::WorkerShared};

const TO_PRESS: Duration = Duration::from_secs(6);
const TO_FOLLOW: Duration = Duration::from_secs(2);
const TO_DISMISS: Duration = Duration::from_millis(500);
/// A token may be waited for so long: two steps of a minute, and a little.
const LONGEST_TOKEN_WAIT: Duration = Duration::from_secs(130);

/// Why a step was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExecutorError {
    /// The page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] RunError),
}

/// What types: whose secrets, and which of the passwords.
pub(crate) struct Executor<'a> {
    pub(crate) shared: &'a WorkerShared,
    pub(crate) run: &'a mut ChangeRun,
    pub(crate) slot: PasswordSlot,
    /// The password is typed to get in, which sites count.
    pub(crate) signs_in: bool,
    /// The new password, once it is stored.
    pub(crate) candidate: Option<&'a Secret>,
    /// The site's clock less ours, where that is plain.
    pub(crate) offset: Option<i64>,
    /// What is known of the form that a token is typed into.
    pub(crate) token_form: TokenForm,
    /// A password was taken out to sign in, and counted.
    pub(crate) counted: bool,
}

impl Executor<'_> {
    /// Carries one step out. Steps that end a walk are none. A password that was counted as a try and certainly did not leave
    /// is given back.
    pub(crate) async fn step(&mut self, page: &Page, act: &Step) -> Result<StepDone, ExecutorError> {
        let done = self.carry(page, act).await;
        let left = match (&done, act) {
            (Ok(done), Step::Fill(fill)) => fill.send || done.sent_itself,
            (Ok(_), _) => true,
            (Err(ExecutorError::Page(error)), _) => may_have_left(error),
            (Err(ExecutorError::Vault(_)), _) => false,
        };
        if std::mem::take(&mut self.counted) && !left {
            self.run.password_not_sent(self.slot).await?;
        }
        done
    }

    async fn carry(&mut self, page: &Page, act: &Step) -> Result<StepDone, ExecutorError> {
        match act {
            Step::Open { address } => page.open(address, TO_OPEN).await?,
            Step::Follow { element, address, .. } => match (page.click(element, TO_FOLLOW).await, address) {
                // As at the foot of a page without end.
                (Err(PageError::NotUsable { .. } | PageError::Covered { .. }), Some(address)) => {
                    page.open(address, TO_OPEN).await?;
                }
                (other, _) => other?,
            },
            Step::Choose { list, entry, submit } => {
                page.choose(list, entry).await?;
                if let Some(submit) = submit {
                    page.click(submit, TO_PRESS).await?;
                }
            }
            Step::Dismiss { ways } => dismiss(page, ways).await?,
            Step::PressEnter { element } => {
                page.focus(element).await?;
                page.press(Key::Enter).await?;
            }
            Step::Answer { press, .. } => {
                if let Some(tick) = &press.tick {
                    page.set_checked(tick, true, TO_FOLLOW).await?;
                }
                page.click(&press.button, TO_PRESS).await?;
            }
            Step::AnswerWindow { origin } => self.answer_window(page, origin).await?,
            Step::Fill(fill) => return self.fill(page, fill).await,
            Step::Compare { .. }
            | Step::Wait
            | Step::Park(_)
            | Step::SignedIn(_)
            | Step::Submitted(_)
            | Step::GiveUp(_) => {}
        }
        Ok(StepDone { sent_itself: false })
    }

    async fn answer_window(&mut self, page: &Page, origin: &str) -> Result<(), ExecutorError> {
        let password = self.run.use_password(self.slot, self.signs_in).await?;
        self.counted = self.signs_in;
        let name = self.run.username.clone();
        page.answer_sign_in(&name, password.expose(), &[origin.to_owned()], TO_OPEN).await?;
        Ok(())
    }

    async fn fill(&mut self, page: &Page, fill: &Fill) -> Result<StepDone, ExecutorError> {
        let mut sent_itself = false;
        let last = fill.entries.len().saturating_sub(1);
        for (index, entry) in fill.entries.iter().enumerate() {
            let typed = self.enter(page, entry).await?;
            // What a page does while the first of several lines is filled is no sending.
            sent_itself = typed.sent_itself && index == last;
        }
        if fill.types(TypedValue::NewPassword) {
            self.shared.point("typed");
        }
        if sent_itself || !fill.send {
            return Ok(StepDone { sent_itself });
        }
        for (element, tick) in &fill.ticks {
            page.set_checked(element, *tick, TO_FOLLOW).await?;
        }
        let sent = match (&fill.submit, fill.entries.last()) {
            (Some(button), _) => page.click(button, TO_PRESS).await,
            // Boxes for one digit each send themselves with the last.
            (None, Some(FieldEntry { into: Target::Boxes(_), .. }) | None) => Ok(()),
            (None, Some(FieldEntry { into: Target::Line(line), .. })) => match page.focus(line).await {
                Ok(()) => page.press(Key::Enter).await,
                Err(error) => Err(error),
            },
        };
        match sent {
            // A form may have sent itself with the last key.
            Err(PageError::Stale) => Ok(StepDone { sent_itself: true }),
            other => Ok(other.map(|()| StepDone { sent_itself: false })?),
        }
    }

    async fn enter(&mut self, page: &Page, entry: &FieldEntry) -> Result<TypingResult, ExecutorError> {
        let origins = std::slice::from_ref(&entry.origin);
        let password;
        let token;
        let secret: &[u8] = match entry.what {
            TypedValue::Username | TypedValue::Extra(_) => {
                let Target::Line(line) = &entry.into else { return Err(PageError::Stale.into()) };
                let text = match entry.what {
                    TypedValue::Extra(place) => {
                        let field = self.run.settings.extra_fields.get(usize::from(place));
                        field
                            .map(|field| field.value.clone())
                            .ok_or(RunError::Vault(VaultError::Empty("extra field")))?
                    }
                    _ => self.run.username.clone(),
                };
                return Ok(page.type_text(line, &text).await?);
            }
            TypedValue::Password => {
                password = self.run.use_password(self.slot, self.signs_in).await?;
                self.counted = self.signs_in;
                password.expose()
            }
            TypedValue::NewPassword => {
                self.candidate.ok_or(RunError::Vault(VaultError::Empty("new password")))?.expose()
            }
            TypedValue::Token => {
                token = self.token().await?;
                token.expose().as_bytes()
            }
        };
        Ok(match (&entry.into, entry.what) {
            (Target::Line(line), TypedValue::Token) => page.type_token(line, secret, origins, self.token_form).await?,
            (Target::Line(line), _) => page.type_secret(line, secret, origins).await?,
            (Target::Boxes(boxes), _) => page.type_into_boxes(boxes, secret, origins).await?,
        })
    }

    /// A wait that a person would wonder about.
    async fn tell_of_wait(&mut self, wait: Duration) {
        let text = format!("waiting {} s for an unused token", wait.as_secs().max(1));
        let state = self.run.state();
        if let Err(error) = self.run.report(state, &text, None).await {
            tracing::debug!(%error, "a wait was not noted");
        }
    }

    /// A token of a step that nobody has taken; waits for one if need be.
    async fn token(&mut self) -> Result<TokenText, ExecutorError> {
        let mut waited = Duration::ZERO;
        loop {
            match self.run.use_token(self.offset.map_or(0, clock::plain)).await {
                Err(RunError::Vault(VaultError::StepTaken { wait })) if waited < LONGEST_TOKEN_WAIT => {
                    self.tell_of_wait(wait).await;
                    let wait = wait + Duration::from_millis(300);
                    waited += wait;
                    (self.shared.options.pause)(wait).await;
                }
                other => return Ok(other?),
            }
        }
    }
}

/// Whether a page that failed so may have sent what was typed before: it does not answer, or is gone.
const fn may_have_left(error: &PageError) -> bool {
    matches!(error, PageError::TimedOut { .. }) || error.is_gone()
}

async fn dismiss(page: &Page, ways: &[ElementRef]) -> Result<(), PageError> {
    let mut outcome = Err(PageError::Stale);
    for way in ways {
        outcome = page.click(way, TO_DISMISS).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
