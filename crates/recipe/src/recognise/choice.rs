//! Questions that are answered by pressing: trust this browser? was it you? do you really want to?

use countersign_picture::{ButtonKind, ElementRef, Field, FieldKind, Frame, PagePicture};
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
struct Answer {
    press: Press,
    says: Meaning,
    order: u32,
}

/// The answers that the visible frames offer to a question about `topic`.
pub(crate) fn choice(picture: &PagePicture, topic: Concept) -> Choice {
    let mut choice = Choice::default();
    for (_, frame) in picture.visible_frames() {
        let answers = answers(frame);
        let denies = |answer: &&Answer| answer.says.any(&[Concept::No, Concept::Cancel, Concept::Reject]);
        let agrees = |answer: &&Answer| !denies(answer) && !answer.says.any(&[Concept::SignOut, Concept::Delete]);
        let best = |wanted: &dyn Fn(&&Answer) -> bool, weigh: &dyn Fn(&Answer) -> u32| {
            let fitting = answers.iter().filter(|answer| wanted(answer));
            fitting
                .map(|answer| (weigh(answer), answer))
                .filter(|(weight, _)| *weight > 0)
                .max_by_key(|(weight, answer)| (*weight, u32::MAX - answer.order))
                .map(|(_, answer)| answer.press.clone())
        };
        let affirms = |answer: &Answer| {
            let topic = u32::from(answer.says.has(topic)) * 3;
            let yes = u32::from(answer.says.has(Concept::Yes)) * 3;
            topic
                + yes
                + u32::from(answer.says.any(&[Concept::Next, Concept::Save, Concept::Change, Concept::Accept])) * 2
        };
        if choice.yes.is_none() {
            choice.yes = best(&agrees, &affirms);
        }
        if choice.no.is_none() {
            choice.no = best(&denies, &|_| 1);
        }
    }
    choice
}

fn answers(frame: &Frame) -> Vec<Answer> {
    let usable =
        frame.buttons.iter().filter(|button| !button.disabled && button.kind != ButtonKind::Reset && !button.opens);
    let radios: Vec<&Field> =
        frame.fields.iter().filter(|field| field.kind == FieldKind::Radio && field.usable()).collect();
    let mut all: Vec<Answer> = usable
        .map(|button| Answer {
            press: Press { tick: None, button: frame.reference(button.node) },
            says: meaning(&button.name),
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
                .map(|radio| Answer {
                    press: Press { tick: Some(frame.reference(radio.node)), button: frame.reference(button.node) },
                    says: meaning(radio.words.name()),
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
            .map(|link| Answer {
                press: Press { tick: None, button: frame.reference(link.node) },
                says: meaning(&link.name),
                order: link.order,
            })
            .filter(|answer| answer.says.has(Concept::No)),
    );
    all
}
