//! Browsers that sleep while their changes wait for a person.

use std::time::Duration;

use countersign_model::{Challenge, ChangeId, ChangeKind, ChangeReason, ChangeState};
use countersign_vault::ChangeView;
use countersign_worker::{Worker, WorkerOptions};
use serde_json::json;

use crate::{
    changes::{scene, solve},
    fixture::{TestWorker, rests, story},
    viewer::Viewer,
};

fn has_slept(view: &ChangeView) -> bool {
    view.events.iter().any(|event| event.text.contains("is suspended until somebody opens it"))
}

/// One change at once, and one browser awake among those that wait.
fn narrow(fixture: &TestWorker) -> WorkerOptions {
    let (waits_for_person, lease) = (Duration::from_secs(600), Duration::from_secs(3));
    WorkerOptions { most_waiting: 1, waits_for_person, lease, ..fixture.options() }
}

/// Two changes that meet a CAPTCHA: the one asked for first sleeps for the other.
async fn first_sleeps(fixture: &TestWorker, first: ChangeId, second: ChangeId) {
    fixture.until(first, |view| view.state == ChangeState::WaitingForAPerson || rests(view)).await;
    let view = fixture.until(first, |view| has_slept(view) || rests(view)).await;
    assert_eq!(view.state, ChangeState::WaitingForAPerson, "{}", story(&view));
    let view = fixture.until(second, |view| view.state == ChangeState::WaitingForAPerson || rests(view)).await;
    assert_eq!(view.state, ChangeState::WaitingForAPerson, "{}", story(&view));
}

fn two_captchas(play: &impl AsyncFn(&TestWorker, &Worker, ChangeId, ChangeId)) {
    let hurdles = json!({"sign_in": {"captcha": {"sign_in": true, "place": "own_page", "remembered": true}}});
    scene(&hurdles, &async |fixture, wanted| {
        let other = fixture.credential("bob", &hurdles).await;
        let worker = fixture.worker(narrow(fixture));
        let first = fixture.ask(wanted, ChangeKind::Change).await;
        fixture.until(first, |view| view.state == ChangeState::WaitingForAPerson || rests(view)).await;
        let second = fixture.ask(&other, ChangeKind::Change).await;
        first_sleeps(fixture, first, second).await;
        play(fixture, &worker, first, second).await;
        worker.stop().await;
    });
}

#[test]
fn the_browser_that_has_waited_longest_sleeps_and_wakes_when_somebody_comes() {
    two_captchas(&async |fixture, worker, first, _| {
        assert!(worker.waiting_page(first).is_none(), "it is closed");
        let session = fixture.vault.open_waiting(&fixture.admin, first).await.unwrap();
        let viewer = Viewer::join(&fixture.vault, worker.hub(), &fixture.admin, session.id).await;
        viewer.phase("waiting").await;
        viewer.frame_after(0).await;
        solve(fixture, &worker.waiting_page(first).expect("it is open again")).await;
        let view = fixture.until(first, rests).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        let wrong = fixture.practice.control().user("alice").unwrap().counts.wrong_passwords;
        assert_eq!(wrong, 0);
    });
}

#[test]
fn a_change_whose_browser_sleeps_ends_when_nobody_comes_and_can_be_called_off() {
    two_captchas(&async |fixture, _, first, second| {
        // The second's browser is awake, and goes by how long it has really waited.
        fixture.pass(Duration::from_secs(700));
        let view = fixture.until(first, rests).await;
        let challenge = Challenge::Captcha;
        assert_eq!(view.reason, Some(ChangeReason::Challenge { challenge }), "{}", story(&view));
        fixture.vault.cancel_change(&fixture.admin, second).await.unwrap();
        let view = fixture.until(second, rests).await;
        assert_eq!(view.state, ChangeState::Cancelled, "{}", story(&view));
    });
    two_captchas(&async |fixture, _, first, _| {
        fixture.vault.cancel_change(&fixture.admin, first).await.unwrap();
        let view = fixture.until(first, rests).await;
        assert_eq!(view.state, ChangeState::Cancelled, "{}", story(&view));
    });
}

#[test]
fn a_page_that_goes_while_it_waits_is_opened_and_told_of_anew() {
    let hurdles = json!({"sign_in": {"captcha": {"sign_in": true, "place": "own_page", "remembered": true}}});
    scene(&hurdles, &async |fixture, wanted| {
        let worker = fixture.worker(narrow(fixture));
        let id = fixture.ask(wanted, ChangeKind::Change).await;
        let waits = |view: &ChangeView| view.state == ChangeState::WaitingForAPerson;
        fixture.until(id, |view| waits(view) || rests(view)).await;
        worker.waiting_page(id).unwrap().close();
        let again = |view: &ChangeView| {
            let told = view.events.iter().filter(|event| event.state == ChangeState::WaitingForAPerson).count();
            waits(view) && told > 1
        };
        let view = fixture.until(id, |view| again(view) || rests(view)).await;
        assert!(again(&view), "{}", story(&view));
        assert!(worker.waiting_page(id).is_some(), "it is there again");
        worker.stop().await;
    });
}
