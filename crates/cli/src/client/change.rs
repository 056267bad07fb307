use std::{process::ExitCode, time::Duration};

use countersign_model::{ChangeState, Timestamp};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    args::ChangeArgs,
    client::http::{Client, credential_path},
    output,
};

const LOOK_EVERY: Duration = Duration::from_millis(500);
const WAITING_FOR_A_PERSON: u8 = 5;

#[derive(Debug, Serialize, Deserialize)]
struct ChangeBody {
    id: String,
    state: ChangeState,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Reason {
    code: String,
    text: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Event {
    seq: i64,
    text: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

pub(crate) async fn run(ask: &ChangeArgs, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let body = json!({"rehearse": ask.rehearse, "reason": ask.reason, "ticket": ask.ticket});
    let asked: ChangeBody =
        client.send(Method::POST, &format!("{}/changes", credential_path(&ask.name)), &body).await?;
    if !ask.wait {
        if json {
            output::json(&asked)?;
        } else {
            output::line(&asked.id);
            output::note(told(&asked));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut seen = 0;
    loop {
        let change: ChangeBody = client.get(&format!("/api/v1/changes/{}", asked.id), &[]).await?;
        for event in change.events.iter().filter(|event| event.seq > seen) {
            if !json {
                output::note(&event.text);
            }
        }
        seen = change.events.last().map_or(seen, |event| event.seq);
        if let Some(code) = ended(&change) {
            if json {
                output::json(&change)?;
            } else {
                output::line(told(&change));
            }
            return Ok(code);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// The exit code, once there is nothing to wait for.
fn ended(change: &ChangeBody) -> Option<ExitCode> {
    match change.state {
        // It is being found out at this moment which password holds.
        ChangeState::InDoubt if change.reason.is_none() => None,
        ChangeState::Changed | ChangeState::Passed => Some(ExitCode::SUCCESS),
        ChangeState::Failed | ChangeState::Cancelled | ChangeState::Postponed | ChangeState::InDoubt => {
            Some(ExitCode::FAILURE)
        }
        ChangeState::WaitingForAPerson => Some(ExitCode::from(WAITING_FOR_A_PERSON)),
        ChangeState::Queued
        | ChangeState::SigningIn
        | ChangeState::Changing
        | ChangeState::Submitted
        | ChangeState::Verifying => None,
    }
}

fn told(change: &ChangeBody) -> String {
    let state = match change.state {
        ChangeState::InDoubt => "unverified".to_owned(),
        ChangeState::WaitingForAPerson => "needs attention".to_owned(),
        state => state.name().replace('_', " "),
    };
    let mut text = format!("{state}: {}", change.says);
    if let Some(reason) = &change.reason {
        text.push(' ');
        text.push_str(&reason.text);
    }
    if let Some(at) = change.not_before {
        text.push_str(&format!(" It runs at {at}."));
    }
    text
}
