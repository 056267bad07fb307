//! What sign-ins have shown of the two passwords.

use countersign_model::{ChangeReason, PasswordSlot};

/// What one sign-in showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignInEvidence {
    /// The password signs in.
    Holds,
    /// The site does not take it.
    Refused,
    /// It was not tried: it has been refused as often as it may be sent.
    Spent,
    /// Nothing, because of this.
    Nothing(ChangeReason),
}

/// What is being found out.
#[derive(Debug)]
pub(crate) struct Proof {
    /// Which password is tried first.
    pub(crate) first: PasswordSlot,
    /// What that showed.
    pub(crate) shown: Option<SignInEvidence>,
    /// The credential's own browser was used for the password that is tried now.
    pub(crate) own_tried: bool,
}
