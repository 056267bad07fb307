use countersign_model::ProviderRefusal;

/// Why somebody is not believed to be anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What they are told.
    pub why: ProviderRefusal,
    /// For the log and for administrators: what exactly was wrong. No token, code or secret is in it.
    pub detail: String,
}

impl Refused {
    pub(crate) fn because(why: ProviderRefusal, detail: impl Into<String>) -> Self {
        Self { why, detail: detail.into() }
    }
}
