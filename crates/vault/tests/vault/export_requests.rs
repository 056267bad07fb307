//! Exports that a second administrator has to approve.

use countersign_model::{
    Actor, CredentialId, ExportChoice, NoticeKind, Reach, Reason, Role, Tag, Timestamp, UserId, VaultRequestId,
    VaultRequestRefusal, VaultRequestState, VaultRequestSubject,
};
use countersign_seal::{OneTimeKey, RecipientKey, SystemChance};
use countersign_store::{both_engines, statements};
use countersign_vault::{
    ApprovalOf, Conflict, Error, ExportAnswer, ExportDecision, ExportRequest, FieldEdit, NewCredential,
    NoticeSettingsRequest, PersonEdit, RequestScope, Vault, VaultRequestListRequest, VaultRequestView,
};

use crate::{
    fixture::{TestVault, new_credential, open_plain, secret},
    marks::{refused, run},
};

statements! {
    APPROVE = "update vault_request set ends_at = waits_until";
    PASS_ON = "update vault_request set person = (select id from person where name = 'bob')";
    TURN_OFF = "update vault set export_approval = false";
}

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

fn why() -> Reason {
    Reason::parse("we move on").unwrap()
}

fn ask_of(format: &str, choice: ExportChoice, request: Option<VaultRequestId>) -> ExportRequest {
    let key = OneTimeKey::new(&SystemChance);
    let recipient = RecipientKey::parse(&key.public().unwrap(), &SystemChance).unwrap();
    let host = "vault.example.org".to_owned();
    ExportRequest { format: format.parse().unwrap(), choice, reason: None, recipient, host, request }
}

fn as_csv(choice: ExportChoice) -> VaultRequestSubject {
    VaultRequestSubject::Export { format: "csv".to_owned(), choice }
}

/// `root` and two more administrators, and a credential; exports need an approval.
struct Board {
    fixture: TestVault,
    root: Actor,
    ana: Actor,
    bob: Actor,
    shop: CredentialId,
}

impl Board {
    async fn new(fixture: TestVault) -> Self {
        let shop = fixture.credential("Shop").await.id;
        let ana = fixture.person("ana", Role::Administrator).await;
        let bob = fixture.person("bob", Role::Administrator).await;
        let root = fixture.signed_in("root").await;
        assert!(fixture.vault.set_export_approval(&root, true).await.unwrap().needed);
        Self { fixture, root, ana, bob, shop }
    }

    fn vault(&self) -> &Vault {
        &self.fixture.vault
    }

    async fn request(&self, who: &Actor, choice: ExportChoice) -> VaultRequestId {
        self.vault().request_export(who, as_csv(choice), why()).await.unwrap().request.id
    }

    async fn say(&self, who: &Actor, id: VaultRequestId, what: ExportDecision) -> Result<VaultRequestView, Error> {
        self.vault().decide_export(who, id, what, None).await
    }

    async fn approve(&self, who: &Actor, id: VaultRequestId) {
        assert_eq!(self.say(who, id, ExportDecision::Approve).await.unwrap().state, VaultRequestState::Approved);
    }

    async fn export(&self, who: &Actor, choice: ExportChoice, id: VaultRequestId) -> Result<ExportAnswer, Error> {
        self.vault().export(who, &ask_of("csv", choice, Some(id))).await
    }

    async fn edit(&self, who: UserId, edit: PersonEdit) {
        self.vault().edit_person(&self.root, who, edit).await.unwrap();
    }

    async fn state(&self, id: VaultRequestId) -> VaultRequestState {
        self.vault().vault_request(&self.root, id).await.unwrap().state
    }

    /// The numbers of records of these acts.
    async fn records(&self, acts: &[&str]) -> Vec<usize> {
        let mut counts = Vec::new();
        for act in acts {
            counts.push(self.fixture.records_of(act).await.len());
        }
        counts
    }
}

fn why_not<T: std::fmt::Debug>(answer: Result<T, Error>) -> VaultRequestRefusal {
    match answer {
        Err(Error::Conflict(Conflict::VaultRequest(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

both_engines! {
    async fn promise_6_an_export_needs_another_administrator_once_the_vault_says_so(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let alone = board.vault().export(&board.ana, &ask_of("csv", ExportChoice::All, None)).await;
        assert!(matches!(alone, Err(Error::ApprovalNeeded(ApprovalOf::Export))));
        let id = board.request(&board.ana, ExportChoice::All).await;
        assert_eq!(why_not(board.export(&board.ana, ExportChoice::All, id).await.map(drop)), VaultRequestRefusal::NotApproved);
        assert_eq!(why_not(board.say(&board.ana, id, ExportDecision::Approve).await), VaultRequestRefusal::Own);
        assert!(board.fixture.records_of("credential.exported").await.is_empty());

        board.approve(&board.bob, id).await;
        // Not by somebody else, not as another format, not of others.
        assert_eq!(why_not(board.export(&board.root, ExportChoice::All, id).await.map(drop)), VaultRequestRefusal::NotYours);
        let other = ask_of("bitwarden", ExportChoice::All, Some(id));
        assert_eq!(why_not(board.vault().export(&board.ana, &other).await.map(drop)), VaultRequestRefusal::OtherSubject);
        let one = board.export(&board.ana, ExportChoice::Some(vec![board.shop]), id).await;
        assert_eq!(why_not(one.map(drop)), VaultRequestRefusal::OtherSubject);
        assert_eq!(board.export(&board.ana, ExportChoice::All, id).await.unwrap().exported, 1);
        let again = board.export(&board.ana, ExportChoice::All, id).await;
        assert_eq!(why_not(again.map(drop)), VaultRequestRefusal::Over(VaultRequestState::Used));
        assert_eq!(board.state(id).await, VaultRequestState::Used);
        let acts = ["export.requested", "export.approved", "export.created", "credential.exported", "export.denied", "export.decision_refused"];
        assert_eq!(board.records(&acts).await, [1, 1, 1, 1, 6, 1]);
        let made = &board.fixture.records_of("export.created").await[0];
        assert_eq!(made.details["request"], id.to_string().as_str().into());
        let denied = &board.fixture.records_of("export.denied").await[0];
        assert!(denied.details.contains_key("why"), "{denied:?}");
    }

    async fn what_was_approved_serves_for_an_hour_and_a_request_waits_for_a_week(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let id = board.request(&board.ana, ExportChoice::All).await;
        let twice = board.vault().request_export(&board.ana, as_csv(ExportChoice::All), why()).await;
        assert!(matches!(twice, Err(Error::Conflict(Conflict::VaultRequestPending(same))) if same == id));
        board.fixture.advance(7 * DAY - 60);
        assert_eq!(board.vault().see_to_vault_requests().await.unwrap(), 0);
        let fresh = async |name: &str| board.fixture.signed_in(name).await;
        board.approve(&fresh("bob").await, id).await;
        board.fixture.advance(HOUR);
        let late = board.export(&fresh("ana").await, ExportChoice::All, id).await;
        assert_eq!(why_not(late.map(drop)), VaultRequestRefusal::Over(VaultRequestState::Expired));
        assert_eq!(board.vault().see_to_vault_requests().await.unwrap(), 1);
        assert_eq!(board.vault().see_to_vault_requests().await.unwrap(), 0, "once");

        let ana = fresh("ana").await;
        let id = board.request(&ana, ExportChoice::All).await;
        board.fixture.advance(7 * DAY);
        let late = board.say(&fresh("bob").await, id, ExportDecision::Approve).await;
        assert_eq!(why_not(late), VaultRequestRefusal::Over(VaultRequestState::Expired));
        assert_eq!(board.vault().see_to_vault_requests().await.unwrap(), 1);
        assert_eq!(board.records(&["export.expired"]).await, [2]);
        board.fixture.advance(500 * DAY);
        board.vault().tidy().await.unwrap();
        let root = fresh("root").await;
        let left = board.vault().list_vault_requests(&root, &VaultRequestListRequest::default()).await.unwrap();
        assert!(left.items.is_empty(), "forgotten, as the log has them");
    }

    async fn of_two_who_use_it_at_once_one_does(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let other = open_plain(database, &board.fixture.folder, &board.fixture.clock).await;
        for round in 1..=4 {
            let id = board.request(&board.ana, ExportChoice::All).await;
            board.approve(&board.bob, id).await;
            let there = ask_of("csv", ExportChoice::All, Some(id));
            let (here, there) =
                tokio::join!(board.export(&board.ana, ExportChoice::All, id), other.export(&board.ana, &there));
            assert_eq!(u8::from(here.is_ok()) + u8::from(there.is_ok()), 1, "{:?} {:?}", here.err(), there.err());
            assert_eq!(board.fixture.records_of("export.created").await.len(), round);
        }
    }

    async fn two_who_decide_at_once_do_not_both(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let other = open_plain(database, &board.fixture.folder, &board.fixture.clock).await;
        for _ in 0..4 {
            let id = board.request(&board.ana, ExportChoice::All).await;
            let (here, there) = tokio::join!(
                board.say(&board.bob, id, ExportDecision::Approve),
                other.decide_export(&board.root, id, ExportDecision::Reject, None)
            );
            assert_eq!(u8::from(here.is_ok()) + u8::from(there.is_ok()), 1, "{here:?} {there:?}");
            let _ = board.say(&board.ana, id, ExportDecision::Cancel).await;
        }
    }

    async fn a_tag_covers_what_it_had_when_it_was_asked_for(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let tag = Tag::parse("web").unwrap();
        let choice = ExportChoice::Tagged(tag.clone());
        let add = async |name: &str| {
            let new = NewCredential { tags: vec![tag.clone()], ..new_credential(name) };
            board.vault().create_credential(&board.root, new).await.unwrap();
        };
        let none = board.vault().request_export(&board.ana, as_csv(choice.clone()), why()).await;
        assert!(matches!(none, Err(Error::Invalid(_))), "nothing has the tag");
        add("One").await;
        let id = board.request(&board.ana, choice.clone()).await;
        add("Two").await;
        assert_eq!(board.vault().vault_request(&board.bob, id).await.unwrap().count, Some(2));
        let grown = board.say(&board.bob, id, ExportDecision::Approve).await;
        assert_eq!(why_not(grown.map(drop)), VaultRequestRefusal::OtherCredentials, "it was asked for one");
        board.say(&board.ana, id, ExportDecision::Cancel).await.unwrap();
        let id = board.request(&board.ana, choice.clone()).await;
        board.approve(&board.bob, id).await;
        add("Three").await;
        let more = board.export(&board.ana, choice.clone(), id).await;
        assert_eq!(why_not(more.map(drop)), VaultRequestRefusal::OtherCredentials);
        assert_eq!(board.state(id).await, VaultRequestState::Approved, "nothing was used up");
        board.say(&board.ana, id, ExportDecision::Cancel).await.unwrap();
        let id = board.request(&board.ana, choice.clone()).await;
        board.approve(&board.bob, id).await;
        assert_eq!(board.export(&board.ana, choice, id).await.unwrap().exported, 3);
    }

    async fn only_an_administrator_who_is_let_in_counts(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let role = |role| PersonEdit { role: Some(role), ..PersonEdit::default() };
        let disabled = |disabled| PersonEdit { disabled: Some(disabled), ..PersonEdit::default() };
        // Who approved and is none any more has approved nothing, and not again by coming back.
        for (away, back) in [(role(Role::Manager), role(Role::Administrator)), (disabled(true), disabled(false))] {
            let id = board.request(&board.ana, ExportChoice::All).await;
            board.approve(&board.bob, id).await;
            board.edit(board.bob.user, away).await;
            assert_eq!(board.state(id).await, VaultRequestState::Pending);
            let alone = board.export(&board.ana, ExportChoice::All, id).await;
            assert_eq!(why_not(alone.map(drop)), VaultRequestRefusal::NotApproved);
            board.edit(board.bob.user, back).await;
            assert_eq!(board.state(id).await, VaultRequestState::Pending);
            board.approve(&board.root, id).await;
            board.say(&board.ana, id, ExportDecision::Cancel).await.unwrap();
        }
        // Who asked and is none any more has nothing left of it.
        for (away, back) in [(role(Role::Manager), role(Role::Administrator)), (disabled(true), disabled(false))] {
            let ana = board.fixture.signed_in("ana").await;
            let id = board.request(&ana, ExportChoice::All).await;
            board.approve(&board.root, id).await;
            board.edit(ana.user, away).await;
            assert_eq!(board.state(id).await, VaultRequestState::Cancelled);
            board.edit(ana.user, back).await;
            let ana = board.fixture.signed_in("ana").await;
            let gone = board.export(&ana, ExportChoice::All, id).await;
            assert_eq!(why_not(gone.map(drop)), VaultRequestRefusal::Over(VaultRequestState::Cancelled));
        }
        // With the last other one gone, nobody can be asked, and what to do is said.
        let ana = board.fixture.signed_in("ana").await;
        let id = board.request(&ana, ExportChoice::All).await;
        board.vault().remove_person(&board.root, ana.user).await.unwrap();
        assert!(matches!(board.vault().vault_request(&board.root, id).await, Err(Error::NotFound(_))));
        board.vault().remove_person(&board.root, board.bob.user).await.unwrap();
        let alone = board.vault().request_export(&board.root, as_csv(ExportChoice::All), why()).await.unwrap_err();
        assert!(matches!(alone, Error::Conflict(Conflict::NoOtherAdministrator)));
        assert!(alone.to_string().contains("make somebody else an administrator"), "{alone}");
    }

    async fn nobody_else_asks_or_decides(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let id = board.request(&board.ana, ExportChoice::All).await;
        for role in [Role::Manager, Role::Member, Role::Auditor] {
            let person = board.fixture.person(role.name(), role).await;
            let asked = board.vault().request_export(&person, as_csv(ExportChoice::All), why()).await;
            assert!(matches!(asked, Err(Error::Denied(_))), "{role:?}");
            for what in [ExportDecision::Approve, ExportDecision::Reject, ExportDecision::Cancel] {
                assert!(matches!(board.say(&person, id, what).await, Err(Error::Denied(_))), "{role:?}");
            }
            assert!(matches!(board.vault().vault_request(&person, id).await, Err(Error::Denied(_))));
            let list = board.vault().list_vault_requests(&person, &VaultRequestListRequest::default()).await;
            assert!(matches!(list, Err(Error::Denied(_))));
            assert!(matches!(board.vault().set_export_approval(&person, false).await, Err(Error::Denied(_))));
            assert!(matches!(board.vault().export_approval(&person).await, Err(Error::Denied(_))));
        }
        assert_eq!(board.records(&["export.decision_refused"]).await, [15]);
        let old = Timestamp::from_seconds(board.fixture.now().seconds() - 3_600);
        let reach = |reach| Actor { reach, ..board.bob.clone() };
        for refused in [reach(Reach::Page { confirmed_at: old }), reach(Reach::Token { admin: false })] {
            let answer = board.say(&refused, id, ExportDecision::Approve).await;
            assert!(matches!(answer, Err(Error::TooShort(_))), "{answer:?}");
        }
        assert_eq!(board.state(id).await, VaultRequestState::Pending);
        let awaiting = VaultRequestListRequest { scope: RequestScope::ToDecide, ..VaultRequestListRequest::default() };
        for (who, count) in [(&board.bob, 1), (&board.root, 1), (&board.ana, 0)] {
            let page = board.vault().list_vault_requests(who, &awaiting).await.unwrap();
            assert_eq!((page.total, page.items.len()), (Some(count), usize::try_from(count).unwrap()));
            assert!(page.items.iter().all(|one| one.may.decide));
        }
        let rejected = board.say(&board.bob, id, ExportDecision::Reject).await.unwrap();
        assert_eq!((rejected.state, rejected.may.decide), (VaultRequestState::Rejected, false));
        let token = board.vault().recognise(&board.fixture.api_token(&board.bob, None).await).await.unwrap().actor;
        let id = board.request(&board.ana, ExportChoice::All).await;
        board.approve(&token, id).await;
    }

    async fn it_takes_two_to_turn_it_on_and_two_to_turn_it_off(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let root = fixture.signed_in("root").await;
        assert!(matches!(fixture.vault.set_export_approval(&root, true).await, Err(Error::Conflict(Conflict::NoOtherAdministrator))));
        let early = fixture.vault.request_export(&root, VaultRequestSubject::TurnOff, why()).await;
        assert!(matches!(early, Err(Error::Conflict(Conflict::NoApprovalNeeded))));
        let board = Board::new(fixture).await;
        let off = board.vault().set_export_approval(&board.ana, false).await;
        assert!(matches!(off, Err(Error::ApprovalNeeded(ApprovalOf::TurningOff))));
        let ask = async |who: &Actor| {
            let view = board.vault().request_export(who, VaultRequestSubject::TurnOff, why()).await.unwrap();
            view.request.id
        };
        let (one, other) = (ask(&board.ana).await, ask(&board.root).await);
        assert_eq!(why_not(board.say(&board.ana, one, ExportDecision::Approve).await), VaultRequestRefusal::Own);
        assert!(board.vault().export_approval(&board.ana).await.unwrap().needed);
        assert_eq!(board.say(&board.bob, one, ExportDecision::Approve).await.unwrap().state, VaultRequestState::Used);
        assert!(!board.vault().export_approval(&board.ana).await.unwrap().needed);
        assert_eq!(board.vault().export(&board.ana, &ask_of("csv", ExportChoice::All, None)).await.unwrap().exported, 1);
        // What was asked for then turns nothing off that is turned on later by somebody else's hand.
        let late = board.say(&board.bob, other, ExportDecision::Approve).await;
        assert!(matches!(late, Err(Error::Conflict(Conflict::NoApprovalNeeded))), "{late:?}");
        let set = board.fixture.records_of("export.approval_set").await;
        let said: Vec<_> = set.iter().map(|record| (record.actor.name.as_str(), record.details["required"].clone())).collect();
        assert_eq!(said, [("bob", false.into()), ("root", true.into())]);
        assert_eq!(set[0].details["request"], one.to_string().as_str().into());
        let complaints = board.fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    async fn administrators_are_told(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let root = fixture.signed_in("root").await;
        let settings = NoticeSettingsRequest {
            smtp: FieldEdit::Set(secret("smtp://127.0.0.1:2525")),
            sender: Some("vault@example.org".to_owned()),
            ..NoticeSettingsRequest::default()
        };
        fixture.vault.set_notice_settings(&root, settings).await.unwrap();
        fixture.vault.set_own_email(&root, Some("root@example.org")).await.unwrap();
        let board = Board::new(fixture).await;
        for (who, address) in [(&board.ana, "ana@example.org"), (&board.bob, "bob@example.org")] {
            board.vault().set_own_email(who, Some(address)).await.unwrap();
        }
        let told = async |kind: NoticeKind| {
            let log = board.vault().notice_log(&board.fixture.signed_in("root").await).await.unwrap();
            let mut to: Vec<_> = log.into_iter().filter(|one| one.kind == kind.name()).map(|one| one.recipient).collect();
            to.sort();
            to.join(" ")
        };
        let id = board.request(&board.ana, ExportChoice::All).await;
        assert_eq!(told(NoticeKind::ExportRequested).await, "bob@example.org root@example.org");
        board.approve(&board.bob, id).await;
        assert_eq!(told(NoticeKind::ExportApproved).await, "ana@example.org");
        board.say(&board.ana, id, ExportDecision::Cancel).await.unwrap();
        let id = board.request(&board.ana, ExportChoice::All).await;
        board.say(&board.root, id, ExportDecision::Reject).await.unwrap();
        assert_eq!(told(NoticeKind::ExportRejected).await, "ana@example.org");
        board.request(&board.ana, ExportChoice::All).await;
        board.fixture.advance(8 * DAY);
        board.vault().see_to_vault_requests().await.unwrap();
        assert_eq!(told(NoticeKind::ExportExpired).await, "ana@example.org");
        let (ana, bob) = (board.fixture.signed_in("ana").await, board.fixture.signed_in("bob").await);
        let id = board.vault().request_export(&ana, VaultRequestSubject::TurnOff, why()).await.unwrap().request.id;
        board.say(&bob, id, ExportDecision::Approve).await.unwrap();
        assert_eq!(told(NoticeKind::ExportApprovalOff).await, "ana@example.org root@example.org");
        board.vault().set_export_approval(&bob, true).await.unwrap();
        assert_eq!(told(NoticeKind::ExportApprovalOn).await, "ana@example.org root@example.org");
        // Somebody who makes a second administrator of their own, or comes in as one, does not do it unseen.
        let person = board.fixture.person("puppet", Role::Member).await;
        assert_eq!(told(NoticeKind::AdministratorMade).await, "root@example.org root@example.org", "of ana and bob");
        let role = PersonEdit { role: Some(Role::Administrator), ..PersonEdit::default() };
        board.vault().edit_person(&ana, person.user, role).await.unwrap();
        let made = told(NoticeKind::AdministratorMade).await;
        assert_eq!(made, "bob@example.org root@example.org root@example.org root@example.org");
        let password = PersonEdit { password: Some(secret("another pass phrase of bob")), ..PersonEdit::default() };
        board.vault().edit_person(&ana, bob.user, password).await.unwrap();
        assert_eq!(told(NoticeKind::AdministratorReset).await, "bob@example.org root@example.org");
        board.vault().make_person_link(&ana, board.root.user).await.unwrap();
        assert_eq!(told(NoticeKind::AdministratorReset).await, "bob@example.org bob@example.org root@example.org root@example.org");
    }

    async fn what_sql_has_changed_is_refused(database: &TestDatabase) {
        let board = Board::new(TestVault::new(database).await).await;
        let id = board.request(&board.ana, ExportChoice::All).await;
        for change in [&APPROVE, &PASS_ON] {
            run(database, change).await;
            refused(board.export(&board.ana, ExportChoice::All, id).await, "request about the vault");
            refused(board.say(&board.bob, id, ExportDecision::Approve).await, "request about the vault");
        }
        run(database, &TURN_OFF).await;
        refused(board.vault().export(&board.ana, &ask_of("csv", ExportChoice::All, None)).await, "vault");
        assert!(board.fixture.records_of("credential.exported").await.is_empty());
    }
}
