//! One destination: what it gets, in its own form, and whether it took it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use countersign_audit::{ExportLine, Record};
use countersign_model::{SinkId, SinkKind, SinkTarget, Timestamp};
use countersign_outbound::{AllowPrivateReceivers, DELIVERY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature};
use countersign_vault::{SinkTrial, SinkWay, TakenFrom};
use parking_lot::Mutex;
use tokio::task::spawn_blocking;
use url::Url;

use crate::{
    failure::Failure,
    folder::{BEING_WRITTEN, Folder},
    format::{cef, json, otlp, syslog},
    post::Post,
    stream::{Ending, Stream},
};

const LONGEST_TRIAL: Duration = Duration::from_secs(40);

/// Receivers of syslog that close without a word. Three times in a row the same batch is sent to one of them; then its way is taken for
/// what it is.
#[derive(Clone, Default)]
pub(crate) struct Silences(Arc<Mutex<HashMap<SinkId, u32>>>);

const TAKEN_FOR_ITS_WAY: u32 = 3;
const WITHOUT_A_WORD: &str = "the receiver closes connections without saying that it has read all: what it loses when it stops is not sent again";

impl Silences {
    /// Whether a silent end counts as taken by now.
    fn another(&self, id: SinkId) -> bool {
        let mut counts = self.0.lock();
        let count = counts.entry(id).or_default();
        *count = (*count + 1).min(TAKEN_FOR_ITS_WAY);
        *count >= TAKEN_FOR_ITS_WAY
    }

    fn forget(&self, id: SinkId) {
        self.0.lock().remove(&id);
    }
}

/// A destination that is being sent to.
pub(crate) struct Receiver<'a> {
    id: SinkId,
    way: &'a SinkWay,
    allow_private: AllowPrivateReceivers,
    silences: Silences,
    /// Of a folder: as it was opened.
    folder: Option<Folder>,
}

impl<'a> Receiver<'a> {
    /// Opens what is to be opened.
    pub(crate) async fn open(
        id: SinkId,
        way: &'a SinkWay,
        allow_private: AllowPrivateReceivers,
        silences: Silences,
    ) -> Result<Self, Failure> {
        let folder = match &way.target {
            SinkTarget::Folder(name) => Some(open_folder(way, name).await?),
            _ => None,
        };
        Ok(Self { id, way, allow_private, silences, folder })
    }

    /// What the destination itself says that it has.
    pub(crate) fn has(&self) -> TakenFrom {
        self.folder.as_ref().map_or(TakenFrom::Unknown, |folder| TakenFrom::Record(folder.last().record))
    }

    /// Hands lines over. What the receiver had to say is given back.
    pub(crate) async fn take(&mut self, lines: Vec<ExportLine>, now: Timestamp) -> Result<Option<String>, Failure> {
        match &self.way.target {
            SinkTarget::Folder(_) => {
                let Some(mut folder) = self.folder.take() else {
                    return Err("the folder is to be opened anew".to_owned().into());
                };
                let written = spawn_blocking(move || folder.append(&lines).map(|()| folder)).await;
                self.folder = Some(written.map_err(|_| "the folder could not be written".to_owned())??);
                Ok(None)
            }
            SinkTarget::Stream { tls, host, port } => {
                let text = framed(self.way, &lines);
                let (tls, port, plain) = (*tls, *port, self.way.plain);
                let stream = Stream { tls, host, port, plain, authority: self.way.authority.as_deref() };
                match stream.send(text.as_bytes(), self.allow_private).await? {
                    Ending::Answered => {
                        self.silences.forget(self.id);
                        Ok(None)
                    }
                    Ending::Silent if self.silences.another(self.id) => Ok(Some(WITHOUT_A_WORD.to_owned())),
                    Ending::Silent => {
                        Err("the receiver has not said that it has read all: sent again".to_owned().into())
                    }
                }
            }
            SinkTarget::Http(url) => post(self.way, url, self.allow_private, &lines, now).await,
        }
    }
}

async fn open_folder(way: &SinkWay, name: &str) -> Result<Folder, String> {
    let root = way.folder.clone().ok_or_else(|| {
        "this server has no place for folders: set audit_folder (COUNTERSIGN_AUDIT_FOLDER)".to_owned()
    })?;
    let (name, log) = (name.to_owned(), way.log);
    let opened = spawn_blocking(move || Folder::open(&root, &name, log)).await;
    opened.map_err(|_| "the folder could not be opened".to_owned())?
}

fn records(lines: &[ExportLine]) -> impl Iterator<Item = &Record> {
    lines.iter().filter_map(|line| match line {
        ExportLine::Record(record) => Some(record),
        ExportLine::Checkpoint(_) => None,
    })
}

fn framed(way: &SinkWay, lines: &[ExportLine]) -> String {
    let one = if way.kind == SinkKind::Cef { cef::framed } else { syslog::framed };
    records(lines).map(|record| one(way.log, record)).collect()
}

async fn post(
    way: &SinkWay,
    url: &Url,
    allow_private: AllowPrivateReceivers,
    lines: &[ExportLine],
    now: Timestamp,
) -> Result<Option<String>, Failure> {
    let to_logs;
    let url = if way.kind == SinkKind::Otlp && url.path() == "/" {
        to_logs = url.join("/v1/logs").map_err(|error| error.to_string())?;
        &to_logs
    } else {
        url
    };
    let post = Post { url, authority: way.authority.as_deref(), header: way.header.as_ref(), allow_private };
    if way.kind == SinkKind::Otlp {
        let records: Vec<&Record> = records(lines).collect();
        if records.is_empty() {
            return Ok(None);
        }
        let answer = post.send(otlp::request(way.log, &records, now).to_string().into_bytes(), &[]).await?;
        return Ok(otlp::refused(&answer));
    }
    let body = json::body(way.log, lines).into_bytes();
    let at = now.seconds();
    let mut headers = vec![(TIMESTAMP_HEADER, at.to_string()), (DELIVERY_HEADER, json::delivery(way.log, lines))];
    if let Some(signing) = &way.signing {
        headers.push((SIGNATURE_HEADER, signature(signing, at, &body)));
    }
    post.send(body, &headers).await.map(|_| None)
}

/// Sends a record to try a destination, and says what came of it: what the receiver did, or what stood in the way.
///
/// # Errors
/// What stood in the way.
pub async fn try_out(trial: SinkTrial, allow_private: AllowPrivateReceivers) -> Result<String, String> {
    let tried = tokio::time::timeout(LONGEST_TRIAL, tried(trial, allow_private)).await;
    tried.unwrap_or_else(|_| Err("no answer within 40 seconds".to_owned()))
}

async fn tried(trial: SinkTrial, allow_private: AllowPrivateReceivers) -> Result<String, String> {
    let SinkTrial { way, record } = trial;
    let now = record.entry.at;
    let line = vec![ExportLine::Record(record)];
    match &way.target {
        SinkTarget::Folder(name) => match open_folder(&way, name).await {
            Ok(folder) => Ok(format!(
                "{} can be written. Its last record is {}. Nothing was written for the test.",
                folder.path().display(),
                folder.last().record
            )),
            // Whoever writes it has opened it.
            Err(error) if error.contains(BEING_WRITTEN) => {
                Ok("The folder is open and being written. The list says whether this destination is the one."
                    .to_owned())
            }
            Err(error) => Err(error),
        },
        SinkTarget::Stream { tls, host, port } => {
            let authority = way.authority.as_deref();
            let stream = Stream { tls: *tls, host, port: *port, plain: way.plain, authority };
            Ok(match stream.send(framed(&way, &line).as_bytes(), allow_private).await? {
                Ending::Answered => "The receiver has read the test record and closed the connection.".to_owned(),
                Ending::Silent => format!("The test record was sent, but {WITHOUT_A_WORD}."),
            })
        }
        SinkTarget::Http(url) => match post(&way, url, allow_private, &line, now).await {
            Ok(None) => Ok("The receiver has taken the test record.".to_owned()),
            Ok(Some(note)) => Ok(format!("The receiver has answered: {note}")),
            Err(failure) => Err(failure.text),
        },
    }
}
