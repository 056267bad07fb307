//! `automation`: how a credential's site is dealt with.

use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Map, Value};

use crate::{
    args::{AutomationCommand, AutomationSetArgs},
    client::http::{Client, credential_path},
    output,
};

/// What the server takes of what it gives; the rest is what it has learnt.
const SETTINGS: [&str; 11] = [
    "origins",
    "sign_in",
    "change",
    "rules",
    "trust",
    "heartbeat",
    "changes_per_day",
    "policy",
    "session",
    "extra_fields",
    "certificate",
];

pub(crate) async fn run(command: AutomationCommand, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let shown: Value = match command {
        AutomationCommand::Show { name } => client.get(&path(&name), &[]).await?,
        AutomationCommand::Set(ask) => {
            let any = ask.certificate.is_some() || ask.no_certificate;
            anyhow::ensure!(any, "nothing to change: name at least one setting, see --help");
            let stored: Value = client.get(&path(&ask.name), &[]).await?;
            client.send(Method::PUT, &path(&ask.name), &edited(&stored, &ask)).await?
        }
    };
    if json {
        output::json(&shown)?;
    } else {
        show(&shown);
    }
    Ok(ExitCode::SUCCESS)
}

fn path(name: &str) -> String {
    format!("{}/automation", credential_path(name))
}

/// What is stored, with what was asked for in its place.
fn edited(stored: &Value, ask: &AutomationSetArgs) -> Map<String, Value> {
    let kept = SETTINGS.iter().filter_map(|name| Some(((*name).to_owned(), stored.get(name)?.clone())));
    let mut body: Map<String, Value> = kept.collect();
    // The server takes an empty text for none.
    let certificate = if ask.no_certificate { Some(String::new()) } else { ask.certificate.clone() };
    if let Some(certificate) = certificate {
        body.insert("certificate".to_owned(), certificate.into());
    }
    body
}

fn show(automation: &Value) {
    let text = |name: &str| automation.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let origins = automation.get("origins").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let number = |path: &str| automation.pointer(path).filter(|it| !it.is_null()).map(Value::to_string);
    let certificate = Some(text("certificate")).filter(|text| !text.is_empty());
    let rows = [
        ("certificate", certificate.unwrap_or_else(|| "one that browsers trust".to_owned())),
        ("origins", origins.collect::<Vec<_>>().join(", ")),
        ("sign-in page", text("sign_in")),
        ("change page", text("change")),
        ("rules", text("rules")),
        ("every", number("/policy/every_days").map(|days| format!("{days} days")).unwrap_or_default()),
        ("a day", number("/changes_per_day").map(|most| format!("{most} changes at most")).unwrap_or_default()),
        ("next change", text("next_change_at")),
    ];
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        output::line(format!("{name:<14}{value}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_named_stays_and_what_was_learnt_is_not_sent() {
        let stored = json!({
            "origins": ["https://login.example"], "rules": null, "changes_per_day": 3, "certificate": "AA",
            "remembered": true, "moved": [], "recipe": null,
        });
        let ask = |certificate: Option<&str>, no_certificate| AutomationSetArgs {
            name: "nas".to_owned(),
            certificate: certificate.map(str::to_owned),
            no_certificate,
        };
        for (ask, certificate) in [(ask(None, false), "AA"), (ask(Some("BB"), false), "BB"), (ask(None, true), "")] {
            let expected = json!({
                "origins": ["https://login.example"], "rules": null, "changes_per_day": 3, "certificate": certificate,
            });
            assert_eq!(Value::Object(edited(&stored, &ask)), expected);
        }
    }
}
