//! What lies over the page and must be put away before anything else.

use countersign_snapshot::{Button, Dialog, ElementRef, Frame, PageSnapshot};

use crate::words::{Concept, meaning};

/// Something that lies over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// The frame it stands in and its number there.
    pub at: ElementRef,
    /// What puts it away, best first.
    pub ways: Vec<ElementRef>,
    /// Something that is wanted is covered, or nothing is: it must go before anything else.
    pub blocks: bool,
}

impl Overlay {
    /// Its index among the dialogs of `frame`, when it stands there.
    pub(crate) fn layer_in(&self, frame: &Frame) -> Option<u32> {
        let here = frame.id == self.at.frame;
        let index = frame.dialogs.iter().position(|dialog| here && dialog.node == self.at.node)?;
        u32::try_from(index).ok()
    }
}

/// The overlays of a page that hold none of the `wanted` elements, topmost last.
pub(crate) fn overlays(snapshot: &PageSnapshot, wanted: &[ElementRef]) -> Vec<Overlay> {
    let mut all = Vec::new();
    let blocks = wanted.is_empty() || wanted.iter().any(|element| is_covered(snapshot, element));
    for (_, frame) in snapshot.visible_frames() {
        for (index, dialog) in frame.dialogs.iter().enumerate() {
            let index = u32::try_from(index).ok();
            let holds = wanted
                .iter()
                .any(|element| element.frame == frame.id && dialog_of(frame, element.node) == index && index.is_some());
            if holds || !(in_the_way(frame, dialog) || index.is_some_and(|index| on_a_curtain(frame, index))) {
                continue;
            }
            let ways = ways(frame, index);
            if !ways.is_empty() {
                all.push(Overlay { at: frame.reference(dialog.node), ways, blocks });
            }
        }
    }
    if all.is_empty() && wanted.is_empty() {
        all.extend(consent_page(snapshot));
    }
    all
}

/// A page that asks about cookies and nothing else stands before the site as a dialog stands over it. Where a way in or out
/// is beside the question, it is a banner, and the way leads past it.
fn consent_page(snapshot: &PageSnapshot) -> Option<Overlay> {
    let main = snapshot.main()?;
    let about = main.texts.iter().any(|text| meaning(&text.text).has(Concept::Cookies));
    let buttons = || main.buttons.iter().filter(|button| button.dialog.is_none() && !button.disabled);
    let one_says = |wanted: &dyn Fn(&Button) -> bool| buttons().any(wanted);
    let agrees = one_says(&|button| meaning(&button.name).has(Concept::Accept));
    let refuses = one_says(&|button| meaning(&button.name).any(&[Concept::Reject, Concept::Cookies]));
    let names = main.buttons.iter().map(|button| &button.name).chain(main.links.iter().map(|link| &link.name));
    let leads_on = names.map(|name| meaning(name)).any(|says| {
        says.any(&[Concept::SignIn, Concept::SignUp, Concept::SignOut])
            && !says.any(&[Concept::Accept, Concept::Reject])
    });
    let lines = main.fields.iter().any(|field| field.hidden.is_none() && field.kind.is_line());
    if !about || !agrees || !refuses || leads_on || lines {
        return None;
    }
    let ways = ways(main, None);
    let at = ways.first()?.clone();
    Some(Overlay { at, ways, blocks: true })
}

/// A modal dialog, or one that something usable is covered by.
fn in_the_way(frame: &Frame, dialog: &Dialog) -> bool {
    let covers = |place: countersign_snapshot::Bounds| {
        let (x, y) = place.middle();
        x >= dialog.place.x && x < dialog.place.right() && y >= dialog.place.y && y < dialog.place.bottom()
    };
    dialog.modal
        || frame.fields.iter().any(|field| field.covered && field.hidden.is_none() && covers(field.place))
        || frame.buttons.iter().any(|button| button.covered && covers(button.place))
        || frame.links.iter().any(|link| link.covered && covers(link.place))
}

/// Whether an empty layer lies over the whole page, on which this one stands.
fn on_a_curtain(frame: &Frame, dialog: u32) -> bool {
    let holds = |index: u32| {
        frame.buttons.iter().any(|button| button.dialog == Some(index))
            || frame.fields.iter().any(|field| field.dialog == Some(index) && field.hidden.is_none())
            || frame.links.iter().any(|link| link.dialog == Some(index))
    };
    let curtain = |(index, other): (usize, &Dialog)| {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        other.modal && index != dialog && !holds(index)
    };
    frame.dialogs.iter().enumerate().any(curtain)
}

fn is_covered(snapshot: &PageSnapshot, element: &ElementRef) -> bool {
    let Some(frame) = snapshot.frame(&element.frame) else { return false };
    frame.fields.iter().any(|field| field.node == element.node && field.covered)
        || frame.buttons.iter().any(|button| button.node == element.node && button.covered)
        || frame.links.iter().any(|link| link.node == element.node && link.covered)
}

fn dialog_of(frame: &Frame, node: u32) -> Option<u32> {
    let fields = frame.fields.iter().find(|field| field.node == node).and_then(|field| field.dialog);
    fields
        .or_else(|| frame.buttons.iter().find(|button| button.node == node).and_then(|button| button.dialog))
        .or_else(|| frame.links.iter().find(|link| link.node == node).and_then(|link| link.dialog))
}

fn ways(frame: &Frame, dialog: Option<u32>) -> Vec<ElementRef> {
    let mut buttons: Vec<(i32, &Button)> = frame
        .buttons
        .iter()
        .filter(|button| button.dialog == dialog && !button.disabled)
        .map(|button| (weigh(button), button))
        .filter(|(weight, _)| *weight > 0)
        .collect();
    buttons.sort_by_key(|(weight, button)| (-weight, button.order));
    let links = frame.links.iter().filter(|link| {
        link.dialog == dialog && meaning(&link.name).any(&[Concept::Close, Concept::No, Concept::Reject])
    });
    buttons
        .iter()
        .map(|(_, button)| frame.reference(button.node))
        .chain(links.map(|link| frame.reference(link.node)))
        .collect()
}

/// Saying no to cookies is kinder than yes; closing is better than either.
fn weigh(button: &Button) -> i32 {
    let says = meaning(&button.name);
    if says.any(&[Concept::SignIn, Concept::SignUp, Concept::Settings, Concept::Delete, Concept::Newsletter])
        && !says.has(Concept::Reject)
    {
        return 0;
    }
    if says.has(Concept::Reject) {
        5
    } else if says.has(Concept::Close) {
        4
    } else if says.any(&[Concept::No, Concept::Cancel]) {
        3
    } else if says.has(Concept::Accept) {
        2
    } else {
        // A bare icon in the corner is how many boxes are closed.
        i32::from(button.name.is_empty() || button.name.chars().count() == 1)
    }
}
