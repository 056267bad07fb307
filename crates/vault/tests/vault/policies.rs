//! What nobody has to ask for: changes by policy, the daily look, and when they come.

use std::time::Duration;

use countersign_model::{
    Challenge, ChangeKind, ChangePolicy, ChangeReason, ChangeState, ChangeTrigger, CredentialStatus, SiteSettings,
    Timestamp, Window,
};
use countersign_seal::passphrase::Cost;
use countersign_store::{args, both_engines, engine::Statement, statements};
use countersign_vault::{
    AutomationView, ChangeOutcome, CredentialView, Error, FieldEdit, Patch, RunError, VaultOptions, WorkingPassword,
};

use crate::{
    changes::{armed, ask, begun, changed, claim, look},
    fixture::{TestVault, by_id, open, secret},
};

statements! {
    MOVE_PAGES = "update automation set pages = replace(pages, 'example.org', 'example.net')";
    UNMARK_PAGES = "update automation set pages_mark = null";
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const SECOND: Duration = Duration::from_secs(1);

async fn wish(fixture: &TestVault, credential: &CredentialView, settings: SiteSettings) -> AutomationView {
    fixture.vault.set_automation(&fixture.admin, &by_id(credential), settings).await.unwrap()
}

async fn known(fixture: &TestVault, credential: &CredentialView) -> AutomationView {
    fixture.vault.automation(&fixture.admin, &by_id(credential)).await.unwrap()
}

async fn next(fixture: &TestVault, credential: &CredentialView) -> Option<(Timestamp, ChangeTrigger)> {
    known(fixture, credential).await.next_change
}

fn every(days: u16) -> SiteSettings {
    SiteSettings {
        policy: ChangePolicy { every_days: Some(days), ..ChangePolicy::default() },
        ..SiteSettings::default()
    }
}

fn window(from: &str, to: &str) -> Option<Window> {
    Some(Window { from: from.parse().unwrap(), to: to.parse().unwrap() })
}

async fn made(fixture: &TestVault) -> usize {
    fixture.vault.ask_for_what_is_due().await.unwrap()
}

fn failed() -> ChangeOutcome {
    ChangeOutcome::Failed { reason: ChangeReason::SiteUnavailable }
}

/// Between nine tenths of the interval and the whole of it: credentials are spread.
fn is_due_after(at: Option<(Timestamp, ChangeTrigger)>, changed: Timestamp, days: u32) -> bool {
    let Some((at, because)) = at else { return false };
    let whole = DAY * days;
    because == ChangeTrigger::Schedule && at <= changed.plus(whole) && at >= changed.plus(whole * 9 / 10)
}

both_engines! {
    async fn a_password_is_changed_when_it_is_old(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let begin = fixture.now();
        let row = wish(&fixture, &credential, every(30)).await;
        assert!(is_due_after(row.next_change, begin, 30) && next(&fixture, &credential).await == row.next_change);
        let (due, _) = row.next_change.unwrap();
        fixture.clock.advance(due.since(fixture.now()) - SECOND);
        assert_eq!((made(&fixture).await, claim(&fixture.vault).await.is_none()), (0, true));
        fixture.clock.advance(SECOND);

        // Several nodes look at once, and one asks.
        let other = open(database, &fixture.folder, &fixture.clock, VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false }).await;
        let (here, there) = tokio::join!(fixture.vault.ask_for_what_is_due(), other.ask_for_what_is_due());
        assert_eq!(here.unwrap() + there.unwrap(), 1);
        assert_eq!(made(&fixture).await, 0);
        let run = claim(&fixture.vault).await.unwrap();
        let seen = look(&fixture, run.id()).await;
        assert_eq!((seen.because, seen.asked_by.as_str(), seen.kind), (ChangeTrigger::Schedule, "the policy", ChangeKind::Change));
        assert!(next(&fixture, &credential).await.is_none());

        // It fails, and comes again on another day.
        run.end(failed()).await.unwrap();
        let tomorrow = fixture.now().plus(DAY);
        assert_eq!(next(&fixture, &credential).await, Some((tomorrow, ChangeTrigger::Schedule)));
        // A person is faster; what they changed is as new as any.
        fixture.clock.advance(HOUR);
        changed(&fixture, &credential).await;
        assert!(is_due_after(next(&fixture, &credential).await, fixture.now(), 30));
        // So is what was changed by hand.
        fixture.clock.advance(DAY * 9);
        let patch = Patch { password: FieldEdit::Set(secret("by hand")), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), patch).await.unwrap();
        assert!(is_due_after(next(&fixture, &credential).await, fixture.now(), 30));

        assert!(wish(&fixture, &credential, SiteSettings::default()).await.next_change.is_none());
        fixture.clock.advance(DAY * 100);
        assert_eq!(made(&fixture).await, 0);
    }

    async fn however_a_change_by_policy_ends_the_next_one_comes(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let asked = async || {
            let due = next(&fixture, &credential).await.unwrap().0;
            fixture.clock.advance(due.since(fixture.now()));
            assert_eq!(made(&fixture).await, 1);
            let open = fixture.vault.open_change(&fixture.admin, &by_id(&credential)).await.unwrap().unwrap();
            assert!(next(&fixture, &credential).await.is_none());
            open.id
        };
        wish(&fixture, &credential, every(10)).await;

        // Called off before a worker came.
        fixture.vault.cancel_change(&fixture.admin, asked().await).await.unwrap();
        assert_eq!(next(&fixture, &credential).await, Some((fixture.now().plus(DAY), ChangeTrigger::Schedule)));

        for (holds, after) in [(WorkingPassword::Old, 1), (WorkingPassword::New, 10)] {
            // In doubt, and a person says which password holds.
            let id = asked().await;
            let mut run = claim(&fixture.vault).await.unwrap();
            run.report(ChangeState::Changing, "at the form", None).await.unwrap();
            run.new_password(None, None).await.unwrap();
            let doubt = ChangeOutcome::InDoubt { reason: ChangeReason::TimedOut, retry_at: None };
            run.end(doubt).await.unwrap();
            fixture.clock.advance(DAY * 3);
            assert_eq!(made(&fixture).await, 0, "one at a time");
            fixture.vault.settle_change(&fixture.admin, id, holds).await.unwrap();
            assert!(is_due_after(next(&fixture, &credential).await, fixture.now(), after), "{holds:?}");
        }

        // Out of use when it is due, and in use again a week later.
        let patch = |status| Patch { status: Some(status), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), patch(CredentialStatus::Inactive)).await.unwrap();
        for _ in 0..7 {
            let due = next(&fixture, &credential).await.unwrap().0;
            fixture.clock.advance(due.since(fixture.now()));
            assert_eq!(made(&fixture).await, 0);
        }
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), patch(CredentialStatus::Active)).await.unwrap();
        fixture.vault.cancel_change(&fixture.admin, asked().await).await.unwrap();
    }

    async fn who_sees_a_password_has_an_hour(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let reveal = async |version| fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, version).await.unwrap();
        reveal(None).await;
        assert!(next(&fixture, &credential).await.is_none(), "nobody wished for that");
        let policy = ChangePolicy { after_reveal: true, every_days: Some(30), ..ChangePolicy::default() };
        let settings = SiteSettings { policy, changes_per_day: 10, ..SiteSettings::default() };
        wish(&fixture, &credential, settings.clone()).await;
        reveal(None).await;
        let in_an_hour = Some((fixture.now().plus(HOUR), ChangeTrigger::AfterReveal));
        assert_eq!(next(&fixture, &credential).await, in_an_hour);
        fixture.clock.advance(HOUR / 2);
        reveal(None).await;
        assert_eq!(next(&fixture, &credential).await, in_an_hour, "the first look counts");
        assert_eq!(wish(&fixture, &credential, settings.clone()).await.next_change, in_an_hour);
        fixture.clock.advance(HOUR / 2);
        assert_eq!(made(&fixture).await, 1);
        let run = claim(&fixture.vault).await.unwrap();
        assert_eq!(look(&fixture, run.id()).await.because, ChangeTrigger::AfterReveal);
        // Seen while it runs: if it fails, the hour runs all the same.
        reveal(None).await;
        fixture.clock.advance(SECOND);
        run.end(failed()).await.unwrap();
        assert_eq!(next(&fixture, &credential).await, Some((fixture.now().minus(SECOND).plus(HOUR), ChangeTrigger::AfterReveal)));
        changed(&fixture, &credential).await;
        assert!(is_due_after(next(&fixture, &credential).await, fixture.now(), 30), "what was seen opens nothing any more");
        reveal(Some(1)).await;
        assert!(is_due_after(next(&fixture, &credential).await, fixture.now(), 30), "a former password neither");
        reveal(None).await;
        assert_eq!(next(&fixture, &credential).await, Some((fixture.now().plus(HOUR), ChangeTrigger::AfterReveal)));
        let without = SiteSettings { policy: ChangePolicy { after_reveal: false, ..settings.policy }, ..settings };
        assert!(is_due_after(wish(&fixture, &credential, without).await.next_change, fixture.now(), 30));
    }

    async fn policies_keep_to_their_window(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let night = window("22:00", "05:00");
        let policy = ChangePolicy { every_days: Some(10), after_reveal: true, window: night };
        let holds = |at: Option<(Timestamp, ChangeTrigger)>| at.is_some_and(|(at, _)| night.unwrap().holds(at));
        // 2005-04-07, at noon, long after the ten days.
        fixture.clock.advance("2005-04-07T12:00:00Z".parse::<Timestamp>().unwrap().since(fixture.now()));
        let row = wish(&fixture, &credential, SiteSettings { policy, ..SiteSettings::default() }).await;
        assert!(holds(row.next_change), "{:?}", row.next_change);
        let (due, _) = row.next_change.unwrap();
        assert!(due >= "2005-04-07T22:00:00Z".parse().unwrap() && due < "2005-04-08T00:00:00Z".parse().unwrap());
        assert_eq!(made(&fixture).await, 0);
        // The server was away all night.
        fixture.clock.advance(DAY);
        assert_eq!(made(&fixture).await, 0, "it is noon");
        let planned = next(&fixture, &credential).await;
        assert!(holds(planned) && planned.unwrap().0 > fixture.now());
        fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, None).await.unwrap();
        assert!(holds(next(&fixture, &credential).await), "what was seen waits as well");
        fixture.clock.advance(next(&fixture, &credential).await.unwrap().0.since(fixture.now()));
        assert_eq!(made(&fixture).await, 1);
        let run = claim(&fixture.vault).await.unwrap();
        run.end(failed()).await.unwrap();
        assert!(holds(next(&fixture, &credential).await));
        // People need no window.
        fixture.clock.advance(HOUR * 14);
        begun(&fixture, &credential).await;
    }

    async fn a_heartbeat_comes_daily_and_says_how_it_went(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let daily = SiteSettings { heartbeat: true, ..SiteSettings::default() };
        assert_eq!(wish(&fixture, &credential, daily.clone()).await.next_heartbeat_at, Some(fixture.now()));
        for (end, passed, said) in [
            (ChangeOutcome::Passed, true, "Sign-in works."),
            (failed(), false, "The site did not answer, or is broken. Try again later."),
            (ChangeOutcome::Cancelled, false, "Cancelled before anything was changed."),
        ] {
            assert_eq!((made(&fixture).await, made(&fixture).await), (1, 0));
            let mut run = claim(&fixture.vault).await.unwrap();
            assert_eq!((run.kind(), look(&fixture, run.id()).await.because), (ChangeKind::Heartbeat, ChangeTrigger::Heartbeat));
            let form = run.report(ChangeState::Changing, "on to the form", None).await;
            assert!(matches!(form, Err(RunError::Vault(Error::Internal(_)))), "it signs in and does no more");
            run.end(end).await.unwrap();
            let row = known(&fixture, &credential).await;
            let beat = row.last_heartbeat.unwrap();
            assert_eq!((beat.at, beat.passed, beat.text.as_str()), (fixture.now(), passed, said));
            assert_eq!(row.next_heartbeat_at, Some(fixture.now().plus(DAY)));
            fixture.clock.advance(DAY - SECOND);
            assert_eq!(made(&fixture).await, 0);
            fixture.clock.advance(SECOND);
        }
        // A person's change comes first, and one called off early is no reason to stop looking.
        let asked = ask(&fixture, &credential).await;
        assert_eq!(made(&fixture).await, 0);
        fixture.vault.cancel_change(&fixture.admin, asked.id).await.unwrap();
        assert_eq!(made(&fixture).await, 1);
        let open = fixture.vault.open_change(&fixture.admin, &by_id(&credential)).await.unwrap().unwrap();
        fixture.vault.cancel_change(&fixture.admin, open.id).await.unwrap();
        assert_eq!(known(&fixture, &credential).await.next_heartbeat_at, Some(fixture.now().plus(DAY)));
        let patch = Patch { site: FieldEdit::Clear, ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), patch).await.unwrap();
        fixture.clock.advance(DAY);
        assert_eq!(made(&fixture).await, 0);
        assert_eq!(known(&fixture, &credential).await.next_heartbeat_at, Some(fixture.now().plus(DAY)), "a site may be added");
        wish(&fixture, &credential, SiteSettings::default()).await;
        fixture.clock.advance(DAY * 2);
        assert_eq!((made(&fixture).await, known(&fixture, &credential).await.next_heartbeat_at), (0, None));
    }

    async fn promise_9_after_challenges_policies_wait_longer_each_time(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let policy = ChangePolicy { after_reveal: true, ..ChangePolicy::default() };
        wish(&fixture, &credential, SiteSettings { policy, ..SiteSettings::default() }).await;
        let challenge = ChangeReason::Challenge { challenge: Challenge::Captcha };
        // People are not kept from trying, nor from failing.
        for _ in 0..2 {
            let run = begun(&fixture, &credential).await;
            run.end(ChangeOutcome::Failed { reason: challenge.clone() }).await.unwrap();
        }
        let by_policy = async || {
            fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, None).await.unwrap();
            fixture.clock.advance(HOUR);
            assert_eq!(made(&fixture).await, 1);
            fixture.vault.open_change(&fixture.admin, &by_id(&credential)).await.unwrap().unwrap()
        };
        for hours in [2, 4, 8, 16, 24, 24] {
            let until = fixture.now().plus(HOUR * hours);
            let row = by_policy().await;
            assert_eq!((row.state, row.not_before), (ChangeState::Postponed, Some(until)), "{hours}");
            fixture.clock.advance(until.since(fixture.now()) - SECOND);
            assert!(claim(&fixture.vault).await.is_none());
            fixture.clock.advance(SECOND);
            let run = claim(&fixture.vault).await.unwrap();
            run.end(ChangeOutcome::Failed { reason: challenge.clone() }).await.unwrap();
        }
        changed(&fixture, &credential).await;
        assert_eq!(by_policy().await.state, ChangeState::Queued, "once one got through");
    }

    async fn where_pages_were_found_is_kept_and_what_the_vault_has_not_written_is_not_believed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let pages = r#"{"sign_in":"https://example.org/login"}"#;
        let next = async |forge: Option<&Statement>| {
            if let Some(forge) = forge {
                let mut tx = database.write().await.unwrap();
                assert_eq!(tx.execute(forge, args![]).await.unwrap(), 1);
                tx.commit().await.unwrap();
            }
            fixture.clock.advance(DAY);
            let run = begun(&fixture, &credential).await;
            let known = run.pages.clone();
            run.note_pages(Some(pages)).await.unwrap();
            run.end(ChangeOutcome::Failed { reason: ChangeReason::LayoutUnknown }).await.unwrap();
            known
        };
        assert_eq!(next(None).await, None);
        assert_eq!(next(None).await.as_deref(), Some(pages));
        for forged in [&MOVE_PAGES, &UNMARK_PAGES] {
            assert_eq!(next(Some(forged)).await, None, "{}", forged.name());
            assert_eq!(next(None).await.as_deref(), Some(pages), "what was learnt again");
        }
        fixture.clock.advance(DAY);
        let run = begun(&fixture, &credential).await;
        run.note_pages(None).await.unwrap();
        run.end(ChangeOutcome::Failed { reason: ChangeReason::LayoutUnknown }).await.unwrap();
        assert_eq!(next(None).await, None, "what was forgotten");
    }

    async fn settings_that_cannot_be_are_refused(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let (run, _) = armed(&fixture, &credential).await;
        run.note_clock(-75).await.unwrap();
        run.note_learnt("{}", &["the button moved".to_owned()]).await.unwrap();
        let set = async |settings| fixture.vault.set_automation(&fixture.admin, &by_id(&credential), settings).await;
        for (rules, right) in [("minlength: 12; required: digit;", true), ("minlength: many;", false), ("nonsense", false)] {
            let wished = set(SiteSettings { rules: Some(rules.to_owned()), ..every(30) }).await;
            match wished {
                Ok(row) => assert!(right && row.settings.rules.as_deref() == Some(rules), "{rules}"),
                Err(Error::Invalid(invalid)) => assert!(!right && invalid.field == "rules", "{rules}: {invalid}"),
                Err(error) => panic!("{rules}: {error}"),
            }
        }
        let row = known(&fixture, &credential).await;
        assert_eq!((row.settings.policy.every_days, row.clock), (Some(30), Some((-75, fixture.now()))));
        assert_eq!(row.moved, ["the button moved"], "what was learnt stays when wishes change");
    }
}
