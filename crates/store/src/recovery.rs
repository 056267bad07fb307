//! Recovery codes: for who lost the authenticator. Kept as bearers are, keyed, so that nobody who can write the database
//! has one of their own choice; each used once.

use countersign_model::{Timestamp, UserId};
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, Select, Transaction},
    statements,
};

statements! {
    INSERT = "insert into recovery_code (person, code) values ($1, $2)";
    // A code serves once, also when two sign-ins race.
    USE = "update recovery_code set used_at = $3 where person = $1 and code = $2 and used_at is null";
    LEFT = "select count(*) from recovery_code where person = $1 and used_at is null";
    DELETE = "delete from recovery_code where person = $1";
}

/// Puts these codes in the place of all that the person had.
pub async fn replace(tx: &mut Transaction, person: UserId, codes: &[Digest]) -> Result<(), Error> {
    delete(tx, person).await?;
    for code in codes {
        let stored = tx.keys().bearer(code)?;
        tx.execute(&INSERT, args![person.uuid(), stored.bytes()]).await?;
    }
    Ok(())
}

/// Uses a code up. False when it is none of the person's, or was used before.
pub async fn take(tx: &mut Transaction, person: UserId, code: &Digest, now: Timestamp) -> Result<bool, Error> {
    let stored = tx.keys().bearer(code)?;
    Ok(tx.execute(&USE, args![person.uuid(), stored.bytes(), now]).await? == 1)
}

/// How many codes the person has left.
pub async fn left(db: &mut impl Select, person: UserId) -> Result<i64, Error> {
    db.fetch_one(&LEFT, args![person.uuid()]).await?.get(0)
}

/// Forgets all of the person's codes.
pub async fn delete(tx: &mut Transaction, person: UserId) -> Result<(), Error> {
    tx.execute(&DELETE, args![person.uuid()]).await.map(drop)
}
