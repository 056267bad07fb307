//! Writes down what a walk notes, and what the page did beside showing itself.

use countersign_browser::{PageEvent, ScreenshotFormat};
use countersign_model::{ChangeState, ExtraField};
use countersign_recipe::Question;
use countersign_seal::Secret;
use countersign_snapshot::PageSnapshot;
use countersign_vault::Error as VaultError;
use countersign_walk::Note;

use crate::{clock, drive::Driver};

/// So many of the things that a page does beside showing itself are told.
const MAX_HAPPENINGS: u32 = 6;
/// Answers of people that are kept for one credential in one run.
const MAX_ANSWERS: usize = 4;

/// What has been told of, and what waits to be kept.
#[derive(Debug, Default)]
pub(crate) struct NoteWriter {
    happenings: u32,
    /// What people wrote into lines that are neither name nor secret, as long as it is not known to be right.
    answers: Vec<ExtraField>,
}

impl Driver<'_> {
    pub(crate) async fn note(&mut self, notes: Vec<Note>) -> Result<(), VaultError> {
        for note in notes {
            match note {
                Note::Say { state, text, screenshot } => self.say(state, &text, screenshot).await?,
                Note::Point(name) => self.shared.point(name),
                Note::Taken(slot) => self.shared.vault.password_taken(self.run, slot).await?,
                Note::Accepted => self.shared.vault.password_accepted(self.run).await?,
                Note::KeepBrowser => self.keep_browser().await,
                Note::Answered(answer) => self.shared.vault.note_site_answer(self.run, &answer).await?,
                Note::SentByPerson(slot) => {
                    self.shared.vault.password_sent_by_a_person(self.run, slot).await?;
                }
                Note::Answer(question) => self.read_answer(&question).await,
                Note::KeepAnswers => self.keep_answers().await,
            }
        }
        Ok(())
    }

    pub(crate) async fn say(&mut self, state: ChangeState, text: &str, screenshot: bool) -> Result<(), VaultError> {
        self.waiting.tell(text);
        let snapshot = if screenshot { self.shot().await } else { None };
        // While nobody has begun, or somebody is waited for, a line changes nothing about where it stands.
        self.shared.vault.report_change(self.run, state, text, snapshot).await
    }

    /// Sealed for the next run. Worth having, and no condition.
    async fn keep_browser(&mut self) {
        let Some((context, _)) = &self.open else { return };
        let kept = async {
            let state = context.state().await.map_err(|error| error.to_string())?;
            let identity = serde_json::to_string(context.identity()).map_err(|error| error.to_string())?;
            let state = Secret::from(state.expose().to_vec());
            self.shared.vault.keep_browser(self.run, &state, &identity).await.map_err(|error| error.to_string())
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "what the browser remembers was not kept");
        }
    }

    /// What a person has written into a line that is neither name nor secret.
    async fn read_answer(&mut self, question: &Question) {
        let Some((_, page)) = &self.open else { return };
        let Ok(value) = page.text_of(&question.element).await else { return };
        if value.trim().is_empty() {
            return;
        }
        let known = |one: &ExtraField| (&one.html_name, &one.label) == (&question.html_name, &question.label);
        self.scribe.answers.retain(|one| !known(one));
        if self.scribe.answers.len() < MAX_ANSWERS {
            let label = question.label.chars().take(80).collect();
            self.scribe.answers.push(ExtraField { label, html_name: question.html_name.clone(), value });
        }
    }

    async fn keep_answers(&mut self) {
        for field in std::mem::take(&mut self.scribe.answers) {
            let label = field.label.clone();
            if let Err(error) = self.shared.vault.keep_extra_field(self.run, field).await {
                tracing::warn!(%error, label, "an answer was not kept for the next time");
            }
        }
    }

    pub(crate) async fn see_clock(&mut self, snapshot: &PageSnapshot) -> Result<(), VaultError> {
        let Some(answer) = &snapshot.answer else { return Ok(()) };
        let vault = &self.shared.vault;
        let Some(seen) = clock::offset(answer, &*self.shared.options.machine, &|| vault.now()) else { return Ok(()) };
        // Two looks at one answer, or a rounded second, are no news.
        if self.offset.is_none_or(|known| (known - seen).abs() > 2) {
            self.offset = Some(seen);
            vault.note_clock(self.run, seen).await?;
        }
        Ok(())
    }

    /// What a page does beside showing itself, a few times and without its own words: they may repeat a secret.
    pub(crate) async fn tell_of_happenings(&mut self) -> Result<(), VaultError> {
        let Some((_, page)) = &self.open else { return Ok(()) };
        let (happenings, _) = page.happenings();
        for happening in happenings {
            self.scribe.happenings += 1;
            if self.scribe.happenings > MAX_HAPPENINGS {
                continue;
            }
            let text = match happening {
                PageEvent::Dialog { kind, accepted, .. } => {
                    let answer = if accepted { "yes" } else { "no" };
                    format!("the page asked in a window of the browser's ({kind}); answered with {answer}")
                }
                PageEvent::Window { closed: true, .. } => "the page opened too many windows; closed".to_owned(),
                PageEvent::Window { closed: false, .. } => "the page opened another window".to_owned(),
                PageEvent::WindowClosed { .. } => "the window closed itself".to_owned(),
                PageEvent::Download => "the page wanted to save a file, and was not let".to_owned(),
                PageEvent::FileChooser => "the page wanted a file, and got none".to_owned(),
            };
            let state = self.run.state();
            self.say(state, &text, false).await?;
        }
        Ok(())
    }

    /// A snapshot is worth having and no condition. None is taken of a page that shows a password in the open, as it was
    /// before and as it is after.
    pub(crate) async fn shot(&self) -> Option<Vec<u8>> {
        const QUALITY: u8 = 60;
        if self.shows_password().await? {
            return None;
        }
        let (_, page) = self.open.as_ref()?;
        let shot = page
            .masked_screenshot(ScreenshotFormat::Jpeg(QUALITY))
            .await
            .inspect_err(|error| tracing::debug!(%error, "no picture was taken"))
            .ok()?;
        (!self.shows_password().await?).then_some(shot)
    }

    /// `None` where that cannot be told.
    async fn shows_password(&self) -> Option<bool> {
        let (_, page) = self.open.as_ref()?;
        let snapshot = page.snapshot().await.ok()?;
        self.shared.vault.page_shows_password(self.run, |password| snapshot.shows(password)).await.ok()
    }
}
