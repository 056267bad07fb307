//! What was sent, and whether the page has answered.

use std::time::Duration;

use countersign_snapshot::{Bounds, ElementRef, Field, Frame, PageSnapshot, SentRequests};

use super::step::Step;
use crate::{
    SiteKnowledge,
    recognise::{FieldRole, Message, MessageKind, PageKind, PageTexts, Recognised},
};

/// How long a page may take to answer before Enter is tried, and before it is given up.
const BEFORE_ENTER: Duration = Duration::from_secs(6);
const BEFORE_GIVING_UP: Duration = Duration::from_secs(25);
/// A page that only says something, such as that it is loading, may be followed by another for so long.
const BEFORE_CONTENT: Duration = Duration::from_secs(4);

/// A form as it was when it was sent.
#[derive(Debug, Clone)]
pub(crate) struct SentForm {
    page: PageKind,
    roles: Vec<FieldRole>,
    nodes: Vec<(String, u32)>,
    texts: PageTexts,
    structure: u64,
    /// How often the page had sent something.
    sendings: Option<SentRequests>,
    /// What lay over the page.
    overlays: usize,
    /// The button that sent it.
    submit: Option<ElementRef>,
    pub(crate) enter_tried: bool,
}

/// What has become of it.
#[derive(Debug, PartialEq)]
pub(crate) enum SendOutcome {
    /// Nothing yet.
    None,
    /// Nothing for so long that another way to send it is worth a try.
    TryEnter,
    /// Nothing for too long.
    Never,
    /// The same is asked again. The messages say why, if there are any.
    Again(Vec<Message>),
    /// The same stands there in a new document that is no answer: the page was loaded again by itself.
    Lost,
    /// Something else is there now.
    Moved(Vec<Message>),
}

impl SentForm {
    pub(crate) fn of(snapshot: &PageSnapshot, page: &Recognised) -> Self {
        Self {
            page: page.kind,
            roles: page.parts.iter().map(|part| part.role).collect(),
            nodes: nodes(page),
            texts: PageTexts::of(snapshot),
            structure: snapshot.structure(),
            sendings: snapshot.sendings,
            overlays: page.overlays.len(),
            submit: page.submit.clone(),
            enter_tried: false,
        }
    }

    /// What the page was.
    pub(crate) const fn page(&self) -> PageKind {
        self.page
    }

    /// What the form asked for.
    pub(crate) fn roles(&self) -> &[FieldRole] {
        &self.roles
    }

    /// Whether these are the very elements that were filled.
    pub(crate) fn is_same_form(&self, page: &Recognised) -> bool {
        nodes(page) == self.nodes
    }

    pub(crate) fn answer(&self, snapshot: &PageSnapshot, page: &Recognised, waited: Duration) -> SendOutcome {
        let news: Vec<Message> = self.texts.news(snapshot);
        let roles: Vec<FieldRole> = page.parts.iter().map(|part| part.role).collect();
        let asks_more = roles.iter().any(|role| !self.roles.contains(role));
        let same_page = page.kind == self.page && !asks_more;
        if !same_page {
            let drawing = page.kind == PageKind::Unknown
                && (is_blank(snapshot) || (waited < BEFORE_CONTENT && offers_nothing(snapshot)));
            return if drawing || self.is_greyed(snapshot) { self.wait(waited) } else { SendOutcome::Moved(news) };
        }
        if self.page == PageKind::Trust || page.parts.is_empty() {
            return if snapshot.structure() == self.structure { self.wait(waited) } else { SendOutcome::Again(news) };
        }
        // A dialog that came up over the form is an answer.
        if page.overlays.len() > self.overlays && page.overlays.last().is_some_and(|over| over.blocks) {
            return SendOutcome::Again(news);
        }
        let other_fields = nodes(page) != self.nodes;
        let secrets = page.parts.iter().filter(|part| {
            part.role != FieldRole::Username && part.role != FieldRole::TrustBox && part.role != FieldRole::Puzzle
        });
        let typed: Vec<bool> = secrets.map(|part| part.filled).collect();
        let emptied = !typed.is_empty() && typed.iter().any(|filled| !filled);
        let told = news.iter().any(|message| message.told != MessageKind::Done);
        if !told && self.is_lost(snapshot, page) {
            return SendOutcome::Lost;
        }
        if other_fields || emptied || told { SendOutcome::Again(news) } else { self.wait(waited) }
    }

    fn is_lost(&self, snapshot: &PageSnapshot, page: &Recognised) -> bool {
        let documents =
            |nodes: &[(String, u32)]| nodes.iter().map(|(document, _)| document.clone()).collect::<Vec<_>>();
        let answered = self.sendings.zip(snapshot.sendings).is_none_or(|(before, now)| {
            now.scripts != before.scripts || now.documents != before.documents && !snapshot.reloaded
        });
        !answered && documents(&nodes(page)) != documents(&self.nodes)
    }

    /// Whether the fields that were filled are still there and greyed out: the page waits for its server.
    fn is_greyed(&self, snapshot: &PageSnapshot) -> bool {
        let greyed = |frame: &Frame, field: &Field| {
            let ours = self.nodes.iter().any(|(document, node)| *document == frame.document && *node == field.node);
            ours && field.hidden.is_none() && (field.disabled || field.read_only)
        };
        snapshot.visible_frames().any(|(_, frame)| frame.fields.iter().any(|field| greyed(frame, field)))
    }

    /// Another way to send it: a button that was not there before, or could not be told from others, else Enter. None that
    /// leads away from the site.
    pub(crate) fn another_way(&mut self, page: &Recognised, site: &SiteKnowledge) -> Step {
        self.enter_tried = true;
        let leads_away = |origin: &Option<String>| origin.as_ref().is_some_and(|origin| !site.allows(origin));
        match &page.submit {
            Some(button) if self.submit.as_ref() != Some(button) && !leads_away(&page.sends_to) => {
                Step::Follow { element: button.clone(), name: String::new(), address: None }
            }
            _ if leads_away(&page.enter_sends_to) => Step::Wait,
            _ => page.parts.last().map_or(Step::Wait, |part| Step::PressEnter { element: part.element.clone() }),
        }
    }

    fn wait(&self, waited: Duration) -> SendOutcome {
        if waited >= BEFORE_GIVING_UP {
            SendOutcome::Never
        } else if waited >= BEFORE_ENTER && !self.enter_tried {
            SendOutcome::TryEnter
        } else {
            SendOutcome::None
        }
    }
}

/// A page that is still being drawn: nothing to read and nothing to do.
fn is_blank(snapshot: &PageSnapshot) -> bool {
    snapshot.visible_frames().all(|(_, frame)| {
        frame.texts.is_empty()
            && frame.buttons.is_empty()
            && frame.links.is_empty()
            && frame.fields.is_empty()
            && !frame.images.iter().any(|image| image.place != Bounds::default())
    })
}

/// A page on which nothing can be done: it is being drawn, or it only tells something.
pub(crate) fn offers_nothing(snapshot: &PageSnapshot) -> bool {
    snapshot.visible_frames().all(|(_, frame)| {
        frame.buttons.is_empty() && frame.links.is_empty() && !frame.fields.iter().any(|field| field.hidden.is_none())
    })
}

fn nodes(page: &Recognised) -> Vec<(String, u32)> {
    page.parts.iter().map(|part| (part.element.document.clone(), part.element.node)).collect()
}

#[cfg(test)]
mod tests {
    use countersign_snapshot::{Button, Dialog, FieldKind, Words};

    use super::*;
    use crate::recognise;

    /// A change form, greyed out or not, with a dialog over it or not.
    fn page(greyed: bool, over: bool) -> PageSnapshot {
        let line = |node: u32, label: &str| Field {
            node,
            order: node,
            kind: FieldKind::Password,
            words: Words { label: label.into(), ..Words::default() },
            form: Some(0),
            filled: true,
            disabled: greyed,
            covered: over,
            ..Field::default()
        };
        let button =
            |node, name: &str, dialog| Button { node, order: node, name: name.into(), dialog, ..Button::default() };
        let frame = Frame {
            id: "F".into(),
            document: "D".into(),
            origin: "https://example.org".into(),
            address: "https://example.org/settings".into(),
            fields: vec![line(1, "Current password"), line(2, "New password"), line(3, "Repeat new password")],
            buttons: if over { vec![button(9, "Cancel", Some(0)), button(10, "Log out", Some(0))] } else { Vec::new() },
            forms: vec![countersign_snapshot::Form::default()],
            dialogs: if over { vec![Dialog { node: 8, modal: true, ..Dialog::default() }] } else { Vec::new() },
            ..Frame::default()
        };
        PageSnapshot { frames: vec![frame], ..PageSnapshot::default() }
    }

    fn answer(before: &PageSnapshot, after: &PageSnapshot, seconds: u64) -> SendOutcome {
        let site = SiteKnowledge::at("https://example.org/");
        let sent = SentForm::of(before, &recognise(before, &site));
        sent.answer(after, &recognise(after, &site), Duration::from_secs(seconds))
    }

    #[test]
    fn a_form_that_is_greyed_out_is_on_its_way() {
        let before = page(false, false);
        assert_eq!(answer(&before, &page(true, false), 1), SendOutcome::None);
        assert_eq!(answer(&before, &before, 1), SendOutcome::None);
        assert_eq!(answer(&before, &page(true, false), 60), SendOutcome::Never);
    }

    #[test]
    fn promise_4_no_other_way_of_sending_leads_away_from_the_site() {
        let site = SiteKnowledge::at("https://example.org/");
        let other_way = |enter: Option<&str>, button: Option<Option<&str>>| {
            let mut after = page(false, false);
            after.frames[0].forms[0] = countersign_snapshot::Form {
                real: true,
                action_origin: Some("https://example.org".into()),
                enter_origin: enter.map(str::to_owned),
                ..countersign_snapshot::Form::default()
            };
            after.frames[0].buttons.extend(button.map(|origin| Button {
                node: 9,
                order: 9,
                name: "Change password".into(),
                form: Some(0),
                action_origin: origin.map(str::to_owned),
                ..Button::default()
            }));
            let before = page(false, false);
            SentForm::of(&before, &recognise(&before, &site)).another_way(&recognise(&after, &site), &site)
        };
        let (ours, evil) = (Some("https://example.org"), Some("https://evil.example"));
        assert!(matches!(other_way(None, None), Step::PressEnter { .. }));
        assert!(matches!(other_way(ours, None), Step::PressEnter { .. }));
        assert_eq!(other_way(evil, None), Step::Wait);
        assert!(matches!(other_way(evil, Some(None)), Step::Follow { .. }));
        assert!(matches!(other_way(None, Some(evil)), Step::PressEnter { .. }));
        assert_eq!(other_way(evil, Some(evil)), Step::Wait);
    }

    #[test]
    fn a_dialog_over_a_sent_form_is_an_answer() {
        assert_eq!(answer(&page(false, false), &page(false, true), 1), SendOutcome::Again(Vec::new()));
    }
}
