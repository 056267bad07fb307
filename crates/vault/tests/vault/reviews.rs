//! Reviews of grants, who used them last, and what needs a look.

use countersign_model::{Actor, GrantConditions, GrantPermissions, Paging, Role, Timestamp};
use countersign_store::{args, audit::RecordFilter, both_engines, statements};
use countersign_vault::{
    Concern, Conflict, CredentialListRequest, CredentialRef, CredentialView, Error, GrantDetails, GrantDraft,
    GrantReview, HolderRef, LastUsed, NewCredential, NewGrant, ReviewListRequest, ReviewScope, ReviewedGrantView, Sort,
    TargetRef, TokenRequest,
};

use crate::fixture::{TestVault, by_id, new_credential};

statements! {
    PUT_OFF = "update grant_decision set decided_at = decided_at + 1000000000";
    BY_ANOTHER = "update grant_decision set decided_by = 'eve'";
    NO_DECISION = "delete from grant_decision";
}

const DAY: u64 = 86_400;
const TOKEN: GrantPermissions = GrantPermissions { token: true, ..GrantPermissions::SEE };
const SHARE: GrantPermissions = GrantPermissions { share: true, ..TOKEN };

impl TestVault {
    async fn give_on(&self, credential: &CredentialView, to: &Actor, permissions: GrantPermissions) -> GrantDetails {
        self.vault.create_grant(&self.admin, draft(credential, to, permissions)).await.unwrap()
    }

    async fn reviews(&self, scope: ReviewScope) -> Vec<ReviewedGrantView> {
        let ask = ReviewListRequest { scope, ..ReviewListRequest::default() };
        self.vault.list_reviews(&self.admin, &ask).await.unwrap().page.items
    }

    async fn count(&self, concern: Concern) -> u64 {
        let found = self.vault.dashboard(&self.admin).await.unwrap().credentials;
        found.into_iter().find(|(one, _)| *one == concern).unwrap().1
    }

    async fn without_seed(&self, name: &str) {
        let new = NewCredential { seed: None, ..new_credential(name) };
        self.vault.create_credential(&self.admin, new).await.unwrap();
    }
}

fn draft(credential: &CredentialView, to: &Actor, permissions: GrantPermissions) -> GrantDraft {
    GrantDraft {
        holder: HolderRef::User(to.user),
        target: TargetRef::Credential(by_id(credential)),
        permissions,
        conditions: GrantConditions::default(),
        approval: None,
    }
}

fn seen(view: &ReviewedGrantView, keep: bool) -> GrantReview {
    let seen = view.decided.as_ref().map(|(at, _)| *at);
    GrantReview { id: view.details.grant.id, seen, keep }
}

both_engines! {
    async fn a_grant_is_due_after_its_days_and_kept_or_removed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        fixture.give_on(&shop, &ben, TOKEN).await;
        fixture.advance(60);
        fixture.give_on(&bank, &ben, TOKEN).await;
        assert_eq!(fixture.reviews(ReviewScope::Due).await.len(), 0);
        fixture.advance(91 * DAY);
        let admin = fixture.signed_in("root").await;
        let due = fixture.reviews(ReviewScope::Due).await;
        assert_eq!(due.iter().map(|one| one.details.credential.clone().unwrap()).collect::<Vec<_>>(), ["Shop", "Bank"]);
        assert!(due.iter().all(|one| one.due && one.usage.is_none()));
        assert_eq!(due[0].decided.as_ref().unwrap().1, "root");

        vault.review_grants(&admin, &[seen(&due[0], true), seen(&due[1], false)]).await.unwrap();
        assert_eq!(fixture.reviews(ReviewScope::Due).await.len(), 0);
        let all = fixture.reviews(ReviewScope::All).await;
        assert_eq!(all.len(), 1, "what was removed is gone");
        assert_eq!(all[0].decided.as_ref().unwrap().0, fixture.now());
        assert!(vault.token(&ben, &by_id(&bank), &TokenRequest::default()).await.is_err());
        // It comes up again, as any other.
        fixture.advance(91 * DAY);
        assert_eq!(fixture.reviews(ReviewScope::Due).await.len(), 1);
    }

    async fn nothing_is_decided_about_what_has_become_another(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        let grant = fixture.give_on(&shop, &ben, TOKEN).await;
        fixture.advance(91 * DAY);
        let admin = fixture.signed_in("root").await;
        let due = fixture.reviews(ReviewScope::Due).await;
        vault.edit_grant(&admin, grant.grant.id, draft(&shop, &ben, SHARE)).await.unwrap();
        for keep in [true, false] {
            let answer = vault.review_grants(&admin, &[seen(&due[0], keep)]).await;
            assert!(matches!(answer, Err(Error::Conflict(Conflict::Edited))), "{answer:?}");
        }
        assert_eq!(fixture.reviews(ReviewScope::Due).await.len(), 0, "an edit is a decision");
        // Nor is one kept twice by two who looked at the same list.
        let now = fixture.reviews(ReviewScope::All).await;
        fixture.advance(1);
        vault.review_grants(&admin, &[seen(&now[0], true)]).await.unwrap();
        let answer = vault.review_grants(&admin, &[seen(&now[0], false)]).await;
        assert!(matches!(answer, Err(Error::Conflict(Conflict::Edited))), "{answer:?}");
    }

    async fn all_of_a_review_is_done_or_none(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let (shop, bank) = (fixture.credential("Shop").await, fixture.credential("Bank").await);
        fixture.give_on(&shop, &ben, TOKEN).await;
        fixture.give_on(&bank, &ben, TOKEN).await;
        let all = fixture.reviews(ReviewScope::All).await;
        let gone = GrantReview { seen: Some(Timestamp::from_seconds(1)), ..seen(&all[1], false) };
        assert!(vault.review_grants(&fixture.admin, &[seen(&all[0], false), gone]).await.is_err());
        assert_eq!(fixture.reviews(ReviewScope::All).await.len(), 2);
        let twice = [seen(&all[0], true), seen(&all[0], false)];
        assert!(matches!(vault.review_grants(&fixture.admin, &twice).await, Err(Error::Invalid(_))));
        assert!(matches!(vault.review_grants(&fixture.admin, &[]).await, Err(Error::Invalid(_))));
    }

    async fn nobody_reviews_their_own_grant_unless_their_role_allows_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let cleo = fixture.person("cleo", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        fixture.give_on(&shop, &ben, SHARE).await;
        fixture.give_on(&shop, &cleo, TOKEN).await;
        let all = fixture.reviews(ReviewScope::All).await;
        let of = |who: &Actor| {
            let holder = countersign_model::Principal::User(who.user);
            seen(all.iter().find(|one| one.details.grant.holder == holder).unwrap(), true)
        };
        assert!(matches!(vault.review_grants(&ben, &[of(&ben)]).await, Err(Error::Invalid(_))));
        vault.review_grants(&ben, &[of(&cleo)]).await.unwrap();
        assert!(vault.review_grants(&cleo, &[of(&ben)]).await.is_err(), "who may not share decides on nothing");
        // The list of all is for who sees who may do what.
        assert!(matches!(vault.list_reviews(&ben, &ReviewListRequest::default()).await, Err(Error::Denied(_))));
        assert!(matches!(vault.dashboard(&ben).await, Err(Error::Denied(_))));
        assert!(matches!(vault.set_review_days(&ben, 1).await, Err(Error::Denied(_))));
    }

    async fn the_last_use_of_a_grant_is_told_from_the_log(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        fixture.give_on(&shop, &ben, TOKEN).await;
        assert_eq!(fixture.count(Concern::Unused).await, 0, "what is new is not unused yet");
        fixture.advance(40);
        vault.token(&ben, &by_id(&shop), &TokenRequest::default()).await.unwrap();
        let first = fixture.now();
        fixture.advance(40);
        // By role, so it is no use of the grant.
        vault.token(&fixture.admin, &by_id(&shop), &TokenRequest::default()).await.unwrap();
        let usage = fixture.reviews(ReviewScope::All).await.remove(0).usage.unwrap();
        assert_eq!((usage.at, usage.name.as_str(), usage.act.as_str(), usage.uses), (first, "ben", "token.read", 1));
        fixture.advance(91 * DAY);
        assert_eq!(fixture.reviews(ReviewScope::Unused).await.len(), 1);
        assert_eq!(fixture.count(Concern::Unused).await, 1);
        let ben = fixture.signed_in("ben").await;
        vault.token(&ben, &by_id(&shop), &TokenRequest::default()).await.unwrap();
        assert_eq!(fixture.reviews(ReviewScope::Unused).await.len(), 0);
        assert_eq!(fixture.count(Concern::Unused).await, 0);
        let usage = fixture.reviews(ReviewScope::All).await.remove(0).usage.unwrap();
        assert_eq!(usage.uses, 2);
    }

    async fn lists_say_when_each_was_last_used_to_who_may_know(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let (ben, cleo) = (fixture.person("ben", Role::Member).await, fixture.person("cleo", Role::Member).await);
        let (manager, auditor) = (fixture.person("mia", Role::Manager).await, fixture.person("otto", Role::Auditor).await);
        // The fixture's administrator is the server's own command line, whose acts are no uses.
        let root = fixture.signed_in("root").await;
        let mut times = Vec::new();
        for name in ["b", "c", "a", "d"] {
            let credential = fixture.credential(name).await;
            let permissions = GrantPermissions { audit: name == "c", reveal: true, ..TOKEN };
            fixture.give_on(&credential, &ben, permissions).await;
            fixture.give_on(&credential, &cleo, TOKEN).await;
            fixture.advance(100);
            match name {
                "b" => drop(vault.token(&ben, &by_id(&credential), &TokenRequest::default()).await.unwrap()),
                "c" => drop(vault.reveal(&ben, &by_id(&credential), None, None).await.unwrap()),
                "a" => drop(vault.token(&root, &by_id(&credential), &TokenRequest::default()).await.unwrap()),
                _ => continue,
            }
            times.push((name, LastUsed::At(fixture.now())));
        }
        let list = async |actor: &Actor, sort, rows| {
            let mut ask = CredentialListRequest { sort, paging: Paging::first(rows), ..CredentialListRequest::default() };
            let mut found = Vec::new();
            loop {
                let page = vault.list_credentials(actor, &ask).await?;
                found.extend(page.items.into_iter().map(|it| (it.name.to_string(), it.last_used)));
                let Some(cursor) = page.next_cursor else { return Ok::<_, Error>(found) };
                ask.paging = ask.paging.after(cursor);
            }
        };
        let used = |name: &str| times.iter().find(|(of, _)| *of == name).map_or(LastUsed::Never, |(_, at)| *at);
        // As of the last minute, in which nothing was counted: a list counts nothing.
        let records = || async { vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(200)).await.unwrap().items.len() };
        let before = records().await;
        let found = list(&fixture.admin, Sort::LastUsed, 200).await.unwrap();
        assert!(found.iter().all(|(_, last)| *last == LastUsed::Never), "{found:?}");
        vault.count_uses().await.unwrap();
        for actor in [&fixture.admin, &manager, &auditor] {
            for rows in [1, 3, 200] {
                let wanted = ["d", "b", "c", "a"].map(|name| (name.to_owned(), used(name)));
                assert_eq!(list(actor, Sort::LastUsed, rows).await.unwrap(), wanted);
                let wanted = ["a", "c", "b", "d"].map(|name| (name.to_owned(), used(name)));
                assert_eq!(list(actor, Sort::LastUsedBackwards, rows).await.unwrap(), wanted);
            }
            // By name it comes from the index in memory or from the database, and says the same.
            let wanted = ["a", "b", "c", "d"].map(|name| (name.to_owned(), used(name)));
            assert_eq!(list(actor, Sort::Name, 200).await.unwrap(), wanted);
        }
        // A member learns it where they may read the records, and from no order.
        let told = |name: &str| if name == "c" { used(name) } else { LastUsed::Untold };
        let wanted = ["a", "b", "c", "d"].map(|name| (name.to_owned(), told(name)));
        assert_eq!(list(&ben, Sort::Name, 200).await.unwrap(), wanted);
        let nothing = ["a", "b", "c", "d"].map(|name| (name.to_owned(), LastUsed::Untold));
        assert_eq!(list(&cleo, Sort::Name, 200).await.unwrap(), nothing);
        for member in [&ben, &cleo] {
            assert!(matches!(list(member, Sort::LastUsed, 200).await, Err(Error::Denied(_))));
            assert!(matches!(list(member, Sort::LastUsedBackwards, 200).await, Err(Error::Denied(_))));
        }
        assert_eq!(records().await, before, "a list leaves no record");
        // What the dashboard calls unused has no later use here.
        fixture.advance(91 * DAY);
        let admin = fixture.signed_in("root").await;
        let b = vault.credential(&admin, &CredentialRef::Name("b".to_owned())).await.unwrap();
        vault.token(&admin, &by_id(&b), &TokenRequest::default()).await.unwrap();
        let unused = vault.concerned(&admin, Concern::Unused, &Paging::first(200)).await.unwrap().items;
        let unused: Vec<_> = unused.into_iter().map(|one| (one.name, one.since.map_or(LastUsed::Never, LastUsed::At))).collect();
        vault.dashboard(&admin).await.unwrap();
        let mut listed = list(&admin, Sort::LastUsed, 200).await.unwrap();
        assert_eq!(listed.pop(), Some(("b".to_owned(), LastUsed::At(fixture.now()))));
        listed.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut unused = unused;
        unused.retain(|(name, _)| name != "b");
        assert_eq!(listed, unused);
    }

    async fn what_is_said_anew_for_all_keeps_when_the_others_were_decided(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let (ben, cleo) = (fixture.person("ben", Role::Member).await, fixture.person("cleo", Role::Member).await);
        let shop = fixture.credential("Shop").await;
        let given = |who: &Actor, grant| NewGrant { person: who.user, grant };
        vault.set_grants(&fixture.admin, &by_id(&shop), &[given(&ben, TOKEN)]).await.unwrap();
        let first = fixture.now();
        fixture.advance(3_600);
        vault.set_grants(&fixture.admin, &by_id(&shop), &[given(&ben, TOKEN), given(&cleo, TOKEN)]).await.unwrap();
        let decided: Vec<_> =
            fixture.reviews(ReviewScope::All).await.into_iter().map(|one| one.decided.unwrap().0).collect();
        assert_eq!(decided, [first, fixture.now()]);
    }

    async fn promise_6_who_shares_by_a_grant_keeps_it_past_no_review(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let mal = fixture.person("mal", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        let grant = fixture.give_on(&shop, &mal, SHARE).await;
        fixture.advance(91 * DAY);
        let mal = fixture.signed_in("mal").await;
        let due = || async { fixture.reviews(ReviewScope::Due).await.len() };
        assert_eq!(due().await, 1);
        for permissions in [SHARE, TOKEN] {
            let edited = vault.edit_grant(&mal, grant.grant.id, draft(&shop, &mal, permissions)).await;
            assert!(matches!(&edited, Err(Error::Invalid(why)) if why.problem.contains("of your own")), "{edited:?}");
            let own = NewGrant { person: mal.user, grant: permissions };
            let put = vault.set_grants(&mal, &by_id(&shop), &[own]).await;
            assert!(put.is_ok() == (permissions == SHARE), "{put:?}");
        }
        assert_eq!(due().await, 1);
        // A second one for themselves is as old as what they share by; one for somebody else is new.
        let second = vault.create_grant(&mal, draft(&shop, &mal, SHARE)).await.unwrap();
        let ben = fixture.person("ben", Role::Member).await;
        vault.create_grant(&mal, draft(&shop, &ben, TOKEN)).await.unwrap();
        assert_eq!(due().await, 2);
        let of_second = fixture.reviews(ReviewScope::Due).await;
        assert!(of_second.iter().any(|one| one.details.grant.id == second.grant.id && one.decided.as_ref().unwrap().1 == "root"));
        vault.remove_grant(&mal, grant.grant.id).await.unwrap();
        assert_eq!(due().await, 1, "giving it back is always allowed");
    }

    async fn reviews_can_be_put_off_for_good_and_their_days_are_bounded(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        let ben = fixture.person("ben", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        fixture.give_on(&shop, &ben, TOKEN).await;
        fixture.advance(400 * DAY);
        let admin = fixture.signed_in("root").await;
        assert_eq!(fixture.reviews(ReviewScope::Due).await.len(), 1);
        vault.set_review_days(&admin, 0).await.unwrap();
        assert_eq!(fixture.reviews(ReviewScope::Due).await.len(), 0);
        assert_eq!(vault.dashboard(&admin).await.unwrap().reviews_due, 0);
        assert!(matches!(vault.set_review_days(&admin, 3_651).await, Err(Error::Invalid(_))));
        vault.set_review_days(&admin, 365).await.unwrap();
        let list = vault.list_reviews(&admin, &ReviewListRequest::default()).await.unwrap();
        assert_eq!((list.due, list.days), (1, 365));
    }

    async fn each_number_of_the_dashboard_is_that_of_its_list(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        fixture.credential("With").await;
        for name in ["One", "Two", "Three"] {
            fixture.without_seed(name).await;
        }
        fixture.advance(91 * DAY);
        let admin = fixture.signed_in("root").await;
        let found = vault.dashboard(&admin).await.unwrap();
        for (concern, count) in found.credentials {
            let paging = countersign_model::Paging::first(2);
            let mut names = Vec::new();
            let mut next = Some(paging);
            while let Some(paging) = next {
                let page = vault.concerned(&admin, concern, &paging).await.unwrap();
                names.extend(page.items.into_iter().map(|one| one.name));
                next = page.next_cursor.map(|cursor| countersign_model::Paging::new(Some(cursor), Some(2)).unwrap());
            }
            assert_eq!(names.len() as u64, count, "{concern:?}: {names:?}");
            let mut sorted = names.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(names, sorted, "{concern:?}");
        }
        assert_eq!(fixture.count(Concern::NoSecondFactor).await, 3);
        assert_eq!(fixture.count(Concern::Unused).await, 4);
    }

    async fn a_review_is_neither_put_off_nor_given_to_another_by_sql(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ben = fixture.person("ben", Role::Member).await;
        let shop = fixture.credential("Shop").await;
        fixture.give_on(&shop, &ben, TOKEN).await;
        for statement in [&PUT_OFF, &BY_ANOTHER] {
            let mut tx = database.write().await.unwrap();
            assert_eq!(tx.execute(statement, args![]).await.unwrap(), 1);
            tx.commit().await.unwrap();
            let refused = fixture.vault.list_reviews(&fixture.admin, &ReviewListRequest::default()).await;
            // What is not due is not looked at.
            let all = ReviewListRequest { scope: ReviewScope::All, ..ReviewListRequest::default() };
            let all = fixture.vault.list_reviews(&fixture.admin, &all).await.unwrap_err().to_string();
            assert!(all.contains("decision on grant") && all.contains("something else than this vault"), "{all}");
            assert!(refused.is_ok());
            assert!(fixture.complaints().await.iter().any(|check| check.detail.contains("decision on grant")));
        }
        let mut tx = database.write().await.unwrap();
        tx.execute(&NO_DECISION, args![]).await.unwrap();
        tx.commit().await.unwrap();
        // Without one it is as old as its row says, and no younger.
        assert_eq!(fixture.reviews(ReviewScope::All).await.len(), 1);
    }
}
