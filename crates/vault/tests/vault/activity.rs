//! How often something was used on each day: counted from the log, and told to who may read it.

use countersign_audit::daily::UseCounts;
use countersign_model::{Actor, GrantPermissions, Role};
use countersign_store::both_engines;
use countersign_vault::{
    Activity, ActivityRequest, ActivityScope, CredentialView, Error, FieldEdit, Patch, TokenRequest,
};

use crate::fixture::{TestVault, by_id, secret};

const DAY: u64 = 86_400;
const TOKEN: GrantPermissions = GrantPermissions { token: true, ..GrantPermissions::SEE };
const AUDIT: GrantPermissions = GrantPermissions { audit: true, ..GrantPermissions::SEE };

fn on(credential: &CredentialView) -> ActivityScope {
    ActivityScope::Credential(credential.id)
}

const fn by(actor: &Actor) -> ActivityScope {
    ActivityScope::User(actor.user)
}

impl TestVault {
    async fn activity(&self, actor: &Actor, scope: ActivityScope, days: u32) -> Result<Activity, Error> {
        let ask = ActivityRequest { scope, days, zone: "UTC".parse().unwrap() };
        self.vault.activity(actor, &ask).await
    }

    async fn counted(&self, actor: &Actor, scope: ActivityScope) -> Vec<UseCounts> {
        self.activity(actor, scope, 3).await.unwrap().days.into_iter().map(|(_, counts)| counts).collect()
    }
}

both_engines! {
    async fn uses_are_counted_on_their_days(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        fixture.grant(&shop, &ben, Some(TOKEN)).await;
        vault.token(&ben, &by_id(&shop), &TokenRequest::default()).await.unwrap();
        fixture.advance(DAY);
        let ben = fixture.signed_in("ben").await;
        vault.token(&ben, &by_id(&shop), &TokenRequest::default()).await.unwrap();
        let admin = fixture.signed_in("root").await;
        vault.token(&admin, &by_id(&shop), &TokenRequest::default()).await.unwrap();
        vault.token(&admin, &by_id(&bank), &TokenRequest::default()).await.unwrap();
        assert!(vault.token(&ben, &by_id(&bank), &TokenRequest::default()).await.is_err(), "refused, so no use");
        let patch = Patch { password: FieldEdit::Set(secret("another of its passwords")), ..Patch::default() };
        vault.edit_credential(&admin, &by_id(&shop), patch).await.unwrap();
        vault.reveal(&admin, &by_id(&shop), None, None).await.unwrap();

        let none = UseCounts::default();
        let today = UseCounts { tokens: 2, passwords: 1, changes: 1, ..none };
        let before = UseCounts { tokens: 1, ..none };
        assert_eq!(fixture.counted(&admin, on(&shop)).await, [none, before, today]);
        assert_eq!(fixture.counted(&admin, on(&bank)).await, [none, none, before]);
        assert_eq!(fixture.counted(&admin, by(&ben)).await, [none, before, before]);
        assert_eq!(fixture.counted(&admin, by(&admin)).await, [none, none, UseCounts { tokens: 2, ..today }]);

        let found = fixture.activity(&admin, on(&shop), 90).await.unwrap();
        assert_eq!((found.days.len(), found.counted_from), (90, None));
        assert_eq!(found.days.last().map(|(date, counts)| (date.as_str(), *counts)), Some(("2005-03-19", today)));
        // By another clock it was on the day before.
        let zone = "America/New_York".parse().unwrap();
        let found = vault.activity(&admin, &ActivityRequest { scope: on(&shop), days: 1, zone }).await.unwrap();
        assert_eq!(found.days, [("2005-03-18".to_owned(), today)]);
    }

    async fn nobody_is_told_of_uses_whose_records_they_may_not_read(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ben = fixture.person("ben", Role::Member).await;
        let cleo = fixture.person("cleo", Role::Member).await;
        let (auditor, manager) =
            (fixture.person("ivy", Role::Auditor).await, fixture.person("max", Role::Manager).await);
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        fixture.grant(&shop, &ben, Some(AUDIT)).await;
        fixture.grant(&bank, &ben, Some(TOKEN)).await;
        let admin = &fixture.admin;
        // Who asks, of whom or what, and whether they are told.
        let table = [
            (admin, on(&shop), true),
            (&auditor, on(&shop), true),
            (&manager, on(&shop), false),
            (&ben, on(&shop), true),
            (&ben, on(&bank), false),
            (&cleo, on(&shop), false),
            (admin, by(&ben), true),
            (&auditor, by(&ben), true),
            (&manager, by(&ben), false),
            (&cleo, by(&ben), false),
            (&ben, by(&ben), true),
            (&manager, by(&manager), true),
        ];
        for (actor, scope, told) in table {
            let answer = fixture.activity(actor, scope, 30).await;
            let case = format!("{} asks for {scope:?}: {answer:?}", actor.name);
            assert!(if told { answer.is_ok() } else { matches!(answer, Err(Error::Denied(_))) }, "{case}");
        }
        for days in [0, 91] {
            assert!(matches!(fixture.activity(admin, on(&shop), days).await, Err(Error::Invalid(_))), "{days}");
        }
    }
}
