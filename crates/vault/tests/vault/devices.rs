//! Browser extensions: pairing them, what their requests have to be, and how they end.

use countersign_audit::Detail;
use countersign_identity::{DeviceClaim, DeviceRefusal, SignedRequest};
use countersign_model::{Actor, ActorKind, DeviceName, Paging, Reach, Role, TooShort};
use countersign_seal::DeviceKey;
use countersign_store::{args, audit::RecordFilter, both_engines, statements};
use countersign_vault::{Conflict, Error, Object, PairedDevice, PairingRequest, PersonEdit, RecordView};

use crate::{
    fixture::{TestVault, open_plain},
    marks::{refused, run, run_with},
    soft_extension::SoftExtension,
};

statements! {
    KEEP_DEVICES = "create table kept_device as select * from device";
    DEVICES_BACK = "insert into device select * from kept_device";
    OTHER_DEVICE_KEY = "update device set public_key = $1";
    LONGER_DEVICE = "update device set expires_at = expires_at + 1";
    ANOTHERS_DEVICE = "update device set person = (select id from person where name = 'root')";
    LONGER_CODE = "update pairing_code set expires_at = expires_at + 1";
    ANOTHERS_CODE = "update pairing_code set person = (select id from person where name = 'bob')";
}

pub(crate) const ORIGIN: &str = "https://vault.example.com";
pub(crate) const LIST: &str = "/api/v1/fill?origin=https%3A%2F%2Fexample.org";

/// Shows a code, as the extension that has made the proof for `origin`.
async fn show(fixture: &TestVault, soft: &SoftExtension, code: &str, origin: &str) -> Result<PairedDevice, Error> {
    let name = DeviceName::parse("Laptop").unwrap();
    let signature = DeviceKey::signature_from_text(&soft.proof(origin, code, "Laptop")).unwrap();
    let key = DeviceKey::from_text(&soft.public_key()).unwrap();
    let address = Some([192, 0, 2, 7].into());
    fixture.vault.pair_device(PairingRequest { code, name, key, signature, origin: ORIGIN, address }).await
}

/// A code that somebody makes in the page, which they sign in to where they are at the server's machine.
async fn code(fixture: &TestVault, actor: &Actor) -> String {
    let page = match actor.kind {
        ActorKind::Machine => &fixture.signed_in("root").await,
        _ => actor,
    };
    fixture.vault.make_pairing_code(page).await.unwrap().0.expose_text().unwrap().to_owned()
}

/// An extension that is paired with somebody.
pub(crate) async fn paired(fixture: &TestVault, actor: &Actor) -> SoftExtension {
    let mut soft = SoftExtension::new();
    let code = code(fixture, actor).await;
    soft.id = show(fixture, &soft, &code, ORIGIN).await.unwrap().device.id.to_string();
    soft
}

/// Asks as the extension does, at the vault's time.
pub(crate) async fn ask(fixture: &TestVault, soft: &SoftExtension) -> Result<Actor, Error> {
    let header = soft.header("GET", ORIGIN, LIST, b"", fixture.now().seconds());
    send(fixture, &header).await
}

async fn send(fixture: &TestVault, header: &str) -> Result<Actor, Error> {
    let request = SignedRequest { method: "GET", origin: ORIGIN, target: LIST, body: b"" };
    fixture.vault.recognise_device(&DeviceClaim::parse(header).unwrap(), &request, None).await
}

fn unknown<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::DeviceRefused(DeviceRefusal::Unknown)))
}

async fn records(fixture: &TestVault, act: &str) -> Vec<RecordView> {
    let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
    fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(200)).await.unwrap().items
}

both_engines! {
    async fn a_code_pairs_one_extension_with_who_made_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let first = code(&fixture, &bob).await;
        let second = code(&fixture, &bob).await;
        let soft = SoftExtension::new();
        let one = show(&fixture, &soft, &first, ORIGIN).await;
        assert!(matches!(one, Err(Error::PairingRefused)), "another has taken its place");
        let other_server = show(&fixture, &soft, &second, "https://evil.example").await;
        assert!(matches!(other_server, Err(Error::PairingRefused)), "it was shown to another server");
        let paired = show(&fixture, &soft, &second.to_lowercase(), ORIGIN).await.unwrap();
        assert_eq!((paired.user.as_str(), paired.device.name.as_str()), ("bob", "Laptop"));
        let again = show(&fixture, &SoftExtension::new(), &second, ORIGIN).await;
        assert!(matches!(again, Err(Error::PairingRefused)), "it serves once");
        let listed = fixture.vault.devices(&bob).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].id, listed[0].last_used_at), (paired.device.id, None));
        assert!(fixture.vault.devices(&fixture.admin).await.unwrap().is_empty());
        let record = records(&fixture, "device.paired").await.remove(0);
        assert_eq!(record.entry.actor.name, "bob/Laptop");
        assert_eq!(record.entry.details["address"], Detail::from("192.0.2.7"));
        assert_eq!((records(&fixture, "device.code_made").await.len(), records(&fixture, "device.pairing_refused").await.len()), (2, 3));
    }

    async fn a_code_lives_for_five_minutes_and_is_not_guessed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let late = code(&fixture, &fixture.admin).await;
        fixture.advance(5 * 60);
        let soft = SoftExtension::new();
        assert!(matches!(show(&fixture, &soft, &late, ORIGIN).await, Err(Error::PairingRefused)));
        let right = code(&fixture, &fixture.admin).await;
        let mut tries = 1;
        while matches!(show(&fixture, &soft, "0000-0000", ORIGIN).await, Err(Error::PairingRefused)) {
            tries += 1;
            assert!(tries < 20, "guesses are not slowed down");
        }
        let locked = show(&fixture, &soft, &right, ORIGIN).await;
        assert!(matches!(locked, Err(Error::PairingLocked { .. })), "nothing is looked at meanwhile");
        assert_eq!(records(&fixture, "device.locked_out").await.len(), 1);
        fixture.advance(4 * 60);
        show(&fixture, &soft, &right, ORIGIN).await.unwrap();
    }

    async fn pairing_needs_a_recent_sign_in_and_the_page(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bearer = fixture.api_token(&fixture.admin, None).await;
        let program = fixture.vault.recognise(&bearer).await.unwrap().actor;
        let refused = fixture.vault.make_pairing_code(&program).await;
        assert!(matches!(refused, Err(Error::TooShort(TooShort::PageOnly))));
        let soft = paired(&fixture, &fixture.admin).await;
        let extension = ask(&fixture, &soft).await.unwrap();
        let refused = fixture.vault.make_pairing_code(&extension).await;
        assert!(matches!(refused, Err(Error::TooShort(TooShort::DeviceOnlyFills))));
        let page = fixture.signed_in("root").await;
        fixture.advance(16 * 60);
        let refused = fixture.vault.make_pairing_code(&page).await;
        assert!(matches!(refused, Err(Error::TooShort(TooShort::NotRecent))));
    }

    async fn nobody_has_more_extensions_than_twenty(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for _ in 0..20 {
            paired(&fixture, &fixture.admin).await;
        }
        let more = fixture.vault.make_pairing_code(&fixture.signed_in("root").await).await;
        assert!(matches!(more, Err(Error::Conflict(Conflict::TooManyDevices(20)))));
    }

    async fn a_request_counts_once_and_about_now(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Manager).await;
        let soft = paired(&fixture, &bob).await;
        let header = soft.header("GET", ORIGIN, LIST, b"", fixture.now().seconds());
        let actor = send(&fixture, &header).await.unwrap();
        assert!(matches!(actor.kind, ActorKind::Device(_)));
        assert_eq!((actor.user, actor.name.as_str(), actor.role, actor.reach), (bob.user, "bob/Laptop", Role::Manager, Reach::Device));
        assert!(!actor.is_machine());
        assert_eq!(fixture.vault.devices(&bob).await.unwrap()[0].last_used_at, Some(fixture.now()));
        for later in [0, 59] {
            fixture.advance(later);
            let again = send(&fixture, &header).await;
            assert!(matches!(again, Err(Error::DeviceRefused(DeviceRefusal::Replayed))), "{later}");
        }
        // Also by another server of the same vault, and after a restart.
        let vault = open_plain(database, &fixture.folder, &fixture.clock).await;
        let request = SignedRequest { method: "GET", origin: ORIGIN, target: LIST, body: b"" };
        let again = vault.recognise_device(&DeviceClaim::parse(&header).unwrap(), &request, None).await;
        assert!(matches!(again, Err(Error::DeviceRefused(DeviceRefusal::Replayed))));
        // What is forgotten is too old.
        fixture.advance(2);
        fixture.vault.tidy().await.unwrap();
        assert!(matches!(send(&fixture, &header).await, Err(Error::DeviceRefused(DeviceRefusal::Clock { .. }))));
        // A request that was signed ahead of time is remembered for as long.
        let ahead = soft.header("GET", ORIGIN, LIST, b"", fixture.now().seconds() + 60);
        send(&fixture, &ahead).await.unwrap();
        fixture.advance(120);
        assert!(matches!(send(&fixture, &ahead).await, Err(Error::DeviceRefused(DeviceRefusal::Replayed))));
        let mut other = paired(&fixture, &fixture.admin).await;
        other.id.clone_from(&soft.id);
        assert!(unknown(&ask(&fixture, &other).await), "signed by another key");
    }

    async fn what_is_remembered_of_requests_is_bounded(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let soft = paired(&fixture, &fixture.admin).await;
        for _ in 0..300 {
            ask(&fixture, &soft).await.unwrap();
        }
        assert!(matches!(ask(&fixture, &soft).await, Err(Error::DeviceRefused(DeviceRefusal::TooMany))));
        let other = paired(&fixture, &fixture.admin).await;
        ask(&fixture, &other).await.unwrap();
        fixture.advance(62);
        ask(&fixture, &soft).await.unwrap();
    }

    async fn an_extension_ends_when_it_is_removed_and_with_what_its_person_loses(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (admin, vault) = (fixture.signed_in("root").await, &fixture.vault);
        let bob = fixture.person("bob", Role::Member).await;
        let (one, other) = (paired(&fixture, &bob).await, paired(&fixture, &bob).await);
        let id = |soft: &SoftExtension| soft.id.parse().unwrap();
        assert!(matches!(vault.remove_device(&admin, id(&one)).await, Err(Error::NotFound(Object::Device))), "another's");
        let extension = ask(&fixture, &other).await.unwrap();
        assert!(matches!(vault.remove_device(&extension, id(&one)).await, Err(Error::TooShort(_))));
        // It takes something away, so it needs no recent sign-in.
        fixture.advance(60 * 60);
        assert!(matches!(vault.remove_own_device(&bob).await, Err(Error::NotSignedIn)), "only an extension takes itself away");
        vault.remove_device(&bob, id(&one)).await.unwrap();
        assert!(unknown(&ask(&fixture, &one).await));
        assert!(matches!(vault.fill_candidates(&extension, &crate::fill::origin()).await, Ok(found) if found.items.is_empty()));
        assert!(matches!(vault.remove_device_of(&bob, bob.user, id(&other)).await, Err(Error::Denied(_))));
        vault.remove_device_of(&admin, bob.user, id(&other)).await.unwrap();
        assert!(unknown(&ask(&fixture, &other).await));
        let late = vault.fill_candidates(&extension, &crate::fill::origin()).await;
        assert!(matches!(late, Err(Error::NotSignedIn)), "what was recognised before is looked at again");
        assert_eq!(records(&fixture, "device.removed").await.len(), 2);

        let bob = fixture.signed_in("bob").await;
        let third = paired(&fixture, &bob).await;
        let ways = vault.ways_in(&fixture.signed_in("root").await, bob.user).await.unwrap();
        assert_eq!(ways.devices.iter().map(|one| one.id.to_string()).collect::<Vec<_>>(), std::slice::from_ref(&third.id));
        vault.end_all_of(&admin, bob.user).await.unwrap();
        assert!(unknown(&ask(&fixture, &third).await));

        let (admin, bob) = (fixture.signed_in("root").await, fixture.signed_in("bob").await);
        let fourth = paired(&fixture, &bob).await;
        let pending = code(&fixture, &bob).await;
        let out = |disabled| PersonEdit { disabled: Some(disabled), ..PersonEdit::default() };
        vault.edit_person(&admin, bob.user, out(true)).await.unwrap();
        assert!(unknown(&ask(&fixture, &fourth).await));
        assert!(matches!(show(&fixture, &SoftExtension::new(), &pending, ORIGIN).await, Err(Error::PairingRefused)));
        vault.edit_person(&admin, bob.user, out(false)).await.unwrap();
        assert!(unknown(&ask(&fixture, &fourth).await), "it stays ended");

        let bob = fixture.signed_in("bob").await;
        let fifth = paired(&fixture, &bob).await;
        vault.remove_person(&admin, bob.user).await.unwrap();
        assert!(unknown(&ask(&fixture, &fifth).await));
    }

    async fn an_extension_is_paired_anew_after_half_a_year(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let soft = paired(&fixture, &fixture.admin).await;
        fixture.advance(180 * 24 * 60 * 60 - 1);
        ask(&fixture, &soft).await.unwrap();
        fixture.advance(1);
        assert!(unknown(&ask(&fixture, &soft).await));
        let admin = fixture.signed_in("root").await;
        assert!(fixture.vault.devices(&admin).await.unwrap().is_empty());
        fixture.vault.tidy().await.unwrap();
    }

    async fn an_extension_or_code_changed_by_sql_is_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let other = SoftExtension::new();
        let soft = paired(&fixture, &bob).await;
        let key = DeviceKey::from_text(&other.public_key()).unwrap();
        run_with(database, &OTHER_DEVICE_KEY, key.bytes().to_vec()).await;
        refused(ask(&fixture, &soft).await, "browser extension \"Laptop\"");
        for change in [&LONGER_DEVICE, &ANOTHERS_DEVICE] {
            fixture.vault.end_all_of(&fixture.admin, bob.user).await.unwrap();
            let bob = fixture.signed_in("bob").await;
            let soft = paired(&fixture, &bob).await;
            run(database, change).await;
            refused(ask(&fixture, &soft).await, "browser extension \"Laptop\"");
        }
        // What was given to somebody else stands in their way, too.
        assert!(fixture.vault.make_pairing_code(&fixture.signed_in("root").await).await.is_err());
        fixture.vault.end_all_of(&fixture.admin, fixture.admin.user).await.unwrap();
        for change in [&LONGER_CODE, &ANOTHERS_CODE] {
            let code = code(&fixture, &fixture.admin).await;
            run(database, change).await;
            refused(show(&fixture, &SoftExtension::new(), &code, ORIGIN).await, "pairing code");
        }
    }

    async fn an_extension_that_comes_back_is_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let soft = paired(&fixture, &bob).await;
        let mut tx = database.write().await.unwrap();
        tx.execute(&KEEP_DEVICES, args![]).await.unwrap();
        tx.commit().await.unwrap();
        fixture.vault.remove_device(&bob, soft.id.parse().unwrap()).await.unwrap();
        run(database, &DEVICES_BACK).await;
        refused(ask(&fixture, &soft).await, "browser extension \"Laptop\", which by the audit log was removed before");
        let checks = fixture.vault.checks().await;
        let rows = checks.iter().find(|check| check.name == "rows of authority").unwrap();
        assert!(rows.detail.contains("browser extension"), "{}", rows.detail);
    }
}
