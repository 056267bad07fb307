use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use countersign_model::SessionId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    args::SessionCommand,
    client::http::{Client, credential_path, named},
    failure::Problem,
    output,
};

pub(crate) async fn run(ask: SessionCommand, json: bool) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    match ask {
        SessionCommand::Start { name, reason, ticket } => {
            start(&client, &name, &json!({"reason": reason, "ticket": ticket}), json).await?;
        }
        SessionCommand::List { open, credential } => list(&client, open, credential.as_deref(), json).await?,
        SessionCommand::Show { id } => show(&client.get(&path(&id)?, &[]).await?, json)?,
        SessionCommand::End { id } => end(&client, &id, json).await?,
        SessionCommand::Link { id, person, level } => link(&client, &id, &person, &level, json).await?,
        SessionCommand::Recording { id, output: None } => {
            wait_for_last_part(&client, &path(&id)?, LONGEST_ENDING).await?;
            show_recording(&client.get(&format!("{}/recording", path(&id)?), &[]).await?, json)?;
        }
        SessionCommand::Recording { id, output: Some(file) } => return fetch(&client, &id, &file, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn start(client: &Client, name: &str, body: &Value, json: bool) -> anyhow::Result<()> {
    let session: Value = client.send(Method::POST, &format!("{}/sessions", credential_path(name)), &body).await?;
    if json {
        return output::json(&session);
    }
    let id = text(&session, "/id");
    output::line(&id);
    output::note(format!("{}: {}", text(&session, "/state"), text(&session, "/says")));
    output::note(format!("open {}/#/sessions/{id}", client.url()));
    Ok(())
}

async fn list(client: &Client, open: bool, credential: Option<&str>, json: bool) -> anyhow::Result<()> {
    let mut query = Vec::new();
    if open {
        query.push(("open", "true".to_owned()));
    }
    query.extend(credential.map(|name| ("credential", named(name))));
    let items = client.all("/api/v1/sessions", &query, usize::MAX).await?;
    if json {
        return output::json(&json!({"items": items}));
    }
    let mut table = output::table(&["ID", "CREDENTIAL", "STATE", "STARTED BY", "STARTED", "RECORDED"]);
    for item in &items {
        table.add_row([
            text(item, "/id"),
            text(item, "/credential/name"),
            state(item),
            text(item, "/started_by"),
            text(item, "/created_at"),
            recorded(item),
        ]);
    }
    output::line(table);
    Ok(())
}

fn show(session: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(session);
    }
    let rows = [
        ("id", text(session, "/id")),
        ("credential", text(session, "/credential/name")),
        ("change", text(session, "/change")),
        ("state", state(session)),
        ("says", text(session, "/says")),
        ("started by", text(session, "/started_by")),
        ("reason", text(session, "/reason")),
        ("started", text(session, "/created_at")),
        ("ended", text(session, "/ended_at")),
        ("recorded", recorded(session)),
    ];
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        output::line(format!("{name:<12}{value}"));
    }
    Ok(())
}

async fn end(client: &Client, id: &str, json: bool) -> anyhow::Result<()> {
    let session: Value = client.send(Method::POST, &format!("{}/end", path(id)?), &json!({})).await?;
    if json {
        return output::json(&session);
    }
    if text(&session, "/state") == "ended" {
        output::line(format!("ended: {}", text(&session, "/says")));
    } else {
        output::line("ending: its browser is being closed");
    }
    Ok(())
}

async fn link(client: &Client, id: &str, person: &str, level: &str, json: bool) -> anyhow::Result<()> {
    let body = json!({"person": person, "level": level});
    let made: Value = client.send(Method::POST, &format!("{}/links", path(id)?), &body).await?;
    if json {
        return output::json(&made);
    }
    output::line(format!("{}/#/sessions/{id}?link={}", client.url(), text(&made, "/link")));
    output::note(format!("it lets {person} in, once, until {}", text(&made, "/expires_at")));
    Ok(())
}

fn show_recording(recording: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(recording);
    }
    let number = |name: &str| recording.get(name).and_then(Value::as_u64).unwrap_or_default();
    let parts = recording.get("parts").and_then(Value::as_array).map_or(0, Vec::len);
    let running = recording.get("running").and_then(Value::as_bool).unwrap_or_default();
    let so_far = if running { " so far" } else { "" };
    output::line(format!("{} in {parts} parts{so_far}", size(number("duration_ms"), number("bytes"))));
    Ok(())
}

/// A session whose end was asked for writes its last part before it has ended; asked straight after, its recording would
/// lack that part.
async fn wait_for_last_part(client: &Client, session: &str, longest: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let now: Value = client.get(session, &[]).await?;
        if !now.get("ending").and_then(Value::as_bool).unwrap_or_default() {
            return Ok(());
        }
        if begun.elapsed() >= longest {
            output::note("warning: the session is still ending: the last part of its recording may be missing");
            return Ok(());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// A host that is silent for longer loses the session, with what it had not written.
const LONGEST_ENDING: Duration = Duration::from_secs(90);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

async fn fetch(client: &Client, id: &str, file: &Path, json: bool) -> anyhow::Result<ExitCode> {
    wait_for_last_part(client, &path(id)?, LONGEST_ENDING).await?;
    let base = format!("{}/recording", path(id)?);
    if file == Path::new("-") {
        return Ok(code(&write_parts(client, &base, &mut io::stdout().lock()).await?));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Written beside and renamed, so that a half of it never stands for the whole.
    let half = tempfile::NamedTempFile::new_in(folder);
    let mut half = half.with_context(|| format!("{} cannot be written", folder.display()))?;
    let missing = if file.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("webm")) {
        let mut video = client.download(&format!("{base}/webm")).await?;
        while let Some(bytes) = video.chunk().await.context("the video broke off")? {
            half.write_all(&bytes)?;
        }
        Vec::new()
    } else {
        write_parts(client, &base, &mut half).await?
    };
    half.as_file().sync_all()?;
    let bytes = half.as_file().metadata()?.len();
    half.persist(file).with_context(|| format!("{} cannot be written", file.display()))?;
    if json {
        output::json(&json!({"file": file, "bytes": bytes, "missing_parts": missing}))?;
    } else {
        output::line(format!("{}: {bytes} bytes", file.display()));
    }
    Ok(code(&missing))
}

/// Writes the parts that can be had; gives the numbers of those that cannot.
async fn write_parts(client: &Client, base: &str, out: &mut impl Write) -> anyhow::Result<Vec<u64>> {
    let recording: Value = client.get(base, &[]).await?;
    let mut missing = Vec::new();
    for part in recording.get("parts").and_then(Value::as_array).into_iter().flatten() {
        let seq = part.get("seq").and_then(Value::as_u64).context("the recording's list is no list of parts")?;
        let path = format!("{base}/parts/{seq}");
        let mut answer = client.download(&path).await;
        if answer.as_ref().is_err_and(|error| {
            error.downcast_ref::<Problem>().is_some_and(|problem| problem.name() == "playback-needed")
        }) {
            // It takes longer than what was opened stays open.
            client.get::<Value>(base, &[]).await?;
            answer = client.download(&path).await;
        }
        match answer {
            Ok(part) => out.write_all(&part.bytes().await.context("the recording broke off")?)?,
            // One lost part is no reason to lose the others.
            Err(error) => match error.downcast_ref::<Problem>() {
                Some(problem) if matches!(problem.name(), "part-missing" | "damaged") => {
                    output::note(format!("warning: {error}"));
                    missing.push(seq);
                }
                _ => return Err(error),
            },
        }
    }
    out.flush()?;
    Ok(missing)
}

fn code(missing: &[u64]) -> ExitCode {
    if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// An id goes into a path, so it is made sure that it is one.
fn path(id: &str) -> anyhow::Result<String> {
    let id: SessionId =
        id.parse().with_context(|| format!("\"{id}\" is no session: see `countersign session list`"))?;
    Ok(format!("/api/v1/sessions/{id}"))
}

fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Where it stands, and why it ended.
fn state(session: &Value) -> String {
    match session.get("end").and_then(Value::as_str) {
        Some(end) => format!("ended: {}", end.replace('_', " ")),
        None => text(session, "/state"),
    }
}

fn recorded(session: &Value) -> String {
    let number = |name: &str| session.get(name).and_then(Value::as_u64).unwrap_or_default();
    match number("recorded_bytes") {
        0 => String::new(),
        bytes => size(number("recorded_ms"), bytes),
    }
}

fn size(milliseconds: u64, bytes: u64) -> String {
    let seconds = milliseconds / 1_000;
    format!("{}:{:02}, {} KiB", seconds / 60, seconds % 60, bytes.div_ceil(1_024))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{path, size, state, wait_for_last_part};
    use crate::client::http::Client;
    use serde_json::json;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    /// Answers each request with the next body, the last one again and again; counts them.
    async fn answering(
        bodies: Vec<serde_json::Value>,
    ) -> (String, tokio::task::JoinHandle<()>, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&count);
        let task = tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut request = [0; 4_096];
                let _ = socket.read(&mut request).await.unwrap();
                let at = counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst).min(bodies.len() - 1);
                let body = bodies[at].to_string();
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                socket.write_all((head + &body).as_bytes()).await.unwrap();
            }
        });
        (url, task, count)
    }

    #[tokio::test]
    async fn a_recording_is_read_once_its_last_part_is_there() {
        let (going, ending) = (json!({"state": "live", "ending": false}), json!({"state": "live", "ending": true}));
        let ended = json!({"state": "ended", "ending": false});
        let table = [
            (vec![going], Duration::from_secs(60), 1),
            (vec![ended.clone()], Duration::from_secs(60), 1),
            (vec![ending.clone(), ending.clone(), ended], Duration::from_secs(60), 3),
            (vec![ending], Duration::ZERO, 1),
        ];
        for (bodies, longest, asked) in table {
            let (url, task, count) = answering(bodies.clone()).await;
            let client = Client::new(&url, None).unwrap();
            wait_for_last_part(&client, "/api/v1/sessions/x", longest).await.unwrap();
            assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), asked, "{bodies:?}");
            task.abort();
        }
    }

    #[test]
    fn sizes_are_told_in_minutes_and_kib() {
        assert_eq!(size(65_999, 1_025), "1:05, 2 KiB");
        assert_eq!(size(0, 0), "0:00, 0 KiB");
    }

    #[test]
    fn a_state_says_how_it_ended() {
        assert_eq!(state(&json!({"state": "live"})), "live");
        assert_eq!(state(&json!({"state": "ended", "end": "node_lost"})), "ended: node lost");
    }

    #[test]
    fn only_an_id_goes_into_a_path() {
        let id = "01938d1c-7a31-7000-8000-000000000000";
        assert_eq!(path(id).unwrap(), format!("/api/v1/sessions/{id}"));
        assert!(path("../credentials").unwrap_err().to_string().contains("session list"));
    }
}
