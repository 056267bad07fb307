//! The same for many credentials at once: one grant on each, and one policy; previewed, all or none, and taken back.

use countersign_audit::AuditEntry;
use countersign_model::{
    Actor, ChangePolicy, CredentialId, GrantConditions, GrantId, GrantPermissions, GroupName, Paging, Reach, Role,
    SiteSettings,
};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    ApprovalDraft, Conflict, CredentialGrant, CredentialView, Error, GrantDraft, GrantReview, GroupRef, HolderRef,
    ManyGrantsDraft, NewCredential, PolicyChange, PolicyEdit, TargetRef,
};

use crate::fixture::{TestVault, by_id, new_credential};

const TOKEN: GrantPermissions = GrantPermissions { token: true, ..GrantPermissions::SEE };
const SHARE: GrantPermissions = GrantPermissions { share: true, ..TOKEN };
const EDIT: GrantPermissions = GrantPermissions { edit: true, ..GrantPermissions::SEE };

fn on(credentials: &[&CredentialView], to: &Actor, permissions: GrantPermissions) -> ManyGrantsDraft {
    ManyGrantsDraft {
        credentials: credentials.iter().map(|one| one.id).collect(),
        holder: HolderRef::User(to.user),
        permissions,
        conditions: GrantConditions::default(),
        approval: None,
    }
}

/// The way back from what was granted.
fn made(items: &[CredentialGrant]) -> Vec<GrantReview> {
    let back = |(id, at)| GrantReview { id, seen: Some(at), keep: false };
    items.iter().filter_map(|one| one.made).map(back).collect()
}

fn refused<'a>(items: impl IntoIterator<Item = &'a Option<String>>) -> Vec<bool> {
    items.into_iter().map(Option::is_some).collect()
}

fn policies(credentials: &[&CredentialView], days: Option<u16>) -> Vec<PolicyEdit> {
    let policy = ChangePolicy { every_days: days, ..ChangePolicy::default() };
    credentials.iter().map(|one| PolicyEdit { id: one.id, before: None, policy: policy.clone() }).collect()
}

/// Exactly what was previewed; or, with the two changed round, the way back.
fn as_seen(items: &[PolicyChange], back: bool) -> Vec<PolicyEdit> {
    let edit = |one: &PolicyChange| {
        let (before, after) = (one.before.clone()?, one.after.clone()?);
        let (before, policy) = if back { (after, before) } else { (before, after) };
        Some(PolicyEdit { id: one.id, before: Some(before), policy })
    };
    items.iter().filter_map(edit).collect()
}

impl TestVault {
    pub(crate) async fn records_of(&self, act: &str) -> Vec<AuditEntry> {
        let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
        let page = self.vault.audit_records(&self.admin, &filter, &Paging::first(50)).await.unwrap();
        page.items.into_iter().map(|record| record.entry).collect()
    }

    async fn days_of(&self, credential: &CredentialView) -> Option<u16> {
        let known = self.vault.automation(&self.admin, &by_id(credential)).await.unwrap();
        known.settings.policy.every_days
    }
}

both_engines! {
    async fn one_grant_on_many_is_previewed_given_and_taken_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        let ben = fixture.person("ben", Role::Member).await;
        fixture.grant(&bank, &ben, Some(TOKEN)).await;
        let draft = on(&[&shop, &bank], &ben, TOKEN);
        let before = fixture.records_of("grant.created").await.len();
        let preview = vault.preview_many_grants(admin, &draft).await.unwrap();
        let already: Vec<bool> = preview.items.iter().map(|one| one.already).collect();
        assert_eq!((already, made(&preview.items).len()), (vec![false, true], 0));
        let [person] = preview.access.people.as_slice() else { panic!("{preview:?}") };
        assert_eq!((person.name.as_str(), person.gains.as_slice()), ("ben", ["see", "token"].as_slice()));
        assert!(fixture.token(&ben, &shop).await.is_err(), "a preview gives nothing");

        let given = vault.create_many_grants(admin, &draft).await.unwrap();
        assert_eq!(made(&given).len(), 1, "what was granted before is not granted twice");
        assert!(fixture.token(&ben, &shop).await.is_ok());
        let records = fixture.records_of("grant.created").await;
        assert_eq!(records.len(), before + 1);
        assert_eq!(records[0].object.as_ref().map(|object| object.name.as_str()), Some("Shop"));
        let again = vault.create_many_grants(admin, &draft).await.unwrap();
        assert_eq!((made(&again).len(), fixture.records_of("grant.created").await.len()), (0, before + 1));

        vault.review_grants(admin, &made(&given)).await.unwrap();
        assert!(fixture.token(&ben, &shop).await.is_err());
        assert!(fixture.token(&ben, &bank).await.is_ok(), "what was there before stays");
        assert!(vault.review_grants(admin, &made(&given)).await.is_err(), "it is gone");
    }

    async fn it_is_given_on_all_or_on_none(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        let ben = fixture.person("ben", Role::Member).await;
        let draft = on(&[&shop, &bank], &ben, TOKEN);
        vault.remove_credential(admin, &by_id(&bank)).await.unwrap();
        assert!(matches!(vault.create_many_grants(admin, &draft).await, Err(Error::NotFound(_))));
        assert!(fixture.token(&ben, &shop).await.is_err());
        let preview = vault.preview_many_grants(admin, &draft).await.unwrap();
        assert_eq!(refused(preview.items.iter().map(|one| &one.refused)), [false, true]);
        // And taken back from all or from none.
        let given = made(&vault.create_many_grants(admin, &on(&[&shop], &ben, TOKEN)).await.unwrap());
        let gone = GrantReview { id: GrantId::from_uuid(uuid::Uuid::from_u128(7)), ..given[0].clone() };
        assert!(vault.review_grants(admin, &[given[0].clone(), gone]).await.is_err());
        assert!(fixture.token(&ben, &shop).await.is_ok());
        // What somebody has edited since is theirs.
        fixture.advance(60);
        let edited = GrantDraft {
            holder: HolderRef::User(ben.user),
            target: TargetRef::Credential(by_id(&shop)),
            permissions: SHARE,
            conditions: GrantConditions::default(),
            approval: None,
        };
        vault.edit_grant(admin, given[0].id, edited).await.unwrap();
        let undone = vault.review_grants(admin, &given).await;
        assert!(matches!(undone, Err(Error::Conflict(Conflict::Edited))), "{undone:?}");
        assert!(fixture.token(&ben, &shop).await.is_ok());
    }

    async fn nobody_grants_by_this_what_they_may_not_grant_alone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let (ben, cleo) = (fixture.person("ben", Role::Member).await, fixture.person("cleo", Role::Member).await);
        let mut all = Vec::new();
        for (name, given) in ["Hidden", "Used", "Shared"].into_iter().zip([None, Some(TOKEN), Some(SHARE)]) {
            let one = fixture.credential(name).await;
            fixture.grant(&one, &ben, given).await;
            all.push(one);
        }
        let all: Vec<&CredentialView> = all.iter().collect();
        let preview = vault.preview_many_grants(&ben, &on(&all, &cleo, TOKEN)).await.unwrap();
        assert_eq!(refused(preview.items.iter().map(|one| &one.refused)), [true, true, false]);
        assert_eq!(preview.items[0].name, None, "what one may not know of is not named");
        for one in &all[..2] {
            let answer = vault.create_many_grants(&ben, &on(&[all[2], one], &cleo, TOKEN)).await;
            assert!(matches!(answer, Err(Error::Denied(_) | Error::NotFound(_))), "{answer:?}");
        }
        // No more than one has oneself.
        let answer = vault.create_many_grants(&ben, &on(&all[2..], &cleo, EDIT)).await;
        let beyond = matches!(answer, Err(Error::Invalid(ref why)) if why.field == "permissions" && why.problem.contains("Shared"));
        assert!(beyond, "{answer:?}");
        // Who may share none of them does not learn who there is.
        let nobody = ManyGrantsDraft { holder: HolderRef::UserName("nobody".to_owned()), ..on(&all[..2], &cleo, TOKEN) };
        assert!(matches!(vault.preview_many_grants(&ben, &nobody).await, Err(Error::Denied(_))));
        // Nor who is in a group that one may name.
        let group = vault.create_group(&fixture.admin, &GroupName::parse("Finance").unwrap()).await.unwrap();
        vault.add_group_member(&fixture.admin, &GroupRef::Id(group.id), &HolderRef::User(cleo.user)).await.unwrap();
        let to_group = ManyGrantsDraft { holder: HolderRef::Group(GroupRef::Id(group.id)), ..on(&all[2..], &cleo, TOKEN) };
        let told = vault.preview_many_grants(&ben, &to_group).await.unwrap().access;
        assert_eq!((told.gains, told.people.len()), (1, 0), "how many, and not who");
        assert_eq!(vault.preview_many_grants(&fixture.admin, &to_group).await.unwrap().access.people.len(), 1);
        let given = vault.create_many_grants(&ben, &on(&all[2..], &cleo, TOKEN)).await.unwrap();
        assert!(fixture.records_of("grant.created").await[0].details.contains_key("grant"), "by which it was allowed");
        assert!(matches!(vault.review_grants(&cleo, &made(&given)).await, Err(Error::Denied(_))));
        let narrow = Actor { reach: Reach::Token { admin: false }, ..fixture.admin.clone() };
        assert!(vault.create_many_grants(&narrow, &on(&all, &cleo, TOKEN)).await.is_err());
    }

    async fn a_crowd_and_what_cannot_be_met_are_refused_as_a_whole(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let shop = fixture.credential("Shop").await;
        let ben = fixture.person("ben", Role::Member).await;
        let crowd = (0..1_001).map(|number| CredentialId::from_uuid(uuid::Uuid::from_u128(number))).collect();
        let approval = ApprovalDraft {
            levels: vec![(GroupRef::Name("nobody".to_owned()), 1)],
            minutes: 60,
            emergency_minutes: None,
        };
        let wrong = [
            on(&[], &ben, TOKEN),
            on(&[&shop, &shop], &ben, TOKEN),
            ManyGrantsDraft { credentials: crowd, ..on(&[], &ben, TOKEN) },
            ManyGrantsDraft { approval: Some(approval), ..on(&[&shop], &ben, TOKEN) },
        ];
        for wrong in wrong {
            assert!(matches!(vault.preview_many_grants(admin, &wrong).await, Err(Error::Invalid(_))), "{wrong:?}");
            assert!(matches!(vault.create_many_grants(admin, &wrong).await, Err(Error::Invalid(_))), "{wrong:?}");
        }
    }

    async fn one_policy_for_many_is_previewed_set_and_put_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        let nowhere = NewCredential { site: None, ..new_credential("Nowhere") };
        let nowhere = vault.create_credential(admin, nowhere).await.unwrap().0;
        let settings = SiteSettings { heartbeat: true, ..SiteSettings::default() };
        vault.set_automation(admin, &by_id(&shop), settings).await.unwrap();
        let set = as_seen(&vault.preview_policies(admin, &policies(&[&bank], Some(30))).await.unwrap(), false);
        vault.edit_policies(admin, &set).await.unwrap();

        let preview = vault.preview_policies(admin, &policies(&[&shop, &bank, &nowhere], Some(90))).await.unwrap();
        assert_eq!(refused(preview.iter().map(|one| &one.refused)), [false, false, true]);
        assert!(preview[2].refused.as_ref().is_some_and(|why| why.contains("at its site")), "{preview:?}");
        assert!(preview[0].next_change.is_some_and(|at| at > fixture.now()));
        assert_eq!((fixture.days_of(&shop).await, fixture.days_of(&bank).await), (None, Some(30)), "nothing is changed");
        let before = fixture.records_of("automation.edited").await.len();
        let done = vault.edit_policies(admin, &as_seen(&preview, false)).await.unwrap();
        assert_eq!((fixture.days_of(&shop).await, fixture.days_of(&bank).await), (Some(90), Some(90)));
        let known = vault.automation(admin, &by_id(&shop)).await.unwrap();
        assert_eq!(known.next_change.map(|(at, _)| at), done[0].next_change);
        assert!(known.settings.heartbeat, "what else was set stays");
        let records = fixture.records_of("automation.edited").await;
        assert_eq!(records.len(), before + 2);
        let told = records.iter().take(2).all(|record| record.details.contains_key("policy"));
        assert!(told, "what it is now, newest first: {records:?}");

        vault.edit_policies(admin, &as_seen(&done, true)).await.unwrap();
        assert_eq!((fixture.days_of(&shop).await, fixture.days_of(&bank).await), (None, Some(30)));
        assert_eq!(vault.automation(admin, &by_id(&shop)).await.unwrap().next_change, None);
        // A second time there is something else to put back.
        let again = vault.edit_policies(admin, &as_seen(&done, true)).await;
        assert!(matches!(again, Err(Error::Conflict(Conflict::OneEdited { .. }))), "{again:?}");
        // What has it already is no change and has no record.
        let records = fixture.records_of("automation.edited").await.len();
        let same = vault.preview_policies(admin, &policies(&[&bank], Some(30))).await.unwrap();
        vault.edit_policies(admin, &as_seen(&same, false)).await.unwrap();
        assert_eq!(fixture.records_of("automation.edited").await.len(), records);
    }

    async fn nobody_sets_policies_by_this_that_they_may_not_set_alone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let mut all = Vec::new();
        for (name, given) in ["Hidden", "Used", "Edited"].into_iter().zip([None, Some(TOKEN), Some(EDIT)]) {
            let one = fixture.credential(name).await;
            fixture.grant(&one, &ben, given).await;
            all.push(one);
        }
        let all: Vec<&CredentialView> = all.iter().collect();
        let preview = vault.preview_policies(&ben, &policies(&all, Some(90))).await.unwrap();
        let refused = refused(preview.iter().map(|one| &one.refused));
        for (one, refused) in all.iter().zip(refused) {
            let alone = vault.set_automation(&ben, &by_id(one), SiteSettings::default()).await;
            assert_eq!(refused, alone.is_err(), "{}", one.name);
        }
        assert_eq!((&preview[0].name, &preview[0].before), (&None, &None), "what one may not know of is not named");
        let seen = PolicyEdit { before: Some(ChangePolicy::default()), ..policies(&all[..1], Some(90)).remove(0) };
        assert!(vault.edit_policies(&ben, std::slice::from_ref(&seen)).await.is_err());
        assert_eq!(fixture.days_of(all[0]).await, None);
        // Bad input is refused as a whole.
        let crowd: Vec<PolicyEdit> = (0..1_001)
            .map(|number| PolicyEdit { id: CredentialId::from_uuid(uuid::Uuid::from_u128(number)), ..seen.clone() })
            .collect();
        for wrong in [vec![], policies(&[all[0], all[0]], Some(9)), policies(&all, Some(0)), crowd] {
            assert!(matches!(vault.preview_policies(&ben, &wrong).await, Err(Error::Invalid(_))), "{}", wrong.len());
        }
        let blind = vault.edit_policies(&fixture.admin, &policies(&all, Some(9))).await;
        assert!(matches!(blind, Err(Error::Invalid(ref why)) if why.field == "credentials"), "{blind:?}");
    }

    async fn several_at_once_do_not_undo_each_other(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        let ben = fixture.person("ben", Role::Member).await;
        let draft = on(&[&shop, &bank], &ben, TOKEN);
        let turned = ManyGrantsDraft { credentials: draft.credentials.iter().rev().copied().collect(), ..draft.clone() };
        let (one, other) = tokio::join!(vault.create_many_grants(admin, &draft), vault.create_many_grants(admin, &turned));
        let count = made(&one.unwrap()).len() + made(&other.unwrap()).len();
        assert_eq!(count, 2, "each is granted once");
        let seen = as_seen(&vault.preview_policies(admin, &policies(&[&shop, &bank], Some(30))).await.unwrap(), false);
        let later: Vec<PolicyEdit> = policies(&[&shop, &bank], Some(60))
            .into_iter()
            .map(|edit| PolicyEdit { before: Some(ChangePolicy::default()), ..edit })
            .collect();
        let (one, other) = tokio::join!(vault.edit_policies(admin, &seen), vault.edit_policies(admin, &later));
        assert!(one.is_ok() != other.is_ok(), "one of them comes too late: {one:?}, {other:?}");
    }
}
