//! An export is whole, or verification says what happened to it.

use countersign_audit::{
    ActorRef, AuditAction, AuditEntry, ChainHead, Checkpoint, ExportLine, Finding, ObjectKind, VerifyError, verify,
};
use countersign_model::{CountingChance, Timestamp, VaultId};
use countersign_seal::VaultKey;
use proptest::prelude::*;

struct Log {
    lines: Vec<String>,
    key: VaultKey,
}

/// Ten records, a checkpoint after the fourth, and the newest in front.
fn log() -> Log {
    let chance = CountingChance::default();
    let key = VaultKey::generate(VaultId::new(Timestamp::from_seconds(1), &chance), &chance);
    let mut head = ChainHead::EMPTY;
    let mut lines = Vec::new();
    for n in 1..=10 {
        let at = Timestamp::from_micros(1_000_001 * n);
        let entry = AuditEntry::new(at, ActorRef::system(), AuditAction::TokenRead)
            .on(ObjectKind::Credential, uuid::Uuid::from_u128(7), "Instagram")
            .with("step", n)
            .with("seen", true);
        lines.push(ExportLine::Record(head.append(entry)).to_json());
        if n == 4 {
            lines.push(checkpoint(&key, head));
        }
    }
    lines.insert(0, checkpoint(&key, head));
    Log { lines, key }
}

fn checkpoint(key: &VaultKey, head: ChainHead) -> String {
    let time = Timestamp::from_seconds(100);
    ExportLine::Checkpoint(Checkpoint::sign(key.vault(), head, time, &key.audit_signing_key())).to_json()
}

fn found(lines: &[String], key: Option<&str>) -> Option<Finding> {
    match verify(lines.join("\n").as_bytes(), key, None) {
        Ok(_) => None,
        Err(VerifyError::Found { finding, .. }) => Some(finding),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_whole_export_is_sound() {
    let log = log();
    let report = verify(log.lines.join("\n").as_bytes(), None, None).unwrap();
    assert_eq!((report.records, report.checkpoints, report.newest.size), (10, 2, 10));
    let own = log.key.audit_signing_key().verifying_key().to_string();
    assert_eq!(found(&log.lines, Some(&own)), None);
    let wrong = "0".repeat(64);
    assert!(matches!(found(&log.lines, Some(&wrong)), Some(Finding::OtherKey { .. })));
}

#[test]
fn what_happened_to_it_is_named() {
    let whole = log().lines;
    let edit = |change: fn(&mut Vec<String>)| {
        let mut lines = whole.clone();
        change(&mut lines);
        found(&lines, None).expect("something to find")
    };
    assert_eq!(edit(|l| drop(l.remove(3))), Finding::Missing { expected: 3, found: 4 });
    assert_eq!(edit(|l| l.swap(7, 8)), Finding::Missing { expected: 6, found: 7 });
    assert_eq!(edit(|l| l[2] = l[2].replace("Instagram", "Facebook")), Finding::Changed { seq: 2 });
    assert_eq!(edit(|l| l[2] = l[2].replace("\"seen\":true", "\"seen\":false")), Finding::Changed { seq: 2 });
    assert_eq!(edit(|l| drop(l.pop())), Finding::CutOff { covered: 10, found: 9 });
    assert_eq!(edit(|l| l.truncate(1)), Finding::CutOff { covered: 10, found: 0 });
    assert_eq!(edit(|l| drop(l.remove(0))), Finding::NotCovered { covered: 4, found: 10 });
    assert_eq!(edit(|l| l[0] = l[0].replace("\"size\":10", "\"size\":9")), Finding::Forged { size: 9 });
    assert!(matches!(edit(|l| l[2] = "{}".to_owned()), Finding::Unreadable(_)));
    assert!(matches!(edit(|l| l[2] = l[2].replacen('{', "{\"note\":1,", 1)), Finding::Unreadable(_)));
    assert_eq!(edit(Vec::clear), Finding::NotCovered { covered: 0, found: 0 });
}

#[test]
fn a_rewritten_history_does_not_fit_an_older_checkpoint() {
    let log = log();
    let mut head = ChainHead::EMPTY;
    let mut rewritten: Vec<String> = (1..=10)
        .map(|n| AuditEntry::new(Timestamp::from_seconds(n), ActorRef::system(), AuditAction::TokenRead))
        .map(|entry| ExportLine::Record(head.append(entry)).to_json())
        .collect();
    rewritten.insert(0, checkpoint(&log.key, head));
    assert_eq!(found(&rewritten, None), None, "alone it looks sound");

    let Ok(ExportLine::Checkpoint(kept)) = ExportLine::parse(&log.lines[5]) else { panic!("the older checkpoint") };
    let error = verify(rewritten.join("\n").as_bytes(), None, Some(&kept)).unwrap_err();
    assert!(matches!(error, VerifyError::Found { finding: Finding::OtherRoot { size: 4, .. }, .. }), "{error}");
    assert!(verify(log.lines.join("\n").as_bytes(), None, Some(&kept)).is_ok());
}

proptest! {
    #[test]
    fn any_change_to_any_byte_is_found(line in 0usize..12, place in 0usize..2000, byte in b' '..=b'~') {
        let mut lines = log().lines;
        let mut bytes = lines[line].clone().into_bytes();
        let place = place % bytes.len();
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        lines[line] = String::from_utf8(bytes).unwrap();
        // A change of letters that means the same, such as an escape, is none.
        let before = ExportLine::parse(&log().lines[line]).unwrap();
        match ExportLine::parse(&lines[line]) {
            Ok(after) if after == before => {}
            _ => prop_assert!(found(&lines, None).is_some()),
        }
    }
}
