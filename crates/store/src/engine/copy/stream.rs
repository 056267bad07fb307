//! Rows as they come, and statements whose text is made of the schema's own names.

use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt as _};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use tokio::time::timeout;

use super::super::value::Engine;
use super::super::{AnyReader, AnyWriter, Error, Reader, Row, Transaction};

/// How long the next row may take.
const NEXT: Duration = Duration::from_secs(120);

/// The rows of one select, which the engine gives no faster than they are taken.
pub(super) struct Rows<'a> {
    name: &'static str,
    inner: AnyRows<'a>,
}

enum AnyRows<'a> {
    Sqlite(BoxStream<'a, Result<SqliteRow, sqlx::Error>>),
    Postgres(BoxStream<'a, Result<PgRow, sqlx::Error>>),
}

impl Rows<'_> {
    pub(super) async fn next(&mut self) -> Result<Option<Row>, Error> {
        let next = async {
            match &mut self.inner {
                AnyRows::Sqlite(rows) => rows.next().await.map(|row| row.map(|row| Row(Engine::Sqlite(row)))),
                AnyRows::Postgres(rows) => rows.next().await.map(|row| row.map(|row| Row(Engine::Postgres(row)))),
            }
        };
        let silent = |_| Error::Unavailable { detail: format!("{}: no answer within {NEXT:?}", self.name) };
        let row = timeout(NEXT, next).await.map_err(silent)?;
        row.transpose().map_err(|error| Error::from_sqlx(self.name, &error))
    }
}

impl Reader {
    pub(super) const fn is_postgres(&self) -> bool {
        matches!(self.inner, AnyReader::Postgres(_))
    }

    /// `text` holds names of the schema alone.
    pub(super) async fn stream(&mut self, name: &'static str, text: String) -> Result<Rows<'_>, Error> {
        let inner = match &mut self.inner {
            AnyReader::Sqlite(guard) => {
                AnyRows::Sqlite(sqlx::query(AssertSqlSafe(text)).fetch(&mut guard.connection()?.raw))
            }
            AnyReader::Postgres(on) => {
                // However long all of it takes: each row has its own limit.
                on.text(name, "set local statement_timeout = 0".to_owned()).await?;
                AnyRows::Postgres(sqlx::query(AssertSqlSafe(text)).fetch(on.raw(name)?))
            }
        };
        Ok(Rows { name, inner })
    }
}

impl Transaction {
    /// Runs a statement whose `text` holds names of the schema alone.
    pub(super) async fn text(&mut self, name: &'static str, text: String) -> Result<(), Error> {
        self.spoiled = true;
        match &mut self.inner {
            AnyWriter::Sqlite(guard) => {
                let raw = &mut guard.connection()?.raw;
                sqlx::raw_sql(AssertSqlSafe(text))
                    .execute(raw)
                    .await
                    .map_err(|error| Error::from_sqlx(name, &error))?;
            }
            AnyWriter::Postgres(on) => on.text(name, text).await?,
        }
        self.spoiled = false;
        Ok(())
    }
}
