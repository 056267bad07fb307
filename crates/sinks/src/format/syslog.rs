//! Syslog (RFC 5424), a message a record, each with its length in front (RFC 5425 §4.3.1, octet counting).

use countersign_audit::Record;
use countersign_model::VaultId;

use super::{Field, Weight, fields, fitted, sentence, visible};

/// Receivers have to take 2048 octets and should take 8192 (RFC 5425 §4.3.1).
pub(super) const LONGEST: usize = 8_192;
/// "Log audit" (RFC 5424 §6.2.1).
const FACILITY: u8 = 13;
/// The number that RFC 5612 sets aside for documentation: Countersign has none of its own.
const SD_ID: &str = "countersign@32473";
const BOM: char = '\u{feff}';

/// A record as it stands in the stream.
pub(crate) fn framed(log: VaultId, record: &Record) -> String {
    with_length(&message(log, record))
}

/// A message with its length in octets.
pub(super) fn with_length(message: &str) -> String {
    format!("{} {message}", message.len())
}

/// A record as one message.
fn message(log: VaultId, record: &Record) -> String {
    let head = header(record);
    let said: String = visible(&sentence(&record.entry)).chars().take(400).collect();
    let room = LONGEST - head.len() - said.len() - 2 * BOM.len_utf8();
    let elements = fitted(&fields(log, record), room, |fields| {
        let parameters: String = fields.iter().map(parameter).collect();
        format!("[{SD_ID}{parameters}]")
    });
    format!("{head}{elements} {BOM}{said}")
}

/// What stands before the structured data: priority, version, time, and what syslog calls host, program, process and kind.
pub(super) fn header(record: &Record) -> String {
    let severity = match Weight::of(&record.entry.act) {
        Weight::Usual => 6,
        Weight::Refused => 4,
        Weight::Grave => 5,
    };
    let kind: String = record.entry.act.chars().filter(char::is_ascii_graphic).take(32).collect();
    let kind = if kind.is_empty() { "-".to_owned() } else { kind };
    format!("<{}>1 {} - countersign - {kind} ", FACILITY * 8 + severity, record.entry.at)
}

fn parameter(field: &Field) -> String {
    format!(" {}=\"{}\"", name(&field.name), value(&field.value))
}

/// An SD-NAME: up to 32 printable ASCII characters but for `=`, blank, `]` and `"` (RFC 5424 §6).
fn name(text: &str) -> String {
    let fits = |it: char| it.is_ascii_graphic() && !matches!(it, '=' | ']' | '"');
    text.chars().take(32).map(|it| if fits(it) { it } else { '_' }).collect()
}

/// A PARAM-VALUE: `"`, `\` and `]` with a `\` in front (RFC 5424 §6.3.3).
fn value(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for it in visible(text).chars() {
        if matches!(it, '"' | '\\' | ']') {
            written.push('\\');
        }
        written.push(it);
    }
    written
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use syslog_rfc5424::{SyslogFacility, SyslogSeverity, parse_message};

    use super::{
        super::testing::{HOSTILE, log, record},
        *,
    };

    /// What a reader of the standard finds in it.
    fn read_back(text: &str) {
        let written = message(log(), &record(text));
        assert!(written.len() <= LONGEST);
        assert!(!written.contains(['\n', '\r', '\0']), "{written:?}");
        let read = parse_message(&written).unwrap_or_else(|error| panic!("{error:?}: {written}"));
        assert_eq!((read.facility, read.severity), (SyslogFacility::LOG_AUDIT, SyslogSeverity::SEV_INFO));
        assert_eq!((read.version, read.timestamp), (1, Some(1_700_000_000)));
        assert_eq!(read.appname.as_deref(), Some("countersign"));
        assert_eq!(read.msgid.as_deref(), Some("token.read"));
        assert_eq!(read.sd.len(), 1, "no element can be forged: {written}");
        let element = read.sd.find_sdid(SD_ID).expect("the element");
        assert_eq!(element.get("seq").map(String::as_str), Some("1"));
        assert_eq!(element.get("act").map(String::as_str), Some("token.read"), "{written}");
        assert_eq!(element.get("log"), Some(&log().to_string()));
        for field in ["actor", "object", "reason", "d_agent"] {
            assert_eq!(element.get(field), Some(&visible(text)), "{field}: {written}");
        }
        assert!(read.msg.starts_with(BOM), "{}", read.msg);
    }

    #[test]
    fn a_record_is_read_back_by_another_program() {
        HOSTILE.into_iter().for_each(read_back);
    }

    proptest! {
        #[test]
        fn whatever_somebody_is_called_is_read_back(text in "\\PC{0,40}|[\\]\\[\"\\\\= |\\n]{0,20}|.{0,30}") {
            read_back(&text);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_says_so() {
        for text in ["x".repeat(5_000), "\"".repeat(3_000), "🎉".repeat(2_500)] {
            let written = message(log(), &record(&text));
            assert!(written.len() <= LONGEST, "{}", written.len());
            let read = parse_message(&written).expect("still a message");
            let element = read.sd.find_sdid(SD_ID).expect("the element");
            assert_eq!(element.get("cut").map(String::as_str), Some("true"));
            assert_eq!(element.get("seq").map(String::as_str), Some("1"));
            assert_eq!(element.get("hash").map(String::len), Some(64), "what finds the whole of it is never cut");
        }
    }

    #[test]
    fn the_length_is_in_octets() {
        let framed = framed(log(), &record("Grüße"));
        let (length, rest) = framed.split_once(' ').expect("a length");
        assert_eq!(length.parse::<usize>().expect("a number"), rest.len());
    }

    #[test]
    fn names_of_parameters_are_plain() {
        assert_eq!(name("d_a b=c]d\"é"), "d_a_b_c_d__");
        assert_eq!(name(&"n".repeat(99)).len(), 32);
    }
}
