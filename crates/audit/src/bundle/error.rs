use std::io;

/// What is wrong with a bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It is no archive, or it broke off.
    #[error("the file is no bundle, or was cut off: {0}")]
    Unreadable(String),
    /// It does not hold.
    #[error("{0}")]
    Found(String),
}

impl From<io::Error> for BundleError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<zip::result::ZipError> for BundleError {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Unreadable(error.to_string())
    }
}
