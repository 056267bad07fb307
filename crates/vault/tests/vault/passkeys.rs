//! Passkeys: adding, signing in with them alone, as a second factor, confirming, removing.

use countersign_audit::Detail;
use countersign_identity::{Bearer, RelyingParty};
use countersign_model::{Actor, Paging, PasskeyName, Role, TooShort};
use countersign_seal::passphrase::Cost;
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    AddedPasskey, Conflict, Error, Object, PasskeySignInRequest, PersonEdit, RecordView, SignInRequest, SignedIn,
    Source, VaultOptions,
};
use serde_json::Value;

use crate::{
    fixture::{PASSWORD, TestVault, secret},
    soft_authenticator::SoftAuthenticator,
};

pub(crate) const ORIGIN: &str = "https://vault.example.com";

/// A vault that people open at a URL with a host name.
pub(crate) async fn at_home(database: &countersign_store::testing::TestDatabase) -> TestVault {
    let fixture = TestVault::new(database).await;
    fixture.vault.use_passkeys_at(RelyingParty::at(ORIGIN));
    fixture
}

pub(crate) async fn add(
    fixture: &TestVault,
    actor: &Actor,
    soft: &mut SoftAuthenticator,
    name: &str,
) -> Result<AddedPasskey, Error> {
    let options = fixture.vault.begin_passkey(actor).await?;
    let answer = soft.make(&options);
    fixture.vault.add_passkey(actor, &PasskeyName::parse(name).unwrap(), answer).await
}

/// Somebody with a passkey, and their authenticator.
pub(crate) async fn with_passkey(fixture: &TestVault, name: &str) -> (Actor, SoftAuthenticator) {
    let actor = fixture.signed_in(name).await;
    let mut soft = SoftAuthenticator::at(ORIGIN);
    add(fixture, &actor, &mut soft, "Phone").await.unwrap_or_else(|error| panic!("{error}"));
    (actor, soft)
}

pub(crate) async fn answer(fixture: &TestVault, challenge: Option<&Bearer>, answer: Value) -> Result<SignedIn, Error> {
    let source = Source::agent("test");
    fixture.vault.sign_in_with_passkey(PasskeySignInRequest { challenge, answer, source }).await
}

pub(crate) async fn sign_in(fixture: &TestVault, soft: &mut SoftAuthenticator) -> Result<SignedIn, Error> {
    let (options, challenge) = fixture.vault.begin_passkey_sign_in(None).await?;
    answer(fixture, Some(&challenge), soft.show(&options)).await
}

async fn by_password(fixture: &TestVault, name: &str, token: Option<&str>) -> Result<SignedIn, Error> {
    let source = Source::agent("test");
    fixture.vault.sign_in(SignInRequest { name, password: secret(PASSWORD), token, source }).await
}

/// Records of an act, the newest first.
pub(crate) async fn records(fixture: &TestVault, act: &str) -> Vec<RecordView> {
    let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
    fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(200)).await.unwrap().items
}

pub(crate) fn detail(record: &RecordView, name: &str) -> Option<String> {
    match record.entry.details.get(name)? {
        Detail::Text(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

both_engines! {
    async fn a_passkey_signs_in_alone(database: &TestDatabase) {
        let fixture = at_home(database).await;
        fixture.person("bob", Role::Member).await;
        let (bob, mut soft) = with_passkey(&fixture, "bob").await;
        let signed_in = sign_in(&fixture, &mut soft).await.unwrap();
        assert_eq!(signed_in.caller.actor.user, bob.user);
        let again = fixture.vault.recognise(&signed_in.bearer).await.unwrap().actor;
        assert_eq!(again.name, "bob");
        let record = &records(&fixture, "user.signed_in").await[0];
        assert_eq!(detail(record, "passkey").as_deref(), Some("Phone"));
        assert_eq!(record.entry.details.get("second_factor"), Some(&Detail::Flag(true)));
        fixture.advance(60);
        sign_in(&fixture, &mut soft).await.unwrap();
        let listed = fixture.vault.passkeys(&again).await.unwrap();
        assert_eq!((listed.len(), listed[0].name.as_str()), (1, "Phone"));
        assert_eq!(listed[0].last_used_at, Some(fixture.now()));
        let shown = fixture.vault.own_entry(&again).await.unwrap();
        assert_eq!((shown.authenticator_app, shown.passkeys, shown.second_factor()), (false, 1, true));
    }

    async fn a_passkey_is_a_second_factor_and_recovery_codes_stand_in_for_it(database: &TestDatabase) {
        let fixture = at_home(database).await;
        fixture.person("bob", Role::Member).await;
        let elsewhere = by_password(&fixture, "bob", None).await.unwrap();
        let bob = fixture.signed_in("bob").await;
        let mut phone = SoftAuthenticator::at(ORIGIN);
        let added = add(&fixture, &bob, &mut phone, "Phone").await.unwrap();
        let codes = added.recovery_codes.expect("it is the first second factor");
        assert_eq!(codes.len(), 10);
        assert!(matches!(fixture.vault.recognise(&elsewhere.bearer).await, Err(Error::NotSignedIn)), "came in by less");
        fixture.vault.own_entry(&bob).await.unwrap();

        for token in [None, Some("000000"), Some("zzzz-zzzz-zzzz-zzzz")] {
            let refused = by_password(&fixture, "bob", token).await;
            assert!(matches!(refused, Err(Error::SignInFailed)), "{token:?}: the password alone is not enough");
        }
        by_password(&fixture, "bob", codes[0].expose_text()).await.unwrap();
        assert!(matches!(by_password(&fixture, "bob", codes[0].expose_text()).await, Err(Error::SignInFailed)));
        assert_eq!(fixture.vault.make_recovery_codes(&bob).await.unwrap().len(), 10);

        let mut key = SoftAuthenticator::at(ORIGIN);
        let added = add(&fixture, &bob, &mut key, "Key").await.unwrap();
        assert!(added.recovery_codes.is_none(), "those that are there stay");
        assert_eq!(fixture.vault.recovery_codes_left(&bob).await.unwrap(), 10);
        sign_in(&fixture, &mut key).await.unwrap();
        sign_in(&fixture, &mut phone).await.unwrap();
        let acts = crate::log::acts(&fixture).await;
        assert_eq!(acts.iter().filter(|act| *act == "passkey.added").count(), 2, "{acts:?}");
    }

    async fn who_has_a_passkey_need_not_set_up_an_authenticator(database: &TestDatabase) {
        let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: true };
        let fixture = TestVault::with(database, options).await;
        fixture.vault.use_passkeys_at(RelyingParty::at(ORIGIN));
        let first = by_password(&fixture, "root", None).await.unwrap();
        assert!(first.caller.enrolment_needed);
        let (root, mut soft) = with_passkey(&fixture, "root").await;
        assert!(!sign_in(&fixture, &mut soft).await.unwrap().caller.enrolment_needed);

        // And does not get rid of it again as long as there is nothing else.
        let only = fixture.vault.passkeys(&root).await.unwrap()[0].id;
        let refused = fixture.vault.remove_passkey(&root, only).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::OnlySecondFactor))), "{refused:?}");
        sign_in(&fixture, &mut soft).await.unwrap();
        let mut key = SoftAuthenticator::at(ORIGIN);
        add(&fixture, &root, &mut key, "Key").await.unwrap();
        fixture.vault.remove_passkey(&root, only).await.unwrap();
        assert!(matches!(sign_in(&fixture, &mut soft).await, Err(Error::PasskeyRefused(_))));
        sign_in(&fixture, &mut key).await.unwrap();
    }

    async fn a_removed_passkey_lets_nobody_in(database: &TestDatabase) {
        let fixture = at_home(database).await;
        fixture.person("bob", Role::Member).await;
        let (bob, mut soft) = with_passkey(&fixture, "bob").await;
        let elsewhere = sign_in(&fixture, &mut soft).await.unwrap();
        let id = fixture.vault.passkeys(&bob).await.unwrap()[0].id;
        let ana = fixture.person("ana", Role::Member).await;
        assert!(matches!(fixture.vault.remove_passkey(&ana, id).await, Err(Error::NotFound(Object::Passkey))), "not theirs");
        fixture.vault.remove_passkey(&bob, id).await.unwrap();
        assert!(matches!(fixture.vault.remove_passkey(&bob, id).await, Err(Error::NotFound(Object::Passkey))));
        assert!(matches!(fixture.vault.recognise(&elsewhere.bearer).await, Err(Error::NotSignedIn)), "came in with it");
        assert!(matches!(sign_in(&fixture, &mut soft).await, Err(Error::PasskeyRefused(_))));
        // Codes that stood in for it serve no more, and the password is enough again.
        assert_eq!(fixture.vault.recovery_codes_left(&bob).await.unwrap(), 0);
        by_password(&fixture, "bob", None).await.unwrap();
        let removed = &records(&fixture, "passkey.removed").await[0];
        assert_eq!(removed.entry.object.as_ref().map(|object| object.name.as_str()), Some("Phone"));
    }

    async fn a_passkey_shows_once_more_who_is_there(database: &TestDatabase) {
        let fixture = at_home(database).await;
        fixture.person("bob", Role::Member).await;
        let (bob, mut soft) = with_passkey(&fixture, "bob").await;
        fixture.advance(16 * 60);
        assert!(matches!(fixture.vault.begin_passkey(&bob).await, Err(Error::TooShort(TooShort::NotRecent))));
        let own = fixture.vault.passkeys(&bob).await.unwrap()[0].id;
        assert!(matches!(fixture.vault.remove_passkey(&bob, own).await, Err(Error::TooShort(TooShort::NotRecent))));
        let options = fixture.vault.begin_passkey_confirmation(&bob).await.unwrap();
        assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1, "their own alone");
        // Authenticators need not say whose it is, where they were asked for one.
        soft.handle = None;
        fixture.vault.confirm_with_passkey(&bob, soft.show(&options), None).await.unwrap();
        fixture.vault.begin_passkey(&bob).await.unwrap();
        let record = &records(&fixture, "user.sign_in_confirmed").await[0];
        assert_eq!(detail(record, "passkey").as_deref(), Some("Phone"));
    }

    async fn programs_have_no_passkeys(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let (root, mut soft) = with_passkey(&fixture, "root").await;
        let program = fixture.api_token(&root, None).await;
        let program = fixture.vault.recognise(&program).await.unwrap().actor;
        let own = fixture.vault.passkeys(&program).await.unwrap()[0].id;
        let name = PasskeyName::parse("Robot").unwrap();
        let refusals = [
            fixture.vault.begin_passkey(&program).await.map(drop),
            fixture.vault.add_passkey(&program, &name, Value::Null).await.map(drop),
            fixture.vault.remove_passkey(&program, own).await,
            fixture.vault.begin_passkey_confirmation(&program).await.map(drop),
            fixture.vault.confirm_with_passkey(&program, Value::Null, None).await,
        ];
        for refused in refusals {
            assert!(matches!(refused, Err(Error::TooShort(TooShort::PageOnly))), "{refused:?}");
        }
        sign_in(&fixture, &mut soft).await.unwrap();
    }

    async fn a_second_factor_that_is_reset_takes_passkeys_with_it(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let (_, mut soft) = with_passkey(&fixture, "bob").await;
        let root = fixture.signed_in("root").await;
        let edit = PersonEdit { reset_second_factor: true, ..PersonEdit::default() };
        let after = fixture.vault.edit_person(&root, bob.user, edit).await.unwrap();
        assert!(!after.second_factor());
        let record = &records(&fixture, "user.edited").await[0];
        assert_eq!(detail(record, "second_factor").as_deref(), Some("reset"));
        assert_eq!(record.entry.details.get("passkeys_removed"), Some(&Detail::Number(1)));
        assert!(matches!(sign_in(&fixture, &mut soft).await, Err(Error::PasskeyRefused(_))));
        by_password(&fixture, "bob", None).await.unwrap();

        // The same from beside the data.
        let (_, mut soft) = with_passkey(&fixture, "bob").await;
        sign_in(&fixture, &mut soft).await.unwrap();
        assert_eq!(fixture.vault.reset_second_factor("bob").await.unwrap(), "bob");
        let record = &records(&fixture, "user.second_factor_reset").await[0];
        assert_eq!(record.entry.details.get("passkeys_removed"), Some(&Detail::Number(1)));
        assert!(matches!(sign_in(&fixture, &mut soft).await, Err(Error::PasskeyRefused(_))));
        assert!(matches!(fixture.vault.reset_second_factor("bob").await, Err(Error::Invalid(_))), "there is none any more");
    }

    async fn nobody_has_more_than_twenty(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let root = fixture.signed_in("root").await;
        for number in 0..20 {
            add(&fixture, &root, &mut SoftAuthenticator::at(ORIGIN), &format!("Key {number}")).await.unwrap();
        }
        let refused = fixture.vault.begin_passkey(&root).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::TooManyPasskeys(20)))), "{refused:?}");
        let listed = fixture.vault.passkeys(&root).await.unwrap();
        assert_eq!(listed.len(), 20);
        // Asked while there was room, answered when there is none.
        fixture.vault.remove_passkey(&root, listed[0].id).await.unwrap();
        let options = fixture.vault.begin_passkey(&root).await.unwrap();
        let late = SoftAuthenticator::at(ORIGIN).make(&options);
        let mut tx = database.write().await.unwrap();
        let row = countersign_store::passkeys::NewPasskeyRow {
            id: countersign_model::PasskeyId::new(fixture.now(), &countersign_seal::SystemChance),
            person: root.user,
            credential: b"twentieth",
            name: &PasskeyName::parse("Twentieth").unwrap(),
            stored: "{}",
        };
        assert!(countersign_store::passkeys::insert(&mut tx, &row, 20, fixture.now()).await.unwrap());
        tx.commit().await.unwrap();
        let refused = fixture.vault.add_passkey(&root, &PasskeyName::parse("Late").unwrap(), late).await.map(drop);
        assert!(matches!(refused, Err(Error::Conflict(Conflict::TooManyPasskeys(20)))), "{refused:?}");
    }

    async fn passkeys_outlive_a_new_vault_key(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let (_, mut soft) = with_passkey(&fixture, "root").await;
        let (options, challenge) = fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        fixture.vault.rotate_key(&fixture.admin).await.unwrap();
        crate::keys::go_on(&fixture, &fixture.vault, async |_| {}).await;
        sign_in(&fixture, &mut soft).await.unwrap();
        // Asked before and answered after.
        answer(&fixture, Some(&challenge), soft.show(&options)).await.unwrap();
        assert!(fixture.complaints().await.is_empty());
    }
}
