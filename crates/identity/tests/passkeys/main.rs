//! Passkeys of a real key, made and shown rightly and in each wrong way.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod soft;

use countersign_identity::{Passkey, PasskeyAnswer, PasskeyRefusal, RelyingParty};
use countersign_model::{CountingChance, Timestamp, UserId};
use proptest::prelude::{any, prop, proptest};
use serde_json::{Value, json};
use soft::SoftAuthenticator;

const ORIGIN: &str = "https://vault.example.com";

/// What an authenticator does that it must not.
type Lie = fn(&mut SoftAuthenticator);

fn party() -> RelyingParty {
    RelyingParty::at(ORIGIN).unwrap()
}

fn somebody() -> UserId {
    UserId::new(Timestamp::from_seconds(1), &CountingChance::default())
}

fn added() -> (SoftAuthenticator, Passkey) {
    let mut soft = SoftAuthenticator::at(ORIGIN);
    let asked = party().ask_to_add(somebody(), "alice", &[]);
    let passkey = party().added(&asked.state, soft.make(&asked.options)).unwrap();
    (soft, passkey)
}

#[test]
fn a_passkey_is_asked_for_that_needs_no_name_and_makes_sure_of_its_user() {
    let asked = party().ask_to_add(somebody(), "alice", &[vec![7; 16]]).options;
    assert_eq!(asked["rp"], json!({"name": "Countersign", "id": "vault.example.com"}));
    assert_eq!((&asked["user"]["name"], &asked["attestation"]), (&json!("alice"), &json!("none")));
    let chosen = &asked["authenticatorSelection"];
    assert_eq!((&chosen["residentKey"], &chosen["userVerification"]), (&json!("required"), &json!("required")));
    assert_eq!(asked["excludeCredentials"][0]["id"], json!("BwcHBwcHBwcHBwcHBwcHBw"));

    let any = party().ask_to_show(&[]).options;
    assert_eq!((&any["rpId"], &any["userVerification"]), (&json!("vault.example.com"), &json!("required")));
    assert_eq!(any["allowCredentials"], json!([]), "who has none is asked the same");
    let one = party().ask_to_show(&[vec![7; 16]]).options;
    assert_eq!(one["allowCredentials"][0], json!({"type": "public-key", "id": "BwcHBwcHBwcHBwcHBwcHBw"}));
    assert_ne!(any["challenge"], one["challenge"]);
    assert!(any["challenge"].as_str().unwrap().len() >= 43, "256 bits");
}

#[test]
fn what_was_added_is_kept_as_text_and_shown_again_and_again() {
    let (mut soft, passkey) = added();
    let mut passkey = Passkey::from_text(&passkey.to_text()).unwrap();
    assert_eq!(passkey.credential(), soft.credential);
    for _ in 0..3 {
        let asked = party().ask_to_show(&[]);
        let answer = PasskeyAnswer::read(soft.show(&asked.options)).unwrap();
        assert_eq!(answer.person().unwrap(), Some(somebody()));
        assert_eq!(answer.credential(), soft.credential);
        let kept = party().shown(&asked.state, &answer, &passkey).unwrap();
        assert_ne!(kept.to_text(), passkey.to_text(), "its counter has moved");
        // The same answer once more: its counter is not ahead any more.
        assert_eq!(party().shown(&asked.state, &answer, &kept).unwrap_err(), PasskeyRefusal::CounterBack);
        passkey = kept;
    }
}

/// Passkeys that lie on several devices do not count.
#[test]
fn a_passkey_that_does_not_count_is_shown_again_and_again() {
    let mut soft = SoftAuthenticator::at(ORIGIN);
    let asked = party().ask_to_add(somebody(), "alice", &[]);
    soft.synced = true;
    soft.counts = false;
    let mut passkey = party().added(&asked.state, soft.make(&asked.options)).unwrap();
    for _ in 0..3 {
        let asked = party().ask_to_show(&[]);
        let answer = PasskeyAnswer::read(soft.show(&asked.options)).unwrap();
        passkey = party().shown(&asked.state, &answer, &passkey).unwrap();
    }
}

#[test]
fn each_lie_at_its_making_is_refused() {
    let table: [(Lie, PasskeyRefusal); 9] = [
        (|soft| soft.origin = "https://evil.example.com".to_owned(), PasskeyRefusal::OtherOrigin),
        (|soft| soft.origin = "http://vault.example.com".to_owned(), PasskeyRefusal::OtherOrigin),
        (|soft| soft.origin = "https://vault.example.com:8443".to_owned(), PasskeyRefusal::OtherOrigin),
        (|soft| soft.site = "example.com".to_owned(), PasskeyRefusal::OtherSite),
        (|soft| soft.framed = true, PasskeyRefusal::OtherOrigin),
        (|soft| soft.verified = false, PasskeyRefusal::NotVerified),
        (|soft| soft.present = false, PasskeyRefusal::NotVerified),
        (|soft| soft.challenge = Some(json!("AAAA")), PasskeyRefusal::OtherChallenge),
        (|soft| soft.kind = Some("webauthn.get"), PasskeyRefusal::Unreadable),
    ];
    for (at, (lie, refusal)) in table.into_iter().enumerate() {
        let mut soft = SoftAuthenticator::at(ORIGIN);
        lie(&mut soft);
        let asked = party().ask_to_add(somebody(), "alice", &[]);
        let added = party().added(&asked.state, soft.make(&asked.options));
        assert_eq!(added.unwrap_err(), refusal, "line {at}");
    }
    let asked = party().ask_to_add(somebody(), "alice", &[]);
    let other = party().ask_to_add(somebody(), "alice", &[]);
    let made = SoftAuthenticator::at(ORIGIN).make(&other.options);
    assert_eq!(party().added(&asked.state, made.clone()).unwrap_err(), PasskeyRefusal::OtherChallenge);
    let show = party().ask_to_show(&[]);
    assert_eq!(party().added(&show.state, made).unwrap_err(), PasskeyRefusal::NoChallenge, "another kind of question");
}

#[test]
fn each_lie_at_its_showing_is_refused() {
    let table: [(Lie, PasskeyRefusal); 13] = [
        (|soft| soft.origin = "https://evil.example.com".to_owned(), PasskeyRefusal::OtherOrigin),
        (|soft| soft.origin = "https://vault.example.com.evil.example".to_owned(), PasskeyRefusal::OtherOrigin),
        (|soft| soft.origin = "https://vault.example.com:8443".to_owned(), PasskeyRefusal::OtherOrigin),
        (|soft| soft.origin = "null".to_owned(), PasskeyRefusal::OtherOrigin),
        (|soft| soft.framed = true, PasskeyRefusal::OtherOrigin),
        (|soft| soft.site = "example.com".to_owned(), PasskeyRefusal::OtherSite),
        (|soft| soft.verified = false, PasskeyRefusal::NotVerified),
        (|soft| soft.present = false, PasskeyRefusal::NotVerified),
        (|soft| soft.challenge = Some(json!("AAAA")), PasskeyRefusal::OtherChallenge),
        (|soft| soft.kind = Some("webauthn.create"), PasskeyRefusal::Unreadable),
        (|soft| soft.forged = true, PasskeyRefusal::WrongSignature),
        (|soft| soft.counter = 0, PasskeyRefusal::CounterBack),
        (|soft| soft.synced = true, PasskeyRefusal::Altered),
    ];
    for (at, (lie, refusal)) in table.into_iter().enumerate() {
        let (mut soft, passkey) = added();
        lie(&mut soft);
        let asked = party().ask_to_show(&[]);
        let answer = PasskeyAnswer::read(soft.show(&asked.options)).unwrap();
        assert_eq!(party().shown(&asked.state, &answer, &passkey).unwrap_err(), refusal, "line {at}");
    }
    let ((mut soft, passkey), (mut other, _)) = (added(), added());
    let asked = party().ask_to_show(&[]);
    let answer = PasskeyAnswer::read(other.show(&asked.options)).unwrap();
    assert_eq!(party().shown(&asked.state, &answer, &passkey).unwrap_err(), PasskeyRefusal::Unknown, "another passkey");
    let answer = PasskeyAnswer::read(soft.show(&party().ask_to_show(&[]).options)).unwrap();
    let refused = party().shown(&asked.state, &answer, &passkey).unwrap_err();
    assert_eq!(refused, PasskeyRefusal::OtherChallenge, "what was asked another time");
    // A server that has moved to another host knows its former passkeys no more.
    let moved = RelyingParty::at("https://vault.example.org").unwrap();
    let asked = moved.ask_to_show(&[]);
    let answer = PasskeyAnswer::read(soft.show(&asked.options)).unwrap();
    assert_eq!(moved.shown(&asked.state, &answer, &passkey).unwrap_err(), PasskeyRefusal::OtherOrigin);
}

#[test]
fn what_is_no_answer_is_refused() {
    let (mut soft, _) = added();
    let right = soft.show(&party().ask_to_show(&[]).options);
    let with = |pointer: &str, value: Value| {
        let mut wrong = right.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        wrong
    };
    let long = "A".repeat(1_400);
    for wrong in [
        Value::Null,
        json!([]),
        json!({}),
        json!("passkey"),
        with("/type", json!("password")),
        with("/rawId", json!("")),
        with("/rawId", json!("not base64!")),
        with("/rawId", json!(long)),
        with("/response", json!({})),
        with("/response/signature", json!(7)),
    ] {
        assert_eq!(PasskeyAnswer::read(wrong.clone()).unwrap_err(), PasskeyRefusal::Unreadable, "{wrong}");
    }
    let handle = PasskeyAnswer::read(with("/response/userHandle", json!("AAAA"))).unwrap();
    assert_eq!(handle.person().unwrap_err(), PasskeyRefusal::Unreadable, "no id of a person");
    let none = PasskeyAnswer::read(with("/response/userHandle", Value::Null)).unwrap();
    assert_eq!(none.person().unwrap(), None);
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]

    /// Whatever an authenticator's bytes are, they are refused and nothing else happens.
    #[test]
    fn any_bytes_are_refused(data in prop::collection::vec(any::<u8>(), 0..300), which in 0..4_usize) {
        let (mut soft, passkey) = added();
        let field = ["clientDataJSON", "authenticatorData", "signature", "attestationObject"][which];
        let text = data_encoding::BASE64URL_NOPAD.encode(&data);
        let asked = party().ask_to_add(somebody(), "alice", &[]);
        let mut made = SoftAuthenticator::at(ORIGIN).make(&asked.options);
        if which == 0 || which == 3 {
            made["response"][field] = json!(text);
            assert!(party().added(&asked.state, made).is_err());
        }
        let asked = party().ask_to_show(&[]);
        let mut answer = soft.show(&asked.options);
        if which < 3 {
            answer["response"][field] = json!(text);
            let answer = PasskeyAnswer::read(answer).unwrap();
            assert!(party().shown(&asked.state, &answer, &passkey).is_err());
        }
    }
}
