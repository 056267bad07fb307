//! What a page is and what to do on it: snapshots in, acts out.
//!
//! Begin at [`recognise`], which says what a snapshot shows, then at [`SignInFlow`] and [`ChangeFlow`], which walk: each step
//! takes a snapshot and gives an [`Step`].
//!
//! This room is pure: it knows no browser, no clock and no file.

mod file;
mod fingerprint;
mod generate;
mod recognise;
mod rules;
mod run;
mod site;
mod words;

pub use file::{
    Address, ListError, ListedDomain, PublicList, Recipe, RecipeBook, RecipeError, RefusedEntry, Status,
    import_change_addresses, import_password_rules,
};
pub use fingerprint::Fingerprint;
pub use generate::{UnsatisfiableRules, generate, gentle};
pub use recognise::{
    FieldRole, Message, MessageKind, Method, MethodChoice, Overlay, PageKind, PageTexts, Part, Press, Question,
    Recognised, recognise, rules_in,
};
pub use rules::{CharSet, PasswordRules, RulesError};
pub use run::{
    ChangeFlow, FieldEntry, Fill, SignInFlow, SignInSummary, SiteVerdict, Step, Target, TypedValue, unloaded_frames,
};
pub use site::{FieldHint, LearntPages, SiteKnowledge};
pub use words::prepare;
