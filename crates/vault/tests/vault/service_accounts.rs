//! Service accounts: what they are given, by which secrets they come in, and how soon they are out.

use std::net::IpAddr;

use countersign_audit::{AuditActorKind, AuditEntry};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{
    Actor, ChangeKind, GrantConditions, GrantPermissions, GroupName, Network, Role, ServiceDescription, Tag, Unmet,
    UserName,
};
use countersign_store::{args, audit::RecordFilter, both_engines, engine::Statement, statements};
use countersign_vault::{
    ChangeRequest, ClientTokenRequest, Conflict, CredentialListRequest, Error, GrantDraft, GroupRef, HolderRef,
    IssueError, IssuedToken, NewApiToken, NewServiceAccount, PersonEdit, ServiceAccountEdit, ServiceAccountView,
    SignInRequest, Source, TargetRef,
};

use crate::fixture::{PASSWORD, TestVault, by_id, open_plain, secret};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));
const ALL: GrantPermissions = GrantPermissions { transfer: false, ..GrantPermissions::ALL };

pub(crate) fn new_account(name: &str) -> NewServiceAccount {
    NewServiceAccount {
        name: UserName::parse(name).unwrap(),
        description: ServiceDescription::parse("deploys the site").unwrap(),
        owner: None,
        scope: None,
        networks: Vec::new(),
        expires_in_days: None,
    }
}

struct Machine {
    account: ServiceAccountView,
    secret: Bearer,
}

impl TestVault {
    async fn machine(&self, new: NewServiceAccount) -> Machine {
        let (account, secret) = self.vault.create_service_account(&self.admin, new).await.unwrap();
        Machine { account, secret }
    }

    async fn issue(
        &self,
        machine: &Machine,
        scope: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<IssuedToken, IssueError> {
        let client_id = machine.account.id.to_string();
        let secret = secret(machine.secret.expose());
        let ask = ClientTokenRequest { client_id: &client_id, secret, scope, address };
        self.vault.issue_access_token(ask).await
    }

    async fn machine_actor(&self, machine: &Machine, scope: Option<&str>) -> Actor {
        let issued = self.issue(machine, scope, None).await.unwrap_or_else(|error| panic!("{error}"));
        self.vault.recognise(&issued.token).await.unwrap().actor
    }

    async fn give_to(&self, machine: &Machine, target: TargetRef, permissions: GrantPermissions) {
        let holder = HolderRef::User(machine.account.id);
        let draft = GrantDraft { holder, target, permissions, conditions: GrantConditions::default(), approval: None };
        self.vault.create_grant(&self.admin, draft).await.unwrap();
    }

    async fn last(&self, act: &str) -> AuditEntry {
        let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
        let paging = countersign_model::Paging::first(1);
        self.vault.audit_records(&self.admin, &filter, &paging).await.unwrap().items.remove(0).entry
    }

    async fn names_for(&self, actor: &Actor) -> Vec<String> {
        let page = self.vault.list_credentials(actor, &CredentialListRequest::default()).await.unwrap();
        page.items.into_iter().map(|item| item.name.to_string()).collect()
    }
}

fn scope_denied<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Denied(denied)) if denied.unmet == [Unmet::Scope])
}

fn wrong(result: &Result<IssuedToken, IssueError>) -> bool {
    matches!(result, Err(IssueError::InvalidClient))
}

both_engines! {
    async fn promise_6_a_machine_has_what_it_was_granted_and_no_more(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let machine = fixture.machine(new_account("deploy")).await;
        assert_eq!(machine.secret.kind(), BearerKind::ClientSecret);
        let actor = fixture.machine_actor(&machine, None).await;
        assert_eq!((actor.name.as_str(), actor.role), ("deploy", Role::Member));
        assert!(matches!(fixture.vault.credential(&actor, &by_id(&credential)).await, Err(Error::NotFound(_))));
        assert!(fixture.names_for(&actor).await.is_empty());

        fixture.give_to(&machine, TargetRef::Tag(Tag::parse("social").unwrap()), ALL).await;
        assert_eq!(fixture.token(&actor, &credential).await.unwrap(), "07081804");
        assert_eq!(fixture.names_for(&actor).await, ["Instagram"]);
        let read = fixture.last("token.read").await;
        assert_eq!((read.actor.kind, read.actor.name.as_str()), (AuditActorKind::ServiceAccount, "deploy"));
        assert_eq!(read.actor.id, Some(machine.account.id.uuid()));
        // What changes nothing is what it has where nobody says more.
        fixture.vault.reveal(&actor, &by_id(&credential), None, None).await.unwrap();
        let change = ChangeRequest { kind: ChangeKind::Change, reason: None };
        assert!(scope_denied(fixture.vault.ask_change(&actor, &by_id(&credential), &change).await));
        let who = fixture.vault.who(&fixture.admin, &by_id(&credential)).await.unwrap();
        let shown = who.iter().find(|one| one.name == "deploy").unwrap();
        assert!(shown.service_account && shown.permissions.token && !shown.permissions.change, "{shown:?}");
        assert!(who.iter().all(|one| one.name == "deploy" || !one.service_account));
        // By a group as people do.
        let other = fixture.machine(new_account("backup")).await;
        let group = fixture.vault.create_group(&fixture.admin, &GroupName::parse("Robots").unwrap()).await.unwrap();
        fixture.vault.add_group_member(&fixture.admin, &GroupRef::Id(group.id), &HolderRef::User(other.account.id)).await.unwrap();
        let holder = HolderRef::Group(GroupRef::Id(group.id));
        let target = TargetRef::Credential(by_id(&credential));
        let draft = GrantDraft { holder, target, permissions: ALL, conditions: GrantConditions::default(), approval: None };
        fixture.vault.create_grant(&fixture.admin, draft).await.unwrap();
        let other = fixture.machine_actor(&other, Some("token")).await;
        assert!(fixture.token(&other, &credential).await.is_ok());
    }

    async fn a_token_is_narrowed_to_its_scope(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (one, other) = (fixture.credential("Instagram").await, fixture.credential("My Bank").await);
        let machine = fixture.machine(new_account("deploy")).await;
        for credential in [&one, &other] {
            fixture.give_to(&machine, TargetRef::Credential(by_id(credential)), ALL).await;
        }
        let issued = fixture.issue(&machine, Some("token credential:My%20Bank"), None).await.unwrap();
        assert_eq!((issued.scope.as_str(), issued.expires_in.as_secs()), ("token credential:My%20Bank", 600));
        let actor = fixture.vault.recognise(&issued.token).await.unwrap().actor;
        assert!(fixture.token(&actor, &other).await.is_ok());
        assert!(scope_denied(fixture.vault.reveal(&actor, &by_id(&other), None, None).await));
        assert!(matches!(fixture.vault.credential(&actor, &by_id(&one)).await, Err(Error::NotFound(_))));
        assert!(fixture.token(&actor, &one).await.is_err());
        assert_eq!(fixture.names_for(&actor).await, ["My Bank"]);
        let tags = fixture.vault.tags(&actor).await.unwrap();
        assert_eq!(tags, [("social".to_owned(), 1)], "no word of what it may not see");
        // By tag, and everything that it may ask for.
        assert_eq!(fixture.issue(&machine, Some("tag:social"), None).await.unwrap().scope, "see token reveal audit tag:social");
        assert_eq!(fixture.issue(&machine, Some(""), None).await.unwrap().scope, "see token reveal audit");
        for beyond in ["change", "token credential:Unknown", "nonsense", "see token tag:"] {
            assert!(matches!(fixture.issue(&machine, Some(beyond), None).await, Err(IssueError::InvalidScope(_))), "{beyond}");
        }
        // What the account loses its tokens lose.
        let edit = ServiceAccountEdit { scope: Some("see token credential:Instagram".to_owned()), ..Default::default() };
        let edited = fixture.vault.edit_service_account(&fixture.admin, machine.account.id, edit).await.unwrap();
        assert_eq!(edited.scope, "see token credential:Instagram");
        assert!(fixture.token(&actor, &other).await.is_err());
        assert!(matches!(fixture.vault.recognise(&issued.token).await, Err(Error::NotSignedIn)));
        assert!(matches!(fixture.issue(&machine, Some("tag:social"), None).await, Err(IssueError::InvalidScope(_))));
        assert_eq!(fixture.issue(&machine, None, None).await.unwrap().scope, "see token credential:Instagram");
        for wrong in ["", "credential:Instagram", "see credential:Gone", "all"] {
            let edit = ServiceAccountEdit { scope: Some(wrong.to_owned()), ..Default::default() };
            let refused = fixture.vault.edit_service_account(&fixture.admin, machine.account.id, edit).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{wrong}");
        }
    }

    async fn promise_6_what_it_may_is_told_as_its_token_is_narrowed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let shop = fixture.credential("Shop").await;
        let machine = fixture.machine(NewServiceAccount { scope: Some("see token reveal change audit".to_owned()), ..new_account("deploy") }).await;
        fixture.give_to(&machine, TargetRef::Credential(by_id(&shop)), ALL).await;
        type Row = (&'static str, [bool; 4]);
        let table: [Row; 5] = [
            ("see", [false, false, false, false]),
            ("see token", [true, false, false, false]),
            ("see reveal", [false, true, false, false]),
            ("see change", [false, false, true, false]),
            ("see audit", [false, false, false, true]),
        ];
        for (scope, expected) in table {
            let actor = fixture.machine_actor(&machine, Some(scope)).await;
            let may = fixture.vault.credential(&actor, &by_id(&shop)).await.unwrap().may;
            assert_eq!([may.token, may.reveal, may.change, may.audit], expected, "{scope}");
            // And so it is.
            assert_eq!(fixture.token(&actor, &shop).await.is_ok(), expected[0], "{scope}");
            let revealed = fixture.vault.reveal(&actor, &by_id(&shop), None, None).await;
            assert_eq!(revealed.is_ok(), expected[1], "{scope}");
        }
    }

    async fn it_is_out_with_the_next_request(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let elsewhere = open_plain(database, &fixture.folder, &fixture.clock).await;
        let disable = |disabled| ServiceAccountEdit { disabled: Some(disabled), ..Default::default() };
        for way in ["disabled", "removed", "secret", "rotated", "network", "expired", "over"] {
            let machine = fixture.machine(new_account(way)).await;
            fixture.give_to(&machine, TargetRef::Credential(by_id(&credential)), ALL).await;
            let issued = fixture.issue(&machine, None, Some(HERE)).await.unwrap();
            let actor = fixture.vault.recognise_from(&issued.token, Some(HERE)).await.unwrap().actor;
            let other = elsewhere.recognise_from(&issued.token, Some(HERE)).await.unwrap().actor;
            assert!(fixture.token(&actor, &credential).await.is_ok());
            let (admin, id) = (&fixture.admin, machine.account.id);
            match way {
                "disabled" => drop(fixture.vault.edit_service_account(admin, id, disable(true)).await.unwrap()),
                "removed" => fixture.vault.remove_service_account(admin, id).await.unwrap(),
                "secret" => fixture.vault.remove_client_secret(admin, id, machine.account.secrets[0].id).await.unwrap(),
                "rotated" => {
                    fixture.vault.create_client_secret(admin, id, Some(Some(0))).await.unwrap();
                }
                "network" => {
                    let networks = Some(vec!["10.0.0.0/8".parse::<Network>().unwrap()]);
                    let edit = ServiceAccountEdit { networks, ..Default::default() };
                    fixture.vault.edit_service_account(admin, id, edit).await.unwrap();
                }
                "expired" => {
                    let edit = ServiceAccountEdit { expires_at: Some(Some(fixture.now())), ..Default::default() };
                    fixture.vault.edit_service_account(admin, id, edit).await.unwrap();
                }
                _ => fixture.advance(600),
            }
            let out = fixture.token(&actor, &credential).await;
            let again = fixture.issue(&machine, None, Some(HERE)).await;
            // Time alone is looked at when somebody is recognised, which is before each request.
            assert!(way == "over" || out.unwrap_err() == "sign in to continue", "{way}");
            let recognised = fixture.vault.recognise_from(&issued.token, Some(HERE)).await;
            assert!(matches!(recognised, Err(Error::NotSignedIn)), "{way}");
            let kept = elsewhere.token(&other, &by_id(&credential), &Default::default()).await;
            assert!(way == "over" || matches!(kept, Err(Error::NotSignedIn)), "{way}");
            assert_eq!(wrong(&again), way != "over", "{way}");
            // Let in again, it needs another token.
            if way == "disabled" {
                fixture.vault.edit_service_account(admin, id, disable(false)).await.unwrap();
                assert!(fixture.vault.recognise(&issued.token).await.is_err());
                assert!(fixture.issue(&machine, None, None).await.is_ok());
            }
        }
    }

    async fn it_comes_from_its_networks_alone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let networks = vec!["192.0.2.0/24".parse().unwrap()];
        let machine = fixture.machine(NewServiceAccount { networks, ..new_account("deploy") }).await;
        for address in [Some(ELSEWHERE), None] {
            assert!(wrong(&fixture.issue(&machine, None, address).await), "{address:?}");
        }
        let issued = fixture.issue(&machine, None, Some(HERE)).await.unwrap();
        for (address, allowed) in [(Some(HERE), true), (Some(ELSEWHERE), false), (None, false)] {
            assert_eq!(fixture.vault.recognise_from(&issued.token, address).await.is_ok(), allowed, "{address:?}");
        }
        let mapped = Some("::ffff:192.0.2.9".parse().unwrap());
        assert!(fixture.vault.recognise_from(&issued.token, mapped).await.is_ok());
    }

    async fn secrets_overlap_while_they_are_replaced(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let first = fixture.machine(new_account("deploy")).await;
        let id = first.account.id;
        fixture.advance(1);
        let (account, secret) = fixture.vault.create_client_secret(&fixture.admin, id, Some(None)).await.unwrap();
        let second = Machine { account, secret };
        assert!(fixture.issue(&first, None, None).await.is_ok() && fixture.issue(&second, None, None).await.is_ok());
        let shown = fixture.vault.service_account(&fixture.admin, id).await.unwrap();
        assert_eq!(shown.secrets.len(), 2);
        assert!(shown.secrets.iter().all(|secret| secret.last_used_at == Some(fixture.now())));
        assert!(shown.secrets[0].expires_at.is_none() && shown.secrets[1].expires_at.is_some());
        assert!(second.secret.expose().starts_with(&shown.secrets[0].hint) && shown.secrets[0].hint.len() == 9);
        fixture.advance(24 * 3600);
        assert!(wrong(&fixture.issue(&first, None, None).await));
        assert!(fixture.issue(&second, None, None).await.is_ok());
        // Three at the most, and what has ended does not count.
        for _ in 0..2 {
            fixture.vault.create_client_secret(&fixture.admin, id, None).await.unwrap();
        }
        for replaces in [None, Some(Some(1))] {
            let fourth = fixture.vault.create_client_secret(&fixture.admin, id, replaces).await;
            assert!(matches!(fourth, Err(Error::Invalid(_))), "{replaces:?}");
        }
        fixture.vault.create_client_secret(&fixture.admin, id, Some(Some(0))).await.unwrap();
        assert!(wrong(&fixture.issue(&second, None, None).await));
        let too_long = fixture.vault.create_client_secret(&fixture.admin, id, Some(Some(721))).await;
        assert!(matches!(too_long, Err(Error::Invalid(_))));
    }

    async fn whoever_knows_a_client_id_locks_out_nobody_else(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let machine = fixture.machine(new_account("deploy")).await;
        let guess = Bearer::new(BearerKind::ClientSecret, &countersign_seal::SystemChance);
        let wrong_one = Machine { account: machine.account.clone(), secret: guess };
        for _ in 0..4 {
            assert!(wrong(&fixture.issue(&wrong_one, None, Some(ELSEWHERE)).await));
        }
        let fifth = fixture.issue(&wrong_one, None, Some(ELSEWHERE)).await;
        assert!(matches!(fifth, Err(IssueError::TooMany { wait }) if wait.as_secs() == 30));
        let right = fixture.issue(&machine, None, Some(ELSEWHERE)).await;
        assert!(matches!(right, Err(IssueError::TooMany { .. })), "from there nothing is looked at");
        assert!(fixture.issue(&machine, None, Some(HERE)).await.is_ok(), "from elsewhere it is");
        fixture.advance(31);
        assert!(fixture.issue(&machine, None, Some(ELSEWHERE)).await.is_ok());
        let refused = fixture.last("service_account.token_refused").await;
        assert_eq!(refused.actor.kind, AuditActorKind::Nobody);
        assert_eq!(refused.details["wrong"], countersign_audit::Detail::Text("secret".to_owned()));
        assert_eq!(fixture.last("service_account.locked_out").await.details["seconds"], 30.into());
        // A secret of another account, an id that is none, a bearer of another kind.
        let other = fixture.machine(new_account("other")).await;
        let crossed = Machine { account: machine.account.clone(), secret: Bearer::parse(other.secret.expose()).unwrap() };
        assert!(wrong(&fixture.issue(&crossed, None, None).await));
        let ask = |client_id, secret| ClientTokenRequest { client_id, secret, scope: None, address: Some(HERE) };
        let shown = secret(machine.secret.expose());
        assert!(matches!(fixture.vault.issue_access_token(ask("deploy", shown)).await, Err(IssueError::InvalidClient)));
        let issued = fixture.issue(&machine, None, Some(HERE)).await.unwrap();
        let id = machine.account.id.to_string();
        let token = secret(issued.token.expose());
        assert!(matches!(fixture.vault.issue_access_token(ask(&id, token)).await, Err(IssueError::InvalidClient)));
        assert!(fixture.vault.recognise(&machine.secret).await.is_err(), "a secret is no token");
    }

    async fn it_is_nobody(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let machine = fixture.machine(new_account("Deploy")).await;
        let (vault, admin, id) = (&fixture.vault, &fixture.admin, machine.account.id);
        let taken = vault.create_service_account(admin, new_account("deploy")).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        let taken = vault.create_service_account(admin, new_account("root")).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        // Nobody signs in by it, whatever is typed, and it is given no password and no role.
        for typed in ["", PASSWORD, machine.secret.expose()] {
            let ask = SignInRequest { name: "deploy", password: secret(typed), token: None, source: Source::agent("test") };
            assert!(matches!(vault.sign_in(ask).await, Err(Error::SignInFailed)));
        }
        let role = PersonEdit { role: Some(Role::Administrator), ..PersonEdit::default() };
        let password = PersonEdit { password: Some(secret(PASSWORD)), ..PersonEdit::default() };
        for edit in [role, password] {
            let edited = vault.edit_person(admin, id, edit).await;
            assert!(matches!(edited, Err(Error::Conflict(Conflict::ServiceAccount(_)))));
        }
        assert!(matches!(vault.make_person_link(admin, id).await, Err(Error::Conflict(Conflict::ServiceAccount(_)))));
        assert!(matches!(vault.remove_person(admin, id).await, Err(Error::Conflict(Conflict::ServiceAccount(_)))));
        let shown = vault.people(admin).await.unwrap();
        assert_eq!(shown.iter().filter(|person| person.service_account).count(), 1);

        // It has no account of its own, also where it may share.
        let edit = ServiceAccountEdit { scope: Some("see share".to_owned()), ..Default::default() };
        vault.edit_service_account(admin, id, edit).await.unwrap();
        let actor = fixture.machine_actor(&machine, None).await;
        let token = NewApiToken { name: "x".to_owned(), role: None, expires_in_days: None, admin: false };
        assert!(matches!(vault.create_api_token(&actor, &token).await, Err(Error::TooShort(_))));
        assert!(matches!(vault.begin_second_factor(&actor).await, Err(Error::TooShort(_))));
        assert!(matches!(vault.set_own_email(&actor, Some("a@example.org")).await, Err(Error::TooShort(_))));
        assert!(matches!(vault.service_accounts(&actor).await, Err(Error::Denied(_))));
        assert!(matches!(vault.create_service_account(&actor, new_account("child")).await, Err(Error::Denied(_))));
        // Only who manages people makes one.
        let manager = fixture.person("manager", Role::Manager).await;
        assert!(matches!(vault.create_service_account(&manager, new_account("x")).await, Err(Error::Denied(_))));
        assert!(matches!(vault.service_accounts(&manager).await, Err(Error::Denied(_))));
    }

    async fn its_rows_are_marked_and_do_not_come_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let machine = fixture.machine(NewServiceAccount { scope: Some("see".to_owned()), ..new_account("deploy") }).await;
        let id = machine.account.id;
        let issued = fixture.issue(&machine, None, None).await.unwrap();
        let run = async |statement: &Statement| {
            let mut tx = database.write().await.unwrap();
            tx.execute(statement, args![]).await.unwrap();
            tx.commit().await.unwrap();
        };
        for change in [&WIDER, &WIDER_TOKEN] {
            run(change).await;
            let again = open_plain(database, &fixture.folder, &fixture.clock).await;
            assert!(matches!(again.recognise(&issued.token).await, Err(Error::Database(_))), "{}", change.name());
        }
        run(&NARROW).await;
        run(&NARROW_TOKEN).await;
        fixture.vault.recognise(&issued.token).await.unwrap();
        assert!(fixture.complaints().await.is_empty(), "{:?}", fixture.complaints().await);
        run(&LONGER).await;
        assert!(matches!(fixture.issue(&machine, None, None).await, Err(IssueError::Vault(Error::Database(_)))));
        run(&SHORTER).await;

        // A secret whose end was said, put back as it was before.
        run(&KEEP_SECRETS).await;
        fixture.vault.create_client_secret(&fixture.admin, id, Some(Some(0))).await.unwrap();
        run(&DROP_SECRETS).await;
        run(&SECRETS_BACK).await;
        let refused = fixture.issue(&machine, None, None).await.err().unwrap();
        assert!(refused.to_string().contains("replaced or removed before"), "{refused}");
        assert_eq!(fixture.complaints().await.len(), 1);
    }

    async fn what_is_over_is_forgotten(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let machine = fixture.machine(new_account("deploy")).await;
        fixture.issue(&machine, None, None).await.unwrap();
        fixture.vault.create_client_secret(&fixture.admin, machine.account.id, Some(Some(0))).await.unwrap();
        fixture.advance(31 * 24 * 3600);
        fixture.vault.tidy().await.unwrap();
        let shown = fixture.vault.service_account(&fixture.admin, machine.account.id).await.unwrap();
        assert_eq!(shown.secrets.len(), 1);
        let left = database.fetch_one(&TOKENS_LEFT, args![]).await.unwrap();
        assert_eq!(left.get::<i64>(0).unwrap(), 0);
    }
}

statements! {
    WIDER = "update service_account set scope = 'see token'";
    NARROW = "update service_account set scope = 'see'";
    WIDER_TOKEN = "update access_token set scope = 'see reveal'";
    NARROW_TOKEN = "update access_token set scope = 'see'";
    LONGER = "update client_secret set created_at = created_at + 1";
    SHORTER = "update client_secret set created_at = created_at - 1";
    KEEP_SECRETS = "create table kept_secret as select * from client_secret";
    DROP_SECRETS = "delete from client_secret";
    SECRETS_BACK = "insert into client_secret select * from kept_secret";
    TOKENS_LEFT = "select count(*) from access_token";
}
