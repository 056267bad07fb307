//! Changes and what happened in them.

use countersign_model::{
    ChangeId, ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CredentialId, SiteAnswer, Timestamp, UserId,
    VersionId,
};
use countersign_seal::Sealed;

use crate::{
    args,
    engine::{Error, Row, Select, Transaction, Value, corrupt},
    statements,
};

macro_rules! columns {
    () => {
        "h.id, h.credential, c.name, h.kind, h.state, h.reason, h.asked_by_name, h.because, h.note, h.created_at, \
         h.started_at, h.ended_at, h.not_before, h.waiting_until, h.candidate, h.armed_at, h.attempts, \
         h.current_tries, h.candidate_tries, h.settled_by, h.asker, h.site_answer, h.submitted_at"
    };
}

statements! {
    INSERT = "insert into change (id, credential, kind, state, asked_by_name, because, note, created_at, not_before, \
              asker, attempts, current_tries, candidate_tries) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0) \
              on conflict (credential) where ended_at is null do nothing";
    // A change that is nobody's work is held by its own row.
    LOCK = "select id from change where id = $1", postgres: "select id from change where id = $1 for update";
    BY_ID = concat!("select ", columns!(), " from change h join credential c on c.id = h.credential where h.id = $1");
    OPEN = concat!("select ", columns!(), " from change h join credential c on c.id = h.credential \
                    where h.credential = $1 and h.ended_at is null");
    UPDATE = "update change set state = $2, reason = $3, started_at = $4, ended_at = $5, not_before = $6, \
              waiting_until = $7, candidate = $8, armed_at = $9, attempts = $10, current_tries = $11, \
              candidate_tries = $12, settled_by = $13, site_answer = $14, submitted_at = $15 where id = $1";
    // What a grant does not show is not there for a member; `$2` null sees everything. Sign-ins belong to their sessions.
    LIST = concat!("select ", columns!(), " from change h join credential c on c.id = h.credential \
        where h.kind <> 'sign_in' and ($1 is null or h.credential = $1) \
        and ($2 is null or exists (select 1 from credential_grant g where g.person = $2 and g.credential = h.credential)) \
        and ($3 is null or h.state = $3) \
        and ($4 is null or (h.ended_at is null) = $4) \
        and ($5 is null or h.created_at < $5 or (h.created_at = $5 and h.id < $6)) \
        order by h.created_at desc, h.id desc limit $7");
    ARMED_SINCE = "select armed_at from change where credential = $1 and armed_at > $2 order by armed_at";
    TRIED_SINCE = "select started_at from change where credential = $1 and kind in ('heartbeat', 'rehearsal') \
                   and started_at > $2 order by started_at";
    LAST_ENDS = "select state, reason, ended_at from change where credential = $1 and ended_at is not null \
                 and kind <> 'sign_in' \
                 order by ended_at desc limit $2";
    NEXT_SEQ = "select coalesce(max(seq), 0) + 1 from change_event where change = $1";
    INSERT_EVENT = "insert into change_event (change, seq, at, state, text, picture_version, picture) \
                    values ($1, $2, $3, $4, $5, $6, $7)";
    EVENTS = "select seq, at, state, text, picture_version is not null from change_event where change = $1 \
              order by seq desc limit $2";
    PICTURE = "select picture_version, picture from change_event where change = $1 and seq = $2";
    DROP_PICTURES = "update change_event set picture_version = null, picture = null where change in \
                     (select id from change where ended_at < $1) and picture_version is not null";
    OPEN_BY_STATE = "select state, count(*) from change where ended_at is null and kind <> 'sign_in' group by state";
    // What needs a person is little, however many credentials are listed: one question for a whole page of them.
    NEED_A_PERSON = "select credential, id, state from change where ended_at is null and kind <> 'sign_in' \
                     and state in ('in_doubt', 'waiting_for_a_person') order by id limit $1";
}

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

/// Adds a change. False when another of the credential has not ended.
pub async fn insert(tx: &mut Transaction, change: &ChangeRow) -> Result<bool, Error> {
    let values = args![
        change.id.uuid(),
        change.credential.uuid(),
        change.kind.name(),
        change.state.name(),
        &change.asked_by,
        change.because.name(),
        change.note.clone(),
        change.created_at,
        change.not_before,
        change.asker.map(UserId::uuid),
    ];
    Ok(tx.execute(&INSERT, values).await? == 1)
}

/// Keeps everybody from moving a change until the transaction ends. After [`crate::changes::jobs::lock`], before it is read.
pub async fn lock(tx: &mut Transaction, id: ChangeId) -> Result<(), Error> {
    tx.fetch_optional(&LOCK, args![id.uuid()]).await.map(drop)
}

/// The change of that id.
pub async fn find(db: &mut impl Select, id: ChangeId) -> Result<Option<ChangeRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| change(&row)).transpose()
}

/// The credential's change that has not ended.
pub async fn open(db: &mut impl Select, credential: CredentialId) -> Result<Option<ChangeRow>, Error> {
    db.fetch_optional(&OPEN, args![credential.uuid()]).await?.map(|row| change(&row)).transpose()
}

/// Writes everything of a change that moves.
pub async fn update(tx: &mut Transaction, change: &ChangeRow) -> Result<(), Error> {
    let reason = change.reason.as_ref().map(|reason| serde_json::to_string(reason).expect("reasons are plain"));
    let values = args![
        change.id.uuid(),
        change.state.name(),
        reason,
        change.started_at,
        change.ended_at,
        change.not_before,
        change.waiting_until,
        change.candidate.map(VersionId::uuid),
        change.armed_at,
        change.attempts,
        change.current_tries,
        change.candidate_tries,
        change.settled_by.clone(),
        change.site_answer.as_ref().map(|answer| serde_json::to_string(answer).expect("answers are plain")),
        change.submitted_at,
    ];
    tx.execute(&UPDATE, values).await.map(drop)
}

/// A page of changes, the newest first.
pub async fn list(db: &mut impl Select, filter: &ChangeFilter, limit: u32) -> Result<Vec<ChangeRow>, Error> {
    let values: [Value; 7] = args![
        filter.credential.map(CredentialId::uuid),
        filter.granted_to.map(UserId::uuid),
        filter.state.map(ChangeState::name),
        filter.open,
        filter.after.map(|(at, _)| at),
        filter.after.map(|(_, id)| id.uuid()),
        limit,
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

/// Adds a line to what happened. Gives its number.
pub async fn add_event(
    tx: &mut Transaction,
    change: ChangeId,
    at: Timestamp,
    state: ChangeState,
    text: &str,
    picture: Option<(VersionId, &Sealed)>,
) -> Result<i64, Error> {
    if let Some((_, sealed)) = picture {
        tx.keys().admit(sealed)?;
    }
    let seq: i64 = tx.fetch_one(&NEXT_SEQ, args![change.uuid()]).await?.get(0)?;
    let (version, bytes) =
        picture.map_or((None, None), |(version, sealed)| (Some(version.uuid()), Some(sealed.bytes())));
    tx.execute(&INSERT_EVENT, args![change.uuid(), seq, at, state.name(), text, version, bytes]).await?;
    Ok(seq)
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

/// Forgets the pictures of changes that ended before `before`; what happened stays.
pub async fn drop_pictures(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&DROP_PICTURES, args![before]).await
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

fn state(row: &Row, column: usize) -> Result<ChangeState, Error> {
    row.get::<String>(column)?.parse().map_err(|_| corrupt("change.state"))
}

fn reason(row: &Row, column: usize) -> Result<Option<ChangeReason>, Error> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|_| corrupt("change.reason"))).transpose()
}

fn change(row: &Row) -> Result<ChangeRow, Error> {
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
