//! Setup keys on phones: to whom they go, what is recorded and told, and what is known of it afterwards.

use countersign_model::{
    Actor, GrantConditions, GrantPermissions, GroupName, Reach, Reason, Role, Tag, Timestamp, TooShort,
};
use countersign_otp::read_qr_codes;
use countersign_seal::{OneTimeKey, RecipientKey, SystemChance};
use countersign_store::both_engines;
use countersign_vault::{
    Conflict, CredentialView, Error, FieldEdit, GrantDetails, GrantDraft, GroupRef, HolderRef, NewCredential, NewGrant,
    NoticeSettingsRequest, Patch, SealedFile, SeedRequest, TargetRef, TransferRequest,
};

use crate::{
    fixture::{SEED, TestVault, by_id, new_credential, secret},
    service_accounts::new_account,
};

const SEE: GrantPermissions = GrantPermissions::SEE;
const TRANSFER: GrantPermissions = GrantPermissions { transfer: true, ..SEE };

pub(crate) struct Asked {
    key: OneTimeKey,
    pub(crate) request: TransferRequest,
}

pub(crate) fn asked(reason: Option<&str>) -> Asked {
    let key = OneTimeKey::new(&SystemChance);
    let recipient = RecipientKey::parse(&key.public().unwrap(), &SystemChance).unwrap();
    Asked { key, request: TransferRequest { reason: reason.map(|text| Reason::parse(text).unwrap()), recipient } }
}

impl Asked {
    fn open(&self, file: &SealedFile) -> String {
        String::from_utf8(self.key.open(&file.name, &file.sealed).unwrap().to_vec()).unwrap()
    }
}

impl TestVault {
    async fn let_transfer(&self, by: &Actor, holder: HolderRef, target: TargetRef) -> Result<GrantDetails, Error> {
        let conditions = GrantConditions::default();
        let draft = GrantDraft { holder, target, permissions: TRANSFER, conditions, approval: None };
        self.vault.create_grant(by, draft).await
    }

    async fn transferred_to(&self, who: &Actor, credential: &CredentialView) -> Result<String, Error> {
        let ask = asked(None);
        let answer = self.vault.transfer_seed(who, &by_id(credential), &ask.request).await?;
        Ok(ask.open(&answer.uri))
    }

    async fn phones(&self, who: &Actor, credential: &CredentialView) -> Vec<String> {
        let shown = self.vault.credential(who, &by_id(credential)).await.unwrap();
        shown.phones.into_iter().map(|phone| phone.name).collect()
    }
}

fn on(credential: &CredentialView) -> TargetRef {
    TargetRef::Credential(by_id(credential))
}

fn to(actor: &Actor) -> HolderRef {
    HolderRef::User(actor.user)
}

both_engines! {
    async fn promise_1_a_setup_key_goes_to_a_phone_sealed_and_on_record(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ana = fixture.person("ana", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        let given = fixture.let_transfer(&fixture.admin, to(&ana), on(&shop)).await.unwrap();
        assert!(fixture.vault.credential(&ana, &by_id(&shop)).await.unwrap().may.transfer);
        let ask = asked(Some("new phone"));
        let answer = fixture.vault.transfer_seed(&ana, &by_id(&shop), &ask.request).await.unwrap();
        let uri = ask.open(&answer.uri);
        assert!(uri.starts_with("otpauth://totp/Shop") && uri.contains(&format!("secret={SEED}&")), "{uri}");
        let qr = ask.open(&answer.qr);
        assert!(qr.starts_with("<svg ") && qr.contains("<path "), "{qr}");
        for sealed in [&answer.uri.sealed.bytes, &answer.qr.sealed.bytes] {
            assert!(!sealed.windows(8).any(|part| SEED.as_bytes().starts_with(part) || part == b"otpauth:"));
        }
        let records = fixture.records_of("seed.transferred").await;
        let record = &records[0];
        assert_eq!((records.len(), record.actor.name.as_str(), record.reason.as_deref()), (1, "ana", Some("new phone")));
        assert_eq!(record.object.as_ref().map(|object| object.name.as_str()), Some("Shop"));
        assert_eq!(record.details["grant"], given.grant.id.to_string().into());
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
        // The picture is of the same.
        assert!(read_qr_codes(qr.as_bytes()).is_err(), "an SVG picture is read by a browser and no program of ours");
    }

    async fn promise_6_no_role_and_no_other_permission_transfers_a_setup_key(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, mia) = (fixture.person("ana", Role::Member).await, fixture.person("mia", Role::Manager).await);
        let ada = fixture.person("ada", Role::Auditor).await;
        let root = fixture.signed_in("root").await;
        let shop = fixture.credential("Shop").await;
        let everything_else = GrantPermissions { transfer: false, ..GrantPermissions::ALL };
        fixture.grant(&shop, &ana, Some(everything_else)).await;
        for who in [&ana, &mia, &ada, &root, &fixture.admin] {
            let refused = fixture.transferred_to(who, &shop).await;
            assert!(matches!(&refused, Err(Error::Denied(denied)) if denied.unmet.is_empty()), "{}", who.name);
            assert!(!fixture.vault.credential(who, &by_id(&shop)).await.unwrap().may.transfer, "{}", who.name);
        }
        let refused = fixture.records_of("seed.transfer_denied").await;
        assert_eq!(refused.len(), 5);
        // An administrator gives it to themselves, on record; and then has it by that.
        fixture.let_transfer(&root, to(&root), on(&shop)).await.unwrap();
        assert_eq!(fixture.records_of("grant.created").await[0].details["permissions"], vec!["see".to_owned(), "transfer".to_owned()].into());
        assert!(fixture.transferred_to(&root, &shop).await.is_ok());
        // To an auditor a grant gives nothing.
        fixture.let_transfer(&root, to(&ada), on(&shop)).await.unwrap();
        assert!(matches!(fixture.transferred_to(&ada, &shop).await, Err(Error::Denied(_))));
        assert_eq!(fixture.records_of("seed.transferred").await.len(), 1);
    }

    async fn promise_6_administrators_alone_grant_transfers_to_people_on_single_credentials(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, mia) = (fixture.person("ana", Role::Member).await, fixture.person("mia", Role::Manager).await);
        let shop = fixture.credential("Shop").await;
        let refused = |given: Result<GrantDetails, Error>| match given {
            Err(Error::Invalid(invalid)) => assert_eq!(invalid.field, "permissions"),
            other => panic!("{other:?}"),
        };
        for who in [&ana, &mia] {
            refused(fixture.let_transfer(&mia, to(who), on(&shop)).await);
        }
        let tag = TargetRef::Tag(Tag::parse("social").unwrap());
        refused(fixture.let_transfer(&fixture.admin, to(&ana), tag).await);
        refused(fixture.let_transfer(&fixture.admin, to(&ana), TargetRef::Site("example.org".parse().unwrap())).await);
        let group = fixture.vault.create_group(&fixture.admin, &GroupName::parse("ops").unwrap()).await.unwrap();
        refused(fixture.let_transfer(&fixture.admin, HolderRef::Group(GroupRef::Id(group.id)), on(&shop)).await);
        let (machine, _) = fixture.vault.create_service_account(&fixture.admin, new_account("deploy")).await.unwrap();
        refused(fixture.let_transfer(&fixture.admin, HolderRef::User(machine.id), on(&shop)).await);
        // Who shares gives it no further, though they have it.
        let both = GrantPermissions { share: true, ..TRANSFER };
        fixture.grant(&shop, &ana, Some(both)).await;
        let ben = fixture.person("ben", Role::Member).await;
        refused(fixture.let_transfer(&ana, to(&ben), on(&shop)).await);
        // A manager keeps what is there, takes it back, and does not give it anew; not by saying everything anew either.
        let all = |transfer: bool| [NewGrant { person: ana.user, grant: GrantPermissions { transfer, ..both } }];
        fixture.vault.set_grants(&mia, &by_id(&shop), &all(true)).await.unwrap();
        fixture.vault.set_grants(&mia, &by_id(&shop), &all(false)).await.unwrap();
        let again = fixture.vault.set_grants(&mia, &by_id(&shop), &all(true)).await;
        assert!(matches!(again, Err(Error::Invalid(_))), "{again:?}");
        assert!(matches!(fixture.transferred_to(&ana, &shop).await, Err(Error::Denied(_))));
        // Fewer conditions are more, too.
        let given = fixture.let_transfer(&fixture.admin, to(&ben), on(&shop)).await.unwrap();
        let looser = GrantDraft {
            holder: to(&ben),
            target: on(&shop),
            permissions: GrantPermissions { token: true, ..TRANSFER },
            conditions: GrantConditions::default(),
            approval: None,
        };
        refused(fixture.vault.edit_grant(&mia, given.grant.id, looser).await);
        fixture.vault.remove_grant(&mia, given.grant.id).await.unwrap();
        assert!(matches!(fixture.transferred_to(&ben, &shop).await, Err(Error::NotFound(_))));
    }

    async fn promise_6_only_a_person_in_the_page_who_has_just_signed_in_gets_a_setup_key(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ana = fixture.person("ana", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        fixture.let_transfer(&fixture.admin, to(&ana), on(&shop)).await.unwrap();
        let program = fixture.vault.recognise(&fixture.api_token(&ana, None).await).await.unwrap().actor;
        assert!(!fixture.vault.credential(&program, &by_id(&shop)).await.unwrap().may.transfer);
        // As of now, so that nobody looks again what they came in by.
        let as_of = program.as_of;
        let by = |reach: Reach| Actor { reach, as_of, ..ana.clone() };
        for who in [program, by(Reach::Token { admin: true }), by(Reach::Token { admin: false }), by(Reach::Machine)] {
            let refused = fixture.transferred_to(&who, &shop).await;
            assert!(matches!(refused, Err(Error::TooShort(TooShort::SignedInOnly))), "{:?}", who.reach);
        }
        let device = fixture.transferred_to(&by(Reach::Device), &shop).await;
        assert!(matches!(device, Err(Error::TooShort(TooShort::DeviceOnlyFills))));
        assert_eq!(fixture.records_of("seed.transfer_denied").await.len(), 5);
        // Whatever the grant asks for.
        let late = by(Reach::Page { confirmed_at: Timestamp::from_seconds(fixture.now().seconds() - 3_600) });
        assert!(matches!(fixture.transferred_to(&late, &shop).await, Err(Error::TooShort(TooShort::NotRecent))));
        assert_eq!(fixture.records_of("seed.transfer_denied").await.len(), 5, "who only has to sign in again is no matter for the log");
        assert!(fixture.transferred_to(&ana, &shop).await.is_ok());
    }

    async fn what_cannot_be_on_two_devices_is_not_transferred(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.signed_in("root").await);
        let seed = |kind: &str| {
            let counter = (kind == "hotp").then_some(0);
            let (text, kind) = (Some(secret(SEED)), Some(kind.to_owned()));
            let ask = SeedRequest { text, kind, counter, ..SeedRequest::default() };
            ask.understand().unwrap().secret
        };
        let with = |name: &str, seed| NewCredential { seed, ..new_credential(name) };
        let (hotp, _) = vault.create_credential(admin, with("Counts", Some(seed("hotp")))).await.unwrap();
        let (steam, _) = vault.create_credential(admin, with("Games", Some(seed("steam")))).await.unwrap();
        let (none, _) = vault.create_credential(admin, with("Bare", None)).await.unwrap();
        for one in [&hotp, &steam, &none] {
            fixture.let_transfer(admin, to(admin), on(one)).await.unwrap();
            let offered = vault.credential(admin, &by_id(one)).await.unwrap().may.transfer;
            assert_eq!(offered, one.id == steam.id, "{}", one.name);
        }
        assert!(matches!(fixture.transferred_to(admin, &hotp).await, Err(Error::Conflict(Conflict::CountsCodes))));
        assert!(matches!(fixture.transferred_to(admin, &none).await, Err(Error::Empty(_))));
        assert!(fixture.transferred_to(admin, &steam).await.unwrap().starts_with("otpauth://steam/"));
        let status = Patch { status: Some(countersign_model::CredentialStatus::Inactive), ..Patch::default() };
        vault.edit_credential(admin, &by_id(&steam), status).await.unwrap();
        assert!(matches!(fixture.transferred_to(admin, &steam).await, Err(Error::Conflict(Conflict::Inactive))));
        assert_eq!(fixture.records_of("seed.transferred").await.len(), 1);
    }

    async fn whose_phone_has_the_setup_key_is_known_until_there_is_a_new_one(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (ana, ben) = (fixture.person("ana", Role::Member).await, fixture.person("ben", Role::Member).await);
        let ada = fixture.person("ada", Role::Auditor).await;
        let shop = fixture.credential("Shop").await;
        for who in [&ana, &ben] {
            fixture.let_transfer(admin, to(who), on(&shop)).await.unwrap();
        }
        fixture.transferred_to(&ana, &shop).await.unwrap();
        let since = fixture.now();
        fixture.advance(60);
        fixture.transferred_to(&ana, &shop).await.unwrap();
        fixture.transferred_to(&ben, &shop).await.unwrap();
        let shown = vault.credential(admin, &by_id(&shop)).await.unwrap().phones;
        assert_eq!((shown.len(), shown[0].name.as_str(), shown[0].since), (2, "ana", since));
        // Who neither shares nor audits learns of their own alone.
        assert_eq!(fixture.phones(&ada, &shop).await, ["ana", "ben"]);
        assert_eq!(fixture.phones(&ben, &shop).await, ["ben"]);
        let held = vault.phones_of(admin, ana.user).await.unwrap();
        assert_eq!(held.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["Shop"]);
        assert!(vault.phones_of(&ben, ana.user).await.is_err());
        // A phone outlives its person here, and the credential's time in the bin.
        vault.remove_person(admin, ana.user).await.unwrap();
        vault.remove_credential(admin, &by_id(&shop)).await.unwrap();
        assert_eq!(vault.phones_of(admin, ben.user).await.unwrap().len(), 1, "it may come back from the bin");
        vault.restore_credential(admin, shop.id, None).await.unwrap();
        assert_eq!(fixture.phones(admin, &shop).await, ["ana", "ben"]);
        // The same key stored once more is the same on them.
        let same = SeedRequest { text: Some(secret(SEED)), ..SeedRequest::default() }.understand().unwrap().secret;
        let again = Patch { seed: FieldEdit::Set(same), ..Patch::default() };
        let (answer, _) = vault.edit_credential(admin, &by_id(&shop), again).await.unwrap();
        assert_eq!(answer.phones.len(), 2, "also in the answer to an edit");
        assert_eq!(fixture.phones(admin, &shop).await, ["ana", "ben"]);
        // What is on them is worth nothing once the site has another key.
        let seed = SeedRequest { text: Some(secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")), ..SeedRequest::default() };
        vault.edit_credential(admin, &by_id(&shop), Patch { seed: FieldEdit::Set(seed.understand().unwrap().secret), ..Patch::default() }).await.unwrap();
        assert_eq!(fixture.phones(admin, &shop).await, [""; 0]);
        assert!(vault.phones_of(admin, ben.user).await.unwrap().is_empty());
    }

    async fn administrators_and_who_may_share_are_told(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let settings = NoticeSettingsRequest {
            smtp: FieldEdit::Set(secret("smtp://127.0.0.1:2525")),
            sender: Some("vault@example.org".to_owned()),
            ..NoticeSettingsRequest::default()
        };
        vault.set_notice_settings(admin, settings).await.unwrap();
        vault.set_own_email(admin, Some("root@example.org")).await.unwrap();
        let shop = fixture.credential("Shop").await;
        let mut people = Vec::new();
        for (name, role) in [("ana", Role::Member), ("mia", Role::Manager), ("sam", Role::Member), ("ben", Role::Member)] {
            let person = fixture.person(name, role).await;
            vault.set_own_email(&person, Some(&format!("{name}@example.org"))).await.unwrap();
            people.push(person);
        }
        fixture.let_transfer(admin, to(&people[0]), on(&shop)).await.unwrap();
        let share = GrantDraft {
            holder: to(&people[2]),
            target: on(&shop),
            permissions: GrantPermissions { share: true, ..SEE },
            conditions: GrantConditions { reason: true, ..GrantConditions::default() },
            approval: None,
        };
        vault.create_grant(admin, share).await.unwrap();
        fixture.transferred_to(&people[0], &shop).await.unwrap();
        let log = vault.notice_log(admin).await.unwrap();
        let mut told: Vec<_> = log.iter().map(|one| (one.kind.as_str(), one.recipient.as_str())).collect();
        told.sort_unstable();
        let all = ["mia@example.org", "root@example.org", "sam@example.org"].map(|to| ("transferred", to));
        assert_eq!(told, all, "and not who did it, nor who only sees it");
    }
}
