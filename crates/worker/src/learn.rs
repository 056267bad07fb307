//! How the fields looked that were used with success, and what has moved since; and what the site says of passwords when it
//! refuses one.

use countersign_recipe::{FieldRole, Fingerprint, PasswordRules, Recognised};
use serde::{Deserialize, Serialize};

/// Below this, what was found looks so different that it is worth a word.
const ALIKE: f32 = 0.8;

/// What is kept of a credential's site from run to run.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    fields: Vec<Fingerprint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<PasswordRules>,
}

/// What was used in this run.
#[derive(Debug, Default)]
pub(crate) struct Learnt {
    seen: Vec<Fingerprint>,
}

impl Learnt {
    /// Fields that are about to be filled.
    pub(crate) fn note(&mut self, page: &Recognised) {
        for one in &page.fingerprints {
            if !self.seen.contains(one) {
                self.seen.push(one.clone());
            }
        }
    }

    /// The text to keep. What this run did not need is kept from before.
    pub(crate) fn to_keep(&self, before: Option<&str>) -> String {
        let mut all = self.seen.clone();
        all.extend(read(before).into_iter().filter(|old| !self.seen.iter().any(|new| new.role == old.role)));
        write(&Kept { fields: all, rules: rules(before) })
    }

    /// What looks different from before, one line each.
    pub(crate) fn moved(&self, before: Option<&str>) -> Vec<String> {
        let before = read(before);
        let mut lines = Vec::new();
        for new in &self.seen {
            let best = before
                .iter()
                .filter(|old| old.role == new.role)
                .max_by(|a, b| a.similarity(new).total_cmp(&b.similarity(new)));
            let Some(old) = best.filter(|old| old.similarity(new) < ALIKE) else { continue };
            let name = name(new.role);
            let line = if old.path == new.path {
                format!("{name} on {} looks different: it was called \"{}\", now \"{}\"", new.path, old.name, new.name)
            } else {
                format!("{name} has moved from {} to {}", old.path, new.path)
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    /// What was there before and was not found by a run that lost its way.
    pub(crate) fn missing(&self, before: Option<&str>) -> Vec<String> {
        let mut lines = Vec::new();
        for old in read(before).iter().filter(|old| !self.seen.iter().any(|new| new.role == old.role)) {
            let line = format!("{} was last seen on {} and was not found", name(old.role), old.path);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

/// What the site has said of passwords when it refused one.
pub(crate) fn rules(text: Option<&str>) -> Option<PasswordRules> {
    kept(text).rules
}

/// What is kept, with what the site has said now; `None` where that is nothing new.
pub(crate) fn with_rules(before: Option<&str>, said: &PasswordRules) -> Option<String> {
    let mut all = kept(before);
    let rules = all.rules.as_ref().map_or_else(|| said.clone(), |known| known.with(said));
    (all.rules.as_ref() != Some(&rules)).then(|| {
        all.rules = Some(rules);
        write(&all)
    })
}

fn read(text: Option<&str>) -> Vec<Fingerprint> {
    kept(text).fields
}

fn kept(text: Option<&str>) -> Kept {
    let Some(text) = text else { return Kept::default() };
    // At first, the fields were all that was kept.
    let fields = || serde_json::from_str(text).map(|fields| Kept { fields, rules: None });
    serde_json::from_str(text).or_else(|_| fields()).unwrap_or_default()
}

fn write(kept: &Kept) -> String {
    serde_json::to_string(kept).unwrap_or_else(|_| "{}".to_owned())
}

const fn name(role: FieldRole) -> &'static str {
    match role {
        FieldRole::Username => "the field for the name",
        FieldRole::CurrentPassword => "the field for the password",
        FieldRole::NewPassword => "the field for a new password",
        FieldRole::RepeatPassword => "the field to repeat a new password",
        FieldRole::Token => "the field for the token",
        FieldRole::SentCode => "the field for a code that was sent",
        FieldRole::Puzzle => "the field for a puzzle's answer",
        FieldRole::TrustBox => "the box that trusts this browser",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(role: FieldRole, path: &str, label: &str) -> Fingerprint {
        let json = serde_json::json!({
            "role": role, "path": path, "kind": "password", "name": label, "html_name": label, "html_id": "",
            "autocomplete": "",
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_moved_is_said_and_what_stayed_is_not() {
        let before = Learnt {
            seen: vec![
                field(FieldRole::CurrentPassword, "/sign-in", "Password"),
                field(FieldRole::NewPassword, "/settings/password", "New password"),
            ],
        };
        let kept = before.to_keep(None);
        assert!(before.moved(Some(&kept)).is_empty());
        let now = Learnt { seen: vec![field(FieldRole::NewPassword, "/account/security", "New password")] };
        assert!(now.moved(Some(&kept)).is_empty(), "another path alone is 0.15");
        let now = Learnt { seen: vec![field(FieldRole::NewPassword, "/account/security", "Choose one")] };
        assert_eq!(
            now.moved(Some(&kept)),
            ["the field for a new password has moved from /settings/password to /account/security"]
        );
        assert_eq!(
            now.missing(Some(&kept)),
            ["the field for the password was last seen on /sign-in and was not found"]
        );
        assert!(now.to_keep(Some(&kept)).contains("/sign-in"), "what was not needed is kept");
        assert!(now.moved(Some("no json")).is_empty());
        let fields = serde_json::to_string(&before.seen).unwrap();
        assert_eq!(read(Some(&fields)), before.seen, "as it was written at first");
    }

    #[test]
    fn what_a_refusal_says_is_kept_beside_the_fields() {
        let before = Learnt { seen: vec![field(FieldRole::CurrentPassword, "/sign-in", "Password")] };
        let kept = before.to_keep(None);
        let said = |least| PasswordRules { min_length: Some(least), ..PasswordRules::default() };
        let with = with_rules(Some(&kept), &said(30)).unwrap();
        assert_eq!((rules(Some(&with)), read(Some(&with))), (Some(said(30)), before.seen.clone()));
        assert_eq!(with_rules(Some(&with), &said(30)), None);
        assert_eq!(rules(with_rules(Some(&with), &said(40)).as_deref()), Some(said(40)));
        assert_eq!(rules(Some(&before.to_keep(Some(&with)))), Some(said(30)), "a later success keeps it");
        assert_eq!(rules(None), None);
    }
}
