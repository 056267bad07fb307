//! A vault in a folder of its own, made and served by the binary that is measured.

use std::{
    ffi::OsStr,
    fs::File,
    io::Write as _,
    ops::Range,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    load::{self, Target},
    process::Server,
};

/// A vault with its administrator's API token.
pub(crate) struct Vault {
    binary: PathBuf,
    folder: TempDir,
    /// Instead of the SQLite file.
    database: Option<String>,
    /// The administrator's API token.
    pub(crate) token: String,
}

impl Vault {
    /// On SQLite, where temporary folders are.
    pub(crate) fn new(binary: &Path) -> anyhow::Result<Self> {
        Self::create(binary, TempDir::new()?, None)
    }

    /// On SQLite, in a folder within `place`.
    pub(crate) fn within(binary: &Path, place: &Path) -> anyhow::Result<Self> {
        Self::create(binary, TempDir::new_in(place)?, None)
    }

    /// On an empty database of PostgreSQL.
    pub(crate) fn on(binary: &Path, database: String) -> anyhow::Result<Self> {
        Self::create(binary, TempDir::new()?, Some(database))
    }

    fn create(binary: &Path, folder: TempDir, database: Option<String>) -> anyhow::Result<Self> {
        let mut vault = Self { binary: binary.to_owned(), folder, database, token: String::new() };
        let mut init = vault
            .host("init")
            .args(["--admin", "bench", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        init.stdin.take().context("stdin")?.write_all(b"plum velvet anchor sixteen")?;
        let output = init.wait_with_output()?;
        vault.token = String::from_utf8(output.stdout)?.trim().to_owned();
        anyhow::ensure!(vault.token.starts_with("cs_"), "init gave no token");
        Ok(vault)
    }

    /// The folder around data and key.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command that runs beside the data.
    fn host(&self, name: &str) -> Command {
        self.host_in(&self.data(), name)
    }

    fn host_in(&self, data: &Path, name: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(name).arg("--data").arg(data);
        if let Some(database) = &self.database {
            command.arg("--database").arg(database);
        }
        command
    }

    /// A server on a free port.
    pub(crate) fn serve(&self) -> anyhow::Result<Server> {
        self.serve_with(&[])
    }

    /// As [`Vault::serve`], with further arguments.
    pub(crate) fn serve_with(&self, arguments: &[&OsStr]) -> anyhow::Result<Server> {
        Server::start(self.host("serve").args(["--listen", "127.0.0.1:0"]).args(arguments))
    }

    /// One more server on the same PostgreSQL, with a data folder of its own and the key of the first.
    pub(crate) fn serve_beside(&self, number: usize) -> anyhow::Result<Server> {
        let data = self.folder.path().join(format!("data-{number}"));
        let key = self.folder.path().join("data.key");
        Server::start(self.host_in(&data, "serve").args(["--listen", "127.0.0.1:0", "--key-file"]).arg(key))
    }

    /// The administrator at a server of this vault.
    pub(crate) fn target(&self, server: &Server) -> Target {
        Target { address: server.address, token: self.token.clone(), tls: None }
    }

    /// A command that asks a server of this vault.
    pub(crate) fn client(&self, server: &Server, name: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(name).env("COUNTERSIGN_URL", format!("http://{}", server.address));
        command.env("COUNTERSIGN_TOKEN", &self.token).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// What a command that asks a server of this vault prints.
    pub(crate) fn said(&self, server: &Server, arguments: &[&str]) -> anyhow::Result<String> {
        let (name, rest) = arguments.split_first().context("a command")?;
        let done = self.client(server, name).args(rest).stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
        let why = || format!("{}: {}", arguments.join(" "), String::from_utf8_lossy(&done.stderr));
        anyhow::ensure!(done.status.success(), "{}", why());
        Ok(String::from_utf8(done.stdout)?)
    }

    /// A new service account that may ask for that scope, with a token of its own.
    pub(crate) async fn service_account(&self, server: &Server, name: &str, scope: &str) -> anyhow::Result<Target> {
        let made = self.said(server, &["service-account", "add", name, "--scope", scope, "--json"])?;
        let made: Value = serde_json::from_str(&made)?;
        let field = |name: &str| made.get(name).and_then(Value::as_str).context("its credentials");
        let (id, secret) = (field("id")?, field("client_secret")?);
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let given: Value = serde_json::from_str(&load::post_form(server.address, "/api/v1/oauth/token", &form).await?)?;
        let token = given.get("access_token").and_then(Value::as_str).context("its token")?.to_owned();
        Ok(Target { address: server.address, token, tls: None })
    }

    /// Imports the credentials of these numbers by the command line; says how long that took.
    pub(crate) fn import(&self, server: &Server, numbers: Range<usize>) -> anyhow::Result<Duration> {
        self.import_with(server, numbers, &[])
    }

    /// As [`Vault::import`], with further arguments.
    pub(crate) fn import_with(
        &self,
        server: &Server,
        numbers: Range<usize>,
        arguments: &[&str],
    ) -> anyhow::Result<Duration> {
        let path = self.folder.path().join("import.txt");
        let mut text = String::new();
        for number in numbers {
            let seed = seed(number);
            text.push_str(&format!("otpauth://totp/Site%20{number}:user{number}@example.org?secret={seed}\n"));
        }
        File::create(&path)?.write_all(text.as_bytes())?;
        let begun = Instant::now();
        let status = self.client(server, "import").arg(&path).args(arguments).status()?;
        anyhow::ensure!(status.success(), "the import failed");
        Ok(begun.elapsed())
    }
}

/// A base32 seed of 160 bits that is different for each number.
pub(crate) fn seed(number: usize) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    (0..32).map(|place| char::from(LETTERS[(number >> (place % 6 * 5)) % 32])).collect()
}

/// The name under which the credential of a number is imported.
pub(crate) fn imported_name(number: usize) -> String {
    format!("Site {number}: user{number}@example.org")
}

/// Where the tokens of the first `count` imported credentials are read; at most 100,000 paths, spread over all.
pub(crate) fn token_paths(count: usize) -> Arc<Vec<String>> {
    let name = |number| format!("/api/v1/credentials/name:Site%20{number}%3A%20user{number}%40example.org/token");
    let every = count.div_ceil(100_000).max(1);
    Arc::new((0..count).step_by(every).map(name).collect())
}
