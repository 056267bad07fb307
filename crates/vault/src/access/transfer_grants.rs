//! Who may give somebody the transfer of a setup key to a phone.

use countersign_model::{Actor, Grant, Invalid, Principal};
use countersign_store::{engine::Select, services};

use crate::Error;

/// Whether somebody may give this, as far as the transfer of setup keys goes.
pub(crate) async fn check_transfer(db: &mut impl Select, actor: &Actor, grant: &Grant) -> Result<(), Error> {
    grant.check_transfer(actor.role)?;
    let Principal::User(person) = grant.holder else { return Ok(()) };
    if grant.permissions.transfer && services::is_one(db, person).await? {
        let problem = "hold the transfer of the setup key to a phone, which no service account can use";
        return Err(Invalid::new("permissions", problem).into());
    }
    Ok(())
}
