//! API tokens: never more than their owner, gone when revoked or over.

use countersign_model::{Role, UserId};
use countersign_store::both_engines;
use countersign_vault::{Error, NewApiToken, PersonEdit};

use crate::house::House;

both_engines! {
    async fn a_token_is_recognised_until_it_is_revoked(database: &TestDatabase) {
        let house = House::new(database).await;
        let bearer = house.api_token(&house.admin, None).await;
        let caller = house.vault.recognise(&bearer).await.unwrap();
        assert_eq!((caller.actor.name.as_str(), caller.actor.role, caller.enrolment_needed), ("root/ci", Role::Administrator, false));
        let listed = house.vault.api_tokens(&house.admin).await.unwrap();
        house.vault.revoke_api_token(&house.admin, listed[0].id).await.unwrap();
        assert!(matches!(house.vault.recognise(&bearer).await, Err(Error::NotSignedIn)));
        let credential = house.credential("Instagram").await;
        assert!(house.token(&caller.actor, &credential).await.is_err(), "an actor recognised before is looked up anew");
        assert!(matches!(house.vault.revoke_api_token(&house.admin, listed[0].id).await, Err(Error::NotFound(_))));
    }

    async fn a_token_ends_by_its_date(database: &TestDatabase) {
        let house = House::new(database).await;
        let new = NewApiToken { name: "short".to_owned(), role: None, expires_in_days: Some(1), admin: true };
        let (_, bearer) = house.vault.create_api_token(&house.admin, &new).await.unwrap();
        house.vault.recognise(&bearer).await.unwrap();
        house.advance(24 * 3600 + 1);
        assert!(matches!(house.vault.recognise(&bearer).await, Err(Error::NotSignedIn)));
        for days in [0, 100_000] {
            let new = NewApiToken { name: "x".to_owned(), role: None, expires_in_days: Some(days), admin: true };
            assert!(matches!(house.vault.create_api_token(&house.admin, &new).await, Err(Error::Invalid(_))));
        }
    }

    async fn a_token_follows_its_owner_down(database: &TestDatabase) {
        let house = House::new(database).await;
        let manager = house.person("bob", Role::Manager).await;
        let wider = NewApiToken { name: "wide".to_owned(), role: Some(Role::Administrator), expires_in_days: None, admin: true };
        assert!(matches!(house.vault.create_api_token(&manager, &wider).await, Err(Error::Invalid(_))));
        let bearer = house.api_token(&manager, Some(Role::Manager)).await;
        let demote = PersonEdit { role: Some(Role::Member), ..PersonEdit::default() };
        house.vault.edit_person(&house.admin, manager.user, demote).await.unwrap();
        assert_eq!(house.vault.recognise(&bearer).await.unwrap().actor.role, Role::Member);
        let gone: UserId = manager.user;
        house.vault.remove_person(&house.admin, gone).await.unwrap();
        assert!(matches!(house.vault.recognise(&bearer).await, Err(Error::NotSignedIn)));
    }
}
