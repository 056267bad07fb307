//! Requests: asked, approved, used, and over; and who must not have a say in them.

use countersign_model::{
    Actor, GrantConditions, GrantPermissions, GroupName, Level, Paging, Purpose, Reason, RequestId, RequestRefusal,
    RequestState, Role, SessionEnd, Ticket, Timestamp,
};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    ApprovalDraft, Conflict, CredentialView, Error, GrantDetails, GrantDraft, GroupRef, HolderRef, RequestDecision,
    RequestDraft, RequestListRequest, RequestScope, RequestView, TargetRef, TokenRequest,
};

use crate::{
    fixture::{TestVault, by_id, open_plain},
    log,
    sessions::live,
};
use RequestDecision::{Approve, Cancel, Reject, Revoke};

const SEE: GrantPermissions = GrantPermissions::SEE;
const TOKEN: GrantPermissions = GrantPermissions { token: true, ..SEE };
const MINUTE: u64 = 60;

fn because(actor: &Actor, reason: Option<&str>, ticket: Option<&str>) -> Actor {
    let purpose = Purpose {
        reason: reason.map(|text| Reason::parse(text).unwrap()),
        ticket: ticket.map(|text| Ticket::parse(text).unwrap()),
        fills_at: None,
    };
    Actor { purpose, ..actor.clone() }
}

/// Ana may ask, the leads approve; Bob and Cleo are leads.
struct Team {
    fixture: TestVault,
    credential: CredentialView,
    ana: Actor,
    bob: Actor,
    cleo: Actor,
    leads: GroupRef,
    grant: GrantDetails,
}

fn approval(levels: &[(&GroupRef, u8)]) -> ApprovalDraft {
    let levels = levels.iter().map(|(group, approvals)| ((*group).clone(), *approvals)).collect();
    ApprovalDraft { levels, minutes: 60, emergency_minutes: Some(15) }
}

impl Team {
    async fn new(
        fixture: TestVault,
        permissions: GrantPermissions,
        conditions: GrantConditions,
        approvals: u8,
    ) -> Self {
        let credential = fixture.credential("Instagram").await;
        let ana = fixture.person("ana", Role::Member).await;
        let (bob, cleo) = (fixture.person("bob", Role::Member).await, fixture.person("cleo", Role::Member).await);
        let leads = group(&fixture, "leads", &[&bob, &cleo]).await;
        let draft = GrantDraft {
            holder: HolderRef::User(ana.user),
            target: TargetRef::Credential(by_id(&credential)),
            permissions,
            conditions,
            approval: Some(approval(&[(&leads, approvals)])),
        };
        let grant = fixture.vault.create_grant(&fixture.admin, draft).await.unwrap();
        assert_eq!(grant.approvers, [Some("leads".to_owned())]);
        Self { fixture, credential, ana: because(&ana, Some("a fix"), None), bob, cleo, leads, grant }
    }

    fn draft(&self) -> RequestDraft {
        RequestDraft {
            credential: by_id(&self.credential),
            permissions: TOKEN,
            minutes: Some(30),
            not_before: None,
            emergency: None,
        }
    }

    async fn ask(&self) -> RequestView {
        self.fixture.vault.request_access(&self.ana, self.draft()).await.unwrap()
    }

    async fn say(&self, who: &Actor, id: RequestId, decision: RequestDecision) -> Result<RequestView, Error> {
        self.fixture.vault.decide_request(who, id, decision, None).await
    }

    /// Whether Ana gets a token without saying why.
    async fn token(&self) -> bool {
        let plain = because(&self.ana, None, None);
        let found = self.fixture.vault.token(&plain, &by_id(&self.credential), &TokenRequest::default()).await;
        match &found {
            Ok(_) => true,
            Err(Error::Denied(denied)) => {
                let last = denied.unmet.iter().map(|one| one.name()).next_back();
                assert!(matches!(last, Some("approval" | "from")), "{denied}");
                false
            }
            Err(other) => panic!("{other}"),
        }
    }

    async fn acts(&self) -> Vec<String> {
        log::acts(&self.fixture).await.into_iter().rev().filter(|act| act.starts_with("access.")).collect()
    }

    async fn list(&self, who: &Actor, scope: RequestScope) -> Vec<RequestId> {
        let ask = RequestListRequest { scope, ..RequestListRequest::default() };
        let page = self.fixture.vault.list_requests(who, &ask).await.unwrap();
        page.items.into_iter().map(|view| view.request.id).collect()
    }
}

async fn group(fixture: &TestVault, name: &str, members: &[&Actor]) -> GroupRef {
    let group = fixture.vault.create_group(&fixture.admin, &GroupName::parse(name).unwrap()).await.unwrap();
    let wanted = GroupRef::Id(group.id);
    for member in members {
        fixture.vault.add_group_member(&fixture.admin, &wanted, &HolderRef::User(member.user)).await.unwrap();
    }
    wanted
}

fn refusal(result: Result<RequestView, Error>) -> RequestRefusal {
    match result {
        Err(Error::Conflict(Conflict::Request(refusal))) => refusal,
        other => panic!("{other:?}"),
    }
}

fn field(result: Result<RequestView, Error>) -> &'static str {
    match result {
        Err(Error::Invalid(invalid)) => invalid.field,
        other => panic!("{other:?}"),
    }
}

both_engines! {
    async fn promise_6_what_is_approved_is_allowed_for_its_time_on_every_server(database: &TestDatabase) {
        let conditions = GrantConditions { reason: true, ..GrantConditions::default() };
        let team = Team::new(TestVault::new(database).await, TOKEN, conditions, 1).await;
        let other = open_plain(database, &team.fixture.folder, &team.fixture.clock).await;
        assert!(!team.token().await && !team.token().await);
        let asked = team.ask().await;
        assert_eq!((asked.state, asked.person_name.as_str(), asked.credential_name.as_str()), (RequestState::Pending, "ana", "Instagram"));
        assert!(asked.may.cancel && !asked.may.approve && !asked.may.reject && !asked.may.revoke);
        assert!(!team.token().await);
        let id = asked.request.id;
        for (who, scope, there) in [
            (&team.ana, RequestScope::Mine, true),
            (&team.ana, RequestScope::ToDecide, false),
            (&team.ana, RequestScope::All, true),
            (&team.bob, RequestScope::Mine, false),
            (&team.bob, RequestScope::ToDecide, true),
            (&team.bob, RequestScope::All, true),
            (&team.fixture.admin, RequestScope::ToDecide, false),
            (&team.fixture.admin, RequestScope::All, true),
        ] {
            assert_eq!(team.list(who, scope).await == [id], there, "{} {scope:?}", who.name);
        }
        let shown = team.fixture.vault.request(&team.bob, id).await.unwrap();
        assert!(shown.may.approve && shown.may.reject && !shown.may.cancel);
        let approved = team.say(&team.bob, id, Approve(Some(10))).await.unwrap();
        assert_eq!((approved.state, approved.request.terms.minutes), (RequestState::Approved, 10));
        assert!(team.token().await && team.token().await, "reason and ticket came with the request");
        assert!(other.token(&team.ana, &by_id(&team.credential), &TokenRequest::default()).await.is_ok());
        assert_eq!(team.fixture.vault.request(&team.bob, id).await.unwrap().last_uses[0].by, "ana");
        team.fixture.advance(10 * MINUTE - 1);
        assert!(team.token().await);
        team.fixture.advance(1);
        assert!(!team.token().await, "over, though nobody has said so");
        assert!(other.token(&team.ana, &by_id(&team.credential), &TokenRequest::default()).await.is_err());
        assert_eq!(team.fixture.vault.request(&team.ana, id).await.unwrap().state, RequestState::Expired);
        assert_eq!(team.acts().await, ["access.approved", "access.requested"]);
        let newest = RecordFilter { act: Some("token.read".to_owned()), ..RecordFilter::default() };
        let records = team.fixture.vault.audit_records(&team.fixture.admin, &newest, &Paging::first(1)).await.unwrap();
        assert_eq!(records.items[0].entry.details["request"], countersign_audit::Detail::Text(id.to_string()));
    }

    async fn promise_6_the_approver_is_never_who_asks_and_what_is_over_stays_over(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, TOKEN, GrantConditions::default(), 2).await;
        // She is a lead herself, and an administrator has no say by being one.
        team.fixture.vault.add_group_member(&team.fixture.admin, &team.leads, &HolderRef::User(team.ana.user)).await.unwrap();
        let dan = team.fixture.person("dan", Role::Member).await;
        let id = team.ask().await.request.id;
        assert_eq!(refusal(team.say(&team.ana, id, Approve(None)).await), RequestRefusal::Own);
        assert_eq!(refusal(team.say(&team.ana, id, Reject).await), RequestRefusal::Own);
        assert_eq!(refusal(team.say(&team.fixture.admin, id, Approve(None)).await), RequestRefusal::NotAsked);
        assert!(matches!(team.say(&dan, id, Approve(None)).await, Err(Error::NotFound(_))));
        assert!(matches!(team.fixture.vault.request(&dan, id).await, Err(Error::NotFound(_))));
        assert_eq!(team.say(&team.bob, id, Approve(None)).await.unwrap().state, RequestState::Pending);
        assert_eq!(refusal(team.say(&team.bob, id, Approve(None)).await), RequestRefusal::Twice);
        assert!(!team.token().await);
        assert_eq!(refusal(team.say(&team.bob, id, Cancel).await), RequestRefusal::NotAsked);
        // Bob is let go before Cleo approves: what he said counts no more.
        team.fixture.vault.remove_group_member(&team.fixture.admin, &team.leads, &HolderRef::User(team.bob.user)).await.unwrap();
        assert_eq!(team.say(&team.cleo, id, Approve(None)).await.unwrap().state, RequestState::Pending);
        assert!(!team.token().await);
        team.fixture.vault.add_group_member(&team.fixture.admin, &team.leads, &HolderRef::User(team.bob.user)).await.unwrap();
        assert_eq!(team.say(&team.bob, id, Approve(None)).await.unwrap().state, RequestState::Approved);
        assert!(team.token().await);
        assert_eq!(refusal(team.say(&team.bob, id, Reject).await), RequestRefusal::Over(RequestState::Approved));
        assert_eq!(team.say(&team.bob, id, Revoke).await.unwrap().state, RequestState::Revoked);
        assert!(!team.token().await, "at once");
        assert_eq!(refusal(team.say(&team.cleo, id, Approve(None)).await), RequestRefusal::Over(RequestState::Revoked));
        let late = team.ask().await.request.id;
        team.fixture.advance(24 * 60 * MINUTE);
        let bob = team.fixture.signed_in("bob").await;
        assert_eq!(refusal(team.say(&bob, late, Approve(None)).await), RequestRefusal::Over(RequestState::Expired));
        let dan = team.fixture.signed_in("dan").await;
        assert!(matches!(team.say(&dan, late, Reject).await, Err(Error::NotFound(_))), "and dan learns nothing");
        assert!(team.acts().await.iter().filter(|act| *act == "access.decision_refused").count() >= 6, "each refusal is recorded");
    }

    async fn promise_6_changed_rules_removed_grants_and_a_clock_set_back_end_what_was_approved(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, TOKEN, GrantConditions::default(), 1).await;
        let approve = async || {
            let id = team.ask().await.request.id;
            team.say(&team.bob, id, Approve(None)).await.unwrap();
            assert!(team.token().await);
            id
        };
        let id = approve().await;
        let begin = team.fixture.now();
        team.fixture.clock.set(Timestamp::from_seconds(begin.seconds() - 1));
        assert!(!team.token().await, "not before it was approved");
        team.fixture.clock.set(begin);
        assert!(team.token().await);
        let edited = |approvals| GrantDraft {
            holder: HolderRef::User(team.ana.user),
            target: TargetRef::Credential(by_id(&team.credential)),
            permissions: TOKEN,
            conditions: GrantConditions::default(),
            approval: Some(approval(&[(&team.leads, approvals)])),
        };
        let (vault, grant) = (&team.fixture.vault, team.grant.grant.id);
        // Lists go by when something was asked.
        let later = || team.fixture.advance(1);
        let states = async || {
            let all = vault.list_requests(&team.ana, &RequestListRequest::default()).await.unwrap();
            all.items.into_iter().map(|view| view.state).collect::<Vec<_>>()
        };
        // The grant asks for more than was given: what was approved has ended, and does not come back with it.
        vault.edit_grant(&team.fixture.admin, grant, edited(2)).await.unwrap();
        assert!(!team.token().await);
        assert_eq!(states().await, [RequestState::Revoked]);
        later();
        let pending = team.ask().await.request.id;
        vault.edit_grant(&team.fixture.admin, grant, edited(1)).await.unwrap();
        assert!(!team.token().await);
        assert_eq!(states().await, [RequestState::Rejected, RequestState::Revoked]);
        assert_eq!(refusal(team.say(&team.bob, pending, Approve(None)).await), RequestRefusal::Over(RequestState::Rejected));
        assert_eq!(refusal(team.say(&team.ana, id, Cancel).await), RequestRefusal::Over(RequestState::Revoked));
        // The same again changes nothing.
        later();
        let id = approve().await;
        vault.edit_grant(&team.fixture.admin, grant, edited(1)).await.unwrap();
        assert!(team.token().await);
        assert_eq!(team.say(&team.ana, id, Cancel).await.unwrap().state, RequestState::Revoked, "given back");
        assert!(!team.token().await);
        later();
        approve().await;
        vault.remove_grant(&team.fixture.admin, grant).await.unwrap();
        let found = vault.token(&team.ana, &by_id(&team.credential), &TokenRequest::default()).await;
        assert!(matches!(found, Err(Error::NotFound(_))));
        assert_eq!(states().await[0], RequestState::Revoked);
    }

    async fn promise_10_what_is_over_by_time_is_written_down_and_no_clock_brings_it_back(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, TOKEN, GrantConditions::default(), 1).await;
        let id = team.ask().await.request.id;
        team.say(&team.bob, id, Approve(None)).await.unwrap();
        let begin = team.fixture.now();
        assert_eq!(team.fixture.vault.see_to_requests().await.unwrap(), 0);
        team.fixture.advance(30 * MINUTE);
        assert_eq!(team.fixture.vault.see_to_requests().await.unwrap(), 1);
        assert_eq!(team.fixture.vault.see_to_requests().await.unwrap(), 0, "once");
        team.fixture.clock.set(begin);
        assert!(!team.token().await);
        assert_eq!(team.fixture.vault.request(&team.ana, id).await.unwrap().state, RequestState::Expired);
        team.ask().await;
        team.fixture.advance(24 * 60 * MINUTE);
        assert_eq!(team.fixture.vault.see_to_requests().await.unwrap(), 1);
        let acts = ["expired", "requested", "expired", "approved", "requested"].map(|act| format!("access.{act}"));
        assert_eq!(team.acts().await, acts);
    }

    async fn another_grant_takes_no_request_away(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, TOKEN, GrantConditions::default(), 1).await;
        let vault = &team.fixture.vault;
        let dan = team.fixture.person("dan", Role::Member).await;
        let board = group(&team.fixture, "board", &[&dan]).await;
        let more = GrantDraft {
            holder: HolderRef::User(team.ana.user),
            target: TargetRef::Credential(by_id(&team.credential)),
            permissions: TOKEN,
            conditions: GrantConditions::default(),
            approval: Some(ApprovalDraft { levels: vec![(board, 1)], minutes: 240, emergency_minutes: None }),
        };
        vault.create_grant(&team.fixture.admin, more).await.unwrap();
        let asks = async |draft: RequestDraft| {
            let asked = vault.request_access(&team.ana, draft).await.unwrap();
            team.say(&team.ana, asked.request.id, Cancel).await.unwrap();
            asked.levels[0].name.clone().unwrap()
        };
        let long = RequestDraft { minutes: Some(120), ..team.draft() };
        assert_eq!((asks(team.draft()).await, asks(long).await), ("leads".to_owned(), "board".to_owned()));
        // Nobody is left among the leads.
        for lead in [&team.bob, &team.cleo] {
            vault.remove_group_member(&team.fixture.admin, &team.leads, &HolderRef::User(lead.user)).await.unwrap();
        }
        assert_eq!(asks(team.draft()).await, "board");
    }

    async fn what_was_asked_by_who_is_gone_from_a_group_is_not_approved(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, TOKEN, GrantConditions::default(), 1).await;
        let vault = &team.fixture.vault;
        let staff = group(&team.fixture, "staff", &[&team.ana]).await;
        let other = team.fixture.credential("Facebook").await;
        let draft = GrantDraft {
            holder: HolderRef::Group(staff.clone()),
            target: TargetRef::Credential(by_id(&other)),
            permissions: TOKEN,
            conditions: GrantConditions::default(),
            approval: Some(approval(&[(&team.leads, 1)])),
        };
        vault.create_grant(&team.fixture.admin, draft).await.unwrap();
        let ask = RequestDraft { credential: by_id(&other), ..team.draft() };
        let asked = vault.request_access(&team.ana, ask).await.unwrap();
        assert!(asked.applies);
        vault.remove_group_member(&team.fixture.admin, &staff, &HolderRef::User(team.ana.user)).await.unwrap();
        let shown = vault.request(&team.bob, asked.request.id).await.unwrap();
        assert!(!shown.applies && !shown.may.approve && shown.may.reject);
        assert_eq!(refusal(team.say(&team.bob, asked.request.id, Approve(None)).await), RequestRefusal::NoGrant);
    }

    async fn a_request_that_cannot_be_is_refused_with_its_reason(database: &TestDatabase) {
        let conditions = GrantConditions { ticket: Some("OPS-[0-9]+".parse().unwrap()), ..GrantConditions::default() };
        let team = Team::new(TestVault::new(database).await, TOKEN, conditions, 1).await;
        let vault = &team.fixture.vault;
        let ask = async |who: &Actor, draft: RequestDraft| vault.request_access(who, draft).await;
        let ana = because(&team.ana, Some("a fix"), Some("OPS-1"));
        assert_eq!(field(ask(&team.ana, team.draft()).await), "ticket");
        assert_eq!(field(ask(&because(&team.ana, None, Some("OPS-1")), team.draft()).await), "reason");
        assert_eq!(field(ask(&ana, RequestDraft { minutes: Some(0), ..team.draft() }).await), "minutes");
        assert_eq!(field(ask(&ana, RequestDraft { minutes: Some(61), ..team.draft() }).await), "minutes");
        assert_eq!(field(ask(&ana, RequestDraft { permissions: SEE, ..team.draft() }).await), "permissions");
        let far = Some(Timestamp::from_seconds(team.fixture.now().seconds() + 31 * 24 * 3_600));
        assert_eq!(field(ask(&ana, RequestDraft { not_before: far, ..team.draft() }).await), "not_before");
        let more = GrantPermissions { reveal: true, ..TOKEN };
        assert_eq!(field(ask(&ana, RequestDraft { permissions: more, ..team.draft() }).await), "permissions");
        let after = vault.grant(&team.fixture.admin, team.grant.grant.id).await.unwrap();
        assert_eq!(after.grant.conditions.until, None);
        let dan = because(&team.fixture.person("dan", Role::Member).await, Some("x"), None);
        assert!(matches!(ask(&dan, team.draft()).await, Err(Error::NotFound(_))));
        let admin = because(&team.fixture.admin, Some("x"), Some("OPS-1"));
        assert!(matches!(ask(&admin, team.draft()).await, Err(Error::Conflict(Conflict::NoRequestNeeded))));
        let first = ask(&ana, team.draft()).await.unwrap();
        match ask(&ana, team.draft()).await {
            Err(Error::Conflict(Conflict::RequestPending(id))) => assert_eq!(id, first.request.id),
            other => panic!("{other:?}"),
        }
        assert_eq!(team.say(&ana, first.request.id, Cancel).await.unwrap().state, RequestState::Cancelled);
        // Nobody is left who could approve, and the group cannot go while it is asked.
        for lead in [&team.bob, &team.cleo] {
            vault.remove_group_member(&admin, &team.leads, &HolderRef::User(lead.user)).await.unwrap();
        }
        assert_eq!(field(ask(&ana, team.draft()).await), "request");
        assert!(matches!(vault.remove_group(&admin, &team.leads).await, Err(Error::Conflict(Conflict::GroupApproves(1)))));
    }

    async fn an_emergency_is_allowed_at_once_and_its_approvers_may_end_it(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, TOKEN, GrantConditions::default(), 2).await;
        let vault = &team.fixture.vault;
        let emergency = Some(Reason::parse("the shop is down").unwrap());
        let draft = RequestDraft { minutes: None, emergency, ..team.draft() };
        let long = RequestDraft { minutes: Some(16), ..draft.clone() };
        assert_eq!(field(vault.request_access(&team.ana, long).await), "minutes");
        let taken = vault.request_access(&team.ana, draft).await.unwrap();
        assert_eq!((taken.state, taken.request.terms.minutes), (RequestState::Approved, 15));
        assert!(team.token().await);
        assert_eq!(team.acts().await, ["access.emergency"]);
        let seen = vault.request(&team.cleo, taken.request.id).await.unwrap();
        assert!(seen.may.revoke && seen.request.terms.emergency.is_some());
        team.say(&team.cleo, taken.request.id, Revoke).await.unwrap();
        assert!(!team.token().await);
        // Ended is ended: not again at once, and not again and again.
        let again = || RequestDraft { minutes: None, emergency: Reason::parse("once more").ok(), ..team.draft() };
        assert_eq!(field(vault.request_access(&team.ana, again()).await), "emergency");
        // What cannot wait does not wait for what is pending.
        let pending = team.ask().await;
        team.fixture.advance(24 * 60 * MINUTE - 1);
        let ana = because(&team.fixture.signed_in("ana").await, Some("a fix"), None);
        assert_eq!(field(vault.request_access(&ana, again()).await), "emergency");
        team.fixture.advance(1);
        assert_eq!(vault.request_access(&ana, again()).await.unwrap().state, RequestState::Approved);
        assert_eq!(vault.request(&ana, pending.request.id).await.unwrap().state, RequestState::Expired);
    }

    async fn a_session_belongs_to_its_request_and_ends_with_it(database: &TestDatabase) {
        let session = GrantPermissions { session: Some(Level::Control), ..SEE };
        let team = Team::new(TestVault::new(database).await, session, GrantConditions::default(), 1).await;
        let vault = &team.fixture.vault;
        let interact = GrantPermissions { session: Some(Level::Interact), ..SEE };
        let draft = RequestDraft { permissions: interact, ..team.draft() };
        let mut ended = Vec::new();
        for by_time in [false, true] {
            let id = vault.request_access(&team.ana, draft.clone()).await.unwrap().request.id;
            team.say(&team.bob, id, Approve(None)).await.unwrap();
            let run = live(&team.fixture, &team.ana, &team.credential).await;
            assert_eq!(run.seen().await.unwrap().end, None);
            for (who, known) in [(&team.ana, true), (&team.fixture.admin, true), (&team.bob, false)] {
                let shown = vault.request(who, id).await.unwrap();
                assert_eq!(shown.sessions == [run.id], known, "{}", who.name);
            }
            let mine = vault.session(&team.ana, run.id).await.unwrap();
            assert_eq!((mine.request, mine.may.join), (Some(id), Some(Level::Interact)), "as far as was approved");
            assert!(!mine.may.share, "one person was approved");
            let link = vault.session_link(&team.ana, run.id, "cleo", Level::View).await;
            assert!(matches!(link, Err(Error::Denied(_))));
            if by_time {
                team.fixture.advance(30 * MINUTE);
            } else {
                team.say(&team.bob, id, Revoke).await.unwrap();
            }
            assert_eq!(run.seen().await.unwrap().end, Some(SessionEnd::Administrator));
            ended.push(run.id);
            run.close(SessionEnd::Administrator).await.unwrap();
        }
        assert_eq!(ended.len(), 2);
    }

    async fn levels_approve_one_after_the_other(database: &TestDatabase) {
        let team = Team::new(TestVault::new(database).await, TOKEN, GrantConditions::default(), 1).await;
        let vault = &team.fixture.vault;
        let dan = team.fixture.person("dan", Role::Manager).await;
        let board = group(&team.fixture, "board", &[&dan]).await;
        let draft = GrantDraft {
            holder: HolderRef::User(team.ana.user),
            target: TargetRef::Credential(by_id(&team.credential)),
            permissions: TOKEN,
            conditions: GrantConditions::default(),
            approval: Some(approval(&[(&team.leads, 1), (&board, 1)])),
        };
        vault.edit_grant(&team.fixture.admin, team.grant.grant.id, draft).await.unwrap();
        let id = team.ask().await.request.id;
        assert!(team.list(&dan, RequestScope::ToDecide).await.is_empty(), "not yet");
        assert_eq!(refusal(team.say(&dan, id, Approve(None)).await), RequestRefusal::NotAsked);
        team.say(&team.cleo, id, Approve(None)).await.unwrap();
        assert!(team.list(&team.bob, RequestScope::ToDecide).await.is_empty(), "not any more");
        assert_eq!(team.list(&dan, RequestScope::ToDecide).await, [id]);
        let approved = team.say(&dan, id, Approve(None)).await.unwrap();
        let given: Vec<_> = approved.levels.iter().map(|level| level.given[0].name.as_str()).collect();
        assert_eq!((approved.state, given), (RequestState::Approved, vec!["cleo", "dan"]));
        assert!(team.token().await);
    }
}
