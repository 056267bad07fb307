//! Sessions: asking, hosting, coming in, ending.

use std::time::Duration;

use countersign_model::{Actor, Grant, Level, Role, SessionEnd, SessionState};
use countersign_store::both_engines;
use countersign_vault::{
    ChangeAsk, CredentialView, End, Error, Run, SessionAsk, SessionListAsk, SessionRun, SessionView, Vault,
};

use crate::house::{House, by_id};

pub(crate) const LEASE: Duration = Duration::from_secs(90);
pub(crate) const NODE: &str = "node-1";

pub(crate) async fn start(house: &House, actor: &Actor, credential: &CredentialView) -> Result<SessionView, Error> {
    house.vault.start_session(actor, &by_id(credential), &SessionAsk::default()).await
}

pub(crate) async fn sign_in(vault: &Vault) -> Option<Run> {
    vault.claim_sign_in(NODE, LEASE).await.unwrap()
}

/// A session that people may see.
pub(crate) async fn live(house: &House, actor: &Actor, credential: &CredentialView) -> SessionRun {
    let session = start(house, actor, credential).await.unwrap();
    let mut sign_in = sign_in(&house.vault).await.unwrap();
    assert_eq!(sign_in.session(), Some(session.row.id));
    let mut run = house.vault.host_session(session.row.id, NODE).await.unwrap();
    house.vault.end_change(&mut sign_in, End::Passed).await.unwrap();
    house.vault.session_live(&mut run).await.unwrap();
    run
}

both_engines! {
    async fn a_session_is_asked_for_taken_seen_and_ended(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let session = start(&house, &house.admin, &credential).await.unwrap();
        assert_eq!((session.row.state, session.row.sign_in), (SessionState::Starting, true));
        assert!(house.vault.claim_change(NODE, LEASE).await.unwrap().is_none(), "ordinary workers leave it alone");
        let mut sign_in = sign_in(&house.vault).await.unwrap();
        let mut run = house.vault.host_session(session.row.id, NODE).await.unwrap();
        assert_eq!((run.sign_in, run.change, run.owner_name.as_str()), (Some(sign_in.id()), None, "root"));
        assert!(house.vault.change(&house.admin, sign_in.id()).await.is_err(), "a sign-in shows in its session");
        house.vault.end_change(&mut sign_in, End::Passed).await.unwrap();
        house.vault.session_live(&mut run).await.unwrap();
        house.advance(5);
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, None);
        let seat = house.vault.join_session(&house.admin, run.id, None).await.unwrap();
        assert_eq!((seat.level, seat.may_end), (Level::Control, true));

        let ending = house.vault.end_session(&house.admin, run.id).await.unwrap();
        assert_eq!(ending.row.state, SessionState::Live, "its host closes the browser first");
        assert_eq!(house.vault.session_seen(&run).await.unwrap().end, Some(SessionEnd::Person));
        house.vault.close_session(&mut run, SessionEnd::Person).await.unwrap();
        let ended = house.vault.session(&house.admin, run.id).await.unwrap();
        assert_eq!((ended.row.state, ended.row.ended_why), (SessionState::Ended, Some(SessionEnd::Person)));
        assert!(matches!(house.vault.session_seen(&run).await, Err(Error::LeaseLost)));
        assert!(matches!(house.vault.join_session(&house.admin, run.id, None).await, Err(Error::SessionEnded)));
        start(&house, &house.admin, &credential).await.unwrap();
        let ask = SessionListAsk { open: Some(true), ..SessionListAsk::default() };
        assert_eq!(house.vault.list_sessions(&house.admin, &ask).await.unwrap().items.len(), 1);
    }

    async fn one_session_at_a_time_and_none_beside_a_change(database: &TestDatabase) {
        let house = House::new(database).await;
        let credential = house.credential("Instagram").await;
        let member = house.person("ana", Role::Member).await;
        house.grant(&credential, &member, Some(Grant { session: Some(Level::Interact), ..Grant::SEE })).await;
        let member = house.signed_in("ana").await;
        let ask = ChangeAsk { kind: countersign_model::ChangeKind::Change, reason: None };
        let change = house.vault.ask_change(&house.admin, &by_id(&credential), &ask).await.unwrap();
        let refused = start(&house, &member, &credential).await.unwrap_err();
        assert!(matches!(refused, Error::UnderWay(id) if id == change.row.id), "{refused}");
        house.vault.cancel_change(&house.admin, change.row.id).await.unwrap();

        let first = live(&house, &member, &credential).await;
        let second = start(&house, &house.admin, &credential).await.unwrap_err();
        assert!(
            matches!(&second, Error::InUse { session, by } if *session == first.id && by == "ana"),
            "the page can offer to watch: {second}"
        );
    }
}
