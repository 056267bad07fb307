//! Many layouts of the practice site, and what is true afterwards.

use std::{ops::Range, time::Instant};

use countersign_practice::{Config, NewUser};
use countersign_recipe::{SiteKnowledge, TrustWish};
use serde_json::{Value, json};

use crate::{
    SEED,
    carry::{Driver, Outcome},
};

pub(crate) async fn practice(seeds: Range<u64>, hurdles: &Value) {
    let practice = countersign_practice::start(Config::default()).await.unwrap();
    let control = practice.control();
    let mut driver = Driver::start().await;
    driver.reuse = hurdles["sign_in"]["guard"]["refuse_replay"] != json!(true);
    let (mut good, mut parked, mut bad) = (0, 0, Vec::new());
    for seed in seeds {
        let mut patch = hurdles.clone();
        patch["look"]["layout_seed"] = json!(seed);
        control.set_hurdles(Default::default());
        control.patch_hurdles(None, &patch).unwrap();
        let user = format!("alice{seed}");
        if control.user(&user).is_none() {
            control.add_user(NewUser::new(&user, "Old-Password-1", SEED)).unwrap();
        }
        let _ = control.set_password(&user, "Old-Password-1");
        control.forget_browsers();
        control.clear_logs();
        let origins = control.origins();
        let site = SiteKnowledge { origins: vec![origins.frame.clone()], ..SiteKnowledge::at(practice.url()) };
        driver.recorder.next(format!("practice-{seed}"));
        driver.recorder.truth = control
            .truth(None)
            .fields
            .into_iter()
            .flat_map(|(page, fields)| {
                fields.into_iter().map(move |field| {
                    (
                        format!("{}/{}", page.as_str(), field.name),
                        serde_json::to_value(field.role).unwrap().as_str().unwrap().to_owned(),
                    )
                })
            })
            .collect();
        let begun = Instant::now();
        let outcome = driver.change(&site, &user, "Old-Password-1", "Neu-Password-2x", SEED, TrustWish::DoNot).await;
        let own = begun.elapsed().saturating_sub(driver.token_wait);
        let is_new = control.check(&user, "Neu-Password-2x");
        let trapped = control.trapped().len();
        let fine = matches!(outcome, Outcome::Changed) && is_new;
        let right = match &outcome {
            Outcome::Changed => is_new,
            Outcome::NotProven(_) => !is_new,
            _ => true,
        } && trapped == 0;
        println!("{seed:>4} {outcome:?} in {own:?} (new holds: {is_new}){}", if right { "" } else { "  UNTRUE" });
        if fine {
            good += 1;
        } else {
            if matches!(outcome, Outcome::Parked(..)) {
                parked += 1;
            }
            bad.push(seed);
            for line in &driver.log {
                println!("      {line}");
            }
            println!("      truth: {:?}", control.truth(None).decisions);
        }
    }
    println!("{good} changed, {parked} parked, not changed: {bad:?}");
    practice.stop().await;
}
