//! Recovery codes: for who lost the authenticator. Kept as bearers are, keyed, so that nobody who can write the database
//! has one of their own choice; each used once, and then gone.

use countersign_model::UserId;
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, Select, Transaction},
    statements,
};

statements! {
    INSERT = "insert into recovery_code (person, code) values ($1, $2)";
    // Its row goes with it: a code serves once, also when two sign-ins race.
    USE = "delete from recovery_code where person = $1 and code = $2";
    LEFT = "select count(*) from recovery_code where person = $1";
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
pub async fn take(tx: &mut Transaction, person: UserId, code: &Digest) -> Result<bool, Error> {
    let stored = tx.keys().bearer(code)?;
    Ok(tx.execute(&USE, args![person.uuid(), stored.bytes()]).await? == 1)
}

/// How many codes the person has.
pub async fn left(db: &mut impl Select, person: UserId) -> Result<i64, Error> {
    db.fetch_one(&LEFT, args![person.uuid()]).await?.get(0)
}

/// Forgets all of the person's codes.
pub async fn delete(tx: &mut Transaction, person: UserId) -> Result<(), Error> {
    tx.execute(&DELETE, args![person.uuid()]).await.map(drop)
}
