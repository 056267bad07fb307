//! Check-outs: one has it, others wait, and it comes back by person, by time and by whoever manages access.

use countersign_model::{
    Actor, ChangeTrigger, CheckOutRefusal, CheckOutRule, GrantConditions, GrantPermissions, Level, Role, SessionEnd,
};
use countersign_store::{automation, both_engines};
use countersign_vault::{
    CheckOutView, Conflict, CredentialView, Error, FieldEdit, GrantDraft, GrantListRequest, HolderRef, Patch,
    PersonEdit, TargetRef, TokenRequest,
};

use crate::{
    fixture::{TestVault, by_id, open_plain, secret},
    log,
    sessions::{live, start},
};

const MINUTE: u64 = 60;
const USE: GrantPermissions =
    GrantPermissions { token: true, reveal: true, session: Some(Level::Control), ..GrantPermissions::SEE };

struct Team {
    fixture: TestVault,
    credential: CredentialView,
    ana: Actor,
    bob: Actor,
    cleo: Actor,
}

impl Team {
    /// Ana and Bob have to check it out; Cleo uses it without.
    async fn new(fixture: TestVault, change_after: bool) -> Self {
        let credential = fixture.credential("Instagram").await;
        let ana = fixture.person("ana", Role::Member).await;
        let (bob, cleo) = (fixture.person("bob", Role::Member).await, fixture.person("cleo", Role::Member).await);
        let rule = CheckOutRule { minutes: 60, change_after };
        let asks = GrantConditions { check_out: Some(rule), ..GrantConditions::default() };
        for (who, conditions) in [(&ana, &asks), (&bob, &asks), (&cleo, &GrantConditions::default())] {
            let draft = GrantDraft {
                holder: HolderRef::User(who.user),
                target: TargetRef::Credential(by_id(&credential)),
                permissions: USE,
                conditions: conditions.clone(),
                approval: None,
            };
            fixture.vault.create_grant(&fixture.admin, draft).await.unwrap();
        }
        Self { fixture, credential, ana, bob, cleo }
    }

    async fn take(&self, who: &Actor, minutes: Option<u32>) -> Result<CheckOutView, Error> {
        self.fixture.vault.check_out(who, &by_id(&self.credential), minutes).await
    }

    async fn check_in(&self, who: &Actor) -> Result<CheckOutView, Error> {
        self.fixture.vault.check_in(who, &by_id(&self.credential)).await?;
        self.fixture.vault.check_out_of(who, &by_id(&self.credential)).await
    }

    async fn wait(&self, who: &Actor, joins: bool) -> Result<CheckOutView, Error> {
        self.fixture.vault.wait_for_check_out(who, &by_id(&self.credential), joins).await
    }

    /// What is missing for a token; empty: nothing.
    async fn missing(&self, who: &Actor) -> Vec<&'static str> {
        match self.fixture.vault.token(who, &by_id(&self.credential), &TokenRequest::default()).await {
            Ok(_) => Vec::new(),
            Err(Error::Denied(denied)) => denied.unmet.iter().map(|one| one.name()).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    async fn acts(&self) -> Vec<String> {
        log::acts(&self.fixture).await.into_iter().rev().filter(|act| act.starts_with("check_out.")).collect()
    }
}

fn refusal(result: Result<CheckOutView, Error>) -> CheckOutRefusal {
    match result {
        Err(Error::Conflict(Conflict::CheckOut(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

both_engines! {
    async fn promise_6_what_is_checked_out_is_used_by_nobody_else_on_every_server(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, false).await;
        let other = open_plain(database, &team.fixture.folder, &team.fixture.clock).await;
        assert_eq!(team.missing(&team.ana).await, ["check_out"]);
        assert!(team.missing(&team.cleo).await.is_empty());
        let taken = team.take(&team.ana, Some(30)).await.unwrap();
        assert_eq!(taken.held.as_ref().unwrap().name, "ana");
        assert!(taken.may.extend && taken.may.check_in && !taken.may.check_out);
        assert!(team.missing(&team.ana).await.is_empty() && team.missing(&team.ana).await.is_empty());
        assert_eq!(team.missing(&team.bob).await, ["check_out", "checked_out"]);
        assert_eq!(team.missing(&team.cleo).await, ["checked_out"], "whatever grant they have");
        for who in [&team.bob, &team.cleo] {
            assert!(other.token(who, &by_id(&team.credential), &TokenRequest::default()).await.is_err());
            assert!(matches!(other.reveal(who, &by_id(&team.credential), None, None).await, Err(Error::Denied(_))));
            assert!(matches!(start(&team.fixture, who, &team.credential).await, Err(Error::Denied(_))));
        }
        let admin = team.fixture.admin.clone();
        assert!(team.missing(&admin).await.is_empty(), "a role uses what it may, and the log has it");
        assert!(matches!(refusal(team.take(&team.bob, None).await), CheckOutRefusal::Held { .. }));
        assert_eq!(refusal(team.take(&team.ana, None).await), CheckOutRefusal::Yours);
        assert_eq!(refusal(team.take(&team.cleo, None).await), CheckOutRefusal::NotAsked);
        assert_eq!(refusal(team.check_in(&team.bob).await), CheckOutRefusal::NotYours);
        team.check_in(&team.ana).await.unwrap();
        assert_eq!(team.missing(&team.ana).await, ["check_out"]);
        assert!(team.missing(&team.cleo).await.is_empty());
        match team.take(&team.bob, Some(61)).await {
            Err(Error::Invalid(invalid)) => assert_eq!(invalid.field, "minutes"),
            other => panic!("{other:?}"),
        }
        team.take(&team.bob, None).await.unwrap();
        team.fixture.advance(60 * MINUTE);
        assert_eq!(team.missing(&team.bob).await, ["check_out"], "over, though nobody has seen to it");
        assert!(team.missing(&team.cleo).await.is_empty());
        assert_eq!(team.fixture.vault.see_to_check_outs().await.unwrap(), 1);
        assert_eq!(team.fixture.vault.see_to_check_outs().await.unwrap(), 0, "once");
        let acts = ["ended", "begun", "ended", "refused", "refused", "refused", "begun"].map(|act| format!("check_out.{act}"));
        assert_eq!(team.acts().await, acts);
    }

    async fn it_is_extended_taken_back_and_the_next_is_told(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, false).await;
        let (vault, wanted) = (&team.fixture.vault, by_id(&team.credential));
        assert_eq!(refusal(team.wait(&team.bob, true).await), CheckOutRefusal::NoWait);
        team.take(&team.ana, Some(10)).await.unwrap();
        let longer = vault.extend_check_out(&team.ana, &wanted, Some(60)).await.unwrap();
        assert_eq!(longer.held.unwrap().until, team.fixture.now().plus(std::time::Duration::from_secs(60 * MINUTE)));
        assert!(matches!(refusal(vault.extend_check_out(&team.bob, &wanted, None).await), CheckOutRefusal::NotYours));
        let waits = team.wait(&team.bob, true).await.unwrap();
        assert_eq!((waits.queue.len(), waits.may.leave, waits.may.wait), (1, true, false));
        assert_eq!(refusal(vault.extend_check_out(&team.ana, &wanted, None).await), CheckOutRefusal::Awaited("bob".to_owned()));
        // Cleo needs none, and so waits for nothing; nor is a colleague in the way who may not use it any more.
        assert_eq!(refusal(team.wait(&team.cleo, true).await), CheckOutRefusal::NotAsked);
        let back = team.check_in(&team.fixture.admin.clone()).await.unwrap();
        assert_eq!(back.turn.unwrap().0, "bob");
        assert_eq!(team.missing(&team.ana).await, ["check_out"]);
        assert!(matches!(refusal(team.take(&team.ana, None).await), CheckOutRefusal::Turn { .. }));
        let view = vault.check_out_of(&team.ana, &wanted).await.unwrap();
        assert!(view.may.wait && !view.may.check_out);
        team.take(&team.bob, None).await.unwrap();
        assert!(vault.check_out_of(&team.ana, &wanted).await.unwrap().queue.is_empty());
        team.wait(&team.ana, true).await.unwrap();
        assert!(team.wait(&team.ana, false).await.unwrap().queue.is_empty());
    }

    async fn promise_10_what_has_passed_happens_once_whoever_asks_and_is_refused(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, true).await;
        let vault = &team.fixture.vault;
        team.take(&team.ana, Some(1)).await.unwrap();
        team.fixture.advance(2 * MINUTE);
        for _ in 0..3 {
            let refused = vault.extend_check_out(&team.cleo, &by_id(&team.credential), Some(1)).await;
            assert_eq!(refusal(refused), CheckOutRefusal::NotYours);
        }
        let ended = team.acts().await.into_iter().filter(|act| act == "check_out.ended").count();
        assert_eq!(ended, 1, "{:?}", team.acts().await);
        let planned = automation::find(&mut &**database, team.credential.id).await.unwrap().next_change;
        assert!(planned.is_some_and(|(_, because)| because == ChangeTrigger::AfterCheckOut));
        assert_eq!(vault.see_to_check_outs().await.unwrap(), 0);
    }

    async fn the_password_changes_when_it_is_back_and_nobody_has_it_before(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, true).await;
        let next = async || {
            let row = automation::find(&mut &**database, team.credential.id).await.unwrap();
            row.next_change.map(|(at, because)| (at <= team.fixture.now(), because))
        };
        team.take(&team.ana, Some(10)).await.unwrap();
        assert_eq!(next().await, None);
        team.check_in(&team.ana).await.unwrap();
        assert_eq!(next().await, Some((true, ChangeTrigger::AfterCheckOut)));
        for who in [&team.ana, &team.bob] {
            assert_eq!(refusal(team.take(who, Some(30)).await), CheckOutRefusal::Changing);
        }
        assert_eq!(team.fixture.vault.ask_for_what_is_due().await.unwrap(), 1, "at once, whatever the window");
        assert_eq!(next().await, None);
        assert!(matches!(team.take(&team.bob, None).await, Err(Error::Conflict(Conflict::ChangeRunning(_)))));
    }

    async fn what_somebody_may_not_use_any_more_comes_back_and_nobody_waits_behind_them(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, false).await;
        let (vault, wanted, admin) = (&team.fixture.vault, by_id(&team.credential), &team.fixture.admin);
        let of = async |who: &Actor| {
            let all = vault.list_grants(admin, &GrantListRequest { on: Some(wanted.clone()), ..GrantListRequest::default() }).await.unwrap();
            all.items.into_iter().find(|one| one.holder.name == who.name).unwrap().grant
        };
        // At once with the grant by which they have it.
        team.take(&team.ana, None).await.unwrap();
        vault.remove_grant(admin, of(&team.ana).await.id).await.unwrap();
        assert!(team.missing(&team.cleo).await.is_empty());
        team.take(&team.bob, None).await.unwrap();
        // Who is let in no more: as soon as a worker looks, and whoever acts before.
        let out = |disabled| PersonEdit { disabled: Some(disabled), ..PersonEdit::default() };
        vault.edit_person(admin, team.bob.user, out(true)).await.unwrap();
        assert_eq!(vault.see_to_check_outs().await.unwrap(), 1);
        assert_eq!(vault.see_to_check_outs().await.unwrap(), 0);
        assert!(team.missing(&team.cleo).await.is_empty());
        vault.edit_person(admin, team.bob.user, out(false)).await.unwrap();
        let bob = team.fixture.signed_in("bob").await;
        // No longer than the access lasts.
        let grant = of(&team.bob).await;
        let until = team.fixture.now().plus(std::time::Duration::from_secs(5 * MINUTE));
        let conditions = GrantConditions { until: Some(until), ..grant.conditions.clone() };
        let draft = GrantDraft {
            holder: HolderRef::User(bob.user),
            target: TargetRef::Credential(wanted.clone()),
            permissions: USE,
            conditions,
            approval: None,
        };
        vault.edit_grant(admin, grant.id, draft).await.unwrap();
        assert_eq!(team.take(&bob, Some(60)).await.unwrap().held.unwrap().until, until);
        team.fixture.advance(5 * MINUTE);
        assert!(team.missing(&team.cleo).await.is_empty());
    }

    async fn who_has_it_has_it_alone_also_where_somebody_edits_or_watches(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, false).await;
        let (vault, wanted) = (&team.fixture.vault, by_id(&team.credential));
        let edits = team.fixture.person("dan", Role::Member).await;
        let draft = GrantDraft {
            holder: HolderRef::User(edits.user),
            target: TargetRef::Credential(wanted.clone()),
            permissions: GrantPermissions { edit: true, ..GrantPermissions::SEE },
            conditions: GrantConditions::default(),
            approval: None,
        };
        vault.create_grant(&team.fixture.admin, draft).await.unwrap();
        team.take(&team.ana, None).await.unwrap();
        let password = || Patch { password: FieldEdit::Set(secret("another one")), ..Patch::default() };
        let edited = vault.edit_credential(&edits, &wanted, password()).await;
        assert!(matches!(edited, Err(Error::Conflict(Conflict::CheckOut(CheckOutRefusal::Held { .. })))));
        let notes = countersign_model::Notes::parse("noted").unwrap();
        vault.edit_credential(&edits, &wanted, Patch { notes: Some(notes), ..Patch::default() }).await.unwrap();
        let run = live(&team.fixture, &team.ana, &team.credential).await;
        let seen = vault.session(&team.cleo, run.id).await.unwrap();
        assert_eq!(seen.may.join, Some(Level::View), "to look on, and not to act");
        assert_eq!(vault.session(&team.ana, run.id).await.unwrap().may.join, Some(Level::Control));
        run.close(SessionEnd::Person).await.unwrap();
    }

    async fn a_session_ends_with_the_check_out_that_it_was_started_with(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, false).await;
        for by_time in [false, true] {
            team.take(&team.ana, Some(30)).await.unwrap();
            let run = live(&team.fixture, &team.ana, &team.credential).await;
            assert_eq!(run.seen().await.unwrap().end, None);
            assert!(matches!(team.take(&team.bob, None).await, Err(Error::Conflict(_))));
            if by_time {
                team.fixture.advance(30 * MINUTE);
            } else {
                team.check_in(&team.fixture.admin.clone()).await.unwrap();
            }
            assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Administrator));
            run.close(SessionEnd::Administrator).await.unwrap();
        }
        // Nobody takes what somebody is using.
        let run = live(&team.fixture, &team.cleo, &team.credential).await;
        assert!(matches!(team.take(&team.ana, None).await, Err(Error::Conflict(Conflict::SessionOpen { .. }))));
        run.close(SessionEnd::Person).await.unwrap();
    }

    async fn of_two_who_take_it_at_once_one_has_it(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, false).await;
        let other = open_plain(database, &team.fixture.folder, &team.fixture.clock).await;
        let wanted = by_id(&team.credential);
        for _ in 0..5 {
            let (here, there) = tokio::join!(team.take(&team.ana, None), other.check_out(&team.bob, &wanted, None));
            assert_eq!(u8::from(here.is_ok()) + u8::from(there.is_ok()), 1, "{here:?} {there:?}");
            let (ana, bob) = (team.missing(&team.ana).await, team.missing(&team.bob).await);
            assert!(ana.is_empty() != bob.is_empty());
            team.check_in(&team.fixture.admin.clone()).await.unwrap();
        }
    }
}
