//! A load: so many connections, each asking again as soon as it is answered.

use std::{
    io::Write as _,
    net::SocketAddr,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

/// Whom a load asks.
#[derive(Clone)]
pub(crate) struct Target {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The bearer that goes with each request.
    pub(crate) token: String,
    /// How it is reached over TLS, as `localhost`; plain HTTP when none.
    pub(crate) tls: Option<TlsConnector>,
}

/// What a load gave.
#[derive(Default, Clone)]
pub(crate) struct Measured {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Answers in all.
    pub(crate) answers: u64,
    /// Waiting times, sorted.
    waits: Vec<Duration>,
}

impl Measured {
    /// The waiting time that `share` of all answers stayed within, in milliseconds.
    pub(crate) fn wait_ms(&self, share: f64) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an index of a list of measurements"
        )]
        let place = ((self.waits.len() as f64 * share) as usize).min(self.waits.len().saturating_sub(1));
        self.waits.get(place).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
    }
}

/// What is asked, by all connections together.
struct Plan {
    kind: Kind,
    bodies: AtomicUsize,
}

enum Kind {
    /// Paths, in turn and again, until then.
    Until(Arc<Vec<String>>, Instant),
    /// Bodies for one path, each once.
    Each(&'static str, Vec<String>),
}

impl Plan {
    /// Writes the request of a connection's `turn`; false when nothing is left to ask. The first is always asked.
    fn next(&self, turn: Turn, token: &str, request: &mut Vec<u8>) -> std::io::Result<bool> {
        request.clear();
        match &self.kind {
            Kind::Until(_, until) if turn.asked > 0 && Instant::now() >= *until => return Ok(false),
            Kind::Until(paths, _) => {
                let path = &paths[(turn.connection * 7 + turn.asked) % paths.len()];
                write!(request, "GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n")?;
            }
            Kind::Each(path, bodies) => {
                let Some(body) = bodies.get(self.bodies.fetch_add(1, Ordering::Relaxed)) else { return Ok(false) };
                write!(request, "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n")?;
                let length = body.len();
                write!(request, "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")?;
            }
        }
        Ok(true)
    }
}

/// Where a connection stands: its own number, and how often it has asked.
#[derive(Clone, Copy)]
struct Turn {
    connection: usize,
    asked: usize,
}

/// Gets `paths` in turn over `connections` for so long.
pub(crate) async fn run(
    target: &Target,
    paths: &Arc<Vec<String>>,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Measured> {
    run_over(std::slice::from_ref(target), paths, connections, duration).await
}

/// As [`run`], over several servers, which share the connections.
pub(crate) async fn run_over(
    targets: &[Target],
    paths: &Arc<Vec<String>>,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Measured> {
    carry_out(targets, Kind::Until(Arc::clone(paths), Instant::now() + duration), connections).await
}

/// Posts each of `bodies` once to a path over `connections`.
pub(crate) async fn post_each(
    target: &Target,
    path: &'static str,
    bodies: Vec<String>,
    connections: usize,
) -> anyhow::Result<Measured> {
    carry_out(std::slice::from_ref(target), Kind::Each(path, bodies), connections).await
}

/// Gets one path once; how long that took, with the connection, and the answer's body.
pub(crate) async fn once(target: &Target, path: &str) -> anyhow::Result<(Duration, String)> {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(target.address).await?;
    let plan = Plan { kind: Kind::Until(Arc::new(vec![path.to_owned()]), begun), bodies: AtomicUsize::new(0) };
    let (mut request, mut buffer) = (Vec::new(), vec![0; 1 << 13]);
    plan.next(Turn { connection: 0, asked: 0 }, &target.token, &mut request)?;
    stream.write_all(&request).await?;
    let body = read_answer(&mut stream, &mut buffer).await.with_context(|| format!("GET {path}"))?;
    Ok((begun.elapsed(), String::from_utf8(buffer[body].to_vec())?))
}

/// Posts a form once, as nobody; the answer's body.
pub(crate) async fn post_form(address: SocketAddr, path: &str, form: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let head = "Host: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let request = format!("POST {path} HTTP/1.1\r\n{head}Content-Length: {}\r\n\r\n{form}", form.len());
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = vec![0; 1 << 13];
    let body = read_answer(&mut stream, &mut buffer).await.with_context(|| format!("POST {path}"))?;
    Ok(String::from_utf8(buffer[body].to_vec())?)
}

async fn carry_out(targets: &[Target], kind: Kind, connections: usize) -> anyhow::Result<Measured> {
    let plan = Arc::new(Plan { kind, bodies: AtomicUsize::new(0) });
    let begun = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|number| {
            let (target, plan) = (targets[number % targets.len()].clone(), Arc::clone(&plan));
            tokio::spawn(async move { connection(&target, &plan, number).await })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.context("a connection's task")??);
    }
    let took = begun.elapsed();
    waits.sort_unstable();
    let answers = waits.len() as u64;
    #[expect(clippy::cast_precision_loss, reason = "some hundred thousand answers")]
    let rate = answers as f64 / took.as_secs_f64();
    Ok(Measured { rate, answers, waits })
}

async fn connection(target: &Target, plan: &Plan, number: usize) -> anyhow::Result<Vec<Duration>> {
    let stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    match &target.tls {
        None => ask_all(stream, target, plan, number).await,
        Some(tls) => {
            let stream = tls.connect(ServerName::try_from("localhost")?, stream).await.context("a handshake")?;
            ask_all(stream, target, plan, number).await
        }
    }
}

async fn ask_all(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    target: &Target,
    plan: &Plan,
    number: usize,
) -> anyhow::Result<Vec<Duration>> {
    let mut waits = Vec::new();
    let mut buffer = vec![0; 1 << 13];
    let mut request = Vec::new();
    while plan.next(Turn { connection: number, asked: waits.len() }, &target.token, &mut request)? {
        let asked = Instant::now();
        stream.write_all(&request).await?;
        stream.flush().await?;
        read_answer(&mut stream, &mut buffer).await.with_context(|| {
            let end = find(&request, b"\r\n").unwrap_or(request.len());
            String::from_utf8_lossy(&request[..end]).into_owned()
        })?;
        waits.push(asked.elapsed());
    }
    Ok(waits)
}

/// Reads one answer and insists that it is a good one; says where its body lies.
async fn read_answer(stream: &mut (impl AsyncRead + Unpin), buffer: &mut Vec<u8>) -> anyhow::Result<Range<usize>> {
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            buffer.resize(filled * 2, 0);
        }
        let read = stream.read(&mut buffer[filled..]).await?;
        anyhow::ensure!(read > 0, "the server closed the connection");
        filled += read;
        let Some(end) = find(&buffer[..filled], b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end])?;
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(name, value)| {
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
            })
            .context("an answer without a length")??;
        if filled >= end + 4 + length {
            let good = head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 201");
            anyhow::ensure!(good, "{}", String::from_utf8_lossy(&buffer[..filled]));
            return Ok(end + 4..filled);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
