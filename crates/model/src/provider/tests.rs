use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{CountingChance, GroupId, Role, UserId, UserName};

fn settings() -> ProviderSettings {
    ProviderSettings {
        name: "Example".to_owned(),
        issuer: "https://login.example.com".to_owned(),
        client_id: "countersign".to_owned(),
        address: "https://vault.example.com".to_owned(),
        scopes: vec!["profile".to_owned()],
        match_by: MatchBy::Nothing,
        new_users: None,
        trusts_second_factor: false,
        groups_claim: Some("groups".to_owned()),
        groups: Vec::new(),
    }
}

fn claims(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    let serde_json::Value::Object(claims) = value else { panic!("{value} is no object") };
    claims
}

fn read(settings: &ProviderSettings, value: serde_json::Value) -> Result<ProviderClaims, ProviderRefusal> {
    ProviderClaims::read(settings, &claims(value))
}

fn ids() -> (UserId, [GroupId; 3]) {
    let (chance, now) = (CountingChance::default(), crate::Timestamp::from_seconds(1));
    (UserId::new(now, &chance), [(); 3].map(|()| GroupId::new(now, &chance)))
}

#[test]
fn settings_say_what_is_wrong_with_them() {
    type Change = fn(&mut ProviderSettings);
    let table: [(&str, Change); 16] = [
        ("name", |it| it.name = " ".to_owned()),
        ("name", |it| it.name = "n".repeat(41)),
        ("issuer", |it| it.issuer = "login.example.com".to_owned()),
        ("issuer", |it| it.issuer = "http://login.example.com".to_owned()),
        ("issuer", |it| it.issuer = "https://login.example.com?x=1".to_owned()),
        ("issuer", |it| it.issuer = "https://me:secret@login.example.com".to_owned()),
        ("issuer", |it| it.issuer = "https://login.example.com/#x".to_owned()),
        ("issuer", |it| it.issuer = "https://log\u{456}n.example.com".to_owned()),
        ("client_id", |it| it.client_id = "a\u{0}b".to_owned()),
        ("address", |it| it.address = "http://vault.example.com".to_owned()),
        ("address", |it| it.address = "vault".to_owned()),
        ("scopes", |it| it.scopes = vec!["a\"b".to_owned()]),
        ("scopes", |it| it.scopes = vec!["a b".to_owned()]),
        ("new_users", |it| it.new_users = Some(Role::Administrator)),
        ("groups_claim", |it| {
            it.groups_claim = Some(" ".to_owned());
            it.groups = vec![GroupMapping { value: "ops".to_owned(), group: ids().1[0] }];
        }),
        ("groups", |it| it.groups = vec![GroupMapping { value: String::new(), group: ids().1[0] }]),
    ];
    for (number, (field, change)) in table.into_iter().enumerate() {
        let mut changed = settings();
        change(&mut changed);
        assert_eq!(changed.checked().unwrap_err().field, field, "row {number}");
    }
    let local = ProviderSettings {
        issuer: "http://127.0.0.1:9000/realms/a".to_owned(),
        address: "http://localhost:7117/".to_owned(),
        scopes: vec!["openid".to_owned(), " email ".to_owned()],
        ..settings()
    };
    let local = local.checked().unwrap();
    assert_eq!(local.callback(), "http://localhost:7117/api/v1/sign-in/oidc/callback");
    assert_eq!(local.scopes, ["email"]);
    // To the letter, also a last stroke: some providers have one, and tokens name it so.
    let stroke = ProviderSettings { issuer: "https://login.example.com/".to_owned(), ..settings() };
    assert_eq!(stroke.checked().unwrap().issuer, "https://login.example.com/");
}

#[test]
fn what_decides_is_read_from_claims_and_nothing_else() {
    let (_, [ops, ..]) = ids();
    let settings =
        ProviderSettings { groups: vec![GroupMapping { value: "ops".to_owned(), group: ops }], ..settings() };
    let table = [
        (json!({"sub": "1"}), None, None, 0),
        (json!({"sub": "1", "preferred_username": "ana", "email": "a@x"}), Some("ana"), None, 0),
        (json!({"sub": "1", "email": "a@x", "email_verified": true}), None, Some("a@x"), 0),
        (json!({"sub": "1", "email": "a@x", "email_verified": "true"}), None, None, 0),
        (json!({"sub": "1", "email": "a@x", "email_verified": false}), None, None, 0),
        (json!({"sub": "1", "groups": ["ops", "dev", 7, null]}), None, None, 1),
        (json!({"sub": "1", "groups": "ops"}), None, None, 1),
        (json!({"sub": "1", "groups": {"ops": true}}), None, None, 0),
        (json!({"sub": "1", "groups": ["OPS", " ops", "ops "]}), None, None, 0),
        (json!({"sub": "1", "preferred_username": ["ana"]}), None, None, 0),
    ];
    for (value, username, email, groups) in table {
        let read = read(&settings, value.clone()).unwrap();
        let found = (read.username.as_deref(), read.email.as_deref(), read.groups.len());
        assert_eq!(found, (username, email, groups), "{value}");
    }
    let wrong =
        [json!({}), json!({"sub": ""}), json!({"sub": 1}), json!({"sub": "a\nb"}), json!({"sub": "x".repeat(256)})];
    for value in wrong {
        assert_eq!(read(&settings, value).unwrap_err(), ProviderRefusal::WrongToken);
    }
    let many = json!({"sub": "1", "groups": vec!["x"; MAX_CLAIM_VALUES + 1]});
    assert_eq!(read(&settings, many).unwrap_err(), ProviderRefusal::TooManyGroups);
}

#[test]
fn who_comes_in_is_decided_by_one_rule() {
    use ProviderRefusal::{Disabled, NameTaken, NoName, Unknown};
    let (id, _) = ids();
    let user = |disabled, awaited| Some(KnownUser { id, disabled, awaited });
    let (usual, off, awaited) = (user(false, false), user(true, false), user(false, true));
    let known = Ok(Admission::Known(id));
    let first = Ok(Admission::Awaited(id));
    let new = |name: &str, role| Ok(Admission::New { name: UserName::parse(name).unwrap(), role });
    let member = Some(Role::Member);
    let (nothing, by_name, by_email) = (MatchBy::Nothing, MatchBy::Username, MatchBy::Email);
    let table = [
        // Whoever is connected is who they are, whatever names say.
        (nothing, None, usual, None, known.clone()),
        (by_name, member, usual, awaited, known),
        (nothing, member, off, None, Err(Disabled)),
        // Nobody is: a name alone makes nobody somebody else.
        (nothing, None, None, None, Err(Unknown)),
        (nothing, None, None, awaited, Err(NameTaken)),
        (nothing, member, None, usual, Err(NameTaken)),
        (by_name, member, None, usual, Err(NameTaken)),
        (by_name, None, None, usual, Err(NameTaken)),
        (by_email, member, None, off, Err(NameTaken)),
        // But who was added for this.
        (by_name, None, None, awaited, first.clone()),
        (by_email, None, None, awaited, first),
        (by_name, None, None, user(true, true), Err(Disabled)),
        (by_name, None, None, None, Err(Unknown)),
        // New people.
        (nothing, member, None, None, new("ana", Role::Member)),
        (by_email, Some(Role::Auditor), None, None, new("ana@example.com", Role::Auditor)),
    ];
    let full = read(
        &settings(),
        json!({"sub": "1", "preferred_username": "ana", "email": "ana@example.com", "email_verified": true}),
    );
    let full = full.unwrap();
    for (number, (match_by, new_users, connected, named, answer)) in table.into_iter().enumerate() {
        let settings = ProviderSettings { match_by, new_users, ..settings() };
        assert_eq!(admit(&settings, &full, connected.as_ref(), named.as_ref()), answer, "row {number}");
    }
    let settings = ProviderSettings { new_users: member, ..settings() };
    for value in [json!({"sub": "1"}), json!({"sub": "1", "preferred_username": "a\u{7}b"})] {
        assert_eq!(admit(&settings, &read(&settings, value).unwrap(), None, None), Err(NoName));
    }
}

#[test]
fn groups_follow_the_claim_where_they_are_mapped_and_nowhere_else() {
    let (_, [ops, dev, other]) = ids();
    let mapping = |value: &str, group| GroupMapping { value: value.to_owned(), group };
    let settings = ProviderSettings {
        groups: vec![mapping("ops", ops), mapping("admins", ops), mapping("dev", dev)],
        ..settings()
    };
    type Row<'a> = (&'a [&'a str], &'a [(GroupId, bool)], &'a [GroupId], &'a [GroupId]);
    let table: &[Row<'_>] = &[
        (&[], &[], &[], &[]),
        (&["ops"], &[], &[ops], &[]),
        (&["ops", "admins"], &[], &[ops], &[]),
        (&["ops"], &[(ops, true)], &[], &[]),
        (&["admins"], &[(ops, true)], &[], &[]),
        (&["dev"], &[(ops, true)], &[dev], &[ops]),
        // What was done by hand stays, whatever the provider says.
        (&[], &[(ops, false), (other, false)], &[], &[]),
        (&["ops"], &[(ops, false)], &[], &[]),
        // A mapping that is gone gives nothing.
        (&["ops"], &[(other, true)], &[ops], &[other]),
    ];
    for (number, (values, in_now, join, leave)) in table.iter().enumerate() {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let changes = group_changes(&settings, &values, &in_now.iter().copied().collect());
        let expected = GroupChanges { join: join.iter().copied().collect(), leave: leave.iter().copied().collect() };
        assert_eq!(changes, expected, "row {number}");
    }
}

#[test]
fn each_refusal_has_its_name_and_says_something() {
    let names: BTreeSet<_> = ProviderRefusal::ALL.iter().map(|it| it.name()).collect();
    assert_eq!(names.len(), ProviderRefusal::ALL.len());
    assert!(ProviderRefusal::ALL.iter().all(|it| it.to_string().len() > 20));
}
