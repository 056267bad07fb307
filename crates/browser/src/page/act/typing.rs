//! Typing into lines; secrets only into a visible line of a frame whose own origin is right at that very moment.

use std::time::Duration;

use countersign_snapshot::ElementRef;
use tokio::time::Instant;

use crate::page::{
    act::outcome::ScriptOutcome,
    page_state::{FrameState, SubmissionCounts},
};
use crate::{Error, Page};

/// How long typing one line may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// A page that sends a form by itself does so this soon after the last key.
const SOON: Duration = Duration::from_millis(250);

/// What is known of a form that a token is typed into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenForm {
    /// It may send itself after the last character: it is given a moment for that, so that it is not sent twice.
    MaySendItself,
    /// It was seen to wait until it is sent.
    WaitsToBeSent,
}

/// So many requests may belong to sending one form.
const MAX_SENDINGS: u64 = 3;

/// What came of typing into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypingResult {
    /// The page has sent the form by itself: a form was sent, the page asked the site for something or went on, or the
    /// field is gone. It is not to be sent a second time before it was looked at again.
    pub sent_itself: bool,
}

/// How a line is typed into, and what it may hold then.
struct Line<'a> {
    kind: Typed,
    origins: Option<&'a [String]>,
}

/// What is typed.
#[derive(Clone, Copy)]
enum Typed {
    Name,
    Password,
    Token(TokenForm),
}

impl Typed {
    /// What the script beside the document calls it.
    const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Password => "password",
            Self::Token(_) => "token",
        }
    }
}

impl Page {
    /// Replaces what is in a field by a password, key by key, and looks whether the field took it whole. The frame's own
    /// origin is compared with `origins` (as `https://example.org`) in the same step of one script that types a character,
    /// so nothing can come between. Lines that open or are swapped when the keyboard comes to them are followed.
    ///
    /// From then on the field counts as secret: its length is not told, and it is covered in screenshots.
    ///
    /// # Errors
    /// [`Error::WrongOrigin`]: nothing was typed. [`Error::NotUsable`] for what is no visible line of text,
    /// [`Error::TakesNoTyping`], [`Error::CutShort`], [`Error::NotTaken`] when the field changed it, [`Error::Stale`].
    pub async fn type_secret(
        &self,
        element: &ElementRef,
        secret: &[u8],
        origins: &[String],
    ) -> Result<TypingResult, Error> {
        self.type_line(element, as_text(secret)?, &Line { kind: Typed::Password, origins: Some(origins) }).await
    }

    /// As [`Page::type_secret`] for a token: blanks and dashes that a page puts into it do not count, and the page is
    /// given a moment to send its form by itself, unless `form` is known to wait.
    ///
    /// # Errors
    /// As [`Page::type_secret`].
    pub async fn type_token(
        &self,
        element: &ElementRef,
        token: &[u8],
        origins: &[String],
        form: TokenForm,
    ) -> Result<TypingResult, Error> {
        self.type_line(element, as_text(token)?, &Line { kind: Typed::Token(form), origins: Some(origins) }).await
    }

    /// Replaces what is in a field by `text`, which is no secret, key by key, and looks what the field then holds. Blanks
    /// around it and the case of its letters do not count; a field that already holds it is left alone.
    ///
    /// # Errors
    /// As [`Page::type_secret`], but for the origin.
    pub async fn type_text(&self, element: &ElementRef, text: &str) -> Result<TypingResult, Error> {
        self.type_line(element, text, &Line { kind: Typed::Name, origins: None }).await
    }

    /// Types a token into boxes that take one character each, beginning at the first, whether the page moves the keyboard
    /// on by itself or not. Each character is typed in the same step of one script in which the origin and the box are
    /// checked: wherever another frame puts the keyboard, it gets none of them.
    ///
    /// # Errors
    /// As [`Page::type_secret`].
    pub async fn type_into_boxes(
        &self,
        boxes: &[ElementRef],
        secret: &[u8],
        origins: &[String],
    ) -> Result<TypingResult, Error> {
        let text = as_text(secret)?;
        let first = boxes.first().ok_or(Error::Stale)?;
        if boxes.iter().any(|one| (&one.frame, &one.document) != (&first.frame, &first.document)) {
            return Err(Error::Stale);
        }
        let frame = self.inner.frame_of(first)?;
        let nodes: Vec<u32> = boxes.iter().map(|element| element.node).collect();
        let before = self.inner.scene.lock().attempts();
        let outcome = self.inner.inside_within(PATIENCE, &frame, "typeBoxes", (nodes, text, origins)).await;
        self.typed(first, before, outcome, Typed::Token(TokenForm::MaySendItself)).await
    }

    /// Types into one line, and once more after pressing it where it opens only then.
    async fn type_line(&self, element: &ElementRef, text: &str, line: &Line<'_>) -> Result<TypingResult, Error> {
        const TO_PRESS: Duration = Duration::from_millis(500);
        match self.type_once(element, text, line).await {
            Err(Error::TakesNoTyping) => {
                self.click(element, TO_PRESS).await.map_err(|_| Error::TakesNoTyping)?;
                match self.type_once(element, text, line).await {
                    // Pressing it opened another way to fill it.
                    Err(Error::NotUsable { .. } | Error::Stale) => Err(Error::TakesNoTyping),
                    other => other,
                }
            }
            other => other,
        }
    }

    async fn type_once(&self, element: &ElementRef, text: &str, line: &Line<'_>) -> Result<TypingResult, Error> {
        let frame = self.inner.frame_of(element)?;
        self.inner.acts();
        let before = self.inner.scene.lock().attempts();
        let arguments = (element.node, text, line.origins, line.kind.word());
        let outcome = self.inner.inside_within(PATIENCE, &frame, "type", arguments).await;
        self.typed(element, before, outcome, line.kind).await
    }

    /// What came of typing, once what it set in motion has begun. Only with a token does a request mean that it was sent:
    /// names and passwords are also looked at by pages while one types.
    async fn typed(
        &self,
        element: &ElementRef,
        before: SubmissionCounts,
        outcome: Result<ScriptOutcome, Error>,
        what: Typed,
    ) -> Result<TypingResult, Error> {
        let page = &self.inner;
        let checked = outcome.and_then(|outcome| {
            let sent = outcome.sent;
            outcome.check(&element.frame, &element.document).map(|_| sent)
        });
        let token = matches!(what, Typed::Token(_));
        let typed = !matches!(checked, Err(Error::WrongOrigin { .. } | Error::NotUsable { .. } | Error::TakesNoTyping));
        if typed && matches!(what, Typed::Token(TokenForm::MaySendItself)) {
            self.sent_soon(element, before).await?;
        } else {
            self.breathe().await;
        }
        let left = page.frame_of(element).is_err();
        let now = page.scene.lock().attempts();
        // A page that asks with every key does not send its form each time.
        let asked = (1..=MAX_SENDINGS).contains(&(now.requests - before.requests));
        let begun = now.documents > before.documents || (token && asked);
        match checked {
            Ok(sent) => Ok(TypingResult { sent_itself: sent || left || begun }),
            // The document went with the last key, or what was typed was taken out again while it was sent.
            Err(Error::Stale | Error::NotTaken { .. }) if token && begun => Ok(TypingResult { sent_itself: true }),
            Err(error) => Err(error),
        }
    }

    /// Waits a moment for the page to send a form by itself.
    async fn sent_soon(&self, element: &ElementRef, before: SubmissionCounts) -> Result<(), Error> {
        let begun = Instant::now();
        loop {
            let revision = self.revision();
            let sent = self.inner.frame_of(element).is_err() || self.inner.scene.lock().attempts() != before;
            let left = SOON.saturating_sub(begun.elapsed());
            if sent || left.is_zero() {
                return Ok(());
            }
            self.changed(revision, left).await?;
        }
    }

    /// Whether a field holds exactly this secret. Says only yes or no; nothing is read out of the page.
    pub async fn holds(&self, element: &ElementRef, secret: &[u8]) -> Result<bool, Error> {
        let frame = self.inner.frame_of(element)?;
        self.boxes_hold(element, &frame, &[element.node], as_text(secret)?).await
    }

    async fn boxes_hold(&self, any: &ElementRef, frame: &FrameState, nodes: &[u32], text: &str) -> Result<bool, Error> {
        let outcome: ScriptOutcome = self.inner.inside_within(PATIENCE, frame, "holdsText", (nodes, text)).await?;
        outcome.check(&any.frame, &any.document).map(|outcome| outcome.yes)
    }
}

fn as_text(secret: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(secret).map_err(|_| Error::NotTaken { why: "a secret that is no text cannot be typed" })
}
