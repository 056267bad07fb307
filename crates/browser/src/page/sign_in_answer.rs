use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::Error;

/// What the browser's next question for name and password is answered with, and who waits to hear whether there was one.
pub(super) struct SignInAnswer {
    pub(super) name: String,
    pub(super) secret: Zeroizing<String>,
    pub(super) origins: Vec<String>,
    pub(super) asked: Option<oneshot::Sender<Result<(), Error>>>,
}
