//! Walking through a site: each step takes a snapshot and gives the next act. The walks keep what they have tried and
//! remember what stood on the page before, and nothing else; whoever carries the acts out holds the secrets.

mod candidates;
mod change;
mod choose;
mod customary;
mod explore;
mod fill;
mod sent;
mod shown;
mod sign_in;
mod standing;
mod step;
mod unloaded;

pub use change::ChangeFlow;
pub use sign_in::SignInFlow;
pub use step::{FieldEntry, Fill, SignInSummary, SiteVerdict, Step, Target, TypedValue};
pub use unloaded::unloaded_frames;
