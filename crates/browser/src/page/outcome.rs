use countersign_snapshot::ElementRef;
use serde::Deserialize;

use crate::Error;

/// What the script beside a document answers to a request to act.
#[derive(Deserialize)]
pub(super) struct ScriptOutcome {
    pub(super) state: String,
    #[serde(default)]
    pub(super) why: String,
    #[serde(default)]
    pub(super) by: u32,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) x: f64,
    #[serde(default)]
    pub(super) y: f64,
    #[serde(default)]
    pub(super) yes: bool,
    #[serde(default)]
    pub(super) sent: bool,
    #[serde(default)]
    pub(super) kept: u32,
}

impl ScriptOutcome {
    pub(super) fn check(self, frame: &str, document: &str) -> Result<Self, Error> {
        match self.state.as_str() {
            "ok" => Ok(self),
            "stale" => Err(Error::Stale),
            "covered" => Err(Error::Covered {
                by: Box::new(ElementRef { frame: frame.to_owned(), document: document.to_owned(), node: self.by }),
                name: self.name,
            }),
            "origin" => Err(Error::WrongOrigin { found: self.why }),
            "cut" => Err(Error::CutShort { kept: self.kept }),
            "no_typing" => Err(Error::TakesNoTyping),
            "asleep" => Err(Error::ButtonAsleep),
            "not_taken" => Err(Error::NotTaken {
                why: match self.why.as_str() {
                    "refused" => "it stays empty",
                    _ => "it holds something else now",
                },
            }),
            _ => Err(Error::NotUsable { why: self.why }),
        }
    }
}
