//! Guessing: sent one after the other or all at once, for a name that somebody has or nobody, by strangers or at home.

use std::{collections::BTreeMap, net::IpAddr};

use countersign_audit::Detail;
use countersign_identity::{Bearer, Refusal};
use countersign_model::Role;
use countersign_store::{audit::RecordFilter, both_engines, engine::Database};
use countersign_vault::{Error, SignInRequest, SignedIn, Source};

use crate::fixture::{PASSWORD, TestVault, secret};

const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

async fn guess(
    fixture: &TestVault,
    name: &str,
    password: &str,
    token: Option<&str>,
    source: Source<'_>,
) -> Result<SignedIn, Error> {
    fixture.vault.sign_in(SignInRequest { name, password: secret(password), token, source }).await
}

fn stranger() -> Source<'static> {
    Source { address: Some(STRANGER), ..Source::agent("test") }
}

/// How many records there are of each act.
async fn records(database: &Database, fixture: &TestVault) -> BTreeMap<String, usize> {
    let filter = RecordFilter::default();
    let mut counts = BTreeMap::new();
    for record in countersign_store::audit::list(&mut &*database, &filter, 10_000).await.unwrap() {
        *counts.entry(record.entry.act.into_owned()).or_default() += 1;
    }
    assert!(fixture.vault.needs_set_up().await.is_ok());
    counts
}

both_engines! {
    async fn three_hundred_guesses_at_once_are_five(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.person("bob", Role::Member).await;
        for name in ["bob", "nobody"] {
            let before = records(database, &fixture).await.get("user.sign_in_failed").copied().unwrap_or_default();
            let guesses = (0..300).map(|number| {
                let (vault, name) = (fixture.vault.clone(), name.to_owned());
                tokio::spawn(async move {
                    let password = secret(&format!("guess number {number}"));
                    vault.sign_in(SignInRequest { name: &name, password, token: None, source: stranger() }).await.err()
                })
            });
            let guesses: Vec<_> = guesses.collect();
            let mut looked_at = 0;
            for guess in guesses {
                match guess.await.unwrap() {
                    Some(Error::SignInFailed) => looked_at += 1,
                    Some(Error::LockedOut { .. }) => {}
                    other => panic!("{other:?}"),
                }
            }
            assert!(looked_at <= 4, "{looked_at} guesses were looked at and did not lock {name} out");
            let after = records(database, &fixture).await["user.sign_in_failed"];
            assert_eq!(after - before, 5, "each guess that was looked at is recorded");
            let right = guess(&fixture, "bob", PASSWORD, None, stranger()).await;
            assert!(matches!(right, Err(Error::LockedOut { .. })), "{name}");
        }
    }

    async fn unknown_names_wrong_passwords_and_codes_are_told_and_recorded_alike(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.person("plain", Role::Member).await;
        let careful = fixture.person("careful", Role::Member).await;
        let setup = fixture.vault.begin_second_factor(&careful).await.unwrap();
        let token = crate::signing_in::token_of(&setup.uri, &fixture);
        fixture.vault.confirm_second_factor(&careful, &token).await.unwrap();

        let cases = [
            ("nobody", PASSWORD, None),
            ("plain", "wrong password", None),
            ("careful", "wrong password", None),
            ("careful", PASSWORD, None),
            ("careful", PASSWORD, Some("000000")),
        ];
        for (name, password, token) in cases {
            let mut told = Vec::new();
            let before = records(database, &fixture).await;
            for _ in 0..6 {
                told.push(guess(&fixture, name, password, token, stranger()).await.err().unwrap().to_string());
            }
            let after = records(database, &fixture).await;
            let more = |act: &str| after.get(act).copied().unwrap_or_default() - before.get(act).copied().unwrap_or_default();
            assert_eq!((more("user.sign_in_failed"), more("user.locked_out")), (5, 1), "{name} {token:?}");
            let wrong = "wrong user name, password or code";
            let locked = "too many failed sign-ins for this name: try again in 30 seconds";
            assert_eq!(told, [wrong, wrong, wrong, wrong, locked, locked], "{name} {token:?}");
            fixture.advance(3600);
            // The next case begins anew.
            let mut tx = database.write().await.unwrap();
            countersign_store::sign_ins::forget(&mut tx, fixture.now(), fixture.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let filter = RecordFilter { act: Some("user.sign_in_failed".to_owned()), ..RecordFilter::default() };
        for record in countersign_store::audit::list(&mut &**database, &filter, 100).await.unwrap() {
            let address = Some(&Detail::Text(STRANGER.to_string()));
            assert_eq!(record.entry.details.get("address"), address, "from where it came");
        }
    }

    async fn a_stranger_keeps_nobody_out_of_a_browser_that_is_known(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.person("bob", Role::Member).await;
        let first = guess(&fixture, "root", PASSWORD, None, Source::agent("at home")).await.unwrap();
        let home = |known: &'static Bearer| Source { known_browser: Some(known), ..Source::agent("at home") };
        let known: &'static Bearer = Box::leak(Box::new(first.known_browser));
        for _ in 0..7 {
            let _ = guess(&fixture, "root", "wrong password", None, stranger()).await;
        }
        assert!(matches!(guess(&fixture, "root", PASSWORD, None, stranger()).await, Err(Error::LockedOut { .. })));
        let again = guess(&fixture, "root", PASSWORD, None, home(known)).await.unwrap();
        assert_eq!(again.known_browser.hash(), known.hash(), "the browser stays known");
        assert!(matches!(guess(&fixture, "root", PASSWORD, None, stranger()).await, Err(Error::LockedOut { .. })), "the name stays locked");

        // Known to one account is not known to another; and a browser that guesses locks itself out.
        for _ in 0..5 {
            let _ = guess(&fixture, "bob", "wrong password", None, stranger()).await;
        }
        assert!(matches!(guess(&fixture, "bob", PASSWORD, None, home(known)).await, Err(Error::LockedOut { .. })));
        for _ in 0..5 {
            let _ = guess(&fixture, "root", "wrong password", None, home(known)).await;
        }
        assert!(matches!(guess(&fixture, "root", PASSWORD, None, home(known)).await, Err(Error::LockedOut { .. })));
        // What nobody was given is not known.
        let made_up: &'static Bearer = Box::leak(Box::new(Bearer::parse(&format!("cb_{}", "A".repeat(43))).unwrap()));
        fixture.advance(3600);
        let fresh = guess(&fixture, "root", PASSWORD, None, home(made_up)).await.unwrap();
        assert_ne!(fresh.known_browser.hash(), made_up.hash());
    }

    async fn a_new_sign_in_ends_the_session_that_it_replaces(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let old = guess(&fixture, "root", PASSWORD, None, Source::agent("one")).await.unwrap();
        fixture.vault.recognise(&old.bearer).await.unwrap();
        let source = Source { replaces: Some(&old.bearer), ..Source::agent("one") };
        let new = guess(&fixture, "root", PASSWORD, None, source).await.unwrap();
        assert!(matches!(fixture.vault.recognise(&old.bearer).await, Err(Error::NotSignedIn)));
        fixture.vault.recognise(&new.bearer).await.unwrap();
    }

    async fn refusals_are_recorded_and_bounded(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for _ in 0..500 {
            fixture.vault.note_refusal(Refusal::Bearer, Some(STRANGER), None).await;
        }
        assert_eq!(records(database, &fixture).await["request.refused"], 1);
        fixture.advance(61);
        fixture.vault.note_refusal(Refusal::Bearer, Some(STRANGER), None).await;
        let filter = RecordFilter { act: Some("request.refused".to_owned()), ..RecordFilter::default() };
        let newest = countersign_store::audit::list(&mut &**database, &filter, 1).await.unwrap();
        assert_eq!(newest[0].entry.details.get("left_out"), Some(&Detail::Number(499)));
    }
}
