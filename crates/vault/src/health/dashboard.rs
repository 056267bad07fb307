//! What somebody who answers for a vault looks at each morning: how many credentials, grants and people need a look, and which credentials
//! these are.

use countersign_model::{
    Action, Actor, ChangeState, CredentialId, Invalid, Paged, Paging, Timestamp, decide_by_role, search_key,
};
use countersign_store::{
    changes,
    credentials::{self, ReviewFilter, attention},
    engine::Select,
    people, requests, services,
};
use data_encoding::BASE64URL_NOPAD;

use crate::{
    Error, Vault,
    access::reviews::{ReviewScope, UNUSED_DAYS, due_before},
    audit::committer,
};

pub use countersign_store::credentials::attention::Concern;

/// After so many days a password counts as old.
pub const OLD_PASSWORD_DAYS: u32 = 90;
const MAX_PEOPLE: u32 = 10_000;
const COUNTED_WHILE_WAITING: usize = 8;

/// How many of each need a look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dashboard {
    /// Credentials of which something is so, each with its number.
    pub credentials: Vec<(Concern, u64)>,
    /// Changes that wait for a person.
    pub changes_waiting: u64,
    /// Requests that nobody has decided on.
    pub requests_pending: u64,
    /// Grants that are due for review.
    pub reviews_due: u64,
    /// Grants that nobody has used for long.
    pub grants_unused: u64,
    /// Grants that allow access in an emergency.
    pub grants_emergency: u64,
    /// People who sign in with a password alone; `None` for who may not manage people.
    pub people_without_second_factor: Option<u64>,
    /// Whether the whole log was looked through for uses.
    pub all_counted: bool,
}

/// A credential that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcernView {
    /// Its id.
    pub id: CredentialId,
    /// Its name.
    pub name: String,
    /// The account's name.
    pub username: String,
    /// Where it signs in.
    pub site: Option<String>,
    /// When it was made, its password changed, somebody used it, the site moved, or its last change ended;
    /// until when somebody has it for themselves; `None`: never, or not known.
    pub since: Option<Timestamp>,
}

impl Vault {
    /// How many need a look.
    ///
    /// # Errors
    /// [`Error::Denied`] for who may not see who may do what.
    pub async fn dashboard(&self, actor: &Actor) -> Result<Dashboard, Error> {
        let (reader, known) = self.reader(actor).await?;
        self.permit_looking(&known, None)?;
        drop(reader);
        let all_counted = committer::count_uses(&self.inner.database, COUNTED_WHILE_WAITING).await?;
        let (mut reader, actor) = self.reader(actor).await?;
        self.permit_looking(&actor, None)?;
        let db = &mut reader;
        let now = self.now();
        let mut found = Dashboard { all_counted, ..Dashboard::default() };
        for concern in Concern::ALL {
            let count = attention::count(db, concern, self.old(concern)).await?;
            found.credentials.push((concern, number(count)));
        }
        let open = changes::open_by_state(db).await?;
        let waiting = open.into_iter().find(|(state, _)| *state == ChangeState::WaitingForAPerson);
        found.changes_waiting = waiting.map_or(0, |(_, count)| number(count));
        found.requests_pending = number(requests::count_open(db, now, None).await?);
        let days = credentials::review_days(db).await?;
        let grants = [
            (ReviewScope::Due, &mut found.reviews_due),
            (ReviewScope::Unused, &mut found.grants_unused),
            (ReviewScope::Emergency, &mut found.grants_emergency),
        ];
        for (scope, count) in grants {
            *count = grants_of(db, now, scope.filter(now, days)).await?;
        }
        if decide_by_role(actor.role, Action::ManageUsers).is_ok() {
            let all = people::all(db, MAX_PEOPLE).await?;
            // By a service account nobody signs in.
            let services = services::ids(db).await?;
            let without = all
                .iter()
                .filter(|person| !person.disabled && !person.has_second_factor() && !services.contains(&person.id));
            found.people_without_second_factor = Some(without.count() as u64);
        }
        Ok(found)
    }

    /// A page of the credentials of which something is so, by name.
    ///
    /// # Errors
    /// As [`Vault::dashboard`]; [`Error::Invalid`] for a cursor of another list.
    pub async fn concerned(
        &self,
        actor: &Actor,
        concern: Concern,
        paging: &Paging,
    ) -> Result<Paged<ConcernView>, Error> {
        let after = paging.cursor().map(parse_place).transpose()?;
        let (mut reader, actor) = self.reader(actor).await?;
        self.permit_looking(&actor, None)?;
        let after = after.as_ref().map(|(name, id)| (name.as_str(), *id));
        let before = self.old(concern);
        let rows = attention::list(&mut reader, concern, before, after, paging.rows()).await?;
        let place = |one: &attention::ConcernedCredential| {
            let text = format!("{}\n{}", one.row.id, search_key(one.row.name.as_str()));
            BASE64URL_NOPAD.encode(text.as_bytes())
        };
        Ok(paging.page(rows, place).map(|one| ConcernView {
            id: one.row.id,
            name: one.row.name.to_string(),
            username: one.row.username.to_string(),
            site: one.row.site.map(|site| site.to_string()),
            since: one.since,
        }))
    }

    /// Before what time something is old.
    fn old(&self, concern: Concern) -> Timestamp {
        let days = match concern {
            Concern::CheckedOut => 0,
            Concern::OldPassword => OLD_PASSWORD_DAYS,
            _ => UNUSED_DAYS,
        };
        due_before(self.now(), days).unwrap_or_else(|| self.now())
    }
}

async fn grants_of(db: &mut impl Select, now: Timestamp, filter: Option<ReviewFilter>) -> Result<u64, Error> {
    match filter {
        Some(filter) => Ok(number(credentials::count_reviewed(db, now, &filter).await?)),
        None => Ok(0),
    }
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn parse_place(cursor: &str) -> Result<(String, CredentialId), Invalid> {
    let wrong = || Invalid::new("cursor", "is not one of this list: begin without a cursor");
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (id, name) = text.split_once('\n').ok_or_else(wrong)?;
    Ok((name.to_owned(), id.parse().map_err(|_| wrong())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_is_read_as_it_was_written_and_nothing_else_is() {
        let id = CredentialId::from_uuid(uuid::Uuid::from_u128(9));
        let written = BASE64URL_NOPAD.encode(format!("{id}\na name with blanks").as_bytes());
        assert_eq!(parse_place(&written), Ok(("a name with blanks".to_owned(), id)));
        // From before lists were in natural order.
        let former = BASE64URL_NOPAD.encode(format!("{id} a name with blanks").as_bytes());
        assert!(parse_place(&former).is_err());
        for wrong in ["", "x", "%", &BASE64URL_NOPAD.encode(b"name"), &BASE64URL_NOPAD.encode(b"\xff\n\xff")] {
            assert!(parse_place(wrong).is_err(), "{wrong}");
        }
    }
}
