use countersign_model::{
    AccessContext, Action, Actor, ChangeId, ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CredentialId, Grants,
    Timestamp, decide,
};
use countersign_store::changes::{ChangeRow, EventRow};

/// A change as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeView {
    /// Its id.
    pub id: ChangeId,
    /// Whose password.
    pub credential: CredentialId,
    /// The credential's name now.
    pub credential_name: String,
    /// What is done.
    pub kind: ChangeKind,
    /// Where it stands.
    pub state: ChangeState,
    /// Why it is not further.
    pub reason: Option<ChangeReason>,
    /// What holds now, in one sentence.
    pub says: String,
    /// Who asked.
    pub asked_by: String,
    /// What asked.
    pub because: ChangeTrigger,
    /// The reason that was given.
    pub note: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a worker first began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it will run, if it was put off.
    pub not_before: Option<Timestamp>,
    /// How long it waits for a person.
    pub waiting_until: Option<Timestamp>,
    /// Since when the new password may have reached the site.
    pub armed_at: Option<Timestamp>,
    /// How often a worker has begun with it.
    pub attempts: i64,
    /// Who said by hand which password signs in.
    pub settled_by: Option<String>,
    /// What the actor may do.
    pub may: ChangePermissions,
    /// What happened, in order; empty in lists.
    pub events: Vec<ChangeEvent>,
}

/// What somebody may do with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangePermissions {
    /// Call it off.
    pub cancel: bool,
    /// Have it run now.
    pub retry: bool,
    /// Say which password holds.
    pub settle: bool,
}

/// A line of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEvent {
    /// Its number within the change, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Where the change stood.
    pub state: ChangeState,
    /// What happened, without secrets.
    pub text: String,
    /// Whether there is a picture that the actor may see.
    pub has_picture: bool,
}

impl ChangeEvent {
    /// `may_look`: the actor may see pictures.
    pub(crate) fn of(row: EventRow, may_look: bool) -> Self {
        let EventRow { seq, at, state, text, has_picture } = row;
        Self { seq, at, state, text, has_picture: has_picture && may_look }
    }
}

/// `may`: the actor may change this password.
pub(crate) fn view(row: ChangeRow, may: bool, now: Timestamp) -> ChangeView {
    let armed = row.armed_at.is_some();
    let open = row.ended_at.is_none();
    // Without a reason, a worker is finding it out at this moment.
    let doubt = row.state == ChangeState::InDoubt && row.reason.is_some();
    let put_off = row.state == ChangeState::Postponed && row.not_before.is_some_and(|at| at > now);
    ChangeView {
        says: says(&row),
        may: ChangePermissions {
            cancel: may && open && !armed,
            retry: may && (doubt || put_off),
            settle: may && doubt,
        },
        events: Vec::new(),
        id: row.id,
        credential: row.credential,
        credential_name: row.credential_name,
        kind: row.kind,
        state: row.state,
        reason: row.reason,
        asked_by: row.asked_by,
        because: row.because,
        note: row.note,
        created_at: row.created_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        not_before: row.not_before,
        waiting_until: row.waiting_until,
        armed_at: row.armed_at,
        attempts: row.attempts,
        settled_by: row.settled_by,
    }
}

pub(crate) fn may_change(actor: &Actor, grants: &Grants, context: &AccessContext<'_>) -> bool {
    decide(actor.role, Action::ChangePassword, grants, context).is_ok()
}

/// Whether somebody may look at a change's screenshots.
pub(crate) fn may_look(actor: &Actor, grants: &Grants, context: &AccessContext<'_>) -> bool {
    may_change(actor, grants, context) || decide(actor.role, Action::WatchSession, grants, context).is_ok()
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
