//! What a person is waited for, and what a page asks of whoever looks at it.

use std::time::Duration;

use countersign_model::Challenge;
use countersign_recipe::{FieldRole, PageKind};

use crate::PageView;

/// What is waited for.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) since: Duration,
    pub(crate) challenge: Challenge,
    pub(crate) why: Option<String>,
    /// What the page asked; `None` until it was looked at.
    pub(crate) asks: Option<Asks>,
    /// The step cannot be carried out, so the recogniser would say the same as before: only another page ends it.
    pub(crate) stuck: bool,
}

/// What a page asks of whoever looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asks {
    kind: PageKind,
    document: String,
    address: String,
    lines: Vec<(FieldRole, u32, bool)>,
    questions: Vec<(u32, bool)>,
    puzzle: bool,
}

impl Asks {
    pub(crate) fn of(view: PageView<'_>) -> Self {
        let main = view.snapshot.main();
        let typing = |frame: &str, node: u32| {
            let field = view.snapshot.frame(frame).and_then(|frame| frame.field(node));
            field.is_some_and(|field| field.focused)
        };
        let widget = view
            .snapshot
            .visible_frames()
            .any(|(_, frame)| frame.challenges.iter().any(|challenge| challenge.visible && !challenge.solved));
        Self {
            kind: view.page.kind,
            document: main.map(|main| main.document.clone()).unwrap_or_default(),
            address: main.map(|main| main.address.clone()).unwrap_or_default(),
            lines: (view.page.parts.iter())
                .map(|part| {
                    let being_typed = part.role == FieldRole::Puzzle && typing(&part.element.frame, part.element.node);
                    (part.role, part.element.node, part.filled && !being_typed)
                })
                .collect(),
            questions: (view.page.questions.iter())
                .map(|one| (one.element.node, one.filled && !typing(&one.element.frame, one.element.node)))
                .collect(),
            puzzle: widget,
        }
    }

    /// The same form of the same page, whatever is typed into it.
    pub(crate) fn is_same_form(&self, other: &Self) -> bool {
        let nodes = |asks: &Self| asks.lines.iter().map(|(role, node, _)| (*role, *node)).collect::<Vec<_>>();
        self.kind == other.kind
            && self.document == other.document
            && self.address == other.address
            && nodes(self) == nodes(other)
    }
}
