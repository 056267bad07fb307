//! A PostgreSQL of the test's own, to be stopped, crashed and started again.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

pub(crate) struct Postgres {
    folder: tempfile::TempDir,
    bin: PathBuf,
    port: u16,
}

impl Postgres {
    /// A new and empty one that runs.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL refuses to run as root, and its user has to get in.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let postgres = Self { bin: bin(), port, folder };
        let data = postgres.data();
        fs::create_dir(&data).unwrap();
        if rustix::process::geteuid().is_root() {
            done(Command::new("chown").arg("postgres").arg(&data));
        }
        done(
            postgres
                .command("initdb")
                .args(["-U", "countersign", "-A", "trust", "-E", "UTF8", "--locale=C", "-D"])
                .arg(&data),
        );
        postgres.up();
        postgres.create("vault");
        postgres
    }

    /// One more database in it; gives its address.
    pub(crate) fn create(&self, name: &str) -> String {
        let port = self.port.to_string();
        done(self.command("createdb").args(["-h", "127.0.0.1", "-p", &port, "-U", "countersign", name]));
        format!("postgres://countersign@127.0.0.1:{port}/{name}")
    }

    /// Asks the database `vault` something; gives what it prints.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let port = self.port.to_string();
        let mut psql = self.command("psql");
        psql.args([
            "-h",
            "127.0.0.1",
            "-p",
            &port,
            "-U",
            "countersign",
            "-d",
            "vault",
            "-v",
            "ON_ERROR_STOP=1",
            "-qAtc",
            sql,
        ]);
        let output = psql.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://countersign@127.0.0.1:{}/vault", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command of PostgreSQL as its own user.
    fn command(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }

    fn up(&self) {
        let settings =
            format!("-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories= -c jit=off", self.port);
        let data = self.data();
        let log = data.join("log");
        done(
            self.command("pg_ctl")
                .args(["start", "-w", "-t", "60", "-o", &settings, "-D"])
                .arg(&data)
                .arg("-l")
                .arg(log),
        );
    }

    fn down(&self, mode: &str) {
        done(self.command("pg_ctl").args(["stop", "-w", "-t", "60", "-m", mode, "-D"]).arg(self.data()));
    }

    /// As an operator restarts it: every connection is ended.
    pub(crate) fn restart(&self) {
        self.down("fast");
        self.up();
    }

    /// As if its machine had lost power, then started again.
    pub(crate) fn crash(&self) {
        self.down("immediate");
        self.up();
    }

    /// Holds every process of it where it stands, or lets all go on: nothing is refused, nothing is answered.
    pub(crate) fn hold(&self, held: bool) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid: i32 = pid.lines().next().unwrap().trim().parse().unwrap();
        let signal = if held { Signal::STOP } else { Signal::CONT };
        for pid in std::iter::once(pid).chain(children(pid)) {
            // A backend may have ended meanwhile.
            let _ = kill_process(Pid::from_raw(pid).unwrap(), signal);
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.hold(false);
            self.down("immediate");
        }
    }
}

fn children(of: i32) -> Vec<i32> {
    let text = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn bin() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
    let in_path = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path).find(|folder: &PathBuf| Path::new(folder).join("pg_ctl").exists())
    });
    newest.or(in_path).expect("this test starts a PostgreSQL of its own: install the package postgresql")
}

fn done(command: &mut Command) {
    // What it starts must not hold a pipe of ours open.
    let said = tempfile::NamedTempFile::new().unwrap();
    let out = said.reopen().unwrap();
    let status = command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out).status().unwrap();
    assert!(status.success(), "{command:?}: {}", fs::read_to_string(said.path()).unwrap());
}
