//! Questions that are answered by pressing: trust this browser? was it you? do you really want to?

use countersign_snapshot::{ButtonKind, ElementRef, Field, FieldKind, Frame, PageSnapshot, Region};
use serde::{Deserialize, Serialize};

use crate::words::{Concept, Meaning, meaning};

/// How to give an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// A radio button to choose before.
    pub tick: Option<ElementRef>,
    /// The button.
    pub button: ElementRef,
}

/// A question with its answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) yes: Option<Press>,
    pub(crate) no: Option<Press>,
}

/// One thing that can be pressed, with what it says.
struct SendOutcome {
    press: Press,
    says: Meaning,
    /// It has no name.
    bare: bool,
    dialog: Option<u32>,
    order: u32,
}

/// The two answers to one question stand together: so many elements apart at most.
const APART: u32 = 10;

/// The answers that are offered to a question about `topic` in the layers (the page itself, or one of its dialogs) that
/// `asks`.
pub(crate) fn choice(snapshot: &PageSnapshot, topic: Concept, asks: &dyn Fn(&Frame, Option<u32>) -> bool) -> Choice {
    let mut choice = Choice::default();
    for (_, frame) in snapshot.visible_frames() {
        let all = answers(frame);
        for layer in layers(frame).filter(|layer| asks(frame, *layer)) {
            let answers: Vec<&SendOutcome> = all.iter().filter(|answer| answer.dialog == layer).collect();
            let (yes, no) = pair(&answers, topic);
            choice.yes = choice.yes.or_else(|| yes.map(|answer| answer.press.clone()));
            choice.no = choice.no.or_else(|| no.map(|answer| answer.press.clone()));
        }
    }
    choice
}

fn layers(frame: &Frame) -> impl Iterator<Item = Option<u32>> {
    let dialogs = u32::try_from(frame.dialogs.len()).unwrap_or_default();
    // What lies on top asks first.
    (0..dialogs).rev().map(Some).chain(std::iter::once(None))
}

fn pair<'a>(answers: &[&'a SendOutcome], topic: Concept) -> (Option<&'a SendOutcome>, Option<&'a SendOutcome>) {
    let yes = answers
        .iter()
        .filter(|answer| !denies(answer) && !answer.says.any(&[Concept::SignOut, Concept::Delete]))
        .map(|answer| (affirms(answer, topic), *answer))
        .filter(|(weight, _)| *weight > 0)
        .max_by_key(|(weight, answer)| (*weight, u32::MAX - answer.order))
        .map(|(_, answer)| answer);
    let apart = |answer: &SendOutcome| yes.map_or(0, |yes| yes.order.abs_diff(answer.order));
    let no = answers.iter().filter(|answer| denies(answer) && apart(answer) <= APART).min_by_key(|one| apart(one));
    // Beside a "no" in words, a bare icon is the "yes".
    let bare = |no: &SendOutcome| {
        let icons = answers.iter().filter(|answer| answer.bare && answer.order.abs_diff(no.order) <= APART / 2);
        icons.min_by_key(|answer| answer.order.abs_diff(no.order)).copied()
    };
    (yes.or_else(|| no.and_then(|no| bare(no))), no.copied())
}

fn denies(answer: &SendOutcome) -> bool {
    answer.says.any(&[Concept::No, Concept::Cancel, Concept::Reject])
}

/// How much an answer says yes.
fn affirms(answer: &SendOutcome, topic: Concept) -> u32 {
    let one = |said: bool, weight: u32| if said { weight } else { 0 };
    one(answer.says.has(topic), 3)
        + one(answer.says.has(Concept::Yes), 3)
        + one(answer.says.any(&[Concept::Next, Concept::Save, Concept::Change, Concept::Accept]), 2)
}

fn answers(frame: &Frame) -> Vec<SendOutcome> {
    // What stands at the edges of every page answers nothing.
    let within =
        |region: Region| !matches!(region, Region::Header | Region::Navigation | Region::Footer | Region::Search);
    let usable = frame.buttons.iter().filter(|button| {
        !button.disabled && button.kind != ButtonKind::Reset && !button.opens && within(button.region)
    });
    let radios: Vec<&Field> =
        frame.fields.iter().filter(|field| field.kind == FieldKind::Radio && field.usable()).collect();
    let mut all: Vec<SendOutcome> = usable
        .map(|button| SendOutcome {
            press: Press { tick: None, button: frame.reference(button.node) },
            says: meaning(&button.name),
            bare: button.name.trim().is_empty(),
            dialog: button.dialog,
            order: button.order,
        })
        .collect();
    if radios.len() >= 2 {
        // The radio buttons are the answers, and one button sends them.
        let form = radios[0].form;
        let sends = frame
            .buttons
            .iter()
            .filter(|button| button.form == form && !button.disabled && button.order > radios[0].order);
        if let Some(button) = sends.min_by_key(|button| (button.kind != ButtonKind::Submit, button.order)) {
            all = radios
                .iter()
                .map(|radio| SendOutcome {
                    press: Press { tick: Some(frame.reference(radio.node)), button: frame.reference(button.node) },
                    says: meaning(radio.words.name()),
                    bare: false,
                    dialog: radio.dialog,
                    order: radio.order,
                })
                .collect();
        }
    }
    // "Not now" is often only a link.
    all.extend(
        frame
            .links
            .iter()
            .filter(|link| within(link.region))
            .map(|link| SendOutcome {
                press: Press { tick: None, button: frame.reference(link.node) },
                says: meaning(&link.name),
                bare: false,
                dialog: link.dialog,
                order: link.order,
            })
            .filter(|answer| answer.says.any(&[Concept::No, Concept::Cancel])),
    );
    all
}
