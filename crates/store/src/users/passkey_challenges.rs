//! What browsers were asked for a passkey and have not answered: one question for each browser and purpose, answered once.

use countersign_model::{Chance, Timestamp, VersionId};
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, Select, Transaction},
    keys::marks,
    statements,
};

statements! {
    PUT = "insert into passkey_challenge (id, mark, holder, state, expires_at) values ($1, $2, $3, $4, $5) on conflict (holder) \
           do update set id = excluded.id, mark = excluded.mark, state = excluded.state, expires_at = excluded.expires_at";
    // Its row goes with it: a question is answered once, also when two answers race.
    TAKE = "delete from passkey_challenge where holder = $1 returning id, mark, holder, state, expires_at";
    FORGET = "delete from passkey_challenge where expires_at <= $1";
    // The first that is one too many, and those that were asked before it.
    CROWD_OUT = "delete from passkey_challenge where expires_at <= (select expires_at from passkey_challenge \
                 order by expires_at desc limit 1 offset $1)";
}

/// Keeps what a browser was asked, in the place of what it was asked before; `holder` says which browser, and for what.
/// Those that were asked first make room where there are more than `most`.
pub async fn put(
    tx: &mut Transaction,
    holder: &Digest,
    state: &str,
    (now, expires_at): (Timestamp, Timestamp),
    most: u32,
    chance: &dyn Chance,
) -> Result<(), Error> {
    forget(tx, now).await?;
    let id = VersionId::new(now, chance).uuid();
    let holder = tx.keys().bearer(holder)?;
    let mark = tx.keys().mark(&marks::passkey_challenge(id, holder.bytes(), state, expires_at))?;
    tx.execute(&PUT, args![id, mark, holder.bytes(), state, expires_at]).await?;
    tx.execute(&CROWD_OUT, args![most]).await?;
    Ok(())
}

/// Takes what a browser was asked, once; `None` when that was nothing, or too long ago.
pub async fn take(tx: &mut Transaction, holder: &Digest, now: Timestamp) -> Result<Option<String>, Error> {
    let holder = tx.keys().bearer(holder)?;
    let Some(row) = tx.fetch_optional(&TAKE, args![holder.bytes()]).await? else { return Ok(None) };
    let (id, state, expires_at): (uuid::Uuid, String, Timestamp) = (row.get(0)?, row.get(3)?, row.get(4)?);
    let marked = marks::passkey_challenge(id, holder.bytes(), &state, expires_at);
    tx.keys().check("question for a passkey", &id.to_string(), &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    Ok((now < expires_at).then_some(state))
}

/// Forgets what was not answered in time.
pub async fn forget(tx: &mut Transaction, now: Timestamp) -> Result<u64, Error> {
    tx.execute(&FORGET, args![now]).await
}
