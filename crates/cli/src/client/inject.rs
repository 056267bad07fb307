//! Files from templates, with secrets in them.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use serde_json::json;

use super::resolve::Resolver;
use crate::{
    args::InjectArgs,
    home::template::{Piece, split},
    machine::files::read_file,
    output,
};

const LARGEST: u64 = 16 << 20;

pub(crate) async fn run(ask: &InjectArgs, as_json: bool) -> anyhow::Result<ExitCode> {
    let (template, called) = read(&ask.file)?;
    let at = |place| format!("{called}, {place}");
    let pieces = split(&template).map_err(|(place, error)| anyhow::anyhow!("{}: {error}", at(place)))?;

    // All of it is there before anything is written.
    let mut resolver = Resolver::new()?;
    let (mut text, mut count) = (String::with_capacity(template.len()), 0_u32);
    for piece in &pieces {
        match piece {
            Piece::Text(plain) => text.push_str(plain),
            Piece::Secret(reference, place) => {
                text.push_str(&resolver.get(reference).await.with_context(|| format!("{} ({reference})", at(*place)))?);
                count += 1;
            }
        }
    }
    let Some(out) = &ask.out else {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("standard output cannot be written")?;
        return Ok(ExitCode::SUCCESS);
    };
    write(out, &text)?;
    let places = if count == 1 { "place" } else { "places" };
    let said = format!("wrote {} with {count} {places} filled in", out.display());
    output::answer(&json!({"written": out, "places": count}), as_json, &said)?;
    Ok(ExitCode::SUCCESS)
}

/// The template, and what it is called.
fn read(file: &Path) -> anyhow::Result<(String, String)> {
    let (bytes, called) = if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().take(LARGEST + 1).read_to_end(&mut bytes).context("standard input cannot be read")?;
        (bytes, "standard input".to_owned())
    } else {
        (read_file("the template", file, LARGEST)?, file.display().to_string())
    };
    let is_small = u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST);
    anyhow::ensure!(is_small, "{called} is larger than {} MiB", LARGEST >> 20);
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{called} is no text in UTF-8"))?;
    Ok((text, called))
}

/// Writes beside and renames, so that a file is whole or as it was; for its owner alone, as files of that kind begin.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let said = || format!("{} cannot be written", path.display());
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(said)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).with_context(said)?;
    file.persist(path).map_err(|error| error.error).with_context(said)?;
    // The name, too, is there after a power cut. Not every file system can be asked for that.
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
