//! What nobody has to ask for: changes by policy, the daily look, and when they come.

use std::time::Duration;

use countersign_model::{
    Challenge, ChangeKind, ChangePolicy, ChangeReason, ChangeState, ChangeTrigger, CredentialStatus, SiteSettings,
    Timestamp, Window,
};
use countersign_seal::passphrase::Cost;
use countersign_store::both_engines;
use countersign_vault::{
    AutomationRow, ChangeOutcome, CredentialView, Error, FieldEdit, Patch, VaultOptions, WorkingPassword,
};

use crate::{
    changes::{armed, ask, begun, changed, claim, look},
    house::{House, by_id, open, secret},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const SECOND: Duration = Duration::from_secs(1);

async fn wish(house: &House, credential: &CredentialView, settings: SiteSettings) -> AutomationRow {
    house.vault.set_automation(&house.admin, &by_id(credential), settings).await.unwrap()
}

async fn known(house: &House, credential: &CredentialView) -> AutomationRow {
    house.vault.automation(&house.admin, &by_id(credential)).await.unwrap()
}

async fn next(house: &House, credential: &CredentialView) -> Option<(Timestamp, ChangeTrigger)> {
    known(house, credential).await.next_change
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

async fn made(house: &House) -> usize {
    house.vault.ask_for_what_is_due().await.unwrap()
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
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let begin = house.now();
        let row = wish(&house, &credential, every(30)).await;
        assert!(is_due_after(row.next_change, begin, 30) && next(&house, &credential).await == row.next_change);
        let (due, _) = row.next_change.unwrap();
        house.clock.advance(due.since(house.now()) - SECOND);
        assert_eq!((made(&house).await, claim(&house.vault).await.is_none()), (0, true));
        house.clock.advance(SECOND);

        // Several nodes look at once, and one asks.
        let other = open(database, &house.folder, &house.clock, VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false }).await;
        let (here, there) = tokio::join!(house.vault.ask_for_what_is_due(), other.ask_for_what_is_due());
        assert_eq!(here.unwrap() + there.unwrap(), 1);
        assert_eq!(made(&house).await, 0);
        let mut run = claim(&house.vault).await.unwrap();
        let seen = look(&house, run.id()).await;
        assert_eq!((seen.row.because, seen.row.asked_by.as_str(), seen.row.kind), (ChangeTrigger::Schedule, "the policy", ChangeKind::Change));
        assert!(next(&house, &credential).await.is_none());

        // It fails, and comes again on another day.
        house.vault.end_change(&mut run, failed()).await.unwrap();
        let tomorrow = house.now().plus(DAY);
        assert_eq!(next(&house, &credential).await, Some((tomorrow, ChangeTrigger::Schedule)));
        // A person is faster; what they changed is as new as any.
        house.clock.advance(HOUR);
        changed(&house, &credential).await;
        assert!(is_due_after(next(&house, &credential).await, house.now(), 30));
        // So is what was changed by hand.
        house.clock.advance(DAY * 9);
        let patch = Patch { password: FieldEdit::Set(secret("by hand")), ..Patch::default() };
        house.vault.edit_credential(&house.admin, &by_id(&credential), patch).await.unwrap();
        assert!(is_due_after(next(&house, &credential).await, house.now(), 30));

        assert!(wish(&house, &credential, SiteSettings::default()).await.next_change.is_none());
        house.clock.advance(DAY * 100);
        assert_eq!(made(&house).await, 0);
    }

    async fn however_a_change_by_policy_ends_the_next_one_comes(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let asked = async || {
            let due = next(&house, &credential).await.unwrap().0;
            house.clock.advance(due.since(house.now()));
            assert_eq!(made(&house).await, 1);
            let open = house.vault.open_change(&house.admin, &by_id(&credential)).await.unwrap().unwrap();
            assert!(next(&house, &credential).await.is_none());
            open.row.id
        };
        wish(&house, &credential, every(10)).await;

        // Called off before a worker came.
        house.vault.cancel_change(&house.admin, asked().await).await.unwrap();
        assert_eq!(next(&house, &credential).await, Some((house.now().plus(DAY), ChangeTrigger::Schedule)));

        for (holds, after) in [(WorkingPassword::Old, 1), (WorkingPassword::New, 10)] {
            // In doubt, and a person says which password holds.
            let id = asked().await;
            let mut run = claim(&house.vault).await.unwrap();
            house.vault.report_change(&mut run, ChangeState::Changing, "at the form", None).await.unwrap();
            house.vault.new_password(&mut run, None, None).await.unwrap();
            let doubt = ChangeOutcome::InDoubt { reason: ChangeReason::TimedOut, retry_at: None };
            house.vault.end_change(&mut run, doubt).await.unwrap();
            house.clock.advance(DAY * 3);
            assert_eq!(made(&house).await, 0, "one at a time");
            house.vault.settle_change(&house.admin, id, holds).await.unwrap();
            assert!(is_due_after(next(&house, &credential).await, house.now(), after), "{holds:?}");
        }

        // Out of use when it is due, and in use again a week later.
        let patch = |status| Patch { status: Some(status), ..Patch::default() };
        house.vault.edit_credential(&house.admin, &by_id(&credential), patch(CredentialStatus::Inactive)).await.unwrap();
        for _ in 0..7 {
            let due = next(&house, &credential).await.unwrap().0;
            house.clock.advance(due.since(house.now()));
            assert_eq!(made(&house).await, 0);
        }
        house.vault.edit_credential(&house.admin, &by_id(&credential), patch(CredentialStatus::Active)).await.unwrap();
        house.vault.cancel_change(&house.admin, asked().await).await.unwrap();
    }

    async fn who_sees_a_password_has_an_hour(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let reveal = async |version| house.vault.reveal(&house.admin, &by_id(&credential), None, version).await.unwrap();
        reveal(None).await;
        assert!(next(&house, &credential).await.is_none(), "nobody wished for that");
        let policy = ChangePolicy { after_reveal: true, every_days: Some(30), ..ChangePolicy::default() };
        let settings = SiteSettings { policy, changes_per_day: 10, ..SiteSettings::default() };
        wish(&house, &credential, settings.clone()).await;
        reveal(None).await;
        let in_an_hour = Some((house.now().plus(HOUR), ChangeTrigger::AfterReveal));
        assert_eq!(next(&house, &credential).await, in_an_hour);
        house.clock.advance(HOUR / 2);
        reveal(None).await;
        assert_eq!(next(&house, &credential).await, in_an_hour, "the first look counts");
        assert_eq!(wish(&house, &credential, settings.clone()).await.next_change, in_an_hour);
        house.clock.advance(HOUR / 2);
        assert_eq!(made(&house).await, 1);
        let mut run = claim(&house.vault).await.unwrap();
        assert_eq!(look(&house, run.id()).await.row.because, ChangeTrigger::AfterReveal);
        // Seen while it runs: if it fails, the hour runs all the same.
        reveal(None).await;
        house.clock.advance(SECOND);
        house.vault.end_change(&mut run, failed()).await.unwrap();
        assert_eq!(next(&house, &credential).await, Some((house.now().minus(SECOND).plus(HOUR), ChangeTrigger::AfterReveal)));
        changed(&house, &credential).await;
        assert!(is_due_after(next(&house, &credential).await, house.now(), 30), "what was seen opens nothing any more");
        reveal(Some(1)).await;
        assert!(is_due_after(next(&house, &credential).await, house.now(), 30), "a former password neither");
        reveal(None).await;
        assert_eq!(next(&house, &credential).await, Some((house.now().plus(HOUR), ChangeTrigger::AfterReveal)));
        let without = SiteSettings { policy: ChangePolicy { after_reveal: false, ..settings.policy }, ..settings };
        assert!(is_due_after(wish(&house, &credential, without).await.next_change, house.now(), 30));
    }

    async fn policies_keep_to_their_window(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let night = window("22:00", "05:00");
        let policy = ChangePolicy { every_days: Some(10), after_reveal: true, window: night };
        let holds = |at: Option<(Timestamp, ChangeTrigger)>| at.is_some_and(|(at, _)| night.unwrap().holds(at));
        // 2005-04-07, at noon, long after the ten days.
        house.clock.advance("2005-04-07T12:00:00Z".parse::<Timestamp>().unwrap().since(house.now()));
        let row = wish(&house, &credential, SiteSettings { policy, ..SiteSettings::default() }).await;
        assert!(holds(row.next_change), "{:?}", row.next_change);
        let (due, _) = row.next_change.unwrap();
        assert!(due >= "2005-04-07T22:00:00Z".parse().unwrap() && due < "2005-04-08T00:00:00Z".parse().unwrap());
        assert_eq!(made(&house).await, 0);
        // The server was away all night.
        house.clock.advance(DAY);
        assert_eq!(made(&house).await, 0, "it is noon");
        let planned = next(&house, &credential).await;
        assert!(holds(planned) && planned.unwrap().0 > house.now());
        house.vault.reveal(&house.admin, &by_id(&credential), None, None).await.unwrap();
        assert!(holds(next(&house, &credential).await), "what was seen waits as well");
        house.clock.advance(next(&house, &credential).await.unwrap().0.since(house.now()));
        assert_eq!(made(&house).await, 1);
        let mut run = claim(&house.vault).await.unwrap();
        house.vault.end_change(&mut run, failed()).await.unwrap();
        assert!(holds(next(&house, &credential).await));
        // People need no window.
        house.clock.advance(HOUR * 14);
        begun(&house, &credential).await;
    }

    async fn a_heartbeat_comes_daily_and_says_how_it_went(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let daily = SiteSettings { heartbeat: true, ..SiteSettings::default() };
        assert_eq!(wish(&house, &credential, daily.clone()).await.next_heartbeat_at, Some(house.now()));
        for (end, passed, said) in [
            (ChangeOutcome::Passed, true, "Signing in went well."),
            (failed(), false, "The site did not answer, or is broken. Try again later."),
            (ChangeOutcome::Cancelled, false, "Somebody called it off before anything was changed."),
        ] {
            assert_eq!((made(&house).await, made(&house).await), (1, 0));
            let mut run = claim(&house.vault).await.unwrap();
            assert_eq!((run.kind(), look(&house, run.id()).await.row.because), (ChangeKind::Heartbeat, ChangeTrigger::Heartbeat));
            let form = house.vault.report_change(&mut run, ChangeState::Changing, "on to the form", None).await;
            assert!(matches!(form, Err(Error::Moved)), "it signs in and does no more");
            house.vault.end_change(&mut run, end).await.unwrap();
            let row = known(&house, &credential).await;
            let beat = row.heartbeat.unwrap();
            assert_eq!((beat.at, beat.passed, beat.text.as_str()), (house.now().micros(), passed, said));
            assert_eq!(row.next_heartbeat_at, Some(house.now().plus(DAY)));
            house.clock.advance(DAY - SECOND);
            assert_eq!(made(&house).await, 0);
            house.clock.advance(SECOND);
        }
        // A person's change comes first, and one called off early is no reason to stop looking.
        let asked = ask(&house, &credential).await;
        assert_eq!(made(&house).await, 0);
        house.vault.cancel_change(&house.admin, asked.row.id).await.unwrap();
        assert_eq!(made(&house).await, 1);
        let open = house.vault.open_change(&house.admin, &by_id(&credential)).await.unwrap().unwrap();
        house.vault.cancel_change(&house.admin, open.row.id).await.unwrap();
        assert_eq!(known(&house, &credential).await.next_heartbeat_at, Some(house.now().plus(DAY)));
        let patch = Patch { site: FieldEdit::Clear, ..Patch::default() };
        house.vault.edit_credential(&house.admin, &by_id(&credential), patch).await.unwrap();
        house.clock.advance(DAY);
        assert_eq!(made(&house).await, 0);
        assert_eq!(known(&house, &credential).await.next_heartbeat_at, Some(house.now().plus(DAY)), "a site may be added");
        wish(&house, &credential, SiteSettings::default()).await;
        house.clock.advance(DAY * 2);
        assert_eq!((made(&house).await, known(&house, &credential).await.next_heartbeat_at), (0, None));
    }

    async fn promise_9_after_challenges_policies_wait_longer_each_time(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let policy = ChangePolicy { after_reveal: true, ..ChangePolicy::default() };
        wish(&house, &credential, SiteSettings { policy, ..SiteSettings::default() }).await;
        let challenge = ChangeReason::Challenge { challenge: Challenge::Captcha };
        // People are not kept from trying, nor from failing.
        for _ in 0..2 {
            let mut run = begun(&house, &credential).await;
            house.vault.end_change(&mut run, ChangeOutcome::Failed { reason: challenge.clone() }).await.unwrap();
        }
        let by_policy = async || {
            house.vault.reveal(&house.admin, &by_id(&credential), None, None).await.unwrap();
            house.clock.advance(HOUR);
            assert_eq!(made(&house).await, 1);
            house.vault.open_change(&house.admin, &by_id(&credential)).await.unwrap().unwrap().row
        };
        for hours in [2, 4, 8, 16, 24, 24] {
            let until = house.now().plus(HOUR * hours);
            let row = by_policy().await;
            assert_eq!((row.state, row.not_before), (ChangeState::Postponed, Some(until)), "{hours}");
            house.clock.advance(until.since(house.now()) - SECOND);
            assert!(claim(&house.vault).await.is_none());
            house.clock.advance(SECOND);
            let mut run = claim(&house.vault).await.unwrap();
            house.vault.end_change(&mut run, ChangeOutcome::Failed { reason: challenge.clone() }).await.unwrap();
        }
        changed(&house, &credential).await;
        assert_eq!(by_policy().await.state, ChangeState::Queued, "once one got through");
    }

    async fn settings_that_cannot_be_are_refused(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let (run, _) = armed(&house, &credential).await;
        house.vault.note_clock(&run, -75).await.unwrap();
        house.vault.note_learnt(&run, "{}", &["the button moved".to_owned()]).await.unwrap();
        let set = async |settings| house.vault.set_automation(&house.admin, &by_id(&credential), settings).await;
        for (rules, right) in [("minlength: 12; required: digit;", true), ("minlength: many;", false), ("nonsense", false)] {
            let wished = set(SiteSettings { rules: Some(rules.to_owned()), ..every(30) }).await;
            match wished {
                Ok(row) => assert!(right && row.settings.rules.as_deref() == Some(rules), "{rules}"),
                Err(Error::Invalid(invalid)) => assert!(!right && invalid.field == "rules", "{rules}: {invalid}"),
                Err(error) => panic!("{rules}: {error}"),
            }
        }
        let row = known(&house, &credential).await;
        assert_eq!((row.settings.policy.every_days, row.clock), (Some(30), Some((-75, house.now()))));
        assert_eq!(row.moved, ["the button moved"], "what was learnt stays when wishes change");
    }
}
