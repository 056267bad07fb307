//! Whose hand the browser is in: the machine's, a person's, or nobody's while somebody has stopped everything.

use countersign_model::{Challenge, SessionEnd};
use countersign_wire::{PhaseInfo, PhaseName};

/// How far a session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The machine acts, and nothing is shown. What it does.
    Machine(String),
    Person(InHand),
    /// Somebody has stopped everything; it goes on like this afterwards.
    Frozen {
        by: String,
        after: InHand,
    },
    Ended {
        end: SessionEnd,
        text: String,
    },
}

/// To what purpose a person has the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InHand {
    /// A site asks for a person; `again`: after somebody has said that it was done.
    Waiting { challenge: Challenge, why: Option<String>, again: bool },
    /// It is theirs until the end.
    Live,
}

impl Phase {
    /// Whether input reaches the page.
    pub(crate) const fn takes_input(&self) -> bool {
        matches!(self, Self::Person(_))
    }

    pub(crate) const fn is_frozen(&self) -> bool {
        matches!(self, Self::Frozen { .. })
    }

    /// Whether the browser is out of the machine's hands.
    pub(crate) const fn has_browser(&self) -> bool {
        matches!(self, Self::Person(_) | Self::Frozen { .. })
    }

    /// As people are told.
    pub(crate) fn told(&self) -> PhaseInfo {
        match self {
            Self::Machine(text) => PhaseInfo::new(PhaseName::SigningIn, text),
            Self::Person(InHand::Live) => PhaseInfo::new(PhaseName::Live, "signed in"),
            Self::Person(InHand::Waiting { challenge, why, again }) => {
                let still = if *again { "The site still asks. " } else { "" };
                PhaseInfo {
                    challenge: Some(*challenge),
                    why: why.as_ref().map(|why| format!("{why}.")),
                    ..PhaseInfo::new(PhaseName::Waiting, format!("{still}{}", asks(*challenge)))
                }
            }
            Self::Frozen { by, .. } => PhaseInfo {
                by: Some(by.clone()),
                ..PhaseInfo::new(PhaseName::Frozen, format!("{by} has stopped this session"))
            },
            Self::Ended { end, text } => PhaseInfo { end: Some(*end), ..PhaseInfo::new(PhaseName::Ended, text) },
        }
    }
}

const fn asks(challenge: Challenge) -> &'static str {
    match challenge {
        Challenge::Captcha => "The site shows a CAPTCHA. Solve it here.",
        Challenge::Location => "The site asks you to confirm this sign-in. Confirm it here.",
        Challenge::TrustBrowser => "The site asks whether to trust this browser. Choose here.",
        Challenge::NewDevice => "The site has sent a code to the account's owner. Enter it here.",
        Challenge::Unknown => "Countersign does not recognise this page. Do what it asks, then press Done.",
    }
}
