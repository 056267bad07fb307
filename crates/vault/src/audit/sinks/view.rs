//! What is shown of a place where the log also goes.

use std::time::Duration;

use countersign_model::{SinkId, SinkKind, SinkName, SinkStanding, Timestamp};
use countersign_store::{
    audit::{
        self,
        sinks::{self, SinkRow, SinkState},
    },
    engine::Select,
    vault as vault_row,
};

use super::stored::{MAX_SINKS, Shown, shown};
use crate::{Error, Object, Vault, health::check::Check};

/// Who is told, and how soon: what is behind for longer is a failure.
pub(super) const TOO_LONG: Duration = Duration::from_secs(60 * 60);
const WORTH_A_LOOK: Duration = Duration::from_secs(10 * 60);

/// A place as administrators and auditors see it.
#[derive(Debug, Clone)]
pub struct SinkView {
    /// Its id.
    pub id: SinkId,
    /// Its name.
    pub name: SinkName,
    /// How records go there.
    pub kind: SinkKind,
    /// Where, as far as that may be shown.
    pub address: String,
    /// Whether a header goes with each request.
    pub has_header: bool,
    /// The one authority that is trusted there, in PEM.
    pub authority: Option<String>,
    /// Whether records may go to another machine without TLS.
    pub plain: bool,
    /// The acts that go there; all where none are named.
    pub acts: Vec<String>,
    /// When it was added.
    pub created_at: Timestamp,
    /// How it does.
    pub standing: SinkStanding,
    /// The last record that it has surely taken, or that is not for it.
    pub taken: u64,
    /// How many records of the log come after that one.
    pub behind: u64,
    /// When the first of them was written.
    pub behind_since: Option<Timestamp>,
    /// How many tries failed in a row.
    pub attempts: i64,
    /// Since when.
    pub failing_since: Option<Timestamp>,
    /// What stood in the way; where nothing does, what the receiver had to say.
    pub last_error: Option<String>,
    /// When it is tried again.
    pub next_try_at: Option<Timestamp>,
    /// When it last took something.
    pub taken_at: Option<Timestamp>,
}

/// How far a place is, for figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkFigures {
    /// Its name.
    pub name: String,
    /// How many records it has not taken.
    pub behind: u64,
    /// Since when, in seconds.
    pub behind_seconds: u64,
    /// Whether the last try failed.
    pub failing: bool,
}

impl Vault {
    pub(super) async fn sink_views(&self, db: &mut impl Select) -> Result<Vec<SinkView>, Error> {
        let mut views = Vec::new();
        for (row, state) in sinks::all(db, MAX_SINKS).await? {
            views.push(self.sink_view(db, &row, &state).await?);
        }
        Ok(views)
    }

    pub(super) async fn sink_view(
        &self,
        db: &mut impl Select,
        row: &SinkRow,
        state: &SinkState,
    ) -> Result<SinkView, Error> {
        let log = vault_row::find(db).await?.ok_or(Error::NotFound(Object::Vault))?;
        let taken = state.progress.cursor.size;
        // A log that is shorter than what was taken of it is said by the sender.
        let behind = log.head.size.saturating_sub(taken);
        let next = if behind == 0 { None } else { audit::after(db, taken, 1).await?.pop() };
        let behind_since = next.map(|record| record.entry.at);
        let Shown { address, has_header, authority, plain, acts } = shown(row)?;
        Ok(SinkView {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind,
            address,
            has_header,
            authority,
            plain,
            acts: acts.acts().to_vec(),
            created_at: row.created_at,
            standing: SinkStanding::of(row.paused, state.attempts, behind_since, self.now()),
            taken,
            behind,
            behind_since,
            attempts: state.attempts,
            failing_since: state.failing_since,
            last_error: state.last_error.clone(),
            next_try_at: state.next_try_at,
            taken_at: state.taken_at,
        })
    }

    /// How far each place is.
    pub async fn sink_figures(&self) -> Result<Vec<SinkFigures>, Error> {
        let mut reader = self.inner.database.read().await?;
        let now = self.now();
        let views = self.sink_views(&mut reader).await?;
        Ok(views.into_iter().map(|view| figures(&view, now)).collect())
    }

    pub(crate) async fn check_sinks(&self) -> Option<Check> {
        const NAME: &str = "audit destinations";
        let views = async {
            let mut reader = self.inner.database.read().await?;
            self.sink_views(&mut reader).await
        };
        match views.await {
            Ok(views) if views.is_empty() => None,
            Ok(views) => Some(judged(NAME, &views, self.now())),
            Err(error) => Some(Check::failed(NAME, error.to_string(), "see that the database runs and can be reached")),
        }
    }
}

fn figures(view: &SinkView, now: Timestamp) -> SinkFigures {
    SinkFigures {
        name: view.name.to_string(),
        behind: view.behind,
        behind_seconds: view.behind_since.map_or(0, |since| now.since(since).as_secs()),
        failing: view.standing == SinkStanding::Failing,
    }
}

/// What is wrong with any of them, the worst first.
fn judged(name: &'static str, views: &[SinkView], now: Timestamp) -> Check {
    const HINT: &str = "see Audit, Destinations: test the destination, and correct its settings or its receiver";
    let waits = |view: &SinkView| {
        let since = view.behind_since.into_iter().chain(view.failing_since).min();
        since.map_or(Duration::ZERO, |since| now.since(since))
    };
    let active = |view: &&SinkView| view.standing != SinkStanding::Paused;
    let said = |view: &SinkView| {
        let why = view.last_error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
        format!("{} is {} records behind{why}", view.name, view.behind)
    };
    let lost: Vec<String> = views.iter().filter(active).filter(|view| waits(view) > TOO_LONG).map(said).collect();
    if !lost.is_empty() {
        return Check::failed(name, lost.join("; "), HINT);
    }
    let late = |view: &&SinkView| waits(view) > WORTH_A_LOOK || view.standing == SinkStanding::Failing;
    let late: Vec<String> = views.iter().filter(active).filter(late).map(said).collect();
    if !late.is_empty() {
        return Check::warning(name, late.join("; "), HINT);
    }
    let paused = views.iter().filter(|view| view.standing == SinkStanding::Paused).count();
    if paused > 0 {
        return Check::warning(
            name,
            format!("{paused} of {} are paused", views.len()),
            "resume them under Audit, Destinations, or remove them",
        );
    }
    Check::ok(name, format!("all {} have the log", views.len()))
}
