//! API tokens: never more than their owner, gone when revoked or over.

use countersign_model::{Role, UserId};
use countersign_store::both_engines;
use countersign_vault::{Error, NewApiToken, PersonEdit};

use crate::fixture::TestVault;

both_engines! {
    async fn a_token_is_recognised_until_it_is_revoked(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bearer = fixture.api_token(&fixture.admin, None).await;
        let caller = fixture.vault.recognise(&bearer).await.unwrap();
        assert_eq!((caller.actor.name.as_str(), caller.actor.role, caller.enrolment_needed), ("root/ci", Role::Administrator, false));
        let listed = fixture.vault.api_tokens(&fixture.admin).await.unwrap();
        fixture.vault.revoke_api_token(&fixture.admin, listed[0].id).await.unwrap();
        assert!(matches!(fixture.vault.recognise(&bearer).await, Err(Error::NotSignedIn)));
        let credential = fixture.credential("Instagram").await;
        assert!(fixture.token(&caller.actor, &credential).await.is_err(), "an actor recognised before is looked up anew");
        assert!(matches!(fixture.vault.revoke_api_token(&fixture.admin, listed[0].id).await, Err(Error::NotFound(_))));
    }

    async fn a_token_ends_by_its_date(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let new = NewApiToken { name: "short".to_owned(), role: None, expires_in_days: Some(1), admin: true };
        let (_, bearer) = fixture.vault.create_api_token(&fixture.admin, &new).await.unwrap();
        fixture.vault.recognise(&bearer).await.unwrap();
        fixture.advance(24 * 3600 + 1);
        assert!(matches!(fixture.vault.recognise(&bearer).await, Err(Error::NotSignedIn)));
        for days in [0, 100_000] {
            let new = NewApiToken { name: "x".to_owned(), role: None, expires_in_days: Some(days), admin: true };
            assert!(matches!(fixture.vault.create_api_token(&fixture.admin, &new).await, Err(Error::Invalid(_))));
        }
    }

    async fn a_token_follows_its_owner_down(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let manager = fixture.person("bob", Role::Manager).await;
        let wider = NewApiToken { name: "wide".to_owned(), role: Some(Role::Administrator), expires_in_days: None, admin: true };
        assert!(matches!(fixture.vault.create_api_token(&manager, &wider).await, Err(Error::Invalid(_))));
        let bearer = fixture.api_token(&manager, Some(Role::Manager)).await;
        let demote = PersonEdit { role: Some(Role::Member), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, manager.user, demote).await.unwrap();
        assert_eq!(fixture.vault.recognise(&bearer).await.unwrap().actor.role, Role::Member);
        let gone: UserId = manager.user;
        fixture.vault.remove_person(&fixture.admin, gone).await.unwrap();
        assert!(matches!(fixture.vault.recognise(&bearer).await, Err(Error::NotSignedIn)));
    }
}
