use crate::Secret;

/// Proof that a record of the audit log is durable: what is withheld may leave against it.
///
/// The store gives one for each record of a transaction, once that is committed, and nobody else makes any (a test over
/// the sources holds that). It cannot be copied, and it is good for what its record is about and for nothing else.
///
/// ```compile_fail
/// let receipt = countersign_seal::Receipt { about: None };
/// ```
///
/// ```compile_fail
/// fn twice(receipt: &countersign_seal::Receipt) -> countersign_seal::Receipt {
///     receipt.clone()
/// }
/// ```
#[derive(Debug)]
pub struct Receipt {
    about: Option<[u8; 16]>,
}

impl Receipt {
    /// For the store alone: of a record that is in the log and on the disk. `about`: the id of what it is about.
    pub const fn of_durable_record(about: Option<[u8; 16]>) -> Self {
        Self { about }
    }
}

/// A record was shown that is about something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record is not about what is to leave")]
pub struct WrongReceipt;

/// A secret that has been opened and has not left: it can be worked with, and comes out against a [`Receipt`].
///
/// So *no record, no secret* does not rest on an order of lines that somebody must keep in mind:
///
/// ```compile_fail
/// fn leak(password: countersign_seal::Withheld<countersign_seal::Secret>) -> countersign_seal::Secret {
///     password.release()
/// }
/// ```
///
/// ```compile_fail
/// fn leak(password: countersign_seal::Withheld<countersign_seal::Secret>) -> countersign_seal::Secret {
///     password.secret
/// }
/// ```
///
/// ```
/// use countersign_seal::{Receipt, Secret, Withheld, WrongReceipt};
/// fn leave(password: Withheld<Secret>, receipt: &Receipt) -> Result<Secret, WrongReceipt> {
///     password.release(receipt)
/// }
/// ```
pub struct Withheld<T = Secret> {
    owner: [u8; 16],
    secret: T,
}

impl<T> Withheld<T> {
    /// Of something that was made just now. `owner`: the id of what its record will be about.
    pub const fn new(owner: [u8; 16], secret: T) -> Self {
        Self { owner, secret }
    }

    /// The same under what owns its owner: the credential of a change has the change's screenshots.
    #[must_use]
    pub fn owned_by(self, owner: [u8; 16]) -> Self {
        Self { owner, ..self }
    }

    /// What is made of it, such as a token of a seed, is withheld in its place.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Withheld<U> {
        Withheld { owner: self.owner, secret: make(self.secret) }
    }

    /// As [`Withheld::map`], where it may fail.
    ///
    /// # Errors
    /// What `make` gives.
    pub fn try_map<U, E>(self, make: impl FnOnce(T) -> Result<U, E>) -> Result<Withheld<U>, E> {
        Ok(Withheld { owner: self.owner, secret: make(self.secret)? })
    }

    /// What is made of it while it stays: the same owner's.
    pub fn derive<U>(&self, make: impl FnOnce(&T) -> U) -> Withheld<U> {
        Withheld { owner: self.owner, secret: make(&self.secret) }
    }

    /// Lets it out, since that is on record.
    ///
    /// # Errors
    /// [`WrongReceipt`] where the record is about something else.
    pub fn release(self, receipt: &Receipt) -> Result<T, WrongReceipt> {
        if receipt.about == Some(self.owner) { Ok(self.secret) } else { Err(WrongReceipt) }
    }

    /// Looks at it for work that lets nothing out: to compare, to hash, to hide it in a text. `why` says so in a few words;
    /// this is where a reader looks for what leaves unrecorded.
    pub const fn stays_inside(&self, _why: &'static str) -> &T {
        &self.secret
    }

    /// Lets it out to the server's own machinery without a record. `why` says what stands in its place; this is where a
    /// reader looks for what leaves unrecorded.
    pub fn release_unrecorded(self, _why: &'static str) -> T {
        self.secret
    }
}

impl<T> Withheld<Option<T>> {
    /// Nothing is nothing to withhold.
    pub fn transpose(self) -> Option<Withheld<T>> {
        let Self { owner, secret } = self;
        secret.map(|secret| Withheld { owner, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::{Receipt, Withheld, WrongReceipt};

    #[test]
    fn promise_1_only_a_record_about_it_lets_a_secret_out() {
        let secret = || Withheld::new([1; 16], 7).map(|it| it + 1);
        assert_eq!(secret().release(&Receipt::of_durable_record(Some([1; 16]))), Ok(8));
        assert_eq!(secret().release(&Receipt::of_durable_record(Some([2; 16]))), Err(WrongReceipt));
        assert_eq!(secret().release(&Receipt::of_durable_record(None)), Err(WrongReceipt));
    }

    #[test]
    fn what_is_made_of_it_is_withheld_too() {
        let seed = Withheld::new([1; 16], 7);
        let token = seed.derive(|seed| seed * 2);
        assert_eq!(token.release(&Receipt::of_durable_record(Some([2; 16]))), Err(WrongReceipt));
        assert_eq!(seed.derive(|_| None::<u8>).transpose().map(drop), None);
        assert_eq!(seed.try_map(|_| Err::<u8, _>("no")).map(drop), Err("no"));
    }
}
