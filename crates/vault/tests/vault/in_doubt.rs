//! Passwords in doubt: a person settles what no worker finds out, and what was proven is kept with its version.

use countersign_model::{Challenge, ChangeState};
use countersign_store::both_engines;
use countersign_vault::{ChangeOutcome, Conflict, CredentialView, Error, RunError, WorkingPassword};

use crate::{
    changes::{ADMINISTRATOR, LEASE, acts, armed, ask, at_the_form, claim, look, prove, reveal, versions, why},
    fixture::{TestVault, by_id},
};

both_engines! {
    async fn a_person_settles_what_no_worker_finds_out(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let settle = async |id, holds| fixture.vault.settle_change(&fixture.admin, id, holds).await;
        let doubt = ChangeOutcome::InDoubt { reason: why(), retry_at: None };

        let (run, new) = armed(&fixture, &credential).await;
        assert!(matches!(settle(run.id(), WorkingPassword::New).await, Err(Error::Conflict(Conflict::TooLate))), "it is not in doubt");
        let ended = run.id();
        run.end(doubt.clone()).await.unwrap();
        let settled = settle(ended, WorkingPassword::New).await.unwrap();
        assert_eq!((settled.state, settled.ended_at), (ChangeState::Changed, Some(fixture.now())));
        assert_eq!(settled.settled_by.as_deref(), Some(ADMINISTRATOR));
        assert_eq!(settled.says, "Resolved by root: the new password signs in. Countersign has not checked it.");
        let told = look(&fixture, ended).await.events.last().unwrap().text.clone();
        assert_eq!(told, "resolved by root: the new password signs in");
        let [new_version, old_version] = &fixture.vault.versions(&fixture.admin, &by_id(&credential)).await.unwrap()[..] else {
            panic!("two versions");
        };
        assert!(new_version.proven.is_none(), "nobody has seen it sign in");
        assert_eq!(new_version.confirmed, Some((fixture.now(), ADMINISTRATOR.to_owned())));
        assert_eq!(old_version.proven, Some((fixture.now(), Some(ended))), "the change has signed in with it");
        assert_eq!(versions(&fixture, &credential).await, [(2, "current"), (1, "former")]);
        assert_eq!(reveal(&fixture, &credential, None).await, new);
        assert!(matches!(settle(ended, WorkingPassword::Old).await, Err(Error::Conflict(Conflict::TooLate))));

        let (run, _) = armed(&fixture, &credential).await;
        let retry_at = fixture.now().plus(LEASE);
        let ended = run.id();
        run.end(ChangeOutcome::InDoubt { reason: why(), retry_at: Some(retry_at) }).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none());
        fixture.clock.advance(LEASE);
        let finding_out = claim(&fixture.vault).await.unwrap();
        assert!(!look(&fixture, ended).await.may.settle);
        assert!(matches!(settle(ended, WorkingPassword::Old).await, Err(Error::Conflict(Conflict::TooLate))), "a worker is finding it out");
        fixture.clock.advance(LEASE);
        let settled = settle(ended, WorkingPassword::Old).await.unwrap();
        assert_eq!(settled.state, ChangeState::Failed);
        assert_eq!(versions(&fixture, &credential).await, [(3, "unused"), (2, "current"), (1, "former")]);
        assert_eq!(reveal(&fixture, &credential, None).await, new);
        assert!(matches!(finding_out.lease().renew(LEASE).await, Err(RunError::LeaseLost)));
        assert!(claim(&fixture.vault).await.is_none());
        let last = acts(&fixture, &credential).await;
        assert_eq!(last.iter().filter(|act| *act == "change.resolved").count(), 2);
        assert!(!last.iter().any(|act| act == "change.changed" || act == "change.failed"), "no machine has seen it: {last:?}");
    }

    async fn what_was_seen_to_sign_in_is_kept_with_its_version(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let proven = async || {
            let all = fixture.vault.versions(&fixture.admin, &by_id(&credential)).await.unwrap();
            all.into_iter().map(|it| (it.version, it.proven)).collect::<Vec<_>>()
        };
        assert_eq!(proven().await, [(1, None)], "what a person typed in was seen by nobody");
        let (mut run, _) = armed(&fixture, &credential).await;
        let signed_in = fixture.now();
        assert_eq!(proven().await, [(2, None), (1, Some((signed_in, Some(run.id()))))]);
        fixture.advance(60);
        prove(&mut run).await;
        assert_eq!(proven().await[0], (2, None), "it was typed and not taken yet");
        let ended = run.id();
        run.end(ChangeOutcome::Changed).await.unwrap();
        assert_eq!(proven().await, [(2, Some((fixture.now(), Some(ended)))), (1, Some((signed_in, Some(ended))))]);
        // A credential is restored without its changes: when it was is known still.
        let seen = fixture.now();
        fixture.vault.remove_credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        fixture.vault.restore_credential(&fixture.admin, credential.id, None).await.unwrap();
        assert_eq!(proven().await, [(2, Some((seen, None))), (1, Some((signed_in, None)))]);
    }

    async fn what_cannot_end_without_a_person_is_seen_with_its_credential(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.credential("Other").await;
        let listed = async || {
            let page = fixture.vault.list_credentials(&fixture.admin, &countersign_vault::CredentialListRequest::default()).await.unwrap();
            page.items.into_iter().filter_map(|it| it.attention).collect::<Vec<_>>()
        };
        let (mut run, _) = armed(&fixture, &credential).await;
        assert!(listed().await.is_empty(), "it goes on by itself");
        let until = fixture.now().plus(LEASE);
        run.park(Challenge::Captcha, None, until, None).await.unwrap();
        assert_eq!(listed().await, [(run.id(), ChangeState::WaitingForAPerson)]);
        let ended = run.id();
        run.end(ChangeOutcome::InDoubt { reason: why(), retry_at: None }).await.unwrap();
        assert_eq!(listed().await, [(ended, ChangeState::InDoubt)]);
        let one = fixture.vault.credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(one.attention, Some((ended, ChangeState::InDoubt)));
        fixture.vault.settle_change(&fixture.admin, ended, WorkingPassword::Old).await.unwrap();
        assert!(listed().await.is_empty());
    }

    async fn promise_2_a_credential_stays_while_its_new_password_may_hold(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let remove = async |credential: &CredentialView| fixture.vault.remove_credential(&fixture.admin, &by_id(credential)).await;
        let credential = fixture.credential("Instagram").await;
        let mut run = at_the_form(&fixture, &credential).await;
        let refused = remove(&credential).await.unwrap_err();
        assert!(matches!(&refused, Error::Conflict(Conflict::ChangeOpen { change, .. }) if *change == run.id()), "{refused}");
        assert!(refused.to_string().contains("cancel the change"), "{refused}");
        run.new_password(None, None).await.unwrap();
        assert!(matches!(remove(&credential).await, Err(Error::Conflict(Conflict::ChangeOpen { .. }))));
        let ended = run.id();
        run.end(ChangeOutcome::InDoubt { reason: why(), retry_at: None }).await.unwrap();
        let refused = remove(&credential).await.unwrap_err().to_string();
        assert!(refused.contains("resolve the change"), "{refused}");
        assert_eq!(versions(&fixture, &credential).await, [(2, "candidate"), (1, "current")]);
        fixture.vault.settle_change(&fixture.admin, ended, WorkingPassword::Old).await.unwrap();
        remove(&credential).await.unwrap();

        // What has not begun holds nothing.
        let credential = fixture.credential("Facebook").await;
        ask(&fixture, &credential).await;
        remove(&credential).await.unwrap();
        assert!(claim(&fixture.vault).await.is_none());
    }
}
