//! Sites with one oddity each: every change ends as it must, and what the vault then calls current signs in.
//!
//! `ODD_KIND=TEXT` tries only those with the text in their hurdles.

use countersign_model::{ChangeKind, ChangeState};
use countersign_practice::EventName;
use countersign_vault::ChangeView;
use serde_json::{Value, json};

use crate::{
    changes::scene_of,
    fixture::{OLD, TestWorker, rests, story},
};

/// An end that is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The new password is proven.
    Changed,
    /// A person is waited for.
    Person,
    /// It failed, with a reason that blames neither password nor token nor the site.
    Told,
    /// The password is unchanged, whatever the reason.
    Failed,
    /// It is not known which password holds.
    InDoubt,
}

use End::{Changed, Failed, InDoubt, Person, Told};

/// The oddity, and the ends that are right for it.
fn kinds() -> Vec<(Value, &'static [End])> {
    let odd = |odd: Value| json!({ "odd": odd });
    let lies = |refusal: &str| json!({"odd": {"refusal": refusal}, "change": {"lie": "says_changed"}});
    vec![
        (odd(json!({"button": "key_up"})), &[Changed]),
        (odd(json!({"button": "blur"})), &[Changed]),
        (odd(json!({"lines": "read_only_until_focus"})), &[Changed]),
        (odd(json!({"lines": "drawn_as_dots"})), &[Changed]),
        (odd(json!({"lines": "keypad"})), &[Person, Told]),
        (odd(json!({"small_letters": true})), &[Changed]),
        (odd(json!({"token": "over_boxes"})), &[Changed]),
        (odd(json!({"token": "over_boxes_in_sight"})), &[Changed]),
        (odd(json!({"token": "mask"})), &[Changed]),
        (json!({"odd": {"token": "sends_itself"}, "sign_in": {"guard": {"refuse_replay": true}}}), &[Changed]),
        (odd(json!({"token": "numbers"})), &[Changed]),
        (odd(json!({"sign_in_keeps": 16})), &[Changed]),
        (odd(json!({"keeps": 12})), &[InDoubt, Changed, Person]),
        (odd(json!({"way": "passkey"})), &[Changed, Person]),
        (odd(json!({"way": "methods"})), &[Changed, Person]),
        (odd(json!({"way": "frame_in_shadow"})), &[Changed]),
        (odd(json!({"way": "pop_up"})), &[Changed, Person]),
        (odd(json!({"way": "new_tab"})), &[Changed]),
        (odd(json!({"way": "basic"})), &[Changed, Person, Told]),
        (odd(json!({"way": "name_only"})), &[Person, Told]),
        (odd(json!({"asks": "tenant"})), &[Person, Told]),
        (odd(json!({"asks": "question"})), &[Person]),
        (odd(json!({"asks": "puzzle_line"})), &[Person]),
        (lies("words"), &[Failed, InDoubt]),
        (lies("forbidden"), &[Failed, InDoubt]),
        (lies("json"), &[Failed, InDoubt]),
        (odd(json!({"repeat_later": true})), &[Changed]),
        (odd(json!({"name_in_change": true})), &[Changed]),
        (odd(json!({"late_for": 2})), &[InDoubt, Changed]),
        (
            json!({"sign_in": {"reauth": {"after_seconds": 0}}, "change": {"ask_old": false, "new_fields": "two"}}),
            &[Changed],
        ),
    ]
}

/// One test for each part of the table, so that two run at once.
mod odd_kinds_end_as_they_must {
    use super::end_as_they_must;

    const PARTS: usize = 5;

    #[test]
    fn first_part() {
        end_as_they_must(0, PARTS);
    }

    #[test]
    fn second_part() {
        end_as_they_must(1, PARTS);
    }

    #[test]
    fn third_part() {
        end_as_they_must(2, PARTS);
    }

    #[test]
    fn fourth_part() {
        end_as_they_must(3, PARTS);
    }

    #[test]
    fn fifth_part() {
        end_as_they_must(4, PARTS);
    }
}

/// Tries every `parts`th kind, from the one at `part`.
#[expect(clippy::print_stdout, reason = "what a kind ends as is read when it is tried alone")]
fn end_as_they_must(part: usize, parts: usize) {
    let only = std::env::var("ODD_KIND").unwrap_or_default();
    let mut wrong = Vec::new();
    for (hurdles, ends) in
        kinds().into_iter().skip(part).step_by(parts).filter(|(hurdles, _)| hurdles.to_string().contains(&only))
    {
        let found = std::cell::RefCell::new(None);
        scene_of("Alice", &hurdles, &async |fixture, wanted| {
            let worker = fixture.worker(fixture.options());
            let id = fixture.ask(wanted, ChangeKind::Change).await;
            let view = fixture.until(id, |view| view.state == ChangeState::WaitingForAPerson || rests(view)).await;
            let faults = faults(fixture, &fixture.passwords(wanted).await, &view, ends);
            let verdict = if faults.is_empty() { "right" } else { "WRONG" };
            println!("{verdict}  {hurdles}: {:?} {:?}", view.state, view.reason);
            if !faults.is_empty() {
                *found.borrow_mut() = Some(format!("{hurdles}: {}\n{}", faults.join("; "), story(&view)));
            }
            if view.state == ChangeState::WaitingForAPerson {
                let _ended = fixture.vault.cancel_change(&fixture.admin, id).await;
            }
            worker.stop().await;
        });
        wrong.extend(found.into_inner());
    }
    assert!(wrong.is_empty(), "{} odd kinds end wrongly:\n{}", wrong.len(), wrong.join("\n\n"));
}

/// What is not as it must be: the end, what holds, what was sent. `kept`: the current password, then all that are kept.
fn faults(fixture: &TestWorker, kept: &[String], view: &ChangeView, ends: &[End]) -> Vec<String> {
    let control = fixture.practice.control();
    let mut faults = Vec::new();
    let reason = view.reason.as_ref().map_or("", |reason| reason.code());
    let blames = ["wrong_password", "wrong_token", "site_unavailable", "timed_out"].contains(&reason);
    let end = match view.state {
        ChangeState::Changed => vec![Changed],
        ChangeState::WaitingForAPerson => vec![Person],
        ChangeState::InDoubt => vec![InDoubt],
        ChangeState::Failed if blames => vec![Failed],
        ChangeState::Failed => vec![Failed, Told],
        _ => Vec::new(),
    };
    if !end.iter().any(|end| ends.contains(end)) {
        faults.push(format!("ended {:?} {reason}, right is one of {ends:?}", view.state));
    }
    let holds = |password: &String| control.check("Alice", password);
    let cut = |password: &String| holds(&password.chars().take(12).collect());
    match view.state {
        ChangeState::Changed if !kept.first().is_some_and(holds) => {
            faults.push("the new password does not sign in".into());
        }
        ChangeState::Failed if !holds(&OLD.to_owned()) => faults.push("the old password does not sign in".into()),
        ChangeState::InDoubt if !kept.iter().any(|one| holds(one) || cut(one)) => {
            faults.push("no kept password signs in".into());
        }
        _ => {}
    }
    let counts = control.user("Alice").map(|user| user.counts).unwrap_or_default();
    if counts.wrong_passwords > 4 {
        faults.push(format!("{} bad sign-ins", counts.wrong_passwords));
    }
    let beside = control.events().into_iter().filter(|event| event.name == EventName::OtherFormSent);
    faults.extend(beside.map(|event| format!("something else was sent: {}", event.detail)));
    let nobodys = |field: &str| ["account", "captcha", "teacher"].contains(&field);
    if control.typed().iter().any(|typed| nobodys(&typed.field) && !typed.value.is_empty()) {
        faults.push("a line that is nobody's was filled".into());
    }
    faults
}
