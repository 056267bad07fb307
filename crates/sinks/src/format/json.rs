//! What a webhook gets: lines as an export writes them, in their order, in one body.

use countersign_audit::ExportLine;
use countersign_model::VaultId;

/// `{"log": …, "delivery": …, "lines": [ … ]}`; each line is a record or `{"checkpoint": …}`.
pub(crate) fn body(log: VaultId, lines: &[ExportLine]) -> String {
    let written: Vec<String> = lines.iter().map(ExportLine::to_json).collect();
    // The id is of letters, digits and dashes.
    format!("{{\"log\":\"{log}\",\"delivery\":\"{}\",\"lines\":[{}]}}", delivery(log, lines), written.join(","))
}

/// The same for the same records.
pub(crate) fn delivery(log: VaultId, lines: &[ExportLine]) -> String {
    let mut numbers = lines.iter().map(|line| match line {
        ExportLine::Record(record) => record.seq,
        ExportLine::Checkpoint(checkpoint) => checkpoint.size,
    });
    let (first, last) = (numbers.clone().next().unwrap_or(0), numbers.next_back().unwrap_or(0));
    format!("{log}-{first}-{last}")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{
        super::testing::{HOSTILE, log, record},
        *,
    };

    #[test]
    fn a_body_is_json_whatever_people_are_called() {
        let lines: Vec<ExportLine> = HOSTILE.iter().map(|name| ExportLine::Record(record(name))).collect();
        let read: Value = serde_json::from_str(&body(log(), &lines)).expect("JSON");
        assert_eq!(read["log"], log().to_string());
        let items = read["lines"].as_array().expect("lines");
        assert_eq!(items.len(), HOSTILE.len());
        for (item, name) in items.iter().zip(HOSTILE) {
            assert_eq!(item["actor"]["name"], name);
            let line = ExportLine::parse(&item.to_string()).expect("what an export holds");
            assert_eq!(line, ExportLine::Record(record(name)), "with all that its hash covers");
        }
        assert_eq!(body(log(), &[]).matches("\"lines\":[]").count(), 1);
    }
}
