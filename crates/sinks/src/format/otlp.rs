//! OpenTelemetry logs, OTLP/HTTP in its JSON encoding: 64-bit integers as text, and names in lowerCamelCase (OTLP specification 1,
//! "JSON Protobuf Encoding").

use countersign_audit::{Detail, Record};
use countersign_model::{Timestamp, VaultId};
use serde_json::{Value, json};

use super::{Weight, sentence};

/// An `ExportLogsServiceRequest`.
pub(crate) fn request(log: VaultId, records: &[&Record], now: Timestamp) -> Value {
    let resource = [
        attribute("service.name", text("countersign")),
        attribute("service.version", text(env!("CARGO_PKG_VERSION"))),
        attribute("countersign.log", text(&log.to_string())),
    ];
    let records: Vec<Value> = records.iter().map(|record| log_record(log, record, now)).collect();
    json!({"resourceLogs": [{
        "resource": {"attributes": resource},
        "scopeLogs": [{"scope": {"name": "countersign.audit"}, "logRecords": records}],
    }]})
}

fn log_record(log: VaultId, record: &Record, now: Timestamp) -> Value {
    let (number, name) = match Weight::of(&record.entry.act) {
        Weight::Usual => (9, "INFO"),
        Weight::Refused => (13, "WARN"),
        Weight::Grave => (14, "WARN2"),
    };
    json!({
        "timeUnixNano": nanos(record.entry.at),
        "observedTimeUnixNano": nanos(now),
        "severityNumber": number,
        "severityText": name,
        "eventName": record.entry.act,
        "body": text(&sentence(&record.entry)),
        "attributes": attributes(log, record),
    })
}

/// `log.record.uid` is the same each time that a record is sent, so that a receiver can drop what comes twice.
fn attributes(log: VaultId, record: &Record) -> Vec<Value> {
    let entry = &record.entry;
    let object = entry.object.as_ref();
    let named = [
        ("log.record.uid", Some(text(&format!("{log}-{}", record.seq)))),
        ("countersign.seq", Some(number(i64::try_from(record.seq).unwrap_or(i64::MAX)))),
        ("countersign.hash", Some(text(&record.hash.to_string()))),
        ("countersign.act", Some(text(&entry.act))),
        ("countersign.actor.kind", Some(text(entry.actor.kind.name()))),
        ("user.name", Some(text(&entry.actor.name))),
        ("user.id", entry.actor.id.map(|id| text(&id.to_string()))),
        ("countersign.object.kind", object.map(|object| text(object.kind.name()))),
        ("countersign.object.name", object.map(|object| text(&object.name))),
        ("countersign.object.id", object.and_then(|object| object.id).map(|id| text(&id.to_string()))),
        ("countersign.reason", entry.reason.as_deref().map(text)),
    ];
    let named = named.into_iter().filter_map(|(name, value)| value.map(|value| attribute(name, value)));
    let details = entry.details.iter().map(|(name, detail)| {
        let value = match detail {
            Detail::Flag(flag) => json!({"boolValue": flag}),
            Detail::Number(it) => number(*it),
            Detail::Text(it) => text(it),
            Detail::List(list) => {
                let values: Vec<Value> = list.iter().map(|it| text(it)).collect();
                json!({"arrayValue": {"values": values}})
            }
        };
        attribute(&format!("countersign.details.{name}"), value)
    });
    named.chain(details).collect()
}

fn attribute(key: &str, value: Value) -> Value {
    // The outer value is moved in; `json!` would copy it.
    Value::Object([("key".to_owned(), Value::from(key)), ("value".to_owned(), value)].into_iter().collect())
}

fn text(text: &str) -> Value {
    json!({"stringValue": text})
}

fn number(number: i64) -> Value {
    json!({"intValue": number.to_string()})
}

fn nanos(at: Timestamp) -> String {
    (i128::from(at.micros()) * 1_000).to_string()
}

/// What a receiver says of a request that it took in part: how many records it refuses for good, and why.
pub(crate) fn refused(answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let partial = answer.get("partialSuccess")?;
    let rejected = partial.get("rejectedLogRecords")?;
    let count = rejected.as_i64().or_else(|| rejected.as_str()?.parse().ok()).filter(|count| *count > 0)?;
    let why = partial.get("errorMessage").and_then(Value::as_str).unwrap_or_default();
    Some(format!("the receiver refuses {count} of the last records for good, and they are not sent again: {why}"))
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{HOSTILE, log, record},
        *,
    };

    #[test]
    fn a_record_keeps_all_that_it_says() {
        for name in HOSTILE {
            let made = record(name);
            let written = request(log(), &[&made], Timestamp::from_seconds(1_700_000_001)).to_string();
            let read: Value = serde_json::from_str(&written).expect("JSON");
            let one = &read["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
            assert_eq!(one["timeUnixNano"], "1700000000123456000");
            assert_eq!(one["observedTimeUnixNano"], "1700000001000000000");
            let attributes = one["attributes"].as_array().expect("attributes");
            let find = |key: &str| {
                let found: Vec<&Value> =
                    attributes.iter().filter(|it| it["key"] == key).map(|it| &it["value"]).collect();
                assert_eq!(found.len(), 1, "{key}: {written}");
                found[0].clone()
            };
            assert_eq!(find("log.record.uid")["stringValue"], format!("{}-1", log()));
            assert_eq!(find("countersign.seq")["intValue"], "1", "64-bit numbers are texts");
            assert_eq!(find("user.name")["stringValue"], name);
            assert_eq!(find("countersign.details.first")["boolValue"], true);
            assert_eq!(find("countersign.details.tags")["arrayValue"]["values"][1]["stringValue"], "b");
            assert_eq!(find("countersign.hash")["stringValue"], made.hash.to_string());
        }
    }

    #[test]
    fn a_partial_success_is_told() {
        for (answer, told) in [
            (r#"{}"#, false),
            (r#""#, false),
            (r#"{"partialSuccess":{}}"#, false),
            (r#"{"partialSuccess":{"rejectedLogRecords":"0"}}"#, false),
            (r#"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}"#, true),
            (r#"{"partialSuccess":{"rejectedLogRecords":2}}"#, true),
        ] {
            assert_eq!(refused(answer.as_bytes()).is_some(), told, "{answer}");
        }
    }
}
