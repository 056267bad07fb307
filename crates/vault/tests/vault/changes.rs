//! Changes of passwords: from the question to the proof, called off, settled, listed. The tests are the worker; no browser
//! runs.

use std::{sync::Arc, time::Duration};

use countersign_model::{
    Actor, Challenge, Chance, ChangeId, ChangeKind, ChangeReason, ChangeState, CountingChance, FakeClock, PasswordSlot,
    Timestamp, UserName,
};
use countersign_seal::passphrase::Cost;
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    ChangeListRequest, ChangeOutcome, ChangeRequest, ChangeRun, ChangeView, CredentialView, Error, Unlock, Vault,
    VaultOptions, WorkingPassword,
};

use crate::house::{House, PASSWORD, by_id, secret};

pub(crate) const LEASE: Duration = Duration::from_secs(60);
pub(crate) const DAY: u64 = 24 * 60 * 60;
pub(crate) const OPTIONS: VaultOptions = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
const ADMINISTRATOR: &str = "root";

pub(crate) async fn ask_as(house: &House, actor: &Actor, credential: &CredentialView) -> Result<ChangeView, Error> {
    let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
    house.vault.ask_change(actor, &by_id(credential), &ask).await
}

pub(crate) async fn ask(house: &House, credential: &CredentialView) -> ChangeView {
    ask_as(house, &house.admin, credential).await.unwrap()
}

pub(crate) async fn claim(vault: &Vault) -> Option<ChangeRun> {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let worker = format!("worker {}", COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    vault.claim_change(&worker, LEASE).await.unwrap()
}

pub(crate) async fn begun(house: &House, credential: &CredentialView) -> ChangeRun {
    ask(house, credential).await;
    claim(&house.vault).await.unwrap()
}

/// Signed in, before the form.
pub(crate) async fn at_the_form(house: &House, credential: &CredentialView) -> ChangeRun {
    let mut run = begun(house, credential).await;
    to_the_form(&house.vault, &mut run).await;
    run
}

pub(crate) async fn to_the_form(vault: &Vault, run: &mut ChangeRun) {
    vault.use_password(run, PasswordSlot::Current, true).await.unwrap();
    vault.password_taken(run, PasswordSlot::Current).await.unwrap();
    vault.report_change(run, ChangeState::Changing, "at the form", None).await.unwrap();
}

/// The new password is stored. Gives it.
pub(crate) async fn armed(house: &House, credential: &CredentialView) -> (ChangeRun, String) {
    let mut run = at_the_form(house, credential).await;
    let password = house.vault.new_password(&mut run, None, None).await.unwrap();
    let text = password.expose_text().unwrap().to_owned();
    (run, text)
}

pub(crate) async fn prove(vault: &Vault, run: &mut ChangeRun) {
    for state in [ChangeState::Submitted, ChangeState::Verifying] {
        vault.report_change(run, state, "going on", None).await.unwrap();
    }
    vault.use_password(run, PasswordSlot::Candidate, true).await.unwrap();
}

/// The whole of it. Gives the new password.
pub(crate) async fn changed(house: &House, credential: &CredentialView) -> String {
    let (mut run, password) = armed(house, credential).await;
    prove(&house.vault, &mut run).await;
    house.vault.end_change(&mut run, ChangeOutcome::Changed).await.unwrap();
    password
}

pub(crate) async fn reveal(house: &House, credential: &CredentialView, version: Option<i64>) -> String {
    let revealed = house.vault.reveal(&house.admin, &by_id(credential), None, version).await.unwrap();
    revealed.password.expose_text().unwrap().to_owned()
}

pub(crate) async fn versions(house: &House, credential: &CredentialView) -> Vec<(i64, &'static str)> {
    let all = house.vault.versions(&house.admin, &by_id(credential)).await.unwrap();
    all.iter().map(|it| (it.version, it.state.name())).collect()
}

pub(crate) async fn look(house: &House, id: ChangeId) -> ChangeView {
    house.vault.change(&house.admin, id).await.unwrap()
}

/// The acts on a credential, the oldest first.
pub(crate) async fn acts(house: &House, credential: &CredentialView) -> Vec<String> {
    let filter = RecordFilter { object: Some(credential.row.id.uuid()), ..RecordFilter::default() };
    let page = house.vault.audit_records(&house.admin, &filter, 200).await.unwrap();
    page.items.iter().rev().map(|record| record.entry.act.to_string()).collect()
}

pub(crate) fn why() -> ChangeReason {
    ChangeReason::SiteUnavailable
}

both_engines! {
    async fn a_change_from_the_question_to_the_proof(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        house.advance(DAY + 1);
        let asked = ask(&house, &credential).await;
        assert_eq!((asked.row.state, asked.row.asked_by.as_str()), (ChangeState::Queued, ADMINISTRATOR));
        assert!(asked.may_cancel && !asked.may_retry && !asked.may_settle);

        let mut run = claim(&house.vault).await.unwrap();
        assert_eq!((run.id(), run.state(), run.attempts(), run.armed()), (asked.row.id, ChangeState::SigningIn, 1, false));
        assert_eq!((run.username.as_str(), run.site.as_str()), ("alice@example.org", "https://example.org/"));
        let typed = house.vault.use_password(&mut run, PasswordSlot::Current, true).await.unwrap();
        assert_eq!(typed.expose_text(), Some("its password"));
        house.advance(30);
        house.vault.use_token(&run, 0).await.unwrap();
        house.vault.password_taken(&mut run, PasswordSlot::Current).await.unwrap();
        house.vault.report_change(&mut run, ChangeState::Changing, "at the form", Some(b"a picture".to_vec())).await.unwrap();
        let new = house.vault.new_password(&mut run, None, None).await.unwrap();
        let new = new.expose_text().unwrap();
        assert!(new.len() >= 16 && new != "its password");
        assert_eq!(versions(&house, &credential).await, [(2, "candidate"), (1, "current")]);
        assert!(!look(&house, run.id()).await.may_cancel, "it may hold from here on");
        prove(&house.vault, &mut run).await;
        house.advance(30);
        house.vault.use_token(&run, 0).await.unwrap();
        assert_eq!(reveal(&house, &credential, None).await, "its password", "before it is proven");
        house.vault.end_change(&mut run, ChangeOutcome::Changed).await.unwrap();

        assert_eq!(versions(&house, &credential).await, [(2, "current"), (1, "former")]);
        assert_eq!(reveal(&house, &credential, None).await, new);
        assert_eq!(reveal(&house, &credential, Some(1)).await, "its password");
        let view = house.vault.credential(&house.admin, &by_id(&credential)).await.unwrap();
        assert_eq!((view.row.password_changed_at, view.row.revision), (Some(house.now()), 2));
        let seen = look(&house, run.id()).await;
        assert_eq!((seen.row.state, seen.row.ended_at, seen.row.reason), (ChangeState::Changed, Some(house.now()), None));
        let happened: Vec<_> = seen.events.iter().map(|it| (it.seq, it.state.name(), it.has_picture)).collect();
        let states = ["queued", "signing_in", "changing", "changing", "submitted", "verifying", "changed"];
        let expected: Vec<_> = states.iter().zip(1..).map(|(state, seq)| (seq, *state, seq == 3)).collect();
        assert_eq!(happened, expected);
        let picture = house.vault.change_picture(&house.admin, run.id(), 3).await.unwrap();
        assert_eq!(picture.expose(), b"a picture");
        assert_eq!(acts(&house, &credential).await, [
            "credential.created", "change.requested", "change.started", "change.password_used", "token.claimed",
            "change.candidate_stored", "change.password_used", "token.claimed", "password.revealed", "change.changed",
            "password.revealed", "password.revealed", "change.screenshot_seen",
        ]);
        assert!(claim(&house.vault).await.is_none() && !seen.may_cancel && !seen.may_retry);
        for end in [ChangeOutcome::Changed, ChangeOutcome::Cancelled] {
            assert!(matches!(house.vault.end_change(&mut run, end).await, Err(Error::LeaseLost)));
        }
    }

    async fn a_change_that_loses_every_worker_fails_in_the_end(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let asked = ask(&house, &credential).await;
        for attempt in 1..=5 {
            assert_eq!(claim(&house.vault).await.unwrap().attempts(), attempt);
            house.clock.advance(LEASE);
        }
        assert!(claim(&house.vault).await.is_none());
        let seen = look(&house, asked.row.id).await;
        assert_eq!((seen.row.state, seen.row.reason), (ChangeState::Failed, Some(ChangeReason::TimedOut)));
    }

    async fn a_credential_has_one_change_at_a_time(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let askers: Vec<_> = (0..8).map(|_| {
            let (vault, actor, wanted) = (house.vault.clone(), house.admin.clone(), by_id(&credential));
            tokio::spawn(async move {
                vault.ask_change(&actor, &wanted, &ChangeRequest { kind: ChangeKind::Change, reason: None }).await
            })
        }).collect();
        let (mut made, mut under_way) = (Vec::new(), Vec::new());
        for asker in askers {
            match asker.await.unwrap() {
                Ok(view) => made.push(view.row.id),
                Err(Error::UnderWay(id)) => under_way.push(id),
                Err(error) => panic!("{error}"),
            }
        }
        assert!(made.len() == 1 && under_way.iter().all(|id| *id == made[0]), "{made:?} {under_way:?}");
        let claimed = claim(&house.vault).await.unwrap();
        assert!(claimed.id() == made[0] && claim(&house.vault).await.is_none());
        for kind in ChangeKind::ALL {
            let ask = ChangeRequest { kind, reason: None };
            let again = house.vault.ask_change(&house.admin, &by_id(&credential), &ask).await;
            assert!(matches!(again, Err(Error::UnderWay(id)) if id == made[0]));
        }
        let open = house.vault.open_change(&house.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(open.unwrap().row.id, made[0]);
    }

    async fn a_change_is_called_off_as_long_as_nothing_was_typed(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let cancel = async |id| house.vault.cancel_change(&house.admin, id).await;
        let is_cancelled = async |id| {
            let seen = look(&house, id).await;
            (seen.row.state, seen.row.reason, seen.row.ended_at) == (ChangeState::Cancelled, Some(ChangeReason::Cancelled), Some(house.now()))
        };
        // Nobody has it.
        let asked = ask(&house, &credential).await;
        cancel(asked.row.id).await.unwrap();
        assert!(is_cancelled(asked.row.id).await && claim(&house.vault).await.is_none());
        assert!(matches!(cancel(asked.row.id).await, Err(Error::TooLate)));

        // A worker has it, and ends it; parked or not.
        let mut run = begun(&house, &credential).await;
        let until = house.now().plus(LEASE);
        house.vault.park_change(&mut run, Challenge::NewDevice, None, until, None).await.unwrap();
        assert_eq!(house.vault.open_changes().await.unwrap(), [(ChangeState::WaitingForAPerson, 1)]);
        assert!(!house.vault.renew_change(&run, LEASE).await.unwrap().cancelled);
        let seen = cancel(run.id()).await.unwrap();
        assert_eq!((seen.row.state, seen.row.ended_at), (ChangeState::WaitingForAPerson, None));
        assert!(house.vault.renew_change(&run, LEASE).await.unwrap().cancelled);
        house.vault.end_change(&mut run, ChangeOutcome::Cancelled).await.unwrap();
        assert!(is_cancelled(run.id()).await);
        assert!(house.vault.open_changes().await.unwrap().iter().all(|(state, _)| *state != ChangeState::WaitingForAPerson));

        // Its worker has vanished before it saw that.
        let run = begun(&house, &credential).await;
        cancel(run.id()).await.unwrap();
        house.clock.advance(LEASE);
        assert!(claim(&house.vault).await.is_none());
        assert!(is_cancelled(run.id()).await);
        let run = begun(&house, &credential).await;
        house.clock.advance(LEASE);
        cancel(run.id()).await.unwrap();
        assert!(is_cancelled(run.id()).await && claim(&house.vault).await.is_none());

        // It was put down for later.
        let mut run = begun(&house, &credential).await;
        let until = house.now().plus(LEASE);
        house.vault.end_change(&mut run, ChangeOutcome::Postponed { until, reason: why() }).await.unwrap();
        cancel(run.id()).await.unwrap();
        house.clock.advance(LEASE);
        assert!(claim(&house.vault).await.is_none());

        // The worker has not seen it, and is about to type.
        let mut run = at_the_form(&house, &credential).await;
        cancel(run.id()).await.unwrap();
        assert!(matches!(house.vault.new_password(&mut run, None, None).await, Err(Error::CalledOff)));
        assert!(is_cancelled(run.id()).await);
        assert_eq!(versions(&house, &credential).await, [(1, "current")]);

        let (run, _) = armed(&house, &credential).await;
        assert!(matches!(cancel(run.id()).await, Err(Error::TooLate)));
        assert!(!house.vault.renew_change(&run, LEASE).await.unwrap().cancelled);
    }

    async fn calling_off_and_typing_never_pass_one_another(database: &TestDatabase) {
        let house = House::new(database).await;
        for number in 0..12 {
            let credential = house.credential(&format!("Site {number}")).await;
            let mut run = at_the_form(&house, &credential).await;
            let id = run.id();
            let (vault, actor) = (house.vault.clone(), house.admin.clone());
            let cancelled = tokio::spawn(async move { vault.cancel_change(&actor, id).await });
            let typed = house.vault.new_password(&mut run, None, None).await;
            let seen = look(&house, id).await;
            match (cancelled.await.unwrap(), typed) {
                (Ok(_), Err(Error::CalledOff)) => {
                    assert_eq!(look(&house, id).await.row.state, ChangeState::Cancelled);
                    assert_eq!(versions(&house, &credential).await, [(1, "current")]);
                }
                (Err(Error::TooLate), Ok(_)) => {
                    let seen = look(&house, id).await;
                    assert!(seen.row.armed_at.is_some() && seen.row.candidate.is_some(), "what was typed was forgotten");
                }
                (cancelled, typed) => panic!("{:?} {:?} {:?}", cancelled.map(drop), typed.map(drop), seen.row),
            }
        }
    }

    async fn a_person_settles_what_no_worker_finds_out(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let settle = async |id, holds| house.vault.settle_change(&house.admin, id, holds).await;
        let doubt = ChangeOutcome::InDoubt { reason: why(), retry_at: None };

        let (mut run, new) = armed(&house, &credential).await;
        assert!(matches!(settle(run.id(), WorkingPassword::New).await, Err(Error::TooLate)), "it is not in doubt");
        house.vault.end_change(&mut run, doubt.clone()).await.unwrap();
        let settled = settle(run.id(), WorkingPassword::New).await.unwrap();
        assert_eq!((settled.row.state, settled.row.ended_at), (ChangeState::Changed, Some(house.now())));
        assert_eq!(settled.row.settled_by.as_deref(), Some(ADMINISTRATOR));
        assert_eq!(settled.says, "Resolved by root: the new password signs in. Countersign has not checked it.");
        let told = look(&house, run.id()).await.events.last().unwrap().text.clone();
        assert_eq!(told, "resolved by root: the new password signs in");
        let [new_version, old_version] = &house.vault.versions(&house.admin, &by_id(&credential)).await.unwrap()[..] else {
            panic!("two versions");
        };
        assert!(new_version.proven.is_none(), "nobody has seen it sign in");
        assert_eq!(new_version.confirmed, Some((house.now(), ADMINISTRATOR.to_owned())));
        assert_eq!(old_version.proven, Some((house.now(), run.id())), "the change has signed in with it");
        assert_eq!(versions(&house, &credential).await, [(2, "current"), (1, "former")]);
        assert_eq!(reveal(&house, &credential, None).await, new);
        assert!(matches!(settle(run.id(), WorkingPassword::Old).await, Err(Error::TooLate)));

        let (mut run, _) = armed(&house, &credential).await;
        let retry_at = house.now().plus(LEASE);
        house.vault.end_change(&mut run, ChangeOutcome::InDoubt { reason: why(), retry_at: Some(retry_at) }).await.unwrap();
        assert!(claim(&house.vault).await.is_none());
        house.clock.advance(LEASE);
        let finding_out = claim(&house.vault).await.unwrap();
        assert!(!look(&house, run.id()).await.may_settle);
        assert!(matches!(settle(run.id(), WorkingPassword::Old).await, Err(Error::TooLate)), "a worker is finding it out");
        house.clock.advance(LEASE);
        let settled = settle(run.id(), WorkingPassword::Old).await.unwrap();
        assert_eq!(settled.row.state, ChangeState::Failed);
        assert_eq!(versions(&house, &credential).await, [(3, "unused"), (2, "current"), (1, "former")]);
        assert_eq!(reveal(&house, &credential, None).await, new);
        assert!(matches!(house.vault.renew_change(&finding_out, LEASE).await, Err(Error::LeaseLost)));
        assert!(claim(&house.vault).await.is_none());
        let last = acts(&house, &credential).await;
        assert_eq!(last.iter().filter(|act| *act == "change.resolved").count(), 2);
        assert!(!last.iter().any(|act| act == "change.changed" || act == "change.failed"), "no machine has seen it: {last:?}");
    }

    async fn what_was_seen_to_sign_in_is_kept_with_its_version(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let proven = async || {
            let all = house.vault.versions(&house.admin, &by_id(&credential)).await.unwrap();
            all.into_iter().map(|it| (it.version, it.proven)).collect::<Vec<_>>()
        };
        assert_eq!(proven().await, [(1, None)], "what a person typed in was seen by nobody");
        let (mut run, _) = armed(&house, &credential).await;
        let signed_in = house.now();
        assert_eq!(proven().await, [(2, None), (1, Some((signed_in, run.id())))]);
        house.advance(60);
        prove(&house.vault, &mut run).await;
        assert_eq!(proven().await[0], (2, None), "it was typed and not taken yet");
        house.vault.end_change(&mut run, ChangeOutcome::Changed).await.unwrap();
        assert_eq!(proven().await, [(2, Some((house.now(), run.id()))), (1, Some((signed_in, run.id())))]);
    }

    async fn what_cannot_end_without_a_person_is_seen_with_its_credential(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        house.credential("Other").await;
        let listed = async || {
            let page = house.vault.list_credentials(&house.admin, &countersign_vault::CredentialListRequest::default()).await.unwrap();
            page.items.into_iter().filter_map(|it| it.attention).collect::<Vec<_>>()
        };
        let (mut run, _) = armed(&house, &credential).await;
        assert!(listed().await.is_empty(), "it goes on by itself");
        let until = house.now().plus(LEASE);
        house.vault.park_change(&mut run, Challenge::Captcha, None, until, None).await.unwrap();
        assert_eq!(listed().await, [(run.id(), ChangeState::WaitingForAPerson)]);
        house.vault.end_change(&mut run, ChangeOutcome::InDoubt { reason: why(), retry_at: None }).await.unwrap();
        assert_eq!(listed().await, [(run.id(), ChangeState::InDoubt)]);
        let one = house.vault.credential(&house.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(one.attention, Some((run.id(), ChangeState::InDoubt)));
        house.vault.settle_change(&house.admin, run.id(), WorkingPassword::Old).await.unwrap();
        assert!(listed().await.is_empty());
    }

    async fn promise_2_a_credential_stays_while_its_new_password_may_hold(database: &TestDatabase) {
        let house = House::new(database).await;
        let remove = async |credential: &CredentialView| house.vault.remove_credential(&house.admin, &by_id(credential)).await;
        let credential = house.credential("Instagram").await;
        let mut run = at_the_form(&house, &credential).await;
        let refused = remove(&credential).await.unwrap_err();
        assert!(matches!(&refused, Error::ChangeOpen { change, .. } if *change == run.id()), "{refused}");
        assert!(refused.to_string().contains("cancel the change"), "{refused}");
        house.vault.new_password(&mut run, None, None).await.unwrap();
        assert!(matches!(remove(&credential).await, Err(Error::ChangeOpen { .. })));
        house.vault.end_change(&mut run, ChangeOutcome::InDoubt { reason: why(), retry_at: None }).await.unwrap();
        let refused = remove(&credential).await.unwrap_err().to_string();
        assert!(refused.contains("resolve the change"), "{refused}");
        assert_eq!(versions(&house, &credential).await, [(2, "candidate"), (1, "current")]);
        house.vault.settle_change(&house.admin, run.id(), WorkingPassword::Old).await.unwrap();
        remove(&credential).await.unwrap();

        // What has not begun holds nothing.
        let credential = house.credential("Facebook").await;
        ask(&house, &credential).await;
        remove(&credential).await.unwrap();
        assert!(claim(&house.vault).await.is_none());
    }

    async fn a_credential_that_is_removed_or_changed_by_hand_meanwhile_breaks_nothing(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let rehearsal = ChangeRequest { kind: ChangeKind::Rehearsal, reason: None };
        house.vault.ask_change(&house.admin, &by_id(&credential), &rehearsal).await.unwrap();
        let mut run = claim(&house.vault).await.unwrap();
        house.vault.remove_credential(&house.admin, &by_id(&credential)).await.unwrap();
        assert!(matches!(house.vault.use_password(&mut run, PasswordSlot::Current, true).await, Err(Error::LeaseLost)));
        assert!(matches!(house.vault.report_change(&mut run, ChangeState::Changing, "on the way", None).await, Err(Error::LeaseLost)));
        assert!(matches!(house.vault.renew_change(&run, LEASE).await, Err(Error::LeaseLost)));
        assert!(matches!(house.vault.change(&house.admin, run.id()).await, Err(Error::NotFound(_))));
        house.clock.advance(LEASE);
        assert!(claim(&house.vault).await.is_none());

        // Edited by hand while a worker proves another: what is proven holds, and there is one current password.
        let credential = house.credential("Instagram").await;
        let (mut run, new) = armed(&house, &credential).await;
        prove(&house.vault, &mut run).await;
        let patch = countersign_vault::Patch {
            password: countersign_vault::FieldEdit::Set(secret("by hand")),
            ..countersign_vault::Patch::default()
        };
        house.vault.edit_credential(&house.admin, &by_id(&credential), patch).await.unwrap();
        house.vault.end_change(&mut run, ChangeOutcome::Changed).await.unwrap();
        assert_eq!(versions(&house, &credential).await, [(3, "former"), (2, "current"), (1, "former")]);
        assert_eq!(reveal(&house, &credential, None).await, new);

        // Put out of use before a worker comes.
        let asked = ask(&house, &credential).await;
        let patch = countersign_vault::Patch {
            status: Some(countersign_model::CredentialStatus::Inactive),
            ..countersign_vault::Patch::default()
        };
        house.vault.edit_credential(&house.admin, &by_id(&credential), patch).await.unwrap();
        assert!(claim(&house.vault).await.is_none());
        assert_eq!(look(&house, asked.row.id).await.row.state, ChangeState::Cancelled);
        assert!(matches!(ask_as(&house, &house.admin, &credential).await, Err(Error::Inactive)));
    }

    async fn no_two_credentials_are_given_the_same_password(database: &TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_109)));
        let chance = Arc::new(Replay::default());
        let (key, at, again) = (Unlock::KeyFile(folder.path().join("vault.key")), Arc::clone(&clock), Arc::clone(&chance));
        let vault = Vault::open((**database).clone(), &key, at, again, OPTIONS).await.unwrap_or_else(|error| panic!("{error}"));
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
        let house = House { vault, clock, admin, folder };
        let mut given = Vec::new();
        for name in ["Instagram", "Facebook", "Mastodon"] {
            let mut run = at_the_form(&house, &house.credential(name).await).await;
            // The same chance as before gives the same draws.
            chance.rewind();
            house.advance(1);
            given.push(house.vault.new_password(&mut run, None, None).await.unwrap().expose_text().unwrap().to_owned());
        }
        given.sort();
        given.dedup();
        assert_eq!(given.len(), 3);
        let mut run = at_the_form(&house, &house.credential("Portal").await).await;
        let rules = "minlength: 1; maxlength: 1; allowed: [a];".parse().unwrap();
        house.vault.new_password(&mut run, Some(&rules), None).await.unwrap();
        let mut run = at_the_form(&house, &house.credential("Other portal").await).await;
        let used_up = house.vault.new_password(&mut run, Some(&rules), None).await;
        assert!(matches!(used_up, Err(Error::NoPassword(why)) if why.contains("used before")) && !run.armed());
        house.vault.end_change(&mut run, ChangeOutcome::Failed { reason: why() }).await.unwrap();
    }

    async fn changes_are_listed_by_what_is_asked(database: &TestDatabase) {
        let house = House::new(database).await;
        let mut expected = Vec::new();
        let instagram = house.credential("Instagram").await;
        for number in 0..7 {
            let credential = house.credential(&format!("Site {number}")).await;
            // Two in the same moment, to be told apart by their ids.
            house.advance(number % 2);
            expected.push(ask(&house, &credential).await.row.id);
        }
        changed_after(&house, &instagram).await;
        let all = async |ask: ChangeListRequest| {
            let (mut ask, mut found) = (ask, Vec::new());
            loop {
                let page = house.vault.list_changes(&house.admin, &ask).await.unwrap();
                assert!(page.items.len() <= ask.limit.max(1) as usize || ask.limit == 0);
                found.extend(page.items.into_iter().map(|it| it.row));
                match page.next_cursor {
                    Some(cursor) => ask.cursor = Some(cursor),
                    None => return found,
                }
            }
        };
        let usual = ChangeListRequest::default;
        let whole = all(usual()).await;
        assert_eq!((whole.len(), whole[0].credential_name.as_str()), (8, "Instagram"));
        assert!(whole.windows(2).all(|pair| (pair[0].created_at, pair[0].id) > (pair[1].created_at, pair[1].id)));
        for limit in 1..=3 {
            assert_eq!(all(ChangeListRequest { limit, ..usual() }).await, whole, "{limit}");
        }
        let open = all(ChangeListRequest { open: Some(true), limit: 2, ..usual() }).await;
        let mut ids: Vec<_> = open.iter().map(|row| row.id).collect();
        ids.sort();
        expected.sort();
        assert_eq!(ids, expected);
        assert_eq!(all(ChangeListRequest { open: Some(false), ..usual() }).await.len(), 1);
        assert_eq!(all(ChangeListRequest { state: Some(ChangeState::Changed), ..usual() }).await.len(), 1);
        assert_eq!(all(ChangeListRequest { state: Some(ChangeState::Failed), ..usual() }).await.len(), 0);
        let of_it = ChangeListRequest { credential: Some(by_id(&instagram)), open: Some(true), ..usual() };
        assert_eq!(all(of_it.clone()).await.len(), 0);
        assert_eq!(all(ChangeListRequest { open: None, ..of_it }).await.len(), 1);
        for cursor in ["nonsense", "", "MTIz", "MTIzCm5vdGhpbmc"] {
            let wrong = ChangeListRequest { cursor: Some(cursor.to_owned()), ..usual() };
            assert!(matches!(house.vault.list_changes(&house.admin, &wrong).await, Err(Error::Invalid(it)) if it.field == "cursor"), "{cursor}");
        }
    }

    async fn pictures_are_forgotten_after_a_month_and_what_happened_stays(database: &TestDatabase) {
        let house = House::new(database).await;
        let (old, open) = (house.credential("Instagram").await, house.credential("Facebook").await);
        let mut ids = Vec::new();
        for credential in [&open, &old] {
            let mut run = begun(&house, credential).await;
            house.vault.report_change(&mut run, ChangeState::Changing, "a form", Some(vec![7; 1000])).await.unwrap();
            let too_large = Some(vec![7; (2 << 20) + 1]);
            house.vault.report_change(&mut run, ChangeState::Changing, &"long ".repeat(100), too_large).await.unwrap();
            ids.push(run.id());
            if credential.row.id == old.row.id {
                house.vault.end_change(&mut run, ChangeOutcome::Failed { reason: why() }).await.unwrap();
            }
        }
        let pictures = async |id| {
            house.vault.tidy().await.unwrap();
            let seen = look(&house, id).await;
            assert!(seen.events.iter().all(|it| it.text.chars().count() <= 300));
            seen.events.iter().filter(|it| it.has_picture).map(|it| it.seq).collect::<Vec<_>>()
        };
        house.advance(30 * DAY);
        assert_eq!(pictures(ids[1]).await, [3]);
        house.advance(1);
        assert_eq!((pictures(ids[1]).await, look(&house, ids[1]).await.events.len()), (vec![], 5));
        assert!(matches!(house.vault.change_picture(&house.admin, ids[1], 3).await, Err(Error::NotFound("picture"))));
        assert_eq!(pictures(ids[0]).await, [3], "it has not ended");
        house.vault.change_picture(&house.admin, ids[0], 3).await.unwrap();
    }
}

async fn changed_after(house: &House, credential: &CredentialView) {
    // Those asked for before come first; each is put back.
    house.advance(1);
    let asked = ask(house, credential).await;
    let mut others = Vec::new();
    let mut run = loop {
        let run = claim(&house.vault).await.unwrap();
        if run.id() == asked.row.id {
            break run;
        }
        others.push(run);
    };
    to_the_form(&house.vault, &mut run).await;
    house.vault.new_password(&mut run, None, None).await.unwrap();
    prove(&house.vault, &mut run).await;
    house.vault.end_change(&mut run, ChangeOutcome::Changed).await.unwrap();
}

/// Chance that can be had a second time.
#[derive(Default)]
struct Replay(std::sync::Mutex<CountingChance>);

impl Replay {
    fn rewind(&self) {
        *self.0.lock().unwrap() = CountingChance::default();
    }
}

impl Chance for Replay {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap().fill(bytes);
    }
}
