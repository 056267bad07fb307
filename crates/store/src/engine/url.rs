use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// Where the database is. Its `Display` and `Debug` never show a password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A server.
    Postgres(Box<PostgresUrl>),
}

/// The parsed address of a PostgreSQL server.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) options: PgConnectOptions,
    shown: String,
}

/// Why an address is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseDatabaseUrlError {
    /// Neither a known scheme nor a file.
    #[error(
        "`{text}` is neither a database address nor an existing file; write sqlite:{text} to make a new file there, \
         or postgres://USER@HOST/DATABASE for a server"
    )]
    Unknown {
        /// What was given; it holds no `://`, so no password.
        text: String,
    },
    /// Another kind of database.
    #[error("`{scheme}:` databases are not supported; write sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Scheme {
        /// The part before the colon.
        scheme: String,
    },
    /// `sqlite:` without a path, or in memory.
    #[error("the address names no file; write sqlite:PATH, such as sqlite:/var/lib/countersign/countersign.db")]
    NoFile,
    /// `sqlite:` with `?mode=…` and the like.
    #[error("a sqlite: address takes no `?` options; everything it could set is set already")]
    SqliteOptions,
    /// The part after `postgres://`.
    #[error("the postgres:// address cannot be read ({reason}); write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Postgres {
        /// What is wrong with it, without quoting it.
        reason: String,
    },
}

impl DatabaseUrl {
    /// From `sqlite:PATH`, `sqlite://PATH`, `postgres://…`, `postgresql://…`, or the bare path of an existing file or of one
    /// that ends in `.db`. In a PostgreSQL address the parameters of libpq's URIs serve (`sslmode`, `host=/run/postgresql`);
    /// the password may come from `PGPASSWORD` or `~/.pgpass` instead.
    ///
    /// # Errors
    /// Says what to write instead.
    pub fn parse(text: &str) -> Result<Self, ParseDatabaseUrlError> {
        let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
            return Self::bare(text);
        };
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                match path {
                    "" | ":memory:" => Err(ParseDatabaseUrlError::NoFile),
                    _ if path.contains('?') => Err(ParseDatabaseUrlError::SqliteOptions),
                    _ => Ok(Self::Sqlite(PathBuf::from(path))),
                }
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(Box::new(PostgresUrl::parse(text)?))),
            _ if Path::new(text).exists() => Ok(Self::Sqlite(PathBuf::from(text))),
            _ => Err(ParseDatabaseUrlError::Scheme { scheme: scheme.to_owned() }),
        }
    }

    fn bare(text: &str) -> Result<Self, ParseDatabaseUrlError> {
        let path = Path::new(text);
        if path.is_file() || path.extension().is_some_and(|extension| extension == "db") {
            return Ok(Self::Sqlite(path.to_owned()));
        }
        Err(ParseDatabaseUrlError::Unknown { text: text.to_owned() })
    }
}

impl PostgresUrl {
    const PARAMETERS: [&str; 14] = [
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "host",
        "port",
        "dbname",
        "user",
        "password",
    ];

    fn parse(text: &str) -> Result<Self, ParseDatabaseUrlError> {
        let problem = |reason: &str| ParseDatabaseUrlError::Postgres { reason: reason.to_owned() };
        if !text.contains("://") {
            return Err(problem("`//` is missing after the colon"));
        }
        // The library would only log what it does not know, and with the value.
        for parameter in text.split_once('?').map_or("", |(_, query)| query).split('&').filter(|it| !it.is_empty()) {
            let key = parameter.split_once('=').map_or(parameter, |(key, _)| key);
            if !Self::PARAMETERS.contains(&key) {
                return Err(problem(
                    "it has a parameter after the `?` that is unknown; known are sslmode, sslrootcert, \
                                    sslcert, sslkey, host, port, dbname, user and password",
                ));
            }
        }
        let mut options = PgConnectOptions::from_str(text).map_err(|error| match error {
            // `sqlx` wraps the URL parser's reason, which quotes nothing of the text.
            sqlx::Error::Configuration(reason) if reason.to_string().len() < 60 => problem(&reason.to_string()),
            _ => problem("a part of it has the wrong form"),
        })?;
        // The library's own default encrypts where the server likes to, and believes any certificate.
        let query = text.split_once('?').map_or("", |(_, query)| query);
        let said = query.contains("sslmode=") || query.contains("ssl-mode=") || std::env::var_os("PGSSLMODE").is_some();
        if !said && !is_own_machine(&options) {
            options = options.ssl_mode(PgSslMode::VerifyFull);
        }
        Ok(Self::from(options))
    }
}

/// Whether the way to the server stays on this machine.
fn is_own_machine(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl From<PgConnectOptions> for PostgresUrl {
    fn from(options: PgConnectOptions) -> Self {
        let database = options.get_database().unwrap_or_else(|| options.get_username());
        let shown = match options.get_socket() {
            Some(folder) => {
                format!("postgres://{}@localhost/{database}?host={}", options.get_username(), folder.display())
            }
            None => {
                format!(
                    "postgres://{}@{}:{}/{database}",
                    options.get_username(),
                    options.get_host(),
                    options.get_port()
                )
            }
        };
        Self { options, shown }
    }
}

/// A scheme as in RFC 3986 §3.1, of two letters at least so that `C:\vault.db` is none.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&url.shown),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", self.shown)
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = ParseDatabaseUrlError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseUrl, ParseDatabaseUrlError, PgSslMode};

    #[test]
    fn addresses_are_read_and_shown_without_password() {
        let cases = [
            ("sqlite:///var/lib/v.db", "sqlite:/var/lib/v.db"),
            ("sqlite:/var/lib/v.db", "sqlite:/var/lib/v.db"),
            ("sqlite:data/v.sqlite", "sqlite:data/v.sqlite"),
            ("new.db", "sqlite:new.db"),
            ("postgres://ann:s3cret@db.example:5433/vault", "postgres://ann@db.example:5433/vault"),
            ("postgresql://ann:s3cret@db.example/vault?sslmode=require", "postgres://ann@db.example:5432/vault"),
            (
                "postgres://ann@localhost/vault?host=/run/pg&password=s3cret",
                "postgres://ann@localhost/vault?host=/run/pg",
            ),
        ];
        for (text, shown) in cases {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn the_server_is_verified_unless_it_is_this_machine_or_somebody_says_otherwise() {
        for (text, verified) in [
            ("postgres://ann@db.example/vault", true),
            ("postgres://ann@10.0.0.5/vault", true),
            ("postgres://ann@db.example/vault?sslrootcert=/ca.pem", true),
            ("postgres://ann@db.example/vault?sslmode=require", false),
            ("postgres://ann@db.example/vault?sslmode=disable", false),
            ("postgres://ann@db.example/vault?sslmode=verify-full", true),
            ("postgres://ann@localhost/vault", false),
            ("postgres://ann@127.0.0.1:5433/vault", false),
            ("postgres://ann@[::1]/vault", false),
            ("postgres://ann@localhost/vault?host=/run/pg", false),
        ] {
            let DatabaseUrl::Postgres(url) = DatabaseUrl::parse(text).unwrap() else { panic!("{text}") };
            let mode = url.options.get_ssl_mode();
            assert_eq!(matches!(mode, PgSslMode::VerifyFull), verified, "{text}: {mode:?}");
        }
    }

    #[test]
    fn a_wrong_address_says_what_to_write() {
        let cases = [
            ("no/such/folder/vault", "write sqlite:no/such/folder/vault"),
            ("mysql://ann:s3cret@h/d", "`mysql:` databases are not supported"),
            ("sqlite:", "names no file"),
            ("sqlite::memory:", "names no file"),
            ("sqlite:v.db?mode=ro", "takes no `?` options"),
            ("postgres://ann:s3cret@h:port/d", "invalid port number"),
            ("postgres://ann:s3cret@h/d?sslmod=require", "unknown"),
            ("postgres://ann:s3cret@h/d?sslmode=s3cret-mode", "wrong form"),
            ("postgres:ann", "`//` is missing"),
        ];
        for (text, expected) in cases {
            let message = DatabaseUrl::parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
            assert!(!message.contains("s3cret"), "{text}: {message}");
        }
        assert!(matches!(DatabaseUrl::parse("vault"), Err(ParseDatabaseUrlError::Unknown { .. })));
    }
}
