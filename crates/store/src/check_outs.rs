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
    BY_ID = "select credential, mark, state from check_out where credential = $1";
    // Somebody else may have been faster.
    INSERT = "insert into check_out (credential, mark, holder, due_at, state) values ($1, $2, $3, $4, $5) \
              on conflict (credential) do nothing";
    UPDATE = "update check_out set mark = $2, holder = $3, due_at = $4, state = $5 where credential = $1 and state = $6";
    DUE = "select credential, mark, state from check_out where due_at <= $1 order by due_at limit $2";
    HELD = "select credential, mark, state from check_out where holder is not null and credential > $1 order by credential limit $2";
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
    let holder = check_out.held.as_ref().map(|held| held.person.uuid());
    let (due_at, text) = (check_out.due_at(), text(check_out));
    let mark = tx.keys().mark(&marks::check_out(credential.uuid(), &text))?;
    let written = match former {
        None => tx.execute(&INSERT, args![credential.uuid(), mark, holder, due_at, text]).await?,
        Some(former) => {
            let before = self::text(former);
            tx.execute(&UPDATE, args![credential.uuid(), mark, holder, due_at, text, before]).await?
        }
    };
    Ok(written == 1)
}

/// Those with which something has passed by itself.
pub async fn due(db: &mut impl Select, now: Timestamp, limit: u32) -> Result<Vec<(CredentialId, CheckOut)>, Error> {
    let rows = db.fetch_all(&DUE, args![now, limit]).await?;
    rows.iter().map(|row| check_out(db.keys(), row)).collect()
}

/// Those that somebody has, after one of them.
pub async fn held(
    db: &mut impl Select,
    after: Option<CredentialId>,
    limit: u32,
) -> Result<Vec<(CredentialId, CheckOut)>, Error> {
    let after = after.map_or(Uuid::nil(), CredentialId::uuid);
    let rows = db.fetch_all(&HELD, args![after, limit]).await?;
    rows.iter().map(|row| check_out(db.keys(), row)).collect()
}

fn text(check_out: &CheckOut) -> String {
    serde_json::to_string(check_out).expect("a check-out is plain")
}

fn check_out(keys: &MarkKeys, row: &Row) -> Result<(CredentialId, CheckOut), Error> {
    let (credential, state): (Uuid, String) = (row.get(0)?, row.get(2)?);
    let marked = marks::check_out(credential, &state);
    keys.check("check-out of credential", &credential.to_string(), &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    let found = serde_json::from_str(&state).map_err(|_| corrupt("check_out.state"))?;
    Ok((CredentialId::from_uuid(credential), found))
}
