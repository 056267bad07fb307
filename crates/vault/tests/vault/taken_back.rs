//! What was taken back is not served again: each act decides anew in the transaction of its record, every seat hears of it at
//! once, and what ends by itself is noticed although nobody moved anything.

use std::time::Duration;

use countersign_model::{Actor, Extras, GrantPermissions, Level, Paging, Role};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{Error, NewApiToken, Object, Participant, SessionAction, TokenRequest};

use crate::{
    fixture::{TestVault, by_id, new_credential, open_plain},
    sessions::live,
};

const EVERYTHING: GrantPermissions =
    GrantPermissions { session: Some(Level::Control), extras: Extras::ALL, ..GrantPermissions::SEE };

fn granted_acts() -> Vec<SessionAction> {
    let hash = "0".repeat(32);
    vec![
        SessionAction::TookControl,
        SessionAction::ClipboardIn { length: 1, hash: hash.clone() },
        SessionAction::ClipboardOut { length: 1, hash: hash.clone() },
        SessionAction::Uploaded { name: "a".to_owned(), length: 1, hash: hash.clone() },
        SessionAction::Downloaded { name: "a".to_owned(), length: 1, hash },
        SessionAction::AddressOpened { origin: "https://example.org".to_owned() },
        SessionAction::Done,
    ]
}

async fn denials(fixture: &TestVault) -> usize {
    let filter = RecordFilter { act: Some("session.act_denied".to_owned()), ..RecordFilter::default() };
    fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap().items.len()
}

both_engines! {
    async fn promise_6_each_act_decides_again_in_its_records_transaction(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let bob = fixture.person("bob", Role::Member).await;
        fixture.grant(&credential, &bob, Some(EVERYTHING)).await;
        let run = live(&fixture, &fixture.admin, &credential).await;
        let bob = fixture.signed_in("bob").await;
        // From here on it is as old as a seat can be.
        let seat = fixture.vault.join_session(&bob, run.id, None).await.unwrap();
        for act in granted_acts() {
            run.writer().record(Some(&seat), act).await.unwrap();
        }
        let watches = GrantPermissions { session: Some(Level::View), ..GrantPermissions::SEE };
        for (left, refused) in [(Some(watches), granted_acts()), (Some(GrantPermissions::SEE), granted_acts()), (None, granted_acts())] {
            fixture.grant(&credential, &bob, left).await;
            let before = denials(&fixture).await;
            for act in &refused {
                let denied = run.writer().record(Some(&seat), act.clone()).await;
                assert!(matches!(denied, Err(Error::Denied(_))), "{act:?} with {left:?}");
            }
            assert_eq!(denials(&fixture).await, before + refused.len(), "each refusal is recorded");
        }
        // Leaving and giving control back need nothing.
        for act in [SessionAction::GaveControl, SessionAction::Left] {
            run.writer().record(Some(&seat), act).await.unwrap();
        }
    }

    async fn promise_6_one_extra_that_is_taken_back_is_gone_alone(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let bob = fixture.person("bob", Role::Member).await;
        fixture.grant(&credential, &bob, Some(EVERYTHING)).await;
        let run = live(&fixture, &fixture.admin, &credential).await;
        let seat = fixture.vault.join_session(&fixture.signed_in("bob").await, run.id, None).await.unwrap();
        let extras = Extras { download: false, paste: false, ..Extras::ALL };
        fixture.grant(&credential, &bob, Some(GrantPermissions { extras, ..EVERYTHING })).await;
        for act in granted_acts() {
            let gone = matches!(act, SessionAction::Downloaded { .. } | SessionAction::ClipboardIn { .. });
            let recorded = run.writer().record(Some(&seat), act.clone()).await;
            assert_eq!(recorded.is_err(), gone, "{act:?}");
        }
    }

    async fn promise_6_a_moved_revision_is_told_at_once_here_and_soon_elsewhere(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let bob = fixture.person("bob", Role::Member).await;
        let elsewhere = open_plain(database, &fixture.folder, &fixture.clock).await;
        elsewhere.look_at_revision().await.unwrap();
        let (mut here, mut there) = (fixture.vault.revision_moved(), elsewhere.revision_moved());
        here.mark_unchanged();
        there.mark_unchanged();
        // What is refused, or moves nothing, tells nothing.
        assert!(fixture.token(&bob, &credential).await.is_err());
        assert!(!here.has_changed().unwrap());
        fixture.grant(&credential, &bob, Some(EVERYTHING)).await;
        assert!(here.has_changed().unwrap(), "as soon as it is durable");
        elsewhere.look_at_revision().await.unwrap();
        assert!(there.has_changed().unwrap());
        there.mark_unchanged();
        elsewhere.look_at_revision().await.unwrap();
        assert!(!there.has_changed().unwrap(), "nothing has moved since");
    }

    async fn promise_6_what_ends_by_itself_ends_although_nothing_has_moved(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let bob = fixture.person("bob", Role::Member).await;
        fixture.grant(&credential, &bob, Some(GrantPermissions { token: true, ..EVERYTHING })).await;
        let bob = fixture.signed_in("bob").await;
        let new = NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: Some(1), admin: false };
        let (_, bearer) = fixture.vault.create_api_token(&bob, &new).await.unwrap();
        let program = fixture.vault.recognise(&bearer).await.unwrap().actor;
        let run = live(&fixture, &fixture.admin, &credential).await;
        let seats: Vec<Participant> = [
            fixture.vault.join_session(&program, run.id, None).await.unwrap(),
            fixture.vault.join_session(&bob, run.id, None).await.unwrap(),
        ].into();
        let still = async |actor: &Actor| fixture.vault.session_seat(actor, run.id).await.map(drop);
        assert!(still(&seats[0].actor).await.is_ok() && still(&seats[1].actor).await.is_ok());
        fixture.clock.advance(Duration::from_secs(8 * 60 * 60));
        assert!(matches!(still(&seats[1].actor).await, Err(Error::NotSignedIn)), "the browser was not used for too long");
        assert!(still(&seats[0].actor).await.is_ok());
        fixture.clock.advance(Duration::from_secs(16 * 60 * 60));
        assert!(matches!(still(&seats[0].actor).await, Err(Error::NotSignedIn)), "the token is over");
        let act = run.writer().record(Some(&seats[0]), SessionAction::TookControl).await;
        assert!(matches!(act, Err(Error::Denied(_))));
    }

    async fn promise_6_links_are_taken_back_also_when_they_were_used(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let (bob, eve) = (fixture.person("bob", Role::Member).await, fixture.person("eve", Role::Member).await);
        let run = live(&fixture, &fixture.admin, &credential).await;
        let link = fixture.vault.session_link(&fixture.admin, run.id, "bob", Level::Interact).await.unwrap().link;
        fixture.vault.session_link(&fixture.admin, run.id, "eve", Level::View).await.unwrap();
        assert!(matches!(fixture.vault.use_session_link(&eve, run.id, &link).await, Err(Error::Denied(_))), "not theirs");
        fixture.vault.use_session_link(&bob, run.id, &link).await.unwrap();
        assert!(matches!(fixture.vault.use_session_link(&bob, run.id, &link).await, Err(Error::Denied(_))), "once");
        let seat = fixture.vault.join_session(&bob, run.id, None).await.unwrap();
        assert_eq!(seat.level, Level::Interact);

        let links = fixture.vault.session_links(&fixture.admin, run.id).await.unwrap();
        let told: Vec<_> = links.iter().map(|it| (it.name.as_str(), it.level, it.used_at.is_some())).collect();
        assert_eq!(told, [("bob", Level::Interact, true), ("eve", Level::View, false)]);
        assert!(matches!(fixture.vault.session_links(&bob, run.id).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.withdraw_session_links(&bob, run.id, eve.user).await, Err(Error::Denied(_))));

        let mut moved = fixture.vault.revision_moved();
        moved.mark_unchanged();
        fixture.vault.withdraw_session_links(&fixture.admin, run.id, bob.user).await.unwrap();
        assert!(moved.has_changed().unwrap(), "whoever is inside is looked at again");
        assert!(fixture.vault.session_seat(&bob, run.id).await.is_err());
        assert!(run.writer().record(Some(&seat), SessionAction::TookControl).await.is_err());
        let again = fixture.vault.withdraw_session_links(&fixture.admin, run.id, bob.user).await;
        assert!(matches!(again, Err(Error::NotFound(Object::Link))));
        assert_eq!(fixture.vault.session_links(&fixture.admin, run.id).await.unwrap().len(), 1);
    }

    async fn promise_5_two_credentials_with_one_seed_are_one_for_claiming(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let one = fixture.credential("Instagram").await;
        let (other, warnings) = fixture.vault.create_credential(&fixture.admin, new_credential("The same")).await.unwrap();
        assert_eq!(warnings.len(), 1);
        fixture.clock.advance(Duration::from_secs(2));
        let claim = TokenRequest { claim: true, ..TokenRequest::default() };
        fixture.vault.token(&fixture.admin, &by_id(&one), &claim).await.unwrap();
        let second = fixture.vault.token(&fixture.admin, &by_id(&other), &claim).await;
        assert!(matches!(second, Err(Error::StepTaken { .. })), "the site knows one seed");
        // What a person has seen of one is not claimed of the other.
        fixture.clock.advance(Duration::from_secs(30));
        fixture.token(&fixture.admin, &other).await.unwrap();
        assert!(matches!(fixture.vault.token(&fixture.admin, &by_id(&one), &claim).await, Err(Error::StepTaken { .. })));
        fixture.clock.advance(Duration::from_secs(30));
        fixture.vault.token(&fixture.admin, &by_id(&other), &claim).await.unwrap();
    }

    async fn promise_5_a_claim_gives_no_step_away_that_nobody_has_claimed(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let both = TokenRequest { claim: true, next: true, ..TokenRequest::default() };
        let refused = fixture.vault.token(&fixture.admin, &by_id(&credential), &both).await.map(drop);
        assert!(matches!(refused, Err(Error::Invalid(it)) if it.field == "next"));
        let claim = TokenRequest { claim: true, ..TokenRequest::default() };
        fixture.clock.advance(Duration::from_secs(2));
        assert!(fixture.vault.token(&fixture.admin, &by_id(&credential), &claim).await.unwrap().next.is_none());
    }
}
