//! Figures for `docs/performance.md`: the server as a process of its own, against a bare handler in the same run.
//!
//! `make bench` builds both in release and prints one table. Each figure stands beside its goal.

mod bare;
mod changes;
mod live;
mod load;
mod process;
mod scenes;

use std::path::PathBuf;

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn main() -> anyhow::Result<()> {
    // The bare handler is this same program, so that it has a process whose work can be measured too.
    if std::env::args().nth(1).as_deref() == Some("bare") {
        return bare::run();
    }
    let binary = std::env::current_exe()?.with_file_name("countersign");
    anyhow::ensure!(binary.exists(), "build it first: cargo build --release -p countersign-cli");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // `countersign-bench changes` measures those alone; so with `sessions` and `tokens`.
    let alone = std::env::args().nth(1);
    let wanted = |name: &str| alone.as_deref().is_none_or(|alone| alone == name);
    let mut lines = Vec::new();
    if wanted("tokens") {
        lines.extend(runtime.block_on(scenes::all(&binary, &web_app()))?);
    }
    if wanted("changes") {
        lines.extend(runtime.block_on(changes::all())?);
    }
    if wanted("sessions") {
        lines.extend(runtime.block_on(live::all())?);
    }
    println!("| what | measured | goal | |\n|---|---|---|---|");
    for line in lines {
        println!("{line}");
    }
    Ok(())
}

fn web_app() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../web/dist")
}
