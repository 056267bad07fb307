//! The bounded cache of what a token read needs: sealed seeds and grants, never anything open.
//!
//! Each entry carries the vault's revision at which it was read. It is served only under that revision, and the
//! recorder compares once more in the transaction of the record, so that a grant taken back is never served, whichever
//! node took it back. What grants ask for (hours, networks, reasons) is compared at each read.

use std::{num::NonZeroUsize, sync::Arc};

use countersign_model::{
    CredentialId, CredentialName, CredentialStatus, Grants, SecondFactor, UserId, VersionId, search_key,
};
use countersign_seal::Sealed;
use countersign_store::{
    credentials,
    engine::{Database, Error},
    secrets, vault,
};
use lru::LruCache;
use parking_lot::Mutex;

use crate::CredentialRef;

// About 500 bytes each: two MiB at the most.
const MAX_CREDENTIALS: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");
const MAX_NAMES: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");
const MAX_GRANTS: NonZeroUsize = NonZeroUsize::new(8_192).expect("not zero");

/// What a token read needs of a credential.
pub(crate) struct TokenSource {
    pub(crate) id: CredentialId,
    pub(crate) name: CredentialName,
    pub(crate) status: CredentialStatus,
    pub(crate) second_factor: Option<SecondFactor>,
    pub(crate) seed: Option<(VersionId, Sealed)>,
}

/// A credential as one person may use it, as of a revision.
pub(crate) struct GrantedSource {
    pub(crate) credential: Arc<TokenSource>,
    pub(crate) grants: Grants,
    pub(crate) revision: i64,
}

pub(crate) struct TokenSources {
    state: Mutex<State>,
}

struct State {
    revision: i64,
    credentials: LruCache<CredentialId, Arc<TokenSource>>,
    names: LruCache<String, CredentialId>,
    grants: LruCache<(UserId, CredentialId), Grants>,
}

impl Default for TokenSources {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                revision: 0,
                credentials: LruCache::new(MAX_CREDENTIALS),
                names: LruCache::new(MAX_NAMES),
                grants: LruCache::new(MAX_GRANTS),
            }),
        }
    }
}

impl TokenSources {
    /// The credential, from memory when it is there; `None` when there is none.
    pub(crate) async fn find(
        &self,
        database: &Database,
        wanted: &CredentialRef,
        person: UserId,
    ) -> Result<Option<GrantedSource>, Error> {
        if let Some(found) = self.known(wanted, person) {
            return Ok(Some(found));
        }
        let mut reader = database.read().await?;
        let revision = vault::revision(&mut reader).await?;
        let row = match wanted {
            CredentialRef::Id(id) => credentials::find_as(&mut reader, *id, person).await?,
            CredentialRef::Name(name) => credentials::find_by_name_as(&mut reader, name, person).await?,
        };
        let Some(row) = row else { return Ok(None) };
        let seed = secrets::seed(&mut reader, row.id).await?.map(|seed| (seed.version, seed.sealed));
        let hot =
            TokenSource { id: row.id, name: row.name, status: row.status, second_factor: row.second_factor, seed };
        let found = GrantedSource { credential: Arc::new(hot), grants: row.grants, revision };
        self.keep(wanted, person, &found);
        Ok(Some(found))
    }

    /// Drops everything: something was found to be out of date.
    pub(crate) fn forget(&self) {
        self.state.lock().reset(0);
    }

    /// The credential, when it is in memory with what this person may do.
    pub(crate) fn known(&self, wanted: &CredentialRef, person: UserId) -> Option<GrantedSource> {
        let mut state = self.state.lock();
        let id = match wanted {
            CredentialRef::Id(id) => *id,
            CredentialRef::Name(name) => *state.names.get(&search_key(name.trim()))?,
        };
        let credential = Arc::clone(state.credentials.get(&id)?);
        let grants = state.grants.get(&(person, id))?.clone();
        Some(GrantedSource { credential, grants, revision: state.revision })
    }

    fn keep(&self, wanted: &CredentialRef, person: UserId, found: &GrantedSource) {
        let mut state = self.state.lock();
        if found.revision < state.revision {
            return;
        }
        if found.revision > state.revision {
            state.reset(found.revision);
        }
        let id = found.credential.id;
        if let CredentialRef::Name(name) = wanted {
            state.names.put(search_key(name.trim()), id);
        }
        state.credentials.put(id, Arc::clone(&found.credential));
        state.grants.put((person, id), found.grants.clone());
    }
}

impl State {
    fn reset(&mut self, revision: i64) {
        self.revision = revision;
        self.credentials.clear();
        self.names.clear();
        self.grants.clear();
    }
}
