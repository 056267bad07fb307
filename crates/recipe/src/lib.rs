//! What a page is and what to do on it: pictures in, acts out.
//!
//! Begin at [`recognise`], which says what a picture shows, then at [`SignInRun`] and [`ChangeRun`], which walk: each step
//! takes a picture and gives an [`Act`].
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
    Address, ListError, Listed, PublicList, Recipe, RecipeBook, RecipeError, Refused, Status, import_change_addresses,
    import_password_rules,
};
pub use fingerprint::Fingerprint;
pub use generate::{Impossible, generate, gentle};
pub use recognise::{
    Message, Method, MethodChoice, Overlay, PageKind, Part, Press, Question, Recognised, Role, Texts, Told, recognise,
    rules_in,
};
pub use rules::{CharSet, PasswordRules, RulesError};
pub use run::{Act, ChangeRun, ChangeTold, Entry, Fill, Into, SignInRun, SignedIn, What};
pub use site::{Hint, SiteKnowledge};
