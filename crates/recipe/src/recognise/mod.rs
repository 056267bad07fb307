//! Recognising a page.

mod choice;
mod evidence;
mod field;
mod form;
mod kind;
mod lines;
mod message;
mod methods;
mod overlay;
mod page;
mod passwords;
mod said;

pub use choice::Press;
pub use field::FieldRole;
pub use message::{Message, MessageKind, PageTexts};
pub use methods::{Method, MethodChoice};
pub use overlay::Overlay;
pub use page::{PageKind, Part, Question, Recognised, recognise};
pub use said::rules_in;

pub(crate) use choice::choice;
pub(crate) use evidence::{asks_for_a_line, names_somebody};
pub(crate) use form::path_of;
