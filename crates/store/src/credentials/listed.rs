//! What lists look at of each credential, for an index in memory: all of them, and those that have changed since.
//!
//! A [`ListMark`] says up to where somebody has seen changes, and is right only together with what was read in the same
//! snapshot. Which changes lie beyond it is asked by number: on SQLite the log's size when the transaction began, on PostgreSQL
//! the transaction's own, of which the mark's snapshot tells whether it had been seen.

use countersign_model::{CredentialId, CredentialStatus, Timestamp, UserId};
use uuid::Uuid;

use super::grants::granted;
use crate::{
    args,
    engine::{Error, Row, Select, corrupt},
    statements,
};

macro_rules! listed {
    () => {
        "id, name_key, search, site, updated_at, status, kind is not null, tags"
    };
}

statements! {
    PART = concat!("select ", listed!(), ", name_order from credential where (name_order, id) > ($1, $2) \
                    order by name_order, id limit $3");
    // With the log's end, by which it is seen that the whole database was put back to what it had been.
    MARK = "select cast(audit_size + 1 as text), audit_size, 0, audit_root from vault",
        postgres: "select cast(pg_current_snapshot() as text), audit_size, \
                   coalesce(cast(pg_relation_filenode('credential') as bigint), 0), audit_root from vault";
    ROOT_AT = "select root from audit_block where last = $1";
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
    GRANTED = concat!(granted!("$1", "$3", ""), "select group_concat(hex(credential), '') \
               from (select credential from granted limit $2) g"),
        postgres: concat!(granted!("$1", "$3", ""), "select string_agg(replace(cast(credential as text), '-', ''), '') \
                   from (select credential from granted limit $2) g");
}

/// Up to where changes of credentials were seen; of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMark {
    /// As the engine says it: a number, or `xmin:xmax:…`.
    seen: String,
    log_size: i64,
    table: i64,
    root: Vec<u8>,
}

impl ListMark {
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
    Ok(ListMark { seen: row.get(0)?, log_size: row.get(1)?, table: row.get(2)?, root: row.get(3)? })
}

/// Whether the mark of this snapshot was taken later in the life of the same table than an earlier one: not after that was
/// emptied and filled from a copy, nor after the whole database was put back to what it had been. The log tells: it goes on
/// from where it ended then.
pub async fn follows(db: &mut impl Select, mark: &ListMark, earlier: &ListMark) -> Result<bool, Error> {
    if mark.table != earlier.table || mark.log_size < earlier.log_size {
        return Ok(false);
    }
    if mark.log_size == earlier.log_size {
        return Ok(mark.root == earlier.root);
    }
    // A log without a record has no block to look at.
    if earlier.log_size == 0 {
        return Ok(true);
    }
    let block = db.fetch_optional(&ROOT_AT, args![earlier.log_size]).await?;
    Ok(block.map(|row| row.get::<Vec<u8>>(0)).transpose()?.is_some_and(|root| root == earlier.root))
}

/// Where a part of all credentials ends, in the order of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartEnd {
    order: String,
    id: Uuid,
}

impl PartEnd {
    /// Before all of them.
    pub const START: Self = Self { order: String::new(), id: Uuid::nil() };
}

/// The credentials that come after `after` in the order of names, at most `limit`, and where they end; `None` where there are none.
pub async fn part(
    db: &mut impl Select,
    after: &PartEnd,
    limit: u32,
) -> Result<Option<(Vec<ListedCredential>, PartEnd)>, Error> {
    const ORDER: usize = 8;
    let rows = db.fetch_all(&PART, args![&after.order, after.id, limit]).await?;
    let Some(last) = rows.last() else { return Ok(None) };
    let end = PartEnd { order: last.get(ORDER)?, id: last.get(0)? };
    Ok(Some((rows.iter().map(listed).collect::<Result<_, _>>()?, end)))
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

/// The credentials that a person may see at `now` by a grant of their own or of a group; `None` when they are more than `limit`.
pub async fn granted_ids(
    db: &mut impl Select,
    person: UserId,
    now: Timestamp,
    limit: u32,
) -> Result<Option<Vec<CredentialId>>, Error> {
    const DIGITS: usize = 32;
    let row = db.fetch_one(&GRANTED, args![person.uuid(), limit.saturating_add(1), now]).await?;
    let ids = row.get::<Option<String>>(0)?.unwrap_or_default();
    if ids.len() / DIGITS > limit as usize {
        return Ok(None);
    }
    let read = |digits: &[u8]| Uuid::try_parse_ascii(digits).map_err(|_| corrupt("credential_grant.credential"));
    let ids = ids.as_bytes().chunks(DIGITS).map(|digits| read(digits).map(CredentialId::from_uuid));
    ids.collect::<Result<_, _>>().map(Some)
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
