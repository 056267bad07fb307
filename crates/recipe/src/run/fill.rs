//! What goes into which line of a form.

use countersign_model::Trust;
use countersign_snapshot::PageSnapshot;

use super::step::{FieldEntry, Fill, Target, TypedValue};
use crate::{FieldRole, PageKind, Part, Question, Recognised, SiteKnowledge};

/// Whether the puzzle of the form still waits for a person: its answer is missing or being typed.
pub(crate) fn puzzle_is_open(snapshot: &PageSnapshot, page: &Recognised) -> bool {
    let widget =
        snapshot.visible_frames().any(|(_, frame)| frame.challenges.iter().any(|one| one.visible && !one.solved));
    widget || page.part(FieldRole::Puzzle).is_some_and(|part| !part.filled || is_focused(snapshot, part))
}

fn is_focused(snapshot: &PageSnapshot, part: &Part) -> bool {
    let field = snapshot.frame(&part.element.frame).and_then(|frame| frame.field(part.element.node));
    field.is_some_and(|field| field.focused)
}

/// The first line of a sign-in form that nobody knows what to write into and that cannot be passed over: it says that it is
/// required, or stands before the password as a tenant or an account number does. One that a person is writing into counts.
pub(crate) fn open_question<'a>(
    snapshot: &PageSnapshot,
    page: &'a Recognised,
    site: &SiteKnowledge,
) -> Option<&'a Question> {
    if !matches!(page.kind, PageKind::SignIn | PageKind::Token | PageKind::Reauthenticate) {
        return None;
    }
    let order = |element: &countersign_snapshot::ElementRef| {
        snapshot
            .frame(&element.frame)
            .and_then(|frame| frame.field(element.node))
            .map(|field| (field.order, field.focused))
    };
    let password = page.part(FieldRole::CurrentPassword).and_then(|part| order(&part.element)).map(|(order, _)| order);
    page.questions.iter().find(|question| {
        let (own, focused) = order(&question.element).unwrap_or_default();
        let in_the_way = question.required || password.is_some_and(|password| own < password);
        in_the_way && (!question.filled || focused) && site.extra_for(&question.html_name, &question.label).is_none()
    })
}

/// What to type into the form of a sign-in, token, re-authentication or change page. `None` when it wants a token and there
/// is none.
pub(crate) fn fill(page: &Recognised, has_token: bool, trust: Trust, site: &SiteKnowledge) -> Option<Fill> {
    let mut entries = Vec::new();
    let line = |part: &Part, what| FieldEntry {
        what,
        into: Target::Line(part.element.clone()),
        origin: part.origin.clone(),
        max_length: part.max_length,
    };
    for question in page.questions.iter().filter(|question| !question.filled) {
        if let Some(extra) = site.extra_for(&question.html_name, &question.label) {
            entries.push(FieldEntry {
                what: TypedValue::Extra(extra),
                into: Target::Line(question.element.clone()),
                origin: question.origin.clone(),
                max_length: None,
            });
        }
    }
    let extras = entries.len();
    for part in &page.parts {
        match part.role {
            // A record that names its owner is left as it is.
            FieldRole::Username if page.kind == PageKind::Change && part.filled => {}
            FieldRole::Username => entries.push(line(part, TypedValue::Username)),
            FieldRole::CurrentPassword => entries.push(line(part, TypedValue::Password)),
            FieldRole::NewPassword | FieldRole::RepeatPassword => entries.push(line(part, TypedValue::NewPassword)),
            FieldRole::Token | FieldRole::SentCode | FieldRole::Puzzle | FieldRole::TrustBox => {}
        }
    }
    let tokens: Vec<&Part> = page.parts(FieldRole::Token).collect();
    match tokens.as_slice() {
        [] => {}
        _ if !has_token => return None,
        [one] => entries.push(line(one, TypedValue::Token)),
        [first, ..] => entries.push(FieldEntry {
            what: TypedValue::Token,
            into: Target::Boxes(tokens.iter().map(|part| part.element.clone()).collect()),
            origin: first.origin.clone(),
            max_length: None,
        }),
    }
    if entries.len() == extras {
        return None;
    }
    let ticks = page.parts(FieldRole::TrustBox).map(|part| (part.element.clone(), trust == Trust::Trust)).collect();
    Some(Fill { page: page.kind, entries, ticks, send: true, submit: page.submit.clone() })
}
