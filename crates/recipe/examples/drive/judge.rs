//! Many layouts of the practice site, and what is true afterwards.

use std::{ops::Range, sync::Arc, time::Instant};

use countersign_practice::{Config, NewUser};
use countersign_recipe::{Challenge, Reason, SiteKnowledge};
use serde_json::{Value, json};

use crate::{
    SEED,
    carry::{Driver, Outcome},
    mix::{Mix, Right, mix},
};

const OLD: &str = "Old-Password-1";
const NEW: &str = "Neu-Password-2x";

/// Drives seeds. `hurdles` are the same for each; without them every seed has its own mix.
pub(crate) async fn practice(seeds: Range<u64>, hurdles: Option<&Value>) {
    let practice = countersign_practice::start(Config::default()).await.unwrap();
    let control = practice.control();
    let mut driver = Driver::start().await;
    let clock = control.clone();
    let (mut changed, mut rightly, mut untrue, mut bad) = (0, 0, Vec::new(), Vec::new());
    for seed in seeds {
        let mix = hurdles.map_or_else(|| mix(seed), |hurdles| plain(seed, hurdles));
        control.set_hurdles(Default::default());
        control.set_clock(0);
        driver.offset = 0;
        control.patch_hurdles(None, &mix.hurdles).unwrap();
        driver.reuse = mix.hurdles["sign_in"]["guard"]["refuse_replay"] != json!(true);
        let site_clock = clock.clone();
        driver.advance = Some(Arc::new(move |seconds| site_clock.advance(seconds)));
        let user = format!("alice{seed}");
        if control.user(&user).is_none() {
            control.add_user(NewUser::new(&user, OLD, SEED)).unwrap();
        }
        let _ = control.set_password(&user, OLD);
        control.forget_browsers();
        control.clear_logs();
        let origins = control.origins();
        let site = SiteKnowledge { origins: vec![origins.frame.clone()], ..SiteKnowledge::at(practice.url()) };
        let look = &mix.hurdles["look"];
        let about = format!("practice site, layout {seed}, {}, {}", look["language"], mix.about).replace('"', "");
        driver.recorder.next(format!("practice-{seed:03}"), about, control.truth(None));
        let stored = if mix.stored_wrong { "Some-Other-9" } else { OLD };
        let begun = Instant::now();
        let outcome = driver.change(&site, &user, stored, NEW, SEED, mix.trust).await;
        let own = begun.elapsed().saturating_sub(driver.token_wait);
        let (new_holds, old_holds) = (control.check(&user, NEW), control.check(&user, OLD));
        let trapped = control.trapped().len();
        let is_true = is_true(&outcome, new_holds, old_holds) && trapped == 0;
        let asks = matches!(outcome, Outcome::Parked(_, Challenge::Unknown));
        let is_right = right(&outcome, mix.right) || mix.nameless && asks;
        println!(
            "{seed:>4} {outcome:?} in {own:?} (new holds: {new_holds}; {}, right: {:?}){}",
            mix.about,
            mix.right,
            if is_true { "" } else { "  UNTRUE" }
        );
        if !is_true {
            untrue.push(seed);
        }
        if is_right {
            if outcome == Outcome::Changed {
                changed += 1;
            } else {
                rightly += 1;
            }
        } else {
            bad.push(seed);
            for line in &driver.log {
                println!("      {line}");
            }
            println!("      hurdles: {}", mix.hurdles);
            println!("      truth: {:?}", control.truth(None).decisions);
        }
    }
    println!("{changed} changed, {rightly} rightly not; not right: {bad:?}; untrue: {untrue:?}");
    practice.stop().await;
}

fn plain(seed: u64, hurdles: &Value) -> Mix {
    let mut hurdles = hurdles.clone();
    hurdles["look"]["layout_seed"] = json!(seed);
    Mix { hurdles, about: "as told", stored_wrong: false, ..mix(0) }.changed()
}

impl Mix {
    fn changed(self) -> Self {
        Self { right: Right::Changed, trust: countersign_recipe::TrustWish::DoNot, ..self }
    }
}

/// Whether what is said of the password is so.
fn is_true(outcome: &Outcome, new_holds: bool, old_holds: bool) -> bool {
    match outcome {
        Outcome::Changed => new_holds,
        Outcome::NotProven(_) => !new_holds && old_holds,
        // What was given up before anything was sent left the password as it was; later, nothing is claimed of it.
        Outcome::Parked(stage, _) | Outcome::GaveUp(stage, _) if stage != "proving" => old_holds,
        _ => new_holds != old_holds,
    }
}

fn right(outcome: &Outcome, right: Right) -> bool {
    match (outcome, right) {
        (Outcome::Changed, Right::Changed | Right::FailedOrChanged(_)) | (Outcome::NotProven(_), Right::Unchanged) => {
            true
        }
        (Outcome::Parked(_, is), Right::Parked(wanted)) => *is == wanted,
        (Outcome::GaveUp(stage, reason), Right::Failed(wanted) | Right::FailedOrChanged(wanted)) => {
            stage != "proving" && name(reason) == wanted
        }
        _ => false,
    }
}

const fn name(reason: &Reason) -> &'static str {
    match reason {
        Reason::WrongPassword => "wrong_password",
        Reason::WrongToken => "wrong_token",
        Reason::AccountLocked => "account_locked",
        Reason::RateLimited => "rate_limited",
        Reason::PasswordRejected { .. } => "password_rejected",
        Reason::LayoutUnknown => "layout_unknown",
        Reason::LeftSite { .. } => "left_site",
        Reason::SiteUnavailable => "site_unavailable",
        Reason::TimedOut => "timed_out",
    }
}
