//! Who may do what: the rule by itself, and what is asked over many people, groups, grants and credentials.

use std::{
    collections::BTreeSet,
    hint::black_box,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use countersign_model::{
    AccessContext, Action, ApprovalLevel, ApprovalRule, CountingChance, CredentialFacts, CredentialId, Grant,
    GrantConditions, GrantId, GrantPermissions, GrantSubject, GrantTarget, Grants, GroupId, Principal, Role, Timestamp,
    UserId, decide,
};
use serde_json::{Value, json};

use crate::{
    load,
    scenes::{granted, tell},
    table::{Table, median},
    vault::{Vault, imported_name},
};

const GRANTS: usize = 1_000;
const GROUPS: usize = 200;
const PEOPLE: usize = 10_000;
const CREDENTIALS: usize = 10_000;
const EACH: Duration = Duration::from_secs(3);

/// The whole part.
pub(crate) async fn all(binary: &Path) -> anyhow::Result<String> {
    let mut table = Table::new("Who may do what")?;
    tell("deciding");
    let (decided, gathered) = decisions_us();
    let what = format!("`decide` over {GRANTS} grants by {GROUPS} groups, none of which allows it yet");
    table.at_most(&what, decided, "µs", 10.0);
    table.plain("… putting them together for one person and credential, once a revision", &format!("{gathered:.0} µs"));
    tell("10,000 people and 10,000 credentials");
    let vault = Vault::new(binary)?;
    let server = vault.serve()?;
    vault.import(&server, 0..CREDENTIALS)?;
    table.disk().measure()?;
    let target = vault.target(&server);
    let people = (0..PEOPLE).map(|number| json!({"name": format!("person {number}"), "role": "member"}).to_string());
    load::post_each(&target, "/api/v1/users", people.collect(), 16).await?;
    let groups = (0..GROUPS).map(|number| json!({"name": format!("group {number}")}).to_string());
    load::post_each(&target, "/api/v1/groups", groups.collect(), 16).await?;
    let grants = (0..GRANTS).map(|number| {
        let on = format!("name:{}", imported_name(number % CREDENTIALS));
        let group = format!("name:group {}", number % GROUPS);
        json!({"group": group, "credential": on, "permissions": {"token": true}, "conditions": {"reason": true}})
            .to_string()
    });
    load::post_each(&target, "/api/v1/grants", grants.collect(), 16).await?;
    let people = (0..PEOPLE).map(|number| {
        let on = format!("name:{}", imported_name(number % 10));
        let user = format!("name:person {number}");
        json!({"user": user, "credential": on, "permissions": {"token": true}}).to_string()
    });
    load::post_each(&target, "/api/v1/grants", people.collect(), 16).await?;
    let named = imported_name(1).replace(' ', "%20").replace(':', "%3A").replace('@', "%40");
    let path = format!("/api/v1/credentials/name:{named}/who");
    let (_, text) = load::once(&target, &path).await?;
    let found: Value = serde_json::from_str(&text)?;
    let count = found.get("items").and_then(Value::as_array).map_or(0, Vec::len);
    let asked = load::run(&target, &Arc::new(vec![path]), 1, EACH).await?;
    let what =
        format!("who can use one credential, of {PEOPLE} people and {CREDENTIALS} credentials ({count} can), p50");
    table.at_most(&what, asked.wait_ms(0.5), "ms", 100.0);
    server.stop()?;
    granted::add(binary, &mut table).await?;
    table.finish()
}

/// What one decision takes, and putting together what it looks at, in microseconds.
fn decisions_us() -> (f64, f64) {
    let chance = CountingChance::default();
    let now = Timestamp::from_seconds(1_767_571_200);
    let user = UserId::new(now, &chance);
    let credential = CredentialFacts { id: CredentialId::new(now, &chance), tags: &[], site: None };
    let groups: Vec<GroupId> = (0..GROUPS).map(|_| GroupId::new(now, &chance)).collect();
    let subject = GrantSubject { user, groups: groups.iter().copied().collect::<BTreeSet<_>>() };
    let grant = |number: usize| {
        let group = groups[number % GROUPS];
        let levels = vec![ApprovalLevel { group, approvals: 1 }];
        let approval =
            number.is_multiple_of(3).then_some(ApprovalRule { levels, minutes: 60, emergency_minutes: None });
        Grant {
            id: GrantId::new(now, &chance),
            holder: Principal::Group(group),
            target: GrantTarget::Credential(credential.id),
            permissions: GrantPermissions { token: number.is_multiple_of(2), reveal: true, ..GrantPermissions::SEE },
            conditions: GrantConditions { reason: true, approval, ..GrantConditions::default() },
        }
    };
    let all: Vec<Grant> = (0..GRANTS).map(grant).collect();
    let gather = || Grants::of(&subject, &credential, all.iter().cloned());
    let grants = gather();
    let context = AccessContext::new(now, None, None);
    let per = |rounds: u32, work: &dyn Fn()| {
        let mut each: Vec<f64> = (0..9)
            .map(|_| {
                let begun = Instant::now();
                (0..rounds).for_each(|_| work());
                begun.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
            })
            .collect();
        median(&mut each)
    };
    let decided = per(2_000, &|| {
        let _ = black_box(decide(Role::Member, black_box(Action::TakeToken), &grants, &context));
    });
    let gathered = per(100, &|| {
        black_box(gather());
    });
    (decided, gathered)
}
