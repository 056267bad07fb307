//! Who has checked a credential out, and who waits for it. What follows from that is `countersign_model`'s to say.

use countersign_model::{CheckOut, CredentialId, Possession, Timestamp, UserId};
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
    BY_ID = "select credential, mark, ends_at, state from check_out where credential = $1";
    // Somebody else may have been faster.
    INSERT = "insert into check_out (credential, mark, ends_at, state) values ($1, $2, $3, $4) on conflict (credential) do nothing";
    UPDATE = "update check_out set mark = $2, ends_at = $3, state = $4 where credential = $1 and state = $5";
    ENDED = "select credential, mark, ends_at, state from check_out where ends_at <= $1 order by ends_at limit $2";
    SEEN_TO = "update check_out set ends_at = null, mark = $2 where credential = $1 and state = $3 and ends_at is not null";
}

/// Who has the credential of that id, and who waits for it; `None` when nobody ever had.
pub async fn find(db: &mut impl Select, credential: CredentialId) -> Result<Option<CheckOut>, Error> {
    let row = db.fetch_optional(&BY_ID, args![credential.uuid()]).await?;
    row.map(|row| Ok(check_out(db.keys(), &row)?.1)).transpose()
}

/// Who has it, as one person is concerned.
pub(crate) async fn possession(
    db: &mut impl Select,
    credential: CredentialId,
    person: UserId,
) -> Result<Option<Possession>, Error> {
    Ok(find(db, credential).await?.and_then(|found| Possession::of(&found, person)))
}

/// Writes what has become of it since it was read as `former`. False when somebody else has written meanwhile.
pub async fn put(
    tx: &mut Transaction,
    credential: CredentialId,
    former: Option<&CheckOut>,
    check_out: &CheckOut,
) -> Result<bool, Error> {
    let ends_at = check_out.held.as_ref().filter(|_| check_out.back_at.is_none()).map(|held| held.until);
    let text = text(check_out);
    let mark = mark(tx.keys(), credential, ends_at, &text)?;
    let written = match former {
        None => tx.execute(&INSERT, args![credential.uuid(), mark, ends_at, text]).await?,
        Some(former) => tx.execute(&UPDATE, args![credential.uuid(), mark, ends_at, text, self::text(former)]).await?,
    };
    Ok(written == 1)
}

/// Those whose time is over, and that nobody has seen to.
pub async fn ended(db: &mut impl Select, now: Timestamp, limit: u32) -> Result<Vec<(CredentialId, CheckOut)>, Error> {
    let rows = db.fetch_all(&ENDED, args![now, limit]).await?;
    rows.iter().map(|row| check_out(db.keys(), row)).collect()
}

/// It was seen to that one's time is over. False when somebody else was faster, or it has moved on.
pub async fn seen_to(tx: &mut Transaction, credential: CredentialId, check_out: &CheckOut) -> Result<bool, Error> {
    let text = text(check_out);
    let mark = mark(tx.keys(), credential, None, &text)?;
    Ok(tx.execute(&SEEN_TO, args![credential.uuid(), mark, text]).await? == 1)
}

fn text(check_out: &CheckOut) -> String {
    serde_json::to_string(check_out).expect("a check-out is plain")
}

fn mark(keys: &MarkKeys, credential: CredentialId, ends_at: Option<Timestamp>, state: &str) -> Result<Vec<u8>, Error> {
    keys.mark(&marks::check_out(credential.uuid(), ends_at, state))
}

fn check_out(keys: &MarkKeys, row: &Row) -> Result<(CredentialId, CheckOut), Error> {
    let (credential, state): (Uuid, String) = (row.get(0)?, row.get(3)?);
    let marked = marks::check_out(credential, row.get(2)?, &state);
    keys.check("check-out of credential", &credential.to_string(), &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    let found = serde_json::from_str(&state).map_err(|_| corrupt("check_out.state"))?;
    Ok((CredentialId::from_uuid(credential), found))
}
