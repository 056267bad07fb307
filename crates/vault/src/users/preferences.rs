//! How the page speaks to somebody, wherever they sign in. It is theirs alone, decides nothing, and is not recorded.

use countersign_model::{Actor, Preferences, Reach, TooShort};
use countersign_store::preferences;

use crate::{Error, Vault};

impl Vault {
    /// What the actor has chosen.
    pub async fn preferences(&self, actor: &Actor) -> Result<Preferences, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        Ok(preferences::of_person(&mut reader, actor.user).await?)
    }

    /// Keeps what the actor chooses; what is left out stays. Gives all that holds then.
    ///
    /// # Errors
    /// [`Error::TooShort`] for anything but the page.
    pub async fn change_preferences(&self, actor: &Actor, change: Preferences) -> Result<Preferences, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        match actor.reach {
            Reach::Token { .. } => return Err(TooShort::PageOnly.into()),
            Reach::Device => return Err(TooShort::DeviceOnlyFills.into()),
            Reach::Page { .. } | Reach::Machine => {}
        }
        let all = preferences::of_person(&mut tx, actor.user).await?.or(change);
        preferences::put(&mut tx, actor.user, &all).await?;
        tx.commit_without_record("how the page speaks to somebody is theirs alone").await?;
        Ok(all)
    }
}
