use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, Postgres as Driver};
use sqlx::{ConnectOptions as _, Connection as _, Transaction as DriverTransaction};

use super::OpenOptions;
use super::error::{Error, OpenError};
use super::statement::Statement;
use super::url::PostgresUrl;
use super::value::{Engine, Row};

/// A pool of connections to one PostgreSQL database.
pub(super) struct Postgres {
    pool: PgPool,
}

pub(super) type Transaction = DriverTransaction<'static, Driver>;

impl Postgres {
    pub(super) async fn open(url: &PostgresUrl, shown: &str, options: &OpenOptions) -> Result<Self, OpenError> {
        let problem = |source| OpenError::Database { url: shown.to_owned(), source };
        let connect = connect_options(url, options);
        // The pool would say no more than "timed out"; a first connection of our own says why.
        let first = tokio::time::timeout(options.wait, PgConnection::connect_with(&connect))
            .await
            .map_err(|_| problem(Error::Unavailable { detail: format!("no answer within {:?}", options.wait) }))?
            .map_err(|error| problem(Error::from_sqlx("connecting", &error)))?;
        let _ = first.close().await;
        let pool = PgPoolOptions::new()
            .max_connections(options.postgres_connections.max(1))
            .acquire_timeout(options.wait)
            // A question to the server before each use would double the way of a single read; a connection that was used
            // just now is alive, and one that slept is asked.
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for < Duration::from_secs(5) {
                        return Ok(true);
                    }
                    Ok(connection.ping().await.is_ok())
                })
            })
            .connect_lazy_with(connect);
        Ok(Self { pool })
    }

    pub(super) async fn reader(&self) -> Result<Transaction, Error> {
        self.begin("begin isolation level repeatable read read only").await
    }

    pub(super) async fn writer(&self) -> Result<Transaction, Error> {
        self.begin("begin isolation level read committed read write").await
    }

    async fn begin(&self, sql: &'static str) -> Result<Transaction, Error> {
        self.pool.begin_with(sql).await.map_err(|error| Error::from_sqlx("begin", &error))
    }

    pub(super) async fn fetch_all(&self, statement: &Statement, args: PgArguments) -> Result<Vec<Row>, Error> {
        fetch_all(&mut *self.acquire().await?, statement, args).await
    }

    pub(super) async fn fetch_optional(&self, statement: &Statement, args: PgArguments) -> Result<Option<Row>, Error> {
        fetch_optional(&mut *self.acquire().await?, statement, args).await
    }

    async fn acquire(&self) -> Result<sqlx::pool::PoolConnection<Driver>, Error> {
        self.pool.acquire().await.map_err(|error| Error::from_sqlx("connecting", &error))
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

pub(super) async fn fetch_all(
    connection: &mut PgConnection,
    statement: &Statement,
    args: PgArguments,
) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query_with(statement.postgres(), args)
        .fetch_all(connection)
        .await
        .map_err(|error| Error::from_sqlx(statement.name(), &error))?;
    Ok(rows.into_iter().map(|row| Row(Engine::Postgres(row))).collect())
}

pub(super) async fn fetch_optional(
    connection: &mut PgConnection,
    statement: &Statement,
    args: PgArguments,
) -> Result<Option<Row>, Error> {
    let row = sqlx::query_with(statement.postgres(), args)
        .fetch_optional(connection)
        .await
        .map_err(|error| Error::from_sqlx(statement.name(), &error))?;
    Ok(row.map(|row| Row(Engine::Postgres(row))))
}

pub(super) async fn execute(
    connection: &mut PgConnection,
    statement: &Statement,
    args: PgArguments,
) -> Result<u64, Error> {
    let done = sqlx::query_with(statement.postgres(), args)
        .execute(connection)
        .await
        .map_err(|error| Error::from_sqlx(statement.name(), &error))?;
    Ok(done.rows_affected())
}

pub(super) async fn script(connection: &mut PgConnection, name: &'static str, sql: &'static str) -> Result<(), Error> {
    sqlx::raw_sql(sql).execute(connection).await.map_err(|error| Error::from_sqlx(name, &error))?;
    Ok(())
}

fn connect_options(url: &PostgresUrl, options: &OpenOptions) -> PgConnectOptions {
    let millis = |duration: Duration| duration.as_millis().to_string();
    url.options
        .clone()
        .application_name("countersign")
        .statement_cache_capacity(256)
        .options([
            ("statement_timeout", millis(options.statement)),
            ("lock_timeout", millis(options.busy)),
            // A node that froze inside a transaction must not hold its rows for ever.
            ("idle_in_transaction_session_timeout", millis(options.statement * 2)),
        ])
        .disable_statement_logging()
}
