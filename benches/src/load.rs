//! A load: so many connections, each asking again as soon as it is answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What a load gave.
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

/// Asks for `paths` in turn over `connections` for so long.
pub(crate) async fn run(
    address: SocketAddr,
    token: &str,
    paths: Arc<Vec<String>>,
    connections: usize,
    duration: Duration,
) -> anyhow::Result<Measured> {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|number| {
            let (token, paths) = (token.to_owned(), Arc::clone(&paths));
            tokio::spawn(async move { connection(address, &token, &paths, number, begun + duration).await })
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

async fn connection(
    address: SocketAddr,
    token: &str,
    paths: &[String],
    number: usize,
    until: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut waits = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    let mut turn = number * 7;
    while Instant::now() < until {
        let path = &paths[turn % paths.len()];
        turn += 1;
        let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        read_answer(&mut stream, &mut buffer).await.with_context(|| format!("GET {path}"))?;
        waits.push(asked.elapsed());
    }
    Ok(waits)
}

/// Reads one answer and insists that it is a good one.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
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
            anyhow::ensure!(head.starts_with("HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..filled]));
            return Ok(());
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
