//! Runs a command with secrets where no list of processes shows them.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    os::{fd::OwnedFd, unix::process::CommandExt as _},
    process::{Command, ExitCode},
};

use anyhow::Context as _;
use command_fds::{CommandFdExt as _, FdMapping};
use serde_json::Value;

use super::resolve::Resolver;
use crate::{
    args::{
        ExecArgs,
        reference::{Field, Reference, SCHEME},
    },
    failure::Usage,
    output,
};

/// What a pipe takes before anybody reads from it.
const MOST_IN_A_PIPE: usize = 64 << 10;
// As of POSIX shells.
const CANNOT_BE_RUN: i32 = 126;
const NO_SUCH_COMMAND: i32 = 127;

pub(crate) async fn run(ask: ExecArgs) -> anyhow::Result<ExitCode> {
    let mut resolver = Resolver::new()?;
    let variables = variables(&ask, &mut resolver).await?;
    let descriptors = descriptors(&ask, &mut resolver).await?;

    let (program, args) = ask.command.split_first().context("a command was asked for")?;
    let mut command = Command::new(program);
    command.args(args).envs(variables);
    if !ask.keep_token {
        command.env_remove("COUNTERSIGN_TOKEN");
    }
    command.fd_mappings(descriptors).map_err(|_| Usage("a descriptor is given twice with --fd".to_owned()))?;
    // In the place of this process: signals, terminal and exit code are the command's own.
    let error = command.exec();
    output::note(format!("error: {} cannot be run: {error}", program.display()));
    // At once: descriptors of ours may have been replaced by what the command was to find there.
    std::process::exit(if error.kind() == io::ErrorKind::NotFound { NO_SUCH_COMMAND } else { CANNOT_BE_RUN });
}

/// What is set in the command's environment: of credentials, of references in ours, and then what was asked for by name.
async fn variables(ask: &ExecArgs, resolver: &mut Resolver) -> anyhow::Result<BTreeMap<String, String>> {
    let mut wanted: BTreeMap<String, Reference> = BTreeMap::new();
    for name in &ask.names {
        for (variable, reference) in of_credential(name, resolver.credential(name).await?)? {
            if let Some(other) = wanted.insert(variable.clone(), reference) {
                let both = format!("{} and {name} would both be in {variable}: give one with --env", other.name);
                return Err(Usage(both).into());
            }
        }
    }
    for (variable, value) in std::env::vars_os() {
        let (Some(variable), Some(value)) = (variable.to_str(), value.to_str()) else { continue };
        if value.starts_with(SCHEME) {
            let reference = value.parse().map_err(|error| Usage(format!("the variable {variable}: {error}")))?;
            wanted.insert(variable.to_owned(), reference);
        }
    }
    wanted.extend(ask.env.iter().cloned());

    let mut all = BTreeMap::new();
    for (variable, reference) in wanted {
        let value = resolver.get(&reference).await.with_context(|| format!("{variable} ({reference})"))?;
        anyhow::ensure!(!value.contains('\0'), "{variable} ({reference}) holds a NUL, which no variable can");
        all.insert(variable, value);
    }
    Ok(all)
}

/// What a credential has and one may take, with the names of the variables. A token by counter is not taken unasked: it would
/// be used up.
fn of_credential(name: &str, credential: &Value) -> Result<Vec<(String, Reference)>, Usage> {
    let text = |path: &str| credential.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let is = |path: &str| credential.pointer(path).and_then(Value::as_bool).unwrap_or_default();
    let prefix = prefix(text("/name")).ok_or_else(|| {
        Usage(format!("no variable can be called as {name} is: name one with --env VAR=cs://NAME/password"))
    })?;
    let has_token = is("/may/token") && !matches!(text("/second_factor/kind"), "" | "hotp");
    let all = [
        (Field::Username, !text("/username").is_empty()),
        (Field::Password, is("/has_password") && is("/may/reveal")),
        (Field::Token, has_token),
        (Field::Site, !text("/site/url").is_empty()),
    ];
    let there = all.into_iter().filter(|(_, is_there)| *is_there).map(|(field, _)| {
        let variable = format!("{prefix}_{}", field.name().to_uppercase());
        (variable, Reference { name: name.to_owned(), field })
    });
    Ok(there.collect())
}

/// `Shop / front` in the form of a variable's name: `SHOP_FRONT`. None where no letter of it could be in one.
fn prefix(name: &str) -> Option<String> {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined = words.map(str::to_uppercase).collect::<Vec<_>>().join("_");
    match joined.chars().next()? {
        first if first.is_ascii_digit() => Some(format!("_{joined}")),
        _ => Some(joined),
    }
}

/// Pipes that hold the whole secret already, and whose other end is closed.
async fn descriptors(ask: &ExecArgs, resolver: &mut Resolver) -> anyhow::Result<Vec<FdMapping>> {
    let mut all = Vec::new();
    for (number, reference) in &ask.fd {
        let value = resolver.get(reference).await.with_context(|| format!("descriptor {number} ({reference})"))?;
        anyhow::ensure!(value.len() <= MOST_IN_A_PIPE, "{reference} is too long for a descriptor: use `inject`");
        let (reader, mut writer) = io::pipe().context("no pipe can be made")?;
        writer.write_all(value.as_bytes()).context("the pipe cannot be written")?;
        all.push(FdMapping { parent_fd: OwnedFd::from(reader), child_fd: *number });
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_become_names_of_variables() {
        for (name, expected) in [
            ("Shop", Some("SHOP")),
            ("Shop / front ü", Some("SHOP_FRONT")),
            ("2-doors", Some("_2_DOORS")),
            ("Почта", None),
            ("", None),
        ] {
            assert_eq!(prefix(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_credential_gives_what_it_has_and_one_may_take() {
        let whole = json!({"name": "Shop", "username": "ana", "site": {"url": "https://shop.example.org/"}, "has_password": true,
            "second_factor": {"kind": "totp"}, "may": {"token": true, "reveal": true}});
        let names = |credential: &Value| -> Vec<String> {
            of_credential("Shop", credential).unwrap().into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(&whole), ["SHOP_USERNAME", "SHOP_PASSWORD", "SHOP_TOKEN", "SHOP_SITE"]);
        let mut less = whole.clone();
        less["may"] = json!({"token": true, "reveal": false});
        less["second_factor"]["kind"] = json!("hotp");
        assert_eq!(names(&less), ["SHOP_USERNAME", "SHOP_SITE"]);
        assert!(of_credential("Ю", &json!({"name": "Ю"})).unwrap_err().0.contains("--env"));
    }
}
