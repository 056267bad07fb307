use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgRow};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::timeout;

use super::error::{Error, OpenError};
use super::pool::{Pool, PooledConnection};
use super::statement::Statement;
use super::url::PostgresUrl;
use super::value::{Engine, Row};
use super::{Lane, OpenOptions};

/// Connections to one PostgreSQL database.
pub(super) struct Postgres {
    usual: Arc<Pool>,
    search: Arc<Pool>,
    export: Arc<Pool>,
}

/// A connection with a transaction on it. Dropped before the commit is answered, it is rolled back.
pub(super) struct Transaction {
    lent: PooledConnection,
}

// The server gives a statement up by itself, and says so; who waits beyond that waits for nobody.
const GRACE: Duration = Duration::from_secs(2);
// What reads much is given longer than what people and programs wait for.
const SEARCH: Duration = Duration::from_secs(60);
// Schema steps rewrite whole tables.
const SCRIPT: Duration = Duration::from_secs(60 * 60);

/// Asks on a lent connection, within the limit that is given, else the usual one.
macro_rules! ask {
    ($lent:expr, $name:expr, $raw:ident => $asked:expr) => {{
        let limit = $lent.answer();
        ask!($lent, limit, $name, $raw => $asked)
    }};
    ($lent:expr, $limit:expr, $name:expr, $raw:ident => $asked:expr) => {
        match $lent.raw($name) {
            Ok($raw) => {
                let answer = timeout($limit, $asked).await;
                $lent.judge($name, $limit, answer)
            }
            Err(error) => Err(error),
        }
    };
}

impl Postgres {
    pub(super) async fn open(url: &PostgresUrl, shown: &str, options: &OpenOptions) -> Result<Self, OpenError> {
        let problem = |source| OpenError::Database { url: shown.to_owned(), source };
        let connect = connect_options(url, options, options.statement);
        // A pool would say no more than that it took too long; a first connection of our own says why.
        let mut first = timeout(options.wait, PgConnection::connect_with(&connect))
            .await
            .map_err(|_| problem(Error::Unavailable { detail: format!("no answer within {:?}", options.wait) }))?
            .map_err(|error| problem(Error::from_sqlx("connecting", &error)))?;
        let connect = in_its_schema(connect, &mut first, options.wait).await.map_err(problem)?;
        let _ = timeout(GRACE, first.close()).await;
        let aside = |size| {
            let limit = SEARCH.max(options.statement);
            let connect = connect.clone().options([("statement_timeout", limit.as_millis().to_string())]);
            Pool::new(connect, size, options.wait_aside(), limit + GRACE)
        };
        let (search, export) = (aside(Lane::Search.places()), aside(Lane::Export.places()));
        let usual = Pool::new(connect, options.postgres_connections, options.wait, options.statement + GRACE);
        Ok(Self { usual, search, export })
    }

    pub(super) async fn reader(&self, lane: Lane) -> Result<Transaction, Error> {
        let pool = match lane {
            Lane::Usual => &self.usual,
            Lane::Search => &self.search,
            Lane::Export => &self.export,
        };
        let lent = pool.begin("begin isolation level repeatable read read only").await?;
        Ok(Transaction { lent })
    }

    pub(super) async fn writer(&self) -> Result<Transaction, Error> {
        let lent = self.usual.begin("begin isolation level read committed read write").await?;
        Ok(Transaction { lent })
    }

    pub(super) async fn fetch_all(&self, statement: &Statement, args: PgArguments) -> Result<Vec<Row>, Error> {
        loop {
            let mut lent = self.usual.lend_for_select().await?;
            match ask!(lent, statement.name(), raw => fetch_all(raw, statement, args.clone())) {
                Err(Error::Unavailable { .. }) if lent.is_stale() => self.usual.forget_idle(),
                result => {
                    lent.settle();
                    return result.map(rows);
                }
            }
        }
    }

    pub(super) async fn fetch_optional(&self, statement: &Statement, args: PgArguments) -> Result<Option<Row>, Error> {
        loop {
            let mut lent = self.usual.lend_for_select().await?;
            match ask!(lent, statement.name(), raw => fetch_optional(raw, statement, args.clone())) {
                Err(Error::Unavailable { .. }) if lent.is_stale() => self.usual.forget_idle(),
                result => {
                    lent.settle();
                    return result.map(|row| row.map(|row| Row(Engine::Postgres(row))));
                }
            }
        }
    }

    /// Runs a statement that is a transaction by itself; `None` when the connection was from before the server's end and is
    /// lost, so that nobody knows whether it ran.
    pub(super) async fn alone(&self, statement: &Statement, args: PgArguments) -> Result<Option<Vec<Row>>, Error> {
        let mut lent = self.usual.lend_for_select().await?;
        match ask!(lent, statement.name(), raw => fetch_all(raw, statement, args)) {
            Err(Error::Unavailable { .. }) if lent.is_stale() => {
                self.usual.forget_idle();
                Ok(None)
            }
            result => {
                lent.settle();
                result.map(|found| Some(rows(found)))
            }
        }
    }

    pub(super) async fn close(&self) {
        tokio::join!(self.usual.close(), self.search.close(), self.export.close());
    }
}

impl Transaction {
    pub(super) async fn fetch_all(&mut self, statement: &Statement, args: PgArguments) -> Result<Vec<Row>, Error> {
        ask!(self.lent, statement.name(), raw => fetch_all(raw, statement, args)).map(rows)
    }

    pub(super) async fn fetch_optional(
        &mut self,
        statement: &Statement,
        args: PgArguments,
    ) -> Result<Option<Row>, Error> {
        let row = ask!(self.lent, statement.name(), raw => fetch_optional(raw, statement, args))?;
        Ok(row.map(|row| Row(Engine::Postgres(row))))
    }

    pub(super) async fn execute(&mut self, statement: &Statement, args: PgArguments) -> Result<u64, Error> {
        let query = sqlx::query_with(statement.postgres(), args);
        Ok(ask!(self.lent, statement.name(), raw => query.execute(raw))?.rows_affected())
    }

    pub(super) async fn script(&mut self, name: &'static str, sql: &'static str) -> Result<(), Error> {
        ask!(self.lent, name, raw => sqlx::raw_sql("set local statement_timeout = 0").execute(raw))?;
        ask!(self.lent, SCRIPT, name, raw => sqlx::raw_sql(sql).execute(raw))?;
        Ok(())
    }

    /// Runs a text of names of the schema alone, however long that takes.
    pub(super) async fn text(&mut self, name: &'static str, text: String) -> Result<(), Error> {
        ask!(self.lent, SCRIPT, name, raw => sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(raw))?;
        Ok(())
    }

    /// The connection itself, for rows that are taken one by one.
    pub(super) fn raw(&mut self, name: &'static str) -> Result<&mut PgConnection, Error> {
        self.lent.raw(name)
    }

    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        ask!(self.lent, "commit", raw => sqlx::raw_sql("commit").execute(raw))?;
        self.lent.settle();
        Ok(())
    }
}

fn rows(rows: Vec<PgRow>) -> Vec<Row> {
    rows.into_iter().map(|row| Row(Engine::Postgres(row))).collect()
}

async fn fetch_all(
    raw: &mut PgConnection,
    statement: &Statement,
    args: PgArguments,
) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::query_with(statement.postgres(), args).fetch_all(raw).await
}

async fn fetch_optional(
    raw: &mut PgConnection,
    statement: &Statement,
    args: PgArguments,
) -> Result<Option<PgRow>, sqlx::Error> {
    sqlx::query_with(statement.postgres(), args).fetch_optional(raw).await
}

/// All connections look where the vault's tables are, and where new ones go: a schema that somebody makes later, and that the
/// path names first, would otherwise get an empty vault of its own.
async fn in_its_schema(
    connect: PgConnectOptions,
    first: &mut PgConnection,
    wait: Duration,
) -> Result<PgConnectOptions, Error> {
    const NAME: &str = "looking for the schema";
    const SQL: &str = "select coalesce((select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.oid = to_regclass('schema_version')), current_schema())::text";
    let silent = |_| Error::Unavailable { detail: format!("{NAME}: no answer within {wait:?}") };
    let asked = timeout(wait, sqlx::query_scalar::<_, Option<String>>(SQL).fetch_one(first)).await.map_err(silent)?;
    let schema = asked.map_err(|error| Error::from_sqlx(NAME, &error))?;
    // Another name would have to be quoted on its way; the path stays as the server has it then.
    let is_plain = |name: &String| name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
    Ok(match schema.filter(is_plain) {
        Some(schema) => connect.options([("search_path", schema)]),
        None => connect,
    })
}

fn connect_options(url: &PostgresUrl, options: &OpenOptions, statement: Duration) -> PgConnectOptions {
    let millis = |duration: Duration| duration.as_millis().to_string();
    url.options
        .clone()
        .application_name("countersign")
        .statement_cache_capacity(256)
        .options([
            ("statement_timeout", millis(statement)),
            ("lock_timeout", millis(options.busy)),
            // A node that froze inside a transaction must not hold its rows for ever.
            ("idle_in_transaction_session_timeout", millis(statement * 2)),
            // A record counts as durable when its commit is answered, whatever the server's own setting is.
            ("synchronous_commit", "on".to_owned()),
        ])
        .disable_statement_logging()
}
