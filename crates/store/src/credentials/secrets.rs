//! Sealed secrets of credentials: seeds and password versions. Nothing here can be read without the vault key.

use std::collections::HashMap;

use countersign_model::{ChangeId, CredentialId, Timestamp, VersionId, VersionState};
use countersign_seal::Sealed;

use super::known::{KnownCredential, columns as known, known};
use crate::{
    args,
    engine::{Bulk, Error, Row, Select, Transaction, Value, corrupt, fetch_bulk},
    keys::marks,
    statements,
};

macro_rules! columns {
    () => {
        "id, number, state, sealed, created_at, created_by, proven_at, proven_change, confirmed_at, confirmed_by"
    };
}

statements! {
    PUT_SEED = "insert into seed (credential, version, sealed, print, counter, mark) values ($1, $2, $3, $4, $5, $6) \
                on conflict (credential) do update set version = excluded.version, sealed = excluded.sealed, \
                print = excluded.print, counter = excluded.counter, mark = excluded.mark";
    SEED = "select version, sealed, counter from seed where credential = $1";
    DELETE_SEED = "delete from seed where credential = $1";
    // Takes the row, so that what is written was read from the same row.
    HOLD_COUNTER = "update seed set counter = counter where credential = $1 and version = $2 and counter is not null \
                    returning counter, mark";
    SET_COUNTER = "update seed set counter = $3, mark = $4 where credential = $1 and version = $2";
    SAME_SEED = "select c.id, c.name from seed s join credential c on c.id = s.credential where s.print = $1 \
                 order by c.id limit 1";
    RETIRE = "update password_version set state = 'former' where credential = $1 and state = 'current'";
    INSERT_VERSION = "insert into password_version (id, credential, number, state, sealed, created_at, created_by, print) \
                      select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7 from password_version \
                      where credential = $2 returning number";
    BY_ID = concat!("select ", columns!(), " from password_version \
             where credential = $1 and id = $2");
    SET_STATE = "update password_version set state = $3 where credential = $1 and id = $2";
    ANY_WITH_PRINT = "select count(*) from password_version where print = $1";
    CURRENT = concat!("select ", columns!(), " from password_version \
               where credential = $1 and state = 'current'");
    NUMBER = concat!("select ", columns!(), " from password_version \
              where credential = $1 and number = $2");
    VERSIONS = concat!("select ", columns!(), " from password_version \
                where credential = $1 order by number desc limit $2");
    // The current password's where no id is given.
    PROVE = "update password_version set proven_at = $3, proven_change = $4 where credential = $1 \
             and (id = $2 or ($2 is null and state = 'current'))";
    CONFIRM = "update password_version set confirmed_at = $3, confirmed_by = $4 where credential = $1 \
               and (id = $2 or ($2 is null and state = 'current'))";
}

/// A stored seed.
#[derive(Debug, Clone)]
pub struct SeedRow {
    /// Its version, which is part of its seal.
    pub version: VersionId,
    /// The seed with its parameters, sealed.
    pub sealed: Sealed,
    /// For HOTP the counter of the next code.
    pub counter: Option<i64>,
}

/// One version of a password.
#[derive(Debug, Clone)]
pub struct PasswordVersionRow {
    /// Its id, which is part of its seal.
    pub id: VersionId,
    /// Its number within its credential, from 1.
    pub number: i64,
    /// Where it stands.
    pub state: VersionState,
    /// The password, sealed.
    pub sealed: Sealed,
    /// When it was stored.
    pub created_at: Timestamp,
    /// Who stored it, as the log names them.
    pub created_by: String,
    /// When a change last saw it sign in, and which, unless that is gone: a credential is restored without its changes.
    pub proven: Option<(Timestamp, Option<ChangeId>)>,
    /// When a person last said that it signs in, and who.
    pub confirmed: Option<(Timestamp, String)>,
}

/// Stores a seed in place of any other. `print` is equal for equal seeds ([`countersign_seal::VaultKey::fingerprint`]).
pub async fn put_seed(
    tx: &mut Transaction,
    credential: CredentialId,
    seed: &SeedRow,
    print: &[u8; 16],
) -> Result<(), Error> {
    tx.keys().admit(&seed.sealed)?;
    let mark = mark_of(tx, credential, seed)?;
    let values = args![credential.uuid(), seed.version.uuid(), seed.sealed.bytes(), print, seed.counter, mark];
    tx.execute(&PUT_SEED, values).await.map(drop)
}

static INSERT_SEEDS: Bulk =
    Bulk::new("secrets::INSERT_SEEDS", "insert into seed (credential, version, sealed, print, counter, mark)", 6, "");

static INSERT_PASSWORDS: Bulk = Bulk::new(
    "secrets::INSERT_PASSWORDS",
    "insert into password_version (id, credential, number, state, sealed, created_at, created_by, print)",
    8,
    "",
);

static SAME_SEEDS: Bulk = Bulk::of_keys(
    "secrets::SAME_SEEDS",
    concat!("select s.print, ", known!(), " from seed s join credential c on c.id = s.credential where s.print in ("),
    "bytea",
    ") order by c.id",
);

/// The statements of many rows, for the test that prepares all.
pub static BULKS: &[&Bulk] = &[&INSERT_SEEDS, &INSERT_PASSWORDS, &SAME_SEEDS];

/// A seed of a credential that is new too.
#[derive(Debug, Clone)]
pub struct NewSeed {
    /// The credential.
    pub credential: CredentialId,
    /// The seed.
    pub seed: SeedRow,
    /// Equal for equal seeds.
    pub print: [u8; 16],
}

/// Stores the seeds of many new credentials at once.
pub async fn insert_seeds(tx: &mut Transaction, seeds: Vec<NewSeed>) -> Result<(), Error> {
    let mut values = Vec::with_capacity(seeds.len() * INSERT_SEEDS.columns());
    for NewSeed { credential, seed, print } in seeds {
        tx.keys().admit(&seed.sealed)?;
        let mark = mark_of(tx, credential, &seed)?;
        values.extend(args![credential.uuid(), seed.version.uuid(), seed.sealed.bytes(), print, seed.counter, mark]);
    }
    tx.execute_bulk(&INSERT_SEEDS, values).await.map(drop)
}

/// A password of a credential that is new too.
#[derive(Debug, Clone)]
pub struct NewPassword {
    /// The credential.
    pub credential: CredentialId,
    /// The id of its first version.
    pub version: VersionId,
    /// The password, sealed for this id.
    pub sealed: Sealed,
    /// Equal for equal passwords ([`countersign_seal::VaultKey::fingerprint`]).
    pub print: [u8; 16],
    /// Who stored it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// Stores the passwords of new credentials, each as the first version and the current one.
pub async fn insert_passwords(tx: &mut Transaction, passwords: Vec<NewPassword>) -> Result<(), Error> {
    let mut values = Vec::with_capacity(passwords.len() * INSERT_PASSWORDS.columns());
    for NewPassword { credential, version, sealed, print, created_by, created_at } in passwords {
        tx.keys().admit(&sealed)?;
        let (number, state) = (1_i64, VersionState::Current.name());
        values.extend(args![
            version.uuid(),
            credential.uuid(),
            number,
            state,
            sealed.bytes(),
            created_at,
            created_by,
            print
        ]);
    }
    tx.execute_bulk(&INSERT_PASSWORDS, values).await.map(drop)
}

/// The mark of a seed with a counter.
fn mark_of(tx: &Transaction, credential: CredentialId, seed: &SeedRow) -> Result<Option<Vec<u8>>, Error> {
    let marked = seed.counter.map(|counter| marks::seed(credential.uuid(), seed.version.uuid(), counter));
    marked.map(|marked| tx.keys().mark(&marked)).transpose()
}

/// A credential's seed.
pub async fn seed(db: &mut impl Select, credential: CredentialId) -> Result<Option<SeedRow>, Error> {
    let row = db.fetch_optional(&SEED, args![credential.uuid()]).await?;
    row.map(|row| {
        Ok(SeedRow {
            version: VersionId::from_uuid(row.get(0)?),
            sealed: Sealed::from_bytes(row.get(1)?),
            counter: row.get(2)?,
        })
    })
    .transpose()
}

/// Forgets a seed.
pub async fn delete_seed(tx: &mut Transaction, credential: CredentialId) -> Result<(), Error> {
    tx.execute(&DELETE_SEED, args![credential.uuid()]).await.map(drop)
}

/// Uses up a counter of HOTP and gives it; `None` when the seed is gone or another. It moves before its code is handed out, so
/// that no code is given twice (RFC 4226 §7.2).
pub async fn next_counter(
    tx: &mut Transaction,
    credential: CredentialId,
    version: VersionId,
) -> Result<Option<i64>, Error> {
    let Some(counter) = hold_counter(tx, credential, version).await? else { return Ok(None) };
    let next = counter.saturating_add(1);
    let (credential, version) = (credential.uuid(), version.uuid());
    let mark = tx.keys().mark(&marks::seed(credential, version, next))?;
    tx.execute(&SET_COUNTER, args![credential, version, next, mark]).await?;
    Ok(Some(counter))
}

/// The counter of the next code, which nobody else moves before the transaction ends; `None` where there is none.
pub(super) async fn hold_counter(
    tx: &mut Transaction,
    credential: CredentialId,
    version: VersionId,
) -> Result<Option<i64>, Error> {
    let (credential, version) = (credential.uuid(), version.uuid());
    let Some(row) = tx.fetch_optional(&HOLD_COUNTER, args![credential, version]).await? else { return Ok(None) };
    let (counter, mark): (i64, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
    let marked = marks::seed(credential, version, counter);
    tx.keys().check("counter of credential", &credential.to_string(), &marked, mark.as_deref())?;
    Ok(Some(counter))
}

/// A credential that holds the same seed: its id and name.
pub async fn same_seed(db: &mut impl Select, print: &[u8; 16]) -> Result<Option<(CredentialId, String)>, Error> {
    let row = db.fetch_optional(&SAME_SEED, args![print]).await?;
    row.map(|row| Ok((CredentialId::from_uuid(row.get(0)?), row.get(1)?))).transpose()
}

/// As [`same_seed`], for many: by print, the credentials that hold it, the smallest id first.
pub async fn same_seeds(
    db: &mut impl Select,
    prints: &[[u8; 16]],
) -> Result<HashMap<[u8; 16], Vec<KnownCredential>>, Error> {
    let keys = prints.iter().map(Value::from).collect();
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in fetch_bulk(db, &SAME_SEEDS, keys).await? {
        let print = <[u8; 16]>::try_from(row.get::<Vec<u8>>(0)?).map_err(|_| corrupt("seed.print"))?;
        found.entry(print).or_default().push(known(&row)?);
    }
    Ok(found)
}

/// What a new password version holds.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// Its id.
    pub id: VersionId,
    /// The password, sealed for this id.
    pub sealed: &'a Sealed,
    /// Equal for equal passwords ([`countersign_seal::VaultKey::fingerprint`]).
    pub print: &'a [u8; 16],
    /// Who stored it.
    pub created_by: &'a str,
    /// When.
    pub created_at: Timestamp,
}

/// Makes a password the current one; the one before becomes former. Gives its number.
pub async fn put_password(
    tx: &mut Transaction,
    credential: CredentialId,
    version: &NewVersion<'_>,
) -> Result<i64, Error> {
    retire_password(tx, credential).await?;
    insert_version(tx, credential, version, VersionState::Current).await
}

/// Stores a password that may become the current one. Gives its number.
pub async fn put_candidate(
    tx: &mut Transaction,
    credential: CredentialId,
    version: &NewVersion<'_>,
) -> Result<i64, Error> {
    insert_version(tx, credential, version, VersionState::Candidate).await
}

/// Makes a stored version the current password; the one before becomes former.
pub async fn promote(tx: &mut Transaction, credential: CredentialId, version: VersionId) -> Result<(), Error> {
    retire_password(tx, credential).await?;
    set_state(tx, credential, version, VersionState::Current).await
}

/// Says anew where a version stands.
pub async fn set_state(
    tx: &mut Transaction,
    credential: CredentialId,
    version: VersionId,
    state: VersionState,
) -> Result<(), Error> {
    tx.execute(&SET_STATE, args![credential.uuid(), version.uuid(), state.name()]).await.map(drop)
}

/// Notes that a change saw a version sign in; the current one where `version` is none.
pub async fn prove(
    tx: &mut Transaction,
    credential: CredentialId,
    version: Option<VersionId>,
    at: Timestamp,
    change: ChangeId,
) -> Result<(), Error> {
    let values = args![credential.uuid(), version.map(VersionId::uuid), at, change.uuid()];
    tx.execute(&PROVE, values).await.map(drop)
}

/// Notes that a person says that a version signs in; the current one where `version` is none.
pub async fn confirm(
    tx: &mut Transaction,
    credential: CredentialId,
    version: Option<VersionId>,
    at: Timestamp,
    by: &str,
) -> Result<(), Error> {
    tx.execute(&CONFIRM, args![credential.uuid(), version.map(VersionId::uuid), at, by]).await.map(drop)
}

/// The version of that id.
pub async fn version_by_id(
    db: &mut impl Select,
    credential: CredentialId,
    id: VersionId,
) -> Result<Option<PasswordVersionRow>, Error> {
    let row = db.fetch_optional(&BY_ID, args![credential.uuid(), id.uuid()]).await?;
    row.map(|row| version(&row)).transpose()
}

/// Whether any credential ever had this password.
pub async fn password_known(db: &mut impl Select, print: &[u8; 16]) -> Result<bool, Error> {
    Ok(db.fetch_one(&ANY_WITH_PRINT, args![print]).await?.get::<i64>(0)? > 0)
}

async fn insert_version(
    tx: &mut Transaction,
    credential: CredentialId,
    version: &NewVersion<'_>,
    state: VersionState,
) -> Result<i64, Error> {
    tx.keys().admit(version.sealed)?;
    let values = args![
        version.id.uuid(),
        credential.uuid(),
        state.name(),
        version.sealed.bytes(),
        version.created_at,
        version.created_by,
        version.print,
    ];
    tx.fetch_one(&INSERT_VERSION, values).await?.get(0)
}

/// Makes the current password a former one, so that there is none.
pub async fn retire_password(tx: &mut Transaction, credential: CredentialId) -> Result<(), Error> {
    tx.execute(&RETIRE, args![credential.uuid()]).await.map(drop)
}

/// The current password, or the version of that number.
pub async fn password(
    db: &mut impl Select,
    credential: CredentialId,
    number: Option<i64>,
) -> Result<Option<PasswordVersionRow>, Error> {
    let row = match number {
        None => db.fetch_optional(&CURRENT, args![credential.uuid()]).await?,
        Some(number) => db.fetch_optional(&NUMBER, args![credential.uuid(), number]).await?,
    };
    row.map(|row| version(&row)).transpose()
}

/// All versions, the newest first, at most `limit`.
pub async fn versions(
    db: &mut impl Select,
    credential: CredentialId,
    limit: u32,
) -> Result<Vec<PasswordVersionRow>, Error> {
    db.fetch_all(&VERSIONS, args![credential.uuid(), limit]).await?.iter().map(version).collect()
}

fn version(row: &Row) -> Result<PasswordVersionRow, Error> {
    Ok(PasswordVersionRow {
        id: VersionId::from_uuid(row.get(0)?),
        number: row.get(1)?,
        state: row.get::<String>(2)?.parse().map_err(|_| corrupt("password_version.state"))?,
        sealed: Sealed::from_bytes(row.get(3)?),
        created_at: row.get(4)?,
        created_by: row.get(5)?,
        proven: match row.get::<Option<Timestamp>>(6)? {
            Some(at) => Some((at, row.get::<Option<uuid::Uuid>>(7)?.map(ChangeId::from_uuid))),
            None => None,
        },
        confirmed: row.get::<Option<Timestamp>>(8)?.zip(row.get(9)?),
    })
}
