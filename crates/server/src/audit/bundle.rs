//! `/api/v1/audit/bundle`: chosen records and recordings in one file for an auditor, as it is written.

use axum::{
    body::{Body as HttpBody, Bytes},
    extract::State,
    http::header,
    response::IntoResponse,
};
use countersign_audit::{
    ExportLine,
    bundle::{BundleWriter, record_line},
};
use countersign_model::{Actor, SessionId};
use countersign_vault::{Bundle, RecordFilter, RecordingView};
use futures_util::stream;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::log::RecordParams;
use crate::{
    AppState, Problem,
    description::RawBytes,
    request::extract::{Body, Caller},
};

/// So many records at the most; the manifest says where there are more.
const MOST_RECORDS: u64 = 100_000;
const PAGE: u32 = 500;

const README: &str = "This bundle was made by Countersign for an auditor.

records.jsonl      records of the audit log, the newest first, each with the hash of the record before it
checkpoints.jsonl  what the vault has signed of its log
sessions/          recordings of sessions, part by part
manifest.json      what was chosen, by whom and when, and each file with its SHA-256
manifest.sig       the signature over the manifest

To see whether all of it holds, without a server and without a network:

    countersign audit verify-bundle FILE --key KEY

KEY is the log's public key. Get it from the vault's administrators by another way than this file.
";

/// What comes into a bundle: records as the list is filtered, and recordings.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BundleBody {
    /// Whose actor's or object's name holds this text.
    search: Option<String>,
    /// About this credential.
    credential: Option<String>,
    /// By this user.
    actor: Option<String>,
    /// Of this act, such as `token.read`.
    act: Option<String>,
    /// At or after this time, RFC 3339.
    since: Option<String>,
    /// Before this time, RFC 3339.
    until: Option<String>,
    /// The sessions whose recordings come into it, by their ids; at most 20.
    #[serde(default)]
    sessions: Vec<String>,
}

/// Chosen records, recordings and checkpoints in one ZIP file, signed, for `countersign audit verify-bundle`: at most 100000 records. Needs
/// a recent sign-in. That it was made is recorded.
#[utoipa::path(post, path = "/api/v1/audit/bundle", tag = "audit", request_body = BundleBody,
    responses((status = 200, content_type = "application/zip", body = inline(RawBytes)), (status = "4XX", body = Problem)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<BundleBody>,
) -> Result<impl IntoResponse, Problem> {
    let BundleBody { search, credential, actor: by, act, since, until, sessions } = body;
    let filter = RecordParams::of(search, credential, by, act, since, until).understand()?;
    let id = |text: &String| text.parse::<SessionId>();
    let sessions: Vec<SessionId> = sessions
        .iter()
        .map(id)
        .collect::<Result<_, _>>()
        .map_err(|error| Problem::invalid("sessions", format!("hold what is {error}")))?;
    let bundle = state.vault().begin_bundle(&actor, &filter, &sessions).await?;
    let making = Making { state, actor, filter, bundle, writer: BundleWriter::new(), step: Step::Readme };
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"countersign-bundle.zip\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, HttpBody::from_stream(stream::try_unfold(Some(making), next))))
}

/// A bundle that is being written.
struct Making {
    state: AppState,
    actor: Actor,
    filter: RecordFilter,
    bundle: Bundle,
    writer: BundleWriter,
    step: Step,
}

/// What is written next.
enum Step {
    Readme,
    Records,
    Checkpoints,
    /// This recording's page, before its parts.
    Session(usize),
    /// This part of it.
    Part(usize, usize),
    Manifest,
}

type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A piece at a time, each asked for anew: whoever loses the right to read meanwhile gets no more, and a file that is no bundle.
async fn next(making: Option<Making>) -> Result<Option<(Bytes, Option<Making>)>, Trouble> {
    let Some(mut making) = making else { return Ok(None) };
    making.step = match making.step {
        Step::Readme => {
            making.writer.begin("README.txt")?;
            making.writer.write(README.as_bytes())?;
            making.writer.begin("records.jsonl")?;
            Step::Records
        }
        Step::Records => making.records().await?,
        Step::Checkpoints => making.checkpoints().await?,
        Step::Session(at) => making.session(at)?,
        Step::Part(at, part) => making.part(at, part).await?,
        Step::Manifest => {
            let Making { bundle, writer, .. } = making;
            let rest = writer.finish(bundle.facts, &bundle.key)?;
            return Ok(Some((Bytes::from(rest), None)));
        }
    };
    let piece = making.writer.take();
    Ok(Some((Bytes::from(piece), Some(making))))
}

impl Making {
    async fn records(&mut self) -> Result<Step, Trouble> {
        let facts = &mut self.bundle.facts;
        let room = MOST_RECORDS - facts.records;
        let limit = u32::try_from(room.min(u64::from(PAGE)))?;
        // One more tells whether there are more.
        let records = self.state.vault().bundle_records(&self.actor, &self.filter, limit + 1).await?;
        let more = records.len() > limit as usize;
        for (previous, record) in records.iter().take(limit as usize) {
            self.writer.write(record_line(previous, record).as_bytes())?;
            facts.records += 1;
            self.filter.before = Some(record.seq);
        }
        if more && facts.records < MOST_RECORDS {
            return Ok(Step::Records);
        }
        facts.complete = !more;
        self.writer.begin("checkpoints.jsonl")?;
        Ok(Step::Checkpoints)
    }

    async fn checkpoints(&mut self) -> Result<Step, Trouble> {
        let from = self.filter.before.unwrap_or(1);
        for checkpoint in self.state.vault().bundle_checkpoints(&self.actor, from).await? {
            self.writer.write((ExportLine::Checkpoint(checkpoint).to_json() + "\n").as_bytes())?;
        }
        Ok(Step::Session(0))
    }

    fn session(&mut self, at: usize) -> Result<Step, Trouble> {
        let Some(recording) = self.bundle.recordings.get(at) else { return Ok(Step::Manifest) };
        let session = &recording.session;
        let page = json!({
            "id": session.id.to_string(),
            "duration_ms": recording.duration_ms,
            "bytes": recording.bytes,
            "parts": recording.parts.len(),
            "running": recording.running,
        });
        self.writer.begin(&format!("sessions/{}/session.json", session.id))?;
        self.writer.write(serde_json::to_string_pretty(&page)?.as_bytes())?;
        Ok(Step::Part(at, 0))
    }

    async fn part(&mut self, at: usize, part: usize) -> Result<Step, Trouble> {
        let recording: Option<&RecordingView> = self.bundle.recordings.get(at);
        let Some((id, info)) = recording.and_then(|it| Some((it.session.id, it.parts.get(part)?))) else {
            return Ok(Step::Session(at + 1));
        };
        let bytes = self.state.vault().recording_part(&self.actor, id, info.seq).await?;
        self.writer.begin(&format!("sessions/{id}/part-{:05}.bin", info.seq))?;
        self.writer.write(&bytes)?;
        Ok(Step::Part(at, part + 1))
    }
}
