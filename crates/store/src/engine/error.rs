use std::path::PathBuf;

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::PgDatabaseError;

/// What the database answered instead of a result. "Not found" is no error: it is `None` or no rows.
///
/// Texts say what to do and nothing of the inside; with `{:#}` they name the statement and the engine's reason too, for a
/// log. Neither holds a bound value.
#[derive(Debug)]
pub enum Error {
    /// Down, unreachable, too slow, or out of connections. Nothing was changed by the statement; of a `commit` that ends
    /// this way nobody knows whether it happened.
    Unavailable {
        /// Statement and reason.
        detail: String,
    },
    /// It answers others: every place was taken for as long as one waits.
    Busy {
        /// What was waited for.
        detail: String,
    },
    /// No room left to write. The transaction is rolled back; what was committed before stays readable.
    Full {
        /// Statement and reason.
        detail: String,
    },
    /// A unique constraint or primary key says that this exists already.
    Conflict {
        /// Equal on both engines: `table.column, table.column` in the index's order, or the index's name when the index
        /// covers an expression.
        on: Option<String>,
    },
    /// A foreign key names a row that is not there (or that others still need).
    Dangling {
        /// Statement and, on PostgreSQL, the constraint.
        detail: String,
    },
    /// Another transaction was faster (serialization failure, deadlock, lock time-out). Run the whole transaction again.
    Stale {
        /// Statement and reason.
        detail: String,
    },
    /// The file or a row is damaged, or is not what this program wrote.
    Corrupt {
        /// Statement or column, and reason.
        detail: String,
    },
    /// A row of authority is not one that this vault has written.
    Tampered {
        /// What kind of row, and its name or id.
        what: String,
    },
    /// The transaction was spoiled by an earlier error or by a statement that was given up half-way; drop it.
    Spoiled {
        /// The statement that was refused.
        statement: &'static str,
    },
    /// Anything else: mostly a mistake in a statement.
    Other {
        /// Statement and reason.
        detail: String,
    },
}

impl std::error::Error for Error {}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (text, detail) = match self {
            Self::Unavailable { detail } => ("the database does not answer", Some(detail)),
            Self::Busy { detail } => ("the database is busy", Some(detail)),
            Self::Full { detail } => ("the database has no room left to write", Some(detail)),
            Self::Conflict { on } => return write!(f, "{} exists already", on.as_deref().unwrap_or("this row")),
            Self::Dangling { detail } => ("something that is named here is gone, or is still needed", Some(detail)),
            Self::Stale { detail } => ("somebody else was faster", Some(detail)),
            Self::Corrupt { detail } => {
                ("the database holds something that this program cannot have written", Some(detail))
            }
            Self::Tampered { what } => {
                return write!(
                    f,
                    "{what} was changed in the database by something else than this vault, so it is not believed; see who \
                     can write the database, then restore a backup"
                );
            }
            Self::Spoiled { statement } => {
                f.write_str("this transaction failed earlier and can only be dropped")?;
                return if f.alternate() { write!(f, " ({statement})") } else { Ok(()) };
            }
            Self::Other { detail } => ("the database refused", Some(detail)),
        };
        f.write_str(text)?;
        match detail {
            Some(detail) if f.alternate() => write!(f, " ({detail})"),
            _ => Ok(()),
        }
    }
}

impl Error {
    /// What was asked and what the engine said, for whoever runs this machine: a log, a command beside the data.
    pub fn detail(&self) -> &str {
        match self {
            Self::Unavailable { detail }
            | Self::Busy { detail }
            | Self::Full { detail }
            | Self::Dangling { detail }
            | Self::Stale { detail }
            | Self::Corrupt { detail }
            | Self::Other { detail } => detail,
            Self::Conflict { on } => on.as_deref().unwrap_or_default(),
            Self::Tampered { what } => what,
            Self::Spoiled { statement } => statement,
        }
    }

    /// Whether running the whole transaction again is likely to succeed without anybody doing something.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }

    /// Whether this is a unique violation on exactly these columns, given as in [`Error::Conflict`].
    pub fn conflicts_on(&self, columns: &str) -> bool {
        matches!(self, Self::Conflict { on: Some(on) } if on == columns)
    }

    pub(super) fn from_sqlx(statement: &'static str, error: &sqlx::Error) -> Self {
        let detail = |reason: &str| format!("{statement}: {reason}");
        match error {
            sqlx::Error::Database(database) => match database.try_downcast_ref::<PgDatabaseError>() {
                Some(postgres) => from_postgres(statement, postgres),
                None => from_sqlite(statement, database.as_ref()),
            },
            sqlx::Error::Io(io) if is_no_room(io) => Self::Full { detail: detail(&io.to_string()) },
            sqlx::Error::Io(io) => Self::Unavailable { detail: detail(&io.to_string()) },
            sqlx::Error::PoolTimedOut => Self::Unavailable { detail: detail("no free connection in time") },
            sqlx::Error::PoolClosed => Self::Unavailable { detail: detail("the database was closed") },
            sqlx::Error::WorkerCrashed => Self::Unavailable { detail: detail("the connection's thread ended") },
            // sqlx says so when the server ends the connection in the middle of an answer.
            sqlx::Error::Protocol(reason) => Self::Unavailable { detail: detail(reason) },
            sqlx::Error::Tls(reason) => Self::Unavailable {
                detail: detail(&format!(
                    "TLS: {reason}; add ?sslrootcert=FILE for a certificate authority of your own, or ?sslmode=require to \
                     encrypt without verifying"
                )),
            },
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::ColumnNotFound(_) => Self::Corrupt { detail: detail(&error.to_string()) },
            other => Self::Other { detail: detail(&other.to_string()) },
        }
    }
}

/// A column holds what this program cannot have written.
pub(crate) fn corrupt(column: &str) -> Error {
    Error::Corrupt { detail: format!("{column} holds a value that this version does not know") }
}

fn is_no_room(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | FileTooLarge | QuotaExceeded)
}

// Primary result codes are the lowest byte of an extended one (https://sqlite.org/rescode.html).
const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_IOERR: u32 = 10;
const SQLITE_CORRUPT: u32 = 11;
const SQLITE_FULL: u32 = 13;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;
// Where the disk refuses more bytes without saying ENOSPC (a quota, a size limit), SQLite knows only which call failed.
const SQLITE_IOERR_WRITE: u32 = SQLITE_IOERR | (3 << 8);
const SQLITE_IOERR_SHMSIZE: u32 = SQLITE_IOERR | (19 << 8);

fn from_sqlite(statement: &'static str, error: &dyn DatabaseError) -> Error {
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or(0);
    let detail = format!("{statement}: {}", error.message());
    match (error.kind(), code, code & 0xff) {
        (ErrorKind::UniqueViolation, ..) => Error::Conflict { on: sqlite_conflict(error.message()) },
        (ErrorKind::ForeignKeyViolation, ..) => Error::Dangling { detail },
        (_, SQLITE_IOERR_WRITE | SQLITE_IOERR_SHMSIZE, _) | (_, _, SQLITE_FULL) => Error::Full { detail },
        (_, _, SQLITE_BUSY | SQLITE_LOCKED) => Error::Stale { detail },
        (_, _, SQLITE_CORRUPT | SQLITE_NOTADB) => Error::Corrupt { detail },
        (_, _, SQLITE_IOERR | SQLITE_CANTOPEN) => Error::Unavailable { detail },
        _ => Error::Other { detail },
    }
}

/// From "UNIQUE constraint failed: users.name" or "UNIQUE constraint failed: index 'users_lower_name'".
fn sqlite_conflict(message: &str) -> Option<String> {
    let on = message.split_once(" failed: ")?.1;
    let index = on.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\''));
    Some(index.unwrap_or(on).to_owned())
}

fn from_postgres(statement: &'static str, error: &PgDatabaseError) -> Error {
    let code = error.code();
    // Class 22 (data exceptions) quotes the offending value in its message.
    let detail = match (error.constraint(), code.starts_with("22")) {
        (_, true) => format!("{statement}: a value does not fit, SQLSTATE {code}"),
        (Some(constraint), false) => format!("{statement}: {constraint}, SQLSTATE {code}"),
        (None, false) => format!("{statement}: {}, SQLSTATE {code}", error.message()),
    };
    match (code, code.get(..2).unwrap_or("")) {
        ("23505", _) => Error::Conflict { on: postgres_conflict(error) },
        ("23503" | "23001", _) => Error::Dangling { detail },
        ("53100", _) => Error::Full { detail },
        ("40001" | "40P01" | "55P03", _) => Error::Stale { detail },
        ("57014" | "58030", _) | (_, "08" | "53" | "57") => Error::Unavailable { detail },
        ("XX001" | "XX002", _) => Error::Corrupt { detail },
        _ => Error::Other { detail },
    }
}

/// PostgreSQL names the constraint, SQLite the columns. The columns stand in the detail, "Key (team, name)=(7, x) already
/// exists." (translated, with values), so take what is before `)=(` and nothing else.
fn postgres_conflict(error: &PgDatabaseError) -> Option<String> {
    let columns = error
        .detail()
        .and_then(|detail| detail.split_once(")=("))
        .and_then(|(head, _)| head.split_once('('))
        .map(|(_, columns)| columns);
    let is_plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    match (error.table(), columns) {
        (Some(table), Some(columns)) if columns.split(", ").all(is_plain) => {
            Some(columns.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", "))
        }
        _ => error.constraint().map(str::to_owned),
    }
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No file there, and the caller did not ask to make one.
    #[error("there is no database at {}; start the server once, or name the folder that holds it", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A server has this SQLite file open already.
    #[error(
        "{} is in use by another server{}; stop that one first, or give this one a data folder of its own \
         (several servers on one database need PostgreSQL)",
        path.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    InUse {
        /// The database file.
        path: PathBuf,
        /// What the other server wrote into its lock file.
        pid: Option<u32>,
    },
    /// The file, its lock file or its folder cannot be read or written.
    #[error("cannot open {}: {source}; see that the folder exists and belongs to the user who runs this", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The database answered with an error, or not at all.
    #[error("cannot open {url}: {source:#}")]
    Database {
        /// The address without its password.
        url: String,
        /// What was wrong.
        source: Error,
    },
}

#[cfg(test)]
mod tests {
    use super::sqlite_conflict;

    #[test]
    fn a_conflict_names_columns_or_the_index() {
        let cases = [
            ("UNIQUE constraint failed: users.name", Some("users.name")),
            ("UNIQUE constraint failed: grants.user_id, grants.what", Some("grants.user_id, grants.what")),
            ("UNIQUE constraint failed: index 'users_lower_name'", Some("users_lower_name")),
            ("something else", None),
        ];
        for (message, on) in cases {
            assert_eq!(sqlite_conflict(message).as_deref(), on, "{message}");
        }
    }
}
