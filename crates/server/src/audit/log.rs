//! `/api/v1/audit`: pages of the log, also for a spreadsheet, the newest checkpoint, the whole as an export.

use axum::{
    Json,
    body::{Body as HttpBody, Bytes},
    extract::State,
    http::header,
    response::IntoResponse,
};
use countersign_audit::{ActorRef, Checkpoint, Details, ObjectRef, csv};
use countersign_model::{Actor, Paging, Timestamp};
use countersign_vault::{ExportReader, RecordFilter, RecordView};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    AppState, Problem,
    request::extract::{Caller, Listed, Params},
};

/// Which records to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordParams {
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
}

impl RecordParams {
    pub(super) const fn of(
        search: Option<String>,
        credential: Option<String>,
        actor: Option<String>,
        act: Option<String>,
        since: Option<String>,
        until: Option<String>,
    ) -> Self {
        Self { search, credential, actor, act, since, until }
    }

    pub(super) fn understand(self) -> Result<RecordFilter, Problem> {
        let id = |field: &'static str, text: Option<String>| {
            text.map(|text| text.parse::<countersign_model::CredentialId>().map(countersign_model::CredentialId::uuid))
                .transpose()
                .map_err(|error| Problem::invalid(field, format!("is {error}")))
        };
        let time = |field: &'static str, text: Option<String>| {
            text.map(|text| text.parse::<Timestamp>())
                .transpose()
                .map_err(|error| Problem::invalid(field, format!("is {error}")))
        };
        Ok(RecordFilter {
            before: None,
            act: self.act,
            since: time("since", self.since)?,
            until: time("until", self.until)?,
            search: self.search.filter(|text| !text.trim().is_empty()),
            object: id("credential", self.credential)?,
            actor: id("actor", self.actor)?,
        })
    }
}

/// A page of records, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordsBody {
    items: Vec<RecordBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// One act.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordBody {
    seq: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = Object)]
    actor: ActorRef,
    act: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    object: Option<ObjectRef>,
    /// Whether the credential that it is about has been removed since.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    object_removed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[schema(value_type = Object)]
    details: Details,
    hash: String,
}

impl From<RecordView> for RecordBody {
    fn from(record: RecordView) -> Self {
        let entry = record.entry;
        Self {
            seq: record.seq,
            at: entry.at,
            actor: entry.actor,
            act: entry.act.into_owned(),
            object: entry.object,
            object_removed: record.object_removed,
            reason: entry.reason,
            details: entry.details,
            hash: record.hash.to_string(),
        }
    }
}

/// A page of the log.
#[utoipa::path(get, path = "/api/v1/audit/records", tag = "audit", params(
        RecordParams,
        ("cursor" = Option<i64>, Query, description = "Where the page before ended.", minimum = 0),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 when left out.", minimum = 1, maximum = 200),
    ),
    responses((status = 200, body = RecordsBody), (status = "4XX", body = Problem)))]
pub(crate) async fn records(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Listed(params, paging): Listed<RecordParams>,
) -> Result<Json<RecordsBody>, Problem> {
    let filter = params.understand()?;
    let page = state.vault().audit_records(&actor, &filter, &paging).await?;
    let page = page.map(Into::into);
    Ok(Json(RecordsBody { items: page.items, next_cursor: page.next_cursor }))
}

/// So many records at the most in one file; a spreadsheet takes about ten times as many.
const MOST_IN_CSV: u32 = 100_000;

/// The records that pass the filter, the newest first, as CSV for a spreadsheet: at most 100000. It is recorded that they were asked for.
#[utoipa::path(get, path = "/api/v1/audit/records.csv", tag = "audit", params(RecordParams),
    responses((status = 200, content_type = "text/csv", body = String), (status = "4XX", body = Problem)))]
pub(crate) async fn records_csv(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(params): Params<RecordParams>,
) -> Result<impl IntoResponse, Problem> {
    let filter = params.understand()?;
    state.vault().record_records_export(&actor, &filter).await?;
    let begun = CsvReader { state, actor, filter, paging: Some(Paging::first(Paging::MAX)), left: MOST_IN_CSV };
    let lines = stream::once(async { Ok(Bytes::from_static(csv::HEADER.as_bytes())) });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"countersign-records.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, HttpBody::from_stream(lines.chain(stream::try_unfold(begun, next_csv)))))
}

/// Pages of records that are still to be written.
struct CsvReader {
    state: AppState,
    actor: Actor,
    filter: RecordFilter,
    /// The next one; none after the last.
    paging: Option<Paging>,
    left: u32,
}

/// A page at a time, each asked for anew: whoever loses the right to read meanwhile gets no more.
async fn next_csv(mut reader: CsvReader) -> Result<Option<(Bytes, CsvReader)>, countersign_vault::Error> {
    let Some(paging) = reader.paging.take().filter(|_| reader.left > 0) else { return Ok(None) };
    let page = reader.state.vault().audit_records(&reader.actor, &reader.filter, &paging).await?;
    let taken = reader.left.min(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
    let lines = page.items.iter().take(taken as usize).map(|record| csv::line(record.seq, &record.entry, &record.hash));
    let text: String = lines.collect();
    reader.left -= taken;
    reader.paging = page.next_cursor.map(|cursor| paging.after(cursor));
    Ok(Some((Bytes::from(text), reader)))
}

/// A signed word on how the log stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckpointBody {
    vault: String,
    size: u64,
    root: String,
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    key: String,
    signature: String,
}

impl From<Checkpoint> for CheckpointBody {
    fn from(it: Checkpoint) -> Self {
        Self {
            vault: it.vault.to_string(),
            size: it.size,
            root: it.root,
            time: it.time,
            key: it.key,
            signature: it.signature,
        }
    }
}

/// Signs how the log stands now. Keep it elsewhere: it proves later that nothing before it was changed.
#[utoipa::path(get, path = "/api/v1/audit/checkpoint", tag = "audit",
    responses((status = 200, body = CheckpointBody), (status = "4XX", body = Problem)))]
pub(crate) async fn checkpoint(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<CheckpointBody>, Problem> {
    Ok(Json(state.vault().checkpoint(&actor).await?.into()))
}

/// The whole log as JSON lines, for `countersign audit verify`.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit",
    responses((status = 200, content_type = "application/x-ndjson", body = String), (status = "4XX", body = Problem)))]
pub(crate) async fn export(State(state): State<AppState>, Caller(actor): Caller) -> Result<impl IntoResponse, Problem> {
    let export = state.vault().export_audit(&actor).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"countersign-audit.jsonl\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, HttpBody::from_stream(stream::try_unfold(export, next_lines))))
}

async fn next_lines(mut export: ExportReader) -> Result<Option<(Bytes, ExportReader)>, countersign_vault::Error> {
    let lines = export.next().await?;
    if lines.is_empty() {
        return Ok(None);
    }
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.to_json());
        text.push('\n');
    }
    Ok(Some((Bytes::from(text), export)))
}
