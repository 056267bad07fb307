//! Figures for `docs/performance.md`: the server as a process of its own, against a bare handler in the same run.
//!
//! `make bench` builds both in release and prints the tables, each figure beside its goal. `countersign-bench PART` measures
//! one part alone: `tokens`, `credentials`, `access`, `audit [RECORDS]`, `sizes`, `growth [CREDENTIALS]`, `changes` or `sessions`.
//! `COUNTERSIGN_BIN` names another binary to measure than the one beside this.

mod bare;
mod changes;
mod live;
mod load;
mod plot;
mod postgres;
mod process;
mod scenes;
mod table;
mod tls;
mod vault;

use std::path::{Path, PathBuf};

use scenes::{access, audit, credentials, growth, sizes, tokens};

const PARTS: [&str; 8] = ["tokens", "credentials", "access", "audit", "sizes", "changes", "sessions", "growth"];
const RECORDS: usize = 10_000_000;
const CREDENTIALS: usize = 1_000_000;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The bare handler is this same program, so that it has a process whose work can be measured too.
    if arguments.first().is_some_and(|part| part == "bare") {
        return bare::run();
    }
    let binary = match std::env::var_os("COUNTERSIGN_BIN") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("countersign"),
    };
    anyhow::ensure!(binary.exists(), "build it first: cargo build --release -p countersign-cli");
    let parts = match arguments.first() {
        None => PARTS.to_vec(),
        Some(part) => vec![part.as_str()],
    };
    let count = arguments.get(1).map(|count| count.parse()).transpose()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    parts.into_iter().try_for_each(|part| runtime.block_on(measure(part, &binary, count)))
}

/// Measures one part and prints its table at once, so that a run that is stopped has said what it knew.
#[expect(clippy::print_stdout, reason = "the tables are what this program is for")]
async fn measure(part: &str, binary: &Path, count: Option<usize>) -> anyhow::Result<()> {
    let text = match part {
        "tokens" => Box::pin(tokens::all(binary)).await?,
        "credentials" => Box::pin(credentials::all(binary)).await?,
        "access" => Box::pin(access::all(binary)).await?,
        "audit" => Box::pin(audit::all(binary, count.unwrap_or(RECORDS))).await?,
        "growth" => Box::pin(growth::all(binary, count.unwrap_or(CREDENTIALS), &growth::plots_folder())).await?,
        "sizes" => sizes::all(binary, &web_app())?,
        "changes" => titled("Changes of passwords", &Box::pin(changes::all()).await?),
        "sessions" => titled("Sessions of people", &Box::pin(live::all()).await?),
        unknown => anyhow::bail!("there is no part `{unknown}`; there are {}", PARTS.join(", ")),
    };
    println!("{text}");
    Ok(())
}

fn titled(heading: &str, lines: &[String]) -> String {
    format!("### {heading}\n\n| what | measured | goal | |\n|---|---|---|---|\n{}\n", lines.join("\n"))
}

fn web_app() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../web/dist")
}
