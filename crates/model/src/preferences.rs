use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Invalid, ZoneName};

/// How the page speaks to somebody, wherever they sign in. `None`: they have chosen nothing, and each browser keeps what was chosen in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Its language.
    pub language: Option<PageLanguage>,
    /// In which time zone it shows times, and takes them.
    pub time_zone: Option<PageZone>,
}

impl Preferences {
    /// With what `other` says; what it leaves out stays.
    pub fn or(self, other: Self) -> Self {
        Self { language: other.language.or(self.language), time_zone: other.time_zone.or(self.time_zone) }
    }
}

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageLanguage {
    /// The first of the browser's languages that the page has.
    #[serde(rename = "browser")]
    Browser,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Portuguese as in Brazil.
    #[serde(rename = "pt")]
    Portuguese,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
}

impl PageLanguage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Browser, Self::English, Self::Portuguese, Self::Spanish];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::English => "en",
            Self::Portuguese => "pt",
            Self::Spanish => "es",
        }
    }

    /// By its name in the API.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| Invalid::new("language", "is none of browser, en, pt and es"))
    }
}

/// A time zone of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageZone {
    /// That of the browser's machine.
    Browser,
    /// One by its name in the IANA database.
    Named(ZoneName),
}

impl PageZone {
    /// The name in the API.
    pub fn name(&self) -> &str {
        match self {
            Self::Browser => "browser",
            Self::Named(zone) => zone.as_str(),
        }
    }

    /// By its name in the API.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "browser" => Ok(Self::Browser),
            name => name.parse().map(Self::Named).map_err(|_| {
                Invalid::new("time_zone", "is no time zone: use a name such as Europe/Berlin, UTC, or browser")
            }),
        }
    }
}

impl Serialize for PageZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for PageZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for language in PageLanguage::ALL {
            assert_eq!(PageLanguage::parse(language.name()), Ok(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.name());
        }
        for zone in ["browser", "America/Sao_Paulo", "UTC"] {
            assert_eq!(PageZone::parse(zone).unwrap().name(), zone);
        }
        for wrong in ["", "EN", "de", "english"] {
            assert_eq!(PageLanguage::parse(wrong).unwrap_err().field, "language");
        }
        for wrong in ["", "Mars/Olympus", "../etc/localtime", &"x".repeat(10_000)] {
            assert_eq!(PageZone::parse(wrong).unwrap_err().field, "time_zone");
        }
    }

    #[test]
    fn what_is_left_out_stays() {
        let kept = Preferences { language: Some(PageLanguage::Spanish), time_zone: None };
        let both = kept.clone().or(Preferences { language: None, time_zone: Some(PageZone::Browser) });
        assert_eq!((both.language, both.time_zone.clone()), (Some(PageLanguage::Spanish), Some(PageZone::Browser)));
        let again = Preferences { language: Some(PageLanguage::Browser), ..Preferences::default() };
        assert_eq!(both.or(again).language, Some(PageLanguage::Browser));
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<Preferences>(&text).unwrap(), kept);
    }
}
