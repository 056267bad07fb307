//! What goes to the terminal: answers to standard output, the log to standard error.

mod table;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::args::Command;

pub(crate) use table::{Table, choose, fitting, printable};

/// Starts the log: a server tells what it does, a client command only what goes wrong.
pub(crate) fn start_log(command: &Command) {
    let usual =
        if matches!(command, Command::Serve(_) | Command::Demo(_) | Command::Work(_)) { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("COUNTERSIGN_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let color = table::wants_color(|name| std::env::var(name).ok(), io::stderr().is_terminal());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(color)
        .init();
}

/// Writes a line of an answer. A reader that went away, as `head` does, is no failure.
pub(crate) fn line(text: impl std::fmt::Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes many lines, and does not go to the system for each.
pub(crate) fn lines(texts: impl Iterator<Item = String>) {
    let mut out = io::BufWriter::with_capacity(64 << 10, io::stdout().lock());
    for text in texts {
        if writeln!(out, "{text}").is_err() {
            return;
        }
    }
    let _ = out.flush();
}

/// Writes an answer as JSON.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Writes an answer as JSON where that is asked for, else one line.
pub(crate) fn answer(answer: &impl Serialize, as_json: bool, text: &str) -> anyhow::Result<()> {
    if as_json {
        return json(answer);
    }
    line(text);
    Ok(())
}

/// Writes to standard error what a person should know beside the answer.
pub(crate) fn note(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Asks a person before something that cannot be undone; whoever is no terminal has decided already. Only `y` and `yes`
/// are yes.
pub(crate) fn confirmed(question: &str) -> anyhow::Result<bool> {
    if !is_somebody_there() {
        return Ok(true);
    }
    let mut out = io::stderr().lock();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let yes = is_yes(&line);
    if !yes {
        writeln!(out, "nothing was done")?;
    }
    Ok(yes)
}

/// Whether a person can be asked: both where questions go and where answers come from are a terminal.
pub(crate) fn is_somebody_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// An empty table with these columns.
pub(crate) fn table(head: &[&str]) -> Table {
    Table::new(head)
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_yes_is_yes() {
        for (answer, expected) in
            [("y\n", true), ("YES\r\n", true), ("\n", false), ("", false), ("n\n", false), ("yep\n", false)]
        {
            assert_eq!(is_yes(answer), expected, "{answer:?}");
        }
    }
}
