//! Browsers that sleep while their changes wait for a person.

use std::time::Duration;

use countersign_model::{Challenge, ChangeId, ChangeKind, ChangeReason, ChangeState};
use countersign_vault::ChangeView;
use countersign_worker::{Worker, WorkerOptions};
use serde_json::json;

use crate::{
    changes::{scene, solve},
    house::{House, rests, story},
    viewer::Viewer,
};

fn has_slept(view: &ChangeView) -> bool {
    view.events.iter().any(|event| event.text.contains("sleeps until somebody comes"))
}

/// One change at once, and one browser awake among those that wait.
fn narrow(house: &House) -> WorkerOptions {
    let (waits_for_person, lease) = (Duration::from_secs(600), Duration::from_secs(3));
    WorkerOptions { most_waiting: 1, waits_for_person, lease, ..house.options() }
}

/// Two changes that meet a CAPTCHA: the one asked for first sleeps for the other.
async fn first_sleeps(house: &House, first: ChangeId, second: ChangeId) {
    house.until(first, |view| view.row.state == ChangeState::WaitingForAPerson || rests(view)).await;
    let view = house.until(first, |view| has_slept(view) || rests(view)).await;
    assert_eq!(view.row.state, ChangeState::WaitingForAPerson, "{}", story(&view));
    let view = house.until(second, |view| view.row.state == ChangeState::WaitingForAPerson || rests(view)).await;
    assert_eq!(view.row.state, ChangeState::WaitingForAPerson, "{}", story(&view));
}

fn two_captchas(play: &impl AsyncFn(&House, &Worker, ChangeId, ChangeId)) {
    let hurdles = json!({"sign_in": {"captcha": {"sign_in": true, "place": "own_page", "remembered": true}}});
    scene(&hurdles, &async |house, wanted| {
        let other = house.credential("bob", &hurdles).await;
        let worker = house.worker(narrow(house));
        let first = house.ask(wanted, ChangeKind::Change).await;
        house.until(first, |view| view.row.state == ChangeState::WaitingForAPerson || rests(view)).await;
        let second = house.ask(&other, ChangeKind::Change).await;
        first_sleeps(house, first, second).await;
        play(house, &worker, first, second).await;
        worker.stop().await;
    });
}

#[test]
fn the_browser_that_has_waited_longest_sleeps_and_wakes_when_somebody_comes() {
    two_captchas(&async |house, worker, first, _| {
        assert!(worker.waiting_page(first).is_none(), "it is closed");
        let session = house.vault.open_waiting(&house.admin, first).await.unwrap();
        let viewer = Viewer::join(&house.vault, worker.hub(), &house.admin, session.row.id).await;
        viewer.phase("waiting").await;
        viewer.frame_after(0).await;
        solve(house, &worker.waiting_page(first).expect("it is open again")).await;
        let view = house.until(first, rests).await;
        assert_eq!(view.row.state, ChangeState::Changed, "{}", story(&view));
        let wrong = house.practice.control().user("alice").unwrap().counts.wrong_passwords;
        assert_eq!(wrong, 0);
    });
}

#[test]
fn a_change_whose_browser_sleeps_ends_when_nobody_comes_and_can_be_called_off() {
    two_captchas(&async |house, _, first, second| {
        // The second's browser is awake, and goes by how long it has really waited.
        house.pass(Duration::from_secs(700));
        let view = house.until(first, rests).await;
        let challenge = Challenge::Captcha;
        assert_eq!(view.row.reason, Some(ChangeReason::Challenge { challenge }), "{}", story(&view));
        house.vault.cancel_change(&house.admin, second).await.unwrap();
        let view = house.until(second, rests).await;
        assert_eq!(view.row.state, ChangeState::Cancelled, "{}", story(&view));
    });
    two_captchas(&async |house, _, first, _| {
        house.vault.cancel_change(&house.admin, first).await.unwrap();
        let view = house.until(first, rests).await;
        assert_eq!(view.row.state, ChangeState::Cancelled, "{}", story(&view));
    });
}

#[test]
fn a_page_that_goes_while_it_waits_is_opened_and_told_of_anew() {
    let hurdles = json!({"sign_in": {"captcha": {"sign_in": true, "place": "own_page", "remembered": true}}});
    scene(&hurdles, &async |house, wanted| {
        let worker = house.worker(narrow(house));
        let id = house.ask(wanted, ChangeKind::Change).await;
        let waits = |view: &ChangeView| view.row.state == ChangeState::WaitingForAPerson;
        house.until(id, |view| waits(view) || rests(view)).await;
        worker.waiting_page(id).unwrap().close();
        let again = |view: &ChangeView| {
            let told = view.events.iter().filter(|event| event.state == ChangeState::WaitingForAPerson).count();
            waits(view) && told > 1
        };
        let view = house.until(id, |view| again(view) || rests(view)).await;
        assert!(again(&view), "{}", story(&view));
        assert!(worker.waiting_page(id).is_some(), "it is there again");
        worker.stop().await;
    });
}
