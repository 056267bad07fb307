//! Completions for shells and pages for `man`, made from the command line as it is.

use std::{fs, io, process::ExitCode};

use anyhow::Context as _;

use crate::{
    args::{self, CompletionsArgs, ManArgs},
    output,
};

pub(crate) fn completions(ask: &CompletionsArgs) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(ask.shell, &mut args::command(), "countersign", &mut script);
    // A reader that went away, as `head` does, is no failure.
    let _ = io::Write::write_all(&mut io::stdout().lock(), &script);
    ExitCode::SUCCESS
}

/// Writes one page a command.
pub(crate) fn pages(ask: &ManArgs, json: bool) -> anyhow::Result<ExitCode> {
    let folder = &ask.folder;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    clap_mangen::generate_to(args::command(), folder)
        .with_context(|| format!("the pages cannot be written into {}", folder.display()))?;
    let answer = serde_json::json!({"folder": folder});
    output::answer(&answer, json, &format!("the pages are in {}: try man -l countersign.1 there", folder.display()))?;
    Ok(ExitCode::SUCCESS)
}
