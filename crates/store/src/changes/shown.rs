//! What people call a change: a password change, a test run or a sign-in check. It is read from the view `shown_change`, in
//! which the sign-ins of sessions are not.

use countersign_model::{ChangeId, ChangeReason, ChangeState, CredentialId, Timestamp, UserId, VersionId};
use countersign_seal::Sealed;

use super::row::{ChangeRow, EventRow, change, columns, reason, state};
use crate::{
    args,
    credentials::grants::granted,
    engine::{Error, Row, Select, Value},
    statements,
};

statements! {
    BY_ID = concat!("select ", columns!(), " from shown_change h join credential c on c.id = h.credential where h.id = $1");
    OPEN = concat!("select ", columns!(), " from shown_change h join credential c on c.id = h.credential \
                    where h.credential = $1 and h.ended_at is null");
    // What a grant does not show is not there for a member; `$2` null sees everything.
    LIST = concat!(granted!("$2", "$8", ""), "select ", columns!(), " from shown_change h join credential c on c.id = h.credential \
        where ($1 is null or h.credential = $1) \
        and ($2 is null or h.credential in (select credential from granted)) \
        and ($3 is null or h.state = $3) \
        and ($4 is null or (h.ended_at is null) = $4) \
        and ($5 is null or h.created_at < $5 or (h.created_at = $5 and h.id < $6)) \
        order by h.created_at desc, h.id desc limit $7");
    ARMED_SINCE = "select armed_at from shown_change where credential = $1 and armed_at > $2 order by armed_at";
    TRIED_SINCE = "select started_at from shown_change where credential = $1 and kind in ('heartbeat', 'rehearsal') \
                   and started_at > $2 order by started_at";
    LAST_ENDS = "select state, reason, ended_at from shown_change where credential = $1 and ended_at is not null \
                 order by ended_at desc limit $2";
    EVENTS = "select seq, at, state, text, picture_version is not null from change_event where change = $1 \
              order by seq desc limit $2";
    PICTURE = "select picture_version, picture from change_event where change = $1 and seq = $2";
    OPEN_BY_STATE = "select state, count(*) from shown_change where ended_at is null group by state";
    // What needs a person is little, however many credentials are listed: one question for a whole page of them.
    NEED_A_PERSON = "select credential, id, state from shown_change where ended_at is null \
                     and state in ('in_doubt', 'waiting_for_a_person') order by id limit $1";
}

/// Which changes to list.
#[derive(Debug, Clone, Default)]
pub struct ChangeFilter {
    /// Of this credential.
    pub credential: Option<CredentialId>,
    /// Of credentials that this person was granted; `None`: all.
    pub granted_to: Option<UserId>,
    /// In this state.
    pub state: Option<ChangeState>,
    /// Ended or not.
    pub open: Option<bool>,
    /// After this one in the list.
    pub after: Option<(Timestamp, ChangeId)>,
}

/// The change of that id; none where it is a session's sign-in.
pub async fn find(db: &mut impl Select, id: ChangeId) -> Result<Option<ChangeRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| change(&row)).transpose()
}

/// The credential's change that has not ended; none where that is a session's sign-in.
pub async fn open(db: &mut impl Select, credential: CredentialId) -> Result<Option<ChangeRow>, Error> {
    db.fetch_optional(&OPEN, args![credential.uuid()]).await?.map(|row| change(&row)).transpose()
}

/// A page of changes, the newest first.
pub async fn list(
    db: &mut impl Select,
    filter: &ChangeFilter,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ChangeRow>, Error> {
    let values: [Value; 8] = args![
        filter.credential.map(CredentialId::uuid),
        filter.granted_to.map(UserId::uuid),
        filter.state.map(ChangeState::name),
        filter.open,
        filter.after.map(|(at, _)| at),
        filter.after.map(|(_, id)| id.uuid()),
        limit,
        now,
    ];
    db.fetch_all(&LIST, values).await?.iter().map(change).collect()
}

/// When new passwords of a credential may have reached its site since `since`, the oldest first.
pub async fn armed_since(
    db: &mut impl Select,
    credential: CredentialId,
    since: Timestamp,
) -> Result<Vec<Timestamp>, Error> {
    let rows = db.fetch_all(&ARMED_SINCE, args![credential.uuid(), since]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// When heartbeats and rehearsals of a credential have begun since `since`, the oldest first.
pub async fn tried_since(
    db: &mut impl Select,
    credential: CredentialId,
    since: Timestamp,
) -> Result<Vec<Timestamp>, Error> {
    let rows = db.fetch_all(&TRIED_SINCE, args![credential.uuid(), since]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// How the credential's last changes ended, the newest first.
pub async fn last_ends(
    db: &mut impl Select,
    credential: CredentialId,
    limit: u32,
) -> Result<Vec<(ChangeState, Option<ChangeReason>, Timestamp)>, Error> {
    let rows = db.fetch_all(&LAST_ENDS, args![credential.uuid(), limit]).await?;
    rows.iter().map(|row| Ok((state(row, 0)?, reason(row, 1)?, row.get(2)?))).collect()
}

/// What happened, the newest first, at most `limit`.
pub async fn events(db: &mut impl Select, change: ChangeId, limit: u32) -> Result<Vec<EventRow>, Error> {
    let rows = db.fetch_all(&EVENTS, args![change.uuid(), limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(EventRow {
                seq: row.get(0)?,
                at: row.get(1)?,
                state: state(row, 2)?,
                text: row.get(3)?,
                has_picture: row.get(4)?,
            })
        })
        .collect()
}

/// The sealed picture of a line.
pub async fn picture(db: &mut impl Select, change: ChangeId, seq: i64) -> Result<Option<(VersionId, Sealed)>, Error> {
    let Some(row) = db.fetch_optional(&PICTURE, args![change.uuid(), seq]).await? else { return Ok(None) };
    let (version, bytes): (Option<uuid::Uuid>, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
    Ok(version.zip(bytes).map(|(version, bytes)| (VersionId::from_uuid(version), Sealed::from_bytes(bytes))))
}

/// How many changes have not ended, by where they stand.
pub async fn open_by_state(db: &mut impl Select) -> Result<Vec<(ChangeState, i64)>, Error> {
    db.fetch_all(&OPEN_BY_STATE, args![]).await?.iter().map(|row| Ok((state(row, 0)?, row.get(1)?))).collect()
}

/// Changes that cannot end without a person, at most `limit`: in doubt, or waiting for one.
pub async fn need_a_person(
    db: &mut impl Select,
    limit: u32,
) -> Result<Vec<(CredentialId, ChangeId, ChangeState)>, Error> {
    let rows = db.fetch_all(&NEED_A_PERSON, args![limit]).await?;
    let one = |row: &Row| Ok((CredentialId::from_uuid(row.get(0)?), ChangeId::from_uuid(row.get(1)?), state(row, 2)?));
    rows.iter().map(one).collect()
}
