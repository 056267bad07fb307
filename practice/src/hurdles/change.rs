//! The change of the password: what is asked, which passwords are taken, how the outcome is told.

use serde::{Deserialize, Serialize};

/// How a password is changed. What is unset, the layout decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// The old password is asked for.
    pub ask_old: Option<bool>,
    /// The old password is asked for on a page of its own, before the form.
    pub old_first: Option<bool>,
    /// How many fields there are for the new one.
    pub new_fields: Option<NewFields>,
    /// "Do you really want to?" on a page between form and change.
    pub confirm_page: Option<bool>,
    /// How success is told.
    pub success: Option<Success>,
    /// What the site says that is not so.
    pub lie: Lie,
    /// What the site says of a change repeats the new password in the open.
    pub echoes: bool,
    /// Ends every other session of the user.
    pub ends_others: bool,
    /// Ends this session, too.
    pub ends_this: bool,
    /// Which passwords are taken.
    pub rules: PasswordRules,
}

/// How many fields there are for the new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewFields {
    /// One.
    One,
    /// One, and one to repeat it.
    Two,
}

/// How success is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Success {
    /// A message where the form was.
    Message,
    /// A page of its own.
    Page,
    /// A jump to another page with a message there.
    JumpWithMessage,
    /// Only a jump to another page.
    Jump,
    /// A toast that is gone after three seconds.
    Toast,
    /// Nothing: the same form again, empty.
    Nothing,
}

/// What the site says that is not so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// Nothing.
    #[default]
    None,
    /// "Changed", while the old password stays.
    SaysChanged,
    /// "Something went wrong", while the new password counts.
    SaysFailed,
}

/// Which passwords are taken. Zero and empty are off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordRules {
    /// The fewest characters.
    pub min: u32,
    /// The most characters.
    pub max: u32,
    /// The field carries `maxlength` (and `minlength`), so that a browser cuts what is too long.
    pub attributes: bool,
    /// Sets that must each appear: `lower`, `upper`, `digit`, `special`, or the characters themselves in brackets,
    /// as in `[!#$]`.
    pub required: Vec<String>,
    /// The only characters that may appear, in the same words; empty is any.
    pub allowed: Vec<String>,
    /// How often one character may stand in a row.
    pub max_consecutive: u32,
    /// How many former passwords are refused, the current one among them.
    pub no_reuse: u32,
    /// The name of the user may not be in it.
    pub without_name: bool,
    /// The rules are written beside the form.
    pub told: bool,
}
