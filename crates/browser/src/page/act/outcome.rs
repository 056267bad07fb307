use countersign_snapshot::ElementRef;
use serde::Deserialize;

use crate::Error;

/// What the script beside a document answers to a request to act.
#[derive(Deserialize)]
pub(in crate::page) struct ScriptOutcome {
    pub(in crate::page) state: String,
    #[serde(default)]
    pub(in crate::page) why: String,
    #[serde(default)]
    pub(in crate::page) by: u32,
    #[serde(default)]
    pub(in crate::page) name: String,
    #[serde(default)]
    pub(in crate::page) x: f64,
    #[serde(default)]
    pub(in crate::page) y: f64,
    #[serde(default)]
    pub(in crate::page) yes: bool,
    #[serde(default)]
    pub(in crate::page) sent: bool,
    #[serde(default)]
    pub(in crate::page) kept: u32,
}

impl ScriptOutcome {
    pub(in crate::page) fn check(self, frame: &str, document: &str) -> Result<Self, Error> {
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
