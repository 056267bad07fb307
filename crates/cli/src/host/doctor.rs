use std::process::ExitCode;

use countersign_vault::{Backups, Check, CheckState, VaultOptions};

use crate::{
    args::DoctorArgs,
    failure,
    machine::system,
    output,
    settings::{config::Config, data::Places, recordings::variable},
};

pub(crate) async fn run(ask: DoctorArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?.recording(config.recordings());
    let backups = config.backups().open(&places.folder, variable)?;
    let mut checks = vault_checks(&places, backups).await;
    let folder = places.folder.exists().then_some(places.folder.as_path());
    let launch = config.visits()?.launch();
    checks.extend(system::machine_checks(folder.unwrap_or(std::path::Path::new(".")), &launch, None));
    let failed = checks.iter().any(|check| check.state == CheckState::Failed);
    if json {
        let checks: Vec<countersign_server::HealthCheck> = checks.into_iter().map(Into::into).collect();
        output::json(&serde_json::json!({"checks": checks}))?;
    } else {
        for check in &checks {
            print(check);
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A vault that does not exist is not made by looking at it.
async fn vault_checks(places: &Places, backups: Option<Backups>) -> Vec<Check> {
    match places.open_to_read().await {
        Err(error) => {
            return vec![failed("database", &failure::text(&error))];
        }
        Ok(database) => database.close().await,
    }
    match places.open(VaultOptions::default()).await {
        Ok(vault) => {
            backups.map(|backups| vault.keep_backups(backups));
            let mut checks = vec![Check::ok("key", "opens the vault")];
            checks.extend(vault.checks().await);
            vault.close().await;
            checks
        }
        Err(error) => {
            let text = failure::text(&error);
            vec![if text.contains("in use") {
                let (found, _) = found_and_hint(&text);
                Check::warning("key", found, "Settings › Doctor in the page of that server looks at the rest")
            } else {
                failed("key", &text)
            }]
        }
    }
}

fn failed(name: &'static str, text: &str) -> Check {
    let (found, hint) = found_and_hint(text);
    Check { hint: hint.map(str::to_owned), ..Check::failed(name, found, "") }
}

/// An error's text says what was found and, behind a semicolon, what to do: each has a line of its own here, and neither
/// is said twice.
fn found_and_hint(text: &str) -> (&str, Option<&str>) {
    match text.split_once("; ") {
        Some((found, hint)) => (found, Some(hint)),
        None => (text, None),
    }
}

fn print(check: &Check) {
    let mark = match check.state {
        CheckState::Ok => "ok     ",
        CheckState::Warning => "warning",
        CheckState::Failed => "FAILED ",
    };
    output::line(format!("{mark}  {:<10} {}", check.name, check.detail));
    if let Some(hint) = check.hint.as_ref().filter(|_| check.state != CheckState::Ok) {
        output::line(format!("                    {hint}"));
    }
}

#[cfg(test)]
mod tests {
    use super::found_and_hint;

    #[test]
    fn what_was_found_and_what_to_do_are_told_apart() {
        let table = [
            (
                "there is no database at x; start the server once",
                "there is no database at x",
                Some("start the server once"),
            ),
            ("a; b; c", "a", Some("b; c")),
            ("cannot open x: refused", "cannot open x: refused", None),
        ];
        for (text, found, hint) in table {
            assert_eq!(found_and_hint(text), (found, hint), "{text}");
        }
    }
}
