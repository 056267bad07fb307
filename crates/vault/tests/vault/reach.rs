//! How far a bearer reaches: a token is not the whole account, and one's own account asks for a recent sign-in.

use countersign_model::{Actor, GrantPermissions, Role, SiteSettings, TooShort, UserName};
use countersign_store::both_engines;
use countersign_vault::{Error, NewApiToken, NewGrant, NewPerson, PersonEdit, WaysIn};

use crate::{
    fixture::{PASSWORD, TestVault, by_id, secret},
    signing_in::token_of,
};

fn new_token(admin: bool, days: Option<u32>) -> NewApiToken {
    NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: days, admin }
}

/// The actor of a new token of `by`.
async fn token(fixture: &TestVault, by: &Actor, admin: bool, days: Option<u32>) -> Actor {
    let (_, bearer) = fixture.vault.create_api_token(by, &new_token(admin, days)).await.unwrap();
    fixture.vault.recognise(&bearer).await.unwrap().actor
}

fn short<T>(result: &Result<T, Error>) -> Option<TooShort> {
    match result {
        Err(Error::TooShort(short)) => Some(*short),
        _ => None,
    }
}

both_engines! {
    async fn a_token_changes_nothing_of_its_owners_account(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let page = fixture.signed_in("root").await;
        for admin in [false, true] {
            let program = token(&fixture, &page, admin, None).await;
            let vault = &fixture.vault;
            assert_eq!(short(&vault.begin_second_factor(&program).await), Some(TooShort::PageOnly));
            assert_eq!(short(&vault.confirm_second_factor(&program, "000000").await), Some(TooShort::PageOnly));
            let changed = vault.change_own_password(&program, secret(PASSWORD), secret("sixteen anchors velvet plum")).await;
            assert_eq!(short(&changed), Some(TooShort::PageOnly));
            let confirmed = vault.confirm_sign_in(&program, secret(PASSWORD), None, None).await;
            assert_eq!(short(&confirmed), Some(TooShort::PageOnly));
            let sessions = vault.web_sessions(&program).await.unwrap();
            assert_eq!(short(&vault.end_web_session(&program, sessions[0].id).await), Some(TooShort::PageOnly));
        }
    }

    async fn people_grants_and_automation_need_a_token_that_was_made_for_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let page = fixture.signed_in("root").await;
        let bob = fixture.person("bob", Role::Member).await;
        let credential = fixture.credential("Instagram").await;
        for (admin, refused) in [(false, Some(TooShort::Scope)), (true, None)] {
            let program = token(&fixture, &page, admin, None).await;
            let vault = &fixture.vault;
            let new = NewPerson { name: UserName::parse("eve").unwrap(), role: Role::Member, password: secret(PASSWORD) };
            assert_eq!(short(&vault.create_person(&program, new).await), refused);
            let edit = PersonEdit { disabled: Some(false), ..PersonEdit::default() };
            assert_eq!(short(&vault.edit_person(&program, bob.user, edit).await), refused);
            let grants = [NewGrant { person: bob.user, grant: GrantPermissions::SEE }];
            assert_eq!(short(&vault.set_grants(&program, &by_id(&credential), &grants).await), refused);
            let set = vault.set_automation(&program, &by_id(&credential), SiteSettings::default()).await;
            assert_eq!(short(&set), refused);
            assert_eq!(short(&vault.end_all_of(&program, bob.user).await), refused);
            assert_eq!(short(&vault.remove_person(&program, bob.user).await), refused);
            // What it is for: using credentials, seeing what there is.
            assert!(fixture.token(&program, &credential).await.is_ok());
            assert!(vault.grants(&program, &by_id(&credential)).await.is_ok() && vault.people(&program).await.is_ok());
        }
    }

    async fn a_child_neither_outlives_nor_exceeds_its_parent(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let page = fixture.signed_in("root").await;
        let plain = token(&fixture, &page, false, Some(1)).await;
        assert_eq!(short(&fixture.vault.create_api_token(&plain, &new_token(false, None)).await), Some(TooShort::PageOnly));

        let (parent, bearer) = fixture.vault.create_api_token(&page, &new_token(true, Some(2))).await.unwrap();
        let program = fixture.vault.recognise(&bearer).await.unwrap().actor;
        let longer = fixture.vault.create_api_token(&program, &new_token(true, Some(3))).await;
        assert!(matches!(longer, Err(Error::Invalid(_))), "an end that was said and cannot be had");
        let (child, child_bearer) = fixture.vault.create_api_token(&program, &new_token(true, None)).await.unwrap();
        assert_eq!(child.expires_at, parent.expires_at);
        fixture.vault.recognise(&child_bearer).await.unwrap();
        fixture.vault.revoke_api_token(&page, parent.id).await.unwrap();
        assert!(matches!(fixture.vault.recognise(&child_bearer).await, Err(Error::NotSignedIn)), "it ends with its parent");

        let member = NewApiToken { role: Some(Role::Member), ..new_token(true, None) };
        let (_, bearer) = fixture.vault.create_api_token(&page, &member).await.unwrap();
        let member = fixture.vault.recognise(&bearer).await.unwrap().actor;
        let wider = NewApiToken { role: Some(Role::Administrator), ..new_token(false, None) };
        assert!(matches!(fixture.vault.create_api_token(&member, &wider).await, Err(Error::Invalid(_))));
    }

    async fn a_token_ends_after_ninety_days_unless_said_otherwise(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (made, bearer) = fixture.vault.create_api_token(&fixture.admin, &new_token(false, None)).await.unwrap();
        assert_eq!(made.expires_at.unwrap().since(fixture.now()).as_secs(), 90 * 24 * 3600);
        fixture.advance(90 * 24 * 3600 - 60);
        fixture.vault.recognise(&bearer).await.unwrap();
        fixture.advance(61);
        assert!(matches!(fixture.vault.recognise(&bearer).await, Err(Error::NotSignedIn)));
    }

    async fn ones_own_account_asks_for_a_recent_sign_in(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let setup = fixture.vault.begin_second_factor(&fixture.signed_in("root").await).await.unwrap();
        let first = fixture.signed_in("root").await;
        fixture.vault.confirm_second_factor(&first, &token_of(&setup.uri, &fixture)).await.unwrap();
        fixture.advance(15 * 60);
        fixture.vault.begin_second_factor(&first).await.unwrap();
        fixture.advance(1);
        let vault = &fixture.vault;
        let not_recent = Some(TooShort::NotRecent);
        assert_eq!(short(&vault.begin_second_factor(&first).await), not_recent);
        assert_eq!(short(&vault.confirm_second_factor(&first, "000000").await), not_recent);
        assert_eq!(short(&vault.create_api_token(&first, &new_token(false, None)).await), not_recent);
        let changed = vault.change_own_password(&first, secret(PASSWORD), secret("sixteen anchors velvet plum")).await;
        assert_eq!(short(&changed), not_recent);
        // An administrator is one of the people that administrators manage.
        let edit = PersonEdit { password: Some(secret("sixteen anchors velvet plum")), ..PersonEdit::default() };
        assert_eq!(short(&vault.edit_person(&first, first.user, edit).await), not_recent);

        for (password, token) in [("wrong password", None), (PASSWORD, None), (PASSWORD, Some("000000"))] {
            assert!(matches!(vault.confirm_sign_in(&first, secret(password), token, None).await, Err(Error::SignInFailed)));
        }
        assert_eq!(short(&vault.begin_second_factor(&first).await), not_recent);
        let token = token_of(&setup.uri, &fixture);
        vault.confirm_sign_in(&first, secret(PASSWORD), Some(&token), None).await.unwrap();
        vault.begin_second_factor(&first).await.unwrap();
        let again = vault.confirm_sign_in(&first, secret(PASSWORD), Some(&token), None).await;
        assert!(matches!(again, Err(Error::SignInFailed)), "a step serves once");
        for _ in 0..4 {
            let _ = vault.confirm_sign_in(&first, secret("wrong password"), None, None).await;
        }
        let locked = vault.confirm_sign_in(&first, secret(PASSWORD), None, None).await;
        assert!(matches!(locked, Err(Error::LockedOut { .. })), "who took a cookie does not guess for long");
    }

    async fn resets_and_new_factors_end_browsers_and_tokens(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let resets = [
            PersonEdit { password: Some(secret("sixteen anchors velvet plum")), ..PersonEdit::default() },
            PersonEdit { reset_second_factor: true, ..PersonEdit::default() },
        ];
        for (number, reset) in resets.into_iter().enumerate() {
            let bob = fixture.person(&format!("bob {number}"), Role::Member).await;
            let (_, bearer) = fixture.vault.create_api_token(&bob, &new_token(false, None)).await.unwrap();
            fixture.vault.recognise(&bearer).await.unwrap();
            fixture.vault.edit_person(&fixture.admin, bob.user, reset).await.unwrap();
            assert!(matches!(fixture.vault.recognise(&bearer).await, Err(Error::NotSignedIn)), "{number}");
            assert!(matches!(fixture.vault.web_sessions(&bob).await, Err(Error::NotSignedIn)), "{number}");
        }
        let [here, there] = [fixture.person("carol", Role::Member).await, fixture.signed_in("carol").await];
        let (_, bearer) = fixture.vault.create_api_token(&here, &new_token(false, None)).await.unwrap();
        for first in [true, false] {
            fixture.advance(30);
            let setup = fixture.vault.begin_second_factor(&here).await.unwrap();
            fixture.vault.confirm_second_factor(&here, &token_of(&setup.uri, &fixture)).await.unwrap();
            assert_eq!(fixture.vault.recognise(&bearer).await.is_ok(), first, "a first factor replaces none");
        }
        assert!(matches!(fixture.vault.web_sessions(&there).await, Err(Error::NotSignedIn)));
        fixture.vault.web_sessions(&here).await.unwrap();
    }

    async fn administrators_see_and_end_everybodys_ways_in(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let admin = fixture.signed_in("root").await;
        let bob = fixture.person("bob", Role::Manager).await;
        let other = fixture.signed_in("bob").await;
        let bearers = [fixture.api_token(&bob, None).await, fixture.api_token(&bob, None).await];
        assert!(matches!(fixture.vault.ways_in(&bob, admin.user).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.end_all_of(&bob, admin.user).await, Err(Error::Denied(_))));
        let WaysIn { sessions, api_tokens: tokens, .. } = fixture.vault.ways_in(&admin, bob.user).await.unwrap();
        assert_eq!((sessions.len(), tokens.len()), (2, 2));
        assert!(sessions.iter().all(|session| !session.current));
        fixture.vault.revoke_token_of(&admin, bob.user, tokens[0].id).await.unwrap();
        assert!(matches!(fixture.vault.revoke_token_of(&admin, bob.user, tokens[0].id).await, Err(Error::NotFound(_))));
        assert!(matches!(fixture.vault.revoke_token_of(&admin, admin.user, tokens[1].id).await, Err(Error::NotFound(_))), "of another");
        fixture.vault.end_browser_of(&admin, bob.user, sessions[0].id).await.unwrap();
        let WaysIn { sessions, api_tokens: tokens, .. } = fixture.vault.ways_in(&admin, bob.user).await.unwrap();
        assert_eq!((sessions.len(), tokens.len()), (1, 1));
        fixture.vault.end_all_of(&admin, bob.user).await.unwrap();
        for bearer in &bearers {
            assert!(matches!(fixture.vault.recognise(bearer).await, Err(Error::NotSignedIn)));
        }
        for session in [&bob, &other] {
            assert!(matches!(fixture.vault.web_sessions(session).await, Err(Error::NotSignedIn)));
        }
        fixture.vault.end_all_of(&admin, admin.user).await.unwrap();
        assert_eq!(fixture.vault.web_sessions(&admin).await.unwrap().len(), 1, "the asking browser stays");
    }

    async fn a_token_may_revoke_itself(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let page = fixture.signed_in("root").await;
        let program = token(&fixture, &page, false, None).await;
        let other = token(&fixture, &page, false, None).await;
        let id = |actor: &Actor| match actor.kind {
            countersign_model::ActorKind::Program(id) => id,
            _ => panic!("no token"),
        };
        assert_eq!(short(&fixture.vault.revoke_api_token(&program, id(&other)).await), Some(TooShort::PageOnly));
        fixture.vault.revoke_api_token(&program, id(&program)).await.unwrap();
        fixture.vault.revoke_api_token(&page, id(&other)).await.unwrap();
    }
}
