//! Changes of passwords: from the question to the proof, called off, settled, listed. The tests are the worker; no browser
//! runs.

use std::{sync::Arc, time::Duration};

use countersign_model::{
    Actor, Challenge, Chance, ChangeId, ChangeKind, ChangeReason, ChangeState, CountingChance, FakeClock, Paging,
    PasswordSlot, Timestamp, UserName,
};
use countersign_seal::passphrase::Cost;
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    ChangeListRequest, ChangeOutcome, ChangeRequest, ChangeRun, ChangeView, Conflict, CredentialView, Error, Object,
    RunError, Unlock, Vault, VaultOptions,
};

use crate::fixture::{PASSWORD, TestVault, by_id, secret};

pub(crate) const LEASE: Duration = Duration::from_secs(60);
pub(crate) const DAY: u64 = 24 * 60 * 60;
pub(crate) const OPTIONS: VaultOptions = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: false };
pub(crate) const ADMINISTRATOR: &str = "root";

pub(crate) async fn ask_as(
    fixture: &TestVault,
    actor: &Actor,
    credential: &CredentialView,
) -> Result<ChangeView, Error> {
    let ask = ChangeRequest { kind: ChangeKind::Change, reason: None };
    fixture.vault.ask_change(actor, &by_id(credential), &ask).await
}

pub(crate) async fn ask(fixture: &TestVault, credential: &CredentialView) -> ChangeView {
    ask_as(fixture, &fixture.admin, credential).await.unwrap()
}

pub(crate) async fn claim(vault: &Vault) -> Option<ChangeRun> {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let worker = format!("worker {}", COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    vault.claim_change(&worker, LEASE).await.unwrap()
}

pub(crate) async fn begun(fixture: &TestVault, credential: &CredentialView) -> ChangeRun {
    ask(fixture, credential).await;
    claim(&fixture.vault).await.unwrap()
}

/// Signed in, before the form.
pub(crate) async fn at_the_form(fixture: &TestVault, credential: &CredentialView) -> ChangeRun {
    let mut run = begun(fixture, credential).await;
    to_the_form(&mut run).await;
    run
}

pub(crate) async fn to_the_form(run: &mut ChangeRun) {
    run.use_password(PasswordSlot::Current, true).await.unwrap();
    run.password_taken(PasswordSlot::Current).await.unwrap();
    run.report(ChangeState::Changing, "at the form", None).await.unwrap();
}

/// The new password is stored. Gives it.
pub(crate) async fn armed(fixture: &TestVault, credential: &CredentialView) -> (ChangeRun, String) {
    let mut run = at_the_form(fixture, credential).await;
    let password = run.new_password(None, None).await.unwrap();
    let text = password.expose_text().unwrap().to_owned();
    (run, text)
}

pub(crate) async fn prove(run: &mut ChangeRun) {
    for state in [ChangeState::Submitted, ChangeState::Verifying] {
        run.report(state, "going on", None).await.unwrap();
    }
    run.use_password(PasswordSlot::Candidate, true).await.unwrap();
}

/// The whole of it. Gives the new password.
pub(crate) async fn changed(fixture: &TestVault, credential: &CredentialView) -> String {
    let (mut run, password) = armed(fixture, credential).await;
    prove(&mut run).await;
    run.end(ChangeOutcome::Changed).await.unwrap();
    password
}

pub(crate) async fn reveal(fixture: &TestVault, credential: &CredentialView, version: Option<i64>) -> String {
    let revealed = fixture.vault.reveal(&fixture.admin, &by_id(credential), None, version).await.unwrap();
    revealed.password.expose_text().unwrap().to_owned()
}

pub(crate) async fn versions(fixture: &TestVault, credential: &CredentialView) -> Vec<(i64, &'static str)> {
    let all = fixture.vault.versions(&fixture.admin, &by_id(credential)).await.unwrap();
    all.iter().map(|it| (it.version, it.state.name())).collect()
}

pub(crate) async fn look(fixture: &TestVault, id: ChangeId) -> ChangeView {
    fixture.vault.change(&fixture.admin, id).await.unwrap()
}

/// The acts on a credential, the oldest first.
pub(crate) async fn acts(fixture: &TestVault, credential: &CredentialView) -> Vec<String> {
    let filter = RecordFilter { object: Some(credential.id.uuid()), ..RecordFilter::default() };
    let page = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(200)).await.unwrap();
    page.items.iter().rev().map(|record| record.entry.act.to_string()).collect()
}

pub(crate) fn why() -> ChangeReason {
    ChangeReason::SiteUnavailable
}

both_engines! {
    async fn a_change_from_the_question_to_the_proof(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.advance(DAY + 1);
        let asked = ask(&fixture, &credential).await;
        assert_eq!((asked.state, asked.asked_by.as_str()), (ChangeState::Queued, ADMINISTRATOR));
        assert!(asked.may.cancel && !asked.may.retry && !asked.may.settle);

        let mut run = claim(&fixture.vault).await.unwrap();
        assert_eq!((run.id(), run.state(), run.attempts(), run.armed()), (asked.id, ChangeState::SigningIn, 1, false));
        assert_eq!((run.username.as_str(), run.site.as_str()), ("alice@example.org", "https://example.org/"));
        let typed = run.use_password(PasswordSlot::Current, true).await.unwrap();
        assert_eq!(typed.expose_text(), Some("its password"));
        fixture.advance(30);
        run.use_token(0).await.unwrap();
        run.password_taken(PasswordSlot::Current).await.unwrap();
        run.report(ChangeState::Changing, "at the form", Some(b"a picture".to_vec())).await.unwrap();
        let new = run.new_password(None, None).await.unwrap();
        let new = new.expose_text().unwrap();
        assert!(new.len() >= 16 && new != "its password");
        assert_eq!(versions(&fixture, &credential).await, [(2, "candidate"), (1, "current")]);
        assert!(!look(&fixture, run.id()).await.may.cancel, "it may hold from here on");
        prove(&mut run).await;
        fixture.advance(30);
        run.use_token(0).await.unwrap();
        assert_eq!(reveal(&fixture, &credential, None).await, "its password", "before it is proven");
        let ended = run.id();
        run.end(ChangeOutcome::Changed).await.unwrap();

        assert_eq!(versions(&fixture, &credential).await, [(2, "current"), (1, "former")]);
        assert_eq!(reveal(&fixture, &credential, None).await, new);
        assert_eq!(reveal(&fixture, &credential, Some(1)).await, "its password");
        let view = fixture.vault.credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert_eq!((view.password_changed_at, view.revision), (Some(fixture.now()), 2));
        let seen = look(&fixture, ended).await;
        assert_eq!((seen.state, seen.ended_at, seen.reason), (ChangeState::Changed, Some(fixture.now()), None));
        let happened: Vec<_> = seen.events.iter().map(|it| (it.seq, it.state.name(), it.has_picture)).collect();
        let states = ["queued", "signing_in", "changing", "changing", "submitted", "verifying", "changed"];
        let expected: Vec<_> = states.iter().zip(1..).map(|(state, seq)| (seq, *state, seq == 3)).collect();
        assert_eq!(happened, expected);
        let picture = fixture.vault.change_picture(&fixture.admin, ended, 3).await.unwrap();
        assert_eq!(picture.expose(), b"a picture");
        assert_eq!(acts(&fixture, &credential).await, [
            "credential.created", "change.requested", "change.started", "change.password_used", "token.claimed",
            "change.candidate_stored", "change.password_used", "token.claimed", "password.revealed", "change.changed",
            "password.revealed", "password.revealed", "change.screenshot_seen",
        ]);
        assert!(claim(&fixture.vault).await.is_none() && !seen.may.cancel && !seen.may.retry);
    }

    async fn a_change_that_loses_every_worker_fails_in_the_end(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let asked = ask(&fixture, &credential).await;
        for attempt in 1..=5 {
            assert_eq!(claim(&fixture.vault).await.unwrap().attempts(), attempt);
            fixture.clock.advance(LEASE);
        }
        assert!(claim(&fixture.vault).await.is_none());
        let seen = look(&fixture, asked.id).await;
        assert_eq!((seen.state, seen.reason), (ChangeState::Failed, Some(ChangeReason::TimedOut)));
    }

    async fn a_credential_has_one_change_at_a_time(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let askers: Vec<_> = (0..8).map(|_| {
            let (vault, actor, wanted) = (fixture.vault.clone(), fixture.admin.clone(), by_id(&credential));
            tokio::spawn(async move {
                vault.ask_change(&actor, &wanted, &ChangeRequest { kind: ChangeKind::Change, reason: None }).await
            })
        }).collect();
        let (mut made, mut under_way) = (Vec::new(), Vec::new());
        for asker in askers {
            match asker.await.unwrap() {
                Ok(view) => made.push(view.id),
                Err(Error::Conflict(Conflict::ChangeRunning(id))) => under_way.push(id),
                Err(error) => panic!("{error}"),
            }
        }
        assert!(made.len() == 1 && under_way.iter().all(|id| *id == made[0]), "{made:?} {under_way:?}");
        let claimed = claim(&fixture.vault).await.unwrap();
        assert!(claimed.id() == made[0] && claim(&fixture.vault).await.is_none());
        for kind in ChangeKind::ALL {
            let ask = ChangeRequest { kind, reason: None };
            let again = fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &ask).await;
            assert!(matches!(again, Err(Error::Conflict(Conflict::ChangeRunning(id))) if id == made[0]));
        }
        let open = fixture.vault.open_change(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(open.unwrap().id, made[0]);
    }

    async fn a_change_is_called_off_as_long_as_nothing_was_typed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let cancel = async |id| fixture.vault.cancel_change(&fixture.admin, id).await;
        let is_cancelled = async |id| {
            let seen = look(&fixture, id).await;
            (seen.state, seen.reason, seen.ended_at) == (ChangeState::Cancelled, Some(ChangeReason::Cancelled), Some(fixture.now()))
        };
        // Nobody has it.
        let asked = ask(&fixture, &credential).await;
        cancel(asked.id).await.unwrap();
        assert!(is_cancelled(asked.id).await && claim(&fixture.vault).await.is_none());
        assert!(matches!(cancel(asked.id).await, Err(Error::Conflict(Conflict::TooLate))));

        // A worker has it, and ends it; parked or not.
        let mut run = begun(&fixture, &credential).await;
        let until = fixture.now().plus(LEASE);
        run.park(Challenge::NewDevice, None, until, None).await.unwrap();
        assert_eq!(fixture.vault.open_changes().await.unwrap(), [(ChangeState::WaitingForAPerson, 1)]);
        assert!(!run.lease().renew(LEASE).await.unwrap().cancelled);
        let seen = cancel(run.id()).await.unwrap();
        assert_eq!((seen.state, seen.ended_at), (ChangeState::WaitingForAPerson, None));
        assert!(run.lease().renew(LEASE).await.unwrap().cancelled);
        let ended = run.id();
        run.end(ChangeOutcome::Cancelled).await.unwrap();
        assert!(is_cancelled(ended).await);
        assert!(fixture.vault.open_changes().await.unwrap().iter().all(|(state, _)| *state != ChangeState::WaitingForAPerson));

        // Its worker has vanished before it saw that.
        let run = begun(&fixture, &credential).await;
        cancel(run.id()).await.unwrap();
        fixture.clock.advance(LEASE);
        assert!(claim(&fixture.vault).await.is_none());
        assert!(is_cancelled(run.id()).await);
        let run = begun(&fixture, &credential).await;
        fixture.clock.advance(LEASE);
        cancel(run.id()).await.unwrap();
        assert!(is_cancelled(run.id()).await && claim(&fixture.vault).await.is_none());

        // It was put down for later.
        let run = begun(&fixture, &credential).await;
        let until = fixture.now().plus(LEASE);
        let put_off = run.id();
        run.end(ChangeOutcome::Postponed { until, reason: why() }).await.unwrap();
        cancel(put_off).await.unwrap();
        fixture.clock.advance(LEASE);
        assert!(claim(&fixture.vault).await.is_none());

        // The worker has not seen it, and is about to type.
        let mut run = at_the_form(&fixture, &credential).await;
        cancel(run.id()).await.unwrap();
        assert!(matches!(run.new_password(None, None).await, Err(RunError::CalledOff)));
        assert!(is_cancelled(run.id()).await);
        assert_eq!(versions(&fixture, &credential).await, [(1, "current")]);

        let (run, _) = armed(&fixture, &credential).await;
        assert!(matches!(cancel(run.id()).await, Err(Error::Conflict(Conflict::TooLate))));
        assert!(!run.lease().renew(LEASE).await.unwrap().cancelled);
    }

    async fn calling_off_and_typing_never_pass_one_another(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for number in 0..12 {
            let credential = fixture.credential(&format!("Site {number}")).await;
            let mut run = at_the_form(&fixture, &credential).await;
            let id = run.id();
            let (vault, actor) = (fixture.vault.clone(), fixture.admin.clone());
            let cancelled = tokio::spawn(async move { vault.cancel_change(&actor, id).await });
            let typed = run.new_password(None, None).await;
            let seen = look(&fixture, id).await;
            match (cancelled.await.unwrap(), typed) {
                (Ok(_), Err(RunError::CalledOff)) => {
                    assert_eq!(look(&fixture, id).await.state, ChangeState::Cancelled);
                    assert_eq!(versions(&fixture, &credential).await, [(1, "current")]);
                }
                (Err(Error::Conflict(Conflict::TooLate)), Ok(_)) => {
                    let seen = look(&fixture, id).await;
                    assert!(seen.armed_at.is_some(), "what was typed was forgotten");
                    assert_eq!(versions(&fixture, &credential).await.len(), 2, "what was typed was forgotten");
                }
                (cancelled, typed) => panic!("{:?} {:?} {:?}", cancelled.map(drop), typed.map(drop), seen),
            }
        }
    }

    async fn a_credential_that_is_removed_or_changed_by_hand_meanwhile_breaks_nothing(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let rehearsal = ChangeRequest { kind: ChangeKind::Rehearsal, reason: None };
        fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &rehearsal).await.unwrap();
        let mut run = claim(&fixture.vault).await.unwrap();
        fixture.vault.remove_credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert!(matches!(run.use_password(PasswordSlot::Current, true).await, Err(RunError::LeaseLost)));
        assert!(matches!(run.report(ChangeState::Changing, "on the way", None).await, Err(RunError::LeaseLost)));
        assert!(matches!(run.lease().renew(LEASE).await, Err(RunError::LeaseLost)));
        assert!(matches!(fixture.vault.change(&fixture.admin, run.id()).await, Err(Error::NotFound(_))));
        fixture.clock.advance(LEASE);
        assert!(claim(&fixture.vault).await.is_none());

        // Edited by hand while a worker proves another: what is proven holds, and there is one current password.
        let credential = fixture.credential("Instagram").await;
        let (mut run, new) = armed(&fixture, &credential).await;
        prove(&mut run).await;
        let patch = countersign_vault::Patch {
            password: countersign_vault::FieldEdit::Set(secret("by hand")),
            ..countersign_vault::Patch::default()
        };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), patch).await.unwrap();
        run.end(ChangeOutcome::Changed).await.unwrap();
        assert_eq!(versions(&fixture, &credential).await, [(3, "former"), (2, "current"), (1, "former")]);
        assert_eq!(reveal(&fixture, &credential, None).await, new);

        // Put out of use before a worker comes.
        let asked = ask(&fixture, &credential).await;
        let patch = countersign_vault::Patch {
            status: Some(countersign_model::CredentialStatus::Inactive),
            ..countersign_vault::Patch::default()
        };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), patch).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none());
        assert_eq!(look(&fixture, asked.id).await.state, ChangeState::Cancelled);
        assert!(matches!(ask_as(&fixture, &fixture.admin, &credential).await, Err(Error::Conflict(Conflict::Inactive))));
    }

    async fn no_two_credentials_are_given_the_same_password(database: &TestDatabase) {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(1_111_111_109)));
        let chance = Arc::new(Replay::default());
        let (key, at, again) = (Unlock::KeyFile(folder.path().join("vault.key")), Arc::clone(&clock), Arc::clone(&chance));
        let vault = Vault::open((**database).clone(), &key, at, again, OPTIONS).await.unwrap_or_else(|error| panic!("{error}"));
        let admin = vault.create_administrator(&UserName::parse("root").unwrap(), secret(PASSWORD)).await.unwrap();
        let fixture = TestVault { vault, clock, admin, folder };
        let mut given = Vec::new();
        for name in ["Instagram", "Facebook", "Mastodon"] {
            let mut run = at_the_form(&fixture, &fixture.credential(name).await).await;
            // The same chance as before gives the same draws.
            chance.rewind();
            fixture.advance(1);
            given.push(run.new_password(None, None).await.unwrap().expose_text().unwrap().to_owned());
        }
        given.sort();
        given.dedup();
        assert_eq!(given.len(), 3);
        let mut run = at_the_form(&fixture, &fixture.credential("Portal").await).await;
        let rules = "minlength: 1; maxlength: 1; allowed: [a];".parse().unwrap();
        run.new_password(Some(&rules), None).await.unwrap();
        let mut run = at_the_form(&fixture, &fixture.credential("Other portal").await).await;
        let used_up = run.new_password(Some(&rules), None).await;
        assert!(matches!(used_up, Err(RunError::NoPassword(why)) if why.contains("used before")) && !run.armed());
        run.end(ChangeOutcome::Failed { reason: why() }).await.unwrap();
    }

    async fn changes_are_listed_by_what_is_asked(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let mut expected = Vec::new();
        let instagram = fixture.credential("Instagram").await;
        for number in 0..7 {
            let credential = fixture.credential(&format!("Site {number}")).await;
            // Two in the same moment, to be told apart by their ids.
            fixture.advance(number % 2);
            expected.push(ask(&fixture, &credential).await.id);
        }
        changed_after(&fixture, &instagram).await;
        let all = async |ask: ChangeListRequest| {
            let (mut ask, mut found) = (ask, Vec::new());
            loop {
                let page = fixture.vault.list_changes(&fixture.admin, &ask).await.unwrap();
                assert!(page.items.len() < ask.paging.rows() as usize);
                found.extend(page.items);
                match page.next_cursor {
                    Some(cursor) => ask.paging = ask.paging.after(cursor),
                    None => return found,
                }
            }
        };
        let usual = ChangeListRequest::default;
        let whole = all(usual()).await;
        assert_eq!((whole.len(), whole[0].credential_name.as_str()), (8, "Instagram"));
        assert!(whole.windows(2).all(|pair| (pair[0].created_at, pair[0].id) > (pair[1].created_at, pair[1].id)));
        for limit in 1..=3 {
            assert_eq!(all(ChangeListRequest { paging: Paging::first(limit), ..usual() }).await, whole, "{limit}");
        }
        let open = all(ChangeListRequest { open: Some(true), paging: Paging::first(2), ..usual() }).await;
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
            let wrong = ChangeListRequest { paging: Paging::default().after(cursor.to_owned()), ..usual() };
            assert!(matches!(fixture.vault.list_changes(&fixture.admin, &wrong).await, Err(Error::Invalid(it)) if it.field == "cursor"), "{cursor}");
        }
    }

    async fn pictures_are_forgotten_after_a_month_and_what_happened_stays(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (old, open) = (fixture.credential("Instagram").await, fixture.credential("Facebook").await);
        let mut ids = Vec::new();
        for credential in [&open, &old] {
            let mut run = begun(&fixture, credential).await;
            run.report(ChangeState::Changing, "a form", Some(vec![7; 1000])).await.unwrap();
            let too_large = Some(vec![7; (2 << 20) + 1]);
            run.report(ChangeState::Changing, &"long ".repeat(100), too_large).await.unwrap();
            ids.push(run.id());
            if credential.id == old.id {
                run.end(ChangeOutcome::Failed { reason: why() }).await.unwrap();
            }
        }
        let pictures = async |id| {
            fixture.vault.tidy().await.unwrap();
            let seen = look(&fixture, id).await;
            assert!(seen.events.iter().all(|it| it.text.chars().count() <= 300));
            seen.events.iter().filter(|it| it.has_picture).map(|it| it.seq).collect::<Vec<_>>()
        };
        fixture.advance(30 * DAY);
        assert_eq!(pictures(ids[1]).await, [3]);
        fixture.advance(1);
        assert_eq!((pictures(ids[1]).await, look(&fixture, ids[1]).await.events.len()), (vec![], 5));
        assert!(matches!(fixture.vault.change_picture(&fixture.admin, ids[1], 3).await, Err(Error::NotFound(Object::Screenshot))));
        assert_eq!(pictures(ids[0]).await, [3], "it has not ended");
        fixture.vault.change_picture(&fixture.admin, ids[0], 3).await.unwrap();
    }
}

async fn changed_after(fixture: &TestVault, credential: &CredentialView) {
    // Those asked for before come first; each is put back.
    fixture.advance(1);
    let asked = ask(fixture, credential).await;
    let mut others = Vec::new();
    let mut run = loop {
        let run = claim(&fixture.vault).await.unwrap();
        if run.id() == asked.id {
            break run;
        }
        others.push(run);
    };
    to_the_form(&mut run).await;
    run.new_password(None, None).await.unwrap();
    prove(&mut run).await;
    run.end(ChangeOutcome::Changed).await.unwrap();
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
