//! Bytes and messages as they are, for the page's tests: what reads them there is held to the same.

use countersign_wire::{FrameHead, PartEntry, PartWriter, entries};
use serde_json::{Value, json};

use crate::{
    compare,
    forms::{client_messages, recording_events, server_messages},
};

#[test]
fn the_samples_are_those_that_the_page_is_tested_with() {
    let mut part = PartWriter::default();
    part.whole(0, 1280, 720, b"\xff\xd8whole");
    part.change(500, 3, 65_535, b"\xff\xd8change");
    for (number, (event, _)) in (0..).zip(recording_events()) {
        part.event(70_000 + number, &event);
    }
    let head = FrameHead { sequence: 0x0102_0304, age_ms: 70_000, width: 1280, height: 900 };
    let frame = [&head.to_bytes()[..], b"\xff\xd8jpeg"].concat();
    let json = |table: Vec<Value>| Value::from(table);
    let samples = json!({
        "server": json(server_messages().into_iter().map(|(_, json)| json).collect()),
        "client": json(client_messages().into_iter().map(|(_, json)| json).collect()),
        "frame": {
            "bytes": hex(&frame), "seq": head.sequence, "age": head.age_ms, "width": head.width, "height": head.height,
            "jpeg": hex(b"\xff\xd8jpeg"),
        },
        "part": { "bytes": hex(&part.bytes), "entries": json(entries(&part.bytes).map(entry).collect()) },
    });
    compare("samples.json", &samples);
}

fn entry(read: Result<(u32, PartEntry<'_>), countersign_wire::DamagedPart>) -> Value {
    let (at, entry) = read.expect("a whole part");
    match entry {
        PartEntry::Whole { width, height, jpeg } => json!({"at": at, "whole": [width, height], "jpeg": hex(jpeg)}),
        PartEntry::Change { x, y, jpeg } => json!({"at": at, "change": [x, y], "jpeg": hex(jpeg)}),
        PartEntry::Event(event) => json!({"at": at, "event": event.expect("an event of ours")}),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
