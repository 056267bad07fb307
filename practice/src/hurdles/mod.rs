//! Every hurdle of real sites, as a switch.
//!
//! [`Hurdles::default()`] is a friendly site: one page, one form, the token on its own page, every step told plainly.
//! In JSON every field may be left out, and a field that does not exist is refused with its name, so that a mistyped
//! switch cannot make a test pass.

mod change;
mod look;
mod odd;
mod sign_in;
mod site;

pub use change::{Change, Lie, NewFields, PasswordRules, Success};
pub use look::{Autocomplete, Dialogs, Labels, Language, Look, Noise, Shadow, Transport};
pub use odd::{Asks, Lines, Odd, Refusal, TokenLine, Wakes, WayIn};
pub use sign_in::{
    Captcha, CaptchaPlace, Guard, Location, LockTold, PictureKind, RateLimit, Reauth, SignIn, Steps, TokenPlace, Trust,
    TrustAsked,
};
pub use site::{Clock, Fault, FaultAct, FaultMethod, FaultWhen, Hurdles, RedirectAt, RedirectHost, RedirectTrap, Web};

use serde_json::Value;
use thiserror::Error;

/// Hurdles that could not be read.
#[derive(Debug, Error)]
#[error("these hurdles cannot be used: {0}; README.md lists the switches")]
pub struct HurdlesError(#[from] serde_json::Error);

impl Hurdles {
    /// Reads hurdles from JSON; what is not named keeps its default.
    ///
    /// # Errors
    /// When the text is no JSON, names a switch that does not exist, or gives one a value it cannot have.
    pub fn from_json(text: &str) -> Result<Self, HurdlesError> {
        Ok(serde_json::from_str(text)?)
    }

    /// These hurdles with the named switches changed, in the manner of a JSON merge patch (RFC 7396): objects are
    /// merged, lists are replaced, `null` sets a switch back to its default.
    ///
    /// # Errors
    /// As [`Hurdles::from_json`].
    pub fn patched(&self, patch: &Value) -> Result<Self, HurdlesError> {
        let mut whole = serde_json::to_value(self)?;
        merge(&mut whole, patch);
        Ok(serde_json::from_value(whole)?)
    }
}

/// RFC 7396 §2.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Hurdles, Language, Steps};
    use serde_json::json;

    #[test]
    fn what_is_not_named_keeps_its_default() {
        let hurdles = Hurdles::from_json(r#"{"sign_in": {"steps": "two"}}"#).unwrap();
        assert_eq!(hurdles.sign_in.steps, Steps::Two);
        assert_eq!(hurdles.look, Hurdles::default().look);
    }

    #[test]
    fn a_switch_that_does_not_exist_is_refused_with_its_name() {
        for (text, wrong) in [
            (r#"{"sing_in": {}}"#, "sing_in"),
            (r#"{"sign_in": {"step": "two"}}"#, "`step`"),
            (r#"{"sign_in": {"steps": "three"}}"#, "three"),
        ] {
            let error = Hurdles::from_json(text).unwrap_err().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn a_patch_changes_only_what_it_names_and_null_sets_back() {
        let german = Hurdles::default().patched(&json!({"look": {"language": "de", "layout_seed": 9}})).unwrap();
        assert_eq!((german.look.language, german.look.layout_seed), (Language::De, 9));
        let back = german.patched(&json!({"look": {"language": null}})).unwrap();
        assert_eq!((back.look.language, back.look.layout_seed), (Language::En, 9));
    }

    #[test]
    fn hurdles_survive_being_written_and_read() {
        let hurdles = Hurdles::default();
        let text = serde_json::to_string(&hurdles).unwrap();
        assert_eq!(Hurdles::from_json(&text).unwrap(), hurdles);
    }
}
