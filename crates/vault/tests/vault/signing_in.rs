//! Signing in, the second factor, lock-out, the first administrator.

use countersign_model::{Role, UserName};
use countersign_otp::{Pasted, uris};
use countersign_seal::{Secret, passphrase::Cost};
use countersign_store::both_engines;
use countersign_vault::{Error, NewPerson, Options, PersonEdit, SignIn};

use crate::house::{House, PASSWORD, secret};

/// The token that an authenticator shows.
fn token_of(uri: &Secret, house: &House) -> String {
    let Some(Ok(Pasted::Setup(setup))) = uris(uri.expose_text().unwrap()).next().map(|found| found.outcome) else {
        panic!("the set-up is an address");
    };
    setup.secret.token_at(u64::try_from(house.now().seconds()).unwrap()).unwrap().text.expose().to_owned()
}

async fn try_in(house: &House, password: &str, token: Option<&str>) -> Result<(), Error> {
    let ask = SignIn { name: "Root", password: secret(password), token, agent: "test" };
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

        assert!(matches!(try_in(&house, PASSWORD, None).await, Err(Error::TokenNeeded)));
        assert!(matches!(try_in(&house, PASSWORD, Some(&token)).await, Err(Error::SignInFailed)), "it confirmed the set-up");
        house.advance(30);
        let token = token_of(&setup.uri, &house);
        try_in(&house, PASSWORD, Some(&token)).await.unwrap();
        assert!(matches!(try_in(&house, PASSWORD, Some(&token)).await, Err(Error::SignInFailed)), "a step serves once");
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

    async fn unknown_names_fail_alike(database: &TestDatabase) {
        let house = House::new(database).await;
        let ask = SignIn { name: "nobody", password: secret(PASSWORD), token: None, agent: "test" };
        assert!(matches!(house.vault.sign_in(ask).await, Err(Error::SignInFailed)));
    }

    async fn a_browser_ends_by_idleness_age_and_will(database: &TestDatabase) {
        let house = House::new(database).await;
        let ask = || SignIn { name: "root", password: secret(PASSWORD), token: None, agent: "test" };
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
        let options = Options { sign_in_cost: Cost::TEST, second_factor_required: true };
        let vault = crate::house::open(database, &folder, &clock, options).await;
        let old = vault.new_setup_link().await.unwrap().unwrap();
        let link = vault.new_setup_link().await.unwrap().unwrap();
        assert!(matches!(vault.set_up(&old, "root", secret(PASSWORD), "test").await, Err(Error::LinkInvalid)));
        assert!(matches!(vault.set_up(&link, "root", secret("password1"), "test").await, Err(Error::Invalid(_))));
        let signed_in = vault.set_up(&link, "root", secret(PASSWORD), "test").await.unwrap();
        assert!(signed_in.caller.enrolment_needed);
        assert!(matches!(vault.set_up(&link, "eve", secret(PASSWORD), "test").await, Err(Error::SetUpAlready)));
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
