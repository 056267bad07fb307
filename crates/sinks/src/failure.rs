use std::time::Duration;

/// Why a destination has not taken something.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Without a secret.
    pub(crate) text: String,
    /// How long the receiver asks to wait.
    pub(crate) wait: Option<Duration>,
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self { text, wait: None }
    }
}
