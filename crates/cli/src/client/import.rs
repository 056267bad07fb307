use std::{
    io::{self, Read as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{args::ImportArgs, client::http::Client, machine::files::read_file, output};

// A long list goes over in several requests, so that neither side holds all of it at once.
const MAX_AT_ONCE: usize = 512 << 10;
const LARGEST_FILE: u64 = 256 << 20;

pub(crate) async fn run(ask: &ImportArgs, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let mut files = Vec::new();
    for path in &ask.files {
        files.push(read(path)?);
    }
    let mut report = Report::default();
    for request in requests(files) {
        report.add(send(&client, ask, &request).await?, &request);
    }
    if json {
        output::json(&json!({"items": report.items, "missing": report.missing, "counts": report.counts}))?;
    } else {
        report.print();
    }
    let refused = report.counts.get("refused").copied().unwrap_or(0) > 0;
    Ok(if refused || !report.missing.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A file, or a piece of one, with the number of lines before it.
struct Piece {
    name: String,
    bytes: Vec<u8>,
    lines_before: u64,
}

fn read(path: &Path) -> anyhow::Result<Piece> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().take(LARGEST_FILE).read_to_end(&mut bytes).context("standard input cannot be read")?;
        ("standard input".to_owned(), bytes)
    } else {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        (name, read_file("the file", path, LARGEST_FILE)?)
    };
    Ok(Piece { name, bytes, lines_before: 0 })
}

/// All files in one request as long as they are small; a long text in pieces that end before an address begins.
fn requests(files: Vec<Piece>) -> Vec<Vec<Piece>> {
    let (long, short): (Vec<Piece>, Vec<Piece>) =
        files.into_iter().partition(|file| file.bytes.len() > MAX_AT_ONCE && std::str::from_utf8(&file.bytes).is_ok());
    let mut requests: Vec<Vec<Piece>> = if short.is_empty() { Vec::new() } else { vec![short] };
    requests.extend(long.into_iter().flat_map(split).map(|piece| vec![piece]));
    requests
}

fn split(file: Piece) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut bytes = Vec::new();
    let (mut lines, mut lines_before) = (0, 0);
    for line in file.bytes.split_inclusive(|byte| *byte == b'\n') {
        let begins = line.trim_ascii_start().get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"otpauth:"));
        if begins && bytes.len() + line.len() > MAX_AT_ONCE {
            pieces.push(Piece { name: file.name.clone(), bytes: std::mem::take(&mut bytes), lines_before });
            lines_before = lines;
        }
        bytes.extend_from_slice(line);
        lines += 1;
    }
    pieces.push(Piece { name: file.name, bytes, lines_before });
    pieces
}

async fn send(client: &Client, ask: &ImportArgs, pieces: &[Piece]) -> anyhow::Result<Value> {
    let files: Vec<Value> =
        pieces.iter().map(|piece| json!({"name": piece.name, "data": BASE64_STANDARD.encode(&piece.bytes)})).collect();
    if ask.preview {
        client.send(Method::POST, "/api/v1/import", &json!({"files": files})).await
    } else {
        client.send(Method::POST, "/api/v1/import/commit", &json!({"files": files, "tags": ask.tags})).await
    }
}

#[derive(Default)]
struct Report {
    items: Vec<Value>,
    missing: Vec<Value>,
    counts: std::collections::BTreeMap<String, u64>,
}

impl Report {
    fn add(&mut self, mut answer: Value, pieces: &[Piece]) {
        let lines_before = pieces.first().map_or(0, |piece| piece.lines_before);
        if let Some(Value::Array(items)) = answer.get_mut("items").map(Value::take) {
            for mut item in items {
                item["index"] = json!(self.items.len());
                if lines_before > 0 {
                    shift_line(&mut item, lines_before);
                }
                self.items.push(item);
            }
        }
        if let Some(Value::Array(missing)) = answer.get_mut("missing").map(Value::take) {
            self.missing.extend(missing);
        }
        for (state, count) in answer.get("counts").and_then(Value::as_object).into_iter().flatten() {
            *self.counts.entry(state.clone()).or_default() += count.as_u64().unwrap_or(0);
        }
    }

    fn print(&self) {
        for item in &self.items {
            let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let reason = text("reason");
            let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
            output::line(format!("{:<10}{}  ({}){why}", text("state"), text("name"), text("place")));
        }
        for missing in self.missing.iter().filter_map(Value::as_str) {
            output::note(format!("missing: {missing}"));
        }
        let counts = self.counts.iter().filter(|(_, count)| **count > 0);
        let words: Vec<String> = counts.map(|(state, count)| format!("{count} {state}")).collect();
        output::note(words.join(", "));
    }
}

/// A piece counts its lines from its own first; a person counts those of the file.
fn shift_line(item: &mut Value, lines_before: u64) {
    let Some(place) = item.get("place").and_then(Value::as_str) else { return };
    let Some((head, tail)) = place.split_once(", line ") else { return };
    let (number, rest) =
        tail.split_once(',').map_or((tail, String::new()), |(number, rest)| (number, format!(",{rest}")));
    if let Ok(number) = number.parse::<u64>() {
        item["place"] = json!(format!("{head}, line {}{rest}", number + lines_before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_before_addresses_and_keeps_its_line_numbers() {
        let line = format!("otpauth://totp/{}?secret=JBSWY3DPEHPK3PXP\n", "x".repeat(1_000));
        let text = format!("# head\n{}", line.repeat(1_500));
        let file = Piece { name: "long.txt".to_owned(), bytes: text.clone().into_bytes(), lines_before: 0 };
        let pieces = split(file);
        assert!(pieces.len() > 2);
        assert_eq!(pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>(), text.len());
        assert!(pieces.iter().all(|piece| piece.bytes.len() <= MAX_AT_ONCE));
        assert!(pieces[1].bytes.starts_with(b"otpauth:"));
        let lines = pieces[0].bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        assert_eq!(pieces[1].lines_before, lines);

        let mut item = json!({"place": "long.txt, line 3, part 1 of 2"});
        shift_line(&mut item, 100);
        assert_eq!(item["place"], "long.txt, line 103, part 1 of 2");
    }
}
