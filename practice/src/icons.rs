//! Small pictures in the markup, without any text.

use crate::layout::FieldRole;

/// An arrow to the right.
pub(crate) const ARROW: &str = r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2"><path d="M4 12h15M13 6l6 6-6 6"></path></svg>"#;

/// The site's mark.
pub(crate) const MARK: &str =
    r#"<svg viewBox="0 0 24 24" width="24" height="24" fill="currentColor"><path d="M3 4h18v12H9l-6 5z"></path></svg>"#;

/// A picture for a field: a person, a lock, a clock, a letter, a plus.
pub(crate) fn for_role(role: FieldRole) -> &'static str {
    match role {
        FieldRole::Username => {
            r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="currentColor"><path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-8 8c0-4 4-6 8-6s8 2 8 6z"></path></svg>"#
        }
        FieldRole::Password | FieldRole::Old => {
            r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="currentColor"><path d="M6 10V8a6 6 0 0 1 12 0v2h1v11H5V10zm3 0h6V8a3 3 0 0 0-6 0z"></path></svg>"#
        }
        FieldRole::New | FieldRole::Repeat => {
            r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="currentColor"><path d="M14 10V8a3 3 0 0 0-6 0H6a5 5 0 0 1 11 0v2h2v11H5V10z"></path></svg>"#
        }
        FieldRole::Token => {
            r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2"><path d="M12 3a9 9 0 1 0 .1 0zM12 7v5l4 2"></path></svg>"#
        }
        FieldRole::MailCode => {
            r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2"><path d="M3 6h18v12H3zM3 7l9 7 9-7"></path></svg>"#
        }
        _ => {
            r#"<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2"><path d="M12 5v14M5 12h14"></path></svg>"#
        }
    }
}
