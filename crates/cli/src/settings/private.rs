//! What an operator says about sites on private addresses: yes, no, or which networks.

use countersign_worker::AllowedNetwork;
use serde::{Deserialize, Deserializer, de::Error as _};

/// Which addresses that are not public sites may live on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum PrivateSites {
    /// None.
    #[default]
    Refused,
    /// All.
    Allowed,
    /// Those in these networks.
    Networks(Vec<AllowedNetwork>),
}

impl PrivateSites {
    /// From what a variable or the settings file (`what`) holds: a word for yes or no, or networks with commas between.
    pub(crate) fn parse(what: &str, text: &str) -> anyhow::Result<Self> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => return Ok(Self::Allowed),
            "0" | "false" | "no" | "off" | "" => return Ok(Self::Refused),
            _ => {}
        }
        let networks: Result<Vec<AllowedNetwork>, _> = text.split(',').map(|network| network.trim().parse()).collect();
        networks.map(Self::Networks).map_err(|error| {
            anyhow::anyhow!(
                "{what} is not right: {error}; 1, true, yes or on allow all, 0, false, no or off allow none"
            )
        })
    }
}

impl<'de> Deserialize<'de> for PrivateSites {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "true, false, or a list of networks such as [\"10.0.0.0/8\"]")]
        enum Form {
            Flag(bool),
            List(Vec<String>),
        }
        match Form::deserialize(deserializer)? {
            Form::Flag(true) => Ok(Self::Allowed),
            Form::Flag(false) => Ok(Self::Refused),
            Form::List(list) => list
                .iter()
                .map(|network| network.trim().parse())
                .collect::<Result<_, _>>()
                .map(Self::Networks)
                .map_err(|error: countersign_worker::ParseAllowedNetworkError| D::Error::custom(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(list: &[&str]) -> PrivateSites {
        PrivateSites::Networks(list.iter().map(|network| network.parse().unwrap()).collect())
    }

    #[test]
    fn what_a_variable_means() {
        for text in ["1", "true", "TRUE", "yes", "on", " On "] {
            assert_eq!(PrivateSites::parse("X", text).unwrap(), PrivateSites::Allowed, "{text}");
        }
        for text in ["0", "false", "no", "No", "off", ""] {
            assert_eq!(PrivateSites::parse("X", text).unwrap(), PrivateSites::Refused, "{text}");
        }
        let two = PrivateSites::parse("X", "10.0.0.0/8, 127.0.0.1").unwrap();
        assert_eq!(two, networks(&["10.0.0.0/8", "127.0.0.1"]));
        for text in ["2", "y", "nope", "enable", "10.0.0.0/8,", "localhost", "10.0.0.0/99"] {
            let error = PrivateSites::parse("COUNTERSIGN_ALLOW_PRIVATE", text).unwrap_err().to_string();
            assert!(error.contains("COUNTERSIGN_ALLOW_PRIVATE") && error.contains("no or off"), "{text}: {error}");
        }
    }

    #[test]
    fn what_the_settings_file_means() {
        #[derive(Deserialize)]
        struct File {
            allow_private: PrivateSites,
        }
        let read = |text: &str| toml::from_str::<File>(text).map(|file| file.allow_private);
        assert_eq!(read("allow_private = true").unwrap(), PrivateSites::Allowed);
        assert_eq!(read("allow_private = false").unwrap(), PrivateSites::Refused);
        assert_eq!(read("allow_private = [\"10.0.0.0/8\"]").unwrap(), networks(&["10.0.0.0/8"]));
        for text in ["allow_private = \"yes\"", "allow_private = 1", "allow_private = [\"x\"]"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
