//! The rule of who may do what and the same rules written in Cedar give the same answers, in worlds made by chance.
//!
//! What is translated is what was granted, to whom, on what, and under which conditions; the roles' permits stand below. Cedar has no
//! regular expressions and no days of the week: the patterns of the worlds are such that `like` says the same, and the day is counted
//! here from the number of days since 1970.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

#[path = "../../crates/model/tests/access/world.rs"]
mod world;

use std::{collections::BTreeSet, fmt::Write as _};

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use countersign_model::{
    Action, Grant, GrantConditions, GrantPermissions, GrantTarget, Held, Level, Memberships, Principal, Role, Weekday,
    WeeklyHours, decide,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use world::{Asked, CREDENTIALS, PEOPLE, World, any_asked, any_world, group, user};

/// What each role may without a grant (none transfers a setup key), and that an auditor has nothing by grants.
const ROLES: &str = r#"
permit (principal, action, resource) when { principal.role == "administrator" } unless { action == Action::"TransferSeed" };
permit (principal, action in [Action::"SeeCredential", Action::"TakeToken", Action::"Reveal", Action::"CreateCredential",
    Action::"EditCredential", Action::"ChangePassword", Action::"RemoveCredential", Action::"GrantCredential", Action::"SetAutomation",
    Action::"StartSession", Action::"WatchSession", Action::"EndSession", Action::"ManageGroups"], resource)
    when { principal.role == "manager" };
permit (principal, action in [Action::"SeeCredential", Action::"ReadRecords", Action::"ReadAudit", Action::"WatchSession",
    Action::"EndSession"], resource) when { principal.role == "auditor" };
"#;

fn policies(world: &World) -> String {
    let mut text = ROLES.to_owned();
    for grant in &world.grants {
        // That the credential is there is shown as long as the grant is.
        let see = format!("{} && {}", on(&grant.target), there(&grant.conditions));
        permit(&mut text, grant, &["SeeCredential"], &see);
        // Where it asks for a check-out: to who has it, by whichever of their grants.
        let see = match &grant.conditions.check_out {
            None => see,
            Some(_) => format!("{see} && {}", checked_out(world)),
        };
        let Some(rule) = &grant.conditions.approval else {
            permit(&mut text, grant, &acts(grant.permissions), &format!("{see} && {}", asked(&grant.conditions)));
            continue;
        };
        // Where it asks for an approval: to whom it was given, for as long, and reason and ticket came with the request.
        let given = GrantConditions { reason: false, ticket: None, ..grant.conditions.clone() };
        for (person, one) in world.approved.iter().filter(|(_, one)| one.grant == grant.id && one.rule == *rule) {
            let window = format!("context.now >= {} && context.now < {}", one.from.seconds(), one.until.seconds());
            let when = format!("{see} && {} && {window} && principal == User::\"{person}\"", asked(&given));
            permit(&mut text, grant, &acts(grant.permissions.and(one.permissions)), &when);
        }
    }
    text.extend(world.held.iter().map(|(on, held)| kept_away(world, *on, held)));
    text
}

fn checked_out(world: &World) -> String {
    let any: Vec<String> = world
        .held
        .iter()
        .map(|(on, held)| {
            let (from, until) = (held.from.seconds(), held.until.seconds());
            let window = format!("context.now >= {from} && context.now < {until}");
            let account = world.accounts[*on].id;
            format!("({window} && principal == User::\"{}\" && resource == Credential::\"{account}\")", held.person)
        })
        .collect();
    if any.is_empty() { "false".to_owned() } else { format!("({})", any.join(" || ")) }
}

/// Nobody else uses what somebody has checked out, but by their role, by which nobody transfers a setup key.
fn kept_away(world: &World, on: usize, held: &Held) -> String {
    let uses = "Action::\"TakeToken\", Action::\"Reveal\", Action::\"ChangePassword\", Action::\"StartSession\"";
    let (account, until, person) = (world.accounts[on].id, held.until.seconds(), held.person);
    format!(
        "forbid (principal, action in [{uses}], resource == Credential::\"{account}\") when {{ context.now < {until} }} \
         unless {{ principal == User::\"{person}\" || principal.role == \"manager\" || principal.role == \"administrator\" }};\n\
         forbid (principal, action == Action::\"TransferSeed\", resource == Credential::\"{account}\") \
         when {{ context.now < {until} }} unless {{ principal == User::\"{person}\" }};\n",
    )
}

fn permit(text: &mut String, grant: &Grant, acts: &[&str], when: &str) {
    if acts.is_empty() {
        return;
    }
    let principal = match grant.holder {
        Principal::User(id) => format!("principal == User::\"{id}\""),
        Principal::Group(id) => format!("principal in Group::\"{id}\""),
    };
    let acts: Vec<String> = acts.iter().map(|act| format!("Action::\"{act}\"")).collect();
    let acts = acts.join(", ");
    writeln!(text, "permit ({principal}, action in [{acts}], resource) when {{ {when} }} unless {{ principal.role == \"auditor\" }};")
        .unwrap();
}

fn acts(it: GrantPermissions) -> Vec<&'static str> {
    let flags = [
        (it.token, "TakeToken"),
        (it.reveal, "Reveal"),
        (it.session.is_some(), "WatchSession"),
        (matches!(it.session, Some(Level::Interact | Level::Control)), "StartSession"),
        (it.change, "ChangePassword"),
        (it.edit, "EditCredential"),
        (it.share, "GrantCredential"),
        (it.audit, "ReadRecords"),
        (it.transfer, "TransferSeed"),
    ];
    flags.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect()
}

fn on(target: &GrantTarget) -> String {
    match target {
        GrantTarget::Credential(id) => format!("resource == Credential::\"{id}\""),
        GrantTarget::Tag(tag) => format!("resource.tags.contains(\"{tag}\")"),
        GrantTarget::Site(host) => format!("resource has site && resource.site == \"{host}\""),
    }
}

fn there(conditions: &GrantConditions) -> String {
    let mut all = vec!["true".to_owned()];
    all.extend(conditions.from.map(|from| format!("context.now >= {}", from.seconds())));
    all.extend(conditions.until.map(|until| format!("context.now < {}", until.seconds())));
    all.join(" && ")
}

fn asked(conditions: &GrantConditions) -> String {
    let mut all = vec!["true".to_owned()];
    if conditions.reason {
        all.push("context.reason".to_owned());
    }
    all.extend(conditions.ticket.as_ref().map(|pattern| {
        let like = pattern.as_str().replace(".*", "*");
        format!("context has ticket && context.ticket like \"{like}\"")
    }));
    all.extend(conditions.signed_in_minutes.map(|minutes| {
        let most = i64::from(minutes) * 60;
        format!(
            "context has confirmed && context.confirmed <= context.now && context.now - context.confirmed <= {most}"
        )
    }));
    if !conditions.networks.is_empty() {
        let any = |network: &countersign_model::Network| format!("context.address.isInRange(ip(\"{network}\"))");
        let any: Vec<String> = conditions.networks.iter().map(any).collect();
        all.push(format!("context has address && ({})", any.join(" || ")));
    }
    all.extend(conditions.hours.as_ref().map(hours));
    all.join(" && ")
}

fn hours(hours: &WeeklyHours) -> String {
    let minutes = |text: String| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap()
    };
    let (from, to) = (minutes(hours.from.to_string()), minutes(hours.to.to_string()));
    let days = |field: &str| {
        let named: Vec<String> = hours.days.iter().map(|day| format!("\"{}\"", day.name())).collect();
        format!("[{}].contains(context.{field})", named.join(", "))
    };
    let (today, before) = (days("day"), days("day_before"));
    if from < to {
        format!("({today} && context.minute >= {from} && context.minute < {to})")
    } else {
        format!("(({today} && context.minute >= {from}) || ({before} && context.minute < {to}))")
    }
}

fn entities(world: &World, who: u128, role: Role) -> Entities {
    let memberships = Memberships::new(world.edges.iter().copied());
    let mut all = Vec::new();
    let mut entity = |kind: &str, id: String, attrs: Value, parents: Vec<Value>| {
        all.push(json!({"uid": {"type": kind, "id": id}, "attrs": attrs, "parents": parents}));
    };
    let direct = |member: Principal| -> Vec<Value> {
        let groups: BTreeSet<_> =
            world.edges.iter().filter(|(_, inner)| *inner == member).map(|(into, _)| *into).collect();
        groups.into_iter().map(|id| json!({"type": "Group", "id": id.to_string()})).collect()
    };
    assert!(memberships.groups_of(Principal::User(user(who))).len() >= direct(Principal::User(user(who))).len());
    entity("User", user(who).to_string(), json!({"role": role.name()}), direct(Principal::User(user(who))));
    for number in 0..world::GROUPS {
        entity("Group", group(number).to_string(), json!({}), direct(Principal::Group(group(number))));
    }
    for account in &world.accounts {
        let mut attrs = json!({"tags": account.tags});
        if let Some(site) = &account.site {
            attrs["site"] = site.host().into();
        }
        entity("Credential", account.id.to_string(), attrs, Vec::new());
    }
    Entities::from_json_value(all.into(), None).unwrap()
}

fn context(asked: &Asked) -> Context {
    let seconds = asked.now.seconds();
    // 1970-01-01 was a Thursday.
    let day = |days: i64| Weekday::ALL[usize::try_from((days + 3).rem_euclid(7)).unwrap()].name();
    let days = seconds.div_euclid(86_400);
    let mut values = json!({
        "now": seconds,
        "reason": asked.reason.is_some(),
        "day": day(days),
        "day_before": day(days - 1),
        "minute": seconds.rem_euclid(86_400) / 60,
    });
    if let Some(ticket) = &asked.ticket {
        values["ticket"] = ticket.as_str().into();
    }
    if let Some(at) = asked.confirmed_at {
        values["confirmed"] = at.seconds().into();
    }
    if let Some(address) = asked.address {
        values["address"] = json!({"__extn": {"fn": "ip", "arg": address.to_string()}});
    }
    Context::from_json_value(values, None).unwrap()
}

fn named(kind: &str, id: impl std::fmt::Display) -> EntityUid {
    format!("{kind}::\"{id}\"").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn promise_6_cedar_says_the_same(
        world in any_world(), who in 0..PEOPLE, on in 0..CREDENTIALS, role in prop::sample::select(&Role::ALL[..]),
        asked in any_asked(),
    ) {
        let policies: PolicySet = policies(&world).parse().unwrap();
        let entities = entities(&world, who, role);
        let account = usize::try_from(on).unwrap();
        let grants = world.grants_of(user(who), account);
        for act in Action::ALL {
            let request = Request::new(
                named("User", user(who)), named("Action", format!("{act:?}")), named("Credential", world.accounts[account].id),
                context(&asked), None,
            ).unwrap();
            let theirs = Authorizer::new().is_authorized(&request, &policies, &entities);
            prop_assert_eq!(theirs.diagnostics().errors().count(), 0, "{:?}", theirs);
            let ours = decide(role, act, &grants, &asked.context());
            prop_assert_eq!(ours.is_ok(), theirs.decision() == Decision::Allow, "{:?} {:?} {:?}", role, act, ours);
        }
    }
}
