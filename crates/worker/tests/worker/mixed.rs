//! Many layouts of the practice site, each with hurdles of its own: what is said of every password is true, no
//! password is lost, and nearly every change ends as it must.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use countersign_model::{Challenge, ChangeKind, ChangeReason, ChangeState, SiteSettings};
use countersign_store::{MIGRATIONS, engine::EngineKind, testing};
use countersign_vault::{ChangeView, CredentialRef};
use countersign_worker::WorkerOptions;

use crate::{
    fixture::{OLD, TestWorker, named, story},
    mix::{Mix, Right, mix},
};

/// So many, each special hurdle among them, unless `COUNTERSIGN_LAYOUTS` says how many.
const SEEDS: usize = 60;
/// Of a hundred changes, so many may end otherwise than they must.
const MAX_PER_HUNDRED: usize = 1;

#[derive(Default)]
struct Tally {
    right: usize,
    ends: BTreeMap<&'static str, usize>,
    wrong: Vec<(u64, String)>,
    untrue: Vec<u64>,
    lost: Vec<u64>,
    trapped: Vec<u64>,
}

#[test]
fn mixed_hurdles_over_many_layouts() {
    // "17..30,44": these alone.
    let wanted = std::env::var("COUNTERSIGN_SEEDS").ok();
    let seeds: Vec<u64> = match &wanted {
        Some(text) => text.split(',').flat_map(range).collect(),
        None => sample(crate::fixture::wanted("COUNTERSIGN_LAYOUTS", SEEDS)),
    };
    // Each lane has a site, a vault and a Chromium of its own.
    let lanes: Vec<_> = (0..2)
        .map(|lane| {
            let mine: Vec<u64> = seeds.iter().copied().filter(|seed| seed % 2 == lane).collect();
            std::thread::spawn(move || one_lane(mine))
        })
        .collect();
    let mut all = Tally::default();
    for lane in lanes {
        let tally = lane.join().unwrap();
        all.right += tally.right;
        all.wrong.extend(tally.wrong);
        all.untrue.extend(tally.untrue);
        all.lost.extend(tally.lost);
        all.trapped.extend(tally.trapped);
        for (end, count) in tally.ends {
            *all.ends.entry(end).or_default() += count;
        }
    }
    println!("{} of {} ended as they must: {:?}", all.right, seeds.len(), all.ends);
    for (seed, story) in &all.wrong {
        println!("seed {seed}: {story}");
    }
    assert!(all.untrue.is_empty(), "what is said of these passwords is not so: seeds {:?}", all.untrue);
    assert!(all.lost.is_empty(), "no stored password signs in any more: seeds {:?}", all.lost);
    assert!(all.trapped.is_empty(), "promise 4: something was typed where it does not belong: seeds {:?}", all.trapped);
    let most = (seeds.len() * MAX_PER_HUNDRED).div_ceil(100);
    assert!(all.wrong.len() <= most, "{} of {} did not end as they must", all.wrong.len(), seeds.len());
}

/// The first seed of each special hurdle, and then whichever come first.
fn sample(count: usize) -> Vec<u64> {
    let last = u64::try_from(count.max(200)).unwrap();
    let mut seen = BTreeSet::new();
    let (first, further): (Vec<u64>, Vec<u64>) = (1..=last).partition(|seed| seen.insert(mix(*seed).about));
    let mut all: Vec<u64> = first.into_iter().chain(further).take(count).collect();
    all.sort_unstable();
    all
}

fn range(text: &str) -> std::ops::Range<u64> {
    let number = |text: &str| text.parse().expect("COUNTERSIGN_SEEDS is like 17..30,44");
    match text.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(text)..number(text) + 1,
    }
}

fn one_lane(seeds: Vec<u64>) -> Tally {
    let (told, tally) = std::sync::mpsc::channel();
    testing::run(EngineKind::Sqlite, MIGRATIONS, async move |db| {
        let fixture = TestWorker::new(db).await;
        let options = WorkerOptions { waits_for_person: Duration::from_millis(1_500), ..fixture.options() };
        let worker = fixture.worker(options);
        let mut tally = Tally::default();
        for seed in seeds {
            one_seed(&fixture, seed, &mut tally).await;
        }
        worker.stop().await;
        told.send(tally).unwrap();
    });
    tally.recv().unwrap()
}

#[expect(clippy::print_stdout, reason = "how each seed ended is worth reading")]
async fn one_seed(fixture: &TestWorker, seed: u64, tally: &mut Tally) {
    let Mix { hurdles, trust, stored_wrong, right, nameless, about } = mix(seed);
    let control = fixture.practice.control();
    fixture.begin_anew();
    let name = format!("alice{seed}");
    let wanted = fixture.credential(&name, &hurdles).await;
    if stored_wrong {
        assert!(control.set_password(&name, "Some-Other-9"));
    }
    let settings = SiteSettings { origins: named(control), trust, ..SiteSettings::default() };
    fixture.vault.set_automation(&fixture.admin, &wanted, settings).await.unwrap();
    let begun = std::time::Instant::now();
    let view = fixture.change(&wanted, ChangeKind::Change).await;
    println!("seed {seed} {about}: {} within {:.1?}", view.state.name(), begun.elapsed());
    *tally.ends.entry(view.state.name()).or_default() += 1;
    if !is_true(fixture, &wanted, &name, &view, stored_wrong).await {
        tally.untrue.push(seed);
    }
    if !stored_wrong && !some_version_holds(fixture, &wanted, &name).await {
        tally.lost.push(seed);
    }
    if !control.trapped().is_empty() {
        tally.trapped.push(seed);
    }
    if ended_as(&view, right) || nameless && ended_as(&view, Right::Parked(Challenge::Unknown)) {
        tally.right += 1;
    } else {
        tally.wrong.push((seed, format!("{about}, must be {right:?}: {}\n  hurdles {hurdles}", story(&view))));
    }
    // The site's limits are its own and would meet the next seed.
    fixture.pass(Duration::from_secs(700));
}

/// Whether what the vault says of the password is so.
async fn is_true(
    fixture: &TestWorker,
    wanted: &CredentialRef,
    name: &str,
    view: &ChangeView,
    stored_wrong: bool,
) -> bool {
    let holds = fixture.practice.control().check(name, &fixture.current(wanted).await);
    match view.state {
        ChangeState::Changed => holds && fixture.current(wanted).await != OLD,
        ChangeState::Failed | ChangeState::Cancelled | ChangeState::Postponed => {
            (holds || stored_wrong) && fixture.current(wanted).await == OLD
        }
        ChangeState::InDoubt => fixture.current(wanted).await == OLD,
        _ => false,
    }
}

async fn some_version_holds(fixture: &TestWorker, wanted: &CredentialRef, name: &str) -> bool {
    for version in fixture.vault.versions(&fixture.admin, wanted).await.unwrap() {
        let revealed = fixture.vault.reveal(&fixture.admin, wanted, None, Some(version.version)).await.unwrap();
        if fixture.practice.control().check(name, revealed.password.expose_text().unwrap()) {
            return true;
        }
    }
    false
}

fn ended_as(view: &ChangeView, right: Right) -> bool {
    let reason = view.reason.as_ref();
    let code = reason.map_or("", ChangeReason::code);
    let changed = view.state == ChangeState::Changed;
    match right {
        Right::Changed => changed,
        Right::Parked(challenge) => reason == Some(&ChangeReason::Challenge { challenge }),
        Right::Failed("rate_limited") => view.state == ChangeState::Postponed && code == "rate_limited",
        Right::Failed(wanted) => view.state == ChangeState::Failed && code == wanted,
        Right::FailedOrChanged(wanted) => changed || (view.state == ChangeState::Failed && code == wanted),
        // A site that says nothing of it, or the contrary, may only be late.
        Right::Unchanged => view.state == ChangeState::Failed || reason == Some(&ChangeReason::OldPasswordWorks),
    }
}
