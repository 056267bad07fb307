//! `/api/v1/import`: a preview, and making it so.

use std::collections::HashMap;

use axum::{Json, extract::State, http::header, response::IntoResponse};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_model::{CredentialId, Tag};
use countersign_seal::Secret;
use countersign_vault::{
    ColumnMapping, ImportAddition, ImportFile, ImportItem, ImportParts, ImportReport, ImportRequest, ImportState,
    ImportTable, KnownBy,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AppState, Problem,
    request::extract::{Body, Caller},
};

// Sixteen MiB of files are four thirds of that in base64.
const MAX_KIB: usize = 22_528;
const MAX_FILES: usize = 200;
const LONGEST_FILE_NAME: usize = 255;
const LONGEST_PASSWORD: usize = 4_096;

/// Files to import, in any order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportBody {
    files: Vec<FileBody>,
    /// Items to leave out, by the index that the preview gave; only with `commit`.
    #[serde(default)]
    skip: Vec<usize>,
    /// Tags for everything that is imported; only with `commit`.
    #[serde(default)]
    tags: Vec<String>,
    /// Leaves out what was noted beside accounts: notes are not encrypted, and whoever may see a credential reads them.
    #[serde(default)]
    leave_out_notes: bool,
    /// To which credentials the preview said that items add; only with `commit`. Where it is given, nothing is added to others: if the vault
    /// has changed meanwhile, the import is refused as a whole.
    targets: Option<Vec<TargetBody>>,
}

/// An item that adds to a credential, as the preview gave both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetBody {
    index: usize,
    id: String,
}

/// A file: another program's export, text with otpauth lines, or a picture of QR codes. What it is, is told by its bytes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileBody {
    name: String,
    /// Its bytes in base64.
    data: String,
    /// What opens it, where it is encrypted.
    password: Option<String>,
    /// Which columns hold what, where it is a table (CSV) that no program is known to write, as a preview's `tables` tell.
    columns: Option<ColumnsBody>,
}

/// The places of columns, from 0. The password or the second factor has to be among them.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ColumnsBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<usize>,
    /// Of an `otpauth://` URL or a setup key in base32.
    #[serde(skip_serializing_if = "Option::is_none")]
    totp: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<usize>,
    /// Folders or tags, with slashes, commas or semicolons between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<usize>,
}

/// A file that is a table (CSV) which no program is known to write.
#[derive(Serialize, ToSchema)]
pub(crate) struct TableBody {
    /// Its name.
    file: String,
    /// The titles of its columns.
    columns: Vec<String>,
    /// Which of them say by their titles what they hold; null where none says where a password or a second factor is.
    mapping: Option<ColumnsBody>,
}

/// What became, or would become, of each item.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportBody {
    items: Vec<ItemBody>,
    /// Parts of Google Authenticator exports that were not among the files.
    missing: Vec<String>,
    /// What was in the files and is not imported, such as passkeys.
    left_out: Vec<LeftOutBody>,
    /// Names of files that are encrypted and were not opened: their password is missing or wrong.
    locked: Vec<String>,
    /// Tags of what is new by which something was granted: who holds such a grant has access to what is imported with the tag.
    granted_tags: Vec<String>,
    /// Hosts of sites that come along, by which something was granted: who holds such a grant has access to what signs in there.
    granted_sites: Vec<String>,
    /// Files of which one may say which column holds what.
    tables: Vec<TableBody>,
    counts: CountsBody,
}

/// What is not imported.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeftOutBody {
    /// In the plural, such as `passkeys`.
    what: &'static str,
    count: usize,
}

/// One item.
#[derive(Serialize, ToSchema)]
pub(crate) struct ItemBody {
    index: usize,
    /// Where it was found, such as `codes.txt, line 3`.
    place: String,
    name: String,
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    /// Whether it brings a password.
    has_password: bool,
    /// Whether it brings notes.
    has_notes: bool,
    /// Folders and tags, from the file.
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digits: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<u32>,
    warnings: Vec<String>,
    /// `new`, `created`, `change` (it would add to a credential what that lacks), `changed` (it did), `joined` (it belongs to an item
    /// before it, which lacked this), `skipped`, `duplicate` or `refused`.
    state: &'static str,
    /// Of the credential that was made or is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What it adds, or why it is a duplicate or was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How many items are in each state.
#[derive(Serialize, Default, ToSchema)]
pub(crate) struct CountsBody {
    new: usize,
    created: usize,
    change: usize,
    changed: usize,
    joined: usize,
    skipped: usize,
    duplicate: usize,
    refused: usize,
}

impl ImportBody {
    fn parse(self) -> Result<ImportRequest, Problem> {
        if self.files.is_empty() {
            return Err(Problem::invalid("files", "are missing: send at least one"));
        }
        if self.files.len() > MAX_FILES {
            return Err(Problem::invalid("files", format!("are too many: at most {MAX_FILES} at once")));
        }
        let files = self.files.into_iter().map(|file| {
            let bytes = BASE64_STANDARD
                .decode(&file.data)
                .map_err(|_| Problem::invalid("files", format!("hold no base64 under the name {:.100}", file.name)))?;
            // It goes into places, reasons and records: a line of usual length, whatever a file is called.
            let name = file.name.chars().filter(|c| !c.is_control()).take(LONGEST_FILE_NAME).collect();
            let password = file.password.filter(|password| !password.is_empty()).map(Secret::from);
            if password.as_ref().is_some_and(|password| password.len() > LONGEST_PASSWORD) {
                return Err(Problem::invalid("password", format!("is too long: at most {LONGEST_PASSWORD} bytes")));
            }
            Ok(ImportFile { name, bytes, password, columns: file.columns.map(Into::into) })
        });
        Ok(ImportRequest {
            files: files.collect::<Result<_, Problem>>()?,
            skip: self.skip.into_iter().collect(),
            tags: self.tags.iter().map(|tag| Tag::parse(tag)).collect::<Result<_, _>>()?,
            leave_out_notes: self.leave_out_notes,
            targets: self.targets.map(targets).transpose()?,
        })
    }
}

fn targets(list: Vec<TargetBody>) -> Result<HashMap<usize, CredentialId>, Problem> {
    let target = |TargetBody { index, id }: TargetBody| {
        let id = id
            .parse()
            .map_err(|_| Problem::invalid("targets", format!("hold no id of a credential for item {index}")))?;
        Ok((index, id))
    };
    list.into_iter().map(target).collect()
}

impl From<ImportReport> for ReportBody {
    fn from(report: ImportReport) -> Self {
        let mut counts = CountsBody::default();
        let items = report.items.into_iter().enumerate().map(|(index, item)| item_body(index, item, &mut counts));
        let items = items.collect();
        let left_out = report.left_out.into_iter().map(|(what, count)| LeftOutBody { what, count }).collect();
        let granted_tags = report.granted_tags.iter().map(ToString::to_string).collect();
        let tables = report.tables.into_iter().map(Into::into).collect();
        let (missing, locked, granted_sites) = (report.missing, report.locked, report.granted_sites);
        Self { items, missing, left_out, locked, granted_tags, granted_sites, tables, counts }
    }
}

impl From<ColumnsBody> for ColumnMapping {
    fn from(it: ColumnsBody) -> Self {
        let ColumnsBody { name, username, password, site, totp, notes, tags } = it;
        Self { name, user: username, password, site, second_factor: totp, notes, tags }
    }
}

impl From<ImportTable> for TableBody {
    fn from(it: ImportTable) -> Self {
        let mapping = it.head.understood.map(|understood| {
            let ColumnMapping { name, user, password, site, second_factor, notes, tags } = understood;
            ColumnsBody { name, username: user, password, site, totp: second_factor, notes, tags }
        });
        Self { file: it.file, columns: it.head.columns, mapping }
    }
}

fn item_body(index: usize, item: ImportItem, counts: &mut CountsBody) -> ItemBody {
    let (state, count, id, reason) = match item.state {
        ImportState::New => ("new", &mut counts.new, None, None),
        ImportState::Created(id) => ("created", &mut counts.created, Some(id.to_string()), None),
        ImportState::Skipped => ("skipped", &mut counts.skipped, None, None),
        ImportState::Change(id, addition) => {
            ("change", &mut counts.change, Some(id.to_string()), Some(adds(&addition)))
        }
        ImportState::Changed(id, addition) => {
            ("changed", &mut counts.changed, Some(id.to_string()), Some(adds(&addition)))
        }
        ImportState::Joined(addition) => ("joined", &mut counts.joined, None, Some(adds(&addition))),
        ImportState::Duplicate { of, by, leaves_password } => {
            let has_user = !item.username.trim().is_empty();
            ("duplicate", &mut counts.duplicate, None, Some(there_already(&of, by, leaves_password, has_user)))
        }
        ImportState::Refused(reason) => ("refused", &mut counts.refused, None, Some(reason)),
    };
    *count += 1;
    ItemBody {
        index,
        place: item.place,
        name: item.name,
        username: item.username,
        issuer: item.issuer,
        site: item.site.map(|site| site.to_string()),
        has_password: item.has_password,
        has_notes: item.has_notes,
        tags: item.tags.iter().map(ToString::to_string).collect(),
        kind: item.second_factor.map(|it| it.kind.name()),
        algorithm: item.second_factor.map(|it| it.algorithm.name()),
        digits: item.second_factor.map(|it| it.digits),
        period: item.second_factor.and_then(|it| it.period),
        warnings: item.warnings,
        state,
        id,
        reason,
    }
}

fn adds(addition: &ImportAddition) -> String {
    let ImportAddition { to, parts, leaves_password } = addition;
    let ImportParts { password, second_factor, username, site, notes, tags } = *parts;
    let all = [
        (username, "its user name"),
        (password, "its password"),
        (second_factor, "its setup key"),
        (site, "its site"),
        (notes, "its notes"),
        (tags, "its tags"),
    ];
    let what: Vec<&str> = all.iter().filter(|(is, _)| *is).map(|(_, words)| *words).collect();
    let what = match what.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => "nothing".to_owned(),
    };
    let left = if *leaves_password { "; its password is not taken, because there is one" } else { "" };
    format!("adds {what} to \"{to}\"{left}")
}

fn there_already(of: &str, by: KnownBy, leaves_password: bool, has_user: bool) -> String {
    let left = if leaves_password { "; its password is not taken" } else { "" };
    match by {
        KnownBy::Seed => format!("its setup key is already stored in \"{of}\"{left}"),
        KnownBy::SeedOfAnother => {
            format!(
                "its setup key is already stored in \"{of}\", which has another user name: correct one of them{left}"
            )
        }
        KnownBy::Name if has_user => {
            format!("\"{of}\" has this user name and a password already; whether it is the same was not compared")
        }
        KnownBy::Name => format!(
            "\"{of}\" has a password and no user name either; whether it is the same account was not compared: give that one its user \
             name, or add this one by hand"
        ),
        KnownBy::Password => format!("\"{of}\" in these files has the same user name and password"),
    }
}

/// What an import would do. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/import", tag = "import", request_body = ImportBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = Problem)))]
pub(crate) async fn preview(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ImportBody, MAX_KIB>,
) -> Result<impl IntoResponse, Problem> {
    let report = state.vault().preview_import(&actor, body.parse()?).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ReportBody::from(report))))
}

/// Adds what is new: all of it, or nothing when something fails.
#[utoipa::path(post, path = "/api/v1/import/commit", tag = "import", request_body = ImportBody,
    responses((status = 200, body = ReportBody), (status = "4XX", body = Problem)))]
pub(crate) async fn commit(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ImportBody, MAX_KIB>,
) -> Result<impl IntoResponse, Problem> {
    let report = state.vault().commit_import(&actor, body.parse()?).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ReportBody::from(report))))
}
