//! What a browser extension fills in: which credentials are of a page's site, and what of one is handed out for it.
//!
//! Nothing of it gets by the rules of the page: a password is revealed and a token taken, each with its grants, conditions and record.
//! What is added is the origin of the page, which has to be one of the credential's own and is on record.

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    AccessContext, Action, Actor, CredentialId, CredentialName, CredentialStatus, Purpose, SecondFactor, SiteOrigin,
    Username,
};
use countersign_seal::Secret;
use countersign_store::{automation, credentials};

use crate::{
    CredentialRef, Error, TokenAnswer, TokenRequest, Vault,
    credentials::{list::granted_only, places::places},
    vault::permit,
};

/// So many credentials of one site are looked at, of those that somebody may see; who has more is told so.
const LOOKED_AT: u32 = 500;

/// A credential that can be filled in somewhere. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillCandidate {
    /// Its id.
    pub id: CredentialId,
    /// What the team calls it.
    pub name: CredentialName,
    /// The account's name.
    pub username: Username,
    /// Whether there is a password that the actor may have, in principle.
    pub password: bool,
    /// What kind of token there is that the actor may have, in principle.
    pub token: Option<SecondFactor>,
}

/// The credentials of a page's site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FillCandidates {
    /// By name.
    pub items: Vec<FillCandidate>,
    /// Whether there may be more than were looked at.
    pub more: bool,
}

/// What is to be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FillParts {
    /// The account's name.
    pub username: bool,
    /// The password.
    pub password: bool,
    /// The token.
    pub token: bool,
}

/// What was handed out to be filled in, each with its record.
pub struct Filled {
    /// The account's name.
    pub username: Option<Username>,
    /// The password.
    pub password: Option<Secret>,
    /// The token.
    pub token: Option<TokenAnswer>,
    /// The origins of the site: a form that is sent elsewhere is not filled in.
    pub origins: Vec<String>,
}

/// A credential at a page of its site.
struct FillPlace {
    username: Username,
    origins: Vec<String>,
    /// Whether its password would be handed out now.
    gives_password: bool,
}

impl Vault {
    /// The credentials of a page's site that the actor may use, by name.
    pub async fn fill_candidates(&self, actor: &Actor, origin: &SiteOrigin) -> Result<FillCandidates, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let granted_to = granted_only(actor.role).then_some(actor.user);
        let ids = credentials::at_host(&mut reader, origin.host(), (granted_to, self.now()), LOOKED_AT).await?;
        let more = ids.len() >= LOOKED_AT as usize;
        let rows = credentials::find_some(&mut reader, &ids, Some(actor.user)).await?;
        let (context, principle) = (self.asked(&actor), AccessContext::in_principle_for(&actor, self.now()));
        let mut items = Vec::new();
        for row in rows {
            let may = |act, context| permit(&actor, act, &row.grants, context).is_ok();
            let password = row.has_password && may(Action::Reveal, &principle);
            let token = row.second_factor.filter(|_| may(Action::TakeToken, &principle));
            let usable = row.status == CredentialStatus::Active && (password || token.is_some());
            if !usable || !may(Action::SeeCredential, &context) {
                continue;
            }
            let known = automation::find(&mut reader, row.id).await?;
            if places(row.site.as_ref(), &known).covers(origin) {
                items.push(FillCandidate { id: row.id, name: row.name, username: row.username, password, token });
            }
        }
        Ok(FillCandidates { items, more })
    }

    /// What is to be filled in of a credential, at a page of its site.
    ///
    /// # Errors
    /// [`Error::OtherSite`], which is recorded; else as [`Vault::reveal`] and [`Vault::token`].
    pub async fn fill(
        &self,
        actor: &Actor,
        id: CredentialId,
        origin: &SiteOrigin,
        parts: FillParts,
    ) -> Result<Filled, Error> {
        let purpose = Purpose { fills_at: Some(origin.clone()), ..actor.purpose.clone() };
        let actor = Actor { purpose, ..actor.clone() };
        let wanted = CredentialRef::Id(id);
        let FillPlace { username, origins, gives_password } = self.place_of(&actor, &wanted, origin).await?;
        let reason = actor.purpose.reason.clone();
        if parts.password && !gives_password {
            // It says why, with its record, before a token is said to have been taken that never left.
            self.reveal(&actor, &wanted, reason.as_ref(), None).await?;
        }
        // The token first: where it is refused, no password has left for a form that cannot be sent.
        let token = if parts.token {
            let ask = TokenRequest { reason: reason.clone(), ..TokenRequest::default() };
            Some(self.token(&actor, &wanted, &ask).await?)
        } else {
            None
        };
        if parts.username && !parts.password && !parts.token {
            self.record_name_filled(&actor, &wanted).await?;
        }
        let password = match parts.password {
            true => Some(self.reveal(&actor, &wanted, reason.as_ref(), None).await?.password),
            false => None,
        };
        Ok(Filled { username: parts.username.then_some(username), password, token, origins })
    }

    /// Each filling in is a record: a password and a token have theirs, a user name alone has this one.
    async fn record_name_filled(&self, actor: &Actor, wanted: &CredentialRef) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let entry = self.entry(&actor, AuditAction::CredentialFilled);
        tx.record(entry.on(ObjectKind::Credential, row.id.uuid(), row.name.as_str()));
        tx.commit().await.map(drop)
    }

    /// What is known of the credential, where the page is of its site.
    async fn place_of(&self, actor: &Actor, wanted: &CredentialRef, origin: &SiteOrigin) -> Result<FillPlace, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = self.visible(&mut reader, &actor, wanted).await?;
        let known = automation::find(&mut reader, row.id).await?;
        let places = places(row.site.as_ref(), &known);
        if places.covers(origin) {
            let gives_password =
                row.has_password && permit(&actor, Action::Reveal, &row.grants, &self.asked(&actor)).is_ok();
            let origins = places.origins().into_iter().collect();
            return Ok(FillPlace { username: row.username.clone(), origins, gives_password });
        }
        drop(reader);
        let mut tx = self.unit().await?;
        let entry = self.entry(&actor, AuditAction::FillRefused);
        tx.record(entry.on(ObjectKind::Credential, row.id.uuid(), row.name.as_str()));
        tx.commit().await?;
        Err(Error::OtherSite(origin.as_str().to_owned()))
    }
}
