use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgConnection, PgTypeInfo};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Column as _, ConnectOptions as _, Either, Executor as _, SqlSafeStr as _, TypeInfo as _};

use super::TestDatabase;
use crate::engine::{DatabaseUrl, Statement};

/// What an engine says of a statement before it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// How many parameters it takes.
    pub parameters: usize,
    /// The type names of the parameters where the engine knows them beforehand, which PostgreSQL does.
    pub parameter_types: Vec<String>,
    /// The type names of the columns it gives; SQLite says `NULL` of an expression.
    pub columns: Vec<String>,
}

/// Prepares statements without running them.
pub struct Preparer(Connection);

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Preparer {
    /// By the schema of `database`.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn on(database: &TestDatabase) -> Self {
        Self(match database.url() {
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                Connection::Sqlite(options.connect().await.expect("a connection"))
            }
            DatabaseUrl::Postgres(url) => Connection::Postgres(url.options.connect().await.expect("a connection")),
        })
    }

    /// One statement.
    ///
    /// # Errors
    /// What the engine has against it, with the statement's name.
    pub async fn prepare(&mut self, statement: &Statement) -> Result<Prepared, String> {
        match &mut self.0 {
            Connection::Sqlite(connection) => connection
                .prepare(statement.sqlite().into_sql_str())
                .await
                .map(|prepared| describe(&prepared))
                .map_err(|error| error.to_string()),
            Connection::Postgres(connection) => prepare_typed(connection, statement.postgres()).await,
        }
        .map_err(|error| format!("{}: {error}", statement.name()))
    }
}

/// A parameter may stand where nothing tells its type, as in `$1 is null or …`. When the statement runs it comes with one;
/// here each of our types is tried, one undetermined parameter after the other.
async fn prepare_typed(connection: &mut PgConnection, sql: &'static str) -> Result<Prepared, String> {
    // int8, text, bytea, uuid, bool: the object ids are fixed by PostgreSQL's catalogue.
    const TYPES: [u32; 5] = [20, 25, 17, 2950, 16];
    let mut untried = vec![Vec::<u32>::new()];
    let mut first = None;
    while let Some(types) = untried.pop() {
        let infos: Vec<_> = types.iter().map(|&oid| PgTypeInfo::with_oid(Oid(oid))).collect();
        let error = match connection.prepare_with(sql.into_sql_str(), &infos).await {
            Ok(prepared) => return Ok(describe(&prepared)),
            Err(error) => error,
        };
        if let Some(place) = undetermined(&error)
            && types.get(place).is_none_or(|&oid| oid == 0)
        {
            untried.extend(TYPES.iter().rev().map(|&oid| {
                let mut types = types.clone();
                types.resize(types.len().max(place + 1), 0);
                types[place] = oid;
                types
            }));
        }
        first.get_or_insert_with(|| error.to_string());
    }
    Err(first.unwrap_or_default())
}

/// From "could not determine data type of parameter $2": 1, its place counted from 0.
fn undetermined(error: &sqlx::Error) -> Option<usize> {
    let error = error.as_database_error()?;
    let code = error.code()?;
    let place = error.message().split_once("of parameter $")?.1.parse::<usize>().ok()?;
    matches!(&*code, "42P08" | "42P18").then_some(place.checked_sub(1)?)
}

fn describe<S: sqlx::Statement>(statement: &S) -> Prepared {
    let (parameters, parameter_types) = match statement.parameters() {
        Some(Either::Left(types)) => (types.len(), types.iter().map(|it| it.name().to_owned()).collect()),
        Some(Either::Right(count)) => (count, Vec::new()),
        None => (0, Vec::new()),
    };
    let columns = statement.columns().iter().map(|column| column.type_info().name().to_owned()).collect();
    Prepared { parameters, parameter_types, columns }
}
