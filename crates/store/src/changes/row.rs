//! What a row of a change says, and of what happened in it: for what people see (`shown.rs`) and for what a worker runs
//! (`runs.rs`) alike.

use countersign_model::{
    ChangeId, ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CredentialId, SiteAnswer, Timestamp, UserId,
    VersionId,
};

use crate::engine::{Error, Row, corrupt};

/// The columns that [`change`] reads, of `h` and its credential `c`.
macro_rules! columns {
    () => {
        "h.id, h.credential, c.name, h.kind, h.state, h.reason, h.asked_by_name, h.because, h.note, h.created_at, \
         h.started_at, h.ended_at, h.not_before, h.waiting_until, h.candidate, h.armed_at, h.attempts, \
         h.current_tries, h.candidate_tries, h.settled_by, h.asker, h.site_answer, h.submitted_at"
    };
}
pub(super) use columns;

/// A change as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
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
    /// The new password.
    pub candidate: Option<VersionId>,
    /// Since when the new password may have reached the site.
    pub armed_at: Option<Timestamp>,
    /// How often a worker has begun with it.
    pub attempts: i64,
    /// How often the current password was sent at a sign-in since it was last taken.
    pub current_tries: i64,
    /// The same of the new one.
    pub candidate_tries: i64,
    /// Who said by hand which password signs in.
    pub settled_by: Option<String>,
    /// Who asked, where a person did.
    pub asker: Option<UserId>,
    /// What the site answered when the new password was sent; `None`: not known.
    pub site_answer: Option<SiteAnswer>,
    /// When the new password was sent, or could have been.
    pub submitted_at: Option<Timestamp>,
}

/// Something that happened in a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its number within the change, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Where the change stood.
    pub state: ChangeState,
    /// What happened, without secrets.
    pub text: String,
    /// Whether there is a picture.
    pub has_picture: bool,
}

pub(super) fn state(row: &Row, column: usize) -> Result<ChangeState, Error> {
    row.get::<String>(column)?.parse().map_err(|_| corrupt("change.state"))
}

pub(super) fn reason(row: &Row, column: usize) -> Result<Option<ChangeReason>, Error> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| corrupt("change.reason"))).transpose()
}

pub(super) fn change(row: &Row) -> Result<ChangeRow, Error> {
    Ok(ChangeRow {
        id: ChangeId::from_uuid(row.get(0)?),
        credential: CredentialId::from_uuid(row.get(1)?),
        credential_name: row.get(2)?,
        kind: row.get::<String>(3)?.parse().map_err(|_| corrupt("change.kind"))?,
        state: state(row, 4)?,
        reason: reason(row, 5)?,
        asked_by: row.get(6)?,
        because: row.get::<String>(7)?.parse().map_err(|_| corrupt("change.because"))?,
        note: row.get(8)?,
        created_at: row.get(9)?,
        started_at: row.get(10)?,
        ended_at: row.get(11)?,
        not_before: row.get(12)?,
        waiting_until: row.get(13)?,
        candidate: row.get::<Option<uuid::Uuid>>(14)?.map(VersionId::from_uuid),
        armed_at: row.get(15)?,
        attempts: row.get(16)?,
        current_tries: row.get(17)?,
        candidate_tries: row.get(18)?,
        settled_by: row.get(19)?,
        asker: row.get::<Option<uuid::Uuid>>(20)?.map(UserId::from_uuid),
        site_answer: (row.get::<Option<String>>(21)?)
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("change.site_answer")))
            .transpose()?,
        submitted_at: row.get(22)?,
    })
}
