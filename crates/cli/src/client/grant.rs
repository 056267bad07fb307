//! Who may do what: grants one by one, and what follows from them for a credential.

use std::process::ExitCode;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    grant_many,
    grant_words::{allowed, asked, grants_of, holder, items, target, tell_access, text},
};
use crate::{
    args::{ConditionArgs, GrantAddArgs, GrantCommand, GrantListArgs, PermissionArgs},
    client::{
        http::{Client, credential_path, named},
        review,
    },
    output,
};

pub(crate) async fn run(command: GrantCommand, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match command {
        GrantCommand::List(ask) => list(&client, &ask, as_json).await?,
        GrantCommand::Show { id } => {
            let grant: Value = client.get(&format!("/api/v1/grants/{id}"), &[]).await?;
            show(&[grant], as_json)?;
        }
        GrantCommand::Add(ask) if ask.credential.len() > 1 => {
            anyhow::ensure!(ask.replaces.is_none(), "--replaces names one grant: give one --credential with it");
            grant_many::run(&client, &ask.credential, draft(&ask)?, ask.preview, as_json).await?;
        }
        GrantCommand::Add(ask) if ask.preview => preview(&client, &ask, as_json).await?,
        GrantCommand::Add(ask) => {
            let body = draft(&ask)?;
            let grant: Value = match &ask.replaces {
                Some(id) => client.send(Method::PUT, &format!("/api/v1/grants/{id}"), &body).await?,
                None => client.send(Method::POST, "/api/v1/grants", &body).await?,
            };
            if as_json {
                output::json(&grant)?;
            } else {
                output::line(format!("granted to {} on {}: {}", holder(&grant), target(&grant), allowed(&grant)));
            }
        }
        GrantCommand::Remove { id } => {
            client.delete(&format!("/api/v1/grants/{id}")).await?;
            if as_json {
                output::json(&json!({"removed": id}))?;
            } else {
                output::line(format!("removed {id}"));
            }
        }
        GrantCommand::Reviews { show } => review::list(&client, &show, as_json).await?,
        GrantCommand::Review(ask) => review::decide(&client, &ask, as_json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Who may do what with one credential.
pub(crate) async fn who(name: &str, as_json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let who: Value = client.get(&format!("{}/who", credential_path(name)), &[]).await?;
    if as_json {
        output::json(&who)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["NAME", "ROLE", "MAY", "BY"]);
    for one in items(&who) {
        let by_role = one.get("by_role").and_then(Value::as_bool).unwrap_or_default();
        let mut by: Vec<String> = if by_role { vec!["role".to_owned()] } else { Vec::new() };
        by.extend(grants_of(one).map(|grant| {
            let conditions = asked(grant);
            let on = if grant.get("credential").is_some_and(Value::is_null) {
                format!(" on {}", target(grant))
            } else {
                String::new()
            };
            let if_met = if conditions.is_empty() { String::new() } else { format!(" if {conditions}") };
            format!("{}{on}{if_met}", holder(grant))
        }));
        let name = text(one, "/user/name");
        let is_program = one.pointer("/user/service_account").and_then(Value::as_bool).unwrap_or_default();
        let role = if is_program { "service account" } else { text(one, "/user/role") };
        table.add_row([name, role, &allowed(one), &by.join("\n")]);
    }
    output::line(table);
    Ok(ExitCode::SUCCESS)
}

async fn list(client: &Client, ask: &GrantListArgs, as_json: bool) -> anyhow::Result<()> {
    let mut query = Vec::new();
    for (field, value) in [("user", &ask.user), ("group", &ask.group), ("credential", &ask.credential)] {
        query.extend(value.as_ref().map(|value| (field, named(value))));
    }
    for (field, value) in [("tag", &ask.tag), ("site", &ask.site)] {
        query.extend(value.as_ref().map(|value| (field, value.clone())));
    }
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut query = query.clone();
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        query.push(("limit", "200".to_owned()));
        let page: Value = client.get("/api/v1/grants", &query).await?;
        all.extend(items(&page).cloned());
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    if as_json {
        return output::json(&json!({"items": all}));
    }
    show(&all, false)
}

fn show(grants: &[Value], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return grants.first().map_or(Ok(()), output::json);
    }
    let mut table = output::table(&["ID", "TO", "ON", "MAY", "IF"]);
    for grant in grants {
        table.add_row([text(grant, "/id").to_owned(), holder(grant), target(grant), allowed(grant), asked(grant)]);
    }
    output::line(table);
    Ok(())
}

async fn preview(client: &Client, ask: &GrantAddArgs, as_json: bool) -> anyhow::Result<()> {
    let body = json!({"grant": draft(ask)?, "replaces": ask.replaces});
    let found: Value = client.send(Method::POST, "/api/v1/grants/preview", &body).await?;
    if as_json {
        return output::json(&found);
    }
    let count = found.get("credentials").and_then(Value::as_u64).unwrap_or_default();
    let more = if found.get("more").and_then(Value::as_bool).unwrap_or_default() { " or more" } else { "" };
    output::note(format!("{count}{more} credentials; nothing was saved"));
    tell_access(&found);
    Ok(())
}

/// Without what it is on, where that is several credentials.
fn draft(ask: &GrantAddArgs) -> anyhow::Result<Value> {
    let mut body = Map::new();
    let credential = Some(&ask.credential).filter(|all| all.len() == 1).and_then(|all| all.first());
    for (field, value) in [("user", ask.user.as_ref()), ("group", ask.group.as_ref()), ("credential", credential)] {
        if let Some(value) = value {
            body.insert(field.to_owned(), named(value).into());
        }
    }
    for (field, value) in [("tag", &ask.tag), ("site", &ask.site)] {
        if let Some(value) = value {
            body.insert(field.to_owned(), value.as_str().into());
        }
    }
    body.insert("permissions".to_owned(), permissions(&ask.permissions));
    body.insert("conditions".to_owned(), conditions(&ask.conditions)?);
    Ok(body.into())
}

pub(super) fn permissions(ask: &PermissionArgs) -> Value {
    let extras: Map<String, Value> = ask.extras.iter().map(|name| (name.clone(), true.into())).collect();
    json!({
        "token": ask.token,
        "reveal": ask.reveal,
        "session": ask.session,
        "extras": extras,
        "change": ask.change,
        "edit": ask.edit,
        "share": ask.share,
        "audit": ask.audit,
        "transfer": ask.transfer,
    })
}

fn conditions(ask: &ConditionArgs) -> anyhow::Result<Value> {
    let hours = match &ask.hours {
        None => Value::Null,
        Some(hours) => {
            let Some((from, to)) = hours.split_once('-') else {
                anyhow::bail!("--hours are written as 08:00-18:00");
            };
            let all = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(str::to_owned).to_vec();
            let days = if ask.days.is_empty() { all } else { ask.days.clone() };
            json!({"days": days, "from": from, "to": to, "zone": ask.zone})
        }
    };
    Ok(json!({
        "reason": ask.need_reason,
        "ticket": ask.need_ticket,
        "signed_in_minutes": ask.signed_in,
        "hours": hours,
        "networks": ask.networks,
        "from": ask.from,
        "until": ask.until,
        "approval": approval(ask),
        "check_out": ask.check_out.map(|minutes| json!({"minutes": minutes, "change_after": ask.change_after})),
    }))
}

fn approval(ask: &ConditionArgs) -> Value {
    if ask.approval.is_empty() {
        return Value::Null;
    }
    let level =
        |text: &String| match text.rsplit_once(':').and_then(|(group, count)| Some((group, count.parse::<u8>().ok()?)))
        {
            Some((group, approvals)) => json!({"group": named(group), "approvals": approvals}),
            None => json!({"group": named(text)}),
        };
    let levels: Vec<Value> = ask.approval.iter().map(level).collect();
    json!({"levels": levels, "minutes": ask.approval_minutes, "emergency_minutes": ask.emergency_minutes})
}
