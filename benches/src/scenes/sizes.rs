//! What is downloaded and started: the binary, the web app's first page, and one command.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    scenes::tell,
    table::{Table, median},
    vault::{Vault, imported_name},
};

const TIMES: usize = 41;

/// The whole part; `web` is the folder of the web app as it is served.
pub(crate) fn all(binary: &Path, web: &Path) -> anyhow::Result<String> {
    tell("one command, and sizes");
    let mut table = Table::new("Commands and sizes")?;
    let took = token_command(binary)?;
    table.at_most("`countersign token NAME`, the whole command (median of 41)", took, "ms", 8.0);
    #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
    let mib = fs::metadata(binary)?.len() as f64 / f64::from(1 << 20);
    table.at_most("release binary", mib, "MiB", 25.0);
    // What stands between an empty browser and the list of credentials; other pages are fetched when they are gone to.
    // The page itself comes after the texts of its language, so no file that `index.html` names has it.
    let first = zipped_bytes(
        web,
        "gzip -9c index.html theme.js favicon.svg $(grep -o 'assets/[^\"]*' index.html) assets/first-* \
         assets/rolldown-runtime-* | wc -c",
    )?;
    table.at_most("web app, first page, gzip", first / 1000.0, "kB", 45.0);
    let all = zipped_bytes(web, "find . -type f ! -name .keep -exec gzip -9c {} + | wc -c")?;
    table.plain("… with all its pages", &format!("{:.1} kB", all / 1000.0));
    table.finish()
}

/// In milliseconds.
fn token_command(binary: &Path) -> anyhow::Result<f64> {
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    vault.import(&server, 0..1_000)?;
    let mut took = Vec::new();
    for number in 0..TIMES {
        let begun = Instant::now();
        let status = vault.client(&server, "token").arg(imported_name(number)).status()?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(status.success(), "no token was given");
        // Not at the pace of the command before.
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(median(&mut took))
}

fn zipped_bytes(web: &Path, script: &str) -> anyhow::Result<f64> {
    let zipped = Command::new("sh").arg("-c").arg(script).current_dir(web).output()?;
    Ok(String::from_utf8(zipped.stdout)?.trim().parse()?)
}
