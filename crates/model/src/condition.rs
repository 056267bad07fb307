use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    AccessScope, Actor, ApprovalRule, CheckOutRule, Invalid, Network, Possession, Reach, Reason, Ticket, Timestamp,
    WeeklyHours,
};

/// How the number of a ticket is written: a regular expression that the whole of it has to match.
#[derive(Debug, Clone)]
pub struct TicketPattern(Regex);

const LONGEST_PATTERN: usize = 200;
const LARGEST_PATTERN: usize = 64 * 1024;
const MAX_NETWORKS: usize = 50;
const LONGEST_SIGN_IN_MINUTES: u16 = 24 * 60;

impl TicketPattern {
    /// The expression, as it was written.
    pub fn as_str(&self) -> &str {
        // What it was wrapped in.
        self.0.as_str().strip_prefix(OPEN).and_then(|text| text.strip_suffix(CLOSE)).unwrap_or_default()
    }

    /// Whether a ticket's number is written like this.
    pub fn matches(&self, ticket: &Ticket) -> bool {
        self.0.is_match(ticket.as_str())
    }
}

const OPEN: &str = r"\A(?:";
const CLOSE: &str = r")\z";

impl FromStr for TicketPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST_PATTERN {
            let problem = format!("must have 1 to {LONGEST_PATTERN} characters");
            return Err(Invalid::new("ticket", problem));
        }
        let build = |text: &str| RegexBuilder::new(text).size_limit(LARGEST_PATTERN).nest_limit(20).build();
        // By itself first, or its parentheses could close what it is wrapped in.
        let built = build(text).and_then(|_| build(&format!("{OPEN}{text}{CLOSE}")));
        built.map(Self).map_err(|error| {
            let says = error.to_string();
            let last = says.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            let problem = format!("is no pattern ({last}): write a regular expression such as OPS-[0-9]+");
            Invalid::new("ticket", problem)
        })
    }
}

impl PartialEq for TicketPattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for TicketPattern {}

impl fmt::Display for TicketPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for TicketPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for TicketPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What has to hold for a grant to allow something: all of it. The default asks for nothing.
///
/// `from` and `until` say when the grant is there at all; what else is here is asked for when it is used, and does not
/// hide the credential.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrantConditions {
    /// A reason is given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reason: bool,
    /// The number of a ticket is given, written like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketPattern>,
    /// Password and second factor were shown in this browser at most so many minutes ago, 1 to 1440. No API token can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_in_minutes: Option<u16>,
    /// It is within these hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<WeeklyHours>,
    /// It is asked from one of these networks; from any where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<Network>,
    /// From then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until then, and not at that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Others have approved it, by a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalRule>,
    /// They have checked the credential out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_out: Option<CheckOutRule>,
}

/// What is known of a request when it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessContext<'a> {
    now: Timestamp,
    address: Option<IpAddr>,
    reason: Option<&'a Reason>,
    ticket: Option<&'a Ticket>,
    confirmed_at: Option<Timestamp>,
    scope: Option<&'a AccessScope>,
    assumed: Assumed,
}

/// What is not asked, because it was asked before or is asked later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Assumed {
    /// Reason, ticket and sign-in.
    given: bool,
    network: bool,
    hours: bool,
    approval: bool,
    check_out: bool,
}

fn scope_of(actor: &Actor) -> Option<&AccessScope> {
    actor.service.as_ref().map(|service| &service.scope)
}

impl<'a> AccessContext<'a> {
    /// Somebody asks now.
    pub fn of(actor: &'a Actor, now: Timestamp) -> Self {
        let confirmed_at = match actor.reach {
            Reach::Page { confirmed_at } => Some(confirmed_at),
            Reach::Token { .. } | Reach::Device | Reach::Machine => None,
        };
        let context = Self::new(now, actor.address, confirmed_at).narrowed_to(scope_of(actor));
        context.because(actor.purpose.reason.as_ref(), actor.purpose.ticket.as_ref())
    }

    /// A request at a time, from an address, by somebody who showed password and second factor at another time.
    pub const fn new(now: Timestamp, address: Option<IpAddr>, confirmed_at: Option<Timestamp>) -> Self {
        let assumed = Assumed { given: false, network: false, hours: false, approval: false, check_out: false };
        Self { now, address, reason: None, ticket: None, confirmed_at, scope: None, assumed }
    }

    /// By a token that was narrowed to this, where it was.
    #[must_use]
    pub const fn narrowed_to(self, scope: Option<&'a AccessScope>) -> Self {
        Self { scope, ..self }
    }

    /// What it was narrowed to, if to anything.
    pub(crate) const fn scope(&self) -> Option<&'a AccessScope> {
        self.scope
    }

    /// With what they say it is for.
    #[must_use]
    pub const fn because(self, reason: Option<&'a Reason>, ticket: Option<&'a Ticket>) -> Self {
        Self { reason, ticket, ..self }
    }

    /// With a reason that came by another way, where one did.
    #[must_use]
    pub const fn or_because(self, reason: Option<&'a Reason>) -> Self {
        if reason.is_some() { Self { reason, ..self } } else { self }
    }

    /// In the middle of what they have begun: reason, ticket and sign-in were asked for then. Hours, network and an approval go on to
    /// be.
    #[must_use]
    pub const fn under_way(self) -> Self {
        Self { assumed: Assumed { given: true, ..self.assumed }, ..self }
    }

    /// Of somebody whose address is not known, in the middle of what they have begun.
    pub const fn elsewhere(now: Timestamp) -> Self {
        let assumed = Assumed { given: true, network: true, hours: false, approval: false, check_out: false };
        Self { assumed, ..Self::new(now, None, None) }
    }

    /// What would be allowed if all were given and from wherever it has to be; for telling people what there is.
    pub const fn in_principle(now: Timestamp) -> Self {
        let assumed = Assumed { given: true, network: true, hours: true, approval: true, check_out: true };
        Self { assumed, ..Self::new(now, None, None) }
    }

    /// The same for somebody who asks what there is for themselves: no more than their token is for.
    pub fn in_principle_for(actor: &'a Actor, now: Timestamp) -> Self {
        Self::in_principle(now).narrowed_to(scope_of(actor))
    }

    /// Before somebody checks the credential out: whether they then may.
    #[must_use]
    pub const fn to_check_out(self) -> Self {
        Self { assumed: Assumed { check_out: true, ..self.assumed }, ..self }
    }

    /// Whether password and second factor were shown at most so many minutes ago. A clock that was set back makes nothing recent.
    fn signed_in(&self, minutes: u16) -> bool {
        let within = Duration::from_secs(u64::from(minutes) * 60);
        self.confirmed_at.is_some_and(|at| at <= self.now && self.now.since(at) <= within)
    }

    /// When it is asked.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether it is not looked at who has checked the credential out.
    pub(crate) const fn assumes_check_out(&self) -> bool {
        self.assumed.check_out
    }

    /// Whether an approval is not asked for.
    pub(crate) const fn assumes_approval(&self) -> bool {
        self.assumed.approval
    }
}

/// What was given for one grant beside the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Given {
    /// Others have approved it, by a request with which reason and ticket were given.
    pub(crate) approved: bool,
    /// The person has checked the credential out by it.
    pub(crate) checked_out: bool,
}

/// Which conditions do not hold. The smaller, the easier they are to meet: what can be given at once counts least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Missing(u16);

impl Missing {
    const REASON: u16 = 1;
    const TICKET: u16 = 2;
    const SIGN_IN: u16 = 4;
    const CHECK_OUT: u16 = 8;
    const APPROVAL: u16 = 16;
    const CHECKED_OUT: u16 = 32;
    const NETWORK: u16 = 64;
    const HOURS: u16 = 128;
    const NOT_BEFORE: u16 = 256;
    const ENDED: u16 = 512;

    const fn note(&mut self, what: u16, is_missing: bool) {
        if is_missing {
            self.0 |= what;
        }
    }

    /// With what is missing where somebody else has checked the credential out.
    pub(crate) const fn and_checked_out(mut self, is_so: bool) -> Self {
        self.note(Self::CHECKED_OUT, is_so);
        self
    }

    /// Whether all hold.
    pub(crate) fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// A condition that does not hold. As text it says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// The token of a service account was narrowed to something else.
    Scope,
    /// No reason was given.
    Reason,
    /// No ticket was given, or none that is written like this.
    Ticket(TicketPattern),
    /// Password and second factor were shown longer than so many minutes ago, or not at all.
    SignIn(u16),
    /// They have not checked the credential out, or their time is over.
    CheckOut,
    /// Nobody has approved it, or what was approved is over.
    Approval,
    /// Somebody else has checked the credential out.
    CheckedOut {
        /// Who.
        by: String,
        /// Until when.
        until: Timestamp,
        /// Whether they could have it next.
        queue: bool,
    },
    /// It is outside of these hours.
    Hours(WeeklyHours),
    /// The address is in none of these networks, or not known.
    Network(Vec<Network>),
    /// The grant begins later.
    NotBefore(Timestamp),
    /// The grant has ended.
    Ended(Timestamp),
}

impl Unmet {
    /// The condition's name in the API.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Reason => "reason",
            Self::Ticket(_) => "ticket",
            Self::SignIn(_) => "signed_in_minutes",
            Self::CheckOut => "check_out",
            Self::Approval => "approval",
            Self::CheckedOut { .. } => "checked_out",
            Self::Hours(_) => "hours",
            Self::Network(_) => "networks",
            Self::NotBefore(_) => "from",
            Self::Ended(_) => "until",
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope => f.write_str("this access token has no scope for it: ask for one that has"),
            Self::Reason => f.write_str("a reason is needed"),
            Self::Ticket(pattern) => write!(f, "the number of a ticket is needed, written as {pattern}"),
            Self::SignIn(minutes) => write!(
                f,
                "you must have entered your password and code in a browser within the last {minutes} min: enter them again"
            ),
            Self::CheckOut => f.write_str("it is used by one person at a time: check it out first"),
            Self::CheckedOut { by, until, queue } => {
                let what = if *queue { "wait, or join the queue" } else { "wait until then" };
                write!(f, "{by} has checked it out until {until}: {what}")
            }
            Self::Approval => f.write_str("somebody has to approve it first: request access"),
            Self::Hours(hours) => write!(f, "it is allowed at {hours} only"),
            Self::Network(networks) => {
                let networks = networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                write!(f, "it is allowed from {networks} only, and your address is not there")
            }
            Self::NotBefore(from) => write!(f, "it is allowed from {from} on"),
            Self::Ended(until) => write!(f, "it was allowed until {until}: ask for access anew"),
        }
    }
}

impl GrantConditions {
    /// Looks whether it can be, and puts it in order.
    ///
    /// # Errors
    /// Names the field and what is wrong.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        if self.signed_in_minutes.is_some_and(|minutes| !(1..=LONGEST_SIGN_IN_MINUTES).contains(&minutes)) {
            let problem = format!("must be 1 to {LONGEST_SIGN_IN_MINUTES}");
            return Err(Invalid::new("signed_in_minutes", problem));
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until <= from
        {
            return Err(Invalid::new("until", "is not after from: the grant would never be there"));
        }
        if self.networks.len() > MAX_NETWORKS {
            return Err(Invalid::new("networks", format!("are too many: at most {MAX_NETWORKS}")));
        }
        self.networks.sort_unstable();
        self.networks.dedup();
        self.hours = self.hours.map(WeeklyHours::checked).transpose()?;
        self.approval = self.approval.map(ApprovalRule::checked).transpose()?;
        self.check_out = self.check_out.map(CheckOutRule::checked).transpose()?;
        Ok(self)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What does not hold where nothing was approved, the easiest first; nothing where all does.
    pub fn unmet(&self, context: &AccessContext<'_>) -> Vec<Unmet> {
        self.named(self.missing(context, Given::default()), None)
    }

    /// What does not hold.
    pub(crate) fn missing(&self, context: &AccessContext<'_>, given: Given) -> Missing {
        let Given { approved, checked_out } = given;
        let mut missing = self.not_there(context);
        if !context.assumed.given {
            missing.note(Missing::REASON, !approved && self.reason && context.reason.is_none());
            let other = |pattern: &TicketPattern| !context.ticket.is_some_and(|ticket| pattern.matches(ticket));
            missing.note(Missing::TICKET, !approved && self.ticket.as_ref().is_some_and(other));
            missing.note(Missing::SIGN_IN, self.signed_in_minutes.is_some_and(|minutes| !context.signed_in(minutes)));
        }
        missing.note(Missing::CHECK_OUT, self.check_out.is_some() && !context.assumed.check_out && !checked_out);
        missing.note(Missing::APPROVAL, self.approval.is_some() && !context.assumed.approval && !approved);
        let inside = |address: IpAddr| self.networks.iter().any(|network| network.contains(address));
        let elsewhere = !self.networks.is_empty() && !context.address.is_some_and(inside);
        missing.note(Missing::NETWORK, !context.assumed.network && elsewhere);
        let closed = |hours: &WeeklyHours| !hours.holds(context.now);
        missing.note(Missing::HOURS, !context.assumed.hours && self.hours.as_ref().is_some_and(closed));
        missing
    }

    /// Why the grant is not there at all at this time, if it is not.
    pub(crate) fn not_there(&self, context: &AccessContext<'_>) -> Missing {
        let mut missing = Missing::default();
        let early = self.from.is_some_and(|from| context.now < from);
        missing.note(Missing::NOT_BEFORE, early);
        missing.note(Missing::ENDED, !early && self.until.is_some_and(|until| context.now >= until));
        missing
    }

    /// What is missing, with what is asked for. `other`: who has checked the credential out.
    pub(crate) fn named(&self, missing: Missing, other: Option<&Possession>) -> Vec<Unmet> {
        let queue = self.check_out.is_some();
        let taken = other.map(|other| Unmet::CheckedOut { by: other.name.clone(), until: other.until, queue });
        let each = [
            (Missing::REASON, Some(Unmet::Reason)),
            (Missing::TICKET, self.ticket.clone().map(Unmet::Ticket)),
            (Missing::SIGN_IN, self.signed_in_minutes.map(Unmet::SignIn)),
            (Missing::CHECK_OUT, Some(Unmet::CheckOut)),
            (Missing::APPROVAL, Some(Unmet::Approval)),
            (Missing::CHECKED_OUT, taken),
            (Missing::NETWORK, Some(Unmet::Network(self.networks.clone()))),
            (Missing::HOURS, self.hours.clone().map(Unmet::Hours)),
            (Missing::NOT_BEFORE, self.from.map(Unmet::NotBefore)),
            (Missing::ENDED, self.until.map(Unmet::Ended)),
        ];
        each.into_iter().filter(|(what, _)| missing.0 & what != 0).filter_map(|(_, unmet)| unmet).collect()
    }

    /// Whether this asks for everything that `other` asks for: whatever meets this meets that.
    pub fn is_within(&self, other: &Self) -> bool {
        let sign_in = other.signed_in_minutes.is_none_or(|most| self.signed_in_minutes.is_some_and(|own| own <= most));
        let inside = |network: &Network| other.networks.iter().any(|outer| outer.holds(network));
        let networks = other.networks.is_empty() || (!self.networks.is_empty() && self.networks.iter().all(inside));
        (self.reason || !other.reason)
            && (other.ticket.is_none() || self.ticket == other.ticket)
            && sign_in
            && (other.hours.is_none() || self.hours == other.hours)
            && networks
            && other.from.is_none_or(|least| self.from.is_some_and(|own| own >= least))
            && other.until.is_none_or(|most| self.until.is_some_and(|own| own <= most))
            && other
                .check_out
                .as_ref()
                .is_none_or(|asked| self.check_out.as_ref().is_some_and(|own| own.is_within(asked)))
            && other
                .approval
                .as_ref()
                .is_none_or(|asked| self.approval.as_ref().is_some_and(|own| own.is_within(asked)))
    }
}
