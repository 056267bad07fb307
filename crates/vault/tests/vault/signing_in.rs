//! Signing in, the second factor, lock-out, the first administrator.

use countersign_model::{Role, UserName};
use countersign_otp::{Pasted, uris};
use countersign_seal::{PasswordHash, Secret, passphrase::Cost};
use countersign_store::{both_engines, people};
use countersign_vault::{Conflict, Error, NewPerson, Object, PersonEdit, SignInRequest, Source, VaultOptions};

use crate::fixture::{PASSWORD, TestVault, secret};

/// The token that an authenticator shows.
pub(crate) fn token_of(uri: &Secret, fixture: &TestVault) -> String {
    let Some(Ok(Pasted::Setup(setup))) = uris(uri.expose_text().unwrap()).next().map(|found| found.outcome) else {
        panic!("the set-up is an address");
    };
    setup.secret.token_at(u64::try_from(fixture.now().seconds()).unwrap()).unwrap().text.expose().to_owned()
}

async fn try_in(fixture: &TestVault, password: &str, token: Option<&str>) -> Result<(), Error> {
    let ask = SignInRequest { name: "Root", password: secret(password), token, source: Source::agent("test") };
    fixture.vault.sign_in(ask).await.map(drop)
}

both_engines! {
    async fn a_token_signs_in_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let actor = fixture.signed_in("root").await;
        let setup = fixture.vault.begin_second_factor(&actor).await.unwrap();
        try_in(&fixture, PASSWORD, None).await.unwrap();
        assert!(matches!(fixture.vault.confirm_second_factor(&actor, "000000").await, Err(Error::Invalid(_))));
        let token = token_of(&setup.uri, &fixture);
        fixture.vault.confirm_second_factor(&actor, &token).await.unwrap();

        assert!(matches!(try_in(&fixture, PASSWORD, None).await, Err(Error::SignInFailed)));
        assert!(matches!(try_in(&fixture, PASSWORD, Some(&token)).await, Err(Error::SignInFailed)), "it confirmed the set-up");
        fixture.advance(30);
        let token = token_of(&setup.uri, &fixture);
        try_in(&fixture, PASSWORD, Some(&token)).await.unwrap();
        assert!(matches!(try_in(&fixture, PASSWORD, Some(&token)).await, Err(Error::SignInFailed)), "a step serves once");
    }

    async fn recovery_codes_stand_in_for_a_lost_authenticator(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let actor = fixture.signed_in("root").await;
        let setup = fixture.vault.begin_second_factor(&actor).await.unwrap();
        assert!(matches!(fixture.vault.make_recovery_codes(&actor).await, Err(Error::Invalid(_))), "nothing to stand in for");
        let codes = fixture.vault.confirm_second_factor(&actor, &token_of(&setup.uri, &fixture)).await.unwrap();
        let codes: Vec<&str> = codes.iter().map(|code| code.expose_text().unwrap()).collect();
        assert_eq!((codes.len(), fixture.vault.recovery_codes_left(&actor).await.unwrap()), (10, 10));

        assert!(matches!(try_in(&fixture, "wrong password", Some(codes[0])).await, Err(Error::SignInFailed)));
        try_in(&fixture, PASSWORD, Some(codes[0])).await.unwrap();
        assert!(matches!(try_in(&fixture, PASSWORD, Some(codes[0])).await, Err(Error::SignInFailed)), "each serves once");
        let other = "zzzz-zzzz-zzzz-zzzz";
        assert!(matches!(try_in(&fixture, PASSWORD, Some(other)).await, Err(Error::SignInFailed)));
        let typed = codes[1].to_uppercase().replace('-', " ");
        try_in(&fixture, PASSWORD, Some(&typed)).await.unwrap();
        assert_eq!(fixture.vault.recovery_codes_left(&actor).await.unwrap(), 8);

        let fresh = fixture.vault.make_recovery_codes(&actor).await.unwrap();
        assert!(matches!(try_in(&fixture, PASSWORD, Some(codes[2])).await, Err(Error::SignInFailed)), "new ones replace them");
        try_in(&fixture, PASSWORD, fresh[0].expose_text()).await.unwrap();
        let program = fixture.api_token(&actor, None).await;
        let program = fixture.vault.recognise(&program).await.unwrap().actor;
        assert!(matches!(fixture.vault.make_recovery_codes(&program).await, Err(Error::TooShort(_))), "a program makes none");
        let acts = crate::log::acts(&fixture).await;
        for act in ["user.recovery_code_used", "user.recovery_codes_made"] {
            assert!(acts.iter().any(|known| known == act), "{act} is not in {acts:?}");
        }
        assert_eq!(acts.iter().filter(|act| *act == "user.recovery_code_used").count(), 3);
    }

    async fn two_sign_ins_with_one_recovery_code_are_one(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let actor = fixture.signed_in("root").await;
        let setup = fixture.vault.begin_second_factor(&actor).await.unwrap();
        let codes = fixture.vault.confirm_second_factor(&actor, &token_of(&setup.uri, &fixture)).await.unwrap();
        let code = codes[0].expose_text();
        let (one, other) = tokio::join!(try_in(&fixture, PASSWORD, code), try_in(&fixture, PASSWORD, code));
        assert_eq!([one, other].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    }

    async fn a_second_factor_is_reset_beside_the_data(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let actor = fixture.signed_in("root").await;
        assert!(matches!(fixture.vault.reset_second_factor("root").await, Err(Error::Invalid(_))), "there is none");
        let setup = fixture.vault.begin_second_factor(&actor).await.unwrap();
        let codes = fixture.vault.confirm_second_factor(&actor, &token_of(&setup.uri, &fixture)).await.unwrap();
        assert!(matches!(fixture.vault.reset_second_factor("nobody").await, Err(Error::NotFound(Object::User))));
        assert_eq!(fixture.vault.reset_second_factor(" ROOT ").await.unwrap(), "root");
        assert!(matches!(fixture.vault.own_entry(&actor).await, Err(Error::NotSignedIn)), "web sessions end");
        try_in(&fixture, PASSWORD, None).await.unwrap();
        let again = fixture.signed_in("root").await;
        assert_eq!(fixture.vault.recovery_codes_left(&again).await.unwrap(), 0, "{} codes are gone", codes.len());
        let acts = crate::log::acts(&fixture).await;
        assert!(acts.iter().any(|act| act == "user.second_factor_reset"), "{acts:?}");
    }

    /// Typed on a keyboard that composes accents, and on one that does not.
    async fn a_password_is_the_same_however_its_accents_are_written(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (composed, apart) = ("caf\u{e9} velvet anchor", "cafe\u{301}\u{a0}velvet anchor");
        let new = NewPerson { name: UserName::parse("Ren\u{e9}").unwrap(), role: Role::Member, password: secret(apart) };
        fixture.vault.create_person(&fixture.admin, new).await.unwrap();
        for (name, password) in [("Ren\u{e9}", composed), ("REN\u{c9}", apart), ("rene\u{301}", composed)] {
            let ask = SignInRequest { name, password: secret(password), token: None, source: Source::agent("test") };
            fixture.vault.sign_in(ask).await.unwrap_or_else(|error| panic!("{name} {password}: {error}"));
        }
        let again = NewPerson { name: UserName::parse("rene\u{301}").unwrap(), role: Role::Member, password: secret(PASSWORD) };
        assert!(matches!(fixture.vault.create_person(&fixture.admin, again).await, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        let other = SignInRequest { name: "Rene", password: secret(composed), token: None, source: Source::agent("test") };
        assert!(matches!(fixture.vault.sign_in(other).await, Err(Error::SignInFailed)));
    }

    /// A hash from before passwords were prepared is of the bytes as typed; it serves once more and is replaced.
    async fn an_old_hash_still_verifies_and_is_renewed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let typed = "cafe\u{301} velvet anchor";
        let old = PasswordHash::new(&secret(typed), Cost::TEST, &countersign_seal::SystemChance);
        let mut tx = database.write().await.unwrap();
        people::renew_password(&mut tx, fixture.admin.user, &old).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(try_in(&fixture, "caf\u{e9} velvet anchor", None).await, Err(Error::SignInFailed)), "not known yet");
        try_in(&fixture, typed, None).await.unwrap();
        try_in(&fixture, "caf\u{e9} velvet anchor", None).await.unwrap();
        try_in(&fixture, typed, None).await.unwrap();
        assert!(matches!(try_in(&fixture, "cafe velvet anchor", None).await, Err(Error::SignInFailed)));
    }

    async fn failures_lock_a_name_for_a_while(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for _ in 0..4 {
            assert!(matches!(try_in(&fixture, "wrong password", None).await, Err(Error::SignInFailed)));
        }
        assert!(matches!(try_in(&fixture, "wrong password", None).await, Err(Error::LockedOut { wait }) if wait.as_secs() == 30));
        assert!(matches!(try_in(&fixture, PASSWORD, None).await, Err(Error::LockedOut { .. })), "the right one waits too");
        fixture.advance(31);
        try_in(&fixture, PASSWORD, None).await.unwrap();
        assert!(matches!(try_in(&fixture, "wrong password", None).await, Err(Error::SignInFailed)), "it counts anew");
    }


    async fn a_browser_ends_by_idleness_age_and_will(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ask = || SignInRequest { name: "root", password: secret(PASSWORD), token: None, source: Source::agent("test") };
        let idle = fixture.vault.sign_in(ask()).await.unwrap();
        fixture.advance(8 * 3600 - 1);
        fixture.vault.recognise(&idle.bearer).await.unwrap();
        fixture.advance(8 * 3600 + 1);
        assert!(matches!(fixture.vault.recognise(&idle.bearer).await, Err(Error::NotSignedIn)));

        let old = fixture.vault.sign_in(ask()).await.unwrap();
        for _ in 0..7 * 4 - 1 {
            fixture.advance(6 * 3600);
            fixture.vault.recognise(&old.bearer).await.unwrap();
        }
        fixture.advance(6 * 3600 + 1);
        assert!(matches!(fixture.vault.recognise(&old.bearer).await, Err(Error::NotSignedIn)), "a week is the longest");

        let ended = fixture.vault.sign_in(ask()).await.unwrap();
        fixture.vault.recognise(&ended.bearer).await.unwrap();
        fixture.vault.sign_out(&ended.caller.actor).await.unwrap();
        assert!(matches!(fixture.vault.recognise(&ended.bearer).await, Err(Error::NotSignedIn)));
    }

    async fn the_set_up_link_works_once(database: &TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let clock = std::sync::Arc::new(countersign_model::FakeClock::at(countersign_model::Timestamp::from_seconds(1_000_000)));
        let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: true };
        let vault = crate::fixture::open(database, &folder, &clock, options).await;
        let old = vault.new_setup_link().await.unwrap().unwrap();
        let link = vault.new_setup_link().await.unwrap().unwrap();
        assert!(matches!(vault.set_up(&old, "root", secret(PASSWORD), Source::agent("test")).await, Err(Error::LinkInvalid)));
        assert!(matches!(vault.set_up(&link, "root", secret("password1"), Source::agent("test")).await, Err(Error::Invalid(_))));
        let signed_in = vault.set_up(&link, "root", secret(PASSWORD), Source::agent("test")).await.unwrap();
        assert!(signed_in.caller.enrolment_needed);
        assert!(matches!(vault.set_up(&link, "eve", secret(PASSWORD), Source::agent("test")).await, Err(Error::Conflict(Conflict::SetUpAlready))));
        assert!(vault.new_setup_link().await.unwrap().is_none());
    }

    async fn an_own_password_is_changed_with_the_old_one(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let here = fixture.signed_in("root").await;
        let elsewhere = fixture.signed_in("root").await;
        let new = "sixteen anchors velvet plum";
        let wrong = fixture.vault.change_own_password(&here, secret("wrong"), secret(new)).await;
        assert!(matches!(wrong, Err(Error::Invalid(_))));
        let weak = fixture.vault.change_own_password(&here, secret(PASSWORD), secret("password1")).await;
        assert!(matches!(weak, Err(Error::Invalid(_))));
        fixture.vault.change_own_password(&here, secret(PASSWORD), secret(new)).await.unwrap();
        assert!(matches!(try_in(&fixture, PASSWORD, None).await, Err(Error::SignInFailed)));
        try_in(&fixture, new, None).await.unwrap();
        fixture.vault.web_sessions(&here).await.unwrap();
        assert!(matches!(fixture.vault.web_sessions(&elsewhere).await, Err(Error::NotSignedIn)));
    }

    async fn somebody_always_stays_administrator(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let demote = PersonEdit { role: Some(Role::Member), ..PersonEdit::default() };
        assert!(matches!(fixture.vault.edit_person(&fixture.admin, fixture.admin.user, demote).await, Err(Error::Conflict(Conflict::LastAdministrator))));
        assert!(matches!(fixture.vault.remove_person(&fixture.admin, fixture.admin.user).await, Err(Error::Conflict(Conflict::LastAdministrator))));
        let again = NewPerson { name: UserName::parse("ROOT").unwrap(), role: Role::Member, password: secret(PASSWORD) };
        assert!(matches!(fixture.vault.create_person(&fixture.admin, again).await, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        let second = fixture.person("second", Role::Administrator).await;
        fixture.vault.remove_person(&second, fixture.admin.user).await.unwrap();
        let asked = fixture.vault.people(&second).await.unwrap();
        assert_eq!(asked.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["second"]);
    }
}
