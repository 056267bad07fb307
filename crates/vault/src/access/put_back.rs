//! Rows that come back. A mark tells that this vault wrote a row, and not that it is the newest: who can write the database can
//! keep a copy and put it back. What was ended since stands in the log, which is chained, so rows are compared with it.

use countersign_store::{
    access::{self},
    audit, devices,
    engine::{self, Select},
    federated,
    people::{self},
    scim, services,
};
use tokio::sync::MutexGuard;

use crate::{Error, Vault, access::log_memory::LogMemory};

const AT_ONCE: u32 = 2_000;

impl Vault {
    /// What the log tells, up to the record of number `to`. What was read before is not read again.
    pub(crate) async fn log_memory(
        &self,
        db: &mut impl Select,
        to: u64,
    ) -> Result<MutexGuard<'_, LogMemory>, engine::Error> {
        let mut memory = self.inner.log_memory.lock().await;
        while memory.seen < to {
            let records = audit::of_authority(db, memory.seen, to, AT_ONCE).await?;
            records.iter().for_each(|(seq, entry)| memory.note(*seq, entry));
            let last = records.last().filter(|_| records.len() == AT_ONCE as usize);
            memory.seen = last.map_or(to, |(seq, _)| *seq);
        }
        Ok(memory)
    }

    /// What each row is that has come back, at most `most`.
    pub(crate) async fn rows_put_back(&self, db: &mut impl Select, to: u64, most: usize) -> Result<Vec<String>, Error> {
        const MAX: u32 = 10_000;
        let memory = self.log_memory(db, to).await?;
        let mut found = Vec::new();
        for person in people::all(db, MAX).await? {
            let tokens = access::tokens(db, person.id, MAX).await?;
            let sessions = access::sessions(db, person.id, MAX).await?;
            let devices = devices::of(db, person.id, MAX).await?;
            let secrets = services::secrets(db, person.id).await?;
            let identities = federated::of(db, person.id).await?;
            let checks = std::iter::once(memory.check_person(&person))
                .chain(tokens.iter().map(|row| memory.check_token(row)))
                .chain(sessions.iter().map(|row| memory.check_session(row)))
                .chain(devices.iter().map(|row| memory.check_device(row)))
                .chain(secrets.iter().map(|row| memory.check_secret(row)))
                .chain(identities.iter().map(|row| memory.check_identity(row)));
            for error in checks.filter_map(Result::err) {
                match error {
                    engine::Error::Tampered { what } if !found.contains(&what) => found.push(what),
                    engine::Error::Tampered { .. } => {}
                    other => return Err(other.into()),
                }
            }
        }
        for row in scim::tokens(db).await? {
            if let Err(engine::Error::Tampered { what }) = memory.check_scim_token(&row) {
                found.push(what);
            }
        }
        found.truncate(most);
        Ok(found)
    }
}
