//! Whose phone has which setup key, as far as it went there from here. It decides nothing, and is not marked: what happened stands in the
//! log. A row outlives its person, since the phone does; and counts as long as the credential has that very key.

use countersign_model::{CredentialId, Timestamp, UserId, VersionId};

use crate::{
    args,
    engine::{Error, Select, Transaction},
    statements,
};

statements! {
    // It is there since the first time.
    NOTE = "insert into phone (credential, seed_version, person, name, at) values ($1, $2, $3, $4, $5) \
            on conflict (credential, seed_version, person) do nothing";
    // Of a key that is there no more, or of none in the bin, nobody has to know.
    FORGET = "delete from phone where credential = $1 and seed_version <> $2";
    OF_CREDENTIAL = "select p.person, p.name, p.at from phone p join seed s on s.credential = p.credential \
                     and s.version = p.seed_version where p.credential = $1 order by p.at, p.person";
    // Also of those in the bin, from which they may come back.
    OF_PERSON = "select p.credential, c.name, p.at from phone p join seed s on s.credential = p.credential \
                 and s.version = p.seed_version join credential c on c.id = p.credential where p.person = $1 \
                 union all select p.credential, r.name, p.at from phone p join removed_credential r on r.id = p.credential \
                 and r.seed_version = p.seed_version where p.person = $1 order by 3, 1 limit $2";
    CARRY = "update phone set seed_version = $2 where credential = $1 and seed_version = (select version from seed \
             where credential = $1 and print = $3)";
    DELETE = "delete from phone where credential = $1";
}

/// Notes that somebody puts a setup key on their phone.
pub async fn note(
    tx: &mut Transaction,
    (credential, version): (CredentialId, VersionId),
    (person, name): (UserId, &str),
    at: Timestamp,
) -> Result<(), Error> {
    tx.execute(&FORGET, args![credential.uuid(), version.uuid()]).await?;
    tx.execute(&NOTE, args![credential.uuid(), version.uuid(), person.uuid(), name, at]).await.map(drop)
}

/// Who has the credential's setup key on a phone, since when; by the names that they had then.
pub async fn of_credential(
    db: &mut impl Select,
    credential: CredentialId,
) -> Result<Vec<(UserId, String, Timestamp)>, Error> {
    let rows = db.fetch_all(&OF_CREDENTIAL, args![credential.uuid()]).await?;
    rows.iter().map(|row| Ok((UserId::from_uuid(row.get(0)?), row.get(1)?, row.get(2)?))).collect()
}

/// Whose setup keys somebody has on a phone: the credential, its name, since when.
pub async fn of_person(
    db: &mut impl Select,
    person: UserId,
    limit: u32,
) -> Result<Vec<(CredentialId, String, Timestamp)>, Error> {
    let rows = db.fetch_all(&OF_PERSON, args![person.uuid(), limit]).await?;
    rows.iter().map(|row| Ok((CredentialId::from_uuid(row.get(0)?), row.get(1)?, row.get(2)?))).collect()
}

/// The same setup key is about to be stored anew, under another version; to be called before. Another key changes nothing.
pub async fn carry(
    tx: &mut Transaction,
    credential: CredentialId,
    version: VersionId,
    print: &[u8; 16],
) -> Result<(), Error> {
    tx.execute(&CARRY, args![credential.uuid(), version.uuid(), print]).await.map(drop)
}

/// Forgets it with the credential, which is deleted for good.
pub async fn delete(tx: &mut Transaction, credential: CredentialId) -> Result<(), Error> {
    tx.execute(&DELETE, args![credential.uuid()]).await.map(drop)
}
