//! What grants ask for, as the API writes it.

use countersign_model::{ApprovalLevel, ApprovalRule, CheckOutRule, GrantConditions, Timestamp, WeeklyHours};
use countersign_vault::ApprovalDraft;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::groups::group_of;
use crate::Problem;

/// What has to hold: all of it.
#[derive(Serialize, Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ConditionsBody {
    /// A reason is given.
    reason: bool,
    /// The number of a ticket is given that this regular expression matches as a whole.
    ticket: Option<String>,
    /// Password and second factor were shown in this browser at most so many minutes ago, 1 to 1440. No API token can.
    signed_in_minutes: Option<u16>,
    hours: Option<HoursBody>,
    /// Asked from one of these: `10.0.0.0/8`, `2001:db8::/32`, an address. Empty: from anywhere.
    networks: Vec<String>,
    /// From then on; before, the grant is not there.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until then; from then on the grant is not there any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Others have approved it, by a request (`POST /api/v1/requests`). With one, reason and ticket are given once, with the request.
    pub(super) approval: Option<ApprovalBody>,
    /// The credential is used by one person at a time, who checks it out before (`POST /api/v1/credentials/{id}/check-out`).
    check_out: Option<CheckOutRuleBody>,
}

/// How a credential is checked out.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckOutRuleBody {
    /// For how many minutes at the most, 1 to 10080; 60 when nothing is said.
    #[serde(default = "an_hour")]
    minutes: u32,
    /// Whether the password is changed at its site when it has come back.
    #[serde(default)]
    change_after: bool,
}

impl From<CheckOutRuleBody> for CheckOutRule {
    fn from(CheckOutRuleBody { minutes, change_after }: CheckOutRuleBody) -> Self {
        Self { minutes, change_after }
    }
}

impl From<&CheckOutRule> for CheckOutRuleBody {
    fn from(CheckOutRule { minutes, change_after }: &CheckOutRule) -> Self {
        Self { minutes: *minutes, change_after: *change_after }
    }
}

/// Whose approval is needed, and for how long one serves.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalBody {
    /// One after the other, 1 to 3. Nobody approves twice, and nobody their own request.
    levels: Vec<ApprovalLevelBody>,
    /// For how many minutes at the most, 1 to 10080; 60 when nothing is said.
    #[serde(default = "an_hour")]
    minutes: u32,
    /// For how many minutes it may be used in an emergency before anybody has approved, 1 to 1440; null: not at all.
    #[serde(default)]
    emergency_minutes: Option<u32>,
}

/// One level of approvers.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalLevelBody {
    /// Everybody in this group: UUID, or `name:NAME`.
    group: String,
    /// The group's name, in answers; null where it is gone.
    #[serde(default)]
    name: Option<String>,
    /// How many of them have to approve, 1 to 5.
    #[serde(default = "one")]
    approvals: u8,
}

const fn an_hour() -> u32 {
    60
}

const fn one() -> u8 {
    1
}

/// Hours on some days of the week, in one time zone.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoursBody {
    /// `mon` to `sun`: the days on which they begin.
    days: Vec<String>,
    /// `08:00`.
    from: String,
    /// `18:00`; over midnight when it is before `from`, all day when it is the same.
    to: String,
    /// A name of the IANA database, such as `Europe/Berlin`.
    zone: String,
}

impl ConditionsBody {
    /// As it is shown. `approvers`: the names of the groups that approve, level by level.
    pub(super) fn of(it: &GrantConditions, approvers: &[Option<String>]) -> Self {
        let hours = it.hours.as_ref().map(|hours| HoursBody {
            days: hours.days.iter().map(|day| day.name().to_owned()).collect(),
            from: hours.from.to_string(),
            to: hours.to.to_string(),
            zone: hours.zone.to_string(),
        });
        Self {
            reason: it.reason,
            ticket: it.ticket.as_ref().map(ToString::to_string),
            signed_in_minutes: it.signed_in_minutes,
            hours,
            networks: it.networks.iter().map(ToString::to_string).collect(),
            from: it.from,
            until: it.until,
            approval: it.approval.as_ref().map(|rule| ApprovalBody::of(rule, approvers)),
            check_out: it.check_out.as_ref().map(Into::into),
        }
    }

    /// What is asked for, but for an approval, whose groups the vault looks up.
    pub(super) fn understand(self) -> Result<GrantConditions, Problem> {
        let conditions = GrantConditions {
            reason: self.reason,
            ticket: self.ticket.as_deref().map(str::parse).transpose()?,
            signed_in_minutes: self.signed_in_minutes,
            hours: self.hours.map(HoursBody::understand).transpose()?,
            networks: self.networks.iter().map(|text| text.parse()).collect::<Result<_, _>>()?,
            from: self.from,
            until: self.until,
            approval: None,
            check_out: self.check_out.map(Into::into),
        };
        Ok(conditions.checked()?)
    }
}

impl HoursBody {
    fn understand(self) -> Result<WeeklyHours, Problem> {
        let time = |field, text: &str| {
            text.parse().map_err(|_| Problem::invalid(field, "is not a time of the day: write it as 08:00"))
        };
        let days = self.days.iter().map(|day| day.parse()).collect::<Result<_, _>>()?;
        let (from, to) = (time("hours.from", &self.from)?, time("hours.to", &self.to)?);
        Ok(WeeklyHours { days, from, to, zone: self.zone.parse()? })
    }
}

impl ApprovalBody {
    pub(super) fn of(rule: &ApprovalRule, names: &[Option<String>]) -> Self {
        let level = |(place, level): (usize, &ApprovalLevel)| ApprovalLevelBody {
            group: level.group.to_string(),
            name: names.get(place).cloned().flatten(),
            approvals: level.approvals,
        };
        let ApprovalRule { levels, minutes, emergency_minutes } = rule;
        let levels = levels.iter().enumerate().map(level).collect();
        Self { levels, minutes: *minutes, emergency_minutes: *emergency_minutes }
    }

    pub(super) fn understand(self) -> Result<ApprovalDraft, Problem> {
        let Self { levels, minutes, emergency_minutes } = self;
        let level = |it: ApprovalLevelBody| Ok((group_of(&it.group)?, it.approvals));
        let levels = levels.into_iter().map(level).collect::<Result<_, Problem>>()?;
        Ok(ApprovalDraft { levels, minutes, emergency_minutes })
    }
}
