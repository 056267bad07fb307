//! Records as lines of CSV (RFC 4180), for spreadsheets. They prove nothing: what is verified is the export.

use countersign_seal::Digest;

use crate::AuditEntry;

/// The names of the columns, as the first line.
pub const HEADER: &str = "seq,at,actor_kind,actor,action,object_kind,object,object_id,reason,details,hash\r\n";

/// One record as a line, with its end.
pub fn line(seq: u64, entry: &AuditEntry, hash: &Digest) -> String {
    let object = entry.object.as_ref();
    let id = object.and_then(|object| object.id).map(|id| id.to_string()).unwrap_or_default();
    let details = if entry.details.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&entry.details).unwrap_or_default()
    };
    let fields = [
        seq.to_string(),
        entry.at.to_string(),
        entry.actor.kind.name().to_owned(),
        entry.actor.name.clone(),
        entry.act.to_string(),
        object.map(|object| object.kind.name()).unwrap_or_default().to_owned(),
        object.map(|object| object.name.clone()).unwrap_or_default(),
        id,
        entry.reason.clone().unwrap_or_default(),
        details,
        hash.to_string(),
    ];
    let mut line = fields.iter().map(|text| field(text)).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A field that spreadsheets read as text. What they would take for a formula gets an apostrophe in front, as does what would begin with
/// a tab or a line's end and be cut to one (OWASP, "CSV Injection").
pub fn field(text: &str) -> String {
    let guarded = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠']);
    let guard = if guarded { "'" } else { "" };
    if guarded || text.contains(['"', ',', '\r', '\n', ';', '\t']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula_and_none_breaks_its_line() {
        for (text, written) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a;b", "\"a;b\""),
            ("say \"yes\"", "\"say \"\"yes\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("＝1", "\"'＝1\""),
            ("'quoted", "\"''quoted\""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(field(text), written, "{text:?}");
        }
    }
}
