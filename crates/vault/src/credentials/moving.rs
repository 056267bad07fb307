//! Who may move what says who is granted what: the tags of a credential, and its site.

use std::collections::{HashMap, HashSet};

use countersign_model::{
    Action, Actor, Grant, GrantTarget, Invalid, SiteAddress, SiteHost, Tag, decide, decide_by_role, reaches,
};
use countersign_store::{
    credentials::{self, CredentialRow, GrantFilter},
    engine::Select,
};

use crate::{Error, Vault, vault::permit};

/// More grants by one tag or site are not compared with what somebody has: whoever's role does not allow it does not move that.
const MOST_COMPARED: u32 = 1_000;

/// What is granted by some tags or hosts; whoever puts a credential there, or takes it away, gives or takes that.
#[derive(Default)]
pub(crate) struct GrantedBy(HashMap<GrantTarget, Vec<Grant>>);

impl GrantedBy {
    /// By these.
    pub(crate) async fn of(
        db: &mut impl Select,
        actor: &Actor,
        targets: impl IntoIterator<Item = GrantTarget>,
    ) -> Result<Self, Error> {
        let by_role = decide_by_role(actor.role, Action::GrantCredential).is_ok();
        let most = if by_role { 1 } else { MOST_COMPARED + 1 };
        let mut granted = HashMap::new();
        for target in targets.into_iter().collect::<HashSet<_>>() {
            let filter = GrantFilter { target: Some(target.clone()), ..GrantFilter::default() };
            let grants = credentials::list_grants(db, &filter, most).await?;
            if !grants.is_empty() {
                granted.insert(target, grants);
            }
        }
        Ok(Self(granted))
    }
}

impl Vault {
    /// Tags and site say who is granted what, and where the password is typed: who edits by a grant alone changes tags where they may
    /// share, and the site where they may see the password as well. And nobody gives or takes more by it than they could by a grant.
    pub(crate) fn permit_moving(
        &self,
        actor: &Actor,
        before: &CredentialRow,
        after: &CredentialRow,
        granted: &GrantedBy,
    ) -> Result<(), Error> {
        let context = self.asked(actor);
        let (tags, site) = (before.tags != after.tags, before.site != after.site);
        if tags || site {
            decide(actor.role, Action::GrantCredential, &before.grants, &context)?;
        }
        if site {
            permit(actor, Action::Reveal, &before.grants, &context)?;
        }
        for target in moved(before, after) {
            let Some(grants) = granted.0.get(&target) else { continue };
            reaches(actor.reach, Action::GrantCredential)?;
            self.permit_giving_all(actor, before, grants, &target)?;
        }
        Ok(())
    }

    fn permit_giving_all(
        &self,
        actor: &Actor,
        row: &CredentialRow,
        grants: &[Grant],
        target: &GrantTarget,
    ) -> Result<(), Error> {
        let here = |grant: &Grant| Grant { target: GrantTarget::Credential(row.id), ..grant.clone() };
        let most = MOST_COMPARED as usize;
        let given = grants.iter().all(|grant| self.permit_giving(actor, row, &here(grant)).is_ok());
        if given && grants.len() <= most {
            return Ok(());
        }
        let (field, what) = match target {
            GrantTarget::Tag(tag) => ("tags", format!("cannot be moved by you: \"{tag}\" grants")),
            GrantTarget::Site(host) => ("site", format!("cannot be moved by you: {host} grants")),
            GrantTarget::Credential(_) => ("tags", "cannot be moved by you: they grant".to_owned()),
        };
        let problem = format!("{what} more than you may share on this credential; ask somebody who may");
        Err(Invalid::new(field, problem).into())
    }
}

/// The tags and hosts that one of them has and the other has not.
pub(crate) fn moved(before: &CredentialRow, after: &CredentialRow) -> Vec<GrantTarget> {
    let differs = |tag: &&Tag| !(before.tags.contains(tag) && after.tags.contains(tag));
    let tags = before.tags.iter().chain(&after.tags).filter(differs).cloned().map(GrantTarget::Tag);
    let (was, is) = (host(before.site.as_ref()), host(after.site.as_ref()));
    let hosts = if was == is { Vec::new() } else { vec![was, is] };
    tags.chain(hosts.into_iter().flatten().map(GrantTarget::Site)).collect()
}

fn host(site: Option<&SiteAddress>) -> Option<SiteHost> {
    site?.host().parse().ok()
}
