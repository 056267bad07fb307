//! A folder of one's own, with a vault, a server on it, and commands that speak to it.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use reqwest::Method;
use serde_json::Value;

/// With which the first administrator signs in.
pub(crate) const PASSWORD: &str = "plum velvet anchor sixteen";
/// RFC 6238's own seed: "12345678901234567890".
pub(crate) const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// A folder, in which every command of a test runs.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// As [`Place::write`], for its owner alone.
    pub(crate) fn write_private(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.write(name, bytes);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// The binary, in this folder and without anything from the environment that starts the tests.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(args).current_dir(self.folder.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.folder.path());
        command.env("TMPDIR", self.folder.path());
        // Where it runs for a coverage report, this says where the figures go.
        command.envs(std::env::vars().filter(|(name, _)| name == "LLVM_PROFILE_FILE"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        self.run_with(args, "")
    }

    pub(crate) fn run_with(&self, args: &[&str], input: impl AsRef<[u8]>) -> Done {
        run(self.command(args), input.as_ref())
    }

    /// With further variables.
    pub(crate) fn run_env(&self, args: &[&str], variables: &[(&str, &str)]) -> Done {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        run(command, b"")
    }

    /// Makes the vault `data`; gives the administrator's API token.
    pub(crate) fn init(&self) -> String {
        self.init_with(&[])
    }

    /// The same with further arguments, such as a database.
    pub(crate) fn init_with(&self, args: &[&str]) -> String {
        let all = [&["init", "--data", "data", "--admin", "root", "--password-stdin"], args].concat();
        self.run_with(&all, PASSWORD).ok().out.trim().to_owned()
    }

    pub(crate) fn serve(&self) -> Server {
        self.serve_with(&["--data", "data"], &[])
    }

    pub(crate) fn serve_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(args);
        Server::start(self.command(&all).envs(variables.iter().copied()), &self.path("serve.log"))
    }
}

impl Place {
    /// A server under limits that the shell sets before it, such as `ulimit -n 1024`.
    pub(crate) fn serve_limited(&self, limits: &str) -> Server {
        self.serve_limited_with(limits, &["--data", "data"], &[])
    }

    /// The same with further arguments and variables.
    pub(crate) fn serve_limited_with(&self, limits: &str, args: &[&str], variables: &[(&str, &str)]) -> Server {
        self.serve_behind(&format!("{limits} && exec"), args, variables)
    }

    /// A server of which is noted, in the file of that name, when it flushes to the disk and when it answers.
    pub(crate) fn serve_traced(&self, notes: &str) -> Server {
        // As a grandchild, the tracer leaves the server to be our child.
        let trace = format!("exec strace -D -f -e trace=fdatasync,fsync,write,writev,sendto -o {notes}");
        self.serve_behind(&trace, &["--data", "data"], &[])
    }

    fn serve_behind(&self, before: &str, args: &[&str], variables: &[(&str, &str)]) -> Server {
        let plain = self.command(&[]);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{before} \"$0\" serve --listen 127.0.0.1:0 \"$@\""));
        shell.arg(env!("CARGO_BIN_EXE_countersign")).args(args);
        shell.current_dir(self.folder.path()).env_clear();
        shell.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.envs(variables.iter().copied());
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Server::start(&mut shell, &self.path("serve.log"))
    }
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command, input: &[u8]) -> Done {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    // A command that does not read has closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done {
        args: format!("{command:?}"),
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// What a command left.
#[derive(Debug)]
pub(crate) struct Done {
    args: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// Of a command whose end was waited for elsewhere.
    pub(crate) fn of(args: &str, code: Option<i32>, out: String) -> Self {
        Self { args: args.to_owned(), code, out, err: String::new() }
    }

    pub(crate) fn ok(self) -> Self {
        self.exit(0)
    }

    pub(crate) fn exit(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}{}", self.args, self.out, self.err);
        self
    }

    /// It failed, and its last line says so with all these parts.
    pub(crate) fn fails_with(self, parts: &[&str]) -> Self {
        let done = self.exit(1);
        let (_, said) = done.err.split_once("error: ").unwrap_or_else(|| panic!("{}\n{}", done.args, done.err));
        for part in parts {
            assert!(said.contains(part), "{}\n{part} is missing in: {}", done.args, done.err);
        }
        for noise in ["panicked", "backtrace", "error: "] {
            assert!(!said.contains(noise), "{}\n{}", done.args, done.err);
        }
        let causes: Vec<&str> = said.trim_end().split(": ").collect();
        let twice = causes.windows(2).any(|pair| pair[0] == pair[1]);
        assert!(!twice, "it says the same twice: {said}");
        done
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{}\n{error}: {}{}", self.args, self.out, self.err))
    }
}

/// A server in a process of its own. It is ended when this goes.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    log: PathBuf,
    // Kept, so that what it still says has somewhere to go.
    out: BufReader<ChildStdout>,
    http: reqwest::Client,
}

impl Server {
    fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let mut child = command.stderr(file).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        // Ends with the address, or with the process.
        while !line.contains("://") {
            line.clear();
            if out.read_line(&mut line).unwrap() == 0 {
                let status = child.wait().unwrap();
                panic!("the server ended ({status}):\n{}", fs::read_to_string(log).unwrap());
            }
        }
        let url = line.split_whitespace().find(|word| word.contains("://")).unwrap();
        // Installed twice it is refused and stays as it was.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self {
            url: url.trim_end_matches('/').to_owned(),
            log: log.to_owned(),
            child,
            out,
            http: reqwest::Client::new(),
        }
    }

    pub(crate) fn demo(place: &Place) -> Self {
        Self::start(&mut place.command(&["demo", "--listen", "127.0.0.1:0"]), &place.path("demo.log"))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Ends it without a warning, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Tells it to stop and waits until it has.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }

    /// A client command as the bearer of `token`.
    pub(crate) fn client(&self, place: &Place, token: &str, args: &[&str]) -> Command {
        let mut command = place.command(args);
        command.env("COUNTERSIGN_URL", &self.url).env("COUNTERSIGN_TOKEN", token);
        command
    }

    /// The same on a terminal of its own; what it writes is standard output, what a person types standard input.
    pub(crate) fn on_terminal(&self, place: &Place, token: &str, command: &str) -> Command {
        // In the shell's place, so that an interrupt is the command's alone, as it is from a shell that a person types in.
        let line = format!("exec {} {command}", env!("CARGO_BIN_EXE_countersign"));
        let client = self.client(place, token, &[]);
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(place.path("")).env_clear();
        script.envs(client.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("SHELL", "/bin/sh");
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        script
    }

    pub(crate) fn run(&self, place: &Place, token: &str, args: &[&str]) -> Done {
        run(self.client(place, token, args), b"")
    }

    /// A request of the API with a bearer, and with a body unless it is null.
    pub(crate) async fn ask(&self, method: Method, path: &str, token: &str, body: &Value) -> Answer {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(body) };
        answer(request).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(Method::GET, path, token, &Value::Null).await
    }

    /// A form as a program sends it to the token endpoint.
    pub(crate) async fn form(&self, path: &str, form: &str) -> Answer {
        let request = self.http.post(format!("{}{path}", self.url));
        answer(request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned())).await
    }

    /// A request as a browser sends it.
    pub(crate) async fn with_cookie(&self, method: Method, path: &str, cookie: &str, body: &Value) -> Answer {
        answer(self.http.request(method, format!("{}{path}", self.url)).header("cookie", cookie).json(body)).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let cookie = response.headers().get("set-cookie").map(|value| value.to_str().unwrap().to_owned());
    let cookie = cookie.and_then(|value| value.split(';').next().map(str::to_owned)).unwrap_or_default();
    Answer { status: response.status().as_u16(), cookie, text: response.text().await.unwrap() }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) cookie: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).unwrap() }
    }

    pub(crate) fn problem(&self) -> (u16, String) {
        let problem: Value =
            serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text));
        let kind = problem["type"].as_str().unwrap();
        (self.status, kind.strip_prefix("urn:countersign:problem:").unwrap().to_owned())
    }
}

/// The token that Debian's `oathtool` gives for a seed in base32 at a moment of Unix time.
pub(crate) fn oathtool(seed: &str, algorithm: &str, digits: u64, period: u64, unix: u64) -> String {
    let output = Command::new("oathtool")
        .args([&format!("--totp={algorithm}"), "--base32", "--digits", &digits.to_string()])
        .args(["--time-step-size", &format!("{period}s"), "--now", &format!("@{unix}"), seed])
        .output()
        .unwrap_or_else(|error| panic!("this test compares with oathtool ({error}): install the package oathtool"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
