//! Tokens by the command and by the API are those of another program.

use std::io::{BufRead as _, BufReader};

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Place, SEED, oathtool, run};

const ALGORITHMS: [&str; 3] = ["SHA1", "SHA256", "SHA512"];

#[tokio::test]
async fn tokens_are_those_of_oathtool() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    for algorithm in ALGORITHMS {
        for digits in [6, 8] {
            for period in [30, 60] {
                let uri = format!(
                    "otpauth://totp/Example:alice?secret={SEED}&issuer=Example&algorithm={algorithm}&digits={digits}&period={period}"
                );
                let (by_cli, by_api) =
                    (format!("{algorithm} {digits} {period}"), format!("{algorithm}/{digits}/{period}"));
                server.run(&place, &token, &["credential", "add", &by_cli, "--totp", &uri]).ok();
                let body = json!({"name": by_api, "totp": {"uri": uri}});
                let made = server.ask(Method::POST, "/api/v1/credentials", &token, &body).await.ok();
                let path = format!("/api/v1/credentials/{}/token", made["id"].as_str().unwrap());

                let answers = [
                    server.run(&place, &token, &["token", &by_cli, "--json"]).ok().json(),
                    server.get(&path, &token).await.ok(),
                ];
                for answer in answers {
                    // The step that was answered, so that it does not matter when the other program is asked.
                    let begin = answer["step"].as_u64().unwrap() * period;
                    let expected = oathtool(SEED, algorithm, digits, period, begin);
                    assert_eq!(answer["token"], expected, "{uri}");
                    assert_eq!(oathtool(SEED, algorithm, digits, period, begin + period - 1), expected);
                    assert_eq!((&answer["digits"], &answer["period"]), (&json!(digits), &json!(period)));
                }
            }
        }
    }
}

#[test]
fn a_seed_by_options_is_the_same_as_by_address() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let seed = "gezd-gnbv gy3t qojq gezd gnbv gy3t qojq";
    let add =
        ["credential", "add", "Options", "--totp", seed, "--algorithm", "SHA256", "--digits", "8", "--period", "60"];
    server.run(&place, &token, &add).ok();
    let answer = server.run(&place, &token, &["token", "options", "--json", "--reason", "a new phone"]).ok().json();
    let begin = answer["step"].as_u64().unwrap() * 60;
    assert_eq!(answer["token"], oathtool(SEED, "SHA256", 8, 60, begin));
    let wrong = server.run(&place, &token, &["credential", "add", "Wrong", "--totp", "GEZDGNBV1Y3TQOJQ"]);
    let wrong = wrong.fails_with(&["totp.secret cannot be read", "1"]);
    assert!(!wrong.err.contains("GEZDGNBV"), "{}", wrong.err);
    server.run(&place, &token, &["credential", "add", "Wrong", "--digits", "8"]).fails_with(&["belong to a setup key"]);
}

#[test]
fn a_person_is_asked_before_what_cannot_be_undone() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let hotp = format!("otpauth://hotp/Counter?secret={SEED}&counter=0");
    server.run(&place, &token, &["credential", "add", "Counter", "--totp", &hotp]).ok();
    server.run(&place, &token, &["credential", "add", "Clock", "--totp", SEED]).ok();
    let person = |command: &str, answer: &str| run(server.on_terminal(&place, &token, command), answer.as_bytes());

    let refused = person("token Counter", "n\n").exit(1);
    assert!(refused.out.contains("uses it up. Take one? [y/N]"), "{}", refused.out);
    // RFC 4226 appendix D: no counter was used up before this one.
    let taken = person("token Counter", "y\n").ok();
    assert!(taken.out.contains("755224"), "{}", taken.out);
    assert!(person("token Counter --yes", "").ok().out.contains("287082"));
    assert_eq!(server.run(&place, &token, &["token", "Counter"]).ok().out, "359152\n", "a script is not asked");
    assert!(!person("token Clock", "").ok().out.contains("[y/N]"), "a clock cannot be used up");

    assert!(person("credential remove Clock", "\n").exit(1).out.contains("can be restored within 30 days. [y/N]"));
    server.run(&place, &token, &["credential", "show", "Clock"]).ok();
    person("credential remove Clock", "yes\n").ok();
    server.run(&place, &token, &["credential", "show", "Clock"]).exit(4);
    person("credential remove Counter --yes", "").ok();
}

#[test]
fn watching_goes_on_with_each_step() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    server.run(&place, &token, &["credential", "add", "Fast", "--totp", SEED, "--period", "1", "--digits", "8"]).ok();
    let mut watching = server.client(&place, &token, &["token", "Fast", "--watch", "--json"]).spawn().unwrap();
    let out = BufReader::new(watching.stdout.take().unwrap());
    let answers: Vec<Value> = out.lines().take(3).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    watching.kill().unwrap();
    watching.wait().unwrap();
    let steps: Vec<u64> = answers.iter().map(|answer| answer["step"].as_u64().unwrap()).collect();
    assert!(steps.is_sorted_by(|left, right| left < right), "a line for each step: {steps:?}");
    for answer in &answers {
        assert_eq!(answer["token"], oathtool(SEED, "SHA1", 8, 1, answer["step"].as_u64().unwrap()));
    }
}

#[test]
fn promise_5_a_claim_waits_for_a_step_that_nobody_took() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    server.run(&place, &token, &["credential", "add", "Robot", "--totp", SEED, "--period", "2"]).ok();
    let claims: Vec<_> = (0..3)
        .map(|_| server.client(&place, &token, &["token", "Robot", "--claim", "--json"]).spawn().unwrap())
        .collect();
    let mut steps: Vec<u64> = claims
        .into_iter()
        .map(|claim| {
            let output = claim.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice::<Value>(&output.stdout).unwrap()["step"].as_u64().unwrap()
        })
        .collect();
    steps.sort_unstable();
    steps.dedup();
    assert_eq!(steps.len(), 3, "each has a step of its own");
}
