//! Layout seeds of the practice site.

use std::{ops::Range, sync::Arc, time::Duration};

use countersign_model::{FakeClock, Timestamp, Trust};
use countersign_practice::{Config, Control, NewUser, TimeSource};
use serde_json::{Value, json};

use crate::{
    record::Recorder,
    site::{Account, Site, Times},
};

const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const OLD: &str = "Old-Password-1";
const BEGIN: i64 = 1_800_000_000;

/// Each seed with the same hurdles; gives whether every change ended in *changed*, and what the vault says is so.
pub(crate) async fn all(seeds: Range<u64>, hurdles: &Value) -> bool {
    let (mut changed, mut other) = (0, Vec::new());
    for seed in seeds {
        if one(seed, hurdles).await {
            changed += 1;
        } else {
            other.push(seed);
        }
    }
    println!("{changed} changed; not changed: {other:?}");
    other.is_empty()
}

async fn one(seed: u64, hurdles: &Value) -> bool {
    let config = Config { time: TimeSource::Fixed(BEGIN), ..Config::default() };
    let practice = countersign_practice::start(config).await.unwrap();
    let control = practice.control().clone();
    let mut hurdles = hurdles.clone();
    hurdles["look"]["layout_seed"] = json!(seed);
    control.patch_hurdles(None, &hurdles).unwrap();
    control.add_user(NewUser::new("alice", OLD, SEED)).unwrap();
    let about = format!("practice site, layout {seed}, {}", hurdles["look"]["language"]).replace('"', "");
    let clock = Arc::new(FakeClock::at(Timestamp::from_seconds(BEGIN)));
    let (ours, theirs) = (Arc::clone(&clock), control.clone());
    let times = Times {
        clock,
        pause: Some(Arc::new(move |wait| {
            let seconds = wait.as_secs() + 1;
            ours.advance(Duration::from_secs(seconds));
            theirs.advance(seconds.try_into().unwrap());
            Box::pin(std::future::ready(()))
        })),
        recorder: Recorder::from_environment(format!("practice-{seed:03}"), about, Some(control.truth(None))),
        origins: named(&control),
    };
    let account = Account { address: practice.url(), user: "alice", password: OLD, secret: SEED };
    let site = Site::open(&account, Trust::DoNotTrust, times).await;
    print!("{seed:>4} ");
    let changed = site.change().await;
    let holds = control.check("alice", &site.password().await);
    if !holds || !control.trapped().is_empty() {
        println!("      UNTRUE: the vault's password holds: {holds}; trapped: {}", control.trapped().len());
    }
    if !changed {
        println!("      truth: {:?}", control.truth(None).decisions);
    }
    site.close().await;
    practice.stop().await;
    changed && holds
}

/// The frame's origin; and one that is nothing but the port of the traps, for what cannot be reached traps nobody.
fn named(control: &Control) -> Vec<String> {
    let origins = control.origins();
    let port = origins.trap.rsplit(':').next().unwrap();
    vec![origins.frame.clone(), format!("http://nobody.test:{port}")]
}
