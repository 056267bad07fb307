//! What a grant says, in a few words, and how answers of the API are read for that.

use serde_json::Value;

use crate::output::{self, Table};

pub(super) fn holder(grant: &Value) -> String {
    match (text(grant, "/user/name"), text(grant, "/group/name")) {
        ("", group) => format!("group {group}"),
        (user, _) => user.to_owned(),
    }
}

pub(super) fn target(grant: &Value) -> String {
    match (text(grant, "/credential/name"), text(grant, "/tag"), text(grant, "/site")) {
        ("", "", site) => format!("site {site}"),
        ("", tag, _) => format!("tag {tag}"),
        (credential, _, _) => credential.to_owned(),
    }
}

/// What a grant, or a person, may: `see, token, session view`.
pub(super) fn allowed(of: &Value) -> String {
    let is = |path: &str| of.pointer(&format!("/permissions/{path}")).and_then(Value::as_bool).unwrap_or_default();
    let session = text(of, "/permissions/session");
    let session = if session.is_empty() { None } else { Some(format!("session {session}")) };
    let flags = ["token", "reveal", "change", "edit", "share", "audit", "transfer"].into_iter().filter(|name| is(name));
    let extras =
        ["address", "paste", "copy", "upload", "download"].into_iter().filter(|name| is(&format!("extras/{name}")));
    let all = std::iter::once("see".to_owned()).chain(flags.map(str::to_owned)).chain(session);
    all.chain(extras.map(str::to_owned)).collect::<Vec<_>>().join(", ")
}

/// What a grant asks for, in a few words.
pub(super) fn asked(grant: &Value) -> String {
    let at = |path: &str| grant.pointer(&format!("/conditions/{path}")).filter(|value| !value.is_null());
    let of = |path: &str| at(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut all = Vec::new();
    if at("reason").and_then(Value::as_bool).unwrap_or_default() {
        all.push("reason".to_owned());
    }
    if at("ticket").is_some() {
        all.push(format!("ticket {}", of("ticket")));
    }
    all.extend(at("signed_in_minutes").map(|minutes| format!("signed in within {minutes} min")));
    if at("hours").is_some() {
        let days = grant.pointer("/conditions/hours").map(|hours| listed(hours, "days")).unwrap_or_default();
        all.push(format!("{days} {}-{} ({})", of("hours/from"), of("hours/to"), of("hours/zone")));
    }
    let networks = grant.pointer("/conditions").map(|conditions| listed(conditions, "networks")).unwrap_or_default();
    if !networks.is_empty() {
        all.push(format!("from {networks}"));
    }
    all.extend(at("check_out/minutes").map(|minutes| format!("checked out for {minutes} min")));
    let levels = grant.pointer("/conditions/approval/levels").and_then(Value::as_array).into_iter().flatten();
    all.extend(levels.map(|level| {
        let count = level.get("approvals").and_then(Value::as_u64).unwrap_or(1);
        format!("approved by {count} of {}", text(level, "/name"))
    }));
    all.extend(at("from").map(|_| format!("from {}", of("from"))));
    all.extend(at("until").map(|_| format!("until {}", of("until"))));
    all.join("; ")
}

pub(super) fn listed(of: &Value, field: &str) -> String {
    let all = of.get(field).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

pub(super) fn items(page: &Value) -> impl Iterator<Item = &Value> {
    page.get("items").and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn grants_of(one: &Value) -> impl Iterator<Item = &Value> {
    one.get("grants").and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn text<'a>(of: &'a Value, path: &str) -> &'a str {
    of.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// How many gain and lose by what was previewed, and who where that is told.
pub(super) fn tell_access(access: &Value) {
    let count = |name: &str| access.get(name).and_then(Value::as_u64).unwrap_or_default();
    if count("gains") + count("loses") > 0 {
        output::note(format!("{} gain access by it, {} lose access", count("gains"), count("loses")));
    }
    if let Some(table) = people_table(access) {
        output::line(table);
    }
}

fn people_table(access: &Value) -> Option<Table> {
    let people = access.get("people").and_then(Value::as_array).filter(|people| !people.is_empty())?;
    let mut table = output::table(&["NAME", "GAINS", "LOSES"]);
    for one in people {
        table.add_row([text(one, "/name").to_owned(), listed(one, "gains"), listed(one, "loses")]);
    }
    Some(table)
}
