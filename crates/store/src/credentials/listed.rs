//! What lists look at of each credential, for an index in memory: all of them, and those that have changed since.
//!
//! A [`ListMark`] says up to where somebody has seen changes, and is right only together with what was read in the same
//! snapshot. Which changes lie beyond it is asked by number: on SQLite the log's size when the transaction began, on PostgreSQL
//! the transaction's own, of which the mark's snapshot tells whether it had been seen.

use std::collections::HashMap;

use countersign_model::{CredentialId, CredentialStatus, Timestamp, UserId};
use uuid::Uuid;

use super::credential::{CredentialRow, columns, credential};
use crate::{
    args,
    engine::{Error, Row, Select, Statement, Value, corrupt},
    statements,
};

macro_rules! listed {
    () => {
        "id, name_key, search, site, updated_at, status, kind is not null, tags"
    };
}

statements! {
    PART = concat!("select ", listed!(), " from credential where name_key > $1 order by name_key limit $2");
    MARK = "select cast(audit_size + 1 as text), audit_size, 0 from vault",
        postgres: "select cast(pg_current_snapshot() as text), audit_size, \
                   coalesce(cast(pg_relation_filenode('credential') as bigint), 0) from vault";
    // `$1` the mark, `$2` the first number that it may not have seen, `$3` how many. Numbers that are yet to come were brought
    // from another server by a restored copy.
    CHANGED =
        concat!(
            "select * from (select ", listed!(), " from credential \
             where changed >= $2 and $1 is not null order by changed limit $3) \
             union all select * from (select credential, null, null, null, null, null, null, null from credential_gone \
             where changed >= $2 order by changed limit $3)"
        ),
        postgres: concat!(
            "select * from (select ", listed!(), " from credential \
             where changed >= $2 \
             and changed < cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint) \
             and not pg_visible_in_snapshot(cast(cast(changed as text) as xid8), cast(cast($1 as text) as pg_snapshot)) \
             order by changed limit $3) c \
             union all select * from (select credential, cast(null as text), cast(null as text), cast(null as text), \
             cast(null as bigint), cast(null as text), cast(null as boolean), cast(null as text) from credential_gone \
             where changed >= $2 \
             and changed < cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint) \
             and not pg_visible_in_snapshot(cast(cast(changed as text) as xid8), cast(cast($1 as text) as pg_snapshot)) \
             order by changed limit $3) g"
        );
    // In one text: ten thousand rows would take ten times as long.
    GRANTED = "select group_concat(hex(credential), '') \
               from (select credential from credential_grant where person = $1 limit $2)",
        postgres: "select string_agg(replace(cast(credential as text), '-', ''), '') \
                   from (select credential from credential_grant where person = $1 limit $2) g";
}

/// Up to where changes of credentials were seen; of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMark {
    /// As the engine says it: a number, or `xmin:xmax:…`.
    seen: String,
    log_size: i64,
    table: i64,
}

impl ListMark {
    /// Whether this mark was taken later in the life of the same table: not before it was emptied and filled from a copy, nor
    /// after the whole database was put back to what it had been.
    pub fn follows(&self, earlier: &Self) -> bool {
        self.table == earlier.table && self.log_size >= earlier.log_size
    }

    /// The first number of a change that it may not have seen.
    fn first_unseen(&self) -> Result<i64, Error> {
        let first = self.seen.split(':').next().and_then(|number| number.parse().ok());
        first.ok_or_else(|| corrupt("the mark of the list"))
    }
}

/// What lists look at of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCredential {
    /// Its id.
    pub id: CredentialId,
    /// Its name in search form.
    pub name_key: String,
    /// What searching looks at.
    pub search: String,
    /// Where it signs in.
    pub site: Option<String>,
    /// When it was last edited.
    pub updated_at: Timestamp,
    /// Whether it is in use.
    pub status: CredentialStatus,
    /// Whether it has a seed.
    pub second_factor: bool,
    /// The words that group it.
    pub tags: Vec<String>,
}

/// How the list stands in this snapshot.
pub async fn mark(db: &mut impl Select) -> Result<ListMark, Error> {
    let row = db.fetch_one(&MARK, args![]).await?;
    Ok(ListMark { seen: row.get(0)?, log_size: row.get(1)?, table: row.get(2)? })
}

/// The credentials whose name in search form comes after `name_key`, in that order, at most `limit`.
pub async fn part(db: &mut impl Select, name_key: &str, limit: u32) -> Result<Vec<ListedCredential>, Error> {
    db.fetch_all(&PART, args![name_key, limit]).await?.iter().map(listed).collect()
}

/// What has changed beyond a mark: credentials as they are now, and the ids of those that are gone. Some may have been seen
/// already. `None` when it is more than `limit`.
pub async fn changed(
    db: &mut impl Select,
    since: &ListMark,
    limit: u32,
) -> Result<Option<(Vec<ListedCredential>, Vec<CredentialId>)>, Error> {
    let rows = db.fetch_all(&CHANGED, args![&since.seen, since.first_unseen()?, limit.saturating_add(1)]).await?;
    if rows.len() > limit as usize {
        return Ok(None);
    }
    let (mut changed, mut gone) = (Vec::new(), Vec::new());
    for row in &rows {
        if row.get::<Option<String>>(1)?.is_some() {
            changed.push(listed(row)?);
        } else {
            gone.push(CredentialId::from_uuid(row.get(0)?));
        }
    }
    Ok(Some((changed, gone)))
}

/// The credentials on which a person was granted something; `None` when they are more than `limit`.
pub async fn granted_ids(db: &mut impl Select, person: UserId, limit: u32) -> Result<Option<Vec<CredentialId>>, Error> {
    const DIGITS: usize = 32;
    let row = db.fetch_one(&GRANTED, args![person.uuid(), limit.saturating_add(1)]).await?;
    let ids = row.get::<Option<String>>(0)?.unwrap_or_default();
    if ids.len() / DIGITS > limit as usize {
        return Ok(None);
    }
    let read = |digits: &[u8]| Uuid::try_parse_ascii(digits).map_err(|_| corrupt("credential_grant.credential"));
    let ids = ids.as_bytes().chunks(DIGITS).map(|digits| read(digits).map(CredentialId::from_uuid));
    ids.collect::<Result<_, _>>().map(Some)
}

const AT_ONCE: usize = 50;

// As many as an ordinary page has.
static SOME: Statement = Statement::one(
    "credentials::SOME",
    concat!(
        "select ",
        columns!(),
        " from credential c left join credential_grant g on g.credential = c.id and g.person = $1 \
         where c.id in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
         $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
         $45, $46, $47, $48, $49, $50, $51)"
    ),
);

/// The statements that share their columns, for the test that prepares all.
pub static SHARED: &[&Statement] = &[&SOME];

/// The credentials of these ids, in their order, with what `person` was granted on each. Those that are not there are left
/// out.
pub async fn find_some(
    db: &mut impl Select,
    ids: &[CredentialId],
    person: UserId,
) -> Result<Vec<CredentialRow>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        // The places that are left over ask for the first one again.
        let asked = (0..AT_ONCE).map(|at| some.get(at).unwrap_or(&some[0]).uuid());
        let values: Vec<Value> = std::iter::once(person.uuid()).chain(asked).map(Value::from).collect();
        for row in db.fetch_all(&SOME, values).await? {
            found.push(credential(db.keys(), &row)?);
        }
    }
    let places: HashMap<_, _> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    found.sort_by_key(|row| places.get(&row.id).copied());
    Ok(found)
}

fn listed(row: &Row) -> Result<ListedCredential, Error> {
    Ok(ListedCredential {
        id: CredentialId::from_uuid(row.get(0)?),
        name_key: row.get(1)?,
        search: row.get(2)?,
        site: row.get(3)?,
        updated_at: row.get(4)?,
        status: row.get::<String>(5)?.parse().map_err(|_| corrupt("credential.status"))?,
        second_factor: row.get(6)?,
        tags: serde_json::from_str(&row.get::<String>(7)?).map_err(|_| corrupt("credential.tags"))?,
    })
}
