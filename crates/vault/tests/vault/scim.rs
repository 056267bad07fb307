//! An identity provider: whom it brings, how soon they are out, and what it does not reach.

use countersign_identity::Bearer;
use countersign_model::{GrantConditions, GrantPermissions, Role, Tag};
use countersign_scim::{GroupInput, UserInput};
use countersign_store::{args, both_engines, engine::Statement, statements};
use countersign_vault::{
    Conflict, Error, GrantDraft, GroupRef, HolderRef, PersonEdit, ScimCaller, ScimLookup, ScimPerson, SessionRequest,
    TargetRef, TokenRequest,
};

use crate::fixture::{PASSWORD, TestVault, by_id, open_plain, secret};

fn named(name: &str) -> UserInput {
    UserInput { user_name: name.to_owned(), active: Some(true), ..UserInput::default() }
}

impl TestVault {
    async fn provider(&self, adopt: bool) -> (ScimCaller, Bearer) {
        let (_, bearer) = self.vault.create_scim_token(&self.admin, None, Some(adopt)).await.unwrap();
        (self.vault.recognise_scim(&bearer, None).await.unwrap(), bearer)
    }

    /// Somebody whom the provider has brought, who has chosen a password.
    async fn brought(&self, caller: &ScimCaller, name: &str) -> ScimPerson {
        let person = self.vault.scim_create_person(caller, &named(name)).await.unwrap();
        let link = self.vault.make_person_link(&self.admin, person.id).await.unwrap();
        let link = link.link.expose_text().unwrap().to_owned();
        self.vault.use_person_link(&link, secret(PASSWORD), None).await.unwrap();
        person
    }

    async fn activate(&self, caller: &ScimCaller, person: &ScimPerson, active: bool) -> ScimPerson {
        let change = |before: &ScimPerson| Ok(UserInput { active: Some(active), ..before.user.clone() });
        self.vault.scim_change_person::<Error>(caller, person.id, change).await.unwrap()
    }
}

both_engines! {
    async fn promise_6_whoever_is_deactivated_is_out_at_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (okta, _) = fixture.provider(false).await;
        let elsewhere = open_plain(database, &fixture.folder, &fixture.clock).await;
        for way in ["deactivated", "removed"] {
            let credential = fixture.credential(way).await;
            let person = fixture.brought(&okta, way).await;
            let browser = fixture.signed_in(way).await;
            let token = fixture.api_token(&browser, None).await;
            let holder = HolderRef::User(person.id);
            let target = TargetRef::Tag(Tag::parse("social").unwrap());
            let permissions = GrantPermissions { session: Some(countersign_model::Level::Control), token: true, ..GrantPermissions::SEE };
            let draft = GrantDraft { holder, target, permissions, conditions: GrantConditions::default(), approval: None };
            fixture.vault.create_grant(&fixture.admin, draft).await.unwrap();
            assert!(fixture.token(&browser, &credential).await.is_ok());
            let there = elsewhere.recognise(&token).await.unwrap().actor;
            let session = fixture.vault.start_session(&browser, &by_id(&credential), &SessionRequest::default()).await.unwrap();
            let mut moved = fixture.vault.revision_moved();
            moved.borrow_and_update();
            if way == "removed" {
                fixture.vault.scim_remove_person(&okta, person.id).await.unwrap();
            } else {
                assert_eq!(fixture.activate(&okta, &person, false).await.user.active, Some(false));
            }
            assert!(moved.has_changed().unwrap(), "whoever shows a session looks again at once");
            assert_eq!(fixture.token(&browser, &credential).await.unwrap_err(), "sign in to continue");
            assert!(matches!(fixture.vault.recognise(&token).await, Err(Error::NotSignedIn)));
            let kept = elsewhere.token(&there, &by_id(&credential), &TokenRequest::default()).await;
            assert!(matches!(kept, Err(Error::NotSignedIn)));
            assert_eq!(fixture.vault.session(&fixture.admin, session.id).await.unwrap().started_by, way);
            if way == "deactivated" {
                let again = fixture.activate(&okta, &person, true).await;
                assert!(again.user.active == Some(true) && fixture.vault.recognise(&token).await.is_err());
                fixture.signed_in(way).await;
            }
        }
    }

    async fn promise_6_whom_we_keep_out_stays_out(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (okta, _) = fixture.provider(false).await;
        let ana = fixture.brought(&okta, "ana").await;
        let keep_out = |disabled| PersonEdit { disabled: Some(disabled), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, ana.id, keep_out(true)).await.unwrap();
        assert_eq!(fixture.activate(&okta, &ana, true).await.user.active, Some(false));
        // It says something else meanwhile, or no, which is so already.
        let other = |before: &ScimPerson| {
            Ok(UserInput { active: None, display_name: Some("Ana".to_owned()), ..before.user.clone() })
        };
        fixture.vault.scim_change_person::<Error>(&okta, ana.id, other).await.unwrap();
        for said in [true, false, true] {
            assert_eq!(fixture.activate(&okta, &ana, said).await.user.active, Some(false));
        }
        // Its own no can its yes take back.
        fixture.vault.edit_person(&fixture.admin, ana.id, keep_out(false)).await.unwrap();
        fixture.activate(&okta, &ana, false).await;
        fixture.vault.scim_change_person::<Error>(&okta, ana.id, other).await.unwrap();
        assert_eq!(fixture.activate(&okta, &ana, true).await.user.active, Some(true));
    }

    async fn nothing_is_taken_over_that_was_not_allowed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.person("mia", Role::Manager).await;
        let (strict, _) = fixture.provider(false).await;
        let taken = |result: &Result<ScimPerson, Error>| matches!(result, Err(Error::Conflict(Conflict::NameTaken { .. })));
        assert!(taken(&fixture.vault.scim_create_person(&strict, &named("mia")).await));
        fixture.vault.set_scim_adopts(&fixture.admin, true).await.unwrap();
        for name in ["root", "MIA"] {
            assert!(taken(&fixture.vault.scim_create_person(&strict, &named(name)).await), "{name}");
        }
        let mia = fixture.vault.scim_create_person(&strict, &named("mia")).await.unwrap();
        assert!(taken(&fixture.vault.scim_create_person(&strict, &named("mia")).await), "once");
        let shown = fixture.vault.people(&fixture.admin).await.unwrap();
        let shown = shown.iter().find(|person| person.id == mia.id).unwrap();
        assert!(shown.provisioned && shown.role == Role::Manager, "what a role gives is said here");
        // An administrator by our word is none of its business.
        let role = PersonEdit { role: Some(Role::Administrator), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, mia.id, role).await.unwrap();
        let removed = fixture.vault.scim_remove_person(&strict, mia.id).await;
        assert!(matches!(removed, Err(Error::Conflict(Conflict::NoAdministrators(_)))));
        let change = |before: &ScimPerson| Ok(UserInput { active: Some(false), ..before.user.clone() });
        let changed = fixture.vault.scim_change_person::<Error>(&strict, mia.id, change).await;
        assert!(matches!(changed, Err(Error::Conflict(Conflict::NoAdministrators(_)))));
        let root = fixture.vault.scim_person(&strict, fixture.admin.user).await;
        assert!(matches!(root, Err(Error::NotFound(_))));
    }

    async fn members_sent_side_by_side_are_all_kept(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (entra, _) = fixture.provider(false).await;
        let staff = GroupInput { display_name: "Staff".to_owned(), ..GroupInput::default() };
        let staff = fixture.vault.scim_create_group(&entra, &staff).await.unwrap();
        let mut people = Vec::new();
        for number in 0..8 {
            people.push(fixture.vault.scim_create_person(&entra, &named(&format!("user {number}"))).await.unwrap());
        }
        let adding = people.iter().map(|person| {
            let (vault, entra, id, group) = (fixture.vault.clone(), entra.clone(), person.id, staff.id);
            tokio::spawn(async move {
                let add = |before: &countersign_vault::ScimGroup| {
                    let there = before.members.iter().map(|(id, _)| id.to_string());
                    let members = there.chain([id.to_string()]).collect();
                    Ok(GroupInput { display_name: before.name.clone(), external_id: None, members })
                };
                vault.scim_change_group::<Error>(&entra, group, add).await.unwrap();
            })
        });
        for task in adding.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(fixture.vault.scim_group(&entra, staff.id).await.unwrap().members.len(), 8);
        let local = fixture.vault.group(&fixture.admin, &GroupRef::Id(staff.id)).await.unwrap();
        assert!(local.provisioned && local.people == 8);
        let added = fixture.vault.add_group_member(&fixture.admin, &GroupRef::Id(staff.id), &HolderRef::User(fixture.admin.user)).await;
        assert!(matches!(added, Err(Error::Conflict(Conflict::Provisioned(_)))));
        // Disconnected, it is a group as any other.
        fixture.vault.disconnect_scim(&fixture.admin).await.unwrap();
        fixture.vault.add_group_member(&fixture.admin, &GroupRef::Id(staff.id), &HolderRef::User(fixture.admin.user)).await.unwrap();
        assert!(matches!(fixture.vault.scim_create_person(&entra, &named("late")).await, Err(Error::NotSignedIn)));
    }

    async fn its_rows_are_marked_and_its_token_does_not_come_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (okta, bearer) = fixture.provider(false).await;
        let ana = fixture.vault.scim_create_person(&okta, &named("ana")).await.unwrap();
        let run = async |statement: &Statement| {
            let mut tx = database.write().await.unwrap();
            tx.execute(statement, args![]).await.unwrap();
            tx.commit().await.unwrap();
        };
        run(&ADOPTS).await;
        assert!(matches!(fixture.vault.recognise_scim(&bearer, None).await, Err(Error::Database(_))));
        run(&ADOPTS_NOT).await;
        run(&PASS_ON).await;
        for answer in [
            fixture.vault.scim_people(&okta, ScimLookup::All).await.map(drop),
            fixture.vault.scim_remove_person(&okta, fixture.admin.user).await,
        ] {
            assert!(matches!(answer, Err(Error::Database(_))), "{answer:?}");
        }
        run(&PASS_BACK).await;
        assert!(fixture.complaints().await.is_empty(), "{:?}", fixture.complaints().await);
        run(&KEEP_TOKENS).await;
        fixture.vault.create_scim_token(&fixture.admin, Some(0), None).await.unwrap();
        run(&DROP_TOKENS).await;
        run(&TOKENS_BACK).await;
        let refused = fixture.vault.recognise_scim(&bearer, None).await.err().unwrap();
        assert!(refused.to_string().contains("replaced or removed before"), "{refused}");
        let _ = ana;
    }
}

statements! {
    ADOPTS = "update scim_token set adopt = true";
    ADOPTS_NOT = "update scim_token set adopt = false";
    PASS_ON = "update scim_user set person = (select id from person where name = 'root')";
    PASS_BACK = "update scim_user set person = (select id from person where name = 'ana')";
    KEEP_TOKENS = "create table kept_scim_token as select * from scim_token";
    DROP_TOKENS = "delete from scim_token";
    TOKENS_BACK = "insert into scim_token select * from kept_scim_token";
}
