//! The site as a whole: hurdles together, its clock, its addresses, its faults.

use super::{Change, Look, Odd, SignIn};
use crate::page_name::PageName;
use serde::{Deserialize, Serialize};

/// Every hurdle of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hurdles {
    /// How the pages look and move.
    pub look: Look,
    /// How one gets in.
    pub sign_in: SignIn,
    /// How a password is changed.
    pub change: Change,
    /// Oddities of single sites.
    pub odd: Odd,
    /// The site's addresses and where they lead.
    pub web: Web,
    /// The site's clock; only the global one counts, not a user's.
    pub clock: Clock,
    /// What goes wrong, and where.
    pub faults: Vec<Fault>,
}

/// The site's addresses and where they lead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// `/.well-known/change-password` leads to the change page.
    pub well_known: bool,
    /// Every path is answered 200, also those that do not exist.
    pub every_path_200: bool,
    /// A way from this site to another origin that asks for the password.
    pub trap: Option<RedirectTrap>,
}

/// A way from this site to another origin that asks for the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedirectTrap {
    /// Where one is caught.
    pub at: RedirectAt,
    /// Which origin asks.
    pub host: RedirectHost,
}

/// Where one is caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectAt {
    /// The sign-in page redirects.
    SignIn,
    /// The change page redirects.
    ChangePage,
    /// The form of the change page stands on the site, but sends to the other origin.
    ChangeFormAction,
    /// After the change was done, "sign in again" stands on the other origin.
    AfterChange,
    /// `/.well-known/change-password` redirects (and needs `well_known`).
    WellKnown,
}

/// Which origin asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectHost {
    /// The same host, another port: another origin, the same site.
    OtherPort,
    /// Another host: another origin and another site.
    OtherHost,
}

/// The site's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clock {
    /// How far it goes ahead, in seconds; negative is behind. Moves tokens, `Date`, locks and ages alike.
    pub offset_seconds: i64,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// On which page.
    pub page: PageName,
    /// For which requests.
    #[serde(default)]
    pub method: FaultMethod,
    /// Before the site does what it was asked, or after, when it is already done.
    #[serde(default)]
    pub when: FaultWhen,
    /// What happens.
    pub act: FaultAct,
    /// How often; unset is always.
    #[serde(default)]
    pub times: Option<u32>,
}

/// For which requests a fault counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultMethod {
    /// All.
    #[default]
    Any,
    /// Reading a page.
    Get,
    /// Sending a form.
    Post,
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultWhen {
    /// Before anything is done: nothing has happened.
    #[default]
    Before,
    /// After all is done: only the answer is lost.
    After,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultAct {
    /// The answer comes so many milliseconds later.
    Slow(u32),
    /// 500, with an error page.
    Fail,
    /// 503, with an error page and `Retry-After`.
    Unavailable,
    /// The connection is closed without a byte.
    Die,
    /// The connection is closed in the middle of the page.
    DieHalfway,
}
