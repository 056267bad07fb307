//! What an upgrade marks: once, and never again; and what bore another mark before stays refused.

use countersign_audit::AuditAction;
use countersign_model::{GrantPermissions, Role, SiteSettings};
use countersign_seal::{Digest, MarkedRow};
use countersign_store::{args, audit::RecordFilter, both_engines, engine::Select as _, statements};
use countersign_vault::{NewGrant, SetUp};

use crate::{
    fixture::{TestVault, by_id, open_plain},
    marks::{refused, run, run_with, sign_in},
};

statements! {
    OTHER_SESSIONS = "delete from web_session where last_used_at >= 0 and id not in \
        (select id from web_session order by created_at desc, id desc limit 1)";
    ALL_CREDENTIALS_AS_BEFORE = "select id, name, username, site, status from credential";
    MARK_CREDENTIAL = "update credential set mark = $2 where id = $1";
    ALL_GRANTS_AS_BEFORE = "select id, credential, person, token, reveal, session, extras from access_grant";
    MARK_GRANT = "update access_grant set mark = $2 where id = $1";
    AS_MARKED_AT_2 = "update vault set marks = 2, mark = $1";
    SET_UP_AT = "select id, second_factor_required, marked_at, set_up_at from vault";
    AS_MARKED_BEFORE = "update vault set marks = 1, set_up_at = null, mark = $1";
    MARKED_AT = "select id, second_factor_required, marked_at from vault";
    MARK_BOB = "update person set mark = $1 where name = 'bob'";
    SESSIONS = "select id, token, person, created_at, confirmed_at from web_session";
    MARK_SESSION = "update web_session set mark = $2 where id = $1";
    UNMARK_SEEDS = "update seed set mark = null";
    SESSION_BEARER = "update web_session set token = $1";
    FORGET_MARKING = "update vault set marked_at = null, mark = null";
    UNMARK_1 = "update person set mark = null";
    UNMARK_2 = "update web_session set mark = null";
    UNMARK_3 = "update api_token set mark = null, token = $1";
    UNMARK_4 = "update credential set mark = null";
    UNMARK_5 = "update access_grant set mark = null";
    UNMARK_6 = "update automation set mark = null";
    UNMARK_7 = "update grant_decision set mark = null";
    MOVE_EMAIL = "update person set email = 'mallory@example.org' where name = 'bob'";
    BOB = "select id, role, password from person where name = 'bob'";
}

both_engines! {
    async fn what_was_granted_before_there_were_groups_is_marked_anew_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ana, bob) = (fixture.person("ana", Role::Member).await, fixture.person("bob", Role::Member).await);
        let credential = fixture.credential("Instagram").await;
        let grants = [&ana, &bob].map(|who| NewGrant { person: who.user, grant: GrantPermissions { token: true, ..GrantPermissions::SEE } });
        fixture.vault.set_grants(&fixture.admin, &by_id(&credential), &grants).await.unwrap();
        // As the schema's step leaves it: with the marks of before.
        let mut tx = database.write().await.unwrap();
        let row = tx.fetch_one(&SET_UP_AT, args![]).await.unwrap();
        let (id, required): (uuid::Uuid, bool) = (row.get(0).unwrap(), row.get(1).unwrap());
        let (at, set_up): (i64, Option<i64>) = (row.get(2).unwrap(), row.get(3).unwrap());
        let marked = MarkedRow::of("vault.2").bytes(id.as_bytes()).flag(required).number(Some(at));
        let mark = tx.keys().mark(&marked.number(Some(2)).number(set_up)).unwrap();
        tx.execute(&AS_MARKED_AT_2, args![mark]).await.unwrap();
        for row in tx.fetch_all(&ALL_CREDENTIALS_AS_BEFORE, args![]).await.unwrap() {
            let (id, name, user): (uuid::Uuid, String, String) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            let (site, status): (Option<String>, String) = (row.get(3).unwrap(), row.get(4).unwrap());
            let marked = MarkedRow::of("credential").bytes(id.as_bytes()).text(&name).text(&user);
            let mark = tx.keys().mark(&marked.maybe(site.as_deref().map(str::as_bytes)).text(&status)).unwrap();
            tx.execute(&MARK_CREDENTIAL, args![id, mark]).await.unwrap();
        }
        for row in tx.fetch_all(&ALL_GRANTS_AS_BEFORE, args![]).await.unwrap() {
            let (id, on, person): (uuid::Uuid, uuid::Uuid, uuid::Uuid) =
                (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            let (token, reveal): (bool, bool) = (row.get(3).unwrap(), row.get(4).unwrap());
            let (session, extras): (Option<String>, Option<String>) = (row.get(5).unwrap(), row.get(6).unwrap());
            // Bob's was widened before the upgrade: its mark is of another row.
            let token = if person == bob.user.uuid() { !token } else { token };
            let marked = MarkedRow::of("credential_grant").bytes(on.as_bytes()).bytes(person.as_bytes());
            let marked = marked.flag(token).flag(reveal).maybe(session.as_deref().map(str::as_bytes));
            let mark = tx.keys().mark(&marked.maybe(extras.as_deref().map(str::as_bytes))).unwrap();
            tx.execute(&MARK_GRANT, args![id, mark]).await.unwrap();
        }
        tx.commit().await.unwrap();
        refused(fixture.vault.credential(&ana, &by_id(&credential)).await, "credential \"");

        let again = open_plain(database, &fixture.folder, &fixture.clock).await;
        again.token(&ana, &by_id(&credential), &Default::default()).await.unwrap();
        refused(again.token(&bob, &by_id(&credential), &Default::default()).await, "grant of user");
        let filter = RecordFilter { act: Some(AuditAction::RowsMarked.name().to_owned()), ..RecordFilter::default() };
        assert_eq!(countersign_store::audit::list(&mut &**database, &filter, 10).await.unwrap().len(), 1);
        // Not a second time.
        open_plain(database, &fixture.folder, &fixture.clock).await;
        assert_eq!(countersign_store::audit::list(&mut &**database, &filter, 10).await.unwrap().len(), 1);
    }

    async fn rows_are_marked_once_at_the_first_start_after_the_upgrade(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let bob = fixture.person("bob", Role::Member).await;
        let credential = fixture.credential("Instagram").await;
        fixture.grant(&credential, &bob, Some(GrantPermissions { token: true, ..GrantPermissions::SEE })).await;
        fixture.vault.set_automation(&fixture.admin, &by_id(&credential), SiteSettings::default()).await.unwrap();
        let signed_in = sign_in(&fixture, "bob").await.unwrap();
        let bearer = fixture.api_token(&fixture.admin, None).await;
        // As it was before: no marks, and bearers as plain hashes.
        let as_before = async |session: &Digest, token: &Digest| {
            for statement in [&FORGET_MARKING, &UNMARK_1, &UNMARK_2, &UNMARK_4, &UNMARK_5, &UNMARK_6, &UNMARK_7] {
                run(database, statement).await;
            }
            run_with(database, &UNMARK_3, token.bytes().to_vec()).await;
            let mut tx = database.write().await.unwrap();
            tx.execute(&OTHER_SESSIONS, args![]).await.unwrap();
            tx.commit().await.unwrap();
            run_with(database, &SESSION_BEARER, session.bytes().to_vec()).await;
        };
        as_before(&signed_in.bearer.hash(), &bearer.hash()).await;

        let again = open_plain(database, &fixture.folder, &fixture.clock).await;
        assert_eq!(again.recognise(&bearer).await.unwrap().actor.name, "root/ci");
        let actor = again.recognise(&signed_in.bearer).await.unwrap().actor;
        again.token(&actor, &by_id(&credential), &Default::default()).await.unwrap();
        again.automation(&fixture.admin, &by_id(&credential)).await.unwrap();
        let filter = RecordFilter { act: Some(AuditAction::RowsMarked.name().to_owned()), ..RecordFilter::default() };
        let recorded = countersign_store::audit::list(&mut &**database, &filter, 10).await.unwrap();
        assert_eq!(recorded.len(), 1);
        open_plain(database, &fixture.folder, &fixture.clock).await;

        // Never again, whatever is missing then.
        as_before(&signed_in.bearer.hash(), &bearer.hash()).await;
        let refused = crate::fixture::try_open(database, &fixture.folder, &fixture.clock).await.err().unwrap().to_string();
        assert!(refused.contains("the note of when rows were marked"), "{refused}");
    }

    async fn what_was_marked_before_marks_covered_more_is_marked_anew_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.person("bob", Role::Member).await;
        let signed_in = sign_in(&fixture, "bob").await.unwrap();
        let as_before = async || {
            let mut tx = database.write().await.unwrap();
            let row = tx.fetch_one(&MARKED_AT, args![]).await.unwrap();
            let (id, required, at): (uuid::Uuid, bool, i64) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            let marked = MarkedRow::of("vault").bytes(id.as_bytes()).flag(required).number(Some(at));
            let mark = tx.keys().mark(&marked).unwrap();
            tx.execute(&AS_MARKED_BEFORE, args![mark]).await.unwrap();
            let row = tx.fetch_one(&BOB, args![]).await.unwrap();
            let (id, role, password): (uuid::Uuid, String, Vec<u8>) =
                (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            let marked = MarkedRow::of("person").bytes(id.as_bytes()).text("bob").text(&role).bytes(&password);
            let marked = marked.maybe(None).maybe(None).maybe(None).maybe(None).flag(false).flag(true);
            let mark = tx.keys().mark(&marked).unwrap();
            tx.execute(&MARK_BOB, args![mark]).await.unwrap();
            for row in tx.fetch_all(&SESSIONS, args![]).await.unwrap() {
                let (id, token, person): (uuid::Uuid, Vec<u8>, uuid::Uuid) =
                    (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
                let (created, confirmed): (i64, i64) = (row.get(3).unwrap(), row.get(4).unwrap());
                let marked = MarkedRow::of("web_session").bytes(id.as_bytes()).bytes(&token).bytes(person.as_bytes());
                let mark = tx.keys().mark(&marked.number(Some(created)).number(Some(confirmed))).unwrap();
                tx.execute(&MARK_SESSION, args![id, mark]).await.unwrap();
            }
            tx.execute(&UNMARK_SEEDS, args![]).await.unwrap();
            tx.commit().await.unwrap();
        };
        as_before().await;
        let again = open_plain(database, &fixture.folder, &fixture.clock).await;
        assert_eq!(again.recognise(&signed_in.bearer).await.unwrap().actor.name, "bob");
        assert_eq!(again.set_up_state().await.unwrap(), SetUp::Done);
        run(database, &MOVE_EMAIL).await;
        refused(sign_in(&fixture, "bob").await, "user \"");
        // A row that bore another mark before keeps it; and there is no second time.
        as_before().await;
        let refused = crate::fixture::try_open(database, &fixture.folder, &fixture.clock).await.err().unwrap().to_string();
        assert!(refused.contains("what marks cover"), "{refused}");
    }
}
