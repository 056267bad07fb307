use countersign_model::{Action, Actor, ChangeKind, ChangeState, Timestamp, decide};
use countersign_store::changes::{ChangeRow, EventRow};

/// A change as somebody sees it.
#[derive(Debug, Clone)]
pub struct ChangeView {
    /// What is stored.
    pub row: ChangeRow,
    /// What holds now, in one sentence.
    pub says: String,
    /// Whether the actor may call it off.
    pub may_cancel: bool,
    /// Whether the actor may have it run now.
    pub may_retry: bool,
    /// Whether the actor may say which password holds.
    pub may_settle: bool,
    /// What happened, in order; empty in lists.
    pub events: Vec<ChangeEvent>,
}

/// A line of what happened.
pub type ChangeEvent = EventRow;

/// `may`: the actor may change this password.
pub(crate) fn view(row: ChangeRow, may: bool, now: Timestamp) -> ChangeView {
    let armed = row.armed_at.is_some();
    let open = row.ended_at.is_none();
    // Without a reason, a worker is finding it out at this moment.
    let doubt = row.state == ChangeState::InDoubt && row.reason.is_some();
    let put_off = row.state == ChangeState::Postponed && row.not_before.is_some_and(|at| at > now);
    ChangeView {
        says: says(&row),
        may_cancel: may && open && !armed,
        may_retry: may && (doubt || put_off),
        may_settle: may && doubt,
        events: Vec::new(),
        row,
    }
}

pub(crate) fn may_change(actor: &Actor, grant: Option<&countersign_model::Grant>) -> bool {
    decide(actor.role, Action::ChangePassword, grant).is_ok()
}

/// Whether somebody may look at a change's screenshots.
pub(crate) fn may_look(actor: &Actor, grant: Option<&countersign_model::Grant>) -> bool {
    may_change(actor, grant) || decide(actor.role, Action::WatchSession, grant).is_ok()
}

fn says(row: &ChangeRow) -> String {
    let armed = row.armed_at.is_some();
    if let Some(by) = &row.settled_by {
        let holds = if row.state == ChangeState::Changed { "new" } else { "old" };
        return format!("Resolved by {by}: the {holds} password signs in. Countersign has not checked it.");
    }
    let text = match (row.state, row.kind) {
        (ChangeState::Queued, _) => "It starts as soon as a worker is free.",
        (ChangeState::Postponed, _) => "Postponed; it will run automatically. The password is unchanged.",
        (ChangeState::SigningIn, _) => "Signing in with the stored password. Nothing has been changed yet.",
        (ChangeState::Changing, _) if !armed => "Looking for the change-password form. Nothing has been changed yet.",
        (ChangeState::Changing | ChangeState::Submitted, _) => {
            "The new password is stored and may be valid already; the old one is kept until the new one is verified."
        }
        (ChangeState::Verifying, _) => "Verifying by a new sign-in which password is valid. Both are kept.",
        (ChangeState::WaitingForAPerson, _) if armed => {
            "A person has to act in the open browser. The new password may be valid already; both are kept."
        }
        (ChangeState::WaitingForAPerson, _) => "A person has to act in the open browser. Nothing has been changed yet.",
        (ChangeState::InDoubt, _) => {
            "It is not known yet whether the new or the old password is valid. Both are kept, and will be tried."
        }
        (ChangeState::Changed, _) => "Password changed and verified by a new sign-in.",
        (ChangeState::Passed, ChangeKind::Rehearsal) => {
            "The test run reached the change-password form and left it empty. The password is unchanged."
        }
        (ChangeState::Passed, _) => "Sign-in works. The password is unchanged.",
        (ChangeState::Failed, _) if armed => {
            "The password is unchanged: a new sign-in with the old one has verified it."
        }
        (ChangeState::Failed, _) => "The password is unchanged: nothing that could change it was sent.",
        (ChangeState::Cancelled, _) => "Cancelled. The password is unchanged.",
    };
    text.to_owned()
}
