use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read as _},
    path::Path,
    process::ExitCode,
};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    args::ImportArgs,
    client::{credential::Input, http::Client},
    machine::files::read_file,
    output,
};

// A long list goes over in several requests, so that neither side holds all of it at once.
const MAX_AT_ONCE: usize = 512 << 10;
/// A password is asked for so many times.
const MAX_TRIES: usize = 3;
const LARGEST_FILE: u64 = 256 << 20;

pub(crate) async fn run(ask: &ImportArgs, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let password = if ask.password_stdin {
        anyhow::ensure!(
            !ask.files.iter().any(|path| path == Path::new("-")),
            "standard input is the password: name the files"
        );
        Some(Input::default().line("the files' password")?)
    } else {
        None
    };
    let mut files = Vec::new();
    for path in &ask.files {
        files.push(Piece { password: password.clone(), ..read(path)? });
    }
    name_each_once(&mut files);
    let mut report = Report::default();
    let mut broke_off = None;
    let requests = requests(files);
    let parts = requests.len();
    for (part, mut request) in (1..).zip(requests) {
        match send_unlocked(&client, ask, &mut request).await {
            Ok(answer) => {
                report.add(answer, &request);
                // A list of a hundred thousand takes a minute.
                if part < parts {
                    output::note(format!("part {part} of {parts}: {} items so far", report.items.len()));
                }
            }
            Err(error) if report.items.is_empty() => return Err(error),
            Err(error) => {
                broke_off = Some(error);
                break;
            }
        }
    }
    if json {
        output::json(&json!(report))?;
    } else {
        report.print();
    }
    // What went over before is there, and is told above.
    if let Some(error) = broke_off {
        return Err(error.context(if ask.preview {
            "the preview broke off after the items above"
        } else {
            "the import broke off after the items above; the same command again goes on from there"
        }));
    }
    let refused = report.counts.get("refused").copied().unwrap_or(0) > 0;
    Ok(if refused || !report.missing.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A file, or a piece of one, with the number of lines before it.
struct Piece {
    name: String,
    bytes: Vec<u8>,
    lines_before: u64,
    /// What opens it, where it is encrypted.
    password: Option<String>,
    /// Which columns hold what, where that was said.
    columns: Option<Value>,
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
    Ok(Piece { name, bytes, lines_before: 0, password: None, columns: None })
}

/// Files are told apart by their names, as the server takes them.
fn name_each_once(files: &mut [Piece]) {
    let mut taken = BTreeSet::new();
    for file in files {
        let name: String = file.name.chars().filter(|c| !c.is_control()).collect();
        let mut other = name.clone();
        let mut count = 1;
        while !taken.insert(other.clone()) {
            count += 1;
            other = format!("{name} ({count})");
        }
        file.name = other;
    }
}

/// Whether it is a list of addresses, whose pieces can be read each by itself: no export and no table, whose cells may hold some.
fn is_address_list(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"));
    first.and_then(|line| line.get(..8)).is_some_and(|start| start.eq_ignore_ascii_case(b"otpauth:"))
}

/// All files in one request as long as they are small; a long text in pieces that end before an address begins.
fn requests(files: Vec<Piece>) -> Vec<Vec<Piece>> {
    let (long, short): (Vec<Piece>, Vec<Piece>) =
        files.into_iter().partition(|file| file.bytes.len() > MAX_AT_ONCE && is_address_list(&file.bytes));
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
            let bytes = std::mem::take(&mut bytes);
            pieces.push(Piece { name: file.name.clone(), bytes, lines_before, password: None, columns: None });
            lines_before = lines;
        }
        bytes.extend_from_slice(line);
        lines += 1;
    }
    // In one piece it may be an export that is encrypted; of several none is.
    pieces.push(Piece { name: file.name, bytes, lines_before, password: file.password, columns: file.columns });
    pieces
}

/// What the server says of one request.
#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
    missing: Vec<String>,
    left_out: Vec<LeftOut>,
    locked: Vec<String>,
    granted_tags: Vec<String>,
    granted_sites: Vec<String>,
    tables: Vec<Table>,
    counts: BTreeMap<String, u64>,
}

/// A file that is a table whose columns nobody knows.
#[derive(Deserialize)]
struct Table {
    file: String,
    columns: Vec<String>,
    mapping: Option<serde_json::Map<String, Value>>,
}

/// What is in a file and not imported.
#[derive(Serialize, Deserialize)]
struct LeftOut {
    what: String,
    count: u64,
}

/// An item, as the server tells it: read into fields, because of a hundred thousand of them anything else takes its time.
#[derive(Serialize, Deserialize)]
struct Item {
    index: usize,
    place: String,
    name: String,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    has_password: bool,
    has_notes: bool,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digits: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<u32>,
    warnings: Vec<String>,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Puts the columns that were named into the files that are tables, by the titles that the server finds in them.
async fn name_columns(client: &Client, ask: &ImportArgs, pieces: &mut [Piece]) -> anyhow::Result<()> {
    if ask.columns.is_empty() {
        return Ok(());
    }
    let answer = send(client, &ImportAsk { preview: true, of: ask }, pieces).await?;
    anyhow::ensure!(
        !answer.tables.is_empty(),
        "--column is for a table (CSV) that no program is known to write, and none of the files is one"
    );
    let mut said = BTreeSet::new();
    if let Some(twice) = ask.columns.iter().find(|column| !said.insert(&column.field)) {
        anyhow::bail!("--column says twice which column holds the {}: say it once", twice.field);
    }
    for Table { file, columns, mapping } in answer.tables {
        let mut mapping = mapping.unwrap_or_default();
        for column in &ask.columns {
            let wanted = column.title.trim().to_lowercase();
            let mut places = columns.iter().enumerate().filter(|(_, title)| title.trim().to_lowercase() == wanted);
            let (place, _) = places.next().with_context(|| {
                format!("{file} has no column {:?}: its columns are {}", column.title, columns.join(", "))
            })?;
            anyhow::ensure!(
                places.next().is_none(),
                "{file} has two columns {:?}: name them differently in its first line",
                column.title
            );
            mapping.insert(column.field.clone(), json!(place));
        }
        for piece in pieces.iter_mut().filter(|piece| piece.name == file) {
            piece.columns = Some(Value::Object(mapping.clone()));
        }
    }
    Ok(())
}

/// Asks for the passwords of files that are encrypted, where somebody is there to be asked; before anything of them is added.
async fn send_unlocked(client: &Client, ask: &ImportArgs, pieces: &mut [Piece]) -> anyhow::Result<Answer> {
    name_columns(client, ask, pieces).await?;
    let may_ask = !ask.password_stdin && output::is_somebody_there();
    for _ in 0..MAX_TRIES {
        let first = send(client, &ImportAsk { preview: ask.preview || may_ask, of: ask }, pieces).await?;
        if !may_ask || first.locked.is_empty() {
            if ask.preview || !may_ask {
                return Ok(first);
            }
            break;
        }
        for piece in pieces.iter_mut().filter(|piece| first.locked.contains(&piece.name)) {
            let again = if piece.password.is_some() { "That password does not open it. " } else { "" };
            let question = format!("{again}Password of {}: ", piece.name);
            piece.password = Some(rpassword::prompt_password(question)?);
        }
    }
    send(client, &ImportAsk { preview: ask.preview, of: ask }, pieces).await
}

/// What is asked of the server.
struct ImportAsk<'a> {
    preview: bool,
    of: &'a ImportArgs,
}

async fn send(client: &Client, ask: &ImportAsk<'_>, pieces: &[Piece]) -> anyhow::Result<Answer> {
    let file = |piece: &Piece| json!({"name": piece.name, "data": BASE64_STANDARD.encode(&piece.bytes), "password": piece.password, "columns": piece.columns});
    let files: Vec<Value> = pieces.iter().map(file).collect();
    let mut body = json!({"files": files, "leave_out_notes": ask.of.no_notes});
    if ask.preview {
        return client.send(Method::POST, "/api/v1/import", &body).await;
    }
    body["tags"] = json!(ask.of.tags);
    client.send(Method::POST, "/api/v1/import/commit", &body).await
}

#[derive(Default, Serialize)]
struct Report {
    items: Vec<Item>,
    missing: Vec<String>,
    left_out: Vec<LeftOut>,
    locked: Vec<String>,
    granted_tags: BTreeSet<String>,
    granted_sites: BTreeSet<String>,
    counts: BTreeMap<String, u64>,
}

impl Report {
    fn add(&mut self, answer: Answer, pieces: &[Piece]) {
        let lines_before = pieces.first().map_or(0, |piece| piece.lines_before);
        for mut item in answer.items {
            item.index = self.items.len();
            if lines_before > 0 {
                shift_line(&mut item.place, lines_before);
            }
            self.items.push(item);
        }
        self.missing.extend(answer.missing);
        self.left_out.extend(answer.left_out);
        self.locked.extend(answer.locked);
        self.granted_tags.extend(answer.granted_tags);
        self.granted_sites.extend(answer.granted_sites);
        for (state, count) in answer.counts {
            *self.counts.entry(state).or_default() += count;
        }
    }

    fn print(&self) {
        let lines = self.items.iter().map(|Item { state, name, place, reason, warnings, .. }| {
            let why: Vec<&str> = reason.iter().chain(warnings).map(String::as_str).collect();
            let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
            format!("{state:<10}{name}  ({place}){why}")
        });
        output::lines(lines);
        for missing in &self.missing {
            output::note(format!("missing: {missing}"));
        }
        for LeftOut { what, count } in &self.left_out {
            output::note(format!("not imported: {count} {what}"));
        }
        for tag in &self.granted_tags {
            output::note(format!("who has a grant on the tag {tag} has access to what is imported with it"));
        }
        for host in &self.granted_sites {
            output::note(format!("who has a grant on the site {host} has access to what signs in there"));
        }
        let counts = self.counts.iter().filter(|(_, count)| **count > 0);
        let words: Vec<String> = counts.map(|(state, count)| format!("{count} {state}")).collect();
        output::note(words.join(", "));
    }
}

/// A piece counts its lines from its own first; a person counts those of the file.
fn shift_line(place: &mut String, lines_before: u64) {
    let Some((head, tail)) = place.split_once(", line ") else { return };
    let (number, rest) =
        tail.split_once(',').map_or((tail, String::new()), |(number, rest)| (number, format!(",{rest}")));
    if let Ok(number) = number.parse::<u64>() {
        *place = format!("{head}, line {}{rest}", number + lines_before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_before_addresses_and_keeps_its_line_numbers() {
        let line = format!("otpauth://totp/{}?secret=JBSWY3DPEHPK3PXP\n", "x".repeat(1_000));
        let text = format!("# head\n{}", line.repeat(1_500));
        let bytes = text.clone().into_bytes();
        let file = Piece { name: "long.txt".to_owned(), bytes, lines_before: 0, password: None, columns: None };
        let pieces = split(file);
        assert!(pieces.len() > 2);
        assert_eq!(pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>(), text.len());
        assert!(pieces.iter().all(|piece| piece.bytes.len() <= MAX_AT_ONCE));
        assert!(pieces[1].bytes.starts_with(b"otpauth:"));
        let lines = pieces[0].bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        assert_eq!(pieces[1].lines_before, lines);

        // A table may hold addresses in its cells, and is never cut.
        assert!(is_address_list(text.as_bytes()) && !is_address_list(b"name,notes\na,\"b\notpauth://totp/c\"\n"));
        let name =
            |name: &str| Piece { name: name.to_owned(), bytes: vec![], lines_before: 0, password: None, columns: None };
        let mut named = [name("a.csv"), name("b\t.csv"), name("a.csv"), name("b.csv")];
        name_each_once(&mut named);
        assert_eq!(named.map(|file| file.name), ["a.csv", "b.csv", "a.csv (2)", "b.csv (2)"]);

        let mut place = "long.txt, line 3, part 1 of 2".to_owned();
        shift_line(&mut place, 100);
        assert_eq!(place, "long.txt, line 103, part 1 of 2");
    }
}
