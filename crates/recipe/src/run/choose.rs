//! Which way to sign in, where a page offers several: the password, then the authenticator app. Never a way that would wake
//! somebody or send something.

use countersign_snapshot::{FieldKind, PageSnapshot};

use super::step::Step;
use crate::{Method, PageKind, Press, Recognised};

/// So often a way is chosen in one walk.
const MAX_CHOICES: usize = 6;

/// What was chosen so far.
#[derive(Debug, Clone)]
pub(crate) struct Chooser {
    chosen: Vec<(Method, String)>,
}

impl Chooser {
    pub(crate) const fn new() -> Self {
        Self { chosen: Vec::new() }
    }

    /// The way to choose on this page; `None` where none is ours, or none is left. `sent`: a secret was sent already.
    pub(crate) fn choose(
        &mut self,
        snapshot: &PageSnapshot,
        page: &Recognised,
        sent: bool,
        has_token: bool,
    ) -> Option<Step> {
        if self.chosen.len() >= MAX_CHOICES {
            return None;
        }
        let wanted: &[Method] = match (sent, has_token) {
            (false, _) => &[Method::Password, Method::Other],
            (true, true) => &[Method::Authenticator, Method::Other],
            (true, false) => &[Method::Other],
        };
        let choice = wanted.iter().find_map(|method| {
            page.methods.iter().find(|choice| {
                choice.method == *method
                    && !self.chosen.iter().any(|(method, name)| (*method, name) == (choice.method, &choice.name))
            })
        })?;
        self.chosen.push((choice.method, choice.name.clone()));
        let field = snapshot.frame(&choice.element.frame).and_then(|frame| frame.field(choice.element.node));
        Some(match (field.map(|field| field.kind), &page.submit) {
            (Some(FieldKind::Select), submit) => {
                let submit = choice.then.clone().or_else(|| submit.clone());
                Step::Choose { list: choice.element.clone(), entry: choice.name.clone(), submit }
            }
            (Some(FieldKind::Radio), submit) if choice.then.is_some() || submit.is_some() => {
                let button = choice.then.clone().or_else(|| submit.clone())?;
                let press = Press { tick: Some(choice.element.clone()), button };
                Step::Answer { question: PageKind::Methods, yes: true, press }
            }
            _ => Step::Follow { element: choice.element.clone(), name: choice.name.clone(), address: None },
        })
    }
}
