//! `recipe check`: whether recipe files can be read, and what is wrong where.

use std::{
    io::{self, Read},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use countersign_recipe::{Recipe, RecipeError};
use countersign_vault::open_regular;
use serde_json::{Value, json};

use crate::{args::RecipeCommand, output};

/// A recipe is far shorter; a file that is not one need not be read to its end.
const MAX_READ: u64 = 1024 * 1024;

pub(crate) fn run(ask: &RecipeCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let RecipeCommand::Check { files } = ask;
    let mut answers = Vec::new();
    let mut all_fine = true;
    for file in files {
        let checked = read(file).map(|text| Recipe::parse(&text));
        all_fine &= matches!(checked, Ok(Ok(_)));
        if as_json {
            answers.push(answer(file, &checked));
        } else {
            tell(file, &checked);
        }
    }
    if as_json {
        output::json(&answers)?;
    }
    Ok(if all_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> anyhow::Result<String> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().take(MAX_READ).read_to_end(&mut bytes).context("it cannot be read")?;
        bytes
    } else {
        let mut bytes = Vec::new();
        let file = open_regular(file).map_err(|error| anyhow::anyhow!("it {error}"))?;
        file.take(MAX_READ).read_to_end(&mut bytes).context("it cannot be read")?;
        bytes
    };
    String::from_utf8(bytes).ok().context("it is not text in UTF-8")
}

type Checked = anyhow::Result<Result<Recipe, RecipeError>>;

/// One line a file on standard output, as compilers write them; what to do about it beside.
fn tell(file: &Path, checked: &Checked) {
    let file = file.display();
    match checked {
        Ok(Ok(recipe)) => output::line(format!("{file}: ok, {} for {}", recipe.name, recipe.domains.join(", "))),
        Ok(Err(error)) => {
            output::line(format!("{file}:{}:{}: {}", error.line, error.column, error.what));
            output::note(format!("hint: {}", error.hint));
        }
        Err(error) => output::line(format!("{file}: {error:#}")),
    }
}

fn answer(file: &Path, checked: &Checked) -> Value {
    let file = file.display().to_string();
    match checked {
        Ok(Ok(recipe)) => json!({
            "file": file, "ok": true, "name": recipe.name, "domains": recipe.domains, "status": recipe.status,
        }),
        Ok(Err(error)) => json!({
            "file": file, "ok": false,
            "error": {"line": error.line, "column": error.column, "detail": error.what, "hint": error.hint},
        }),
        Err(error) => json!({"file": file, "ok": false, "error": {"detail": format!("{error:#}")}}),
    }
}
