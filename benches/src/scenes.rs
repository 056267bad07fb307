//! What is measured, one function a scene.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::{
    load::{self, Measured},
    process::{Server, folder_bytes},
};

const LOAD: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(1);

/// A vault in a folder of its own, with its administrator's API token.
struct Vault {
    binary: PathBuf,
    folder: TempDir,
    token: String,
}

impl Vault {
    fn new(binary: &Path) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let mut init = Command::new(binary)
            .args(["init", "--admin", "bench", "--password-stdin", "--data"])
            .arg(folder.path().join("data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        init.stdin.take().context("stdin")?.write_all(b"plum velvet anchor sixteen")?;
        let output = init.wait_with_output()?;
        let token = String::from_utf8(output.stdout)?.trim().to_owned();
        anyhow::ensure!(token.starts_with("cs_"), "init gave no token");
        Ok(Self { binary: binary.to_owned(), folder, token })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn serve(&self) -> anyhow::Result<Server> {
        Server::start(Command::new(&self.binary).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(self.data()))
    }

    /// Imports so many credentials by the command line; says how long that took.
    fn import(&self, server: &Server, count: usize) -> anyhow::Result<Duration> {
        let file = self.folder.path().join("import.txt");
        let mut out = File::create(&file)?;
        for number in 0..count {
            writeln!(out, "otpauth://totp/Site%20{number}:user{number}@example.org?secret={}", seed(number))?;
        }
        out.flush()?;
        let begun = Instant::now();
        let status = Command::new(&self.binary)
            .arg("import")
            .arg(&file)
            .env("COUNTERSIGN_URL", format!("http://{}", server.address))
            .env("COUNTERSIGN_TOKEN", &self.token)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        anyhow::ensure!(status.success(), "the import failed");
        Ok(begun.elapsed())
    }
}

/// A base32 seed of 160 bits that is different for each number.
fn seed(number: usize) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    (0..32).map(|place| char::from(LETTERS[(number >> (place % 6 * 5)) % 32])).collect()
}

fn token_paths(count: usize) -> Arc<Vec<String>> {
    let name = |number| format!("/api/v1/credentials/name:Site%20{number}%3A%20user{number}%40example.org/token");
    Arc::new((0..count).map(name).collect())
}

/// Every line of the table.
pub(crate) async fn all(binary: &Path, web: &Path) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    token_reads(binary, &mut lines).await?;
    many_credentials(binary, &mut lines).await?;
    sizes(binary, web, &mut lines)?;
    Ok(lines)
}

async fn token_reads(binary: &Path, lines: &mut Vec<String>) -> anyhow::Result<()> {
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    vault.import(&server, 1_000)?;
    let paths = token_paths(1_000);
    let bare = Server::start(Command::new(std::env::current_exe()?).arg("bare"))?;

    for (connections, goal) in [(64, Some(0.4)), (16, Some(0.2)), (1, None)] {
        load::run(bare.address, &vault.token, Arc::clone(&paths), connections, WARM_UP).await?;
        let yardstick = load::run(bare.address, &vault.token, Arc::clone(&paths), connections, LOAD).await?;
        load::run(server.address, &vault.token, Arc::clone(&paths), connections, WARM_UP).await?;
        let (cpu, disk) = (server.cpu()?, folder_bytes(&vault.data())?);
        let reads = load::run(server.address, &vault.token, Arc::clone(&paths), connections, LOAD).await?;
        let cpu = server.cpu()?.saturating_sub(cpu);
        let disk = folder_bytes(&vault.data())?.saturating_sub(disk);
        read_lines(lines, connections, goal, &yardstick, &reads, cpu, disk);
    }
    let flush = flush_ms(vault.folder.path())?;
    lines.push(format!("| one disk flush of 4 KiB on this machine | {flush:.2} ms | | |"));
    push(lines, "peak memory with 1,000 credentials", server.peak_memory_mib()?, "MiB", 32.0);
    server.stop()?;

    let mut best = f64::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        let server = vault.serve()?;
        let listening = server.started_in;
        load::run(server.address, &vault.token, token_paths(1), 1, Duration::ZERO).await?;
        load::run(server.address, &vault.token, token_paths(1), 1, Duration::from_micros(1)).await?;
        best = best.min(begun.elapsed().as_secs_f64() * 1e3);
        let _ = listening;
        server.stop()?;
    }
    push(lines, "process start to the first token, existing vault (best of 5)", best, "ms", 50.0);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
fn read_lines(
    lines: &mut Vec<String>,
    connections: usize,
    goal: Option<f64>,
    bare: &Measured,
    reads: &Measured,
    cpu: Duration,
    disk: u64,
) {
    let ratio = reads.rate / bare.rate;
    let at = format!("token reads at {connections} connections");
    let rates = format!("{:.0} of {:.0} a second = {ratio:.2} ×", reads.rate, bare.rate);
    match goal {
        Some(goal) => lines.push(format!("| {at} | {rates} | ≥ {goal} × | {} |", mark(ratio >= goal))),
        None => lines.push(format!("| {at} | {rates} | | |")),
    }
    lines.push(format!(
        "| … p50 / p99 | {:.2} / {:.2} ms | {} | {} |",
        reads.wait_ms(0.5),
        reads.wait_ms(0.99),
        if connections == 64 { "p99 ≤ 9 ms" } else { "" },
        if connections == 64 { mark(reads.wait_ms(0.99) <= 9.0) } else { "" }
    ));
    if connections == 64 {
        let micros = cpu.as_secs_f64() * 1e6 / reads.answers as f64;
        push(lines, "… processor time a read", micros, "µs", 40.0);
        push(lines, "… bytes on disk a recorded read", disk as f64 / reads.answers as f64, "bytes", 500.0);
    }
}

async fn many_credentials(binary: &Path, lines: &mut Vec<String>) -> anyhow::Result<()> {
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    let took = vault.import(&server, 100_000)?;
    push(lines, "import of 100,000 credentials", took.as_secs_f64(), "s", 15.0);
    push(lines, "… peak memory of the server after it", server.peak_memory_mib()?, "MiB", 64.0);
    let words = ["site 99", "user4242@", "example", "zzz", "77777", "17:"];
    let searches: Vec<String> =
        words.iter().map(|word| format!("/api/v1/credentials?limit=50&search={}", word.replace(' ', "%20"))).collect();
    let found = load::run(server.address, &vault.token, Arc::new(searches), 1, LOAD).await?;
    push(lines, "list with search over 100,000 credentials, p50", found.wait_ms(0.5), "ms", 20.0);
    server.stop()?;
    let server = vault.serve()?;
    load::run(server.address, &vault.token, token_paths(100_000), 64, LOAD).await?;
    push(lines, "peak memory with 100,000 credentials under reads", server.peak_memory_mib()?, "MiB", 64.0);
    server.stop()
}

fn sizes(binary: &Path, web: &Path, lines: &mut Vec<String>) -> anyhow::Result<()> {
    #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
    let mib = fs::metadata(binary)?.len() as f64 / f64::from(1 << 20);
    push(lines, "release binary", mib, "MiB", 40.0);
    // What stands between an empty browser and the list of credentials; other pages are fetched when they are gone to.
    let first =
        zipped_bytes(web, "gzip -9c index.html theme.js favicon.svg $(grep -o 'assets/[^\"]*' index.html) | wc -c")?;
    push(lines, "web app, first page, gzip", first / 1000.0, "kB", 60.0);
    let all = zipped_bytes(web, "find . -type f ! -name .keep -exec gzip -9c {} + | wc -c")?;
    lines.push(format!("| … with all its pages | {:.1} kB | | |", all / 1000.0));
    Ok(())
}

fn zipped_bytes(web: &Path, script: &str) -> anyhow::Result<f64> {
    let zipped = Command::new("sh").arg("-c").arg(script).current_dir(web).output()?;
    Ok(String::from_utf8(zipped.stdout)?.trim().parse()?)
}

/// What a durable write of one page costs without anything around it.
fn flush_ms(folder: &Path) -> anyhow::Result<f64> {
    let mut file = File::create(folder.join("flush"))?;
    let mut waits = Vec::new();
    for _ in 0..200 {
        file.write_all(&[7; 4096])?;
        let begun = Instant::now();
        file.sync_data()?;
        waits.push(begun.elapsed());
    }
    waits.sort_unstable();
    Ok(waits[waits.len() / 2].as_secs_f64() * 1e3)
}

fn push(lines: &mut Vec<String>, what: &str, measured: f64, unit: &str, most: f64) {
    lines.push(format!("| {what} | {measured:.1} {unit} | ≤ {most} {unit} | {} |", mark(measured <= most)));
}

/// A line whose figure says more than a number.
pub(crate) fn line(what: &str, measured: &str, goal: &str, met: bool) -> String {
    format!("| {what} | {measured} | {goal} | {} |", mark(met))
}

const fn mark(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}
