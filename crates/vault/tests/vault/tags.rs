//! Tags of many credentials at once: previewed, changed as previewed or not at all, and put back.

use countersign_model::{
    Actor, CredentialId, GrantConditions, GrantPermissions, Paging, Reach, Role, SiteAddress, Tag,
};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    Conflict, CredentialView, Error, FieldEdit, GrantDraft, HolderRef, Patch, TagChange, TagEdit, TargetRef,
};

use crate::fixture::{TestVault, by_id};

const TOKEN: GrantPermissions = GrantPermissions { token: true, ..GrantPermissions::SEE };
const EDIT: GrantPermissions = GrantPermissions { edit: true, ..GrantPermissions::SEE };
const EDIT_AND_SHARE: GrantPermissions = GrantPermissions { share: true, ..EDIT };

fn tags(texts: &[&str]) -> Vec<Tag> {
    texts.iter().map(|text| Tag::parse(text).unwrap()).collect()
}

fn edits(credentials: &[&CredentialView], add: &[&str], remove: &[&str]) -> Vec<TagEdit> {
    let edit = |one: &&CredentialView| TagEdit { id: one.id, revision: None, add: tags(add), remove: tags(remove) };
    credentials.iter().map(edit).collect()
}

/// Exactly what was previewed, without what is refused.
fn as_previewed(items: &[TagChange]) -> Vec<TagEdit> {
    let allowed = items.iter().filter(|one| one.refused.is_none());
    let edit = |one: &TagChange| TagEdit {
        id: one.id,
        revision: one.revision,
        add: one.added.clone(),
        remove: one.removed.clone(),
    };
    allowed.filter(|one| !one.added.is_empty() || !one.removed.is_empty()).map(edit).collect()
}

/// The way back from what was changed.
fn undone(items: &[TagChange]) -> Vec<TagEdit> {
    let edit = |one: &TagChange| TagEdit {
        id: one.id,
        revision: one.revision,
        add: one.removed.clone(),
        remove: one.added.clone(),
    };
    items.iter().map(edit).collect()
}

impl TestVault {
    async fn tags_of(&self, id: CredentialId) -> Vec<String> {
        let found = self.vault.credential(&self.admin, &countersign_vault::CredentialRef::Id(id)).await.unwrap();
        found.tags.iter().map(Tag::to_string).collect()
    }

    async fn edit_records(&self) -> Vec<countersign_audit::AuditEntry> {
        let filter = RecordFilter { act: Some("credential.edited".to_owned()), ..RecordFilter::default() };
        let page = self.vault.audit_records(&self.admin, &filter, &Paging::first(50)).await.unwrap();
        page.items.into_iter().map(|record| record.entry).collect()
    }

    async fn grant_tag(&self, tag: &str, to: &Actor, permissions: GrantPermissions) {
        let draft = GrantDraft {
            holder: HolderRef::User(to.user),
            target: TargetRef::Tag(Tag::parse(tag).unwrap()),
            permissions,
            conditions: GrantConditions::default(),
            approval: None,
        };
        self.vault.create_grant(&self.admin, draft).await.unwrap();
    }
}

both_engines! {
    async fn tags_are_previewed_changed_and_put_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        let patch = Patch { tags: Some(tags(&["finance"])), ..Patch::default() };
        vault.edit_credential(admin, &by_id(&bank), patch).await.unwrap();
        let asked = edits(&[&shop, &bank], &["finance"], &["social"]);
        let preview = vault.preview_tags(admin, &asked).await.unwrap();
        let [of_shop, of_bank] = preview.items.as_slice() else { panic!("{preview:?}") };
        assert_eq!((&of_shop.added, &of_shop.removed), (&tags(&["finance"]), &tags(&["social"])));
        assert_eq!(of_shop.name.as_ref().map(|name| name.as_str()), Some("Shop"));
        assert!(of_bank.added.is_empty() && of_bank.removed.is_empty() && of_bank.refused.is_none(), "it has them so");
        assert_eq!(fixture.tags_of(shop.id).await, ["social"], "a preview changes nothing");
        let records = fixture.edit_records().await.len();

        fixture.advance(60);
        let done = vault.edit_tags(admin, &as_previewed(&preview.items)).await.unwrap();
        assert_eq!(fixture.tags_of(shop.id).await, ["finance"]);
        assert_eq!((done.len(), done[0].revision), (1, Some(shop.revision + 1)));
        let shown = vault.credential(admin, &by_id(&shop)).await.unwrap();
        assert_eq!((shown.revision, shown.updated_at), (shop.revision + 1, fixture.now()));
        let after = fixture.edit_records().await;
        assert_eq!(after.len(), records + 1, "what has not changed has no record");
        // Like that of one that is edited alone, with what came and went.
        assert_eq!(after[0].details["changed"], after[1].details["changed"]);
        let named = |name: &str| after[0].details[name].clone();
        assert_eq!((named("tags_added"), named("tags_removed")), (vec!["finance".to_owned()].into(), vec!["social".to_owned()].into()));
        assert_eq!(after[0].object.as_ref().map(|object| object.name.as_str()), Some("Shop"));

        vault.edit_tags(admin, &undone(&done)).await.unwrap();
        assert_eq!(fixture.tags_of(shop.id).await, ["social"]);
        assert_eq!(fixture.tags_of(bank.id).await, ["finance"]);
        // A second time there is something else to put back.
        let again = vault.edit_tags(admin, &undone(&done)).await;
        assert!(matches!(again, Err(Error::Conflict(Conflict::OneEdited { ref name })) if name == "Shop"), "{again:?}");
    }

    async fn all_are_changed_or_none(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        let preview = vault.preview_tags(admin, &edits(&[&shop, &bank], &["finance"], &[])).await.unwrap();
        let wanted = as_previewed(&preview.items);
        let patch = Patch { notes: Some(countersign_model::Notes::parse("noted").unwrap()), ..Patch::default() };
        vault.edit_credential(admin, &by_id(&bank), patch).await.unwrap();
        let records = fixture.edit_records().await.len();
        let answer = vault.edit_tags(admin, &wanted).await;
        assert!(matches!(answer, Err(Error::Conflict(Conflict::OneEdited { ref name })) if name == "Bank"), "{answer:?}");
        vault.remove_credential(admin, &by_id(&bank)).await.unwrap();
        assert!(matches!(vault.edit_tags(admin, &wanted).await, Err(Error::NotFound(_))));
        assert_eq!(fixture.tags_of(shop.id).await, ["social"]);
        assert_eq!(fixture.edit_records().await.len(), records);
        // What is gone is said before, without a name.
        let preview = vault.preview_tags(admin, &edits(&[&bank], &["finance"], &[])).await.unwrap();
        assert!(preview.items[0].refused.is_some() && preview.items[0].name.is_none(), "{preview:?}");
    }

    async fn nobody_changes_tags_by_this_that_they_may_not_change_alone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let names = ["Hidden", "Seen", "Edited", "Shared"];
        let mut all = Vec::new();
        for (name, given) in names.into_iter().zip([None, Some(TOKEN), Some(EDIT), Some(EDIT_AND_SHARE)]) {
            let one = fixture.credential(name).await;
            fixture.grant(&one, &ben, given).await;
            all.push(one);
        }
        let all: Vec<&CredentialView> = all.iter().collect();
        let preview = vault.preview_tags(&ben, &edits(&all, &["finance"], &["social"])).await.unwrap();
        let refused: Vec<bool> = preview.items.iter().map(|one| one.refused.is_some()).collect();
        assert_eq!(refused, [true, true, true, false]);
        assert_eq!(preview.items[0].name, None, "what one may not know of is not named");
        for one in &all[..3] {
            let edit = TagEdit { revision: Some(1), ..edits(&[one], &["finance"], &[]).remove(0) };
            let answer = vault.edit_tags(&ben, &[as_previewed(&preview.items), vec![edit]].concat()).await;
            assert!(matches!(answer, Err(Error::Denied(_) | Error::NotFound(_))), "{answer:?}");
        }
        assert_eq!(fixture.tags_of(all[3].id).await, ["social"]);
        vault.edit_tags(&ben, &as_previewed(&preview.items)).await.unwrap();
        assert_eq!(fixture.tags_of(all[3].id).await, ["finance"]);
        assert!(fixture.edit_records().await[0].details.contains_key("grant"), "by which it was allowed");

        // A token that does not reach who is granted what moves no tag by which something is.
        let narrow = Actor { reach: Reach::Token { admin: false }, ..fixture.admin.clone() };
        let asked = edits(&all[..1], &["ops"], &[]);
        assert_eq!(vault.preview_tags(&narrow, &asked).await.unwrap().items[0].refused, None);
        fixture.grant_tag("ops", &ben, TOKEN).await;
        assert!(vault.preview_tags(&narrow, &asked).await.unwrap().items[0].refused.is_some());
        let auditor = fixture.person("ivy", Role::Auditor).await;
        let seen = vault.preview_tags(&auditor, &asked).await.unwrap();
        assert!(seen.items[0].refused.is_some() && seen.items[0].name.is_some(), "{seen:?}");
    }

    async fn who_gains_or_loses_by_it_is_told_before(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (ben, cleo) = (fixture.person("ben", Role::Member).await, fixture.person("cleo", Role::Member).await);
        let max = fixture.person("max", Role::Manager).await;
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        let asked = edits(&[&shop, &bank], &["finance"], &["social"]);
        assert_eq!(vault.preview_tags(admin, &asked).await.unwrap().access, Default::default());
        fixture.grant_tag("finance", &ben, TOKEN).await;
        fixture.grant_tag("finance", &max, TOKEN).await;
        fixture.grant_tag("social", &cleo, TOKEN).await;
        // By another grant ben may see the one, and take the token of it.
        fixture.grant(&shop, &ben, Some(TOKEN)).await;

        let access = vault.preview_tags(admin, &asked).await.unwrap().access;
        assert_eq!((access.gains, access.loses, access.more), (1, 1, false));
        let people: Vec<_> = access.people.iter().map(|one| (one.name.as_str(), &*one.gains, &*one.loses)).collect();
        let (token, nothing): (&[&str], &[&str]) = (&["see", "token"], &[]);
        assert_eq!(people, [("ben", token, nothing), ("cleo", nothing, token)]);
        let of_shop = vault.preview_tags(admin, &edits(&[&shop], &["finance"], &[])).await.unwrap().access;
        assert_eq!(of_shop, Default::default(), "whoever has it already gains nothing");

        // Who may not look at grants by tag learns how many, and not who.
        fixture.grant(&bank, &ben, Some(GrantPermissions { token: true, ..EDIT_AND_SHARE })).await;
        let access = vault.preview_tags(&ben, &edits(&[&bank], &[], &["social"])).await.unwrap().access;
        assert_eq!((access.gains, access.loses, access.people.len()), (0, 1, 0));

        let preview = vault.preview_tags(admin, &asked).await.unwrap();
        assert!(fixture.token(&cleo, &bank).await.is_ok());
        vault.edit_tags(admin, &as_previewed(&preview.items)).await.unwrap();
        assert!(fixture.token(&cleo, &bank).await.is_err(), "at once");
        assert!(fixture.token(&ben, &bank).await.is_ok());
    }

    async fn what_cannot_be_is_refused_as_a_whole(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let shop = fixture.credential("Shop").await;
        let one = edits(&[&shop], &["finance"], &[]);
        let many: Vec<String> = (0..65).map(|number| format!("tag {number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let mut crowd = Vec::new();
        for number in 0..1_001 {
            crowd.push(TagEdit { id: CredentialId::from_uuid(uuid::Uuid::from_u128(number)), ..one[0].clone() });
        }
        let wrong = [
            vec![],
            [one.clone(), one.clone()].concat(),
            edits(&[&shop], &[], &[]),
            edits(&[&shop], &["a", "b"], &["b"]),
            edits(&[&shop], &many, &[]),
            crowd,
        ];
        for wrong in wrong {
            assert!(matches!(vault.preview_tags(admin, &wrong).await, Err(Error::Invalid(_))), "{}", wrong.len());
            assert!(matches!(vault.edit_tags(admin, &wrong).await, Err(Error::Invalid(_))), "{}", wrong.len());
        }
        let answer = vault.edit_tags(admin, &one).await;
        assert!(matches!(answer, Err(Error::Invalid(ref why)) if why.field == "credentials"), "{answer:?}");
        // More than one credential may have.
        let preview = vault.preview_tags(admin, &edits(&[&shop], &many[..33], &[])).await.unwrap();
        assert!(preview.items[0].refused.as_ref().is_some_and(|why| why.contains("at most 32")), "{preview:?}");
    }

    async fn promise_6_nobody_gives_more_by_a_tag_or_a_site_than_they_could_by_a_grant(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let (sam, eve) = (fixture.person("sam", Role::Member).await, fixture.person("eve", Role::Member).await);
        let shop = fixture.credential("Shop").await;
        let own = GrantPermissions { token: true, reveal: true, edit: true, share: true, ..GrantPermissions::SEE };
        fixture.grant(&shop, &sam, Some(GrantPermissions { reveal: false, ..own })).await;
        fixture.grant_tag("vip", &sam, GrantPermissions { reveal: true, ..GrantPermissions::SEE }).await;
        fixture.grant_tag("team", &eve, TOKEN).await;
        let patch = |tags_: &[&str]| Patch { tags: Some(tags(tags_)), ..Patch::default() };
        // By a tag one would have more oneself; by another a colleague has no more than one could grant.
        let refused = vault.edit_credential(&sam, &by_id(&shop), patch(&["social", "vip"])).await;
        assert!(matches!(refused, Err(Error::Invalid(ref why)) if why.field == "tags"), "{refused:?}");
        let preview = vault.preview_tags(&sam, &edits(&[&shop], &["vip"], &[])).await.unwrap();
        assert!(preview.items[0].refused.as_ref().is_some_and(|why| why.contains("vip")), "{preview:?}");
        let sent = TagEdit { revision: Some(shop.revision), ..edits(&[&shop], &["vip"], &[]).remove(0) };
        assert!(matches!(vault.edit_tags(&sam, &[sent]).await, Err(Error::Invalid(_))));
        vault.edit_credential(&sam, &by_id(&shop), patch(&["social", "team"])).await.unwrap();
        assert!(fixture.token(&eve, &shop).await.is_ok());
        // And the same by the host of its site.
        fixture.grant(&shop, &sam, Some(own)).await;
        let draft = GrantDraft {
            holder: HolderRef::User(eve.user),
            target: TargetRef::Site("bank.example".parse().unwrap()),
            permissions: GrantPermissions { change: true, ..GrantPermissions::SEE },
            conditions: GrantConditions::default(),
            approval: None,
        };
        vault.create_grant(admin, draft).await.unwrap();
        let site = SiteAddress::parse("https://bank.example/").unwrap();
        let moved = || Patch { site: FieldEdit::Set(site.clone()), ..Patch::default() };
        let refused = vault.edit_credential(&sam, &by_id(&shop), moved()).await;
        assert!(matches!(refused, Err(Error::Invalid(ref why)) if why.field == "site"), "{refused:?}");
        assert!(vault.edit_credential(admin, &by_id(&shop), moved()).await.is_ok());
    }

    async fn long_lists_are_refused_before_they_are_compared(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let many: Vec<String> = (0..20_000).map(|number| format!("tag {number}")).collect();
        let (add, remove): (Vec<&str>, Vec<&str>) = many.iter().map(String::as_str).partition(|tag| tag.ends_with('1'));
        let shop = fixture.credential("Shop").await;
        // The last names each twice, which is only seen by comparing.
        for wrong in [edits(&[&shop], &remove, &add), edits(&[&shop], &[], &remove), edits(&[&shop], &remove, &remove)] {
            let refused = fixture.vault.preview_tags(&fixture.admin, &wrong).await;
            let by_length = matches!(refused, Err(Error::Invalid(ref why)) if why.problem.contains("too many tags"));
            assert!(by_length, "{refused:?}");
        }
    }
}
