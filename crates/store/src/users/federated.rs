//! Federated identities of service accounts: whose tokens they take in place of a secret, and which of those were used.

use countersign_model::{FederatedIdentity, FederatedIdentityId, Timestamp, UserId};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
    INSERT = "insert into federated_identity (id, person, issuer, audience, subject, claims, created_at, created_by, mark) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    OF = "select id, mark, person, issuer, audience, subject, claims, created_at, created_by, last_used_at \
          from federated_identity where person = $1 order by created_at desc, id desc";
    TOUCH = "update federated_identity set last_used_at = $2 where id = $1";
    DELETE = "delete from federated_identity where id = $1 and person = $2";
    USE = "insert into used_assertion (id, expires_at) values ($1, $2) on conflict do nothing";
    FORGET_USES = "delete from used_assertion where expires_at <= $1";
}

/// A federated identity of a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedIdentityRow {
    /// Its id.
    pub id: FederatedIdentityId,
    /// Whose it is.
    pub person: UserId,
    /// Whose tokens are taken.
    pub trusted: FederatedIdentity,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it, by name.
    pub created_by: String,
    /// When a token was last asked for by it.
    pub last_used_at: Option<Timestamp>,
}

/// Adds one.
pub async fn insert(tx: &mut Transaction, row: &FederatedIdentityRow) -> Result<(), Error> {
    let claims = serde_json::to_string(&row.trusted.claims).map_err(|_| corrupt("federated_identity.claims"))?;
    let mark = tx.keys().mark(&marked(row, &claims))?;
    let FederatedIdentity { issuer, audience, subject, .. } = &row.trusted;
    let (id, person) = (row.id.uuid(), row.person.uuid());
    let values = args![id, person, issuer, audience, subject, &claims, row.created_at, &row.created_by, mark];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Those of an account, the newest first.
pub async fn of(db: &mut impl Select, person: UserId) -> Result<Vec<FederatedIdentityRow>, Error> {
    let rows = db.fetch_all(&OF, args![person.uuid()]).await?;
    rows.iter().map(|row| read(db.keys(), row)).collect()
}

/// Notes that a token was asked for by one.
pub(super) async fn touch(tx: &mut Transaction, id: FederatedIdentityId, at: Timestamp) -> Result<(), Error> {
    tx.execute(&TOUCH, args![id.uuid(), at]).await.map(drop)
}

/// Removes one with the tokens that were asked for by it. False when the account has none of that id.
pub async fn delete(tx: &mut Transaction, id: FederatedIdentityId, person: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid(), person.uuid()]).await? == 1)
}

/// Uses a token of another issuer up, by what stands for issuer and id. False when it was used before.
pub async fn use_up(tx: &mut Transaction, id: &[u8], expires_at: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&USE, args![id, expires_at]).await? == 1)
}

/// Forgets those that were used and would be refused by their end alone.
pub async fn forget_used(tx: &mut Transaction, now: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_USES, args![now]).await.map(drop)
}

fn marked(row: &FederatedIdentityRow, claims: &str) -> countersign_seal::MarkedRow {
    let FederatedIdentity { issuer, audience, subject, .. } = &row.trusted;
    let (id, person, created_at) = (row.id.uuid(), row.person.uuid(), row.created_at);
    marks::MarkedFederatedIdentity { id, person, issuer, audience, subject, claims, created_at }.row()
}

fn read(keys: &MarkKeys, row: &Row) -> Result<FederatedIdentityRow, Error> {
    let claims: String = row.get(6)?;
    let read = FederatedIdentityRow {
        id: FederatedIdentityId::from_uuid(row.get(0)?),
        person: UserId::from_uuid(row.get(2)?),
        trusted: FederatedIdentity {
            issuer: row.get(3)?,
            audience: row.get(4)?,
            subject: row.get(5)?,
            claims: serde_json::from_str(&claims).map_err(|_| corrupt("federated_identity.claims"))?,
        },
        created_at: row.get(7)?,
        created_by: row.get(8)?,
        last_used_at: row.get(9)?,
    };
    let mark: Option<Vec<u8>> = row.get(1)?;
    keys.check("federated identity", &read.id.to_string(), &marked(&read, &claims), mark.as_deref())?;
    Ok(read)
}
