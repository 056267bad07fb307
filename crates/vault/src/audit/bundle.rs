//! A bundle for an auditor: chosen records and recordings, with what it takes to prove them elsewhere.

use countersign_audit::{AuditAction, Checkpoint, ObjectKind, Record, bundle::BundleFacts};
use countersign_model::{Action, Actor, Invalid, SessionId, is_recent};
use countersign_seal::{Digest, SigningKey};
use countersign_store::audit::{self, RecordFilter};

use crate::{Error, RecordingView, Vault, vault::permit_by_role};

/// So many recordings at the most in one bundle.
const MAX_SESSIONS: usize = 20;
const MAX_CHECKPOINTS: u32 = 10_000;

/// A bundle that is being made.
pub struct Bundle {
    /// What it says of itself so far; how many records came into it is for whoever writes it.
    pub facts: BundleFacts,
    /// The recordings that were opened for it.
    pub recordings: Vec<RecordingView>,
    /// What signs it, and has signed the checkpoints.
    pub key: SigningKey,
}

impl Vault {
    /// Begins a bundle: that is recorded, with what was chosen, and so is each recording that is opened for it.
    ///
    /// # Errors
    /// [`Error::TooShort`] where the sign-in is not recent, [`Error::Denied`]; [`Error::Recording`] where a recording may not be played.
    pub async fn begin_bundle(
        &self,
        actor: &Actor,
        filter: &RecordFilter,
        sessions: &[SessionId],
    ) -> Result<Bundle, Error> {
        if sessions.len() > MAX_SESSIONS {
            return Err(Invalid::new("sessions", format!("are too many: at most {MAX_SESSIONS}")).into());
        }
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        is_recent(actor.reach, self.now(), self.recent())?;
        let chosen = chosen(filter);
        let entry = self.entry(&actor, AuditAction::BundleExported);
        let entry = entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "audit log");
        let facts = chosen.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let ids: Vec<String> = sessions.iter().map(ToString::to_string).collect();
        tx.record(entry.with("filter", facts).with("sessions", ids.clone()));
        tx.commit().await?;
        let mut recordings = Vec::new();
        for session in sessions {
            recordings.push(self.recording(&actor, *session).await?);
        }
        match self.make_checkpoint().await {
            Ok(_) => {}
            // All the more reason to look at it.
            Err(Error::LogBroken { record }) => {
                tracing::error!(record, "the log was changed: a bundle is made without a new checkpoint");
            }
            Err(error) => return Err(error),
        }
        let facts = BundleFacts {
            vault: self.keys().vault(),
            made_at: self.now(),
            made_by: actor.name.clone(),
            filter: chosen,
            complete: true,
            records: 0,
            sessions: ids,
        };
        Ok(Bundle { facts, recordings, key: self.keys().audit_signing_key() })
    }

    /// Records for a bundle, the newest first, each with the hash of the one before it in the log.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn bundle_records(
        &self,
        actor: &Actor,
        filter: &RecordFilter,
        limit: u32,
    ) -> Result<Vec<(Digest, Record)>, Error> {
        let (mut reader, actor) = self.reader_on(super::log::lane(filter), actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        Ok(audit::list_linked(&mut reader, filter, limit).await?)
    }

    /// The kept checkpoints over `from` records or more, the smallest first.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn bundle_checkpoints(&self, actor: &Actor, from: u64) -> Result<Vec<Checkpoint>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        Ok(audit::checkpoints(&mut reader, self.keys().vault(), from, MAX_CHECKPOINTS).await?)
    }
}

/// By what records are chosen, for people.
fn chosen(filter: &RecordFilter) -> Vec<(String, String)> {
    let RecordFilter { before: _, act, since, until, search, object, actor } = filter;
    let facts = [
        ("act", act.clone()),
        ("since", since.map(|at| at.to_string())),
        ("until", until.map(|at| at.to_string())),
        ("search", search.clone()),
        ("credential", object.map(|id| id.to_string())),
        ("actor", actor.map(|id| id.to_string())),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
