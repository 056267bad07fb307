//! What a worker runs: any change, of which the sign-in of a session is one. That nothing else runs at its credential, its
//! lease and its tries are the same, so these statements know the table itself. What people see is in `shown.rs`.

use countersign_model::{ChangeId, ChangeState, CredentialId, Timestamp, UserId, VersionId};
use countersign_seal::Sealed;

use super::row::{ChangeRow, change, columns};
use crate::{
    args,
    engine::{Error, Select, Transaction},
    statements,
};

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
    NEXT_SEQ = "select coalesce(max(seq), 0) + 1 from change_event where change = $1";
    INSERT_EVENT = "insert into change_event (change, seq, at, state, text, picture_version, picture) \
                    values ($1, $2, $3, $4, $5, $6, $7)";
    DROP_PICTURES = "update change_event set picture_version = null, picture = null where change in \
                     (select id from change where ended_at < $1) and picture_version is not null";
}

/// Adds a change. False when another of the credential, of whatever kind, has not ended.
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

/// The change of that id, of whatever kind.
pub async fn find(db: &mut impl Select, id: ChangeId) -> Result<Option<ChangeRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| change(&row)).transpose()
}

/// The credential's change that has not ended, of whatever kind.
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

/// Forgets the pictures of changes that ended before `before`; what happened stays.
pub async fn drop_pictures(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&DROP_PICTURES, args![before]).await
}
