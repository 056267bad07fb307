//! Writes down what a walk notes, and what the page did beside showing itself.

use countersign_browser::PageEvent;
use countersign_model::ExtraField;
use countersign_recipe::Question;
use countersign_seal::Secret;
use countersign_snapshot::PageSnapshot;
use countersign_vault::RunError;
use countersign_walk::Note;

use crate::{clock, visit::Visit};

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

impl NoteWriter {
    pub(crate) async fn note(&mut self, visit: &mut Visit<'_>, notes: Vec<Note>) -> Result<(), RunError> {
        // Both are read before anything of them is written, and beside each other.
        let (mut shot, mut remembered) =
            tokio::join!(async { if notes.iter().any(is_shown) { visit.shot().await } else { None } }, async {
                if notes.contains(&Note::KeepBrowser) { remembered(visit).await } else { None }
            },);
        for note in notes {
            match note {
                Note::Say { state, text, screenshot } => {
                    let shot = if screenshot { shot.take() } else { None };
                    visit.say(state, &text, shot).await?;
                }
                Note::Point(name) => visit.shared.point(name),
                Note::Taken(slot) => visit.run.password_taken(slot).await?,
                Note::Accepted => visit.run.password_accepted().await?,
                Note::KeepBrowser => keep_browser(visit, remembered.take()).await,
                Note::Answered(answer) => visit.run.note_site_answer(&answer).await?,
                Note::SentByPerson(slot) => {
                    visit.run.password_sent_by_a_person(slot).await?;
                }
                Note::Answer(question) => self.read_answer(visit, &question).await,
                Note::KeepAnswers => self.keep_answers(visit).await,
            }
        }
        Ok(())
    }

    /// What a person has written into a line that is neither name nor secret.
    async fn read_answer(&mut self, visit: &Visit<'_>, question: &Question) {
        let Some((_, page)) = &visit.open else { return };
        let Ok(value) = page.text_of(&question.element).await else { return };
        if value.trim().is_empty() {
            return;
        }
        let known = |one: &ExtraField| (&one.html_name, &one.label) == (&question.html_name, &question.label);
        self.answers.retain(|one| !known(one));
        if self.answers.len() < MAX_ANSWERS {
            let label = question.label.chars().take(80).collect();
            self.answers.push(ExtraField { label, html_name: question.html_name.clone(), value });
        }
    }

    async fn keep_answers(&mut self, visit: &mut Visit<'_>) {
        for field in std::mem::take(&mut self.answers) {
            let label = field.label.clone();
            if let Err(error) = visit.run.keep_extra_field(field).await {
                tracing::warn!(%error, label, "an answer was not kept for the next time");
            }
        }
    }

    /// What a page does beside showing itself, a few times and without its own words: they may repeat a secret.
    pub(crate) async fn tell_of_happenings(&mut self, visit: &mut Visit<'_>) -> Result<(), RunError> {
        let Some((_, page)) = &visit.open else { return Ok(()) };
        let (happenings, _) = page.happenings();
        for happening in happenings {
            self.happenings += 1;
            if self.happenings > MAX_HAPPENINGS {
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
            let state = visit.run.state();
            visit.say(state, &text, None).await?;
        }
        Ok(())
    }
}

const fn is_shown(note: &Note) -> bool {
    matches!(note, Note::Say { screenshot: true, .. })
}

/// What the browser that is open remembers, to be sealed for the next run, and how it presents itself. Worth having, and no
/// condition.
async fn remembered(visit: &Visit<'_>) -> Option<(Secret, String)> {
    let (context, _) = visit.open.as_ref()?;
    let read = async {
        let state = context.state().await.map_err(|error| error.to_string())?;
        let identity = serde_json::to_string(context.identity()).map_err(|error| error.to_string())?;
        Ok::<_, String>((Secret::from(state.expose().to_vec()), identity))
    };
    read.await.inspect_err(|error| tracing::warn!(%error, "what the browser remembers was not read")).ok()
}

async fn keep_browser(visit: &mut Visit<'_>, remembered: Option<(Secret, String)>) {
    let Some((state, identity)) = remembered else { return };
    if let Err(error) = visit.run.keep_browser(&state, &identity).await {
        tracing::warn!(%error, "what the browser remembers was not kept");
    }
}

/// Notes how far the site's clock is off, where its answer says so.
pub(crate) async fn see_clock(visit: &mut Visit<'_>, snapshot: &PageSnapshot) -> Result<(), RunError> {
    let Some(answer) = &snapshot.answer else { return Ok(()) };
    let vault = &visit.shared.vault;
    let Some(seen) = clock::offset(answer, &*visit.shared.options.machine, &|| vault.now()) else { return Ok(()) };
    // Two looks at one answer, or a rounded second, are no news.
    if visit.offset.is_none_or(|known| (known - seen).abs() > 2) {
        visit.offset = Some(seen);
        visit.run.note_clock(seen).await?;
    }
    Ok(())
}
