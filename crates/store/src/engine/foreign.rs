//! What a database file holds that no vault has: a file from elsewhere may bring triggers that do what its maker wants.

use std::collections::BTreeMap;

use super::{Database, EngineKind, Error, Statement};
use crate::args;

static OBJECTS: Statement = Statement::one(
    "foreign::OBJECTS",
    "select type, name, coalesce(sql, '') from sqlite_schema where name not like 'sqlite%' order by type, name",
);

impl Database {
    /// The tables, indexes, views and triggers of this file that are not in `reference`, a new one with the same steps of the
    /// schema, or are otherwise than there, or are missing: as `trigger x`. Nothing on PostgreSQL.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn unlike(&self, reference: &Self) -> Result<Vec<String>, Error> {
        if self.kind() == EngineKind::Postgres {
            return Ok(Vec::new());
        }
        let (mine, theirs) = (objects(self).await?, objects(reference).await?);
        // Of tables and indexes SQLite writes the text anew at some changes, so their names alone are compared.
        let foreign = mine.iter().filter(|((kind, name), sql)| {
            let known = theirs.get(&(kind.clone(), name.clone()));
            known.is_none_or(|known| is_program(kind) && known != *sql)
        });
        let missing = theirs.iter().filter(|(object, _)| !mine.contains_key(*object));
        Ok(foreign.chain(missing).map(|((kind, name), _)| format!("{kind} {name}")).collect())
    }
}

impl Database {
    /// The triggers and views of this file whose names `reference` does not know: what would run before anything is looked at.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn foreign_programs(&self, reference: &Self) -> Result<Vec<String>, Error> {
        let (mine, theirs) = (objects(self).await?, objects(reference).await?);
        let is_foreign = |object: &&(String, String)| is_program(&object.0) && !theirs.contains_key(*object);
        Ok(mine.keys().filter(is_foreign).map(|(kind, name)| format!("{kind} {name}")).collect())
    }
}

fn is_program(kind: &str) -> bool {
    kind == "trigger" || kind == "view"
}

async fn objects(of: &Database) -> Result<BTreeMap<(String, String), String>, Error> {
    let rows = of.fetch_all(&OBJECTS, args![]).await?;
    rows.iter().map(|row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).collect()
}
