//! Filters of the audit log that people keep, each their own.

use countersign_model::{Timestamp, UserId, ViewId, ViewName};

use crate::{
    args,
    engine::{Error, Row, Select, Transaction, corrupt},
    statements,
};

statements! {
    OF_PERSON = "select id, name, filter, created_at from audit_view where person = $1 order by name, id limit $2";
    INSERT = "insert into audit_view (id, person, name, filter, created_at) values ($1, $2, $3, $4, $5)";
    DELETE = "delete from audit_view where id = $1 and person = $2";
    COUNT = "select count(*) from audit_view where person = $1";
}

/// A filter that somebody keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRow {
    /// Its id.
    pub id: ViewId,
    /// What its person calls it.
    pub name: ViewName,
    /// The filter, as JSON.
    pub filter: String,
    /// When it was kept.
    pub created_at: Timestamp,
}

/// Those of a person by name, at most `limit`.
pub async fn of_person(db: &mut impl Select, person: UserId, limit: u32) -> Result<Vec<ViewRow>, Error> {
    db.fetch_all(&OF_PERSON, args![person.uuid(), limit]).await?.iter().map(view).collect()
}

/// How many a person keeps.
pub async fn count(db: &mut impl Select, person: UserId) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![person.uuid()]).await?.get(0)
}

/// Keeps one.
pub async fn insert(tx: &mut Transaction, person: UserId, row: &ViewRow) -> Result<(), Error> {
    let values = args![row.id.uuid(), person.uuid(), row.name.as_str(), &row.filter, row.created_at];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Forgets one of a person. False when they have no such.
pub async fn delete(tx: &mut Transaction, person: UserId, id: ViewId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid(), person.uuid()]).await? == 1)
}

fn view(row: &Row) -> Result<ViewRow, Error> {
    let name: String = row.get(1)?;
    Ok(ViewRow {
        id: ViewId::from_uuid(row.get(0)?),
        name: ViewName::parse(&name).map_err(|_| corrupt("audit_view.name"))?,
        filter: row.get(2)?,
        created_at: row.get(3)?,
    })
}
