//! Service accounts: rows of people by which nobody signs in, with how far their tokens reach; their secrets, and the tokens that they
//! were given for them, kept as hashes.

use countersign_model::{AccessScope, AccessTokenId, ClientSecretId, FederatedIdentityId, Network, Timestamp, UserId};
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
    users::{
        federated,
        people::{self, PersonRow},
    },
};

statements! {
    INSERT = "insert into service_account (person, description, owner, scope, networks, expires_at, created_by, mark) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)";
    UPDATE = "update service_account set description = $2, owner = $3, scope = $4, networks = $5, expires_at = $6, \
              mark = $7 where person = $1";
    BY_PERSON = "select person, mark, scope, networks, expires_at, description, owner, created_by, last_used_at \
                 from service_account where person = $1";
    ALL = "select person, mark, scope, networks, expires_at, description, owner, created_by, last_used_at \
           from service_account limit $1";
    COUNT = "select count(*) from service_account";
    IS_ONE = "select cast(1 as bigint) from service_account where person = $1";
    EVERY_ID = "select person from service_account";
    TOUCH = "update service_account set last_used_at = $2 where person = $1";
    INSERT_SECRET = "insert into client_secret (id, token, person, hint, created_at, created_by, expires_at, mark) \
                     values ($1, $2, $3, $4, $5, $6, $7, $8)";
    SECRET = "select id, mark, token, person, created_at, expires_at, hint, created_by, last_used_at \
              from client_secret where token = $1 and person = $2";
    SECRETS = "select id, mark, token, person, created_at, expires_at, hint, created_by, last_used_at \
               from client_secret where person = $1 order by created_at desc, id desc";
    END_SECRET = "update client_secret set expires_at = $2, mark = $3 where id = $1";
    TOUCH_SECRET = "update client_secret set last_used_at = $2 where id = $1";
    DELETE_SECRET = "delete from client_secret where id = $1 and person = $2";
    INSERT_TOKEN = "insert into access_token (id, token, person, secret, identity, scope, created_at, expires_at, mark) \
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    TOKEN = "select id, mark, token, person, secret, scope, created_at, expires_at, identity \
             from access_token where token = $1";
    TOKEN_BY_ID = "select id, mark, token, person, secret, scope, created_at, expires_at, identity \
                   from access_token where id = $1";
    LIVE_TOKENS = "select count(*) from access_token where person = $1 and expires_at > $2";
    DELETE_TOKENS = "delete from access_token where person = $1";
    DELETE_TOKENS_OF = "delete from access_token where secret = $1";
    FORGET_TOKENS = "delete from access_token where expires_at <= $1";
    FORGET_SECRETS = "delete from client_secret where expires_at <= $1";
}

/// A service account, with its row among people.
#[derive(Clone)]
pub struct ServiceRow {
    /// Its row among people: id, name, whether it is kept out.
    pub person: PersonRow,
    /// What it is for.
    pub description: String,
    /// Who looks after it.
    pub owner: Option<UserId>,
    /// What its tokens may be for at the most.
    pub scope: AccessScope,
    /// From where they may be used; from anywhere where there is none.
    pub networks: Vec<Network>,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// Who made it, by name.
    pub created_by: String,
    /// When it was last given a token.
    pub last_used_at: Option<Timestamp>,
}

impl ServiceRow {
    /// Whether it may do anything at this time.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        !self.person.disabled && self.expires_at.is_none_or(|end| now < end)
    }
}

/// A secret of a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// Its id; the secret itself is never stored.
    pub id: ClientSecretId,
    /// Whose it is.
    pub person: UserId,
    /// How it begins, by which people tell it from others.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, by name.
    pub created_by: String,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When a token was last asked for by it.
    pub last_used_at: Option<Timestamp>,
}

/// What a token was asked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// A secret.
    Secret(ClientSecretId),
    /// A token of another issuer, by that federated identity.
    Identity(FederatedIdentityId),
}

impl AskedBy {
    /// The id of the secret or of the federated identity.
    pub const fn uuid(self) -> uuid::Uuid {
        match self {
            Self::Secret(id) => id.uuid(),
            Self::Identity(id) => id.uuid(),
        }
    }

    /// As it is stored: the secret, or the federated identity.
    const fn columns(self) -> (Option<uuid::Uuid>, Option<uuid::Uuid>) {
        match self {
            Self::Secret(id) => (Some(id.uuid()), None),
            Self::Identity(id) => (None, Some(id.uuid())),
        }
    }

    fn read(secret: Option<uuid::Uuid>, identity: Option<uuid::Uuid>) -> Result<Self, Error> {
        match (secret, identity) {
            (Some(id), None) => Ok(Self::Secret(ClientSecretId::from_uuid(id))),
            (None, Some(id)) => Ok(Self::Identity(FederatedIdentityId::from_uuid(id))),
            _ => Err(corrupt("access_token.secret")),
        }
    }
}

/// A token that a service account was given.
#[derive(Clone)]
pub struct AccessTokenRow {
    /// Its id; the token itself is never stored.
    pub id: AccessTokenId,
    /// Whose it is.
    pub service: ServiceRow,
    /// What it was asked for by, with which it ends.
    pub asked_by: AskedBy,
    /// What it was narrowed to.
    pub scope: AccessScope,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

fn networks_text(networks: &[Network]) -> String {
    networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Makes a person's row one of a service account.
pub async fn insert(tx: &mut Transaction, row: &ServiceRow) -> Result<(), Error> {
    let id = row.person.id.uuid();
    let (scope, networks) = (row.scope.to_string(), networks_text(&row.networks));
    let marked = marks::MarkedService { person: id, scope: &scope, networks: &networks, expires_at: row.expires_at };
    let mark = tx.keys().mark(&marked.row())?;
    let owner = row.owner.map(UserId::uuid);
    let values = args![id, &row.description, owner, &scope, &networks, row.expires_at, &row.created_by, mark];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Writes what people say of a service account. False when it is gone.
pub async fn update(tx: &mut Transaction, row: &ServiceRow) -> Result<bool, Error> {
    let id = row.person.id.uuid();
    let (scope, networks) = (row.scope.to_string(), networks_text(&row.networks));
    let marked = marks::MarkedService { person: id, scope: &scope, networks: &networks, expires_at: row.expires_at };
    let mark = tx.keys().mark(&marked.row())?;
    let owner = row.owner.map(UserId::uuid);
    let values = args![id, &row.description, owner, &scope, &networks, row.expires_at, mark];
    Ok(tx.execute(&UPDATE, values).await? == 1)
}

/// The service account of that id.
pub async fn find(db: &mut impl Select, id: UserId) -> Result<Option<ServiceRow>, Error> {
    let Some(row) = db.fetch_optional(&BY_PERSON, args![id.uuid()]).await? else { return Ok(None) };
    let person = people::find(db, id).await?;
    person.map(|person| service(db.keys(), &row, person)).transpose()
}

/// Every service account, at most `limit`.
pub async fn all(db: &mut impl Select, limit: u32) -> Result<Vec<ServiceRow>, Error> {
    let mut found = Vec::new();
    for row in db.fetch_all(&ALL, args![limit]).await? {
        if let Some(person) = people::find(db, UserId::from_uuid(row.get(0)?)).await? {
            found.push(service(db.keys(), &row, person)?);
        }
    }
    Ok(found)
}

/// How many there are.
pub async fn count(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![]).await?.get(0)
}

/// Whether a person's row is one of a service account.
pub async fn is_one(db: &mut impl Select, id: UserId) -> Result<bool, Error> {
    Ok(db.fetch_optional(&IS_ONE, args![id.uuid()]).await?.is_some())
}

/// The ids of all.
pub async fn ids(db: &mut impl Select) -> Result<Vec<UserId>, Error> {
    db.fetch_all(&EVERY_ID, args![]).await?.iter().map(|row| Ok(UserId::from_uuid(row.get(0)?))).collect()
}

/// Adds a secret.
pub async fn insert_secret(tx: &mut Transaction, row: &SecretRow, hash: &Digest) -> Result<(), Error> {
    let stored = tx.keys().bearer(hash)?;
    let mark = tx.keys().mark(&secret_mark(row, stored.bytes()))?;
    let (id, person) = (row.id.uuid(), row.person.uuid());
    let values = args![id, stored.bytes(), person, &row.hint, row.created_at, &row.created_by, row.expires_at, mark];
    tx.execute(&INSERT_SECRET, values).await.map(drop)
}

/// The secret of this hash, where it is the account's.
pub async fn secret(db: &mut impl Select, person: UserId, hash: &Digest) -> Result<Option<SecretRow>, Error> {
    let stored = db.keys().bearer(hash)?;
    let row = db.fetch_optional(&SECRET, args![stored.bytes(), person.uuid()]).await?;
    row.map(|row| read_secret(db.keys(), &row).map(|(row, _)| row)).transpose()
}

/// The secrets of an account, the newest first.
pub async fn secrets(db: &mut impl Select, person: UserId) -> Result<Vec<SecretRow>, Error> {
    let rows = db.fetch_all(&SECRETS, args![person.uuid()]).await?;
    rows.iter().map(|row| read_secret(db.keys(), row).map(|(row, _)| row)).collect()
}

/// Has all secrets of an account end at a time that do not end before; gives those that it moved.
pub async fn end_secrets(tx: &mut Transaction, person: UserId, at: Timestamp) -> Result<Vec<SecretRow>, Error> {
    let mut ended = Vec::new();
    for row in tx.fetch_all(&SECRETS, args![person.uuid()]).await? {
        let (mut row, stored) = read_secret(tx.keys(), &row)?;
        if row.expires_at.is_none_or(|end| end > at) {
            row.expires_at = Some(at);
            let mark = tx.keys().mark(&secret_mark(&row, &stored))?;
            tx.execute(&END_SECRET, args![row.id.uuid(), at, mark]).await?;
            ended.push(row);
        }
    }
    Ok(ended)
}

/// Removes a secret with the tokens that were asked for by it. False when the account has none of that id.
pub async fn delete_secret(tx: &mut Transaction, id: ClientSecretId, person: UserId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE_SECRET, args![id.uuid(), person.uuid()]).await? == 1)
}

/// Gives an account a token, and notes that it and what asked for it were used.
pub async fn insert_token(tx: &mut Transaction, row: &AccessTokenRow, hash: &Digest) -> Result<(), Error> {
    let stored = tx.keys().bearer(hash)?;
    let scope = row.scope.to_string();
    let (id, person, (secret, identity)) = (row.id.uuid(), row.service.person.id.uuid(), row.asked_by.columns());
    let (created_at, expires_at) = (row.created_at, row.expires_at);
    let token = stored.bytes();
    let marked =
        marks::MarkedAccessToken { id, token, person, secret, identity, scope: &scope, created_at, expires_at };
    let mark = tx.keys().mark(&marked.row())?;
    let values = args![id, token, person, secret, identity, &scope, created_at, expires_at, mark];
    tx.execute(&INSERT_TOKEN, values).await?;
    tx.execute(&TOUCH, args![person, created_at]).await?;
    match row.asked_by {
        AskedBy::Secret(secret) => tx.execute(&TOUCH_SECRET, args![secret.uuid(), created_at]).await.map(drop),
        AskedBy::Identity(identity) => federated::touch(tx, identity, created_at).await,
    }
}

/// The token of this hash.
pub async fn token(db: &mut impl Select, hash: &Digest) -> Result<Option<AccessTokenRow>, Error> {
    let stored = db.keys().bearer(hash)?;
    let row = db.fetch_optional(&TOKEN, args![stored.bytes()]).await?;
    one_token(db, row).await
}

/// The token of that id.
pub async fn token_by_id(db: &mut impl Select, id: AccessTokenId) -> Result<Option<AccessTokenRow>, Error> {
    let row = db.fetch_optional(&TOKEN_BY_ID, args![id.uuid()]).await?;
    one_token(db, row).await
}

async fn one_token(db: &mut impl Select, row: Option<Row>) -> Result<Option<AccessTokenRow>, Error> {
    let Some(row) = row else { return Ok(None) };
    // The account's own row has a mark of its own, so it is read as a whole.
    let service = find(db, UserId::from_uuid(row.get(3)?)).await?;
    service.map(|service| read_token(db.keys(), &row, service)).transpose()
}

/// How many tokens of an account serve now.
pub async fn live_tokens(db: &mut impl Select, person: UserId, now: Timestamp) -> Result<i64, Error> {
    db.fetch_one(&LIVE_TOKENS, args![person.uuid(), now]).await?.get(0)
}

/// Ends every token of an account.
pub async fn delete_tokens(tx: &mut Transaction, person: UserId) -> Result<u64, Error> {
    tx.execute(&DELETE_TOKENS, args![person.uuid()]).await
}

/// Ends every token that was asked for by a secret.
pub async fn delete_tokens_of(tx: &mut Transaction, secret: ClientSecretId) -> Result<u64, Error> {
    tx.execute(&DELETE_TOKENS_OF, args![secret.uuid()]).await
}

/// Forgets tokens and secrets that are over; those secrets a while ago, so that people see that they were.
pub async fn forget(tx: &mut Transaction, now: Timestamp, secrets_before: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET_TOKENS, args![now]).await?;
    tx.execute(&FORGET_SECRETS, args![secrets_before]).await.map(drop)
}

fn service(keys: &MarkKeys, row: &Row, person: PersonRow) -> Result<ServiceRow, Error> {
    let (scope, networks): (String, String) = (row.get(2)?, row.get(3)?);
    let expires_at = row.get(4)?;
    let marked =
        marks::MarkedService { person: person.id.uuid(), scope: &scope, networks: &networks, expires_at }.row();
    keys.check("service account", &person.name, &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    let networks = networks.split_whitespace().map(str::parse).collect::<Result<Vec<_>, _>>();
    Ok(ServiceRow {
        person,
        description: row.get(5)?,
        owner: row.get::<Option<uuid::Uuid>>(6)?.map(UserId::from_uuid),
        scope: scope.parse().map_err(|_| corrupt("service_account.scope"))?,
        networks: networks.map_err(|_| corrupt("service_account.networks"))?,
        expires_at,
        created_by: row.get(7)?,
        last_used_at: row.get(8)?,
    })
}

fn secret_mark(row: &SecretRow, stored: &[u8]) -> countersign_seal::MarkedRow {
    let (id, person) = (row.id.uuid(), row.person.uuid());
    let (created_at, expires_at) = (row.created_at, row.expires_at);
    marks::MarkedSecret { id, token: stored, person, created_at, expires_at }.row()
}

/// With what is stored of the secret itself.
fn read_secret(keys: &MarkKeys, row: &Row) -> Result<(SecretRow, Vec<u8>), Error> {
    let stored: Vec<u8> = row.get(2)?;
    let read = SecretRow {
        id: ClientSecretId::from_uuid(row.get(0)?),
        person: UserId::from_uuid(row.get(3)?),
        hint: row.get(6)?,
        created_at: row.get(4)?,
        created_by: row.get(7)?,
        expires_at: row.get(5)?,
        last_used_at: row.get(8)?,
    };
    let mark: Option<Vec<u8>> = row.get(1)?;
    keys.check("client secret", &read.id.to_string(), &secret_mark(&read, &stored), mark.as_deref())?;
    Ok((read, stored))
}

fn read_token(keys: &MarkKeys, row: &Row, service: ServiceRow) -> Result<AccessTokenRow, Error> {
    let (id, stored, scope): (uuid::Uuid, Vec<u8>, String) = (row.get(0)?, row.get(2)?, row.get(5)?);
    let (secret, identity, created_at, expires_at) = (row.get(4)?, row.get(8)?, row.get(6)?, row.get(7)?);
    let (person, token) = (service.person.id.uuid(), stored.as_slice());
    let marked =
        marks::MarkedAccessToken { id, token, person, secret, identity, scope: &scope, created_at, expires_at };
    keys.check("access token", &id.to_string(), &marked.row(), row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    Ok(AccessTokenRow {
        id: AccessTokenId::from_uuid(id),
        service,
        asked_by: AskedBy::read(secret, identity)?,
        scope: scope.parse().map_err(|_| corrupt("access_token.scope"))?,
        created_at,
        expires_at,
    })
}
