//! Token reads: how many a second beside the bare handler, over TLS, on PostgreSQL; memory and start.

use std::{path::Path, process::Command, sync::Arc, time::Duration};

use crate::{
    load::{self, Measured, Target},
    postgres::Postgres,
    process::{Server, folder_bytes},
    scenes::tell,
    table::{Table, folder_in_memory, median},
    tls::{Authority, listens_with_tls},
    vault::{Vault, token_paths},
};

const CREDENTIALS: usize = 1_000;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_millis(500);

/// The whole part.
pub(crate) async fn all(binary: &Path) -> anyhow::Result<String> {
    let mut table = Table::new("Token reads")?;
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    vault.import(&server, 0..CREDENTIALS)?;
    server.stop()?;
    let before = folder_bytes(&vault.data())?;
    let server = vault.serve()?;
    let bare = Server::start(Command::new(std::env::current_exe()?).arg("bare"))?;
    let bare_target = Target { address: bare.address, ..vault.target(&server) };
    let ours = vault.target(&server);

    let at_64 = at_64(binary, &mut table, (&bare, &bare_target), (&server, &ours)).await?;
    let mut answers = at_64;
    for connections in [16, 1] {
        tell(&format!("token reads at {connections} connections"));
        let mut turns = [Turn::new(&bare, &bare_target), Turn::new(&server, &ours)];
        rounds(&mut turns, connections).await?;
        let [bare, reads] = turns;
        ratio_lines(&mut table, connections, (connections == 16).then_some(0.25), &bare, &reads);
        answers += reads.answers;
        table.disk().measure()?;
    }
    let memory = server.peak_memory_mib()?;
    server.stop()?;
    let grown = folder_bytes(&vault.data())?.saturating_sub(before);
    #[expect(clippy::cast_precision_loss, reason = "bytes and answers of a minute")]
    let each = grown as f64 / answers as f64;
    table.at_most("bytes on disk a recorded read", each, "bytes", 150.0);
    table.at_most("peak memory with 1,000 credentials under this load", memory, "MiB", 20.0);
    let start = starts_ms(&vault).await?;
    table.at_most("process start to the first token, 1,000 credentials (median of 9)", start, "ms", 10.0);
    over_tls(binary, &mut table).await?;
    on_postgres(binary, &mut table).await?;
    table.finish()
}

/// A server that is asked in turn with others, and what came of it.
struct Turn<'a> {
    server: &'a Server,
    target: &'a Target,
    rounds: Vec<Round>,
    /// Answers in all, those of warming up among them.
    answers: u64,
}

struct Round {
    measured: Measured,
    /// Of the server's processor time, in microseconds an answer.
    cpu: f64,
}

impl<'a> Turn<'a> {
    const fn new(server: &'a Server, target: &'a Target) -> Self {
        Self { server, target, rounds: Vec::new(), answers: 0 }
    }

    async fn take(&mut self, paths: &Arc<Vec<String>>, connections: usize) -> anyhow::Result<()> {
        self.answers += load::run(self.target, paths, connections, WARM_UP).await?.answers;
        let cpu = self.server.cpu()?;
        let measured = load::run(self.target, paths, connections, ROUND).await?;
        let cpu = self.server.cpu()?.saturating_sub(cpu);
        self.answers += measured.answers;
        #[expect(clippy::cast_precision_loss, reason = "answers of a few seconds")]
        let cpu = cpu.as_secs_f64() * 1e6 / measured.answers.max(1) as f64;
        self.rounds.push(Round { measured, cpu });
        Ok(())
    }

    /// The median over the rounds of one figure.
    fn median(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(&mut self.rounds.iter().map(figure).collect::<Vec<_>>())
    }

    fn rate(&self) -> f64 {
        self.median(|round| round.measured.rate)
    }

    fn wait_ms(&self, share: f64) -> f64 {
        self.median(|round| round.measured.wait_ms(share))
    }
}

/// Each in turn, several times, so that a machine that becomes slower is slower for all.
async fn rounds(turns: &mut [Turn<'_>], connections: usize) -> anyhow::Result<()> {
    let paths = token_paths(CREDENTIALS);
    for _ in 0..ROUNDS {
        for turn in &mut *turns {
            turn.take(&paths, connections).await?;
        }
    }
    Ok(())
}

fn ratio_lines(table: &mut Table, connections: usize, goal: Option<f64>, bare: &Turn<'_>, reads: &Turn<'_>) {
    let ratio = reads.rate() / bare.rate();
    let what = format!("token reads, {connections} connection{}", if connections == 1 { "" } else { "s" });
    let rates = format!("{:.0} of {:.0} a second = {ratio:.2} × the bare handler", reads.rate(), bare.rate());
    match goal {
        Some(goal) => table.judged(&what, &rates, &format!("≥ {goal} ×"), ratio >= goal),
        None => table.plain(&what, &rates),
    }
    if connections != 64 {
        table.plain("… p50 / p99", &format!("{:.2} / {:.2} ms", reads.wait_ms(0.5), reads.wait_ms(0.99)));
    }
}

/// Gives how many tokens were read of the vault on the disk.
///
/// What a group costs without the disk is measured by the same vault in memory: 64 reads in the time that they take there.
async fn at_64(
    binary: &Path,
    table: &mut Table,
    bare: (&Server, &Target),
    ours: (&Server, &Target),
) -> anyhow::Result<u64> {
    tell("token reads at 64 connections");
    let in_memory = match folder_in_memory() {
        None => None,
        Some(place) => {
            let vault = Vault::within(binary, &place)?;
            let server = vault.serve()?;
            vault.import(&server, 0..CREDENTIALS)?;
            let target = vault.target(&server);
            Some((vault, server, target))
        }
    };
    let mut turns = vec![Turn::new(bare.0, bare.1), Turn::new(ours.0, ours.1)];
    turns.extend(in_memory.as_ref().map(|(_, server, target)| Turn::new(server, target)));
    rounds(&mut turns, 64).await?;
    table.disk().measure()?;
    let (bare, reads) = (&turns[0], &turns[1]);
    ratio_lines(table, 64, Some(0.5), bare, reads);
    let flush = table.disk().flush_ms();
    let group = turns.get(2).map(|turn| 64e3 / turn.rate());
    if let Some(group) = group {
        let most = 64e3 / (flush + group);
        let share = reads.rate() / most;
        let text = format!("{:.0} of {most:.0} a second = {share:.2} ×", reads.rate());
        let what = format!("… of what a flush of {flush:.2} ms and a group of {group:.2} ms leave room for");
        table.judged(&what, &text, "≥ 0.85 ×", share >= 0.85);
    } else {
        table.left_out("… of what flush and group leave room for", "there is no folder in memory", "≥ 0.85 ×");
    }
    let p99 = reads.wait_ms(0.99);
    let most = if flush <= 0.25 { 6.0 } else { 5.0 * (flush + group.unwrap_or(1.0)) };
    let text = format!("{:.2} / {p99:.2} ms", reads.wait_ms(0.5));
    table.judged("… p50 / p99", &text, &format!("p99 ≤ {most:.1} ms"), p99 <= most);
    table.at_most("… processor time of the server a read", reads.median(|round| round.cpu), "µs", 20.0);
    Ok(reads.answers)
}

/// From the start of a process on a vault that is there to its first token, in milliseconds: the median of nine.
pub(crate) async fn starts_ms(vault: &Vault) -> anyhow::Result<f64> {
    let path = token_paths(1)[0].clone();
    let mut took = Vec::new();
    for _ in 0..9 {
        let server = vault.serve()?;
        let (first, _) = load::once(&vault.target(&server), &path).await?;
        took.push((server.started_in + first).as_secs_f64() * 1e3);
        server.stop()?;
    }
    Ok(median(&mut took))
}

async fn over_tls(binary: &Path, table: &mut Table) -> anyhow::Result<()> {
    const WHAT: &str = "token reads over TLS, 64 connections";
    const GOAL: &str = "≥ 0.85 × plain";
    if !listens_with_tls(binary)? {
        table.left_out(WHAT, "this server has no listener for TLS", GOAL);
        return Ok(());
    }
    tell("token reads over TLS");
    let vault = Vault::new(binary)?;
    let authority = Authority::new(vault.folder())?;
    let plain = vault.serve()?;
    vault.import(&plain, 0..CREDENTIALS)?;
    plain.stop()?;
    let (mut plain_rates, mut tls_rates) = (Vec::new(), Vec::new());
    // One vault has one server at a time.
    for _ in 0..ROUNDS {
        for tls in [false, true] {
            let arguments = if tls { authority.arguments() } else { Vec::new() };
            let server = vault.serve_with(&arguments)?;
            let tls_client = tls.then(|| authority.connector());
            let target = Target { tls: tls_client, ..vault.target(&server) };
            let mut turn = Turn::new(&server, &target);
            turn.take(&token_paths(CREDENTIALS), 64).await?;
            if tls { &mut tls_rates } else { &mut plain_rates }.push(turn.rate());
            server.stop()?;
        }
    }
    table.disk().measure()?;
    let (plain, tls) = (median(&mut plain_rates), median(&mut tls_rates));
    let ratio = tls / plain;
    table.judged(WHAT, &format!("{tls:.0} of {plain:.0} a second = {ratio:.2} ×"), GOAL, ratio >= 0.85);
    Ok(())
}

async fn on_postgres(binary: &Path, table: &mut Table) -> anyhow::Result<()> {
    tell("token reads on PostgreSQL");
    let postgres = Postgres::start()?;
    let vaults = [Vault::new(binary)?, Vault::on(binary, postgres.new_database("tokens")?)?];
    let mut served = Vec::new();
    for vault in &vaults {
        let server = vault.serve()?;
        vault.import(&server, 0..CREDENTIALS)?;
        let target = vault.target(&server);
        served.push((server, target));
    }
    let mut turns: Vec<_> = served.iter().map(|(server, target)| Turn::new(server, target)).collect();
    rounds(&mut turns, 64).await?;
    table.disk().measure()?;
    let (sqlite, other) = (turns[0].rate(), turns[1].rate());
    let ratio = other / sqlite;
    let text = format!("{other:.0} of {sqlite:.0} a second = {ratio:.2} × SQLite");
    table.judged("token reads on PostgreSQL, same machine, 64 connections", &text, "≥ 0.5 ×", ratio >= 0.5);
    Ok(())
}
