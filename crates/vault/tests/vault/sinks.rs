//! Where the audit log also goes: who may say so, what is kept of it, and a log that was cut.

use std::time::Duration;

use countersign_audit::ExportLine;
use countersign_model::{Role, SinkKind, SinkName, SinkStanding, TooShort, ViewName};
use countersign_store::{args, both_engines, engine::Statement};
use countersign_vault::{
    CheckState, Conflict, Error, FieldEdit, NoticeSettingsRequest, Object, SavedFilter, SinkDraft, SinkRef, TakenFrom,
};

use crate::{
    fixture::{TestVault, secret},
    log::acts,
};

const LEASE: Duration = Duration::from_secs(60);

static POINT_ELSEWHERE: Statement =
    Statement::one("test::POINT_ELSEWHERE", "update audit_sink set settings = replace(settings, 'token', 'sink')");
static SKIP: Statement = Statement::one("test::SKIP", "update audit_sink_state set cursor_seq = cursor_seq + 5");
static PAUSE: Statement = Statement::one("test::PAUSE", "update audit_sink set paused = true");
static FORGET: Statement = Statement::one("test::FORGET", "delete from audit_sink where id = $1");
static CUT: Statement = Statement::one(
    "test::CUT",
    "update vault set audit_size = $1, audit_root = (select root from audit_block where last = $1)",
);
static CUT_BLOCKS: Statement = Statement::one("test::CUT_BLOCKS", "delete from audit_block where last > $1");

pub(crate) fn draft(name: &str) -> SinkDraft {
    SinkDraft {
        name: SinkName::parse(name).unwrap(),
        kind: SinkKind::Webhook,
        address: FieldEdit::Set(secret("https://hooks.example.com/T0/part-of-the-address")),
        header: FieldEdit::Set(secret("Authorization: Bearer word-of-the-header")),
        authority: None,
        plain: false,
        acts: vec!["token.read".to_owned()],
        paused: false,
        new_signing_secret: false,
        from_beginning: true,
    }
}

pub(crate) fn siem() -> SinkRef {
    SinkRef::Name("SIEM".to_owned())
}

/// The numbers of a batch, and then notes it as taken.
pub(crate) async fn take(fixture: &TestVault, sender: &str) -> Vec<u64> {
    let mut numbers = Vec::new();
    for turn in fixture.vault.claim_sinks(sender, LEASE, &[]).await.unwrap() {
        while let Some(batch) = fixture.vault.sink_batch(&turn, TakenFrom::Unknown).await.unwrap() {
            if !batch.moved() {
                break;
            }
            numbers.extend(batch.lines.iter().filter_map(|line| match line {
                ExportLine::Record(record) => Some(record.seq),
                ExportLine::Checkpoint(_) => None,
            }));
            assert!(fixture.vault.sink_taken(&turn, &batch, None).await.unwrap());
        }
        fixture.vault.release_sink(&turn).await.unwrap();
    }
    numbers
}

both_engines! {
    async fn administrators_alone_say_where_the_log_goes(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.vault.create_sink(&fixture.admin, draft("siem")).await.unwrap();
        for (name, role) in [("mia", Role::Manager), ("max", Role::Member), ("ada", Role::Auditor)] {
            let actor = fixture.person(name, role).await;
            assert!(matches!(fixture.vault.create_sink(&actor, draft("other")).await, Err(Error::Denied(_))), "{role:?}");
            assert!(matches!(fixture.vault.edit_sink(&actor, &siem(), draft("siem")).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.pause_sink(&actor, &siem(), true).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.rewind_sink(&actor, &siem(), 1).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.begin_sink_test(&actor, &siem()).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.remove_sink(&actor, &siem()).await, Err(Error::Denied(_))));
            let seen = fixture.vault.sinks(&actor).await;
            assert_eq!(seen.is_ok(), role == Role::Auditor, "who reads the log may see where it goes: {role:?}");
        }
        // A sign-in that is not recent does not do.
        let root = fixture.signed_in("root").await;
        fixture.advance(16 * 60);
        let refused = fixture.vault.create_sink(&root, draft("other")).await;
        assert!(matches!(refused, Err(Error::TooShort(TooShort::NotRecent))), "{:?}", refused.err());
        let refused = fixture.vault.pause_sink(&root, &siem(), true).await;
        assert!(matches!(refused, Err(Error::TooShort(TooShort::NotRecent))));
        assert!(fixture.vault.sinks(&root).await.is_ok());
    }

    async fn a_destination_is_made_changed_and_removed_on_record(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (view, signing) = fixture.vault.create_sink(&fixture.admin, draft("siem")).await.unwrap();
        let signing = signing.expect("shown this once").expose_text().unwrap().to_owned();
        assert!(signing.starts_with("csw_"));
        assert_eq!((view.address.as_str(), view.has_header), ("https://hooks.example.com", true));
        let again = fixture.vault.create_sink(&fixture.admin, draft("Siem")).await;
        assert!(matches!(again, Err(Error::Conflict(Conflict::NameTaken { what: "destination", .. }))));

        // What is secret stays where it is not said anew, and does not follow to another address.
        let keep = |name: &str| SinkDraft { address: FieldEdit::Keep, header: FieldEdit::Keep, ..draft(name) };
        let (view, signing_again) = fixture.vault.edit_sink(&fixture.admin, &siem(), keep("siem 2")).await.unwrap();
        assert!(view.has_header && signing_again.is_none());
        let elsewhere = SinkDraft { header: FieldEdit::Keep, ..draft("siem 2") };
        let refused = fixture.vault.edit_sink(&fixture.admin, &SinkRef::Id(view.id), elsewhere).await;
        assert!(refused.err().unwrap().to_string().contains("must be given again"));
        let gone = SinkDraft { header: FieldEdit::Clear, ..draft("siem") };
        let (view, _) = fixture.vault.edit_sink(&fixture.admin, &SinkRef::Id(view.id), gone).await.unwrap();
        assert!(!view.has_header);

        assert_eq!(fixture.vault.pause_sink(&fixture.admin, &siem(), true).await.unwrap().standing, SinkStanding::Paused);
        assert!(take(&fixture, "sender").await.is_empty(), "paused");
        fixture.vault.pause_sink(&fixture.admin, &siem(), false).await.unwrap();
        fixture.vault.begin_sink_test(&fixture.admin, &siem()).await.unwrap();
        fixture.vault.rewind_sink(&fixture.admin, &siem(), 2).await.unwrap();
        assert!(fixture.vault.rewind_sink(&fixture.admin, &siem(), 0).await.is_err());
        assert!(fixture.vault.rewind_sink(&fixture.admin, &siem(), 99).await.is_err());
        fixture.vault.remove_sink(&fixture.admin, &siem()).await.unwrap();
        assert!(matches!(fixture.vault.sink(&fixture.admin, &siem()).await, Err(Error::NotFound(Object::Sink))));
        let sinks: Vec<String> = acts(&fixture).await.into_iter().filter(|act| act.starts_with("sink.")).collect();
        assert_eq!(sinks, [
            "sink.created", "sink.edited", "sink.edited", "sink.paused", "sink.paused", "sink.tested", "sink.rewound",
            "sink.removed",
        ]);
        // No record holds any secret of it.
        let mut reader = fixture.vault.export_audit(&fixture.admin).await.unwrap();
        let mut text = String::new();
        loop {
            let lines = reader.next().await.unwrap();
            if lines.is_empty() { break }
            lines.iter().for_each(|line| text.push_str(&line.to_json()));
        }
        for secret in [signing.as_str(), "word-of-the-header", "part-of-the-address"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }

    async fn what_cannot_be_is_refused_by_its_field(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let refused = async |change: &dyn Fn(&mut SinkDraft)| {
            let mut draft = draft("siem");
            change(&mut draft);
            match fixture.vault.create_sink(&fixture.admin, draft).await {
                Err(Error::Invalid(invalid)) => {
                    assert!(!invalid.problem.contains("word-of") && !invalid.problem.contains("part-of"), "{invalid}");
                    invalid.field
                }
                other => panic!("{:?}", other.map(|_| ())),
            }
        };
        assert_eq!(refused(&|it| it.address = FieldEdit::Keep).await, "address");
        assert_eq!(refused(&|it| it.address = FieldEdit::Set(secret("http://siem.example.com/part-of"))).await, "address");
        assert_eq!(refused(&|it| it.header = FieldEdit::Set(secret("Host: word-of"))).await, "header");
        assert_eq!(refused(&|it| it.header = FieldEdit::Set(secret("A: word-of\nB: c"))).await, "header");
        assert_eq!(refused(&|it| it.acts = vec!["token.taken".to_owned()]).await, "acts");
        assert_eq!(refused(&|it| it.authority = Some("hello".to_owned())).await, "authority");
        assert_eq!(refused(&|it| { it.kind = SinkKind::Folder; it.header = FieldEdit::Keep; it.address = FieldEdit::Set(secret("x")); }).await, "address");
    }

    async fn one_sender_has_it_and_loses_it_when_other_settings_hold(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let everything = SinkDraft { acts: Vec::new(), ..draft("siem") };
        fixture.vault.create_sink(&fixture.admin, everything).await.unwrap();
        let mine = fixture.vault.claim_sinks("one", LEASE, &[]).await.unwrap();
        assert_eq!(mine.len(), 1);
        assert!(fixture.vault.claim_sinks("two", LEASE, &[]).await.unwrap().is_empty());
        assert!(fixture.vault.renew_sink(&mine[0]).await.unwrap());
        let batch = fixture.vault.sink_batch(&mine[0], TakenFrom::Unknown).await.unwrap().unwrap();
        assert!(!batch.lines.is_empty());
        // Its lease ends; another takes it; what the first says is not noted any more.
        fixture.advance(61);
        let theirs = fixture.vault.claim_sinks("two", LEASE, &[]).await.unwrap();
        assert_eq!(theirs.len(), 1);
        assert!(!fixture.vault.sink_taken(&mine[0], &batch, None).await.unwrap());
        assert!(fixture.vault.sink_batch(&mine[0], TakenFrom::Unknown).await.unwrap().is_none());
        assert_eq!(fixture.vault.sink(&fixture.admin, &siem()).await.unwrap().taken, 0);
        // Other settings: whoever sends by the former ones loses it, too.
        fixture.vault.pause_sink(&fixture.admin, &siem(), false).await.unwrap();
        assert!(!fixture.vault.renew_sink(&theirs[0]).await.unwrap());
        assert!(fixture.vault.sink_batch(&theirs[0], TakenFrom::Unknown).await.unwrap().is_none());
        let size = fixture.vault.checkpoint(&fixture.admin).await.unwrap().size;
        assert_eq!(take(&fixture, "three").await, (1..=size).collect::<Vec<_>>());
        assert!(take(&fixture, "three").await.is_empty());
    }

    async fn a_failure_waits_ever_longer_and_administrators_are_told_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let everything = SinkDraft { acts: Vec::new(), ..draft("siem") };
        fixture.vault.create_sink(&fixture.admin, everything).await.unwrap();
        let settings = NoticeSettingsRequest {
            webhook: FieldEdit::Set(secret("https://hooks.example.com/notices")),
            ..NoticeSettingsRequest::default()
        };
        fixture.vault.set_notice_settings(&fixture.admin, settings).await.unwrap();
        let fail = async || {
            let turns = fixture.vault.claim_sinks("one", LEASE, &[]).await.unwrap();
            for turn in &turns {
                fixture.vault.sink_failed(turn, "no\nconnection", None).await.unwrap();
            }
            turns.len()
        };
        assert_eq!(fail().await, 1);
        assert_eq!(fail().await, 0, "not before its time");
        let view = fixture.vault.sink(&fixture.admin, &siem()).await.unwrap();
        assert_eq!((view.standing, view.attempts), (SinkStanding::Failing, 1));
        assert_eq!(view.last_error.as_deref(), Some("no connection"));
        let sinks = async || fixture.vault.checks().await.into_iter().find(|check| check.name == "audit destinations");
        assert_eq!(sinks().await.unwrap().state, CheckState::Warning);
        let mut waits = Vec::new();
        for _ in 0..12 {
            let view = fixture.vault.sink(&fixture.admin, &siem()).await.unwrap();
            let wait = view.next_try_at.unwrap().since(fixture.now());
            waits.push(wait);
            fixture.clock.advance(wait);
            assert_eq!(fail().await, 1);
        }
        assert!(waits[0] <= Duration::from_secs(1) && waits[11] >= Duration::from_secs(150), "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(300)), "{waits:?}");

        let told = async || {
            fixture.vault.tell_of_sinks().await.unwrap();
            let log = fixture.vault.notice_log(&fixture.admin).await.unwrap();
            log.iter().filter(|notice| notice.kind == "sink_behind").count()
        };
        assert_eq!(told().await, 0);
        fixture.advance(61 * 60);
        assert_eq!(told().await, 1);
        assert_eq!(told().await, 1, "once");
        assert_eq!(sinks().await.unwrap().state, CheckState::Failed);
        let figures = fixture.vault.sink_figures().await.unwrap();
        assert!(figures[0].failing && figures[0].behind > 0 && figures[0].behind_seconds > 3_600, "{figures:?}");
        // It takes all; later it is behind again, and that is told again.
        take(&fixture, "two").await;
        assert_eq!(told().await, 1);
        assert_eq!(sinks().await.unwrap().state, CheckState::Ok);
        fixture.credential("Instagram").await;
        fixture.advance(61 * 60);
        assert_eq!(told().await, 2);
    }

    async fn sql_alone_changes_nothing_of_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        for statement in [&POINT_ELSEWHERE, &PAUSE, &SKIP] {
            let (view, _) = fixture.vault.create_sink(&fixture.admin, draft("siem")).await.unwrap();
            let mut tx = database.write().await.unwrap();
            assert_eq!(tx.execute(statement, args![]).await.unwrap(), 1);
            tx.commit().await.unwrap();
            assert!(fixture.vault.claim_sinks("one", LEASE, &[]).await.is_err(), "{statement:?}");
            assert!(fixture.vault.sinks(&fixture.admin).await.is_err());
            let complaints = fixture.complaints().await;
            assert!(complaints.iter().any(|check| check.name == "rows of authority"), "{complaints:?}");
            let mut tx = database.write().await.unwrap();
            assert_eq!(tx.execute(&FORGET, args![view.id.uuid()]).await.unwrap(), 1);
            tx.commit().await.unwrap();
        }
    }

    async fn a_log_that_was_cut_is_not_sent_on_as_if_nothing_was(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let everything = SinkDraft { acts: Vec::new(), ..draft("siem") };
        fixture.vault.create_sink(&fixture.admin, everything).await.unwrap();
        for name in ["one", "two", "three"] {
            fixture.credential(name).await;
        }
        let taken = take(&fixture, "sender").await;
        let last = *taken.last().unwrap();
        let mut tx = database.write().await.unwrap();
        let left = i64::try_from(last - 2).unwrap();
        tx.execute(&CUT, args![left]).await.unwrap();
        tx.execute(&CUT_BLOCKS, args![left]).await.unwrap();
        tx.commit().await.unwrap();
        // Others are written in their places.
        for name in ["four", "five", "six"] {
            let _ = fixture.vault.checkpoint(&fixture.admin).await;
            fixture.vault.create_group(&fixture.admin, &countersign_model::GroupName::parse(name).unwrap()).await.unwrap();
        }
        let turns = fixture.vault.claim_sinks("sender", LEASE, &[]).await.unwrap();
        let found = fixture.vault.sink_batch(&turns[0], TakenFrom::Unknown).await;
        assert!(matches!(found, Err(Error::LogBroken { .. })), "{:?}", found.map(|_| ()));
        // An administrator who has looked says from where it goes on.
        fixture.vault.release_sink(&turns[0]).await.unwrap();
        fixture.vault.rewind_sink(&fixture.admin, &siem(), last).await.unwrap();
        assert_eq!(take(&fixture, "sender").await.first(), Some(&last));
    }

    async fn filters_are_kept_by_each_for_themselves(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ada = fixture.person("ada", Role::Auditor).await;
        let name = ViewName::parse("Refusals").unwrap();
        let filter = SavedFilter { act: Some("token.denied".to_owned()), ..SavedFilter::default() };
        let kept = fixture.vault.save_view(&ada, name.clone(), filter.clone()).await.unwrap();
        assert_eq!(fixture.vault.saved_views(&ada).await.unwrap(), std::slice::from_ref(&kept));
        assert!(fixture.vault.saved_views(&fixture.admin).await.unwrap().is_empty());
        assert!(matches!(fixture.vault.delete_view(&fixture.admin, kept.id).await, Err(Error::NotFound(Object::View))));
        let nothing = SavedFilter { search: Some("  ".to_owned()), ..SavedFilter::default() };
        assert!(fixture.vault.save_view(&ada, name.clone(), nothing).await.is_err());
        let max = fixture.person("max", Role::Member).await;
        assert!(matches!(fixture.vault.save_view(&max, name, filter).await, Err(Error::Denied(_))));
        fixture.vault.delete_view(&ada, kept.id).await.unwrap();
        assert!(fixture.vault.saved_views(&ada).await.unwrap().is_empty());
    }
}
