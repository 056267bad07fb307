//! Claiming a time step: a machine gets the code of one that nobody can have used yet.

use countersign_audit::ChainHead;
use countersign_model::CredentialId;
use countersign_recipe::SiteKnowledge;
use countersign_store::{
    engine::{Error, Transaction},
    steps::{self, StepTaker, StepUse},
};

/// Where a machine types the code that it claims.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TypedAt<'a> {
    /// A program does not say.
    Anywhere,
    /// At the site of this address.
    Site(&'a str),
}

/// Takes a step for a machine. False when it is not free: then nothing is written. `_end`, which this transaction has locked
/// ([`countersign_store::vault::lock_head`]), lets one claim come after the other: no index knows two credentials of one seed.
pub(crate) async fn claim(
    tx: &mut Transaction,
    used: &StepUse,
    at: TypedAt<'_>,
    _end: &ChainHead,
) -> Result<bool, Error> {
    let takers = steps::takers(tx, used.credential, used.step).await?;
    Ok(is_free(used.credential, at, &takers) && steps::take(tx, used).await?)
}

/// Nobody may have taken it, person or machine: not of this credential, nor of another with the same seed, which may be the same
/// account, and that takes a code once. Only what is known to be another site's takes the same code without a replay.
fn is_free(credential: CredentialId, at: TypedAt<'_>, takers: &[StepTaker]) -> bool {
    takers.iter().all(|taker| match (at, &taker.site) {
        _ if taker.credential == credential => false,
        (TypedAt::Site(here), Some(there)) => !SiteKnowledge::at(here).allows(there),
        (TypedAt::Anywhere, _) | (_, None) => false,
    })
}

#[cfg(test)]
mod tests {
    use countersign_model::{CountingChance, Timestamp};

    use super::*;

    const HERE: TypedAt<'_> = TypedAt::Site("https://www.example.org/sign-in");

    #[test]
    fn promise_5_a_step_is_free_where_nobody_can_have_used_its_code() {
        let chance = CountingChance::default();
        let credential = || CredentialId::new(Timestamp::from_seconds(0), &chance);
        let (own, other) = (credential(), credential());
        let took = |credential, site: Option<&str>| StepTaker { credential, site: site.map(str::to_owned) };
        let (near, far) = (Some("https://shop.example.org"), Some("https://example.com"));
        for (takers, anywhere, here) in [
            (vec![], true, true),
            (vec![took(own, near)], false, false),
            (vec![took(own, far)], false, false),
            (vec![took(own, None)], false, false),
            (vec![took(other, near)], false, false),
            (vec![took(other, None)], false, false),
            (vec![took(other, far)], false, true),
            (vec![took(other, far), took(other, near)], false, false),
            (vec![took(other, far), took(own, near)], false, false),
        ] {
            let free = (is_free(own, TypedAt::Anywhere, &takers), is_free(own, HERE, &takers));
            assert_eq!(free, (anywhere, here), "{takers:?}");
        }
    }
}
