//! A PostgreSQL of this program's own, with the settings of an ordinary installation: durable, unlike that of the tests.

use std::{
    fs::File,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

/// A running PostgreSQL. It is stopped and removed some seconds after this value has gone.
pub(crate) struct Postgres {
    socket: PathBuf,
    // What the script watches: it goes however this process ends.
    _using: File,
}

impl Postgres {
    /// Starts it, unless one from a run before is still there.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let folder = folder();
        let open = |suffix: &str| File::options().append(true).create(true).open(folder.with_extension(suffix));
        let starting = open("start")?;
        starting.lock()?;
        let using = open("users")?;
        using.lock_shared()?;
        let socket = folder.join("socket");
        if UnixStream::connect(socket.join(".s.PGSQL.5432")).is_err() {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/tests/postgres.sh");
            let output = Command::new(script).args(["up", "durable"]).arg(&folder).output()?;
            anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(Self { socket, _using: using })
    }

    /// Makes an empty database; gives its address for `--database`.
    pub(crate) fn new_database(&self, name: &str) -> anyhow::Result<String> {
        let name = format!("{name}_{}", std::process::id());
        let status = Command::new("createdb")
            .arg("--host")
            .arg(&self.socket)
            .args(["--username", "countersign", "--template", "template0", &name])
            .status()
            .context("createdb")?;
        anyhow::ensure!(status.success(), "no database was made");
        Ok(format!("postgres://countersign@localhost/{name}?host={}", self.socket.display()))
    }
}

/// One for each checkout; short, because a socket's path has to fit into 107 bytes.
fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    std::env::var_os("USER").hash(&mut hasher);
    std::env::temp_dir().join(format!("countersign-bench-{:016x}", hasher.finish()))
}
