use std::net::IpAddr;

/// For whom something is that names no secret and tells all the same how the server fares: figures, the API's description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    /// Everybody who reaches the server.
    Everybody,
    /// Who asks from the machine itself, and who is signed in.
    #[default]
    Loopback,
    /// Who is signed in, or sends an API token.
    SignedIn,
    /// Nobody.
    Nobody,
}

impl Audience {
    /// The names in the settings file.
    pub const NAMES: &'static str = "everybody, loopback, signed_in or nobody";

    /// The audience of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "everybody" => Some(Self::Everybody),
            "loopback" => Some(Self::Loopback),
            "signed_in" => Some(Self::SignedIn),
            "nobody" => Some(Self::Nobody),
            _ => None,
        }
    }

    /// Whether somebody at this address, who is signed in or not, belongs to it. An address that is not known is that of a
    /// call within the process.
    pub(crate) fn holds(self, address: Option<IpAddr>, signed_in: bool) -> bool {
        match self {
            Self::Everybody => true,
            Self::Loopback => signed_in || address.is_none_or(|address| address.to_canonical().is_loopback()),
            Self::SignedIn => signed_in,
            Self::Nobody => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_belongs_to_which() {
        let here: Option<IpAddr> = Some([127, 0, 0, 1].into());
        let mapped: Option<IpAddr> = Some("::ffff:127.0.0.1".parse().unwrap());
        let there: Option<IpAddr> = Some([203, 0, 113, 5].into());
        let table = [
            ("everybody", there, false, true),
            ("loopback", here, false, true),
            ("loopback", mapped, false, true),
            ("loopback", there, false, false),
            ("loopback", there, true, true),
            ("signed_in", here, false, false),
            ("signed_in", there, true, true),
            ("nobody", here, true, false),
        ];
        for (name, address, signed_in, holds) in table {
            assert_eq!(Audience::from_name(name).unwrap().holds(address, signed_in), holds, "{name} {address:?}");
        }
        assert_eq!(Audience::from_name("all"), None);
        assert_eq!(Audience::default(), Audience::Loopback);
    }
}
