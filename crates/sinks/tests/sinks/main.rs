//! From the log to each kind of destination, with receivers of the test's own that are killed in the middle.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod fixture;
mod receivers;

use std::{collections::BTreeSet, fs, sync::Arc, time::Duration};

use countersign_audit::{ExportLine, verify};
use countersign_model::{SinkKind, SinkStanding};
use countersign_outbound::signature;
use countersign_seal::Secret;
use countersign_sinks::{AllowPrivateReceivers, SinkSender, send_due, try_out};
use countersign_store::both_engines;
use countersign_vault::{FieldEdit, SinkRef};
use serde_json::Value;
use syslog_rfc5424::parse_message;

use fixture::{HERE, TestSinks};
use receivers::{Caught, Fate, Http, Syslog, certified};

fn siem() -> SinkRef {
    SinkRef::Name("siem".to_owned())
}

/// The number of the record in each message of syslog.
fn numbers(caught: &Caught) -> Vec<u64> {
    let caught = caught.lock().unwrap();
    let number = |message: &String| {
        let read = parse_message(message).unwrap_or_else(|error| panic!("{error:?}: {message}"));
        let element = read.sd.find_sdid("countersign@32473").expect("the element");
        element.get("seq").unwrap().parse().unwrap()
    };
    caught.iter().map(number).collect()
}

/// What is left when a receiver has dropped what came twice: all, and in order.
fn all_in_order(numbers: &[u64], size: u64) {
    let mut seen = BTreeSet::new();
    let first: Vec<u64> = numbers.iter().copied().filter(|number| seen.insert(*number)).collect();
    assert_eq!(first, (1..=size).collect::<Vec<_>>());
}

/// Kills a receiver of syslog twice in the middle.
async fn through_deaths(fixture: &TestSinks, tls: Option<Arc<rustls::ServerConfig>>, caught: &Caught, port: u16) {
    for dies_after in [Some(40), Some(300), None] {
        let receiver = Syslog::listen(port, tls.clone(), caught, dies_after).await;
        fixture.clock.advance(Duration::from_secs(6 * 60));
        if dies_after.is_some() {
            for _ in 0..20 {
                fixture.send().await;
                if receiver.is_dead() {
                    break;
                }
                fixture.clock.advance(Duration::from_secs(6 * 60));
            }
            assert!(receiver.is_dead());
            fixture.clock.advance(Duration::from_secs(6 * 60));
            assert_eq!(fixture.send().await, 0, "nobody is there");
            let view = fixture.view().await;
            assert_eq!(view.standing, SinkStanding::Failing);
            assert!(view.behind > 0 && view.last_error.is_some(), "{view:?}");
        } else {
            fixture.send_all().await;
            drop(receiver);
        }
    }
}

/// A port that nobody listens on now.
async fn free_port() -> u16 {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

both_engines! {
    async fn syslog_over_tls_loses_nothing_when_its_receiver_dies(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let (certified, port) = (certified("localhost"), free_port().await);
        fixture.sink(SinkKind::Syslog, &format!("tls://localhost:{port}"), |draft| {
            draft.authority = Some(certified.authority.clone());
        }).await;
        fixture.records(700).await;
        let (caught, size) = (Caught::default(), fixture.size().await);
        through_deaths(&fixture, Some(certified.server), &caught, port).await;
        all_in_order(&numbers(&caught), size);
        let view = fixture.view().await;
        assert_eq!((view.taken, view.behind, view.standing, view.last_error), (size, 0, SinkStanding::Current, None));
    }

    async fn cef_over_plain_tcp_on_this_machine(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let caught = Caught::default();
        let receiver = Syslog::listen(0, None, &caught, None).await;
        fixture.sink(SinkKind::Cef, &format!("tcp://127.0.0.1:{}", receiver.port), |_| {}).await;
        fixture.records(3).await;
        fixture.send_all().await;
        let size = fixture.size().await;
        let caught = caught.lock().unwrap().clone();
        let ids: Vec<String> = caught.iter().map(|message| {
            assert!(message.contains(" CEF:0|Countersign|Countersign|"), "{message}");
            message.split("externalId=").nth(1).unwrap().split(' ').next().unwrap().to_owned()
        }).collect();
        assert_eq!(ids, (1..=size).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    async fn a_certificate_of_others_is_refused(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let (good, other, elsewhere) = (certified("localhost"), certified("localhost"), certified("siem.example.com"));
        let caught = Caught::default();
        for (server, authority) in [
            // By another authority; by none that the machine trusts; for another name.
            (good.server.clone(), Some(other.authority)),
            (good.server, None),
            (elsewhere.server, Some(elsewhere.authority)),
        ] {
            let receiver = Syslog::listen(0, Some(server), &caught, None).await;
            fixture.sink(SinkKind::Syslog, &format!("tls://localhost:{}", receiver.port), |draft| {
                draft.authority = authority;
            }).await;
            assert_eq!(fixture.send().await, 0);
            let view = fixture.view().await;
            assert!(view.last_error.as_deref().unwrap().contains("TLS failed"), "{view:?}");
            assert_eq!(view.taken, 0);
            let trial = fixture.vault.begin_sink_test(&fixture.admin, &siem()).await.unwrap();
            assert!(try_out(trial, HERE).await.unwrap_err().contains("TLS failed"));
            fixture.vault.remove_sink(&fixture.admin, &siem()).await.unwrap();
        }
        assert!(caught.lock().unwrap().is_empty(), "nothing was said to any of them");
    }

    async fn a_signed_webhook_gets_all_and_checkpoints_too(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let http = Http::listen(vec![Fate::Answer(503, "busy".to_owned()), Fate::Lost]).await;
        let signing = fixture.sink(SinkKind::Webhook, &format!("http://127.0.0.1:{}/T0/abc", http.port), |draft| {
            draft.header = FieldEdit::Set(Secret::from("Authorization: Bearer word-for-siem".to_owned()));
        }).await;
        fixture.records(300).await;
        fixture.vault.make_checkpoint().await.unwrap();
        assert_eq!(fixture.send().await, 0);
        let view = fixture.view().await;
        assert_eq!(view.last_error.as_deref(), Some("the receiver answered 503 Service Unavailable: busy"));
        fixture.send_all().await;
        fixture.records(2).await;
        fixture.vault.make_checkpoint().await.unwrap();
        fixture.send_all().await;

        let secret = Secret::from(signing.clone());
        let (mut numbers, mut checkpoints) = (Vec::new(), Vec::new());
        let mut text = String::new();
        for (nth, request) in http.caught().iter().enumerate() {
            assert!(request.head.starts_with("POST /T0/abc HTTP/1.1\r\n"), "{}", request.head);
            assert_eq!(request.header("authorization"), "Bearer word-for-siem");
            let at: i64 = request.header("countersign-timestamp").parse().unwrap();
            assert_eq!(request.header("countersign-signature"), signature(&secret, at, request.body.as_bytes()));
            let body: Value = serde_json::from_str(&request.body).unwrap();
            assert_eq!(request.header("countersign-delivery"), body["delivery"]);
            for line in body["lines"].as_array().unwrap() {
                match ExportLine::parse(&line.to_string()).unwrap() {
                    ExportLine::Record(record) => {
                        // The first two are sent again.
                        if nth >= 2 {
                            text.push_str(&format!("{}\n", ExportLine::Record(record.clone()).to_json()));
                        }
                        numbers.push(record.seq);
                    }
                    ExportLine::Checkpoint(checkpoint) => {
                        if nth >= 2 {
                            text.push_str(&format!("{}\n", ExportLine::Checkpoint(checkpoint.clone()).to_json()));
                        }
                        checkpoints.push(checkpoint.size);
                    }
                }
            }
        }
        all_in_order(&numbers, fixture.size().await);
        assert!(checkpoints.len() >= 2, "{checkpoints:?}");
        let report = verify(text.as_bytes(), None, None).expect("what it has is a whole log");
        assert_eq!(report.records, fixture.size().await);
        // Neither secret is in a record.
        assert!(!text.contains(&signing) && !text.contains("word-for-siem") && !text.contains("T0/abc"));
    }

    async fn opentelemetry_gets_all_and_what_it_refuses_is_told(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let http = Http::listen(vec![Fate::Lost, Fate::Answer(429, String::new())]).await;
        fixture.sink(SinkKind::Otlp, &format!("http://127.0.0.1:{}", http.port), |_| {}).await;
        fixture.records(300).await;
        fixture.send_all().await;
        let number = |record: &Value| -> u64 {
            let attributes = record["attributes"].as_array().unwrap();
            let found = attributes.iter().find(|it| it["key"] == "countersign.seq").unwrap();
            found["value"]["intValue"].as_str().unwrap().parse().unwrap()
        };
        let mut numbers = Vec::new();
        for request in http.caught() {
            assert!(request.head.starts_with("POST /v1/logs HTTP/1.1\r\n"), "{}", request.head);
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let records = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
            numbers.extend(records.as_array().unwrap().iter().map(number));
        }
        all_in_order(&numbers, fixture.size().await);

        http.fates(vec![Fate::Answer(200, r#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}"#.to_owned())]);
        fixture.records(1).await;
        fixture.send_all().await;
        assert!(fixture.view().await.last_error.unwrap().contains("refuses 1 of the last records"));
    }

    async fn a_folder_has_each_record_once_whatever_stops_in_between(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        fixture.sink(SinkKind::Folder, "siem", |_| {}).await;
        fixture.records(300).await;
        fixture.vault.make_checkpoint().await.unwrap();
        fixture.send_all().await;
        let file = || {
            let names = fs::read_dir(fixture.at("siem")).unwrap().map(|entry| entry.unwrap().path());
            let mut files: Vec<_> = names.filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect();
            files.sort();
            files.pop().unwrap()
        };
        // A process that wrote and died before it said so, and one that died in the middle of a line.
        let text = fs::read_to_string(file()).unwrap();
        fixture.records(5).await;
        let turns = fixture.vault.claim_sinks("dies", Duration::from_secs(60), &[]).await.unwrap();
        assert_eq!(turns.len(), 1);
        let last = text.lines().filter(|line| line.contains("\"seq\"")).count() as u64;
        let batch = fixture.vault.sink_batch(&turns[0], countersign_vault::TakenFrom::Record(last)).await.unwrap().unwrap();
        let written: Vec<String> = batch.lines.iter().map(ExportLine::to_json).collect();
        assert_eq!(written.len(), 5);
        fs::write(file(), format!("{text}{}\n{}\n{}", written[0], written[1], &written[2][..40])).unwrap();
        assert_eq!(fixture.send().await, 0, "whoever died has it for a minute");
        fixture.clock.advance(Duration::from_secs(61));
        fixture.records(1).await;
        fixture.vault.make_checkpoint().await.unwrap();
        fixture.send_all().await;
        let text = fs::read_to_string(file()).unwrap();
        let report = verify(text.as_bytes(), None, None).expect("each record once, with the checkpoints");
        assert_eq!(report.records, fixture.size().await);

        // A folder that lost its end gets it again.
        let cut: String = text.lines().take(100).map(|line| format!("{line}\n")).collect();
        fs::write(file(), cut).unwrap();
        fixture.records(1).await;
        fixture.vault.make_checkpoint().await.unwrap();
        fixture.send_all().await;
        let report = verify(fs::read_to_string(file()).unwrap().as_bytes(), None, None).expect("whole again");
        assert_eq!(report.records, fixture.size().await);
    }

    async fn a_filter_passes_over_what_nobody_asked_for(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        fixture.sink(SinkKind::Folder, "siem", |draft| draft.acts = vec!["sink.*".to_owned()]).await;
        fixture.records(300).await;
        fixture.vault.begin_sink_test(&fixture.admin, &siem()).await.unwrap();
        fixture.send_all().await;
        let mut files = fs::read_dir(fixture.at("siem")).unwrap().map(|entry| entry.unwrap().path());
        let file = files.find(|path| path.extension().is_some_and(|it| it == "jsonl")).unwrap();
        let text = fs::read_to_string(file).unwrap();
        let acts: Vec<String> = text.lines().filter_map(|line| match ExportLine::parse(line).unwrap() {
            ExportLine::Record(record) => Some(record.entry.act.into_owned()),
            ExportLine::Checkpoint(_) => None,
        }).collect();
        assert_eq!(acts, ["sink.created", "sink.tested"]);
        assert_eq!(fixture.view().await.behind, 0);
    }

    async fn promise_8_destinations_at_private_addresses_are_refused_unless_allowed(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let http = Http::listen(Vec::new()).await;
        fixture.sink(SinkKind::Webhook, &format!("http://127.0.0.1:{}/", http.port), |_| {}).await;
        let refused = AllowPrivateReceivers(false);
        assert_eq!(send_due(&fixture.vault, refused, "sender").await.unwrap(), 0);
        assert!(fixture.view().await.last_error.unwrap().contains("COUNTERSIGN_ALLOW_PRIVATE"));
        let trial = fixture.vault.begin_sink_test(&fixture.admin, &siem()).await.unwrap();
        assert!(try_out(trial, refused).await.unwrap_err().contains("COUNTERSIGN_ALLOW_PRIVATE"));
        assert!(http.caught().is_empty());
    }

    async fn a_test_gives_the_receivers_own_answer(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let http = Http::listen(vec![
            Fate::Answer(200, String::new()),
            Fate::Answer(401, "no such word: word-for-siem".to_owned()),
        ]).await;
        fixture.sink(SinkKind::Otlp, &format!("http://127.0.0.1:{}/v1/logs", http.port), |draft| {
            draft.header = FieldEdit::Set(Secret::from("Authorization: Bearer word-for-siem".to_owned()));
        }).await;
        let trial = fixture.vault.begin_sink_test(&fixture.admin, &siem()).await.unwrap();
        assert_eq!(try_out(trial, HERE).await.unwrap(), "The receiver has taken the test record.");
        let body: Value = serde_json::from_str(&http.caught()[0].body).unwrap();
        let record = &body["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
        assert_eq!(record["eventName"], "sink.tested");
        let trial = fixture.vault.begin_sink_test(&fixture.admin, &siem()).await.unwrap();
        let answer = try_out(trial, HERE).await.unwrap_err();
        assert_eq!(answer, "the receiver answered 401 Unauthorized: no such word: •••");
    }

    async fn two_servers_send_nothing_twice(database: &TestDatabase) {
        let fixture = TestSinks::new(database).await;
        let http = Http::listen(Vec::new()).await;
        fixture.sink(SinkKind::Webhook, &format!("http://127.0.0.1:{}/", http.port), |_| {}).await;
        let start = |name: &str| SinkSender::start(fixture.vault.clone(), HERE, name.to_owned());
        let (one, two) = (start("one"), start("two"));
        fixture.records(600).await;
        let size = fixture.size().await;
        // The senders look every second; nothing here waits for less.
        tokio::time::timeout(Duration::from_secs(30), async {
            while fixture.view().await.behind > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }).await.expect("all was taken");
        one.stop().await;
        two.stop().await;
        let numbers: Vec<u64> = http.caught().iter().flat_map(|request| {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let lines = body["lines"].as_array().unwrap().clone();
            lines.into_iter().filter_map(|line| line["seq"].as_u64()).collect::<Vec<_>>()
        }).collect();
        assert_eq!(numbers, (1..=size).collect::<Vec<_>>(), "not even one of them");
        // What was let go is free at once.
        assert_eq!(fixture.vault.claim_sinks("three", Duration::from_secs(60), &[]).await.unwrap().len(), 1);
    }
}
