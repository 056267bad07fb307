use std::num::NonZeroUsize;

use countersign_model::{CredentialId, UserId};
use countersign_store::{
    engine::{Database, Error},
    steps::{self, StepUse},
};
use lru::LruCache;
use parking_lot::Mutex;

// As many credentials as may be looked at within one step; each entry is a few hundred bytes.
const MAX: NonZeroUsize = NonZeroUsize::new(8_192).expect("not zero");

/// How many colleagues are named on one token.
pub(crate) const MAX_NAMED: u32 = 8;

/// What is known of recent time steps without asking the database: who took them.
pub(crate) struct StepBoard {
    // Other nodes write too, so that only the database knows all.
    shared: bool,
    recent: Mutex<LruCache<(CredentialId, i64), Vec<StepUse>>>,
}

impl StepBoard {
    pub(crate) fn new(shared: bool) -> Self {
        Self { shared, recent: Mutex::new(LruCache::new(MAX)) }
    }

    /// Whether this person's use of the step is known to be stored already.
    pub(crate) fn knows(&self, used: &StepUse) -> bool {
        let mut recent = self.recent.lock();
        recent.get(&(used.credential, used.step)).is_some_and(|uses| uses.iter().any(|it| it.name == used.name))
    }

    /// Notes uses that have become durable.
    pub(crate) fn note(&self, uses: impl IntoIterator<Item = StepUse>) {
        let mut recent = self.recent.lock();
        for used in uses {
            // Only where all uses are known already: a list begun here would hide earlier ones.
            if let Some(known) = recent.get_mut(&(used.credential, used.step))
                && !known.iter().any(|it| it.name == used.name)
            {
                known.insert(0, used);
                known.truncate(MAX_NAMED as usize);
            }
        }
    }

    /// Whether only the database knows who took a step.
    pub(crate) const fn is_shared(&self) -> bool {
        self.shared
    }

    /// Who but `person` took the step, the latest first; `None` where only the database knows.
    pub(crate) fn known_others(&self, credential: CredentialId, step: i64, person: UserId) -> Option<Vec<StepUse>> {
        if self.shared {
            return None;
        }
        self.recent.lock().get(&(credential, step)).map(|uses| others(uses, person))
    }

    /// Who but `person` took the step, the latest first, as the database says.
    pub(crate) async fn others(
        &self,
        database: &Database,
        credential: CredentialId,
        step: i64,
        person: UserId,
    ) -> Result<Vec<StepUse>, Error> {
        let mut reader = database;
        let uses = steps::uses(&mut reader, credential, step, MAX_NAMED).await?;
        let named = others(&uses, person);
        self.recent.lock().put((credential, step), uses);
        Ok(named)
    }
}

/// Those of other people, as many as are named on a token.
pub(crate) fn others(uses: &[StepUse], person: UserId) -> Vec<StepUse> {
    uses.iter().take(MAX_NAMED as usize).filter(|used| used.person != person).cloned().collect()
}
