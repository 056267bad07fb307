//! Carries acts out in the browser. Secrets are typed here and nowhere else, each fetched just before.

use std::time::Duration;

use countersign_browser::{Error as PageError, Key, Page, Typed};
use countersign_otp::TokenText;
use countersign_picture::ElementRef;
use countersign_recipe::{Act, Entry, Fill, Into, What};
use countersign_seal::Secret;
use countersign_vault::{Error as VaultError, Run, Which};

use crate::Shared;

const TO_OPEN: Duration = Duration::from_secs(20);
const TO_PRESS: Duration = Duration::from_secs(4);
const TO_FOLLOW: Duration = Duration::from_secs(2);
const TO_DISMISS: Duration = Duration::from_millis(500);
/// A token may be waited for so long: two steps of a minute, and a little.
const LONGEST_TOKEN_WAIT: Duration = Duration::from_secs(130);

/// Why an act was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CarryError {
    /// The page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What types: whose secrets, and which of the passwords.
pub(crate) struct Hand<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) run: &'a mut Run,
    pub(crate) which: Which,
    /// The password is typed to get in, which sites count.
    pub(crate) signing_in: bool,
    /// The new password, once it is stored.
    pub(crate) candidate: Option<&'a Secret>,
    /// The site's clock less ours, where that is plain.
    pub(crate) offset: i64,
}

impl Hand<'_> {
    /// Carries one act out. Acts that end a walk are none.
    pub(crate) async fn carry(&mut self, page: &Page, act: &Act) -> Result<(), CarryError> {
        match act {
            Act::Open { address } => Ok(page.open(address, TO_OPEN).await?),
            Act::Follow { element, address, .. } => match (page.click(element, TO_FOLLOW).await, address) {
                // As at the foot of a page without end.
                (Err(PageError::NotUsable { .. } | PageError::Covered { .. }), Some(address)) => {
                    Ok(page.open(address, TO_OPEN).await?)
                }
                (other, _) => Ok(other?),
            },
            Act::Dismiss { ways } => Ok(dismiss(page, ways).await?),
            Act::PressEnter { element } => {
                page.focus(element).await?;
                Ok(page.press(Key::Enter).await?)
            }
            Act::Answer { press, .. } => {
                if let Some(tick) = &press.tick {
                    page.set_checked(tick, true, TO_FOLLOW).await?;
                }
                Ok(page.click(&press.button, TO_PRESS).await?)
            }
            Act::Fill(fill) => self.fill(page, fill).await,
            Act::Wait | Act::Park(_) | Act::SignedIn(_) | Act::Submitted(_) | Act::GiveUp(_) => Ok(()),
        }
    }

    async fn fill(&mut self, page: &Page, fill: &Fill) -> Result<(), CarryError> {
        let mut sent_itself = false;
        for entry in &fill.entries {
            sent_itself = self.enter(page, entry).await?.sent_itself && entry.what == What::Token;
        }
        // A token is used up when it is sent; the next look says what came of it.
        if sent_itself {
            return Ok(());
        }
        for (element, tick) in &fill.ticks {
            page.set_checked(element, *tick, TO_FOLLOW).await?;
        }
        if fill.types(What::NewPassword) {
            self.shared.point("typed");
        }
        if !fill.send {
            return Ok(());
        }
        let sent = match (&fill.submit, fill.entries.last()) {
            (Some(button), _) => page.click(button, TO_PRESS).await,
            // Boxes for one digit each send themselves with the last.
            (None, Some(Entry { into: Into::Boxes(_), .. }) | None) => Ok(()),
            (None, Some(Entry { into: Into::Line(line), .. })) => match page.focus(line).await {
                Ok(()) => page.press(Key::Enter).await,
                Err(error) => Err(error),
            },
        };
        match sent {
            // A form may have sent itself with the last key.
            Err(PageError::Stale) => Ok(()),
            other => Ok(other?),
        }
    }

    async fn enter(&mut self, page: &Page, entry: &Entry) -> Result<Typed, CarryError> {
        let origins = std::slice::from_ref(&entry.origin);
        let password;
        let token;
        let secret: &[u8] = match entry.what {
            What::Username => {
                let Into::Line(line) = &entry.into else { return Err(PageError::Stale.into()) };
                return Ok(page.type_text(line, &self.run.username).await?);
            }
            What::Password => {
                password = self.shared.vault.use_password(self.run, self.which, self.signing_in).await?;
                password.expose()
            }
            What::NewPassword => self.candidate.ok_or(VaultError::Empty("new password"))?.expose(),
            What::Token => {
                token = self.token().await?;
                token.expose().as_bytes()
            }
        };
        Ok(match &entry.into {
            Into::Line(line) if entry.what == What::Token => page.type_token(line, secret, origins).await?,
            Into::Line(line) => page.type_secret(line, secret, origins).await?,
            Into::Boxes(boxes) => page.type_into_boxes(boxes, secret, origins).await?,
        })
    }

    /// A wait that a person would wonder about.
    async fn tell_of_wait(&mut self, wait: Duration) {
        let text = format!("waiting {} s for a token that nobody has used", wait.as_secs().max(1));
        let state = self.run.state();
        if let Err(error) = self.shared.vault.report_change(self.run, state, &text, None).await {
            tracing::debug!(%error, "a wait was not noted");
        }
    }

    /// A token of a step that nobody has taken; waits for one if need be.
    async fn token(&mut self) -> Result<TokenText, CarryError> {
        let mut waited = Duration::ZERO;
        loop {
            match self.shared.vault.use_token(self.run, self.offset).await {
                Err(VaultError::StepTaken { wait }) if waited < LONGEST_TOKEN_WAIT => {
                    // A little more, so that the step has begun by the site's clock too.
                    let wait = wait + Duration::from_millis(200);
                    self.tell_of_wait(wait).await;
                    (self.shared.options.pause)(wait).await;
                    waited += wait;
                }
                other => return Ok(other?),
            }
        }
    }
}

async fn dismiss(page: &Page, ways: &[ElementRef]) -> Result<(), PageError> {
    let mut last = Ok(());
    for way in ways {
        last = page.click(way, TO_DISMISS).await;
        if last.is_ok() {
            break;
        }
    }
    last
}
