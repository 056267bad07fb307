//! Whoever can write the database, and has no vault key, gets nothing by it: rows of authority that this vault has not
//! written are refused and said, whichever way they are changed.

use countersign_audit::{ActorRef, AuditAction, AuditEntry, index::RUN};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{
    Actor, ActorKind, Clock as _, GrantConditions, GrantPermissions, GroupName, Level, Purpose, Reason, Role,
    SiteSettings, Tag, UserName,
};
use countersign_seal::SystemChance;
use countersign_store::{
    args, both_engines,
    engine::{Database, Select as _, Statement},
    statements,
};
use countersign_vault::{
    ApprovalDraft, CheckState, Conflict, Error, GrantDraft, GroupRef, HolderRef, NewApiToken, NewCredential,
    RequestDecision, RequestDraft, SeedRequest, SessionRequest, SetUp, SignInRequest, Source, TargetRef,
};

use crate::fixture::{PASSWORD, TestVault, by_id, new_credential, open_plain, secret};

statements! {
    PROMOTE = "update person set role = 'administrator' where name = 'bob'";
    GIVE_PASSWORD = "update person set password = (select password from person where name = 'root') where name = 'bob'";
    DROP_FACTOR = "update person set seed = null, seed_version = null, last_step = null where name = 'bob'";
    LET_IN = "update person set disabled = not disabled where name = 'bob'";
    RENAME = "update person set name = 'robert' where name = 'bob'";
    UNMARK_PERSON = "update person set mark = null where name = 'bob'";
    ANOTHERS_MARK = "update person set mark = (select mark from person where name = 'root') where name = 'bob'";
    GRANT_ROW = "insert into access_grant (id, credential, person, token, reveal, change, edit, share, audit, conditions) \
                 select c.id, c.id, p.id, true, true, false, false, false, false, '{}' from credential c, person p \
                 where p.name = 'bob'";
    APPROVE = "update access_request set starts_at = created_at, ends_at = waits_until";
    PASS_REQUEST_ON = "update access_request set person = (select id from person where name = 'root')";
    WIDEN_GRANT = "update access_grant set reveal = true";
    LET_TRANSFER = "update access_grant set transfer = not transfer";
    GRANT_BY_TAG = "update access_grant set credential = null, tag = 'social'";
    DROP_CONDITIONS = "update access_grant set conditions = '{}'";
    PASS_GRANT_ON = "update access_grant set person = (select id from person where name = 'bob')";
    TAG_CREDENTIALS = "update credential set tags = '[\"prod\"]'";
    TAG_ROWS = "insert into credential_tag (credential, tag) select id, 'prod' from credential";
    JOIN_GROUP = "insert into group_member (id, grp, person) select g.id, g.id, p.id from person_group g, person p \
                  where p.name = 'bob'";
    RENAME_GROUP = "update person_group set name = 'board'";
    FORGET_DATES = "update access_grant set starts_at = null, ends_at = null";
    MOVE_SITE = "update credential set site = 'https://evil.example/'";
    RENAME_CREDENTIAL = "update credential set name = 'Other'";
    ADD_ORIGIN = "update automation set settings = $1";
    WIDEN_TOKEN = "update api_token set role = 'administrator'";
    SCOPE_TOKEN = "update api_token set admin = true";
    PROLONG_TOKEN = "update api_token set expires_at = expires_at + 1000000000000";
    PASS_TOKEN_ON = "update api_token set person = (select id from person where name = 'root')";
    PASS_SESSION_ON = "update web_session set person = (select id from person where name = 'root')";
    FRESHEN_SESSION = "update web_session set confirmed_at = confirmed_at + 1000000";
    LONGER_SESSION = "update web_session set expires_at = expires_at + 1000000000";
    MOVE_EMAIL = "update person set email = 'mallory@example.org' where name = 'bob'";
    FORGET_STEP = "update person set last_step = null where name = 'bob'";
    MOVE_COUNTER = "update seed set counter = 5";
    NO_USERS = "delete from person";
    NO_CREDENTIALS = "delete from credential";
    NO_LOG = "delete from audit_block where last > 1";
    LOG_BEGINS = "update vault set audit_size = 1, audit_root = (select root from audit_block where last = 1)";
    SET_UP_AGAIN = "update vault set set_up_at = null";
    HIDE_ENDED = "update audit_run set authority = 0";
    NO_INDEX = "delete from audit_run";
    KEEP_TOKENS = "create table kept_token as select * from api_token";
    KEEP_SESSIONS = "create table kept_session as select * from web_session";
    KEEP_PEOPLE = "create table kept_person as select * from person";
    DROP_SESSIONS = "delete from web_session where id in (select id from kept_session)";
    TOKENS_BACK = "insert into api_token select * from kept_token";
    SESSIONS_BACK = "insert into web_session select * from kept_session";
    PEOPLE_BACK = "update person set (role, disabled, mark) = (select k.role, k.disabled, k.mark from kept_person k \
                   where k.name = 'bob') where name = 'bob'";
    CODES = "select count(*) from recovery_code";
    PLANT_SESSION = "insert into web_session (id, token, person, created_at, last_used_at, expires_at, agent, confirmed_at) \
                     select $1, $2, id, $3, $3, $3 + 1000000000000, 'x', $3 from person where name = 'root'";
    WIDEN_LINK = "update session_link set level = 'control'";
    NO_FACTOR_NEEDED = "update vault set second_factor_required = not second_factor_required";
    OTHER_RECORD = "update audit_block set entries = (select entries from audit_block where last = 1) \
                    where last = (select max(last) from audit_block)";
    OTHER_ROOT = "update vault set audit_root = $1";
}

pub(crate) async fn run(database: &Database, statement: &Statement) {
    let mut tx = database.write().await.unwrap();
    assert!(tx.execute(statement, args![]).await.unwrap() > 0, "{}", statement.name());
    tx.commit().await.unwrap();
}

pub(crate) async fn run_with(
    database: &Database,
    statement: &Statement,
    value: impl Into<countersign_store::engine::Value>,
) {
    let mut tx = database.write().await.unwrap();
    tx.execute(statement, vec![value.into()]).await.unwrap();
    tx.commit().await.unwrap();
}

/// It was refused, and what was changed is said.
pub(crate) fn refused<T>(result: Result<T, Error>, what: &str) {
    match result {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("changed in the database by something else than this vault"), "{what}: {text}");
            assert!(text.contains(what), "{what}: {text}");
        }
        Ok(_) => panic!("{what} was believed"),
    }
}

pub(crate) async fn sign_in(fixture: &TestVault, name: &str) -> Result<countersign_vault::SignedIn, Error> {
    let source = Source::agent("test");
    fixture.vault.sign_in(SignInRequest { name, password: secret(PASSWORD), token: None, source }).await
}

both_engines! {
    async fn a_person_changed_by_sql_is_refused(database: &TestDatabase) {
        let changes: [&Statement; 9] = [
            &PROMOTE, &GIVE_PASSWORD, &DROP_FACTOR, &LET_IN, &RENAME, &UNMARK_PERSON, &ANOTHERS_MARK, &MOVE_EMAIL, &FORGET_STEP,
        ];
        let fixture = TestVault::new(database).await;
        for change in changes {
            let bob = fixture.person("bob", Role::Member).await;
            let setup = fixture.vault.begin_second_factor(&bob).await.unwrap();
            let token = crate::signing_in::token_of(&setup.uri, &fixture);
            fixture.vault.confirm_second_factor(&bob, &token).await.unwrap();
            let bearer = fixture.api_token(&bob, None).await;
            run(database, change).await;
            refused(fixture.vault.recognise(&bearer).await, "user \"");
            let signed_in = sign_in(&fixture, if change.name().ends_with("RENAME") { "bob" } else { "Bob" }).await;
            refused(signed_in, "user \"");
            let edit = countersign_vault::PersonEdit { disabled: Some(false), ..Default::default() };
            refused(fixture.vault.edit_person(&fixture.admin, bob.user, edit).await, "user \"");
            let checks = fixture.vault.checks().await;
            let rows = checks.iter().find(|check| check.name == "rows of authority").unwrap();
            assert!(rows.state == CheckState::Failed && rows.detail.contains(&bob.user.to_string()), "{}", rows.detail);
            run(database, &statements_delete::BOB).await;
        }
    }

    async fn grants_put_or_widened_by_sql_are_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let credential = fixture.credential("Instagram").await;
        run(database, &GRANT_ROW).await;
        refused(fixture.vault.token(&bob, &by_id(&credential), &Default::default()).await, "grant of user");
        refused(fixture.vault.reveal(&bob, &by_id(&credential), None, None).await, "grant of user");
        refused(fixture.vault.grants(&fixture.admin, &by_id(&credential)).await, "grant of user");
        // Saying anew who may do what makes it whole.
        fixture.grant(&credential, &bob, Some(GrantPermissions::SEE)).await;
        run(database, &WIDEN_GRANT).await;
        refused(fixture.vault.reveal(&bob, &by_id(&credential), None, None).await, "grant of user");
        // Neither is the transfer of the setup key added or taken away.
        for transfer in [false, true] {
            let given = GrantPermissions { transfer, ..GrantPermissions::SEE };
            fixture.grant(&credential, &bob, Some(given)).await;
            assert!(fixture.vault.credential(&bob, &by_id(&credential)).await.is_ok());
            run(database, &LET_TRANSFER).await;
            refused(fixture.vault.credential(&bob, &by_id(&credential)).await, "grant of user");
        }
    }

    async fn a_request_approved_by_sql_is_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let credential = fixture.credential("Instagram").await;
        let wanted = by_id(&credential);
        let group = fixture.vault.create_group(&fixture.admin, &GroupName::parse("leads").unwrap()).await.unwrap();
        let leads = GroupRef::Id(group.id);
        fixture.vault.add_group_member(&fixture.admin, &leads, &HolderRef::User(bob.user)).await.unwrap();
        let permissions = GrantPermissions { token: true, ..GrantPermissions::SEE };
        let draft = GrantDraft {
            holder: HolderRef::User(ana.user),
            target: TargetRef::Credential(wanted.clone()),
            permissions,
            conditions: GrantConditions::default(),
            approval: Some(ApprovalDraft { levels: vec![(leads, 1)], minutes: 60, emergency_minutes: None }),
        };
        fixture.vault.create_grant(&fixture.admin, draft).await.unwrap();
        let purpose = Purpose { reason: Reason::parse("a fix").ok(), ..Purpose::default() };
        let ana = Actor { purpose, ..ana };
        let ask = RequestDraft { credential: wanted.clone(), permissions, minutes: None, not_before: None, emergency: None };
        let asked = fixture.vault.request_access(&ana, ask).await.unwrap();
        run(database, &APPROVE).await;
        refused(fixture.vault.token(&ana, &wanted, &Default::default()).await, "request");
        for change in [&APPROVE, &PASS_REQUEST_ON] {
            run(database, change).await;
            let all = fixture.vault.list_requests(&fixture.admin, &Default::default()).await;
            refused(all, "request");
            let decision = fixture.vault.decide_request(&bob, asked.request.id, RequestDecision::Approve(None), None).await;
            refused(decision, "request");
        }
        refused(fixture.vault.request(&fixture.admin, asked.request.id).await, "request");
    }

    async fn groups_conditions_and_tags_changed_by_sql_are_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let credential = fixture.credential("Instagram").await;
        let wanted = by_id(&credential);
        let group = fixture.vault.create_group(&fixture.admin, &GroupName::parse("staff").unwrap()).await.unwrap();
        let draft = |holder: HolderRef, conditions: GrantConditions| GrantDraft {
            holder,
            target: TargetRef::Credential(wanted.clone()),
            permissions: GrantPermissions { token: true, ..GrantPermissions::SEE },
            conditions,
            approval: None,
        };
        let none = GrantConditions::default();
        let to_group = draft(HolderRef::Group(GroupRef::Id(group.id)), none.clone());
        fixture.vault.create_grant(&fixture.admin, to_group).await.unwrap();
        run(database, &JOIN_GROUP).await;
        refused(fixture.vault.token(&bob, &wanted, &Default::default()).await, "member of group");
        run(database, &RENAME_GROUP).await;
        refused(fixture.vault.groups(&fixture.admin).await, "group");
        fixture.vault.remove_group(&fixture.admin, &GroupRef::Id(group.id)).await.err().unwrap();
        run(database, &statements_delete::ALL_GROUPS).await;

        let reason = GrantConditions { reason: true, ..none.clone() };
        for (change, who) in [(&DROP_CONDITIONS, &ana), (&PASS_GRANT_ON, &bob), (&GRANT_BY_TAG, &ana)] {
            let made = fixture.vault.create_grant(&fixture.admin, draft(HolderRef::User(ana.user), reason.clone())).await.unwrap();
            run(database, change).await;
            refused(fixture.vault.token(who, &wanted, &Default::default()).await, "grant of user");
            refused(fixture.vault.who(&fixture.admin, &wanted).await, "grant of user");
            // Whoever may grant takes it away.
            fixture.vault.remove_grant(&fixture.admin, made.grant.id).await.unwrap();
        }

        // What the lists' columns say is where to look, and no more.
        let ended = GrantConditions { until: Some(fixture.now()), ..none.clone() };
        let made = fixture.vault.create_grant(&fixture.admin, draft(HolderRef::User(bob.user), ended)).await.unwrap();
        run(database, &FORGET_DATES).await;
        assert!(fixture.vault.list_credentials(&bob, &Default::default()).await.unwrap().items.is_empty());
        fixture.vault.remove_grant(&fixture.admin, made.grant.id).await.unwrap();
        let by_tag = GrantDraft { target: TargetRef::Tag(Tag::parse("prod").unwrap()), ..draft(HolderRef::User(bob.user), none) };
        fixture.vault.create_grant(&fixture.admin, by_tag).await.unwrap();
        run(database, &TAG_ROWS).await;
        assert!(fixture.vault.list_credentials(&bob, &Default::default()).await.unwrap().items.is_empty());
        assert!(matches!(fixture.vault.token(&bob, &wanted, &Default::default()).await, Err(Error::NotFound(_))));
        run(database, &TAG_CREDENTIALS).await;
        refused(fixture.vault.credential(&bob, &wanted).await, "credential \"");
    }

    async fn a_site_moved_by_sql_is_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let wanted = by_id(&credential);
        fixture.vault.set_automation(&fixture.admin, &wanted, SiteSettings::default()).await.unwrap();
        run_with(database, &ADD_ORIGIN, r#"{"origins":["https://evil.example"]}"#).await;
        refused(fixture.vault.automation(&fixture.admin, &wanted).await, "site settings");
        fixture.vault.remove_credential(&fixture.admin, &wanted).await.unwrap();
        for change in [&MOVE_SITE, &RENAME_CREDENTIAL] {
            let credential = fixture.credential("Instagram").await;
            run(database, change).await;
            let wanted = by_id(&credential);
            refused(fixture.vault.credential(&fixture.admin, &wanted).await, "credential \"");
            refused(fixture.vault.reveal(&fixture.admin, &wanted, None, None).await, "credential \"");
            run(database, &statements_delete::ALL_CREDENTIALS).await;
        }
    }

    async fn bearers_put_or_changed_by_sql_are_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for change in [&WIDEN_TOKEN, &SCOPE_TOKEN, &PROLONG_TOKEN, &PASS_TOKEN_ON] {
            let bob = fixture.person("bob", Role::Member).await;
            let new = NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: None, admin: false };
            let (_, bearer) = fixture.vault.create_api_token(&bob, &new).await.unwrap();
            run(database, change).await;
            refused(fixture.vault.recognise(&bearer).await, "API token \"ci\"");
            run(database, &statements_delete::BOB).await;
        }
        for change in [&PASS_SESSION_ON, &FRESHEN_SESSION, &LONGER_SESSION] {
            fixture.person("bob", Role::Member).await;
            let signed_in = sign_in(&fixture, "bob").await.unwrap();
            run(database, change).await;
            refused(fixture.vault.recognise(&signed_in.bearer).await, "signed-in browser");
            run(database, &statements_delete::BOB).await;
        }
    }

    async fn a_cookie_of_ones_own_choice_opens_nothing(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.credential("Instagram").await;
        let chosen = Bearer::new(BearerKind::WebSession, &SystemChance);
        let mut tx = database.write().await.unwrap();
        let id = countersign_model::WebSessionId::new(fixture.now(), &SystemChance).uuid();
        tx.execute(&PLANT_SESSION, args![id, chosen.hash().bytes(), fixture.now()]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(fixture.vault.recognise(&chosen).await, Err(Error::NotSignedIn)), "its hash is not what is stored");
    }

    async fn a_link_widened_by_sql_is_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let credential = fixture.credential("Instagram").await;
        let session = fixture.vault.start_session(&fixture.admin, &by_id(&credential), &SessionRequest::default()).await.unwrap();
        fixture.vault.session_link(&fixture.admin, session.id, "bob", Level::View).await.unwrap();
        run(database, &WIDEN_LINK).await;
        let listed = fixture.vault.session(&bob, session.id).await.map(drop);
        match listed {
            Err(Error::NotFound(_)) => {}
            other => refused(other, "link into session"),
        }
    }

    async fn what_the_vault_requires_is_not_loosened_by_sql(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        run(database, &NO_FACTOR_NEEDED).await;
        refused(sign_in(&fixture, "root").await, "vault \"");
    }

    async fn a_counter_moved_by_sql_gives_no_code(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let text = "otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=7";
        let ask = SeedRequest { text: Some(secret(text)), ..SeedRequest::default() };
        let new = NewCredential { seed: Some(ask.understand().unwrap().secret), ..new_credential("Portal") };
        let credential = fixture.vault.create_credential(&fixture.admin, new).await.unwrap().0;
        let take = async || fixture.vault.token(&fixture.admin, &by_id(&credential), &Default::default()).await;
        assert_eq!(take().await.unwrap().counter, Some(7));
        assert_eq!(take().await.unwrap().counter, Some(8), "it moves with its mark");
        run(database, &MOVE_COUNTER).await;
        refused(take().await, "counter of credential");
    }

    async fn a_recovery_code_that_was_used_is_gone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let setup = fixture.vault.begin_second_factor(&bob).await.unwrap();
        let token = crate::signing_in::token_of(&setup.uri, &fixture);
        let codes = fixture.vault.confirm_second_factor(&bob, &token).await.unwrap();
        let ask = SignInRequest {
            name: "bob",
            password: secret(PASSWORD),
            token: codes[0].expose_text(),
            source: Source::agent("test"),
        };
        fixture.vault.sign_in(ask).await.unwrap();
        let left: i64 = (&mut &**database).fetch_one(&CODES, args![]).await.unwrap().get(0).unwrap();
        assert_eq!(left, 9);
    }

    async fn who_removes_the_users_becomes_no_first_administrator(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.credential("Instagram").await;
        run(database, &NO_USERS).await;
        let again = open_plain(database, &fixture.folder, &fixture.clock).await;
        assert_eq!(again.set_up_state().await.unwrap(), SetUp::UsersGone);
        assert!(again.new_setup_link().await.unwrap().is_none());
        let name = UserName::parse("mallory").unwrap();
        let made = again.create_administrator(&name, secret(PASSWORD)).await;
        assert!(matches!(made, Err(Error::UsersGone)), "{made:?}");
        let checks = again.checks().await;
        let users = checks.iter().find(|check| check.name == "users").unwrap();
        assert!(users.state == CheckState::Failed && users.hint.as_ref().unwrap().contains("user add"), "{users:?}");
        // Nor where all that could tell of them is gone too.
        for change in [&NO_CREDENTIALS, &NO_LOG, &LOG_BEGINS] {
            run(database, change).await;
        }
        assert_eq!(again.set_up_state().await.unwrap(), SetUp::UsersGone);
        run(database, &SET_UP_AGAIN).await;
        refused(again.new_setup_link().await, "vault \"");
    }

    async fn what_was_ended_is_not_hidden_by_an_index_that_was_changed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Manager).await;
        let (_, token) = {
            let new = NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: None, admin: false };
            fixture.vault.create_api_token(&bob, &new).await.unwrap()
        };
        run(database, &KEEP_TOKENS).await;
        fixture.vault.end_all_of(&fixture.admin, bob.user).await.unwrap();
        // Two runs and more of other records, so that the end is behind what is looked through anyway.
        let mut tx = database.write().await.unwrap();
        let read = AuditEntry::new(fixture.clock.now(), ActorRef::system(), AuditAction::TokenRead);
        countersign_store::audit::append(&mut tx, vec![read; 2 * RUN as usize]).await.unwrap();
        tx.commit().await.unwrap();
        run(database, &TOKENS_BACK).await;
        fixture.vault.tidy().await.unwrap();
        for hide in [None, Some(&HIDE_ENDED), Some(&NO_INDEX)] {
            if let Some(hide) = hide {
                run(database, hide).await;
            }
            let again = open_plain(database, &fixture.folder, &fixture.clock).await;
            refused(again.recognise(&token).await, "API token \"ci\", which by the audit log was ended before");
        }
    }

    async fn what_was_ended_is_not_believed_when_its_row_comes_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let keep = async |keep: &Statement| run(database, keep).await;
        let bob = fixture.person("bob", Role::Manager).await;
        let (_, token) = {
            let new = NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: None, admin: false };
            fixture.vault.create_api_token(&bob, &new).await.unwrap()
        };
        let browser = sign_in(&fixture, "bob").await.unwrap();
        for copy in [&KEEP_TOKENS, &KEEP_SESSIONS, &KEEP_PEOPLE] {
            let mut tx = database.write().await.unwrap();
            tx.execute(copy, args![]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let again = async || open_plain(database, &fixture.folder, &fixture.clock).await;
        // All at once, then each by itself.
        let id = fixture.vault.api_tokens(&bob).await.unwrap()[0].id;
        let ActorKind::Person(session) = browser.caller.actor.kind else { panic!("a browser") };
        for each in [false, true] {
            if each {
                fixture.vault.revoke_token_of(&fixture.admin, bob.user, id).await.unwrap();
                fixture.vault.end_browser_of(&fixture.admin, bob.user, session).await.unwrap();
                keep(&DROP_SESSIONS).await;
            } else {
                fixture.vault.end_all_of(&fixture.admin, bob.user).await.unwrap();
            }
            keep(&TOKENS_BACK).await;
            keep(&SESSIONS_BACK).await;
            for vault in [&fixture.vault, &again().await] {
                refused(vault.recognise(&token).await, "API token \"ci\", which by the audit log was ended before");
                refused(vault.recognise(&browser.bearer).await, "signed-in browser");
                let checks = vault.checks().await;
                let rows = checks.iter().find(|check| check.name == "rows of authority").unwrap();
                assert!(rows.state == CheckState::Failed && rows.detail.contains("ended before"), "{}", rows.detail);
            }
        }
        // A former role, and somebody who was kept out.
        let edit = countersign_vault::PersonEdit { role: Some(Role::Member), disabled: Some(true), ..Default::default() };
        fixture.vault.edit_person(&fixture.admin, bob.user, edit).await.unwrap();
        keep(&PEOPLE_BACK).await;
        refused(sign_in(&fixture, "bob").await, "user \"bob\", which by the audit log was given another role since");
        // Whoever is as the log tells comes in as ever, also with new ways in.
        let fresh = fixture.api_token(&fixture.admin, None).await;
        fixture.vault.recognise(&fresh).await.unwrap();
        sign_in(&fixture, "root").await.unwrap();
    }

    async fn who_has_data_and_key_comes_back_in(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let name = UserName::parse("ann").unwrap();
        assert!(matches!(fixture.vault.restore_administrator(&name).await, Err(Error::Conflict(Conflict::AdministratorsThere))));
        run(database, &NO_USERS).await;
        let link = fixture.vault.restore_administrator(&name).await.unwrap();
        let chosen = fixture.vault.use_person_link(link.link.expose_text().unwrap(), secret(PASSWORD), None).await.unwrap();
        assert_eq!(chosen, "ann");
        assert_eq!(sign_in(&fixture, "ann").await.unwrap().caller.actor.role, Role::Administrator);
    }

    async fn a_checkpoint_is_signed_only_if_the_log_goes_on_from_the_last(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.vault.make_checkpoint().await.unwrap();
        fixture.credential("Instagram").await;
        fixture.credential("Facebook").await;
        run(database, &OTHER_RECORD).await;
        assert!(matches!(fixture.vault.make_checkpoint().await, Err(Error::LogBroken { record: 4.. })));
    }

    async fn a_root_that_no_record_has_is_not_signed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.credential("Instagram").await;
        fixture.vault.make_checkpoint().await.unwrap();
        run_with(database, &OTHER_ROOT, vec![7_u8; 32]).await;
        assert!(matches!(fixture.vault.make_checkpoint().await, Err(Error::LogBroken { .. })));
    }
}

mod statements_delete {
    use countersign_store::statements;

    statements! {
        pub(super) ALL_CREDENTIALS = "delete from credential";
        pub(super) ALL_GROUPS = "delete from person_group";
        pub(super) BOB = "delete from person where name_key = 'bob'";
    }
}
