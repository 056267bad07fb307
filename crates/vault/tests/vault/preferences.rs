//! How the page speaks to people, kept with their accounts.

use countersign_model::{Actor, PageLanguage, PageZone, Preferences, Reach, Role, TooShort};
use countersign_store::both_engines;
use countersign_vault::Error;

use crate::fixture::TestVault;

both_engines! {
    async fn preferences_are_ones_own_and_grow(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let bob = fixture.person("bob", Role::Member).await;
        assert_eq!(vault.preferences(&bob).await.unwrap(), Preferences::default());
        let spanish = Preferences { language: Some(PageLanguage::Spanish), ..Preferences::default() };
        assert_eq!(vault.change_preferences(&bob, spanish.clone()).await.unwrap(), spanish);
        let zone = PageZone::parse("America/Sao_Paulo").unwrap();
        let more = Preferences { time_zone: Some(zone), ..Preferences::default() };
        let all = vault.change_preferences(&bob, more.clone()).await.unwrap();
        assert_eq!(all, Preferences { language: Some(PageLanguage::Spanish), ..more });
        assert_eq!(vault.preferences(&bob).await.unwrap(), all);
        assert_eq!(vault.preferences(admin).await.unwrap(), Preferences::default());

        for (reach, problem) in [
            (Reach::Token { admin: true }, TooShort::PageOnly),
            (Reach::Device, TooShort::DeviceOnlyFills),
        ] {
            let program = Actor { reach, ..bob.clone() };
            let refused = vault.change_preferences(&program, spanish.clone()).await;
            assert!(matches!(refused, Err(Error::TooShort(why)) if why == problem));
        }
        vault.remove_person(admin, bob.user).await.unwrap();
    }
}
