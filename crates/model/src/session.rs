use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Its browser is being opened and signed in; nobody sees it.
    Starting,
    /// People may watch and act in it.
    Live,
    /// It is over.
    Ended,
}

/// Why a session ended. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// Who started it has ended it.
    Person,
    /// Somebody else who may has ended it, or has taken the right to it away.
    Administrator,
    /// Nobody did anything in it for too long.
    Idle,
    /// It has lasted as long as it may.
    Clock,
    /// Countersign could not sign in.
    SignInFailed,
    /// The browser crashed or was closed.
    BrowserGone,
    /// There is no room left for the recording.
    StorageFull,
    /// The recording cannot be written for another reason.
    RecordingFailed,
    /// The machine that held the browser is not heard of any more.
    NodeLost,
    /// The change that it was opened for has gone on or has ended.
    ChangeWentOn,
    /// The server was shut down.
    Closing,
}

/// How far somebody may go in a session, each level holding the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Watch.
    View,
    /// Start one, and take control when nobody holds it.
    Interact,
    /// Take control from whoever holds it.
    Control,
}

/// What somebody may do in a session beside pointing and typing. Each is off until granted, whatever the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a permission of its own")]
pub struct Extras {
    /// Open other addresses of the site's origins.
    pub address: bool,
    /// Put the clipboard into the page.
    pub paste: bool,
    /// Take what is selected out of the page.
    pub copy: bool,
    /// Give files to the page.
    pub upload: bool,
    /// Take files from the page.
    pub download: bool,
}

/// How sessions at one credential's site are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// A session in which nobody does anything ends after so many minutes, 1 to 240.
    pub idle_minutes: u16,
    /// A session ends after so many minutes in any case, 1 to 1440.
    pub longest_minutes: u16,
    /// Whether a reason is needed to start one.
    pub reason: bool,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self { idle_minutes: 15, longest_minutes: 120, reason: false }
    }
}

impl SessionSettings {
    /// Looks whether the numbers can be.
    ///
    /// # Errors
    /// Names the field and what is wrong.
    pub fn check(&self) -> Result<(), Invalid> {
        if !(1..=240).contains(&self.idle_minutes) {
            return Err(Invalid::new("session.idle_minutes", "must be 1 to 240"));
        }
        if !(1..=1_440).contains(&self.longest_minutes) {
            return Err(Invalid::new("session.longest_minutes", "must be 1 to 1440"));
        }
        Ok(())
    }
}

impl Extras {
    /// None of them.
    pub const NONE: Self = Self { address: false, paste: false, copy: false, upload: false, download: false };
    /// All of them.
    pub const ALL: Self = Self { address: true, paste: true, copy: true, upload: true, download: true };

    /// What either of the two allows.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            address: self.address || other.address,
            paste: self.paste || other.paste,
            copy: self.copy || other.copy,
            upload: self.upload || other.upload,
            download: self.download || other.download,
        }
    }

    /// What both of the two allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            address: self.address && other.address,
            paste: self.paste && other.paste,
            copy: self.copy && other.copy,
            upload: self.upload && other.upload,
            download: self.download && other.download,
        }
    }

    /// Whether `other` allows all of it.
    pub fn is_within(self, other: Self) -> bool {
        self.or(other) == other
    }
}

impl SessionState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Starting, Self::Live, Self::Ended];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Live => "live",
            Self::Ended => "ended",
        }
    }
}

impl SessionEnd {
    /// Every way in which a session ends.
    pub const ALL: [Self; 11] = [
        Self::Person,
        Self::Administrator,
        Self::Idle,
        Self::Clock,
        Self::SignInFailed,
        Self::BrowserGone,
        Self::StorageFull,
        Self::RecordingFailed,
        Self::NodeLost,
        Self::ChangeWentOn,
        Self::Closing,
    ];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Administrator => "administrator",
            Self::Idle => "idle",
            Self::Clock => "clock",
            Self::SignInFailed => "sign_in_failed",
            Self::BrowserGone => "browser_gone",
            Self::StorageFull => "storage_full",
            Self::RecordingFailed => "recording_failed",
            Self::NodeLost => "node_lost",
            Self::ChangeWentOn => "change_went_on",
            Self::Closing => "closing",
        }
    }
}

/// What it says to people: what happened, and what to do where something is to be done.
impl fmt::Display for SessionEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person => "Ended by the person who started it.",
            Self::Administrator => "Ended by an administrator, or because access was withdrawn.",
            Self::Idle => "Ended after inactivity. Start another session when you need it.",
            Self::Clock => "Ended at the time limit for this site. Start another session if you are not done.",
            Self::SignInFailed => "Countersign could not sign in.",
            Self::BrowserGone => "Its browser crashed or was closed. Start another session.",
            Self::StorageFull => {
                "Ended because there is no space left for the recording. What was stored can be played; what was seen in the \
                 five seconds before that, and while the store did not answer, may be missing."
            }
            Self::RecordingFailed => {
                "Ended because the recording could not be written. What was stored can be played; what was seen in the five \
                 seconds before that, and while the store did not answer, may be missing. The server's log says what failed."
            }
            Self::NodeLost => "The server with its browser was lost, or none was free. Start another session.",
            Self::ChangeWentOn => "The change continues automatically.",
            Self::Closing => "The server was shut down. Start another session when it runs again.",
        })
    }
}

impl SessionEnd {
    /// What it says to people, with the name of who started the session.
    pub fn says(self, started_by: &str) -> String {
        match self {
            Self::Person => format!("Ended by {started_by}."),
            other => other.to_string(),
        }
    }
}

impl Level {
    /// Every level, the narrowest first.
    pub const ALL: [Self; 3] = [Self::View, Self::Interact, Self::Control];

    /// The name in the API and the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Interact => "interact",
            Self::Control => "control",
        }
    }
}

macro_rules! by_name {
    ($($type:ty: $field:literal, $problem:literal;)*) => {$(
        impl FromStr for $type {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                <$type>::ALL.into_iter().find(|it| it.name() == text).ok_or_else(|| Invalid::new($field, $problem))
            }
        }
    )*};
}

by_name! {
    SessionState: "state", "is not starting, live or ended";
    SessionEnd: "end", "is no end of a session";
    Level: "level", "is not view, interact or control";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_are_what_json_says() {
        for state in SessionState::ALL {
            assert_eq!(state.name().parse::<SessionState>().unwrap(), state);
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        for end in SessionEnd::ALL {
            assert_eq!(end.name().parse::<SessionEnd>().unwrap(), end);
            assert_eq!(serde_json::to_value(end).unwrap(), end.name());
            assert!(end.to_string().ends_with('.'), "{end} is a sentence");
        }
        for level in Level::ALL {
            assert_eq!(level.name().parse::<Level>().unwrap(), level);
            assert_eq!(serde_json::to_value(level).unwrap(), level.name());
        }
        assert!("Control".parse::<Level>().is_err());
    }

    #[test]
    fn each_level_holds_the_ones_before() {
        assert!(Level::View < Level::Interact && Level::Interact < Level::Control);
        assert_eq!(serde_json::from_str::<Extras>("{}").unwrap(), Extras::default());
        assert!(serde_json::from_str::<Extras>(r#"{"print": true}"#).is_err());
    }

    #[test]
    fn minutes_that_cannot_be_are_named() {
        let usual = SessionSettings::default;
        assert!(usual().check().is_ok());
        for (settings, field) in [
            (SessionSettings { idle_minutes: 0, ..usual() }, "session.idle_minutes"),
            (SessionSettings { idle_minutes: 241, ..usual() }, "session.idle_minutes"),
            (SessionSettings { longest_minutes: 0, ..usual() }, "session.longest_minutes"),
            (SessionSettings { longest_minutes: 1_441, ..usual() }, "session.longest_minutes"),
        ] {
            assert_eq!(settings.check().unwrap_err().field, field);
        }
    }
}
