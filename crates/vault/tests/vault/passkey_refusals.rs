//! Passkeys that let nobody in: each is refused with its reason, recorded, and leaves no way to try it again.

use std::net::{IpAddr, Ipv4Addr};

use countersign_identity::{Bearer, BearerKind, NoPasskeys, PasskeyRefusal, RelyingParty};
use countersign_model::{PasskeyName, Role, TooShort};
use countersign_seal::SystemChance;
use countersign_store::{args, both_engines, engine::Select as _, statements};
use countersign_vault::{Error, PasskeySignInRequest, PersonEdit, SignedIn, Source};
use serde_json::{Value, json};

use crate::{
    fixture::{TestVault, secret},
    passkeys::{ORIGIN, add, answer, at_home, detail, records, sign_in, with_passkey},
    soft_authenticator::SoftAuthenticator,
};

statements! {
    CHALLENGES = "select count(*) from passkey_challenge";
}

const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// What an authenticator does that it must not.
type Lie = fn(&mut SoftAuthenticator);

const LIES: [(Lie, PasskeyRefusal); 10] = [
    (|soft| soft.origin = "https://evil.example.com".to_owned(), PasskeyRefusal::OtherOrigin),
    (|soft| soft.framed = true, PasskeyRefusal::OtherOrigin),
    (|soft| soft.site = "example.com".to_owned(), PasskeyRefusal::OtherSite),
    (|soft| soft.verified = false, PasskeyRefusal::NotVerified),
    (|soft| soft.present = false, PasskeyRefusal::NotVerified),
    (|soft| soft.challenge = Some(json!("AAAA")), PasskeyRefusal::OtherChallenge),
    (|soft| soft.forged = true, PasskeyRefusal::WrongSignature),
    (|soft| soft.counter = 0, PasskeyRefusal::CounterBack),
    (|soft| soft.credential = vec![7; 32], PasskeyRefusal::Unknown),
    (|soft| soft.handle = None, PasskeyRefusal::NotTheirs),
];

#[track_caller]
fn refused<T>(outcome: Result<T, Error>, why: PasskeyRefusal) {
    match outcome {
        Err(Error::PasskeyRefused(told)) => assert_eq!(told, why),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was let in: {}", why.name()),
    }
}

/// From where nobody has signed in before.
async fn from_afar(fixture: &TestVault, soft: &mut SoftAuthenticator) -> Result<SignedIn, Error> {
    let (options, challenge) = fixture.vault.begin_passkey_sign_in(None).await?;
    let source = Source { address: Some(STRANGER), ..Source::agent("afar") };
    let ask = PasskeySignInRequest { challenge: Some(&challenge), answer: soft.show(&options), source };
    fixture.vault.sign_in_with_passkey(ask).await
}

both_engines! {
    async fn each_lie_is_refused_and_recorded(database: &TestDatabase) {
        let fixture = at_home(database).await;
        for (number, (lie, why)) in LIES.into_iter().enumerate() {
            let name = format!("person {number}");
            let person = fixture.person(&name, Role::Member).await;
            let (_, mut soft) = with_passkey(&fixture, &name).await;
            let right = (soft.credential.clone(), soft.handle.clone(), soft.counter);
            lie(&mut soft);
            refused(from_afar(&fixture, &mut soft).await, why);
            let record = records(&fixture, "user.sign_in_failed").await.swap_remove(0);
            assert_eq!(detail(&record, "wrong").as_deref(), Some(why.name()));
            assert_eq!(detail(&record, "address").as_deref(), Some("192.0.2.7"));
            let whose = record.entry.object.map(|object| object.name);
            assert_eq!(whose, (why != PasskeyRefusal::Unknown).then(|| name.clone()), "{}", why.name());
            // Told the truth, it lets its person in.
            let mut honest = SoftAuthenticator { origin: ORIGIN.to_owned(), ..soft };
            (honest.credential, honest.handle, honest.counter) = right;
            (honest.site, honest.framed, honest.challenge) = ("vault.example.com".to_owned(), false, None);
            (honest.verified, honest.present, honest.forged) = (true, true, false);
            honest.counter += 5;
            assert_eq!(from_afar(&fixture, &mut honest).await.unwrap().caller.actor.user, person.user);
        }
    }

    async fn each_lie_is_refused_where_it_confirms_too(database: &TestDatabase) {
        let fixture = at_home(database).await;
        for (number, (lie, why)) in LIES.into_iter().enumerate() {
            let name = format!("person {number}");
            fixture.person(&name, Role::Member).await;
            let (actor, mut soft) = with_passkey(&fixture, &name).await;
            fixture.advance(16 * 60);
            let options = fixture.vault.begin_passkey_confirmation(&actor).await.unwrap();
            lie(&mut soft);
            let shown = soft.show(&options);
            let outcome = fixture.vault.confirm_with_passkey(&actor, shown.clone(), Some(STRANGER)).await;
            if why == PasskeyRefusal::NotTheirs {
                outcome.expect("whose it is need not be said where somebody was asked");
            } else {
                refused(outcome, why);
                let late = fixture.vault.begin_passkey(&actor).await;
                assert!(matches!(late, Err(Error::TooShort(TooShort::NotRecent))), "{}", why.name());
                let record = records(&fixture, "user.sign_in_failed").await.swap_remove(0);
                assert_eq!(detail(&record, "wrong").as_deref(), Some(why.name()));
            }
            let again = fixture.vault.confirm_with_passkey(&actor, shown, Some(STRANGER)).await;
            refused(again, PasskeyRefusal::NoChallenge);
        }
    }

    async fn an_answer_serves_once_and_in_time_and_in_its_own_browser(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let (_, mut soft) = with_passkey(&fixture, "root").await;
        let ask = async || fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        let (options, challenge) = ask().await;
        let shown = soft.show(&options);
        answer(&fixture, Some(&challenge), shown.clone()).await.unwrap();
        refused(answer(&fixture, Some(&challenge), shown.clone()).await, PasskeyRefusal::NoChallenge);

        // Few enough that none of it locks the passkey.
        sign_in(&fixture, &mut soft).await.unwrap();
        // Not with what another browser was asked, nor without anything, nor with something else.
        let (options, challenge) = ask().await;
        let (_, other) = ask().await;
        let shown = soft.show(&options);
        let made_up = Bearer::new(BearerKind::PasskeyChallenge, &SystemChance);
        let session = Bearer::new(BearerKind::WebSession, &SystemChance);
        for (kept, why) in [
            (None, PasskeyRefusal::NoChallenge),
            (Some(&made_up), PasskeyRefusal::NoChallenge),
            (Some(&session), PasskeyRefusal::NoChallenge),
            (Some(&other), PasskeyRefusal::OtherChallenge),
        ] {
            refused(answer(&fixture, kept, shown.clone()).await, why);
        }
        answer(&fixture, Some(&challenge), shown).await.unwrap();

        // A wrong answer uses the question up as well.
        let (options, challenge) = ask().await;
        let shown = soft.show(&options);
        refused(answer(&fixture, Some(&challenge), json!({})).await, PasskeyRefusal::Unreadable);
        refused(answer(&fixture, Some(&challenge), shown).await, PasskeyRefusal::NoChallenge);

        for (seconds, in_time) in [(299, true), (300, false)] {
            let (options, challenge) = ask().await;
            fixture.advance(seconds);
            let outcome = answer(&fixture, Some(&challenge), soft.show(&options)).await;
            if in_time { drop(outcome.unwrap()) } else { refused(outcome, PasskeyRefusal::NoChallenge) }
        }

        // Who begins anew in the same browser ends what was begun.
        let (options, challenge) = ask().await;
        let (_, _) = fixture.vault.begin_passkey_sign_in(Some(&challenge)).await.unwrap();
        refused(answer(&fixture, Some(&challenge), soft.show(&options)).await, PasskeyRefusal::NoChallenge);
    }

    async fn of_two_answers_to_one_question_one_counts(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let (_, mut soft) = with_passkey(&fixture, "root").await;
        let (options, challenge) = fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        let (one, other) = (soft.show(&options), soft.show(&options));
        let (one, other) =
            tokio::join!(answer(&fixture, Some(&challenge), one), answer(&fixture, Some(&challenge), other));
        assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|ok| **ok).count(), 1);
    }

    async fn who_is_kept_out_is_not_let_in_by_a_passkey(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let (_, mut soft) = with_passkey(&fixture, "bob").await;
        let edit = |disabled| PersonEdit { disabled: Some(disabled), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, bob.user, edit(true)).await.unwrap();
        let outcome = sign_in(&fixture, &mut soft).await;
        let told = outcome.as_ref().err().map(ToString::to_string);
        refused(outcome, PasskeyRefusal::Disabled);
        let unknown = sign_in(&fixture, &mut SoftAuthenticator { handle: soft.handle.clone(), ..SoftAuthenticator::at(ORIGIN) }).await;
        assert_eq!(told, unknown.err().map(|error| error.to_string()), "as one that nobody has");
        fixture.vault.edit_person(&fixture.admin, bob.user, edit(false)).await.unwrap();
        sign_in(&fixture, &mut soft).await.unwrap();
    }

    async fn nobody_shows_the_passkey_of_another(database: &TestDatabase) {
        let fixture = at_home(database).await;
        fixture.person("bob", Role::Member).await;
        fixture.person("eve", Role::Member).await;
        let (bob, mut of_bob) = with_passkey(&fixture, "bob").await;
        let (eve, mut of_eve) = with_passkey(&fixture, "eve").await;
        // Eve, in Bob's browser.
        let options = fixture.vault.begin_passkey_confirmation(&bob).await.unwrap();
        refused(fixture.vault.confirm_with_passkey(&bob, of_eve.show(&options), None).await, PasskeyRefusal::NotTheirs);
        // Her passkey, said to be Bob's.
        let own = of_eve.handle.replace(of_bob.handle.clone().unwrap());
        refused(sign_in(&fixture, &mut of_eve).await, PasskeyRefusal::NotTheirs);
        of_eve.handle = own;
        assert_eq!(sign_in(&fixture, &mut of_eve).await.unwrap().caller.actor.user, eve.user);
        // His passkey, which she adds as hers, without its key.
        let mut copied = SoftAuthenticator { credential: of_bob.credential.clone(), ..SoftAuthenticator::at(ORIGIN) };
        refused(add(&fixture, &eve, &mut copied, "Bob's").await, PasskeyRefusal::AddedBefore);
        let because = records(&fixture, "passkey.refused").await.swap_remove(0);
        assert_eq!(detail(&because, "because").as_deref(), Some(PasskeyRefusal::AddedBefore.name()));
        assert_eq!(sign_in(&fixture, &mut of_bob).await.unwrap().caller.actor.user, bob.user);
    }

    async fn what_is_no_passkey_is_not_added(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let root = fixture.signed_in("root").await;
        let elsewhere = fixture.signed_in("root").await;
        let name = PasskeyName::parse("Phone").unwrap();
        let put = async |actor, answer| fixture.vault.add_passkey(actor, &name, answer).await;
        for (lie, why) in LIES.into_iter().take(6) {
            let options = fixture.vault.begin_passkey(&root).await.unwrap();
            let mut soft = SoftAuthenticator::at(ORIGIN);
            lie(&mut soft);
            let made = soft.make(&options);
            refused(put(&root, made.clone()).await, why);
            let because = records(&fixture, "passkey.refused").await.swap_remove(0);
            assert_eq!(detail(&because, "because").as_deref(), Some(why.name()));
            refused(put(&root, made).await, PasskeyRefusal::NoChallenge);
        }
        refused(put(&root, Value::Null).await, PasskeyRefusal::NoChallenge);
        // Another browser of the same person has not asked; nor is a sign-in's question one for a new passkey.
        let options = fixture.vault.begin_passkey(&root).await.unwrap();
        let made = SoftAuthenticator::at(ORIGIN).make(&options);
        refused(put(&elsewhere, made.clone()).await, PasskeyRefusal::NoChallenge);
        fixture.advance(300);
        refused(put(&root, made).await, PasskeyRefusal::NoChallenge);
        let options = fixture.vault.begin_passkey(&root).await.unwrap();
        put(&root, SoftAuthenticator::at(ORIGIN).make(&options)).await.unwrap();
        assert_eq!(fixture.vault.passkeys(&root).await.unwrap().len(), 1);
    }

    async fn wrong_answers_lock_the_passkey_and_nothing_else(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let (root, mut soft) = with_passkey(&fixture, "root").await;
        let mut key = SoftAuthenticator::at(ORIGIN);
        add(&fixture, &root, &mut key, "Key").await.unwrap();
        soft.forged = true;
        for _ in 0..4 {
            refused(from_afar(&fixture, &mut soft).await, PasskeyRefusal::WrongSignature);
        }
        for _ in 0..2 {
            let locked = from_afar(&fixture, &mut soft).await;
            assert!(matches!(locked, Err(Error::LockedOut { .. })));
        }
        soft.forged = false;
        assert!(matches!(from_afar(&fixture, &mut soft).await, Err(Error::LockedOut { .. })));
        from_afar(&fixture, &mut key).await.unwrap();
        assert_eq!(records(&fixture, "user.locked_out").await.len(), 1);
        fixture.advance(31);
        from_afar(&fixture, &mut soft).await.unwrap();

        // A passkey that nobody has is counted alike.
        let mut nobodys = SoftAuthenticator::at(ORIGIN);
        for _ in 0..4 {
            refused(from_afar(&fixture, &mut nobodys).await, PasskeyRefusal::Unknown);
        }
        assert!(matches!(from_afar(&fixture, &mut nobodys).await, Err(Error::LockedOut { .. })));
        // Who guesses the password keeps nobody out who has a passkey.
        for _ in 0..6 {
            let ask = countersign_vault::SignInRequest {
                name: "root", password: secret("wrong password"), token: None, source: Source::agent("afar"),
            };
            assert!(fixture.vault.sign_in(ask).await.is_err());
        }
        from_afar(&fixture, &mut soft).await.unwrap();
    }

    async fn a_server_without_a_host_name_takes_none(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let root = fixture.signed_in("root").await;
        for (said, why) in [(None, NoPasskeys::AddressUnknown), (Some("https://192.0.2.1"), NoPasskeys::IpAddress)] {
            if let Some(said) = said {
                fixture.vault.use_passkeys_at(RelyingParty::at(said));
            }
            let refusals = [
                fixture.vault.begin_passkey(&root).await.map(drop),
                fixture.vault.begin_passkey_sign_in(None).await.map(drop),
                fixture.vault.begin_passkey_confirmation(&root).await.map(drop),
                fixture.vault.confirm_with_passkey(&root, Value::Null, None).await,
                answer(&fixture, None, Value::Null).await.map(drop),
            ];
            for refused in refusals {
                assert!(matches!(&refused, Err(Error::NoPasskeys(told)) if *told == why), "{refused:?}");
            }
        }
    }

    async fn questions_are_bounded_and_forgotten(database: &TestDatabase) {
        let fixture = at_home(database).await;
        let count = async || {
            let count: i64 = (&mut &**database).fetch_one(&CHALLENGES, args![]).await.unwrap().get(0).unwrap();
            count
        };
        let (root, _) = with_passkey(&fixture, "root").await;
        for _ in 0..5 {
            fixture.vault.begin_passkey(&root).await.unwrap();
            fixture.vault.begin_passkey_confirmation(&root).await.unwrap();
        }
        assert_eq!(count().await, 2, "one of each kind");
        for _ in 0..5 {
            fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        }
        assert_eq!(count().await, 7);
        fixture.advance(300);
        fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        assert_eq!(count().await, 1);
        // Of many, those that were asked first make room.
        let mut kept = Vec::new();
        for number in 0..6_u8 {
            fixture.advance(1);
            let holder = countersign_seal::Sha256::of(&[number]);
            let times = (fixture.now(), fixture.now().plus(std::time::Duration::from_secs(300)));
            let mut tx = database.write().await.unwrap();
            countersign_store::passkey_challenges::put(&mut tx, &holder, "{}", times, 3, &SystemChance).await.unwrap();
            tx.commit().await.unwrap();
            kept.push(holder);
        }
        assert_eq!(count().await, 3);
        let mut tx = database.write().await.unwrap();
        for (number, holder) in kept.iter().enumerate() {
            let there = countersign_store::passkey_challenges::take(&mut tx, holder, fixture.now()).await.unwrap();
            assert_eq!(there.is_some(), number >= 3, "{number}");
        }
        tx.commit().await.unwrap();
        fixture.vault.begin_passkey_sign_in(None).await.unwrap();
        fixture.advance(300);
        fixture.vault.tidy().await.unwrap();
        assert_eq!(count().await, 0);
    }
}
