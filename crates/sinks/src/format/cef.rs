//! The Common Event Format, version 0: an event a record, carried by syslog. A header with strokes between, then `key=value` with blanks
//! between.

use countersign_audit::{ObjectKind, Record};
use countersign_model::VaultId;

use super::{
    Field, Weight, details, fitted,
    syslog::{LONGEST, header, with_length},
    visible,
};

/// A record as it stands in the stream.
pub(crate) fn framed(log: VaultId, record: &Record) -> String {
    with_length(&message(log, record))
}

/// No BOM: readers look for `CEF:` at the begin (RFC 5424 §6.4 leaves that open).
fn message(log: VaultId, record: &Record) -> String {
    let (head, event) = (format!("{}- ", header(record)), event_header(record));
    let room = LONGEST - head.len() - event.len();
    let extension = fitted(&extension(log, record), room, |fields| {
        let pairs: Vec<String> = fields.iter().map(pair).collect();
        pairs.join(" ")
    });
    format!("{head}{event}{extension}")
}

fn event_header(record: &Record) -> String {
    let severity = match Weight::of(&record.entry.act) {
        Weight::Usual => 3,
        Weight::Refused => 6,
        Weight::Grave => 8,
    };
    let act: String = record.entry.act.chars().take(64).collect();
    let name = act.replace(['.', '_'], " ");
    let version = env!("CARGO_PKG_VERSION");
    format!("CEF:0|Countersign|Countersign|{version}|{}|{}|{severity}|", in_header(&act), in_header(&name))
}

/// `\` and `|` with a `\` in front; no line ends in a header.
fn in_header(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('|', "\\|")
}

/// `\` and `=` with a `\` in front. Line ends could be written as `\n`; they are shown as any other control character.
fn in_value(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('=', "\\=")
}

fn pair(field: &Field) -> String {
    format!("{}={}", key(&field.name), in_value(&field.value))
}

/// Keys are letters and digits.
fn key(name: &str) -> String {
    let mut parts = name.split(|it: char| !it.is_ascii_alphanumeric());
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |key, part| {
        let mut letters = part.chars();
        let head = letters.next().map(|it| it.to_ascii_uppercase());
        key + &head.into_iter().chain(letters).collect::<String>()
    })
}

/// By the dictionary's keys where it has one for it, in custom strings with their labels where not.
fn extension(log: VaultId, record: &Record) -> Vec<Field> {
    let entry = &record.entry;
    let object = entry.object.as_ref();
    let millis = entry.at.micros() / 1_000;
    let person = object.filter(|object| object.kind == ObjectKind::User).map(|object| object.name.clone());
    let named = [
        ("rt", Some(millis.to_string())),
        ("externalId", Some(record.seq.to_string())),
        ("act", Some(entry.act.to_string())),
        ("suser", Some(entry.actor.name.clone())),
        ("suid", entry.actor.id.map(|id| id.to_string())),
        ("duser", person),
        ("reason", entry.reason.clone()),
        ("cs1Label", Some("log".to_owned())),
        ("cs1", Some(log.to_string())),
        ("cs2Label", Some("hash".to_owned())),
        ("cs2", Some(record.hash.to_string())),
        ("cs3Label", Some("actorKind".to_owned())),
        ("cs3", Some(entry.actor.kind.name().to_owned())),
        ("cs4Label", object.map(|_| "objectKind".to_owned())),
        ("cs4", object.map(|object| object.kind.name().to_owned())),
        ("cs5Label", object.map(|_| "object".to_owned())),
        ("cs5", object.map(|object| object.name.clone())),
        ("cs6Label", object.map(|_| "objectId".to_owned())),
        ("cs6", object.map(|object| object.id.map_or_else(|| "-".to_owned(), |id| id.to_string()))),
    ];
    let address = entry.details.get("address").and_then(|detail| match detail {
        countersign_audit::Detail::Text(text) => text.parse::<std::net::IpAddr>().ok(),
        _ => None,
    });
    let from = address.map(|address| {
        let name = if address.is_ipv4() { "src" } else { "c6a2" };
        Field { name: name.to_owned(), value: address.to_string(), detail: false }
    });
    let named = named
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| Field { name: name.to_owned(), value, detail: false }));
    named.chain(from).chain(details(entry)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use syslog_rfc5424::parse_message;

    use super::{
        super::testing::{HOSTILE, log, record},
        *,
    };

    /// Reads an event as the format says, knowing nothing of how it was written.
    fn parse(text: &str) -> (Vec<String>, BTreeMap<String, String>) {
        let (mut header, mut part, mut letters) = (Vec::new(), String::new(), text.chars());
        while header.len() < 7 {
            match letters.next().expect("a whole header") {
                '\\' => part.push(letters.next().expect("what is escaped")),
                '|' => header.push(std::mem::take(&mut part)),
                it => part.push(it),
            }
        }
        let rest: String = letters.collect();
        // A key is what stands before an `=` without a `\`, back to the blank before it.
        let mut places = Vec::new();
        let bytes = rest.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 1,
                b'=' => places.push(at),
                _ => {}
            }
            at += 1;
        }
        let begins: Vec<usize> = places.iter().map(|at| rest[..*at].rfind(' ').map_or(0, |blank| blank + 1)).collect();
        let mut pairs = BTreeMap::new();
        for (n, at) in places.iter().enumerate() {
            let end = begins.get(n + 1).map_or(rest.len(), |next| next - 1);
            let value = rest[at + 1..end].replace("\\=", "=").replace("\\\\", "\\");
            pairs.entry(rest[begins[n]..*at].to_owned()).or_insert(value);
        }
        (header, pairs)
    }

    fn read_back(text: &str) {
        let written = message(log(), &record(text));
        assert!(!written.contains(['\n', '\r', '\0']), "{written:?}");
        let read = parse_message(&written).unwrap_or_else(|error| panic!("{error:?}: {written}"));
        let (header, pairs) = parse(&read.msg);
        let expected =
            ["CEF:0", "Countersign", "Countersign", env!("CARGO_PKG_VERSION"), "token.read", "token read", "3"];
        assert_eq!(header, expected, "{written}");
        let found = |key: &str| pairs.get(key).cloned().unwrap_or_else(|| panic!("no {key}: {written}"));
        assert_eq!(
            (found("externalId"), found("act"), found("cs1")),
            ("1".into(), "token.read".into(), log().to_string())
        );
        assert_eq!(found("rt"), "1700000000123");
        for key in ["suser", "reason", "cs5", "dAgent"] {
            assert_eq!(found(key), visible(text), "{key}: {written}");
        }
    }

    #[test]
    fn an_event_is_read_back_whatever_people_are_called() {
        HOSTILE.into_iter().for_each(read_back);
    }

    proptest! {
        #[test]
        fn no_name_forges_a_key(text in "\\PC{0,40}|[|\\\\= a\\n]{0,20}") {
            read_back(&text);
        }
    }

    #[test]
    fn keys_have_letters_and_digits() {
        for (name, written) in
            [("d_agent", "dAgent"), ("externalId", "externalId"), ("d_a b=c", "dABC"), ("cut", "cut")]
        {
            assert_eq!(key(name), written);
        }
    }

    #[test]
    fn an_address_has_its_own_key() {
        let mut from = record("x");
        from.entry = from.entry.with("address", "192.0.2.7");
        let (_, pairs) = parse(parse_message(message(log(), &from)).expect("a message").msg.as_str());
        assert_eq!(pairs.get("src").map(String::as_str), Some("192.0.2.7"));
    }
}
