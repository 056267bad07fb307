use std::process::ExitCode;

use countersign_vault::{Check, CheckState, Options};

use crate::{args::DoctorArgs, config::Config, data::Places, output, system};

pub(crate) async fn run(ask: DoctorArgs, json: bool) -> anyhow::Result<ExitCode> {
    let config = Config::read(&ask.data)?;
    let places = Places::new(&config.data(&ask.data))?.recording(config.recordings());
    let mut checks = vault_checks(&places).await;
    let folder = places.folder.exists().then_some(places.folder.as_path());
    checks.extend(system::machine_checks(folder.unwrap_or(std::path::Path::new("."))));
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
async fn vault_checks(places: &Places) -> Vec<Check> {
    match places.open_to_read().await {
        Err(error) => {
            return vec![Check::failed(
                "database",
                format!("{error:#}"),
                "start the server once, or name the data with --data or --database",
            )];
        }
        Ok(database) => database.close().await,
    }
    match places.open(Options::default()).await {
        Ok(vault) => {
            let mut checks = vec![Check::ok("key", "opens the vault")];
            checks.extend(vault.checks().await);
            vault.close().await;
            checks
        }
        Err(error) => {
            let text = format!("{error:#}");
            let running = text.contains("in use");
            let hint = if running {
                "a running server has it open: look at Settings › Doctor in the page"
            } else {
                "see the message"
            };
            vec![if running { Check::warning("key", text, hint) } else { Check::failed("key", text, hint) }]
        }
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
