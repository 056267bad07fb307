//! How it grows: with the number of credentials, of connections, and of servers on one database.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::{
    load::{self, Target},
    plot::{Plot, Series},
    postgres::Postgres,
    process::Server,
    scenes::{credentials::search_ms, tell, tokens::starts_ms},
    table::{Table, median},
    vault::{Vault, token_paths},
};

const ROUND: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_millis(500);
const ROUNDS: usize = 3;
/// A file of so many is what one import takes at once.
const IMPORTED_AT_ONCE: usize = 100_000;

/// Words that are found among a thousand already, and words that are nowhere among a million.
const HITS: [&str; 5] = ["site 99", "user42@", "example", "17:", "e 5"];
const MISSES: [&str; 4] = ["zzz", "qx", "site 1000001", "example.net"];

type Points = Vec<(f64, f64)>;

/// The whole part, up to so many credentials; writes its plots into `folder`.
pub(crate) async fn all(binary: &Path, credentials: usize, folder: &Path) -> anyhow::Result<String> {
    // For a thousand connections, on both ends.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, ..limit })?;
    fs::create_dir_all(folder)?;
    let mut table = Table::new("How it grows")?;
    let mut plots = with_credentials(binary, credentials, &mut table).await?;
    plots.push(with_connections(binary, &mut table).await?);
    plots.push(with_servers(binary, &mut table).await?);
    for (name, plot) in plots {
        fs::write(folder.join(format!("growth-{name}.svg")), plot.svg())?;
    }
    table.finish()
}

/// Where plots are kept that `docs/performance.md` shows.
pub(crate) fn plots_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/plots")
}

async fn with_credentials(binary: &Path, most: usize, table: &mut Table) -> anyhow::Result<Vec<(&'static str, Plot)>> {
    let vault = Vault::new(binary)?;
    let mut there = 0;
    let [mut rates, mut memory, mut starts, mut hits, mut misses]: [Points; 5] = Default::default();
    for count in (3..=6).map(|power| 10_usize.pow(power)).filter(|count| *count <= most) {
        tell(&format!("{count} credentials"));
        let server = vault.serve()?;
        while there < count {
            let end = count.min(there + IMPORTED_AT_ONCE);
            vault.import(&server, there..end)?;
            there = end;
        }
        server.stop()?;
        let start = starts_ms(&vault).await?;
        let server = vault.serve()?;
        let target = vault.target(&server);
        let rate = rate(std::slice::from_ref(&target), count, 64).await?;
        let peak = server.peak_memory_mib()?;
        let (hit, miss) = (search_ms(&target, &HITS).await?.0, search_ms(&target, &MISSES).await?.0);
        server.stop()?;
        table.disk().measure()?;
        table.plain(
            &format!("{count} credentials"),
            &format!(
                "{rate:.0} reads a second at 64 connections; {peak:.1} MiB at most meanwhile; {start:.1} ms from the start to \
                 the first token; search {hit:.2} ms where it finds, {miss:.2} ms where not"
            ),
        );
        let across = as_f64(count);
        for (points, figure) in
            [(&mut rates, rate), (&mut memory, peak), (&mut starts, start), (&mut hits, hit), (&mut misses, miss)]
        {
            points.push((across, figure));
        }
    }
    let plot = |name, title, up, series| (name, Plot { title, across: "credentials", up, series });
    let one = |name, points| vec![Series { name, points }];
    let search = vec![
        Series { name: "found, the slowest word", points: hits },
        Series { name: "not found, the slowest word", points: misses },
    ];
    Ok(vec![
        plot("reads", "Token reads, 64 connections", "a second", one("durable token reads", rates)),
        plot("memory", "Peak memory of the server under reads", "MiB", one("peak memory", memory)),
        plot("start", "Process start to the first token", "ms", one("median of nine starts", starts)),
        plot("search", "Search in the list, p50", "ms", search),
    ])
}

async fn with_connections(binary: &Path, table: &mut Table) -> anyhow::Result<(&'static str, Plot)> {
    const CREDENTIALS: usize = 1_000;
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    vault.import(&server, 0..CREDENTIALS)?;
    let bare = Server::start(Command::new(std::env::current_exe()?).arg("bare"))?;
    let ours = vault.target(&server);
    let yard = Target { address: bare.address, ..ours.clone() };
    let (mut reads, mut yardstick) = (Points::new(), Points::new());
    for connections in [1, 4, 16, 64, 256, 1_024] {
        tell(&format!("{connections} connections"));
        let mut turns = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (target, rates) in [&ours, &yard].into_iter().zip(&mut turns) {
                rates.push(one_round(std::slice::from_ref(target), CREDENTIALS, connections).await?);
            }
        }
        let [ours, bare] = turns.map(|mut rates| median(&mut rates));
        table.disk().measure()?;
        let text = format!("{ours:.0} reads a second; the bare handler {bare:.0}");
        table.plain(&format!("{connections} connection{}", if connections == 1 { "" } else { "s" }), &text);
        reads.push((as_f64(connections), ours));
        yardstick.push((as_f64(connections), bare));
    }
    let series =
        vec![Series { name: "durable token reads", points: reads }, Series { name: "bare handler", points: yardstick }];
    Ok(("connections", Plot { title: "Token reads by connections", across: "connections", up: "a second", series }))
}

async fn with_servers(binary: &Path, table: &mut Table) -> anyhow::Result<(&'static str, Plot)> {
    const CREDENTIALS: usize = 1_000;
    let postgres = Postgres::start()?;
    let vault = Vault::on(binary, postgres.new_database("servers")?)?;
    let first = vault.serve()?;
    vault.import(&first, 0..CREDENTIALS)?;
    let mut servers = vec![first];
    let mut points = Points::new();
    for count in [1, 2, 4] {
        tell(&format!("{count} servers on one PostgreSQL"));
        while servers.len() < count {
            servers.push(vault.serve_beside(servers.len())?);
        }
        let targets: Vec<_> = servers.iter().map(|server| vault.target(server)).collect();
        let rate = rate(&targets, CREDENTIALS, 64).await?;
        table.disk().measure()?;
        let what = format!("{count} server{} on one PostgreSQL", if count == 1 { "" } else { "s" });
        table.plain(&what, &format!("{rate:.0} reads a second, 64 connections in all"));
        points.push((as_f64(count), rate));
    }
    let series = vec![Series { name: "durable token reads, 64 connections in all", points }];
    let plot = Plot { title: "Servers on one PostgreSQL", across: "servers", up: "a second", series };
    Ok(("servers", plot))
}

/// Reads a second: the median of some rounds.
async fn rate(targets: &[Target], credentials: usize, connections: usize) -> anyhow::Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        rates.push(one_round(targets, credentials, connections).await?);
    }
    Ok(median(&mut rates))
}

async fn one_round(targets: &[Target], credentials: usize, connections: usize) -> anyhow::Result<f64> {
    let paths = token_paths(credentials);
    load::run_over(targets, &paths, connections, WARM_UP).await?;
    Ok(load::run_over(targets, &paths, connections, ROUND).await?.rate)
}

#[expect(clippy::cast_precision_loss, reason = "a million at most")]
const fn as_f64(count: usize) -> f64 {
    count as f64
}
