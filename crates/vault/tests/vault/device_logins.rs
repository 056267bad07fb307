//! Command lines that are signed in from the page: who may decide, what they are given, once, and what is never told.

use std::{net::IpAddr, time::Duration};

use countersign_audit::Detail;
use countersign_model::{Actor, ClientName, DeviceLoginId, HostName, Paging, Role, TooShort};
use countersign_store::{args, audit::RecordFilter, both_engines, statements};
use countersign_vault::{
    DeviceLoginApproval, DeviceLoginCodes, DeviceLoginError, DeviceLoginRequest, DeviceLoginToken, DeviceLoginView,
    Error, PersonEdit, RecordView,
};

use crate::{
    fixture::TestVault,
    marks::{refused, run},
};

statements! {
    ANOTHERS_LOGIN = "update device_login set person = (select id from person where name = 'root')";
    WIDER_LOGIN = "update device_login set admin = (1 = 1)";
    LONGER_LOGIN = "update device_login set expires_at = expires_at + 1";
    APPROVED_LOGIN = "update device_login set person = (select id from person where name = 'root'), decided_at = 1, role = 'administrator', \
                      admin = (1 = 1), token_ends_at = 4000000000000000";
    CODES = "select device_code, user_code from device_login";
}

const TERMINAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const PLAIN: DeviceLoginApproval = DeviceLoginApproval { role: None, admin: false, days: None };

async fn begin_from(fixture: &TestVault, address: IpAddr) -> Result<DeviceLoginCodes, DeviceLoginError> {
    let (client, host) = (ClientName::parse("countersign").unwrap(), HostName::parse("laptop").ok());
    fixture.vault.begin_device_login(DeviceLoginRequest { client, host, address: Some(address) }).await
}

async fn begin(fixture: &TestVault) -> DeviceLoginCodes {
    begin_from(fixture, TERMINAL).await.unwrap()
}

async fn look_up(fixture: &TestVault, actor: &Actor, codes: &DeviceLoginCodes) -> Result<DeviceLoginView, Error> {
    fixture.vault.look_up_device_login(actor, codes.user_code.expose_text().unwrap()).await
}

async fn poll(fixture: &TestVault, codes: &DeviceLoginCodes) -> Result<DeviceLoginToken, DeviceLoginError> {
    let token = fixture.vault.poll_device_login(codes.device_code.expose(), "countersign", Some(TERMINAL)).await;
    fixture.advance(3);
    token
}

/// The one word that a command line is told.
async fn told(fixture: &TestVault, codes: &DeviceLoginCodes) -> &'static str {
    match poll(fixture, codes).await {
        Ok(_) => "token",
        Err(DeviceLoginError::Pending) => "pending",
        Err(DeviceLoginError::SlowDown { .. }) => "slow down",
        Err(DeviceLoginError::Denied) => "denied",
        Err(DeviceLoginError::Expired) => "expired",
        Err(DeviceLoginError::Unknown) => "unknown",
        Err(other) => panic!("{other:?}"),
    }
}

async fn approve(fixture: &TestVault, actor: &Actor, codes: &DeviceLoginCodes) -> DeviceLoginId {
    let id = look_up(fixture, actor, codes).await.unwrap().id;
    fixture.vault.approve_device_login(actor, id, PLAIN).await.unwrap();
    id
}

async fn records(fixture: &TestVault, act: &str) -> Vec<RecordView> {
    let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
    fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(200)).await.unwrap().items
}

both_engines! {
    async fn a_command_line_gets_its_token_once_its_person_has_approved(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let codes = begin(&fixture).await;
        assert_eq!(told(&fixture, &codes).await, "pending");
        let seen = look_up(&fixture, &bob, &codes).await.unwrap();
        assert_eq!((seen.client.as_str(), seen.host.as_deref(), seen.address.as_deref()), ("countersign", Some("laptop"), Some("192.0.2.7")));
        assert_eq!(seen.token_name, "login on laptop");
        assert_eq!(told(&fixture, &codes).await, "pending");
        assert!(fixture.vault.api_tokens(&bob).await.unwrap().is_empty(), "there is no token before it is fetched");
        let approval = DeviceLoginApproval { role: Some(Role::Member), admin: true, days: Some(7) };
        let ends_at = fixture.vault.approve_device_login(&bob, seen.id, approval).await.unwrap();
        assert_eq!(ends_at, fixture.now().plus(Duration::from_secs(7 * 24 * 3600)));
        assert!(fixture.vault.api_tokens(&bob).await.unwrap().is_empty());

        let other = fixture.vault.poll_device_login(codes.device_code.expose(), "another", None).await;
        assert!(matches!(other, Err(DeviceLoginError::Unknown)), "the code is bound to who asked for it");
        let given = poll(&fixture, &codes).await.unwrap();
        assert_eq!((given.name.as_str(), given.user.as_str(), given.admin), ("login on laptop", "bob", true));
        let actor = fixture.vault.recognise(&given.token).await.unwrap().actor;
        assert_eq!((actor.user, actor.role), (bob.user, Role::Member));
        let listed = fixture.vault.api_tokens(&bob).await.unwrap();
        assert_eq!((listed.len(), listed[0].id, listed[0].expires_at), (1, given.id, Some(ends_at)));
        assert_eq!(told(&fixture, &codes).await, "unknown", "it is handed out once");

        let record = records(&fixture, "device_login.approved").await.remove(0).entry;
        let object = record.object.unwrap();
        assert_eq!((record.actor.name.as_str(), object.name.as_str(), object.id), ("bob", "login on laptop", Some(seen.id.uuid())));
        let text = |name: &str| record.details[name].clone();
        assert_eq!((text("client"), text("host"), text("asked_from")), ("countersign".into(), "laptop".into(), "192.0.2.7".into()));
        assert_eq!((text("admin"), text("role")), (Detail::Flag(true), "member".into()));
        let made = records(&fixture, "api_token.created").await.remove(0).entry;
        assert_eq!((made.actor.name.as_str(), &made.details["device_login"]), ("bob", &Detail::from(seen.id.to_string())));
        fixture.vault.revoke_api_token(&bob, given.id).await.unwrap();
        assert!(fixture.vault.recognise(&given.token).await.is_err());
    }

    async fn what_is_denied_or_too_late_gets_no_token(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let codes = begin(&fixture).await;
        let id = look_up(&fixture, &bob, &codes).await.unwrap().id;
        fixture.vault.deny_device_login(&bob, id).await.unwrap();
        assert_eq!((told(&fixture, &codes).await, told(&fixture, &codes).await), ("denied", "denied"));
        assert!(matches!(fixture.vault.approve_device_login(&bob, id, PLAIN).await, Err(Error::DeviceLoginRefused)));
        assert!(matches!(look_up(&fixture, &bob, &codes).await, Err(Error::DeviceLoginRefused)), "a code serves once");
        let record = records(&fixture, "device_login.denied").await.remove(0).entry;
        assert_eq!((record.actor.name.as_str(), record.object.unwrap().name.as_str()), ("bob", "login on laptop"));

        let (late, later) = (begin(&fixture).await, begin(&fixture).await);
        let late_id = look_up(&fixture, &bob, &late).await.unwrap().id;
        approve(&fixture, &bob, &later).await;
        fixture.advance(10 * 60);
        let bob = fixture.signed_in("bob").await;
        assert!(matches!(fixture.vault.approve_device_login(&bob, late_id, PLAIN).await, Err(Error::DeviceLoginRefused)));
        assert!(matches!(look_up(&fixture, &bob, &late).await, Err(Error::DeviceLoginRefused)));
        fixture.vault.tidy().await.unwrap();
        assert_eq!((told(&fixture, &late).await, told(&fixture, &later).await), ("expired", "expired"));
        fixture.advance(10 * 60);
        fixture.vault.tidy().await.unwrap();
        assert_eq!(told(&fixture, &late).await, "unknown", "it is forgotten");
        assert!(fixture.vault.api_tokens(&fixture.signed_in("bob").await).await.unwrap().is_empty());
    }

    async fn who_asks_too_often_is_slowed_down(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let codes = begin(&fixture).await;
        let ask = async || fixture.vault.poll_device_login(codes.device_code.expose(), "countersign", None).await.err();
        assert!(matches!(ask().await, Some(DeviceLoginError::Pending)));
        assert!(matches!(ask().await, Some(DeviceLoginError::SlowDown { every }) if every.as_secs() == 8));
        fixture.advance(3);
        assert!(matches!(ask().await, Some(DeviceLoginError::SlowDown { every }) if every.as_secs() == 13));
        fixture.advance(13);
        assert!(matches!(ask().await, Some(DeviceLoginError::Pending)));
        // Approved, too, it is not given sooner.
        approve(&fixture, &fixture.signed_in("root").await, &codes).await;
        assert!(matches!(ask().await, Some(DeviceLoginError::SlowDown { .. })));
        fixture.advance(18);
        assert!(ask().await.is_none());
    }

    async fn a_code_is_of_who_types_it_first(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let page = fixture.signed_in("root").await;
        let codes = begin(&fixture).await;
        let id = look_up(&fixture, &bob, &codes).await.unwrap().id;
        assert!(matches!(look_up(&fixture, &page, &codes).await, Err(Error::DeviceLoginRefused)));
        assert!(matches!(fixture.vault.approve_device_login(&page, id, PLAIN).await, Err(Error::DeviceLoginRefused)));
        assert!(matches!(fixture.vault.deny_device_login(&page, id).await, Err(Error::DeviceLoginRefused)));
        assert_eq!(look_up(&fixture, &bob, &codes).await.unwrap().id, id, "they may look again");
        let unseen = begin(&fixture).await;
        fixture.vault.approve_device_login(&bob, id, PLAIN).await.unwrap();
        assert_eq!((told(&fixture, &unseen).await, told(&fixture, &codes).await), ("pending", "token"));
    }

    async fn approving_needs_a_recent_sign_in_the_page_and_no_more_than_ones_own(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bearer = fixture.api_token(&fixture.admin, None).await;
        let program = fixture.vault.recognise(&bearer).await.unwrap().actor;
        let codes = begin(&fixture).await;
        assert!(matches!(look_up(&fixture, &program, &codes).await, Err(Error::TooShort(TooShort::PageOnly))));
        assert!(matches!(look_up(&fixture, &fixture.admin, &codes).await, Err(Error::TooShort(TooShort::PageOnly))));
        let bob = fixture.person("bob", Role::Member).await;
        let id = look_up(&fixture, &bob, &codes).await.unwrap().id;
        for (approval, field) in [
            (DeviceLoginApproval { role: Some(Role::Manager), ..PLAIN }, "role"),
            (DeviceLoginApproval { days: Some(91), ..PLAIN }, "expires_in_days"),
            (DeviceLoginApproval { days: Some(0), ..PLAIN }, "expires_in_days"),
        ] {
            let wrong = fixture.vault.approve_device_login(&bob, id, approval).await;
            assert!(matches!(&wrong, Err(Error::Invalid(invalid)) if invalid.field == field), "{wrong:?}");
        }
        let ends_at = fixture.vault.approve_device_login(&bob, id, PLAIN).await.unwrap();
        assert_eq!(ends_at.since(fixture.now()).as_secs(), 30 * 24 * 3600);
        let other = begin(&fixture).await;
        fixture.advance(16 * 60);
        assert!(matches!(look_up(&fixture, &bob, &other).await, Err(Error::TooShort(TooShort::NotRecent))));
        let late = fixture.vault.deny_device_login(&bob, id).await;
        assert!(matches!(late, Err(Error::TooShort(TooShort::NotRecent))));
    }

    async fn codes_are_not_guessed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = Actor { address: Some([198, 51, 100, 1].into()), ..fixture.person("bob", Role::Member).await };
        let eve = Actor { address: Some([203, 0, 113, 5].into()), ..fixture.person("eve", Role::Member).await };
        let codes = begin(&fixture).await;
        let mut tries = 1;
        while matches!(fixture.vault.look_up_device_login(&eve, "BBBB-BBBB").await, Err(Error::DeviceLoginRefused)) {
            tries += 1;
            assert!(tries < 20, "guesses are not slowed down");
        }
        let locked = look_up(&fixture, &eve, &codes).await;
        assert!(matches!(locked, Err(Error::DeviceLoginLocked { .. })), "nothing is looked at meanwhile");
        let elsewhere = Actor { address: Some([203, 0, 113, 6].into()), ..eve.clone() };
        assert!(matches!(look_up(&fixture, &elsewhere, &codes).await, Err(Error::DeviceLoginLocked { .. })));
        let beside = Actor { address: eve.address, ..bob.clone() };
        assert!(matches!(look_up(&fixture, &beside, &codes).await, Err(Error::DeviceLoginLocked { .. })));
        look_up(&fixture, &bob, &codes).await.unwrap();
        assert_eq!(records(&fixture, "device_login.locked_out").await.len(), 1);
        assert_eq!(records(&fixture, "device_login.refused").await.len(), tries);
    }

    async fn no_network_lets_more_than_ten_wait(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for _ in 0..10 {
            begin(&fixture).await;
        }
        assert!(matches!(begin_from(&fixture, TERMINAL).await, Err(DeviceLoginError::TooMany { .. })));
        begin_from(&fixture, [192, 0, 2, 8].into()).await.unwrap();
        fixture.advance(10 * 60);
        begin(&fixture).await;
    }

    async fn who_is_kept_out_meanwhile_lets_no_token_be_fetched(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let codes = begin(&fixture).await;
        approve(&fixture, &bob, &codes).await;
        fixture.vault.end_all_of(&fixture.admin, bob.user).await.unwrap();
        assert_eq!(told(&fixture, &codes).await, "unknown");
        let bob = fixture.signed_in("bob").await;
        let codes = begin(&fixture).await;
        approve(&fixture, &bob, &codes).await;
        let edit = PersonEdit { disabled: Some(true), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, bob.user, edit).await.unwrap();
        assert_eq!(told(&fixture, &codes).await, "unknown");
    }

    async fn of_two_who_fetch_at_once_one_is_given_the_token(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let codes = begin(&fixture).await;
        let page = fixture.signed_in("root").await;
        approve(&fixture, &page, &codes).await;
        let code = codes.device_code.expose().to_owned();
        let fetch = |vault: countersign_vault::Vault, code: String| tokio::spawn(async move { vault.poll_device_login(&code, "countersign", None).await.is_ok() });
        let all: Vec<_> = (0..8).map(|_| fetch(fixture.vault.clone(), code.clone())).collect();
        let mut given = 0;
        for one in all {
            given += usize::from(one.await.unwrap());
        }
        assert_eq!((given, fixture.vault.api_tokens(&page).await.unwrap().len()), (1, 1));
    }

    async fn codes_are_stored_as_hashes_and_rows_changed_by_sql_are_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let codes = begin(&fixture).await;
        let mut reader = database.read().await.unwrap();
        let row = countersign_store::engine::Select::fetch_all(&mut reader, &CODES, args![]).await.unwrap().remove(0);
        drop(reader);
        for at in 0..2 {
            let stored: Vec<u8> = row.get(at).unwrap();
            assert_eq!(stored.len(), 32);
            for code in [codes.device_code.hash().bytes().to_vec(), codes.device_code.expose().as_bytes().to_vec()] {
                assert_ne!(stored, code, "it is keyed");
            }
        }
        approve(&fixture, &bob, &codes).await;
        for change in [&ANOTHERS_LOGIN, &WIDER_LOGIN, &LONGER_LOGIN] {
            let fresh = begin_from(&fixture, [192, 0, 2, 9].into()).await.unwrap();
            approve(&fixture, &bob, &fresh).await;
            run(database, change).await;
            match poll(&fixture, &fresh).await {
                Err(DeviceLoginError::Vault(error)) => refused::<()>(Err(error), "command line that waits"),
                _ => panic!("{} was believed", change.name()),
            }
        }
        let never = begin_from(&fixture, [192, 0, 2, 10].into()).await.unwrap();
        run(database, &APPROVED_LOGIN).await;
        assert!(matches!(poll(&fixture, &never).await, Err(DeviceLoginError::Vault(_))));
    }
}
