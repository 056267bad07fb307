//! Groups and grants: by whom what can be done, with what it asks for, and how soon it is taken back.

use std::time::Duration;

use countersign_audit::Detail;
use countersign_model::{
    Action, Actor, ChangeKind, GrantConditions, GrantPermissions, GroupName, Level, Purpose, Reason, Role, SiteAddress,
    Tag, Ticket, Timestamp, Weekday, WeeklyHours,
};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    ChangeRequest, Conflict, CredentialListRequest, CredentialView, Error, FieldEdit, GrantDetails, GrantDraft,
    GrantListRequest, GroupRef, GroupView, HolderRef, Patch, SessionRequest, TargetRef, TokenRequest,
};

use crate::fixture::{TestVault, by_id, new_credential, open_plain};

const SEE: GrantPermissions = GrantPermissions::SEE;
const TOKEN: GrantPermissions = GrantPermissions { token: true, ..SEE };

fn on(credential: &CredentialView) -> TargetRef {
    TargetRef::Credential(by_id(credential))
}

fn tag(text: &str) -> TargetRef {
    TargetRef::Tag(Tag::parse(text).unwrap())
}

fn none() -> GrantConditions {
    GrantConditions::default()
}

fn to(actor: &Actor) -> HolderRef {
    HolderRef::User(actor.user)
}

fn within(group: &GroupView) -> HolderRef {
    HolderRef::Group(GroupRef::Id(group.id))
}

/// The same with what they say it is for.
fn because(actor: &Actor, reason: Option<&str>, ticket: Option<&str>) -> Actor {
    let purpose = Purpose {
        reason: reason.map(|text| Reason::parse(text).unwrap()),
        ticket: ticket.map(|text| Ticket::parse(text).unwrap()),
        fills_at: None,
    };
    Actor { purpose, ..actor.clone() }
}

impl TestVault {
    async fn give(
        &self,
        holder: HolderRef,
        target: TargetRef,
        permissions: GrantPermissions,
        conditions: GrantConditions,
    ) -> GrantDetails {
        let draft = GrantDraft { holder, target, permissions, conditions, approval: None };
        self.vault.create_grant(&self.admin, draft).await.unwrap()
    }

    async fn group_of(&self, name: &str, members: &[HolderRef]) -> GroupView {
        let group = self.vault.create_group(&self.admin, &GroupName::parse(name).unwrap()).await.unwrap();
        let wanted = GroupRef::Id(group.id);
        for member in members {
            self.vault.add_group_member(&self.admin, &wanted, member).await.unwrap();
        }
        self.vault.group(&self.admin, &wanted).await.unwrap()
    }

    async fn names(&self, actor: &Actor) -> Vec<String> {
        let page = self.vault.list_credentials(actor, &CredentialListRequest::default()).await.unwrap();
        assert_eq!(page.total, Some(page.items.len() as u64), "what is counted is what is shown");
        page.items.into_iter().map(|item| item.name.to_string()).collect()
    }

    async fn newest(&self, act: &str) -> countersign_audit::AuditEntry {
        let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
        let paging = countersign_model::Paging::first(1);
        self.vault.audit_records(&self.admin, &filter, &paging).await.unwrap().items.remove(0).entry
    }
}

/// The conditions that are missing, by name.
fn unmet<T>(result: Result<T, Error>) -> Vec<&'static str> {
    match result {
        Err(Error::Denied(denied)) => denied.unmet.iter().map(|one| one.name()).collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("was allowed"),
    }
}

async fn try_each(fixture: &TestVault, who: &Actor, credential: &CredentialView) -> Vec<&'static str> {
    let wanted = by_id(credential);
    let vault = &fixture.vault;
    let mut may = Vec::new();
    let mut note = |name, result: Result<(), Error>| match result {
        Ok(()) => may.push(name),
        Err(Error::Denied(_)) => {}
        Err(other) => panic!("{name}: {other}"),
    };
    note("see", vault.credential(who, &wanted).await.map(drop));
    note("token", vault.token(who, &wanted, &TokenRequest::default()).await.map(drop));
    note("reveal", vault.reveal(who, &wanted, None, None).await.map(drop));
    let notes = countersign_model::Notes::parse("edited").unwrap();
    note("edit", vault.edit_credential(who, &wanted, Patch { notes: Some(notes), ..Patch::default() }).await.map(drop));
    let list = GrantListRequest { on: Some(wanted.clone()), ..GrantListRequest::default() };
    note("share", vault.list_grants(who, &list).await.map(drop));
    let filter = RecordFilter { object: Some(credential.id.uuid()), ..RecordFilter::default() };
    note("audit", vault.audit_records(who, &filter, &countersign_model::Paging::default()).await.map(drop));
    let change = vault.ask_change(who, &wanted, &ChangeRequest { kind: ChangeKind::Change, reason: None }).await;
    if let Ok(change) = &change {
        vault.cancel_change(who, change.id).await.unwrap();
    }
    note("change", change.map(drop));
    let session = vault.start_session(who, &wanted, &SessionRequest::default()).await;
    if let Ok(session) = &session {
        vault.end_session(who, session.id).await.unwrap();
    }
    note("session", session.map(drop));
    may
}

both_engines! {
    async fn promise_6_each_permission_alone_suffices_and_without_it_the_act_is_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let level = |level| GrantPermissions { session: Some(level), ..SEE };
        for (permissions, allowed) in [
            (SEE, &["see"][..]),
            (TOKEN, &["see", "token"]),
            (GrantPermissions { reveal: true, ..SEE }, &["see", "reveal"]),
            (GrantPermissions { edit: true, ..SEE }, &["see", "edit"]),
            (GrantPermissions { share: true, ..SEE }, &["see", "share"]),
            (GrantPermissions { audit: true, ..SEE }, &["see", "audit"]),
            (GrantPermissions { change: true, ..SEE }, &["see", "change"]),
            (level(Level::View), &["see"]),
            (level(Level::Interact), &["see", "session"]),
            (GrantPermissions::ALL, &["see", "token", "reveal", "edit", "share", "audit", "change", "session"]),
        ] {
            let credential = fixture.credential("Instagram").await;
            let given = fixture.give(to(&bob), on(&credential), permissions, none()).await;
            assert_eq!(try_each(&fixture, &bob, &credential).await, allowed, "{permissions:?}");
            fixture.vault.remove_grant(&fixture.admin, given.grant.id).await.unwrap();
            assert!(matches!(fixture.vault.credential(&bob, &by_id(&credential)).await, Err(Error::NotFound(_))));
            fixture.vault.remove_credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        }
    }

    async fn promise_6_what_comes_by_groups_is_taken_back_on_every_server(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let credential = fixture.credential("Instagram").await;
        let interns = fixture.group_of("interns", &[to(&ana)]).await;
        let staff = fixture.group_of("staff", &[within(&interns), to(&bob)]).await;
        assert_eq!((staff.people, staff.members.len()), (2, 2));
        let given = fixture.give(within(&staff), on(&credential), TOKEN, none()).await;
        let other = open_plain(database, &fixture.folder, &fixture.clock).await;
        let token = async |who: &Actor| {
            let ask = TokenRequest::default();
            let here = fixture.vault.token(who, &by_id(&credential), &ask).await.map(drop);
            let there = other.token(who, &by_id(&credential), &ask).await.map(drop);
            assert_eq!(here.is_ok(), there.is_ok());
            here.is_ok()
        };
        // Twice: the second time from memory.
        assert!(token(&ana).await && token(&ana).await && token(&bob).await);
        assert_eq!(fixture.newest("token.read").await.details["grant"], Detail::Text(given.grant.id.to_string()));
        fixture.vault.remove_group_member(&fixture.admin, &GroupRef::Id(interns.id), &to(&ana)).await.unwrap();
        assert!(!token(&ana).await && token(&bob).await);
        fixture.vault.add_group_member(&fixture.admin, &GroupRef::Name("INTERNS".to_owned()), &to(&ana)).await.unwrap();
        assert!(token(&ana).await);
        fixture.vault.remove_group_member(&fixture.admin, &GroupRef::Id(staff.id), &within(&interns)).await.unwrap();
        assert!(!token(&ana).await);
        fixture.vault.add_group_member(&fixture.admin, &GroupRef::Id(staff.id), &within(&interns)).await.unwrap();
        assert!(token(&ana).await);
        fixture.vault.remove_group(&fixture.admin, &GroupRef::Id(interns.id)).await.unwrap();
        assert!(!token(&ana).await && token(&bob).await);
        let see = GrantDraft { holder: within(&staff), target: on(&credential), permissions: SEE, conditions: none(), approval: None };
        fixture.vault.edit_grant(&fixture.admin, given.grant.id, see).await.unwrap();
        assert!(!token(&bob).await);
        fixture.vault.remove_person(&fixture.admin, bob.user).await.unwrap();
        assert_eq!(fixture.vault.group(&fixture.admin, &GroupRef::Id(staff.id)).await.unwrap().people, 0);
    }

    async fn lists_hold_what_comes_by_groups_tags_and_sites(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let make = async |name: &str, tags: &[&str], site: &str| {
            let tags = tags.iter().map(|tag| Tag::parse(tag).unwrap()).collect();
            let new = countersign_vault::NewCredential {
                tags, site: Some(SiteAddress::parse(site).unwrap()), ..new_credential(name)
            };
            fixture.vault.create_credential(&fixture.admin, new).await.unwrap().0
        };
        let portal = make("Portal", &["prod"], "https://login.example.org:8443/in").await;
        make("Instagram", &["social", "prod"], "https://instagram.example/").await;
        make("Router", &[], "http://[::1]:8080/").await;
        let staff = fixture.group_of("staff", &[to(&ana)]).await;
        assert!(fixture.names(&ana).await.is_empty());
        fixture.give(within(&staff), tag("social"), SEE, none()).await;
        assert_eq!(fixture.names(&ana).await, ["Instagram"]);
        let site = |host: &str| TargetRef::Site(host.parse().unwrap());
        fixture.give(within(&staff), site("login.example.org"), TOKEN, none()).await;
        fixture.give(to(&ana), site("[::1]"), SEE, none()).await;
        assert_eq!(fixture.names(&ana).await, ["Instagram", "Portal", "Router"]);
        assert_eq!(fixture.vault.tags(&ana).await.unwrap(), [("prod".to_owned(), 2), ("social".to_owned(), 1)]);
        assert!(fixture.names(&bob).await.is_empty() && fixture.vault.tags(&bob).await.unwrap().is_empty());
        let search = CredentialListRequest { tag: Some("prod".to_owned()), ..CredentialListRequest::default() };
        assert_eq!(fixture.vault.list_credentials(&ana, &search).await.unwrap().items.len(), 2);
        let may = |name: &str, page: &[CredentialView]| page.iter().find(|item| item.name.as_str() == name).unwrap().may;
        let page = fixture.vault.list_credentials(&ana, &CredentialListRequest::default()).await.unwrap().items;
        assert!(may("Portal", &page).token && !may("Instagram", &page).token && !may("Router", &page).token);

        // A change of what they may see shows too, and goes with the site.
        let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
        fixture.vault.ask_change(&fixture.admin, &by_id(&portal), &ask).await.unwrap();
        assert_eq!(fixture.vault.list_changes(&ana, &Default::default()).await.unwrap().items.len(), 1);
        assert!(fixture.vault.list_changes(&bob, &Default::default()).await.unwrap().items.is_empty());
        let elsewhere = FieldEdit::Set(SiteAddress::parse("https://example.net/").unwrap());
        let patch = Patch { site: elsewhere, ..Patch::default() };
        fixture.vault.edit_credential(&fixture.signed_in("root").await, &by_id(&portal), patch).await.unwrap();
        assert_eq!(fixture.names(&ana).await, ["Instagram", "Router"]);
        assert!(fixture.vault.list_changes(&ana, &Default::default()).await.unwrap().items.is_empty());
        let patch = Patch { tags: Some(vec![Tag::parse("social").unwrap()]), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&portal), patch).await.unwrap();
        assert_eq!(fixture.names(&ana).await, ["Instagram", "Portal", "Router"]);

        // From its beginning to its end, without anything being written meanwhile.
        let later = fixture.now().plus(Duration::from_secs(60));
        let conditions = GrantConditions { from: Some(later), until: Some(later.plus(Duration::from_secs(60))), ..none() };
        fixture.give(to(&bob), tag("social"), TOKEN, conditions).await;
        assert!(fixture.names(&bob).await.is_empty());
        fixture.advance(60);
        assert_eq!(fixture.names(&bob).await, ["Instagram", "Portal"]);
        fixture.token(&bob, &portal).await.unwrap();
        fixture.advance(60);
        assert!(fixture.names(&bob).await.is_empty());
        assert!(matches!(fixture.vault.token(&bob, &by_id(&portal), &TokenRequest::default()).await, Err(Error::NotFound(_))));
    }

    async fn conditions_are_compared_at_each_read_also_from_memory(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let credential = fixture.credential("Instagram").await;
        let wanted = by_id(&credential);
        let read = async |who: &Actor| fixture.vault.token(who, &wanted, &TokenRequest::default()).await;
        let inside = Actor { address: "10.1.2.3".parse().ok(), ..bob.clone() };
        let networks = vec!["10.0.0.0/8".parse().unwrap()];
        let given = fixture.give(to(&bob), on(&credential), TOKEN, GrantConditions { networks, ..none() }).await;
        read(&inside).await.unwrap();
        assert_eq!(unmet(read(&Actor { address: "192.0.2.1".parse().ok(), ..bob.clone() }).await), ["networks"]);
        assert_eq!(unmet(read(&bob).await), ["networks"]);
        assert!(fixture.vault.credential(&bob, &wanted).await.unwrap().may.token, "what is missing is said when it is tried");
        read(&inside).await.unwrap();
        let set = async |conditions: GrantConditions| {
            let draft = GrantDraft { holder: to(&bob), target: on(&credential), permissions: TOKEN, conditions, approval: None };
            fixture.vault.edit_grant(&fixture.admin, given.grant.id, draft).await.unwrap();
        };

        set(GrantConditions { reason: true, ticket: Some("OPS-[0-9]+".parse().unwrap()), ..none() }).await;
        assert_eq!(unmet(read(&bob).await), ["reason", "ticket"]);
        assert_eq!(unmet(read(&because(&bob, Some("a fix"), Some("CHG-1"))).await), ["ticket"]);
        read(&because(&bob, Some("a fix"), Some("OPS-17"))).await.unwrap();
        let record = fixture.newest("token.read").await;
        assert_eq!((record.reason.as_deref(), &record.details["ticket"]), (Some("a fix"), &Detail::Text("OPS-17".to_owned())));
        let ask = TokenRequest { reason: Some(Reason::parse("posting").unwrap()), ..TokenRequest::default() };
        fixture.vault.token(&because(&bob, None, Some("OPS-18")), &wanted, &ask).await.unwrap();
        assert_eq!(fixture.newest("token.read").await.reason.as_deref(), Some("posting"));
        assert_eq!(fixture.newest("token.denied").await.details["ticket"], Detail::Text("CHG-1".to_owned()));

        set(GrantConditions { signed_in_minutes: Some(10), ..none() }).await;
        read(&bob).await.unwrap();
        fixture.advance(601);
        assert_eq!(unmet(read(&bob).await), ["signed_in_minutes"]);
        read(&fixture.signed_in("bob").await).await.unwrap();
        let program = fixture.api_token(&fixture.signed_in("bob").await, None).await;
        let program = fixture.vault.recognise(&program).await.unwrap().actor;
        assert_eq!(unmet(read(&program).await), ["signed_in_minutes"], "no token shows a password");

        // 2005-03-18, a Friday, 01:58 in UTC.
        fixture.clock.set(Timestamp::from_seconds(1_111_111_109));
        let bob = fixture.signed_in("bob").await;
        let (from, to, zone) = ("02:00".parse().unwrap(), "03:00".parse().unwrap(), "UTC".parse().unwrap());
        set(GrantConditions { hours: Some(WeeklyHours { days: vec![Weekday::Fri], from, to, zone }), ..none() }).await;
        assert_eq!(unmet(read(&bob).await), ["hours"]);
        fixture.advance(120);
        read(&bob).await.unwrap();
        fixture.advance(3_600);
        assert_eq!(unmet(read(&bob).await), ["hours"]);
    }

    async fn what_is_under_way_keeps_to_hours_and_networks(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let credential = fixture.credential("Instagram").await;
        let wanted = by_id(&credential);
        let permissions = GrantPermissions { session: Some(Level::Interact), change: true, ..SEE };
        let networks = vec!["10.0.0.0/8".parse().unwrap()];
        for who in [&ana, &bob] {
            let conditions = GrantConditions { reason: true, signed_in_minutes: Some(5), networks: networks.clone(), ..none() };
            fixture.give(to(who), on(&credential), permissions, conditions).await;
        }
        let inside = |who: &Actor| Actor { address: "10.0.0.1".parse().ok(), ..who.clone() };
        let start = async |who: &Actor| {
            let reason = who.purpose.reason.clone();
            fixture.vault.start_session(who, &wanted, &SessionRequest { reason }).await
        };
        assert_eq!(unmet(start(&bob).await), ["reason", "networks"]);
        let id = start(&because(&inside(&bob), Some("a post"), None)).await.unwrap().id;
        fixture.advance(600);
        assert_eq!(fixture.vault.session_seat(&inside(&bob), id).await.unwrap().level, Level::Interact);
        assert!(matches!(fixture.vault.session_seat(&bob, id).await, Err(Error::Denied(_))), "from another network");
        // Somebody else's session asks for everything again.
        assert!(matches!(fixture.vault.session(&inside(&ana), id).await, Err(Error::NotFound(_))));
        let ana = because(&inside(&fixture.signed_in("ana").await), Some("to help"), None);
        assert_eq!(fixture.vault.session(&ana, id).await.unwrap().may.join, Some(Level::Interact));
        fixture.vault.end_session(&inside(&bob), id).await.unwrap();

        let bob = inside(&fixture.signed_in("bob").await);
        let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
        assert_eq!(unmet(fixture.vault.ask_change(&bob, &wanted, &ask).await), ["reason"]);
        let ask = ChangeRequest { reason: Some(Reason::parse("rotation").unwrap()), ..ask };
        let change = fixture.vault.ask_change(&bob, &wanted, &ask).await.unwrap();
        let other = inside(&fixture.signed_in("ana").await);
        assert_eq!(unmet(fixture.vault.cancel_change(&other, change.id).await), ["reason"]);
        fixture.vault.cancel_change(&bob, change.id).await.unwrap();
    }

    async fn groups_are_named_once_and_never_hold_themselves(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let staff = fixture.group_of("Staff", &[]).await;
        let inner = fixture.group_of("Interns", &[]).await;
        let add = async |into: &GroupView, member: &HolderRef| {
            fixture.vault.add_group_member(&fixture.admin, &GroupRef::Id(into.id), member).await
        };
        add(&staff, &within(&inner)).await.unwrap();
        for (into, member) in [(&staff, &staff), (&inner, &staff)] {
            let error = add(into, &within(member)).await.unwrap_err();
            assert!(matches!(error, Error::Conflict(Conflict::GroupCycle(_))), "{error}");
            assert!(error.to_string().starts_with("a group cannot hold itself"), "{error}");
        }
        let taken = fixture.vault.create_group(&fixture.admin, &GroupName::parse("STAFF").unwrap()).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        let name = GroupName::parse("staff").unwrap();
        let renamed = fixture.vault.rename_group(&fixture.admin, &GroupRef::Id(staff.id), &name).await.unwrap();
        assert_eq!(renamed.name.as_str(), "staff");
        let taken = fixture.vault.rename_group(&fixture.admin, &GroupRef::Id(inner.id), &name).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        // Twice is once.
        add(&inner, &HolderRef::UserName("BOB".to_owned())).await.unwrap();
        let there = add(&inner, &to(&bob)).await.unwrap();
        assert_eq!(there.members.len(), 1);
        assert_eq!(fixture.newest("group.member_added").await.details["user"], Detail::Text("bob".to_owned()));
        let gone = fixture.vault.remove_group_member(&fixture.admin, &GroupRef::Id(staff.id), &to(&bob)).await;
        assert!(matches!(gone, Err(Error::NotFound(_))), "he is not directly in it");
        for role in [Role::Member, Role::Auditor] {
            let who = fixture.person(role.name(), role).await;
            assert!(matches!(fixture.vault.create_group(&who, &GroupName::parse("x").unwrap()).await, Err(Error::Denied(_))));
            let group = GroupRef::Id(staff.id);
            assert!(matches!(fixture.vault.remove_group(&who, &group).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.add_group_member(&who, &group, &to(&bob)).await, Err(Error::Denied(_))));
            assert_eq!(fixture.vault.groups(&who).await.is_ok(), role == Role::Auditor);
        }
        let manager = fixture.person("max", Role::Manager).await;
        fixture.vault.remove_group(&manager, &GroupRef::Id(inner.id)).await.unwrap();
        assert_eq!(fixture.vault.groups(&manager).await.unwrap().len(), 1);
        assert!(fixture.complaints().await.is_empty());
    }

    async fn who_shares_gives_no_more_than_they_have(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let credential = fixture.credential("Instagram").await;
        let sharer = GrantPermissions { token: true, share: true, ..SEE };
        let until = Some(fixture.now().plus(Duration::from_secs(3_600)));
        let own = fixture.give(to(&ana), on(&credential), sharer, GrantConditions { until, ..none() }).await;
        let share = async |target: TargetRef, permissions: GrantPermissions, conditions: GrantConditions| {
            let draft = GrantDraft { holder: to(&bob), target, permissions, conditions, approval: None };
            fixture.vault.create_grant(&ana, draft).await
        };
        let bounded = || GrantConditions { until, ..none() };
        for beyond in [GrantPermissions { reveal: true, ..SEE }, GrantPermissions { edit: true, ..TOKEN }] {
            assert!(matches!(share(on(&credential), beyond, bounded()).await, Err(Error::Invalid(_))));
        }
        assert!(matches!(share(on(&credential), TOKEN, none()).await, Err(Error::Invalid(_))), "for longer than their own");
        assert!(matches!(share(tag("social"), TOKEN, bounded()).await, Err(Error::Denied(_))));
        let given = share(on(&credential), TOKEN, bounded()).await.unwrap();
        fixture.token(&bob, &credential).await.unwrap();
        // What somebody else gave, and is more than theirs, they do not touch.
        let wider = fixture.give(to(&bob), on(&credential), GrantPermissions::ALL, none()).await;
        assert!(matches!(fixture.vault.remove_grant(&ana, wider.grant.id).await, Err(Error::Invalid(_))));
        assert!(matches!(fixture.vault.set_grants(&ana, &by_id(&credential), &[]).await, Err(Error::Invalid(_))));
        fixture.vault.remove_grant(&ana, given.grant.id).await.unwrap();
        assert!(matches!(fixture.vault.remove_grant(&bob, wider.grant.id).await, Ok(())), "whoever has all may give all back");
        fixture.vault.remove_grant(&fixture.admin, own.grant.id).await.unwrap();
        assert!(matches!(share(on(&credential), TOKEN, bounded()).await, Err(Error::NotFound(_))));
    }

    async fn tags_and_sites_are_moved_by_who_may_grant(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ana = fixture.person("ana", Role::Member).await;
        let credential = fixture.credential("Instagram").await;
        let reveal = GrantPermissions { reveal: true, ..SEE };
        fixture.give(to(&ana), tag("prod"), reveal, none()).await;
        let given = fixture.give(to(&ana), on(&credential), GrantPermissions { edit: true, ..SEE }, none()).await;
        let retag = || Patch { tags: Some(vec![Tag::parse("prod").unwrap()]), ..Patch::default() };
        let move_site = || Patch {
            site: FieldEdit::Set(SiteAddress::parse("https://evil.example/").unwrap()), ..Patch::default()
        };
        let edit = async |patch: Patch| fixture.vault.edit_credential(&ana, &by_id(&credential), patch).await.map(drop);
        let refused = |result: Result<(), Error>, act: Action| match result {
            Err(Error::Denied(denied)) => assert_eq!(denied.act, act),
            other => panic!("{other:?}"),
        };
        refused(edit(retag()).await, Action::GrantCredential);
        refused(edit(move_site()).await, Action::GrantCredential);
        let same = Patch { tags: Some(vec![Tag::parse("social").unwrap()]), ..Patch::default() };
        edit(same).await.unwrap();
        let widen = async |permissions| {
            let draft = GrantDraft { holder: to(&ana), target: on(&credential), permissions, conditions: none(), approval: None };
            fixture.vault.edit_grant(&fixture.admin, given.grant.id, draft).await.unwrap();
        };
        widen(GrantPermissions { edit: true, share: true, ..SEE }).await;
        refused(edit(move_site()).await, Action::Reveal);
        widen(GrantPermissions { edit: true, share: true, reveal: true, ..SEE }).await;
        edit(move_site()).await.unwrap();
        // A token that was not made to manage moves tags by which nothing is granted, and no others.
        let new = countersign_vault::NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: None, admin: false };
        let root = fixture.signed_in("root").await;
        let program = fixture.vault.create_api_token(&root, &new).await.unwrap().1;
        let program = fixture.vault.recognise(&program).await.unwrap().actor;
        let moved = fixture.vault.edit_credential(&program, &by_id(&credential), retag()).await;
        assert!(matches!(moved, Err(Error::TooShort(_))), "{moved:?}");
        let other = Patch { tags: Some(vec![Tag::parse("other").unwrap()]), ..Patch::default() };
        fixture.vault.edit_credential(&program, &by_id(&credential), other).await.unwrap();
    }

    async fn it_is_told_who_may_do_what_and_what_a_grant_would_change(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let eve = fixture.person("eve", Role::Auditor).await;
        let credential = fixture.credential("Instagram").await;
        fixture.credential("Facebook").await;
        let wanted = by_id(&credential);
        let staff = fixture.group_of("staff", &[to(&ana), to(&bob), to(&eve)]).await;
        let reason = GrantConditions { reason: true, ..none() };
        let by_group = fixture.give(within(&staff), on(&credential), TOKEN, reason.clone()).await;
        fixture.give(to(&bob), on(&credential), GrantPermissions { reveal: true, ..SEE }, none()).await;
        let ended = GrantConditions { until: Some(fixture.now()), ..none() };
        fixture.give(to(&ana), on(&credential), GrantPermissions::ALL, ended).await;
        let who = fixture.vault.who(&eve, &wanted).await.unwrap();
        let line = |name: &str| who.iter().find(|one| one.name == name).unwrap();
        assert_eq!(who.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["ana", "bob", "eve", "root"]);
        assert_eq!((line("ana").permissions, line("ana").grants.len()), (TOKEN, 1));
        assert_eq!(line("ana").grants[0].holder.name, "staff");
        assert_eq!(line("bob").permissions, GrantPermissions { reveal: true, ..TOKEN });
        assert!(line("root").by_role && line("root").permissions.reveal && line("root").grants.is_empty());
        assert!(line("eve").by_role && !line("eve").permissions.token, "a grant makes no auditor a user");
        assert!(matches!(fixture.vault.who(&bob, &wanted).await, Err(Error::Denied(_))));

        let draft = |permissions, conditions| GrantDraft { holder: within(&staff), target: tag("social"), permissions, conditions, approval: None };
        let preview = async |draft: GrantDraft, replaces| {
            let found = fixture.vault.preview_grant(&fixture.admin, draft, replaces).await.unwrap();
            let people = found.access.people.into_iter().map(|one| (one.name, one.gains, one.loses)).collect::<Vec<_>>();
            (found.credentials, people)
        };
        // Facebook is seen, and on Instagram the reason is not needed any more.
        let gains = |name: &str, gains: &[&'static str]| (name.to_owned(), gains.to_vec(), vec![]);
        let (credentials, people) = preview(draft(TOKEN, none()), None).await;
        assert_eq!((credentials, people), (2, vec![gains("ana", &["see", "token"]), gains("bob", &["see", "token"])]));
        // In the place of the one on Instagram, that one is gone.
        let see = GrantDraft { target: on(&credential), ..draft(SEE, none()) };
        let (_, people) = preview(see, Some(by_group.grant.id)).await;
        assert_eq!(people[1], ("bob".to_owned(), vec![], vec!["token"]));
        assert_eq!(people[0].2, ["token"]);
        let same = GrantDraft { target: on(&credential), ..draft(TOKEN, reason) };
        assert_eq!(preview(same, Some(by_group.grant.id)).await, (1, vec![]));
        assert_eq!(fixture.vault.list_grants(&fixture.admin, &Default::default()).await.unwrap().items.len(), 3, "nothing was made");
        let mine = GrantListRequest { holder: Some(to(&bob)), ..GrantListRequest::default() };
        assert_eq!(fixture.vault.list_grants(&eve, &mine).await.unwrap().items.len(), 1);
        assert!(matches!(fixture.vault.list_grants(&bob, &mine).await, Err(Error::Denied(_))));
    }
}
