//! The bin: what is removed can be restored whole for thirty days, by those who may remove, and gives nothing meanwhile.

use countersign_audit::AuditAction;
use countersign_model::{
    Actor, CredentialId, CredentialName, GrantConditions, GrantPermissions, Notes, Paging, Role, SiteSettings,
};
use countersign_store::{
    args,
    audit::RecordFilter,
    both_engines,
    engine::{Database, Statement},
    statements,
};
use countersign_vault::{
    BIN_KEPT, Conflict, CredentialListRequest, CredentialRef, CredentialView, Error, FieldEdit, GrantDraft, HolderRef,
    Patch, RemovedView, SeedRequest, TargetRef, TokenRequest,
};

use crate::{
    fixture::{SEED, TestVault, by_id, new_credential, secret},
    keys::go_on,
};

statements! {
    TURN_BACK = "update removed_credential set counter = 0";
    ELSEWHERE = "update removed_credential set site = 'https://evil.example/'";
    LONGER = "update removed_credential set deleted_at = deleted_at + 1000000";
    COUNTER_BACK = "update removed_credential set counter = null";
    SITE_BACK = "update removed_credential set site = 'https://example.org/'";
    TIME_BACK = "update removed_credential set deleted_at = deleted_at - 1000000";
    WIDEN = "update removed_grant set reveal = true";
    LET_TRANSFER = "update removed_grant set transfer = not transfer";
    TURN_COUNTER_BACK = "update seed set counter = 0";
    SITE_BY_HAND = "update automation set settings = '{}'";
    ROB = "delete from removed_credential";
}

const TOKEN: GrantPermissions = GrantPermissions { token: true, ..GrantPermissions::SEE };

impl TestVault {
    async fn remove(&self, credential: &CredentialView) {
        self.vault.remove_credential(&self.admin, &by_id(credential)).await.unwrap();
    }

    async fn restore(&self, credential: &CredentialView) -> Result<(CredentialView, Vec<String>), Error> {
        self.vault.restore_credential(&self.admin, credential.id, None).await
    }

    async fn bin(&self) -> Vec<RemovedView> {
        self.vault.removed_credentials(&self.admin, &Paging::default()).await.unwrap().items
    }

    async fn records(&self, id: CredentialId, act: AuditAction) -> Vec<String> {
        let filter =
            RecordFilter { object: Some(id.uuid()), act: Some(act.name().to_owned()), ..RecordFilter::default() };
        let found = self.vault.audit_records(&self.admin, &filter, &Paging::default()).await.unwrap();
        found.items.iter().map(|one| one.entry.actor.name.clone()).collect()
    }

    async fn is_sound(&self) -> bool {
        let check = self.vault.check_everything(None).await.unwrap();
        assert!(check.is_sound(), "{check:?}");
        true
    }

    /// One with a former password, a grant, notes and settings of its site.
    async fn rich(&self, name: &str) -> (CredentialView, Actor) {
        let credential = self.credential(name).await;
        let patch = Patch {
            password: FieldEdit::Set(secret("another password")),
            notes: Some(Notes::parse("Ask the board first.").unwrap()),
            ..Patch::default()
        };
        self.vault.edit_credential(&self.admin, &by_id(&credential), patch).await.unwrap();
        let bob = self.person("bob", Role::Member).await;
        self.grant(&credential, &bob, Some(TOKEN)).await;
        let settings = SiteSettings { heartbeat: true, ..SiteSettings::default() };
        self.vault.set_automation(&self.admin, &by_id(&credential), settings).await.unwrap();
        (credential, bob)
    }
}

async fn execute(database: &Database, statement: &Statement) {
    let mut tx = database.write().await.unwrap();
    assert!(tx.execute(statement, args![]).await.unwrap() > 0, "{}", statement.name());
    tx.commit().await.unwrap();
}

both_engines! {
    async fn what_is_restored_is_whole_again(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (credential, bob) = fixture.rich("Instagram").await;
        let before = fixture.vault.credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        fixture.remove(&credential).await;
        let [removed] = fixture.bin().await.try_into().unwrap();
        assert_eq!((removed.name.as_str(), removed.removed_by.as_str()), ("Instagram", "root"));
        assert_eq!((removed.removed_at, removed.deleted_at), (fixture.now(), fixture.now().plus(BIN_KEPT)));
        assert!(removed.has_password && removed.second_factor.is_some());
        assert!(fixture.is_sound().await);

        fixture.advance(60);
        let (restored, warnings) = fixture.restore(&credential).await.unwrap();
        assert_eq!(warnings, ["one grant on it holds again: see its access"]);
        let as_before = CredentialView { revision: before.revision, updated_at: before.updated_at, ..restored.clone() };
        assert_eq!(as_before, before);
        assert!(restored.revision > before.revision, "who had it open has to look again");
        assert_eq!(fixture.token(&bob, &credential).await.unwrap().len(), 8, "the grant is back");
        for (version, password) in [(None, "another password"), (Some(1), "its password")] {
            let revealed = fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, version).await.unwrap();
            assert_eq!(revealed.password.expose_text(), Some(password));
        }
        let site = fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert!(site.settings.heartbeat && site.next_heartbeat_at.is_some());
        assert!(fixture.bin().await.is_empty());
        assert_eq!(fixture.records(credential.id, AuditAction::CredentialRestored).await, ["root"]);
        assert!(fixture.is_sound().await && fixture.complaints().await.is_empty());
        // And once more: nothing of the first time stands in the way.
        fixture.remove(&credential).await;
        fixture.restore(&credential).await.unwrap();
        assert_eq!(fixture.token(&bob, &credential).await.unwrap().len(), 8);
    }

    async fn promise_1_what_is_in_the_bin_gives_nothing_to_anybody(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (credential, bob) = fixture.rich("Instagram").await;
        fixture.remove(&credential).await;
        let gone = "there is no such credential";
        for wanted in [by_id(&credential), CredentialRef::Name("Instagram".to_owned())] {
            for actor in [&fixture.admin, &bob] {
                let token = fixture.vault.token(actor, &wanted, &TokenRequest::default()).await.err().unwrap();
                let revealed = fixture.vault.reveal(actor, &wanted, None, Some(1)).await.err().unwrap();
                let shown = fixture.vault.credential(actor, &wanted).await.err().unwrap();
                assert_eq!([token, revealed, shown].map(|error| error.to_string()), [gone; 3]);
            }
        }
        let listed = fixture.vault.list_credentials(&fixture.admin, &CredentialListRequest::default()).await.unwrap();
        assert!(listed.items.is_empty() && listed.total == Some(0), "{listed:?}");
        let text = format!("{:?}", fixture.bin().await);
        assert!(!text.contains(SEED) && !text.contains("password\""), "{text}");
        // Its name and its setup key are free.
        let (_, warnings) = fixture.vault.create_credential(&fixture.admin, new_credential("Instagram")).await.unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    async fn a_name_that_was_given_away_asks_for_another(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.remove(&credential).await;
        fixture.credential("INSTAGRAM").await;
        let refused = fixture.restore(&credential).await.err().unwrap();
        assert!(matches!(refused, Error::Conflict(Conflict::NameTaken { .. })), "{refused}");
        assert_eq!(fixture.bin().await.len(), 1, "nothing is lost by it");
        let name = CredentialName::parse("Instagram, the old one").unwrap();
        let restored = fixture.vault.restore_credential(&fixture.admin, credential.id, Some(name)).await.unwrap();
        assert_eq!((restored.0.id, restored.0.name.as_str()), (credential.id, "Instagram, the old one"));
        assert_eq!(restored.1, ["\"INSTAGRAM\" holds the same setup key: its tokens are the same"]);
        assert_eq!(fixture.token(&fixture.admin, &credential).await.unwrap(), "07081804");
    }

    async fn only_who_may_remove_sees_the_bin(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let member = fixture.person("member", Role::Member).await;
        fixture.grant(&credential, &member, Some(GrantPermissions { edit: true, share: true, ..TOKEN })).await;
        fixture.remove(&credential).await;
        let auditor = fixture.person("auditor", Role::Auditor).await;
        for actor in [&member, &auditor] {
            let vault = &fixture.vault;
            assert!(matches!(vault.removed_credentials(actor, &Paging::default()).await, Err(Error::Denied(_))));
            assert!(matches!(vault.restore_credential(actor, credential.id, None).await, Err(Error::Denied(_))));
            assert!(matches!(vault.delete_removed_credential(actor, credential.id).await, Err(Error::Denied(_))));
        }
        let manager = fixture.person("manager", Role::Manager).await;
        fixture.vault.restore_credential(&manager, credential.id, None).await.unwrap();
        assert_eq!(fixture.token(&member, &credential).await.unwrap().len(), 8);
    }

    async fn after_its_time_or_at_once_it_is_deleted_with_its_secrets(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (first, second) = (fixture.credential("First").await, fixture.credential("Second").await);
        fixture.remove(&first).await;
        fixture.remove(&second).await;
        fixture.vault.delete_removed_credential(&fixture.admin, second.id).await.unwrap();
        let again = fixture.vault.delete_removed_credential(&fixture.admin, second.id).await.err().unwrap();
        assert_eq!(again.to_string(), "there is no such credential in the bin");
        assert_eq!(fixture.records(second.id, AuditAction::CredentialDeleted).await, ["root"]);

        fixture.clock.advance(BIN_KEPT - std::time::Duration::from_secs(1));
        fixture.vault.tidy().await.unwrap();
        let admin = fixture.signed_in("root").await;
        assert_eq!(fixture.vault.removed_credentials(&admin, &Paging::default()).await.unwrap().items.len(), 1);
        fixture.advance(1);
        // Before anybody has tidied up, too.
        let late = fixture.vault.restore_credential(&admin, first.id, None).await.err().unwrap();
        assert_eq!(late.to_string(), "there is no such credential in the bin");
        fixture.vault.tidy().await.unwrap();
        assert!(fixture.vault.removed_credentials(&admin, &Paging::default()).await.unwrap().items.is_empty());
        let filter = RecordFilter { act: Some("credential.deleted".to_owned()), ..RecordFilter::default() };
        assert_eq!(fixture.vault.audit_records(&admin, &filter, &Paging::default()).await.unwrap().items.len(), 2);
        assert!(fixture.is_sound().await);
    }

    async fn a_counter_goes_on_where_it_was(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let uri = format!("otpauth://hotp/Router?secret={SEED}&counter=0");
        let ask = SeedRequest { text: Some(secret(&uri)), ..SeedRequest::default() };
        let mut new = new_credential("Router");
        new.seed = Some(ask.understand().unwrap().secret);
        let credential = fixture.vault.create_credential(&fixture.admin, new).await.unwrap().0;
        // RFC 4226 appendix D.
        assert_eq!(fixture.token(&fixture.admin, &credential).await.unwrap(), "755224");
        fixture.remove(&credential).await;
        fixture.restore(&credential).await.unwrap();
        assert_eq!(fixture.token(&fixture.admin, &credential).await.unwrap(), "287082");
    }

    async fn promise_5_a_step_that_was_taken_stays_taken(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let claim = TokenRequest { claim: true, ..TokenRequest::default() };
        // To where a step begins.
        fixture.advance(1);
        fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await.unwrap();
        fixture.remove(&credential).await;
        fixture.restore(&credential).await.unwrap();
        let again = fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await;
        assert!(matches!(again, Err(Error::StepTaken { .. })), "{:?}", again.err());
        fixture.advance(30);
        fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await.unwrap();
    }

    async fn of_two_at_once_one_restores_or_deletes(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for round in 0..12 {
            let credential = fixture.credential(&format!("Number {round}")).await;
            fixture.remove(&credential).await;
            let (restored, deleted, again) = tokio::join!(
                fixture.restore(&credential),
                fixture.vault.delete_removed_credential(&fixture.admin, credential.id),
                fixture.restore(&credential),
            );
            let won = [restored.is_ok(), deleted.is_ok(), again.is_ok()];
            assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
            assert_eq!(fixture.token(&fixture.admin, &credential).await.is_ok(), deleted.is_err());
        }
        assert!(fixture.is_sound().await);
    }

    async fn a_grant_that_was_taken_back_at_the_same_moment_stays_taken_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        for round in 0..12 {
            let credential = fixture.credential(&format!("Number {round}")).await;
            fixture.grant(&credential, &bob, Some(TOKEN)).await;
            let wanted = by_id(&credential);
            let (removed, taken_back) = tokio::join!(
                fixture.vault.remove_credential(&fixture.admin, &wanted),
                fixture.vault.set_grants(&fixture.admin, &wanted, &[]),
            );
            removed.unwrap();
            fixture.restore(&credential).await.unwrap();
            // Either it was taken back, or it was said that it was not.
            assert_eq!(fixture.token(&bob, &credential).await.is_err(), taken_back.is_ok(), "round {round}: {taken_back:?}");
        }
    }

    async fn a_grant_that_was_given_at_the_same_moment_is_kept_or_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        for round in 0..12 {
            let credential = fixture.credential(&format!("Number {round}")).await;
            let draft = GrantDraft {
                holder: HolderRef::User(bob.user),
                target: TargetRef::Credential(by_id(&credential)),
                permissions: TOKEN,
                conditions: GrantConditions::default(),
                approval: None,
            };
            let wanted = by_id(&credential);
            let (removed, given) = tokio::join!(
                fixture.vault.remove_credential(&fixture.admin, &wanted),
                fixture.vault.create_grant(&fixture.admin, draft),
            );
            removed.unwrap();
            fixture.restore(&credential).await.unwrap();
            assert_eq!(fixture.token(&bob, &credential).await.is_ok(), given.is_ok(), "round {round}: {given:?}");
            assert!(given.is_ok() || matches!(given, Err(Error::NotFound(_))), "round {round}: {given:?}");
        }
    }

    async fn a_change_that_is_owed_for_a_look_is_owed_still(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let mut settings = SiteSettings::default();
        settings.policy.after_reveal = true;
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await.unwrap();
        fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, None).await.unwrap();
        let owed = async || fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap().next_change;
        let before = owed().await;
        assert!(before.is_some());
        fixture.remove(&credential).await;
        fixture.restore(&credential).await.unwrap();
        assert_eq!(owed().await, before);
    }

    async fn a_new_vault_key_reaches_the_bin(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (credential, bob) = fixture.rich("Instagram").await;
        fixture.remove(&credential).await;
        fixture.vault.rotate_key(&fixture.admin).await.unwrap();
        go_on(&fixture, &fixture.vault, async |_| ()).await;
        assert!(fixture.is_sound().await && fixture.complaints().await.is_empty());
        fixture.restore(&credential).await.unwrap();
        assert_eq!(fixture.token(&bob, &credential).await.unwrap().len(), 8);
        let revealed = fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, Some(1)).await.unwrap();
        assert_eq!(revealed.password.expose_text(), Some("its password"));
    }

    async fn promise_7_what_somebody_changes_in_the_bin_by_hand_is_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (credential, bob) = fixture.rich("Instagram").await;
        fixture.remove(&credential).await;
        for (change, back) in [(&TURN_BACK, &COUNTER_BACK), (&ELSEWHERE, &SITE_BACK), (&LONGER, &TIME_BACK)] {
            execute(database, change).await;
            let check = fixture.vault.check_everything(None).await.unwrap();
            assert!(!check.is_sound(), "{}", change.name());
            let refused = fixture.restore(&credential).await.err().unwrap().to_string();
            assert!(refused.contains("changed in the database"), "{}: {refused}", change.name());
            execute(database, back).await;
            assert!(fixture.is_sound().await);
        }
        for _ in 0..2 {
            assert!(fixture.is_sound().await);
            execute(database, &LET_TRANSFER).await;
            assert!(!fixture.vault.check_everything(None).await.unwrap().is_sound());
            execute(database, &LET_TRANSFER).await;
        }
        execute(database, &WIDEN).await;
        assert!(!fixture.vault.check_everything(None).await.unwrap().is_sound());
        // The grant alone is not believed.
        fixture.restore(&credential).await.unwrap();
        let revealed = fixture.vault.reveal(&bob, &by_id(&credential), None, None).await.err().unwrap();
        assert!(revealed.to_string().contains("changed in the database"), "{revealed}");
    }

    async fn what_was_changed_by_hand_before_is_not_kept_and_the_rest_is(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let mut new = new_credential("Router");
        let uri = format!("otpauth://hotp/Router?secret={SEED}&counter=7");
        let ask = SeedRequest { text: Some(secret(&uri)), ..SeedRequest::default() };
        new.seed = Some(ask.understand().unwrap().secret);
        let credential = fixture.vault.create_credential(&fixture.admin, new).await.unwrap().0;
        let settings = SiteSettings { heartbeat: true, ..SiteSettings::default() };
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await.unwrap();
        execute(database, &TURN_COUNTER_BACK).await;
        execute(database, &SITE_BY_HAND).await;
        fixture.remove(&credential).await;
        let (restored, _) = fixture.restore(&credential).await.unwrap();
        assert_eq!(restored.second_factor, None, "no code is given twice because somebody has turned its counter back");
        let site = fixture.vault.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert!(!site.settings.heartbeat);
        let revealed = fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, None).await.unwrap();
        assert_eq!(revealed.password.expose_text(), Some("its password"));
        assert!(fixture.is_sound().await);
        // What was changed by hand in the bin can be deleted still, and by its age.
        for by_age in [false, true] {
            fixture.remove(&credential).await;
            execute(database, &ELSEWHERE).await;
            if by_age {
                fixture.clock.advance(BIN_KEPT);
                fixture.vault.tidy().await.unwrap();
            } else {
                execute(database, &SITE_BACK).await;
                fixture.restore(&credential).await.unwrap();
            }
        }
        let admin = fixture.signed_in("root").await;
        assert!(fixture.vault.removed_credentials(&admin, &Paging::default()).await.unwrap().items.is_empty());
    }

    async fn what_is_taken_out_of_the_bin_by_hand_is_missed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.remove(&credential).await;
        execute(database, &ROB).await;
        let check = fixture.vault.check_everything(None).await.unwrap();
        assert_eq!(check.wrong, [format!("the credential {} was removed and not deleted, and is not in the bin", credential.id)]);
    }

    async fn what_was_granted_to_who_is_gone_stays_gone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (credential, bob) = fixture.rich("Instagram").await;
        fixture.remove(&credential).await;
        fixture.vault.remove_person(&fixture.admin, bob.user).await.unwrap();
        fixture.restore(&credential).await.unwrap();
        let grants = fixture.vault.grants(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert!(grants.is_empty(), "{grants:?}");
    }

    async fn the_bin_comes_by_pages(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let mut removed = Vec::new();
        for number in 0..5 {
            let credential = fixture.credential(&format!("Number {number}")).await;
            fixture.remove(&credential).await;
            removed.push(credential.name.to_string());
            // Some at the same moment.
            fixture.advance(number % 2);
        }
        let (mut cursor, mut found): (Option<String>, Vec<String>) = (None, Vec::new());
        loop {
            let paging = Paging::new(cursor.take(), Some(2)).unwrap();
            let page = fixture.vault.removed_credentials(&fixture.admin, &paging).await.unwrap();
            assert_eq!(page.total, Some(5));
            found.extend(page.items.iter().map(|one| one.name.to_string()));
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        found.sort();
        assert_eq!(found, removed);
        let wrong = Paging::new(Some("nonsense".to_owned()), None).unwrap();
        let error = fixture.vault.removed_credentials(&fixture.admin, &wrong).await.err().unwrap();
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    }
}
