//! Signing in, the second factor, lock-out, the first administrator.

use countersign_model::{Role, UserName};
use countersign_otp::{Pasted, uris};
use countersign_seal::{PasswordHash, Secret, passphrase::Cost};
use countersign_store::{both_engines, people};
use countersign_vault::{Error, NewPerson, PersonEdit, SignInRequest, Source, VaultOptions};

use crate::house::{House, PASSWORD, secret};

/// The token that an authenticator shows.
pub(crate) fn token_of(uri: &Secret, house: &House) -> String {
    let Some(Ok(Pasted::Setup(setup))) = uris(uri.expose_text().unwrap()).next().map(|found| found.outcome) else {
        panic!("the set-up is an address");
    };
    setup.secret.token_at(u64::try_from(house.now().seconds()).unwrap()).unwrap().text.expose().to_owned()
}

async fn try_in(house: &House, password: &str, token: Option<&str>) -> Result<(), Error> {
    let ask = SignInRequest { name: "Root", password: secret(password), token, source: Source::agent("test") };
    house.vault.sign_in(ask).await.map(drop)
}

both_engines! {
    async fn a_token_signs_in_once(database: &TestDatabase) {
        let house = House::new(database).await;
        let actor = house.signed_in("root").await;
        let setup = house.vault.begin_second_factor(&actor).await.unwrap();
        try_in(&house, PASSWORD, None).await.unwrap();
        assert!(matches!(house.vault.confirm_second_factor(&actor, "000000").await, Err(Error::Invalid(_))));
        let token = token_of(&setup.uri, &house);
        house.vault.confirm_second_factor(&actor, &token).await.unwrap();

        assert!(matches!(try_in(&house, PASSWORD, None).await, Err(Error::SignInFailed)));
        assert!(matches!(try_in(&house, PASSWORD, Some(&token)).await, Err(Error::SignInFailed)), "it confirmed the set-up");
        house.advance(30);
        let token = token_of(&setup.uri, &house);
        try_in(&house, PASSWORD, Some(&token)).await.unwrap();
        assert!(matches!(try_in(&house, PASSWORD, Some(&token)).await, Err(Error::SignInFailed)), "a step serves once");
    }

    async fn recovery_codes_stand_in_for_a_lost_authenticator(database: &TestDatabase) {
        let house = House::new(database).await;
        let actor = house.signed_in("root").await;
        let setup = house.vault.begin_second_factor(&actor).await.unwrap();
        assert!(matches!(house.vault.make_recovery_codes(&actor).await, Err(Error::Invalid(_))), "nothing to stand in for");
        let codes = house.vault.confirm_second_factor(&actor, &token_of(&setup.uri, &house)).await.unwrap();
        let codes: Vec<&str> = codes.iter().map(|code| code.expose_text().unwrap()).collect();
        assert_eq!((codes.len(), house.vault.recovery_codes_left(&actor).await.unwrap()), (10, 10));

        assert!(matches!(try_in(&house, "wrong password", Some(codes[0])).await, Err(Error::SignInFailed)));
        try_in(&house, PASSWORD, Some(codes[0])).await.unwrap();
        assert!(matches!(try_in(&house, PASSWORD, Some(codes[0])).await, Err(Error::SignInFailed)), "each serves once");
        let other = "zzzz-zzzz-zzzz-zzzz";
        assert!(matches!(try_in(&house, PASSWORD, Some(other)).await, Err(Error::SignInFailed)));
        let typed = codes[1].to_uppercase().replace('-', " ");
        try_in(&house, PASSWORD, Some(&typed)).await.unwrap();
        assert_eq!(house.vault.recovery_codes_left(&actor).await.unwrap(), 8);

        let fresh = house.vault.make_recovery_codes(&actor).await.unwrap();
        assert!(matches!(try_in(&house, PASSWORD, Some(codes[2])).await, Err(Error::SignInFailed)), "new ones replace them");
        try_in(&house, PASSWORD, fresh[0].expose_text()).await.unwrap();
        let program = house.api_token(&actor, None).await;
        let program = house.vault.recognise(&program).await.unwrap().actor;
        assert!(matches!(house.vault.make_recovery_codes(&program).await, Err(Error::TooShort(_))), "a program makes none");
        let acts = crate::log::acts(&house).await;
        for act in ["user.recovery_code_used", "user.recovery_codes_made"] {
            assert!(acts.iter().any(|known| known == act), "{act} is not in {acts:?}");
        }
        assert_eq!(acts.iter().filter(|act| *act == "user.recovery_code_used").count(), 3);
    }

    async fn two_sign_ins_with_one_recovery_code_are_one(database: &TestDatabase) {
        let house = House::new(database).await;
        let actor = house.signed_in("root").await;
        let setup = house.vault.begin_second_factor(&actor).await.unwrap();
        let codes = house.vault.confirm_second_factor(&actor, &token_of(&setup.uri, &house)).await.unwrap();
        let code = codes[0].expose_text();
        let (one, other) = tokio::join!(try_in(&house, PASSWORD, code), try_in(&house, PASSWORD, code));
        assert_eq!([one, other].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    }

    async fn a_second_factor_is_reset_beside_the_data(database: &TestDatabase) {
        let house = House::new(database).await;
        let actor = house.signed_in("root").await;
        assert!(matches!(house.vault.reset_second_factor("root").await, Err(Error::Invalid(_))), "there is none");
        let setup = house.vault.begin_second_factor(&actor).await.unwrap();
        let codes = house.vault.confirm_second_factor(&actor, &token_of(&setup.uri, &house)).await.unwrap();
        assert!(matches!(house.vault.reset_second_factor("nobody").await, Err(Error::NotFound("user"))));
        assert_eq!(house.vault.reset_second_factor(" ROOT ").await.unwrap(), "root");
        assert!(matches!(house.vault.own_entry(&actor).await, Err(Error::NotSignedIn)), "web sessions end");
        try_in(&house, PASSWORD, None).await.unwrap();
        let again = house.signed_in("root").await;
        assert_eq!(house.vault.recovery_codes_left(&again).await.unwrap(), 0, "{} codes are gone", codes.len());
        let acts = crate::log::acts(&house).await;
        assert!(acts.iter().any(|act| act == "user.second_factor_reset"), "{acts:?}");
    }

    /// Typed on a keyboard that composes accents, and on one that does not.
    async fn a_password_is_the_same_however_its_accents_are_written(database: &TestDatabase) {
        let house = House::new(database).await;
        let (composed, apart) = ("caf\u{e9} velvet anchor", "cafe\u{301}\u{a0}velvet anchor");
        let new = NewPerson { name: UserName::parse("Ren\u{e9}").unwrap(), role: Role::Member, password: secret(apart) };
        house.vault.create_person(&house.admin, new).await.unwrap();
        for (name, password) in [("Ren\u{e9}", composed), ("REN\u{c9}", apart), ("rene\u{301}", composed)] {
            let ask = SignInRequest { name, password: secret(password), token: None, source: Source::agent("test") };
            house.vault.sign_in(ask).await.unwrap_or_else(|error| panic!("{name} {password}: {error}"));
        }
        let again = NewPerson { name: UserName::parse("rene\u{301}").unwrap(), role: Role::Member, password: secret(PASSWORD) };
        assert!(matches!(house.vault.create_person(&house.admin, again).await, Err(Error::NameTaken { .. })));
        let other = SignInRequest { name: "Rene", password: secret(composed), token: None, source: Source::agent("test") };
        assert!(matches!(house.vault.sign_in(other).await, Err(Error::SignInFailed)));
    }

    /// A hash from before passwords were prepared is of the bytes as typed; it serves once more and is replaced.
    async fn an_old_hash_still_verifies_and_is_renewed(database: &TestDatabase) {
        let house = House::new(database).await;
        let typed = "cafe\u{301} velvet anchor";
        let old = PasswordHash::new(&secret(typed), Cost::TEST, &countersign_seal::SystemChance);
        let mut tx = database.write().await.unwrap();
        people::renew_password(&mut tx, house.admin.user, &old).await.unwrap();
        tx.commit().await.unwrap();
        assert!(matches!(try_in(&house, "caf\u{e9} velvet anchor", None).await, Err(Error::SignInFailed)), "not known yet");
        try_in(&house, typed, None).await.unwrap();
        try_in(&house, "caf\u{e9} velvet anchor", None).await.unwrap();
        try_in(&house, typed, None).await.unwrap();
        assert!(matches!(try_in(&house, "cafe velvet anchor", None).await, Err(Error::SignInFailed)));
    }

    async fn failures_lock_a_name_for_a_while(database: &TestDatabase) {
        let house = House::new(database).await;
        for _ in 0..4 {
            assert!(matches!(try_in(&house, "wrong password", None).await, Err(Error::SignInFailed)));
        }
        assert!(matches!(try_in(&house, "wrong password", None).await, Err(Error::LockedOut { wait }) if wait.as_secs() == 30));
        assert!(matches!(try_in(&house, PASSWORD, None).await, Err(Error::LockedOut { .. })), "the right one waits too");
        house.advance(31);
        try_in(&house, PASSWORD, None).await.unwrap();
        assert!(matches!(try_in(&house, "wrong password", None).await, Err(Error::SignInFailed)), "it counts anew");
    }


    async fn a_browser_ends_by_idleness_age_and_will(database: &TestDatabase) {
        let house = House::new(database).await;
        let ask = || SignInRequest { name: "root", password: secret(PASSWORD), token: None, source: Source::agent("test") };
        let idle = house.vault.sign_in(ask()).await.unwrap();
        house.advance(8 * 3600 - 1);
        house.vault.recognise(&idle.bearer).await.unwrap();
        house.advance(8 * 3600 + 1);
        assert!(matches!(house.vault.recognise(&idle.bearer).await, Err(Error::NotSignedIn)));

        let old = house.vault.sign_in(ask()).await.unwrap();
        for _ in 0..7 * 4 - 1 {
            house.advance(6 * 3600);
            house.vault.recognise(&old.bearer).await.unwrap();
        }
        house.advance(6 * 3600 + 1);
        assert!(matches!(house.vault.recognise(&old.bearer).await, Err(Error::NotSignedIn)), "a week is the longest");

        let ended = house.vault.sign_in(ask()).await.unwrap();
        house.vault.recognise(&ended.bearer).await.unwrap();
        house.vault.sign_out(&ended.caller.actor).await.unwrap();
        assert!(matches!(house.vault.recognise(&ended.bearer).await, Err(Error::NotSignedIn)));
    }

    async fn the_set_up_link_works_once(database: &TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let clock = std::sync::Arc::new(countersign_model::FakeClock::at(countersign_model::Timestamp::from_seconds(1_000_000)));
        let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: true };
        let vault = crate::house::open(database, &folder, &clock, options).await;
        let old = vault.new_setup_link().await.unwrap().unwrap();
        let link = vault.new_setup_link().await.unwrap().unwrap();
        assert!(matches!(vault.set_up(&old, "root", secret(PASSWORD), Source::agent("test")).await, Err(Error::LinkInvalid)));
        assert!(matches!(vault.set_up(&link, "root", secret("password1"), Source::agent("test")).await, Err(Error::Invalid(_))));
        let signed_in = vault.set_up(&link, "root", secret(PASSWORD), Source::agent("test")).await.unwrap();
        assert!(signed_in.caller.enrolment_needed);
        assert!(matches!(vault.set_up(&link, "eve", secret(PASSWORD), Source::agent("test")).await, Err(Error::SetUpAlready)));
        assert!(vault.new_setup_link().await.unwrap().is_none());
    }

    async fn an_own_password_is_changed_with_the_old_one(database: &TestDatabase) {
        let house = House::new(database).await;
        let here = house.signed_in("root").await;
        let elsewhere = house.signed_in("root").await;
        let new = "sixteen anchors velvet plum";
        let wrong = house.vault.change_own_password(&here, secret("wrong"), secret(new)).await;
        assert!(matches!(wrong, Err(Error::Invalid(_))));
        let weak = house.vault.change_own_password(&here, secret(PASSWORD), secret("password1")).await;
        assert!(matches!(weak, Err(Error::Invalid(_))));
        house.vault.change_own_password(&here, secret(PASSWORD), secret(new)).await.unwrap();
        assert!(matches!(try_in(&house, PASSWORD, None).await, Err(Error::SignInFailed)));
        try_in(&house, new, None).await.unwrap();
        house.vault.web_sessions(&here).await.unwrap();
        assert!(matches!(house.vault.web_sessions(&elsewhere).await, Err(Error::NotSignedIn)));
    }

    async fn somebody_always_stays_administrator(database: &TestDatabase) {
        let house = House::new(database).await;
        let demote = PersonEdit { role: Some(Role::Member), ..PersonEdit::default() };
        assert!(matches!(house.vault.edit_person(&house.admin, house.admin.user, demote).await, Err(Error::LastAdministrator)));
        assert!(matches!(house.vault.remove_person(&house.admin, house.admin.user).await, Err(Error::LastAdministrator)));
        let again = NewPerson { name: UserName::parse("ROOT").unwrap(), role: Role::Member, password: secret(PASSWORD) };
        assert!(matches!(house.vault.create_person(&house.admin, again).await, Err(Error::NameTaken { .. })));
        let second = house.person("second", Role::Administrator).await;
        house.vault.remove_person(&second, house.admin.user).await.unwrap();
        let asked = house.vault.people(&second).await.unwrap();
        assert_eq!(asked.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["second"]);
    }
}
