//! Databases as text: what is kept of a released schema, and read again by the tests of upgrades.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor, PgConnection, Row as _, SqliteConnection};

use super::TestDatabase;
use crate::engine::{DatabaseUrl, Statement};

/// Columns, indexes, references, triggers and views, each as a line.
static OBJECTS: Statement = Statement::two(
    "kept::OBJECTS",
    "select 'column ' || t.name || '.' || c.name || ' ' || lower(c.type) || ' ' || c.\"notnull\" || ' ' ||
            coalesce(c.dflt_value, '') || ' ' || c.pk
        from sqlite_schema t, pragma_table_info(t.name) c where t.type in ('table', 'view') and t.name not like 'sqlite%'
     union all select 'reference ' || t.name || '.' || f.\"from\" || ' ' || f.\"table\" || ' ' || f.on_delete
        from sqlite_schema t, pragma_foreign_key_list(t.name) f where t.type = 'table'
     union all select type || ' ' || name || ' ' || sql from sqlite_schema
        where type in ('index', 'trigger', 'view') and sql is not null",
    "select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' ||
            coalesce(column_default, '')
        from information_schema.columns where table_schema = current_schema()
     union all select 'index ' || indexdef from pg_indexes where schemaname = current_schema()
     union all select 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint
        where connamespace = current_schema()::regnamespace
     union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
     union all select 'view ' || viewname || ' ' || definition from pg_views where schemaname = current_schema()
     union all select 'function ' || pg_get_functiondef(oid) from pg_proc
        where pronamespace = current_schema()::regnamespace",
);
static TABLES: Statement = Statement::two(
    "kept::TABLES",
    "select name from sqlite_schema where type = 'table' and name not like 'sqlite%'",
    "select table_name::text from information_schema.tables
        where table_schema = current_schema() and table_type = 'BASE TABLE'",
);
/// Rows that refer to some that are not there; PostgreSQL has none.
static ASTRAY: Statement =
    Statement::two("kept::ASTRAY", "select \"table\" from pragma_foreign_key_check", "select '' where false");

impl TestDatabase {
    /// Makes what a text says that [`Self::dump`] has given, in the place of nothing.
    ///
    /// # Panics
    /// When the engine refuses it.
    pub async fn load(&self, sql: &str) {
        // What migrating by no step has made.
        let sql = format!("drop table if exists schema_version;\n{sql}");
        let mut connection = self.connect().await;
        let loaded = match &mut connection {
            Connection::Sqlite(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop),
            Connection::Postgres(connection) => sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop),
        };
        loaded.unwrap_or_else(|error| panic!("the kept database cannot be loaded: {error}"));
        connection.close().await;
    }

    /// The whole database as SQL, by the engine's own program (`sqlite3`, `pg_dump`), without what depends on its version.
    ///
    /// # Panics
    /// When the program is not there or fails.
    pub fn dump(&self) -> String {
        let mut command = match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut command = Command::new("sqlite3");
                command.arg(path).arg(".dump");
                command
            }
            DatabaseUrl::Postgres(url) => {
                let options = &url.options;
                let mut command = Command::new("pg_dump");
                command.args(["--no-owner", "--no-privileges", "--no-comments", "--rows-per-insert=100", "--host"]);
                match options.get_socket() {
                    Some(socket) => command.arg(socket),
                    None => command.arg(options.get_host()),
                };
                command.args(["--port", &options.get_port().to_string(), "--username", options.get_username()]);
                command.arg(options.get_database().unwrap_or_default());
                command
            }
        };
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        without_settings(&String::from_utf8(output.stdout).expect("SQL is text"))
    }

    /// What the schema is made of, to compare two.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn objects(&self) -> BTreeSet<String> {
        self.column(&OBJECTS).await.into_iter().collect()
    }

    /// How many rows each table has.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn rows(&self) -> BTreeMap<String, i64> {
        let mut rows = BTreeMap::new();
        let mut connection = self.connect().await;
        for table in self.column(&TABLES).await {
            let sql = format!("select count(*) from {table}");
            let count = match &mut connection {
                Connection::Sqlite(connection) => {
                    connection.fetch_one(AssertSqlSafe(sql)).await.map(|row| row.get::<i64, _>(0))
                }
                Connection::Postgres(connection) => {
                    connection.fetch_one(AssertSqlSafe(sql)).await.map(|row| row.get::<i64, _>(0))
                }
            };
            rows.insert(table, count.expect("a count"));
        }
        connection.close().await;
        rows
    }

    /// The tables with rows that refer to some that are not there.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn astray(&self) -> BTreeSet<String> {
        self.column(&ASTRAY).await.into_iter().collect()
    }

    async fn column(&self, statement: &Statement) -> Vec<String> {
        let rows = self.fetch_all(statement, crate::args![]).await.unwrap_or_else(|error| panic!("{error}"));
        rows.iter().map(|row| row.get(0).unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    async fn connect(&self) -> Connection {
        let connection = match &self.url {
            DatabaseUrl::Sqlite(path) => {
                SqliteConnectOptions::new().filename(path).connect().await.map(Connection::Sqlite)
            }
            DatabaseUrl::Postgres(url) => url.options.connect().await.map(Connection::Postgres),
        };
        connection.expect("a connection")
    }
}

enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Connection {
    async fn close(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        }
        .expect("a connection that can be closed");
    }
}

/// Settings of `pg_dump` that other versions do not know, its own commands, and comments stand between statements.
fn without_settings(sql: &str) -> String {
    const LEFT_OUT: &[&str] = &["SET ", "SELECT pg_catalog.set_config(", "\\restrict ", "\\unrestrict ", "--"];
    let mut kept = String::with_capacity(sql.len());
    let mut between = true;
    for line in sql.lines() {
        if between && (line.is_empty() || LEFT_OUT.iter().any(|start| line.starts_with(start))) {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
        between = line.ends_with(';');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::without_settings;

    #[test]
    fn what_depends_on_a_version_is_left_out_and_what_is_told_stays() {
        let sql = "--\n-- by 17\n--\n\\restrict abc\nSET transaction_timeout = 0;\n\nCREATE TABLE t (\n    a text\n);\n\n\
                   INSERT INTO t VALUES\n\t('one\n-- two\n\nSET three'),\n\t('four');\n\\unrestrict abc\n";
        let kept =
            "CREATE TABLE t (\n    a text\n);\nINSERT INTO t VALUES\n\t('one\n-- two\n\nSET three'),\n\t('four');\n";
        assert_eq!(without_settings(sql), kept);
    }
}
