//! From what happens in the vault to the mail and the webhook that tell it, with servers of the test's own.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod catchers;
mod fixture;

use std::time::Duration;

use countersign_model::{Challenge, ChangeKind, ChangeReason, PasswordSlot, Role};
use countersign_notify::{AllowPrivateReceivers, SIGNATURE_HEADER, Sender, TIMESTAMP_HEADER, send_one, signature};
use countersign_seal::Secret;
use countersign_store::both_engines;
use countersign_vault::{ChangeOutcome, ChangeRequest, Error, FieldEdit, NoticeSettingsRequest, NoticeWay, RunError};

use catchers::{Mails, Requests};
use fixture::{TestNotices, by_id, secret};

const HERE: AllowPrivateReceivers = AllowPrivateReceivers(true);
const SENDER: &str = "sender";

/// Sends all that is due.
async fn send_all(fixture: &TestNotices) -> usize {
    let mut count = 0;
    for way in NoticeWay::ALL {
        while send_one(&fixture.vault, way, HERE, SENDER).await.unwrap() {
            count += 1;
        }
    }
    count
}

async fn log(fixture: &TestNotices) -> Vec<(String, String, bool, Option<String>)> {
    let log = fixture.vault.notice_log(&fixture.admin).await.unwrap();
    log.into_iter().map(|row| (row.kind, row.way, row.delivered_at.is_some(), row.last_error)).collect()
}

both_engines! {
    async fn a_change_that_waits_reaches_people_by_mail_and_webhook(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let (mails, requests) = (Mails::listen().await, Requests::listen(200).await);
        fixture.vault.set_own_email(&fixture.admin, Some("root@example.com")).await.unwrap();
        let (_, signing) = fixture.vault.set_notice_settings(&fixture.admin, NoticeSettingsRequest {
            address: Some("https://vault.example.com/".to_owned()),
            smtp: FieldEdit::Set(secret(&format!("smtp://127.0.0.1:{}", mails.port))),
            sender: Some("vault@example.com".to_owned()),
            recipients: vec!["ops@example.com".to_owned(), "root@example.com".to_owned()],
            tell_asker: true,
            webhook: FieldEdit::Set(secret(&format!("http://127.0.0.1:{}/T0/abc", requests.port))),
            new_signing_secret: false,
        }).await.unwrap();
        let signing = signing.expect("shown this once");
        assert_eq!(send_all(&fixture).await, 0, "nothing has happened");

        let mut run = fixture.begun("Instagram").await;
        let until = fixture.vault.now().plus(Duration::from_secs(3_600));
        run.park(Challenge::Captcha, None, until, None).await.unwrap();
        assert_eq!(send_all(&fixture).await, 3, "two mails, one of them to whoever asked, and the webhook");

        let caught = mails.caught();
        let mut to: Vec<_> = caught.iter().map(|mail| mail.to.clone()).collect();
        to.sort();
        assert_eq!(to, ["ops@example.com", "root@example.com"]);
        let link = format!("https://vault.example.com/#/changes/{}", run.id());
        for mail in &caught {
            assert!(mail.text.contains("Subject: Instagram: password change needs attention"), "{}", mail.text);
            let plain = mail.body();
            assert!(plain.contains(&link), "{plain}");
            assert!(plain.contains("CAPTCHA") && !plain.contains("its password"), "{plain}");
        }
        let [request] = &requests.caught()[..] else { panic!("one request") };
        assert!(request.head.starts_with("POST /T0/abc HTTP/1.1\r\n"), "{}", request.head);
        let timestamp: i64 = request.header(TIMESTAMP_HEADER).parse().unwrap();
        assert_eq!(timestamp, fixture.vault.now().seconds());
        assert_eq!(request.header(SIGNATURE_HEADER), signature(&signing, timestamp, request.body.as_bytes()));
        for part in ["\"kind\":\"waiting\"", "\"credential\":\"Instagram\"", "\"reason\":\"challenge:captcha\"", &link] {
            assert!(request.body.contains(part), "{}", request.body);
        }
        assert!(log(&fixture).await.iter().all(|(_, _, delivered, error)| *delivered && error.is_none()));

        // Looked at and parked again: one telling of it is enough.
        run.park(Challenge::Captcha, None, until, None).await.unwrap();
        assert_eq!(send_all(&fixture).await, 0);
    }

    async fn what_failed_is_told_without_what_the_page_said(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let requests = Requests::listen(204).await;
        fixture.webhook(&requests).await;
        let run = fixture.begun("Instagram").await;
        let reason = ChangeReason::PasswordRejected { rule: "hunter2 is too short".to_owned() };
        run.end(ChangeOutcome::Failed { reason }).await.unwrap();
        send_all(&fixture).await;
        let [request] = &requests.caught()[..] else { panic!("one request") };
        assert!(request.body.contains("\"kind\":\"failed\"") && !request.body.contains("hunter2"), "{}", request.body);
    }

    async fn what_did_not_happen_is_not_told(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let requests = Requests::listen(200).await;
        fixture.webhook(&requests).await;
        let run = fixture.begun("Instagram").await;
        // It may not end so: nothing was proven, and nothing of the transaction stays.
        let not_ended = run.end(ChangeOutcome::Changed).await.unwrap_err();
        assert!(matches!(not_ended.error, RunError::Vault(Error::Internal(_))), "{}", not_ended.error);
        let run = not_ended.run;
        assert_eq!(send_all(&fixture).await, 0);
        run.end(ChangeOutcome::Cancelled).await.unwrap();
        assert_eq!(send_all(&fixture).await, 0, "who calls it off knows it");
        assert!(log(&fixture).await.is_empty());
    }

    async fn doubt_and_proof_are_each_told_once(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let requests = Requests::listen(200).await;
        fixture.webhook(&requests).await;
        let run = fixture.armed("Instagram").await;
        let soon = fixture.vault.now().plus(Duration::from_secs(30));
        let reason = ChangeReason::SiteUnavailable;
        run.end(ChangeOutcome::InDoubt { reason: reason.clone(), retry_at: Some(soon) }).await.unwrap();
        assert_eq!(send_all(&fixture).await, 0, "it is looked into again at once");
        for told in [1, 0] {
            fixture.clock.advance(Duration::from_secs(60));
            let again = fixture.vault.claim_change("worker", Duration::from_secs(60)).await.unwrap().unwrap();
            let later = fixture.vault.now().plus(Duration::from_secs(60 * 60));
            let end = ChangeOutcome::InDoubt { reason: reason.clone(), retry_at: Some(later) };
            again.end(end).await.unwrap();
            assert_eq!(send_all(&fixture).await, told, "told once of a change");
            fixture.clock.advance(Duration::from_secs(60 * 60));
        }
        let mut last = fixture.vault.claim_change("worker", Duration::from_secs(60)).await.unwrap().unwrap();
        last.report(countersign_model::ChangeState::Verifying, "proving", None).await.unwrap();
        last.use_password(PasswordSlot::Candidate, true).await.unwrap();
        last.end(ChangeOutcome::Changed).await.unwrap();
        assert_eq!(send_all(&fixture).await, 1);
        let kinds: Vec<_> = log(&fixture).await.into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds, ["changed", "in_doubt"]);
    }

    async fn a_server_that_is_away_is_tried_ever_later_and_not_for_ever(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let requests = Requests::listen(503).await;
        fixture.webhook(&requests).await;
        fixture.vault.send_test_notice(&fixture.admin).await.unwrap();
        assert_eq!(send_all(&fixture).await, 1);
        let (kind, way, delivered, error) = log(&fixture).await.remove(0);
        assert_eq!((kind.as_str(), way.as_str(), delivered), ("test", "webhook", false));
        assert_eq!(error.as_deref(), Some("the webhook answered 503 Service Unavailable"));
        fixture.clock.advance(Duration::from_secs(29));
        assert_eq!(send_all(&fixture).await, 0, "not before half a minute has passed");
        fixture.clock.advance(Duration::from_secs(1));
        requests.answer(200);
        assert_eq!(send_all(&fixture).await, 1);
        assert!(log(&fixture).await[0].2, "delivered");

        requests.answer(500);
        fixture.vault.send_test_notice(&fixture.admin).await.unwrap();
        let mut tries = 0;
        for _ in 0..20 {
            tries += send_all(&fixture).await;
            fixture.clock.advance(Duration::from_secs(6 * 60 * 60));
        }
        assert_eq!(tries, 8);
        assert!(fixture.vault.notice_log(&fixture.admin).await.unwrap()[0].given_up_at.is_some());
    }

    async fn a_mail_server_that_never_answers_holds_no_webhook_back(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let requests = Requests::listen(200).await;
        fixture.vault.set_own_email(&fixture.admin, Some("root@example.com")).await.unwrap();
        fixture.vault.set_notice_settings(&fixture.admin, NoticeSettingsRequest {
            smtp: FieldEdit::Set(secret(&format!("smtp://{}", silent.local_addr().unwrap()))),
            sender: Some("vault@example.com".to_owned()),
            recipients: vec!["ops@example.com".to_owned(), "night@example.com".to_owned()],
            webhook: FieldEdit::Set(secret(&format!("http://127.0.0.1:{}/T0/abc", requests.port))),
            ..NoticeSettingsRequest::default()
        }).await.unwrap();
        let _sender = Sender::start(&fixture.vault, HERE, SENDER);
        fixture.vault.send_test_notice(&fixture.admin).await.unwrap();
        while requests.caught().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mails = log(&fixture).await.into_iter().filter(|(_, way, ..)| way == "mail");
        assert!(mails.into_iter().all(|(_, _, delivered, error)| !delivered && error.is_none()), "they still wait");
    }

    async fn promise_8_a_webhook_at_a_private_address_is_not_spoken_to(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let requests = Requests::listen(200).await;
        fixture.webhook(&requests).await;
        fixture.vault.send_test_notice(&fixture.admin).await.unwrap();
        assert!(send_one(&fixture.vault, NoticeWay::Webhook, AllowPrivateReceivers(false), SENDER).await.unwrap());
        assert!(requests.caught().is_empty());
        let error = log(&fixture).await.remove(0).3.unwrap();
        assert!(error.contains("no public address"), "{error}");
    }

    async fn promise_7_settings_show_no_secret_and_keep_what_is_left_out(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let ask = |smtp: FieldEdit<Secret>, webhook: FieldEdit<Secret>| NoticeSettingsRequest {
            sender: Some("vault@example.com".to_owned()), smtp, webhook, ..NoticeSettingsRequest::default()
        };
        let smtp = FieldEdit::Set(secret("smtp://ana:geheim@mail.example.com"));
        let webhook = FieldEdit::Set(secret("https://hooks.example.com/geheim"));
        let (view, signing) = fixture.vault.set_notice_settings(&fixture.admin, ask(smtp, webhook)).await.unwrap();
        assert!(signing.is_some());
        assert_eq!(view.smtp.as_deref(), Some("smtp://ana@mail.example.com:587"));
        assert_eq!(view.webhook.as_deref(), Some("https://hooks.example.com"));
        assert!(!format!("{view:?}").contains("geheim"));
        let (view, signing) = fixture.vault.set_notice_settings(&fixture.admin, ask(FieldEdit::Keep, FieldEdit::Keep)).await.unwrap();
        assert!(signing.is_none(), "shown once");
        assert_eq!(view.webhook.as_deref(), Some("https://hooks.example.com"));
        let (view, _) = fixture.vault.set_notice_settings(&fixture.admin, ask(FieldEdit::Clear, FieldEdit::Clear)).await.unwrap();
        assert_eq!((view.smtp, view.webhook), (None, None));
        assert!(matches!(fixture.vault.send_test_notice(&fixture.admin).await, Err(Error::Invalid(_))));
        for wrong in ["http://hooks.example.com/", "file:///etc/passwd", "https://a\nb/"] {
            let refused = fixture.vault.set_notice_settings(&fixture.admin, ask(FieldEdit::Keep, FieldEdit::Set(secret(wrong)))).await;
            assert!(matches!(refused, Err(Error::Invalid(it)) if it.field == "webhook"), "{wrong}");
        }
    }

    async fn promise_6_only_administrators_say_where_notices_go(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        for role in [Role::Manager, Role::Member, Role::Auditor] {
            let actor = fixture.person(role.name(), role).await;
            assert!(matches!(fixture.vault.notice_settings(&actor).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.set_notice_settings(&actor, NoticeSettingsRequest::default()).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.notice_log(&actor).await, Err(Error::Denied(_))));
            assert!(matches!(fixture.vault.send_test_notice(&actor).await, Err(Error::Denied(_))));
            fixture.vault.set_own_email(&actor, Some("me@example.com")).await.unwrap();
            assert_eq!(fixture.vault.own_email(&actor).await.unwrap().as_deref(), Some("me@example.com"));
        }
        assert!(fixture.vault.set_own_email(&fixture.admin, Some("me@example.com\r\nBcc: x@y.z")).await.is_err());
    }

    async fn the_password_of_a_mail_server_is_in_no_error(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let mails = Mails::listen().await;
        mails.refuse_sign_in("535 5.7.8 not with geheim");
        fixture.vault.set_notice_settings(&fixture.admin, NoticeSettingsRequest {
            smtp: FieldEdit::Set(secret(&format!("smtp://ana:geheim@127.0.0.1:{}", mails.port))),
            sender: Some("vault@example.com".to_owned()),
            recipients: vec!["ops@example.com".to_owned()],
            ..NoticeSettingsRequest::default()
        }).await.unwrap();
        fixture.vault.send_test_notice(&fixture.admin).await.unwrap();
        send_all(&fixture).await;
        let error = log(&fixture).await.remove(0).3.expect("it was refused");
        assert!(error.contains("535") && !error.contains("geheim"), "{error}");
        assert!(mails.caught().is_empty());
    }

    async fn a_sign_in_for_a_session_is_told_to_nobody(database: &TestDatabase) {
        let fixture = TestNotices::new(database).await;
        let requests = Requests::listen(200).await;
        fixture.webhook(&requests).await;
        let credential = fixture.credential("Instagram").await;
        let ask = ChangeRequest { kind: ChangeKind::Heartbeat, reason: None };
        fixture.vault.ask_change(&fixture.admin, &by_id(&credential), &ask).await.unwrap();
        let run = fixture.vault.claim_change("worker", Duration::from_secs(60)).await.unwrap().unwrap();
        run.end(ChangeOutcome::Passed).await.unwrap();
        assert_eq!(send_all(&fixture).await, 0, "all is well");
    }
}
