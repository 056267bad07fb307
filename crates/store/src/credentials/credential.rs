//! Credentials and their tags. Everything here may be shown; secrets are in [`crate::secrets`].

use std::collections::HashSet;

use countersign_model::{
    CredentialFacts, CredentialId, CredentialName, CredentialStatus, Grants, Notes, SecondFactor, SiteAddress, Tag,
    Timestamp, UserId, Username, order_key, search_key,
};

use countersign_seal::MarkedRow;
use uuid::Uuid;

use super::grants::{AT_ONCE, grants_of, places};
use super::known::{KnownCredential, columns as known, known, second_factor};
use crate::{
    args,
    engine::{Bulk, Error, MarkKeys, Row, Select, Statement, Transaction, Value, corrupt, fetch_bulk},
    keys::marks,
    statements,
};

macro_rules! columns {
    () => {
        "c.id, c.name, c.username, c.site, c.notes, c.status, c.revision, c.has_password, c.kind, c.algorithm, \
         c.digits, c.period, c.created_at, c.updated_at, c.password_changed_at, c.tags, c.mark"
    };
}
pub(super) use columns;

statements! {
    // Takes the row on either engine, and changes nothing.
    HOLD = "update credential set revision = revision where id = $1";
    UPDATE = "update credential set name = $2, name_key = $3, username = $4, site = $5, notes = $6, status = $7, \
              revision = revision + 1, has_password = $8, kind = $9, algorithm = $10, digits = $11, period = $12, \
              updated_at = $13, password_changed_at = $14, tags = $15, search = $16, mark = $18, site_host = $19, name_order = $20 where id = $1 and revision = $17";
    // Proven at the site, so it holds whatever else was edited meanwhile.
    PASSWORD_CHANGED = "update credential set revision = revision + 1, has_password = true, password_changed_at = $2, \
                        updated_at = $2 where id = $1";
    DELETE = "delete from credential where id = $1";
    INSERT_TAG = "insert into credential_tag (credential, tag) values ($1, $2) on conflict do nothing";
    DELETE_TAGS = "delete from credential_tag where credential = $1";
    NAME_TAKEN = "select cast(1 as bigint) from credential where name_key = $1 limit 1";
    COUNT_ALL = "select count(*) from credential";
    IDS = "select id from credential";
    // As many as half a page of the log.
    STANDING = "select id from credential where id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
                $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)";
}

/// A credential as stored, as one person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRow {
    /// Its id.
    pub id: CredentialId,
    /// What the team calls it.
    pub name: CredentialName,
    /// The account's name.
    pub username: Username,
    /// Where it signs in.
    pub site: Option<SiteAddress>,
    /// Free text.
    pub notes: Notes,
    /// Whether it is in use.
    pub status: CredentialStatus,
    /// Moves with each edit.
    pub revision: i64,
    /// Whether a password is stored.
    pub has_password: bool,
    /// What kind of codes its seed gives.
    pub second_factor: Option<SecondFactor>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// When its password last changed.
    pub password_changed_at: Option<Timestamp>,
    /// The words that group it.
    pub tags: Vec<Tag>,
    /// What the person who looks was granted; nothing where it was read as nobody in particular.
    pub grants: Grants,
}

impl CredentialRow {
    /// What grants look at.
    pub fn facts(&self) -> CredentialFacts<'_> {
        CredentialFacts { id: self.id, tags: &self.tags, site: self.site.as_ref() }
    }

    /// What searching looks at: all words by which people know the account, in lower case.
    fn search(&self) -> String {
        let mut text = search_key(self.name.as_str());
        let site = self.site.as_ref().map(SiteAddress::host);
        let words = [self.username.as_str(), site.as_deref().unwrap_or_default()];
        for word in words.into_iter().chain(self.tags.iter().map(Tag::as_str)).map(search_key) {
            // What the text holds already is found already, and each letter costs every search.
            if !text.contains(&word) {
                text.push('\n');
                text.push_str(&word);
            }
        }
        text
    }

    pub(super) fn host(&self) -> Option<String> {
        self.site.as_ref().map(SiteAddress::host)
    }

    pub(super) fn tags(&self) -> String {
        serde_json::to_string(&self.tags).expect("tags are plain texts")
    }
}

static INSERT: Bulk = Bulk::new(
    "credentials::INSERT",
    "insert into credential (id, name, name_key, username, site, notes, status, revision, has_password, kind, \
     algorithm, digits, period, created_at, updated_at, password_changed_at, tags, search, mark, site_host, name_order)",
    21,
    "on conflict (name_key) do nothing returning id",
);

static INSERT_TAGS: Bulk =
    Bulk::new("credentials::INSERT_TAGS", "insert into credential_tag (credential, tag)", 2, "on conflict do nothing");

static NAMED: Bulk = Bulk::of_keys(
    "credentials::NAMED",
    concat!("select c.name_key, ", known!(), " from credential c where c.name_key in ("),
    "text",
    ")",
);

/// The statements of many rows, for the test that prepares all.
pub static BULKS: &[&Bulk] = &[&INSERT, &INSERT_TAGS, &NAMED];

/// The ids of all.
pub async fn all_ids(db: &mut impl Select) -> Result<Vec<Uuid>, Error> {
    db.fetch_all(&IDS, args![]).await?.iter().map(|row| row.get(0)).collect()
}

/// Adds credentials, but those whose name is taken, by one before them or in the vault. Gives the ids of those that it has added.
///
/// On PostgreSQL it waits for whoever is writing the same name, so rows in the order of their names wait for each other in
/// that order.
pub async fn insert(tx: &mut Transaction, rows: &[CredentialRow]) -> Result<HashSet<CredentialId>, Error> {
    let mut values = Vec::with_capacity(rows.len() * INSERT.columns());
    for row in rows {
        let (kind, algorithm, digits, period) = second_factor_values(row.second_factor.as_ref());
        values.extend(args![
            row.id.uuid(),
            row.name.as_str(),
            search_key(row.name.as_str()),
            row.username.as_str(),
            row.site.as_ref().map(SiteAddress::as_str),
            row.notes.as_str(),
            row.status.name(),
            row.revision,
            row.has_password,
            kind,
            algorithm,
            digits,
            period,
            row.created_at,
            row.updated_at,
            row.password_changed_at,
            row.tags(),
            row.search(),
            tx.keys().mark(&marked(row))?,
            row.host(),
            order_key(&search_key(row.name.as_str())),
        ]);
    }
    let added = fetch_bulk(tx, &INSERT, values).await?;
    let added: HashSet<_> =
        added.iter().map(|row| row.get(0).map(CredentialId::from_uuid)).collect::<Result<_, _>>()?;
    let tagged = rows.iter().filter(|row| added.contains(&row.id));
    let tags = tagged.flat_map(|row| row.tags.iter().flat_map(|tag| args![row.id.uuid(), tag.as_str()])).collect();
    tx.execute_bulk(&INSERT_TAGS, tags).await?;
    Ok(added)
}

/// Writes an edited credential. False when its revision is no longer `row.revision`.
pub async fn update(tx: &mut Transaction, row: &CredentialRow, tags_changed: bool) -> Result<bool, Error> {
    let (kind, algorithm, digits, period) = second_factor_values(row.second_factor.as_ref());
    let values = args![
        row.id.uuid(),
        row.name.as_str(),
        search_key(row.name.as_str()),
        row.username.as_str(),
        row.site.as_ref().map(SiteAddress::as_str),
        row.notes.as_str(),
        row.status.name(),
        row.has_password,
        kind,
        algorithm,
        digits,
        period,
        row.updated_at,
        row.password_changed_at,
        row.tags(),
        row.search(),
        row.revision,
        tx.keys().mark(&marked(row))?,
        row.host(),
        order_key(&search_key(row.name.as_str())),
    ];
    if tx.execute(&UPDATE, values).await? == 0 {
        return Ok(false);
    }
    if tags_changed {
        tx.execute(&DELETE_TAGS, args![row.id.uuid()]).await?;
        for tag in &row.tags {
            tx.execute(&INSERT_TAG, args![row.id.uuid(), tag.as_str()]).await?;
        }
    }
    Ok(true)
}

/// Removes a credential with its secrets, grants and step uses. False when there is none of that id.
pub async fn delete(tx: &mut Transaction, id: CredentialId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid()]).await? == 1)
}

/// Notes that the password is another now. False when the credential is gone.
pub async fn password_changed(tx: &mut Transaction, id: CredentialId, at: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&PASSWORD_CHANGED, args![id.uuid(), at]).await? == 1)
}

/// The credential of that id, as nobody in particular: without grants.
pub async fn find(db: &mut impl Select, id: CredentialId) -> Result<Option<CredentialRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| credential(db.keys(), &row)).transpose()
}

/// The credential of that id, with what `person` was granted on it.
pub async fn find_as(db: &mut impl Select, id: CredentialId, person: UserId) -> Result<Option<CredentialRow>, Error> {
    match find(db, id).await? {
        Some(row) => with_grants(db, row, person).await.map(Some),
        None => Ok(None),
    }
}

/// The credential of that name, whatever the case of its letters, with what `person` was granted on it.
pub async fn find_by_name_as(db: &mut impl Select, name: &str, person: UserId) -> Result<Option<CredentialRow>, Error> {
    let row = db.fetch_optional(&BY_NAME, args![search_key(name.trim())]).await?;
    match row.map(|row| credential(db.keys(), &row)).transpose()? {
        Some(row) => with_grants(db, row, person).await.map(Some),
        None => Ok(None),
    }
}

async fn with_grants(db: &mut impl Select, row: CredentialRow, person: UserId) -> Result<CredentialRow, Error> {
    let grants = grants_of(db, person, &row.facts()).await?;
    Ok(CredentialRow { grants, ..row })
}

/// Those of these ids that credentials have now.
pub async fn standing(db: &mut impl Select, ids: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let mut found = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        // The places that are left over ask for the last one again.
        let last = some.last().copied().unwrap_or_default();
        let values: Vec<Value> = (0..AT_ONCE).map(|at| Value::from(some.get(at).copied().unwrap_or(last))).collect();
        for row in db.fetch_all(&STANDING, values).await? {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}

/// Whether some credential has that name, in any case of its letters.
pub async fn name_taken(db: &mut impl Select, name: &str) -> Result<bool, Error> {
    Ok(db.fetch_optional(&NAME_TAKEN, args![search_key(name)]).await?.is_some())
}

/// The credentials that have one of these names, whatever the case of its letters, each with the name as [`search_key`] writes it.
pub async fn named(db: &mut impl Select, names: &[&str]) -> Result<Vec<(String, KnownCredential)>, Error> {
    let keys = names.iter().map(|name| search_key(name).into()).collect();
    let rows = fetch_bulk(db, &NAMED, keys).await?;
    rows.iter().map(|row| Ok((row.get(0)?, known(row)?))).collect()
}

/// Takes a credential: nobody else writes it before the transaction ends. False when it is gone.
pub async fn hold(tx: &mut Transaction, id: CredentialId) -> Result<bool, Error> {
    Ok(tx.execute(&HOLD, args![id.uuid()]).await? == 1)
}

/// How many credentials there are.
pub async fn count_all(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT_ALL, args![]).await?.get(0)
}

static BY_ID: Statement =
    Statement::one("credentials::BY_ID", concat!("select ", columns!(), " from credential c where c.id = $1"));

static BY_NAME: Statement =
    Statement::one("credentials::BY_NAME", concat!("select ", columns!(), " from credential c where c.name_key = $1"));

static SOME: Statement = Statement::one(
    "credentials::SOME",
    concat!(
        "select ",
        columns!(),
        " from credential c where c.id in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, \
         $20, $21, $22, $23, $24, $25)"
    ),
);

/// The statements that share their columns, for the test that prepares all.
pub static SHARED: &[&Statement] = &[&BY_ID, &BY_NAME, &SOME];

/// The credentials of these ids that are there, as nobody in particular.
pub(super) async fn some(db: &mut impl Select, ids: &[CredentialId]) -> Result<Vec<CredentialRow>, Error> {
    let mut found = Vec::new();
    for some in ids.chunks(AT_ONCE) {
        for row in db.fetch_all(&SOME, places(some).collect::<Vec<_>>()).await? {
            found.push(credential(db.keys(), &row)?);
        }
    }
    Ok(found)
}

pub(super) type SecondFactorValues = (Option<&'static str>, Option<&'static str>, Option<i64>, Option<i64>);

pub(super) fn second_factor_values(second_factor: Option<&SecondFactor>) -> SecondFactorValues {
    match second_factor {
        None => (None, None, None, None),
        Some(it) => {
            (Some(it.kind.name()), Some(it.algorithm.name()), Some(i64::from(it.digits)), it.period.map(i64::from))
        }
    }
}

fn marked(row: &CredentialRow) -> MarkedRow {
    let marked = marks::MarkedCredential {
        id: row.id.uuid(),
        name: row.name.as_str(),
        username: row.username.as_str(),
        site: row.site.as_ref().map(SiteAddress::as_str),
        status: row.status.name(),
        tags: &row.tags(),
    };
    marked.row()
}

pub(super) fn credential(keys: &MarkKeys, row: &Row) -> Result<CredentialRow, Error> {
    let found = unmarked(row)?;
    // What is stored, not what it is read as: reading may come to write names in another way.
    let (name, username, status, tags): (String, String, String, String) =
        (row.get(1)?, row.get(2)?, row.get(5)?, row.get(15)?);
    let site: Option<String> = row.get(3)?;
    let marked = marks::MarkedCredential {
        id: found.id.uuid(),
        name: &name,
        username: &username,
        site: site.as_deref(),
        status: &status,
        tags: &tags,
    };
    keys.check("credential", &name, &marked.row(), row.get::<Option<Vec<u8>>>(16)?.as_deref())?;
    Ok(found)
}

/// What the columns say, whoever has written them.
pub(super) fn unmarked(row: &Row) -> Result<CredentialRow, Error> {
    fn text<T, E>(parsed: Result<T, E>, column: &str) -> Result<T, Error> {
        parsed.map_err(|_| corrupt(column))
    }
    let second_factor = second_factor(row, 8)?;
    Ok(CredentialRow {
        id: CredentialId::from_uuid(row.get(0)?),
        name: text(CredentialName::parse(&row.get::<String>(1)?), "credential.name")?,
        username: text(Username::parse(&row.get::<String>(2)?), "credential.username")?,
        site: text(row.get::<Option<String>>(3)?.as_deref().map(SiteAddress::parse).transpose(), "credential.site")?,
        notes: text(Notes::parse(&row.get::<String>(4)?), "credential.notes")?,
        status: text(row.get::<String>(5)?.parse(), "credential.status")?,
        revision: row.get(6)?,
        has_password: row.get(7)?,
        second_factor,
        created_at: row.get(12)?,
        updated_at: row.get(13)?,
        password_changed_at: row.get(14)?,
        tags: text(serde_json::from_str(&row.get::<String>(15)?), "credential.tags")?,
        grants: Grants::none(),
    })
}
