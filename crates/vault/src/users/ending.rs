//! What somebody came in by, and its end.

use countersign_model::{Invalid, UserId};
use countersign_store::{access, devices, people, people::PersonRow, sign_ins};

use crate::{Error, unit::Unit};

/// Ends what somebody came in by: browsers, API tokens, browser extensions, and the memory of browsers in which they are known.
pub(crate) async fn sign_out_everywhere(tx: &mut Unit, person: UserId) -> Result<(), Error> {
    access::delete_sessions(tx, person, None).await?;
    access::delete_tokens(tx, person).await?;
    devices::delete_all(tx, person).await?;
    sign_ins::forget_browsers(tx, person).await?;
    Ok(())
}

/// Keeps somebody out. What they came in by stays ended once they are let in again, whoever keeps them out and lets them in.
pub(crate) async fn keep_out(tx: &mut Unit, person: &PersonRow) -> Result<(), Error> {
    people::set_disabled(tx, person.id, true).await?;
    people::delete_link(tx, person.id).await?;
    sign_out_everywhere(tx, person.id).await
}

/// Why somebody does not end their last way in themselves.
pub(crate) fn only_way_in(what: &'static str) -> Error {
    let problem = "is the only way into your account: ask an administrator for a link by which you choose a password";
    Invalid::new(what, problem).into()
}
